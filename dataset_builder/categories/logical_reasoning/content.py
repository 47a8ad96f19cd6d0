"""The words of the logic puzzles: scenarios, geometries and sentence frames, read from `content.yaml`.

The file is meant to be read, reviewed and extended by someone who writes English well; this module says what an
entry has to have, and refuses a bad one by file, name and reason.

    >>> CONTENT.layouts["row"].places[3][0]
    'at the left end'
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dataset_builder.errors import RealUnifyError

FILE = Path(__file__).with_name("content.yaml")
SLOT = " {conditions}"
"""Where the conditions stand in a phrasing: after the opening, before what is left to say."""


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
        "order": "Reading list",
        "present": "one",
        "total": "k plural",
        "marked": "x mark",
    },
    "changes": {
        "remove": "x closing_up",
        "take": "x",
        "move": "x end closing_up",
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
        "one": "so total told",
        "some": "so total valid told",
    },
}


_OPENING = ("n", "N", "place", "list", "List", "colours", "names", "second", "labels", "values", "holders", "Holders")
Words = Annotated[str, Field(min_length=1), fills()]
Plural = Annotated[str, Field(min_length=1), fills("plural", "v")]
Scene = Annotated[str, Field(min_length=1), fills(*_OPENING)]
Opening = Annotated[str, Field(min_length=1), fills(*_OPENING, "conditions")]
Thing = Annotated[str, Field(min_length=1), fills("c", "h", "x", "y", "v", "w", "w0")]
Place = Annotated[str, fills("", "level", "more", "less", "most", "least", "plural", "measure", "x", "y", "z")]


class Entry(BaseModel):
    """What every entry of the file keeps to: known fields only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(Entry):
    """A class that a general rule may range over. `others` are certainly not in it; anything else is left out."""

    plural: Plural
    members: tuple[Words, ...]
    others: tuple[Words, ...]


class Flip(Entry):
    """The sentences that turn one thing, all of them, or the outermost two to the other of two states."""

    one: Thing | None = None
    all: Words
    ends: Words | None = None


class Layout(Entry):
    """How a geometry is spoken of: its places in order, and one predicate a relation."""

    places: dict[int, tuple[Place, ...]] = {}
    leads: dict[int, tuple[Place, ...]] = {}
    """Attributive forms: "leftmost {}" (with a noun: "the leftmost mug")."""
    ends: Place = ""
    relations: dict[str, Place] = {}
    rows: tuple[Words, ...] = ()
    columns: tuple[Words, ...] = ()
    reading: Place = ""
    """How the whole is listed: "from left to right"."""
    neighbours: Place = ""
    to_ends: tuple[Place, Place] | None = None
    swap: Place = "{x} and {y} swap places"
    swap_together: Place = "{x} and {y} swap places"
    closing_up: Place = ""
    maps: dict[str, Place] = {}


class Scenario(Entry):
    """One situation. `things` are colours where `noun` is set ("the red mug"), else names ("the pear")."""

    name: Words
    layout: Words
    scene: Scene
    phrasings: tuple[Opening, ...] = Field(min_length=3)
    things: tuple[Words, ...] = ()
    noun: str = ""
    plural: str = ""
    places: tuple[Words, ...] = Field(min_length=3)
    counts: tuple[int, ...] = (3, 4, 5)
    verb: str = ""
    """A livelier word than "is" for where something is: "stands", "hangs"."""
    mark: str = ""
    """What a thing may have that sets it apart: "a spoon inside"."""
    classes: tuple[Kind, ...] = ()
    level: str = ""
    """Stands for "shelf" in a vertical layout."""
    more: str = ""
    less: str = ""
    most: str = ""
    least: str = ""
    """Comparatives of a size: taller, shorter, tallest, shortest."""
    second: tuple[Words, ...] = ()
    second_name: Thing = "{c}"
    second_term: Thing = "{c}"
    pair: Thing = "{y}"
    """The other thing at each place: "{c} hat", "animal in the {c} hat", and "wearing {y}"."""
    loose: str = "things"
    """Which of the two things at a place can be exchanged by itself: "things" or "second"."""
    holders: tuple[Words, ...] = ()
    holder_name: Thing = "{h}"
    hold: Thing = "{h}"
    values: tuple[Words, ...] = ()
    alike: str = ""
    flip: Flip | None = None
    becomes: tuple[Words, ...] = ()
    """What happens to a thing that gets the value: "is opened", "is closed"."""
    recolour: Thing = "every {v} one becomes {w}"
    adjective: Plural = "{v} {plural}"

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Scenario:
        for phrasing in self.phrasings:
            if phrasing.count(SLOT) != 1:
                raise ValueError(f"phrasing '{phrasing}' needs {{conditions}} once, after a space")
        if self.loose not in {"things", "second"}:
            raise ValueError(f"loose is '{self.loose}', needs things or second")
        if not self.values and len(self.things) < max(self.counts):
            raise ValueError(f"{len(self.things)} things, needs {max(self.counts)} for its counts")
        return self

    @property
    def coloured(self) -> bool:
        return bool(self.noun)


class Frames(Entry):
    """The sentences that no scenario owns."""

    clauses: dict[str, str]
    questions: dict[str, str]
    changes: dict[str, str]
    turns: tuple[Annotated[str, fills("changes")], ...]
    branch: Annotated[str, fills("changes")]
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


class Content(Entry):
    """The whole file, lists and classes put in where they are named."""

    layouts: dict[str, Layout]
    scenarios: dict[str, Scenario]
    frames: Frames

    @model_validator(mode="after")
    def _layouts_are_known(self) -> Content:
        for scenario in self.scenarios.values():
            if scenario.layout not in self.layouts:
                raise ValueError(f"scenario '{scenario.name}': no layout is called '{scenario.layout}'")
        return self


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a name cannot be given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"'{key.value}' is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep=deep))


def load(path: Path = FILE) -> Content:
    """The words in the file; RealUnifyError with file, entry and reason where one is bad."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 -- a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise RealUnifyError(f"{path.name}: line {line}: {error.problem}; mend that line") from None
    if not isinstance(data, dict):
        raise RealUnifyError(f"{path.name}: needs lists, classes, layouts, frames and scenarios")
    lists, classes = data.pop("lists", {}), data.pop("classes", {})
    try:
        for name, entry in data.get("layouts", {}).items():
            # dict order is kept: what an entry says for itself comes in the place of what it takes over
            like = entry.pop("like", None)
            data["layouts"][name] = {**(data["layouts"][like] if like else {}), **entry}
        for name, entry in data.get("scenarios", {}).items():
            data["scenarios"][name] = _named(name, entry, lists, classes)
        return Content.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ").replace("\n", " ")
        raise RealUnifyError(f"{path.name}: {where}: {reason}; mend that entry".replace(": : ", ": ")) from None
    except ValueError as error:
        raise RealUnifyError(f"{path.name}: {error}; mend that entry") from None


def _named(name: str, entry: Any, lists: dict[str, Any], classes: dict[str, Any]) -> dict[str, Any]:
    """A scenario's entry with the lists and classes that it calls by name."""
    if not isinstance(entry, dict):
        raise ValueError(f"scenarios: {name}: needs fields, such as layout, scene, phrasings")
    full = {"name": name, **entry}
    for field in ("things", "second", "holders", "places", "values"):
        if isinstance(full.get(field), str):
            if full[field] not in lists:
                raise ValueError(f"scenarios: {name}: {field}: no list is called '{full[field]}'")
            full[field] = lists[full[field]]
    for kind in full.get("classes", ()):
        if kind not in classes:
            raise ValueError(f"scenarios: {name}: no class is called '{kind}'")
    if "classes" in full:
        full["classes"] = [classes[kind] for kind in full["classes"]]
    return full


CONTENT = load()
SCENARIOS = CONTENT.scenarios
