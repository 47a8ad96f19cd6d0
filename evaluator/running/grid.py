"""A grid of generation parameters, and what stands at each of its points."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset_builder.errors import UsageError


@dataclass
class Point:
    """One run of the grid: its settings, its scores in per cent by `protocol axis`, its edits' fidelity.

    `errors` counts what stands in the run as failed, `unjudged` the questions that the judge failed on; `notes`
    are what the last call told of the run.
    """

    settings: dict[str, Any]
    run: str
    scores: dict[str, float | None] = field(default_factory=dict)
    low: dict[str, float | None] = field(default_factory=dict)
    high: dict[str, float | None] = field(default_factory=dict)
    fidelity: float | None = None
    errors: int = 0
    unjudged: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class Sweep:
    """The whole grid, as it stands in `sweep.json`."""

    model: str
    dataset: str
    judge: str | None
    points: list[Point]

    @property
    def errors(self) -> int:
        """Failures of the model's calls and of the judge's, over all points."""
        return sum(point.errors + point.unjudged for point in self.points)

    def text(self) -> str:
        """A table, a line a point."""
        measures = sorted({name for point in self.points for name in point.scores})
        header = ["settings", *measures, "edit PSNR dB"]
        rows = [header]
        for point in self.points:
            cells = [words(point.settings)]
            cells += ["-" if point.scores.get(name) is None else f"{point.scores[name]:.1f}" for name in measures]
            cells.append("-" if point.fidelity is None else f"{point.fidelity:.1f}")
            rows.append(cells)
        widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*lines, *self._told()])

    def _told(self) -> Iterator[str]:
        for point in self.points:
            name = words(point.settings)
            if point.errors:
                yield f"{name}: {point.errors} failed (see `error` in predictions.jsonl); again with --retry-errors"
            if point.unjudged:
                yield f"{name}: {point.unjudged} questions failed on the judge's side; run again to ask them again"
        # Mostly the same for every point.
        yield from dict.fromkeys(note for point in self.points for note in point.notes)


def parse_grid(words: Sequence[str]) -> dict[str, list[Any]]:
    """`key=v1,v2,v3` words into a grid; a value is JSON where it parses."""
    grid: dict[str, list[Any]] = {}
    for word in words:
        key, sign, values = word.partition("=")
        if not sign or not key or not values:
            raise UsageError(f"--grid {word}: write key=value,value,..., such as --grid guidance_scale=1,2.5,5")
        grid[key] = [_value(text) for text in values.split(",")]
    if not grid:
        raise UsageError("a sweep needs at least one --grid key=value,value,...")
    return grid


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def grid_points(grid: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def words(settings: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in settings.items())
