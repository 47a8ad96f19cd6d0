"""What goes on beside the model's calls: instances are read ahead of them, outcomes are written behind them.

    instances --ReadAhead--> model --Writer--> pictures, then the line of predictions.jsonl

Both run in a thread of their own, so that decoding and encoding pictures costs the model no time. The calls
of a remote model go on in threads too (`Pool`).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

from evaluator.running.stepping import Outcome
from evaluator.runs.folder import RunFolder
from evaluator.runs.lines import LineWriter, cannot_write

Item = TypeVar("Item")


class ReadAhead(Iterator[Item]):
    """Draws from an iterator in a thread, a few items ahead; exceptions arrive where they would have."""

    _END = object()

    def __init__(self, source: Iterable[Item], depth: int = 4) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(depth)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fill, args=(source,), daemon=True, name="reader")
        self._thread.start()

    def _fill(self, source: Iterable[Item]) -> None:
        try:
            for item in source:
                if not self._offer(item):
                    return
            self._offer(self._END)
        except BaseException as error:
            self._offer(error)

    def _offer(self, item: Any) -> bool:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=0.1)
                return True
        return False

    def __next__(self) -> Item:
        item = self._queue.get()
        if item is self._END:
            raise StopIteration
        if isinstance(item, BaseException):
            raise item
        return item  # type: ignore[no-any-return]

    def close(self) -> None:
        self._stopped.set()
        self._thread.join()


class Pool(Generic[Item]):
    """Calls a function in some threads; its results come as they finish."""

    def __init__(self, threads: int, call: Callable[..., Item]) -> None:
        self._threads = threads
        self._call = call
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="model")
        self._pending: set[Future[Item]] = set()

    def run(self, jobs: Iterable[tuple[Any, ...]]) -> Iterator[Item]:
        """The results for each job's arguments, at most `threads` under way; raises what a call raises."""
        for job in jobs:
            self._pending.add(self._executor.submit(self._call, *job))
            if len(self._pending) >= self._threads:
                yield from self._finished()
        while self._pending:
            yield from self._finished()

    def _finished(self) -> Iterator[Item]:
        for future in wait(self._pending, return_when=FIRST_COMPLETED).done:
            # One at a time, so that whatever stops the work, the others are still there for `rest`.
            self._pending.discard(future)
            yield future.result()

    def rest(self) -> Iterator[Item]:
        """Ends the pool: waits for the calls under way, and gives what they and earlier ones have left."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        for future in self._pending:
            if not future.cancelled() and future.exception() is None:
                yield future.result()
        self._pending.clear()


class Writer:
    """Encodes and writes pictures, then the line, in a thread of its own; a full disk stops the run with one line."""

    _END = object()

    def __init__(self, folder: RunFolder, file: Path) -> None:
        self._lines = LineWriter(file)
        self._folder = folder
        self._queue: queue.Queue[Any] = queue.Queue(16)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._drain, daemon=True, name="writer")
        self._thread.start()

    def put(self, outcome: Outcome) -> None:
        self._check()
        self._queue.put(outcome)

    def _drain(self) -> None:
        while (outcome := self._queue.get()) is not self._END:
            if self._error is not None:
                continue
            try:
                prediction, files = outcome.encoded()
                for path, data in files.items():
                    place = self._folder.path / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    # A new file, never new content in an old one: a report may hold a link to that.
                    place.unlink(missing_ok=True)
                    place.write_bytes(data)
                self._lines.append(prediction)
            except BaseException as error:
                self._error = error

    def _check(self) -> None:
        if isinstance(self._error, OSError):
            raise cannot_write(self._folder.path, self._error)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Finish what is queued; raises what the writing ran into."""
        self._queue.put(self._END)
        self._thread.join()
        with contextlib.suppress(OSError):
            self._lines.close()
        self._check()
