"""Draws one puzzle of a subtask and a level: attempts with one scenario, thrown away until one fits.

>>> attempt(rng, SCENARIOS["mugs"], "explicit_conditions", ["easy"], None, Counter())
Puzzle(scenario="mugs", ...)
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from dataset_builder.categories.logical_reasoning.changes import draw_changes, with_after, worthwhile
from dataset_builder.categories.logical_reasoning.content import Scenario
from dataset_builder.categories.logical_reasoning.devices import fits
from dataset_builder.categories.logical_reasoning.facts import draw_cast, draw_variables
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.search import state_puzzle
from dataset_builder.categories.logical_reasoning.slips import identity
from dataset_builder.categories.logical_reasoning.solver import Arrangement, arrangements
from dataset_builder.categories.logical_reasoning.work import level_of, work_of
from dataset_builder.instance import Difficulty
from dataset_builder.taxonomy import CATEGORIES

NAME = "logical_reasoning"
SUBTASKS = CATEGORIES[NAME].subtask_names
EXPLICIT, IMPLICIT, HYPOTHETICAL = SUBTASKS
SOLVABLE = {"line", "shelves", "sizes", "grid", "table", "holders"}
"""Geometries whose beginning may be stated by conditions and then changed."""
TOLD_IN_ORDER = {"line", "shelves", "sizes", "table"}


def possible(scenario: Scenario, subtask: str, device: str | None) -> bool:
    """Whether the scenario can give a puzzle of the subtask (and device) at all."""
    if subtask == IMPLICIT:
        return device is not None and fits(device, scenario)
    return subtask == HYPOTHETICAL or scenario.geometry != "labels"


def attempt(
    rng: random.Random,
    scenario: Scenario,
    subtask: str,
    levels: Sequence[Difficulty],
    device: str | None,
    uses: Counter[str],
) -> Puzzle | None:
    """One attempt at a puzzle; None where the dice did not give one of these levels."""
    level = rng.choice(levels)
    if subtask == HYPOTHETICAL:
        puzzle = _changed(rng, scenario, level, uses)
    else:
        counts = [n for n in scenario.counts if n <= 4] if subtask == IMPLICIT else list(scenario.counts)
        n = _size(rng, counts, level)
        patient = level == "hard" or level == "medium" and rng.random() < 0.5
        puzzle = state_puzzle(rng, scenario, n, patient, device)
    if puzzle is None or level_of(work_of(puzzle)) not in levels:
        return None
    drawn = identity(puzzle.variables, puzzle.cast)
    mentioned = not puzzle.cast.values and scenario.geometry != "board"
    if mentioned and not puzzle.given and drawn in puzzle.beginnings():
        return None
    return puzzle


def _size(rng: random.Random, counts: list[int], level: Difficulty) -> int:
    """The number of things; a hard puzzle has rather many, an easy one rather few."""
    wanted = {"easy": counts[: 1 + (len(counts) > 1)], "medium": counts, "hard": sorted(counts)[-2:]}[level]
    return rng.choice(wanted)


def _changed(rng: random.Random, scenario: Scenario, level: Difficulty, uses: Counter[str]) -> Puzzle | None:
    """An arrangement, told or to be worked out, and changes to it."""
    hidden = scenario.geometry in SOLVABLE and rng.random() < {"easy": 0.1, "medium": 0.5, "hard": 1}[level]
    if hidden:
        start = state_puzzle(rng, scenario, _size(rng, list(scenario.counts), level), rng.random() < 0.5, unique=True)
    else:
        start = _given(rng, scenario)
    if start is None:
        return None
    branching = rng.random() < 0.2
    count = rng.choice((1, 1, 2)) if hidden else rng.choice((2, 3)) if level == "easy" else rng.choice((3, 4))
    steps = draw_changes(rng, start, count, branching, uses)
    if not steps or not worthwhile(start, steps):
        return None
    return with_after(start, steps)


def _given(rng: random.Random, scenario: Scenario) -> Puzzle | None:
    cast = draw_cast(rng, scenario, rng.choice(scenario.counts))
    variables, different = draw_variables(scenario, cast)
    if scenario.geometry in TOLD_IN_ORDER:
        beginning: Arrangement = {x: i for i, x in enumerate(cast.things, 1)}
    else:
        beginning = rng.choice(list(arrangements(variables, different)))
    if cast.values and len(set(beginning.values())) == 1:
        return None
    return Puzzle(
        scenario=scenario.name,
        cast=cast,
        variables=variables,
        different=different,
        conditions=[["at", x, v] for x, v in beginning.items()],
        variants=[0] * len(beginning),
        phrasing=[rng.randrange(12) for _ in range(3)],
        given=True,
    )
