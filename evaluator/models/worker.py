"""`worker:FILE.toml`: a model in its own environment, spoken to in JSON lines over its stdin and stdout.

The file:

    name = "BAGEL"
    command = ["~/envs/bagel/bin/python", "bagel_worker.py"]   # the script stands beside the file
    capabilities = ["answer", "generate", "edit"]       # may be left out: --dry-run then starts the worker
    startup_seconds = 900                               # loading included
    request_seconds = 600                               # per request
    max_restarts = 3                                    # crashes in a row before the run stops
    repository = "https://github.com/ByteDance-Seed/Bagel"
    commit = "056b5fd"                                  # checked against it; a clone at another one is told
    [environment]
    CUDA_VISIBLE_DEVICES = "0"

A crash fails the instance under way and the worker is started again; its stderr is kept in a log whose
last error goes into ours. The worker's side is `workers/realunify_worker.py`, which is put on its path. What
ran there (Python, libraries, the commit of the clone) is kept as `worker.NAME`, apart from the host's own.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from pydantic import ValidationError

from dataset_builder.errors import RealUnifyError, UsageError, unknown_name
from dataset_builder.files import cache_folder
from evaluator.models._worker_records import Output, Ready, Result, WorkerFile, first_problem, last_error
from evaluator.models.base import (
    Declaration,
    LoadOptions,
    Model,
    ProviderDown,
    Refusal,
    checked_capabilities,
)
from evaluator.records import Capability, Request
from evaluator.runs import sharding

if TYPE_CHECKING:
    from dataset_builder.folder import Dataset

VERSION = 1
READY_MADE = Path(__file__).parent / "workers"
_LOG_TAIL = 20_000
_log = logging.getLogger(__name__)


class WorkerCrash(Exception):
    """The worker's process ended, hung or broke the protocol; the message is one line and names its log."""


def load(rest: str, options: LoadOptions) -> WorkerModel:
    """Read the file (a path, or the name of one of the ready-made ones), start the worker, shake hands."""
    path = _find(rest)
    return WorkerModel(WorkerFile.read(path), path.parent.absolute(), options)


def declare(rest: str, options: LoadOptions) -> Model | None:
    """What the file says that the worker can do, where it says it."""
    file = WorkerFile.read(_find(rest))
    return None if file.capabilities is None else Declaration(file.name, file.capabilities)


def _find(rest: str) -> Path:
    path = Path(rest)
    if not path.is_file() and (READY_MADE / rest).with_suffix(".toml").is_file():
        path = (READY_MADE / rest).with_suffix(".toml")
    if not path.is_file():
        raise unknown_name("worker file", rest, [file.stem for file in READY_MADE.glob("*.toml")] or ["FILE.toml"])
    return path


class WorkerModel(Model):
    """The host's side: one process, restarted after a crash, one call at a time."""

    def __init__(self, file: WorkerFile, folder: Path, options: LoadOptions) -> None:
        super().__init__()
        self.file = file
        self.folder = folder
        self.name = file.name
        # Without `--device` a launcher's processes go to a GPU each.
        launched = sharding.launched_device() if options.device == "auto" else None
        self._asked = {**({"device": launched} if launched else {}), **options.given}
        self._environment = {
            **file.environment,
            **{f"REALUNIFY_{name.upper()}": value for name, value in self._asked.items()},
        }
        self._calls = 0
        self._crashes = 0
        self._log_start = 0
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
        try:
            self.capabilities = self._declared(ready)
        except UsageError:
            self.close()
            raise
        self.revision = ready.revision
        self._facts = {**ready.facts(), **file.facts(folder), **self._asked}
        self._tell_of_the_clone(ready.runtime)
        self.parameters = {**ready.defaults, **file.parameters}

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self._need("answer")
        return [output.text or "" for output in self._call("answer", requests)]

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        for request in requests:
            self._need("edit" if request.images else "generate")
        outputs = self._call("generate", requests)
        return [self._picture(output, request) for output, request in zip(outputs, requests, strict=True)]

    def environment(self) -> dict[str, str]:
        return self._facts

    def prepare(self, dataset: Dataset) -> None:
        """The health check before a run: better told now than by an error of each instance."""
        if not self.healthy():
            raise RealUnifyError(
                f"worker {self.name} started but does not answer a ping: {self._why()}; mend it, then run again"
            )

    def healthy(self) -> bool:
        """Whether the worker answers a ping."""
        if self._process is None:
            return False
        self._calls += 1
        try:
            reply = self._exchange({"type": "ping", "id": self._calls}, 30)
        except WorkerCrash:
            return False
        return reply == {"type": "pong", "id": self._calls}

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(OSError, WorkerCrash, subprocess.TimeoutExpired):
                self._send({"type": "bye"})
                self._process.wait(timeout=10)
        self._stop()
        self._scratch.cleanup()

    def _declared(self, ready: Ready) -> frozenset[Capability]:
        declared = checked_capabilities(f"worker {self.name}", ready.capabilities)
        if self.file.capabilities is not None and declared != frozenset(self.file.capabilities):
            raise UsageError(
                f"worker {self.name} can {', '.join(sorted(declared))}, but its file says "
                f"{', '.join(sorted(self.file.capabilities))}: mend `capabilities` there, or leave it out"
            )
        return declared

    def _tell_of_the_clone(self, runtime: dict[str, str]) -> None:
        """A clone unlike the one that was checked may draw otherwise; that is told, and the run goes on."""
        there, checked = runtime.get("commit", ""), self.file.commit
        if checked and there not in ("", "unknown") and not there.startswith(checked):
            _log.warning(
                f"worker {self.name}: its clone is at commit {there[:12]}, and was checked at {checked[:12]}; the run "
                f"goes on, and its manifest says so (git checkout {checked[:12]} in the clone makes them the same)"
            )
        changed = runtime.get("clone", "clean").removeprefix("changed: ")
        if changed != "clean":
            _log.warning(f"worker {self.name}: its clone has changes of its own ({changed}); the manifest says so")

    def _picture(self, output: Output, request: Request) -> Image.Image:
        """The picture that the worker wrote; what is odd about its size is noted on the request."""
        place = Path(output.image or "")
        try:
            with Image.open(place) as opened:
                image = opened.convert("RGB")
        except (OSError, SyntaxError, ValueError) as error:
            why = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
            raise RuntimeError(
                f"worker {self.name} said that it drew {place}, which {why}; its log is {self.log}"
            ) from None
        finally:
            if place.parent == Path(self._scratch.name):
                place.unlink(missing_ok=True)
        size = f"{image.width} x {image.height}"
        if request.images:
            source = request.images[0]
            if not 0.9 < (image.width * source.height) / (image.height * source.width) < 1.1:
                request.notes.append(f"the edit of a picture of {source.width} x {source.height} is {size}")
        elif {"width", "height"} <= set(request.parameters):
            asked = f"{request.parameters['width']} x {request.parameters['height']}"
            if asked != size:
                request.notes.append(f"asked for {asked}, drew {size}")
        return image

    def _need(self, capability: str) -> None:
        if capability not in self.capabilities:
            raise UsageError(f"{self.name} cannot {capability}: not supported")

    def _call(self, method: str, requests: Sequence[Request]) -> list[Output]:
        """The worker's outputs, one call a request; a refusal or an error of the model is raised as such."""
        return [self._call_one(method, request) for request in requests]

    def _call_one(self, method: str, request: Request) -> Output:
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
            output = self._output(self._exchange(message, self.file.request_seconds), method)
        except WorkerCrash:
            self._crashes += 1
            self._stop()
            raise
        finally:
            for name in inputs:
                Path(name).unlink(missing_ok=True)
        self._crashes = 0
        request.notes += output.notes
        request.usage.update(output.usage)
        if output.refusal is not None:
            raise Refusal(output.refusal)
        if output.error is not None:
            raise RuntimeError(f"in the worker {self.name}:\n{output.error}")
        return output

    def _output(self, reply: dict[str, Any], method: str) -> Output:
        """The only output of the reply; one that the protocol does not allow counts as a crash."""
        told = str(reply)[:200]
        try:
            result = Result.model_validate(reply)
        except ValidationError as error:
            raise WorkerCrash(f"worker {self.name} broke the protocol ({first_problem(error)}): {told}") from None
        if result.id != self._calls:
            raise WorkerCrash(f"worker {self.name} answered out of turn: {told}")
        (output,) = result.outputs
        lacking = output.text if method == "answer" else output.image
        if lacking is None and output.refusal is None and output.error is None:
            raise WorkerCrash(f"worker {self.name} broke the protocol (no {method} in its output): {told}")
        return output

    def _restart(self) -> None:
        if self._crashes > self.file.max_restarts:
            raise ProviderDown(
                f"worker {self.name} crashed {self._crashes} times in a row; see {self.log}, mend it, then run again "
                "with --retry-errors"
            )
        self._start()

    def _start(self) -> Ready:
        command = [str(Path(word).expanduser()) if word.startswith("~") else word for word in self.file.command]
        environment = {**os.environ, **self._environment}
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(READY_MADE), self._environment.get("PYTHONPATH", "")])
        )
        environment["PYTHONUNBUFFERED"] = "1"
        try:
            with self.log.open("ab") as log:
                self._log_start = log.tell()
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
                f"worker {self.name}: cannot start {command[0]}: {error.strerror}; make its environment (`install` in "
                "its file says how) and set `command` to that environment's Python"
            ) from None
        self._replies = queue.Queue()
        threading.Thread(target=_read, args=(self._process, self._replies), daemon=True).start()
        try:
            reply = self._exchange({"type": "hello", "version": VERSION}, self.file.startup_seconds)
        except WorkerCrash as crash:
            self._stop()
            raise RealUnifyError(f"worker {self.name} did not start: {self._advised(str(crash))}") from None
        try:
            ready = Ready.model_validate(reply)
            if ready.version == VERSION:
                return ready
            reason = f"it speaks version {ready.version} of the protocol, not {VERSION}"
        except ValidationError as error:
            reason = f"its handshake is wrong ({first_problem(error)})"
        self._stop()
        if reply.get("error"):
            reason = self._advised(last_error(str(reply["error"])))
        raise RealUnifyError(f"worker {self.name} did not start: {reason}; its log is {self.log}")

    def _advised(self, reason: str) -> str:
        """The reason, and what to do where it is an environment that lacks a library."""
        lacking = re.search("No module named '[^']+'", reason)
        if lacking is None:
            return reason
        return reason.replace(
            lacking.group(),
            f"{lacking.group()}; its environment, of {self.file.command[0]}, is not whole: install what `install` in "
            "its file lists",
            1,
        )

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise WorkerCrash(f"worker {self.name} {self._ending()}: {self._why()}") from None

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send, and wait for one line; a process that ends or stays silent is a crash."""
        self._send(message)
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise WorkerCrash(
                f"worker {self.name} said nothing for {seconds:.0f} s (startup_seconds and request_seconds in its file "
                f"set how long it may): {self._why()}"
            ) from None
        if line is None:
            raise WorkerCrash(f"worker {self.name} {self._ending()}: {self._why()}")
        try:
            reply = json.loads(line)
        except json.JSONDecodeError:
            reply = None
        if not isinstance(reply, dict):
            raise WorkerCrash(
                f"worker {self.name} wrote no JSON object: {line[:200]!r}; its stdout is the protocol's: print to "
                "stderr, or take `serve` of realunify_worker.py, which sees to it"
            )
        return reply

    def _ending(self) -> str:
        """How the process came to its end."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        status = self._process.returncode
        if status is None:
            return "closed its output"
        if status >= 0:
            return f"died (exit status {status})"
        killed = " (out of memory?)" if status == -signal.SIGKILL else ""
        return f"was killed by {signal.Signals(-status).name}{killed}"

    def _why(self) -> str:
        """The last error in the log of this process, and where the log is; one line."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - _LOG_TAIL))
            text = log.read().decode(errors="replace")
        return f"{last_error(text) or 'it wrote nothing to stderr'}; its log is {self.log}"

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
