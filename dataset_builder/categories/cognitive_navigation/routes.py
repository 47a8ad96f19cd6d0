"""Quickest routes under conditions: which ways there are, which is best, and what each slip would take instead.

>>> roads = [Link("A", "B", 3), Link("B", "C", 3), Link("A", "C", 9)]
>>> ways(roads, Trip("A", "C"))[0]
(6, ('A', 'B', 'C'))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    heed: frozenset[str] = frozenset(("one_way", "closed", "via", "avoid"))

    def forgetting(self, rule: str) -> Trip:
        return replace(self, heed=self.heed - {rule})


Way = tuple[int, tuple[str, ...]]


def ways(links: Iterable[Link], trip: Trip, most: int = 7) -> list[Way]:
    """All routes of up to `most` roads that pass no place twice and keep the rules, quickest first."""
    near: dict[str, list[tuple[str, int]]] = {}
    for link in links:
        if not (link.closed and "closed" in trip.heed):
            near.setdefault(link.a, []).append((link.b, link.minutes))
            if not (link.one_way and "one_way" in trip.heed):
                near.setdefault(link.b, []).append((link.a, link.minutes))
    barred = {trip.avoid} if "avoid" in trip.heed else set()
    found: list[Way] = []
    open_ends: list[Way] = [(0, (trip.start,))]
    while open_ends:
        minutes, path = open_ends.pop()
        for place, more in near.get(path[-1], ()):
            if place == trip.goal:
                found.append((minutes + more, (*path, place)))
            elif place not in path and place not in barred and len(path) < most:
                open_ends.append((minutes + more, (*path, place)))
    via = trip.via if "via" in trip.heed else None
    return sorted(way for way in found if via is None or via in way[1])


def is_clear(links: Iterable[Link], trip: Trip, margin: int) -> bool:
    """Whether one route is best by `margin`, on every leg too, even if places may be passed twice."""
    links = list(links)
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
