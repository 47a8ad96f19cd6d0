"""A judge's exam: its answers about pictures whose truth is known, line by line, and the certificate that follows.

EXAM/answers.jsonl      a line per instance, picture and question: `Answer`
EXAM/certificate.json   `certificate(...)` of these lines

Each instance has a *right* picture, and wrong ones: a *near miss* (one slip) and the *shallow* one (of a model that did
not reason). What a judge should say about each is known by construction. The stored answer of a question, which
decides whether a picture is right, is the truth about the right picture.

    >>> found = certificate(read_answers("exam"), judge="local:X", revision="sha256:12", decoding={})
    >>> found.overall.pictures.right.share
    0.96
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.instance import Aspect, YesNo
from evaluator.judging.certificate import Bin, Certificate, Count, Pictures, Rates, Section, prompt_version
from evaluator.records import JudgeAnswer
from evaluator.runs.lines import read_lines
from evaluator.scoring.statistics import effective

ANSWERS_FILE = "answers.jsonl"
BINS = 10
Kind = Literal["right", "near_miss", "shallow"]


class Answer(BaseModel):
    """One line: what the judge said about one question of one picture, and what is true of that picture."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    instance: str
    picture: Kind
    question: str
    truth: YesNo
    answer: JudgeAnswer
    p_yes: float | None = Field(default=None, ge=0, le=1)
    aspect: Aspect | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.instance, self.picture, self.question

    @property
    def category(self) -> str:
        return self.instance.split("-")[1] if "-" in self.instance else self.instance

    @property
    def right(self) -> bool:
        return self.answer == self.truth


def read_answers(exam: str | Path) -> list[Answer]:
    """The answers of an exam's folder or file, one a question: a later real answer takes the place of an error.

    Raises UsageError where there is no such file, ProblemsError for two real answers to one question.
    """
    path = Path(exam)
    file = path / ANSWERS_FILE if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"no answers at {exam}; give the folder of an exam, with its {ANSWERS_FILE}")
    found: dict[tuple[str, str, str], Answer] = {}
    twice = []
    for line in read_lines(file, Answer):
        old = found.get(line.key)
        if old is not None and "error" not in (old.answer, line.answer):
            twice.append(" / ".join(line.key))
        elif old is None or old.answer == "error":
            found[line.key] = line
    if twice:
        raise ProblemsError(f"{file}: two answers to one question; delete all but one line of each:", twice)
    return list(found.values())


def certificate(
    answers: Sequence[Answer],
    *,
    judge: str,
    revision: str,
    decoding: Mapping[str, Any] | None = None,
    source: str = "exam",
    made_of: str = "",
    created: str = "",
) -> Certificate:
    """What the answers say of the judge. A judge's failures (`error`) count nowhere, an unparsed reply as not right.

    Raises UsageError where the judge answered nothing, ProblemsError where a picture's truth does not hold together.
    """
    given = [one for one in answers if one.answer != "error"]
    if not given:
        raise UsageError(f"{judge} answered none of {len(answers)} questions; run the exam again")
    _check(answers)
    failed = {(one.instance, one.picture) for one in answers if one.answer == "error"}
    by_category: dict[str, list[Answer]] = defaultdict(list)
    for one in given:
        by_category[one.category].append(one)
    known = [(one.p_yes, one.truth == "yes") for one in given if one.p_yes is not None]
    return Certificate(
        judge=judge,
        revision=revision,
        prompt_version=prompt_version(),
        decoding=dict(decoding or {}),
        source=source,
        made_of=made_of,
        created=created,
        categories={task: _section(lines, failed) for task, lines in sorted(by_category.items())},
        overall=_section(given, failed),
        reliability=reliability(known),
        brier=brier(known),
        unparsed=sum(one.answer == "unparsed" for one in given),
        errors=len(answers) - len(given),
    )


def _place(one: Answer) -> tuple[str, str]:
    return one.instance, one.question


def _check(answers: Sequence[Answer]) -> None:
    stored = {(one.instance, one.question): one.truth for one in answers if one.picture == "right"}
    problems = [f"{one.instance}: no right picture for: {one.question}" for one in answers if _place(one) not in stored]
    if not problems:
        slips = {(one.instance, one.picture) for one in answers if one.truth != stored[_place(one)]}
        wrong = dict.fromkeys((one.instance, one.picture) for one in answers if one.picture != "right")
        problems = [f"{place[0]}: its {place[1]} picture is right in all questions" for place in wrong.keys() - slips]
    if problems:
        raise ProblemsError("the exam does not hold together; make it again:", sorted(set(problems)))


def _section(given: Sequence[Answer], failed: set[tuple[str, Kind]]) -> Section:
    aspects: dict[str, list[Answer]] = defaultdict(list)
    for one in given:
        if one.aspect is not None:
            aspects[one.aspect].append(one)
    stored = {(one.instance, one.question): one.truth for one in given if one.picture == "right"}
    whole: dict[tuple[str, Kind], list[Answer]] = defaultdict(list)
    for one in given:
        if (one.instance, one.picture) not in failed and (one.instance, "right") not in failed:
            whole[one.instance, one.picture].append(one)
    passed = {place: all(one.answer == stored[_place(one)] for one in lines) for place, lines in whole.items()}
    every = {place: all(one.right for one in lines) for place, lines in whole.items()}
    wrong = {place: not passed[place] for place in whole if place[1] != "right"}
    instances: dict[str, bool] = {}
    for (instance, _), true in every.items():
        instances[instance] = instances.get(instance, True) and true
    return Section(
        questions=_rates(given),
        aspects={name: _rates(lines) for name, lines in sorted(aspects.items())},
        pictures=Pictures(
            right=_count((place[0], passed[place]) for place in whole if place[1] == "right"),
            wrong=_count((place[0], caught) for place, caught in wrong.items()),
            kinds={
                kind: _count((place[0], caught) for place, caught in wrong.items() if place[1] == kind)
                for kind in dict.fromkeys(place[1] for place in wrong)
            },
            every=_count((place[0], true) for place, true in every.items()),
        ),
        instances=_count((name, true) for name, true in instances.items()),
    )


def _rates(lines: Iterable[Answer]) -> Rates:
    lines = list(lines)
    return Rates(
        yes=_count((one.instance, one.right) for one in lines if one.truth == "yes"),
        no=_count((one.instance, one.right) for one in lines if one.truth == "no"),
    )


def _count(verdicts: Iterable[tuple[str, bool]]) -> Count:
    """Of (instance, right) pairs: those of one instance hang together."""
    clusters: dict[str, list[bool]] = defaultdict(list)
    for instance, right in verdicts:
        clusters[instance].append(right)
    pairs = [(sum(group), len(group)) for group in clusters.values()]
    n = sum(size for _, size in pairs)
    worth = effective(pairs) if pairs else 0.0
    return Count(n=n, right=sum(right for right, _ in pairs), effective=None if n == worth else worth)


def reliability(known: Sequence[tuple[float, bool]]) -> list[Bin]:
    """(p_yes, whether yes is true) in ten bins of equal width, the empty ones left out."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for p, truth in known:
        bins[min(BINS - 1, int(p * BINS))].append((p, truth))
    return [
        Bin(
            low=index / BINS,
            high=(index + 1) / BINS,
            n=len(members),
            mean=sum(p for p, _ in members) / len(members),
            yes=sum(truth for _, truth in members),
        )
        for index, members in sorted(bins.items())
    ]


def brier(known: Sequence[tuple[float, bool]]) -> float | None:
    """The mean squared error of p_yes (G. W. Brier 1950, Mon. Weather Rev. 78, 1-3); None without one."""
    return sum((p - truth) ** 2 for p, truth in known) / len(known) if known else None
