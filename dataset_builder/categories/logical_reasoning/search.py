"""Draws one logic puzzle that is stated by conditions: a hidden arrangement, then conditions that single it out.

Sets of arrangements are bit masks over the list of all of them, so that choosing, pruning and checking
conditions is a matter of `&`.

    >>> state_puzzle(rng, SCENARIOS["mugs"], "easy", implicit=False).conditions
    [["not", ["at", "red", 1]], ["just_before", "red", "blue"]]
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from dataset_builder.categories.logical_reasoning.content import Scenario
from dataset_builder.categories.logical_reasoning.devices import LINES, PAIRED, devices
from dataset_builder.categories.logical_reasoning.facts import draw_cast, draw_variables, literals, spoken
from dataset_builder.categories.logical_reasoning.language import IS, MUST, VERB, Cast
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, Variables, arrangements, holds


class Space:
    """All arrangements of one cast, with the bit mask of each condition that was asked about."""

    def __init__(self, every: Sequence[Arrangement]) -> None:
        self.every = every
        self.full = (1 << len(every)) - 1
        self._masks: dict[str, int] = {}

    def mask(self, condition: Condition) -> int:
        key = repr(condition)
        if key not in self._masks:
            bits = "".join("1" if holds(condition, a) else "0" for a in reversed(self.every))
            self._masks[key] = int(bits, 2)
        return self._masks[key]

    def all_of(self, conditions: Iterable[Condition]) -> int:
        mask = self.full
        for condition in conditions:
            mask &= self.mask(condition)
        return mask


def _choose(
    rng: random.Random,
    space: Space,
    start: list[Condition],
    pool: list[Condition],
    hidden: int,
    most: int,
    patient: bool,
) -> list[Condition]:
    """Adds conditions, each true of the hidden arrangement and telling something new, then drops the idle ones."""
    chosen = list(start)
    left = [a for a in space.every if holds_all(chosen, a)]
    heads = [_head(c) for c in chosen]
    pool = [c for c in pool if holds(c, space.every[hidden])]
    while len(left) > most and len(chosen) < 7:
        sample = rng.sample(pool, min(len(pool), 24))
        at_most_one = {"at"} if any(c[0] == "at" for c in chosen) else set()
        fresh = [c for c in sample if _head(c) not in heads and c[0] not in at_most_one][: 10 if patient else 4]
        kept = [(c, [a for a in left if holds(c, a)]) for c in fresh]
        useful = [(c, rest) for c, rest in kept if len(rest) < len(left)]
        if not useful:
            return []
        condition, left = (max if patient else min)(useful, key=lambda pair: len(pair[1]))
        chosen.append(condition)
        heads.append(_head(condition))
    return [] if len(left) > most else _prune(rng, space, chosen)


def _head(c: Condition) -> str:
    """What a condition says of whom; a prompt says it once."""
    return f"not {c[1][:2]}" if c[0] == "not" else str(c[:2])


def _prune(rng: random.Random, space: Space, chosen: list[Condition]) -> list[Condition]:
    for condition in rng.sample(chosen, len(chosen)):
        rest = [c for c in chosen if c is not condition]
        if space.all_of(rest) == space.all_of(chosen):
            chosen = rest
    return chosen


def things_in(cast: Cast, layout: str) -> int:
    """How many things must be kept in mind; a paired place counts for both of its things."""
    return cast.n + (len(cast.second) if layout == "pairs" else 0)


def level_of(count: int, things: int, inferred: bool) -> str:
    """The category's meaning of easy, medium and hard."""
    if inferred or count >= 5:
        return "hard"
    return "medium" if count == 4 or things >= 4 else "easy"


def sizes_for(scenario: Scenario, level: str, implicit: bool) -> list[int]:
    """The numbers of things with which the scenario can give a puzzle of the level."""
    paired = scenario.layout in PAIRED
    if implicit:
        return [n for n in scenario.counts if n <= 4]
    if level == "easy":
        return [] if scenario.layout == "pairs" else [n for n in scenario.counts if n == 3]
    if level == "medium":
        return [n for n in scenario.counts if n == (3 if paired else 4)]
    return [
        n for n in scenario.counts if n >= (3 if paired else 4) and scenario.layout not in {"grid", "table", "labels"}
    ]


def identity(variables: Variables, cast: Cast) -> Arrangement:
    """What a skimming reader draws: everything in the order of mention."""
    drawn: Arrangement = {}
    for group in (cast.things, cast.second):
        drawn |= {x: (cast.holders[i] if cast.holders else i + 1) for i, x in enumerate(group)}
    return {x: drawn.get(x, variables[x][0]) for x in variables}


def state_puzzle(
    rng: random.Random, scenario: Scenario, level: str, implicit: bool, unique: bool = False
) -> Puzzle | None:
    """One attempt at a puzzle of the wanted level; None where the dice did not give one."""
    n = rng.choice(sizes_for(scenario, level, implicit) or [0])
    if not n:
        return None
    cast = draw_cast(rng, scenario, n)
    variables, different = draw_variables(scenario, cast)
    every = list(arrangements(variables, different))
    with_mark = implicit and bool(scenario.mark) and scenario.layout in LINES and rng.random() < 0.4
    if with_mark:
        every, variables = _with_marks(cast, every, variables)
    space = Space(every)
    hidden = _hidden(rng, space, cast, with_mark)
    literal = literals(scenario, cast)
    start = devices(rng, scenario, cast, every[hidden], literal) if implicit else []
    if implicit and not start:
        return None
    pool = spoken(scenario, literal)
    solution_limit = 1 if unique or n == 3 else rng.choice((1, 1, 2))
    chosen = _choose(rng, space, start, pool, hidden, solution_limit, patient=level == "hard" and not implicit)
    if not _acceptable(chosen, start, space, cast, scenario, level, implicit):
        return None
    if not cast.values and scenario.layout != "board" and holds_all(chosen, identity(variables, cast)):
        return None
    inferred = _inferred(rng, space, chosen, start, literal) if implicit else []
    if implicit and not inferred:
        return None
    ordered = _ordered(rng, chosen, start)
    return Puzzle(
        scenario=scenario.name,
        cast=cast,
        variables=variables,
        different=different,
        conditions=ordered,
        variants=_variants(rng, ordered),
        phrasing=[rng.randrange(12) for _ in range(3)],
        inferred=inferred,
    )


def holds_all(conditions: Iterable[Condition], arrangement: Arrangement) -> bool:
    return all(holds(c, arrangement) for c in conditions)


def _with_marks(cast: Cast, every: list[Arrangement], variables: Variables) -> tuple[list[Arrangement], Variables]:
    marks: Variables = {f"mark:{x}": [0, 1] for x in cast.things}
    return [a | m for a in every for m in arrangements(marks, [])], variables | marks


def _hidden(rng: random.Random, space: Space, cast: Cast, with_mark: bool) -> int:
    """The index of the arrangement that the conditions will single out."""
    fitting = list(range(len(space.every)))
    if with_mark:
        wanted = rng.choice((1, 1, 2)) if cast.n > 3 else 1
        marks = [f"mark:{x}" for x in cast.things]
        fitting = [i for i, a in enumerate(space.every) if sum(a[m] == 1 for m in marks) == wanted]
    elif cast.values:
        fitting = [i for i, a in enumerate(space.every) if len(set(a.values())) > 1]
    return rng.choice(fitting)


def _acceptable(
    chosen: list[Condition],
    start: list[Condition],
    space: Space,
    cast: Cast,
    scenario: Scenario,
    level: str,
    implicit: bool,
) -> bool:
    if not chosen or any(c not in chosen for c in start):
        return False
    things = things_in(cast, scenario.layout)
    if implicit:
        return 2 <= len(chosen) <= 5
    trivial = sum(c[0] == "at" for c in chosen) > 1 or len(chosen) < 2
    return not trivial and len(chosen) <= 6 and level_of(len(chosen), things, False) == level


def _inferred(
    rng: random.Random, space: Space, chosen: list[Condition], start: list[Condition], literal: list[Condition]
) -> list[Condition]:
    """A fact that no condition states by itself and that all of them together force."""
    valid = space.all_of(chosen)
    if start[0][0] == "if":
        candidates: list[Condition] = [["not", start[0][1]]]
    else:
        at = [c for c in literal if c[0] in {"at", "same"}]
        candidates = rng.sample(at, len(at)) + rng.sample(literal, len(literal))
    stated = [space.mask(c) for c in chosen]
    sample = [a for i, a in enumerate(space.every) if valid >> i & 1]
    for c in candidates:
        if not holds_all([c], sample[0]):
            continue
        mask = space.mask(c)
        if mask & valid == valid and c not in chosen and not any(s & mask == s for s in stated):
            return [c]
    return []


def _ordered(rng: random.Random, chosen: list[Condition], start: list[Condition]) -> list[Condition]:
    """The device stays together (a rule, then its fact); the rest is shuffled around it."""
    rest = [c for c in chosen if c not in start]
    rng.shuffle(rest)
    at = rng.randint(0, len(rest))
    return [*rest[:at], *start, *rest[at:]]


def _variants(rng: random.Random, conditions: list[Condition]) -> list[int]:
    strict = rng.random() < 0.3
    variants = []
    for c in conditions:
        negated = c[0] == "not"
        lively = not negated and rng.random() < 0.5
        variants.append(MUST if strict else VERB if lively else IS)
    return variants
