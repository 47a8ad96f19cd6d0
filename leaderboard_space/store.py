"""Where submissions live: one folder each, an immutable record, and events that are only ever added.

DATA/submissions/<id>/record.json            who submitted what, when; never changed
DATA/submissions/<id>/events/0001.json  what became of it, a file an event
DATA/submissions/<id>/bundle.zip             the upload, until it is unpacked
DATA/submissions/<id>/run/                   the upload as a run folder, with the server's judgements
DATA/submissions/<id>/scores/<season>.json   the server's scores, a file a season

The folder is the only truth, so a restart loses nothing, and several processes may work on it.

    >>> store = Store(Path("data"))
    >>> [record.card.model for record in store.records()]
"""

from __future__ import annotations

import datetime
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.files import write_atomic
from evaluator.bundle import Card, Submission
from evaluator.runs import now
from evaluator.scoring import Scores
from leaderboard_space.seasons import Season

State = Literal["queued", "unpacking", "judging", "scoring", "scored", "failed"]
FINAL: tuple[State, ...] = ("scored", "failed")
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{16}")


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Store:
    """The submissions below one data folder. Safe to use from several threads and processes."""

    def __init__(self, data: Path) -> None:
        self.root = data / "submissions"
        self.root.mkdir(parents=True, exist_ok=True)
        self._records: dict[str, Record] = {}
        self._results: dict[Path, tuple[int, Result]] = {}

    def add(self, record: Record, bundle: Path) -> None:
        """Store a record with its bundle, whole or not at all; it is queued from then on."""
        fresh = self.root / f".{record.id}.tmp"
        fresh.mkdir()
        try:
            shutil.copyfile(bundle, fresh / "bundle.zip")
            write_atomic(fresh / "record.json", record.model_dump_json(indent=1) + "\n")
            _append(fresh / "events", Event(state="queued", at=record.received))
            fresh.rename(self.root / record.id)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def folder(self, submission: str) -> Path:
        return self.root / submission

    def records(self) -> list[Record]:
        """All submissions, oldest first."""
        names = sorted(entry.name for entry in os.scandir(self.root) if _ID.fullmatch(entry.name))
        return [record for name in names if (record := self.record(name))]

    def record(self, submission: str) -> Record | None:
        """The record of an id, None for an unknown one. A record never changes, so it is read once."""
        if not _ID.fullmatch(submission):
            return None
        if submission not in self._records:
            file = self.folder(submission) / "record.json"
            if not file.is_file():
                return None
            self._records[submission] = Record.model_validate_json(file.read_bytes())
        return self._records[submission]

    def append(self, submission: str, state: State, detail: str = "", worker: str = "") -> None:
        """Add an event; it never replaces another, whoever writes at the same moment."""
        _append(self.folder(submission) / "events", Event(state=state, at=now(), detail=detail, worker=worker))

    def events(self, submission: str) -> list[Event]:
        """Every event in order; one whose writing was cut off does not count."""
        files = sorted((self.folder(submission) / "events").glob("*.json"))
        return [event for file in files if (event := _event(file))]

    def latest(self, submission: str) -> Event:
        """The state that a submission is in."""
        for file in sorted((self.folder(submission) / "events").glob("*.json"), reverse=True):
            if event := _event(file):
                return event
        return Event(state="queued", at="")

    def set_progress(self, submission: str, progress: Progress) -> None:
        write_atomic(self.folder(submission) / "progress.json", progress.model_dump_json())

    def progress(self, submission: str) -> Progress:
        try:
            return Progress.model_validate_json((self.folder(submission) / "progress.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return Progress()

    def save_result(self, submission: str, result: Result) -> None:
        file = self.folder(submission) / "scores" / f"{result.season.key}.json"
        write_atomic(file, result.model_dump_json(indent=1) + "\n")

    def results(self, submission: str) -> list[Result]:
        """The scores of a submission in every season that it has been scored in."""
        found = []
        for file in sorted((self.folder(submission) / "scores").glob("*.json")):
            stamp = file.stat().st_mtime_ns
            cached = self._results.get(file)
            if cached is None or cached[0] != stamp:
                cached = (stamp, Result.model_validate_json(file.read_bytes()))
                self._results[file] = cached
            found.append(cached[1])
        return found

    def result(self, submission: str, season: Season) -> Result | None:
        return next((result for result in self.results(submission) if result.season == season), None)


def _append(folder: Path, event: Event) -> None:
    """Write the next numbered file. Creating it fails where it exists, so two writers never share a number."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(file.stem) for file in folder.glob("[0-9]*.json")), default=0)
    while True:
        try:
            with (folder / f"{number:04d}.json").open("x", encoding="utf-8") as file:
                file.write(event.model_dump_json() + "\n")
            return
        except FileExistsError:
            number += 1


def _event(file: Path) -> Event | None:
    try:
        return Event.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
