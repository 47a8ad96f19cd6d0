from __future__ import annotations

import random

import pytest
import scipy.stats

from evaluator.scoring import statistics as stats


@pytest.mark.parametrize(("correct", "n"), [(0, 10), (10, 10), (3, 10), (41, 100), (599, 600), (1, 1)])
def test_wilson_is_scipys(correct: int, n: int) -> None:
    expected = scipy.stats.binomtest(correct, n).proportion_ci(method="wilson")
    assert stats.wilson(correct, n) == pytest.approx((expected.low, expected.high))


def test_intervals_need_an_instance() -> None:
    for function in (lambda: stats.wilson(0, 0), lambda: stats.stratified([]), lambda: stats.stratified([(0, 0)])):
        with pytest.raises(ValueError, match="at least one instance"):
            function()


def test_one_stratum_is_wilson() -> None:
    assert stats.stratified([(30, 100)]) == pytest.approx(stats.wilson(30, 100))


def test_unequal_strata_narrow_the_interval_and_never_to_nothing() -> None:
    mixed = stats.stratified([(5, 100), (95, 100)])
    pooled = stats.wilson(100, 200)
    assert pooled[0] < mixed[0] < 0.5 < mixed[1] < pooled[1]
    low, high = stats.stratified([(0, 50), (50, 50)])
    assert 0.4 < low < 0.5 < high < 0.6
    assert stats.stratified([(10, 10), (10, 10)])[0] < 1.0


def test_empty_strata_change_nothing() -> None:
    assert stats.stratified([(30, 100), (0, 0)]) == pytest.approx(stats.stratified([(30, 100)]))


@pytest.mark.parametrize(
    "strata", [((0.1, 100), (0.8, 100)), ((0.3, 40), (0.5, 60), (0.9, 50)), ((0.02, 30), (0.5, 30))]
)
def test_the_stratified_interval_covers(strata: tuple[tuple[float, int], ...]) -> None:
    rng = random.Random(0)
    truth = sum(p * n for p, n in strata) / sum(n for _, n in strata)
    hits = 0
    for _ in range(1500):
        low, high = stats.stratified([(sum(rng.random() < p for _ in range(n)), n) for p, n in strata])
        hits += low <= truth <= high
    assert 0.93 <= hits / 1500 <= 0.99


@pytest.mark.parametrize(("gained", "lost"), [(3, 9), (9, 3), (5, 5), (0, 6), (1, 0), (200, 150)])
def test_mcnemar_is_the_binomial_test(gained: int, lost: int) -> None:
    assert stats.mcnemar(gained, lost) == pytest.approx(scipy.stats.binomtest(gained, gained + lost).pvalue)


def test_mcnemar_without_a_difference() -> None:
    assert stats.mcnemar(0, 0) == 1.0


def test_the_paired_interval_is_the_published_one() -> None:
    # Newcombe (1998), the worked example with cells 20, 12, 2, 16: method 10 gives 0.0562 to 0.3292.
    difference, low, high = stats.paired_difference(20, 12, 2, 16)
    assert (difference, round(low, 4), round(high, 4)) == (pytest.approx(0.2), 0.0562, 0.3292)
    assert stats.paired_difference(20, 2, 12, 16) == pytest.approx((-0.2, -high, -low))


@pytest.mark.parametrize(
    "cells", [(10, 0, 0, 0), (0, 0, 0, 10), (0, 10, 0, 0), (0, 0, 10, 0), (5, 0, 0, 5), (1, 0, 0, 0)]
)
def test_the_paired_interval_stays_in_range_and_has_a_width(cells: tuple[int, int, int, int]) -> None:
    difference, low, high = stats.paired_difference(*cells)
    assert -1 <= low <= difference <= high <= 1 and high > low


def test_the_paired_interval_covers() -> None:
    rng = random.Random(1)
    for p in ((0.3, 0.2, 0.1, 0.4), (0.5, 0.05, 0.05, 0.4)):
        hits = 0
        for _ in range(1500):
            drawn = rng.choices(range(4), p, k=60)
            _, low, high = stats.paired_difference(*(drawn.count(i) for i in range(4)))
            hits += low <= p[1] - p[2] <= high
        assert hits / 1500 >= 0.93


def test_holm_is_stepwise_monotone_and_in_order() -> None:
    # The smallest times 4, the next times 3, and so on; none below an earlier one, none above 1.
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats.holm([0.9, 0.8]) == [1.0, 1.0]
    assert stats.holm([]) == []
