"""Logical reasoning: small puzzles of place, size, holding and state, each counted out by brute force.

Three subtasks: all conditions are stated; something must be inferred from them first; an arrangement is
given (or worked out) and then changed. The words are in `content.yaml`, the sentences in `language`, the constraint
language in `solver`, the ways to go wrong in `slips`. `inspect` reads the conditions back from the metadata, looks at
every arrangement, and writes the prompt and the questions again.

    >>> next(make(0, 1)).subtask
    'explicit_conditions'
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from dataset_builder.categories import Slip
from dataset_builder.categories.logical_reasoning.changes import kind_of
from dataset_builder.categories.logical_reasoning.content import SCENARIOS
from dataset_builder.categories.logical_reasoning.devices import DEVICES
from dataset_builder.categories.logical_reasoning.making import (
    EXPLICIT,
    HYPOTHETICAL,
    IMPLICIT,
    NAME,
    SUBTASKS,
    attempt,
    possible,
)
from dataset_builder.categories.logical_reasoning.proof import answers, problems, told_slips
from dataset_builder.categories.logical_reasoning.puzzle import (
    Puzzle,
    prompt,
    rationale,
    reference_prompt,
    shallow_line,
)
from dataset_builder.categories.logical_reasoning.questions import Asking, ask, question_of
from dataset_builder.categories.logical_reasoning.reader import Reader
from dataset_builder.categories.logical_reasoning.slips import slipped
from dataset_builder.categories.logical_reasoning.work import level_of, work_of
from dataset_builder.categories.shared.plan import LEVELS, Plan
from dataset_builder.instance import Instance, instance_rng, ueg_instance

LISTED = 24
"""Up to this many valid arrangements are listed in the metadata; more are only counted."""
ATTEMPTS = 12
"""Attempts with one scenario before the next one has its turn."""
PATTERNS = tuple("".join(p) for p in itertools.product("yn", repeat=4) if len(set(p)) == 2)
"""Every order of yes and no over four questions but the constant two, dealt in turn."""

RARE = {"mark": 2, "spread": 2}
"""Devices that count double, so that they come half as often: they need a question that can have but one answer."""


@dataclass
class Tally:
    """What the instances so far were made of; the next one takes what was used least."""

    scenarios: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    reader: Reader = field(default_factory=Reader)
    prompts: set[bytes] = field(default_factory=set)


def make(seed: int, n: int) -> Iterator[Instance]:
    """Instances 1..n; subtasks in turn, each with the scenario, device and changes that were used least so far."""
    plan, tally = Plan(seed, NAME), Tally()
    for number in range(1, n + 1):
        yield next(_made(seed, number, plan, tally))


def _made(seed: int, number: int, plan: Plan, tally: Tally) -> Iterator[Instance]:
    """One instance after another for the same number; the first is taken."""
    subtask = SUBTASKS[(number - 1) % len(SUBTASKS)]
    had = {level: tally.levels[f"{subtask} {level}"] for level in LEVELS}
    levels = [level for level in LEVELS if had[level] <= min(had.values()) + 1]
    pattern = plan.deal("pattern", number, PATTERNS)
    for round in itertools.count():
        rng = instance_rng(seed, NAME, number, round)
        devices: list[str | None] = [None]
        if subtask == IMPLICIT:
            devices = sorted(rng.sample(list(DEVICES), len(DEVICES)), key=lambda name: tally.devices[str(name)])
        names = sorted(rng.sample(list(SCENARIOS), len(SCENARIOS)), key=lambda name: tally.scenarios[name])
        for device, name in itertools.product(devices, names):
            if not possible(SCENARIOS[name], subtask, device):
                continue
            for _ in range(ATTEMPTS):
                puzzle = attempt(rng, SCENARIOS[name], subtask, levels, device, tally.changes)
                if puzzle is None or (key := _key(puzzle)) in tally.prompts:
                    continue
                asking = ask(rng, puzzle, list(slipped(puzzle)), pattern, tally.reader)
                if asking is not None:
                    tally.prompts.add(key)
                    _count(tally, puzzle)
                    tally.levels[f"{subtask} {level_of(work_of(puzzle))}"] += 1
                    yield _instance(seed, number, subtask, puzzle, asking, rng)


def _key(puzzle: Puzzle) -> bytes:
    return hashlib.sha256(prompt(puzzle).encode()).digest()[:12]


def _count(tally: Tally, puzzle: Puzzle) -> None:
    tally.scenarios[puzzle.scenario] += 1
    tally.devices[puzzle.device or ""] += RARE.get(puzzle.device or "", 1)
    for step in puzzle.changes:
        for part in step[2:] if step[0] == "when" else [step]:
            tally.changes[kind_of(part)] += 1


def _instance(seed: int, number: int, subtask: str, puzzle: Puzzle, asking: Asking, rng: random.Random) -> Instance:
    valid = puzzle.valid()
    shown = rng.choice(valid)
    work = work_of(puzzle)
    metadata: dict[str, Any] = {
        "seed": seed,
        "scenario": puzzle.scenario,
        "puzzle": puzzle.to_json(),
        "possible_count": len(puzzle.possible()),
        "valid_count": len(valid),
        "valid": valid if len(valid) <= LISTED else None,
        "reference": shown,
        "work": work,
        "questions": [asdict(question) for question in asking.asked],
        "slip": asking.slip,
        "wrong": asking.shallow,
    }
    return ueg_instance(
        NAME,
        number,
        subtask=subtask,
        prompt=prompt(puzzle),
        question_list=[question_of(puzzle, question) for question in asking.asked],
        reference_prompt=reference_prompt(puzzle, shown),
        shallow=shallow_line(puzzle, asking.slip, asking.shallow),
        difficulty=level_of(work),
        rationale=rationale(puzzle, [shown, *(a for a in valid if a != shown)]),
        metadata=metadata,
    )


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, the same in every arrangement that the conditions allow."""
    return answers(instance)


def inspect(instance: Instance) -> list[str]:
    """Counts every arrangement again and writes every sentence again; the problems found."""
    return problems(instance)


def slips(instance: Instance) -> list[Slip]:
    """Every typical slip, with the answers of an honest judge to the picture that it leads to."""
    return told_slips(instance)


__all__ = ["EXPLICIT", "HYPOTHETICAL", "IMPLICIT", "SUBTASKS", "inspect", "make", "slips", "solve"]
