"""A grid of parameters: runs that resume, a table, and the fidelity of edited pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.running import run, sweeping
from evaluator.running.grid import Sweep, parse_grid
from evaluator.runs.folder import RunFolder

TOY = '''
from PIL import Image

class Painter:
    """Edits better the higher `quality` is: it mixes the input with grey."""
    capabilities = {"answer", "generate", "edit"}
    defaults = {"quality": 1.0, "letter": "A"}
    def answer(self, requests):
        if requests[0].parameters["letter"] == "fail" and any(request.id.endswith("0002") for request in requests):
            raise ValueError("out of luck")
        return [request.parameters["letter"] for request in requests]
    def generate(self, requests):
        return [
            Image.blend(Image.new("RGB", r.images[0].size, "grey"), r.images[0], r.parameters["quality"])
            if r.images else Image.new("RGB", (8, 8))
            for r in requests
        ]
'''


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweep_toy.py").write_text(TOY)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_grids_are_read_and_refused() -> None:
    assert parse_grid(["a=1,2.5", "b=x,true"]) == {"a": [1, 2.5], "b": ["x", True]}
    for words in ([], ["a"], ["a="]):
        with pytest.raises(UsageError):
            parse_grid(words)


def test_a_sweep_scores_every_point_and_resumes(small_dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    grid = {"quality": [0.2, 1.0], "letter": ["A", "B"]}
    done = sweeping.sweep("sweep_toy:Painter", small_dataset, grid, out=out, judge="fixed:yes", protocol="stepwise")
    assert [point.settings for point in done.points] == [
        {"quality": 0.2, "letter": "A"}, {"quality": 0.2, "letter": "B"},
        {"quality": 1.0, "letter": "A"}, {"quality": 1.0, "letter": "B"},
    ]  # fmt: skip
    assert [point.scores for point in done.points] == [{"stepwise GEU": 25.0, "stepwise UEG": 0.0}] * 4
    fidelity = [point.fidelity or 0.0 for point in done.points]
    assert fidelity[0] == fidelity[1] < fidelity[2] == fidelity[3]
    assert json.loads((out / "sweep.json").read_text())["points"][3]["settings"] == {"quality": 1.0, "letter": "B"}
    rows = list(csv.reader((out / "sweep.csv").read_text().splitlines()))
    assert rows[0][:3] == ["quality", "letter", "stepwise GEU"] and len(rows) == 5
    with Image.open(out / "sweep.png") as plot:
        assert plot.width > 800
    before = (out / "quality=0.2,letter=A" / "predictions.jsonl").read_bytes()
    again = sweeping.sweep("sweep_toy:Painter", small_dataset, grid, out=out, judge="fixed:yes", protocol="stepwise")
    assert (out / "quality=0.2,letter=A" / "predictions.jsonl").read_bytes() == before
    assert again == done
    assert "quality=1.0,letter=B" in again.text()


def test_failures_are_told(small_dataset: Path, tmp_path: Path) -> None:
    def go(**options: object) -> Sweep:
        return sweeping.sweep(
            "sweep_toy:Painter", small_dataset, {"letter": ["A", "fail"]}, out=tmp_path / "sweep", protocol="direct",
            **options,
        )  # fmt: skip

    done = go()
    assert [point.errors for point in done.points] == [0, 4]
    assert done.errors == 4
    assert "letter=fail: 4 failed" in done.text() and "letter=A: " not in done.text()
    assert go() == done, "what stands in the folder is told, not only what this call did"


def test_the_judges_failures_are_told(small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = mock.Mock(return_value=mock.Mock(errors=3))
    monkeypatch.setattr("evaluator.judging.judge.judge", judged)
    done = sweeping.sweep(
        "sweep_toy:Painter", small_dataset, {"letter": ["A"]}, out=tmp_path / "s", protocol="direct", judge="fixed:yes"
    )
    assert done.errors == 3
    assert "3 questions failed on the judge's side" in done.text()


def test_fidelity_needs_edits(small_dataset: Path, tmp_path: Path) -> None:
    run.run("sweep_toy:Painter", small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    folder = RunFolder.open(tmp_path / "run")
    assert sweeping.edit_fidelity(folder.path, Dataset.open(small_dataset)) is None


def test_equal_pictures_have_the_highest_fidelity() -> None:
    one, other = Image.new("RGB", (50, 40), (10, 20, 30)), Image.new("RGB", (80, 80), (11, 21, 31))
    assert sweeping._psnr(one, one.copy()) == 60.0
    assert sweeping._psnr(one, other) == pytest.approx(48.13, abs=0.01)
