"""A family's words and looks as data: what its things are called, what is printed on them, what is asked.

A pattern makes a value: `{list}` is a word of that list, `#` a figure, `@` a capital. Names, titles and brands come
about by such combinations; `REFUSED` holds what must not.

    >>> import random
    >>> invent(random.Random(1), "{tone}-##", {"tone": ("Do", "Re")})
    'Do-37'
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from dataset_builder.categories.attentional_focusing.details import emblems
from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.drawing.colors import all_distinguishable
from dataset_builder.drawing.svg import FACES
from dataset_builder.errors import RealUnifyError

Subtask = Literal["quantity", "ocr", "attribute"]
Move = Literal["beside", "end", "nth", "like", "across"]
Words = Mapping[str, tuple[str, ...]]
FOLDER = Path(__file__).parent / "families"
CAPITALS = "ABDEFGHKLMNPRSTVXZ"
FIGURES = "123456789"
# What one letter may be taken for: nobody should have to tell 1 from 7 or l from I.
_SWAPS = ("aeou", "bdfgkmnprstvz", "AEUY", "BDFGHKLMNPRSTVXZ", "2345689")
REFUSED = re.compile(
    r"ass(?!o|e)|anus|arse|bast|bitch|boob|bum|butt|cock|coon|crap|cum|damn|dick|dyke|fag|fuk|fuc|gay|god|hell|homo|"
    r"jew|kill|kkk|nazi|nig|nud|paki|penis|piss|poo|porn|puss|rape|sex|shit|slut|spic|suck|tit(?!l)|turd|twat|vag|"
    r"wank|whor|tesco|aldi|lidl|nestl|heinz|kraft|sony|ikea|nokia|ford|fiat|volvo|seat|skoda|audi|kia|dove|nivea|"
    r"pepsi|coca|fanta|milka|oreo|twix|mars|lego|nike|puma|visa|shell|total|esso",
    re.IGNORECASE,
)


class Ask(Entry):
    """What can be asked of one thing: the facet, its subtask, questions with `{thing}`, and what values there are."""

    subtask: Subtask
    says: tuple[str, ...] = Field(min_length=1)
    tells: str  # the rationale's sentence, with {thing} and {value}
    pattern: str = ""  # ocr: how a value is made
    low: int = 2  # quantity: the fewest and the most
    high: int = 9
    choices: tuple[str, ...] = ()  # attribute: emblems, colours

    @model_validator(mode="after")
    def _has_values(self) -> Ask:
        if not all("{thing}" in says for says in self.says):
            raise ValueError("a question without {thing}")
        if "{value}" not in self.tells or "{thing}" not in self.tells:
            raise ValueError("'tells' without {thing} or {value}")
        if self.subtask == "ocr" and not re.search(r"[#@{]", self.pattern):
            raise ValueError("'pattern' makes no value")
        if self.subtask == "quantity" and self.high - self.low < 3:
            raise ValueError("fewer than four numbers to choose from")
        if self.subtask == "attribute":
            if len(set(self.choices)) < 4:
                raise ValueError("fewer than four choices")
            unknown = set(self.choices) - set(emblems())
            if unknown and not (unknown == set(self.choices) and _apart(self.choices)):
                raise ValueError(f"neither emblems nor colours that everyone can tell apart: {sorted(unknown)}")
        return self


def _apart(colors: tuple[str, ...]) -> bool:
    try:
        return all_distinguishable(colors)
    except KeyError:
        return False


class Anchor(Entry):
    """A text by which one thing is found: the phrase with `{value}` and the pattern of the text."""

    says: str = Field(pattern=r"\{value\}")
    pattern: str = Field(pattern=r"[#@{]")


class Family(Entry):
    """One family of scenes."""

    name: str
    place: str  # "this shelf of books"
    noun: str
    row: str
    within: Literal["in", "on"] = "in"  # the row
    moves: tuple[Move, ...]
    anchors: dict[str, Anchor] = Field(min_length=1)
    asks: dict[str, Ask]
    words: dict[str, tuple[str, ...]] = {}
    faces: dict[str, tuple[str, ...]] = {}
    colours: dict[str, tuple[tuple[int, int, int], ...]] = {}
    patterns: dict[str, str] = {}  # of what is printed and never asked about

    @model_validator(mode="after")
    def _is_whole(self) -> Family:
        missing = {"quantity", "ocr", "attribute"} - {ask.subtask for ask in self.asks.values()}
        if missing:
            raise ValueError(f"nothing to ask for {', '.join(sorted(missing))}")
        for face in (face for faces in self.faces.values() for face in faces):
            if face not in FACES:
                raise ValueError(f"there is no typeface '{face}'")
        known = {**COMMON, **self.words}
        patterns = [*(a.pattern for a in self.anchors.values()), *(a.pattern for a in self.asks.values())]
        for pattern in [*patterns, *self.patterns.values()]:
            for name in re.findall(r"\{(\w+)\}", pattern):
                if name not in known:
                    raise ValueError(f"there is no list of words '{name}'")
        return self

    def invent(self, rng: random.Random, pattern: str) -> str:
        return invent(rng, pattern, {**COMMON, **self.words})


COMMON: Words = {
    "initial": tuple("ABCDEFGHJKLMNPRSTVW"),
    "start": tuple(
        "Tor Mel Bran Os Vel Kar Lin Dor Ash Fen Mor Sel Tam Ul Ven Wil Yar Zan Er Hol Bas Gor Nar Pel".split()
    ),
    "end": tuple("ek an by is ol mund en ov well strom ard in ak or eux ley er ow ett una".split()),
    "syllable": tuple("ba ke lo mi nu ra se to va zu de fa go ka li mo ne pa ri sa ta ve".split()),
}


@cache
def family(name: str) -> Family:
    """The family's data; a bad entry is refused by file, name and reason."""
    return read(FOLDER / f"{name}.yaml", Family)


def invent(rng: random.Random, pattern: str, words: Words) -> str:
    """A value of the pattern that offends nobody and names no brand that comes to mind."""
    for _ in range(50):
        text = re.sub(r"\{(\w+)\}", lambda found: rng.choice(words[found[1]]), pattern)
        text = "".join(rng.choice({"#": FIGURES, "@": CAPITALS}.get(mark, mark)) for mark in text)
        if not REFUSED.search(text.replace(" ", "")):
            return text
    raise RealUnifyError(f"the pattern '{pattern}' makes nothing but refused words; change its words")


def similar(rng: random.Random, value: str) -> list[str]:
    """Four texts, the value one of them, that differ in one letter or figure only, in an order that tells nothing;
    none where no letter or figure of it could be another.
    """
    for _ in range(100):
        spot = rng.randrange(len(value))
        sets = [swap for swap in _SWAPS if value[spot] in swap]
        if not sets or len(sets[0]) < 4 or (spot == 0 and value[0].isalpha() and value[1:2].islower()):
            continue
        others = rng.sample([mark for mark in sets[0] if mark != value[spot]], 3)
        four = [value[:spot] + mark + value[spot + 1 :] for mark in [value[spot], *others]]
        if not any(REFUSED.search(text.replace(" ", "")) for text in four):
            return rng.sample(four, 4)
    return []
