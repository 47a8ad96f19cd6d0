"""How well steps serve what was drawn before them: which first colours let the truth be read, and slips mislead.

Sets of colours are bits in the order of the goal's colours; a stroke's *kind* is 1 if the truth needs it, plus 2 if
what a slip is to read needs it.

>>> from dataset_builder.categories.mental_tracking.content import alphabet
>>> goal = Goal("sequential", alphabet("digits"), [("1", "7"), ("8", "0")], "red", ("red", "blue"))
>>> goal.needs[0][1]
[{0, 3}, {0, 2}]
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.content import Alphabet
from dataset_builder.categories.mental_tracking.glyphs import DIRECTION, STROKES
from dataset_builder.categories.mental_tracking.recolouring import DIRECTIONS, Mode, Steps

# Whether an option shows the slipped glyph, position by position; the first is the truth.
PATTERNS = {
    2: ((0, 0), (0, 1), (1, 0), (1, 1)),
    3: ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)),
}
# Which positions a slip in the order of steps is to mislead. Two of three at once are too much to ask of few steps:
# there such a slip leads to no option at all.
_MISLED = {2: PATTERNS[2][1:], 3: ((1, 0, 0), (0, 1, 0), (0, 0, 1), *PATTERNS[3][1:])}


def classes_of(told: Alphabet, pair: tuple[str, str], misled: int = 1) -> dict[str, int]:
    """For each stroke: 1 if it is part of the true glyph, and 2 if it is part of what is read for it."""
    true, read = (told.glyphs[glyph] for glyph in (pair[0], pair[misled]))
    return {stroke: (stroke in true) + 2 * (stroke in read) for stroke in STROKES}


@dataclass(frozen=True)
class Goal:
    """What was drawn before the search: at each position (true glyph, slipped glyph), and the asked colour."""

    mode: Mode
    told: Alphabet
    pairs: list[tuple[str, str]]
    asked: str
    colours: tuple[str, ...]

    @property
    def positions(self) -> int:
        return len(self.pairs)

    @functools.cached_property
    def all(self) -> int:
        return (1 << len(self.colours)) - 1

    @functools.cached_property
    def needs(self) -> list[list[list[set[int]]]]:
        """At each position, read right and misled, for each direction: the kinds of strokes that there are."""
        return [
            [
                [{kind for s, kind in classes.items() if DIRECTION[s] == way} for way in DIRECTIONS]
                for classes in (classes_of(self.told, pair, misled) for misled in (0, 1))
            ]
            for pair in self.pairs
        ]


class Fit:
    """How well steps serve the goal; sets of colours are bits in the order of the goal's."""

    def __init__(self, goal: Goal, steps: Steps) -> None:
        self.goal, self.steps = goal, steps
        self.truth = self._becoming((steps, goal.mode))
        # What the two subtasks are about, and what is to mislead: steps taken in another order than told.
        other: Mode = "simultaneous" if goal.mode == "sequential" else "sequential"
        orders: tuple[rules.Programme, ...] = ((steps, other), (steps[::-1], "sequential"))
        self.orders = [self._becoming(order) for order in orders]
        self.served = [
            (pattern, order)
            for pattern in _MISLED[goal.positions]
            for order in self.orders
            if not self._unserved(pattern, order)
        ]
        if self.served:
            slips = rules.slips(steps, goal.mode, goal.positions)
            self.slips = {name: self._becoming(slip) for name, slip in slips.items()}
            self.missing = sum(slip == self.truth for slip in self.slips.values())
        else:  # the costlier question only once this one is settled
            rows = itertools.product(_MISLED[goal.positions], self.orders)
            self.missing = 100 + min(self._unserved(*row) for row in rows)

    def _becoming(self, programme: rules.Programme) -> tuple[int, ...]:
        return rules.becoming(programme, self.goal.colours, self.goal.asked, self.goal.positions)

    def _kinds(self, at: int, slip: Sequence[int]) -> tuple[int, int, int, int]:
        """At a spot, by the kind of stroke, the colours that are right in truth and mislead by this slip."""
        true, slipped = self.truth[at], slip[at]
        return self.goal.all & ~(true | slipped), true & ~slipped, slipped & ~true, true & slipped

    def _unserved(self, pattern: Sequence[int], slip: Sequence[int]) -> int:
        """Kinds of strokes for which there is no colour."""
        missing = 0
        for at, needed in enumerate(
            needs for misled, row in zip(pattern, self.goal.needs, strict=True) for needs in row[misled]
        ):
            kinds = self._kinds(at, slip)
            missing += sum(not kinds[kind] for kind in needed)
        return missing

    def choices(self, position: int, misled: int, slip: Sequence[int]) -> dict[str, int]:
        """The first colours with which each stroke is right in truth, and misleads by this slip or does not."""
        kinds = {d: self._kinds(2 * position + n, slip) for n, d in enumerate(DIRECTIONS)}
        classes = classes_of(self.goal.told, self.goal.pairs[position], misled)
        return {s: kinds[DIRECTION[s]][kind] for s, kind in classes.items()}

    def shown(self, name: str, start: Sequence[Mapping[str, int]]) -> list[frozenset[str]]:
        """The strokes that have the asked colour after a slip, at each position."""
        slip = self.slips[name]
        return [
            frozenset(s for s, c in glyph.items() if c & slip[2 * at + DIRECTIONS.index(DIRECTION[s])])
            for at, glyph in enumerate(start)
        ]
