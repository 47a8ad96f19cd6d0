"""The category's words (`content.yaml`), checked when they are read.

>>> content().stories[0].noun
'cup'
"""

from __future__ import annotations

import keyword
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from dataset_builder.categories.code_to_image.machine import BUILTINS
from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.categories.shared.words import COLOURS, NOUNS

FILE = Path(__file__).with_name("content.yaml")
ROLES = frozenset(
    "row copy picked count extra numbers colour stock word fn fn_count method inner maker each i j n arg list_arg "
    "option letter tone divisor".split()
)


def _name(text: str) -> str:
    if (
        not text.isidentifier()
        or keyword.iskeyword(text)
        or text in BUILTINS
        or text.startswith("_")
        or text in COLOURS
    ):
        raise ValueError(f"'{text}' cannot be a name in a program")
    return text


def _noun(text: str) -> str:
    if text not in NOUNS:
        raise ValueError(f"'{text}' is no noun of shared/words.py")
    return text


Name = Annotated[str, AfterValidator(_name)]


class Story(Entry):
    """What a program is about: the noun that is drawn, and names for a list of colours, of numbers, a dict, a class."""

    noun: Annotated[str, AfterValidator(_noun)]
    things: Name
    holders: Name
    stock: Name
    keeper: Name


class Prompts(Entry):
    """Sentences around a program; with an input they name it."""

    with_input: list[str] = Field(min_length=4)
    without_input: list[str] = Field(min_length=4)

    @model_validator(mode="after")
    def _holes(self) -> Prompts:
        for sentences, holes in ((self.with_input, ("{program}", "{line}")), (self.without_input, ("{program}",))):
            for sentence in sentences:
                if any(sentence.count(hole) != 1 for hole in holes) or ("{line}" in sentence) != ("{line}" in holes):
                    raise ValueError(f"'{sentence[:40]}...' needs {' and '.join(holes)} once each, and nothing more")
        return self


class Content(Entry):
    """The whole file."""

    stories: list[Story] = Field(min_length=20)
    names: dict[str, Annotated[list[Name], Field(min_length=2)]]
    words: list[Annotated[str, Field(pattern="^[a-z]{5,9}$")]] = Field(min_length=20)
    prompts: Prompts

    @model_validator(mode="after")
    def _roles(self) -> Content:
        if set(self.names) != ROLES:
            raise ValueError(f"names are needed for exactly these roles: {', '.join(sorted(ROLES))}")
        return self


@cache
def content() -> Content:
    """The file of the category, read once."""
    return read(FILE, Content)
