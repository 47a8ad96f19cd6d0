"""Progress of long work: a bar on a terminal, a line now and then elsewhere (logs, CI)."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

_SECONDS_BETWEEN_LINES = 15.0


class Bar:
    """Rate, time left and failures of one piece of work. Use as a context manager, so that it always closes."""

    def __init__(self, unit: str = "instances") -> None:
        self.unit = unit
        self._what = ""
        self._total = self._already = 0
        self._started = self._told = time.monotonic()
        self._rich: Any = None
        self._task: Any = None

    def start(self, what: str, total: int, done: int) -> None:
        """Begin: `done` of `total` stand from an earlier time."""
        self._what, self._total, self._already = what, total, done
        self._started = self._told = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._rich = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[failures]}", style="red"),
                console=Console(stderr=True),
            )
            self._rich.start()
            self._task = self._rich.add_task(what, total=total, completed=done, rate="", failures="")
        elif done:
            self._say(f"{what}: {done} of {total} {self.unit} are done already")

    def advance(self, done: int, errors: int) -> None:
        """`done` and `errors` since `start`."""
        seconds = time.monotonic() - self._started
        rate = f"{done / seconds:.1f}/s" if seconds > 0 else ""
        failures = f"{errors} failed" if errors else ""
        if self._rich is not None:
            self._rich.update(self._task, completed=self._already + done, rate=rate, failures=failures)
        elif time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = time.monotonic()
            left = (self._total - self._already - done) * seconds / max(done, 1)
            self._say(
                f"{self._what}: {self._already + done} of {self._total} {self.unit}, {rate}, "
                f"{left:.0f} s left{', ' + failures if failures else ''}"
            )

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rich is not None:
            self._rich.stop()


class BuildBar(Bar):
    """The same for building, where ten categories advance at once."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}

    def tick(self, task_type: str, done: int, total: int) -> None:
        self._counts[task_type] = done
        self.advance(sum(self._counts.values()), 0)
