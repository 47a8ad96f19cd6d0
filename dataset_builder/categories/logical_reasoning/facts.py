"""Casts of the logic puzzles, and everything that can be said about one.

>>> literals(SCENARIOS["mugs"], cast)[0]
['at', 'red', 1]
"""

from __future__ import annotations

import itertools
import random

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.language import Cast, ranks
from dataset_builder.categories.logical_reasoning.solver import NEVER_NEGATED, Condition, Variables

WIDTH = {"grid": 2, "board": 3}


def draw_cast(rng: random.Random, scenario: Scenario, n: int) -> Cast:
    """Things (and what goes with them) in the order in which they will be mentioned."""
    layout = scenario.layout
    place = rng.choice(scenario.places)
    if layout == "states":
        values = (
            scenario.values
            if len(scenario.values) == 2
            else tuple(rng.sample(scenario.values, 2 + (n < 5) * rng.randint(0, 1)))
        )
        return Cast(things=(), values=values, place=place, count=n)
    if layout == "named_states":
        things = scenario.things if len(scenario.things) == n else tuple(rng.sample(scenario.things, n))
        return Cast(things=things, values=scenario.values, place=place, count=n)
    things = tuple(rng.sample(scenario.things, n))
    second: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    if layout == "pairs":
        second = tuple(rng.sample(scenario.second, n))
    elif layout == "ranked":
        second = ranks(scenario)
    elif layout == "labels":
        holders = tuple(rng.sample(things, n))
    elif layout == "holders":
        holders = tuple(rng.sample(scenario.holders, n))
    return Cast(things=things, second=second, holders=holders, place=place, count=n)


def draw_variables(scenario: Scenario, cast: Cast) -> tuple[Variables, list[list[str]]]:
    """Domains, and the groups whose members never share a value."""
    if scenario.layout == "states":
        return {f"p{i}": list(cast.values) for i in range(1, cast.n + 1)}, []
    if scenario.layout == "named_states":
        return {x: list(cast.values) for x in cast.things}, []
    if cast.holders:
        return {x: list(cast.holders) for x in cast.things}, [list(cast.things)]
    cells = range(1, (9 if scenario.layout == "board" else cast.n) + 1)
    groups = [list(group) for group in (cast.things, cast.second) if group]
    return {x: list(cells) for group in groups for x in group}, groups


def literals(scenario: Scenario, cast: Cast) -> list[Condition]:
    """Every single relation and fact that can be said about the cast, true or not, none negated."""
    voice, layout, n = CONTENT.layouts[scenario.layout], scenario.layout, cast.n
    if cast.values:
        return _state_literals(scenario, cast)
    things = [*cast.things, *cast.second]
    pairs = list(itertools.permutations(cast.things, 2))
    if layout == "pairs":
        # a relation of the two things at one place would be a pairing in disguise; see `state_puzzle`
        pairs = list(itertools.permutations(things, 2))
    elif layout == "ranked":
        pairs += [*itertools.product(cast.things, cast.second), *itertools.product(cast.second, cast.things)]
    found: list[Condition] = []
    if cast.holders:
        found += [["at", x, h] for x in cast.things for h in cast.holders]
        return found + [
            ["among", x, list(two)] for x in cast.things for two in itertools.combinations(cast.holders, 2) if n > 3
        ]
    spots = [5] if layout == "board" else range(1, n + 1)
    found += [["at", x, v] for x in things for v in spots if not (layout == "sizes" and n == 3 and v == 2)]
    if voice.ends and n >= 4:
        found += [["among", x, [1, n]] for x in things]
    found += [["row", x, k, WIDTH[layout]] for x in things for k in range(1, len(voice.rows) + 1)]
    found += [["column", x, k, WIDTH[layout]] for x in things for k in range(1, len(voice.columns) + 1)]
    for op in voice.relations:
        if op == "between":
            found += [
                [op, x, *two] for x in cast.things for two in itertools.combinations(cast.things, 2) if x not in two
            ]
        elif layout in WIDTH:
            found += [[op, x, y, WIDTH[layout]] for x, y in pairs]
        else:
            found += [[op, x, y] for x, y in pairs]
    if layout == "pairs":
        found += [["same", x, y] for x in cast.things for y in cast.second]
    if layout == "ranked":
        found += [["same", x, cast.second[k]] for x in cast.things for k in (0, 2)]
        found += [["ranks_above", x, y, list(cast.second)] for x, y in itertools.permutations(cast.things, 2)]
    return found


def _state_literals(scenario: Scenario, cast: Cast) -> list[Condition]:
    names = list(draw_variables(scenario, cast)[0])
    found: list[Condition] = [["at", x, v] for x in names for v in cast.values]
    found += [["same", x, y] for x, y in itertools.combinations(names, 2)]
    return found + [["count", names, v, k] for v in cast.values for k in range(1, len(names))]


def spoken(scenario: Scenario, literal: list[Condition]) -> list[Condition]:
    """What may stand in a prompt: literals, and the negations that people would say."""
    three = scenario.layout == "sizes"
    negated = [
        ["not", c]
        for c in literal
        if c[0] not in NEVER_NEGATED or (c[0] == "among" and c[2] == [1, max(c[2], key=str)])
    ]
    return [*literal, *(c for c in negated if not (three and c[1][0] == "between"))]
