"""Does the corrected score keep its promise? Coverage of its 95 % interval, and a planted error rate found again.

    python benchmarks/correction.py                  # a minute on one core
    python benchmarks/correction.py --repeats 400    # what the tests run

A row is a sample size and a judge (sensitivity q1, specificity q0, over whole pictures); a column is the true score.
Shown is how many of the intervals contain it. Below it the raw score's: a judge's errors leave it with none.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dataset_builder.instance import YesNo
from evaluator.judging.certificate import Certificate
from evaluator.judging.exams import Answer, Kind, certificate
from evaluator.scoring.correcting import Calibration, Rate, stratum, together
from evaluator.scoring.statistics import stratified

TRUTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
JUDGES = ((0.98, 0.95), (0.95, 0.9), (0.9, 0.9), (0.9, 0.75), (0.8, 0.8))
# How much the categories of a run differ, around the mean.
SPREAD = (-0.08, -0.05, -0.02, 0.02, 0.05, 0.08)


@dataclass(frozen=True)
class Size:
    """A run of `strata` categories of `instances` each; `right` and `wrong` known pictures for each category."""

    title: str
    strata: int
    instances: int
    right: int
    wrong: int


SIZES = (
    Size("100 instances, 250 x 3 known pictures", 1, 100, 250, 500),
    Size("100 instances, 83 x 3 known pictures", 1, 100, 83, 166),
    Size("600 instances, 250 x 3 known pictures", 1, 600, 250, 500),
    Size("600 in six categories, 42 x 3 known pictures each", 6, 100, 42, 84),
)


@dataclass(frozen=True)
class Coverage:
    """Shares of intervals that contain the truth, and the mean width of the corrected ones, in points."""

    corrected: float
    raw: float
    width: float


def coverage(size: Size, judge: tuple[float, float], truth: float, repeats: int, seed: int = 0) -> Coverage:
    """`repeats` exams and runs of one judge."""
    rng = np.random.default_rng(seed)
    q1, q0 = judge
    truths = [truth + spread for spread in SPREAD] if size.strata > 1 else [truth]
    shape = (repeats, size.strata)
    passed = rng.binomial(size.instances, [t * q1 + (1 - t) * (1 - q0) for t in truths], shape).tolist()
    right = rng.binomial(size.right, q1, shape).tolist()
    caught = rng.binomial(size.wrong, q0, shape).tolist()
    hits = raw_hits = 0
    width = 0.0
    for k in range(repeats):
        known = [Calibration(Rate(right[k][c], size.right), Rate(caught[k][c], size.wrong)) for c in range(size.strata)]
        strata = [stratum(size.instances, size.instances, passed[k][c], known[c]) for c in range(size.strata)]
        found = together("x", [], strata)
        low, high = stratified([(passed[k][c], size.instances) for c in range(size.strata)])
        hits += (found.low or 0) <= 100 * truth <= (found.high or 0)
        raw_hits += low <= truth <= high
        width += (found.high or 0) - (found.low or 0)
    return Coverage(hits / repeats, raw_hits / repeats, width / repeats)


def erring_exam(rng: random.Random, errors: float, instances: int) -> Iterator[Answer]:
    """An exam of three questions a picture, answered by a judge that errs on purpose, each question by itself."""
    stored: tuple[YesNo, ...] = ("yes", "yes", "no")
    other: dict[YesNo, YesNo] = {"yes": "no", "no": "yes"}
    kinds: tuple[Kind, ...] = ("right", "near_miss", "shallow")
    for number in range(instances):
        slip = rng.randrange(3)
        for kind in kinds:
            for k, answer in enumerate(stored):
                wrong = kind == "shallow" or (kind == "near_miss" and k == slip)
                truth = other[answer] if wrong else answer
                said = other[truth] if rng.random() < errors else truth
                yield Answer.model_construct(
                    instance=f"ueg-code_to_image-{number:04d}", picture=kind, question=f"question {k}?",
                    truth=truth, answer=said, aspect="quantity" if k < 2 else "foil", p_yes=None,
                )  # fmt: skip


def planted(errors: float, repeats: int, instances: int = 250, seed: int = 0) -> dict[str, float]:
    """How often the certificate's intervals contain the planted rates of a judge that errs on each question."""
    rng = random.Random(seed)
    right = 1 - errors
    expected = {
        "sensitivity": right,
        "specificity": right,
        "right pictures passed": right**3,
        # A near miss passes when just the slip is misread, a shallow picture when all three are.
        "wrong pictures caught": 1 - (errors * right**2 + errors**3) / 2,
    }
    hits = dict.fromkeys(expected, 0)
    for _ in range(repeats):
        found = certificate(list(erring_exam(rng, errors, instances)), judge="errs", revision="1")
        for name, interval in _intervals(found).items():
            hits[name] += interval[0] <= expected[name] <= interval[1]
    return {name: count / repeats for name, count in hits.items()}


def _intervals(found: Certificate) -> dict[str, tuple[float, float]]:
    part = found.categories["code_to_image"]
    counts = (part.questions.yes, part.questions.no, part.pictures.right, part.pictures.wrong)
    names = ("sensitivity", "specificity", "right pictures passed", "wrong pictures caught")
    return {name: count.interval or (0.0, 1.0) for name, count in zip(names, counts, strict=True)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeats", type=int, default=3000)
    repeats = options.parse_args().repeats
    print(f"Coverage of the corrected score's 95 % interval, {repeats} repeats (in brackets that of the raw score's)")
    for size in SIZES:
        print(
            f"\n{size.title}\n{'q1':>5}{'q0':>6}  "
            + "".join(f"{f'score {100 * t:.0f}':>14}" for t in TRUTHS)
            + "     width"
        )
        for judge in JUDGES:
            cells = [coverage(size, judge, truth, repeats, seed) for seed, truth in enumerate(TRUTHS)]
            line = "".join(f"{f'{100 * one.corrected:.1f} ({100 * one.raw:.0f})':>14}" for one in cells)
            widths = [one.width for one in cells]
            print(f"{judge[0]:>5.2f}{judge[1]:>6.2f}  {line}   {min(widths):.0f} to {max(widths):.0f}")
    print("\nA judge that errs on 10 % of the questions, exams of 250 x 3 pictures: intervals with the planted rate")
    for name, share in planted(0.1, max(100, repeats // 10)).items():
        print(f"  {name:24s}{100 * share:.1f} %")


if __name__ == "__main__":
    main()
