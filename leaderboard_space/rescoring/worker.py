"""Rescoring: every submission is unpacked, judged and scored here, with the evaluator's own code.

Nothing of a score comes from the upload. Judging goes on where it stopped, so a worker may be killed at
any moment; a lease keeps two workers off the same submission.

    >>> work(Path("data"), "realunify", "local:Qwen/Qwen2.5-VL-7B-Instruct", once=True)
"""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from evaluator.bundles import pack
from evaluator.judging import judge as judging
from evaluator.judging.judges.base import Judge
from evaluator.judging.judges.registry import load_judge
from evaluator.runs.folder import RunFolder
from evaluator.runs.manifest import now
from evaluator.scoring import score
from leaderboard_space.rescoring.lease import Lease, LeaseLost
from leaderboard_space.store import seasons
from leaderboard_space.store.records import Progress, Result, Season
from leaderboard_space.store.store import Store

POLL_SECONDS = 2.0
_PLACE = re.compile(r"(?<![\w:/.])/(?:[^\s/:'\"]+/)+")
_LOG = logging.getLogger(__name__)


class Stopped(RealUnifyError):
    """The worker was asked to stop in mid-work; what is judged stays."""


class Worker:
    """Does the waiting submissions of one season, one after the other."""

    def __init__(self, store: Store, dataset: Dataset, judge: Judge, tell: Callable[[str], None] | None = None) -> None:
        if not dataset.has_answers:
            raise UsageError(
                f"{dataset.path} has its answers withheld, so nothing can be scored on it; "
                "set REALUNIFY_ANSWERS to the folder that was built beside it"
            )
        self.store = store
        self.dataset = dataset
        self.judge = judge
        self.season = Season.of(dataset, judge)
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self.stop = threading.Event()
        # Why nothing goes on at present, in words for the page; empty while all is well.
        self.problem = ""
        self._tell = tell or (lambda line: _LOG.info("%s", line))

    def run_once(self) -> str | None:
        """Do the next waiting submission that nobody else is doing; its id, or None when there is none.

        One that cannot even be begun or ended (its folder is damaged, the disk is full) stops no other: it is
        logged, told as `problem`, and tried again the next time.
        """
        problem = ""
        for submission in seasons.waiting(self.store, self.season):
            try:
                if self._take(submission):
                    return submission
            except Exception as error:
                problem = f"{submission} could not be worked on: {type(error).__name__}; the server's log has more"
                if problem != self.problem:
                    _LOG.exception("submission %s", submission)
        self.problem = problem
        return None

    def _take(self, submission: str) -> bool:
        lease = Lease.take(self.store.folder(submission))
        if lease is None:
            return False
        with lease:
            # Another worker may have finished it between the listing and the lease.
            if submission not in seasons.waiting(self.store, self.season):
                return False
            self._do(submission, lease)
        return True

    def loop(self) -> None:
        """Work until told to stop. Nothing else ends it: what goes wrong is told as `problem` and tried again."""
        while not self.stop.is_set():
            try:
                idle = self.run_once() is None
            except Exception as error:
                problem = f"rescoring met a {type(error).__name__} and tries again; the server's log has more"
                if problem != self.problem:
                    _LOG.exception("rescoring")
                self.problem, idle = problem, True
            if idle:
                self.stop.wait(POLL_SECONDS)

    def _do(self, submission: str, lease: Lease) -> None:
        try:
            result = self._rescore(submission, lease)
        except (Stopped, LeaseLost):
            return
        except RealUnifyError as error:
            _LOG.warning("submission %s: %s", submission, error)
            self._fail(submission, without_places(str(error), self.store.root, self.dataset.path))
        except Exception as error:
            # The page shows the kind of failure, the log has all of it; one bad submission stops no other.
            _LOG.exception("submission %s", submission)
            self._fail(submission, f"{type(error).__name__} while rescoring; the server's log has the details")
        else:
            self.store.save_result(submission, result)
            (self.store.folder(submission) / "bundle.zip").unlink(missing_ok=True)
            self.store.append(submission, "scored", worker=self.name)
            self._tell(f"{submission}: scored")

    def _fail(self, submission: str, reason: str) -> None:
        self.store.append(submission, "failed", reason, worker=self.name)
        self._tell(f"{submission}: failed: {reason}")

    def _rescore(self, submission: str, lease: Lease) -> Result:
        run = self._unpacked(submission)
        self.store.append(submission, "judging", self.judge.id, worker=self.name)
        watch = _Watch(self, submission, lease)
        judging.judge(run, self.judge, dataset=self.dataset, progress=watch)
        watch.finish()
        self.store.append(submission, "scoring", worker=self.name)
        scores = score.score(run, dataset=self.dataset, judge=self._judge_in(run), save=False)
        unjudged = sum(row.outcome == "unjudged" for table in scores.protocols.values() for row in table.instances)
        if unjudged:
            raise RealUnifyError(
                f"the judge failed on {unjudged} images, so there is no score yet; try again, what is judged is kept"
            )
        return Result(season=self.season, scored=now(), scores=scores)

    def _unpacked(self, submission: str) -> RunFolder:
        """The submission as a run folder; unpacking checks everything again and computes every digest."""
        folder = self.store.folder(submission)
        # The upload is kept until it is scored, so a run that turns out to be damaged is made anew from it.
        if not _readable(folder / "run"):
            if not (folder / "bundle.zip").is_file():
                raise RealUnifyError("what was stored of it cannot be read any more; upload the same bundle again")
            self.store.append(submission, "unpacking", worker=self.name)
            self._tell(f"{submission}: unpacking")
            pack.unpack(folder / "bundle.zip", folder / "run", self.dataset)
        return RunFolder.open(folder / "run")

    def _judge_in(self, run: RunFolder) -> str | None:
        """This worker's judge as `score` wants it; None when the model drew nothing that could be judged."""
        judges = {(line.judge, line.judge_revision) for line in run.judgements()}
        mine = (self.judge.id, self.judge.revision)
        return f"{mine[0]}@{mine[1]}" if mine in judges else None


def _readable(run: Path) -> bool:
    try:
        opened = RunFolder.open(run)
        opened.latest()
        list(opened.judgements())
    except (RealUnifyError, OSError):
        return False
    return True


def without_places(text: str, *roots: Path) -> str:
    """A reason for people elsewhere: of a path on this machine only the last name is left."""
    for root in sorted((str(root) for root in roots), key=len, reverse=True):
        text = re.sub(rf"{re.escape(root)}(?:/[^\s/:'\"]+)*/", "", text)
    return _PLACE.sub("", text)


class _Watch:
    """Passes the judging's progress on to the store, at most twice a second, and stops it when it must."""

    def __init__(self, worker: Worker, submission: str, lease: Lease) -> None:
        self._worker = worker
        self._submission = submission
        self._lease = lease
        self._total = self._already = self._done = 0
        self._told = 0.0

    def start(self, what: str, total: int, done: int) -> None:
        self._total, self._already = total, done
        self._worker._tell(f"{self._submission}: judging {total - done} of {total} questions with {what}")
        self.finish()

    def advance(self, done: int, errors: int) -> None:
        self._lease.check()
        if self._worker.stop.is_set():
            raise Stopped("stopped")
        self._done = done
        if time.monotonic() - self._told > 0.5:
            self.finish()

    def finish(self) -> None:
        self._told = time.monotonic()
        self._worker.store.set_progress(self._submission, Progress(done=self._already + self._done, total=self._total))


def open_dataset(name: str) -> Dataset:
    """The leaderboard's dataset; REALUNIFY_ANSWERS names the private folder of one with withheld answers."""
    return Dataset.open(name, os.environ.get("REALUNIFY_ANSWERS") or None)


def work(data: Path, dataset: str, judge: str | None, once: bool = False) -> None:
    """`realunify rescore-worker`: rescore until stopped, or until nothing is waiting."""
    if judge is None:
        raise UsageError("a worker needs a judge: give --judge SPEC; `realunify judges` lists all")
    opened = open_dataset(dataset)
    loaded = load_judge(judge)
    try:
        worker = Worker(Store(data), opened, loaded, tell=lambda line: print(line, flush=True))
        print(f"rescoring {data / 'submissions'} on {worker.season.title}", flush=True)
        if once:
            while worker.run_once() is not None:
                pass
            if worker.problem:
                raise RealUnifyError(worker.problem)
        else:
            worker.loop()
    finally:
        loaded.close()
