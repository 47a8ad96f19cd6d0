"""Intervals for scores: closed forms only, so that scoring imports nothing heavy.

Proportions are fractions (0 to 1) here; tables show them in per cent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

CONFIDENCE = 0.95


def wilson(correct: float, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's score interval for a proportion; sound at 0 and at n. Raises ValueError for n = 0.

    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    if n <= 0:
        raise ValueError("an interval needs at least one instance")
    return wilson_effective(correct / n, n, confidence)


def stratified(cells: Sequence[tuple[int, int]], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval for the mean over several categories of (correct, n), each a stratum.

    Wilson's interval at the effective sample size that gives the stratified variance: narrower than the
    pooled one where categories differ, and never of width 0. A stratum's share is shrunk (Agresti-Coull,
    two of each) before its variance is taken, so that a stratum of all right still counts as uncertain.
    """
    total = sum(n for _, n in cells)
    correct = sum(c for c, _ in cells)
    if total <= 0:
        raise ValueError("an interval needs at least one instance")
    variance = sum((n / total) ** 2 * _shrunk_variance(c, n) for c, n in cells if n)
    pooled = _shrunk_variance(correct, total)
    return wilson_effective(correct / total, total * max(1.0, pooled / variance), confidence)


def wilson_effective(share: float, n: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's interval at a real-valued sample size."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def effective(clusters: Sequence[tuple[int, int]]) -> float:
    """How many independent questions those of several pictures are worth; `clusters` are (right, asked) a picture.

    Questions about one picture hang together, so that 300 of them tell less than 300 pictures with one each. The
    number is divided by Kish's design effect, the linearised variance of the share over the binomial one (L. Kish
    1965, Survey Sampling, 8.2), never taken below 1. Where all are right or none, that says nothing, and the
    pictures count instead (the cautious end).
    """
    asked, right = sum(n for _, n in clusters), sum(c for c, _ in clusters)
    if right in (0, asked):
        return float(sum(1 for _, n in clusters if n))
    share = right / asked
    variance = sum((c - share * n) ** 2 for c, n in clusters) / asked**2
    return asked / max(1.0, variance * asked / (share * (1 - share)))


def clustered(clusters: Sequence[tuple[int, int]], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's interval for a share of questions, at their `effective` number. Raises ValueError without one."""
    asked = sum(n for _, n in clusters)
    if asked <= 0:
        raise ValueError("an interval needs at least one instance")
    return wilson_effective(sum(c for c, _ in clusters) / asked, effective(clusters), confidence)


def mean_interval(strata: Sequence[Sequence[float]], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Interval for the mean of graded values between 0 and 1 (shares of questions, probabilities) over strata.

    `stratified` for values that are not only 0 and 1, and the same where they are: Wilson's interval at the number of
    all-or-nothing answers whose mean would be as uncertain. Raises ValueError without a value.
    """
    values = [value for stratum in strata for value in stratum]
    if not values:
        raise ValueError("an interval needs at least one instance")
    total = len(values)
    share = (sum(values) + 2) / (total + 4)
    variance = sum((len(stratum) / total) ** 2 * _graded_variance(stratum) for stratum in strata if stratum)
    return wilson_effective(
        sum(values) / total, share * (1 - share) / min(variance, share * (1 - share) / total), confidence
    )


def _graded_variance(values: Sequence[float]) -> float:
    """The variance of their mean, two zeros and two ones added as in `_shrunk_variance`."""
    n, added = len(values), [*values, 0.0, 0.0, 1.0, 1.0]
    mean = sum(added) / (n + 4)
    return sum((value - mean) ** 2 for value in added) / (n + 4) / n


def _shrunk_variance(correct: int, n: int) -> float:
    share = (correct + 2) / (n + 4)
    return share * (1 - share) / n


def mcnemar(gained: int, lost: int) -> float:
    """Exact two-sided p-value that two paired answers are right equally often.

    `gained` instances are right in the second only, `lost` in the first only. Source: Q. McNemar (1947),
    Psychometrika 12, 153-157; the exact form is a binomial test of the discordant pairs at one half.
    """
    n = gained + lost
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << n))


def paired_difference(
    both: int, gained: int, lost: int, neither: int, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Second share minus first share of the same instances: (difference, low, high).

    Newcombe's hybrid score interval, never of width 0 as long as there is an instance. Source: R. G.
    Newcombe (1998), Statistics in Medicine 17, 2635-2650, method 10. Raises ValueError without instances.
    """
    n = both + gained + lost + neither
    if n <= 0:
        raise ValueError("an interval needs at least one instance")
    first, second = (both + lost) / n, (both + gained) / n
    (low1, high1), (low2, high2) = wilson(both + lost, n, confidence), wilson(both + gained, n, confidence)
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    surplus: float = both * neither - gained * lost
    if surplus > 0:
        surplus = max(0.0, surplus - n / 2)  # the continuity correction of method 10
    phi = surplus / math.sqrt(margins) if margins else 0.0

    def spread(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    difference = second - first
    return (
        difference,
        max(-1.0, difference - spread(second - low2, high1 - first)),
        min(1.0, difference + spread(high2 - second, first - low1)),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for having looked at several things (S. Holm, 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    worst = 0.0
    for rank, index in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = worst
    return corrected
