from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import CATEGORIES
from evaluator.judging.judge import judge
from evaluator.judging.judges.base import FixedJudge
from evaluator.records import Judgement, Prediction
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import DatasetRef, Manifest, ModelInfo
from evaluator.runs.pictures import encode_png
from evaluator.scoring import tables
from evaluator.scoring.score import score
from evaluator.scoring.scores import Scores
from tests.evaluator.toy_models import Knowing, NoEdit, Toy

EVERYTHING = ["answer", "generate", "edit"]


class Written:
    """A run folder put together by hand, line by line."""

    def __init__(
        self,
        path: Path,
        dataset: Path,
        protocols: Iterable[str] = ("direct",),
        capabilities: Iterable[str] = EVERYTHING,
    ) -> None:
        self.data = Dataset.open(dataset)
        self.instances = {instance.id: instance for instance in self.data.instances()}
        model = ModelInfo(spec="x:y", name="x", capabilities=list(capabilities))  # type: ignore[arg-type]
        ref = DatasetRef(id=self.data.id, content_sha256=self.data.content_sha256, instances=40, path=str(dataset))
        self.folder = RunFolder.create(
            path, Manifest(model=model, dataset=ref, protocols=list(protocols), created="2026-01-01T00:00:00+00:00")
        )

    def answer(self, name: str, response: str | None, protocol: str = "direct", **more: Any) -> None:
        self._append("predictions", Prediction(id=name, protocol=protocol, response=response, **more))

    def draw(self, name: str, protocol: str = "direct", *, data: bytes | None = None, colour: int = 0) -> str:
        """An image and its line; gives the image's sha256."""
        import hashlib

        data = encode_png(Image.new("RGB", (8, 8), (colour, 0, 0))) if data is None else data
        path = f"images/{name}/{protocol}/draw.png"
        (self.folder.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder.path / path).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self._append("predictions", Prediction(id=name, protocol=protocol, image=path, image_sha256=digest))
        return digest

    def judged(self, name: str, digest: str, answers: Iterable[str], protocol: str = "direct", **who: str) -> None:
        for entry, answer in zip(self.instances[name].question_list, answers, strict=True):
            line = {"judge": "j", "judge_revision": "1", **who}
            self._append(
                "judgements",
                Judgement(
                    id=name, protocol=protocol, question=entry.question, reply=answer, answer=answer,  # type: ignore[arg-type]
                    image_sha256=digest, **line,
                ),
            )  # fmt: skip

    def _append(self, kind: str, record: Any) -> None:
        with (self.folder.path / f"{kind}.jsonl").open("a") as file:
            file.write(record.model_dump_json() + "\n")

    def everything_right(self, protocol: str = "direct") -> None:
        for name, instance in self.instances.items():
            if instance.axis == "geu":
                self.answer(name, instance.answer, protocol)
            else:
                self.judged(name, self.draw(name, protocol), ("yes", "no"), protocol)

    def score(self, **options: Any) -> Scores:
        return score(self.folder, **options)


@pytest.fixture
def written(tmp_path: Path, small_dataset: Path) -> Written:
    return Written(tmp_path / "run", small_dataset)


def outcome(scores: Scores, name: str, protocol: str = "direct") -> str:
    return next(row.outcome for row in scores.protocols[protocol].instances if row.id == name)


def test_all_right_is_100(written: Written) -> None:
    written.everything_right()
    table = written.score().protocols["direct"]
    assert {cell.score for cell in [*table.categories.values(), *table.axes.values(), table.total]} == {100.0}
    assert table.total.n == 40 and table.total.low is not None and 85 < table.total.low < 100
    assert written.score().problems == []


def test_total_weighs_instances_not_axes(written: Written) -> None:
    for name, instance in written.instances.items():
        if instance.axis == "geu":
            written.answer(name, "no letter here at all")
        else:
            written.judged(name, written.draw(name), ("yes", "no"))
    table = written.score().protocols["direct"]
    assert (table.axes["ueg"].score, table.axes["geu"].score, table.total.score) == (100.0, 0.0, 60.0)


def test_each_outcome_of_a_letter(written: Written) -> None:
    names = [name for name in written.instances if name.startswith("geu-mental_tracking")]
    right = written.instances[names[0]].answer
    written.answer(names[0], f"The answer is {right}.")
    written.answer(names[1], "D" if written.instances[names[1]].answer != "D" else "A")
    written.answer(names[2], "I cannot tell.")
    written.answer(names[3], None, refusal="answer: SAFETY")
    scores = written.score()
    assert [outcome(scores, name) for name in names] == ["right", "wrong", "unparsed", "refused"]
    cell = scores.protocols["direct"].categories["mental_tracking"]
    assert cell.score == 25.0 and cell.counts == {"right": 1, "wrong": 1, "unparsed": 1, "refused": 1}


def test_an_options_own_words_count_as_its_letter(written: Written) -> None:
    written.answer("geu-mental_tracking-0002", "two")
    assert outcome(written.score(), "geu-mental_tracking-0002") == "right"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("yes", "no"), "right"),
        (("yes", "yes"), "wrong"),
        (("no", "no"), "wrong"),
        (("unparsed", "no"), "unparsed"),
        (("unparsed", "yes"), "wrong"),
        (("error", "no"), "unjudged"),
        (("error", "yes"), "unjudged"),
    ],
)
def test_each_outcome_of_a_drawing(written: Written, answers: tuple[str, str], expected: str) -> None:
    name = "ueg-world_knowledge-0001"
    written.judged(name, written.draw(name), answers)
    assert outcome(written.score(), name) == expected


def test_nobody_asked_is_no_score(written: Written) -> None:
    written.everything_right()
    file = written.folder.path / "judgements.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    scores = written.score()
    table = scores.protocols["direct"]
    assert outcome(scores, "ueg-world_knowledge-0001") == "unjudged"
    assert table.categories["world_knowledge"].status == "incomplete"
    assert table.categories["world_knowledge"].score is None
    assert table.axes["ueg"].score is None and table.total.score is None
    assert table.axes["geu"].score == 100.0 and table.categories["code_to_image"].score == 100.0
    assert scores.problems == ["direct: 1 of 40 instances unjudged; run: realunify judge RUN --judge SPEC"]


def test_a_real_answer_takes_the_place_of_a_judges_error_in_any_order(written: Written) -> None:
    for number, order in ((1, ("error", "yes")), (2, ("yes", "error"))):
        name = f"ueg-world_knowledge-000{number}"
        digest = written.draw(name, colour=number)
        for first in order:
            written.judged(name, digest, (first, "no"))
    scores = written.score()
    assert [outcome(scores, f"ueg-world_knowledge-000{number}") for number in (1, 2)] == ["right", "right"]


def test_a_judgement_of_another_image_does_not_count(written: Written) -> None:
    written.draw("ueg-world_knowledge-0001")
    written.judged("ueg-world_knowledge-0001", "0" * 64, ("yes", "no"))
    assert outcome(written.score(), "ueg-world_knowledge-0001") == "unjudged"


def test_no_image_scores_0_without_a_judge(written: Written) -> None:
    names = [f"ueg-world_knowledge-000{number}" for number in (1, 2, 3)]
    written.draw(names[0], data=b"not a picture")
    written.answer(names[1], None)
    written.draw(names[2])
    (written.folder.path / f"images/{names[2]}/direct/draw.png").unlink()
    scores = written.score()
    assert [outcome(scores, name) for name in names] == ["no_image"] * 3
    assert scores.protocols["direct"].categories["world_knowledge"].score == 0.0


def test_missing_and_failed_count_as_wrong_and_are_told(written: Written) -> None:
    written.answer("geu-mental_tracking-0001", written.instances["geu-mental_tracking-0001"].answer)
    written.answer("geu-mental_tracking-0002", None, error="Traceback: x")
    scores = written.score()
    cell = scores.protocols["direct"].categories["mental_tracking"]
    assert (cell.score, cell.n, cell.counts) == (25.0, 4, {"right": 1, "error": 1, "missing": 2})
    assert scores.problems == [
        "direct: 38 of 40 instances missing; run again with the same command",
        "direct: 1 of 40 instances error; run again with --retry-errors",
    ]


def test_denominators_come_from_the_dataset(written: Written) -> None:
    written.answer("geu-mental_tracking-0001", written.instances["geu-mental_tracking-0001"].answer)
    table = written.score().protocols["direct"]
    assert {task: cell.n for task, cell in table.categories.items()} == dict.fromkeys(CATEGORIES, 4)
    assert (table.axes["ueg"].n, table.axes["geu"].n, table.total.n) == (24, 16, 40)


def test_an_unknown_instance_is_an_error(written: Written) -> None:
    written.answer("geu-mental_tracking-9999", "A")
    with pytest.raises(RealUnifyError, match="1 predictions for instances that the dataset does not have"):
        written.score()


def test_two_answers_for_one_instance_are_an_error(written: Written) -> None:
    written.answer("geu-mental_tracking-0001", "A")
    written.answer("geu-mental_tracking-0001", "B")
    with pytest.raises(ProblemsError, match="two predictions for one instance"):
        written.score()


def test_a_retry_takes_the_place_of_an_error(written: Written) -> None:
    name = "geu-mental_tracking-0001"
    written.answer(name, None, error="x")
    written.answer(name, written.instances[name].answer)
    assert outcome(written.score(), name) == "right"


def test_what_is_not_supported_is_said_and_never_0(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, ("direct", "stepwise"), ["answer", "generate"])
    written.everything_right("direct")
    written.everything_right("stepwise")
    table = written.score().protocols["stepwise"]
    assert table.axes["geu"].status == "not supported" and table.axes["geu"].score is None
    assert table.categories["mental_tracking"].status == "not supported"
    assert table.axes["ueg"].score == 100.0
    assert table.total.status == "not supported" and table.total.score is None
    assert all(row.id.startswith("ueg") for row in table.instances)


def test_an_oracle_that_has_not_run_yet_is_missing_not_absent(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, ("oracle",))
    for name, instance in written.instances.items():
        if instance.axis == "ueg":
            written.judged(name, written.draw(name, "oracle"), ("yes", "no"), "oracle")
    scores = written.score()
    assert scores.protocols["oracle"].axes["geu"].counts == {"missing": 16}
    assert scores.problems == ["oracle: 16 of 40 instances missing; run again with the same command"]


def test_the_judge_is_chosen_by_name_when_there_are_several(written: Written) -> None:
    name = "ueg-world_knowledge-0001"
    digest = written.draw(name)
    written.judged(name, digest, ("yes", "no"), judge="kind")
    written.judged(name, digest, ("no", "no"), judge="strict")
    written.judged(name, digest, ("no", "no"), judge="strict", judge_revision="2")
    with pytest.raises(UsageError, match="several judges judged this run .kind@1, strict@1, strict@2."):
        written.score()
    assert outcome(written.score(judge="kind"), name) == "right"
    assert outcome(written.score(judge="strict@2"), name) == "wrong"
    assert (written.score(judge="strict@2").judge, written.score(judge="strict@2").judge_revision) == ("strict", "2")
    with pytest.raises(UsageError, match="several judges"):
        written.score(judge="strict")
    with pytest.raises(UsageError, match="no judgements by 'other'"):
        written.score(judge="other")


def test_scores_are_written_and_read_again(written: Written) -> None:
    written.everything_right()
    scores = written.score()
    assert Scores.model_validate_json((written.folder.path / "scores.json").read_bytes()) == scores
    (written.folder.path / "scores.json").unlink()
    written.score(save=False)
    assert not (written.folder.path / "scores.json").exists()


def test_a_subset_is_scored_on_itself(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=2)
    judge(tmp_path / "run", Knowing())
    scores = score(tmp_path / "run")
    assert scores.protocols["direct"].total.n == 20 and scores.limit_per_category == 2
    assert any("subset" in line for line in tables.remarks(scores))


def test_another_dataset_is_refused(written: Written, tmp_path: Path) -> None:
    manifest = json.loads((written.folder.path / "manifest.json").read_text())
    manifest["dataset"]["content_sha256"] = "0" * 64
    (written.folder.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="is not the dataset of"):
        score(written.folder.path)


def test_a_dataset_that_is_gone_is_asked_for(written: Written, small_dataset: Path) -> None:
    manifest = json.loads((written.folder.path / "manifest.json").read_text())
    manifest["dataset"]["path"] = "/nowhere"
    (written.folder.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="give it with --dataset DIR"):
        score(written.folder.path)
    assert score(written.folder.path, dataset=small_dataset).protocols["direct"].total.n == 40


@pytest.mark.parametrize("reply", ["yes", "no"])
def test_a_judge_that_always_says_the_same_scores_0(small_dataset: Path, tmp_path: Path, reply: str) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    judge(tmp_path / "run", FixedJudge(reply))
    assert score(tmp_path / "run").protocols["direct"].axes["ueg"].score == 0.0


def test_judging_goes_on_where_it_stopped(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    failing = Knowing({"Is it World Knowledge answer 1?": "error"})
    first = judge(tmp_path / "run", failing)
    assert (first.total, first.asked, first.errors) == (48, 48, 1)
    assert score(tmp_path / "run").problems == [
        "direct: 1 of 40 instances unjudged; run: realunify judge RUN --judge SPEC"
    ]
    mended = Knowing()
    second = judge(tmp_path / "run", mended)
    assert mended.asked == ["Is it World Knowledge answer 1?"] and (second.already, second.asked) == (47, 1)
    assert score(tmp_path / "run").protocols["direct"].axes["ueg"].score == 100.0
    assert judge(tmp_path / "run", Knowing()).asked == 0


def test_judging_in_shards_asks_every_question_once(small_dataset: Path, tmp_path: Path) -> None:
    run(NoEdit(), small_dataset, out=tmp_path / "run", protocol="direct")
    asked = [judge(tmp_path / "run", Knowing(), shard=(i, 3)).asked for i in (1, 2, 3)]
    assert sum(asked) == 48 and min(asked) > 0
    assert len({line.key for line in RunFolder.open(tmp_path / "run").judgements()}) == 48


def test_no_call_for_an_image_that_is_none(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    (tmp_path / "run/images/ueg-world_knowledge-0001/direct/draw.png").write_bytes(b"\x89PNG broken")
    asked = Knowing()
    summary = judge(tmp_path / "run", asked)
    assert summary.no_image == 1 and len(asked.asked) == 46
    scores = score(tmp_path / "run")
    assert outcome(scores, "ueg-world_knowledge-0001") == "no_image" and scores.problems == []


def test_a_table_says_in_words_what_is_no_score(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, ("direct", "stepwise"), ["answer", "generate"])
    written.everything_right("direct")
    scores = written.score()
    assert tables.cell_text(scores.protocols["stepwise"].axes["geu"]) == "not supported"
    assert tables.cell_text(scores.protocols["direct"].total).startswith("100.0")
