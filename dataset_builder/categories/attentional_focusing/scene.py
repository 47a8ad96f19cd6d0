"""The record of a scene: its things, where each is, what is printed on each, and along which rows they stand.

Things are in the order in which they were drawn; whatever finds its way from one to another (`chain`) looks at
their boxes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.drawing.canvas import Box


@dataclass
class Thing:
    """One thing. `look` is what it may be called among others ("tin"); `covered` says that something lies over it.

    `style` is for the family that draws it, `details` is how its facets were drawn; neither is in the record.
    """

    box: Box
    values: dict[str, str] = field(default_factory=dict)
    look: str = ""
    covered: bool = False
    aside: bool = False  # stands in no row: clutter
    style: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Detail] = field(default_factory=dict)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def as_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {"box": list(self.box), "values": self.values}
        more = {"look": self.look, "covered": self.covered, "aside": self.aside}
        return row | {key: value for key, value in more.items() if value}


def thing_from_json(row: dict[str, Any]) -> Thing:
    x0, y0, x1, y1 = row["box"]
    covered, aside = (bool(row.get(key)) for key in ("covered", "aside"))
    return Thing((x0, y0, x1, y1), dict(row["values"]), row.get("look", ""), covered, aside)


@dataclass
class Scene:
    """All of a picture: `rows` are the bands (upper and lower edge) in which things stand, from the top."""

    size: tuple[int, int]
    rows: list[tuple[int, int]]
    things: list[Thing]
    style: dict[str, Any] = field(default_factory=dict)


def row_of(thing: Thing, rows: Sequence[tuple[int, int]]) -> int:
    """The row in whose band the thing's middle is; -1 for what stands in none."""
    found = [index for index, (top, bottom) in enumerate(rows) if top <= thing.middle[1] < bottom]
    return -1 if thing.aside or len(found) != 1 else found[0]


def line_up(things: Sequence[Thing], rows: Sequence[tuple[int, int]], row: int) -> list[int]:
    """The things of one row from left to right, by their middles."""
    inside = [index for index, thing in enumerate(things) if row_of(thing, rows) == row]
    return sorted(inside, key=lambda index: things[index].middle[0])
