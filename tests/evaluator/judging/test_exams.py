from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
import scipy.stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from evaluator.judging import exams
from evaluator.judging.certificate import CERTIFICATE_FILE, Count, read_certificate, write_certificate
from evaluator.judging.drift import drift
from evaluator.judging.drift_table import drift_remarks
from evaluator.judging.exams import ANSWERS_FILE, Answer, certificate, read_answers
from evaluator.records import JudgeAnswer
from evaluator.scoring.statistics import wilson


def picture(number: int, kind: exams.Kind, truths: str, answers: str) -> list[Answer]:
    """Questions 0, 1, ...; `y` and `n` each, `?` unparsed, `e` error; the first is a quantity, the others relations."""
    words: dict[str, JudgeAnswer] = {"y": "yes", "n": "no", "?": "unparsed", "e": "error"}
    return [
        Answer(
            instance=f"ueg-code_to_image-{number:04d}", picture=kind, question=f"question {k}?",
            truth=words[truth], answer=words[answer], aspect="relation" if k else "quantity",  # type: ignore[arg-type]
        )
        for k, (truth, answer) in enumerate(zip(truths, answers, strict=True))
    ]  # fmt: skip


# Stored answers are yes, no. By hand: questions of truth yes 5 of 5 right, of truth no 4 of 7.
EXAM = [
    *picture(1, "right", "yn", "yn"),  # passed
    *picture(1, "near_miss", "nn", "yn"),  # slipped through: question 0 is misread as yes
    *picture(1, "shallow", "ny", "ny"),  # caught, every verdict true
    *picture(2, "right", "yn", "y?"),  # not passed: unparsed is never as stored
    *picture(2, "near_miss", "yy", "yy"),  # caught
    *picture(2, "shallow", "nn", "ny"),  # caught, though question 1 is misread
]


def write(path: Path, lines: Iterable[Answer]) -> Path:
    path.mkdir(exist_ok=True)
    (path / ANSWERS_FILE).write_text("".join(line.model_dump_json() + "\n" for line in lines))
    return path


def test_a_certificate_by_hand() -> None:
    found = certificate(EXAM, judge="j", revision="1", decoding={"max_tokens": 5})
    part = found.categories["code_to_image"]
    assert part == found.overall
    # Truth yes: 1 right q0, 1 shallow q1, 2 right q0, 2 near miss q0 and q1. Truth no: the seven others.
    assert (part.questions.yes.right, part.questions.yes.n) == (5, 5)
    assert (part.questions.no.right, part.questions.no.n) == (4, 7)
    assert (part.aspects["quantity"].yes.n, part.aspects["quantity"].no.n) == (3, 3)
    assert (part.aspects["quantity"].no.right, part.aspects["relation"].no.right) == (2, 2)
    assert (part.pictures.right.right, part.pictures.right.n) == (1, 2)
    assert (part.pictures.wrong.right, part.pictures.wrong.n) == (3, 4)
    assert {kind: (count.right, count.n) for kind, count in part.pictures.kinds.items()} == {
        "near_miss": (1, 2),
        "shallow": (2, 2),
    }
    assert (part.pictures.every.right, part.pictures.every.n) == (3, 6)
    assert (part.instances.right, part.instances.n) == (0, 2)
    assert (found.unparsed, found.errors, found.brier, found.reliability) == (1, 0, None, [])
    known = found.calibrations("j", "1")["code_to_image"]
    assert (known.sensitivity.share, known.specificity.share) == (0.5, 0.75)


def test_intervals_are_wilsons_at_the_effective_number() -> None:
    one = Count(n=40, right=30)
    assert one.interval == pytest.approx(wilson(30, 40))
    expected = scipy.stats.binomtest(30, 40).proportion_ci(method="wilson")
    assert one.interval == pytest.approx((expected.low, expected.high))
    assert Count(n=80, right=60, effective=40).interval == pytest.approx(wilson(30, 40))
    assert Count(n=0, right=0).interval is None and Count(n=0, right=0).share is None
    with pytest.raises(ValueError, match="may not exceed"):
        Count(n=3, right=4)


def test_a_judges_failure_counts_nowhere() -> None:
    lines = [
        *EXAM,
        *picture(3, "right", "yn", "en"),
        *picture(3, "near_miss", "nn", "nn"),
        *picture(4, "right", "yn", "yn"),
    ]
    found = certificate(lines, judge="j", revision="1")
    # Of instance 3 single verdicts count, its pictures do not: nobody knows whether the right one would have passed.
    assert found.errors == 1 and found.overall.questions.no.n == 7 + 1 + 2 + 1
    assert (found.overall.pictures.right.n, found.overall.pictures.wrong.n) == (3, 4)
    with pytest.raises(UsageError, match="j answered none of 2 questions"):
        certificate(picture(1, "right", "yn", "ee"), judge="j", revision="1")


def test_an_exam_that_does_not_hold_together_is_refused() -> None:
    with pytest.raises(ProblemsError, match="ueg-code_to_image-0001: no right picture for: question 0?"):
        certificate(picture(1, "shallow", "ny", "ny"), judge="j", revision="1")
    same = [*picture(1, "right", "yn", "yn"), *picture(1, "near_miss", "yn", "yn")]
    with pytest.raises(ProblemsError, match="its near_miss picture is right in all questions"):
        certificate(same, judge="j", revision="1")


@pytest.mark.parametrize(
    ("said", "sensitivity", "specificity", "caught"), [("yes", 1.0, 0.0, 1.0), ("no", 0.0, 1.0, 1.0)]
)
def test_judges_that_do_not_look(said: JudgeAnswer, sensitivity: float, specificity: float, caught: float) -> None:
    lines = [line.model_copy(update={"answer": said}) for line in EXAM]
    found = certificate(lines, judge="fixed", revision="1").overall
    assert (found.questions.yes.share, found.questions.no.share) == (sensitivity, specificity)
    # Stored answers are a yes and a no, so that neither passes anything: a judge of no use, and it shows.
    assert (found.pictures.right.share, found.pictures.wrong.share) == (0.0, 1.0)
    assert found.calibration() is not None and found.calibration().youden == 0.0  # type: ignore[union-attr]


def test_calibration_of_probabilities_is_sklearns() -> None:
    rng = random.Random(0)
    known = [(p, rng.random() < p**2) for p in (rng.random() for _ in range(500))]
    truths, values = [truth for _, truth in known], [p for p, _ in known]
    assert exams.brier(known) == pytest.approx(brier_score_loss(truths, values))
    share, mean = calibration_curve(truths, values, n_bins=10)
    bins = exams.reliability(known)
    assert [one.yes / one.n for one in bins] == pytest.approx(list(share))
    assert [one.mean for one in bins] == pytest.approx(list(mean))
    assert exams.reliability([(1.0, True), (0.0, False)])[-1].low == 0.9


def test_files_go_round_and_bad_ones_are_named(tmp_path: Path) -> None:
    found = certificate(EXAM, judge="j", revision="1")
    write_certificate(tmp_path / CERTIFICATE_FILE, found)
    assert read_certificate(tmp_path) == found == read_certificate(tmp_path / CERTIFICATE_FILE)
    failed = picture(1, "right", "yn", "en")[0]
    # An error, then the answer, in either order: the answer.
    assert read_answers(write(tmp_path / "a", [failed, *EXAM])) == EXAM
    assert set(read_answers(write(tmp_path / "b", [*EXAM, failed]))) == set(EXAM)
    with pytest.raises(ProblemsError, match="two answers to one question"):
        read_answers(write(tmp_path / "c", [*EXAM, EXAM[0]]))
    (tmp_path / "c" / ANSWERS_FILE).write_text('{"instance": 3}\n')
    with pytest.raises(RealUnifyError, match="answers.jsonl line 1: instance"):
        read_answers(tmp_path / "c")
    with pytest.raises(UsageError, match="no answers at"):
        read_answers(tmp_path)


def many(errors: dict[str, float], seed: int, instances: int = 100) -> list[Answer]:
    """Right pictures and shallow ones of two questions; errs in each aspect as it is told."""
    rng = random.Random(seed)
    lines = []
    for number in range(instances):
        for kind, truths in (("right", "yn"), ("shallow", "ny")):
            for line in picture(number, kind, truths, truths):  # type: ignore[arg-type]
                wrong = rng.random() < errors.get(line.aspect or "", 0.0)
                lines.append(
                    line.model_copy(update={"answer": {"yes": "no", "no": "yes"}[line.truth]}) if wrong else line
                )
    return lines


def test_what_drifted_is_told_from_chance(tmp_path: Path) -> None:
    first = write(tmp_path / "first", many({"quantity": 0.05, "relation": 0.05}, 1))
    second = write(tmp_path / "second", many({"quantity": 0.25, "relation": 0.05}, 2))
    found = drift(first, second)
    rows = {row.name: row for row in [*found.rows, *found.aspects]}
    assert (rows["all questions"].n, rows["quantity"].n, rows["whole pictures"].n) == (400, 200, 200)
    quantity = rows["quantity"]
    a, b = read_answers(first), read_answers(second)
    pairs = [(x.right, y.right) for x, y in zip(a, b, strict=True) if x.aspect == "quantity"]
    assert (quantity.lost, quantity.gained) == (pairs.count((True, False)), pairs.count((False, True)))
    exact = scipy.stats.binomtest(quantity.lost, quantity.lost + quantity.gained).pvalue
    assert quantity.p == pytest.approx(exact)
    # Holm over two aspects: the smaller p counts twice.
    assert quantity.p_holm == pytest.approx(2 * exact)
    assert quantity.clear and not rows["relation"].clear and found.clear
    assert len(found.changed) == sum(x.answer != y.answer for x, y in zip(a, b, strict=True))
    assert any(line.startswith("More than chance: ") and "quantity" in line for line in drift_remarks(found))


def test_a_judge_that_says_yes_more_often_is_seen_though_the_sum_stays(tmp_path: Path) -> None:
    """30 noes become right and 30 wrong: better where yes is true, worse where no is, 200 questions in all."""
    before, after = [], []
    for number in range(50):
        said = "nn" if number < 30 else "yn"
        before += picture(number, "right", "yn", said)
        after += picture(number, "right", "yn", "yy" if number < 30 else "yn")
    found = drift(write(tmp_path / "a", before), write(tmp_path / "b", after))
    rows = {row.name: row for row in found.rows}
    assert (rows["all questions"].points, rows["all questions"].clear) == (0.0, False)
    assert (rows["truth yes"].points, rows["truth no"].points) == (60.0, -60.0)
    assert rows["truth yes"].clear and rows["truth no"].clear


def test_the_same_exam_twice_is_nothing(tmp_path: Path) -> None:
    exam = write(tmp_path / "a", EXAM)
    found = drift(exam, exam)
    assert not found.clear and found.changed == [] and {row.p for row in found.rows} == {1.0}
    assert "Nothing has changed by more than chance can explain." in drift_remarks(found)


def test_exams_of_two_sets_are_not_compared(tmp_path: Path) -> None:
    exam = write(tmp_path / "a", EXAM)
    with pytest.raises(UsageError, match="no answered question in common"):
        drift(exam, write(tmp_path / "b", picture(9, "right", "yn", "yn")))
    with pytest.raises(UsageError, match="they differ in what is true"):
        drift(exam, write(tmp_path / "c", picture(1, "right", "nn", "yn")))
    part = drift(exam, write(tmp_path / "d", EXAM[:4]))
    assert (part.common, part.only_first, part.only_second) == (4, 8, 0)
    assert any("Only 4 answered questions are in both" in line for line in drift_remarks(part))


def test_the_judges_settings_that_differ_are_named(tmp_path: Path) -> None:
    folders = []
    for revision, decoding in (("1", {"max_tokens": 5}), ("2", {"max_tokens": 9})):
        folders.append(write(tmp_path / revision, EXAM))
        write_certificate(
            folders[-1] / CERTIFICATE_FILE, certificate(EXAM, judge="j", revision=revision, decoding=decoding)
        )
    found = drift(*folders)
    assert (found.first, found.second) == ("j@1", "j@2")
    assert found.settings == ["revision: 1 -> 2", "decoding: {'max_tokens': 5} -> {'max_tokens': 9}"]
