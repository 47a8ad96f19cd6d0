"""Agreement against the krippendorff library and numpy's percentiles, and what the bootstrap does at its borders."""

from __future__ import annotations

import random
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.judging import agreement
from evaluator.judging import judge as judging
from evaluator.judging.agreement import Answers, cohen_kappa, krippendorff_alpha, raw_agreement
from evaluator.judging.judges.base import FixedJudge
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.scoring.statistics import wilson
from tests.evaluator.judging.test_judging import Counting
from tests.evaluator.toy_models import Toy

ANSWERS = st.sampled_from(["yes", "no", "unparsed", None])
ROWS = st.lists(st.tuples(ANSWERS, ANSWERS, ANSWERS), min_size=2, max_size=25)


def expected_alpha(rows: list[Answers]) -> float | None:
    """The library's value; None where fewer than two values vary, where it has none either."""
    codes = {"yes": 0.0, "no": 1.0, "unparsed": 2.0, None: float("nan")}
    kept = [row for row in rows if sum(answer is not None for answer in row) > 1]
    if len({answer for row in kept for answer in row if answer is not None}) < 2:
        return None
    data = np.array([[codes[answer] for answer in row] for row in kept]).T
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement="nominal"))


@given(ROWS)
def test_alpha_is_the_librarys(rows: list[Answers]) -> None:
    expected, found = expected_alpha(rows), krippendorff_alpha(rows)
    assert found is None if expected is None else found == pytest.approx(expected)


@given(ROWS, st.randoms(use_true_random=False))
def test_neither_the_order_of_questions_nor_of_judges_matters(rows: list[Answers], rng: random.Random) -> None:
    shuffled = [tuple(row[n] for n in (2, 0, 1)) for row in rng.sample(rows, len(rows))]
    assert krippendorff_alpha(shuffled) == pytest.approx(krippendorff_alpha(rows))


@given(st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=25))
def test_pairs_are_symmetric_and_in_range(rows: list[Answers]) -> None:
    turned = [(row[1], row[0]) for row in rows]
    raw, kappa = raw_agreement(rows), cohen_kappa(rows)
    assert raw_agreement(turned) == raw and cohen_kappa(turned) == pytest.approx(kappa)
    assert raw is None or 0 <= raw <= 1
    assert kappa is None or (raw is not None and -1 <= kappa <= raw + 1e-12)


def share_of_yes(rows: list[Answers]) -> float | None:  # type: ignore[misc]
    return sum(row[0] == "yes" for row in rows) / len(rows)


def drawn(clusters: list[list[Answers]], seed: int) -> list[float | None]:
    rng = random.Random(seed)
    return [
        share_of_yes([row for rows in rng.choices(clusters, k=len(clusters)) for row in rows])
        for _ in range(agreement.RESAMPLES)
    ]


@pytest.mark.parametrize("seed", [0, 3])
def test_the_interval_is_numpys_percentiles_of_whole_images(seed: int) -> None:
    clusters: list[list[Answers]] = [[("yes", "no")] * n + [("no", "no")] * (7 - n) for n in (0, 2, 3, 6, 7, 7, 1, 4)]
    found = agreement._figure(share_of_yes, clusters, seed)  # type: ignore[arg-type]
    assert (found.n, found.value) == (56, pytest.approx(30 / 56))
    values = np.array(drawn(clusters, seed))
    assert (found.low, found.high) == tuple(np.percentile(values, [2.5, 97.5], method="lower"))
    assert agreement.RESAMPLES == 500


def test_one_image_and_images_alike_give_no_interval() -> None:
    one: list[list[Answers]] = [[("yes", "no"), ("no", "no")]]
    assert agreement._figure(share_of_yes, one, 0) == agreement.Figure(n=2, value=0.5)  # type: ignore[arg-type]
    assert agreement._figure(share_of_yes, one * 5, 0) == agreement.Figure(n=10, value=0.5)  # type: ignore[arg-type]
    assert agreement._figure(lambda rows: None, one * 5, 0) == agreement.Figure(n=10, value=None)
    two: list[list[Answers]] = [[("yes", "no")], [("no", "no")]]
    found = agreement._figure(share_of_yes, two, 0)  # type: ignore[arg-type]
    assert (found.low, found.high) == (0.0, 1.0)


@pytest.mark.parametrize(("defined", "has_interval"), [(249, False), (250, True)])
def test_a_measure_that_is_mostly_undefined_has_no_interval(defined: int, has_interval: bool) -> None:
    calls = 0

    def measure(rows: object) -> float | None:
        nonlocal calls
        calls += 1
        return float(calls) if calls <= defined + 1 else None

    two: list[list[Answers]] = [[("yes", "no")], [("no", "no")]]
    found = agreement._figure(measure, two, 0)
    assert (found.low is not None) is has_interval
    if has_interval:
        # Of the values 2 to 251 in order: 2.5 % and 97.5 % of 250.
        assert (found.low, found.high) == (8.0, 244.0)


def test_a_share_keeps_the_interval_that_it_has() -> None:
    bare = agreement._share(agreement.Figure(n=8, value=0.5), 4)
    assert (bare.low, bare.high) == pytest.approx(wilson(2, 4))
    kept = agreement._share(agreement.Figure(n=8, value=0.5, low=0.25, high=0.75), 4)
    assert (kept.low, kept.high) == (0.25, 0.75)
    none = agreement._share(agreement.Figure(n=0, value=None), 4)
    assert (none.low, none.high) == (None, None)


def test_what_divides_judges_is_listed_with_every_answer(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    failing = Counting("c")
    failing.fail = set(range(12))
    for judge in (FixedJudge("yes"), FixedJudge("no"), failing):
        judging.judge(tmp_path / "run", judge, cache=False)
    found = agreement.agreement(tmp_path / "run")
    assert found.judges == ["c@1", "fixed:no@1", "fixed:yes@1"]
    assert len(found.divided) == found.overall.questions == 12
    line = min(RunFolder.open(tmp_path / "run").judgements(), key=lambda line: (line.id, line.protocol, line.question))
    first = found.divided[0]
    assert (first.id, first.protocol, first.question, first.image) == (
        line.id, line.protocol, line.question, line.image_sha256,
    )  # fmt: skip
    assert first.answers == {"c@1": None, "fixed:no@1": "no", "fixed:yes@1": "yes"}
    assert {name: figure.n for name, figure in found.overall.raw.items()} == {
        "c@1 | fixed:no@1": 0, "c@1 | fixed:yes@1": 0, "fixed:no@1 | fixed:yes@1": 12,
    }  # fmt: skip
    assert found.overall.raw["fixed:no@1 | fixed:yes@1"].value == 0.0
    # A later answer of the judge that failed counts; a later error takes none away.
    failing.fail = set()
    judging.judge(tmp_path / "run", failing, cache=False)
    assert {
        name: figure.n for name, figure in agreement.agreement(tmp_path / "run").overall.raw.items()
    } == dict.fromkeys(["c@1 | fixed:no@1", "c@1 | fixed:yes@1", "fixed:no@1 | fixed:yes@1"], 12)
