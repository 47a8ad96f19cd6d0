"""The worst examples of a run, for the first page: what stepwise breaks, and what it misses as direct does.

>>> [example.why for example in worst(instances, run)]
['right directly, broken by stepwise', 'missed directly and stepwise', ...]
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from dataset_builder.instance import Difficulty
from evaluator.report.pictures import Picture
from evaluator.report.views import Attempt, Check, InstanceView, RunView

SHOWN = 4
BROKEN = "right directly, broken by stepwise"
MISSED = "missed directly and stepwise"
# What can be looked at: there was an output, and it was not right.
_WRONG = ("wrong", "unparsed")


@dataclass(frozen=True)
class Example:
    """One instance that went wrong, and the attempts that show it."""

    view: InstanceView
    why: str
    attempts: list[Attempt]

    @property
    def pictures(self) -> list[tuple[str, Picture]]:
        """(whose, picture): what was drawn; before it the question's own picture, where nothing was drawn at once."""
        found = [("the picture", self.view.image)] if self.view.image else []
        for attempt in self.attempts:
            drawn = [step.picture for step in attempt.steps if step.picture]
            if drawn:
                found.append((attempt.protocol, drawn[-1]))
        return [(whose, picture) for whose, picture in found if picture][:2]

    @property
    def failed(self) -> list[Check]:
        """The questions that the last attempt failed."""
        return [check for check in self.attempts[-1].checks if not check.passed]


def worst(instances: Iterable[InstanceView], run: RunView, count: int = SHOWN) -> list[Example]:
    """Half broken by stepwise, half missed twice (more of one where the other is short); easy ones first, and a
    category again only after all others.
    """
    broken, missed = [], []
    for view in instances:
        attempts = {one.protocol: one for owner, line in view.rows if owner is run for one in line if one.outcome}
        direct, stepwise = attempts.get("direct"), attempts.get("stepwise")
        if stepwise is not None and direct is not None and stepwise.outcome in _WRONG:
            if direct.outcome == "right":
                broken.append(Example(view, BROKEN, [direct, stepwise]))
            elif direct.outcome in _WRONG:
                missed.append(Example(view, MISSED, [direct, stepwise]))
        elif stepwise is None and direct is not None and direct.outcome in _WRONG:
            missed.append(Example(view, "missed directly", [direct]))
    first, second = _spread(broken), _spread(missed)
    half = max(count // 2, count - len(second))
    return [*first[:half], *second[: count - len(first[:half])]]


def _spread(examples: Sequence[Example]) -> list[Example]:
    """Easy before hard, and round the categories."""
    levels = get_args(Difficulty)
    ordered = sorted(examples, key=lambda one: levels.index(one.view.instance.difficulty))
    by_task: dict[str, list[Example]] = {}
    for one in ordered:
        by_task.setdefault(one.view.instance.task_type, []).append(one)
    return [one for line in itertools.zip_longest(*by_task.values()) for one in line if one is not None]
