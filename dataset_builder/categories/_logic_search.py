"""Draws one logic puzzle that is stated by conditions: a hidden arrangement, then conditions that single it out.

Sets of arrangements are bit masks over the list of all of them, so that choosing, pruning and checking
conditions is a matter of `&`.

    >>> state_puzzle(rng, SCENARIOS["mugs"], "easy", implicit=False).conditions
    [["not", ["at", "red", 1]], ["just_before", "red", "blue"]]
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence

from dataset_builder.categories._logic_language import IS, MUST, VERB, Cast, ranks
from dataset_builder.categories._logic_puzzle import Puzzle
from dataset_builder.categories._logic_scenarios import Scenario
from dataset_builder.categories._logic_solver import Arrangement, Condition, Variables, arrangements, holds
from dataset_builder.categories._logic_voices import VOICES

LINES = {"row", "train", "stack", "shelves"}
WIDTH = {"grid": 2, "board": 3}
PAIRED = {"pairs", "ranked"}


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
    voice, layout, n = VOICES[scenario.layout], scenario.layout, cast.n
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
    for op in voice.predicates:
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


NEVER_NEGATED = {"count", "between", "among", "ranks_above", "just_before", "just_after", "before", "after", "higher"}


def spoken(scenario: Scenario, literal: list[Condition]) -> list[Condition]:
    """What may stand in a prompt: literals, and the negations that people would say."""
    three = scenario.layout == "sizes"
    negated = [
        ["not", c]
        for c in literal
        if c[0] not in NEVER_NEGATED or (c[0] == "among" and c[2] == [1, max(c[2], key=str)])
    ]
    return [*literal, *(c for c in negated if not (three and c[1][0] == "between"))]


# -- conditions that must be inferred from -----------------------------------------------------------------


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
    for _, members, others in scenario.kinds:
        inside = [x for x in cast.things if x in members]
        clear = all(x in members or x in others for x in cast.things)
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
        placed = [c for c in literal if c[0] in VOICES["row"].predicates and c[1] in cast.second]
        placed += [["not", c] for c in literal if c[0] == "at" and c[1] in cast.second]
        return [*rng.sample(above, 2), rng.choice([c for c in placed if holds(c, a)])]
    if layout == "board" and rng.random() < 0.6:
        spread: Condition = ["spread", list(cast.things), 3]
        return [spread] if holds(spread, a) else []
    if cast.values and rng.random() < 0.7:
        return _state_rule(rng, scenario, cast, a)
    if scenario.kinds and layout in LINES and rng.random() < 0.5:
        return _class_rule(scenario, cast, a)
    if rng.random() < 0.3:
        return _one_of(rng, literal, a)
    return _contraposition(rng, literal, a)


# -- the search ----------------------------------------------------------------------------------------------


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
