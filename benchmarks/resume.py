"""Figure: `kill -9` at 50 random moments of a 400-instance run, resumed each time, loses and repeats nothing.

    python benchmarks/resume.py [--kills 50] [--seed 0]

Each session runs in a process of its own, which is killed after a random number of new lines and a random
part of a call (every tenth while it still starts). Checked after each kill: every line that was whole is
still there, unchanged. At the end: no instance twice, none lacking, lines and pictures equal to those of an
undisturbed run, the seconds apart.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _synthetic import Timed, write_dataset

from evaluator.running.run import run
from evaluator.runs.folder import RunFolder

INSTANCES = 400


def session(dataset: Path, out: Path) -> int:
    """The process id of a run that has begun."""
    process = os.fork()
    if process == 0:
        try:
            run(Timed(0.004, 64), dataset, out=out, protocol="direct")
            os._exit(0)
        except BaseException as error:  # the child must never return into the parent's code
            print(f"session failed: {error}", file=sys.stderr)
            os._exit(1)
    return process


def whole_lines(out: Path) -> bytes:
    file = out / "predictions.jsonl"
    data = file.read_bytes() if file.exists() else b""
    return data[: data.rfind(b"\n") + 1]


def killed_session(dataset: Path, out: Path, rng: random.Random, more: int) -> None:
    """Run until `more` new lines stand there, and a moment longer, then kill."""
    before = whole_lines(out).count(b"\n")
    process = session(dataset, out)
    deadline = time.monotonic() + 60
    while whole_lines(out).count(b"\n") < before + more and time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(0.001)
    time.sleep(rng.uniform(0, 0.01 if more else 0.2))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def content(out: Path) -> dict[tuple[str, str], Any]:
    """Predictions and pictures by key, without the seconds; a key that is there twice is an error."""
    found = {}
    for prediction in RunFolder.open(out).predictions():
        assert prediction.key not in found, f"twice: {prediction.key}"
        row = prediction.model_dump()
        for step in row["steps"]:
            del step["seconds"]
        pictures = [(out / step.image).read_bytes() for step in prediction.steps if step.image]
        found[prediction.key] = (row, pictures)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        dataset, out = write_dataset(Path(folder) / "dataset", INSTANCES // 10), Path(folder) / "run"
        kept, torn, lost = b"", 0, 0
        for kill in range(args.kills):
            more = 0 if kill % 10 == 9 else rng.randint(1, max(1, 2 * INSTANCES // args.kills - 3))
            killed_session(dataset, out, rng, more)
            written = whole_lines(out)
            lost += not written.startswith(kept)
            torn += (out / "predictions.jsonl").exists() and written != (out / "predictions.jsonl").read_bytes()
            kept = written
        at_kill = kept.count(b"\n")
        os.waitpid(session(dataset, out), 0)
        run(Timed(0.0, 64), dataset, out=Path(folder) / "undisturbed", protocol="direct")
        disturbed, undisturbed = content(out), content(Path(folder) / "undisturbed")
        equal = disturbed == undisturbed
        print(f"kills: {args.kills}; lines when the last one fell: {at_kill} of {INSTANCES}; torn last lines: {torn}")
        print(f"lines lost after they were written: {lost}; duplicates: 0; instances at the end: {len(disturbed)}")
        print(f"equal to an undisturbed run, seconds apart: {'yes' if equal else 'NO'}")
        if lost or not equal or len(disturbed) != INSTANCES:
            sys.exit(1)


if __name__ == "__main__":
    main()
