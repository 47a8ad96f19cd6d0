"""The words of `content.yaml`, and its alphabets, read through a typed model that names what is wrong with a bad one.

>>> alphabet("digits").read({"b", "c"})
'1'
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from dataset_builder.categories.mental_tracking.reader import read_alphabet, read_asked, read_mode, read_steps
from dataset_builder.categories.mental_tracking.recolouring import Mode, Step
from dataset_builder.categories.shared.data import Entry, read

FILE = Path(__file__).with_name("content.yaml")
STROKES = "abcdefg"
_PROGRAMMES = {"numbered", "then", "first", "stages", "semi", "rules"}


class Alphabet(Entry):
    """Glyphs that are told apart by their strokes alone."""

    name: str
    one: str
    many: str
    join: str
    share: int = Field(ge=1)
    glyphs: dict[str, str] = Field(min_length=6)
    told: dict[str, str] = {}
    never: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _is_unambiguous(self) -> Self:
        seen: dict[frozenset[str], str] = {}
        for glyph, strokes in self.glyphs.items():
            if not strokes or set(strokes) - set(STROKES) or len(set(strokes)) < len(strokes):
                raise ValueError(f"glyph {glyph} is '{strokes}', not different strokes of {STROKES}")
            if (other := seen.setdefault(frozenset(strokes), glyph)) != glyph:
                raise ValueError(f"{other} and {glyph} have the same strokes")
        if self.told and set(self.told) != set(self.glyphs):
            raise ValueError(f"told explains {', '.join(self.told)}; it should explain every glyph or none")
        if read_alphabet(self.many) != self.name:
            raise ValueError(f"'{self.many}' does not read as {self.name}")
        return self

    def read(self, strokes: Iterable[str]) -> str | None:
        """The glyph that these strokes form, or None."""
        return _by_strokes(self.name).get(frozenset(strokes))

    def text(self, glyphs: Iterable[str]) -> str:
        return self.join.join(glyphs)


@cache
def _by_strokes(name: str) -> dict[frozenset[str], str]:
    return {frozenset(strokes): glyph for glyph, strokes in alphabet(name).glyphs.items()}


class Words(Entry):
    """The file; its head says what each field is."""

    alphabets: tuple[Alphabet, ...] = Field(min_length=1)
    frames: dict[Mode, tuple[str, ...]]
    asks: tuple[str, ...] = Field(min_length=1)
    turn: tuple[str, ...] = Field(min_length=1)
    swap: tuple[str, ...] = Field(min_length=1)
    where: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _reads_back(self) -> Self:
        for problem in (*self._frame_problems(), *self._ask_problems(), *self._clause_problems()):
            raise ValueError(problem)
        return self

    def _frame_problems(self) -> Iterator[str]:
        for mode, frames in self.frames.items():
            for frame in frames:
                if len(_placeholders(frame) & _PROGRAMMES) != 1 or _placeholders(frame) - _PROGRAMMES - {"glyphs"}:
                    yield f"the frame '{frame[:40]}...' needs one of {', '.join(sorted(_PROGRAMMES))}"
                if read_mode(frame) != mode:
                    yield f"the frame '{frame[:40]}...' does not read as {mode}"

    def _ask_problems(self) -> Iterator[str]:
        for ask in self.asks:
            if _placeholders(ask) != {"asked", "glyphs"}:
                yield f"'{ask}' needs {{asked}} and {{glyphs}} and nothing else"
            elif read_asked(ask.format(asked="green", glyphs="digits")) != "green":
                yield f"'{ask}' does not read as asking for a colour"

    def _clause_problems(self) -> Iterator[str]:
        for swap, clauses in ((False, self.turn), (True, self.swap)):
            for clause in clauses:
                for where in self.where:
                    step = Step("red", "blue", swap, "left", "vertical")
                    target = "vertical blue" if swap else "blue"
                    told = {
                        "what": "vertical red",
                        "target": target,
                        "where": where.format(place="left", glyph="digit"),
                    }
                    if read_steps(clause.format(**told)) != [step]:
                        yield f"the clause '{clause}' does not read back"


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@cache
def words(path: Path = FILE) -> Words:
    """All words; RealUnifyError with file, entry and reason where one is bad."""
    return read(path, Words)


@cache
def alphabet(name: str) -> Alphabet:
    return next(one for one in words().alphabets if one.name == name)
