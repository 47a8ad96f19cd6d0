"""What long work tells while it goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a run tells while it works."""

    def start(self, what: str, total: int, done: int) -> None: ...

    def advance(self, done: int, errors: int) -> None: ...
