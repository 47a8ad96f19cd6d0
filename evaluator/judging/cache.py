"""Answers that any run on this machine may share: a question once answered about an image is never asked again.

The key is everything that an answer depends on: judge, revision, prompt, the image's sha256 and the
decoding that was asked for. Only real answers are kept (yes, no, unparsed), never an error. One SQLite file,
safe for several processes at a time.

    >>> with AnswerCache.open() as cache:
    ...     cache.get(key_of(judge, "Is there a cat?", image_sha256))
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dataset_builder.errors import RealUnifyError
from dataset_builder.files import cache_folder
from evaluator.judging.judges.base import Reply

if TYPE_CHECKING:
    from evaluator.judging.judges.base import Judge

# How long one process waits for another to have done with the file.
_PATIENCE_SECONDS = 60.0
# The first table, `answers`, also took replies that were cut short or blocked, so it is not read any more.
_TABLE = """CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, judge TEXT NOT NULL, revision TEXT NOT NULL, prompt TEXT NOT NULL, image_sha256 TEXT NOT NULL,
    decoding TEXT NOT NULL, reply TEXT NOT NULL, answer TEXT NOT NULL, p_yes REAL, served TEXT,
    asked_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID"""


class AnswerCache:
    """A table of answers on disk; every method may be called from any thread."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                file, timeout=_PATIENCE_SECONDS, check_same_thread=False, isolation_level=None
            )
            _set_up(self._connection)
        except (OSError, sqlite3.Error) as error:
            raise RealUnifyError(
                f"the judge's cache {file} cannot be used ({error}); delete it, set REALUNIFY_CACHE to another folder, "
                "or go without (--no-cache)"
            ) from None

    @classmethod
    def open(cls) -> Self:
        return cls(cache_folder() / "judge" / "answers.sqlite3")

    def get(self, judge: Judge, question: str, image_sha256: str) -> Reply | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT reply, answer, p_yes, served FROM replies WHERE key = ?", (_key(judge, question, image_sha256),)
            ).fetchone()
        return Reply(row[0], row[1], row[2], served=row[3]) if row else None

    def put(self, judge: Judge, question: str, image_sha256: str, reply: Reply) -> None:
        """Keep a real answer; an error is passed over. The first answer stays, whoever comes second."""
        if reply.answer == "error":
            return
        values = (
            _key(judge, question, image_sha256),
            judge.id,
            judge.revision,
            judge.prompt(question),
            image_sha256,
            _decoding(judge),
            reply.text,
            reply.answer,
            reply.p_yes,
            reply.served,
        )
        with self._lock:
            self._connection.execute(
                "INSERT OR IGNORE INTO replies"
                " (key, judge, revision, prompt, image_sha256, decoding, reply, answer, p_yes, served)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM replies").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _set_up(connection: sqlite3.Connection) -> None:
    """With a write-ahead log several processes read and write at once; an answer costs no disk flush.

    Of several that begin it at the same moment SQLite tells all but one at once that the file is locked, whatever
    `timeout` says (waiting might never end), so these try again.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", _TABLE):
                connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _decoding(judge: Judge) -> str:
    return json.dumps(dict(judge.decoding), sort_keys=True)


def _key(judge: Judge, question: str, image_sha256: str) -> str:
    parts = (judge.id, judge.revision, judge.prompt(question), image_sha256, _decoding(judge))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
