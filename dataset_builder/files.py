"""Writing so that a crash never leaves half a file: atomic replacement of files and of whole folders."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

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


def _remove_leftovers(target: Path) -> None:
    """Folders that a killed process left beside `target`; those of living processes stay."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        owner = path.name.removeprefix(f".{target.name}.").removesuffix(".tmp")
        if path.is_dir() and owner.isdigit() and (int(owner) == os.getpid() or not _alive(int(owner))):
            shutil.rmtree(path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it runs, as somebody else's
    return True


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders. Linux does it in one step; elsewhere there is a moment with neither in place."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is not None:
        names = (os.fsencode(one), os.fsencode(other))
        if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
    aside = other.with_name(f".{other.name}.{os.getpid()}.old")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def cache_folder(*parts: str) -> Path:
    """Where things that can be made again are kept: `REALUNIFY_CACHE` or `~/.cache/realunify`; not created here."""
    base = Path(os.environ.get("REALUNIFY_CACHE") or Path.home() / ".cache" / "realunify").expanduser()
    return base.joinpath(*parts)
