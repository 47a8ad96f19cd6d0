"""The typical slips of one logic puzzle, and the pictures that they lead to.

Found by the solver from the puzzle's record, never by what the generator had in mind: a condition left out or turned
round, a rule taken for its converse, the order of mention drawn, a change skipped, stopped at, done the wrong way or
out of turn. A picture that is right after all is no slip.

>>> next(slipped(puzzle))
('leaves out “the red mug is not at the left end”', {'red': 1, 'blue': 2, 'green': 3, 'white': 4})
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle, clauses
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    Variables,
    changed,
    solutions,
)

MOST = 12
"""Pictures told of one slip; where it allows more, they are taken evenly from all of them."""
OPPOSITE = {
    "before": "after",
    "after": "before",
    "just_before": "just_after",
    "just_after": "just_before",
}
TURNED = {"higher", "further_left", "ranks_above", "directly_above", "directly_left", "clockwise"}
"""Relations that say the opposite of two things when these are named in the other order."""
Named = tuple[str, Arrangement]


def slipped(puzzle: Puzzle) -> Iterator[Named]:
    """Each slip in words that follow "A picture that", with a picture that it leads to; none of them is right."""
    valid = puzzle.valid()
    found = itertools.chain(_misread(puzzle), _unchanged(puzzle) if puzzle.changes else ())
    told: set[str] = set()
    for name, pictures in found:
        wrong = [a for a in pictures if a not in valid]
        for picture in wrong[:: -(-len(wrong) // MOST) or 1]:
            if (key := f"{name}{picture}") not in told:
                told.add(key)
                yield name, picture


def identity(variables: Variables, cast: Cast) -> Arrangement:
    """What a skimming reader draws: everything in the order of mention."""
    drawn: Arrangement = {}
    for group in (cast.things, cast.second):
        drawn |= {x: (cast.holders[i] if cast.holders else i + 1) for i, x in enumerate(group)}
    return {x: drawn.get(x, variables[x][0]) for x in variables}


def _misread(puzzle: Puzzle) -> Iterator[tuple[str, list[Arrangement]]]:
    """The conditions of a puzzle read wrongly, and then what is to be done with it done."""
    if puzzle.given:
        return
    said = clauses(puzzle)
    for place, condition in enumerate(puzzle.conditions):
        rest = [c for i, c in enumerate(puzzle.conditions) if i != place]
        yield f"leaves out “{said[place]}”", _led_to(puzzle, rest)
        for how, other in misreadings(condition):
            yield f"{how} “{said[place]}”", _led_to(puzzle, [*rest, other])
    if not puzzle.cast.values and puzzle.speaker.scenario.geometry != "board":
        mention = identity(puzzle.variables, puzzle.cast)
        yield "keeps the order of mention", [changed(puzzle.changes, mention)]


def _led_to(puzzle: Puzzle, conditions: Sequence[Condition]) -> list[Arrangement]:
    return [changed(puzzle.changes, a) for a in solutions(puzzle.variables, puzzle.different, conditions)]


def misreadings(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """What a hasty reader makes of one condition."""
    op, *args = condition
    if op == "not":
        yield "overlooks the “not” in", args[0]
    if op == "if":
        yield "takes for its converse", ["if", args[1], args[0]]
        yield "takes both halves for facts in", ["and", *args]
    if op in {"one_of", "iff"}:
        yield "takes both halves for facts in", ["and", *args]
        yield "takes neither half for a fact in", ["and", *(["not", part] for part in args)]
    if op in OPPOSITE:
        yield "turns round", [OPPOSITE[op], *args]
    if op in TURNED:
        yield "turns round", [op, args[1], args[0], *args[2:]]
    if op in {"just_before", "just_after"}:
        yield "overlooks the “directly” in", [op.removeprefix("just_"), *args]
    if op == "more":
        yield "turns round", [op, args[0], args[2], args[1]]
    if op == "mirrored":
        x, y, n = args
        yield "takes for the same end", ["one_of", *(["and", ["at", x, v], ["at", y, v]] for v in range(1, n + 1))]


def _unchanged(puzzle: Puzzle) -> Iterator[tuple[str, list[Arrangement]]]:
    """The change forgotten, skipped in part, or done otherwise than told."""
    steps, beginnings = puzzle.changes, puzzle.beginnings()
    told = [puzzle.speaker.change(step) for step in steps]
    yield "changes nothing", beginnings
    for place in range(len(steps)):
        rest = [*steps[:place], *steps[place + 1 :]]
        if rest:
            yield f"skips the step “{told[place]}”", [changed(rest, a) for a in beginnings]
        for how, other in mistakes(steps[place], puzzle):
            done = [*steps[:place], other, *steps[place + 1 :]]
            yield f"{how} in “{told[place]}”", [changed(done, a) for a in beginnings]
    if len(steps) > 1 and steps[-1][0] not in {"remove", "insert", "take", "replace"}:
        yield "makes the changes in another order", [changed(steps[::-1], a) for a in beginnings]


def mistakes(step: Condition, puzzle: Puzzle) -> Iterator[tuple[str, Condition]]:
    """What a hasty reader does instead of one change."""
    op, *args = step
    if op == "when":
        yield "takes the other branch", args[1]
        yield "takes the other branch", args[2]
    if op == "map":
        kind, names, pairs = args
        yield "goes the other way", ["map", kind, names, [[w, v] for v, w in pairs]]
    if op == "cycle":
        yield "goes the other way", [op, args[0][::-1]]
    if op in {"move", "insert"} and puzzle.in_line:
        yield "takes the wrong end", [op, args[0], puzzle.cast.n + (op == "insert") if args[1] == 1 else 1]
    if op == "move_next":
        yield "comes out on the wrong side", ["move_before", *args]
    if op == "copy":
        yield "copies the wrong way", [op, args[1], args[0]]
    if op == "swap_places" and puzzle.cast.second:
        yield "leaves behind what belongs to them", ["swap", *args]
    if op == "swap" and puzzle.speaker.scenario.geometry == "pairs":
        yield "moves everything else along", ["swap_places", *args]
