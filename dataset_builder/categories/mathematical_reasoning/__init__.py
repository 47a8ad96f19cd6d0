"""Mathematical reasoning: work a quantity out, then draw exactly that many.

Stories are data for people who write English (`content.yaml`); this module chooses among them, makes the record and
proves it. The proof takes the numbers from the prompt's text, searches all candidates for the solutions of the stored
relations (never following the generator's steps) and answers every question again.

    >>> next(make(seed=0, n=1)).subtask
    'numerical_calculation'
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate, names_in, operations_in
from dataset_builder.categories.mathematical_reasoning.content import TASK_TYPE as TASK_TYPE
from dataset_builder.categories.mathematical_reasoning.content import Scenario, stories
from dataset_builder.categories.mathematical_reasoning.scenario import Problem, compose, numbers_in
from dataset_builder.categories.shared.scene import (
    Scene,
    all_coloured,
    any_of,
    ask,
    describe,
    exactly,
    place_for,
    polled,
    question_problems,
    scene_problems,
)
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Question, instance_rng, ueg_instance
from dataset_builder.taxonomy import CATEGORIES

_SUBTASKS = CATEGORIES[TASK_TYPE].subtask_names
# Two unknowns are hard by definition, so a quarter of the category is; the other subtasks supply the rest.
_LEVELS: tuple[Difficulty, ...] = (
    "easy", "medium", "easy", "medium", "hard", "easy", "medium", "easy", "medium",
)  # fmt: skip
_ATTEMPTS = 20_000


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances, no two with one prompt; subtasks in turn, scenarios of a level in turn."""
    used: set[bytes] = set()
    turns: dict[tuple[str, Difficulty], int] = {}
    for number in range(1, n + 1):
        subtask = _SUBTASKS[(number - 1) % len(_SUBTASKS)]
        level = _level(number)
        turn = turns[subtask, level] = turns.get((subtask, level), -1) + 1
        scenario = _scenario(seed, subtask, level, turn)
        for attempt in range(_ATTEMPTS):
            rng = instance_rng(seed, TASK_TYPE, number, attempt)
            problem = compose(rng, scenario)
            if problem is None:
                continue
            digest = hashlib.blake2b(problem.prompt.encode(), digest_size=12).digest()
            if digest not in used:
                used.add(digest)
                yield _instance(seed, number, scenario, problem)
                break
        else:
            raise RealUnifyError(f"scenario '{scenario.name}' has no new prompt left at instance {number}; widen it")


def _level(number: int) -> Difficulty:
    turn, place = divmod(number - 1, len(_SUBTASKS))
    if _SUBTASKS[place] == "constraint_equations":
        return "hard"
    return _LEVELS[(turn + 3 * place) % len(_LEVELS)]


def _scenario(seed: int, subtask: str, level: Difficulty, turn: int) -> Scenario:
    """Every scenario of the cell once, in an order of its own, before any comes again."""
    cell = [s for s in stories() if s.subtask == subtask and s.level == level]
    instance_rng(seed, TASK_TYPE, "order", subtask, level, turn // len(cell)).shuffle(cell)
    return cell[turn % len(cell)]


def _instance(seed: int, number: int, scenario: Scenario, problem: Problem) -> Instance:
    rng = instance_rng(seed, TASK_TYPE, number, "reference")
    questions, foil = _questions(instance_rng(seed, TASK_TYPE, number, "questions"), problem)
    return ueg_instance(
        TASK_TYPE,
        number,
        subtask=scenario.subtask,
        prompt=problem.prompt,
        question_list=questions,
        reference_prompt=describe(problem.scene, place_for(rng, problem.scene)),
        difficulty=scenario.level,
        rationale=_rationale(scenario, problem),
        metadata={
            "seed": seed,
            "scenario": scenario.name,
            "stated": [[name, str(value)] for name, value in problem.stated],
            "steps": list(scenario.steps),
            "relations": list(scenario.relations),
            "drawn": list(scenario.draw),
            "foils": foil,
            **problem.scene.as_metadata(),
        },
    )


def _questions(rng: Random, problem: Problem) -> tuple[list[Question], list[dict[str, Any]]]:
    """The counts, the colour where there is one kind, and foils: at most four questions, in any order.

    The order must not tell which is a foil where answers are withheld.
    """
    scene = problem.scene
    questions = [ask(exactly(i.count, i.noun, i.colour), scene, "quantity") for i in scene.items]
    if len(scene.items) == 1 and scene.items[0].colour and scene.items[0].count > 1:
        item = scene.items[0]
        questions.append(ask(all_coloured(item.noun, item.colour or ""), scene, "attribute"))
    if problem.absent:
        questions.append(ask(any_of(problem.absent.noun, problem.absent.colour or ""), scene, "foil"))
    foils = problem.foils[: min(2, 4 - len(questions))]
    notes = [{"count": f.item.count, "of": f.item.kind, "expression": f.expression} for f in foils]
    questions += [ask(exactly(f.item.count, f.item.noun, f.item.colour), scene, "foil") for f in foils]
    rng.shuffle(questions)
    return questions, notes


def _rationale(scenario: Scenario, problem: Problem) -> str:
    """One sentence with the computation, or with the check where two unknowns are solved."""
    drawn = " and ".join(item.text for item in problem.scene.items)
    if problem.why:
        return f"{problem.why[:-1]}: {drawn}."
    values = dict(problem.stated) | {
        name: Fraction(item.count) for name, item in zip(scenario.draw, problem.scene.items, strict=True)
    }
    if scenario.subtask == "constraint_equations":
        checks = ", ".join(_filled(relation, values) for relation in scenario.relations)
        return f"Only {drawn} fit both statements: {checks}."
    lines = []
    for step in scenario.steps:
        name, expression = step.split(" = ")
        values[name] = Fraction(evaluate(expression, values))
        lines.append(f"{_filled(expression, values)} = {values[name]}")
    return f"{', then '.join(lines)}, so the picture shows {drawn}."


def _filled(expression: str, values: dict[str, Fraction]) -> str:
    signs = {"*": "x", "==": "=", "//": "div"}
    words = expression.replace("(", "( ").replace(")", " )").replace(",", " ,").split()
    shown = {name: f"({value})" if value.denominator > 1 else str(value) for name, value in values.items()}
    text = " ".join(shown.get(w, signs.get(w, w)) for w in words)
    return text.replace("( ", "(").replace(" )", ")").replace(" ,", ",")


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, from the scene that the relations give; raises where anything does not hold."""
    return polled(instance, inspect(instance))


def inspect(instance: Instance) -> list[str]:
    """Problems found when everything is worked out again from the prompt's numbers and the relations."""
    meta = instance.meta
    if not meta:
        return ["no metadata: nothing can be proven of a withheld instance"]
    scene = Scene.from_metadata(meta)
    stated = {name: Fraction(value) for name, value in meta["stated"]}
    problems = scene_problems(scene)
    if numbers_in(instance.prompt or "") != [Fraction(value) for _, value in meta["stated"]]:
        problems.append(f"the prompt states {[str(v) for v in numbers_in(instance.prompt or '')]}, not the metadata's")
    solutions = _solutions(meta["relations"], stated)
    if len(solutions) != 1:
        return [*problems, f"{len(solutions)} solutions of {meta['relations']}, need exactly one"]
    values = stated | solutions[0]
    problems += _step_problems(meta["steps"], values)
    counts = [values[name] for name in meta["drawn"]]
    if counts != [item.count for item in scene.items]:
        problems.append(f"the relations give {[str(c) for c in counts]}, the scene has {[i.text for i in scene.items]}")
    problems += _foil_problems(instance, scene, values)
    problems += _level_problems(instance, len(solutions[0]))
    return problems + question_problems(instance, scene)


def _solutions(relations: list[str], stated: dict[str, Fraction]) -> list[dict[str, Fraction]]:
    """Every assignment of small whole numbers to the unknowns that satisfies all relations."""
    unknowns = sorted(frozenset().union(*map(names_in, relations)) - set(stated))
    limit = 60 if len(unknowns) < 3 else 20
    found = []
    for candidate in itertools.product(map(Fraction, range(limit + 1)), repeat=len(unknowns)):
        solution = dict(zip(unknowns, candidate, strict=True))
        if all(evaluate(relation, stated | solution) for relation in relations):
            found.append(solution)
    return found


def _step_problems(steps: list[str], values: dict[str, Fraction]) -> list[str]:
    """The steps must reach the solution too, one operation each; adds their results to `values`."""
    problems = []
    for step in steps:
        name, expression = step.split(" = ")
        result = evaluate(expression, values)
        if values.setdefault(name, result) != result:
            problems.append(f"step '{step}' gives {result}, the relations give {values[name]}")
        if operations_in(expression) != 1:
            problems.append(f"step '{step}' is not one operation")
    return problems


def _foil_problems(instance: Instance, scene: Scene, values: dict[str, Fraction]) -> list[str]:
    """Each foil must be what its expression gives, and not the truth; or a thing of the story that is not drawn."""
    problems = []
    asked = {q.question for q in instance.question_list if q.aspect == "foil"}
    truth = {item.kind: item.count for item in scene.items}
    absent = {text for text in asked if text.startswith("Are there any ")}
    if len(asked - absent) != len(instance.meta["foils"]):
        problems.append("foil questions and the metadata's foils differ in number")
    for text in absent:
        kind = text.removeprefix("Are there any ").removesuffix(" in the image?")
        if kind.split(" ", 1)[1] not in (instance.prompt or ""):
            problems.append(f"foil '{text}' asks about what the prompt does not name")
    for foil in instance.meta["foils"]:
        wrong = evaluate(foil["expression"], values)
        if wrong != foil["count"] or wrong == truth.get(foil["of"]):
            problems.append(f"foil {foil['count']} {foil['of']}: '{foil['expression']}' is {wrong}")
        if not any(f"exactly {foil['count']} {foil['of'].split(' ')[0]} " in text for text in asked):
            problems.append(f"no foil question asks about {foil['count']} {foil['of']}")
    return problems


def _level_problems(instance: Instance, unknowns: int) -> list[str]:
    """Easy, medium, hard are one, two, more operations; two unknowns of an equation are hard."""
    if instance.subtask == "constraint_equations":
        fits = instance.difficulty == "hard" and unknowns == 2
    else:
        level = ("easy", "medium", "hard")[min(len(instance.meta["steps"]), 3) - 1]
        fits = instance.difficulty == level
    return [] if fits else [f"difficulty {instance.difficulty} does not fit {instance.meta['steps']}"]
