"""Mathematical reasoning: work a quantity out, then draw exactly that many.

Stories are data for people who write English (`content.yaml`). This module chooses among them and makes the record;
`problem` draws numbers and words, `questions` asks, `slips` names what goes wrong, and `proof` works everything out
again: it takes the numbers from the prompt's text, searches all candidates for the solutions of the stored relations
(never following the generator's steps) and answers every question again.

    >>> next(make(seed=0, n=1)).subtask
    'numerical_calculation'
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction

from dataset_builder.categories import Slip
from dataset_builder.categories.mathematical_reasoning import proof
from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate
from dataset_builder.categories.mathematical_reasoning.content import TASK_TYPE as TASK_TYPE
from dataset_builder.categories.mathematical_reasoning.content import Story, stories
from dataset_builder.categories.mathematical_reasoning.problem import Problem, compose
from dataset_builder.categories.mathematical_reasoning.questions import Balance, choose, patterns
from dataset_builder.categories.mathematical_reasoning.slips import Plan, pictures
from dataset_builder.categories.shared.scene import Item, Scene, describe, place_for, polled
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Question, instance_rng, ueg_instance
from dataset_builder.taxonomy import CATEGORIES

_SUBTASKS = CATEGORIES[TASK_TYPE].subtask_names
# How many of 25 instances of a subtask are easy, medium, hard: equations have few easy ones, all four together a third
# of each level.
_LEVELS: dict[str, tuple[int, int, int]] = {
    "numerical_calculation": (10, 8, 7),
    "probability_estimation": (10, 8, 7),
    "proportional_reasoning": (10, 9, 6),
    "constraint_equations": (3, 8, 14),
}
_ATTEMPTS = 100_000
_PATIENCE = 4  # problems for which a pattern of answers is tried before the next pattern


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances, no two with one prompt; subtasks in turn, stories of a level in turn."""
    used: set[bytes] = set()
    turns: dict[tuple[str, Difficulty], int] = {}
    balance = Balance()
    for number in range(1, n + 1):
        turn, place = divmod(number - 1, len(_SUBTASKS))
        subtask = _SUBTASKS[place]
        level = _level(seed, subtask, turn)
        turns[subtask, level] = turns.get((subtask, level), -1) + 1
        story = _story(seed, subtask, level, turns[subtask, level])
        yield _instance(seed, number, story, used, balance)


def _level(seed: int, subtask: str, turn: int) -> Difficulty:
    """Every 25 instances of a subtask hold its levels as often as `_LEVELS` says, in an order of their own."""
    easy, medium, hard = _LEVELS[subtask]
    dealt: list[Difficulty] = [*["easy"] * easy, *["medium"] * medium, *["hard"] * hard]  # type: ignore[list-item]
    block, place = divmod(turn, len(dealt))
    instance_rng(seed, TASK_TYPE, "levels", subtask, block).shuffle(dealt)
    return dealt[place]


def _story(seed: int, subtask: str, level: Difficulty, turn: int) -> Story:
    """Every story of the cell once, in an order of its own, before any comes again."""
    cell = [s for s in stories() if s.subtask == subtask and s.level == level]
    instance_rng(seed, TASK_TYPE, "order", subtask, level, turn // len(cell)).shuffle(cell)
    return cell[turn % len(cell)]


def _instance(seed: int, number: int, story: Story, used: set[bytes], balance: Balance) -> Instance:
    """Numbers, words and questions drawn by lot until they do, and the prompt is new."""
    dealt = patterns(seed, TASK_TYPE, number)
    rng = instance_rng(seed, TASK_TYPE, number)
    refused = 0
    for _ in range(_ATTEMPTS):
        problem = compose(rng, story)
        if problem is None:
            continue
        digest = hashlib.blake2b(problem.prompt.encode(), digest_size=12).digest()
        if digest in used:
            continue
        told = [counts for _, counts in problem.slips]
        stated = list(problem.plan.stated.values())
        answers = dealt[refused // _PATIENCE % len(dealt)]
        asked = choose(rng, balance, problem.kinds, problem.truth, told, answers, stated)
        refused += 1
        if asked is not None:
            used.add(digest)
            return _record(seed, number, story, problem, asked)
    raise RealUnifyError(f"story '{story.name}' has no new prompt left at instance {number}; widen it")


def _record(seed: int, number: int, story: Story, problem: Problem, asked: list[Question]) -> Instance:
    scene = _scene(problem.kinds, problem.truth)
    plan = problem.plan
    shown = ", ".join(item.text for item in _scene(problem.kinds, plan.shallow).items)
    return ueg_instance(
        TASK_TYPE,
        number,
        subtask=story.subtask,
        prompt=problem.prompt,
        question_list=asked,
        reference_prompt=describe(scene, place_for(instance_rng(seed, TASK_TYPE, number, "reference"), scene)),
        shallow=f"{shown}: {story.because}",
        difficulty=story.level,
        rationale=_rationale(story, problem, scene),
        metadata={
            "seed": seed,
            "scenario": story.name,
            "stated": [[name, str(value)] for name, value in problem.stated],
            "steps": list(plan.steps),
            "relations": list(plan.relations),
            "drawn": list(plan.drawn),
            "kinds": [{"colour": kind.colour, "noun": kind.noun} for kind in problem.kinds],
            "work": story.work,
            "shallow_counts": list(plan.shallow),
            **scene.as_metadata(),
        },
    )


def _scene(kinds: tuple[Item, ...], counts: tuple[int, ...]) -> Scene:
    return Scene(tuple(Item(count, k.colour, k.noun) for k, count in zip(kinds, counts, strict=True) if count))


def _rationale(story: Story, problem: Problem, scene: Scene) -> str:
    """One sentence with the computation, or with the check where unknowns are solved together."""
    drawn = " and ".join(item.text for item in scene.items)
    values = dict(problem.plan.values() or {})
    if story.subtask == "constraint_equations":
        checks = ", ".join(_filled(relation, values) for relation in story.relations)
        return f"Only {drawn} fit every statement: {checks}."
    lines = []
    for step in story.steps:
        name, expression = step.split(" = ")
        if name in story.chosen:
            continue  # which kind is shown follows from the numbers before
        lines.append(f"{_filled(expression, values)} = {Fraction(evaluate(expression, values))}")
    return f"{', then '.join(dict.fromkeys(lines))}, so the picture shows {drawn}."


def _filled(expression: str, values: dict[str, Fraction]) -> str:
    signs = {"*": "x", "==": "=", "//": "div", "%": "modulo"}
    words = expression.replace("(", "( ").replace(")", " )").replace(",", " ,").split()
    shown = {name: f"({value})" if value.denominator > 1 else str(value) for name, value in values.items()}
    text = " ".join(shown.get(w, signs.get(w, w)) for w in words)
    return text.replace("( ", "(").replace(" )", ")").replace(" ,", ",")


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, from the scene that the relations give; raises where anything does not hold."""
    return polled(instance, inspect(instance))


def inspect(instance: Instance) -> list[str]:
    """Problems found when everything is worked out again from the prompt's numbers and the relations."""
    return proof.problems(instance)


def slips(instance: Instance) -> list[Slip]:
    """Every typical slip of the instance, with the answers that its picture gets; found from the steps alone."""
    meta = instance.meta
    plan = Plan.from_metadata(meta)
    return [Slip(name, proof.replies(instance, proof.picture(meta, counts))) for name, counts in pictures(plan)]
