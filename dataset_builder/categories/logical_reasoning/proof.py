"""The proof of one logic puzzle: everything is found again from the conditions in its metadata.

Every arrangement is looked at again, every sentence is written again, and what the sentences leave unsaid
(which things a rule ranges over, how wide a grid is, what "reversed" does) is held against the scenario.

    >>> problems(instance)
    []
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dataset_builder.categories.logical_reasoning.changes import maps
from dataset_builder.categories.logical_reasoning.content import SCENARIOS
from dataset_builder.categories.logical_reasoning.facts import WIDTH, draw_variables
from dataset_builder.categories.logical_reasoning.language import Cast, ranks
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle, clauses, prompt, reference_prompt
from dataset_builder.categories.logical_reasoning.questions import Asked, discriminating, question_of
from dataset_builder.categories.logical_reasoning.search import level_of, things_in
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, Variables, holds, solutions
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance

GRID_OPS = {"row", "column", "same_row", "same_column", "directly_above", "directly_left", "diagonal", "higher"}
GRID_OPS |= {"further_left", "spread"}
WHOLE_OPS = {"count", "more", "alternate", "symmetric", "no_neighbours"}


def problems(instance: Instance) -> list[str]:
    """What is wrong with the instance, one line each; empty means proven."""
    meta = instance.meta
    if "puzzle" not in meta:
        return [f"{instance.id}: metadata has no puzzle, so nothing can be proven"]
    puzzle = Puzzle.from_json(meta["puzzle"])
    valid = puzzle.valid()
    found = [
        *_prove_cast(puzzle),
        *_prove_arguments(puzzle, meta),
        *_prove_arrangements(puzzle, valid, meta),
        *_prove_conditions(puzzle),
        *_prove_sentences(instance, puzzle, meta),
        *_prove_questions(instance, puzzle, valid, meta),
        *_prove_level(instance, puzzle),
    ]
    return [f"{instance.id}: {problem}" for problem in found]


def _prove_cast(puzzle: Puzzle) -> Iterator[str]:
    """The domains are those of the things that are spoken of, before the change and after it."""
    pairs = [(puzzle.cast, puzzle.variables)]
    if puzzle.changes:
        pairs.append((puzzle.after_cast or puzzle.cast, puzzle.after))
    for cast, variables in pairs:
        here = {x: v for x, v in variables.items() if v != [0] and not x.startswith("mark:")}
        if here != draw_variables(SCENARIOS[puzzle.scenario], cast)[0]:
            yield "the variables are not those of the things that the sentences speak of"


def answers(instance: Instance) -> list[str]:
    """What every valid arrangement answers to each question; raises where two of them differ."""
    meta = instance.meta
    puzzle = Puzzle.from_json(meta["puzzle"])
    valid = puzzle.valid()
    found = []
    for asked in meta["questions"]:
        held = {holds(asked["condition"], arrangement) for arrangement in valid}
        if len(held) != 1:
            raise RealUnifyError(
                f"{instance.id}: {asked['condition']} differs among {len(valid)} arrangements; mend its questions"
            )
        found.append("yes" if held.pop() else "no")
    return found


def _prove_arguments(puzzle: Puzzle, meta: dict[str, Any]) -> Iterator[str]:
    """Arguments that no sentence says are what the scenario makes them."""
    asked = [q["condition"] for q in meta["questions"]]
    for condition in [*puzzle.conditions, *puzzle.inferred]:
        yield from _arguments(condition, puzzle, puzzle.cast, puzzle.variables)
    for condition in asked:
        yield from _arguments(condition, puzzle, puzzle.after_cast or puzzle.cast, puzzle.after or puzzle.variables)
    known = maps(SCENARIOS[puzzle.scenario], puzzle.cast)
    steps = [part for step in puzzle.changes for part in (step[2:] if step[0] == "when" else [step])]
    for step in steps:
        if step[0] == "map" and step not in known:
            yield f"the change '{step[1]}' does not do what it says"


def _arguments(condition: Condition, puzzle: Puzzle, cast: Cast, variables: Variables) -> Iterator[str]:
    op, *args = condition
    if op in {"not", "and", "or", "if", "one_of"}:
        for part in args:
            yield from _arguments(part, puzzle, cast, variables)
        return
    if not _ranges_right(op, args, puzzle.scenario, cast, variables):
        yield f"the condition {condition} ranges over other things than its sentence says"


def _ranges_right(op: str, args: list[Any], name: str, cast: Cast, variables: Variables) -> bool:
    scenario, things = SCENARIOS[name], list(cast.things)
    if op in GRID_OPS and args[-1] != WIDTH[scenario.layout]:
        return False
    if op in WHOLE_OPS:
        return bool(args[0] == (things or [f"p{i}" for i in range(1, cast.n + 1)]))
    if op == "spread":
        return bool(args[0] == things)
    if op == "ranks_above":
        return bool(args[-1] == list(ranks(scenario)))
    if op == "marked_among":
        return bool(args[0] == [[x, f"mark:{x}"] for x in things])
    if op == "only":
        return bool(args[0] == [f"mark:{x}" for x in things])
    if op == "all_wrong":
        return bool(args[0] == [[x, x] for x in things])
    return op != "total" or sorted(args[0]) == sorted(variables)


def _same(found: Sequence[Arrangement], stored: Sequence[Arrangement]) -> bool:
    return len(found) == len(stored) and all(a in stored for a in found)


def _prove_arrangements(puzzle: Puzzle, valid: list[Arrangement], meta: dict[str, Any]) -> Iterator[str]:
    if not valid:
        yield "no arrangement meets the conditions"
    if meta["valid_count"] != len(valid) or (meta["valid"] is not None and not _same(valid, meta["valid"])):
        yield f"{meta['valid_count']} valid arrangements are stored, {len(valid)} were found or they differ"
    if meta["possible_count"] != len(puzzle.possible()):
        yield "the number of possible arrangements is wrong"
    if meta["reference"] not in valid:
        yield "the reference arrangement is not valid"
    if puzzle.changes and len(puzzle.beginnings()) != 1:
        yield "the arrangement before the change is not unique"
    if puzzle.changes and puzzle.beginnings()[0] in valid:
        yield "the change leaves everything as it was"


def _prove_conditions(puzzle: Puzzle) -> Iterator[str]:
    everything = puzzle.beginnings()
    for place, condition in enumerate(puzzle.conditions):
        rest = [c for i, c in enumerate(puzzle.conditions) if i != place]
        if not puzzle.given and len(solutions(puzzle.variables, puzzle.different, rest)) == len(everything):
            yield f"condition {condition} excludes nothing that the others allow"
    for fact in puzzle.inferred:
        if not all(holds(fact, a) for a in everything):
            yield f"the inferred fact {fact} does not follow"
        if any(_follows(fact, [c], puzzle) for c in puzzle.conditions):
            yield f"the inferred fact {fact} is stated by one condition alone"


def _follows(fact: Condition, conditions: list[Condition], puzzle: Puzzle) -> bool:
    return all(holds(fact, a) for a in solutions(puzzle.variables, puzzle.different, conditions))


def _prove_sentences(instance: Instance, puzzle: Puzzle, meta: dict[str, Any]) -> Iterator[str]:
    if instance.prompt != prompt(puzzle):
        yield "the prompt is not the one that the conditions say"
    for clause in [] if puzzle.given else clauses(puzzle):
        if clause[1:] not in (instance.prompt or ""):
            yield f"the prompt lacks the condition “{clause}”"
    for step in puzzle.changes:
        if puzzle.speaker.change(step) not in (instance.prompt or ""):
            yield f"the prompt lacks the change {step}"
    for fact in puzzle.inferred:
        if puzzle.speaker.clause(fact) + "." in (instance.prompt or ""):
            yield f"the prompt states what is to be inferred: {fact}"
    if instance.reference_prompt != reference_prompt(puzzle, meta["reference"]):
        yield "the reference prompt does not describe the reference arrangement"


def _prove_questions(
    instance: Instance, puzzle: Puzzle, valid: list[Arrangement], meta: dict[str, Any]
) -> Iterator[str]:
    asked = [Asked(**fields) for fields in meta["questions"]]
    if [question_of(puzzle, a) for a in asked] != instance.question_list:
        yield "the questions are not the ones that the metadata says"
    if not 2 <= len(asked) <= 4 or not any(a.answer == "no" for a in asked):
        yield "two to four questions are needed, one of them a foil"
    if len({q.question for q in instance.question_list}) < len(asked):
        yield "a question is asked twice"
    possible = puzzle.possible()
    for wrong in possible:
        if wrong not in valid and all(holds(a.condition, wrong) == (a.answer == "yes") for a in asked):
            yield f"a picture of {wrong} would pass every question"
            break
    for a in asked:
        if any(holds(a.condition, arrangement) != (a.answer == "yes") for arrangement in valid):
            yield f"question {a.condition} is not '{a.answer}' in every valid arrangement"
        if not discriminating(a.condition, a.answer, puzzle, possible):
            yield f"question {a.condition} tells no wrong picture from a right one"


def _prove_level(instance: Instance, puzzle: Puzzle) -> Iterator[str]:
    count = 1 if puzzle.given else len(puzzle.conditions)
    count += sum(2 if step[0] == "when" else 1 for step in puzzle.changes)
    inferred = bool(puzzle.inferred) or bool(puzzle.changes and not puzzle.given)
    layout = SCENARIOS[puzzle.scenario].layout
    if instance.difficulty != level_of(count, things_in(puzzle.cast, layout), inferred):
        yield f"difficulty '{instance.difficulty}' does not fit {count} conditions"
    told = {"implicit_conditions": bool(puzzle.inferred), "hypothetical_changes": bool(puzzle.changes)}
    told["explicit_conditions"] = not any(told.values())
    if [subtask for subtask, is_so in told.items() if is_so] != [instance.subtask]:
        yield f"subtask '{instance.subtask}' does not fit the puzzle"
