"""Words shared by the procedural text categories: drawable things, their colours, plurals, numbers.

The words themselves are in `words.yaml`, for people who write English; here is what is done with them.

>>> counted(1, NOUNS["mouse"], "grey"), counted(3, NOUNS["mouse"], "grey")
('1 grey mouse', '3 grey mice')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Self

from pydantic import model_validator

from dataset_builder.categories.shared.data import Entry, read

FILE = Path(__file__).with_name("words.yaml")
_PRONOUNS = {"she": "her", "he": "his"}


class Settings(Entry):
    """Plain backgrounds, each with the colour that would vanish in it."""

    indoors: dict[str, str]
    outdoors: dict[str, str]
    on_water: dict[str, str]
    under_water: dict[str, str]


class Lexicon(Entry):
    """`words.yaml`; its head says what each list is."""

    palette: tuple[str, ...]
    colours: tuple[str, ...]
    close: tuple[str, ...]
    plurals: dict[str, str]
    painted: dict[str, tuple[str, ...]]
    natural: dict[str, dict[str, tuple[str, ...]]]
    people: dict[str, tuple[str, ...]]
    settings: Settings
    boats: tuple[str, ...]

    @model_validator(mode="after")
    def _words_are_known(self) -> Self:
        known = {*self.palette, *self.colours}
        things = [word for group in (*self.painted.values(), *self.natural.values()) for word in group]
        if twice := {word for word in things if things.count(word) > 1}:
            raise ValueError(f"'{sorted(twice)[0]}' is listed twice")
        for word, colours in (entry for group in self.natural.values() for entry in group.items()):
            if not colours or set(colours) - known:
                raise ValueError(f"'{word}' has a colour that is not in palette or colours: {', '.join(colours)}")
        for pair in self.close:
            if len(set(pair.split("/")) & known) != 2:
                raise ValueError(f"close '{pair}' is not a pair of known colours, as in red/orange")
        for word in (*self.plurals, *self.boats):
            if word not in things:
                raise ValueError(f"'{word}' is in plurals or boats but no group has it")
        if set(self.people) != set(_PRONOUNS):
            raise ValueError("people are listed under 'she' and 'he'")
        return self


_LEXICON = read(FILE, Lexicon)
PALETTE = _LEXICON.palette
COLOURS = frozenset((*PALETTE, *_LEXICON.colours))
CLOSE = frozenset(frozenset(pair.split("/")) for pair in _LEXICON.close)
"""Pairs that a picture's light can make hard to tell apart: never asked about side by side."""


@dataclass(frozen=True)
class Noun:
    """A thing that can be drawn and counted; `colours` are those it is seen in."""

    one: str
    many: str
    colours: tuple[str, ...]
    group: str


def _plural(word: str) -> str:
    if word in _LEXICON.plurals:
        return _LEXICON.plurals[word]
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("ch", "sh", "x", "ss")) else "s")


def _nouns() -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    for group, words in _LEXICON.painted.items():
        nouns |= {word: Noun(word, _plural(word), PALETTE, group) for word in words}
    for group, entries in _LEXICON.natural.items():
        nouns |= {word: Noun(word, _plural(word), colours, group) for word, colours in entries.items()}
    return nouns


NOUNS = _nouns()
SINGULAR: dict[str, str] = {form: noun.one for noun in NOUNS.values() for form in (noun.many, noun.one)}

PEOPLE = tuple((name, she, _PRONOUNS[she]) for she in _PRONOUNS for name in _LEXICON.people[she])

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth", 9: "ninth"}
FRACTION_WORDS: dict[str, Fraction] = {
    f"{NUMBERS[top]} {_PARTS[bottom]}{'s' if top > 1 else ''}": Fraction(top, bottom)
    for bottom in _PARTS
    for top in range(1, bottom)
    if Fraction(top, bottom).denominator == bottom
}


FRACTION_WORDS["half"] = Fraction(1, 2)


def group(*names: str) -> tuple[Noun, ...]:
    """The nouns of these groups; a name that is a noun itself stands for that noun."""
    return tuple(noun for noun in NOUNS.values() if noun.group in names or noun.one in names)


def clear(one: str, other: str) -> bool:
    """Whether people tell the two colours apart when they see them side by side."""
    return one != other and frozenset((one, other)) not in CLOSE


def distinct_colours(rng: Random, colours: Sequence[str], k: int, given: Sequence[str] = ()) -> list[str] | None:
    """`k` further colours easily told from each other and from the given ones, or None if there are not so many."""
    chosen = list(given)
    for colour in rng.sample(list(colours), len(colours)):
        if len(chosen) < k + len(given) and not any(c == colour or {c, colour} in CLOSE for c in chosen):
            chosen.append(colour)
    return chosen[len(given) :] if len(chosen) == k + len(given) else None


def number_word(value: int) -> str:
    """`seven`; digits above twelve."""
    return NUMBERS[value] if 0 <= value < len(NUMBERS) else str(value)


def fraction_word(value: Fraction) -> str:
    """`three quarters`, `half`; `3/10` where there is no common word."""
    words = [word for word, known in FRACTION_WORDS.items() if known == value]
    return words[-1] if words else f"{value.numerator}/{value.denominator}"


def article(phrase: str) -> str:
    """`an orange cup`, `a red cup`."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def coloured(noun: Noun, colour: str | None, count: int = 2) -> str:
    """`red apple` or `red apples`; without a colour the noun alone."""
    word = noun.one if count == 1 else noun.many
    return f"{colour} {word}" if colour else word


def counted(count: int, noun: Noun, colour: str | None = None) -> str:
    """`3 red apples`, `1 red apple`."""
    return f"{count} {coloured(noun, colour, count)}"


def setting(rng: Random, nouns: list[Noun], colours: list[str | None]) -> str:
    """A plain place for the reference prompt, in which none of the colours vanishes."""
    kinds = {noun.one for noun in nouns}
    outdoors = any(noun.group in ("animal", "wild", "large") for noun in nouns)
    known = _LEXICON.settings
    places = list((known.outdoors if outdoors else known.indoors).items())
    boats = set(_LEXICON.boats)
    if kinds & {"fish", *boats}:
        watery = known.under_water if kinds == {"fish"} else known.on_water if kinds <= boats else None
        places = list(known.outdoors.items())[:1] if watery is None else list(watery.items())
    free = [place for place, hides in places if hides not in colours]
    return rng.choice(free or ["on a plain background that no object's colour matches"])
