"""The small print that can be asked about: a text, an emblem, a row of marks, a dab of colour, a needle.

A `Detail` says how and where one is drawn, not what it shows; `draw` gives the SVG for any value. The family draws
the picture with it, and the solver draws every option with it again to see which of them the pixels bear out.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.drawing import svg
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import PALETTE

Kind = Literal["text", "emblem", "marks", "colour", "needle"]


class _Emblems(Entry):
    emblems: dict[str, str]

    @field_validator("emblems")
    @classmethod
    def _are_paths(cls, emblems: dict[str, str]) -> dict[str, str]:
        for name, path in emblems.items():
            if not path.startswith("M") or not path.endswith("z"):
                raise ValueError(f"'{name}' is no closed path")
        return emblems


@lru_cache(maxsize=1)
def emblems() -> dict[str, str]:
    return read(Path(__file__).parent / "emblems.yaml", _Emblems).emblems


@dataclass(frozen=True)
class Detail:
    """Where a detail is: (x, y) is a text's baseline at its `anchor`, of all else the middle; `size` is a text's, an
    emblem's side, a mark's diameter, a needle's length; `turn` are degrees clockwise about (x, y).
    """

    kind: Kind
    x: float
    y: float
    size: float
    ink: str = "#1c1a18"
    face: str = ""
    anchor: str = "middle"
    turn: float = 0
    pitch: float = 0
    in_row: int = 5
    shape: str = "dot"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def height(self) -> float:
        """Of what has to be read: a capital, an emblem, one mark."""
        return self.size * svg.cap_height(self.face) if self.kind == "text" else self.size


def draw(detail: Detail, value: str) -> str:
    """The detail showing `value`, as SVG."""
    return svg.turned(_DRAWN[detail.kind](detail, value), (detail.turn, detail.x, detail.y))


def _text(detail: Detail, value: str) -> str:
    if detail.pitch:  # one letter a flap
        letters = [
            svg.text(detail.x + place * detail.pitch, detail.y, letter, detail.face, detail.size, detail.ink)
            for place, letter in enumerate(value)
            if letter != " "
        ]
        return "".join(letters)
    return svg.text(detail.x, detail.y, value, detail.face, detail.size, detail.ink, detail.anchor)


def emblem(name: str, x: float, y: float, size: float, ink: str, **more: float | str | None) -> str:
    """An emblem with its middle at (x, y)."""
    scale = size / 24
    at = f"translate({svg.number(x - size / 2)} {svg.number(y - size / 2)}) scale({svg.decimals(scale)})"
    return svg.path(emblems()[name], ink, transform=at, fill_rule="evenodd", **more)


def _emblem(detail: Detail, value: str) -> str:
    return emblem(value, detail.x, detail.y, detail.size, detail.ink)


def places(detail: Detail, count: int) -> list[tuple[float, float]]:
    """Middles of `count` marks, in rows of `in_row`, all about (x, y)."""
    rows = [min(detail.in_row, count - start) for start in range(0, count, detail.in_row)]
    top = detail.y - (len(rows) - 1) * detail.pitch / 2
    return [
        (detail.x + (place - (row - 1) / 2) * detail.pitch, top + index * detail.pitch)
        for index, row in enumerate(rows)
        for place in range(row)
    ]


def _mark(detail: Detail, x: float, y: float) -> str:
    half = detail.size / 2
    if detail.shape == "dot":
        return svg.circle(x, y, half, detail.ink)
    if detail.shape == "hole":
        return svg.circle(x, y, half, detail.ink, stroke="#ffffff", stroke_width=1.5, stroke_opacity=0.5)
    if detail.shape == "bar":
        return svg.rect(x - half / 3, y - half * 1.4, half / 1.5, half * 2.8, detail.ink)
    if detail.shape == "line":  # marks under each other, as bands on a spine
        return svg.rect(x - half * 3, y - half / 3, half * 6, half / 1.5, detail.ink)
    return emblem(detail.shape, x, y, detail.size, detail.ink)


def _marks(detail: Detail, value: str) -> str:
    return "".join(_mark(detail, x, y) for x, y in places(detail, int(value)))


def _colour(detail: Detail, value: str) -> str:
    fill = svg.css(PALETTE[value])
    if detail.shape == "square":
        half = detail.size / 2
        return svg.rect(detail.x - half, detail.y - half, detail.size, detail.size, fill)
    return svg.circle(detail.x, detail.y, detail.size / 2, fill)


NEEDLES = {"0": -120, "1": -96, "2": -72, "3": -48, "4": -24, "5": 0, "6": 24, "7": 48, "8": 72, "9": 96, "10": 120}
"""Degrees from straight up of a gauge's needle at each number."""


def _needle(detail: Detail, value: str) -> str:
    x, y, long = detail.x, detail.y, detail.size
    tip = svg.polygon(
        [(x - 2.6, y + long * 0.2), (x - 0.7, y - long), (x + 0.7, y - long), (x + 2.6, y + long * 0.2)], detail.ink
    )
    return svg.turned(tip, (NEEDLES[value], x, y))


_DRAWN = {"text": _text, "emblem": _emblem, "marks": _marks, "colour": _colour, "needle": _needle}


def extent(detail: Detail, value: str) -> Box:
    """The smallest upright box of pixels around the detail when it shows `value`."""
    x, y, size = detail.x, detail.y, detail.size
    if detail.kind == "text":
        long = detail.pitch * len(value) if detail.pitch else svg.width(value, detail.face, size)
        if detail.pitch:
            x -= detail.pitch / 2
        left = x - {"start": 0.0, "middle": long / 2, "end": long}[detail.anchor]
        box = (left, y - detail.height * 1.06, left + long, y + (0.24 * size if value != value.upper() else 2))
    elif detail.kind == "marks":
        spots = places(detail, int(value))
        wide, high = {"line": (3.0, 0.4), "bar": (0.5, 1.4)}.get(detail.shape, (0.5, 0.5))
        box = (
            min(px for px, _ in spots) - wide * size,
            min(py for _, py in spots) - high * size,
            max(px for px, _ in spots) + wide * size,
            max(py for _, py in spots) + high * size,
        )
    else:
        half = size if detail.kind == "needle" else size / 2
        box = (x - half, y - half, x + half, y + half)
    angle = math.radians(detail.turn)
    corners = [(a - x, b - y) for a in box[::2] for b in box[1::2]]
    xs = [x + a * math.cos(angle) - b * math.sin(angle) for a, b in corners]
    ys = [y + a * math.sin(angle) + b * math.cos(angle) for a, b in corners]
    return math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))
