"""`--dry-run`: the calls that a run would make, and what they would cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataset_builder.errors import ProblemsError, UsageError
from evaluator.records import Request
from evaluator.running.plan import RunPlan, plan
from evaluator.running.run import run
from tests.evaluator.toy_models import Toy

UEG, GEU = 24, 16
DIRECT = {"generate": UEG, "answer": GEU}


@pytest.mark.parametrize(
    ("spec", "calls"),
    [
        ("vlm:some-org/not-here", {"answer": GEU}),
        ("worker:bagel", DIRECT),
        ("gemini:gemini-2.5-flash-image", DIRECT),
        ("openai:gpt-4.1", {"answer": GEU}),
        ("pair:openai:gpt-4.1+janus:some-org/not-here", DIRECT),
        ("baseline:chance", DIRECT),
    ],
)
def test_nothing_is_loaded_to_count(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str, calls: dict[str, int]
) -> None:
    for key in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    found = plan(spec, small_dataset, out=tmp_path / "run", protocol="direct")
    assert found.calls == calls
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("prices", "dollars", "told"),
    [
        ({}, None, "price not known"),
        ({"answer": 0.5, "generate": 1.0}, 32.0, "about 32.00 US dollars at list prices"),
        ({"generate": 1.0}, None, "about 24.00 US dollars at list prices, and the price of answer not known"),
        ({"edit": 1.0}, None, "price not known"),
    ],
)
def test_the_price_is_always_told(prices: dict[str, float], dollars: float | None, told: str) -> None:
    found = RunPlan("toy", calls=dict(DIRECT), prices=prices)
    assert found.dollars == dollars
    assert found.text().splitlines()[-1].strip() == told


def test_a_pair_of_apis_has_a_price(small_dataset: Path) -> None:
    found = plan("pair:openai:gpt-4.1+openai:gpt-image-1", small_dataset, protocol="direct")
    assert found.dollars == pytest.approx(GEU * 0.004 + UEG * 0.167)
    low = {"quality": "low"}
    assert plan("pair:openai:gpt-4.1+openai:gpt-image-1", small_dataset, protocol="direct", settings=low).dollars == (
        pytest.approx(GEU * 0.004 + UEG * 0.011)
    )


class Failing(Toy):
    def answer_one(self, request: Request) -> str:
        if request.id.endswith("0001"):
            raise ValueError("bad luck")
        return "A"


def test_it_counts_what_the_run_would_do(small_dataset: Path, tmp_path: Path) -> None:
    def count(**options: Any) -> dict[str, int]:
        return plan(Failing(), small_dataset, out=tmp_path / "run", protocol="direct", **options).calls

    assert count() == DIRECT
    assert count(shard=(1, 2)) == {"generate": UEG // 2, "answer": GEU // 2}
    run(Failing(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert count() == {}
    assert count(retry_errors=True) == {"answer": 4}
    assert run(Failing(), small_dataset, out=tmp_path / "run", protocol="direct", retry_errors=True).done == 4


def test_a_launched_part_counts_its_own(small_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert plan(Toy(), small_dataset, protocol="direct").calls == {"generate": UEG // 4, "answer": GEU // 4}


def test_what_the_run_would_refuse_is_refused(small_dataset: Path, tmp_path: Path) -> None:
    run("baseline:chance", small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    for refused, told in (
        ({"seed": 1}, ["seed: 0 there, 1 asked"]),
        ({"settings": {"size": 64}}, ["parameter size: 256 there, 64 asked"]),
        ({"model": "vlm:a/b"}, ["model: 'baseline:chance' there, 'vlm:a/b' asked"]),
    ):
        with pytest.raises(ProblemsError) as caught:
            plan(**{"model": "baseline:chance", "dataset": small_dataset, "out": tmp_path / "run", **refused})
        assert caught.value.problems == told
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(UsageError, match="not empty and not a run"):
        plan("baseline:chance", small_dataset, out=tmp_path / "mine")
    with pytest.raises(UsageError, match="limit_per_category is 0"):
        plan("baseline:chance", small_dataset, limit_per_category=0)
