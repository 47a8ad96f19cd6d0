"""The rules that `realunify audit` holds a dataset to, one small module a concern.

An `EachRule` looks at one instance with its pictures; a `WholeRule` at all of a category without them, with
what was noted of each picture. Both are pure: the same instances give the same problems.

    >>> [rule.name for rule in EACH][:2]
    ['fields', 'protocol prompts']
"""

from __future__ import annotations

from dataset_builder.audits import (
    blind,
    corridors,
    duplicates,
    options,
    pictures,
    polls,
    proofs,
    references,
    schema,
    seeing,
    shortcuts,
    slips,
    tracking,
    walks,
    work,
)
from dataset_builder.audits._rule import EachRule, PictureFacts, Problem, Seen, WholeRule

EACH: tuple[EachRule, ...] = (
    *schema.EACH,
    *proofs.EACH,
    *polls.EACH,
    *slips.EACH,
    *options.EACH,
    *pictures.EACH,
    *references.EACH,
    *seeing.EACH,
    *tracking.EACH,
    *walks.EACH,
    *corridors.EACH,
)
WHOLE: tuple[WholeRule, ...] = (
    *schema.WHOLE,
    *options.WHOLE,
    *shortcuts.WHOLE,
    *blind.WHOLE,
    *work.WHOLE,
    *duplicates.WHOLE,
    *references.WHOLE,
    *tracking.WHOLE,
    *walks.WHOLE,
)

__all__ = ["EACH", "WHOLE", "EachRule", "PictureFacts", "Problem", "Seen", "WholeRule"]
