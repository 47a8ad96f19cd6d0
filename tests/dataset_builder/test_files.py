"""Locks between processes and folders that swap places, also where the system cannot do it at once."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest

from dataset_builder import files
from tests.root import ROOT

HOLD = """
import sys, time
from pathlib import Path
from dataset_builder.files import file_lock

with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock at `path`."""
    command = [sys.executable, "-c", HOLD, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_lock_keeps_processes_apart_and_ends_with_a_killed_one(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with held_elsewhere(path) as process:
        with pytest.raises(filelock.Timeout):
            files.file_lock(path, wait=False).acquire()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        with files.file_lock(path):  # waits for nobody
            with pytest.raises(filelock.Timeout):
                files.file_lock(path, wait=False).acquire()
    assert path.read_bytes() == b""


def test_a_lock_brings_no_removed_folder_back(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone/.lock"):
        files.file_lock(tmp_path / "gone" / ".lock")
    assert not (tmp_path / "gone").exists()


def test_a_file_system_without_locks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a file that stands for a lock: it would outlive a killed process on another machine."""

    def none(file: int) -> bool:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("filelock._native._unix.lock_fd_nonblocking", none)
    with pytest.raises(OSError, match="Function not implemented"):
        files.file_lock(tmp_path / ".lock").acquire()


@pytest.fixture(params=["at once", "no library", "no call", "not on this file system"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Linux as it is, Windows, macOS, and Linux on a mount that knows no exchange."""

    class Library:
        def __init__(self, name: str | None) -> None:
            if request.param == "no library":
                raise TypeError("bad argument type for built-in operation")
            if request.param == "not on this file system":
                self.renameat2 = lambda *rest: -1

    if request.param != "at once":
        monkeypatch.setattr(ctypes, "CDLL", Library)
    return str(request.param)


def test_a_folder_takes_the_place_of_another(tmp_path: Path, system: str) -> None:
    target = tmp_path / "out"
    for text in ("old", "new"):
        with files.folder_replaced(target) as fresh:
            (fresh / "it").write_text(text, encoding="utf-8")
    assert (target / "it").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_swap_that_fails_half_way_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out"
    target.mkdir()
    monkeypatch.setattr(files, "_exchanged_at_once", lambda one, other: False)
    rename = Path.rename

    def refused(self: Path, place: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise PermissionError(13, "Permission denied")
        return rename(self, place)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError), files.folder_replaced(target) as fresh:
        (fresh / "it").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["out"] and list(target.iterdir()) == []


def test_a_process_is_asked_about_only_where_that_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert files.process_alive(os.getpid()) and not files.process_alive(ended.pid)

    def never(pid: int, number: int) -> None:
        raise AssertionError("on Windows this is Ctrl-C")

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", never)
        patched.setattr(os, "name", "nt")
        alive = files.process_alive(ended.pid)
    assert alive
