"""Who works on a submission: a lease that is held by one worker, renewed while it lives, and taken over when it dies.

Workers may be threads, processes or machines that see the same folder. The lease is a small file; only
its changing hands is done under a lock.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dataset_builder.errors import RealUnifyError
from dataset_builder.files import file_lock, process_alive, write_atomic

if TYPE_CHECKING:
    from filelock import BaseFileLock

EXPIRES = 120.0
RENEWED_EVERY = 20.0


class LeaseLost(RealUnifyError):
    """Another worker has taken the submission over; this one must stop writing."""

    def __init__(self, place: Path) -> None:
        super().__init__(f"{place} was taken over by another worker")


class Lease:
    """A held lease. Use as a context manager; `check` raises LeaseLost when it is not ours any more."""

    def __init__(self, folder: Path, token: str) -> None:
        self._file = folder / "lease.json"
        self._folder = folder
        self._token = token
        self._stop = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._renew, daemon=True, name="lease")

    @classmethod
    def take(cls, folder: Path) -> Self | None:
        """The lease of a submission's folder; None while another worker has it."""
        token = secrets.token_hex(8)
        with _guarded(folder):
            holder = _read(folder / "lease.json")
            if holder is not None and _alive(folder / "lease.json", holder):
                return None
            _write(folder / "lease.json", token)
        return cls(folder, token)

    def check(self) -> None:
        if self._lost:
            raise LeaseLost(self._folder)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()
        with _guarded(self._folder):
            if self._ours():
                self._file.unlink()

    def _renew(self) -> None:
        while not self._stop.wait(RENEWED_EVERY):
            with _guarded(self._folder):
                if not self._ours():
                    self._lost = True
                    return
                os.utime(self._file)

    def _ours(self) -> bool:
        holder = _read(self._file)
        return holder is not None and holder.get("token") == self._token


def _guarded(folder: Path) -> BaseFileLock:
    return file_lock(folder / ".lock")


def _read(file: Path) -> dict[str, object] | None:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(file: Path, token: str) -> None:
    write_atomic(file, json.dumps({"token": token, "host": socket.gethostname(), "pid": os.getpid()}))


def _alive(file: Path, holder: dict[str, object]) -> bool:
    """Whether the holder still works: renewed lately and, on this machine, its process still runs.

    Where nobody can be asked about a process (Windows), a dead holder's lease lasts until it expires.
    """
    if time.time() - file.stat().st_mtime > EXPIRES:
        return False
    if holder.get("host") != socket.gethostname():
        return True
    try:
        return process_alive(int(str(holder.get("pid"))))
    except ValueError:
        return True
