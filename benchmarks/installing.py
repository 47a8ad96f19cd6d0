"""What an installation gives, tried: built from the tracked files, installed with the base libraries alone, used.

    python benchmarks/installing.py python3.11 python3.12     # each interpreter, with pip and an index

`tests/test_install.py` does the same without an index.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("dataset_builder", "evaluator", "leaderboard_space")
VERBS = (
    "--version",
    "build --per-category 1 --no-audit",
    "audit realunify",
    "gallery realunify",
    "run --model baseline:gold --dataset realunify -o runs/gold",
    "score runs/gold",
    "pack runs/gold -o gold.zip --model Gold --organisation Us --contact us@example.org",
    "validate gold.zip --dataset realunify",
    "report runs/gold",
)
"""What works with the base libraries, in this order, in an empty folder."""


def tracked() -> list[str]:
    """The files that git knows and that are there, relative to the repository, with forward slashes."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def digests(names: list[str]) -> dict[str, str]:
    """sha256 of those tracked files that belong into a wheel."""
    ours = [name for name in names if name.split("/")[0] in PACKAGES]
    return {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in ours}


def wheel_digests(wheel: Path) -> dict[str, str]:
    """sha256 of a wheel's files, but for what describes it."""
    with zipfile.ZipFile(wheel) as opened:
        names = [name for name in opened.namelist() if not name.split("/")[0].endswith(".dist-info")]
        return {name: hashlib.sha256(opened.read(name)).hexdigest() for name in names}


def built(place: Path, *options: str) -> tuple[Path, Path, Path]:
    """A wheel of the tracked files, a source distribution of them, and the wheel that is built from that."""
    source = place / "source"
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    for kind, out in ((["--wheel"], "straight"), ([], "dist")):
        command = [sys.executable, "-m", "build", *options, *kind, "--outdir", str(place / out), str(source)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    (straight,) = (place / "straight").glob("*.whl")
    (wheel,) = (place / "dist").glob("*.whl")
    (archive,) = (place / "dist").glob("*.tar.gz")
    return straight, archive, wheel


def bin_of(environment: Path) -> Path:
    """Where a virtual environment has its commands."""
    return environment / ("Scripts" if os.name == "nt" else "bin")


def used(environment: Path, place: Path) -> Iterator[tuple[str, subprocess.CompletedProcess[str], float]]:
    """Each verb's outcome and seconds, run by the installed command in the empty folder `place`."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    for verb in VERBS:
        started = time.perf_counter()
        command = [bin_of(environment) / "realunify", *verb.split()]
        done = subprocess.run(command, cwd=place, env=variables, capture_output=True, encoding="utf-8", check=False)
        yield verb, done, time.perf_counter() - started


def main() -> int:
    """Install for each interpreter named, run the verbs, print what came of it; exit 1 when one failed."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _, _, wheel = built(place)
        for number, python in enumerate(sys.argv[1:] or [sys.executable]):
            environment, work = place / f"environment-{number}", place / f"work-{number}"
            work.mkdir()
            subprocess.run([python, "-m", "venv", environment], check=True)
            install = [
                bin_of(environment) / "python",
                "-m",
                "pip",
                "install",
                "--quiet",
                "-c",
                ROOT / "constraints.txt",
            ]
            subprocess.run([*install, wheel], check=True)
            for verb, done, seconds in used(environment, work):
                told = f"exit {done.returncode}: {done.stderr.strip()[-400:]}" if done.returncode else "ok"
                print(f"{Path(python).name:12s} {seconds:6.1f} s  realunify {verb:60s} {told}")
                failed += done.returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
