"""How far judges agree with each other: raw agreement, Cohen's kappa by pairs, Krippendorff's alpha over all.

Works on a run that several judges have judged, and on the members of a panel. All three treat yes, no and
unparsed as three categories; a judge's error is a missing answer, and a question counts where two have
answered. Intervals are bootstrapped over images, because the questions about one image hang together. Where
all images are alike that tells nothing: raw agreement then has Wilson's interval with an image as the unit
(the cautious one), the others have none.

    >>> table = agreement("runs/janus")
    >>> table.overall.alpha
    0.81

Sources: J. Cohen (1960), Educ. Psychol. Meas. 20, 37-46; K. Krippendorff (2011), Computing Krippendorff's
Alpha-Reliability (nominal data, missing values allowed).
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.session import member_judgements
from evaluator.records import Judgement
from evaluator.runs.folder import RunFolder, open_dataset
from evaluator.scoring.statistics import wilson_effective

RESAMPLES = 500
Answers = tuple[str | None, ...]  # one a judge; None: no answer


class Figure(BaseModel):
    """A coefficient with its interval, over `n` questions; None where it is not defined (no variation, no pairs)."""

    model_config = ConfigDict(extra="forbid")

    n: int
    value: float | None
    low: float | None = None
    high: float | None = None


class Group(BaseModel):
    """The coefficients over the questions that two or more judges answered. `raw` and `kappa` are by pairs."""

    model_config = ConfigDict(extra="forbid")

    questions: int
    alpha: Figure
    raw: dict[str, Figure]
    kappa: dict[str, Figure]


class Divided(BaseModel):
    """A question on which the judges do not say the same."""

    model_config = ConfigDict(extra="forbid")

    id: str
    protocol: str
    question: str
    image: str
    answers: dict[str, str | None]


class Agreement(BaseModel):
    """The whole table."""

    model_config = ConfigDict(extra="forbid")

    judges: list[str]
    overall: Group
    categories: dict[str, Group]
    divided: list[Divided]


def agreement(run: str | Path | RunFolder, *, dataset: str | Path | Dataset | None = None, seed: int = 0) -> Agreement:
    """Compare all judges of a run, members of panels included (a panel itself is none of them).

    Raises UsageError when fewer than two judges have answered.
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    task = {instance.id: instance.task_type for instance in open_dataset(folder, dataset).instances()}
    table: dict[tuple[str, str, str, str], dict[str, str | None]] = defaultdict(dict)
    for line in itertools.chain(folder.judgements(), member_judgements(folder)):
        if line.members is None:
            answers = table[line.id, line.protocol, line.question, line.image_sha256]
            if answers.get(_name(line)) is None:
                answers[_name(line)] = None if line.answer == "error" else line.answer
    judges = sorted({judge for answers in table.values() for judge in answers})
    if len(judges) < 2:
        raise UsageError(
            f"{folder.path} has replies of {len(judges)} judge(s), agreement needs two: "
            "run realunify judge with another --judge, or with a panel:A+B"
        )
    units = {key: tuple(answers.get(judge) for judge in judges) for key, answers in table.items()}
    by_category: dict[str, dict[str, list[Answers]]] = defaultdict(lambda: defaultdict(list))
    for (identifier, protocol, _, _), row in units.items():
        by_category[task.get(identifier, "unknown")][f"{identifier}/{protocol}"].append(row)
    everything = {name: rows for images in by_category.values() for name, rows in images.items()}
    return Agreement(
        judges=judges,
        overall=_group(everything, judges, seed),
        categories={name: _group(images, judges, seed) for name, images in sorted(by_category.items())},
        divided=[
            Divided(
                id=key[0], protocol=key[1], question=key[2], image=key[3], answers=dict(zip(judges, row, strict=True))
            )
            for key, row in sorted(units.items())
            if len({answer for answer in row if answer is not None}) > 1
        ],
    )


def _name(line: Judgement) -> str:
    return f"{line.judge}@{line.judge_revision[:19]}"


def _group(images: dict[str, list[Answers]], judges: list[str], seed: int) -> Group:
    pairs = list(itertools.combinations(range(len(judges)), 2))
    names = [f"{judges[one]} | {judges[other]}" for one, other in pairs]
    by_pair = {
        name: _comparable([[(row[one], row[other]) for row in rows] for rows in images.values()])
        for name, (one, other) in zip(names, pairs, strict=True)
    }
    clusters = _comparable(images.values())
    return Group(
        questions=sum(map(len, clusters)),
        alpha=_figure(krippendorff_alpha, clusters, seed),
        raw={name: _share(_figure(raw_agreement, rows, seed), len(rows)) for name, rows in by_pair.items()},
        kappa={name: _figure(cohen_kappa, rows, seed) for name, rows in by_pair.items()},
    )


def _comparable(images: Iterable[Sequence[Answers]]) -> list[list[Answers]]:
    """Of each image the questions with two answers or more; images without one are left out."""
    kept = ([row for row in rows if sum(answer is not None for answer in row) > 1] for rows in images)
    return [rows for rows in kept if rows]


def _figure(measure: Callable[[Sequence[Answers]], float | None], clusters: list[list[Answers]], seed: int) -> Figure:
    """The measure and its percentile interval, whole images drawn with replacement; none of width 0."""
    import random

    rng = random.Random(seed)
    found = Figure(n=sum(map(len, clusters)), value=measure([row for rows in clusters for row in rows]))
    drawn = []
    if found.value is not None and len(clusters) > 1:
        for _ in range(RESAMPLES):
            value = measure([row for rows in rng.choices(clusters, k=len(clusters)) for row in rows])
            if value is not None:
                drawn.append(value)
    drawn.sort()
    if len(drawn) >= RESAMPLES // 2:
        low, high = drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn)) - 1]
        if low < high:
            found.low, found.high = low, high
    return found


def _share(found: Figure, images: int) -> Figure:
    """A share with an interval in any case."""
    if found.value is not None and found.low is None:
        found.low, found.high = wilson_effective(found.value, images)
    return found


def raw_agreement(rows: Sequence[Answers]) -> float | None:
    """The share of questions on which two judges say the same, of those that both answered."""
    both = [row for row in rows if None not in row]
    return sum(one == other for one, other in both) / len(both) if both else None


def cohen_kappa(rows: Sequence[Answers]) -> float | None:
    """Agreement of two judges beyond chance; None where chance alone explains everything."""
    both = [row for row in rows if None not in row]
    if not both:
        return None
    first, second = Counter(row[0] for row in both), Counter(row[1] for row in both)
    chance = sum(first[answer] * second[answer] for answer in first) / len(both) ** 2
    observed = sum(one == other for one, other in both) / len(both)
    return (observed - chance) / (1 - chance) if chance < 1 else None


def krippendorff_alpha(rows: Sequence[Answers]) -> float | None:
    """Agreement of any number of judges beyond chance, questions with one answer left out; nominal data."""
    observed, totals, n = 0.0, Counter[str](), 0
    for pattern, times in Counter(rows).items():
        counts = Counter(answer for answer in pattern if answer is not None)
        m = counts.total()
        if m < 2:
            continue
        observed += times * (m * m - sum(count * count for count in counts.values())) / (m - 1)
        n += times * m
        for answer, count in counts.items():
            totals[answer] += times * count
    expected = (n * n - sum(count * count for count in totals.values())) / (n - 1) if n > 1 else 0.0
    return 1 - observed / expected if expected else None
