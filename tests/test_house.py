"""The house's own rules: imports one way, nothing heavy at import time, one table of what exists."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks import rooms
from dataset_builder.taxonomy import AXES, CATEGORIES, SUBTASKS, categories
from evaluator import protocols
from tests.root import ROOT

ROOMS = ["dataset_builder", "evaluator", "leaderboard_space"]
HEAVY = {"torch", "transformers", "diffusers", "gradio", "datasets", "pandas", "scipy", "networkx", "ray"}
VERBS = (
    "build audit publish export gallery models judges run sweep judge score compare agreement drift report "
    "import-results pack validate submit rescore-worker serve demo"
).split()


def imported_rooms(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    files = list((ROOT / room).rglob("*.py"))
    assert files
    wrong = {str(path.relative_to(ROOT)): sorted(imported_rooms(path) - allowed) for path in files}
    assert {path: rooms for path, rooms in wrong.items() if rooms} == {}


def test_one_place_reaches_up_and_by_name() -> None:
    """The command serves the leaderboard, which stands above it: the one exception to the rule."""
    named = [
        str(path.relative_to(ROOT))
        for room in ROOMS[:2]
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and str(node.value).startswith("leaderboard_space")
    ]
    assert named == ["evaluator/cli/leaderboard.py"]


def test_every_declared_library_has_its_tested_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    names = {re.split(r"[>=\[]", line)[0].lower() for line in declared} - {"realunify"}
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pinned = {line.split("==")[0].lower() for line in lines}
    assert pinned == names
    assert not [line for line in declared if "==" in line]


def test_no_package_of_the_datasets_name() -> None:
    """`load_dataset("realunify")` would take a folder of that name first."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not [name for name in tracked.splitlines() if name.split("/")[0] == "realunify"]


def modules_after(code: str) -> set[str]:
    """Top-level modules loaded by a fresh interpreter that ran `code`."""
    script = code + "\nimport sys; print('\\n'.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ["dataset_builder", "evaluator", "evaluator.cli", "evaluator.scoring.score"])
def test_importing_a_room_loads_nothing_heavy(room: str) -> None:
    loaded = modules_after(f"import {room}")
    assert room.split(".")[0] in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_teaches_without_heavy_imports(verb: str) -> None:
    code = (
        f"import sys; sys.argv = ['realunify', *{verb.split()!r}, '--help']\n"
        "from evaluator.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert stop.code == 0, stop.code\n"
    )
    assert modules_after(code) & HEAVY == set()


def test_the_taxonomy_is_the_specs() -> None:
    assert len(CATEGORIES) == 10
    assert len(SUBTASKS) == sum(len(category.subtasks) for category in CATEGORIES.values()) == 32
    assert {axis: len(categories(axis)) for axis in AXES} == {"ueg": 6, "geu": 4}
    assert sum(subtask.ours for category in CATEGORIES.values() for subtask in category.subtasks) == 12


def test_protocols_need_what_the_paper_says() -> None:
    assert protocols.needed("direct", "ueg") == {"generate"}
    assert protocols.needed("stepwise", "ueg") == {"answer", "generate"}
    assert protocols.needed("stepwise", "geu") == {"edit", "answer"}
    assert not protocols.supported("stepwise", "geu", {"answer", "generate"})
    assert protocols.supported("oracle", "geu", {"answer"})


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_small_enough_to_see(room: str) -> None:
    """At most 14 entries at the root of a room, 7 floors of imports in each package, and no circle anywhere."""
    assert len(rooms.entries(ROOT, room)) <= 14
    assert rooms.circles(rooms.imports(ROOT, room)) == ()
    found = {package.name: package for package in rooms.packages(ROOT, room)}
    assert room in found
    assert {name: package.circles for name, package in found.items() if package.circles} == {}
    assert {name: package.chain for name, package in found.items() if len(package.chain) > 7} == {}


def test_circles_and_floors_are_found(tmp_path: Path) -> None:
    """The counting itself: a circle inside functions, one of packages only, and a chain of three."""
    for name, text in {
        "evaluator/__init__.py": "",
        "evaluator/a.py": "from evaluator import b",
        "evaluator/b.py": "def f():\n    from evaluator.a import x",
        "evaluator/one/__init__.py": "",
        "evaluator/one/p.py": "from evaluator.two.q import x",
        "evaluator/one/r.py": "",
        "evaluator/two/__init__.py": "",
        "evaluator/two/q.py": "from evaluator.one.r import x",
        "evaluator/top.py": "from evaluator.low import x\nimport evaluator.a",
        "evaluator/low.py": "import evaluator.lowest",
        "evaluator/lowest.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert rooms.circles(rooms.imports(tmp_path, "evaluator")) == (("evaluator.a", "evaluator.b"),)
    (own,) = [package for package in rooms.packages(tmp_path, "evaluator") if package.name == "evaluator"]
    assert sorted(own.circles) == [("a", "b"), ("one", "two")]
    assert own.chain == ("top", "low", "lowest")
