"""`realunify sweep`: one model over a grid of generation parameters, compared at the end in a table and a plot.

It answers the paper's question whether generation fidelity drives stepwise understanding: beside the scores
stands how close the edited pictures of stepwise GEU come to the true intermediate (`reference_image`).

    >>> sweep("diffusers:...", "realunify", {"guidance_scale": [1, 2.5, 5]}, out="runs/guidance", judge="local:...")
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dataset_builder.files import write_atomic
from dataset_builder.folder import Dataset
from evaluator.judging import judge as judging
from evaluator.running import sweep_plot
from evaluator.running.grid import Point, Sweep, grid_points, words
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.runs.pictures import open_image
from evaluator.runs.progress import Progress
from evaluator.scoring import score

_FIDELITY_PX = 256
_MAX_PSNR = 60.0


def sweep(
    model: str,
    dataset: str | Path,
    grid: Mapping[str, Sequence[Any]],
    *,
    out: str | Path,
    judge: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Sweep:
    """Run every point of the grid into `out/<settings>/`, judge, score, and write sweep.json, .csv and .png.

    `options` are those of `run`. Call it again to go on where it stopped: a finished point is not run
    again. Without a judge only the GEU scores are there.
    """
    data = Dataset.open(dataset)
    out = Path(out)
    points = []
    for values in grid_points(grid):
        folder = out / words(values).replace("/", "-")
        told = run(model, data, out=folder, settings={**(settings or {}), **values}, progress=progress, **options)
        point = Point(
            values, folder.name, notes=[*(f"not supported: {line}" for line in told.not_supported), *told.notes]
        )
        if judge is not None:
            point.unjudged = judging.judge(folder, judge, dataset=data, progress=progress).errors
        points.append(_scored(point, folder, data))
    done = Sweep(model, data.id, judge, points)
    write_atomic(out / "sweep.json", json.dumps(asdict(done), indent=1) + "\n")
    write_atomic(out / "sweep.csv", _csv(done))
    write_atomic(out / "sweep.png", sweep_plot.plot(done))
    return done


def _scored(point: Point, folder: Path, data: Dataset) -> Point:
    """The point with what stands in its run folder."""
    point.errors = sum(prediction.error is not None for prediction in RunFolder.open(folder).latest().values())
    point.fidelity = edit_fidelity(folder, data)
    for name, table in score.score(folder, dataset=data).protocols.items():
        for axis, cell in table.axes.items():
            key = f"{name} {axis.upper()}"
            if cell.status != "not supported":
                point.scores[key], point.low[key], point.high[key] = cell.score, cell.low, cell.high
    return point


def edit_fidelity(run: str | Path, data: Dataset) -> float | None:
    """Mean PSNR (dB, 256 px, capped at 60) of stepwise GEU's edited pictures against the true intermediate.

    None when the run has no such pictures or the dataset no references. A picture that differs in one shade
    of grey from the reference everywhere has 48 dB, one of noise about 8.
    """
    folder = RunFolder.open(run)
    edited = {
        prediction.id: step.image
        for prediction in folder.latest().values()
        if prediction.protocol == "stepwise"
        for step in prediction.steps
        if step.name == "edit" and step.image
    }
    values = []
    for instance in data.instances(images=True, only=set(edited)) if edited else ():
        picture = open_image(folder.path / edited[instance.id])
        if picture is not None and instance.reference_image is not None:
            values.append(_psnr(picture, instance.picture("reference_image")))
    return sum(values) / len(values) if values else None


def _psnr(one: Any, other: Any) -> float:
    from PIL import ImageChops, ImageStat

    size = (_FIDELITY_PX, _FIDELITY_PX)
    difference = ImageChops.difference(one.resize(size), other.resize(size))
    mean_square = sum(ImageStat.Stat(difference).sum2) / (3 * _FIDELITY_PX**2)
    return _MAX_PSNR if mean_square == 0 else min(_MAX_PSNR, 10 * math.log10(255**2 / mean_square))


def _csv(done: Sweep) -> str:
    keys = list(done.points[0].settings)
    measures = sorted({name for point in done.points for name in point.scores})
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*keys, *measures, "edit_psnr_db", "run"])
    for point in done.points:
        scores = ["" if point.scores.get(name) is None else round(point.scores[name] or 0.0, 3) for name in measures]
        fidelity = "" if point.fidelity is None else round(point.fidelity, 3)
        writer.writerow([*(point.settings[key] for key in keys), *scores, fidelity, point.run])
    return buffer.getvalue()
