"""The changes of a what-if: what can be done to an arrangement, and which of it is worth doing.

>>> draw_changes(rng, start, 2, uses)
[["move", "red", 4], ["map", "reverse", ["red", "blue", "green", "white"], [[1, 4], [2, 3], [3, 2], [4, 1]]]]
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.facts import alike, draw_variables, literals
from dataset_builder.categories.logical_reasoning.maps import maps, state_maps
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.solver import Condition, Variables, change, changed, holds, sound

RESIZING = {"remove", "insert", "replace", "take"}
"""Changes after which other things are there than before; they come last."""
TRADES = {"swap", "swap_places"}
"""Two things trade places: the change that everybody thinks of first, and so drawn less than it could be."""


def _of_states(rng: random.Random, scenario: Scenario, cast: Cast) -> list[Condition]:
    """One change of each kind that things in states can undergo."""
    names = list(draw_variables(scenario, cast)[0])
    found: list[Condition] = [["copy", *rng.sample(names, 2)]]
    if scenario.becomes or scenario.flip is None:
        found.append(["set", rng.choice(names), rng.choice(cast.values)])
    if scenario.geometry == "states":
        found.append(["mirror", names])
    by_kind: dict[str, list[Condition]] = {}
    for step in state_maps(scenario, cast):
        by_kind.setdefault(step[1], []).append(step)
    return found + [rng.choice(steps) for steps in by_kind.values()]


def _of_places(rng: random.Random, scenario: Scenario, cast: Cast, new: str | None) -> list[Condition]:
    """One change of each kind that things in places can undergo; `new` may come in, where it is the last change."""
    geometry, n = scenario.geometry, cast.n
    x, y = rng.sample(cast.things, 2)
    found: list[Condition] = maps(scenario, cast)
    if geometry == "pairs":
        inner = cast.second if scenario.loose == "second" else cast.things
        found += [["swap", *rng.sample(inner, 2)], ["swap_places", x, y], ["cycle", rng.sample(inner, 3)]]
        return found
    if geometry == "ranked":
        return [*found, rng.choice([["swap_places", x, y], ["swap_places", cast.second[0], cast.second[2]]])]
    found.append(["swap", x, y])
    if geometry in {"line", "shelves", "sizes"}:
        found.append(["move", x, rng.choice((1, n))])
    if geometry in {"line", "shelves"} and "just_after" in CONTENT.layouts[scenario.layout].relations:
        found.append(["move_next", x, y])
    if geometry not in {"line", "shelves", "sizes"} and n >= 3:
        found.append(["cycle", rng.sample(cast.things, 3)])
    if new is not None:
        found += _resizing(rng, scenario, cast, new)
    return found


def _resizing(rng: random.Random, scenario: Scenario, cast: Cast, new: str) -> list[Condition]:
    x, n = rng.choice(cast.things), cast.n
    places = CONTENT.layouts[scenario.layout].places
    found: list[Condition] = []
    if scenario.geometry == "line" and n - 1 in places:
        found.append(["remove", x])
    if scenario.geometry == "line" and new and n + 1 in places:
        found.append(["insert", new, rng.choice((1, n + 1))])
    if scenario.geometry in {"grid", "board"}:
        found.append(["take", x])
    if new and scenario.geometry not in {"sizes", "labels"}:
        found.append(["replace", x, new])
    return found


def kind_of(step: Condition) -> str:
    """What a change is counted as."""
    return f"map:{step[1]}" if step[0] == "map" else "trade" if step[0] in TRADES else str(step[0])


def _step(
    rng: random.Random, scenario: Scenario, cast: Cast, new: str | None, uses: Mapping[str, int]
) -> Condition | None:
    """One change, of a kind that was used little so far."""
    options = _of_states(rng, scenario, cast) if cast.values else _of_places(rng, scenario, cast, new)
    if not options:
        return None
    weights = [1 / (1 + uses.get(kind_of(step), 0)) ** 2 for step in options]
    return rng.choices(options, weights)[0]


def draw_changes(rng: random.Random, start: Puzzle, count: int, branching: bool, uses: Counter[str]) -> list[Condition]:
    """`count` changes; a branching one asks first whether something holds. Empty where the dice fail."""
    scenario, cast = start.speaker.scenario, start.cast
    spare = [x for x in scenario.things if x not in cast.things and not alike([x, *cast.things])]
    new = rng.choice(spare) if spare else ""
    steps: list[Condition] = []
    if branching:
        (now,) = start.beginnings()
        sayable = [c for c in literals(scenario, cast) if c[0] not in {"count", "between", "among", "row", "column"}]
        asked = rng.choice([c for c in sayable if sound(c, now)])
        branches = [_step(rng, scenario, cast, None, uses) for _ in range(2)]
        if None in branches:
            return []
        steps.append(["when", asked, *branches])
    while len(steps) < count:
        last = len(steps) == count - 1
        step = _step(rng, scenario, cast, new if last and cast.things and not cast.values else None, uses)
        if step is None or step in steps:
            return []
        steps.append(step)
    return steps


def worthwhile(start: Puzzle, steps: list[Condition]) -> bool:
    """Every step does something, none can be skipped, and the result is new."""
    (now,) = start.beginnings()
    first, seen = now, [now]
    for step in steps:
        if step[0] == "when":
            if any(change(branch, now) == now for branch in step[2:]) or change(step[2], now) == change(step[3], now):
                return False
            if not start.given and not holds(step[1], now):
                return False
        now = change(step, now)
        if now in seen or len(set(map(str, now.values()))) == 1:
            return False
        seen.append(now)
    skipped = [changed([*steps[:i], *steps[i + 1 :]], first) for i in range(len(steps))]
    return now not in skipped


def with_after(start: Puzzle, steps: list[Condition]) -> Puzzle:
    """The puzzle with its changes, and the domains of the picture that is to be drawn."""
    (now,) = start.beginnings()
    news = [step[2] if step[0] == "replace" else step[1] for step in steps if step[0] in {"replace", "insert"}]
    variables: Variables = start.variables | {x: [0] for x in news}
    different = [[*start.different[0], *news], *start.different[1:]] if start.different else []
    now = changed(steps, now | {x: 0 for x in news})
    gone = [x for x, v in now.items() if v == 0]
    resized = {"insert": 1, "remove": -1}.get(steps[-1][0], 0)
    domain = start.variables[next(iter(start.variables))]
    if resized:
        domain = list(range(1, start.cast.n + 1 + resized))
    after: Variables = {
        x: [0] if x in gone else domain if resized or x in news else start.variables[x] for x in variables
    }
    things = tuple(x for x in (*start.cast.things, *news) if x not in gone)
    cast = replace(start.cast, things=things, count=start.cast.count + resized)
    return replace(start, variables=variables, different=different, changes=steps, after=after, after_cast=cast)
