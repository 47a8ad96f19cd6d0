"""What a score is made of: its subtasks, its difficulties, and the aspects that the judge is asked about.

Subtasks and difficulties are over instances. An aspect is over questions: the share that the judge answered as
stored, of all questions of that aspect in the dataset, whether a picture came or not. So a model that draws the
right things in the wrong number scores on `subject` and not on `quantity`.

    >>> parts_named(scores.protocols["direct"], "difficulty", "mental_tracking")["hard"].score
    12.5
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from dataset_builder.errors import unknown_name
from dataset_builder.instance import Aspect, Difficulty, Instance
from dataset_builder.taxonomy import AXES, CATEGORIES, SUBTASKS, Axis
from evaluator.scoring.cells import cell, pooled, questions_cell
from evaluator.scoring.outcomes import InstanceScore, Outcome, question_outcomes
from evaluator.scoring.scores import By, Cell, Part, ProtocolScores, Status

BY: tuple[By, ...] = get_args(By)
Scored = Sequence[tuple[Instance, InstanceScore]]


def breakdown(scored: Scored, status: Mapping[Axis, Status]) -> dict[By, list[Part]]:
    """Every part of one protocol's table; `status` says of an axis whether it has scores at all."""
    return {
        "subtask": _over_instances(scored, status, lambda instance: instance.subtask, list(SUBTASKS), pool=False),
        "difficulty": _over_instances(
            scored, status, lambda instance: instance.difficulty, list(get_args(Difficulty)), pool=True
        ),
        "aspect": _over_questions(scored, status),
    }


def _over_instances(
    scored: Scored,
    status: Mapping[Axis, Status],
    key: Callable[[Instance], str],
    order: Sequence[str],
    *,
    pool: bool,
) -> list[Part]:
    counted: dict[tuple[str, str], Counter[Outcome]] = defaultdict(Counter)
    for instance, row in scored:
        counted[instance.task_type, key(instance)][row.outcome] += 1
    names = [*order, *sorted({name for _, name in counted} - set(order))]
    cells = {
        (task, name): cell(status[CATEGORIES[task].axis], counted[task, name])
        for task in CATEGORIES
        for name in names
        if (task, name) in counted
    }
    found = [Part(group=task, name=name, cell=one) for (task, name), one in cells.items()]
    groups: dict[str, tuple[Axis, ...]] = {**{axis: (axis,) for axis in AXES}, "total": tuple(AXES)}
    for group, axes in groups.items() if pool else ():
        for name in names:
            members = [one for (task, other), one in cells.items() if other == name and CATEGORIES[task].axis in axes]
            if members:
                found.append(Part(group=group, name=name, cell=pooled(members)))
    return found


def _over_questions(scored: Scored, status: Mapping[Axis, Status]) -> list[Part]:
    pictures: dict[tuple[str, str], list[Counter[Outcome]]] = defaultdict(list)
    for instance, row in scored:
        asked: dict[str, Counter[Outcome]] = defaultdict(Counter)
        for entry, outcome in zip(instance.question_list, question_outcomes(instance, row), strict=True):
            if entry.aspect is not None:
                asked[entry.aspect][outcome] += 1
        for aspect, counts in asked.items():
            pictures[instance.task_type, aspect].append(counts)
            pictures[instance.axis, aspect].append(counts)
    return [
        Part(group=group, name=aspect, cell=questions_cell(status[axis], pictures[group, aspect]))
        for axis in AXES
        for group in [*(task for task in CATEGORIES if CATEGORIES[task].axis == axis), axis]
        for aspect in get_args(Aspect)
        if (group, aspect) in pictures
    ]


def parse_by(words: Sequence[str]) -> list[By]:
    """`["subtask,aspect"]` as the two names; raises UsageError for one that is none."""
    names = [name.strip() for word in words for name in word.split(",") if name.strip()]
    for name in names:
        if name not in BY:
            raise unknown_name("part of a score", name, BY)
    return [by for by in BY if by in names]


def parts_named(table: ProtocolScores, by: By, group: str) -> dict[str, Cell]:
    """The cells of one category, axis or the total, by the part's name; empty where it has none."""
    return {part.name: part.cell for part in table.parts.get(by, []) if part.group == group}
