"""The rules that `realunify audit` holds a dataset to, one small module a concern.

An `EachRule` looks at one instance with its pictures; a `WholeRule` at all of a category without them, with
what was noted of each picture. Both are pure: the same instances give the same problems.

    >>> [rule.name for rule in EACH][:2]
    ['fields', 'protocol prompts']
"""

from __future__ import annotations

from dataset_builder.audits import duplicates, options, pictures, polls, proofs, references, schema, seeing, shortcuts
from dataset_builder.audits._rule import EachRule, PictureFacts, Problem, Seen, WholeRule

EACH: tuple[EachRule, ...] = (
    *schema.EACH,
    *proofs.EACH,
    *polls.EACH,
    *options.EACH,
    *pictures.EACH,
    *references.EACH,
    *seeing.EACH,
)
WHOLE: tuple[WholeRule, ...] = (
    *schema.WHOLE,
    *options.WHOLE,
    *shortcuts.WHOLE,
    *duplicates.WHOLE,
    *references.WHOLE,
)

__all__ = ["EACH", "WHOLE", "EachRule", "PictureFacts", "Problem", "Seen", "WholeRule"]
