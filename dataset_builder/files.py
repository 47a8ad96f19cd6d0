"""Writing so that neither a crash nor a second process spoils a file: atomic replacement, and locks.

Tried on Linux; what macOS and Windows lack has its way round here.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sha256_file(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_atomic(path: Path, data: str | bytes) -> None:
    """Replace `path` by `data` in one step: a reader sees the old content or the new, never a mixture.

    A power cut does not change that: the content is on the disk before the name is, and both when this returns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk, where its file system can do that (some network mounts cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def folder_replaced(target: Path) -> Iterator[Path]:
    """A fresh folder to fill; it takes the place of `target` on success, and vanishes on any failure."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    _remove_leftovers(target)
    fresh.mkdir()
    try:
        yield fresh
        if target.exists():
            _exchange(fresh, target)
        else:
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def file_lock(path: Path, *, wait: bool = True) -> BaseFileLock:
    """A lock, to be held in a `with`; the file at `path` is made for it and stays empty.

    It holds between threads, processes and machines that see the same file system, and ends with the process that
    holds it, however that ends. With `wait=False` a lock that another has raises `filelock.Timeout`. Raises OSError
    where no lock can be had: no such folder, or a file system without locks (there a lock could outlive its holder).
    """
    from filelock import FileLock  # costs more to import than what most of this room's modules do

    if not path.parent.is_dir():  # filelock would make it, and bring back what was removed
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return FileLock(path, blocking=wait, thread_local=False, fallback_to_soft=False)


def _remove_leftovers(target: Path) -> None:
    """Folders that a killed process left beside `target`; those of living processes stay."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        owner = path.name.removeprefix(f".{target.name}.").removesuffix(".tmp")
        if path.is_dir() and owner.isdigit() and (int(owner) == os.getpid() or not process_alive(int(owner))):
            shutil.rmtree(path, ignore_errors=True)


def process_alive(pid: int) -> bool:
    """Whether a process of this machine runs; True where that cannot be asked."""
    if os.name == "nt":
        return True  # os.kill would not ask there: 0 is the number of Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as somebody else's
    return True


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders. Linux does it in one step; elsewhere there is a moment with neither in place."""
    if _exchanged_at_once(one, other):
        return
    aside = other.with_name(f".{other.name}.{os.getpid()}.old")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def _exchanged_at_once(one: Path, other: Path) -> bool:
    """Whether the system could swap two names in one step; nothing has changed where it could not."""
    try:
        import ctypes

        renameat2 = ctypes.CDLL(None).renameat2
    except (ImportError, AttributeError, TypeError, OSError):
        return False  # no Linux, or one without this call; Windows has no library of that name (TypeError)
    names = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def cache_folder(*parts: str) -> Path:
    """Where things that can be made again are kept: `REALUNIFY_CACHE` or `~/.cache/realunify`; not created here."""
    base = Path(os.environ.get("REALUNIFY_CACHE") or Path.home() / ".cache" / "realunify").expanduser()
    return base.joinpath(*parts)
