"""Cognitive navigation: perfect mazes, clear routes, answers read from pixels, fair options."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest
from PIL import ImageDraw

from dataset_builder import categories
from dataset_builder.categories import cognitive_navigation as navigation
from dataset_builder.categories.cognitive_navigation import routes
from dataset_builder.categories.cognitive_navigation.map import questions, reader
from dataset_builder.categories.cognitive_navigation.map.layout import SIDE, lay_out
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
    half, wall = 3 * task.spec["sprite"], LOOKS[task.spec["look"]].wall
    frame = (x - half, y - half, x + half, y + half)
    ImageDraw.Draw(picture).rectangle(frame, outline=wall, width=30)
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
    rules = [task.spec["via"], task.spec["avoid"]]
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


def test_numbers_and_signs_keep_clear_of_places() -> None:
    rng = random.Random(4)
    maps = [town for _ in range(30) if (town := lay_out(rng, 9))]
    assert maps
    for town in maps:
        for road in town.roads:
            for at in (road.badge, *(road.signs or ())):
                x, y = road.line[at]
                assert 14 <= min(x, y) and max(x, y) <= SIDE - 14
                assert not any(p.box[0] < x < p.box[2] and p.box[1] < y < p.box[3] for p in town.places)


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
