"""Logical reasoning: small puzzles of place, size, holding and state, each counted out by brute force.

Three subtasks: all conditions are stated; something must be inferred from them first; an arrangement is
given (or worked out) and then changed. The words are in `content.yaml`, the sentences in
`language`, the constraint language in `solver`, the search in `search` and
`changes`. `inspect` reads the conditions back from the metadata, looks at every arrangement, and
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

from dataset_builder.categories.logical_reasoning.changes import change_puzzle
from dataset_builder.categories.logical_reasoning.content import SCENARIOS, Scenario
from dataset_builder.categories.logical_reasoning.proof import answers, problems
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle, prompt, rationale, reference_prompt
from dataset_builder.categories.logical_reasoning.questions import Asked, ask, question_of
from dataset_builder.categories.logical_reasoning.search import sizes_for, state_puzzle
from dataset_builder.instance import Difficulty, Instance, instance_rng, ueg_instance
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
        question_list=[question_of(puzzle, question) for question in asked],
        reference_prompt=reference_prompt(puzzle, shown),
        difficulty=level,
        rationale=rationale(puzzle, [shown, *(a for a in valid if a != shown)]),
        metadata=metadata,
    )


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, the same in every arrangement that the conditions allow."""
    return answers(instance)


def inspect(instance: Instance) -> list[str]:
    """Counts every arrangement again and writes every sentence again; the problems found."""
    return problems(instance)
