"""Cognitive navigation: perfect mazes, clear routes, answers read from pixels, fair options."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest
from PIL import ImageDraw

from dataset_builder import categories
from dataset_builder.categories import cognitive_navigation as navigation
from dataset_builder.categories.cognitive_navigation import routes
from dataset_builder.categories.cognitive_navigation.map import cases, questions, reader
from dataset_builder.categories.cognitive_navigation.map.content import content, kind
from dataset_builder.categories.cognitive_navigation.map.layout import Map, lay_out
from dataset_builder.categories.cognitive_navigation.map.spots import river
from dataset_builder.categories.cognitive_navigation.maze import grid as maze_grid
from dataset_builder.categories.cognitive_navigation.maze import questions as maze_questions
from dataset_builder.categories.cognitive_navigation.maze import reader as maze_reader
from dataset_builder.categories.cognitive_navigation.maze.drawing import LOOKS
from dataset_builder.categories.cognitive_navigation.routes import Link, Trip
from dataset_builder.categories.shared.options import deal
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance, instance_rng


@pytest.fixture(scope="module")
def twelve() -> list[Instance]:
    return list(navigation.make(2, 12))


@pytest.mark.parametrize("shape", sorted(maze_grid.SHAPES))
def test_a_maze_is_a_tree_over_all_cells(shape: str) -> None:
    rng = random.Random(shape)
    maze = maze_grid.carve(rng, maze_grid.SHAPES[shape](8, 800, rng))
    assert len(maze.passages) == len(maze.grid.cells) - 1
    assert len(maze_grid.paths_from(maze, 0)) == len(maze.grid.cells)


@pytest.mark.parametrize("shape", sorted(maze_grid.SHAPES))
def test_every_inner_border_is_shared_by_neighbours_and_the_outside_is_walled(shape: str) -> None:
    grid = maze_grid.SHAPES[shape](7, 760, random.Random(0))
    pairs = [frozenset((b.a, b.b)) for b in grid.borders if b.b is not None]
    assert len(pairs) == len(set(pairs))
    for border in grid.borders:
        a = grid.cells[border.a]
        assert max(abs(a.x - border.middle[0]), abs(a.y - border.middle[1])) < grid.unit
    assert all(0 <= x <= grid.size[0] and 0 <= y <= grid.size[1] for b in grid.borders for x, y in b.line)


def test_four_roots_make_four_parts() -> None:
    maze = maze_grid.carve(random.Random(1), maze_grid.square_grid(8, 8, 800), roots=4)
    parts = {frozenset(maze_grid.paths_from(maze, cell)) for cell in range(64)}
    assert len(parts) == 4


@pytest.mark.parametrize("kind", maze_questions.KINDS)
@pytest.mark.parametrize("difficulty", ["medium"])
def test_flood_fill_finds_what_the_tree_says(kind: str, difficulty: str) -> None:
    task = maze_questions.make_task(instance_rng(5, kind, difficulty), difficulty, rank=1, kind=kind)  # type: ignore[arg-type]
    option = [*task.others, task.truth]
    assert maze_reader.answer(task.image, task.question, task.spec, option) == task.truth


def test_a_wall_across_the_path_is_noticed() -> None:
    task = maze_questions.make_task(random.Random(3), "easy", rank=0, kind="on_path")
    x, y = task.spec["ends"]["goal"]["at"]
    picture = task.image.copy()
    half, wall = task.spec["sprite"], LOOKS[task.spec["look"]].wall
    frame = (x - half, y - half, x + half, y + half)
    ImageDraw.Draw(picture).rectangle(frame, outline=wall, width=12)
    with pytest.raises(RealUnifyError):
        maze_reader.answer(picture, task.question, task.spec, [task.truth, *task.others])


ROADS = [Link("A", "B", 3), Link("B", "C", 3), Link("A", "D", 4), Link("D", "C", 5), Link("A", "C", 12)]


@pytest.mark.parametrize(
    ("roads", "trip", "route"),
    [
        (ROADS, Trip("A", "C"), "ABC"),
        (ROADS, Trip("A", "C", avoid="B"), "ADC"),
        (ROADS, Trip("A", "C", via="D"), "ADC"),
        ([ROADS[0]._replace(closed=True), *ROADS[1:]], Trip("A", "C"), "ADC"),
        ([Link("B", "A", 3, one_way=True), *ROADS[1:]], Trip("A", "C"), "ADC"),
        ([Link("A", "B", 3, one_way=True), *ROADS[1:]], Trip("A", "C"), "ABC"),
    ],
)
def test_rules_change_the_route_and_networkx_agrees(roads: list[Link], trip: Trip, route: str) -> None:
    assert "".join(routes.ways(roads, trip)[0][1]) == route
    assert "".join(reader.quickest(roads, trip)[1]) == route


def test_forgetting_a_rule_brings_the_tempting_route_back() -> None:
    assert "".join(routes.ways(ROADS, Trip("A", "C", avoid="B").forgetting("avoid"))[0][1]) == "ABC"
    assert not routes.is_clear([*ROADS, Link("B", "D", 2)], Trip("A", "C"), margin=4)


@pytest.mark.parametrize(("kind", "difficulty"), [*zip(questions.KINDS, ("easy", "medium", "hard"), strict=True)])
def test_a_map_is_read_back(kind: str, difficulty: str) -> None:
    task = questions.make_task(instance_rng(6, kind, difficulty), difficulty, rank=2, kind=kind)  # type: ignore[arg-type]
    option = [*task.others, task.truth]
    assert reader.answer(task.image, task.question, task.spec, option) == task.truth
    rules = [task.spec["via"], task.spec["avoid"], task.spec["limit"]]
    rules += [any(road[rule] for road in task.spec["roads"]) for rule in ("one_way", "closed")]
    assert sum(map(bool, rules)) == {"easy": 0, "medium": 1, "hard": 2}[difficulty]


def test_a_map_whose_metadata_lie_is_refused(twelve: list[Instance]) -> None:
    instance = next(i for i in twelve if i.subtask == "map")
    spec = instance.meta
    for change in ({"minutes": spec["roads"][0]["minutes"] + 1}, {"closed": not spec["roads"][0]["closed"]}):
        lie = {**spec, "roads": [{**spec["roads"][0], **change}, *spec["roads"][1:]]}
        with pytest.raises(RealUnifyError, match="the road from"):
            reader.answer(instance.picture(), instance.question or "", lie, instance.option)
    with pytest.raises(RealUnifyError, match="metadata"):
        reader.answer(instance.picture(), instance.question or "", {**spec, "goal": "Nowhere"}, instance.option)


def a_map(theme: str, count: int) -> Map:
    """The first map of this kind that a fixed throw of the dice gives."""
    rng = random.Random(4)
    return next(town for _ in range(400) if (town := lay_out(rng, count, theme)))


@pytest.mark.parametrize("theme", [one.name for one in content().kinds])
def test_every_kind_of_map_keeps_its_furniture_apart(theme: str) -> None:
    town = a_map(theme, 8)
    boxes = [place.box for place in town.places]
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    marks = [mark for road in town.roads for mark in road.marks]
    assert min(math.dist(a, b) for a, b in itertools.combinations(marks, 2)) > 40
    for x, y in marks:
        assert 14 <= x <= town.size[0] - 14 and 14 <= y <= town.size[1] - 14
        assert not any(box[0] < x < box[2] and box[1] < y < box[3] for box in boxes)
    assert {road.way for road in town.roads} <= set(kind(theme).ways)
    assert len({place.note for place in town.places}) == (8 if kind(theme).heights else 1)


def test_styles_are_more_than_looks() -> None:
    town, building, sea = (a_map(theme, 8) for theme in ("town", "building", "archipelago"))
    banks = [place.y + 14 > river(town.size, place.x) for place in town.places]
    assert all((banks[road.a] != banks[road.b]) == (road.way == "bridge") for road in town.roads)
    floors = [round(place.y / building.size[1] * 3 - 0.5) for place in building.places]
    assert all((floors[road.a] != floors[road.b]) == (road.way == "stairs") for road in building.roads)
    assert {road.way for road in sea.roads} == {"ferry", "path"}


@pytest.mark.parametrize("ask", questions.KINDS)
def test_no_condition_and_no_minutes_can_be_left_out(ask: cases.Ask) -> None:
    rng = random.Random(3)
    nth = 2 if ask == "nth" else 0
    for case in itertools.islice(cases.cases(rng, "hard", nth), 8):
        known = cases.links(case.town)
        assert reader.quickest(known, case.trip) == (case.best[0], list(case.best[1]))
        for rule in case.rules:
            assert routes.ways(known, case.trip.forgetting(rule))[0][1] != case.best[1]
        assert case.best not in routes.fewest(routes.ways(known, case.trip))
        assert case.work == len(case.best[1]) - 1 + 6


def test_a_height_is_a_condition_that_is_read_from_the_picture() -> None:
    high = {"A": "900 m", "B": "1400 m", "C": "1000 m", "D": "950 m"}
    trip = Trip("A", "C", limit=1200, high=frozenset(name for name in high if int(high[name][:-2]) > 1200))
    assert "".join(routes.ways(ROADS, trip)[0][1]) == "".join(reader.quickest(ROADS, trip)[1]) == "ADC"
    assert "".join(routes.ways(ROADS, trip.forgetting("limit"))[0][1]) == "ABC"
    asked = "Which of these places lies on the quickest way from the Mine to the Spring never going above 1250 m?"
    assert reader.read_question(asked)[0] == Trip("Mine", "Spring", limit=1250)


def test_guesses_at_routes_are_what_their_names_say() -> None:
    found = routes.ways(ROADS, Trip("A", "C"))
    assert found == [(6, ("A", "B", "C")), (9, ("A", "D", "C")), (12, ("A", "C"))]
    assert routes.fewest(found) == [(12, ("A", "C"))]
    at = {"A": (0.0, 0.0), "B": (5.0, 9.0), "C": (10.0, 0.0), "D": (5.0, -1.0)}
    assert routes.straightest(found[:2], at) == [(9, ("A", "D", "C"))]
    assert routes.off_line((5, 9), (0, 0), (10, 0)) == 9
    assert routes.off_line((14, 3), (0, 0), (10, 0)) == 5


def test_a_disc_stands_on_the_walk_through_a_wide_cell() -> None:
    """Of a ring of four cells around the middle, a walk from one neighbour to the next crosses the cell's centre."""
    ring = maze_grid.round_grid(2, 400)
    maze = maze_grid.Maze(ring, frozenset())
    near = ring.neighbours()
    first = 1
    sides = [cell for cell in near[first] if cell and math.dist(ring.cells[cell][:2], (200, 200)) < 1.3 * ring.unit]
    assert maze.comes_by([sides[0], first, sides[1]], 1)
    outer = [cell for cell in near[first] if cell not in (0, *sides)]
    assert len(outer) == 2
    # From a side to the outer cell of the same half, who walks in the middle does not come by the centre.
    beside = min(outer, key=lambda cell: math.dist(ring.cells[cell][:2], ring.cells[sides[0]][:2]))
    assert not maze.comes_by([sides[0], first, beside], 1)


def test_answers_come_from_the_picture_and_references_differ(twelve: list[Instance]) -> None:
    for instance in twelve:
        assert categories.solve(instance) == instance.answer
        assert instance.reference_image != instance.image
        assert len(set(instance.option)) == 4
        blank = instance.model_copy(update={"image": webp_lossless(instance.picture().point([127] * 768))})
        try:
            assert navigation.solve(blank) != instance.answer
        except RealUnifyError as error:
            assert instance.id in str(error)


def test_the_work_is_the_level_s(twelve: list[Instance]) -> None:
    assert [navigation.inspect(instance) for instance in twelve] == [[]] * 12
    easy = next(i for i in twelve if i.difficulty == "easy").model_copy(update={"difficulty": "hard"})
    assert "the level hard is of range" in navigation.inspect(easy)[0]


def test_balance_and_reproduction(twelve: list[Instance]) -> None:
    assert [i.answer for i in twelve] == [deal(2, "cognitive_navigation", number)[0] for number in range(1, 13)]
    assert set(Counter(i.subtask for i in twelve).values()) == {6}
    assert set(Counter(i.difficulty for i in twelve).values()) == {4}
    assert [i.digest() for i in navigation.make(2, 2)] == [i.digest() for i in twelve[:2]]


@pytest.mark.parametrize("rank", range(4))
def test_the_rank_of_a_number_is_the_rank_dealt(rank: int) -> None:
    count = maze_questions.make_task(instance_rng(0, "count", rank), "easy", rank, kind="count")
    length = questions.make_task(instance_rng(0, "length", rank), "easy", rank, kind="length")
    for task in (count, length):
        numbers = [int(option.removesuffix(" minutes")) for option in (task.truth, *task.others)]
        assert sorted(numbers).index(numbers[0]) == rank


def test_lengths_are_as_far_apart_from_each_other_as_from_the_truth() -> None:
    task = questions.make_task(random.Random(9), "medium", 1, kind="length")
    numbers = sorted(int(option.removesuffix(" minutes")) for option in (task.truth, *task.others))
    assert all(questions.MARGIN <= b - a <= questions.MARGIN + 2 for a, b in itertools.pairwise(numbers))
    used = sum(
        road["minutes"]
        for road in task.spec["roads"]
        if f"{road['a']} - {road['b']}" in task.rationale or f"{road['b']} - {road['a']}" in task.rationale
    )
    assert f"{used} minutes" == task.truth
