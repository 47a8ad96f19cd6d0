"""Quickest routes under conditions: which ways there are, which is best, and what each slip would take instead.

>>> roads = [Link("A", "B", 3), Link("B", "C", 3), Link("A", "C", 9)]
>>> ways(roads, Trip("A", "C"))[0]
(6, ('A', 'B', 'C'))
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple


class Link(NamedTuple):
    """A road as a traveller knows it; one-way means from `a` to `b`."""

    a: str
    b: str
    minutes: int
    one_way: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Trip:
    """`heed` names the rules that are kept; a slip is a trip that forgets one."""

    start: str
    goal: str
    via: str | None = None
    avoid: str | None = None
    limit: int | None = None  # metres; `high` are the places above it
    high: frozenset[str] = frozenset()
    heed: frozenset[str] = frozenset(("one_way", "closed", "via", "avoid", "limit"))

    def forgetting(self, rule: str) -> Trip:
        return replace(self, heed=self.heed - {rule})


Way = tuple[int, tuple[str, ...]]


def ways(links: Iterable[Link], trip: Trip, most: int = 7) -> list[Way]:
    """All routes of up to `most` roads that pass no place twice and keep the rules, quickest first."""
    return list(_ways(tuple(links), trip, most))


@lru_cache(maxsize=64)  # a trip is judged by several questions about the same routes
def _ways(links: tuple[Link, ...], trip: Trip, most: int) -> tuple[Way, ...]:
    near: dict[str, list[tuple[str, int]]] = {}
    for link in links:
        if not (link.closed and "closed" in trip.heed):
            near.setdefault(link.a, []).append((link.b, link.minutes))
            if not (link.one_way and "one_way" in trip.heed):
                near.setdefault(link.b, []).append((link.a, link.minutes))
    barred = {trip.avoid} if "avoid" in trip.heed else set()
    barred |= trip.high if "limit" in trip.heed else set()
    goal, found = trip.goal, list[Way]()
    open_ends: list[Way] = [(0, (trip.start,))]
    while open_ends:
        minutes, path = open_ends.pop()
        last = len(path) == most
        for place, more in near.get(path[-1], ()):
            if place == goal:
                found.append((minutes + more, (*path, place)))
            elif not last and place not in path and place not in barred:
                open_ends.append((minutes + more, (*path, place)))
    via = trip.via if "via" in trip.heed else None
    return tuple(sorted(way for way in found if via is None or via in way[1]))


def is_clear(links: Iterable[Link], trip: Trip, margin: int) -> bool:
    """Whether one route is best by `margin`, on every leg too, even if places may be passed twice."""
    links = tuple(links)
    found = ways(links, trip)
    if len(found) < 2 or found[1][0] - found[0][0] < margin:
        return False
    if not trip.via:
        return True
    legs = [
        ways(links, replace(trip, start=a, goal=b, via=None))
        for a, b in ((trip.start, trip.via), (trip.via, trip.goal))
    ]
    if any(len(leg) > 1 and leg[1][0] - leg[0][0] < margin for leg in legs):
        return False
    return sum(leg[0][0] for leg in legs) == found[0][0]  # a walk that comes back on itself would be no quicker


def fewest(found: Iterable[Way]) -> list[Way]:
    """Of these routes those of fewest roads."""
    found = list(found)
    least = min((len(route) for _, route in found), default=0)
    return [way for way in found if len(way[1]) == least]


def straightest(found: Iterable[Way], at: Mapping[str, tuple[float, float]]) -> list[Way]:
    """The one of these routes that is shortest as the crow flies from place to place; empty if there is none."""
    by_length = sorted(found, key=lambda way: sum(math.dist(at[a], at[b]) for a, b in itertools.pairwise(way[1])))
    return by_length[:1]


def off_line(spot: tuple[float, float], start: tuple[float, float], goal: tuple[float, float]) -> float:
    """How far a spot is from the straight line between start and goal."""
    (x, y), (dx, dy) = (spot[0] - start[0], spot[1] - start[1]), (goal[0] - start[0], goal[1] - start[1])
    share = min(1.0, max(0.0, (x * dx + y * dy) / (dx * dx + dy * dy)))
    return math.hypot(x - share * dx, y - share * dy)
