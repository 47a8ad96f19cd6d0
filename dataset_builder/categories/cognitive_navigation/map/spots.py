"""Where the places of a map stand, by the map's style: scattered, in rings, on two banks, floors or islands.

>>> len(spread(random.Random(0), "ring", 8, (880, 880), (180, 130)) or ())
8
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

Point = tuple[float, float]
Size = tuple[int, int]
FLOORS = 3
_GAP = 22  # pixels between the boxes of two places
_TRIES = 260
_CHOICES = 7


def spread(rng: random.Random, style: str, count: int, size: Size, box: tuple[float, float]) -> list[Point] | None:
    """Centres of the places' boxes, or None where this throw of the dice leaves no room."""
    propose = {"ring": _ringed, "river": _banked, "floors": _floored}.get(style, _scattered)(rng, count, size)
    found: list[Point] = []
    for number in range(count):
        free: list[Point] = []
        for _ in range(_TRIES):
            x, y = propose(number)
            at = _inside(x, size[0], box[0]), _inside(y, size[1], box[1])
            if all(abs(at[0] - x) > box[0] + _GAP or abs(at[1] - y) > box[1] + _GAP for x, y in found):
                free.append((round(at[0]), round(at[1])))
                if len(free) == _CHOICES:
                    break
        if not free:
            return None
        # Of a few free spots the one farthest from the others: spread out, yet at random.
        found.append(max(free, key=lambda at: min((_apart(at, other) for other in found), default=0)))
    return found


def _apart(a: Point, b: Point) -> float:
    return math.hypot(a[0] - b[0], 1.2 * (a[1] - b[1]))


def _inside(value: float, side: int, room: float) -> float:
    return min(side - room / 2 - 10, max(room / 2 + 10, value))


Propose = Callable[[int], Point]


def _scattered(rng: random.Random, count: int, size: Size) -> Propose:
    return lambda number: (rng.uniform(0, size[0]), rng.uniform(0, size[1]))


def _ringed(rng: random.Random, count: int, size: Size) -> Propose:
    """Most places around an oval, the others within it."""
    inner = rng.choice((1, 2)) if count < 10 else 2
    turn, start = 2 * math.pi / (count - inner), rng.uniform(0, 2 * math.pi)
    reach = size[0] * 0.41, size[1] * 0.41

    def propose(number: int) -> Point:
        if number < inner:
            return size[0] / 2 + rng.uniform(-130, 130), size[1] / 2 + rng.uniform(-130, 130)
        angle = start + turn * (number - inner + rng.uniform(-0.25, 0.25))
        far = rng.uniform(0.88, 1.08)
        return size[0] / 2 + reach[0] * far * math.cos(angle), size[1] / 2 + reach[1] * far * math.sin(angle)

    return propose


def _banked(rng: random.Random, count: int, size: Size) -> Propose:
    """Anywhere but in the river, half of the places on either bank."""

    def propose(number: int) -> Point:
        while True:
            x, y = rng.uniform(0, size[0]), rng.uniform(60, size[1] - 60)
            off = y + 14 - river(size, x)
            if abs(off) > 116 and (off > 0) == bool(number % 2):
                return x, y

    return propose


def river(size: Size, x: float) -> float:
    """Height of the middle of the river at x: from left to right through the middle, its bends the size's own."""
    return size[1] / 2 + size[1] * 0.07 * math.sin(x / size[0] * 5.2 + size[0] % 7)


def _floored(rng: random.Random, count: int, size: Size) -> Propose:
    """Rooms on three floors, two to four of them on each."""
    on = sorted([*range(FLOORS), *range(FLOORS), *rng.sample([*range(FLOORS)] * 2, count - 2 * FLOORS)])

    def propose(number: int) -> Point:
        floor = on[number]
        place, rooms = number - on.index(floor), on.count(floor)
        x = size[0] * ((place + 0.5 + rng.uniform(-0.34, 0.34)) / rooms)
        return x, size[1] * (floor + 0.5 + rng.uniform(-0.06, 0.06)) / FLOORS

    return propose


def islands(points: Sequence[Point], near: float) -> list[int]:
    """The number of each point's island: points that are near each other share one, three at most."""
    home = list(range(len(points)))
    pairs = sorted((math.dist(a, b), i, j) for i, a in enumerate(points) for j, b in enumerate(points[:i]))
    for far, i, j in pairs:
        joined = [k for k in range(len(points)) if home[k] in (home[i], home[j])]
        if far < near and len(joined) <= 3:
            for k in joined:
                home[k] = home[i]
    return home
