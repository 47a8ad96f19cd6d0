"""Everything worked out again from the prompt's numbers and the relations, and every promise looked at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate, names_in, operations_in
from dataset_builder.categories.mathematical_reasoning.problem import LARGEST_SCENE, NOTHING_ELSE
from dataset_builder.categories.mathematical_reasoning.slips import Counts, Plan, pictures
from dataset_builder.categories.mathematical_reasoning.wording import numbers_in
from dataset_builder.categories.mathematical_reasoning.work import level_of, work_of
from dataset_builder.categories.shared.scene import (
    Item,
    Scene,
    answer,
    described,
    question_problems,
    scene_problems,
)
from dataset_builder.categories.shared.words import clear
from dataset_builder.instance import Instance

Values = dict[str, Fraction]


def picture(meta: dict[str, Any], counts: Counts) -> Scene:
    """The scene with so many things of each kind that the story tells of."""
    kinds = [Item(count, kind["colour"], kind["noun"]) for kind, count in zip(meta["kinds"], counts, strict=True)]
    return Scene(tuple(item for item in kinds if item.count))


def replies(instance: Instance, scene: Scene) -> list[str]:
    """What an honest judge answers of that picture."""
    return [str(answer(asked.question, scene)) for asked in instance.question_list]


def problems(instance: Instance) -> list[str]:
    """What is wrong, worked out again; empty where nothing is."""
    meta = instance.meta
    if not meta:
        return ["no metadata: nothing can be proven of a withheld instance"]
    scene = Scene.from_metadata(meta)
    solutions = solved(meta["relations"], {name: Fraction(value) for name, value in meta["stated"]})
    if len(solutions) != 1:
        return [f"{len(solutions)} solutions of {meta['relations']}, need exactly one"]
    wrong = [*scene_problems(scene), *_arithmetic(meta, scene, solutions[0])]
    return [
        *wrong,
        *_prompt(instance, meta, scene),
        *_levels(instance, meta),
        *question_problems(instance, scene),
        *([] if wrong else _questions(instance, meta, scene)),
        *_reference(instance, scene),
    ]


def solved(relations: list[str], stated: Values) -> list[Values]:
    """Every assignment of small whole numbers to the unknowns that satisfies all relations."""
    unknowns = sorted(frozenset().union(*map(names_in, relations)) - set(stated))
    limit = 60 if len(unknowns) < 3 else 20
    alone = {name: [r for r in relations if names_in(r) - set(stated) == {name}] for name in unknowns}
    joint = [r for r in relations if len(names_in(r) - set(stated)) != 1]
    fitting = [
        [value for value in map(Fraction, range(limit + 1)) if _hold(alone[name], stated | {name: value})]
        for name in unknowns
    ]
    candidates = (stated | dict(zip(unknowns, values, strict=True)) for values in itertools.product(*fitting))
    return [values for values in candidates if _hold(joint, values)]


def _hold(relations: list[str], values: Values) -> bool:
    try:
        return all(evaluate(relation, values) for relation in relations)
    except ZeroDivisionError:
        return False


def _arithmetic(meta: dict[str, Any], scene: Scene, solution: Values) -> Iterator[str]:
    """The steps must reach the solution too, one operation each and none for nothing; the scene shows it."""
    values = dict(solution)
    for step in meta["steps"]:
        name, expression = step.split(" = ")
        result = evaluate(expression, values)
        if values.setdefault(name, result) != result:
            yield f"step '{step}' gives {result}, the relations give {values[name]}"
        if operations_in(expression) != 1:
            yield f"step '{step}' is not one operation"
    used = set(meta["drawn"]).union(*(names_in(step.split(" = ")[1]) for step in meta["steps"]))
    for name in sorted({name for name, _ in meta["stated"]} | {s.split(" = ")[0] for s in meta["steps"]}):
        if name not in used:
            yield f"'{name}' is told or computed for nothing"
    counts = tuple(int(values[name]) for name in meta["drawn"])
    shown = picture(meta, (*counts, *[0] * (len(meta["kinds"]) - len(counts))))
    if shown != scene:
        yield f"the relations give {[i.text for i in shown.items]}, the scene has {[i.text for i in scene.items]}"


def _prompt(instance: Instance, meta: dict[str, Any], scene: Scene) -> Iterator[str]:
    """The prompt states the metadata's numbers, none of which is an answer, and nothing else is to be drawn."""
    prompt = instance.prompt or ""
    told = numbers_in(prompt)
    if told != [Fraction(value) for _, value in meta["stated"]]:
        yield f"the prompt states {[str(v) for v in told]}, not the metadata's"
    for item in scene.items:
        if item.count in told:
            yield f"the prompt states {item.count}, the number of {item.kind} to be drawn"
    if NOTHING_ELSE not in prompt:
        yield "the prompt does not say that nothing else is to be drawn"
    if sum(item.count for item in scene.items) > LARGEST_SCENE:
        yield f"more than {LARGEST_SCENE} things are to be drawn: that measures counting"
    for one, other in itertools.combinations(meta["kinds"], 2):
        if not clear(one["colour"], other["colour"]):
            yield f"{one['colour']} and {other['colour']} are hard to tell apart side by side"


def _levels(instance: Instance, meta: dict[str, Any]) -> Iterator[str]:
    work = work_of(meta["steps"], meta["relations"], dict(meta["stated"]))
    if work != meta["work"]:
        yield f"the work is {work}, the metadata says {meta['work']}"
    if instance.difficulty != level_of(work):
        yield f"difficulty {instance.difficulty} does not fit work of {work}"


def _questions(instance: Instance, meta: dict[str, Any], scene: Scene) -> Iterator[str]:
    """Every slip fails, the foil is what the shallow picture shows, and no question can be dropped at no loss."""
    stored = [str(asked.answer) for asked in instance.question_list]
    for name, counts in pictures(Plan.from_metadata(meta)):
        if replies(instance, picture(meta, counts)) == stored:
            yield f"a picture of the slip '{name}' passes every question"
    shallow = replies(instance, picture(meta, tuple(meta["shallow_counts"])))
    foils = [reply for asked, reply in zip(instance.question_list, shallow, strict=True) if asked.aspect == "foil"]
    if foils != ["yes"]:
        yield f"the shallow picture answers its foils {foils}, not a single one with yes"
    yield from _dispensable(instance, meta, scene)


def _dispensable(instance: Instance, meta: dict[str, Any], scene: Scene) -> Iterator[str]:
    """Questions that follow from the others, where another one has their aspect."""
    aspects = [asked.aspect for asked in instance.question_list]
    doubled = [place for place, aspect in enumerate(aspects) if aspects.count(aspect) > 1]
    if not doubled:
        return
    stored = replies(instance, scene)
    shown = {(item.noun, item.colour) for item in scene.items}
    ranges = [range(10) if (kind["noun"], kind["colour"]) in shown else range(2) for kind in meta["kinds"]]
    needed: set[int] = set()
    for counts in itertools.product(*ranges):
        told = replies(instance, picture(meta, counts))
        differing = [place for place, reply in enumerate(told) if reply != stored[place]]
        if len(differing) == 1:
            needed.add(differing[0])
            if needed.issuperset(doubled):
                return
    for place in doubled:
        if place not in needed:
            yield f"'{instance.question_list[place].question}' follows from the other questions"


def _reference(instance: Instance, scene: Scene) -> Iterator[str]:
    """The perfect prompt, read again, answers every question as it should."""
    read = described(instance.reference_prompt or "")
    if read is None:
        yield "the reference prompt cannot be read"
    elif replies(instance, read) != [asked.answer for asked in instance.question_list]:
        yield f"the reference prompt shows {[item.text for item in read.items]}, which does not pass"
