"""The words of the logic puzzles: scenarios, geometries and sentence frames, read from `content.yaml`.

The file is meant to be read, reviewed and extended by someone who writes English well; this module says what an
entry has to have, and refuses a bad one by file, name and reason.

    >>> CONTENT.layouts["row"].places[3][0]
    'at the left end'
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from dataset_builder.categories.logical_reasoning.frames import Entry, Frames, Words, fills
from dataset_builder.errors import RealUnifyError

FILE = Path(__file__).with_name("content.yaml")
SLOT = " {conditions}"
"""Where the conditions stand in a phrasing: after the opening, before what is left to say."""


_OPENING = ("n", "N", "place", "list", "List", "colours", "names", "second", "labels", "values", "holders", "Holders")
Plural = Annotated[str, Field(min_length=1), fills("plural", "v")]
Scene = Annotated[str, Field(min_length=1), fills(*_OPENING)]
Opening = Annotated[str, Field(min_length=1), fills(*_OPENING, "conditions")]
Thing = Annotated[str, Field(min_length=1), fills("c", "h", "x", "y", "v", "w", "w0")]
_SIZES = ("level", "more", "less", "most", "least", "plural", "measure")
Place = Annotated[str, fills("", *_SIZES, "x", "y", "z", "end", "closing_up")]
Geometry = Literal[
    "line",
    "shelves",
    "sizes",
    "grid",
    "board",
    "table",
    "holders",
    "labels",
    "pairs",
    "ranked",
    "states",
    "named_states",
]


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

    geometry: Geometry
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
    mirrored: Place = ""
    """x is as far from one end as y is from the other."""
    move: Place = "{x} is moved {end} and {closing_up}"
    closing_up: Place = ""
    maps: dict[str, Place] = {}


class Scenario(Entry):
    """One situation. `things` are colours where `noun` is set ("the red mug"), else names ("the pear")."""

    name: Words
    layout: Words
    geometry: Geometry = "line"
    """That of the layout; put in when the file is read."""
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
    measure: str = ""
    """What sizes are sizes of: height, length, size."""
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
    holder_kind: Thing = ""
    """A holder in a list of all of them, where it is not "a fox": "one red"."""
    hold: Thing = "{h}"
    values: tuple[Words, ...] = ()
    alike: str = ""
    copy_as: Annotated[str, fills("x", "y", "alike")] = Field("{x} is changed to be {alike} as {y}", alias="copy")
    """One thing gets the state of another."""
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

    @property
    def ranks(self) -> tuple[str, str, str]:
        """The three size ranks of a "ranked" scenario, small first."""
        return (self.least, "middle-sized", self.most)


class Content(Entry):
    """The whole file, lists and classes put in where they are named."""

    layouts: dict[str, Layout]
    scenarios: dict[str, Scenario]
    frames: Frames
    look_alikes: tuple[tuple[Words, ...], ...]
    """Things of which no two may be in one picture, because people would have to guess which is which."""

    @model_validator(mode="after")
    def _layouts_are_known(self) -> Content:
        for scenario in self.scenarios.values():
            if scenario.layout not in self.layouts:
                raise ValueError(f"scenario '{scenario.name}': no layout is called '{scenario.layout}'")
        return self

    @model_validator(mode="after")
    def _things_can_be_told_apart(self) -> Content:
        for scenario in self.scenarios.values():
            for field in ("things", "second", "holders"):
                drawn: tuple[str, ...] = getattr(scenario, field)
                n = max(scenario.counts)
                if drawn and not any(not self.alike(some) for some in itertools.combinations(drawn, n)):
                    raise ValueError(f"scenario '{scenario.name}': no {n} of its {field} are easily told apart")
        return self

    def alike(self, things: Sequence[str]) -> list[tuple[str, str]]:
        """The pairs of these that people would have to guess apart in one picture."""
        return [
            (x, y)
            for x, y in itertools.combinations(things, 2)
            if x == y or any(x in line and y in line for line in self.look_alikes)
        ]


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
        for name, entry in data.get("scenarios", {}).items():
            data["scenarios"][name] = _named(name, entry, lists, classes, data["layouts"])
        return Content.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ": ".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ").replace("\n", " ")
        raise RealUnifyError(f"{path.name}: {where}: {reason}; mend that entry".replace(": : ", ": ")) from None
    except ValueError as error:
        raise RealUnifyError(f"{path.name}: {error}; mend that entry") from None


def _named(
    name: str, entry: Any, lists: dict[str, Any], classes: dict[str, Any], layouts: dict[str, Any]
) -> dict[str, Any]:
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
    if full.get("layout") in layouts:
        full["geometry"] = layouts[full["layout"]].get("geometry")
    return full


CONTENT = load()
SCENARIOS = CONTENT.scenarios
