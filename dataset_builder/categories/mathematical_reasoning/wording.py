"""How a story is told: placeholders filled, numbers remembered; and how a text's numbers are read again.

Placeholders: `{n}` a number ("three" or "3"; a fraction is "three quarters" or "3/4"), `{n:times}` "twice",
`{n:percent}` "40 per cent", `{p:chance}` "one half"; `{x}` "red cup", `{xs}` "red cups", `{a_x}` "a red cup", with
`:noun` or `:colour` for that part alone; `{who}`, `{she}`, `{her}` a person.

>>> numbers_in("Three trays of 12 buns, half of them eaten")
[Fraction(3, 1), Fraction(12, 1), Fraction(1, 2)]
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from dataset_builder.categories.mathematical_reasoning.content import Story, content, variants
from dataset_builder.categories.shared.words import (
    FRACTION_WORDS,
    NUMBERS,
    PEOPLE,
    Noun,
    article,
    coloured,
    fraction_word,
    number_word,
)

Values = Mapping[str, Fraction]
Things = Mapping[str, tuple[Noun, str]]
Stated = list[tuple[str, Fraction]]
IN_DIGITS = 0.4  # share of the prompts that write their numbers in digits


class _Writer(string.Formatter):
    """Fills placeholders and remembers the numbers in the order in which they are said."""

    def __init__(self, rng: Random, values: Values, things: Things) -> None:
        name, she, her = rng.choice(PEOPLE)
        self._words = {"who": name, "she": she, "her": her}
        large = any(value.denominator == 1 and value >= len(NUMBERS) for value in values.values())
        self._in_digits = rng.random() < IN_DIGITS or large  # never "15, three and six"
        self._values, self._things = values, things
        self.said: Stated = []

    def get_field(self, field_name: str, args: object, kwargs: object) -> tuple[Any, str]:
        return field_name, field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        name = str(value)
        if name in self._words:
            return self._words[name]
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


def prompt_for(rng: Random, story: Story, values: Values, things: Things) -> tuple[str, Stated]:
    """The prompt in one of the story's ways to tell it, and the numbers in the order in which it states them."""
    told = rng.choice(variants(rng.choice(story.tell)))
    asked = rng.choice(variants(rng.choice(story.ask)))
    order = rng.choice(content().orders).replace("{what}", asked)
    writer = _Writer(rng, values, things)
    text = writer.format(f"{told} {order}")
    return re.sub(r"(^|[.?!] )([a-z])", lambda m: m.group(1) + m.group(2).upper(), text), writer.said


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
