"""`realunify drift`: the same exam taken twice (two dates, two revisions): what changed, and is it more than chance.

Paired by question: `lost` are right in the first exam only, `gained` in the second only; McNemar's exact test,
corrected by Holm over the aspects. Whether the judge has become more lenient (better on truths of yes, worse on no)
would cancel out in one figure, so the two truths stand apart. Questions about one picture hang together, which the
test by question does not know; the row of whole pictures (every verdict true) does not suffer from that.

    >>> found = drift("exam-june", "exam-july")
    >>> [row.name for row in found.rows if row.clear]
    ['quantity']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataset_builder.errors import UsageError
from evaluator.judging.certificate import CERTIFICATE_FILE, Certificate, read_certificate
from evaluator.judging.exams import Answer, read_answers
from evaluator.scoring.statistics import holm, mcnemar, paired_difference

SIGNIFICANT = 0.05
_IDENTITY = ("judge", "revision", "prompt_version", "decoding", "made_of")


class Row(BaseModel):
    """A group of `n` questions (or pictures) that both exams have: shares right in per cent, and their difference."""

    model_config = ConfigDict(extra="forbid")

    name: str
    n: int
    first: float
    second: float
    points: float
    low: float
    high: float
    lost: int
    gained: int
    p: float
    p_holm: float | None = None

    @property
    def clear(self) -> bool:
        """Whether it is more than chance: the corrected p-value where there is one."""
        return (self.p if self.p_holm is None else self.p_holm) < SIGNIFICANT


class Changed(BaseModel):
    """A question that the two exams answer differently."""

    model_config = ConfigDict(extra="forbid")

    instance: str
    picture: str
    question: str
    truth: str
    first: str
    second: str


class Drift(BaseModel):
    """Who was compared, row by row: all questions, each truth, whole pictures, then the aspects."""

    model_config = ConfigDict(extra="forbid")

    first: str
    second: str
    common: int
    only_first: int
    only_second: int
    rows: list[Row]
    aspects: list[Row]
    changed: list[Changed]
    # What is not the same about the two judges themselves, as their certificates say.
    settings: list[str]

    @property
    def clear(self) -> bool:
        """Whether anything changed by more than chance."""
        return any(row.clear for row in [*self.rows, *self.aspects])


def drift(one: str | Path, other: str | Path) -> Drift:
    """Compare two exams, each a folder with its answers (or the answers' file).

    Raises UsageError where they have no question in common, or do not agree on what is true.
    """
    exams = [{line.key: line for line in read_answers(path) if line.answer != "error"} for path in (one, other)]
    first, second = exams
    keys = [key for key in first if key in second]
    if not keys:
        raise UsageError(f"{one} and {other} have no answered question in common; give two exams of one set")
    for key in keys:
        if first[key].truth != second[key].truth:
            raise UsageError(
                f"{one} and {other} are exams of two sets: they differ in what is true of {' / '.join(key)}; "
                "give two of one set"
            )
    pairs = [(first[key], second[key]) for key in keys]
    aspects: dict[str, list[tuple[Answer, Answer]]] = defaultdict(list)
    for pair in pairs:
        if pair[0].aspect is not None:
            aspects[pair[0].aspect].append(pair)
    return Drift(
        first=_name(one),
        second=_name(other),
        common=len(keys),
        only_first=len(first) - len(keys),
        only_second=len(second) - len(keys),
        rows=[row for row in _rows(pairs) if row is not None],
        aspects=_corrected([row for name, group in sorted(aspects.items()) if (row := _questions(name, group))]),
        changed=[
            Changed(
                instance=a.instance,
                picture=a.picture,
                question=a.question,
                truth=a.truth,
                first=a.answer,
                second=b.answer,
            )
            for a, b in pairs
            if a.answer != b.answer
        ],
        settings=_settings(one, other),
    )


def _rows(pairs: Sequence[tuple[Answer, Answer]]) -> list[Row | None]:
    pictures: dict[tuple[str, str], list[tuple[Answer, Answer]]] = defaultdict(list)
    for pair in pairs:
        pictures[pair[0].instance, pair[0].picture].append(pair)
    whole = [(all(a.right for a, _ in group), all(b.right for _, b in group)) for group in pictures.values()]
    return [
        _questions("all questions", pairs),
        _questions("truth yes", [pair for pair in pairs if pair[0].truth == "yes"]),
        _questions("truth no", [pair for pair in pairs if pair[0].truth == "no"]),
        _row("whole pictures", whole),
    ]


def _questions(name: str, pairs: Sequence[tuple[Answer, Answer]]) -> Row | None:
    return _row(name, [(a.right, b.right) for a, b in pairs])


def _row(name: str, pairs: Sequence[tuple[bool, bool]]) -> Row | None:
    if not pairs:
        return None
    both, lost = pairs.count((True, True)), pairs.count((True, False))
    gained, neither = pairs.count((False, True)), pairs.count((False, False))
    points, low, high = paired_difference(both, gained, lost, neither)
    n = len(pairs)
    return Row(
        name=name, n=n, first=100 * (both + lost) / n, second=100 * (both + gained) / n, points=100 * points,
        low=100 * low, high=100 * high, lost=lost, gained=gained, p=mcnemar(gained, lost),
    )  # fmt: skip


def _corrected(rows: list[Row]) -> list[Row]:
    values = holm([row.p for row in rows])
    return [row.model_copy(update={"p_holm": p}) for row, p in zip(rows, values, strict=True)]


def _certificate(exam: str | Path) -> Certificate | None:
    return read_certificate(exam) if (Path(exam) / CERTIFICATE_FILE).is_file() else None


def _name(exam: str | Path) -> str:
    """The judge by its certificate, where the exam has one; else the place."""
    found = _certificate(exam)
    if found is None:
        return str(exam)
    return f"{found.judge}@{found.revision}{f', {found.created}' if found.created else ''}"


def _settings(one: str | Path, other: str | Path) -> list[str]:
    first, second = _certificate(one), _certificate(other)
    if first is None or second is None:
        return []
    pairs = {name: (getattr(first, name), getattr(second, name)) for name in _IDENTITY}
    return [f"{name.replace('_', ' ')}: {a} -> {b}" for name, (a, b) in pairs.items() if a != b]
