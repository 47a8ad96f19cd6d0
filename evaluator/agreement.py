"""How far judges agree with each other: raw agreement, Cohen's kappa by pairs, Krippendorff's alpha over all.

Works on a run that several judges have judged, and on the members of a panel. All three treat yes, no and
unparsed as three categories; a judge's error is a missing answer. Intervals are bootstrapped over images,
because the questions about one image hang together.

    >>> table = agreement("runs/janus")
    >>> table.overall.alpha
    0.81

Sources: J. Cohen (1960), Educ. Psychol. Meas. 20, 37-46; K. Krippendorff (2011), Computing Krippendorff's
Alpha-Reliability (nominal data, missing values allowed).
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judging import member_judgements, open_dataset
from evaluator.records import Judgement
from evaluator.runs import RunFolder

RESAMPLES = 500
Answers = tuple[str | None, ...]  # one a judge; None: no answer


class Figure(BaseModel):
    """A coefficient with its bootstrap interval; None where it is not defined (no variation, no pairs)."""

    model_config = ConfigDict(extra="forbid")

    value: float | None
    low: float | None = None
    high: float | None = None


class Group(BaseModel):
    """The coefficients over some of the questions. `raw` and `kappa` are by pairs of judges."""

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
    clusters = list(images.values())
    pairs = list(itertools.combinations(range(len(judges)), 2))
    names = [f"{judges[one]} | {judges[other]}" for one, other in pairs]

    def pair_figure(measure: Callable[[Sequence[Answers]], float | None], one: int, other: int) -> Figure:
        return _figure(lambda rows: measure([(row[one], row[other]) for row in rows]), clusters, seed)

    return Group(
        questions=sum(len(rows) for rows in clusters),
        alpha=_figure(krippendorff_alpha, clusters, seed),
        raw={name: pair_figure(raw_agreement, *pair) for name, pair in zip(names, pairs, strict=True)},
        kappa={name: pair_figure(cohen_kappa, *pair) for name, pair in zip(names, pairs, strict=True)},
    )


def _figure(measure: Callable[[Sequence[Answers]], float | None], clusters: list[list[Answers]], seed: int) -> Figure:
    """The measure and its percentile interval, whole images drawn with replacement."""
    import random

    rng = random.Random(seed)
    value = measure([row for rows in clusters for row in rows])
    drawn = []
    if value is not None and len(clusters) > 1:
        for _ in range(RESAMPLES):
            found = measure([row for rows in rng.choices(clusters, k=len(clusters)) for row in rows])
            if found is not None:
                drawn.append(found)
    if len(drawn) < RESAMPLES // 2:
        return Figure(value=value)
    drawn.sort()
    return Figure(value=value, low=drawn[int(0.025 * len(drawn))], high=drawn[int(0.975 * len(drawn)) - 1])


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
