"""References of cognitive navigation: the marking is the route that the picture's own solver finds, and no more.

In a maze the marking keeps to the floor, joins the two ends and has no branch: where floor has no loops only
one line can do that. On a map the quickest route comes from the solver, and the marking must cover its roads.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from dataset_builder.audits._pixels import Mask, before_and_after, is_color, picture
from dataset_builder.categories.cognitive_navigation.map import drawing, reader
from dataset_builder.categories.cognitive_navigation.map.content import kind
from dataset_builder.categories.cognitive_navigation.map.layout import Place
from dataset_builder.categories.cognitive_navigation.maze import reader as maze_reader
from dataset_builder.categories.cognitive_navigation.maze.drawing import LOOKS
from dataset_builder.categories.cognitive_navigation.routes import Link
from dataset_builder.instance import Instance

Spot = Sequence[float]  # x, y
_STEP = 2  # every second pixel, as the maze's reader takes them
_FLOATING = np.ndarray[Any, np.dtype[np.float64]]
MARKED, CASED = 17, 26  # a map's marking, without and with its white edge


def marked(instance: Instance) -> Iterator[str]:
    """What is wrong with the marked route."""
    return {"maze": _maze, "map": _map}[instance.subtask](instance)


def _maze(instance: Instance) -> Iterator[str]:
    from scipy import ndimage

    spec = instance.meta
    unit = spec["sprite"] / 0.7  # from one cell to the next
    _, after, changed = before_and_after(instance)
    line = changed & is_color(after, LOOKS[spec["look"]].path)
    # Badges and sprites lie on top of the line: a sprite up to the corners of its square.
    badges = [label["at"] for label in spec["labels"].values()]
    sprites = [end["at"] for end in spec["ends"].values()]
    hidden = _discs(line.shape, badges, spec["badge"] / 2 + 3) | _discs(line.shape, sprites, spec["sprite"] * 0.71 + 3)
    # The line's light edge is as wide as 0.06 cells; a pixel more is a mixture.
    edge = ndimage.distance_transform_edt(~(line | hidden)) <= 0.06 * unit + 2
    apart = changed & (~edge | _discs(line.shape, badges, spec["badge"] / 2 - 4))
    if apart.any():
        yield f"{int(apart.sum())} pixels changed that are not part of the marking"
    floor = maze_reader.passable(picture(instance), spec)
    few, covered = line[::_STEP, ::_STEP], hidden[::_STEP, ::_STEP] & floor
    if (few & ~floor).any():
        yield "the marking runs through a wall"
    start, goal = _ends(floor, spec["ends"])
    yield from _one_line(few, covered, start, goal, unit / _STEP)


def _discs(shape: tuple[int, ...], spots: Sequence[Spot], radius: float) -> Mask:
    discs = Image.new("1", (shape[1], shape[0]), 0)
    pen = ImageDraw.Draw(discs)
    for x, y in spots:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return np.asarray(discs, dtype=bool)


def _ends(floor: Mask, ends: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Row and column of the two ends: of the one who can reach the goal, where several are there."""
    from scipy import ndimage

    cells = {role: (round(end["at"][1] / _STEP), round(end["at"][0] / _STEP)) for role, end in ends.items()}
    regions = ndimage.label(floor)[0]
    able = [cell for role, cell in cells.items() if role != "goal" and regions[cell] == regions[cells["goal"]]]
    if len(able) != 1:
        raise ValueError(f"{len(able)} ways lead to the goal, one should")
    return [able[0], cells["goal"]]


def _one_line(line: Mask, hidden: Mask, start: tuple[int, int], goal: tuple[int, int], unit: float) -> Iterator[str]:
    """The line (joined where something hides it) leads from start to goal, and all of it is on that way."""
    lane = line | hidden
    from_start, from_goal = _walks(lane, [start, goal])
    whole = float(from_start[goal])
    if not np.isfinite(whole):
        yield "the marking does not join start and goal"
        return
    # By way of an elbow's tip a walk is up to 0.7 cells longer; by way of a branch, twice the branch's length.
    astray = (from_start + from_goal - whole)[line & ~hidden] > unit
    if astray.any():
        yield f"{int(astray.sum() * _STEP**2)} pixels of the marking are not on the way to the goal"


def _walks(lane: Mask, sources: Sequence[tuple[int, int]]) -> list[_FLOATING]:
    """For each source, how far every pixel of the lane is from it by steps to the eight neighbours."""
    from scipy import sparse

    number = np.full(lane.shape, -1)
    number[lane] = np.arange(int(lane.sum()))
    rows, columns, lengths = [], [], []
    for (dy, dx), length in {(0, 1): 1.0, (1, 0): 1.0, (1, 1): 2**0.5, (1, -1): 2**0.5}.items():
        here = number[: lane.shape[0] - dy, max(0, -dx) : lane.shape[1] - max(0, dx)]
        there = number[dy:, max(0, dx) : lane.shape[1] - max(0, -dx)]
        both = (here >= 0) & (there >= 0)
        rows.append(here[both])
        columns.append(there[both])
        lengths.append(np.full(int(both.sum()), length))
    count = int(lane.sum())
    steps = (np.concatenate(rows), np.concatenate(columns))
    graph = sparse.coo_array((np.concatenate(lengths), steps), shape=(count, count)).tocsr()
    found = []
    for walk in sparse.csgraph.dijkstra(graph, directed=False, indices=[number[source] for source in sources]):
        far = np.full(lane.shape, np.inf)
        far[lane] = walk
        found.append(far)
    return found


def _map(instance: Instance) -> Iterator[str]:
    from scipy import ndimage

    spec = instance.meta
    # Roads and heights as stored: the rule `solved again` holds each of them against the pixels.
    links = [Link(road["a"], road["b"], road["minutes"], road["one_way"], road["closed"]) for road in spec["roads"]]
    told, _, _ = reader.read_question(instance.question or "")
    high = {name for name, note in spec["heights"].items() if told.limit and int(note.split()[0]) > told.limit}
    trip = replace(told, high=frozenset(high))
    _, route = reader.quickest(links, trip)
    legs = {frozenset(leg) for leg in itertools.pairwise(route)}
    lines = [_curve(spec["places"], road) for road in spec["roads"] if {road["a"], road["b"]} in legs]
    _, after, changed = before_and_after(instance)
    places, signs = _furniture(changed.shape, spec)
    missing = _band(changed.shape, lines, MARKED - 4) & ~(places | signs)
    missing &= ~is_color(after, drawing.PATH)
    if missing.any():
        yield f"{int(missing.sum())} pixels of the quickest route ({' - '.join(route)}) are not marked"
    solid = ndimage.binary_erosion(signs, iterations=8)  # within the signs' round corners
    apart = changed & (solid | ~_band(changed.shape, lines, CASED + 4))
    if apart.any():
        yield f"{int(apart.sum())} pixels changed away from the quickest route ({' - '.join(route)})"


def _curve(places: Mapping[str, Spot], road: Mapping[str, Any]) -> list[tuple[float, float]]:
    """A road's line: the parabola between its two places that runs through its number."""
    start, end, number = (np.array(at, dtype=float) for at in (places[road["a"]], places[road["b"]], road["badge"]))
    along = end - start
    across = np.array((-along[1], along[0]))
    share, off = ((number - start) @ axis / (along @ along) for axis in (along, across))
    t = np.linspace(0, 1, 65)[:, None]
    points = start + t * along + t * (1 - t) * off / (share * (1 - share)) * across
    return [(x, y) for x, y in points.tolist()]


def _band(shape: tuple[int, ...], lines: Sequence[Sequence[tuple[float, float]]], width: int) -> Mask:
    band = Image.new("1", (shape[1], shape[0]), 0)
    pen, radius = ImageDraw.Draw(band), width / 2
    for line in lines:
        pen.line(line, fill=1, width=width)
        for x, y in line:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return np.asarray(band, dtype=bool)


def _furniture(shape: tuple[int, ...], spec: Mapping[str, Any]) -> tuple[Mask, Mask]:
    """Where something stands on the roads: places with their names and shadows, and barriers; numbers and arrows."""
    theme, notes = kind(spec["theme"]), spec["heights"]
    places = [Place(name, "", x, y, theme.room, notes.get(name, "")).box for name, (x, y) in spec["places"].items()]
    signs = []
    for road in spec["roads"]:
        barrier = drawing.barrier()
        for x, y, *_ in road["signs"][:1] if road["closed"] else ():
            width, height = barrier.width / 2, barrier.height / 2
            places.append((x - width, y - height, x + width, y + height))
        standing = [(drawing.number_plate(road["minutes"]), road["badge"])]
        standing += [(drawing.arrow(0), sign) for sign in road["signs"] if road["one_way"]]
        for sign, (x, y, *_) in standing:
            signs.append((x - sign.width / 2, y - sign.height / 2, x + sign.width / 2, y + sign.height / 2))
    return _boxed(shape, places), _boxed(shape, signs)


def _boxed(shape: tuple[int, ...], boxes: Sequence[tuple[float, float, float, float]]) -> Mask:
    mask: Mask = np.zeros(shape, dtype=bool)
    for x0, y0, x1, y1 in boxes:
        mask[max(0, round(y0) - 2) : round(y1) + 3, max(0, round(x0) - 2) : round(x1) + 3] = True
    return mask
