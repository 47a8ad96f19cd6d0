"""`realunify serve` on a free port, for tests that speak to it as a browser or as `realunify submit` does.

A process of its own: that is how it runs, and what Gradio's server leaves open ends with it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from leaderboard_space.store.store import Store
from tests.root import ROOT


@contextlib.contextmanager
def running(data: Path, dataset: Path, judge: str | None = "fixed:yes") -> Iterator[tuple[str, Store]]:
    """The app's address, and the store that it works on."""
    command = [
        sys.executable,
        "-m",
        "evaluator",
        "serve",
        "--data",
        str(data),
        "--dataset",
        str(dataset),
        "--port",
        "0",
    ]
    command += ["--judge", judge] if judge else []
    root = ROOT
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("leaderboard: http://127.0.0.1:"), line
            yield line.split()[1], Store(data)
        finally:
            process.terminate()
            process.wait(timeout=30)
