"""Intervals and p-values: against statsmodels, worked by hand, and the laws that hold for every count."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from evaluator.scoring import statistics as stats

Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution, from its tables
COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
CELLS = st.tuples(*[st.integers(0, 60)] * 4).filter(any)


def half_at_one_half(n: float) -> float:
    """Half the width of Wilson's interval where the share is 0.5: the formula comes down to this."""
    return Z / (2 * math.sqrt(n + Z * Z))


@given(COUNTS, st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_wilson_is_statsmodels(cell: tuple[int, int], confidence: float) -> None:
    expected = proportion_confint(*cell, alpha=1 - confidence, method="wilson")
    assert stats.wilson(*cell, confidence) == pytest.approx(expected, abs=1e-12)


@given(COUNTS)
def test_wilson_holds_its_share_and_mirrors(cell: tuple[int, int]) -> None:
    correct, n = cell
    low, high = stats.wilson(correct, n)
    assert 0 <= low <= correct / n + 1e-12 and correct / n - 1e-12 <= high <= 1 and low < high
    assert stats.wilson(n - correct, n) == pytest.approx((1 - high, 1 - low))


def test_wilson_never_leaves_the_unit_interval_by_rounding() -> None:
    for n in range(1, 300):
        assert stats.wilson(n, n)[1] <= 1 and stats.wilson(0, n)[0] >= 0
    assert stats.wilson_effective(1.0, 3.7)[1] <= 1 and stats.wilson_effective(0.0, 3.7)[0] >= 0


def test_the_stratified_interval_worked_by_hand() -> None:
    # 5 and 95 of 100, shrunk: 7/104 and 97/104, so each variance is 679/104**2/100, and their mean's half of that;
    # pooled: 102/204 is one half, so 1/4/200. The effective size is 200 times their ratio: 796.47.
    n = 200 * (0.25 / 200) / (0.5 * 679 / 104**2 / 100)
    assert n == pytest.approx(796.465, abs=1e-3)
    half = half_at_one_half(n)
    assert stats.stratified([(5, 100), (95, 100)]) == pytest.approx((0.5 - half, 0.5 + half))


def test_strata_count_by_their_size() -> None:
    # 1 of 4 and 30 of 36, shrunk: 3/8 and 32/40; weights 0.1 and 0.9.
    variance = 0.1**2 * (3 / 8 * 5 / 8) / 4 + 0.9**2 * (0.8 * 0.2) / 36
    pooled = (33 / 44) * (11 / 44) / 40
    low, high = stats.stratified([(1, 4), (30, 36)])
    effective = 40 * pooled / variance
    assert effective > 40
    # Wilson (1927), at the effective size.
    share, z2 = 31 / 40, Z * Z / effective
    assert (low + high) / 2 == pytest.approx((share + z2 / 2) / (1 + z2))
    assert (high - low) / 2 == pytest.approx(
        Z / (1 + z2) * math.sqrt(share * (1 - share) / effective + z2 / (4 * effective))
    )


def test_equal_strata_are_never_wider_than_the_pooled_interval() -> None:
    assert stats.stratified([(1, 1)] * 4) == pytest.approx(stats.wilson(4, 4))
    assert stats.stratified([(1, 1)]) == pytest.approx(stats.wilson(1, 1))


@given(st.lists(COUNTS, min_size=1, max_size=10))
def test_strata_never_widen_and_their_order_is_nothing(cells: list[tuple[int, int]]) -> None:
    correct, n = map(sum, zip(*cells, strict=True))
    low, high = stats.stratified(cells)
    pooled = stats.wilson(correct, n)
    assert 0 <= low <= correct / n + 1e-12 and correct / n - 1e-12 <= high <= 1 and low < high
    assert high - low <= pooled[1] - pooled[0] + 1e-12
    assert stats.stratified(cells[::-1]) == pytest.approx((low, high))


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_symmetric_probability(gained: int, lost: int) -> None:
    p = stats.mcnemar(gained, lost)
    assert 0 < p <= 1 and p == stats.mcnemar(lost, gained)
    assert stats.mcnemar(gained + lost + 1, lost) <= stats.mcnemar(gained + lost, lost)


@pytest.mark.parametrize(
    ("cells", "phi"),
    [
        # 25 less 5, the correction of half of ten, over 5 * 5.
        ((5, 0, 0, 5), 20 / 25),
        # 1 less 1: what the correction would turn round is nothing.
        ((1, 0, 0, 1), 0.0),
        # 16 less 5, over sqrt(5 * 5 * 5 * 5).
        ((4, 1, 1, 4), (15 - 5) / 25),
        # Below zero nothing is corrected: -25 over 25, and -24 + 0 over 25 * 25.
        ((0, 5, 5, 0), -1.0),
        ((1, 4, 4, 1), -15 / 25),
    ],
)
def test_the_paired_interval_worked_by_hand(cells: tuple[int, int, int, int], phi: float) -> None:
    """Both shares are one half, so all four margins are equal, and the spread is theirs and phi's alone."""
    half = half_at_one_half(sum(cells))
    spread = half * math.sqrt(2 - 2 * phi)
    assert stats.paired_difference(*cells) == pytest.approx((0.0, -spread, spread))


def test_the_paired_interval_of_unequal_shares_worked_by_hand() -> None:
    # 6 both, 3 gained, 1 lost, 10 neither: 0.35 to 0.45; surplus 60 - 3 = 57, less 10; margins 7 * 13 * 9 * 11.
    phi = 47 / math.sqrt(7 * 13 * 9 * 11)
    (low1, high1), (low2, high2) = (proportion_confint(count, 20, method="wilson") for count in (7, 9))
    below, above = (0.45 - low2, high1 - 0.35), (high2 - 0.45, 0.35 - low1)
    low, high = (math.sqrt(a * a - 2 * phi * a * b + b * b) for a, b in (below, above))
    assert stats.paired_difference(6, 3, 1, 10) == pytest.approx((0.1, 0.1 - low, 0.1 + high))


@given(CELLS)
def test_the_paired_interval_turns_round_with_its_sides(cells: tuple[int, int, int, int]) -> None:
    both, gained, lost, neither = cells
    difference, low, high = stats.paired_difference(both, gained, lost, neither)
    assert -1 <= low <= difference + 1e-12 and difference <= high + 1e-12 and high <= 1
    assert stats.paired_difference(both, lost, gained, neither) == pytest.approx((-difference, -high, -low))
    assert stats.paired_difference(neither, gained, lost, both)[1:] == pytest.approx((low, high))


@settings(max_examples=12)  # statsmodels collects garbage at every call
@given(st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=1, max_size=12))
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    corrected = stats.holm(p_values)
    assert corrected == pytest.approx(list(multipletests(p_values, method="holm")[1]))
    assert all(before <= after <= 1 for before, after in zip(p_values, corrected, strict=True))
    ordered = [after for _, after in sorted(zip(p_values, corrected, strict=True))]
    assert all(before <= after for before, after in pairwise(ordered))


def test_an_interval_needs_an_instance_and_one_is_enough() -> None:
    assert stats.paired_difference(0, 0, 0, 1)[0] == 0
    for function in (stats.wilson, lambda *_: stats.paired_difference(0, 0, 0, 0)):
        with pytest.raises(ValueError, match="at least one instance"):
            function(0, 0)
