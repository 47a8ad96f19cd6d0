"""Questions about maps: the quickest route under up to two conditions, what it passes, how long it takes.

The conditions are closed roads, one-way roads, a place to call at, a place to keep away from, a height not to
go above. The options are what slips lead to; where they are places, the truth is as often the nearest to the
straight line from start to goal as the second, third or fourth.

    >>> task = make_task(random.Random(0), "easy", rank=2)
    >>> len({task.truth, *task.others})
    4
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.map.cases import (
    MARGIN,
    MINUTES,
    Ask,
    Case,
    answer,
    cases,
    judged,
    spots,
)
from dataset_builder.categories.cognitive_navigation.map.content import content
from dataset_builder.categories.cognitive_navigation.map.layout import Map, Road
from dataset_builder.categories.cognitive_navigation.map.spots import Point
from dataset_builder.categories.cognitive_navigation.route_task import RouteTask
from dataset_builder.categories.cognitive_navigation.routes import off_line
from dataset_builder.categories.shared.options import ordinal
from dataset_builder.instance import Difficulty

KINDS: tuple[Ask, ...] = ("passes", "length", "nth")
_FIRST_LENGTHS: dict[Difficulty, range] = {"easy": range(15, 25), "medium": range(20, 34), "hard": range(26, 40)}
_PATIENCE = 3  # cases tried for lengths that a slip leads to


def make_task(rng: random.Random, difficulty: Difficulty, rank: int, kind: Ask | None = None) -> RouteTask:
    """`rank` is where the truth stands among the options: by minutes, or by how near the straight line they are."""
    ask = kind or rng.choices(KINDS, (40, 30, 30))[0]
    nth = rng.choice((2, 3)) if ask == "nth" else 0
    found = cases(rng, difficulty, nth)
    if ask == "length":
        case, truth, others = _timed(rng, found, difficulty, rank)
    else:
        case, truth, others = _placed(rng, found, ask, nth, rank)
    return _task(rng, case, ask, nth, truth, others)


def _timed(rng: random.Random, found: Iterator[Case], difficulty: Difficulty, rank: int) -> tuple[Case, str, list[str]]:
    """Four lengths drawn first, then a case whose truth is the one of the given rank.

    Drawn in this order no length looks more like the truth than another. A case is preferred in which one of
    the other lengths is what a slip leads to.
    """
    lengths = [rng.choice(_FIRST_LENGTHS[difficulty])]
    for _ in range(3):
        lengths.append(lengths[-1] + rng.randint(MARGIN, MARGIN + 2))
    truth = lengths.pop(rank)
    fitting = (tuned for case in found if (tuned := _tuned(rng, case, truth)))
    for tries, case in enumerate(fitting):
        told, routes = {minutes for minutes, _ in case.slips}, [route for _, route in case.slips]
        if truth not in told and case.best[1] not in routes and (tries >= _PATIENCE or told & set(lengths)):
            return case, f"{truth} minutes", [f"{minutes} minutes" for minutes in lengths]
    raise AssertionError("cases never end")


def _tuned(rng: random.Random, case: Case, minutes: int) -> Case | None:
    """The case with one road of its route made longer or shorter, so that the route takes these minutes."""
    change = minutes - case.best[0]
    if not change:
        return case
    route, names = case.best[1], [place.name for place in case.town.places]
    legs = [{a, b} for a, b in itertools.pairwise(route)]
    roads = [number for number, road in enumerate(case.town.roads) if {names[road.a], names[road.b]} in legs]
    for number in rng.sample(roads, len(roads)) if abs(change) <= 9 else ():
        road = case.town.roads[number]
        if road.minutes + change in MINUTES:
            longer = case.town.having(number, replace(road, minutes=road.minutes + change))
            tuned = judged(longer, case.trip, case.rules)
            if tuned and tuned.best == (minutes, route):
                straight = case.straight if case.straight[0] in case.slips else ()
                return replace(tuned, slips=(*tuned.slips, *straight))
    return None


def _placed(rng: random.Random, found: Iterator[Case], ask: Ask, nth: int, rank: int) -> tuple[Case, str, list[str]]:
    """A case, a place on its route that is asked for and on no slip's, and three that are not right."""
    for case in found:
        route, shut = case.best[1], {case.trip.start, case.trip.goal, case.trip.via, case.trip.avoid}
        slipped = set[str]().union(*(answer(way, ask, nth) for way in case.slips))
        fit = [name for name in answer(case.best, ask, nth) - shut - slipped if name in route[1:-1]]
        if not fit:
            continue
        truth = rng.choice(sorted(fit))
        others = _others(rng, case, ask, truth, rank)
        if others:
            return case, truth, others
    raise AssertionError("cases never end")


def _others(rng: random.Random, case: Case, ask: Ask, truth: str, rank: int) -> list[str]:
    """Three wrong places, `rank` of them nearer the straight line than the truth; those of wrong routes first."""
    at = spots(case.town)
    line = at[case.trip.start], at[case.trip.goal]
    far = {name: off_line(spot, *line) for name, spot in at.items()}
    shut = {truth, case.trip.start, case.trip.goal, case.trip.via, case.trip.avoid}
    shut |= set(case.best[1]) if ask == "passes" else set()
    tempting = dict.fromkeys(name for _, route in case.wrong for name in route[1:-1] if name not in shut)
    rest = [name for name in rng.sample(sorted(at), len(at)) if name not in shut and name not in tempting]
    nearer = [name for name in (*tempting, *rest) if far[name] < far[truth]][:rank]
    farther = [name for name in (*tempting, *rest) if far[name] >= far[truth]][: 3 - rank]
    chosen = [*nearer, *farther]
    return chosen if len(chosen) == 3 and set(chosen) & set(tempting) else []


def _task(rng: random.Random, case: Case, ask: Ask, nth: int, truth: str, others: Sequence[str]) -> RouteTask:
    trip, (minutes, route), words, kind = case.trip, case.best, content(), case.town.kind
    rules = [
        rng.choice(part)
        for part, on in ((words.via, trip.via), (words.avoid, trip.avoid), (words.limit, trip.limit))
        if on
    ]
    rng.shuffle(rules)
    named = {"start": trip.start, "goal": trip.goal, "via": trip.via, "avoid": trip.avoid, "limit": f"{trip.limit}"}
    way = (rng.choice(words.routes) + " and".join(rules)).format(**named)
    asked = rng.choice(words.ask[ask]).format(route=way, nth=ordinal(nth or 1))
    told = [rng.choice(kind.numbers)]
    told += [rng.choice(kind.closed)] if any(road.closed for road in case.town.roads) else []
    told += [rng.choice(kind.one_way)] if any(road.one_way for road in case.town.roads) else []
    ground, image = drawing.draw(case.town, rng.randrange(2**31))
    numbers = {place.name: number for number, place in enumerate(case.town.places)}
    marked = drawing.finish(ground, case.town, [numbers[name] for name in route])
    rationale = f"The quickest route is {' - '.join(route)} and takes {minutes} minutes; the next best takes longer."
    spec = _spec(case, ask, nth)
    return RouteTask(f"{' '.join(told)} {asked}", truth, tuple(others), image, marked, rationale, spec)


def _spec(case: Case, ask: Ask, nth: int) -> dict[str, object]:
    """Graph and question as data; coordinates say where in the picture a reader can check them."""
    trip, names = case.trip, [place.name for place in case.town.places]
    return {
        "kind": ask,
        "nth": nth,
        "theme": case.town.theme,
        "start": trip.start,
        "goal": trip.goal,
        "via": trip.via,
        "avoid": trip.avoid,
        "limit": trip.limit,
        "work": case.work,
        "conditions": list(case.rules),
        "places": {place.name: [place.x, place.y] for place in case.town.places},
        "heights": {place.name: place.note for place in case.town.places if place.note},
        "roads": [
            {
                "a": names[road.a],
                "b": names[road.b],
                "way": road.way,
                "minutes": road.minutes,
                "one_way": road.one_way,
                "closed": road.closed,
                "badge": road.line[road.badge],
                "signs": [[*road.line[at], drawing.heading(road, at)] for at in road.signs or ()],
                "bare": _bare(case.town, road),
            }
            for road in case.town.roads
        ],
    }


def _bare(town: Map, road: Road) -> list[Point]:
    """Up to four points along a road where nothing stands on it."""
    marks = [mark for other in town.roads for mark in other.marks]

    def free(x: float, y: float) -> bool:
        boxed = any(b[0] - 16 < x < b[2] + 16 and b[1] - 16 < y < b[3] + 16 for b in (p.box for p in town.places))
        return not boxed and all(math.dist((x, y), mark) > 40 for mark in marks)

    points = [point for point in road.line if free(*point)]
    return points[:: max(1, len(points) // 4)][:4]
