"""Threads that take jobs from one line, and that may be left behind.

`concurrent.futures` joins its threads when the program ends, so one call to a server that hangs would hold it
for the whole timeout. These threads are waited for a little while, for what is about to come in, and no longer.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Job = TypeVar("Job")

# Seconds that calls under way get to come in: after Ctrl-C, and after a failure that ends everything.
INTERRUPTED_SECONDS = 3.0
FAILED_SECONDS = 20.0


class Crew(Generic[Job]):
    """`size` threads that do `work` on each job; `stopped` is set when they should come to an end."""

    def __init__(self, work: Callable[[Job], None], size: int, stopped: threading.Event) -> None:
        self._work = work
        self._stopped = stopped
        self._lock = threading.Lock()
        self._ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._size = size

    def do(self, jobs: Iterator[Job]) -> None:
        """Do all jobs; the first failure stops all threads and is raised."""
        threads = [
            threading.Thread(target=self._loop, args=(jobs,), name=f"judge-{number}", daemon=True)
            for number in range(self._size)
        ]
        try:
            for thread in threads:
                thread.start()
            for _ in threads:
                if (failure := self._ended.get()) is not None:
                    raise failure
        except BaseException as error:
            self._stopped.set()
            patience = FAILED_SECONDS if isinstance(error, Exception) else INTERRUPTED_SECONDS
            deadline = time.monotonic() + patience
            for thread in threads:
                if thread.ident is not None:
                    thread.join(max(0.0, deadline - time.monotonic()))
            raise

    def _loop(self, jobs: Iterator[Job]) -> None:
        failure = None
        try:
            while not self._stopped.is_set():
                with self._lock:
                    job = next(jobs, None)
                if job is None:
                    break
                self._work(job)
        except BaseException as error:
            failure = error
        self._ended.put(failure)
