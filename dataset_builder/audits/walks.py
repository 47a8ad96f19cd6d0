"""Cognitive navigation: nothing for free. What can be had without minutes, conditions or walking is at chance.

Maps: counting roads, going straight or forgetting a condition never gives, or gives no more often than chance,
the answer. Mazes: which is nearest, the order as the crow flies, half of the labels. Bounds on guesses are
exact, as in `audits.shortcuts`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dataset_builder.audits._rule import EachRule, FoundIn, Seen, WholeRule, found_by, meta_of, procedural
from dataset_builder.audits.shortcuts import Chosen, measure
from dataset_builder.categories.cognitive_navigation.routes import (
    Link,
    Trip,
    Way,
    fewest,
    off_line,
    straightest,
    ways,
)
from dataset_builder.instance import LETTERS, Instance

MEND = "draw other minutes, conditions or options"
MOST = 0.3  # of instances in which a route of no thought may be right
RULES = ("closed", "one_way", "via", "avoid", "limit")
Guess = Callable[[Instance], Chosen]


def trip_of(spec: dict[str, Any]) -> tuple[list[Link], Trip]:
    """Map and trip as the metadata tell them; that they tell the truth is what `solved again` proves."""
    links = [Link(r["a"], r["b"], r["minutes"], r["one_way"], r["closed"]) for r in spec["roads"]]
    limit, heights = spec.get("limit"), spec.get("heights", {})
    high = frozenset(name for name, note in heights.items() if limit and int(note.removesuffix(" m")) > limit)
    return links, Trip(spec["start"], spec["goal"], spec["via"], spec["avoid"], limit, high)


def stated(links: Sequence[Link], trip: Trip) -> list[str]:
    """The conditions that an instance states."""
    told = {"closed": any(link.closed for link in links), "one_way": any(link.one_way for link in links)}
    return [rule for rule in RULES if told.get(rule) or (rule not in told and getattr(trip, rule))]


def chosen(instance: Instance, found: Sequence[Way]) -> Chosen:
    """The options that are right to choose if one of these routes is the quickest."""
    spec, options = instance.meta, instance.option
    right = set[str]()
    for minutes, route in found:
        if spec["kind"] == "length":
            right.add(f"{minutes} minutes")
        else:
            right |= set(route[1:-1] if spec["kind"] == "passes" else route[spec["nth"] : spec["nth"] + 1])
    return {index for index, option in enumerate(options) if option in right}


def mattering(instance: Instance) -> Iterator[str]:
    """The stated conditions, minutes among them, without which the answer is the same."""
    links, trip = trip_of(instance.meta)
    truth = LETTERS.index(instance.answer or "A")
    for rule in stated(links, trip):
        lax = ways(links, trip.forgetting(rule))
        if truth in chosen(instance, [way for way in lax if way[0] == lax[0][0]]):
            yield f"who forgets the condition '{rule}' is right all the same"
    if truth in chosen(instance, fewest(ways(links, trip))):
        yield "who counts roads instead of minutes is right all the same"


def roads(instance: Instance) -> Chosen:
    return chosen(instance, fewest(ways(*trip_of(instance.meta))))


def straight(instance: Instance) -> Chosen:
    at = {name: (x, y) for name, (x, y) in instance.meta["places"].items()}
    return chosen(instance, straightest(ways(*trip_of(instance.meta)), at))


def first(instance: Instance) -> Chosen:
    return {0}


def near_line(instance: Instance) -> Chosen:
    """Of places, the one nearest to the straight line from start to goal."""
    spec = instance.meta
    if spec["kind"] == "length":
        return set()
    at = spec["places"]
    return _nearest([off_line(at[name], at[spec["start"]], at[spec["goal"]]) for name in instance.option])


def _nearest(far: Sequence[float]) -> Chosen:
    return {index for index, one in enumerate(far) if one == min(far)}


def near_goal(instance: Instance) -> Chosen:
    """Of animals or labels, the one nearest to the goal."""
    spec = instance.meta
    goal = spec["ends"]["goal"]["at"]
    spots = {role: end["at"] for role, end in spec["ends"].items()} | {k: v["at"] for k, v in spec["labels"].items()}
    if spec["kind"] not in ("reach", "on_path"):
        return set()
    return _nearest([math.dist(spots[option], goal) for option in instance.option])


def near_walk(instance: Instance) -> Chosen:
    """Of labels, the one nearest to the straight line from start to goal."""
    spec = instance.meta
    if spec["kind"] != "on_path":
        return set()
    ends = [spec["ends"][role]["at"] for role in ("start", "goal")]
    return _nearest([off_line(spec["labels"][option]["at"], *ends) for option in instance.option])


def by_distance(instance: Instance) -> Chosen:
    """Labels in the order of their distance from the start: the order asked for, or the n-th of all."""
    spec = instance.meta
    if spec["kind"] not in ("sequence", "nth"):
        return set()
    start = spec["ends"]["start"]["at"]
    order = sorted(spec["labels"], key=lambda label: math.dist(spec["labels"][label]["at"], start))
    if spec["kind"] == "sequence":
        asked = set(instance.option[0].split(", "))
        wanted = ", ".join(label for label in order if label in asked)
    else:
        wanted = order[spec["nth"] - 1] if "nth" in spec else ""
    return {index for index, option in enumerate(instance.option) if option == wanted}


def half(instance: Instance) -> Chosen:
    """Of numbers, the one nearest to half of the labels."""
    spec = instance.meta
    if spec["kind"] != "count":
        return set()
    return _nearest([abs(int(option) - len(spec["labels"]) / 2) for option in instance.option])


MAP_GUESSES: dict[str, Guess] = {
    "the route of fewest roads": roads,
    "the straightest route": straight,
    "the first option": first,
}
GUESSES: dict[str, dict[str, Guess]] = {
    "map": {"the place nearest the straight line": near_line},
    "maze": {
        "the one nearest the goal": near_goal,
        "the label nearest the straight line": near_walk,
        "the order by distance": by_distance,
        "half of the labels": half,
    },
}


def right(guess: Guess, instances: Sequence[Instance]) -> float:
    """How many instances a guess gets right; where it leaves several options, its share of them."""
    found = [(guess(instance), LETTERS.index(instance.answer or "A")) for instance in instances]
    return sum(1 / len(options) for options, truth in found if truth in options)


def routed(rows: Sequence[Seen]) -> FoundIn:
    """Routes of no thought are right in at most 30 % of instances (or what chance may add to a quarter)."""
    instances = [row.instance for row in rows]
    most = max(MOST * len(instances), 0.25 * len(instances) + 3 * math.sqrt(0.1875 * len(instances)))
    for name, guess in MAP_GUESSES.items():
        if (hits := right(guess, instances)) > most:
            what = f"{name} is right in {hits:.0f} of {len(instances)} instances"
            yield instances[0].task_type, what, MEND


def fair(subtask: str) -> Callable[[Sequence[Seen]], FoundIn]:
    def check(rows: Sequence[Seen]) -> FoundIn:
        for name, guess in GUESSES[subtask].items():
            found = measure(guess, (row.instance for row in rows))
            if found.beats_chance:
                what = f"choosing {name} is right {found.hits} of {found.n} times (chance {found.chance:.0%})"
                yield rows[0].instance.task_type, what, MEND

    return check


def _of(subtask: str) -> Callable[[Instance], bool]:
    def applies(instance: Instance) -> bool:
        ours = procedural(instance) and instance.task_type == "cognitive_navigation"
        return ours and instance.subtask == subtask and "kind" in meta_of(instance)

    return applies


EACH = (
    EachRule(
        "conditions matter",
        "on a map every stated condition changes the answer, and so do the minutes",
        found_by(mattering, MEND),
        _of("map"),
    ),
)
WHOLE = (
    WholeRule("routes", f"routes found without thought are right in at most {MOST:.0%} of maps", routed, _of("map")),
    WholeRule("map guesses", "no guess from where places lie beats chance", fair("map"), _of("map")),
    WholeRule("maze guesses", "no guess from where things lie beats chance", fair("maze"), _of("maze")),
)
