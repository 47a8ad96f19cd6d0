"""What the store keeps: immutable records, events, scores; and the season that scores belong to."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dataset_builder.folder import Dataset
from evaluator.bundles.pack import Card, Submission
from evaluator.judging.judges.base import Judge
from evaluator.scoring.scores import Scores

State = Literal["queued", "unpacking", "judging", "scoring", "scored", "failed"]


FINAL: tuple[State, ...] = ("scored", "failed")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Season(BaseModel):
    """What must be equal for two scores to be comparable: the dataset's content, the judge, its revision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    content_sha256: str
    judge: str
    judge_revision: str

    @classmethod
    def of(cls, dataset: Dataset, judge: Judge) -> Season:
        return cls(
            dataset=dataset.id,
            content_sha256=dataset.content_sha256,
            judge=judge.id,
            judge_revision=judge.revision,
        )

    @property
    def key(self) -> str:
        """A short name for files and addresses."""
        parts = (self.content_sha256, self.judge, self.judge_revision)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    @property
    def title(self) -> str:
        return f"{self.dataset} ({self.content_sha256[:12]}), judged by {self.judge} @ {self.judge_revision}"


class Record(_Frozen):
    """A submission as it was accepted. `card` is what is shown; its `contact` never is."""

    schema_version: Literal[1] = 1
    id: str
    received: str
    card: Card
    submission: Submission
    predictions: int
    notes: list[str] = Field(default_factory=list)
    bundle_sha256: str
    bundle_bytes: int
    submitted_by: str | None = None


class Event(_Frozen):
    """One change of state; `detail` is for people."""

    state: State
    at: str
    detail: str = ""
    worker: str = ""


class Progress(_Frozen):
    """How far the judging is. Replaced in place, for it is no event: losing it loses nothing."""

    done: int = 0
    total: int = 0


class Result(_Frozen):
    """The server's scores of one submission in one season."""

    season: Season
    scored: str
    scores: Scores


def new_id(at: datetime.datetime | None = None) -> str:
    """Sortable by time, and not to be guessed: `20261123-201530-9f2c1ab34d5e6f70`."""
    moment = at or datetime.datetime.now(datetime.UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(8)}"
