"""Draws one logic puzzle with a what-if: an arrangement, given or to be worked out, and changes to it.

>>> change_puzzle(rng, SCENARIOS["mugs"], "easy").changes
[["swap", "red", "blue"]]
"""

from __future__ import annotations

import random
from dataclasses import replace

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.facts import draw_cast, draw_variables, literals
from dataset_builder.categories.logical_reasoning.language import Cast
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.search import level_of, state_puzzle, things_in
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    Variables,
    arrangements,
    change,
    holds,
)

ROWS = {"row", "train", "stack"}
SOLVABLE = ROWS | {"shelves", "sizes", "grid", "table"}
"""Layouts whose beginning may be stated by conditions."""
RESIZING = {"remove", "insert", "replace", "take"}
"""Changes after which other things are there than before; they come last."""


def _line_map(kind: str, names: list[str], n: int) -> Condition:
    order = range(1, n + 1)
    after = {"reverse": [n + 1 - v for v in order], "shift": [v % n + 1 for v in order]}[kind]
    return ["map", kind, names, [[v, w] for v, w in zip(order, after, strict=True)]]


_CELLS: dict[tuple[str, str], tuple[int, ...]] = {
    ("grid", "rows"): (3, 4, 1, 2),
    ("grid", "columns"): (2, 1, 4, 3),
    ("grid", "turn"): (2, 4, 1, 3),
    ("board", "columns"): (3, 2, 1, 6, 5, 4, 9, 8, 7),
    ("board", "rows"): (7, 8, 9, 4, 5, 6, 1, 2, 3),
    ("table", "turn"): (2, 3, 4, 1),
    ("table", "half_turn"): (3, 4, 1, 2),
}
"""Where the thing at cell 1, 2, ... goes; cells row by row, seats clockwise."""


def maps(scenario: Scenario, cast: Cast) -> list[Condition]:
    """The changes of everything at once that the layout knows."""
    layout = scenario.layout
    names = [*cast.things, *cast.second]
    if cast.values:
        return _state_maps(scenario, cast)
    if layout in {"grid", "board", "table"}:
        kinds = [(kind, cells) for (where, kind), cells in _CELLS.items() if where == layout]
        return [["map", kind, names, [[v, w] for v, w in enumerate(cells, 1)]] for kind, cells in kinds]
    return [_line_map(kind, names, cast.n) for kind in CONTENT.layouts[layout].maps]


def _state_maps(scenario: Scenario, cast: Cast) -> list[Condition]:
    names = list(draw_variables(scenario, cast)[0])
    if not scenario.flip:
        v, *others = cast.values
        return [["map", "recolour", names, [[v, w]]] for w in others]
    v, w = cast.values
    pairs = [[v, w], [w, v]]
    found: list[Condition] = [["map", "flip_all", names, pairs]]
    if scenario.flip.ends:
        found.append(["map", "flip_ends", [names[0], names[-1]], pairs])
    if scenario.flip.one:
        found += [["map", "flip_one", [x], pairs] for x in names]
    return found + [["set", x, value] for x in names for value in cast.values if scenario.becomes]


def _single(rng: random.Random, scenario: Scenario, cast: Cast, new: str | None) -> Condition:
    """One change of one or two things."""
    layout = scenario.layout
    if cast.values:
        if scenario.flip:
            return rng.choice(_state_maps(scenario, cast))
        return ["set", f"p{rng.randint(1, cast.n)}", rng.choice(cast.values)]
    x, y = rng.sample(cast.things, 2)
    if layout == "pairs":
        inner = cast.second if scenario.loose == "second" else cast.things
        return rng.choice([["swap", *rng.sample(inner, 2)], ["swap_places", x, y]])
    if layout == "ranked":
        ends = rng.sample((*cast.things,), 2)
        return rng.choice([["swap_places", *ends], ["swap_places", cast.second[0], cast.second[2]]])
    options: list[Condition] = [["swap", x, y], ["swap", x, y]]
    if layout in ROWS | {"shelves"}:
        options += [["move", x, 1], ["move", x, cast.n]]
    if layout in ROWS:
        options += [["remove", x]] if cast.n >= 4 else []
        options += [["insert", new, rng.choice((1, cast.n + 1))]] if new and cast.n <= 4 else []
    if layout in {"grid", "board"} and cast.n >= 4:
        options.append(["take", x])
    if new and layout not in {"sizes", "labels"}:
        options.append(["replace", x, new])
    return rng.choice(options)


def draw_changes(rng: random.Random, scenario: Scenario, cast: Cast, count: int, branching: bool) -> list[Condition]:
    """`count` changes; a branching one asks first whether something holds."""
    spare = [x for x in scenario.things if x not in cast.things]
    new = rng.choice(spare) if spare and scenario.layout != "named_states" else None
    if branching:
        asked = rng.choice(
            [c for c in literals(scenario, cast) if c[0] not in {"count", "between", "among", "row", "column"}]
        )
        branches = [_single(rng, scenario, cast, None) for _ in range(2)]
        # the drawn picture has as many things whichever way it goes
        return [] if any(step[0] in RESIZING for step in branches) else [["when", asked, *branches]]
    found: list[Condition] = []
    whole = maps(scenario, cast)
    for place in range(count):
        last = place == count - 1
        step = (
            rng.choice(whole) if whole and rng.random() < 0.35 else _single(rng, scenario, cast, new if last else None)
        )
        if step in found or step[0] in RESIZING and not last:
            return []
        found.append(step)
    return found


def _tricky(start: Puzzle, changes: list[Condition], level: str) -> bool:
    """Whether the result takes a thought: more than doing one thing that the prompt says."""
    if changes[0][0] == "when" or not start.given:
        return True
    if start.cast.values:
        return any(step[0] == "map" for step in changes)
    return len(changes) > 1 or level == "easy" and changes[0][0] not in RESIZING


def change_puzzle(rng: random.Random, scenario: Scenario, level: str) -> Puzzle | None:
    """One attempt at a what-if of the wanted level; None where the dice did not give one."""
    hidden_start = level == "hard" and scenario.layout in SOLVABLE and rng.random() < 0.7
    if hidden_start:
        start = state_puzzle(rng, scenario, rng.choice(("easy", "medium")), implicit=False, unique=True)
    else:
        start = _given(rng, scenario, level)
    if start is None:
        return None
    branching = not hidden_start and rng.random() < (0.5 if level == "hard" else 0.2)
    least = 1 if hidden_start else {"easy": 1, "medium": 1, "hard": 3}[level]
    changes = draw_changes(rng, scenario, start.cast, rng.randint(least, max(least, 2)), branching)
    if not changes or not _tricky(start, changes, level) or not _worthwhile(start, changes):
        return None
    count = len(start.conditions) if hidden_start else 1
    count += sum(2 if step[0] == "when" else 1 for step in changes)
    if level_of(count, things_in(start.cast, scenario.layout), hidden_start) != level:
        return None
    return _with_after(start, changes)


def _given(rng: random.Random, scenario: Scenario, level: str) -> Puzzle | None:
    counts = [n for n in scenario.counts if (n == 3) == (level == "easy" or scenario.layout in {"ranked", "board"})]
    counts = [n for n in scenario.counts if n == 3] if scenario.layout == "pairs" and level == "medium" else counts
    counts = list(scenario.counts) if level == "hard" else counts
    if not counts or scenario.layout == "labels" and level == "easy":
        return None
    cast = draw_cast(rng, scenario, rng.choice(counts))
    variables, different = draw_variables(scenario, cast)
    if scenario.layout in {"row", "train", "stack", "shelves", "sizes", "table"}:
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


def _worthwhile(start: Puzzle, changes: list[Condition]) -> bool:
    """Every step does something, and nothing comes back to an earlier picture."""
    (now,) = start.beginnings()
    seen = [now]
    for step in changes:
        if step[0] == "when":
            if any(change(branch, now) == now for branch in step[2:]) or change(step[2], now) == change(step[3], now):
                return False
            if not start.given and not holds(step[1], now):
                return False
        now = change(step, now)
        if now in seen or len(set(map(str, now.values()))) == 1:
            return False
        seen.append(now)
    return True


def _with_after(start: Puzzle, changes: list[Condition]) -> Puzzle:
    """The puzzle with its changes, and the domains of the picture that is to be drawn."""
    (now,) = start.beginnings()
    news = [step[2] if step[0] == "replace" else step[1] for step in changes if step[0] in {"replace", "insert"}]
    variables: Variables = start.variables | {x: [0] for x in news}
    different = [[*start.different[0], *news], *start.different[1:]] if start.different else []
    now = now | {x: 0 for x in news}
    for step in changes:
        now = change(step, now)
    gone = [x for x, v in now.items() if v == 0]
    resized = {"insert": 1, "remove": -1}.get(changes[-1][0], 0)
    domain = start.variables[next(iter(start.variables))]
    if resized:
        domain = list(range(1, start.cast.n + 1 + resized))
    after: Variables = {
        x: [0] if x in gone else domain if resized or x in news else start.variables[x] for x in variables
    }
    things = tuple(x for x in (*start.cast.things, *news) if x not in gone)
    cast = replace(start.cast, things=things, count=start.cast.count + resized)
    return replace(start, variables=variables, different=different, changes=changes, after=after, after_cast=cast)


__all__ = ["change_puzzle", "maps"]
