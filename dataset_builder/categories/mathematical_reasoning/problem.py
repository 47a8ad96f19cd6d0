"""How a story becomes a problem: numbers that come out small, whole and not to be guessed, things, words.

The generator follows the story's *steps*; the proof, elsewhere, searches for all solutions of its *relations*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate
from dataset_builder.categories.mathematical_reasoning.content import Story
from dataset_builder.categories.mathematical_reasoning.slips import Counts, Plan, pictures
from dataset_builder.categories.mathematical_reasoning.wording import Stated, Things, prompt_for
from dataset_builder.categories.shared.scene import Item
from dataset_builder.categories.shared.words import Noun, clear, group

LARGEST_SCENE = 8  # things in one picture, all kinds together: more measures counting
LARGEST_RESULT = 100
NOTHING_ELSE = "nothing else"


@dataclass(frozen=True)
class Problem:
    """A story with its numbers and words chosen: of `kinds`, the things told of, the picture shows `truth` many.

    Those that may be drawn come first.
    """

    prompt: str
    stated: Stated
    kinds: tuple[Item, ...]
    plan: Plan
    truth: Counts
    slips: tuple[tuple[str, Counts], ...]


def numbers(rng: Random, story: Story) -> tuple[Plan, Counts] | None:
    """One draw of the lot; None where it does not come out small and whole, or something could be had for nothing."""
    stated = {name: rng.choice(pool) for name, pool in story.values.items()}
    plan = Plan(
        stated,
        story.steps,
        story.relations,
        tuple(story.draw.values()),
        len(story.things) - len(story.draw),
        (),
    )
    values = plan.values()
    if values is None or not all(_small(story, name, value) for name, value in values.items()):
        return None
    if any(values[name] == 0 and name not in story.chosen for name in plan.drawn):
        return None
    truth = plan.picture(values)
    if truth is None or not 2 <= sum(truth) <= LARGEST_SCENE or not all(evaluate(c, values) for c in story.where):
        return None
    if {count for count in truth if count} & {int(v) for v in stated.values() if v.denominator == 1}:
        return None
    shallow = _shallow(story, values)
    if shallow is None:
        return None
    return Plan(plan.stated, plan.steps, plan.relations, plan.drawn, plan.others, shallow), truth


def _small(story: Story, name: str, value: Fraction) -> bool:
    """Whether a person would get on with this result: whole, unless the story says otherwise, and not too large."""
    return name in story.values or 0 <= value <= LARGEST_RESULT and (value.denominator == 1 or name in story.fractions)


def _shallow(story: Story, values: Mapping[str, Fraction]) -> Counts | None:
    """The picture of a model that did not reason; None where it cannot be drawn."""
    counts = [evaluate(story.shallow.get(thing, "0"), values) for thing in _kinds(story)]
    whole = all(c.denominator == 1 and 0 <= c <= LARGEST_SCENE + 4 for c in counts)
    return tuple(map(int, counts)) if whole and any(counts) else None


def _kinds(story: Story) -> list[str]:
    return [*story.draw, *(thing for thing in story.things if thing not in story.draw)]


def things(rng: Random, story: Story) -> Things | None:
    """A noun and a colour for every thing; None where the colours cannot be told apart side by side."""
    chosen: dict[str, tuple[Noun, str]] = {}
    for thing, words in story.things.items():
        taken = [colour for _, colour in chosen.values()]
        if words.startswith("="):
            noun = chosen[words[1:]][0]
        else:
            used = {noun.one for noun, _ in chosen.values()}
            noun = rng.choice([noun for noun in group(*words.split(",")) if noun.one not in used])
        free = [colour for colour in noun.colours if all(clear(colour, other) for other in taken)]
        if not free:
            return None
        chosen[thing] = noun, rng.choice(free)
    return chosen


def compose(rng: Random, story: Story) -> Problem | None:
    """One attempt; None where the numbers or colours do not do."""
    drawn = numbers(rng, story)
    if drawn is None:
        return None
    plan, truth = drawn
    slips = pictures(plan)
    if any(picture == truth for _, picture in slips):
        return None
    chosen = things(rng, story)
    if chosen is None:
        return None
    prompt, stated = prompt_for(rng, story, plan.stated, chosen)
    kinds = tuple(Item(0, chosen[thing][1], chosen[thing][0].one) for thing in _kinds(story))
    return Problem(prompt, stated, kinds, plan, truth, tuple(slips))
