"""The borders of scoring: cells and their intervals, pairs, what has no score and why, which half is called short."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import scipy.stats

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from evaluator.records import Judgement, Prediction
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import DatasetRef
from evaluator.scoring import comparing, diagnosis, score
from evaluator.scoring.cells import cell as make_cell
from evaluator.scoring.cells import pooled as pool
from evaluator.scoring.outcomes import COUNTED
from evaluator.scoring.pairing import Difference, paired, paired_table, title_of
from evaluator.scoring.scores import Cell, ProtocolScores, Scores
from tests.evaluator.scoring.test_diagnosis import GEU, UEG, share, table
from tests.evaluator.scoring.test_scoring import EVERYTHING, Written, outcome

INCOMPLETE = Cell(status="incomplete", n=5, counts={"right": 2, "unjudged": 3})


def scored(right: int, n: int) -> Cell:
    return Cell(status="scored", n=n, score=100 * right / n, counts={"right": right, "wrong": n - right})


# -- cells ------------------------------------------------------------------------------------------------


def test_a_cell_is_in_per_cent(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    name = "geu-mental_tracking-0001"
    written.answer(name, written.instances[name].answer)
    cell = written.score().protocols["direct"].categories["mental_tracking"]
    interval = scipy.stats.binomtest(1, 4).proportion_ci(method="wilson")
    assert (cell.score, cell.low, cell.high) == (
        25.0,
        pytest.approx(100 * interval.low),
        pytest.approx(100 * interval.high),
    )


def test_a_pooled_cell_is_in_per_cent_with_the_stratified_interval() -> None:
    pooled = pool([scored(5, 100), scored(95, 100)])
    # Worked by hand in `test_statistics_laws`: 0.5 -+ 0.034641.
    assert (pooled.status, pooled.n, pooled.score) == ("scored", 200, 50.0)
    assert (pooled.low, pooled.high) == (pytest.approx(46.5359, abs=1e-4), pytest.approx(53.4641, abs=1e-4))
    assert pooled.counts == {"right": 100, "wrong": 100}


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["scored", "incomplete", "not supported"], "not supported"),
        (["incomplete", "not in dataset"], "not in dataset"),
        (["scored", "incomplete"], "incomplete"),
        (["not in dataset", "not supported"], "not supported"),
    ],
)
def test_a_pooled_cell_has_no_score_as_soon_as_one_has_none(statuses: list[Any], told: str) -> None:
    cells = [
        scored(1, 4) if status == "scored" else INCOMPLETE.model_copy(update={"status": status}) for status in statuses
    ]
    pooled = pool(cells)
    assert (pooled.status, pooled.score, pooled.low, pooled.high) == (told, None, None, None)
    assert pooled.n == sum(cell.n for cell in cells)
    assert pooled.counts["right"] == sum(cell.right for cell in cells)


def test_what_counts_is_everything_but_the_unjudged(small_dataset: Path, tmp_path: Path) -> None:
    assert COUNTED == {"right", "wrong", "unparsed", "no_image", "refused", "error", "missing"}
    written = Written(tmp_path / "run", small_dataset)
    cell = make_cell("scored", Counter({"right": 1, "unjudged": 1}))
    assert (cell.status, cell.score, cell.n, cell.counts) == ("incomplete", None, 2, {"right": 1, "unjudged": 1})
    cell = make_cell("not supported", Counter({"missing": 3}))
    assert (cell.status, cell.score, cell.n, cell.counts) == ("not supported", None, 3, {})
    assert Cell(status="scored", n=1).right == 0
    assert written.score().protocols["direct"].total.right == 0


# -- outcomes ---------------------------------------------------------------------------------------------


def test_a_failure_and_a_refusal_of_a_drawing_are_told(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    names = [f"ueg-world_knowledge-000{n}" for n in (1, 2, 3)]
    written.answer(names[0], None, error="Traceback")
    written.answer(names[1], None, refusal="draw: SAFETY")
    scores = written.score()
    assert [outcome(scores, name) for name in names] == ["error", "refused", "missing"]
    assert scores.problems == [
        "direct: 38 of 40 instances missing; run again with the same command",
        "direct: 1 of 40 instances error; run again with --retry-errors",
    ]


def test_the_letter_and_the_replies_are_kept(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    written.answer("geu-mental_tracking-0001", "B")
    written.answer("geu-mental_tracking-0002", "who knows")
    name = "ueg-world_knowledge-0001"
    written.judged(name, written.draw(name), ("yes", "unparsed"))
    rows = {row.id: row for row in written.score().protocols["direct"].instances}
    assert (rows["geu-mental_tracking-0001"].choice, rows["geu-mental_tracking-0002"].choice) == ("B", None)
    assert (rows[name].outcome, rows[name].replies) == ("unparsed", ["yes", "unparsed"])


def test_a_reply_of_one_protocol_is_none_of_another(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, ("direct", "oracle"))
    name = "ueg-world_knowledge-0001"
    digest = written.draw(name)
    assert written.draw(name, "oracle") == digest
    written.judged(name, digest, ("yes", "no"))
    scores = written.score()
    assert (outcome(scores, name), outcome(scores, name, "oracle")) == ("right", "unjudged")


def test_a_later_answer_stands_and_a_later_error_does_not(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    for number, order in ((1, ("no", "yes")), (2, ("yes", "no")), (3, ("yes", "error", "error"))):
        name = f"ueg-world_knowledge-000{number}"
        digest = written.draw(name, colour=number)
        for first in order:
            written.judged(name, digest, (first, "no"))
    scores = written.score()
    assert [outcome(scores, f"ueg-world_knowledge-000{n}") for n in (1, 2, 3)] == ["right", "wrong", "right"]


# -- what the dataset lacks -------------------------------------------------------------------------------


def tables_of(
    folder: RunFolder, instances: Sequence[Instance], predictions: dict[tuple[str, str], Prediction], name: str
) -> ProtocolScores:
    return score.score_predictions(folder, list(instances), predictions, [], names=[name], capabilities=EVERYTHING)[
        name
    ]


def test_an_official_dataset_has_no_references(small_dataset: Path, tmp_path: Path) -> None:
    folder = Written(tmp_path / "run", small_dataset).folder
    ours = list(Dataset.open(small_dataset).instances())
    official = [instance.model_copy(update={"provenance": "official"}) for instance in ours]
    assert tables_of(folder, official, {}, "oracle").axes["geu"].status == "not in dataset"
    assert tables_of(folder, official, {}, "stepwise").axes["geu"].status == "scored"
    assert tables_of(folder, ours, {}, "oracle").axes["geu"].status == "scored"
    geu = next(instance for instance in official if instance.axis == "geu")
    done = {(geu.id, "oracle"): Prediction(id=geu.id, protocol="oracle", response=geu.answer)}
    found = tables_of(folder, official, done, "oracle")
    assert (found.axes["geu"].status, found.axes["geu"].counts) == ("scored", {"right": 1, "missing": 15})
    other = {(geu.id, "direct"): Prediction(id=geu.id, protocol="direct", response="A")}
    assert tables_of(folder, official, other, "oracle").axes["geu"].status == "not in dataset"


def test_one_instance_without_its_prompt_leaves_the_axis_without_a_score(small_dataset: Path, tmp_path: Path) -> None:
    folder = Written(tmp_path / "run", small_dataset).folder
    instances = list(Dataset.open(small_dataset).instances())
    first = next(n for n, instance in enumerate(instances) if instance.axis == "ueg")
    instances[first] = instances[first].model_copy(update={"reference_prompt": None})
    found = tables_of(folder, instances, {}, "oracle")
    assert (found.axes["ueg"].status, found.axes["geu"].status, found.total.status) == (
        "not in dataset", "scored", "not in dataset",
    )  # fmt: skip
    assert {row.id[:3] for row in found.instances} == {"geu"}


def test_withheld_answers_are_not_scored(small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(tmp_path / "run", small_dataset)
    monkeypatch.setattr(Dataset, "has_answers", property(lambda self: False))
    with pytest.raises(UsageError, match="has its answers withheld"):
        written.score()


def test_the_manifest_tells_how_replies_were_read(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    name = "geu-mental_tracking-0001"
    written.answer(name, "Dunno")
    scores = written.score(parity=True, save=False)
    assert (scores.parity, RunFolder.open(written.folder.path).manifest.parsing) == (True, "strict")
    assert next(row.choice for row in scores.protocols["direct"].instances if row.id == name) == "D"
    written.score(parity=True)
    assert json.loads((written.folder.path / "manifest.json").read_text())["parsing"] == "authors"
    written.score()
    assert json.loads((written.folder.path / "manifest.json").read_text())["parsing"] == "strict"


def test_a_reply_is_read_again_only_as_the_authors_would(small_dataset: Path, tmp_path: Path) -> None:
    written = Written(tmp_path / "run", small_dataset)
    name = "ueg-world_knowledge-0001"
    digest = written.draw(name)
    for entry, reply, answer in zip(
        written.instances[name].question_list, ("Yes.", "I cannot tell"), ("yes", "unparsed"), strict=True
    ):
        line = judgement("j", "1").model_copy(
            update={"id": name, "question": entry.question, "reply": reply, "answer": answer, "image_sha256": digest}
        )
        written._append("judgements", line)
    assert outcome(written.score(save=False), name) == "unparsed"
    assert outcome(written.score(save=False, parity=True), name) == "right", "of 'cannot' they read the no"


def judgement(judge: str, revision: str) -> Judgement:
    return Judgement(
        id="x", protocol="direct", question="?", reply="yes", answer="yes", judge=judge, judge_revision=revision,
        image_sha256="0",
    )  # fmt: skip


def test_the_one_judge_needs_no_name_and_a_name_must_be_there() -> None:
    one = [judgement("a", "1")] * 2
    assert score._choose_judge([], None) is None
    assert (
        score._choose_judge(one, None) == ("a", "1") == score._choose_judge(one, "a") == score._choose_judge(one, "a@1")
    )
    with pytest.raises(UsageError, match="no judgements by 'b' in this run; it has: a@1"):
        score._choose_judge(one, "b")
    with pytest.raises(UsageError, match="it has: none"):
        score._choose_judge([], "b")
    with pytest.raises(UsageError, match=r"several judges judged this run \(a@1, b@1\)"):
        score._choose_judge([*one, judgement("b", "1")], None)


# -- pairs ------------------------------------------------------------------------------------------------


def test_a_paired_row_is_in_points() -> None:
    # Newcombe (1998): cells 20, 12, 2, 16; the interval as published, the p-value from scipy.
    pairs = [(True, True)] * 20 + [(False, True)] * 12 + [(True, False)] * 2 + [(False, False)] * 16
    first, second = ({str(n): pair[side] for n, pair in enumerate(pairs)} for side in (0, 1))
    row = paired("x", first, second, list(first))
    assert (row.n, row.first, row.second, row.points) == (50, 44.0, 64.0, pytest.approx(20.0))
    assert (row.low, row.high) == (pytest.approx(5.62, abs=5e-3), pytest.approx(32.92, abs=5e-3))
    assert (row.gained, row.lost, row.p) == (12, 2, pytest.approx(scipy.stats.binomtest(2, 14).pvalue))


@pytest.mark.parametrize(
    ("p", "p_holm", "clear"),
    [(0.049, None, True), (0.05, None, False), (0.001, 0.05, False), (0.2, 0.01, True), (None, None, False)],
)
def test_a_difference_is_clear_below_five_per_cent(p: float | None, p_holm: float | None, clear: bool) -> None:
    assert Difference("x", 10, p=p, p_holm=p_holm).clear is clear


def test_titles() -> None:
    assert [title_of(name) for name in ("world_knowledge", "geu", "total")] == ["World Knowledge", "GEU", "Total"]


def two(first: ProtocolScores, second: ProtocolScores) -> ProtocolScores:
    return ProtocolScores(
        categories={**first.categories, **second.categories},
        axes={**first.axes, **second.axes},
        total=first.total,
        instances=[*first.instances, *second.instances],
    )


def test_p_values_of_several_categories_are_holms() -> None:
    one = two(table(UEG, share(30)), table(GEU, share(30)))
    other = two(table(UEG, share(40)), table(GEU, share(38)))
    rows = paired_table(one, other)
    assert list(rows) == [UEG, GEU, "ueg", "geu", "total"]
    assert (rows[UEG].p, rows[GEU].p) == (2 / 2**10, 2 / 2**8)
    assert (rows[UEG].p_holm, rows[GEU].p_holm) == (pytest.approx(4 / 2**10), pytest.approx(2 / 2**8))
    assert (rows["total"].n, rows["total"].points, rows["total"].p_holm) == (200, pytest.approx(9.0), None)


def test_a_p_value_too_small_to_be_written_is_none_the_less_clear() -> None:
    rows = paired_table(table(UEG, share(0, 1200)), table(UEG, share(1200, 1200)))
    assert (rows[UEG].p, rows[UEG].p_holm, rows[UEG].clear) == (0.0, 0.0, True)


def test_a_side_without_a_score_says_why_and_the_others_stand() -> None:
    rows = paired_table(
        two(table(UEG, share(3, 10)), table(GEU, share(3, 10), "not supported")),
        two(table(UEG, share(4, 10), "incomplete"), table(GEU, share(4, 10))),
    )
    # The total tells the first side's reason.
    assert {name: row.status for name, row in rows.items()} == {
        UEG: "incomplete", GEU: "not supported", "ueg": "incomplete", "geu": "not supported", "total": "not supported",
    }  # fmt: skip
    assert all(row.points is None and row.p_holm is None for row in rows.values())
    assert rows[UEG].n == 0, "what has no score has no rows"


# -- which half is short ----------------------------------------------------------------------------------


def gain(points: float, *, clear: bool = True, first: float = 30.0, high: float | None = None) -> Difference:
    p = 0.001 if clear else 0.5
    return Difference("x", 100, first=first, second=first + points, points=points, low=points - 8,
                      high=points + 8 if high is None else high, p=p)  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "oracle", "cost", "short"),
    [
        # No better than guessing: up to five points above chance, in GEU only.
        ("geu", 30.0, gain(20), "understanding"),
        ("geu", 30.1, gain(69.9), "both"),
        ("geu", 30.1, gain(139.8), "generation"),
        ("ueg", 30.0, gain(140), "understanding"),
        # A clear cost is weighed against the rest: twice as much, half as much, between.
        ("ueg", 80.0, gain(40), "understanding"),
        ("ueg", 80.0, gain(39.9), "both"),
        ("ueg", 80.0, gain(10.1), "both"),
        ("ueg", 80.0, gain(10), "generation"),
        ("geu", 80.0, gain(10), "understanding"),
        ("geu", 80.0, gain(40), "generation"),
        # No clear cost: nothing is short below ten, the second half where even the highest cost is less than the rest.
        ("ueg", 90.1, gain(3, clear=False), "neither"),
        ("ueg", 90.0, gain(3, clear=False, high=9.9), "generation"),
        ("ueg", 90.0, gain(3, clear=False, high=10.0), "unknown"),
        ("geu", 90.0, gain(3, clear=False, high=9.9), "understanding"),
        # A clear loss, and no change at all, are no cost of the first half.
        ("ueg", 60.0, gain(-10), "generation"),
        ("ueg", 60.0, gain(0), "generation"),
        ("ueg", 60.0, gain(1, high=1), "generation"),
        ("ueg", 60.0, None, "unknown"),
    ],
)
def test_the_short_half(axis: Any, oracle: float, cost: Difference | None, short: str) -> None:
    assert diagnosis._halves(axis, oracle, cost, None)[0] == short
    assert diagnosis._halves(axis, oracle, None, cost)[0] == short, "without stepwise, direct is compared"


def test_what_asking_for_the_intermediate_changes() -> None:
    told = diagnosis._integration_words
    assert told("ueg", None, None) == ""
    lacking = Difference("x", 3, status="not supported")
    assert told("geu", None, lacking).endswith("since the model cannot edit images")
    assert told("ueg", None, lacking).endswith("since the model cannot both answer and generate")
    assert told("ueg", None, Difference("x", 3, status="incomplete")).endswith("compared with direct (incomplete)")
    for points, words in ((0.5, "asking for the refined prompt by itself lifts 30.0 to 30.5"),
                          (-0.5, "the model's own refined prompt lowers 30.0 to 29.5")):  # fmt: skip
        assert words in told("ueg", gain(points), gain(points))
        assert "makes no clear difference" in told("ueg", gain(points, clear=False), None)
    only = diagnosis._diagnose("ueg", "ueg", {("direct", "stepwise"): lacking})
    assert (only.second_half, only.short, only.integration) == (None, "unknown", None)
    none = diagnosis._diagnose("ueg", "ueg", {("stepwise", "oracle"): lacking})
    assert none.sentence == "UEG: there are not two protocols with scores to compare yet."


def test_a_diagnosis_holds_its_differences() -> None:
    found = diagnosis.diagnose({
        "direct": table(UEG, share(30)), "stepwise": table(UEG, share(50)), "oracle": table(UEG, share(52)),
    })  # fmt: skip
    whole, one = found
    assert (whole.title, one.title) == ("UEG", "World Knowledge")
    assert one.second_half == 48.0
    assert one.integration is not None and one.integration.points == pytest.approx(20)
    assert one.first_half is not None and one.first_half.points == pytest.approx(2)
    assert one.over_direct is not None and one.over_direct.points == pytest.approx(22)
    lines = diagnosis.text({"direct": table(UEG, share(30)), "stepwise": table(UEG, share(50))}).splitlines()
    assert [line[:6] for line in lines] == ["UEG: t", "  Worl"]


def test_a_row_is_told_with_its_interval_or_its_status() -> None:
    assert diagnosis.interval(gain(17, high=26.4)) == "+17.0 [+9, +26]"
    assert diagnosis.interval(Difference("x", 3, status="incomplete")) == "incomplete"
    assert diagnosis.interval(Difference("x", 3, points=1.0, low=0.0)) == "scored"


# -- comparing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "p_holm", "told"),
    [
        (0.5, None, "0.500"),
        (0.5, 0.25, "0.250"),
        (0.001, None, "0.001"),
        (0.00099, None, "< 0.001"),
        (0.5, 0.0, "< 0.001"),
    ],
)
def test_the_cells_of_a_comparison(p: float, p_holm: float | None, told: str) -> None:
    row = Difference("ueg", 50, first=44.04, second=64.06, points=20.02, low=5.6, high=32.9, gained=12, lost=2, p=p,
                     p_holm=p_holm)  # fmt: skip
    assert comparing._cells(row) == ["50", "44.0", "64.1", "+20.0 [+6, +33]", "2 / 12", told]
    assert comparing._cells(Difference("ueg", 3, status="incomplete")) == ["3", "", "", "incomplete", "", ""]


def scores_of(model: str, **more: Any) -> Scores:
    tables = more.pop("protocols", {"direct": table(UEG, share(3, 10))})
    return Scores(model=model, model_revision="1", dataset=DatasetRef(id="d", content_sha256="0", instances=10),
                  protocols=tables, **more)  # fmt: skip


def test_what_is_said_beside_a_comparison(tmp_path: Path) -> None:
    folders: Any = (RunFolder(tmp_path / "one", None), RunFolder(tmp_path / "two", None))  # type: ignore[arg-type]
    found = comparing._between(scores_of("a"), scores_of("b"), folders, None)
    assert (found.tables[0].first, found.tables[0].second) == ("a", "b")
    assert found.remarks == ["Judge: none yet. Dataset: d."]
    judged = {"judge": "j", "judge_revision": "1"}
    assert (
        comparing._between(scores_of("a"), scores_of("b", **judged), folders, None).remarks[0].startswith("Judge: j.")
    )
    found = comparing._between(
        scores_of("a", **judged, random_weights=True), scores_of("b", limit_per_category=3), folders, None
    )
    assert [line.split(":")[0] for line in found.remarks] == [
        "Judge", "a", "The runs are of different size"
    ]  # fmt: skip
    with pytest.raises(UsageError, match="judged by j@1 and .* by j@2"):
        comparing._between(scores_of("a", **judged), scores_of("b", judge="j", judge_revision="2"), folders, None)
    with pytest.raises(
        UsageError, match="no protocol in common: .*one has direct, .*two has direct; oracle was asked for"
    ):
        comparing._between(scores_of("a"), scores_of("b"), folders, ["oracle"])
    with pytest.raises(UsageError, match="two has oracle$"):
        comparing._between(
            scores_of("a"), scores_of("b", protocols={"oracle": table(UEG, share(3, 10))}), folders, None
        )


def test_two_protocols_of_a_run_are_enough() -> None:
    both = {"direct": table(UEG, share(3, 10)), "oracle": table(UEG, share(7, 10))}
    found = comparing._within(scores_of("a", protocols=both, random_weights=True), None)
    assert [(one.title, one.first, one.second) for one in found.tables] == [
        ("a: oracle minus direct", "direct", "oracle")
    ]
    assert found.remarks[0] == "Judge: none yet. Dataset: d." and found.remarks[1].startswith("a: ")
    with pytest.raises(UsageError, match="it has direct, oracle; name two of them"):
        comparing._within(scores_of("a", protocols=both), ["oracle"])


def test_bold_rows_are_those_over_several_categories() -> None:
    found = comparing._within(
        scores_of("a", protocols={"direct": table(UEG, share(3, 10)), "oracle": table(UEG, share(7, 10))}), None
    )
    shown: Any = comparing._rich(found.tables[0])
    assert [row.style for row in shown.rows] == [None, "bold", "bold"]
    assert [column.justify for column in shown.columns] == ["left"] + ["right"] * 6


def test_lines_of_a_comparison_are_neither_broken_nor_read_as_markup() -> None:
    remark, told = "word " * 40 + "[red]x[/oops]", "  World Knowledge: " + "word " * 40 + "[bold]y"
    shown = comparing.Comparison([], [remark], told).text().splitlines()
    assert shown[2:] == [remark, "", "Which half is short?", told]
    assert comparing.Comparison([]).text().splitlines() == list(comparing._LEGEND)
