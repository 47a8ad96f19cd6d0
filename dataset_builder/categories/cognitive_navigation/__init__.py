"""Cognitive navigation: the one path through a maze, or the quickest route on a map with its rules.

Mazes come from `maze`, maps from `map`, each with words and looks in its `content.yaml`; both are solved from
their pixels by their `reader`. The reference picture has the path marked.

    >>> instance = next(make(seed=0, n=1))
    >>> solve(instance) == instance.answer
    True
"""

from __future__ import annotations

from collections.abc import Iterator

from dataset_builder.categories.cognitive_navigation.map import questions, reader
from dataset_builder.categories.cognitive_navigation.maze import questions as maze_questions
from dataset_builder.categories.cognitive_navigation.maze import reader as maze_reader
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.categories.shared.plan import Plan
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, geu_instance, instance_rng

TASK = "cognitive_navigation"
# `work` in the metadata: on maps the roads of the quickest route and three for each condition; in mazes the cells of
# the path, half as many again where it must first be found who has one.
WORK: dict[str, dict[Difficulty, range]] = {
    "map": {"easy": range(3, 6), "medium": range(6, 9), "hard": range(9, 13)},
    "maze": maze_questions.WORK,
}
_MAKERS = {"maze": maze_questions.make_task, "map": questions.make_task}
_READERS = {"maze": maze_reader.answer, "map": reader.answer}


def make(seed: int, n: int) -> Iterator[Instance]:
    plan = Plan(seed, TASK)
    for number in range(1, n + 1):
        yield _instance(plan, number)


def _instance(plan: Plan, number: int) -> Instance:
    rng = instance_rng(plan.seed, TASK, number)
    subtask, difficulty = plan.subtask(number), plan.difficulty(number)
    letter, rank = deal(plan.seed, TASK, number)
    task = _MAKERS[subtask](rng, difficulty, rank)
    return geu_instance(
        TASK,
        number,
        subtask=subtask,
        image=webp_lossless(task.image),
        question=task.question,
        option=four(rng, task.truth, task.others, letter),
        answer=letter,
        reference_image=webp_lossless(task.reference),
        difficulty=difficulty,
        rationale=task.rationale,
        metadata={"seed": plan.seed, "number": number, **task.spec},
    )


def inspect(instance: Instance) -> list[str]:
    """Whether the work is that of the level."""
    work, level = instance.meta["work"], WORK[instance.subtask][instance.difficulty]
    return [] if work in level else [f"the work is {work}, the level {instance.difficulty} is of {level}"]


def solve(instance: Instance) -> str:
    """Reads the picture and the question; the metadata say where to look, never what is right."""
    read = _READERS[instance.subtask]
    try:
        answer = read(instance.picture(), instance.question or "", instance.meta, instance.option)
    except RealUnifyError as error:
        raise RealUnifyError(f"{instance.id}: {error}") from None
    return letter_of(instance, answer)


__all__ = ["inspect", "make", "solve"]
