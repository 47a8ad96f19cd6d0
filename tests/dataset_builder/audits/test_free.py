"""Nothing for free: the audit rules for slips, conditions, walks and guesses name what is wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dataset_builder import categories
from dataset_builder.audits import EACH, WHOLE, Seen, corridors, slips, walks
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.instance import LETTERS, Instance


def each(name: str, instance: Instance) -> list[str]:
    (rule,) = [rule for rule in EACH if rule.name == name]
    assert rule.applies(instance)
    return [what for what, _ in rule.check(instance)]


def whole(name: str, instances: list[Instance]) -> list[str]:
    (rule,) = [rule for rule in WHOLE if rule.name == name]
    return [what for _, what, _ in rule.check([Seen(i) for i in instances if rule.applies(i)])]


def with_meta(instance: Instance, **changes: Any) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | changes)})


def answering(instance: Instance, option: int) -> Instance:
    return instance.model_copy(update={"answer": LETTERS[option]})


@pytest.fixture(scope="module")
def boards() -> list[Instance]:
    return list(categories.make("mental_tracking", 6, 12))


@pytest.fixture(scope="module")
def ways() -> list[Instance]:
    return list(categories.make("cognitive_navigation", 6, 16))


def test_no_slip_reads_the_answer(boards: list[Instance]) -> None:
    assert [each("slips", board) for board in boards] == [[]] * 12
    board = next(board for board in boards if set(slips.readings(board).values()) & set(board.option))
    name, read = next((name, read) for name, read in slips.readings(board).items() if read in board.option)
    told = each("slips", answering(board, board.option.index(read or "")))
    assert f"whoever slips ({name}) still reads {read}" in told


def test_the_nearest_option_after_all_steps_but_the_last(boards: list[Instance]) -> None:
    board = next(board for board in boards if board.meta["alphabet"] == "digits")
    steps = board.meta["steps"]
    # An eighth step that does nothing: without it the truth is read, and nothing is nearer.
    idle = with_meta(board, steps=[*steps, rules.Step("red", "red")._asdict()])
    truth = LETTERS.index(board.answer or "")
    assert slips.nearest(idle) == {truth}
    assert slips.nearest(board) != {truth}
    assert whole("near misses", boards) == []
    found = whole("near misses", [idle.model_copy(update={"id": f"{board.id}{n}"}) for n in range(8)])
    assert found == ["all steps but the last, then the nearest option: right 8 of 8 times (chance 25%)"]


def a_map(**changes: Any) -> dict[str, Any]:
    """Quickest A-B-C in 6 minutes, A-D-C in 9, straight across in 12."""
    roads = [("A", "B", 3), ("B", "C", 3), ("A", "D", 4), ("D", "C", 5), ("A", "C", 12)]
    spec: dict[str, Any] = {
        "kind": "passes",
        "nth": 0,
        "start": "A",
        "goal": "C",
        "via": None,
        "avoid": None,
        "limit": None,
        "heights": {},
        "places": {"A": [0, 0], "B": [50, 90], "C": [100, 0], "D": [50, -10]},
        "roads": [{"a": a, "b": b, "minutes": m, "one_way": False, "closed": False} for a, b, m in roads],
    }
    return spec | changes


def asked(town: Instance, spec: dict[str, Any], option: list[str], answer: str) -> Instance:
    letter = LETTERS[option.index(answer)]
    return town.model_copy(update={"metadata": json.dumps(spec), "option": option, "answer": letter})


def test_conditions_and_minutes_have_to_matter(ways: list[Instance]) -> None:
    maps = [way for way in ways if way.subtask == "map"]
    assert [each("conditions matter", town) for town in maps] == [[]] * len(maps)
    town, options = maps[0], ["B", "D", "X", "Y"]
    assert each("conditions matter", asked(town, a_map(), options, "B")) == []
    idle = asked(town, a_map(avoid="D"), options, "B")
    assert each("conditions matter", idle) == ["who forgets the condition 'avoid' is right all the same"]
    short = a_map(roads=a_map()["roads"][:4])
    assert each("conditions matter", asked(town, short, options, "B")) == [
        "who counts roads instead of minutes is right all the same"
    ]
    heights = {"A": "900 m", "B": "1400 m", "C": "950 m", "D": "990 m"}
    assert each("conditions matter", asked(town, a_map(limit=1000, heights=heights), options, "D")) == []


def test_routes_of_no_thought(ways: list[Instance]) -> None:
    town = next(way for way in ways if way.subtask == "map")
    spec = a_map(roads=a_map()["roads"][:4])
    lazy = [asked(town, spec, ["B", "D", "X", "Y"], "D") for _ in range(40)]
    assert walks.roads(lazy[0]) == {0, 1}  # two routes of two roads: a half each
    assert walks.straight(lazy[0]) == {1}
    assert whole("routes", lazy) == [
        "the route of fewest roads is right in 20 of 40 instances",
        "the straightest route is right in 40 of 40 instances",
    ]
    assert walks.near_line(lazy[0].model_copy(update={"option": ["B", "D", "A", "C"]})) == {2, 3}


def maze(kind: str, option: list[str], answer: str, template: Instance, **more: Any) -> Instance:
    """Start and goal on a line of 100 pixels; E, F, H at 80, 20 and 50, H 40 beside the line."""
    labels = {"E": [80, 0], "F": [20, 0], "H": [50, 40], "J": [100, 90]}
    spec = {
        "kind": kind,
        "ends": {"start": {"at": [0, 0]}, "goal": {"at": [100, 0]}},
        "labels": {name: {"at": at} for name, at in labels.items()},
    }
    return asked(template, spec | more, option, answer)


def test_guesses_in_mazes(ways: list[Instance]) -> None:
    template = next(way for way in ways if way.subtask == "maze")
    points = maze("on_path", ["E", "F", "H", "J"], "H", template)
    assert walks.near_goal(points) == {0}
    assert walks.near_walk(points) == {0, 1}
    orders = ["E, F, H", "F, H, E", "F, E, H", "H, F, E"]
    order = maze("sequence", orders, "F, H, E", template)
    assert walks.by_distance(order) == {1}
    assert walks.by_distance(maze("nth", ["E", "F", "H", "J"], "F", template, nth=2)) == {2}
    assert walks.half(maze("count", ["2", "3", "4", "5"], "2", template)) == {0}
    told = whole("maze guesses", [order] * 12)
    assert told == ["choosing the order by distance is right 12 of 12 times (chance 25%)"]


def test_a_walk_keeps_to_the_middle_of_the_corridor() -> None:
    floor = np.zeros((21, 41), dtype=bool)
    floor[5:16, 2:39] = True
    steps = corridors.walk(floor, (10, 4), (10, 36))
    assert set(steps[:, 0].tolist()) == {10.0}
    assert sorted(steps[:, 1].tolist()) == list(range(4, 37))


def test_a_disc_beside_the_walk_is_told(ways: list[Instance]) -> None:
    labelled = [way for way in ways if way.subtask == "maze" and way.meta["labels"]]
    assert [each("on the walk", way) for way in labelled] == [[]] * len(labelled)
    way = labelled[0]
    tiny = with_meta(way, badge=0)
    assert any("from its centre, its radius is 0" in what for what in each("on the walk", tiny))
