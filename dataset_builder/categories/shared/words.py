"""Words shared by the procedural text categories: drawable things, their colours, plurals, numbers.

>>> counted(1, NOUNS["mouse"], "grey"), counted(3, NOUNS["mouse"], "grey")
('1 grey mouse', '3 grey mice')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

PALETTE = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white")
COLOURS = frozenset((*PALETTE, "brown", "grey"))
# Pairs that a picture's light can make hard to tell apart: never asked about side by side.
_CLOSE = frozenset(
    frozenset(pair.split("/"))
    for pair in "red/orange orange/yellow red/pink pink/purple blue/purple brown/orange brown/red black/grey "
    "white/grey brown/grey".split()
)


@dataclass(frozen=True)
class Noun:
    """A thing that can be drawn and counted; `colours` are those it is seen in."""

    one: str
    many: str
    colours: tuple[str, ...]
    group: str


_IRREGULAR = {
    "scarf": "scarves",
    "mouse": "mice",
    "goose": "geese",
    "sheep": "sheep",
    "fish": "fish",
    "tomato": "tomatoes",
}

# One line a group: "noun, noun" share the palette; "noun: colours" name their own.
_PAINTED = {
    "table": "cup mug bowl plate vase teapot candle bottle jar box basket bucket lantern lamp bell spoon",
    "small": "marble button bead ball whistle key envelope pencil crayon ribbon paper_star pebble magnet",
    "toy": "toy_car toy_boat toy_train toy_truck balloon kite drum robot spinning_top building_block",
    "wear": "hat scarf sock glove mitten shoe boot cap T-shirt dress backpack umbrella",
    "large": "chair bench tent bicycle suitcase flag pillow canoe rowing_boat sailing_boat",
}
_NATURAL = {
    "fruit": "apple:red/green/yellow pear:green/yellow plum:purple/red/yellow lemon:yellow cherry:red/black "
    "tomato:red/yellow/green strawberry:red peach:orange/yellow banana:yellow/green "
    "bell_pepper:red/green/yellow/orange",
    "flower": "tulip:red/yellow/pink/white/purple rose:red/pink/white/yellow daisy:white/pink/yellow "
    "dahlia:red/pink/orange/purple/white",
    "animal": "rabbit:white/brown/black/grey cat:black/white/grey dog:brown/black/white hen:brown/white/black "
    "horse:brown/black/white duck:white/brown sheep:white/black goose:white/grey mouse:grey/white/brown "
    "goat:white/brown/black cow:brown/black/white pig:pink/black",
    "wild": "butterfly:blue/yellow/orange/white bird:blue/yellow/red/black fish:orange/blue/yellow/red "
    "owl:brown/white/grey frog:green snail:brown/grey parrot:red/green/blue/yellow",
}


def _plural(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return word + ("es" if word.endswith(("ch", "sh", "x", "ss")) else "s")


def _lexicon() -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    for group, text in _PAINTED.items():
        for raw in text.split():
            word = raw.replace("_", " ")
            nouns[word] = Noun(word, _plural(word), PALETTE, group)
    for group, text in _NATURAL.items():
        for entry in text.split():
            word, _, colours = entry.replace("_", " ").partition(":")
            nouns[word] = Noun(word, _plural(word), tuple(colours.split("/")), group)
    return nouns


NOUNS = _lexicon()
SINGULAR: dict[str, str] = {form: noun.one for noun in NOUNS.values() for form in (noun.many, noun.one)}

PEOPLE = (
    *((name, "she", "her") for name in "Amara Mei Leila Sofia Ingrid Priya Noor Zanele Yuki Elena Aroha Hana".split()),
    *((name, "he", "his") for name in "Mateo Kofi Omar Lars Ravi Tomas Minh Jonas Tariq Pavel Diego Sami".split()),
)

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


def distinct_colours(rng: Random, colours: Sequence[str], k: int, given: Sequence[str] = ()) -> list[str] | None:
    """`k` further colours easily told from each other and from the given ones, or None if there are not so many."""
    chosen = list(given)
    for colour in rng.sample(list(colours), len(colours)):
        if len(chosen) < k + len(given) and not any(c == colour or {c, colour} in _CLOSE for c in chosen):
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


# A setting and the colour that would vanish in it.
_INDOORS = (
    ("on a plain white background", "white"),
    ("on a light grey background", "grey"),
    ("on a light wooden table", "brown"),
    ("on a pale blue cloth", "blue"),
)
_OUTDOORS = (
    ("on a plain white background", "white"),
    ("on a green lawn", "green"),
    ("on pale sand", "yellow"),
)


_ON_WATER = (("on calm water", "blue"), ("on a plain white background", "white"))
_UNDER_WATER = (("in clear shallow water", "blue"), ("on a plain white background", "white"))
_BOATS = frozenset({"canoe", "rowing boat", "sailing boat"})


def setting(rng: Random, nouns: list[Noun], colours: list[str | None]) -> str:
    """A plain place for the reference prompt, in which none of the colours vanishes."""
    kinds = {noun.one for noun in nouns}
    outdoors = any(noun.group in ("animal", "wild", "large") for noun in nouns)
    places: Sequence[tuple[str, str]] = _OUTDOORS if outdoors else _INDOORS
    if kinds & {"fish", *_BOATS}:
        places = _UNDER_WATER if kinds == {"fish"} else _ON_WATER if kinds <= _BOATS else _OUTDOORS[:1]
    free = [place for place, hides in places if hides not in colours]
    return rng.choice(free or ["on a plain background that no object's colour matches"])
