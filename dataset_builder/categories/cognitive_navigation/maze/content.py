"""The words of `content.yaml`, read through a typed model that names what is wrong with a bad one.

>>> "castle" in content().goals
True
"""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from dataset_builder.categories.cognitive_navigation.maze.reader import read_kind
from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.drawing.sprites import TABLE

FILE = Path(__file__).with_name("content.yaml")
_ENDS = {"start", "goal"}
# What a question of each kind has to name.
_NEEDED = {
    "on_path": _ENDS,
    "nth": _ENDS | {"nth"},
    "count": _ENDS,
    "sequence": _ENDS | {"three"},
    "reach": {"goal"},
}
_EXAMPLE = {"start": "cat", "goal": "bell", "nth": "second", "three": "E, F and H"}


class Content(Entry):
    """The file; its head says what each field is."""

    walkers: Annotated[tuple[str, ...], Field(min_length=8)]
    goals: Annotated[tuple[str, ...], Field(min_length=8)]
    ask: dict[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for sprite in (*self.walkers, *self.goals):
            if sprite not in TABLE:
                raise ValueError(f"there is no sprite '{sprite}'")
        if set(self.ask) != set(_NEEDED):
            raise ValueError(f"ask has {', '.join(sorted(self.ask))}, it should have {', '.join(sorted(_NEEDED))}")
        for kind, questions in self.ask.items():
            for question in questions:
                if {name for _, name, _, _ in string.Formatter().parse(question) if name} != _NEEDED[kind]:
                    raise ValueError(f"'{question}' should use {', '.join(sorted(_NEEDED[kind]))}")
                if read_kind(question.format(**_EXAMPLE)) != kind:
                    raise ValueError(f"'{question}' does not read as {kind}")
        return self


@cache
def content(path: Path = FILE) -> Content:
    """The file's content; RealUnifyError with file, entry and reason where it is bad."""
    return read(path, Content)
