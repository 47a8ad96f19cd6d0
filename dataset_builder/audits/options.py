"""The four options of GEU: different from each other, the truth spread evenly over the letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dataset_builder.audits._rule import EachRule, Found, FoundIn, Seen, WholeRule, geu, ours_geu
from dataset_builder.categories.shared.options import DEALT
from dataset_builder.instance import LETTERS, Instance


def different(instance: Instance) -> Found:
    """Pairwise different, case and spaces aside."""
    texts = Counter(" ".join(option.casefold().split()) for option in instance.option)
    for text, times in texts.items():
        if times > 1:
            yield f"{times} options say '{text}'", "make the distractors differ"


def balanced(rows: Sequence[Seen]) -> FoundIn:
    """As many A as B, C and D (100 instances: exactly 25 each), but for the last few that are not a whole deal."""
    counts = Counter(row.instance.answer for row in rows)
    numbers = [counts[letter] for letter in LETTERS]
    if max(numbers) - min(numbers) > min(len(rows) % DEALT, DEALT // 4):
        spread = ", ".join(f"{letter} {counts[letter]}" for letter in LETTERS)
        yield rows[0].instance.task_type, f"answers are {spread}", "deal the letters evenly"


EACH = (EachRule("options", "the four options differ pairwise", different, geu),)
WHOLE = (WholeRule("letters", "A, B, C and D are right equally often", balanced, ours_geu),)
