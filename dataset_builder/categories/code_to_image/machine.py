r"""Runs one small program and counts its statements. Standard library only: a bare interpreter starts this file.

Every statement is numbered in the order of the source and counted as it is executed, the header of a loop once
for each time that the loop is entered. The counting is done by the syntax tree, not by the interpreter's line
events, so it is the same for every version of Python.

    >>> execute("n = int(input())\nfor i in range(n):\n    n += i\nprint(n)", "3")
    {'output': '6', 'error': None, 'path': [0, 1, 2, 2, 2, 3]}
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

BUILTINS = (
    "bool dict enumerate filter int isinstance len list map max min range reversed set sorted str sum tuple zip abs "
    "any all divmod round property ValueError KeyError IndexError TypeError __build_class__"
).split()
BUDGET = 1500
_TICK = " tick"  # no program can have a name with a space
_PRINTS = 2000
Outcome = dict[str, Any]


class _Stopped(Exception):
    pass


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements directly below a statement or module, in the order of the source."""
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        inner = getattr(node, name, None)
        if isinstance(inner, list) and inner:
            if isinstance(inner[0], ast.stmt):
                yield inner
            else:
                for part in inner:
                    yield part.body


def statements(node: ast.AST) -> list[ast.stmt]:
    """Every statement below a node, in the order of the source; their places are the numbers of a path."""
    found: list[ast.stmt] = []
    for block in blocks(node):
        for statement in block:
            found.append(statement)
            found += statements(statement)
    return found


def _tick(place: int, like: ast.stmt) -> ast.stmt:
    where: Any = {"lineno": like.lineno, "col_offset": 0, "end_lineno": like.lineno, "end_col_offset": 0}
    name = ast.Name(_TICK, ast.Load(), **where)
    return ast.Expr(ast.Call(name, [ast.Constant(place, **where)], [], **where), **where)


def _count_in(node: ast.AST, place: int) -> int:
    for block in blocks(node):
        counted: list[ast.stmt] = []
        for statement in block:
            counted += [_tick(place, statement), statement]
            place = _count_in(statement, place + 1)
        block[:] = counted
    return place


def execute(source: str, text: str = "", budget: int = BUDGET, names: dict[str, Any] | None = None) -> Outcome:
    """What a program prints (stripped), the error that ended it if one did, and its path of statements.

    `names` receives the program's variables as they are at its end.
    """
    printed: list[str] = []
    path: list[int] = []
    lines = iter(text.split("\n"))

    def tick(place: int) -> None:
        path.append(place)
        if len(path) > budget:
            raise _Stopped("runs too long")

    def show(*values: object, sep: str = " ", end: str = "\n") -> None:
        printed.append(sep.join(map(str, values)) + end)
        if sum(map(len, printed)) > _PRINTS:
            raise _Stopped("prints too much")

    allowed: dict[str, object] = {name: getattr(builtins, name) for name in BUILTINS}
    allowed |= {"print": show, "input": lambda: next(lines), _TICK: tick}
    error = None
    scope: dict[str, Any] = {} if names is None else names
    scope |= {"__builtins__": allowed, "__name__": "story"}
    try:
        tree = ast.parse(source)
        _count_in(tree, 0)
        exec(compile(tree, "<program>", "exec"), scope)
    except Exception as problem:
        error = f"{type(problem).__name__.strip('_')}: {str(problem)[:200]}"
    return {"output": "".join(printed).strip()[:_PRINTS], "error": error, "path": [] if error else path}


def _limit(names: dict[str, int]) -> None:
    try:
        import resource
    except ImportError:
        return  # not on Windows; the budget of statements and the caller's patience hold there
    for name, value in names.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError, AttributeError):
            pass  # macOS refuses some of them; the others hold


def _seconds_more() -> None:
    """Gives the next program a second of CPU."""
    try:
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 2, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    except (ImportError, ValueError, OSError):
        pass  # as above


def _in_forks(programs: list[list[str]]) -> list[Outcome]:
    """All programs in one fork; where one of them kills it, the next fork goes on after that one."""
    done: list[Outcome] = []
    while len(done) < len(programs):
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                _limit({"RLIMIT_FSIZE": 0, "RLIMIT_NPROC": 0})
                for source, text in programs[len(done) :]:
                    _seconds_more()
                    os.write(writer, json.dumps(execute(source, text)).encode() + b"\n")
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as answers:
            done += [json.loads(line) for line in answers]
        os.waitpid(pid, 0)
        if len(done) < len(programs):
            done.append({"output": "", "error": "killed at a limit", "path": []})
    return done


def serve(forks: bool) -> None:
    """Reads lists of [source, input] as lines of JSON and answers each with a line of outcomes."""
    _limit({"RLIMIT_CORE": 0, "RLIMIT_AS": 256 << 20})
    for line in sys.stdin:
        programs = json.loads(line)
        print(json.dumps(_in_forks(programs) if forks else [execute(*program) for program in programs]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1] == "forks")
