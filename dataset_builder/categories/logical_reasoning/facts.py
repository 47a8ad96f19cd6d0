"""Casts of the logic puzzles, and everything that can be said about one.

>>> literals(SCENARIOS["mugs"], cast)[0]
['at', 'red', 1]
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.solver import NEVER_NEGATED, Condition, Variables

WIDTH = {"grid": 2, "board": 3}
alike = CONTENT.alike


def _apart(rng: random.Random, things: Sequence[str], n: int) -> tuple[str, ...]:
    """`n` of the things that are easily told from each other."""
    while True:
        drawn = tuple(rng.sample(things, n))
        if not alike(drawn):
            return drawn


def draw_cast(rng: random.Random, scenario: Scenario, n: int) -> Cast:
    """Things (and what goes with them) in the order in which they will be mentioned."""
    geometry = scenario.geometry
    place = rng.choice(scenario.places)
    if geometry in {"states", "named_states"}:
        many = len(scenario.values) > 3
        values = _apart(rng, scenario.values, 2 + (n < 5) * rng.randint(0, 1)) if many else scenario.values
        things: tuple[str, ...] = ()
        if geometry == "named_states":
            things = scenario.things if len(scenario.things) == n else _apart(rng, scenario.things, n)
        return Cast(things=things, values=values, place=place, count=n)
    things = _apart(rng, scenario.things, n)
    second: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    if geometry == "pairs":
        second = _apart(rng, scenario.second, n)
    elif geometry == "ranked":
        second = scenario.ranks
    elif geometry == "labels":
        holders = tuple(rng.sample(things, n))
    elif geometry == "holders":
        holders = _apart(rng, scenario.holders, n)
    return Cast(things=things, second=second, holders=holders, place=place, count=n)


def draw_variables(scenario: Scenario, cast: Cast) -> tuple[Variables, list[list[str]]]:
    """Domains, and the groups whose members never share a value."""
    if scenario.geometry == "states":
        return {f"p{i}": list(cast.values) for i in range(1, cast.n + 1)}, []
    if scenario.geometry == "named_states":
        return {x: list(cast.values) for x in cast.things}, []
    if cast.holders:
        return {x: list(cast.holders) for x in cast.things}, [list(cast.things)]
    cells = range(1, (9 if scenario.geometry == "board" else cast.n) + 1)
    groups = [list(group) for group in (cast.things, cast.second) if group]
    return {x: list(cells) for group in groups for x in group}, groups


def literals(scenario: Scenario, cast: Cast) -> list[Condition]:
    """Every single relation and fact that can be said about the cast, true or not, none negated."""
    voice, geometry, n = CONTENT.layouts[scenario.layout], scenario.geometry, cast.n
    if cast.values:
        return _state_literals(scenario, cast)
    if cast.holders:
        found: list[Condition] = [["at", x, h] for x in cast.things for h in cast.holders]
        return found + [
            ["among", x, list(two)] for x in cast.things for two in itertools.combinations(cast.holders, 2) if n > 3
        ]
    things = [*cast.things, *cast.second]
    spots = [5] if geometry == "board" else range(1, n + 1)
    found = [["at", x, v] for x in things for v in spots if not (geometry == "sizes" and n == 3 and v == 2)]
    if voice.ends and n >= 4:
        found += [["among", x, [1, n]] for x in things]
    found += [["row", x, k, WIDTH[geometry]] for x in things for k in range(1, len(voice.rows) + 1)]
    found += [["column", x, k, WIDTH[geometry]] for x in things for k in range(1, len(voice.columns) + 1)]
    for op in voice.relations:
        found += _relations(op, scenario, cast)
    if geometry == "pairs":
        found += [["same", x, y] for x in cast.things for y in cast.second]
    if geometry == "ranked":
        found += [["same", x, cast.second[k]] for x in cast.things for k in (0, 2)]
        found += [["ranks_above", x, y, list(cast.second)] for x, y in itertools.permutations(cast.things, 2)]
    return found


def _relations(op: str, scenario: Scenario, cast: Cast) -> list[Condition]:
    geometry = scenario.geometry
    if op == "between":
        return [[op, x, *two] for x in cast.things for two in itertools.combinations(cast.things, 2) if x not in two]
    pairs = list(itertools.permutations(cast.things, 2))
    if geometry == "pairs":
        pairs = list(itertools.permutations([*cast.things, *cast.second], 2))
    elif geometry == "ranked":
        pairs += [*itertools.product(cast.things, cast.second), *itertools.product(cast.second, cast.things)]
    if op == "two_away" and cast.n < 4:
        return []
    width = [WIDTH[geometry]] if geometry in WIDTH else []
    return [[op, x, y, *width] for x, y in pairs]


def _state_literals(scenario: Scenario, cast: Cast) -> list[Condition]:
    names = list(draw_variables(scenario, cast)[0])
    found: list[Condition] = [["at", x, v] for x in names for v in cast.values]
    found += [["same", x, y] for x, y in itertools.combinations(names, 2)]
    return found + [["count", names, v, k] for v in cast.values for k in range(1, len(names))]


def askable(scenario: Scenario, cast: Cast) -> list[Condition]:
    """What can be asked of a picture: what can be said, and what is easier seen than said."""
    found = [c for c in literals(scenario, cast) if c[0] != "among" or cast.holders]
    if scenario.geometry == "board":
        found += [["at", x, v] for x in cast.things for v in range(1, 10) if v != 5]
        found += [[op, list(cast.things), WIDTH["board"]] for op in ("spread", "sharing")]
    return found


def spoken(scenario: Scenario, literal: list[Condition]) -> list[Condition]:
    """What may stand in a prompt: literals, and the negations that people would say."""
    sized = scenario.geometry == "sizes"
    negated = [
        ["not", c]
        for c in literal
        if c[0] not in NEVER_NEGATED or (c[0] == "among" and c[2] == [1, max(c[2], key=str)])
    ]
    return [*literal, *(c for c in negated if not (sized and c[1][0] == "between"))]
