"""Where the seven strokes of a glyph lie in a picture.

Strokes are named a to g as usual: a top, b upper right, c lower right, d bottom, e lower left, f upper
left, g middle.

    >>> GlyphBox(0, 0, 100, 180, 20).centre("g")
    (50.0, 90.0)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Ends = Literal["pointed", "round", "cut"]

STROKES = "abcdefg"

DIRECTION = {stroke: "horizontal" if stroke in "adg" else "vertical" for stroke in STROKES}


@dataclass(frozen=True)
class GlyphBox:
    """Where one glyph stands, in pixels: top left of its unslanted box, size, stroke thickness, slant."""

    x: float
    y: float
    width: float
    height: float
    thickness: float
    slant: float = 0.0

    def _place(self, u: float, v: float) -> Point:
        """From box coordinates (pixels from its top left) to the picture; slant leans the top to the right."""
        return self.x + u + self.slant * (self.height / 2 - v), self.y + v

    def _ends(self, stroke: str) -> tuple[Point, Point]:
        """The two joints between which a stroke runs, in box coordinates."""
        half = self.thickness / 2
        left, right = half, self.width - half
        top, middle, bottom = half, self.height / 2, self.height - half
        return {
            "a": ((left, top), (right, top)),
            "b": ((right, top), (right, middle)),
            "c": ((right, middle), (right, bottom)),
            "d": ((left, bottom), (right, bottom)),
            "e": ((left, middle), (left, bottom)),
            "f": ((left, top), (left, middle)),
            "g": ((left, middle), (right, middle)),
        }[stroke]

    def centre(self, stroke: str) -> Point:
        (u0, v0), (u1, v1) = self._ends(stroke)
        return self._place((u0 + u1) / 2, (v0 + v1) / 2)

    def outline(self, stroke: str, ends: Ends, gap: float) -> list[Point]:
        """The stroke's polygon; `gap` (pixels) keeps neighbours apart so that each stroke is one clean piece."""
        (u0, v0), (u1, v1) = self._ends(stroke)
        half, flat = self.thickness / 2, v0 == v1
        if ends == "pointed":  # a hexagon whose tips nearly meet at the joints
            tip, shoulder = gap, half + gap
        else:  # a plain bar: verticals give way to horizontals at the joints
            tip = shoulder = gap + half * (-0.6 if flat else 1.1)
        if flat:
            local = [
                (u0 + tip, v0), (u0 + shoulder, v0 - half), (u1 - shoulder, v0 - half),
                (u1 - tip, v0), (u1 - shoulder, v0 + half), (u0 + shoulder, v0 + half),
            ]  # fmt: skip
        else:
            local = [
                (u0, v0 + tip), (u0 + half, v0 + shoulder), (u0 + half, v1 - shoulder),
                (u0, v1 - tip), (u0 - half, v1 - shoulder), (u0 - half, v0 + shoulder),
            ]  # fmt: skip
        return [self._place(u, v) for u, v in local]
