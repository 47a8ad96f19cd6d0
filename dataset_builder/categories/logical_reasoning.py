"""Logical reasoning: small puzzles of place, size, holding and state, each counted out by brute force.

Three subtasks: all conditions are stated; something must be inferred from them first; an arrangement is
given (or worked out) and then changed. The words are in `_logic_scenarios`, the sentences in
`_logic_language`, the constraint language in `_logic_solver`, the search in `_logic_search` and
`_logic_changes`. `prove` reads the conditions back from the metadata, looks at every arrangement, and
writes the prompt and the questions again.

    >>> next(make(0, 1)).subtask
    'explicit_conditions'
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from dataset_builder.categories._logic_changes import change_puzzle
from dataset_builder.categories._logic_puzzle import Puzzle, clauses, prompt, rationale, reference_prompt
from dataset_builder.categories._logic_questions import Asked, ask, discriminating
from dataset_builder.categories._logic_scenarios import SCENARIOS, Scenario
from dataset_builder.categories._logic_search import level_of, sizes_for, state_puzzle, things_in
from dataset_builder.categories._logic_solver import Arrangement, Condition, holds, solutions
from dataset_builder.instance import Difficulty, Instance, Question, instance_rng, ueg_instance
from dataset_builder.taxonomy import CATEGORIES

NAME = "logical_reasoning"
SUBTASKS = CATEGORIES[NAME].subtask_names
EXPLICIT, IMPLICIT, HYPOTHETICAL = SUBTASKS
LISTED = 24
"""Up to this many valid arrangements are listed in the metadata; more are only counted."""
LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "easy", "medium", "hard", "medium", "easy")
"""The levels in turn within a subtask; what must be inferred first is hard by definition."""
ATTEMPTS = 30
"""Attempts with one scenario before the next one has its turn."""


def make(seed: int, n: int) -> Iterator[Instance]:
    """Instances 1..n; subtasks in turn, each with a scenario that has been used least so far."""
    seen: set[bytes] = set()
    uses = dict.fromkeys(sorted(SCENARIOS), 0)
    for number in range(1, n + 1):
        turn, place = divmod(number - 1, len(SUBTASKS))
        subtask = SUBTASKS[place]
        level: Difficulty = "hard" if subtask == IMPLICIT else LEVELS[turn % len(LEVELS)]
        made = None
        while made is None:
            shuffled = list(uses)
            instance_rng(seed, NAME, number, "scenarios").shuffle(shuffled)
            for name in sorted(shuffled, key=uses.__getitem__):
                made = _attempts(seed, number, subtask, level, SCENARIOS[name], seen)
                if made is not None:
                    uses[name] += 1
                    break
        yield made


def _attempts(
    seed: int, number: int, subtask: str, level: Difficulty, scenario: Scenario, seen: set[bytes]
) -> Instance | None:
    """The first new instance of the scenario; None where it cannot give the level or all were seen."""
    if subtask != HYPOTHETICAL and not sizes_for(scenario, level, subtask == IMPLICIT):
        return None
    for attempt in range(ATTEMPTS):
        rng = instance_rng(seed, NAME, number, scenario.name, attempt)
        if subtask == HYPOTHETICAL:
            puzzle = change_puzzle(rng, scenario, level)
        else:
            puzzle = state_puzzle(rng, scenario, level, implicit=subtask == IMPLICIT)
        asked = ask(rng, puzzle, level) if puzzle else []
        if not puzzle or len(asked) < 2:
            continue
        digest = hashlib.sha256(prompt(puzzle).encode()).digest()[:12]
        if digest not in seen:
            seen.add(digest)
            return _instance(seed, number, subtask, level, puzzle, asked, rng)
    return None


def _instance(
    seed: int,
    number: int,
    subtask: str,
    level: Difficulty,
    puzzle: Puzzle,
    asked: Sequence[Asked],
    rng: random.Random,
) -> Instance:
    valid = puzzle.valid()
    shown = rng.choice(valid)
    metadata: dict[str, Any] = {
        "seed": seed,
        "scenario": puzzle.scenario,
        "puzzle": puzzle.to_json(),
        "possible_count": len(puzzle.possible()),
        "valid_count": len(valid),
        "valid": valid if len(valid) <= LISTED else None,
        "reference": shown,
        "questions": [asdict(question) for question in asked],
    }
    return ueg_instance(
        NAME,
        number,
        subtask=subtask,
        prompt=prompt(puzzle),
        question_list=[_question(puzzle, question) for question in asked],
        reference_prompt=reference_prompt(puzzle, shown),
        difficulty=level,
        rationale=rationale(puzzle, [shown, *(a for a in valid if a != shown)]),
        metadata=metadata,
    )


def _question(puzzle: Puzzle, asked: Asked) -> Question:
    text = puzzle.after_speaker.question(asked.condition, asked.variant)
    return Question(question=text, answer=asked.answer, aspect=asked.aspect)


# -- the proof -------------------------------------------------------------------------------------------------


def prove(instance: Instance) -> list[str]:
    """Counts every arrangement again and writes every sentence again; the problems found."""
    meta = instance.meta
    if "puzzle" not in meta:
        return [f"{instance.id}: metadata has no puzzle, so nothing can be proven"]
    puzzle = Puzzle.from_json(meta["puzzle"])
    valid = puzzle.valid()
    problems = [
        *_prove_arrangements(puzzle, valid, meta),
        *_prove_conditions(puzzle),
        *_prove_sentences(instance, puzzle, meta),
        *_prove_questions(instance, puzzle, valid, meta),
        *_prove_level(instance, puzzle),
    ]
    return [f"{instance.id}: {problem}" for problem in problems]


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
    if [_question(puzzle, a) for a in asked] != instance.question_list:
        yield "the questions are not the ones that the metadata says"
    if not 2 <= len(asked) <= 4 or not any(a.answer == "no" for a in asked):
        yield "two to four questions are needed, one of them a foil"
    if len({q.question for q in instance.question_list}) < len(asked):
        yield "a question is asked twice"
    possible = puzzle.possible()
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
    if (instance.subtask == IMPLICIT) != bool(puzzle.inferred) or (instance.subtask == HYPOTHETICAL) != bool(
        puzzle.changes
    ):
        yield f"subtask '{instance.subtask}' does not fit the puzzle"
