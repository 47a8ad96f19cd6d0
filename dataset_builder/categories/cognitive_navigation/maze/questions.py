"""Questions about mazes: what lies on the only path, in which order, how many, and who can get there at all.

>>> task = make_task(random.Random(0), "easy", rank=0)
>>> len({task.truth, *task.others})
4
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL.Image import Image

from dataset_builder.categories.cognitive_navigation.maze import grid
from dataset_builder.categories.cognitive_navigation.maze.content import content
from dataset_builder.categories.cognitive_navigation.maze.drawing import LOOKS, Thing, draw
from dataset_builder.categories.cognitive_navigation.maze.grid import Maze
from dataset_builder.categories.cognitive_navigation.route_task import RouteTask, listed
from dataset_builder.categories.cognitive_navigation.routes import off_line
from dataset_builder.categories.shared.options import ordinal
from dataset_builder.drawing.sprites import info, noun
from dataset_builder.instance import Difficulty

# Letters that are no option letters and that nobody takes for a digit or for one another.
LABELS = "EFHJKLMNPRSTUVWXYZ"
# (cells across, cells of the path) by difficulty.
SIZES: dict[Difficulty, tuple[range, range]] = {
    "easy": (range(7, 9), range(10, 18)),
    "medium": (range(9, 11), range(18, 31)),
    "hard": (range(11, 13), range(31, 100)),
}
WORK = {level: cells for level, (_, cells) in SIZES.items()}
KINDS = ("on_path", "nth", "count", "sequence", "reach")


def work(kind: str, cells: int) -> int:
    """Cells of the path; half as many again where the walkers have to be told apart first."""
    return cells * 3 // 2 if kind == "reach" else cells


@dataclass
class _Scene:
    """A maze with its start, goal and the labels in it (cell by label)."""

    maze: Maze
    route: list[int]
    on: list[int] = field(default_factory=list)
    off: list[int] = field(default_factory=list)


def make_task(rng: random.Random, difficulty: Difficulty, rank: int, kind: str | None = None) -> RouteTask:
    """`rank` is where the truth stands among sorted numbers, where the options are numbers."""
    kind = kind or rng.choices(KINDS, (30, 25, 15, 12, 18))[0]
    return _reach(rng, difficulty, rank) if kind == "reach" else _along(rng, difficulty, rank, kind)


def _grid(rng: random.Random, difficulty: Difficulty) -> grid.Grid:
    shape = rng.choice(list(grid.SHAPES))
    return grid.SHAPES[shape](rng.choice(SIZES[difficulty][0]), rng.randrange(760, 861, 10), rng)


def _along(rng: random.Random, difficulty: Difficulty, rank: int, kind: str) -> RouteTask:
    low = rng.randint(2, 3)
    place = rng.randint(1, 3)
    while True:
        wanted = {"on_path": rng.randint(1, 3), "nth": rng.randint(3, 4), "sequence": rng.randint(3, 4)}.get(kind)
        others = rng.randint(4, 5) if wanted else _halves(rng, low + rank, rank)
        scene = _scene(rng, difficulty, wanted or low + rank, others)
        labels = rng.sample(LABELS, len(scene.on) + len(scene.off))
        chosen = _chosen(rng, scene, labels, kind, rank, place)
        if chosen:
            break
    truth, wrong = chosen
    if kind == "count":
        truth, wrong = str(low + rank), [str(low + other) for other in range(4) if other != rank]
    return _told(rng, scene, kind, labels, place, truth, wrong)


def _told(
    rng: random.Random, scene: _Scene, kind: str, labels: list[str], place: int, truth: str, others: list[str]
) -> RouteTask:
    on = labels[: len(scene.on)]
    walker, goal = rng.choice(content().walkers), rng.choice(content().goals)
    words = {"start": noun(walker), "goal": noun(goal), "nth": ordinal(place), "three": listed(sorted(on[:3]))}
    spots = dict(zip(labels, [*scene.on, *scene.off], strict=True))
    ends = {"start": (walker, scene.route[0]), "goal": (goal, scene.route[-1])}
    passed = f"the path from the {noun(walker)} to the {noun(goal)} passes {listed(on)}"
    rationale = f"{len(on)} labels are passed: {passed}." if kind == "count" else f"In walking order {passed}."
    question = rng.choice(content().ask[kind]).format(**words)
    image, marked, spec = _drawn(rng, _Plan(scene.maze, kind, spots, ends, scene.route))
    nth = {"nth": place} if kind == "nth" else {}
    return RouteTask(question, truth, tuple(others), image, marked, rationale, spec | nth)


def _halves(rng: random.Random, on: int, rank: int) -> int:
    """How many labels lie off the path, so that half of all labels is the truth in one of four cases only."""
    if rng.random() < 0.25:
        return on
    return on + 2 if rank == 0 else on - 2  # half is then the next number, which is among the options


def _chosen(
    rng: random.Random, scene: _Scene, labels: Sequence[str], kind: str, rank: int, place: int
) -> tuple[str, list[str]] | None:
    """Truth and wrong options, where what lies near is right as seldom as the rank says; None to draw again."""
    cells = scene.maze.grid.cells
    on, off = labels[: len(scene.on)], labels[len(scene.on) :]
    at = {label: cells[cell][:2] for label, cell in zip(labels, [*scene.on, *scene.off], strict=True)}
    start, goal = (cells[scene.route[end]][:2] for end in (0, -1))
    by_distance = sorted(labels, key=lambda label: math.dist(at[label], start))
    if kind == "sequence":
        guess = ", ".join(label for label in by_distance if label in on[:3])
        truth, others = _orders(rng, on[:3])
        if (guess == truth) != (rank == 0):
            return None
        return truth, others if guess in (truth, *others) else [guess, *others[:2]]
    if kind == "nth":
        guess, truth = by_distance[place - 1], on[place - 1]
        if (guess == truth) != (rank == 0):
            return None
        others = rng.sample([label for label in labels if label != truth], 3)
        return truth, others if guess in (truth, *others) else [guess, *others[:2]]
    if kind == "on_path":
        for _ in range(12):
            truth, others = rng.choice(on), rng.sample(off, 3)
            far = {label: off_line(at[label], start, goal) for label in (truth, *others)}
            if sorted(far.values()).index(far[truth]) == rank:
                return truth, others
        return None
    return "", []


def _orders(rng: random.Random, passed: Sequence[str]) -> tuple[str, list[str]]:
    """Four orders of three labels, among which the true one is no more central than the others."""
    true = ", ".join(passed)
    orders = [", ".join(order) for order in itertools.permutations(passed)]
    return true, rng.sample([order for order in orders if order != true], 3)


def _scene(rng: random.Random, difficulty: Difficulty, wanted: int, others: int) -> _Scene:
    """A maze with a path of the level's length, `wanted` labels on it, and `others` in side branches near it."""
    while True:
        maze = grid.carve(rng, _grid(rng, difficulty), straight=rng.choice((0.75, 0.9, 0.97)))
        tree = maze.tree()
        came = grid.paths_from(maze, rng.randrange(len(maze.grid.cells)))
        routes = [grid.path(came, cell) for cell in tree if len(tree[cell]) == 1]
        routes = [route for route in routes if len(route) in SIZES[difficulty][1]]
        if not routes:
            continue
        route = rng.choice(routes)
        fit = [place for place in range(2, len(route) - 2) if maze.comes_by(route, place)]
        on = _spaced(rng, fit, wanted)
        off = _beside(rng, maze, route, others)
        if on is not None and off is not None:
            return _Scene(maze, route, [route[place] for place in on], off)


def _spaced(rng: random.Random, places: Sequence[int], wanted: int) -> list[int] | None:
    """Places along the path, in order, no two next to each other."""
    if len(places) < 2 * wanted - 1:
        return None
    chosen = sorted(rng.sample(range(len(places) - wanted + 1), wanted))
    return [places[place + step] for step, place in enumerate(chosen)]  # others lie between any two of these


def _beside(rng: random.Random, maze: Maze, route: Sequence[int], wanted: int) -> list[int] | None:
    """Cells off the path, most of them in dead ends, all at most six steps from it."""
    tree, depth = maze.tree(), dict.fromkeys(route, 0)
    queue = list(route)
    for cell in queue:
        for other in tree[cell]:
            if other not in depth:
                depth[other] = depth[cell] + 1
                queue.append(other)
    near = [cell for cell, steps in depth.items() if 1 <= steps <= 6]
    ends = [cell for cell in near if len(tree[cell]) == 1]
    chosen = rng.sample(ends, min(len(ends), wanted - 1))
    rest = [cell for cell in near if cell not in chosen]
    return [*chosen, *rng.sample(rest, wanted - len(chosen))] if len(rest) + len(chosen) >= wanted else None


def _reach(rng: random.Random, difficulty: Difficulty, rank: int) -> RouteTask:
    """Four animals in four parts of a divided maze, the goal in one of the parts; `rank` others are nearer to it."""
    while True:
        maze = grid.carve(rng, _grid(rng, difficulty), roots=4, straight=0.9)
        parts = _parts(maze)
        if min(map(len, parts)) < 6:
            continue
        goal = rng.choice(parts[0])
        came = grid.paths_from(maze, goal)
        far = [cell for cell in parts[0] if work("reach", len(grid.path(came, cell))) in SIZES[difficulty][1]]
        if not far:
            continue
        cells = [rng.choice(far), *(rng.choice(part) for part in parts[1:])]
        away = [math.dist(maze.grid.cells[cell][:2], maze.grid.cells[goal][:2]) for cell in cells]
        if sorted(away).index(away[0]) == rank:
            break
    animals = rng.sample(content().walkers, 4)
    while any(a in info(b).alike for a in animals for b in animals):
        animals = rng.sample(content().walkers, 4)
    target = rng.choice(content().goals)
    ends = {noun(animal): (animal, cell) for animal, cell in zip(animals, cells, strict=True)}
    ends["goal"] = (target, goal)
    truth, *others = (noun(animal) for animal in animals)
    rationale = f"Only the {truth} stands in the part of the maze in which the {noun(target)} lies."
    question = rng.choice(content().ask["reach"]).format(goal=noun(target))
    route = grid.path(came, cells[0])
    image, marked, spec = _drawn(rng, _Plan(maze, "reach", {}, ends, route))
    return RouteTask(question, truth, tuple(others), image, marked, rationale, spec)


def _parts(maze: Maze) -> list[list[int]]:
    """The cells of each tree, in an order that the generator's randomness has already shuffled."""
    parts: list[list[int]] = []
    seen: set[int] = set()
    for cell in range(len(maze.grid.cells)):
        if cell not in seen:
            parts.append(sorted(grid.paths_from(maze, cell)))
            seen.update(parts[-1])
    return sorted(parts, key=len, reverse=True)


@dataclass(frozen=True)
class _Plan:
    """What is to be drawn: labels and ends by cell, and the route to mark."""

    maze: Maze
    kind: str
    spots: dict[str, int]
    ends: dict[str, tuple[str, int]]
    route: Sequence[int]


def _drawn(rng: random.Random, plan: _Plan) -> tuple[Image, Image, dict[str, Any]]:
    """The maze, the same with its route marked, and where everything is."""
    maze, spots, ends = plan.maze, plan.spots, plan.ends
    look, tone = rng.choice(list(LOOKS)), rng.randrange(2**31)
    badge = max(round(0.056 * max(maze.grid.size)), round(0.6 * maze.grid.unit))
    figure, cells = round(0.7 * maze.grid.unit), maze.grid.cells
    things = [Thing(*cells[cell][:2], figure, sprite=name) for name, cell in ends.values()]
    things += [Thing(*cells[cell][:2], badge, label=label) for label, cell in spots.items()]

    def place(cell: int) -> list[int]:
        return [round(cells[cell].x), round(cells[cell].y)]

    spec = {
        "kind": plan.kind,
        "look": look,
        "floors": LOOKS[look].floors,
        "walls": LOOKS[look].walls,
        "badge": badge,
        "sprite": figure,
        "labels": {
            label: {"at": place(cell), "cell": [[round(x), round(y)] for x, y in cells[cell].outline]}
            for label, cell in spots.items()
        },
        "ends": {role: {"noun": noun(name), "at": place(cell)} for role, (name, cell) in ends.items()},
        "cells": len(cells),
        "steps": len(plan.route) - 1,
        "work": work(plan.kind, len(plan.route)),
    }
    image = draw(maze, LOOKS[look], things, tone)
    marked = draw(maze, LOOKS[look], things, tone, [plan.route])
    return image, marked, spec
