"""Maps without pictures: named places, roads of known length between them, one-way and closed roads.

Places stand on a jittered lattice; a road is kept only if it stays clear of every other place, road and
number, so that the picture can be read without doubt.

    >>> town = lay_out(random.Random(0), 8)
    >>> town is None or len(town.places) == 8
    True
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dataset_builder.categories.cognitive_navigation.map.themes import THEMES
from dataset_builder.drawing.fonts import font

Point = tuple[float, float]
Array = np.ndarray[Any, Any]
Box = tuple[float, float, float, float]

SIDE = 880
LABEL_SIZE = 40  # 4.5 % of the side
LABEL_ROOM = 216  # the widest name in the themes
SPRITE_SIZE = 78
_STEPS = 28  # points along a road


@dataclass(frozen=True)
class Place:
    """`x`, `y` is the sprite's centre, where roads end; the name stands below it."""

    name: str
    sprite: str
    x: float
    y: float

    @functools.cached_property
    def box(self) -> Box:
        """Room for the sprite and any name: were it this name's own, short names would get more roads."""
        half = LABEL_ROOM / 2
        return self.x - half, self.y - SPRITE_SIZE / 2, self.x + half, self.y + SPRITE_SIZE / 2 + LABEL_SIZE + 12


@dataclass(frozen=True)
class Road:
    """Between places `a` and `b`; `one_way` means from `a` to `b` only. Points of `line` run from `a` to `b`."""

    a: int
    b: int
    line: tuple[Point, ...]
    minutes: int
    badge: int  # where on the line the number stands
    signs: tuple[int, int] | None  # where on the line arrows or a barrier can stand, if there is room
    one_way: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Map:
    theme: str
    places: tuple[Place, ...]
    roads: tuple[Road, ...] = field(default=())

    def with_road(self, number: int, *, one_way: bool = False, closed: bool = False) -> Map:
        """The same map with this road one-way or closed."""
        road = replace(self.roads[number], one_way=one_way, closed=closed)
        return replace(self, roads=(*self.roads[:number], road, *self.roads[number + 1 :]))

    def with_minutes(self, number: int, minutes: int) -> Map:
        road = replace(self.roads[number], minutes=minutes)
        return replace(self, roads=(*self.roads[:number], road, *self.roads[number + 1 :]))

    def turned(self, number: int) -> Map:
        """The same map with a road stored from its other end (for a one-way road that leads there)."""
        road = self.roads[number]
        last = len(road.line) - 1
        signs = (last - road.signs[1], last - road.signs[0]) if road.signs else None
        back = replace(road, a=road.b, b=road.a, line=road.line[::-1], badge=last - road.badge, signs=signs)
        return replace(self, roads=(*self.roads[:number], back, *self.roads[number + 1 :]))


@functools.cache
def label_width(name: str) -> float:
    return font(LABEL_SIZE, bold=True).getlength(name) + 16


def lay_out(rng: random.Random, count: int) -> Map | None:
    """A connected map, or None where this throw of the dice gave none."""
    theme = rng.choice(sorted(THEMES))
    places = _places(rng, theme, count)
    roads: list[Road] = []
    pairs = sorted(itertools.combinations(range(count), 2), key=lambda p: _apart(places, *p) * rng.uniform(0.8, 1.25))
    for a, b in pairs:
        if _apart(places, a, b) < 470 and (road := _road(rng, places, roads, a, b)):
            roads.append(road)
    found = Map(theme, tuple(places), tuple(roads))
    degrees = [sum(place in (road.a, road.b) for road in roads) for place in range(count)]
    return found if min(degrees) >= 2 and len(roads) >= count + 2 else None


def _places(rng: random.Random, theme: str, count: int) -> list[Place]:
    """On three columns and as many rows as needed, pushed about; which lattice points stay empty is chance."""
    rows = 3 if count <= 9 else 4
    spots = rng.sample([(column, row) for column in range(3) for row in range(rows)], count)
    chosen = rng.sample(sorted(THEMES[theme].places.items()), count)
    places = []
    for (column, row), (sprite, name) in zip(spots, chosen, strict=True):
        half = LABEL_ROOM / 2 + 8
        x = SIDE * (column + 0.5) / 3 + rng.uniform(-36, 36) + (18 if row % 2 else -18)
        y = 34 + (SIDE - 68) * (row + 0.5) / rows - 28 + rng.uniform(-1, 1) * (46 if rows == 3 else 20)
        y = min(SIDE - 104, max(52, y))
        places.append(Place(name, sprite, round(min(SIDE - half, max(half, x))), round(y)))
    return places


def _apart(places: Sequence[Place], a: int, b: int) -> float:
    return math.dist((places[a].x, places[a].y), (places[b].x, places[b].y))


def _road(rng: random.Random, places: Sequence[Place], roads: Sequence[Road], a: int, b: int) -> Road | None:
    """The first of a few bends that keeps clear of everything."""
    boxes = np.array([place.box for place in places])
    own, others = boxes[[a, b]], np.delete(boxes, [a, b], axis=0)
    for _ in range(6):
        line = _curve(places[a], places[b], rng.uniform(-0.22, 0.22))
        seen = np.flatnonzero(~_inside(line, own, 4).any(axis=1))
        if not len(seen) or _inside(line, others, 20).any() or line.min() < 14 or line.max() > SIDE - 14:
            continue
        if any(_conflict(line, other, {a, b} & {other.a, other.b}, places) for other in roads):
            continue
        badge = int(seen[0] + seen[-1]) // 2
        taken = np.array([other.line[i] for other in roads for i in _marks(other)] or [(-999, -999)])
        if _inside(line[badge : badge + 1], own, 30).any() or _gaps(line[badge : badge + 1], taken).min() < 64:
            continue
        length = float(np.hypot(*np.diff(line, axis=0).T).sum())
        minutes = max(2, round(length / 48 * rng.uniform(0.7, 1.4)))
        signs = _signs(line, badge, boxes, taken, 56 if minutes < 10 else 70)
        points = tuple((x, y) for x, y in line.tolist())
        return Road(a, b, points, minutes, badge, signs)
    return None


def _marks(road: Road) -> list[int]:
    return [road.badge, *(road.signs or ())]


def _signs(line: Array, badge: int, boxes: Array, taken: Array, apart: float) -> tuple[int, int] | None:
    """A place on either side of the number, `apart` pixels from it."""
    away = _gaps(line, line[badge : badge + 1])[:, 0]
    found = []
    for side in (range(badge, -1, -1), range(badge, len(line))):
        at = next((i for i in side if away[i] > apart), None)
        if at is None or _inside(line[at : at + 1], boxes, 34).any() or _gaps(line[at : at + 1], taken).min() < 50:
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
    there, marks = np.array(other.line), np.array([other.line[i] for i in _marks(other)])
    if shared:  # near the place that both lead to, they may meet
        hubs = np.array([(places[i].x, places[i].y) for i in shared])
        to_hub = _gaps(line, hubs).min(axis=1)
        there = there[_gaps(there, hubs).min(axis=1) >= 96]
        if len(there) and (_gaps(line[to_hub >= 96], there) < 44).any():
            return True
        return bool((_gaps(line[to_hub >= 60], marks) < 44).any())
    return bool((_gaps(line, there) < 44).any() or (_gaps(line, marks) < 44).any())


def _curve(a: Place, b: Place, bend: float) -> Array:
    """A quadratic curve from sprite to sprite, bent to one side by a share of its length."""
    start, end = np.array((a.x, a.y)), np.array((b.x, b.y))
    middle = (start + end) / 2 + bend * np.array((a.y - b.y, b.x - a.x))
    t = np.linspace(0, 1, _STEPS + 1)[:, None]
    curve: Array = np.round((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end, 1)
    return curve
