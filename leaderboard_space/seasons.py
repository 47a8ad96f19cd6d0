"""A season: one dataset and one judge. Only scores of the same season are ranked against each other.

>>> Season(dataset="realunify-open-seed0", content_sha256="ab...", judge="fixed:yes", judge_revision="1").key
'3f1c0d2b9a64'
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from dataset_builder.folder import Dataset
from evaluator.judges.base import Judge

if TYPE_CHECKING:
    from leaderboard_space.store import Store


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


def seasons(store: Store) -> list[Season]:
    """Every season that has a scored submission, the most recently scored first."""
    last: dict[Season, str] = {}
    for record in store.records():
        for result in store.results(record.id):
            last[result.season] = max(result.scored, last.get(result.season, ""))
    return sorted(last, key=lambda season: last[season], reverse=True)


def waiting(store: Store, season: Season) -> list[str]:
    """The submissions that a worker of this season has to do, oldest first.

    A failed one waits for a person to ask for it again. One that was scored in another season of the same
    dataset is scored in this one too, so that a new judge of record brings the whole table along.
    """
    found = []
    for record in store.records():
        if record.submission.dataset_sha256 != season.content_sha256:
            continue
        state = store.latest(record.id).state
        if state == "failed" or (state == "scored" and store.result(record.id, season) is not None):
            continue
        found.append(record.id)
    return found
