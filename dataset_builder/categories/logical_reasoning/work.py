"""How much work a puzzle is: what a plain solver tries, counted.

The solver is the one that people are taught. It takes the things in the order of mention, puts each at every free
place in turn, and looks at a condition as soon as everything it speaks of is placed; every placement tried is one
unit. A told arrangement costs one unit a thing. A change costs one unit for every thing it moves, and one more where
it must first be seen whether something holds. The same solver answers the questions a second time.

>>> level_of(EASY_TO), level_of(HARD_FROM)
('easy', 'hard')
"""

from __future__ import annotations

from collections.abc import Sequence

from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    Value,
    change,
    changed,
    holds,
    names,
    sound,
)
from dataset_builder.instance import Difficulty

EASY_TO, HARD_FROM = 20, 45
"""Easy up to the first, hard from the second; fixed, so that a level means the same for every seed."""


class Trial:
    """A search through all arrangements; `found` are those that meet every condition, `tried` counts placements."""

    def __init__(self, puzzle: Puzzle) -> None:
        variables, conditions = puzzle.variables, puzzle.conditions
        mentioned = [*puzzle.cast.things, *puzzle.cast.second]
        # who has a mark is a fact by itself and is settled first; what comes in later is not placed yet
        rest = [x for x in variables if x not in mentioned]
        self._order = [*rest, *(x for x in mentioned if x in variables)]
        self._domains = variables
        groups = puzzle.different
        self._rivals = {x: [y for group in groups if x in group for y in group if y != x] for x in variables}
        last = {repr(c): max(names(c), key=self._order.index) for c in conditions}
        self._due = {x: [c for c in conditions if last[repr(c)] == x] for x in self._order}
        self.tried = 0
        self.found: list[Arrangement] = []
        self._place({}, 0)

    def _place(self, placed: dict[str, Value], at: int) -> None:
        if at == len(self._order):
            self.found.append({x: placed[x] for x in self._domains})
            return
        name = self._order[at]
        for value in self._domains[name]:
            if value != 0 and any(placed.get(rival) == value for rival in self._rivals[name]):
                continue
            self.tried += self._domains[name] != [0]
            placed[name] = value
            if all(holds(c, placed) and sound(c, placed) for c in self._due[name]):
                self._place(placed, at + 1)
            del placed[name]


def work_of(puzzle: Puzzle) -> int:
    """The units that the puzzle costs."""
    if puzzle.given:
        units, (beginning,) = len(puzzle.conditions), puzzle.beginnings()
        return units + moved(puzzle.changes, beginning)
    trial = Trial(puzzle)
    return trial.tried + (moved(puzzle.changes, trial.found[0]) if puzzle.changes else 0)


def results(puzzle: Puzzle) -> list[Arrangement]:
    """All right arrangements, found by the plain solver instead of by counting out."""
    found: list[Arrangement] = []
    for beginning in Trial(puzzle).found:
        result = changed(puzzle.changes, beginning)
        if result not in found:
            found.append(result)
    return found


def moved(steps: Sequence[Condition], arrangement: Arrangement) -> int:
    """What the changes cost: things that get another place or state, and things looked at to decide."""
    total = 0
    for step in steps:
        after = change(step, arrangement)
        total += sum(after[name] != arrangement[name] for name in arrangement) + (step[0] == "when")
        arrangement = after
    return total


def level_of(work: int) -> Difficulty:
    """The category's meaning of easy, medium and hard."""
    return "easy" if work <= EASY_TO else "hard" if work >= HARD_FROM else "medium"
