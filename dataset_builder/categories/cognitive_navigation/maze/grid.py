"""Mazes without pictures: square, hexagonal and round grids of cells, and random trees of passages in them.

A maze is perfect: between two cells of the same tree there is exactly one path. Usually there is one tree;
several trees (a forest) make parts of the maze that cannot be reached from each other.

    >>> maze = carve(random.Random(0), square_grid(6, 5, 600))
    >>> len(maze.passages) == len(maze.grid.cells) - 1
    True
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Point = tuple[float, float]
_NEARBY = 0.15  # units that the centre of a cell may lie beside a walk


class Cell(NamedTuple):
    """Centre and outline, in pixels."""

    x: float
    y: float
    outline: tuple[Point, ...]


class Border(NamedTuple):
    """The line between two cells, or around the outside (`b` is None), as the points that it runs through."""

    a: int
    b: int | None
    line: tuple[Point, ...]

    @property
    def middle(self) -> Point:
        """The middle of the line: where a path crosses it."""
        if len(self.line) % 2:
            return self.line[len(self.line) // 2]
        (x0, y0), (x1, y1) = self.line[len(self.line) // 2 - 1 : len(self.line) // 2 + 1]
        return (x0 + x1) / 2, (y0 + y1) / 2


@dataclass(frozen=True)
class Grid:
    """Cells and all their borders in a picture of `size`; `unit` is the distance between neighbours.

    Of a `ringed` grid the cells lie around the picture's centre, and may be wide.
    """

    size: tuple[int, int]
    unit: float
    cells: tuple[Cell, ...]
    borders: tuple[Border, ...]
    ringed: bool = False

    def neighbours(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {cell: [] for cell in range(len(self.cells))}
        for border in self.borders:
            if border.b is not None:
                found[border.a].append(border.b)
                found[border.b].append(border.a)
        return found


@dataclass(frozen=True)
class Maze:
    grid: Grid
    passages: frozenset[tuple[int, int]]

    def open(self, a: int, b: int) -> bool:
        return (min(a, b), max(a, b)) in self.passages

    def tree(self) -> dict[int, list[int]]:
        """The neighbours that can be walked to."""
        return {
            cell: [other for other in near if self.open(cell, other)] for cell, near in self.grid.neighbours().items()
        }

    def walls(self) -> list[tuple[Point, ...]]:
        return [b.line for b in self.grid.borders if b.b is None or not self.open(b.a, b.b)]

    def comes_by(self, path: Sequence[int], place: int) -> bool:
        """Whether who walks the path in the middle of the corridor comes by this cell's centre.

        In wide cells of a ring one may turn off before it: the centre must lie between the two gaps.
        """
        if not self.grid.ringed or path[place] == 0:
            return True
        (x, y), middle = self.grid.cells[path[place]][:2], self.grid.size[0] / 2
        _, before, _, after, _ = self.line(path[place - 1 : place + 2])
        far = math.dist((x, y), (middle, middle))

        def off(point: Point) -> float:
            """Along the ring from the centre to a gap, in pixels; to the left is negative."""
            turn = math.atan2(point[1] - middle, point[0] - middle) - math.atan2(y - middle, x - middle)
            return far * math.atan2(math.sin(turn), math.cos(turn))

        slack = _NEARBY * self.grid.unit
        return min(off(before), off(after)) <= slack and max(off(before), off(after)) >= -slack

    def line(self, path: Sequence[int]) -> list[Point]:
        """A path of cells as a line through their centres and the gaps between them."""
        gaps = {(b.a, b.b): b.middle for b in self.grid.borders if b.b is not None}
        points: list[Point] = [self.grid.cells[path[0]][:2]]
        for a, b in zip(path, path[1:], strict=False):
            points += [gaps[(a, b)] if (a, b) in gaps else gaps[(b, a)], self.grid.cells[b][:2]]
        return points


def square_grid(columns: int, rows: int, width: int, margin: float = 26) -> Grid:
    unit = (width - 2 * margin) / columns
    height = round(unit * rows + 2 * margin)

    def corner(column: int, row: int) -> Point:
        return margin + column * unit, margin + row * unit

    cells, borders = [], []
    for row in range(rows):
        for column in range(columns):
            here, (x, y) = row * columns + column, corner(column, row)
            outline = corner(column, row), corner(column + 1, row), corner(column + 1, row + 1), corner(column, row + 1)
            cells.append(Cell(x + unit / 2, y + unit / 2, outline))
            right = here + 1 if column + 1 < columns else None
            below = here + columns if row + 1 < rows else None
            borders.append(Border(here, right, (corner(column + 1, row), corner(column + 1, row + 1))))
            borders.append(Border(here, below, (corner(column, row + 1), corner(column + 1, row + 1))))
            if row == 0:
                borders.append(Border(here, None, (corner(column, 0), corner(column + 1, 0))))
            if column == 0:
                borders.append(Border(here, None, (corner(0, row), corner(0, row + 1))))
    return Grid((width, height), unit, tuple(cells), tuple(borders))


def hex_grid(columns: int, rows: int, width: int, margin: float = 26) -> Grid:
    """Hexagons standing on a corner, every other row half a cell to the right."""
    unit = (width - 2 * margin) / (columns + 0.5)
    radius = unit / math.sqrt(3)
    height = round(radius * (1.5 * rows + 0.5) + 2 * margin)
    centres = {
        (column, row): (margin + unit * (column + 0.5 + 0.5 * (row % 2)), margin + radius * (1 + 1.5 * row))
        for row in range(rows)
        for column in range(columns)
    }
    number = {key: place for place, key in enumerate(centres)}
    cells, borders = [], []
    for (column, row), (x, y) in centres.items():
        odd = row % 2
        # Clockwise from the right: the neighbour across the side between corner k and corner k + 1.
        around = [(1, 0), (odd, 1), (odd - 1, 1), (-1, 0), (odd - 1, -1), (odd, -1)]
        corners = [
            (x + radius * math.cos(math.radians(60 * k - 30)), y + radius * math.sin(math.radians(60 * k - 30)))
            for k in range(7)
        ]
        cells.append(Cell(x, y, tuple(corners[:6])))
        for side, (dx, dy) in enumerate(around):
            other = number.get((column + dx, row + dy))
            if other is None or other > number[column, row]:
                borders.append(Border(number[column, row], other, (corners[side], corners[side + 1])))
    return Grid((width, height), unit, tuple(cells), tuple(borders))


def round_grid(rings: int, width: int, margin: float = 26) -> Grid:
    """A middle cell and rings around it; a ring is cut into more cells where they would grow too long."""
    centre, unit = width / 2, (width / 2 - margin) / (rings + 0.5)
    counts = [1, 6]
    while len(counts) <= rings:
        longest = 2 * math.pi * unit * (len(counts) + 0.5) / counts[-1]
        counts.append(counts[-1] * (2 if longest > 2 * unit else 1))
    first = [sum(counts[:ring]) for ring in range(rings + 2)]

    def at(radius: float, turn: float) -> Point:
        return centre + radius * math.cos(2 * math.pi * turn), centre + radius * math.sin(2 * math.pi * turn)

    def arc(radius: float, start: float, end: float) -> tuple[Point, ...]:
        return tuple(at(radius, start + (end - start) * step / 8) for step in range(9))

    cells, borders = [Cell(centre, centre, arc(unit / 2, 0, 1))], []
    for ring in range(1, rings + 1):
        inner, count = unit * (ring - 0.5), counts[ring]
        for place in range(count):
            here, start, end = first[ring] + place, place / count, (place + 1) / count
            outline = arc(inner, start, end) + arc(inner + unit, end, start)
            cells.append(Cell(*at(inner + unit / 2, (start + end) / 2), outline))
            borders.append(Border(here, first[ring] + (place + 1) % count, (at(inner, end), at(inner + unit, end))))
            below = 0 if ring == 1 else first[ring - 1] + place * counts[ring - 1] // count
            borders.append(Border(here, below, arc(inner, start, end)))
            if ring == rings:
                borders.append(Border(here, None, arc(inner + unit, start, end)))
    return Grid((width, width), unit, tuple(cells), tuple(borders), ringed=True)


def carve(rng: random.Random, grid: Grid, roots: int = 1, straight: float = 0.8) -> Maze:
    """Grows `roots` trees together; `straight` near 1 gives long winding corridors, near 0 many short ones."""
    near = grid.neighbours()
    starts = rng.sample(range(len(grid.cells)), roots)
    seen, passages = set(starts), set()
    growing = [[start] for start in starts]
    while any(growing):
        for branch in growing:
            if not branch:
                continue
            at = len(branch) - 1 if rng.random() < straight else rng.randrange(len(branch))
            cell = branch[at]
            free = [other for other in near[cell] if other not in seen]
            if free:
                new = rng.choice(free)
                seen.add(new)
                passages.add((min(cell, new), max(cell, new)))
                branch.append(new)
            else:
                branch.pop(at)
    return Maze(grid, frozenset(passages))


def paths_from(maze: Maze, start: int) -> dict[int, int]:
    """For each cell that can be reached, the cell from which one comes (the start comes from itself)."""
    tree, came = maze.tree(), {start: start}
    queue = deque([start])
    while queue:
        cell = queue.popleft()
        for other in tree[cell]:
            if other not in came:
                came[other] = cell
                queue.append(other)
    return came


def path(came: dict[int, int], goal: int) -> list[int]:
    cells = [goal]
    while came[cells[-1]] != cells[-1]:
        cells.append(came[cells[-1]])
    return cells[::-1]


# Shapes by how many cells lie across: of much the same number of cells, hence of the same difficulty.
SHAPES: dict[str, Callable[[int, int, random.Random], Grid]] = {
    "square": lambda across, width, rng: square_grid(across, across + rng.randint(-2, 0), width),
    "hex": lambda across, width, rng: hex_grid(across, across + rng.randint(-1, 1), width),
    "round": lambda across, width, rng: round_grid(min(5, (across + 1) // 2), width),
}
