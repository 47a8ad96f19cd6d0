"""The small constraint language of the logic puzzles, and its brute-force reading.

A puzzle has *variables* with finite domains (a thing's place, a lamp's state) and *groups* whose members
never share a value. A condition is a nested list, so that it goes into metadata as JSON; 0 means *absent*.
Every question is a condition too, and a what-if is a list of *changes* that map an arrangement to another.

A relation speaks of two things: who says that A is (or is not) next to B says that A is not B. Where a hat and an
animal share a place, "the fox is not next to the animal in the red hat" is therefore no way to say that the fox wears
it (`sound`).

    >>> holds(["not", ["at", "red", 2]], {"red": 1, "blue": 2})
    True
    >>> len(list(arrangements({"a": [1, 2, 3], "b": [1, 2, 3]}, [["a", "b"]])))
    6
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Value = int | str
Arrangement = dict[str, Value]
Condition = list[Any]
Variables = dict[str, list[Value]]
Test = Callable[..., bool]

SEATS = 4
"""Seats round the table are numbered clockwise from the top of the picture."""


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _cell(value: Value, width: int) -> tuple[int, int]:
    """Row and column, both from 1, of a cell counted from the top left."""
    row, column = divmod(_number(value) - 1, width)
    return row + 1, column + 1


def _step(a: Arrangement, x: str, y: str) -> int | None:
    """How many places y lies after x; None where one of them is absent."""
    return _number(a[y]) - _number(a[x]) if a[x] and a[y] else None


def _between(a: Arrangement, x: str, y: str, z: str) -> bool:
    low, high = sorted((_number(a[y]), _number(a[z])))
    return low > 0 and low < _number(a[x]) < high


def _grid(test: Callable[[tuple[int, int], tuple[int, int]], bool]) -> Test:
    """A relation of two cells; false where one of the things is absent."""

    def relation(a: Arrangement, x: str, y: str, width: int) -> bool:
        return bool(a[x] and a[y]) and test(_cell(a[x], width), _cell(a[y], width))

    return relation


def _spread(a: Arrangement, names: Sequence[str], width: int) -> bool:
    """No two of the things share a row or a column."""
    cells = [_cell(a[name], width) for name in names]
    return all(p[0] != q[0] and p[1] != q[1] for p, q in itertools.combinations(cells, 2))


def _rank(a: Arrangement, x: str, ranks: Sequence[str]) -> int:
    return next(place for place, rank in enumerate(ranks) if a[rank] == a[x])


def _never_next(a: Arrangement, names: Sequence[str]) -> bool:
    return not any(abs(_step(a, x, y) or 0) == 1 for x, y in itertools.combinations(names, 2))


TESTS: dict[str, Test] = {
    # one thing or two, on a line, in containers, or in a state
    "at": lambda a, x, value: a[x] == value,
    "among": lambda a, x, values: a[x] in values,
    "same": lambda a, x, y: a[x] == a[y] and a[x] != 0,
    "before": lambda a, x, y: (_step(a, x, y) or 0) > 0,
    "after": lambda a, x, y: (_step(a, y, x) or 0) > 0,
    "just_before": lambda a, x, y: _step(a, x, y) == 1,
    "just_after": lambda a, x, y: _step(a, y, x) == 1,
    "next": lambda a, x, y: abs(_step(a, x, y) or 0) == 1,
    "between": _between,
    "two_away": lambda a, x, y: abs(_step(a, x, y) or 0) == 2,
    "mirrored": lambda a, x, y, n: bool(a[x] and a[y]) and _number(a[x]) + _number(a[y]) == n + 1,
    "present": lambda a, x: a[x] != 0,
    "total": lambda a, names, k: sum(a[name] != 0 for name in names) == k,
    # grids, cells counted row by row from the top left
    "row": lambda a, x, row, width: bool(a[x]) and _cell(a[x], width)[0] == row,
    "column": lambda a, x, column, width: bool(a[x]) and _cell(a[x], width)[1] == column,
    "same_row": _grid(lambda p, q: p[0] == q[0]),
    "same_column": _grid(lambda p, q: p[1] == q[1]),
    "directly_above": _grid(lambda p, q: p[1] == q[1] and q[0] - p[0] == 1),
    "directly_left": _grid(lambda p, q: p[0] == q[0] and q[1] - p[1] == 1),
    "diagonal": _grid(lambda p, q: p[0] != q[0] and p[1] != q[1]),
    "higher": _grid(lambda p, q: p[0] < q[0]),
    "further_left": _grid(lambda p, q: p[1] < q[1]),
    "spread": _spread,
    "sharing": lambda a, names, width: not _spread(a, names, width),
    # four seats round a table
    "opposite": lambda a, x, y: abs(_step(a, x, y) or 0) == SEATS // 2,
    "clockwise": lambda a, x, y: bool(a[x] and a[y]) and _number(a[y]) % SEATS + 1 == a[x],
    # states of many
    "count": lambda a, names, value, k: sum(a[name] == value for name in names) == k,
    "more": lambda a, names, v, w: sum(a[x] == v for x in names) > sum(a[x] == w for x in names),
    "alternate": lambda a, names: all(a[x] != a[y] for x, y in itertools.pairwise(names)),
    "symmetric": lambda a, names: [a[x] for x in names] == [a[x] for x in reversed(names)],
    "no_neighbours": lambda a, names, v: not any(a[x] == v == a[y] for x, y in itertools.pairwise(names)),
    # rules over a class, and facts about who belongs to it
    "never_next": _never_next,
    "marked": lambda a, mark: a[mark] == 1,
    "beyond": lambda a, marks, marked: any(a[mark] for mark in marks if mark not in marked),
    "only": lambda a, marks, marked: [mark for mark in marks if a[mark]] == list(marked),
    "marked_among": lambda a, pairs, values: all(a[x] in values for x, mark in pairs if a[mark]),
    "all_wrong": lambda a, labels: all(a[x] != label for x, label in labels),
    "ranks_above": lambda a, x, y, ranks: _rank(a, x, ranks) > _rank(a, y, ranks),
}


NEVER_NEGATED = {"count", "between", "among", "ranks_above", "just_before", "just_after", "before", "after", "higher"}
NEVER_NEGATED |= {"mirrored", "two_away"}
"""Conditions whose denial nobody would say, or would take in another sense."""
LOGICAL = {"not", "and", "or", "if", "iff", "one_of"}
RELATIONS = {"before", "after", "just_before", "just_after", "next", "between", "two_away", "mirrored", "same_row"}
RELATIONS |= {"same_column", "directly_above", "directly_left", "diagonal", "higher", "further_left", "opposite"}
RELATIONS |= {"clockwise", "ranks_above"}
"""Relations of two things or three, which are then not one and the same."""


def parts(condition: Condition) -> Iterator[Condition]:
    """The plain statements that a condition is made of."""
    if condition[0] in LOGICAL:
        for part in condition[1:]:
            yield from parts(part)
    else:
        yield condition


def names(condition: Condition) -> set[str]:
    """The variables that a condition speaks of."""
    op, *args = condition
    if op in LOGICAL:
        return {name for part in args for name in names(part)}
    if op in {"marked_among", "all_wrong"}:
        own = [name for pair in args[0] for name in (pair if op == "marked_among" else pair[:1])]
        return set(own)
    if isinstance(args[0], list):
        return set(args[0])
    if op == "ranks_above":
        return {args[0], args[1], *args[2]}
    count = 3 if op == "between" else 2 if op in RELATIONS or op == "same" else 1
    return set(args[:count])


def sound(condition: Condition, arrangement: Arrangement) -> bool:
    """Whether no relation in the condition relates a thing to itself, or to what shares its place."""
    for op, *args in parts(condition):
        related = args[: 3 if op == "between" else 2] if op in RELATIONS else []
        places = [arrangement[name] for name in related if arrangement[name] != 0]
        if len(set(related)) < len(related) or len(set(places)) < len(places):
            return False
    return True


def holds(condition: Condition, arrangement: Arrangement) -> bool:
    """Whether the arrangement meets the condition."""
    op, *args = condition
    if op == "not":
        return not holds(args[0], arrangement)
    if op == "and":
        return all(holds(part, arrangement) for part in args)
    if op == "or":
        return any(holds(part, arrangement) for part in args)
    if op == "if":
        return not holds(args[0], arrangement) or holds(args[1], arrangement)
    if op == "iff":
        return holds(args[0], arrangement) == holds(args[1], arrangement)
    if op == "one_of":
        return sum(holds(part, arrangement) for part in args) == 1
    return TESTS[op](arrangement, *args)


def arrangements(variables: Variables, different: Sequence[Sequence[str]]) -> Iterator[Arrangement]:
    """Every assignment in which the members of a group have different values (0 may repeat)."""
    grouped = {name for group in different for name in group}
    parts: list[list[tuple[tuple[str, Value], ...]]] = []
    for group in different:
        values = sorted({value for name in group for value in variables[name]}, key=str)
        nonzero = [value for value in values if value != 0]
        gone = [name for name in group if variables[name] == [0]]
        here = [name for name in group if name not in gone]
        rest = tuple((name, 0) for name in gone)
        parts.append([(*zip(here, p, strict=True), *rest) for p in itertools.permutations(nonzero, len(here))])
    for name, domain in variables.items():
        if name not in grouped:
            parts.append([((name, value),) for value in domain])
    for choice in itertools.product(*parts):
        yield {name: value for part in choice for name, value in part}


def solutions(
    variables: Variables, different: Sequence[Sequence[str]], conditions: Sequence[Condition]
) -> list[Arrangement]:
    """All arrangements that meet every condition, by looking at each one; see `sound` for how they are read."""
    return [a for a in arrangements(variables, different) if all(holds(c, a) and sound(c, a) for c in conditions)]


def seat(place: Value, n: int, m: int) -> Value | None:
    """The place in a line of `m` that the words for place `place` of `n` mean: an end, the middle, second from an end.

    None where a line of `m` has no such place (the middle of four).
    """
    if n == m or not isinstance(place, int):
        return place
    if 2 * place == n + 1:
        return (m + 1) // 2 if m % 2 else None
    return place if 2 * place < n + 1 else m + 1 - (n + 1 - place)


def read(condition: Condition, arrangement: Arrangement, n: int, m: int) -> bool:
    """Whether an honest judge says yes of a picture with `m` things in line where the question expects `n`."""
    op, *args = condition
    if n != m:
        if op == "at":
            args[1] = seat(args[1], n, m)
        elif op == "among":
            args[1] = [seat(value, n, m) for value in args[1]]
    return holds([op, *args], arrangement)


def change(step: Condition, arrangement: Arrangement) -> Arrangement:
    """The arrangement after one step of a what-if; places on a line close up or make room."""
    op, *args = step
    after = dict(arrangement)
    if op == "when":
        return change(args[1] if holds(args[0], arrangement) else args[2], arrangement)
    if op == "swap":
        x, y = args
        after[x], after[y] = arrangement[y], arrangement[x]
    elif op == "swap_places":
        # everything that stands at the two places goes along
        x, y = (arrangement[name] for name in args)
        after = {name: {x: y, y: x}.get(value, value) for name, value in arrangement.items()}
    elif op == "remove":
        gone = _number(arrangement[args[0]])
        after = {name: _number(v) - (_number(v) > gone) if v else v for name, v in arrangement.items()}
        after[args[0]] = 0
    elif op == "take":
        after[args[0]] = 0
    elif op == "insert":
        new, place = args
        after = {name: _number(v) + (_number(v) >= place) for name, v in arrangement.items()}
        after[new] = place
    elif op == "move":
        after = change(["insert", args[0], args[1]], change(["remove", args[0]], arrangement))
    elif op in {"move_next", "move_before"}:
        # taken out first, so that "directly after" is counted among the others
        without = change(["remove", args[0]], arrangement)
        after = change(["insert", args[0], _number(without[args[1]]) + (op == "move_next")], without)
    elif op == "cycle":
        for name, towards in itertools.pairwise([*args[0], args[0][0]]):
            after[name] = arrangement[towards]
    elif op == "copy":
        after[args[0]] = arrangement[args[1]]
    elif op == "mirror":
        after |= {name: arrangement[other] for name, other in zip(args[0], reversed(args[0]), strict=True)}
    elif op == "replace":
        old, new = args
        after[new], after[old] = arrangement[old], 0
    elif op == "set":
        after[args[0]] = args[1]
    elif op == "map":
        _, names, pairs = args
        mapping = {old: new for old, new in pairs}
        for name in names:
            after[name] = mapping.get(arrangement[name], arrangement[name])
    else:
        raise ValueError(f"unknown change '{op}'")
    return after


def changed(steps: Sequence[Condition], arrangement: Arrangement) -> Arrangement:
    """The arrangement after all steps, in turn."""
    for step in steps:
        arrangement = change(step, arrangement)
    return arrangement
