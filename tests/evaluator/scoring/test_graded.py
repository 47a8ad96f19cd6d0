from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from evaluator.records import Judgement
from evaluator.scoring import statistics, tables
from tests.evaluator.scoring.test_scoring import Written


@pytest.fixture
def written(tmp_path: Path, small_dataset: Path) -> Written:
    return Written(tmp_path / "run", small_dataset)


def world(number: int) -> str:
    return f"ueg-world_knowledge-{number:04d}"


def judged(written: Written, number: int, answers: tuple[str, str], p_yes: tuple[float | None, float | None]) -> None:
    digest = written.draw(world(number), colour=number)
    for entry, answer, p in zip(written.instances[world(number)].question_list, answers, p_yes, strict=True):
        line = Judgement(
            id=world(number), protocol="direct", question=entry.question, reply=answer, answer=answer,  # type: ignore[arg-type]
            p_yes=p, judge="j", judge_revision="1", image_sha256=digest,
        )  # fmt: skip
        written._append("judgements", line)


def test_atoms_and_products_stand_beside_the_score(written: Written) -> None:
    """Stored answers are yes, no. Both right; one of two; none; and no picture at all."""
    judged(written, 1, ("yes", "no"), (0.9, 0.2))
    judged(written, 2, ("yes", "yes"), (0.8, 0.6))
    judged(written, 3, ("no", "unparsed"), (0.1, 0.5))
    table = written.score().protocols["direct"]
    cell = table.categories["world_knowledge"]
    assert (cell.score, cell.counts) == (25.0, {"right": 1, "wrong": 2, "missing": 1})
    assert cell.atoms is not None and cell.product is not None
    assert cell.atoms.score == pytest.approx(100 * (1 + 0.5 + 0 + 0) / 4)
    assert cell.product.score == pytest.approx(100 * (0.9 * 0.8 + 0.8 * 0.4 + 0.1 * 0.5 + 0) / 4)
    assert cell.atoms.low < 37.5 < cell.atoms.high
    rows = {row.id: (row.atoms, row.product) for row in table.instances}
    assert rows[world(2)] == (0.5, pytest.approx(0.32)) and rows[world(4)] == (0.0, 0.0)
    # The axis is the mean over all its 24 instances; the total has questions of other kinds, and none.
    axis = table.axes["ueg"]
    assert axis.atoms is not None and axis.atoms.score == pytest.approx(100 * 1.5 / 24)
    assert table.axes["geu"].atoms is None and table.total.atoms is None


def test_a_judge_without_probabilities_has_no_product(written: Written) -> None:
    judged(written, 1, ("yes", "no"), (0.9, None))
    cell = written.score().protocols["direct"].categories["world_knowledge"]
    assert cell.atoms is not None and cell.product is None
    # Where no picture came at all, no judge was asked.
    other = written.score().protocols["direct"].categories["code_to_image"]
    assert other.atoms is not None and other.atoms.score == 0.0 and other.product is None


def test_nothing_is_graded_while_a_question_is_open(written: Written) -> None:
    judged(written, 1, ("yes", "error"), (0.9, 0.2))
    cell = written.score().protocols["direct"].categories["world_knowledge"]
    assert (cell.score, cell.atoms, cell.product) == (None, None, None)


def test_the_graded_interval_is_the_stratified_one_for_zeros_and_ones() -> None:
    strata = [[1.0] * 3 + [0.0] * 7, [1.0] * 45 + [0.0] * 5]
    assert statistics.mean_interval(strata) == pytest.approx(statistics.stratified([(3, 10), (45, 50)]))
    assert statistics.mean_interval([[0.5] * 20])[0] > statistics.wilson(10, 20)[0]
    with pytest.raises(ValueError, match="at least one instance"):
        statistics.mean_interval([[]])


def test_the_graded_interval_covers() -> None:
    rng = random.Random(3)
    for n, p in ((60, 0.7), (100, 0.3)):
        hits = 0
        for _ in range(1500):
            # Three questions of four answered alike.
            values = [sum(rng.random() < p for _ in range(3)) / 4 + (rng.random() < p) / 4 for _ in range(n)]
            low, high = statistics.mean_interval([values])
            hits += low <= p <= high
        assert 0.93 <= hits / 1500 <= 0.99


def test_the_graded_table(written: Written) -> None:
    from rich.console import Console

    judged(written, 1, ("yes", "no"), (0.9, 0.2))
    table = tables.graded_table(written.score())
    assert table is not None
    page = io.StringIO()
    Console(width=80, file=page).print(table)
    assert "25.0 / 25.0 / 18.0" in page.getvalue()
    assert any("never the score" in line for line in tables.remarks(written.score()))
