"""Trips on maps: start, goal and conditions such that nothing is for free.

One route is clearly the quickest; who forgets a condition, or counts roads instead of minutes, gets another
answer, and the straightest route is right no more often than chance.

    >>> len(RULES)
    5
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dataset_builder.categories.cognitive_navigation.map.content import content
from dataset_builder.categories.cognitive_navigation.map.layout import Map, lay_out
from dataset_builder.categories.cognitive_navigation.routes import (
    Link,
    Trip,
    Way,
    fewest,
    is_clear,
    straightest,
    ways,
)
from dataset_builder.instance import Difficulty

Ask = Literal["passes", "length", "nth"]
RULES = ("closed", "one_way", "via", "avoid", "limit")
PLACES: dict[Difficulty, range] = {"easy": range(8, 9), "medium": range(8, 10), "hard": range(9, 11)}
CONDITIONS: dict[Difficulty, int] = {"easy": 0, "medium": 1, "hard": 2}
# Roads of the quickest route.
ROADS: dict[Difficulty, range] = {"easy": range(3, 6), "medium": range(3, 6), "hard": range(3, 7)}
MARGIN = 2  # minutes between the best route and the next, and between lengths that one chooses from
MINUTES = range(2, 20)
_THROWS, _EACH = 60, 10  # trips tried on one map, and with the same minutes
_STRAIGHT = 0.2  # how often the straightest route may be right


@dataclass(frozen=True)
class Case:
    """`best` is the quickest route, `slips` what mistakes take for it and what must not be right.

    `straight` is the straightest route, `rivals` the next best.
    """

    town: Map
    trip: Trip
    rules: tuple[str, ...]
    best: Way
    slips: tuple[Way, ...]
    straight: tuple[Way, ...]
    rivals: tuple[Way, ...]

    @property
    def wrong(self) -> tuple[Way, ...]:
        return (*self.slips, *self.rivals)

    @property
    def work(self) -> int:
        return work(len(self.best[1]) - 1, len(self.rules))


def work(roads: int, conditions: int) -> int:
    """Roads of the quickest route, and three for each condition that it keeps."""
    return roads + 3 * conditions


def answer(way: Way, ask: Ask, nth: int) -> set[str]:
    """All that is right to answer if this is the route."""
    minutes, route = way
    if ask == "length":
        return {f"{minutes} minutes"}
    if ask == "nth":
        return {route[nth]} if nth < len(route) else set()
    return set(route[1:-1])


def links(town: Map) -> list[Link]:
    names = [place.name for place in town.places]
    return [Link(names[r.a], names[r.b], r.minutes, r.one_way, r.closed) for r in town.roads]


def spots(town: Map) -> dict[str, tuple[float, float]]:
    return {place.name: (place.x, place.y) for place in town.places}


def cases(rng: random.Random, difficulty: Difficulty, nth: int) -> Iterator[Case]:
    """Case after case, several from each map."""
    lengths = range(max(3, nth + 1), ROADS[difficulty].stop)
    theme = rng.choice(content().kinds).name  # also before: some kinds are easier to lay out
    straight = rng.random() < _STRAIGHT  # drawn before the search, so that it is no more often than this
    while True:
        town = lay_out(rng, rng.choice(PLACES[difficulty]), theme)
        for throw in range(_THROWS if town else 0):
            assert town is not None
            town = _timed(rng, town) if throw % _EACH == 0 else town
            rules = rng.sample(RULES if town.kind.heights else RULES[:-1], CONDITIONS[difficulty])
            case = _try(rng, town, rules)
            if case and len(case.best[1]) - 1 in lengths:
                yield case if straight else replace(case, slips=(*case.slips, *case.straight))


def _timed(rng: random.Random, town: Map) -> Map:
    """The map with new minutes: longer ways take longer, but far from always."""
    roads = []
    for road in town.roads:
        length = sum(abs(x1 - x0) + abs(y1 - y0) for (x0, y0), (x1, y1) in itertools.pairwise(road.line))
        minutes = round(rng.uniform(1.5, 8) + length / 60 * rng.uniform(0.1, 1.6))
        roads.append(replace(road, minutes=min(MINUTES.stop - 1, max(MINUTES.start, minutes))))
    return replace(town, roads=tuple(roads))


def _try(rng: random.Random, town: Map, rules: Sequence[str]) -> Case | None:
    """One throw: start, goal and conditions, each of which must matter, with a clear best route."""
    start, goal, *rest = rng.sample([place.name for place in town.places], len(town.places))
    trip = Trip(start, goal)
    for rule in rules:
        found = ways(links(town), trip)
        if not found:
            return None
        route = found[0][1]
        if rule in ("closed", "one_way"):
            changed = _blocked(rng, town, route, rule)
            if changed is None:
                return None
            town = changed
        elif rule == "via":
            trip = replace(trip, via=next((name for name in rest if name not in route), None))
        elif rule == "limit":
            trip = _limited(rng, town, trip, route)
        else:
            inside = [name for name in route[1:-1] if name != trip.via]
            trip = replace(trip, avoid=rng.choice(inside) if inside else None)
    if any(rule in rules and getattr(trip, rule) is None for rule in RULES[2:]):
        return None
    return judged(town, trip, rules)


def judged(town: Map, trip: Trip, rules: Sequence[str]) -> Case | None:
    """The case, if one route is clearly best and every condition changes it, and so do the minutes."""
    known = tuple(links(town))
    found = ways(known, trip)
    if len(found) < 3 or found[1][0] - found[0][0] < MARGIN:
        return None
    slips = fewest(found)
    if found[0] in slips or not is_clear(known, trip, MARGIN):
        return None
    for rule in rules:
        lax = ways(known, trip.forgetting(rule))
        slips += [way for way in lax if way[0] == lax[0][0]]
    if any(way[1] == found[0][1] for way in slips):
        return None
    straight = tuple(straightest(found, spots(town)))
    return Case(town, trip, tuple(rules), found[0], tuple(slips), straight, tuple(found[1:5]))


def _blocked(rng: random.Random, town: Map, route: Sequence[str], rule: str) -> Map | None:
    """Closes a road of the route, or makes it one-way against the walker; and perhaps another road somewhere."""
    legs = list(itertools.pairwise(route))
    names = [place.name for place in town.places]
    free = [n for n, road in enumerate(town.roads) if road.signs and not road.one_way and not road.closed]
    fit = [n for n in free if {(a := names[town.roads[n].a], b := names[town.roads[n].b]), (b, a)} & set(legs)]
    if not fit:
        return None
    number = rng.choice(fit)
    road = town.roads[number]
    if rule == "one_way" and (names[road.a], names[road.b]) in legs:
        road = road.turned()
    town = town.having(number, replace(road, one_way=rule == "one_way", closed=rule == "closed"))
    others = [n for n in free if n not in fit]
    if others and rng.random() < 0.6:
        number = rng.choice(others)
        road = town.roads[number].turned() if rng.random() < 0.5 else town.roads[number]
        town = town.having(number, replace(road, one_way=rule == "one_way", closed=rule == "closed"))
    return town


def _limited(rng: random.Random, town: Map, trip: Trip, route: Sequence[str]) -> Trip:
    """The trip below a height that the route crosses, and that neither of its ends does."""
    heights = {place.name: int(place.note.removesuffix(" m")) for place in town.places}
    ends = [name for name in (trip.start, trip.goal, trip.via) if name]
    low, top = max(heights[name] for name in ends), max(heights[name] for name in route)
    limits = [limit for limit in range(low // 50 * 50 + 50, top, 50) if limit not in heights.values()]
    if not limits:
        return trip
    limit = rng.choice(limits)
    return replace(trip, limit=limit, high=frozenset(name for name in heights if heights[name] > limit))
