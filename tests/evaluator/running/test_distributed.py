"""A run spread over a local Ray, with one worker killed in mid-run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataset_builder.errors import MissingExtraError
from evaluator.running import distributed
from evaluator.runs.folder import RunFolder

pytest.importorskip("ray", reason="the extra [ray] is not installed")

TOY = '''
import os, signal
from pathlib import Path
from PIL import Image

class Fragile:
    """Dies once, in the middle of the run, as a preempted machine does."""
    capabilities = {"answer", "generate"}
    def answer(self, requests):
        return ["A" for _ in requests]
    def generate(self, requests):
        mark = Path(os.environ["FRAGILE_MARK"])
        if "mathematical" in requests[0].id and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return [Image.new("RGB", (8, 8), (request.seed % 256, 0, 0)) for request in requests]
'''


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_killed_worker_loses_nothing(tmp_path: Path, small_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fragile_toy.py").write_text(TOY)
    mark = tmp_path / "died"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("FRAGILE_MARK", str(mark))
    summary = distributed.run_on_ray(
        "fragile_toy:Fragile", small_dataset, out=tmp_path / "run", shards=2, protocol="direct", seed=3
    )
    assert mark.exists()
    run = RunFolder.open(tmp_path / "run")
    keys = [prediction.key for prediction in run.predictions()]
    assert len(keys) == len(set(keys)) == run.manifest.dataset.instances == summary.total
    assert {path.name for path in run.files("predictions")} == {"predictions-1-of-2.jsonl", "predictions-2-of-2.jsonl"}
    assert json.loads((run.path / "manifest.json").read_text())["seed"] == 3


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"realunify\[ray\]"):
        distributed.run_on_ray("a.b:C", tmp_path, out=tmp_path)
