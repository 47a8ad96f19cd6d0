"""What runs in a worker's own environment: a tiny checkpoint made, the authors' entry points called.

    VENV/bin/python benchmarks/real_workers/bagel.py make    --clone DIR --folder DIR
    VENV/bin/python benchmarks/real_workers/bagel.py authors --clone DIR --folder DIR

A module of this folder has `make(folder, clone)`, which writes a tiny random checkpoint in the repository's own
format and returns what the worker needs to use it, and for each of draw, edit and answer a function that runs the
repository's own script or demo on a `Call`. None of the authors' code is here: their script is read from the clone,
a few fragments of it (a path, a device, a seed) are replaced, and it is an error if one is no longer there.
"""

import argparse
import contextlib
import inspect
import io
import json
import os
import re
import sys
import traceback
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

FAKES = Path(__file__).resolve().parents[2] / "tests" / "evaluator" / "models" / "fakes"
TASKS = ("draw", "edit", "answer")


def main(name, make, fake=None, on_path=(), before=lambda clone: None, **tasks):
    """The command line of a module of this folder. `on_path`: folders of the clone that its scripts import from."""
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["make", "authors", "signatures"])
    parser.add_argument("--clone", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    sys.argv = sys.argv[:1]
    clone, folder = asked.clone.resolve(), asked.folder.resolve()
    # Not this folder: a module here has the name of the package that it checks.
    sys.path[:] = [str(clone / part) for part in on_path or (".",)] + [p for p in sys.path if p != sys.path[0]]
    before(clone)
    if asked.step == "make":
        found = {"parameters": {}, "environment": {}, **make(folder, clone)}
    elif asked.step == "authors":
        calls = json.loads((folder / "calls.json").read_text())
        found = {call["task"]: _tried(tasks.get(call["task"]), folder, clone, call) for call in calls}
    else:
        found = parted("fake_" + (fake or name))
    (folder / (asked.step + ".json")).write_text(json.dumps(found, indent=1))


def _tried(run, folder, clone, call):
    if run is None:
        return {"missing": True}
    try:
        with on_cpu():
            result = run(SimpleNamespace(folder=folder, clone=clone, **call))
        return {"text": result} if call["task"] == "answer" else {"image": str(result)}
    except Exception:
        return {"error": traceback.format_exc()}


def run_script(path, arguments=(), replace=(), until=None, names=None):
    """Run a script of the clone as the main program; returns its globals and what it printed.

    `replace`: (old, new) fragments, each of which has to be there. `until`: stop before this fragment.
    """
    source = Path(path).read_text(encoding="utf-8")
    if until is not None:
        if until not in source:
            raise LookupError(f"{path} has changed: {until!r} is not there")
        source = source[: source.index(until)]
    for old, new in replace:
        if old not in source:
            raise LookupError(f"{path} has changed: {old!r} is not there")
        source = source.replace(old, new)
    scope = {"__name__": "__main__", "__file__": str(path), **(names or {})}
    printed, before = io.StringIO(), sys.argv
    sys.argv = [str(path), *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(path), "exec"), scope)  # the repository's own script is what is checked
    finally:
        sys.argv = before
    return scope, printed.getvalue()


def stand_in(*modules):
    """Modules of a demo's surface (gradio, wandb) that have no part in what the model computes."""
    for name in modules:
        sys.modules[name] = MagicMock(__spec__=ModuleSpec(name, None))
    return sys.modules[modules[0]]


@contextlib.contextmanager
def on_cpu():
    """`cuda` in the authors' code means the CPU, where there is no GPU."""
    import torch
    from torch.overrides import TorchFunctionMode

    if torch.cuda.is_available():
        yield
        return

    def here(value):
        asked = value.type if isinstance(value, torch.device) else value
        return "cpu" if isinstance(asked, str) and asked.split(":")[0] == "cuda" else value

    class OnCpu(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is torch.Tensor.cuda:
                return args[0]
            return func(*map(here, args), **{name: here(value) for name, value in (kwargs or {}).items()})

    generator = torch.Generator

    class Generator(generator):
        def __new__(cls, device="cpu"):
            return super().__new__(cls, device=here(device))

    torch.Generator = Generator
    try:
        with OnCpu():
            yield
    finally:
        torch.Generator = generator


def seed(number):
    """As the workers do it."""
    import random

    import numpy
    import torch

    random.seed(number)
    numpy.random.seed(number % 2**32)
    torch.manual_seed(number)


@contextlib.contextmanager
def inside(folder):
    before = Path.cwd()
    Path(folder).mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def parted(fake):
    """Where the stand-in of the tests takes other arguments than the real thing: one line each."""
    import importlib

    sys.path.append(str(FAKES))
    repository = importlib.import_module(fake).REPOSITORY
    pretended, lines = sys.modules[fake], []
    for module, source in repository.items():
        try:
            real = importlib.import_module(module)
        except Exception as error:
            lines.append(f"{module}: cannot be imported: {type(error).__name__}: {error}")
            continue
        for name in source.split(":")[1].split():
            if not hasattr(real, name):
                lines.append(f"{module}.{name} is not there")
            else:
                lines.extend(_compared(f"{module}.{name}", getattr(pretended, name), getattr(real, name)))
    return lines


def _compared(name, fake, real):
    if not inspect.isclass(fake):
        if callable(fake) and callable(real):
            yield from _signatures(name, fake, real)
        return
    for method, function in vars(fake).items():
        if (
            method in ("from_pretrained", "eval", "to")
            or method.startswith("_")
            and method not in ("__init__", "__call__")
        ):
            continue
        if not callable(function) and not isinstance(function, (classmethod, staticmethod)):
            continue
        there = "forward" if method == "__call__" and hasattr(real, "forward") else method
        if not hasattr(real, there):
            # A part that is made with each object: a submodule, a component.
            if not re.search(rf"\b(self\.{there}\b|{there}=)", "".join(map(_source, real.__mro__))):
                yield f"{name} has no {there}"
        else:
            yield from _signatures(f"{name}.{there}", getattr(fake, method), getattr(real, there))


def _source(kind):
    try:
        return inspect.getsource(kind)
    except (TypeError, OSError):
        return ""


def _signatures(name, fake, real):
    try:
        taken, there = (inspect.signature(function).parameters for function in (fake, real))
    except (TypeError, ValueError):
        return
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = [one for one, parameter in taken.items() if parameter.kind not in variable and one != "self"]
    real_names = [one for one, parameter in there.items() if parameter.kind not in variable and one != "self"]
    if not any(parameter.kind == inspect.Parameter.VAR_KEYWORD for parameter in there.values()):
        yield from (f"{name} takes no {one!r}; the fake does" for one in names if one not in real_names)
    if not any(parameter.kind in variable for parameter in taken.values()):
        required = (one for one in real_names if there[one].default is inspect.Parameter.empty)
        yield from (f"{name} requires {one!r}; the fake does not take it" for one in required if one not in names)
    # What the fake takes by name alone, the worker gives by name.
    placed = [one for one in names if one in real_names and taken[one].kind != inspect.Parameter.KEYWORD_ONLY]
    if placed != [one for one in real_names if one in placed]:
        yield f"{name} takes {', '.join(real_names)} in this order; the fake {', '.join(names)}"
