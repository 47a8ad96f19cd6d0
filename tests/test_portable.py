"""No Linux needed: what other systems lack is not used, or has its way round; encodings are always named."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import installing
from tests.root import ROOT

UNIX_ONLY = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
# It is about to be written anew; its own text alone goes through that pipe.
UNNAMED = {"dataset_builder/categories/code_to_image/sandbox.py"}

# What a process finds on Windows, as far as Linux can be made to look like it. Other libraries choose by
# `sys.platform` and are left alone, but for filelock, whose second way is a file that stands for the lock.
ELSEWHERE = """
import builtins, ctypes, fcntl, os, signal, sys

OURS = ("dataset_builder", "evaluator", "leaderboard_space", "filelock")
given_import, given_open, given_sync, library = builtins.__import__, os.open, os.fsync, ctypes.CDLL


def import_(name, scope=None, *rest, **named):
    if name in UNIX_ONLY and (scope or {}).get("__name__", "").split(".")[0] in OURS:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return given_import(name, scope, *rest, **named)


def open_(path, flags, *rest, **named):
    if isinstance(path, (str, os.PathLike)) and os.path.isdir(path):
        raise PermissionError(13, "Permission denied", os.fspath(path))
    return given_open(path, flags, *rest, **named)


def fsync(file):
    if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(9, "Bad file descriptor")
    given_sync(file)


def load(name, *rest, **named):
    if name is None:
        raise TypeError("bad argument type for built-in operation")
    return library(name, *rest, **named)


builtins.__import__, os.open, os.fsync, ctypes.CDLL = import_, open_, fsync, load
for module, names in {os: "fork forkpty killpg setsid getpgid sync", signal: "SIGKILL SIGHUP SIGALRM"}.items():
    for name in names.split():
        delattr(module, name)
for room in OURS[:3]:
    __import__(room)
from evaluator.cli import main

for verb in VERBS:
    sys.argv = ["realunify", *verb.split()]
    try:
        main()
    except SystemExit as end:
        assert not end.code, (verb, end.code)
print("to the end")
"""


def files() -> list[Path]:
    """The modules of the three rooms, but for those that run in other environments."""
    found = [path for room in installing.PACKAGES for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if "workers" not in path.parts]


def text_opened(call: ast.Call) -> bool:
    """Whether a call opens text, reads it or has it from a process, and leaves the encoding to the system."""
    named = {word.arg: word.value for word in call.keywords}
    if "encoding" in named or None in named:
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    if "text" in named or "universal_newlines" in named:
        return name in ("run", "Popen", "check_output")
    if name not in ("open", "fdopen"):
        return False
    method = isinstance(call.func, ast.Attribute) and name == "open"
    modes = [*call.args[0 if method else 1 :][:1], *filter(None, [named.get("mode")])]
    if not modes:  # path.open() or open(path); a class's or a module's own open is another matter
        return not method or not isinstance(call.func.value, ast.Name) or not call.func.value.id[0].isupper()
    mode = modes[0].value if isinstance(modes[0], ast.Constant) else "b"
    return isinstance(mode, str) and set(mode) <= set("rwaxbt+") and "b" not in mode


def unnamed(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and text_opened(node):
            yield node.lineno


def test_every_text_names_its_encoding() -> None:
    found = {path.relative_to(ROOT).as_posix(): list(unnamed(path.read_text(encoding="utf-8"))) for path in files()}
    assert len(found) > 200
    assert {name: lines for name, lines in found.items() if lines and name not in UNNAMED} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("open(p)\nopen(p, 'w')\nopen(p, mode='a')", [1, 2, 3]),
        ("open(p, 'rb')\nopen(p, encoding='utf-8')\nos.open(p, os.O_RDONLY)", []),
        ("p.open()\np.open('x')\np.open('wb')\nImage.open(p)\nRunFolder.open('runs')\nAnswerCache.open()", [1, 2]),
        ("p.read_text()\np.write_text(t)\np.read_text(encoding='utf-8')\np.read_text('utf-8')", [1, 2]),
        ("subprocess.run(c, text=True)\nsubprocess.run(c)\nprint(text=True)", [1]),
    ],
)
def test_texts_without_an_encoding_are_found(source: str, lines: list[int]) -> None:
    assert list(unnamed(source)) == lines


def test_no_module_needs_unix_to_be_imported() -> None:
    found = []
    for path in files():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.relative_to(ROOT)}: {name}" for name in names if name.split(".")[0] in UNIX_ONLY]
    assert found == []


def test_the_base_verbs_work_on_a_system_with_less(tmp_path: Path) -> None:
    """No fcntl, no fork, no renameat2, no syncing of folders, another code page: imports and verbs alike."""
    code = ELSEWHERE.replace("UNIX_ONLY", repr(UNIX_ONLY)).replace("VERBS", repr(installing.VERBS))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    environment |= {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="cp1252", check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("to the end\n")
    assert "no problems" in done.stdout and "12 predictions made" in done.stdout
    assert (tmp_path / "report" / "index.html").is_file() and (tmp_path / "gold.zip").is_file()
