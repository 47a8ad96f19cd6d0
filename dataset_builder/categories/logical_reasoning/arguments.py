"""What the sentences of a logic puzzle leave unsaid, held against its scenario.

Which things a rule ranges over, how wide a grid is, what "reversed" does, and that nobody has to guess which of two
things is which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dataset_builder.categories.logical_reasoning.content import SCENARIOS
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.facts import WIDTH, alike, draw_variables
from dataset_builder.categories.logical_reasoning.maps import maps
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.solver import Condition, Variables, parts

GRID_OPS = {"row", "column", "same_row", "same_column", "directly_above", "directly_left", "diagonal", "higher"}
GRID_OPS |= {"further_left", "spread", "sharing"}
WHOLE_OPS = {"count", "more", "alternate", "symmetric", "no_neighbours"}


def prove_cast(puzzle: Puzzle) -> Iterator[str]:
    """The domains are those of the things that are spoken of, before the change and after it, all told apart."""
    pairs = [(puzzle.cast, puzzle.variables)]
    if puzzle.changes:
        pairs.append((puzzle.after_cast or puzzle.cast, puzzle.after))
    for cast, variables in pairs:
        here = {x: v for x, v in variables.items() if v != [0] and not x.startswith("mark:")}
        if here != draw_variables(SCENARIOS[puzzle.scenario], cast)[0]:
            yield "the variables are not those of the things that the sentences speak of"
    for group in ([*puzzle.cast.things, *puzzle.after], puzzle.cast.second, puzzle.cast.values):
        for x, y in alike(list(dict.fromkeys(group))):
            yield f"{x} and {y} are too alike for one picture"


def prove_arguments(puzzle: Puzzle, asked: list[Condition]) -> Iterator[str]:
    """Arguments that no sentence says are what the scenario makes them."""
    looked_at = [step[1] for step in puzzle.changes if step[0] == "when"]
    for condition in [*puzzle.conditions, *puzzle.inferred, *looked_at]:
        yield from _arguments(condition, puzzle, puzzle.cast, puzzle.variables)
    for condition in asked:
        yield from _arguments(condition, puzzle, puzzle.after_cast or puzzle.cast, puzzle.after or puzzle.variables)
    for step in puzzle.changes:
        for change in step[2:] if step[0] == "when" else [step]:
            if not _does_what_it_says(change, puzzle):
                yield f"the change '{change[:2]}' does not do what it says"


def _does_what_it_says(step: Condition, puzzle: Puzzle) -> bool:
    op, *args = step
    cast, before = puzzle.cast, puzzle.variables
    if op == "map":
        return step in maps(SCENARIOS[puzzle.scenario], cast)
    if op == "move":
        return args[1] in {1, cast.n}
    if op == "insert":
        return args[1] in {1, cast.n + 1} and puzzle.in_line
    if op == "mirror":
        return bool(args[0] == list(before))
    return not (op == "remove" and not puzzle.in_line or op == "take" and puzzle.in_line)


def _arguments(condition: Condition, puzzle: Puzzle, cast: Cast, variables: Variables) -> Iterator[str]:
    for op, *args in parts(condition):
        if not _ranges_right(op, args, puzzle.scenario, cast, variables):
            yield f"the condition {condition} ranges over other things than its sentence says"


def _ranges_right(op: str, args: list[Any], name: str, cast: Cast, variables: Variables) -> bool:
    scenario, things = SCENARIOS[name], list(cast.things)
    if op in GRID_OPS and args[-1] != WIDTH[scenario.geometry]:
        return False
    if op in WHOLE_OPS:
        return bool(args[0] == (things or [f"p{i}" for i in range(1, cast.n + 1)]))
    if op in {"spread", "sharing"}:
        return bool(args[0] == things)
    if op == "mirrored":
        return bool(args[-1] == cast.n)
    if op == "ranks_above":
        return bool(args[-1] == list(scenario.ranks))
    if op == "marked_among":
        return bool(args[0] == [[x, f"mark:{x}"] for x in things])
    if op in {"only", "beyond"}:
        return bool(args[0] == [f"mark:{x}" for x in things])
    if op == "all_wrong":
        return bool(args[0] == [[x, x] for x in things])
    return op != "total" or sorted(args[0]) == sorted(variables)
