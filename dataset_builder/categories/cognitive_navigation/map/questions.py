"""Questions about maps: the quickest route under up to two rules, what it passes, how long it takes.

The rules are closed roads, one-way roads, a place to call at, a place to keep away from; every rule that a
question has matters: who forgets it gets another route. The options are what such slips lead to.

    >>> task = make_task(random.Random(0), "easy", rank=2)
    >>> len({task.truth, *task.others})
    4
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.map.layout import Map, Point, Road, lay_out
from dataset_builder.categories.cognitive_navigation.route_task import RouteTask
from dataset_builder.categories.cognitive_navigation.routes import Link, Trip, Way, is_clear, ways
from dataset_builder.categories.shared.options import ordinal
from dataset_builder.instance import Difficulty

PLACES: dict[Difficulty, range] = {"easy": range(8, 9), "medium": range(8, 10), "hard": range(9, 11)}
RULES = ("closed", "one_way", "via", "avoid")
MARGIN = 2  # minutes between the best route and the next, and between lengths that one chooses from
_FIRST_LENGTHS: dict[Difficulty, range] = {"easy": range(10, 13), "medium": range(13, 19), "hard": range(18, 25)}

_ROUTE = (
    "the quickest way from the {start} to the {goal}",
    "the fastest route from the {start} to the {goal}",
    "the route of fewest minutes from the {start} to the {goal}",
    "the shortest walk from the {start} to the {goal}",
)
_VIA = (" calling at the {via}", " going by way of the {via}", " with a stop at the {via}")
_AVOID = (" without passing the {avoid}", " keeping away from the {avoid}", " leaving out the {avoid}")
_NUMBERS = (
    "The numbers are walking minutes.",
    "Each number is the minutes that a road takes.",
    "Numbers on the roads are minutes.",
)
_CLOSED = (
    "Roads with a red and white barrier are closed.",
    "A barrier closes its road.",
    "Nobody may use a road with a barrier.",
)
_ONE_WAY = (
    "Roads with arrows may be used only in the arrows' direction.",
    "Arrows mark one-way roads.",
    "A road with arrows is one-way.",
)
_ASK = {
    "passes": (
        "Take {route}. Which of these places do you pass?",
        "Which of these places lies on {route}?",
        "Someone takes {route}. Which of these places do they pass?",
        "Looking at {route}, which place is passed on it?",
    ),
    "length": (
        "How many minutes does {route} take?",
        "Take {route}. How long does it take?",
        "How long is {route}, in minutes?",
    ),
    "nth": (
        "Take {route}. Which place is the {nth} that you reach after setting out?",
        "On {route}, which is the {nth} place reached after the start?",
        "Someone takes {route}. What is the {nth} place they get to after leaving?",
    ),
}
KINDS = tuple(_ASK)


@dataclass(frozen=True)
class _Case:
    town: Map
    trip: Trip
    rules: tuple[str, ...]
    best: Way
    wrong: tuple[Way, ...]  # what slips lead to: rules forgotten, then the next best


def make_task(rng: random.Random, difficulty: Difficulty, rank: int, kind: str | None = None) -> RouteTask:
    """`rank` is where the truth stands among sorted numbers, where the options are numbers."""
    kind = kind or rng.choices(KINDS, (40, 30, 30))[0]
    nth = rng.choice((2, 3) if difficulty == "hard" else (2,)) if kind == "nth" else 0
    shortest = {"passes": 3, "length": 2, "nth": nth + 1}[kind]
    if difficulty == "hard":
        shortest = max(3, shortest)
    cases = _cases(rng, difficulty, shortest, 6 if kind == "nth" else 7)
    if kind == "length":
        case, truth, others = _timed(rng, cases, difficulty, rank)
    else:
        case, truth, others = _placed(rng, cases, kind, nth)
    return _task(rng, case, kind, nth, truth, others)


def _cases(rng: random.Random, difficulty: Difficulty, shortest: int, longest: int) -> Iterator[_Case]:
    """Case after case, several from each map."""
    count = {"easy": 0, "medium": 1, "hard": 2}[difficulty]
    while True:
        town = lay_out(rng, rng.choice(PLACES[difficulty]))
        for _ in range(60 if town else 0):
            assert town is not None
            case = _try(rng, town, rng.sample(RULES, count))
            if case and shortest <= len(case.best[1]) - 1 < longest:
                yield case


def _timed(
    rng: random.Random, cases: Iterator[_Case], difficulty: Difficulty, rank: int
) -> tuple[_Case, str, list[str]]:
    """Four lengths drawn first, then a case whose truth is the one of the given rank.

    Drawn in this order no length looks more like the truth than another. A case is preferred in which one of
    the other lengths is what a slip leads to.
    """
    lengths = [rng.choice(_FIRST_LENGTHS[difficulty])]
    for _ in range(3):
        lengths.append(lengths[-1] + rng.randint(MARGIN, MARGIN + 2))
    truth = lengths.pop(rank)
    fitting = (tuned for case in cases if (tuned := _tuned(rng, case, truth)))
    for tries, case in enumerate(fitting):
        if tries >= 4 or any(minutes in lengths for minutes, _ in case.wrong):
            return case, f"{truth} minutes", [f"{minutes} minutes" for minutes in lengths]
    raise AssertionError("cases never end")


def _placed(rng: random.Random, cases: Iterator[_Case], kind: str, nth: int) -> tuple[_Case, str, list[str]]:
    """A case, a place on its route that is asked for, and three that are not right."""
    for case in cases:
        route = case.best[1]
        inner = [i for i in range(1, len(route) - 1) if route[i] != case.trip.via and nth in (0, i)]
        if not inner:
            continue  # the place to call at is no fair answer
        truth = route[rng.choice(inner)]
        others = _places(rng, case, {truth, *(route if kind == "passes" else ())})
        if len(others) == 3:
            return case, truth, others
    raise AssertionError("cases never end")


def _try(rng: random.Random, town: Map, rules: Sequence[str]) -> _Case | None:
    """One throw: start, goal and rules, each of which must matter, with a clear best route."""
    start, goal, *rest = rng.sample([place.name for place in town.places], 4)
    trip = Trip(start, goal)
    for rule in rules:
        found = ways(links(town), trip)
        if not found:
            return None
        route = found[0][1]
        if rule in ("closed", "one_way"):
            changed = _block(rng, town, route, rule)
            if changed is None:
                return None
            town = changed
        elif rule == "via":
            outside = [name for name in rest if name not in route]
            trip = replace(trip, via=outside[0]) if outside else trip
        else:
            inside = [name for name in route[1:-1] if name != trip.via]
            trip = replace(trip, avoid=rng.choice(inside)) if inside else trip
    if ("via" in rules) != bool(trip.via) or ("avoid" in rules) != bool(trip.avoid):
        return None
    return _judged(town, trip, rules)


def _judged(town: Map, trip: Trip, rules: Sequence[str]) -> _Case | None:
    """The case, if one route is clearly best and every rule matters."""
    found = ways(links(town), trip)
    if len(found) < 3 or not is_clear(links(town), trip, MARGIN):
        return None
    slips = [ways(links(town), trip.forgetting(rule))[0] for rule in rules]
    if any(slip[1] == found[0][1] for slip in slips):
        return None
    return _Case(town, trip, tuple(rules), found[0], (*slips, *found[1:5]))


def _tuned(rng: random.Random, case: _Case, minutes: int) -> _Case | None:
    """The case with one road of its route made longer or shorter, so that the route takes these minutes."""
    change = minutes - case.best[0]
    if not change:
        return case
    route, names = case.best[1], [place.name for place in case.town.places]
    legs = [{a, b} for a, b in itertools.pairwise(route)]
    roads = [number for number, road in enumerate(case.town.roads) if {names[road.a], names[road.b]} in legs]
    for number in rng.sample(roads, len(roads)) if abs(change) <= 4 else ():
        old = case.town.roads[number].minutes
        if old + change >= 2 and len(str(old)) == len(str(old + change)):  # the number keeps its room
            tuned = _judged(case.town.with_minutes(number, old + change), case.trip, case.rules)
            if tuned and tuned.best == (minutes, route):
                return tuned
    return None


def _block(rng: random.Random, town: Map, route: Sequence[str], rule: str) -> Map | None:
    """Closes a road of the route, or makes it one-way against the walker."""
    legs = list(zip(route, route[1:], strict=False))
    names = [place.name for place in town.places]
    fit = [
        (number, (names[road.a], names[road.b]) in legs)
        for number, road in enumerate(town.roads)
        if road.signs and not road.one_way and not road.closed
        if {(names[road.a], names[road.b]), (names[road.b], names[road.a])} & set(legs)
    ]
    if not fit:
        return None
    number, along = rng.choice(fit)
    if rule == "closed":
        return town.with_road(number, closed=True)
    return (town.turned(number) if along else town).with_road(number, one_way=True)


def links(town: Map) -> list[Link]:
    names = [place.name for place in town.places]
    return [Link(names[r.a], names[r.b], r.minutes, r.one_way, r.closed) for r in town.roads]


def _places(rng: random.Random, case: _Case, right: Iterable[str]) -> list[str]:
    """Three places that wrong routes pass, filled up with any others; none that the question names."""
    shut = {*right, case.trip.start, case.trip.goal, case.trip.via, case.trip.avoid}
    tempting = list(dict.fromkeys(name for _, route in case.wrong for name in route[1:-1] if name not in shut))
    rest = [place.name for place in case.town.places if place.name not in shut and place.name not in tempting]
    rng.shuffle(rest)
    return [*tempting, *rest][:3]


def _task(rng: random.Random, case: _Case, kind: str, nth: int, truth: str, others: Sequence[str]) -> RouteTask:
    trip, (minutes, route) = case.trip, case.best
    way = rng.choice(_ROUTE)
    rules = [rng.choice(part) for part, on in ((_VIA, trip.via), (_AVOID, trip.avoid)) if on]
    rng.shuffle(rules)
    words = {"start": trip.start, "goal": trip.goal, "via": trip.via, "avoid": trip.avoid}
    asked = rng.choice(_ASK[kind]).format(route=(way + " and".join(rules)).format(**words), nth=ordinal(nth or 1))
    told = [rng.choice(_NUMBERS)]
    told += [rng.choice(_CLOSED)] if any(road.closed for road in case.town.roads) else []
    told += [rng.choice(_ONE_WAY)] if any(road.one_way for road in case.town.roads) else []
    tone = rng.randrange(2**31)
    ground, image = drawing.draw(case.town, tone)
    numbers = {place.name: number for number, place in enumerate(case.town.places)}
    marked = drawing.finish(ground, case.town, [numbers[name] for name in route])
    rationale = f"The quickest route is {' - '.join(route)} and takes {minutes} minutes; the next best takes longer."
    return RouteTask(
        f"{' '.join(told)} {asked}", truth, tuple(others), image, marked, rationale, _spec(case, kind, nth)
    )


def _spec(case: _Case, kind: str, nth: int) -> dict[str, object]:
    """Graph and question as data; coordinates say where in the picture a reader can check them."""
    trip, names = case.trip, [place.name for place in case.town.places]
    return {
        "kind": kind,
        "nth": nth,
        "theme": case.town.theme,
        "start": trip.start,
        "goal": trip.goal,
        "via": trip.via,
        "avoid": trip.avoid,
        "places": {place.name: [place.x, place.y] for place in case.town.places},
        "roads": [
            {
                "a": names[road.a],
                "b": names[road.b],
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
    marks = [other.line[at] for other in town.roads for at in (other.badge, *(other.signs or ()))]

    def free(x: float, y: float) -> bool:
        boxed = any(b[0] - 16 < x < b[2] + 16 and b[1] - 16 < y < b[3] + 16 for b in (p.box for p in town.places))
        return not boxed and all(math.dist((x, y), mark) > 44 for mark in marks)

    points = [point for point in road.line if free(*point)]
    return points[:: max(1, len(points) // 4)][:4]
