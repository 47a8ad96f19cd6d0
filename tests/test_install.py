"""What is installed works: wheel and source distribution, with the base libraries alone, away from the checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import evaluator
from benchmarks import installing
from dataset_builder.building.build import VERSION

EXTRAS = "torch transformers diffusers accelerate gradio openai google.genai tenacity ray matplotlib pytest".split()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The wheel of the tracked files, the source distribution, and the wheel that comes out of that one."""
    return installing.built(tmp_path_factory.mktemp("built"), "--no-isolation")


def base_libraries(wheel: Path) -> Iterator[metadata.Distribution]:
    """The distributions here that pip would install with the wheel and no extra: its requirements, and theirs."""
    (described,) = metadata.distributions(path=[str(wheel)])
    wanted = [(Requirement(line), "") for line in described.requires or ()]
    seen: set[tuple[str, str]] = set()
    given: set[str] = set()
    while wanted:
        needed, extra = wanted.pop()
        if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
            continue
        found = metadata.distribution(needed.name)
        if needed.name not in given:
            given.add(needed.name)
            yield found
        for more in {"", *needed.extras}:
            if (needed.name, more) not in seen:
                seen.add((needed.name, more))
                wanted += [(Requirement(line), more) for line in found.requires or ()]


@pytest.fixture(scope="module")
def environment(built: tuple[Path, Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the wheel of the source distribution, installed by pip, and links to what it requires.

    No index is asked and nothing copied: the libraries are those that the tests run with.
    """
    place = tmp_path_factory.mktemp("clean") / "environment"
    venv.create(place)
    here = Path(venv.__file__).parents[1].name  # python3.11
    site = place / "Lib" / "site-packages" if sys.platform == "win32" else place / "lib" / here / "site-packages"
    for library in base_libraries(built[2]):
        for file in library.files or ():
            if ".." not in file.parts:  # a command in bin/
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                (site / file).unlink(missing_ok=True)
                (site / file).symlink_to(library.locate_file(file))
    python = installing.bin_of(place) / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(built[2])], check=True)
    checked = subprocess.run([*pip, "check"], capture_output=True, encoding="utf-8", check=False)
    assert checked.returncode == 0, checked.stdout
    return place


def test_the_wheels_hold_what_is_tracked_and_nothing_else(built: tuple[Path, Path, Path]) -> None:
    straight, _, wheel = built
    tracked = installing.digests(installing.tracked())
    assert "dataset_builder/publishing/templates/card.md.j2" in tracked
    assert installing.wheel_digests(straight) == tracked
    assert installing.wheel_digests(wheel) == tracked


def test_the_source_distribution_holds_what_builds_it(built: tuple[Path, Path, Path]) -> None:
    with tarfile.open(built[1]) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names >= {*installing.digests(installing.tracked()), "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"}
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_a_clean_environment_has_no_extra_and_no_checkout(environment: Path) -> None:
    code = (
        "import importlib.util, sys\n"
        "def there(name):\n"
        "    try:\n        return importlib.util.find_spec(name) is not None\n"
        "    except ModuleNotFoundError:\n        return False\n"
        f"print([name for name in {EXTRAS} if there(name)], importlib.util.find_spec('evaluator').origin)\n"
    )
    command = [installing.bin_of(environment) / "python", "-I", "-c", code]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=environment).stdout
    assert told.startswith(f"[] {environment}")


def test_the_base_verbs_work_where_it_is_installed(environment: Path, tmp_path: Path) -> None:
    told = {}
    for verb, done, _ in installing.used(environment, tmp_path):
        assert done.returncode == 0, f"realunify {verb}: {done.stderr}"
        told[verb.split()[0]] = done.stdout
    assert list(told) == "--version build audit gallery run score pack validate report".split()
    assert told["--version"] == f"realunify {evaluator.__version__} (dataset {VERSION})\n"
    assert "10 instances audited, no problems" in told["audit"]
    assert "12 predictions made" in told["run"]  # four categories of GEU, three protocols
    geu = re.search(r"^GEU +4((?: +100\.0 \[\d+,100\]){3})$", told["score"], re.MULTILINE)
    assert geu is not None, told["score"]
    assert (tmp_path / "realunify" / "README.md").read_text(encoding="utf-8").startswith("---")
    assert "<html" in (tmp_path / "gallery.html").read_text(encoding="utf-8")
    assert "baseline:gold" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
