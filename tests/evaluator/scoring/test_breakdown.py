from __future__ import annotations

import io
import random
from collections import Counter
from pathlib import Path

import pytest

from dataset_builder.errors import UsageError
from dataset_builder.taxonomy import CATEGORIES
from evaluator.scoring import breakdown, statistics, tables
from evaluator.scoring.breakdown import parts_named
from evaluator.scoring.cells import cell, pooled
from evaluator.scoring.headline import headline
from evaluator.scoring.scores import ProtocolScores
from tests.evaluator.scoring.test_scoring import Written


@pytest.fixture
def written(tmp_path: Path, small_dataset: Path) -> Written:
    return Written(tmp_path / "run", small_dataset)


def world(number: int) -> str:
    return f"ueg-world_knowledge-{number:04d}"


def test_difficulties_and_subtasks_are_over_the_datasets_instances(written: Written) -> None:
    """Four instances a category: number 1 is medium, 2 hard, 3 easy, 4 medium; nothing was run for number 4."""
    answers = {name: instance.answer for name, instance in written.instances.items() if instance.axis == "geu"}
    for number in (1, 2, 3):
        name = f"geu-mental_tracking-{number:04d}"
        written.answer(name, answers[name] if number != 2 else "no letter at all")
    table = written.score().protocols["direct"]
    cells = parts_named(table, "difficulty", "mental_tracking")
    assert {name: (cell.n, cell.score) for name, cell in cells.items()} == {
        "easy": (1, 100.0),
        "medium": (2, 50.0),
        "hard": (1, 0.0),
    }
    assert cells["medium"].counts == {"right": 1, "missing": 1} and cells["hard"].counts == {"unparsed": 1}
    # Odd numbers are simultaneous_recolouring, even ones the other: numbers 1 and 3 right, 2 and 4 not.
    subtasks = parts_named(table, "subtask", "mental_tracking")
    assert {name: (cell.n, cell.score) for name, cell in subtasks.items()} == {
        "sequential_recolouring": (2, 0.0),
        "simultaneous_recolouring": (2, 100.0),
    }
    assert parts_named(table, "difficulty", "geu")["easy"].n == 4
    # Of the two medium ones in each of the four categories, one is right.
    geu = parts_named(table, "difficulty", "geu")["medium"]
    assert (geu.n, geu.score) == (8, 12.5)
    assert parts_named(table, "difficulty", "total")["medium"].n == 20


def test_an_aspect_is_the_share_of_questions_answered_as_stored(written: Written) -> None:
    """World knowledge: 1 right, 2 wrong in the foil, 3 unparsed in the subject, 4 without a picture."""
    for number, answers in ((1, ("yes", "no")), (2, ("yes", "yes")), (3, ("unparsed", "no"))):
        written.judged(world(number), written.draw(world(number)), answers)
    cells = parts_named(written.score().protocols["direct"], "aspect", "world_knowledge")
    assert {name: (cell.n, cell.score) for name, cell in cells.items()} == {"subject": (4, 50.0), "foil": (4, 50.0)}
    assert cells["subject"].counts == {"right": 2, "unparsed": 1, "missing": 1}
    assert cells["foil"].counts == {"right": 2, "wrong": 1, "missing": 1}
    low, high = statistics.wilson(2, 4)
    assert (cells["foil"].low, cells["foil"].high) == pytest.approx((100 * low, 100 * high))
    whole = parts_named(written.score().protocols["direct"], "aspect", "ueg")
    assert {name: cell.n for name, cell in whole.items()} == {"subject": 24, "foil": 24}


def test_a_question_that_nobody_answered_leaves_its_aspect_without_a_score(written: Written) -> None:
    for number in (1, 2, 3, 4):
        written.judged(world(number), written.draw(world(number)), ("yes", "error") if number == 4 else ("yes", "no"))
    cells = parts_named(written.score().protocols["direct"], "aspect", "world_knowledge")
    assert cells["subject"].score == 100.0
    assert (cells["foil"].status, cells["foil"].score, cells["foil"].counts["unjudged"]) == ("incomplete", None, 1)


def test_what_a_model_cannot_do_has_no_parts_with_scores(tmp_path: Path, small_dataset: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, capabilities=["answer"])
    written.everything_right()
    table = written.score().protocols["direct"]
    assert {cell.status for cell in parts_named(table, "aspect", "ueg").values()} == {"not supported"}
    assert parts_named(table, "difficulty", "geu")["hard"].score == 100.0
    assert parts_named(table, "difficulty", "total")["hard"].status == "not supported"


def test_the_words_of_by() -> None:
    assert breakdown.parse_by(["aspect,subtask", "aspect"]) == ["subtask", "aspect"]
    with pytest.raises(UsageError, match="unknown part of a score 'aspects': did you mean aspect"):
        breakdown.parse_by(["aspects"])


def test_questions_of_one_picture_count_as_what_they_are_worth() -> None:
    # Two pictures with two questions each, all or nothing: share 1/2, linearised variance 1/8, binomial 1/16.
    assert statistics.effective([(2, 2), (0, 2)]) == pytest.approx(2.0)
    assert statistics.effective([(1, 1)] * 3 + [(0, 1)]) == pytest.approx(4.0)
    # Errors that are spread evenly over pictures are worth no more than independent ones.
    assert statistics.effective([(1, 2)] * 10) == pytest.approx(20.0)
    assert statistics.effective([(3, 3)] * 10) == 10.0
    with pytest.raises(ValueError, match="at least one instance"):
        statistics.clustered([])


def test_the_clustered_interval_covers_where_wilsons_does_not() -> None:
    rng = random.Random(0)
    hits = naive = 0
    for _ in range(1500):
        # Three questions a picture that are answered alike in two pictures of three.
        pictures = []
        for _ in range(80):
            alike, common = rng.random() < 2 / 3, rng.random() < 0.8
            pictures.append((sum(common if alike else rng.random() < 0.8 for _ in range(3)), 3))
        low, high = statistics.clustered(pictures)
        hits += low <= 0.8 <= high
        low, high = statistics.wilson(sum(right for right, _ in pictures), 240)
        naive += low <= 0.8 <= high
    assert 0.93 <= hits / 1500 <= 0.97 and naive / 1500 < 0.88


def test_the_table_of_parts(written: Written) -> None:
    from rich.console import Console

    written.everything_right()
    page = io.StringIO()
    Console(width=80, file=page).print(tables.part_table(written.score(), "difficulty"))
    text = page.getvalue()
    assert "Mental Tracking" in text and "  medium" in text and "100 [34,100]" in text


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ((5, 50, 60, 70), "Weakest in World Knowledge, 5.0 [2, 11] direct, clearly so."),
        ((30, 35, 60, 70), "30.0 [22, 40] direct, Commonsense Reasoning may be as weak."),
        ((30, 35, 31, 70), "direct, Mathematical Reasoning and Commonsense Reasoning may be as weak."),
        ((70, 35, 31, 30), "Weakest in Logical Reasoning, 30.0 [22, 40] direct, Mathematical Reasoning and "),
        ((30, 31, 32, 33), "direct, no other clearly stronger."),
    ],
)
def test_the_headline_names_what_may_be_as_weak(written: Written, right: tuple[int, ...], said: str) -> None:
    cells = {}
    for task, count in zip(list(CATEGORIES)[:4], right, strict=True):
        cells[task] = cell("scored", Counter(right=count, wrong=100 - count))
    table = ProtocolScores(categories=cells, axes={}, total=pooled(list(cells.values())), instances=[])
    scores = written.score().model_copy(update={"protocols": {"direct": table}})
    assert said in headline(scores)


def test_the_headline(tmp_path: Path, small_dataset: Path) -> None:
    written = Written(tmp_path / "run", small_dataset, ("direct", "stepwise"))
    written.everything_right("direct")
    for name, instance in written.instances.items():
        wrong = instance.axis == "geu"
        if wrong:
            written.answer(name, "no letter", "stepwise")
        else:
            written.judged(name, written.draw(name, "stepwise"), ("yes", "no"), "stepwise")
    # All sixteen GEU instances are right in direct only: McNemar's exact p is 2 / 2^16.
    assert headline(written.score()) == (
        "Weakest in World Knowledge, 100.0 [51, 100] direct (only 4 instances), no other clearly stronger; stepwise "
        "makes no clear difference in UEG (+0.0 [-14, +14], p = 1) and lowers GEU (-100.0 [-100, -73], p < 0.001)."
    )
    empty = Written(tmp_path / "empty", small_dataset, capabilities=[])
    assert headline(empty.score()) == "No scores yet: nothing was run."
