"""What makes a puzzle implicit: conditions that say nothing of one place until others are read with them.

A rule and the fact it applies to; a conditional and the denial of its consequence; one of two statements
true; a rule over a whole class or row; ranks and places that must be joined.

    >>> DEVICES["contraposition"](Case(rng, scenario, cast, arrangement, literals(scenario, cast)))
    [['if', ['at', 'red', 1], ['next', 'blue', 'green']], ['not', ['next', 'blue', 'green']]]
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.solver import (
    NEVER_NEGATED,
    RELATIONS,
    Arrangement,
    Condition,
    holds,
    sound,
)

LINES = {"line", "shelves"}


class Case(NamedTuple):
    """What a device is drawn for: an arrangement, and everything that could be said of its cast."""

    rng: random.Random
    scenario: Scenario
    cast: Cast
    arrangement: Arrangement
    literal: list[Condition]


Device = Callable[[Case], list[Condition]]


def _contraposition(case: Case) -> list[Condition]:
    """If A then B; but not B."""
    rng, _, _, a, literal = case
    false = [c for c in literal if c[0] not in {"count", "between"} and not holds(c, a)]
    one, two = rng.choice(false), rng.choice([c for c in false if c[0] not in NEVER_NEGATED] or false)
    if two[0] in NEVER_NEGATED or one[1] == two[1] or _same_topic(one, two):
        return []
    return [["if", one, two], ["not", two]]


def _same_topic(a: Condition, b: Condition) -> bool:
    """Whether two literals are about the same pair of things, which reads as a muddle."""
    return {str(x) for x in a[1:3]} == {str(x) for x in b[1:3]}


def _chain(case: Case) -> list[Condition]:
    """If A then B; if B then C; but not C."""
    rng, _, _, a, literal = case
    false = [c for c in literal if c[0] not in {"count", "between"} and not holds(c, a)]
    sayable = [c for c in false if c[0] not in NEVER_NEGATED]
    if len(false) < 3 or not sayable:
        return []
    one, two, three = *rng.sample(false, 2), rng.choice(sayable)
    if len({str(c[1]) for c in (one, two, three)}) < 3 or any(
        _same_topic(c, d) for c, d in ((one, two), (one, three), (two, three))
    ):
        return []
    return [["if", one, two], ["if", two, three], ["not", three]]


def _one_of(case: Case) -> list[Condition]:
    """Exactly one of two statements is true."""
    rng, _, _, a, literal = case
    true = [c for c in literal if holds(c, a)]
    false = [c for c in literal if c not in true]
    two = [rng.choice(true), rng.choice(false)]
    if _same_topic(*two) or any(c[0] == "count" for c in two):
        return []
    rng.shuffle(two)
    return [["one_of", *two]]


def _iff(case: Case) -> list[Condition]:
    """A exactly if B: both or neither."""
    rng, _, _, a, literal = case
    plain = [c for c in literal if c[0] not in {"count", "between"}]
    wanted = rng.random() < 0.5
    same = [c for c in plain if holds(c, a) is wanted]
    if len(same) < 2:
        return []
    one, two = rng.sample(same, 2)
    return [] if one[1] == two[1] or _same_topic(one, two) else [["iff", one, two]]


def _mark_rule(case: Case) -> list[Condition]:
    """A rule for whatever has the mark, and the fact which thing has it."""
    rng, _, cast, a, _ = case
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


def _class_rule(case: Case) -> list[Condition]:
    """No two of a class side by side, where nobody doubts who is in the class."""
    _, scenario, cast, a, _ = case
    for kind in scenario.classes:
        inside = [x for x in cast.things if x in kind.members]
        clear = all(x in kind.members or x in kind.others for x in cast.things)
        if clear and 2 <= len(inside) < cast.n and holds(["never_next", inside], a):
            return [["never_next", inside]]
    return []


def _whole_row(case: Case) -> list[Condition]:
    """A rule over the whole row that single states must be inferred from."""
    rng, scenario, cast, a, _ = case
    names = list(a)
    two = list(cast.values[:2])
    rules: list[Condition] = [["more", names, *two], ["more", names, *reversed(two)]]
    if scenario.geometry == "states":
        rules += [["symmetric", names], ["no_neighbours", names, rng.choice(cast.values)]]
        if len(cast.values) > 2:
            rules += [["alternate", names]] * 2
    rules = [r for r in rules if holds(r, a)]
    return [rng.choice(rules)] if rules else []


def _wrong_labels(case: Case) -> list[Condition]:
    _, _, cast, a, _ = case
    rule: Condition = ["all_wrong", [[x, x] for x in cast.things]]
    return [rule] if holds(rule, a) else []


def _spread(case: Case) -> list[Condition]:
    _, _, cast, a, _ = case
    rule: Condition = ["spread", list(cast.things), 3]
    return [rule] if holds(rule, a) else []


def _elimination(case: Case) -> list[Condition]:
    """Two things that do not belong together, twice: what is left over does."""
    rng, _, _, a, literal = case
    return rng.sample([["not", c] for c in literal if c[0] == "same" and not holds(c, a)], 2)


def _joined_ranks(case: Case) -> list[Condition]:
    """Who is bigger than whom, and where a rank stands: places follow from both."""
    rng, _, cast, a, literal = case
    above = [c for c in literal if c[0] == "ranks_above" and holds(c, a)]
    placed = [c for c in literal if c[0] in RELATIONS and c[1] in cast.second]
    placed += [["not", c] for c in literal if c[0] == "at" and c[1] in cast.second]
    return [*rng.sample(above, 2), rng.choice([c for c in placed if holds(c, a) and sound(c, a)])]


def _mirrored(case: Case) -> list[Condition]:
    """One as far from one end as another from the other end."""
    rng, _, cast, a, _ = case
    pairs = [["mirrored", x, y, cast.n] for x in cast.things for y in cast.things if x != y]
    fitting = [c for c in pairs if holds(c, a)]
    return [rng.choice(fitting)] if fitting else []


DEVICES: dict[str, Device] = {
    "contraposition": _contraposition,
    "chain": _chain,
    "one_of": _one_of,
    "iff": _iff,
    "mark": _mark_rule,
    "class": _class_rule,
    "whole_row": _whole_row,
    "wrong_labels": _wrong_labels,
    "spread": _spread,
    "elimination": _elimination,
    "ranks": _joined_ranks,
    "mirrored": _mirrored,
}
"""What makes a puzzle implicit. `make` takes the one that was used least, so none is dead and none is everywhere."""


def fits(device: str, scenario: Scenario) -> bool:
    """Whether the scenario has what the device speaks of."""
    geometry = scenario.geometry
    return {
        "mark": bool(scenario.mark) and geometry in LINES,
        "class": bool(scenario.classes) and geometry in LINES,
        "whole_row": bool(scenario.values) and len(scenario.values) != 3,
        "wrong_labels": geometry == "labels",
        "spread": geometry == "board",
        "elimination": geometry == "pairs",
        "ranks": geometry == "ranked",
        "mirrored": bool(CONTENT.layouts[scenario.layout].mirrored),
    }.get(device, geometry not in {"labels", "ranked"})
