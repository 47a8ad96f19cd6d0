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


def _shrunk_variance(correct: int, n: int) -> float:
    share = (correct + 2) / (n + 4)
    return share * (1 - share) / n
