"""The ways of a map as lines: bends, numbers and signs that keep clear of everything else.

>>> line = bent((0, 0), (100, 0), 0.2)
>>> line.shape, line[14].tolist()
((29, 2), [50.0, 10.0])
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from dataset_builder.categories.cognitive_navigation.map.layout import DISC, Place, Road
from dataset_builder.categories.cognitive_navigation.map.spots import Point, Size

Array = np.ndarray[Any, Any]
_STEPS = 28  # points along a way
_APART = 40  # pixels between two ways, and between a way and another's signs
_MEETING = 90  # so near the place to which both lead they may meet


def bent(a: Point, b: Point, bend: float) -> Array:
    """A quadratic curve, bent to one side by a share of its length."""
    start, end = np.array(a), np.array(b)
    middle = (start + end) / 2 + bend * np.array((a[1] - b[1], b[0] - a[0]))
    t = np.linspace(0, 1, _STEPS + 1)[:, None]
    curve: Array = np.round((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end, 1)
    return curve


def joined(
    rng: random.Random, places: Sequence[Place], size: Size, pairs: Sequence[tuple[int, int, str]]
) -> list[Road]:
    """A road for each pair that can have one, those first named first."""
    boxes = np.array([place.box for place in places])
    roads: list[Road] = []
    for a, b, way in pairs:
        most = 0.05 if way in ("railway", "corridor", "bridge", "stairs") else 0.22
        for bend in (rng.uniform(-most, most), 0.0, rng.uniform(-0.22, 0.22)):
            line = bent((places[a].x, places[a].y), (places[b].x, places[b].y), bend)
            if road := _fitted(line, a, b, way, places, boxes, roads, size):
                roads.append(road)
                break
    return roads


def _fitted(
    line: Array, a: int, b: int, way: str, places: Sequence[Place], boxes: Array, roads: Sequence[Road], size: Size
) -> Road | None:
    """The line as a road with a place for its number, unless something is in its way."""
    own, others = boxes[[a, b]], np.delete(boxes, [a, b], axis=0)
    seen = np.flatnonzero(~_inside(line, own, 4).any(axis=1))
    if len(seen) < 8 or _inside(line, others, 20).any() or line.min() < 14:
        return None
    if (line[:, 0] > size[0] - 14).any() or (line[:, 1] > size[1] - 14).any():
        return None
    if any(_conflict(line, other, {a, b} & {other.a, other.b}, places) for other in roads):
        return None
    badge = int(seen[0] + seen[-1]) // 2
    taken = np.array([mark for other in roads for mark in other.marks] or [(-999.0, -999.0)])
    if _inside(line[badge : badge + 1], own, 26).any() or _gaps(line[badge : badge + 1], taken).min() < 58:
        return None
    points = tuple((x, y) for x, y in line.tolist())
    return Road(a, b, way, points, badge, _signs(line, badge, boxes, taken))


def _signs(line: Array, badge: int, boxes: Array, taken: Array, apart: float = 56) -> tuple[int, int] | None:
    """A place on either side of the number, `apart` pixels from it."""
    away = _gaps(line, line[badge : badge + 1])[:, 0]
    found = []
    for side in (range(badge, -1, -1), range(badge, len(line))):
        at = next((i for i in side if away[i] > apart), None)
        if at is None or _inside(line[at : at + 1], boxes, 26).any() or _gaps(line[at : at + 1], taken).min() < 46:
            return None
        found.append(at)
    return found[0], found[1]


def _gaps(points: Array, others: Array) -> Array:
    """All distances, one row for each of `points`."""
    gaps: Array = np.hypot(points[:, :1] - others[:, 0], points[:, 1:] - others[:, 1])
    return gaps


def _inside(points: Array, boxes: Array, grow: float) -> Array:
    """Which points (rows) lie in which boxes (columns), the boxes grown on every side."""
    x, y = points[:, 0, None], points[:, 1, None]
    inside: Array = (
        (x > boxes[:, 0] - grow) & (x < boxes[:, 2] + grow) & (y > boxes[:, 1] - grow) & (y < boxes[:, 3] + grow)
    )
    return inside


def _conflict(line: Array, other: Road, shared: set[int], places: Sequence[Place]) -> bool:
    """Whether two roads come so close that one could be taken for the other."""
    there, marks = np.array(other.line), np.array(other.marks)
    if not shared:
        return bool((_gaps(line, there) < _APART).any() or (_gaps(line, marks) < _APART).any())
    hubs = np.array([(places[i].x, places[i].y) for i in shared])
    to_hub = _gaps(line, hubs).min(axis=1)
    there = there[_gaps(there, hubs).min(axis=1) >= _MEETING]
    if len(there) and (_gaps(line[to_hub >= _MEETING], there) < _APART).any():
        return True
    return bool((_gaps(line[to_hub >= DISC + 20], marks) < _APART).any())
