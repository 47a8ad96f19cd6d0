"""Cutting a picture into patches, shuffling them, and putting them together again from the pixels alone.

The assembly predicts each patch's next row or column from its last two (gradients go on across a seam),
then grows the picture from the surest pair of patches; integers only, so every machine agrees.

    >>> shuffled = rearrange(picture, 3, permutation)
    >>> assemble(shuffled, 3) == permutation
    True
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Ints = npt.NDArray[np.int64]
Cell = tuple[int, int]


def shuffle_order(rng: random.Random, grid: int) -> list[int]:
    """A permutation of `grid * grid` patches: `order[position]` is the patch shown there.

    At most one patch is in its own place, and at most one pair of neighbours is still side by side.
    """
    while True:
        order = rng.sample(range(grid * grid), grid * grid)
        if sum(place == patch for place, patch in enumerate(order)) <= 1 and kept_pairs(order, grid) <= 1:
            return order


def kept_pairs(order: list[int], grid: int) -> int:
    """How many neighbours are shown side by side as in the original."""
    beside = sum(
        order[i + 1] == order[i] + 1 and order[i] % grid < grid - 1
        for i in range(grid * grid - 1)
        if i % grid < grid - 1
    )
    return beside + sum(order[i + grid] == order[i] + grid for i in range(grid * (grid - 1)))


def rearrange(picture: Image.Image, grid: int, order: list[int]) -> Image.Image:
    """The picture with patch `order[position]` at each position (row by row)."""
    side = picture.width // grid
    result = Image.new("RGB", picture.size)
    for position, patch in enumerate(order):
        row, column = divmod(patch, grid)
        piece = picture.crop((column * side, row * side, (column + 1) * side, (row + 1) * side))
        result.paste(piece, (position % grid * side, position // grid * side))
    return result


def inverse(order: list[int]) -> list[int]:
    """The order that undoes `order`."""
    back = [0] * len(order)
    for position, patch in enumerate(order):
        back[patch] = position
    return back


def assemble(shuffled: Image.Image, grid: int, seeds: int = 6) -> list[int]:
    """The permutation that made `shuffled`, read from its pixels: the patch shown at each position."""
    right, below = _costs(_patches(shuffled, grid))
    sure_right, sure_below = _relative(right), _relative(below)
    best: tuple[int, list[int]] | None = None
    for seed in range(seeds):
        placed = _grow(sure_right, sure_below, grid, seed)
        placed = _improve(placed, right, below, grid)
        total = _total(placed, right, below, grid)
        if best is None or total < best[0]:
            best = (total, placed)
    assert best is not None
    return inverse(best[1])


def _patches(picture: Image.Image, grid: int) -> Ints:
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int64)
    side = pixels.shape[0] // grid
    cut = pixels.reshape(grid, side, grid, side, 3).swapaxes(1, 2)
    patches: Ints = cut.reshape(grid * grid, side, side, 3)
    return patches


def _costs(patches: Ints) -> tuple[Ints, Ints]:
    """How badly patch j continues patch i to the right of it, and below it."""
    big = np.iinfo(np.int64).max // 1_000_000
    tables = []
    for cut in (patches, patches.swapaxes(1, 2)):
        last, before = cut[:, :, -1].reshape(len(cut), -1), cut[:, :, -2].reshape(len(cut), -1)
        first, after = cut[:, :, 0].reshape(len(cut), -1), cut[:, :, 1].reshape(len(cut), -1)
        onward = np.abs((2 * last - before)[:, None] - first[None]).sum(axis=2)
        backward = np.abs((2 * first - after)[None] - last[:, None]).sum(axis=2)
        table = onward + backward
        np.fill_diagonal(table, big)
        tables.append(table)
    return tables[0], tables[1]


def _relative(table: Ints) -> Ints:
    """Costs in thousandths of the second-best choice of either side: small means sure."""
    second: Ints = np.minimum(np.sort(table, axis=1)[:, 1][:, None], np.sort(table, axis=0)[1][None])
    relative: Ints = np.minimum(table * 1000 // np.maximum(second, 1), 1_000_000)
    return relative


def _grow(right: Ints, below: Ints, grid: int, seed: int) -> list[int]:
    """Patch indices row by row, grown from the `seed`-th surest horizontal pair."""
    count = grid * grid
    first, second = (int(v) for v in divmod(int(np.argsort(right, axis=None, kind="stable")[seed]), count))
    cells: dict[Cell, int] = {(0, 0): first, (0, 1): second}
    left = np.ones(count, dtype=bool)
    left[[first, second]] = False
    while len(cells) < count:
        choices = [_best_for(cell, cells, left, right, below) for cell in _open_cells(cells, grid)]
        _, cell, patch = min(choices)
        cells[cell] = patch
        left[patch] = False
    top, side = min(row for row, _ in cells), min(column for _, column in cells)
    return [cells[top + row, side + column] for row in range(grid) for column in range(grid)]


def _open_cells(cells: dict[Cell, int], grid: int) -> list[Cell]:
    """Free cells beside a placed one that keep the whole within the grid."""
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    return sorted(
        {
            (r, c)
            for row, column in cells
            for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
            if (r, c) not in cells
            and max(*rows, r) - min(*rows, r) < grid
            and max(*columns, c) - min(*columns, c) < grid
        }
    )


def _best_for(cell: Cell, cells: dict[Cell, int], left: Any, right: Ints, below: Ints) -> tuple[int, Cell, int]:
    row, column = cell
    parts = []
    if (row, column - 1) in cells:
        parts.append(right[cells[row, column - 1]])
    if (row, column + 1) in cells:
        parts.append(right[:, cells[row, column + 1]])
    if (row - 1, column) in cells:
        parts.append(below[cells[row - 1, column]])
    if (row + 1, column) in cells:
        parts.append(below[:, cells[row + 1, column]])
    cost = np.where(left, sum(parts[1:], parts[0]) * 12 // len(parts) ** 2, 1 << 60)
    patch = int(np.argmin(cost))
    return int(cost[patch]), cell, patch


def _total(placed: list[int], right: Ints, below: Ints, grid: int) -> int:
    cells = np.array(placed).reshape(grid, grid)
    return int(right[cells[:, :-1], cells[:, 1:]].sum() + below[cells[:-1], cells[1:]].sum())


def _improve(placed: list[int], right: Ints, below: Ints, grid: int) -> list[int]:
    """Swaps pairs of patches while a swap lowers the whole cost."""
    best = _total(placed, right, below, grid)
    improved = True
    while improved and grid <= 4:
        improved = False
        for a in range(len(placed)):
            for b in range(a):
                placed[a], placed[b] = placed[b], placed[a]
                cost = _total(placed, right, below, grid)
                if cost < best:
                    best, improved = cost, True
                else:
                    placed[a], placed[b] = placed[b], placed[a]
    return placed
