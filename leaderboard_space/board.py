"""What the pages look at: the store, the dataset, the season on show, and the worker where the app has one.

>>> board = Board(Store(Path("data")), open_dataset("realunify"))
>>> [row.text for row in ranked(board.entries(board.season()), "direct")]
"""

from __future__ import annotations

import functools
import logging
import threading
from dataclasses import dataclass

from dataset_builder.errors import RealUnifyError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from evaluator.judging.judges.registry import load_judge
from evaluator.records import Prediction
from evaluator.runs.folder import RunFolder
from leaderboard_space.ranking.ranks import Entry, ranked
from leaderboard_space.rescoring.worker import Worker, without_places
from leaderboard_space.store import seasons
from leaderboard_space.store.records import Event, Progress, Record, Result, Season
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk, Limits

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """Where a submission stands, for people and for `realunify submit`."""

    record: Record
    event: Event
    progress: Progress
    ahead: int = 0
    placed: str = ""
    retryable: bool = False


class Board:
    """One leaderboard: a data folder and a dataset, with a judge or without."""

    def __init__(self, store: Store, dataset: Dataset, judge: str | None = None, limits: Limits | None = None) -> None:
        self.store = store
        self.dataset = dataset
        self.judge = judge
        self.limits = limits or Limits()
        self.desk = Desk(store, dataset, self.limits)
        self.worker: Worker | None = None
        self._judge_problem = ""
        self._stop = threading.Event()
        self._instances: dict[str, Instance] | None = None
        self._predictions = functools.lru_cache(maxsize=8)(self._read_predictions)

    @property
    def reveals(self) -> bool:
        """Whether answers may be shown: never those of a dataset that withholds them."""
        return not self.dataset.info.withheld

    @property
    def judge_problem(self) -> str:
        """Why nothing is rescored here at present; empty while all is well."""
        return self._judge_problem or (self.worker.problem if self.worker else "")

    def start_worker(self) -> None:
        """Rescore in a thread of this process. The judge loads there too, so that the page is up at once."""
        if self.judge is not None:
            threading.Thread(target=self._work, daemon=True, name="rescoring").start()

    def close(self) -> None:
        self._stop.set()
        if self.worker is not None:
            self.worker.stop.set()

    def _work(self) -> None:
        try:
            judge = load_judge(str(self.judge))
            self.worker = Worker(self.store, self.dataset, judge)
        except RealUnifyError as error:
            self._judge_problem = without_places(str(error), self.store.root, self.dataset.path)
            _LOG.error("no rescoring: %s", error)
            return
        except Exception as error:
            self._judge_problem = f"the judge could not be loaded: {type(error).__name__}; the server's log has more"
            _LOG.exception("no rescoring")
            return
        if self._stop.is_set():
            return
        try:
            self.worker.loop()
        finally:
            judge.close()

    def seasons(self) -> list[Season]:
        """The season of this app's own judge first, then every other that has scores."""
        found = seasons.seasons(self.store)
        if self.worker is not None:
            found = [self.worker.season, *(season for season in found if season != self.worker.season)]
        return sorted(found, key=lambda season: season.content_sha256 != self.dataset.content_sha256)

    def season(self, key: str | None = None) -> Season | None:
        """The season of a key, or the one to show first; None while nothing was judged."""
        every = self.seasons()
        return next((season for season in every if season.key == key), every[0] if every else None)

    def entries(self, season: Season | None) -> list[Entry]:
        """The scored submissions of a season."""
        found = []
        for record in self.store.records():
            result = None if season is None else self.store.result(record.id, season)
            if result is not None:
                found.append(_entry(record, result))
        return found

    def status(self, submission: str) -> Status | None:
        """Where a submission stands; None for an unknown id."""
        record = self.store.record(submission)
        if record is None:
            return None
        event = self.store.latest(submission)
        ahead = sum(
            self.store.latest(other.id).state == "queued" for other in self.store.records() if other.id < submission
        )
        return Status(
            record=record,
            event=event,
            progress=self.store.progress(submission),
            ahead=ahead if event.state == "queued" else 0,
            placed=self.placed(submission) if event.state == "scored" else "",
            retryable=event.state == "failed",
        )

    def placed(self, submission: str) -> str:
        """`rank 2 of 5 by direct Total, 41.0`, in the season where the submission was scored last."""
        results = self.store.results(submission)
        if not results:
            return ""
        season = max(results, key=lambda result: result.scored).season
        rows = ranked(self.entries(season), "direct")
        row = next(row for row in rows if row.entry.id == submission)
        if row.rank is None:
            return "listed without a rank: there is no Total for the direct protocol"
        total = row.entry.score("direct")
        return f"rank {row.text} of {sum(r.rank is not None for r in rows)} by direct Total, {total:.1f} %"

    def instances(self) -> dict[str, Instance]:
        """Every instance by id, without pictures."""
        if self._instances is None:
            self._instances = {instance.id: instance for instance in self.dataset.instances()}
        return self._instances

    def instance(self, name: str) -> Instance:
        """One instance with its pictures; only the files of its category are read."""
        files = {
            file: digest
            for file, digest in self.dataset.info.files.items()
            if f"/{self.instances()[name].task_type}/" in file
        }
        info = self.dataset.info.model_copy(update={"files": files})
        return next(Dataset(self.dataset.path, info).instances(images=True, only={name}))

    def run(self, submission: str) -> RunFolder | None:
        """A submission's unpacked run; None before it is unpacked."""
        folder = self.store.folder(submission) / "run"
        try:
            return RunFolder.open(folder) if (folder / "manifest.json").is_file() else None
        except RealUnifyError as error:
            _LOG.error("%s cannot be shown: %s", submission, error)
            return None

    def predictions(self, submission: str) -> dict[tuple[str, str], Prediction]:
        return self._predictions(submission)

    def _read_predictions(self, submission: str) -> dict[tuple[str, str], Prediction]:
        run = self.run(submission)
        try:
            return run.latest() if run else {}
        except RealUnifyError as error:
            _LOG.error("%s cannot be shown: %s", submission, error)
            return {}


def _entry(record: Record, result: Result) -> Entry:
    return Entry(
        id=record.id,
        model=record.card.model,
        organisation=record.card.organisation,
        received=record.received,
        random_weights=record.submission.random_weights or result.scores.random_weights,
        scores=result.scores,
    )
