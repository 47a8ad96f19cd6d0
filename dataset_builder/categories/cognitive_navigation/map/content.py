"""The kinds of maps in `content.yaml`, read through a typed model that names what is wrong with a bad one.

>>> kind("zoo").places["zebra"]
'Zebras'
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.drawing import sprites
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import font

FILE = Path(__file__).with_name("content.yaml")
LABEL_SIZE = 26  # 2.9 % of the side
WIDEST = 170  # pixels of a name
STYLES = Literal["scatter", "ring", "river", "rail", "floors", "islands", "relief"]
TWO_WAYS = ("river", "rail", "floors", "islands")  # styles with a second kind of way
_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)?")
_Byte = Annotated[int, Field(ge=0, le=255)]
Colour = tuple[_Byte, _Byte, _Byte]
Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Way(Entry):
    """How one kind of way is drawn: colours of the way, its dashes and its edge."""

    colours: tuple[Colour, Colour, Colour]
    width: int = Field(ge=10, le=30)
    dash: int = Field(ge=1, le=3)


class Kind(Entry):
    """One kind of map; the head of `content.yaml` says what each field is."""

    name: str
    style: STYLES
    ground: tuple[Colour, Colour]
    blobs: tuple[Colour, ...] = Field(min_length=3)
    trees: tuple[str, ...] = Field(min_length=1)
    ways: dict[str, Way] = Field(min_length=1, max_length=2)
    numbers: Words
    closed: Words
    one_way: Words
    places: dict[str, str] = Field(min_length=14)
    heights: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        for sprite in (*self.places, *self.trees):
            if sprite not in sprites.TABLE:
                yield f"there is no sprite '{sprite}'"
        for name in self.places.values():
            if not _NAME.fullmatch(name):
                yield f"the place '{name}' is not one or two words with capitals"
            if label_width(name) > WIDEST:
                yield f"the place '{name}' is wider than {WIDEST} px"
        if len(set(self.places.values())) < len(self.places):
            yield "two places have the same name"
        if (len(self.ways) == 2) != (self.style in TWO_WAYS):
            yield f"the style {self.style} has {2 if self.style in TWO_WAYS else 1} kinds of ways, not {len(self.ways)}"

    @cached_property
    def room(self) -> float:
        """Pixels for any name: were it each name's own, short names would get more roads."""
        return max(map(label_width, self.places.values()))


@cache
def label_width(name: str) -> float:
    return font(LABEL_SIZE, bold=True).getlength(name) + 16


class Content(Entry):
    """The file."""

    routes: Words
    via: Words
    avoid: Words
    limit: Words
    ask: dict[Literal["passes", "length", "nth"], Words]
    kinds: tuple[Kind, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_its_placeholders(self) -> Self:
        wanted = {"routes": {"start", "goal"}, "via": {"via"}, "avoid": {"avoid"}, "limit": {"limit"}}
        texts = {field: getattr(self, field) for field in wanted}
        for name, asks in self.ask.items():
            wanted[f"ask {name}"] = {"route", "nth"} if name == "nth" else {"route"}
            texts[f"ask {name}"] = asks
        for field, lines in texts.items():
            for line in lines:
                found = {name for _, name, _, _ in string.Formatter().parse(line) if name}
                if found != wanted[field]:
                    raise ValueError(f"{field} '{line}' uses {sorted(found)}, it should use {sorted(wanted[field])}")
        return self


@cache
def content(path: Path = FILE) -> Content:
    """The file's content; RealUnifyError with file, entry and reason where it is bad."""
    return read(path, Content)


@cache
def kind(name: str) -> Kind:
    return next(one for one in content().kinds if one.name == name)


def rgb_of(colour: tuple[int, int, int]) -> Rgb:
    return colour[0], colour[1], colour[2]
