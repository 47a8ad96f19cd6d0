"""attentional_focusing: a small detail in a large picture of things that are flat in the world and bear print.

Book spines, drawers, notices, boards: families of scenes whose words and looks are data. The asked thing is found
by a chain of one to three relations from a text; what is asked covers less than half a per cent and cannot be
read at 448 pixels. The solver walks the chain on the recorded boxes, then draws every option again over the
picture: the pixels must bear out the answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from PIL import Image

from dataset_builder.categories.attentional_focusing import asking, chain, families
from dataset_builder.categories.attentional_focusing.asking import Question
from dataset_builder.categories.attentional_focusing.details import Detail, extent
from dataset_builder.categories.attentional_focusing.proof import likeness
from dataset_builder.categories.attentional_focusing.reference import highlight, inset_for
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing, thing_from_json
from dataset_builder.categories.attentional_focusing.wording import Family, family
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.drawing import encode
from dataset_builder.drawing.canvas import Box
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Letter, geu_instance, instance_rng

NAME = "attentional_focusing"
SUBTASKS = ("quantity", "ocr", "attribute")
LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")
CHAIN: dict[Difficulty, int] = {"easy": 1, "medium": 2, "hard": 3}
CROWD: dict[Difficulty, int] = {"easy": 80, "medium": 120, "hard": 160}
"""The fewest things of a level; the most are 400."""
MOST = 400
SIDE = 448  # pixels of the longest side, as small as models look at pictures
UNREADABLE = 5.0  # print of less than so many pixels there cannot be read
READABLE = 18.0  # and in a crop at full size it can, from so many on
SPECK = 3.0  # the most for a dab of colour or a mark at 448 pixels
SURE = 0.3  # the least likeness of the true value; of print on quiet ground it is 0.8
_ATTEMPTS = 40


class _Plan(NamedTuple):
    subtask: str
    difficulty: Difficulty
    family: str


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances; the first ones are the same whatever `n` is."""
    for number in range(1, n + 1):
        block, place = divmod(number - 1, 100)
        yield _instance(seed, number, _plan(seed, block)[place])


def solve(instance: Instance) -> Letter:
    """Walks the chain on the recorded boxes and holds the pixels against what is recorded at its two ends."""
    meta = instance.meta
    spec, things = meta["question"], [thing_from_json(row) for row in meta["objects"]]
    trail = trail_of(meta, things)
    goal = things[trail[-1]]
    if spec["ask"] not in goal.values:
        raise RealUnifyError(f"{instance.id}: the chain ends at a thing without '{spec['ask']}'; rebuild the dataset")
    nearly = {thing.values[spec["facet"]] for thing in things if _nearly(thing, spec)}
    for end, values in (("start", [spec["value"], *sorted(nearly)]), ("goal", instance.option)):
        truth = spec["value"] if end == "start" else goal.values[spec["ask"]]
        _borne_out(instance, Detail(**meta["details"][end]), values, truth)
    return letter_of(instance, goal.values[spec["ask"]])


def _nearly(thing: Thing, spec: dict[str, Any]) -> bool:
    """Whether the thing's text differs from the chain's first in one letter."""
    text, value = thing.values.get(spec["facet"], ""), spec["value"]
    return len(text) == len(value) and sum(a != b for a, b in zip(text, value, strict=True)) == 1


def _borne_out(instance: Instance, detail: Detail, values: list[str], truth: str) -> None:
    seen = likeness(instance.picture(), detail, values)
    best = max(seen, key=lambda value: seen[value])
    if best != truth or seen[best] < SURE:
        at = f"({round(detail.x)}, {round(detail.y)})"
        raise RealUnifyError(
            f"{instance.id}: at {at} px the picture shows {best} ({seen[best]:.2f}), "
            f"recorded is {truth}; rebuild the dataset"
        )


def trail_of(meta: dict[str, Any], things: list[Thing]) -> list[int]:
    """The things of the question's chain, from the record alone."""
    spec = meta["question"]
    rows = [(top, bottom) for top, bottom in meta["rows"]]
    trail = [chain.start(things, spec["facet"], spec["value"])]
    for step in spec["steps"]:
        trail.append(chain.follow(things, rows, trail[-1], step))
    return trail


def inspect(instance: Instance) -> list[str]:
    """A large picture, as crowded and as far to go as its level says, with a detail too small for a glance."""
    meta = instance.meta
    size, spec = instance.picture().size, meta["question"]
    things = [thing_from_json(row) for row in meta["objects"]]
    trail = trail_of(meta, things)
    goal, detail = things[trail[-1]], Detail(**meta["details"]["goal"])
    problems = _size_problems(size, detail, goal.values[spec["ask"]])
    if not 1600 <= max(size) <= 2560:
        problems.append(f"the picture is {size[0]}x{size[1]} px, not 1,600 to 2,560")
    least = CROWD[instance.difficulty]
    if not least <= len(things) <= MOST:
        problems.append(f"it holds {len(things)} things, {instance.difficulty} is {least} to {MOST}")
    if len(spec["steps"]) != CHAIN[instance.difficulty]:
        problems.append(
            f"its chain is {len(spec['steps'])} long, {instance.difficulty} is {CHAIN[instance.difficulty]}"
        )
    if any(things[index].covered for index in trail):
        problems.append("a thing of the chain is partly covered")
    shown = {thing.values.get(spec["ask"]) for index, thing in enumerate(things) if index != trail[-1]}
    problems += [
        f"the option {option} is nowhere else in the picture" for option in _wrong(instance, goal, spec) - shown
    ]
    if sum(_nearly(thing, spec) for thing in things) < 2:
        problems.append(f"fewer than two things nearly say {spec['value']}")
    return problems


def _wrong(instance: Instance, goal: Thing, spec: dict[str, Any]) -> set[str]:
    return set(instance.option) - {goal.values[spec["ask"]]}


def _size_problems(size: tuple[int, int], detail: Detail, value: str) -> list[str]:
    """Half a per cent of the picture, unreadable at 448 pixels, readable in a crop."""
    x0, y0, x1, y1 = extent(detail, value)
    small = SIDE / max(size)
    problems = []
    if (x1 - x0) * (y1 - y0) * 200 >= size[0] * size[1]:
        problems.append("the asked detail covers half a per cent of the picture or more")
    if detail.kind in ("colour", "marks"):
        if detail.size * small > SPECK:
            problems.append(
                f"a mark or dab of {detail.size * small:.1f} px at {SIDE} px can be seen, {SPECK:.0f} cannot"
            )
    else:
        if detail.height * small >= UNREADABLE:
            problems.append(
                f"print {detail.height * small:.1f} px high at {SIDE} px can be read, {UNREADABLE:.0f} cannot"
            )
        if detail.height < READABLE:
            problems.append(f"print {detail.height:.1f} px high cannot be read in a crop, {READABLE:.0f} can")
    return problems


def _plan(seed: int, block: int) -> list[_Plan]:
    """What each of 100 instances is: subtasks 34, 33, 33; levels 34, 33, 33; families in turn."""
    rng = instance_rng(seed, NAME, "plan", block)
    turns: list[str] = []
    while len(turns) < 100:
        turns += rng.sample(families.NAMES, len(families.NAMES))
    return [_Plan(SUBTASKS[i % 3], LEVELS[(i + i // 3) % 3], turns[i]) for i in range(100)]


def _instance(seed: int, number: int, plan: _Plan) -> Instance:
    letter, rank = deal(seed, NAME, number)
    words = family(plan.family)
    for attempt in range(_ATTEMPTS):
        rng = instance_rng(seed, NAME, number, attempt)
        found = _draw(rng, words, plan, rank)
        if found is not None:
            break
    else:
        raise RealUnifyError(f"{NAME} {number}: no {plan.family} found in {_ATTEMPTS} attempts; try another seed")
    scene, asked, picture, inset = found
    image = encode.webp(picture, 78)
    goal, kind = scene.things[asked.trail[-1]], words.asks[asked.ask]
    truth, thing = goal.values[asked.ask], chain.told(words, asked.facet, asked.value, asked.steps)
    return geu_instance(
        NAME,
        number,
        subtask=plan.subtask,
        image=image,
        question=rng.choice(kind.says).format(thing=thing, place=words.place),
        option=four(rng, truth, [option for option in asked.options if option != truth], letter),
        answer=letter,
        reference_image=encode.jpeg(highlight(picture, lit_boxes(scene.things, asked.trail), inset), 80),
        difficulty=plan.difficulty,
        rationale=kind.tells.format(thing=thing, value=truth),
        metadata=_record(seed, number, plan, scene, asked, inset),
    )


def _record(
    seed: int, number: int, plan: _Plan, scene: Scene, asked: Question, inset: tuple[Box, Box]
) -> dict[str, Any]:
    """What the solver and the audits read; `work` is the chain's length and the number of things."""
    first, goal = scene.things[asked.trail[0]], scene.things[asked.trail[-1]]
    return {
        "seed": seed,
        "number": number,
        "family": plan.family,
        "question": asked.as_json(),
        "work": {"chain": len(asked.steps), "things": len(scene.things)},
        "rows": scene.rows,
        "details": {"start": first.details[asked.facet].as_json(), "goal": goal.details[asked.ask].as_json()},
        "inset": {"of": inset[0], "at": inset[1]},
        "objects": [thing.as_json() for thing in scene.things],
    }


def _draw(
    rng: random.Random, words: Family, plan: _Plan, rank: int
) -> tuple[Scene, Question, Image.Image, tuple[Box, Box]] | None:
    """A scene with its question and picture; None where it does not hold what its level promises."""
    module = families.load(plan.family)
    least = CROWD[plan.difficulty]
    scene = module.compose(rng, rng.randint(least + 8, least + 40))
    if not least <= len(scene.things) <= MOST:
        return None
    asked = asking.ask(rng, words, scene, plan.subtask, CHAIN[plan.difficulty], rank)
    if asked is None:
        return None
    picture = module.paint(rng, scene).picture
    goal = scene.things[asked.trail[-1]]
    detail, value = goal.details[asked.ask], goal.values[asked.ask]
    # Print that is faint on its ground, or too large or small, is nothing to ask about.
    if _size_problems(scene.size, detail, value) or likeness(picture, detail, [value])[value] < SURE + 0.1:
        return None
    lit = lit_boxes(scene.things, asked.trail)
    inset = inset_for(scene.size, lit, extent(detail, value), detail.height)
    return None if inset is None else (scene, asked, picture, inset)


def lit_boxes(things: list[Thing], trail: list[int]) -> list[Box]:
    """What the reference shows as it is: every thing of the chain, whole."""
    return [things[index].box for index in trail]
