"""Maps without pictures: named places, ways of known length between them, one-way and closed ways.

A way is kept only if it stays clear of every other place, way and number, so that the picture can be read
without doubt; and only if no third place lies between its ends (Gabriel's rule), so that nets look grown.

    >>> town = lay_out(random.Random(0), 8)
    >>> town is None or len(town.places) == 8
    True
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dataset_builder.categories.cognitive_navigation.map import spots
from dataset_builder.categories.cognitive_navigation.map.content import LABEL_SIZE, Kind, content, kind
from dataset_builder.categories.cognitive_navigation.map.spots import Point, Size

Box = tuple[float, float, float, float]

SPRITE_SIZE = 54
DISC = 36  # radius of the disc on which a sprite stands
NOTE_SIZE = 30  # of heights below the names
SIZES: tuple[Size, ...] = ((880, 880), (900, 840), (840, 900), (900, 900))
NEAR = 300  # pixels between places of one island


@dataclass(frozen=True)
class Place:
    """`x`, `y` is the sprite's centre, where ways end; the name stands below it. `note` is a height, if any."""

    name: str
    sprite: str
    x: float
    y: float
    room: float
    note: str = ""

    @property
    def box(self) -> Box:
        """Room for the sprite and any name of the map's kind."""
        half = self.room / 2
        return self.x - half, self.y - DISC - 2, self.x + half, self.y + below(bool(self.note))


def below(noted: bool) -> int:
    """Pixels from a place's centre to the lower edge of its name (and height)."""
    return DISC + LABEL_SIZE + 8 + (NOTE_SIZE + 4 if noted else 0)


@dataclass(frozen=True)
class Road:
    """Between places `a` and `b`; `one_way` means from `a` to `b` only. Points of `line` run from `a` to `b`."""

    a: int
    b: int
    way: str
    line: tuple[Point, ...]
    badge: int  # where on the line the number stands
    signs: tuple[int, int] | None  # where on the line arrows or a barrier can stand, if there is room
    minutes: int = 0
    one_way: bool = False
    closed: bool = False

    @property
    def marks(self) -> list[Point]:
        return [self.line[at] for at in (self.badge, *(self.signs or ()))]

    def turned(self) -> Road:
        """The same road stored from its other end (for a one-way road that leads there)."""
        last = len(self.line) - 1
        signs = (last - self.signs[1], last - self.signs[0]) if self.signs else None
        return replace(self, a=self.b, b=self.a, line=self.line[::-1], badge=last - self.badge, signs=signs)


@dataclass(frozen=True)
class Map:
    theme: str
    size: Size
    places: tuple[Place, ...]
    roads: tuple[Road, ...] = field(default=())

    @property
    def kind(self) -> Kind:
        return kind(self.theme)

    def having(self, number: int, road: Road) -> Map:
        """The same map with another road in this one's place."""
        return replace(self, roads=(*self.roads[:number], road, *self.roads[number + 1 :]))


def lay_out(rng: random.Random, count: int, theme: str | None = None) -> Map | None:
    """A connected map, or None where this throw of the dice gave none."""
    from dataset_builder.categories.cognitive_navigation.map.ways import joined

    drawn = kind(theme) if theme else rng.choice(content().kinds)
    size = rng.choice(SIZES)
    places = _places(rng, drawn, count, size)
    if places is None:
        return None
    pairs = _pairs(rng, drawn, places, size)
    roads = joined(rng, places, size, pairs)
    degrees = [sum(place in (road.a, road.b) for road in roads) for place in range(count)]
    if min(degrees) < 2 or len(roads) < count + 2:
        return None
    return Map(drawn.name, size, tuple(places), tuple(roads))


def _places(rng: random.Random, drawn: Kind, count: int, size: Size) -> list[Place] | None:
    box = drawn.room, DISC + 2 + below(drawn.heights)
    found = spots.spread(rng, drawn.style, count, size, box)
    if found is None:
        return None
    chosen = rng.sample(sorted(drawn.places.items()), count)
    shift = (below(drawn.heights) - DISC - 2) / 2  # the box's centre is below the sprite's
    places = [
        Place(name, sprite, x, round(y - shift), drawn.room)
        for (sprite, name), (x, y) in zip(chosen, found, strict=True)
    ]
    return _climbing(rng, places, size) if drawn.heights else places


def _climbing(rng: random.Random, places: list[Place], size: Size) -> list[Place]:
    """Places with heights in metres, all different, higher towards a summit somewhere."""
    summit = rng.uniform(0.2, 0.8) * size[0], rng.uniform(0.2, 0.8) * size[1]
    low, heights = rng.randrange(500, 900, 10), set[int]()
    noted = []
    for place in places:
        away = math.dist(summit, (place.x, place.y)) / max(size)
        height = low + round((1400 * (1 - away) + rng.uniform(-240, 240)) / 10) * 10
        while height in heights:
            height += 10
        heights.add(height)
        noted.append(replace(place, note=f"{height} m"))
    return noted


def _pairs(rng: random.Random, drawn: Kind, places: Sequence[Place], size: Size) -> list[tuple[int, int, str]]:
    """Which places may be joined, and by which kind of way, in the order in which ways are laid."""
    at = [(place.x, place.y) for place in places]
    home = spots.islands(at, NEAR)
    usual, other = (list(drawn.ways) * 2)[:2]
    found = []
    for a, b in itertools.combinations(range(len(places)), 2):
        far = math.dist(at[a], at[b])
        aslant = drawn.style == "floors" and abs(at[a][1] - at[b][1]) > 150 and abs(at[a][0] - at[b][0]) > 150
        if aslant and rng.random() < 0.6:
            continue
        if far > 560 or _between(at, a, b):
            continue
        way = {
            "river": other if _banks(size, at[a]) != _banks(size, at[b]) else usual,
            "rail": other if rng.random() < 0.5 else usual,
            "floors": other if abs(at[a][1] - at[b][1]) > 150 else usual,
            "islands": other if home[a] != home[b] else usual,
        }.get(drawn.style, usual)
        found.append((far * rng.uniform(0.8, 1.25), a, b, way))
    return [(a, b, way) for _, a, b, way in sorted(found)]


def _banks(size: Size, at: Point) -> bool:
    return at[1] + 14 > spots.river(size, at[0])


def _between(at: Sequence[Point], a: int, b: int) -> bool:
    """Whether a third place lies in (nearly) the circle over the line from a to b."""
    middle = (at[a][0] + at[b][0]) / 2, (at[a][1] + at[b][1]) / 2
    radius = 0.46 * math.dist(at[a], at[b])
    return any(math.dist(middle, other) < radius for c, other in enumerate(at) if c not in (a, b))
