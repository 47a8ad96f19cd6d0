"""A score corrected for its judge's errors, beside the raw one: Rogan and Gladen's estimate, with an interval that
includes the uncertainty of the judge's calibration.

Of the model's pictures a share theta is right, of which the judge passes q1 (its sensitivity), while of the wrong ones
it catches q0 (its specificity). So it passes p = theta q1 + (1 - theta) (1 - q0) of all, and therefore

    theta = (p + q0 - 1) / (q0 + q1 - 1).

**At which level.** Whole instances: "every verdict as stored" is one test of one picture, and q1 and q0 are the shares
of known pictures, right and wrong, that this test gets right. Correcting single questions and multiplying would need
that a judge's errors on one picture are independent (they are not: a picture that is hard to read is so for all its
questions) and how truths go together in the model's pictures, which nobody knows. What it rests on instead:

* a model's right pictures pass as often as the calibration's right ones, and its wrong ones are caught as often as the
  calibration's wrong ones. The exam's pictures are drawn, which is easier to see (both rates too high: too small a
  correction), and its wrong ones are near misses, which is harder than a picture with many faults (q0 too low: too low
  a corrected score where the judge is lenient). Labels by people on models' own pictures rest on neither;
* rates are those of one category: another's are not borrowed. An axis is corrected over the categories that have a
  calibration, and says which;
* what needs no judge (no picture, refused, missing) is wrong for certain and enters neither p nor the rates.

**The interval** is Lang and Reiczigel's for small samples: p, q1 and q0 shrunk (Agresti and Coull; one of each for the
rates), a shift for the ratio's skewness, and the delta method,

    var theta = [p (1 - p) / n + theta^2 q1 (1 - q1) / n1 + (1 - theta)^2 q0 (1 - q0) / n0] / (q0 + q1 - 1)^2.

Strata with calibrations of their own are put together by the squares of their limits' distances (MOVER: Zou and Donner
2008). Estimate and limits are clipped to 0..100, and `clipped` says so. benchmarks/correction.py prints the coverage.

**Where it is worse than none** it says so in `remark`: too few known pictures, a judge that is not clearly better than
guessing (no estimate at all then), or a correction that adds more noise than the bias which it removes.

Sources: W. J. Rogan, B. Gladen (1978), Am. J. Epidemiol. 107, 71-76; Z. Lang, J. Reiczigel (2014), Prev. Vet. Med. 113,
13-22; C. Lee et al. (2025), arXiv 2511.21140 (the same for a language model as the judge).

    >>> correct(scores, {"code_to_image": Calibration(Rate(240, 250), Rate(450, 500))})["direct"][0].score
    37.1
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from dataset_builder.taxonomy import CATEGORIES
from evaluator.scoring.outcomes import InstanceScore
from evaluator.scoring.scores import Corrected, ProtocolScores, Scores
from evaluator.scoring.statistics import CONFIDENCE, wilson_effective

FEWEST = 20
# q0 + q1 - 1 must lie above this with confidence: nearer to 0 the estimate is a ratio of noise.
CLEARLY = 0.2
JUDGED = ("right", "wrong", "unparsed")


@dataclass(frozen=True)
class Rate:
    """How many of `n` known pictures the judge got right; `n` may be an effective number, then so is `right`."""

    right: float
    n: float

    @property
    def share(self) -> float:
        return self.right / self.n


@dataclass(frozen=True)
class Calibration:
    """What is known of a judge in one category, over whole pictures: right ones passed, wrong ones caught."""

    sensitivity: Rate
    specificity: Rate

    @property
    def youden(self) -> float:
        """q0 + q1 - 1: 1 of a perfect judge, 0 of one that does not look."""
        return self.sensitivity.share + self.specificity.share - 1


@dataclass(frozen=True)
class Interval:
    """A corrected share, not clipped: outside 0..1 it says that sampling, or an assumption, went far off."""

    value: float
    low: float
    high: float


def rogan_gladen(p: float, sensitivity: float, specificity: float) -> float:
    """The share that is right, of which the judge passed `p`; not clipped. Raises ValueError where q0 + q1 = 1."""
    youden = sensitivity + specificity - 1
    if youden == 0:
        raise ValueError("a judge that passes right and wrong equally often tells nothing")
    return (p + specificity - 1) / youden


def corrected_share(passed: int, n: int, known: Calibration, confidence: float = CONFIDENCE) -> Interval:
    """Rogan and Gladen's estimate with Lang and Reiczigel's interval; `passed` of `n` by the judge. Not clipped."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    value = rogan_gladen(passed / n, known.sensitivity.share, known.specificity.share)
    n1, n0, size = known.sensitivity.n + 2, known.specificity.n + 2, n + z * z
    q1, q0, p = (known.sensitivity.right + 1) / n1, (known.specificity.right + 1) / n0, (passed + z * z / 2) / size
    theta, youden = rogan_gladen(p, q1, q0), q1 + q0 - 1
    v1, v0 = q1 * (1 - q1) / n1, q0 * (1 - q0) / n0
    shift = 2 * z * z * (theta * v1 - (1 - theta) * v0)
    half = z * math.sqrt(p * (1 - p) / size + theta**2 * v1 + (1 - theta) ** 2 * v0) / abs(youden)
    return Interval(value, min(value, theta + shift - half), max(value, theta + shift + half))


@dataclass(frozen=True)
class Stratum:
    """One category: its corrected share of all instances, and what speaks for and against it."""

    n: int
    raw: float
    interval: Interval
    raw_variance: float
    change: float  # raw minus corrected, and the variance of that
    change_variance: float


def correct(scores: Scores, known: Mapping[str, Calibration]) -> dict[str, list[Corrected]]:
    """For each protocol every UEG category that has a score, then the axis over those that could be corrected.

    `known` are the judge's calibrations by category; who calls has made sure that it is the same judge.
    """
    return {name: _table(table, known) for name, table in scores.protocols.items()}


def _table(table: ProtocolScores, known: Mapping[str, Calibration]) -> list[Corrected]:
    rows: dict[str, list[InstanceScore]] = {}
    for row in table.instances:
        rows.setdefault(row.id.split("-")[1], []).append(row)
    found, strata = [], {}
    for task, cell in table.categories.items():
        if CATEGORIES[task].axis != "ueg" or cell.score is None:
            continue
        reason = _unusable(known.get(task))
        if not reason:
            strata[task] = stratum(*_counted(rows[task]), known[task])
            found.append(together(task, [task], [strata[task]], known[task]))
        else:
            found.append(Corrected(name=task, n=cell.n, raw=cell.score, covered=[], remark=reason))
    if len(strata) > 1 or (strata and len(found) == 1):
        found.append(together("ueg", list(strata), list(strata.values()), None))
    return found


def _unusable(known: Calibration | None) -> str:
    """Why nothing can be corrected by a calibration; empty where it can."""
    if known is None:
        return "no calibration of this category"
    sizes = known.sensitivity.n, known.specificity.n
    if min(sizes) < FEWEST:
        return f"calibrated on {sizes[0]:.0f} right and {sizes[1]:.0f} wrong pictures, of which it needs {FEWEST} each"
    margins = [rate.share - wilson_effective(rate.share, rate.n)[0] for rate in (known.sensitivity, known.specificity)]
    if known.youden - math.hypot(*margins) <= CLEARLY:
        return "the judge is not clearly better than guessing here: a correction would be worse than none"
    return ""


def _counted(rows: Sequence[InstanceScore]) -> tuple[int, int, int]:
    judged = [row for row in rows if row.outcome in JUDGED]
    return len(rows), len(judged), sum(row.outcome == "right" for row in judged)


def stratum(n: int, m: int, passed: int, known: Calibration) -> Stratum:
    """One category of `n` instances, of which the judge saw `m` and passed `passed`."""
    if m == 0:
        low, high = wilson_effective(0.0, n)
        return Stratum(n, 0.0, Interval(0.0, low, high), 0.0, 0.0, 0.0)
    share, p = m / n, passed / m
    theta = corrected_share(passed, m, known)
    # The share that was there to be judged is a sample's too: a product of two, by the squares of distances.
    low, high = wilson_effective(share, n) if m < n else (1.0, 1.0)
    value = share * theta.value
    below = math.hypot(share * (theta.value - theta.low), theta.value * (share - low))
    above = math.hypot(share * (theta.high - theta.value), theta.value * (high - share))
    q1, q0, youden = known.sensitivity.share, known.specificity.share, known.youden
    rates = (
        theta.value**2 * q1 * (1 - q1) / known.sensitivity.n
        + (1 - theta.value) ** 2 * q0 * (1 - q0) / known.specificity.n
    )
    return Stratum(
        n=n,
        raw=passed / n,
        interval=Interval(value, value - below, value + above),
        raw_variance=passed / n * (1 - passed / n) / n,
        change=passed / n - value,
        change_variance=share**2 * ((1 - 1 / youden) ** 2 * p * (1 - p) / m + rates / youden**2),
    )


def together(name: str, covered: list[str], strata: Sequence[Stratum], known: Calibration | None = None) -> Corrected:
    """The mean over the instances of one category, or of several with calibrations of their own."""
    total = sum(one.n for one in strata)
    weights = [one.n / total for one in strata]
    pairs = list(zip(weights, strata, strict=True))
    value = sum(w * one.interval.value for w, one in pairs)
    low = value - math.hypot(*(w * (one.interval.value - one.interval.low) for w, one in pairs))
    high = value + math.hypot(*(w * (one.interval.high - one.interval.value) for w, one in pairs))
    change = sum(w * one.change for w, one in pairs)
    bias = max(0.0, change**2 - sum(w * w * one.change_variance for w, one in pairs))
    noise = ((high - low) / 2 / NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)) ** 2
    worse = noise > bias + sum(w * w * one.raw_variance for w, one in pairs)
    return Corrected(
        name=name,
        n=total,
        raw=100 * sum(w * one.raw for w, one in pairs),
        score=100 * _clip(value),
        low=100 * _clip(low),
        high=100 * _clip(high),
        clipped=not 0 <= low <= high <= 1,
        sensitivity=None if known is None else 100 * known.sensitivity.share,
        specificity=None if known is None else 100 * known.specificity.share,
        covered=covered,
        remark="adds more noise than the bias that it removes: the raw score is likely nearer" if worse else "",
    )


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share))
