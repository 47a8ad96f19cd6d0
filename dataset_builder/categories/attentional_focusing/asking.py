"""What is asked about a scene: a chain to a thing, and the near misses that are put into the picture for it.

The asked value is one of four that differ in one letter or in little; the three others are given to things that
a wrong turn leads to, and two things nearly have the text by which the chain begins.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dataset_builder.categories.attentional_focusing import chain
from dataset_builder.categories.attentional_focusing.chain import Step
from dataset_builder.categories.attentional_focusing.details import extent
from dataset_builder.categories.attentional_focusing.scene import Scene, row_of
from dataset_builder.categories.attentional_focusing.wording import Ask, Family, similar

_TRIES = 800


@dataclass
class Question:
    """The facet asked of the thing at the end of `trail`, which begins at the thing with `value` as its `facet`."""

    facet: str
    value: str
    steps: list[Step]
    ask: str
    options: list[str]
    trail: list[int]

    def as_json(self) -> dict[str, Any]:
        return {"facet": self.facet, "value": self.value, "steps": self.steps, "ask": self.ask}


def walk(scene: Scene, at: int, steps: Sequence[Step]) -> list[int]:
    """All things of the chain; ValueError where it breaks."""
    trail = [at]
    for step in steps:
        trail.append(chain.follow(scene.things, scene.rows, trail[-1], step))
    return trail


def ask(rng: random.Random, words: Family, scene: Scene, subtask: str, length: int, rank: int) -> Question | None:
    """A question of the subtask with a chain of `length` steps, its near misses planted; None where none is found."""
    facets = [name for name, ask in words.asks.items() if ask.subtask == subtask]
    for _ in range(_TRIES):
        facet, name = rng.choice(sorted(words.anchors)), rng.choice(facets)
        at = rng.randrange(len(scene.things))
        try:
            steps: list[Step] = []
            trail = [at]
            for _ in range(length):
                # Two steps of a kind one after the other would be one.
                moves = [move for move in words.moves if not steps or move != steps[-1]["go"]]
                steps.append(chain.steps_from(rng, scene, trail[-1], moves))
                trail.append(chain.follow(scene.things, scene.rows, trail[-1], steps[-1]))
        except ValueError:
            continue
        if _good(scene, trail, facet, name):
            question = Question(facet, scene.things[at].values[facet], steps, name, [], trail)
            if _plant(rng, words, scene, question, rank):
                return question
    return None


def _good(scene: Scene, trail: Sequence[int], facet: str, name: str) -> bool:
    things = [scene.things[index] for index in trail]
    if len(set(trail)) < len(trail) or any(thing.covered for thing in things):
        return False
    # What a text names must not be what is asked.
    return facet in things[0].values and name in things[-1].values


def _plant(rng: random.Random, words: Family, scene: Scene, question: Question, rank: int) -> bool:
    """Gives the asked thing its value and others the near misses; False where there are too few others."""
    things, trail = scene.things, question.trail
    goal, kind = trail[-1], words.asks[question.ask]
    strays = _strays(rng, scene, question)
    if not _plant_start(rng, scene, question):
        return False
    four = _four(rng, kind, things[goal].values[question.ask], rank)
    if not four:
        return False
    truth = four[rank] if kind.subtask == "quantity" else four[0]
    others = [value for value in four if value != truth]
    rest = [i for i, thing in enumerate(things) if question.ask in thing.values and i not in (goal, *strays)]
    bearers = [*strays, *rng.sample(rest, min(len(rest), 6))]
    bearers = [i for i in bearers if i not in trail and not things[i].covered]
    if len(bearers) < 3:
        return False
    if kind.subtask == "ocr":
        for thing in things:
            while thing.values.get(question.ask) in four:
                thing.values[question.ask] = words.invent(rng, kind.pattern)
    for place, index in enumerate(bearers):
        if place < 3 or (kind.subtask != "ocr" and place < len(strays)):
            things[index].values[question.ask] = others[place % 3]
    things[goal].values[question.ask] = truth
    question.options = four
    return True


def _four(rng: random.Random, kind: Ask, value: str, rank: int) -> list[str]:
    """The options; a number's in order, so that the truth can have its rank among them."""
    if kind.subtask == "quantity":
        low = rng.randint(kind.low, kind.high - 3)
        return [str(number) for number in range(low, low + 4)]
    if kind.subtask == "attribute":
        return rng.sample(kind.choices, 4)
    return similar(rng, value)


def _plant_start(rng: random.Random, scene: Scene, question: Question) -> bool:
    """The first thing's text and two that differ from it in one letter, far from the chain; each once."""
    things, facet = scene.things, question.facet
    fours = similar(rng, question.value)
    if not fours:
        return False
    own, *nearly = fours
    rows = {row_of(things[index], scene.rows) for index in question.trail}
    far = [i for i, t in enumerate(things) if facet in t.values and i not in question.trail and not t.covered]
    far.sort(key=lambda index: row_of(things[index], scene.rows) in rows)  # other rows first
    apart = [i for i in far if row_of(things[i], scene.rows) not in rows] or far
    if len(apart) < 2 or any(
        t.values.get(facet) in (own, *nearly) for i, t in enumerate(things) if i != question.trail[0]
    ):
        return False
    for index, text in zip(rng.sample(apart, 2), nearly, strict=False):
        things[index].values[facet] = text
    things[question.trail[0]].values[facet] = question.value = own
    return True


def _strays(rng: random.Random, scene: Scene, question: Question) -> list[int]:
    """Where those arrive who mistake a side, a number of places or the last step, in random order."""
    ends: list[int] = []
    for turn, step in enumerate(question.steps):
        wrong = [{**step, "side": {"left": "right", "right": "left"}[step["side"]]}] if "side" in step else []
        wrong += [{**step, "count": step["count"] + by} for by in (-1, 1) if step.get("count", -1) + by > 0]
        wrong += [{**step, "rows": -step["rows"]}] if "rows" in step else []
        for other in wrong:
            try:
                end = walk(scene, question.trail[0], [*question.steps[:turn], other, *question.steps[turn + 1 :]])[-1]
            except ValueError:
                continue
            if end not in ends and end not in question.trail and question.ask in scene.things[end].values:
                ends.append(end)
    return rng.sample(ends, len(ends))


def small(scene: Scene, question: Question) -> bool:
    """Whether what is asked was drawn, and less than half a per cent of the picture."""
    goal = scene.things[question.trail[-1]]
    if question.ask not in goal.details:
        return False
    x0, y0, x1, y1 = extent(goal.details[question.ask], goal.values[question.ask])
    return (x1 - x0) * (y1 - y0) * 200 < scene.size[0] * scene.size[1]
