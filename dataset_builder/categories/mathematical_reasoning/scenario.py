"""How a story becomes a problem with all its numbers and words.

The generator follows the story's *steps*; the proof, elsewhere, searches for all solutions of its *relations*.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate
from dataset_builder.categories.mathematical_reasoning.content import Scenario
from dataset_builder.categories.shared.scene import Item, Scene
from dataset_builder.categories.shared.words import (
    FRACTION_WORDS,
    NUMBERS,
    PEOPLE,
    Noun,
    article,
    coloured,
    distinct_colours,
    fraction_word,
    group,
    number_word,
)

Values = dict[str, Fraction]
LARGEST_FOIL = 20
LARGEST_SCENE = 14  # things in one picture, all kinds together


@dataclass(frozen=True)
class Foil:
    """A count that a shallow reading would draw, and the expression that gives it."""

    item: Item
    expression: str


@dataclass(frozen=True)
class Problem:
    """A scenario with its numbers and words chosen."""

    prompt: str
    stated: list[tuple[str, Fraction]]
    why: str
    scene: Scene
    foils: list[Foil]
    absent: Item | None = None
    """A thing of the story (not counted) that is not to be drawn."""


class _Writer(string.Formatter):
    """Fills placeholders and remembers the numbers in the order in which they are said."""

    def __init__(self, rng: Random, values: Values, things: Mapping[str, tuple[Noun, str]]) -> None:
        name, she, her = rng.choice(PEOPLE)
        self._words = {"who": name, "she": she, "her": her}
        self._in_digits = rng.random() < 0.4
        self._values, self._things = values, things
        self.said: list[tuple[str, Fraction]] = []

    def get_field(self, field_name: str, args: object, kwargs: object) -> tuple[Any, str]:
        return field_name, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        name = str(value)
        if name in self._words:
            return self._words[name]
        if name.isdigit():
            self.said.append((name, Fraction(name)))
            return number_word(int(name))
        if name in self._values:
            self.said.append((name, self._values[name]))
            return self._number(self._values[name], format_spec)
        return self._thing(name, format_spec)

    def _number(self, value: Fraction, style: str) -> str:
        if style == "percent":
            return f"{value * 100} per cent"
        if style == "times":
            return "twice" if value == 2 else f"{number_word(int(value))} times"
        if value.denominator > 1:
            word = "one half" if style == "chance" and value * 2 == 1 else fraction_word(value)
            return str(value) if self._in_digits and value * 2 != 1 else word
        return str(value) if self._in_digits else number_word(int(value))

    def _thing(self, name: str, part: str) -> str:
        if name.startswith("a_"):
            return article(self._thing(name[2:], part))
        count = 1 if name in self._things else 2
        noun, colour = self._things[name if count == 1 else name[:-1]]
        if part == "colour":
            return colour
        return coloured(noun, None if part == "noun" else colour, count)


def _choose_things(rng: Random, slots: Mapping[str, str]) -> dict[str, tuple[Noun, str]] | None:
    """A noun and a colour a slot; "=x" is the noun of x in another colour, None where no clear one is left."""
    things: dict[str, tuple[Noun, str]] = {}
    for slot, spec in slots.items():
        if spec.startswith("="):
            noun = things[spec[1:]][0]
            clear = distinct_colours(rng, noun.colours, 1, [c for other, c in things.values() if other is noun])
            if clear is None:
                return None
            things[slot] = noun, clear[0]
        else:
            same = sum(other == f"={slot}" for other in slots.values())
            used = {noun.one for noun, _ in things.values()}
            pool = [n for n in group(*spec.split(",")) if len(n.colours) > same and n.one not in used]
            noun = rng.choice(pool)
            clear = distinct_colours(rng, noun.colours, 1, [colour for _, colour in things.values()])
            things[slot] = noun, clear[0] if clear else rng.choice(noun.colours)
    return things


def _choose_values(rng: Random, scenario: Scenario) -> tuple[Values, Values] | None:
    """Stated values and the results of the steps, or None where this draw of the lot does not come out."""
    stated = {name: rng.choice(pool) for name, pool in scenario.values.items()}
    results: Values = {}
    for step in scenario.steps:
        name, expression = step.split(" = ")
        try:
            results[name] = evaluate(expression, stated | results)
        except ZeroDivisionError:
            return None
        if results[name].denominator != 1 or not 0 <= results[name] <= 100:
            return None
    everything = stated | results
    counts = [everything[name] for name in scenario.draw]
    if not all(1 <= count <= 10 for count in counts) or sum(counts) > LARGEST_SCENE:
        return None
    if not all(evaluate(condition, everything) for condition in scenario.where):
        return None
    return stated, results


def compose(rng: Random, scenario: Scenario) -> Problem | None:
    """One attempt; None where the numbers do not come out small and whole, or no foil differs."""
    chosen = _choose_values(rng, scenario)
    if chosen is None:
        return None
    stated, results = chosen
    things = _choose_things(rng, scenario.things)
    if things is None:
        return None
    everything = stated | results
    items = {
        slot: Item(int(everything[name]), things[slot][1], things[slot][0].one) for name, slot in scenario.draw.items()
    }
    foils: list[Foil] = []
    for text in scenario.foils:
        expression, _, slot = text.partition(" @ ")
        item = items[slot or next(iter(scenario.draw.values()))]
        wrong = evaluate(expression, everything)
        known = {(f.item.kind, f.item.count) for f in foils} | {(item.kind, item.count)}
        if wrong.denominator == 1 and 1 <= wrong <= LARGEST_FOIL and (item.kind, wrong) not in known:
            foils.append(Foil(Item(int(wrong), item.colour, item.noun), expression))
    if not foils:
        return None
    writer = _Writer(rng, everything, things)
    prompt = re.sub(
        r"(^|[.?!] )([a-z])", lambda m: m.group(1) + m.group(2).upper(), writer.format(rng.choice(scenario.texts))
    )
    said = list(writer.said)
    why = writer.format(scenario.why)
    told = [Item(0, colour, noun.one) for noun, colour in things.values()]
    drawn = {item.noun for item in items.values()}
    absent = next((item for item in told if item.noun not in drawn), None)
    return Problem(prompt, said, why, Scene(tuple(items.values())), foils, absent)


_FRACTION = "|".join(sorted(FRACTION_WORDS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"\b(?:(?P<percent>\d+) per cent|(?P<digits>\d+(?:/\d+)?)|(?P<fraction>{_FRACTION})|(?P<twice>twice)"
    rf"|(?P<word>{'|'.join(NUMBERS)}))\b",
    re.IGNORECASE,
)


def numbers_in(text: str) -> list[Fraction]:
    """Every number that a text states, in order: digits, words, fractions, percentages, "twice"."""
    found = []
    for match in _NUMBER.finditer(text):
        kind, token = match.lastgroup, match.group(match.lastgroup or 0).lower()
        if kind == "percent":
            found.append(Fraction(int(token), 100))
        elif kind == "fraction":
            found.append(FRACTION_WORDS[token])
        elif kind == "word":
            found.append(Fraction(NUMBERS.index(token)))
        else:
            found.append(Fraction(2) if kind == "twice" else Fraction(token))
    return found
