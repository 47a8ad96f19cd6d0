"""Round mazes: whoever walks in the middle of the corridor comes over every disc that is on the path.

The middle is where walls are far: the walk is the cheapest over the floor's pixels, each of which costs the more
the nearer a wall is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dataset_builder.audits._pixels import Mask, picture
from dataset_builder.audits._rule import EachRule, found_by, meta_of, procedural
from dataset_builder.categories.cognitive_navigation.maze import reader
from dataset_builder.instance import Instance

_STEP = 4  # every fourth pixel: corridors are more than thirty wide
_FLOATING = np.ndarray[Any, np.dtype[np.float64]]


def walk(floor: Mask, start: tuple[int, int], goal: tuple[int, int]) -> _FLOATING:
    """Rows and columns of the walk in the middle of the corridor, one pixel after the other."""
    from scipy import ndimage, sparse

    away = ndimage.distance_transform_edt(floor)
    number = np.full(floor.shape, -1)
    number[floor] = np.arange(int(floor.sum()))
    rows, columns, costs = [], [], []
    for (dy, dx), length in {(0, 1): 1.0, (1, 0): 1.0, (1, 1): 2**0.5, (1, -1): 2**0.5}.items():
        here = np.s_[: floor.shape[0] - dy, max(0, -dx) : floor.shape[1] - max(0, dx)]
        there = np.s_[dy:, max(0, dx) : floor.shape[1] - max(0, -dx)]
        both = floor[here] & floor[there]
        rows.append(number[here][both])
        columns.append(number[there][both])
        costs.append(length / np.minimum(away[here], away[there])[both] ** 2)
    count = int(floor.sum())
    graph = sparse.coo_array((np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), (count, count))
    _, came = sparse.csgraph.dijkstra(graph.tocsr(), directed=False, indices=number[start], return_predecessors=True)
    at, steps = int(number[goal]), []
    while at >= 0:
        steps.append(at)
        at = int(came[at])
    found: _FLOATING = np.argwhere(floor)[steps].astype(float)
    return found


def missed(instance: Instance) -> Iterator[str]:
    """The labels that the solver finds on the path and whose disc the walk does not touch."""
    spec = instance.meta
    floor = reader.passable(picture(instance), spec)
    rows, columns = (side // 2 * 2 for side in floor.shape)
    fine = floor[:rows, :columns]  # a coarse pixel is floor where all four of its fine ones are
    half = fine[::2, ::2] & fine[1::2, ::2] & fine[::2, 1::2] & fine[1::2, 1::2]
    start, goal = (_pixel(spec["ends"][role]) for role in ("start", "goal"))
    steps = walk(half, start, goal) * _STEP
    for label in reader.order_on_path(floor, spec):
        x, y = spec["labels"][label]["at"]
        off = float(np.hypot(steps[:, 0] - y, steps[:, 1] - x).min())
        if off > spec["badge"] / 2:
            radius = spec["badge"] / 2
            yield f"the walk to the goal passes {label} {off:.0f} px from its centre, its radius is {radius:.0f}"


def _pixel(end: Mapping[str, Any]) -> tuple[int, int]:
    x, y = end["at"]
    return math.floor(y / _STEP), math.floor(x / _STEP)


def _labelled(instance: Instance) -> bool:
    maze = procedural(instance) and instance.subtask == "maze"
    return maze and meta_of(instance).get("kind", "reach") != "reach"


EACH = (
    EachRule(
        "on the walk",
        "a disc on a maze's path lies within one radius of the walk down the middle of the corridor",
        found_by(missed, "choose another cell for the label"),
        _labelled,
    ),
)
