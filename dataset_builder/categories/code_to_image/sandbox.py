"""Runs small programs where they can do no harm: a bare interpreter, a fork a program, hard limits.

The program's syntax is checked first (no imports, no names that begin with an underscore, no
`str.format`), then it runs in a fork of a long-lived `python -I -S` with an empty environment, a short
list of builtins, no files, no further processes, a second of CPU and 256 MiB. One interpreter serves all
calls of a process, so a hundred programs take a fraction of a second.

    >>> run([("print(int(input()) * 2)", "21")])
    [Result(output='42', error=None)]
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from dataset_builder.errors import RealUnifyError

BUILTINS = (
    "bool dict enumerate filter int len list map max min range reversed set sorted str sum tuple zip abs any all "
    "divmod round ValueError KeyError IndexError True False None"
).split()
_TIMEOUT_S = 20.0
_FORBIDDEN_ATTRIBUTES = {"format", "format_map"}

# Kept as text, because it runs in an interpreter that cannot import this package.
_SERVER = r"""
import builtins, json, os, resource, sys
NAMES = sys.argv[1].split()
def limit(what, value):
    try:
        resource.setrlimit(what, (value, value))
    except (ValueError, OSError):
        pass  # macOS refuses some of them; the others hold
limit(resource.RLIMIT_CORE, 0)
limit(resource.RLIMIT_AS, 256 << 20)
def child(pipe, source, text):
    for what, value in ((resource.RLIMIT_CPU, 1), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0)):
        limit(what, value)
    lines, printed = iter(text.split("\n")), []
    def show(*values, sep=" ", end="\n"):
        printed.append(sep.join(map(str, values)) + end)
        if sum(map(len, printed)) > 2000:
            raise RuntimeError("prints too much")
    scope = {"__builtins__": {name: getattr(builtins, name) for name in NAMES}}
    scope["__builtins__"].update(print=show, input=lambda: next(lines))
    error = None
    try:
        exec(compile(source, "<program>", "exec"), scope)
    except BaseException as problem:
        error = type(problem).__name__ + ": " + str(problem)[:200]
    os.write(pipe, json.dumps({"output": "".join(printed).strip()[:2000], "error": error}).encode())
for line in sys.stdin:
    results = []
    for source, text in json.loads(line):
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                child(writer, source, text)
            finally:
                os._exit(0)
        os.close(writer)
        parts = []
        while part := os.read(reader, 65536):
            parts.append(part)
        os.close(reader)
        os.waitpid(pid, 0)
        results.append(json.loads(b"".join(parts) or b'{"output": "", "error": "killed at a limit"}'))
    print(json.dumps(results), flush=True)
"""


@dataclass(frozen=True)
class Result:
    """What a program printed (stripped), and why it stopped if it failed."""

    output: str
    error: str | None


def refusal(source: str) -> str | None:
    """Why a program is not run at all, or None."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        return f"not a program: {problem}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            return "imports a module"
        names = [value for key, value in ast.iter_fields(node) if key in ("id", "attr", "name", "arg", "rest")]
        names += getattr(node, "names", []) + getattr(node, "kwd_attrs", [])
        for name in names:
            if isinstance(name, str) and (
                (name.startswith("_") and name != "_")
                or (isinstance(node, ast.Attribute) and name in _FORBIDDEN_ATTRIBUTES)
            ):
                return f"uses the name '{name}'"
    return None


_server: tuple[int, subprocess.Popen[str]] | None = None


def run(programs: Sequence[tuple[str, str]]) -> list[Result]:
    """Each (source, input line)'s result, in order; a refused program has an error and no output."""
    refusals = [refusal(source) for source, _ in programs]
    accepted = [program for program, reason in zip(programs, refusals, strict=True) if reason is None]
    results = iter(_ask(accepted) if accepted else [])
    return [next(results) if reason is None else Result("", f"refused: {reason}") for reason in refusals]


def _ask(programs: list[tuple[str, str]]) -> list[Result]:
    server = _running()
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(json.dumps(programs) + "\n")
    server.stdin.flush()
    ready, _, _ = select.select([server.stdout], [], [], _TIMEOUT_S)
    line = server.stdout.readline() if ready else ""
    if not line:
        stop()
        raise RealUnifyError(f"the sandbox gave no answer in {_TIMEOUT_S:.0f} s; run the check again")
    return [Result(r["output"], r["error"]) for r in json.loads(line)]


def _running() -> subprocess.Popen[str]:
    """This process's interpreter; a fork of the process must not share its parent's pipes."""
    global _server
    if _server is None or _server[0] != os.getpid() or _server[1].poll() is not None:
        command = [sys.executable, "-I", "-S", "-c", _SERVER, " ".join(BUILTINS)]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, text=True
        )
        _server = os.getpid(), process
    return _server[1]


def stop() -> None:
    """Ends the interpreter; the next run starts another."""
    global _server
    server, _server = _server, None
    if server is not None and server[0] == os.getpid():
        server[1].kill()
        server[1].wait()
        for pipe in (server[1].stdin, server[1].stdout):
            if pipe is not None:
                pipe.close()


atexit.register(stop)
