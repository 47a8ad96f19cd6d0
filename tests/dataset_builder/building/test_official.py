"""The authors' layout: what is written is read again equal, and every irregular record is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataset_builder.building import build, official, official_export
from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from tests.dataset_builder import made

KEPT = ("id", "axis", "task_type", "prompt", "new_prompt", "image", "question", "option", "answer")
KEPT += ("evaluation_prompt", "edit_prompt")
N = 3


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("official")
    made.folder(place / "realunify", N)
    official_export.export(place / "realunify", place / "release")
    return place / "release"


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    shutil.copytree(release, tmp_path / "copy")
    return tmp_path / "copy"


def edit(file: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    rows = json.loads(file.read_text())
    change(rows)
    file.write_text(json.dumps(rows))


def problems(path: Path, n: int = N) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        official.read_release(path, per_category=n)
    return caught.value.problems


def test_every_field_of_the_layout_survives_both_ways(release: Path) -> None:
    read: dict[str, list[Instance]] = {
        name: list(rows) for name, rows in official.read_release(release, per_category=N).items()
    }
    for name, originals in made.everything(N).items():
        assert len(read[name]) == N
        for back, original in zip(read[name], originals, strict=True):
            assert [getattr(back, field) for field in KEPT] == [getattr(original, field) for field in KEPT]
            pairs = [(poll.question, poll.answer) for poll in original.question_list]
            assert [(poll.question, poll.answer) for poll in back.question_list] == pairs
            assert back.subtask == (original.subtask if original.axis == "geu" else "unspecified")
            assert (back.difficulty, back.provenance) == ("medium", "official")
            assert back.rationale is back.reference_image is back.reference_prompt is back.metadata is None


def test_layout_is_the_authors(release: Path) -> None:
    assert {path.name for path in release.iterdir()} == {
        "UEG_direct.json",
        "UEG_step.json",
        "GEU_direct.json",
        "GEU_step.json",
        "image",
    }
    ueg = {"index", "task_type", "prompt", "question_list"}
    geu = {"index", "task_type", "question", "option", "answer", "input_image", "evaluation_prompt"}
    wanted = {"UEG_direct": ueg, "UEG_step": ueg | {"new_prompt"}, "GEU_direct": geu, "GEU_step": geu | {"edit_prompt"}}
    for name, fields in wanted.items():
        rows = json.loads((release / f"{name}.json").read_text())
        assert all(set(row) == fields for row in rows)
        assert [row["index"] for row in rows] == list(range(1, len(rows) + 1))
    first = json.loads((release / "GEU_direct.json").read_text())[0]["input_image"]
    assert first == "./image/mental_reconstruction/fine_shuffle/images/img_1.jpg"
    assert (release / first).is_file()


def test_build_converts_a_copy(release: Path, tmp_path: Path) -> None:
    out = build.build(tmp_path / "converted", source="official", release=release, per_category=N)
    dataset = Dataset.open(out)
    assert dataset.info.source == "official"
    assert dataset.info.instances == 10 * N
    assert dataset.id == "realunify-official-30"
    card = (out / "README.md").read_text()
    assert "license: other" in card
    assert "forbids redistribution" in (out / "LICENSE").read_text()
    assert "`medium`" in card and "unspecified" in card


def test_all_irregular_records_are_listed_at_once_and_nothing_is_written(copy: Path, tmp_path: Path) -> None:
    def spoil_geu(rows: list[dict[str, Any]]) -> None:
        rows[0]["answer"] = "E"
        rows[1]["task_type"] = "mental_trackin"
        rows[2]["input_image"] = "./image/none.jpg"
        rows[3]["option"] = ["one", "two"]
        rows[4]["input_image"] = "../../outside.jpg"
        del rows[6]["question"]

    edit(copy / "GEU_direct.json", spoil_geu)
    edit(copy / "UEG_direct.json", lambda rows: rows[0]["question_list"][0].update(answer="maybe"))
    edit(copy / "UEG_step.json", lambda rows: (rows.pop(5), rows.append(rows[0]), rows[1].update(prompt="another")))
    broken = json.loads((copy / "GEU_direct.json").read_text())[8]["input_image"]
    (copy / broken).write_bytes(b"not a picture")
    found = problems(copy)
    for part in (
        "GEU_direct.json: index 1: answer: Input should be 'A', 'B', 'C' or 'D' (given 'E')",
        "GEU_direct.json: index 2: unknown task_type 'mental_trackin': did you mean mental_tracking",
        "GEU_direct.json: index 3: image ./image/none.jpg is missing",
        "GEU_direct.json: index 4: option: List should have at least 4 items",
        "GEU_direct.json: index 5: image ../../outside.jpg is outside the release",
        "GEU_direct.json: index 7: question: Field required",
        f"GEU_direct.json: index 9: image {broken} cannot be read",
        "GEU_direct.json: 1 valid records of mental_reconstruction, needs 3",
        "UEG_direct.json: index 1: question_list.0.answer: Input should be 'yes' or 'no' (given 'maybe')",
        "UEG_step.json: no record for index 6 (commonsense_reasoning), which UEG_direct.json has",
        "UEG_step.json: index 1: this index occurs twice in world_knowledge",
        "UEG_step.json: index 2 (world_knowledge): prompt differs from UEG_direct.json",
    ):
        assert any(line.startswith(part) for line in found), (part, found)
    with pytest.raises(RealUnifyError, match="nothing was written"):
        build.build(tmp_path / "out", source="official", release=copy, per_category=N)
    assert not (tmp_path / "out").exists()


def test_missing_file_bad_json_and_wrong_shape_are_listed_together(copy: Path) -> None:
    (copy / "UEG_step.json").unlink()
    (copy / "GEU_direct.json").write_text('[{"index": 1,')
    (copy / "GEU_step.json").write_text("{}")
    found = problems(copy)
    assert found[0] == "UEG_step.json: the file is missing"
    assert found[1].startswith("GEU_direct.json: not readable as JSON (Expecting property name")
    assert found[2] == "GEU_step.json: holds dict, needs a list of records"


def test_a_missing_file_hides_nothing_of_the_other_one_of_its_axis(copy: Path) -> None:
    (copy / "GEU_step.json").unlink()
    edit(
        copy / "GEU_direct.json", lambda rows: (rows.pop(0), rows[0].update(question="  ", option=["a", "", "c", "d"]))
    )
    broken = json.loads((copy / "GEU_direct.json").read_text())[5]["input_image"]
    (copy / broken).write_bytes(b"not a picture")
    with pytest.raises(ProblemsError) as caught:
        official.read_release(copy, per_category=N)
    lines = caught.value.problems
    assert "GEU_step.json: the file is missing" in lines
    assert any("question: " in line and "is empty" in line for line in lines)
    assert any("option.1: " in line and "is empty" in line for line in lines)
    assert any("cannot be read" in line and broken in line for line in lines)
    assert any("valid records of mental_reconstruction, needs 3" in line for line in lines)


def test_counts_are_checked_a_category(release: Path) -> None:
    found = problems(release, n=100)
    assert len(found) == 20
    assert "UEG_direct.json: 3 valid records of world_knowledge, needs 100" in found


def test_answers_in_another_case_are_taken(copy: Path) -> None:
    for name in ("GEU_direct.json", "GEU_step.json"):
        edit(copy / name, lambda rows: [row.update(answer=f" {row['answer'].lower()}") for row in rows])
    for name in ("UEG_direct.json", "UEG_step.json"):
        edit(copy / name, lambda rows: [q.update(answer=q["answer"].title()) for r in rows for q in r["question_list"]])
    read = official.read_release(copy, per_category=N)
    assert next(iter(read["mental_tracking"])).answer == "B"
    assert [q.answer for q in next(iter(read["world_knowledge"])).question_list] == ["yes", "no"]


def test_an_index_may_start_anew_in_each_category(copy: Path) -> None:
    for name in ("UEG_direct.json", "UEG_step.json", "GEU_direct.json", "GEU_step.json"):
        edit(copy / name, lambda rows: [row.update(index=f"{(row['index'] - 1) % N}") for row in rows])
    assert sum(len(list(rows)) for rows in official.read_release(copy, per_category=N).values()) == 10 * N


def test_export_refuses_half_a_dataset_and_a_folder_in_use(tmp_path: Path) -> None:
    half = made.folder(tmp_path / "half", 1, withhold_answers=True)
    with pytest.raises(RealUnifyError, match="only half"):
        official_export.export(half, tmp_path / "out")
    whole = made.folder(tmp_path / "whole", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    with pytest.raises(UsageError, match="not empty and not an export"):
        official_export.export(whole, tmp_path / "out")
    official_export.export(whole, tmp_path / "other")
    official_export.export(whole, tmp_path / "other")  # an export is replaced


def test_a_release_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        official.read_release(tmp_path / "none")
    with pytest.raises(UsageError, match="needs --release"):
        build.build(tmp_path / "out", source="official")
