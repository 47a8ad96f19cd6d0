"""The proof of one logic puzzle: everything is found again from the conditions in its metadata.

Every arrangement is looked at again, every sentence is written again, and what the sentences leave unsaid
(which things a rule ranges over, how wide a grid is, what "reversed" does) is held against the scenario.

    >>> problems(instance)
    []
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dataset_builder.categories import Slip
from dataset_builder.categories.logical_reasoning.arguments import prove_arguments, prove_cast
from dataset_builder.categories.logical_reasoning.puzzle import (
    Puzzle,
    clauses,
    prompt,
    reference_prompt,
    shallow_line,
)
from dataset_builder.categories.logical_reasoning.questions import Asked, Sight, changed_things, question_of, telling
from dataset_builder.categories.logical_reasoning.slips import slipped
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    arrangements,
    changed,
    holds,
    solutions,
    sound,
)
from dataset_builder.categories.logical_reasoning.work import level_of, results, work_of
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


def problems(instance: Instance) -> list[str]:
    """What is wrong with the instance, one line each; empty means proven."""
    meta = instance.meta
    if "puzzle" not in meta:
        return [f"{instance.id}: metadata has no puzzle, so nothing can be proven"]
    puzzle = Puzzle.from_json(meta["puzzle"])
    valid = puzzle.valid()
    found = [
        *prove_cast(puzzle),
        *prove_arguments(puzzle, [a["condition"] for a in meta["questions"]]),
        *_prove_arrangements(puzzle, valid, meta),
        *_prove_conditions(puzzle),
        *_prove_relations(puzzle),
        *_prove_sentences(instance, puzzle, meta),
        *(_prove_questions(instance, puzzle, meta) if valid else ()),
        *_prove_level(instance, puzzle, meta),
    ]
    return [f"{instance.id}: {problem}" for problem in found]


def answers(instance: Instance) -> list[str]:
    """A yes or no to each question, by the plain solver; RealUnifyError where the arrangements disagree."""
    puzzle = Puzzle.from_json(instance.meta["puzzle"])
    right = results(puzzle)
    found = []
    for fields in instance.meta["questions"]:
        said = {puzzle.says_yes(fields["condition"], a) for a in right}
        if len(said) != 1:
            raise RealUnifyError(f"{instance.id}: {fields['condition']} has no one answer; mend the generator")
        found.append("yes" if said == {True} else "no")
    return found


def told_slips(instance: Instance) -> list[Slip]:
    """Every slip of the instance with what an honest judge answers of its picture."""
    puzzle = Puzzle.from_json(instance.meta["puzzle"])
    asked = [fields["condition"] for fields in instance.meta["questions"]]
    return [
        Slip(name, ["yes" if puzzle.says_yes(condition, picture) else "no" for condition in asked])
        for name, picture in slipped(puzzle)
    ]


def _same(found: Sequence[Arrangement], stored: Sequence[Arrangement]) -> bool:
    return len(found) == len(stored) and all(a in stored for a in found)


def _prove_arrangements(puzzle: Puzzle, valid: list[Arrangement], meta: dict[str, Any]) -> Iterator[str]:
    if not valid:
        yield "no arrangement meets the conditions"
    if meta["valid_count"] != len(valid) or (meta["valid"] is not None and not _same(valid, meta["valid"])):
        yield f"{meta['valid_count']} valid arrangements are stored, {len(valid)} were found or they differ"
    if not _same(results(puzzle), valid):
        yield "the plain solver finds other arrangements than counting all of them does"
    if meta["possible_count"] != len(puzzle.possible()):
        yield "the number of possible arrangements is wrong"
    if meta["reference"] not in valid:
        yield "the reference arrangement is not valid"
    if puzzle.changes:
        yield from _prove_changes(puzzle, valid)


def _prove_changes(puzzle: Puzzle, valid: list[Arrangement]) -> Iterator[str]:
    beginnings = puzzle.beginnings()
    if len(beginnings) != 1:
        yield "the arrangement before the change is not unique"
        return
    if beginnings[0] in valid:
        yield "the change leaves everything as it was"
    for place, step in enumerate(puzzle.changes):
        if changed([*puzzle.changes[:place], *puzzle.changes[place + 1 :]], beginnings[0]) in valid:
            yield f"the change {step} can be skipped"


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


def _prove_relations(puzzle: Puzzle) -> Iterator[str]:
    """No condition relates a thing to itself in any arrangement that the conditions allow, however they are read."""
    for a in arrangements(puzzle.variables, puzzle.different):
        if not all(holds(c, a) for c in puzzle.conditions):
            continue
        for condition in [*puzzle.conditions, *(step[1] for step in puzzle.changes[:1] if step[0] == "when")]:
            if not sound(condition, a):
                yield f"condition {condition} relates a thing to itself"
                return


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
    told = puzzle.told(meta["reference"])
    if [a for a in puzzle.possible() if puzzle.told(a) == told] != [meta["reference"]]:
        yield "the reference prompt describes more than one arrangement"
    if instance.shallow != shallow_line(puzzle, meta["slip"], meta["wrong"]):
        yield "the line on the shallow picture is not that of its slip"


def _prove_questions(instance: Instance, puzzle: Puzzle, meta: dict[str, Any]) -> Iterator[str]:
    asked = [Asked(**fields) for fields in meta["questions"]]
    sight = Sight(puzzle, list(slipped(puzzle)))
    if [question_of(puzzle, a) for a in asked] != instance.question_list:
        yield "the questions are not the ones that the metadata says"
    if not 3 <= len(asked) <= 4 or len({a.answer for a in asked}) < 2:
        yield "three or four questions are needed, with a yes and a no among them"
    for a in asked:
        if not all(sound(a.condition, right) for right in sight.valid):
            yield f"question {a.condition} relates a thing to itself"
        elif sight.answer(a.condition) != a.answer:
            yield f"question {a.condition} is not '{a.answer}' in every valid arrangement"
        if puzzle.says_yes(a.condition, meta["reference"]) != (a.answer == "yes"):
            yield f"the reference prompt does not answer question {a.condition} with '{a.answer}'"
        if (a.aspect == "foil") != (a.answer == "no" and puzzle.says_yes(a.condition, meta["wrong"])):
            yield f"question {a.condition} and what the shallow picture shows do not fit its aspect '{a.aspect}'"
    if not any(a.aspect == "foil" for a in asked):
        yield "no question is a foil"
    stops = [sight.stopped(a.condition, a.answer) for a in asked]
    for place, (wrong, _) in enumerate(sight.wrong):
        if not any(stop >> place & 1 for stop in stops):
            yield f"a picture of {wrong} would pass every question"
            return
    if not telling(stops, [a.aspect for a in asked], sight.all):
        yield "a question stops no wrong picture that the others let pass, and asks for nothing else"
    must = changed_things(puzzle)
    if must and not any(a.condition in must for a in asked):
        yield "no question asks whether what was taken or added is there"
    if (meta["slip"], meta["wrong"]) not in sight.slips:
        yield "the shallow picture is not one that its slip leads to"


def _prove_level(instance: Instance, puzzle: Puzzle, meta: dict[str, Any]) -> Iterator[str]:
    work = work_of(puzzle)
    if meta["work"] != work or instance.difficulty != level_of(work):
        yield f"difficulty '{instance.difficulty}' and work {meta['work']} do not fit the {work} units counted"
    told = {"implicit_conditions": bool(puzzle.inferred), "hypothetical_changes": bool(puzzle.changes)}
    told["explicit_conditions"] = not any(told.values())
    if [subtask for subtask, is_so in told.items() if is_so] != [instance.subtask]:
        yield f"subtask '{instance.subtask}' does not fit the puzzle"
    if (puzzle.device is not None) != (instance.subtask == "implicit_conditions"):
        yield f"device '{puzzle.device}' does not fit subtask '{instance.subtask}'"
