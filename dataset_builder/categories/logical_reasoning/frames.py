"""The sentences that no scenario owns, and which placeholders each of them may have.

>>> _check("{x} is taken away", ["x"])
'{x} is taken away'
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def fills(*names: str) -> AfterValidator:
    """Lets a sentence have no placeholder but these."""
    return AfterValidator(lambda text: _check(text, names))


def _check(text: str, names: Sequence[str]) -> str:
    unknown = {field for _, field, _, _ in Formatter().parse(text) if field is not None} - set(names)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in names) or "none"
        raise ValueError(f"'{text}' has {{{sorted(unknown)[0]}}}; known here: {known}")
    return text


# Which placeholders each frame may have.
FRAMES: dict[str, dict[str, str]] = {
    "clauses": {
        "statement": "x be what",
        "and": "a b",
        "or": "a b",
        "if": "a b",
        "iff": "a b",
        "one_of": "A B",
        "count": "k n plural be v",
        "more": "v w",
        "alternate": "plural alike",
        "symmetric": "",
        "no_neighbours": "v",
        "never_next": "kind neighbours",
        "only": "names have mark",
        "marked_among": "one mark where",
        "all_wrong": "",
        "spread": "plural",
        "same_state": "alike y",
        "ranks_above": "more y",
    },
    "questions": {
        "statement": "Be x what",
        "lead": "lead x",
        "count": "Be k plural v",
        "present": "one",
        "total": "k plural",
        "beyond": "one x mark",
        "spread": "n plural",
        "sharing": "n plural",
        "marked": "x mark",
        "only": "x mark",
        "pair": "x y mark",
    },
    "changes": {
        "remove": "x closing_up",
        "take": "x",
        "move_next": "x where closing_up",
        "cycle": "x y z",
        "mirror": "",
        "insert": "new end",
        "replace": "x new",
        "set": "x v",
        "when": "a b c",
    },
    "telling": {
        "whole": "Scene Told",
        "order": "reading list",
        "ranked": "x y",
        "paired": "x pair",
        "before_after": "before after",
        "inferred": "fact",
        "shallow": "slip told",
        "one": "so total told",
        "some": "so total valid told",
    },
}


Words = Annotated[str, Field(min_length=1), fills()]


class Entry(BaseModel):
    """What every entry of the file keeps to: known fields only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Frames(Entry):
    """The sentences that no scenario owns."""

    clauses: dict[str, str]
    questions: dict[str, str]
    changes: dict[str, str]
    turns: tuple[Annotated[str, fills("changes")], ...]
    branch: Annotated[str, fills("changes")]
    after_branch: Annotated[str, fills("changes")]
    two: Annotated[str, fills("a", "b")]
    several: Annotated[str, fills("most", "last")]
    then: Words
    results: tuple[Words, ...]
    telling: dict[str, str]

    @model_validator(mode="after")
    def _are_whole(self) -> Frames:
        for section, known in FRAMES.items():
            given: dict[str, str] = getattr(self, section)
            for name in sorted({*given} ^ {*known}):
                raise ValueError(f"{section}: '{name}' is {'not known' if name in given else 'missing'}")
            for name, text in given.items():
                _check(text, known[name].split())
        return self
