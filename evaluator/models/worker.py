"""`worker:FILE.toml`: a model in its own environment, spoken to in JSON lines over its stdin and stdout.

The file:

    name = "BAGEL"
    command = ["~/envs/bagel/bin/python", "bagel_worker.py"]   # the script stands beside the file
    startup_seconds = 900                               # loading included
    request_seconds = 600                               # per request
    max_restarts = 3                                    # crashes in a row before the run stops
    [environment]
    CUDA_VISIBLE_DEVICES = "0"

A crash fails the instance under way and the worker is started again; its stderr is kept in a log whose
end goes into the error. The worker's side is `workers/realunify_worker.py`, which is put on its path.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import RealUnifyError, UsageError, unknown_name
from evaluator.cache import cache_folder
from evaluator.models.base import LoadOptions, Model, ProviderDown, Refusal
from evaluator.records import CAPABILITIES, Request

VERSION = 1
READY_MADE = Path(__file__).parent / "workers"
_LOG_TAIL = 2_000


class WorkerFile(BaseModel):
    """The TOML file, checked."""

    model_config = ConfigDict(extra="forbid")

    name: str
    command: list[str] = Field(min_length=1)
    startup_seconds: float = Field(default=900, gt=0)
    request_seconds: float = Field(default=600, gt=0)
    max_restarts: int = Field(default=3, ge=0)
    environment: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)


class WorkerCrash(Exception):
    """The worker's process ended or hung during a call; the message holds the end of its stderr."""


def load(rest: str, options: LoadOptions) -> WorkerModel:
    """Read the file (a path, or the name of one of the ready-made ones), start the worker, shake hands."""
    path = Path(rest)
    if not path.is_file() and (READY_MADE / rest).with_suffix(".toml").is_file():
        path = (READY_MADE / rest).with_suffix(".toml")
    if not path.is_file():
        raise unknown_name("worker file", rest, [file.stem for file in READY_MADE.glob("*.toml")] or ["FILE.toml"])
    try:
        file = WorkerFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else _first(error)
        raise UsageError(f"{path}: {reason}") from None
    return WorkerModel(file, path.parent.absolute(), options)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


class WorkerModel(Model):
    """The host's side: one process, restarted after a crash, one call at a time."""

    def __init__(self, file: WorkerFile, folder: Path, options: LoadOptions) -> None:
        super().__init__()
        self.file = file
        self.folder = folder
        self.name = file.name
        self._environment = {**file.environment}
        if options.revision:
            self._environment["REALUNIFY_REVISION"] = options.revision
        if options.device != "auto":
            self._environment["REALUNIFY_DEVICE"] = options.device
        self._calls = 0
        self._crashes = 0
        self._scratch = tempfile.TemporaryDirectory(prefix="realunify-worker-")
        self.log = cache_folder("workers") / f"{file.name.replace('/', '-')}-{os.getpid()}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.Queue[str | None] = queue.Queue()
        try:
            ready = self._start()
        except BaseException:
            self.close()
            raise
        declared = frozenset(ready["capabilities"])
        if not declared or declared - frozenset(CAPABILITIES):
            self.close()
            raise UsageError(f"worker {file.name} declares {sorted(declared)}; choose from {', '.join(CAPABILITIES)}")
        self.capabilities = declared
        self.revision = ready["revision"]
        self.parameters = {**ready["defaults"], **file.parameters}

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self._need("answer")
        return [str(output["text"]) for output in self._call("answer", requests)]

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        for request in requests:
            self._need("edit" if request.images else "generate")
        images = []
        for output in self._call("generate", requests):
            with Image.open(output["image"]) as image:
                images.append(image.convert("RGB"))
            Path(output["image"]).unlink()
        return images

    def environment(self) -> dict[str, str]:
        return {"worker": " ".join(self.file.command)}

    def healthy(self) -> bool:
        """Whether the worker answers a ping."""
        self._calls += 1
        try:
            reply = self._exchange({"type": "ping", "id": self._calls}, 30)
        except WorkerCrash:
            return False
        return reply == {"type": "pong", "id": self._calls}

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError, WorkerCrash):
                self._send({"type": "bye"})
                self._process.wait(timeout=10)
        self._stop()
        self._scratch.cleanup()

    def _need(self, capability: str) -> None:
        if capability not in self.capabilities:
            raise UsageError(f"{self.name} cannot {capability}: not supported")

    def _call(self, method: str, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """The worker's outputs, one call a request; a refusal or an error of the model is raised as such."""
        return [self._call_one(method, request) for request in requests]

    def _call_one(self, method: str, request: Request) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self._restart()
        self._calls += 1
        scratch = Path(self._scratch.name)
        inputs = []
        for number, image in enumerate(request.images):
            path = scratch / f"{self._calls}-in-{number}.png"
            image.save(path, compress_level=1)
            inputs.append(str(path))
        message = {
            "type": "call",
            "id": self._calls,
            "method": method,
            "requests": [
                {
                    "text": request.text,
                    "images": inputs,
                    "seed": request.seed,
                    "parameters": dict(request.parameters),
                    "out": str(scratch / f"{self._calls}-out.png"),
                }
            ],
        }
        try:
            reply = self._exchange(message, self.file.request_seconds)
        except WorkerCrash:
            self._crashes += 1
            self._stop()
            raise
        finally:
            for name in inputs:
                Path(name).unlink(missing_ok=True)
        self._crashes = 0
        if reply.get("id") != self._calls or reply.get("type") != "result":
            raise WorkerCrash(f"worker {self.name} answered out of turn: {str(reply)[:200]}")
        output: dict[str, Any] = reply["outputs"][0]
        if "refusal" in output:
            raise Refusal(output["refusal"])
        if "error" in output:
            raise RuntimeError(f"in the worker {self.name}:\n{output['error']}")
        return output

    def _restart(self) -> None:
        if self._crashes > self.file.max_restarts:
            raise ProviderDown(
                f"worker {self.name} crashed {self._crashes} times in a row; see {self.log}, mend it, then run again "
                "with --retry-errors"
            )
        self._start()

    def _start(self) -> dict[str, Any]:
        command = [str(Path(word).expanduser()) if word.startswith("~") else word for word in self.file.command]
        environment = {**os.environ, **self._environment}
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(READY_MADE), self._environment.get("PYTHONPATH", "")])
        )
        environment["PYTHONUNBUFFERED"] = "1"
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,
                )
        except OSError as error:
            raise UsageError(
                f"worker {self.name}: cannot start {command[0]}: {error.strerror}; make its environment (see `notes` "
                "in its file) and set `command` to that environment's Python"
            ) from None
        self._replies = queue.Queue()
        threading.Thread(target=_read, args=(self._process, self._replies), daemon=True).start()
        try:
            reply = self._exchange({"type": "hello", "version": VERSION}, self.file.startup_seconds)
        except WorkerCrash as crash:
            self._stop()
            raise RealUnifyError(f"worker {self.name} did not start: {crash}") from None
        if reply.get("type") != "ready" or reply.get("version") != VERSION:
            self._stop()
            reason = str(reply.get("error", reply)).strip().splitlines()[-1]
            raise RealUnifyError(f"worker {self.name} did not start: {reason}; its log is {self.log}")
        return reply

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise WorkerCrash(f"worker {self.name} is gone: {self._tail()}") from None

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send, and wait for one line; a process that ends or stays silent is a crash."""
        self._send(message)
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise WorkerCrash(f"worker {self.name} said nothing for {seconds:.0f} s: {self._tail()}") from None
        if line is None:
            raise WorkerCrash(f"worker {self.name} ended: {self._tail()}")
        try:
            reply: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            raise WorkerCrash(f"worker {self.name} wrote no JSON: {line[:200]!r}") from None
        return reply

    def _tail(self) -> str:
        text = self.log.read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()
        return f"{text}\n(whole log: {self.log})" if text else f"its log {self.log} is empty"

    def _stop(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process = None


def _read(process: subprocess.Popen[str], replies: queue.Queue[str | None]) -> None:
    """Lines of the worker's stdout into the queue; None when it ends."""
    assert process.stdout is not None
    with contextlib.suppress(ValueError, OSError):
        for line in process.stdout:
            replies.put(line)
    replies.put(None)
