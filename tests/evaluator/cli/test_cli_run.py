"""The verbs that make predictions, in this process: exit status and what they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataset_builder.errors import UsageError
from evaluator.cli import judges, models  # noqa: F401  (registers their verbs)
from evaluator.cli.app import app

TOY = """
class Failing:
    capabilities = {"answer"}
    def answer(self, requests):
        if any(request.id.endswith("0001") for request in requests):
            raise ValueError("out of luck")
        return ["A" for _ in requests]
"""


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cli_toy.py").write_text(TOY)
    monkeypatch.syspath_prepend(str(tmp_path))


def call(*words: object) -> Any:
    return CliRunner().invoke(app, list(map(str, words)))


def run(dataset: Path, out: Path, *words: object) -> Any:
    return call("run", "--model", "cli_toy:Failing", "--dataset", dataset, "-o", out, "--protocol", "direct", *words)


def test_a_failure_is_status_1_but_not_under_a_launcher(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(small_dataset, tmp_path / "one").exit_code == 1
    assert run(small_dataset, tmp_path / "two", "--shard", "1/2").exit_code == 1
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    done = run(small_dataset, tmp_path / "three")
    assert done.exit_code == 0
    assert "failed (see `error`" in done.output and "exit status 0 all the same" in done.output
    assert run(small_dataset, tmp_path / "four", "--shard", "1/2").exit_code == 1


@pytest.mark.parametrize("option", ["--batch-size", "--limit-per-category", "--concurrency", "--ray-shards"])
@pytest.mark.parametrize("number", [0, -1])
def test_numbers_that_mean_nothing_are_refused(small_dataset: Path, tmp_path: Path, option: str, number: int) -> None:
    assert run(small_dataset, tmp_path / "run", option, number).exit_code == 2
    assert not (tmp_path / "run").exists()


def test_ray_and_a_shard_exclude_each_other(small_dataset: Path, tmp_path: Path) -> None:
    done = run(small_dataset, tmp_path / "run", "--ray", "local", "--shard", "1/2")
    assert isinstance(done.exception, UsageError) and "--ray-shards N instead" in str(done.exception)


def test_a_dry_run_counts_its_part(small_dataset: Path, tmp_path: Path) -> None:
    run(small_dataset, tmp_path / "run")
    done = run(small_dataset, tmp_path / "run", "--dry-run", "--retry-errors", "--shard", "1/1")
    assert done.exit_code == 0
    assert "cli_toy:Failing: 4 calls to make" in done.output and "price not known" in done.output


def test_a_sweep_with_failures_is_status_1(small_dataset: Path, tmp_path: Path) -> None:
    words = ["--model", "cli_toy:Failing", "--dataset", small_dataset, "-o", tmp_path / "s", "--protocol", "direct"]
    done = call("sweep", *words, "--grid", "x=1,2")
    assert done.exit_code == 1
    assert "x=1: 4 failed" in done.output and "plot: " in done.output


@pytest.mark.parametrize("verb", ["models", "judges"])
def test_a_base_install_lists_what_there_is(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> Any:
        if name.split(".")[0] in ("google", "openai", "torch", "transformers", "diffusers"):
            if "." in name:
                raise ModuleNotFoundError(f"No module named '{name.split('.')[0]}'")
            return None
        return find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    done = call(verb)
    assert done.exit_code == 0
    assert "not installed: pip install 'realunify[gemini]'" in done.output
