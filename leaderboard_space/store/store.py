"""Where submissions live: one folder each, an immutable record, and events that are only ever added.

DATA/submissions/<id>/record.json            who submitted what, when; never changed
DATA/submissions/<id>/events/0001.json  what became of it, a file an event
DATA/submissions/<id>/bundle.zip             the upload, until it is scored
DATA/submissions/<id>/run/                   the upload as a run folder, with the server's judgements
DATA/submissions/<id>/scores/<season>.json   the server's scores, a file a season

The folder is the only truth, so a restart loses nothing, and several processes may work on it. A file that
cannot be read (torn, or of another version) is logged, counted and left out; it never stops the others.

    >>> store = Store(Path("data"))
    >>> [record.card.model for record in store.records()]
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from dataset_builder.errors import UsageError
from dataset_builder.files import sync_folder, write_atomic
from evaluator.runs.manifest import now
from leaderboard_space.store.records import Event, Progress, Record, Result, Season, State

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{16}")
_EVENT = re.compile(r"\d{4,}\.json")
_SEASON = re.compile(r"[0-9a-f]{12}\.json")
# A copy that nobody has written to for so long belongs to a process that was killed.
_LEFT_OVER_SECONDS = 3600.0
_LOG = logging.getLogger(__name__)


_Kept = TypeVar("_Kept")


class Store:
    """The submissions below one data folder. Safe to use from several threads and processes."""

    def __init__(self, data: Path) -> None:
        self.root = data / "submissions"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{data} cannot hold submissions ({error.strerror}); give --data a folder that can be written to"
            ) from None
        self._records: dict[str, Record] = {}
        self._results: dict[Path, tuple[int, Result]] = {}
        self._unreadable: dict[Path, str] = {}
        self._remove_leftovers()

    @property
    def unreadable(self) -> int:
        """How many records and scores could not be read when they were last looked at."""
        return len(self._unreadable)

    def add(self, record: Record, bundle: Path) -> None:
        """Store a record with its bundle, whole or not at all; it is queued from then on."""
        fresh = self.root / f".{record.id}.tmp"
        fresh.mkdir()
        try:
            _copy(bundle, fresh / "bundle.zip")
            write_atomic(fresh / "record.json", record.model_dump_json(indent=1) + "\n")
            _append(fresh / "events", Event(state="queued", at=record.received))
            fresh.rename(self.root / record.id)
            sync_folder(self.root)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def queue_again(self, submission: str, bundle: Path | None = None) -> None:
        """Have a failed submission done again; `bundle` is its upload, where it was sent a second time."""
        if bundle is not None:
            place = self.folder(submission) / "bundle.zip"
            _copy(bundle, place.with_name(".bundle.zip.tmp"))
            place.with_name(".bundle.zip.tmp").replace(place)
        self.append(submission, "queued", "tried again")

    def _remove_leftovers(self) -> None:
        """What an `add` left that was killed; one that is at work, here or elsewhere, writes all the time."""
        for folder in self.root.glob(".*.tmp"):
            if not _ID.fullmatch(folder.name[1:-4]):
                continue
            try:
                last = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
            except OSError:
                continue  # it was moved into place, or removed, just now
            if time.time() - last > _LEFT_OVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

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
            record = self._read(file, lambda content: _record(content, submission))
            if record is None:
                return None
            self._records[submission] = record
        return self._records[submission]

    def _read(self, file: Path, parse: Callable[[bytes], _Kept]) -> _Kept | None:
        """A file of the store; None for an absent one, and for one that cannot be read."""
        try:
            found = parse(file.read_bytes())
        except FileNotFoundError:
            self._unreadable.pop(file, None)
            return None
        except (OSError, ValueError) as error:
            reason = str(error)
            if self._unreadable.get(file) != reason:
                _LOG.error("%s cannot be read and is left out: %s", file, reason)
            self._unreadable[file] = reason
            return None
        self._unreadable.pop(file, None)
        return found

    def append(self, submission: str, state: State, detail: str = "", worker: str = "") -> None:
        """Add an event; it never replaces another, whoever writes at the same moment."""
        _append(self.folder(submission) / "events", Event(state=state, at=now(), detail=detail, worker=worker))

    def events(self, submission: str) -> list[Event]:
        """Every event in order; one whose writing was cut off does not count."""
        return [event for _, file in _numbered(self.folder(submission) / "events") if (event := _event(file))]

    def latest(self, submission: str) -> Event:
        """The state that a submission is in."""
        for _, file in reversed(_numbered(self.folder(submission) / "events")):
            if event := _event(file):
                return event
        return Event(state="queued", at="")

    def set_progress(self, submission: str, progress: Progress) -> None:
        write_atomic(self.folder(submission) / "progress.json", progress.model_dump_json())

    def progress(self, submission: str) -> Progress:
        try:
            return Progress.model_validate_json((self.folder(submission) / "progress.json").read_bytes())
        except (OSError, ValidationError):
            return Progress()

    def save_result(self, submission: str, result: Result) -> None:
        file = self.folder(submission) / "scores" / f"{result.season.key}.json"
        write_atomic(file, result.model_dump_json(indent=1) + "\n")

    def results(self, submission: str) -> list[Result]:
        """The scores of a submission in every season that it has been scored in."""
        found = []
        for file in sorted((self.folder(submission) / "scores").glob("*.json")):
            if _SEASON.fullmatch(file.name) and (result := self._result(file)):
                found.append(result)
        return found

    def _result(self, file: Path) -> Result | None:
        """The scores in a file, read again when it has changed."""
        try:
            stamp = file.stat().st_mtime_ns
        except OSError:
            stamp = -1
        cached = self._results.get(file)
        if cached is not None and cached[0] == stamp:
            return cached[1]
        result = self._read(file, Result.model_validate_json)
        if result is not None:
            self._results[file] = (stamp, result)
        return result

    def result(self, submission: str, season: Season) -> Result | None:
        return next((result for result in self.results(submission) if result.season == season), None)


def _record(content: bytes, submission: str) -> Record:
    record = Record.model_validate_json(content)
    if record.id != submission:
        raise ValueError(f"it is the record of {record.id}")
    return record


def _append(folder: Path, event: Event) -> None:
    """Write the next numbered file. Creating it fails where it exists, so two writers never share a number."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((number for number, _ in _numbered(folder)), default=0)
    while True:
        try:
            with (folder / f"{number:04d}.json").open("x", encoding="utf-8") as file:
                file.write(event.model_dump_json() + "\n")
                file.flush()
                os.fsync(file.fileno())
            sync_folder(folder)
            return
        except FileExistsError:
            number += 1


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    """The event files with their numbers, in order; whatever else lies there is none."""
    return sorted((int(file.stem), file) for file in folder.glob("*.json") if _EVENT.fullmatch(file.name))


def _copy(source: Path, place: Path) -> None:
    """A copy that is on the disk when this returns."""
    shutil.copyfile(source, place)
    with place.open("rb+") as file:  # Windows syncs only what may be written
        os.fsync(file.fileno())


def _event(file: Path) -> Event | None:
    try:
        return Event.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
