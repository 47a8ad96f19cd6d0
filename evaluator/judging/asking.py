"""Putting questions to a judge: in batches to one on this machine, concurrently to one behind an API.

Every answer is handed over the moment it is there, so that stopping at any moment loses only what was
under way; a call that failed is not tried again then. Answers that the cache holds are handed over without
a call; an image that cannot be decoded gets none.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from dataset_builder.errors import RealUnifyError
from evaluator.judging.cache import AnswerCache
from evaluator.judging.crew import Crew
from evaluator.judging.judges.base import Judge, Reply
from evaluator.models.base import ProviderDown
from evaluator.records import Prediction
from evaluator.runs.pictures import open_image

MAX_ERRORS_IN_A_ROW = 20
_PREPARING_THREADS = 4


@dataclass(frozen=True)
class Poll:
    """The questions about one image that still lack an answer."""

    prediction: Prediction
    path: Path
    image_sha256: str
    questions: tuple[str, ...]


# Called from any thread, one call at a time: the poll, the question, the reply, and whether a call was made.
Record = Callable[[Poll, str, Reply, bool], None]


class Asker:
    """Asks `judge` every question of some polls and hands each reply to `record`."""

    def __init__(self, judge: Judge, cache: AnswerCache | None, record: Record) -> None:
        self.judge = judge
        self.cache = cache
        self.undecodable = 0
        self._record = record
        self._lock = threading.Lock()
        self._over = False
        self._in_a_row = 0
        self._last_error = ""

    def ask(self, polls: Iterable[Poll]) -> None:
        """Ask everything. Raises ProviderDown when going on is pointless; what was answered is recorded."""
        # A new one each time: a thread that was left behind keeps the one that it was stopped by.
        self.judge.stopped = threading.Event()
        try:
            if self.judge.concurrency:
                self._concurrently(polls, self.judge.stopped)
            else:
                self._in_batches(polls)
        finally:
            with self._lock:
                self._over = True

    def _take(self, poll: Poll, question: str, reply: Reply) -> None:
        with self._lock:
            if self._over:
                return  # too late: the file and the cache are closed
            self._record(poll, question, reply, True)
            if self.cache is not None:
                self.cache.put(self.judge, question, poll.image_sha256, reply)
            # A filter that blocks one picture after the other is no sign that the provider is down.
            if not reply.blocked:
                self._in_a_row = self._in_a_row + 1 if reply.answer == "error" else 0
                self._last_error = reply.text

    def _check(self) -> None:
        if self._in_a_row > MAX_ERRORS_IN_A_ROW:
            last = " ".join(self._last_error.split())
            raise ProviderDown(
                f"{self.judge.id} failed on more than {MAX_ERRORS_IN_A_ROW} questions in a row "
                f"(the last: {last}); what is answered is kept; mend the cause, then run the same command"
            )

    def _open(self, polls: Iterable[Poll]) -> Iterator[_Picture]:
        """The pictures that still need a call, read from disk, with the questions that the cache lacks."""
        for poll in polls:
            data = poll.path.read_bytes() if poll.path.is_file() else b""
            todo = poll.questions
            genuine = hashlib.sha256(data).hexdigest() == poll.image_sha256
            if self.cache is not None and genuine:
                todo = tuple(question for question in todo if not self._known(poll, question))
            if todo:
                yield _Picture(self.judge, poll, data, todo, genuine)

    def _known(self, poll: Poll, question: str) -> bool:
        reply = self.cache.get(self.judge, question, poll.image_sha256) if self.cache else None
        if reply is not None:
            with self._lock:
                if not self._over:
                    self._record(poll, question, reply, False)
        return reply is not None

    # --- a judge on this machine

    def _in_batches(self, polls: Iterable[Poll]) -> None:
        # Images of one size next to each other, so that a batch needs no padding.
        ordered = sorted(polls, key=lambda poll: _image_size(poll.path))
        with ThreadPoolExecutor(_PREPARING_THREADS, thread_name_prefix="prepare") as pool:
            pictures = self._prepared(pool, self._open(ordered))
            while batch := list(itertools.islice(pictures, max(1, self.judge.batch_size))):
                items = [(picture.prepare(), picture.todo) for picture in batch]
                for picture, replies in zip(batch, self.judge.poll_many(items), strict=True):
                    for question, reply in zip(picture.todo, replies, strict=True):
                        self._take(picture.poll, question, reply)
                self._check()

    def _prepared(self, pool: ThreadPoolExecutor, pictures: Iterator[_Picture]) -> Iterator[_Picture]:
        """The decodable pictures in order, decoded and preprocessed a batch ahead in threads."""
        ahead: deque[tuple[_Picture, Future[Any]]] = deque()
        for picture in pictures:
            ahead.append((picture, pool.submit(picture.prepare)))
            if len(ahead) > self.judge.batch_size + _PREPARING_THREADS:
                yield from self._decodable(*ahead.popleft())
        while ahead:
            yield from self._decodable(*ahead.popleft())

    def _decodable(self, picture: _Picture, prepared: Future[Any]) -> Iterator[_Picture]:
        if prepared.result() is None:
            self.undecodable += 1
        else:
            yield picture

    # --- a judge behind an API

    def _concurrently(self, polls: Iterable[Poll], stopped: threading.Event) -> None:
        """`concurrency` questions under way at any time, whichever image they belong to."""
        jobs = ((picture, question) for picture in self._open(polls) for question in picture.todo)
        Crew(self._one, self.judge.concurrency, stopped).do(jobs)

    def _one(self, job: tuple[_Picture, str]) -> None:
        picture, question = job
        prepared = picture.prepare()
        if prepared is None:
            with self._lock:
                self.undecodable += picture.first_to_tell()
            return
        self._take(picture.poll, question, self.judge.poll_many([(prepared, [question])])[0][0])
        self._check()


class _Picture:
    """An image file's bytes, decoded and prepared for the judge once, by whichever thread comes first."""

    def __init__(self, judge: Judge, poll: Poll, data: bytes, todo: tuple[str, ...], genuine: bool) -> None:
        self.poll = poll
        self.todo = todo
        self._judge = judge
        self._data = data
        self._genuine = genuine
        self._lock = threading.Lock()
        self._done = False
        self._told = False
        self._prepared: Any = None

    def prepare(self) -> Any:
        """What the judge takes, or None where the file holds no picture."""
        with self._lock:
            if not self._done:
                image = open_image(io.BytesIO(self._data)) if self._data else None
                if image is not None and not self._genuine:
                    raise RealUnifyError(
                        f"{self.poll.path} is not the picture that was drawn (its sha256 is not the one in the "
                        "predictions); put the old file back, or run that instance again"
                    )
                self._prepared = None if image is None else self._judge.prepare(image, self._data)
                self._data = b""
                self._done = True
        return self._prepared

    def first_to_tell(self) -> bool:
        told, self._told = self._told, True
        return not told


def _image_size(path: Path) -> tuple[int, int]:
    """Width and height from the file's head; (0, 0) where there is none."""
    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return (0, 0)
