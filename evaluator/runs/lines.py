"""Append-only JSON lines: flushed after every line, tolerant of a torn last one, one writer at a time."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError

from dataset_builder.errors import RealUnifyError
from dataset_builder.files import file_lock

Record = TypeVar("Record", bound=BaseModel)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing to `path` (a full disk, no permission) into one line."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> RealUnifyError:
    return RealUnifyError(
        f"cannot write to {path}: {error.strerror or error}; free some space or mend the folder, then run again: "
        "what is written is kept"
    )


class LineWriter:
    """Appends records to a file. A torn last line (a crash in mid-write) is cut off before the first append.

    Holds a lock (`.NAME.lock` beside the file), so that two processes never write the same one; the second gets
    a RealUnifyError at once, and so does who may not write here. The file itself stays open to readers: on Windows
    a locked one would not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
            self._lock = file_lock(path.with_name(f".{path.name}.lock"), wait=False)
            try:
                self._lock.acquire()
                _cut_torn_line(path)
                self._file.seek(0, os.SEEK_END)
            except TimeoutError:  # filelock's Timeout is one
                self.close()
                raise RealUnifyError(
                    f"{path} is being written by another process; wait for it, or give this one another --shard"
                ) from None
            except OSError:
                self.close()
                raise

    def append(self, record: BaseModel) -> None:
        """Write one line; when this returns the line outlives a kill of the process."""
        self._file.write(record.model_dump_json().encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        try:
            self._file.close()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _cut_torn_line(path: Path) -> None:
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return
        file.seek(size - 1)
        if file.read(1) == b"\n":
            return
        keep = 0
        position = size
        while position > 0 and keep == 0:
            start = max(0, position - 65536)
            file.seek(start)
            block = file.read(position - start)
            found = block.rfind(b"\n")
            keep = start + found + 1 if found >= 0 else 0
            position = start
        file.truncate(keep)


def read_lines(path: Path, kind: type[Record]) -> Iterator[Record]:
    """The records of a file in order; an unfinished last line is left out, a bad one names its place."""
    try:
        opened = path.open("rb")
    except OSError as error:
        raise RealUnifyError(f"cannot read {path}: {error.strerror or error}; mend the file, or remove it") from error
    with opened as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise RealUnifyError(
                    f"{path} line {number}: {where + ': ' if where else ''}{first['msg']}; "
                    "delete the line to have it made again"
                ) from None
