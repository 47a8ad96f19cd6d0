"""A judge's questions must not tell their answers: what a reader guesses who never saw a picture.

A guess is right when it is right about *every* question of an instance, as a score is. Chance keeps the base rates:
whoever knows only how often the answer is no guesses each question by that rate. The bound is that of the other
shortcuts, three standard errors, exactly.

The hand-written categories are read leave-one-out. A procedural one is read by a reader that was trained on ten other
seeds, whose weights `benchmarks/blind.py --write` left in `readers.json`: one set alone is too few to learn from, and
the other seeds would take a minute to make.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataset_builder.audits._rule import FoundIn, Seen, WholeRule, ours_ueg
from dataset_builder.audits.shortcuts import Hits, tail
from dataset_builder.audits.wording import Place, Reader, Table, places
from dataset_builder.instance import Instance

FILE = Path(__file__).with_name("readers.json")
FIX = "phrase truths and near misses alike, and shuffle them"
_NUMBER = re.compile(r"\d+")
Noes = list[bool]
"""A guess about an instance: for each question whether its answer is no."""


class Trained(BaseModel):
    """`readers.json`: a reader for each procedural category, and what it was trained on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    seeds: list[int]
    bias: dict[str, float]
    weights: dict[str, dict[str, float]]

    def reader(self, task_type: str) -> Reader:
        return Reader(self.bias[task_type], self.weights[task_type])


@functools.cache
def trained() -> Trained:
    return Trained.model_validate_json(FILE.read_bytes())


def noes(instance: Instance) -> Noes:
    return [asked.answer == "no" for asked in instance.question_list]


def by_likelihood(reader: Reader, instance: Instance) -> Noes:
    """Each question by itself; an instance is never all yes or all no, which the reader knows."""
    told = [reader.likelihood(*place) for place in places(instance)]
    guess = [value > 0.5 for value in told]
    if all(guess):
        guess[told.index(min(told))] = False
    if not any(guess):
        guess[told.index(max(told))] = True
    return guess


def one_no(reader: Reader, instance: Instance) -> Noes:
    """Exactly one no: the likeliest."""
    told = [reader.likelihood(*place) for place in places(instance)]
    return [place == told.index(max(told)) for place in range(len(told))]


def _at(*wanted: int) -> Callable[[Instance], Noes]:
    def guess(instance: Instance) -> Noes:
        count = len(instance.question_list)
        return [place in {index % count for index in wanted} for place in range(count)]

    return guess


def _words(pattern: str, *, no: bool) -> Callable[[Instance], Noes]:
    """A question with one of these words is a no (or, turned round, a yes), every other is not."""
    found = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    return lambda instance: [bool(found.search(asked.question)) is no for asked in instance.question_list]


def largest(instance: Instance) -> Noes:
    """The question with the largest number is the no."""
    told = [max(map(int, _NUMBER.findall(asked.question)), default=-1) for asked in instance.question_list]
    return [value >= 0 and value == max(told) for value in told]


def from_the_prompt(instance: Instance) -> Noes:
    """A number that stands in the prompt is a no."""
    stated = set(_NUMBER.findall(instance.prompt or ""))
    return [bool(stated & set(_NUMBER.findall(asked.question))) for asked in instance.question_list]


STRUCTURE: dict[str, Callable[[Instance], Noes]] = {
    "last is no": _at(-1),
    "first is no": _at(0),
    "last two are no": _at(-1, -2),
    "any is no": _words("any", no=True),
    "all and both are yes": _words("all|both|every|each", no=False),
    "largest candidate": largest,
    "number from the prompt": from_the_prompt,
}
"""Guesses by the form of the questions alone; where a form does not occur the guess is constant, and always wrong."""
BLIND = ("blind reader", "exactly one no")


def measure(guess: Callable[[Instance], Noes], instances: Sequence[Instance]) -> Hits:
    """How often a guess is right about every question of an instance, and how often chance would be."""
    every = [value for instance in instances for value in noes(instance)]
    rate = sum(every) / len(every)
    chances, hits = [], 0
    for instance in instances:
        truth = noes(instance)
        chance = 1.0
        for value in truth:
            chance *= rate if value else 1 - rate
        chances.append(chance)
        hits += guess(instance) == truth
    return Hits(len(chances), hits, sum(chances) / len(chances), tail(chances, hits))


def readers(instances: Sequence[Instance]) -> Callable[[Instance], Reader]:
    """The reader of each instance: trained on other seeds, or (hand-written) on all the other instances."""
    if instances[0].provenance == "procedural":
        reader = trained().reader(instances[0].task_type)
        return lambda instance: reader

    known = tuple((tuple(places(instance)), tuple(noes(instance))) for instance in instances)
    numbers = {instance.id: number for number, instance in enumerate(instances)}
    without = _left_out(known)
    return lambda instance: without[numbers[instance.id]]


@functools.lru_cache(maxsize=4)
def _left_out(known: tuple[tuple[tuple[Place, ...], tuple[bool, ...]], ...]) -> list[Reader]:
    """For each instance the reader that has learnt all the others."""
    table = Table([place for asked, _ in known for place in asked], [value for _, truth in known for value in truth])
    ends = list(itertools.accumulate(len(asked) for asked, _ in known))
    return [table.reader(range(end - len(asked), end)) for end, (asked, _) in zip(ends, known, strict=True)]


def guesses(instances: Sequence[Instance]) -> dict[str, Hits]:
    """Every guess over the instances of one category."""
    reader_of = readers(instances)
    found = {
        BLIND[0]: measure(lambda instance: by_likelihood(reader_of(instance), instance), instances),
        BLIND[1]: measure(lambda instance: one_no(reader_of(instance), instance), instances),
    }
    return found | {name: measure(guess, instances) for name, guess in STRUCTURE.items()}


def blind(rows: Sequence[Seen]) -> FoundIn:
    """No guess from the questions alone beats chance."""
    instances = [row.instance for row in rows]
    task = instances[0].task_type
    for name, found in guesses(instances).items():
        if found.beats_chance:
            yield task, f"{name}: {found.hits} of {found.n} instances guessed whole (chance {found.chance:.0%})", FIX


WHOLE = (WholeRule("blind reader", "no guess from the questions alone beats chance", blind, ours_ueg),)
