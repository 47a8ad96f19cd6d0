"""Taking a bundle in: checked whole with the evaluator's own `validate`, then stored, or refused with every reason.

Nothing of a refused upload stays. Who may upload, how often and how much is decided here, not in the page.

    >>> Desk(store, dataset).receive(Path("janus.zip"), {}, identity="127.0.0.1").id
    '20261123-201530-9f2c1ab34d5e6f70'
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dataset_builder.errors import RealUnifyError
from dataset_builder.files import sha256_file
from dataset_builder.folder import Dataset
from evaluator.bundles import pack
from evaluator.runs.manifest import now
from leaderboard_space.store.records import FINAL, Record, new_id
from leaderboard_space.store.store import Store

FIELDS = ("model", "organisation", "url", "licence", "contact")
_PREVIEW_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one person may do, and what the server holds at most."""

    upload_bytes: int = 4 << 30
    per_hour: int = 20
    waiting: int = 200


@dataclass(frozen=True)
class Receipt:
    """The answer to an upload: an id, or problems."""

    id: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    message: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "message": self.message, "problems": self.problems, "notes": self.notes}


class Limiter:
    """At most `limit` attempts an identity in any `seconds`; forgets identities that have gone quiet."""

    def __init__(self, limit: int, seconds: float = 3600.0) -> None:
        self.limit = limit
        self.seconds = seconds
        self._attempts: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def admit(self, identity: str) -> bool:
        """Count an attempt; False when it is one too many."""
        moment = time.monotonic()
        with self._lock:
            for name in [name for name, times in self._attempts.items() if times[-1] < moment - self.seconds]:
                del self._attempts[name]
            times = self._attempts[identity]
            while times and times[0] < moment - self.seconds:
                times.popleft()
            if len(times) >= self.limit:
                return False
            times.append(moment)
            return True


class Desk:
    """Where uploads come in."""

    def __init__(self, store: Store, dataset: Dataset, limits: Limits | None = None) -> None:
        self.store = store
        self.dataset = dataset
        self.limits = limits or Limits()
        self._limiter = Limiter(self.limits.per_hour)
        # Two uploads of the same file at the same moment become one submission.
        self._storing = threading.Lock()

    def receive(
        self, file: Path | None, fields: Mapping[str, str], *, identity: str, submitted_by: str | None = None
    ) -> Receipt:
        """Check a bundle and store it. `fields` (of `FIELDS`) stand over what submission.json says."""
        if file is None:
            return Receipt(problems=["no file was given; choose the zip that `realunify pack` made"])
        if not self._limiter.admit(identity):
            return Receipt(
                problems=[f"more than {self.limits.per_hour} uploads within an hour; please come back later"]
            )
        if not file.is_file():
            return Receipt(problems=["the upload is not here any more; please send it again"])
        size = file.stat().st_size
        if size > self.limits.upload_bytes:
            most = f"{self.limits.upload_bytes / 2**20:,.0f} MiB"
            return Receipt(
                problems=[f"the file has {size / 2**20:,.0f} MiB, more than {most}; pack without intermediates"]
            )
        found = pack.validate(file, self.dataset)
        card, problems = _card(fields, found.submission)
        problems = [*found.problems, *problems]
        if problems or card is None or found.submission is None:
            return Receipt(problems=problems, notes=found.notes)
        record = Record(
            id=new_id(),
            received=now(),
            card=card,
            submission=found.submission,
            predictions=len(found.predictions),
            notes=found.notes,
            bundle_sha256=sha256_file(file),
            bundle_bytes=size,
            submitted_by=submitted_by,
        )
        return self._store(record, file)

    def _store(self, record: Record, file: Path) -> Receipt:
        with self._storing:
            records = self.store.records()
            for old in records:
                if old.bundle_sha256 == record.bundle_sha256 and old.card == record.card:
                    return self._here_already(old, file)
            unfinished = sum(self.store.latest(old.id).state not in FINAL for old in records)
            if unfinished >= self.limits.waiting:
                return Receipt(problems=[f"{unfinished} submissions are waiting already; please come back later"])
            self.store.add(record, file)
        return Receipt(id=record.id, notes=record.notes, message="accepted")

    def _here_already(self, old: Record, file: Path) -> Receipt:
        """The same bundle a second time: the same submission, done again where it had failed."""
        message = "this very bundle is here already"
        if self.store.latest(old.id).state == "failed":
            self.store.queue_again(old.id, file)
            message += "; it had failed and is tried again"
        return Receipt(id=old.id, notes=old.notes, message=message)

    def retry(self, submission: str, *, identity: str) -> None:
        """Queue a failed submission again; what was judged already is kept."""
        if self.store.record(submission) is None:
            raise RealUnifyError(f"no submission '{submission[:60]}'; check the id")
        if self.store.latest(submission).state != "failed":
            raise RealUnifyError("only a failed submission can be tried again")
        if not self._limiter.admit(identity):
            raise RealUnifyError("too many attempts within an hour; please come back later")
        self.store.queue_again(submission)


def _card(fields: Mapping[str, str], submission: pack.Submission | None) -> tuple[pack.Card | None, list[str]]:
    """The card with the form's words over the bundle's; problems name the form's field."""
    stated = {name: getattr(submission, name) for name in FIELDS} if submission else {"model": "unknown"}
    given = {name: value.strip() for name in FIELDS if (value := fields.get(name) or "").strip()}
    try:
        card = pack.Card(**{**stated, **given})
    except ValidationError as error:
        return None, [f"{each['loc'][0]}: {each['msg']}" for each in error.errors()]
    if card.url and not card.url.startswith("https://"):
        return card, [f"url: {card.url!r} must begin with https://"]
    return card, []


def stated_fields(file: Path) -> dict[str, str]:
    """What the bundle says of itself, to fill the form; empty where it cannot be read (validation says why)."""
    try:
        with pack.open_zip(file) as opened, opened.open("submission.json") as entry:
            content = json.loads(entry.read(_PREVIEW_BYTES))
    except Exception:  # zipfile and its decompressors raise many kinds on hostile data; each means the same here
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: str(content[name])[:300] for name in FIELDS if isinstance(content.get(name), str)}
