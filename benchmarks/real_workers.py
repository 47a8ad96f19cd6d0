"""The ready-made workers against the authors' own code, with tiny random weights: is the same drawn and said?

    python benchmarks/real_workers.py bagel --clone ~/src/Bagel [--venv ~/envs/bagel] [--table FILE.md]

For maintainers, when a repository moves or a worker changes. In the worker's own environment (`--venv`; by default
the one that its file names) `real_workers/NAME.py` makes a small random checkpoint in the repository's own format
and runs the repository's own inference script on it. The worker then gets the same requests, with the same seeds,
through the real protocol. Pictures are compared byte by byte, answers letter by letter. It also tells whether a
picture follows its seed, and where the stand-in that the tests use has parted from the real thing.

Without a GPU it runs on the CPU (`real_workers/cpu/` has what the code then needs). Weights of this kind cannot
show that a model is good, only that the worker asks of its code what its authors ask.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from evaluator.models._worker_records import WorkerFile
from evaluator.models.base import LoadOptions
from evaluator.models.worker import READY_MADE, WorkerModel
from evaluator.records import Request

PLACE = Path(__file__).parent / "real_workers"
NAMES = sorted(path.stem for path in PLACE.glob("[a-z]*.py"))
SEED = 7
CALLS = {"draw": "a cat on a red mat", "edit": "paint it blue", "answer": "what is it?"}


@dataclass(frozen=True)
class Row:
    """What became of one task."""

    task: str
    result: str
    told: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--clone", type=Path, required=True, help="the authors' repository")
    parser.add_argument("--venv", type=Path, help="the environment to run both in")
    parser.add_argument("--folder", type=Path, help="keep the checkpoint and what was made here")
    parser.add_argument("--table", type=Path, help="a Markdown table whose rows of this worker are replaced")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = (asked.folder or Path(scratch)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        check = Check(asked.name, asked.clone.absolute(), asked.venv, folder)
        rows = list(check.rows())
    lines = [f"| {asked.name} | {check.commit()} | {row.task} | {row.result} | {row.told} |" for row in rows]
    print(*lines, sep="\n")
    if asked.table:
        _replace(asked.table, asked.name, lines)
    return any(row.result in ("differs", "failed", "parted") for row in rows)


class Check:
    """One worker, one clone, one environment."""

    def __init__(self, name: str, clone: Path, venv: Path | None, folder: Path) -> None:
        self.name, self.clone, self.folder = name, clone, folder
        self.file = WorkerFile.model_validate(tomllib.loads((READY_MADE / f"{name}.toml").read_text()))
        self.python = str(venv.absolute() / "bin" / "python") if venv else str(Path(self.file.command[0]).expanduser())
        self.gpu = self._has_gpu()
        self.models: dict[str, WorkerModel] = {}
        self.environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder), "TOKENIZERS_PARALLELISM": "false"}
        if not self.gpu:
            self.environment["PYTHONPATH"] = str(PLACE / "cpu")
        if name == "bagel" and not self.gpu:
            self.environment["REAL_WORKERS_FLASH_ATTN"] = "1"

    def rows(self) -> Iterator[Row]:
        """The comparisons, in the order of CALLS, then the stand-in's."""
        picture = self.folder / "in.png"
        Image.effect_noise((300, 200), 60).convert("RGB").save(picture)
        made = self._step("make")
        calls = [
            {"task": task, "text": text, "seed": SEED, "out": str(self.folder / f"authors-{task}.png"),
             "image": None if task == "draw" else str(picture)}
            for task, text in CALLS.items()
        ]  # fmt: skip
        (self.folder / "calls.json").write_text(json.dumps(calls))
        theirs = self._step("authors")
        try:
            for task in CALLS:
                yield self._compared(task, theirs[task], made)
        finally:
            for model in self.models.values():
                model.close()
        parted = self._step("signatures")
        yield Row("stand-in of the tests", "parted" if parted else "agrees", "; ".join(parted))

    def commit(self) -> str:
        """Commit and date of the clone; a plus where something in it was changed."""
        told = self._git("log", "-1", "--format=%h of %cs")
        return told + ("+" if _changed(self._git("status", "--porcelain", "--untracked-files=no")) else "")

    def _compared(self, task: str, theirs: dict[str, Any], made: dict[str, Any]) -> Row:
        if "missing" in theirs:
            return Row(task, "not supported")
        if "error" in theirs:
            return Row(task, "failed", "the authors' script: " + theirs["error"].strip().splitlines()[-1])
        try:
            model = self._worker(made, task)
            images = () if task == "draw" else (Image.open(self.folder / "in.png"),)

            def ask(seed: int) -> Any:
                request = Request(CALLS[task], images, seed, model.parameters)
                return model.answer([request])[0] if task == "answer" else model.generate([request])[0]

            if task == "answer":
                ours, told = ask(SEED), ascii(theirs["text"])[:40].replace("|", "/")
                return Row(task, "equal" if ours == theirs["text"].strip() else "differs", told)
            first, again, other = ask(SEED), ask(SEED), ask(SEED + 1)
            with Image.open(theirs["image"]) as image:
                same = _bytes(image) == _bytes(first)
            first.save(self.folder / f"worker-{task}.png")
            follows = _bytes(first) == _bytes(again) != _bytes(other)
            seeds = "follows its seed" if follows else "does not follow its seed"
            return Row(task, "equal" if same and follows else "differs", f"{first.width} x {first.height}, {seeds}")
        except Exception as error:  # whatever it is, it is what the table has to tell
            return Row(task, "failed", "the worker: " + str(error).strip().splitlines()[-1])

    def _worker(self, made: dict[str, Any], task: str) -> WorkerModel:
        repository = {
            name: str(self._inside(place)) for name, place in self.file.environment.items() if "_REPO" in name
        }
        environment = {**self.file.environment, **self.environment, **made["environment"], **made.get(task, {})}
        key = str(environment)
        if key in self.models:
            return self.models[key]
        file = self.file.model_copy(
            update={
                "command": [self.python, self.file.command[-1]],
                "environment": {**environment, **repository},
                "parameters": made["parameters"],
            }
        )
        options = LoadOptions(device="cuda:0" if self.gpu else "cpu")
        return self.models.setdefault(key, WorkerModel(file, READY_MADE, options))

    def _inside(self, place: str) -> Path:
        """The folder of this clone that the worker's file names in its own."""
        parts = Path(place).parts
        return self.clone.joinpath(*parts[parts.index("src") + 2 :])

    def _step(self, step: str) -> Any:
        command = [self.python, str(PLACE / f"{self.name}.py"), step]
        command += ["--clone", str(self.clone), "--folder", str(self.folder)]
        environment = {**os.environ, **self.environment}
        # The project's own tree is not the worker's business: its Python may be older.
        environment["PYTHONPATH"] = self.environment.get("PYTHONPATH", "")
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-4000:]}")
        return json.loads((self.folder / f"{step}.json").read_text())

    def _has_gpu(self) -> bool:
        asked = [self.python, "-c", "import torch; print(torch.cuda.is_available())"]
        return subprocess.run(asked, capture_output=True, text=True).stdout.strip() == "True"

    def _git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", str(self.clone), *words], capture_output=True, text=True)
        return done.stdout.rstrip()


def _bytes(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    return image.size, image.convert("RGB").tobytes()


def _changed(status: str) -> bool:
    """Files that are merely absent (pictures of a page, say) are no change of the code."""
    return any(not line.lstrip().startswith("D") for line in status.splitlines())


def _replace(table: Path, name: str, lines: list[str]) -> None:
    """Put the rows of this worker in the place of its old ones, or at the end, with the day."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    kept = table.read_text().splitlines()
    at = next((n for n, line in enumerate(kept) if line.startswith(f"| {name} |")), len(kept))
    rest = [line for line in kept if not line.startswith(f"| {name} |")]
    rest[at:at] = [f"{line} {today} |" for line in lines]
    table.write_text("\n".join(rest) + "\n")


if __name__ == "__main__":
    sys.exit(main())
