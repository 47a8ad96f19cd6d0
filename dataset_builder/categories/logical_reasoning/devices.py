"""What makes a puzzle implicit: conditions that say nothing of one place until others are read with them.

A rule and the fact it applies to; a conditional and the denial of its consequence; one of two statements
true; a rule over a whole class or row; ranks and places that must be joined.

    >>> devices(rng, scenario, cast, arrangement, literals(scenario, cast))
    [['if', ['at', 'red', 1], ['next', 'blue', 'green']], ['not', ['next', 'blue', 'green']]]
"""

from __future__ import annotations

import random

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.language import Cast
from dataset_builder.categories.logical_reasoning.solver import NEVER_NEGATED, Arrangement, Condition, holds

LINES = {"row", "train", "stack", "shelves"}
PAIRED = {"pairs", "ranked"}


def _contraposition(rng: random.Random, literal: list[Condition], arrangement: Arrangement) -> list[Condition]:
    """If A then B; but not B."""
    false = [c for c in literal if c[0] not in {"count", "between"} and not holds(c, arrangement)]
    a, b = rng.choice(false), rng.choice([c for c in false if c[0] not in NEVER_NEGATED] or false)
    if b[0] in NEVER_NEGATED or a[1] == b[1] or _same_topic(a, b):
        return []
    return [["if", a, b], ["not", b]]


def _same_topic(a: Condition, b: Condition) -> bool:
    """Whether two literals are about the same pair of things, which reads as a muddle."""
    return {str(x) for x in a[1:3]} == {str(x) for x in b[1:3]}


def _one_of(rng: random.Random, literal: list[Condition], arrangement: Arrangement) -> list[Condition]:
    """Exactly one of two statements is true."""
    true = [c for c in literal if holds(c, arrangement)]
    false = [c for c in literal if c not in true]
    two = [rng.choice(true), rng.choice(false)]
    if _same_topic(*two) or any(c[0] == "count" for c in two):
        return []
    rng.shuffle(two)
    return [["one_of", *two]]


def _mark_rule(rng: random.Random, scenario: Scenario, cast: Cast, a: Arrangement) -> list[Condition]:
    """A rule for whatever has the mark, and the fact which thing has it."""
    marks = [f"mark:{x}" for x in cast.things]
    marked = [m for m in marks if a[m]]
    n = cast.n
    rules = [[1, n]] if n >= 4 else [[1, 3], [2]]
    if n >= 4:
        rules += [list(range(2, n)), [1, 2], [n - 1, n]]
    fitting = [r for r in rules if all(a[m.removeprefix("mark:")] in r for m in marked)]
    if not fitting:
        return []
    pairs = [[x, f"mark:{x}"] for x in cast.things]
    return [["marked_among", pairs, rng.choice(fitting)], ["only", marks, marked]]


def _class_rule(scenario: Scenario, cast: Cast, a: Arrangement) -> list[Condition]:
    for kind in scenario.classes:
        inside = [x for x in cast.things if x in kind.members]
        clear = all(x in kind.members or x in kind.others for x in cast.things)
        if clear and 2 <= len(inside) < cast.n and holds(["never_next", inside], a):
            return [["never_next", inside]]
    return []


def _state_rule(rng: random.Random, scenario: Scenario, cast: Cast, a: Arrangement) -> list[Condition]:
    """A rule over the whole row that single states must be inferred from."""
    names = list(a)
    two = list(cast.values[:2])
    rules: list[Condition] = [["more", names, *two], ["more", names, *reversed(two)]]
    if scenario.layout == "states":
        rules += [["symmetric", names], ["no_neighbours", names, rng.choice(cast.values)]]
        if len(cast.values) > 2:
            rules += [["alternate", names]] * 2
    rules = [r for r in rules if holds(r, a)]
    return [rng.choice(rules)] if rules else []


def devices(
    rng: random.Random, scenario: Scenario, cast: Cast, a: Arrangement, literal: list[Condition]
) -> list[Condition]:
    """The conditions that make a puzzle implicit; empty where the drawn device does not fit."""
    layout = scenario.layout
    if any(name.startswith("mark:") for name in a):
        return _mark_rule(rng, scenario, cast, a)
    if layout == "labels":
        rule: Condition = ["all_wrong", [[x, x] for x in cast.things]]
        return [rule] if holds(rule, a) else []
    if layout in PAIRED and rng.random() < 0.7:
        if layout == "pairs":
            return rng.sample([["not", c] for c in literal if c[0] == "same" and not holds(c, a)], 2)
        above = [c for c in literal if c[0] == "ranks_above" and holds(c, a)]
        placed = [c for c in literal if c[0] in CONTENT.layouts["row"].relations and c[1] in cast.second]
        placed += [["not", c] for c in literal if c[0] == "at" and c[1] in cast.second]
        return [*rng.sample(above, 2), rng.choice([c for c in placed if holds(c, a)])]
    if layout == "board" and rng.random() < 0.6:
        spread: Condition = ["spread", list(cast.things), 3]
        return [spread] if holds(spread, a) else []
    if cast.values and rng.random() < 0.7:
        return _state_rule(rng, scenario, cast, a)
    if scenario.classes and layout in LINES and rng.random() < 0.5:
        return _class_rule(scenario, cast, a)
    if rng.random() < 0.3:
        return _one_of(rng, literal, a)
    return _contraposition(rng, literal, a)
