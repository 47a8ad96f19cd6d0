"""Draws one logic puzzle that is stated by conditions: a hidden arrangement, then conditions that single it out.

Sets of arrangements are bit masks over the list of all of them, so that choosing, pruning and checking
conditions is a matter of `&`.

    >>> state_puzzle(rng, SCENARIOS["mugs"], n=4, patient=False).conditions
    [["not", ["at", "red", 1]], ["just_before", "red", "blue"], ...]
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from dataset_builder.categories.logical_reasoning.content import Scenario
from dataset_builder.categories.logical_reasoning.devices import DEVICES, Case
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.facts import draw_cast, draw_variables, literals, spoken
from dataset_builder.categories.logical_reasoning.language import IS, MUST, VERB
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    Variables,
    arrangements,
    holds,
    sound,
)

HIDDEN = 20
"""Arrangements tried for a device that few of them fit."""


class Space:
    """All arrangements of one cast, with the bit mask of each condition that was asked about."""

    def __init__(self, every: Sequence[Arrangement], shared: bool) -> None:
        self.every = every
        self._shared = shared  # two things may have one place, so that a relation may be of a thing to itself
        self.full = (1 << len(every)) - 1
        self._masks: dict[str, int] = {}

    def mask(self, condition: Condition) -> int:
        """Where the condition holds, things being related to others alone."""
        key = repr(condition)
        if key not in self._masks:
            self._masks[key] = int("".join("1" if self.meets(condition, a) else "0" for a in reversed(self.every)), 2)
        return self._masks[key]

    def meets(self, condition: Condition, arrangement: Arrangement) -> bool:
        return holds(condition, arrangement) and (not self._shared or sound(condition, arrangement))

    def all_of(self, conditions: Iterable[Condition]) -> int:
        mask = self.full
        for condition in conditions:
            mask &= self.mask(condition)
        return mask


def state_puzzle(
    rng: random.Random,
    scenario: Scenario,
    n: int,
    patient: bool,
    device: str | None = None,
    unique: bool = False,
) -> Puzzle | None:
    """One attempt at a puzzle over `n` things; a patient one has many weak conditions. None where the dice fail."""
    cast = draw_cast(rng, scenario, n)
    variables, different = draw_variables(scenario, cast)
    every = list(arrangements(variables, different))
    if device == "mark":
        every, variables = _with_marks(cast, every, variables)
    space = Space(every, shared=len(different) > 1)
    literal = literals(scenario, cast)
    start: list[Condition] = []
    for _ in range(HIDDEN if device else 1):
        hidden = _hidden(rng, space, cast, device == "mark")
        start = DEVICES[device](Case(rng, scenario, cast, every[hidden], literal)) if device else []
        if start:
            break
    if device and not start:
        return None
    most = 1 if unique or n == 3 else rng.choice((1, 1, 2))
    chosen = _choose(rng, space, start, spoken(scenario, literal), hidden, most, patient)
    if not _acceptable(chosen, start, space):
        return None
    inferred = _inferred(rng, space, chosen, start, literal) if device else []
    if device and not inferred:
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
        device=device,
    )


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
    left = [a for a in space.every if all(space.meets(c, a) for c in chosen)]
    heads = [_head(c) for c in chosen]
    target = space.every[hidden]
    if target not in left:
        return []
    pool = [c for c in pool if space.meets(c, target)]
    while len(left) > most and len(chosen) < 7:
        sample = rng.sample(pool, min(len(pool), 24))
        at_most_one = {"at"} if any(c[0] == "at" for c in chosen) else set()
        fresh = [c for c in sample if _head(c) not in heads and c[0] not in at_most_one][: 6 if patient else 3]
        kept = [(c, [a for a in left if space.meets(c, a)]) for c in fresh]
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


def _acceptable(chosen: list[Condition], start: list[Condition], space: Space) -> bool:
    """Two to six conditions, at most one of them a plain place, and the same solutions however "next to" is read."""
    if not 2 <= len(chosen) <= 6 or any(c not in chosen for c in start) or sum(c[0] == "at" for c in chosen) > 1:
        return False
    loosely = sum(all(holds(c, a) for c in chosen) for a in space.every)
    return loosely == space.all_of(chosen).bit_count()


def _inferred(
    rng: random.Random, space: Space, chosen: list[Condition], start: list[Condition], literal: list[Condition]
) -> list[Condition]:
    """A fact that no condition states by itself and that all of them together force."""
    valid = space.all_of(chosen)
    candidates: list[Condition] = [["not", c[1]] for c in start if c[0] == "if"][:1]
    if not candidates:
        at = [c for c in literal if c[0] in {"at", "same"}]
        candidates = rng.sample(at, len(at)) + rng.sample(literal, len(literal))
    stated = [space.mask(c) for c in chosen]
    target = space.every[(valid & -valid).bit_length() - 1]
    for c in candidates:
        if not holds(c, target) or not sound(c, target):
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
