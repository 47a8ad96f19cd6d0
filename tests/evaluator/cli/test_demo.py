"""The demo's own steps; all of it is `make demo`, and its bundle goes through the page in the browser test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataset_builder.folder import Dataset
from evaluator.cli import demo
from evaluator.cli.demo import StandIn
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from tests.evaluator.toy_models import Toy


def test_a_run_on_the_former_dataset_is_replaced_and_said_to_be(
    small_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`demo --per-category 3` after `--per-category 2`."""
    monkeypatch.setattr(demo, "JUDGE", "fixed:yes")
    chance = StandIn("chance", "baseline:chance", "")
    dataset = Dataset.open(small_dataset)
    folder = tmp_path / "runs" / "chance"
    run(Toy(), small_dataset, out=folder, protocol="direct")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["dataset"] |= {"id": "former", "content_sha256": "f" * 64}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert demo.evaluated(chance, dataset, tmp_path) == folder
    assert RunFolder.open(folder).manifest.dataset.content_sha256 == dataset.content_sha256
    assert "was made on another dataset (former) and is replaced" in capsys.readouterr().out
    demo.evaluated(chance, dataset, tmp_path)
    assert "replaced" not in capsys.readouterr().out
