from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataset_builder.errors import UsageError
from evaluator.judging.judge import judge
from evaluator.records import Request
from evaluator.running.run import run
from evaluator.scoring.comparing import compare
from evaluator.scoring.score import score
from tests.evaluator.toy_models import Knowing, NoEdit, Toy


class Good(NoEdit):
    name = "good"

    def answer_one(self, request: Request) -> str:
        return "ABCD"[(int(request.id[-4:]) - 1) % 4] if request.step == "answer" else super().answer_one(request)


@pytest.fixture(scope="module")
def runs(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    for model in (Good(), Toy()):
        run(model, small_dataset, out=folder / model.name)
        judge(folder / model.name, Knowing())
    return folder / "good", folder / "toy"


def test_the_differences_are_those_of_the_scores(runs: tuple[Path, Path]) -> None:
    comparison = compare(*runs)
    assert [table.title for table in comparison.tables] == ["direct", "stepwise", "oracle"]
    one, other = score(runs[0], save=False), score(runs[1], save=False)
    rows = comparison.tables[0].rows
    for name, row in rows.items():
        tables = [scores.protocols["direct"] for scores in (one, other)]
        cells = [t.categories.get(name) or t.axes.get(name) or t.total for t in tables]  # type: ignore[call-overload]
        assert (row.first, row.second, row.n) == (cells[0].score, cells[1].score, cells[0].n)
        assert row.points == pytest.approx(cells[1].score - cells[0].score)
        assert row.low <= row.points <= row.high
    assert rows["geu"].first == 100.0 and rows["geu"].clear and rows["ueg"].points == 0.0


def test_the_other_way_round_is_the_mirror(runs: tuple[Path, Path]) -> None:
    there, back = (compare(*pair, protocol="direct").tables[0].rows["total"] for pair in (runs, runs[::-1]))
    assert (there.points, there.low, there.high) == pytest.approx((-back.points, -back.high, -back.low))
    assert there.p == back.p and (there.gained, there.lost) == (back.lost, back.gained)


def test_what_is_not_supported_is_said(runs: tuple[Path, Path]) -> None:
    comparison = compare(*runs, protocol="stepwise")
    rows = comparison.tables[0].rows
    assert rows["geu"].status == "not supported" and rows["geu"].points is None
    assert rows["ueg"].points == 0.0
    assert "not supported" in comparison.text() and "random weights" in comparison.text()


def test_a_run_with_itself_compares_its_protocols(runs: tuple[Path, Path]) -> None:
    comparison = compare(runs[1], runs[1])
    pairs = [(table.first, table.second) for table in comparison.tables]
    assert pairs == [("direct", "stepwise"), ("direct", "oracle"), ("stepwise", "oracle")]
    assert "Which half is short?" in comparison.text() and "UEG: " in comparison.diagnosis
    assert len(compare(runs[1], runs[1], protocol="direct,oracle").tables) == 1
    with pytest.raises(UsageError, match="name two of them with --protocol"):
        compare(runs[1], runs[1], protocol="direct")


def test_runs_of_two_datasets_are_not_compared(runs: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    manifest = json.loads((runs[1] / "manifest.json").read_text())
    manifest["dataset"]["content_sha256"] = "0" * 64
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="only runs of the same dataset can be compared"):
        compare(runs[0], tmp_path / "run")


def test_runs_of_two_judges_are_not_compared(runs: tuple[Path, Path], small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    other = Knowing()
    other.id = "another"
    judge(tmp_path / "run", other)
    with pytest.raises(UsageError, match="judge both with one judge"):
        compare(runs[0], tmp_path / "run")


def test_protocols_must_be_in_common(runs: tuple[Path, Path], small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    with pytest.raises(UsageError, match="no protocol in common"):
        compare(runs[0], tmp_path / "run", protocol="oracle")
    with pytest.raises(UsageError, match="unknown protocol 'oracel': did you mean oracle"):
        compare(*runs, protocol="oracel")


def test_a_subset_is_compared_on_what_both_ran(runs: tuple[Path, Path], small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=2)
    judge(tmp_path / "run", Knowing())
    comparison = compare(runs[1], tmp_path / "run", protocol="direct")
    total = comparison.tables[0].rows["total"]
    assert (total.n, total.points) == (20, 0.0)
    assert any("only the instances that both ran" in line for line in comparison.remarks)


def test_unjudged_images_leave_no_number(runs: tuple[Path, Path], small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    rows = compare(runs[0], tmp_path / "run", protocol="direct").tables[0].rows
    assert rows["ueg"].status == "incomplete" and rows["geu"].points is not None


def test_runs_of_one_name_are_told_apart_by_their_folders(
    runs: tuple[Path, Path], small_dataset: Path, tmp_path: Path
) -> None:
    run(Toy(), small_dataset, out=tmp_path / "second", protocol="direct")
    table = compare(runs[1], tmp_path / "second", protocol="direct").tables[0]
    assert (table.first, table.second) == ("toy (toy)", "toy (second)")


def test_hostile_names_are_text(small_dataset: Path, tmp_path: Path, runs: tuple[Path, Path]) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    manifest["model"]["name"] = "[red]x[/oops]"
    (tmp_path / "run" / "manifest.json").write_text(json.dumps(manifest))
    assert "[red]x[/oops]" in compare(runs[0], tmp_path / "run", protocol="direct").text()
