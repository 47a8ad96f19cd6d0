from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.building.official_export import export
from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.folder import Dataset
from evaluator.bundles.importing import import_results
from evaluator.judging.judge import judge
from evaluator.runs.folder import RunFolder
from evaluator.scoring.score import score
from tests.evaluator.toy_models import Knowing

Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture(scope="module")
def release(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small dataset in the authors' layout, with results added as their scripts do."""
    folder = tmp_path_factory.mktemp("release") / "theirs"
    export(small_dataset, folder)
    (folder / "drawn").mkdir()
    for name in ("UEG_direct", "UEG_step", "GEU_direct", "GEU_step"):
        rows = json.loads((folder / f"{name}.json").read_text())
        for number, row in enumerate(rows):
            picture = f"drawn/{name}-{number}.jpg"
            Image.new("RGB", (12, 12), (number, 0, 0)).save(folder / picture)
            if name.startswith("UEG"):
                row["generated_image"] = picture
            else:
                row["response"] = f"The answer is {row['answer']}."
            if name == "UEG_step":
                row["response"] = f"refined {number}"
            if name == "GEU_step":
                row["edit_image"] = f"./{picture}"
        (folder / f"{name}.json").write_text(json.dumps(rows))
    return folder


def files(release: Path, *names: str) -> list[Path]:
    return [release / f"{name}.json" for name in names or ("UEG_direct", "UEG_step", "GEU_direct", "GEU_step")]


def changed(release: Path, name: str, change: Change) -> list[Path]:
    """A result file beside the release's own, with some records spoiled."""
    rows = json.loads((release / f"{name}.json").read_text())
    change(rows)
    path = release / f"changed-{name}.json"
    path.write_text(json.dumps(rows))
    return [path]


def test_results_become_a_run_with_the_right_scores(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    summary = import_results(files(release), small_dataset, tmp_path / "run", model="Theirs")
    assert dict(summary.counts) == {
        ("direct", "ueg"): 24, ("direct", "geu"): 16, ("stepwise", "ueg"): 24, ("stepwise", "geu"): 16,
    }  # fmt: skip
    assert "80 predictions of Theirs" in summary.text() and "missing" not in summary.text()
    judge(tmp_path / "run", Knowing())
    scores = score(tmp_path / "run")
    assert scores.problems == []
    assert [scores.protocols[name].total.score for name in ("direct", "stepwise")] == [100.0, 100.0]
    manifest = RunFolder.open(tmp_path / "run").manifest
    assert manifest.model.capabilities == ["answer", "generate", "edit"]
    assert manifest.imported_from == ["UEG_direct.json", "UEG_step.json", "GEU_direct.json", "GEU_step.json"]


def test_intermediates_are_steps(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    import_results(files(release), small_dataset, tmp_path / "run")
    found = RunFolder.open(tmp_path / "run").latest()
    drawn = found["ueg-world_knowledge-0002", "stepwise"]
    assert [(step.name, step.text) for step in drawn.steps] == [("refine", "refined 1"), ("draw", None)]
    assert drawn.steps[1].prompt == "refined 1" and drawn.image == "images/ueg-world_knowledge-0002/stepwise/draw.jpg"
    with Image.open(tmp_path / "run" / drawn.image) as image:
        assert image.size == (12, 12)
    answered = found["geu-mental_reconstruction-0001", "stepwise"]
    assert [step.name for step in answered.steps] == ["edit", "answer"] and answered.response == "The answer is A."
    assert answered.image is None and answered.image_sha256 is None


def test_json_lines_read_the_same(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    rows = json.loads((release / "GEU_direct.json").read_text())
    lines = release / "GEU_direct.jsonl"
    lines.write_text("\n\n".join(json.dumps(row) for row in rows) + "\n")
    import_results([lines], small_dataset, tmp_path / "lines")
    import_results(files(release, "GEU_direct"), small_dataset, tmp_path / "list")
    found = [RunFolder.open(tmp_path / name).latest() for name in ("lines", "list")]
    assert found[0] == found[1] and len(found[0]) == 16


def test_capabilities_are_what_the_results_took(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    import_results(files(release, "UEG_direct"), small_dataset, tmp_path / "run")
    assert RunFolder.open(tmp_path / "run").manifest.model.capabilities == ["generate"]
    assert score(tmp_path / "run").protocols["direct"].axes["geu"].status == "not supported"


def test_what_is_missing_counts_and_is_told(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    half = changed(release, "GEU_direct", lambda rows: rows.__delitem__(slice(10, None)))
    summary = import_results(half, small_dataset, tmp_path / "run")
    assert "direct geu: 10; 6 are missing and count as wrong" in summary.text()
    assert score(tmp_path / "run").protocols["direct"].axes["geu"].score == pytest.approx(100 * 10 / 16)


def test_texts_match_whatever_the_white_space(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            row["prompt"] = f"  {row['prompt']}\n".replace(" ", "  ")

    assert (
        import_results(changed(release, "UEG_direct", change), small_dataset, tmp_path / "run").counts["direct", "ueg"]
        == 24
    )


def test_no_image_and_no_picture_score_0(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    (release / "drawn" / "broken.png").write_bytes(b"no picture")

    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["generated_image"] = None
        rows[1]["generated_image"] = ""
        rows[2]["generated_image"] = "drawn/broken.png"

    summary = import_results(changed(release, "UEG_direct", change), small_dataset, tmp_path / "run")
    assert (summary.without_image, summary.undecodable) == (2, 1)
    judge(tmp_path / "run", Knowing())
    scores = score(tmp_path / "run")
    cell = scores.protocols["direct"].categories["world_knowledge"]
    assert (cell.score, cell.counts) == (25.0, {"right": 1, "no_image": 3})


def test_an_empty_response_is_unparsed(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["response"] = None
        rows[1]["response"] = ""

    import_results(changed(release, "GEU_direct", change), small_dataset, tmp_path / "run")
    cell = score(tmp_path / "run").protocols["direct"].categories["mental_reconstruction"]
    assert cell.counts == {"right": 2, "unparsed": 2}


def test_every_irregular_record_is_listed_at_once(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["prompt"] = "a prompt that nobody wrote"
        rows[1]["task_type"] = "telepathy"
        rows[2]["generated_image"] = "drawn/gone.png"
        del rows[3]["generated_image"]
        rows[4]["index"] = None
        rows.append(rows[5])
        rows.append("a string")  # type: ignore[arg-type]

    spoiled = changed(release, "UEG_direct", change)
    with pytest.raises(ProblemsError) as raised:
        import_results(spoiled, small_dataset, tmp_path / "run")
    name = "changed-UEG_direct.json record"
    assert sorted(raised.value.problems) == sorted(
        [
            f"{name} 1 (index 1): no instance of world_knowledge has this prompt or question",
            f"{name} 2 (index 2): unknown task_type 'telepathy'",
            f"{name} 3 (index 3): generated_image: no file at {release / 'drawn/gone.png'}",
            f"{name} 4 (index 4): no generated_image, so this is no result",
            f"{name} 5: index.int: Input should be a valid integer",
            f"{name} 5: index.str: Input should be a valid string",
            f"{name} 25 (index 6): a second direct result for ueg-commonsense_reasoning-0002, "
            f"which {name} 6 (index 6) has",
            f"{name} 26: record: Input should be a valid dictionary or instance of Record",
        ]
    )
    assert not (tmp_path / "run").exists()


def test_broken_json_is_named_by_its_line(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"index": 1}\n{"index": \n')
    with pytest.raises(ProblemsError, match=r"broken\.jsonl line 2: not JSON"):
        import_results([tmp_path / "broken.jsonl"], small_dataset, tmp_path / "run")


def test_equal_questions_are_told_apart_by_their_index(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    """Same question and options about two pictures, as in the real set; the numbering is read off the others."""
    data = Dataset.open(small_dataset)
    twins = ("geu-mental_tracking-0001", "geu-mental_tracking-0002")
    alike = [
        one.model_copy(update={"question": "What do they show?"}) if one.id in twins else one
        for one in data.instances()
    ]
    data.instances = lambda **_: iter(alike)  # type: ignore[method-assign]

    def change(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["task_type"] == "mental_tracking" and row["question"].endswith((" 1?", " 2?")):
                row["response"] = row["question"]
                row["question"] = "What do they show?"
        rows.reverse()

    import_results(changed(release, "GEU_direct", change), data, tmp_path / "run")
    found = RunFolder.open(tmp_path / "run").latest()
    assert [str(found[name, "direct"].response)[-2] for name in twins] == ["1", "2"]

    def lost(rows: list[dict[str, Any]]) -> None:
        change(rows)
        for row in rows:
            row["index"] = f"record-{row['index']}"

    with pytest.raises(ProblemsError) as raised:
        import_results(changed(release, "GEU_direct", lost), data, tmp_path / "other")
    assert len(raised.value.problems) == 2 and all("does not tell which" in line for line in raised.value.problems)


def test_a_folder_in_use_is_refused(small_dataset: Path, release: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "x").write_text("mine")
    with pytest.raises(UsageError, match="is in use"):
        import_results(files(release), small_dataset, tmp_path / "run")


def test_a_file_that_is_gone_is_named(small_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*gone\.json"):
        import_results([tmp_path / "gone.json"], small_dataset, tmp_path / "run")
