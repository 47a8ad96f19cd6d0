"""Runs small programs where they can do no harm: a bare interpreter, a fork a call, hard limits.

The program's syntax is checked first (no imports, no names that begin with an underscore but `__init__`, no
`str.format`), then it runs in a fork of a long-lived `python -I -S` with an empty environment, a short list of
builtins, no files, no further processes, 1,500 statements, about a second of CPU and 256 MiB. One interpreter
serves all calls of a process, and the programs of a call share a fork, so a hundred programs take a fraction of a
second. Where the system has no `os.fork` (Windows) the programs of a call run one after the other in an interpreter
that is started for the call and ended after it.

    >>> run([("print(int(input()) * 2)", "21")])
    [Result(output='42', error=None, path=(0,))]
"""

from __future__ import annotations

import ast
import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from dataset_builder.categories.code_to_image import machine
from dataset_builder.errors import RealUnifyError

_TIMEOUT_S = 60.0
_FORBIDDEN_ATTRIBUTES = {"format", "format_map"}
_REMEMBERED = 8192


@dataclass(frozen=True)
class Result:
    """What a program printed (stripped), why it stopped if it failed, and the statements that it ran, by number."""

    output: str
    error: str | None
    path: tuple[int, ...] = ()


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
                (
                    name.startswith("_")
                    and name != "_"
                    and not (name == "__init__" and isinstance(node, ast.FunctionDef))
                )
                or (isinstance(node, ast.Attribute) and name in _FORBIDDEN_ATTRIBUTES)
            ):
                return f"uses the name '{name}'"
    return None


_server: tuple[int, subprocess.Popen[str]] | None = None
_known: dict[tuple[str, str], Result] = {}


def run(programs: Sequence[tuple[str, str]]) -> list[Result]:
    """Each (source, input line)'s result, in order; a refused program has an error and no output.

    A program is a function of its input, so what was run lately is not run again: the audit's several questions
    about one instance cost one run.
    """
    fresh = [program for program in dict.fromkeys(programs) if program not in _known]
    if len(_known) + len(fresh) > _REMEMBERED:
        _known.clear()
        fresh = list(dict.fromkeys(programs))
    refusals = {program: refusal(program[0]) for program in fresh}
    accepted = [program for program in fresh if refusals[program] is None]
    _known.update({program: Result("", f"refused: {reason}") for program, reason in refusals.items() if reason})
    _known.update(zip(accepted, _ask(accepted) if accepted else [], strict=True))
    return [_known[program] for program in programs]


def _ask(programs: list[tuple[str, str]]) -> list[Result]:
    server = _running()
    assert server.stdin is not None and server.stdout is not None
    patience = threading.Timer(_TIMEOUT_S, server.kill)  # `select` does not take pipes on Windows
    patience.start()
    try:
        server.stdin.write(json.dumps(programs) + "\n")
        server.stdin.flush()
        line = server.stdout.readline()
    except BrokenPipeError:
        line = ""
    finally:
        patience.cancel()
    if not line or not hasattr(os, "fork"):
        _end()
    if not line:
        raise RealUnifyError(f"the sandbox gave no answer in {_TIMEOUT_S:.0f} s; run the check again")
    return [Result(r["output"], r["error"], tuple(r["path"])) for r in json.loads(line)]


def _running() -> subprocess.Popen[str]:
    """This process's interpreter; a fork of the process must not share its parent's pipes."""
    global _server
    if _server is None or _server[0] != os.getpid() or _server[1].poll() is not None:
        how = "forks" if hasattr(os, "fork") else "alone"
        # Windows does not start Python without its SystemRoot.
        kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", machine.__file__, how],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            text=True,
        )
        _server = os.getpid(), process
    return _server[1]


def stop() -> None:
    """Ends the interpreter and forgets what it said; the next run starts another."""
    _known.clear()
    _end()


def _end() -> None:
    global _server
    server, _server = _server, None
    if server is not None and server[0] == os.getpid():
        server[1].kill()
        server[1].wait()
        for pipe in (server[1].stdin, server[1].stdout):
            if pipe is not None:
                pipe.close()


atexit.register(stop)
