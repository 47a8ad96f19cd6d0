"""A judge's certificate: how often it is right about pictures whose truth is known.

Written as one JSON file by whoever knows the truth: an exam on drawn pictures (`exams`), or people's labels. It names
the judge as exactly as a season does (id, revision, prompt version, decoding), so that no score is corrected by
another judge's rates.

    >>> known = read_certificate("exam/certificate.json")
    >>> known.categories["code_to_image"].questions.yes.share     # sensitivity
    0.97
    >>> correct(scores, known.calibrations(scores.judge, scores.judge_revision))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dataset_builder import prompts
from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.files import write_atomic
from evaluator.scoring.correcting import Calibration, Rate
from evaluator.scoring.statistics import wilson_effective

CERTIFICATE_FILE = "certificate.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Count(_Record):
    """`right` of `n`. `effective`: how many independent ones they are worth, where several belong to one instance."""

    n: int = Field(ge=0)
    right: int = Field(ge=0)
    effective: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Count:
        if self.right > self.n or (self.effective or 0) > self.n + 1e-6:
            raise ValueError(f"right ({self.right}) and effective ({self.effective}) may not exceed n ({self.n})")
        return self

    @property
    def share(self) -> float | None:
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % (Wilson, at the effective number)."""
        return wilson_effective(self.right / self.n, self.effective or self.n) if self.n else None

    def rate(self) -> Rate:
        """For `correcting`: the same share, of the effective number."""
        n = self.effective or float(self.n)
        return Rate(n * (self.share or 0.0), n)


class Rates(_Record):
    """Answers to questions whose truth is yes (of those right: the sensitivity) and no (the specificity)."""

    yes: Count
    no: Count


class Pictures(_Record):
    """Whole pictures: of `right` ones, every verdict as stored; of `wrong` ones, some verdict not as stored.

    `kinds` tells the wrong ones apart (near_miss, shallow); `every` are pictures with every single verdict true.
    """

    right: Count
    wrong: Count
    kinds: dict[str, Count] = Field(default_factory=dict)
    every: Count


class Section(_Record):
    """What is known in one category, or in all together."""

    questions: Rates
    aspects: dict[str, Rates] = Field(default_factory=dict)
    pictures: Pictures
    # Instances all of whose pictures have every verdict true.
    instances: Count

    def calibration(self) -> Calibration | None:
        """For `correcting`; None where there are no right pictures, or no wrong ones."""
        if not self.pictures.right.n or not self.pictures.wrong.n:
            return None
        return Calibration(self.pictures.right.rate(), self.pictures.wrong.rate())


class Bin(_Record):
    """A bin of the reliability curve: answers with a p_yes in [low, high), its mean, and of how many yes is true."""

    low: float
    high: float
    n: int
    mean: float
    yes: int


class Certificate(_Record):
    """Who was tested, by what (`source`: exam, people; `made_of`: which set), and what came out."""

    schema_version: int = 1
    judge: str
    revision: str
    prompt_version: str
    decoding: dict[str, Any] = Field(default_factory=dict)
    source: str
    made_of: str = ""
    created: str = ""
    categories: dict[str, Section]
    overall: Section
    reliability: list[Bin] = Field(default_factory=list)
    brier: float | None = None
    unparsed: int = 0
    errors: int = 0

    def calibrations(
        self, judge: str | None, revision: str | None, decoding: Mapping[str, Any] | None = None
    ) -> dict[str, Calibration]:
        """By category, for a run that this very judge judged; refused (UsageError) for another's."""
        mine = f"{self.judge}@{self.revision}"
        if (judge, revision) != (self.judge, self.revision):
            theirs = f"was judged by {judge}@{revision}" if judge else "has not been judged"
            raise UsageError(f"the certificate is that of {mine}, and the run {theirs}; give that judge's certificate")
        if self.prompt_version != prompt_version():
            raise UsageError(
                f"the certificate of {mine} was made with another poll (prompt version {self.prompt_version}, here "
                f"{prompt_version()}); make it again"
            )
        if decoding and self.decoding and dict(decoding) != self.decoding:
            raise UsageError(
                f"the certificate of {mine} was made with decoding {json.dumps(self.decoding)}, the run was judged "
                f"with {json.dumps(dict(decoding))}; make it again"
            )
        found = {task: section.calibration() for task, section in self.categories.items()}
        return {task: known for task, known in found.items() if known is not None}


def prompt_version() -> str:
    """The poll that judges are asked with, by the sha256 of its template."""
    return hashlib.sha256(prompts.JUDGE_POLL.encode()).hexdigest()[:12]


def read_certificate(path: str | Path) -> Certificate:
    """A certificate file, or that of an exam's folder. Raises UsageError for none, RealUnifyError for a bad one."""
    path = Path(path)
    file = path / CERTIFICATE_FILE if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"no certificate at {path}; give a {CERTIFICATE_FILE}, or the folder of an exam")
    try:
        return Certificate.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise RealUnifyError(f"{file}: {where + ': ' if where else ''}{first['msg']}; make it again") from None


def write_certificate(path: Path, certificate: Certificate) -> None:
    write_atomic(path, certificate.model_dump_json(indent=1) + "\n")
