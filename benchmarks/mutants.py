"""Mutation testing of the rules of the house: whatever decides a score, a rank, an interval, an answer, an acceptance.

Draws mutants (one comparison, operator, number, True/False or condition changed) from the files below, runs each
file's nearest tests on each of them in a scratch copy, and prints what was killed and what survived. The changes
are mutmut's own (`mutmut.mutation.mutators`), and negated conditions beside them; its runner is not used, since it
would run all tests on all mutants of all functions. Survivors that no test can kill are listed with their reason in
`mutants_equivalent.toml`; they are not run, and the rate is told with and without them.

    pip install -c constraints.txt -e '.[mutants]'
    python benchmarks/mutants.py --count 155 --seed 1
    python benchmarks/mutants.py --only evaluator/scoring/statistics.py --count 1000
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import multiprocessing
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import libcst as cst
from mutmut.mutation import mutators

ROOT = Path(__file__).parents[1]
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.toml")
# Imported once; every run is a fork of a process that has them.
PRELOADED = ["pytest", "hypothesis", "numpy", "PIL.Image", "pydantic", "huggingface_hub", "networkx", "scipy.stats",
             "statsmodels.stats.multitest", "krippendorff", "datasets"]  # fmt: skip

SCORING = [
    "scoring/test_statistics_laws",
    "scoring/test_statistics",
    "scoring/test_scoring_rules",
    "scoring/test_diagnosis",
    "scoring/test_scoring",
]
JUDGING = [
    "judging/test_judging_rules",
    "judging/test_agreement_laws",
    "judging/test_judging",
    "judging/test_agreement",
]
RUNNING = ["running/test_running_rules", "running/test_planning", "running/test_running"]
BUNDLES = ["bundles/test_bundle_rules", "bundles/test_bundle"]
ANSWERS = ["answers/test_answer_rules", "answers/test_parity", "answers/test_answers"]
# The files with the rules, by their room, and the tests that are nearest to each, the quick ones first.
NEAREST: dict[str, list[str]] = {
    **{
        f"evaluator/{file}.py": [f"tests/evaluator/{test}.py" for test in tests]
        for files, tests in (
            ("scoring/statistics scoring/pairing scoring/diagnosis", [*SCORING, "scoring/test_comparing"]),
            ("scoring/score scoring/scores scoring/outcomes", [*SCORING, "scoring/test_comparing"]),
            ("scoring/comparing", ["scoring/test_scoring_rules", "scoring/test_comparing"]),
            ("judging/agreement judging/judge judging/session judging/asking judging/cache", JUDGING),
            ("judging/judges/base judging/judges/panel", JUDGING),
            ("answers/__init__ answers/_letters answers/_option_words answers/_statements", ANSWERS),
            ("answers/_wording answers/_yes_no answers/parity", ANSWERS),
            ("running/stepping running/plan running/executing running/pipeline", RUNNING),
            ("runs/lines runs/folder runs/sharding runs/manifest", RUNNING),
            ("protocols", [*RUNNING, "scoring/test_scoring"]),
            ("bundles/checks bundles/limits bundles/records bundles/pack", BUNDLES),
        )
        for file in files.split()
    },
    **{
        f"leaderboard_space/{file}.py": [f"tests/leaderboard_space/{test}.py" for test in tests.split()]
        for files, tests in (
            ("ranking/ranks", "ranking/test_ranking_rules ranking/test_ranking"),
            ("store/store store/records store/seasons store/submissions",
             "store/test_store_rules store/test_store store/test_submissions rescoring/test_rescoring"),
            ("rescoring/lease rescoring/worker", "rescoring/test_rescoring_rules rescoring/test_rescoring"),
        )
        for file in files.split()
    },
    **dict.fromkeys(
        [
            *(f"dataset_builder/categories/mental_tracking/{file}.py" for file in ("recolouring", "puzzle", "digits")),
            "dataset_builder/categories/shared/options.py",
        ],
        [f"tests/dataset_builder/categories/test_mental_tracking{rest}.py" for rest in ("_rules", "")],
    ),
}  # fmt: skip


def negated(node: cst.If | cst.While | cst.CompIf) -> Iterator[cst.CSTNode]:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


OPERATORS: list[tuple[Any, Callable[[Any], Iterable[cst.CSTNode]]]] = [
    (cst.BaseNumber, mutators.operator_number),
    (cst.Name, mutators.operator_name),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.AugAssign, mutators.operator_augmented_assignment),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    ((cst.If, cst.While, cst.CompIf), negated),
]


class _Sites(cst.CSTVisitor):
    """Every node that may be changed, with what it may become; nothing that only a type checker reads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.SubscriptElement)) and not _is_index(node):
            return False
        if isinstance(node, cst.If) and isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING":
            return False
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                self.found += [(node, new) for new in operator(node)]
        return True


def _is_index(node: cst.CSTNode) -> bool:
    """Whether this is `x[...]` of a value; what stands in the brackets of a type (`dict[str, int | None]`) is none."""
    if not isinstance(node, cst.SubscriptElement):
        return False
    union = isinstance(node.slice, cst.Index) and isinstance(node.slice.value, cst.BinaryOperation)
    return not (union and isinstance(node.slice.value.operator, cst.BitOr))


@dataclass(frozen=True)
class Mutant:
    file: str
    module: cst.Module
    old: cst.CSTNode
    new: cst.CSTNode

    @cached_property
    def source(self) -> str:
        return self.module.deep_replace(self.old, self.new).code  # type: ignore[union-attr]

    @cached_property
    def change(self) -> tuple[int, str, str]:
        """(line number, the source's text there, the mutant's)."""
        before, after = self.module.code.splitlines(), self.source.splitlines()
        tags = [tag for tag in difflib.SequenceMatcher(None, before, after, False).get_opcodes() if tag[0] != "equal"]
        _, i, j, k, m = tags[0][0], tags[0][1], tags[-1][2], tags[0][3], tags[-1][4]
        return i + 1, " ".join(map(str.strip, before[i:j])), " ".join(map(str.strip, after[k:m]))

    @property
    def key(self) -> tuple[str, str, str]:
        return self.file, *self.change[1:]


def mutants(file: str) -> list[Mutant]:
    module = cst.MetadataWrapper(cst.parse_module((ROOT / file).read_text(encoding="utf-8"))).module
    sites = _Sites()
    module.visit(sites)
    return [Mutant(file, module, old, new) for old, new in sites.found]


# --- running ---------------------------------------------------------------------------------------------


def _pytest(scratch: str, test: str) -> None:
    """In a process of its own: its exit status is pytest's."""
    os.setsid()
    os.chdir(scratch)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [scratch, *_elsewhere(os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    )
    sys.path[:] = [scratch, *_elsewhere(sys.path)]
    with Path("pytest.out").open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        import pytest

        # A plugin that is imported before pytest starts is only not rewritten.
        quiet = ["-x", "-q", "--tb=short", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        status = pytest.main([*quiet, test])
        sys.stdout.flush()
        os._exit(int(status))


def _elsewhere(paths: Iterable[str]) -> list[str]:
    """Without the working tree, whose files are not the mutant's."""
    return [path for path in paths if path and ROOT not in (Path(path).resolve(), Path(path).resolve().parent)]


class Bench:
    """Scratch copies of the working tree, each worked on by one process at a time."""

    def __init__(self, place: Path, jobs: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*PRELOADED, "__main__"])
        self._free: queue.Queue[Path] = queue.Queue()
        self._normal: dict[str, float] = {}
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        for number in range(jobs):
            for name in filter(lambda name: (ROOT / name).is_file(), files):
                (place / str(number) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, place / str(number) / name)
            self._free.put(place / str(number))

    def verdict(self, mutant: Mutant) -> str:
        """`killed`, `killed (time)` or `survived`, by one file of tests after the other."""
        scratch = self._free.get()
        place = scratch / mutant.file
        original = place.read_text(encoding="utf-8")
        status: int | None = 0
        try:
            for test in NEAREST[mutant.file]:
                if status == 0:
                    limit = 60 + 5 * self._seconds(scratch, test)
                    _write(place, mutant.source)
                    status = self._run(scratch, test, limit)
                    _write(place, original)
        finally:
            _write(place, original)
            self._free.put(scratch)
        return {0: "survived", None: "killed (time)"}.get(status, "killed")

    def _seconds(self, scratch: Path, test: str) -> float:
        """How long a file of tests takes without a mutant. It must pass then, or it would kill everything."""
        if test not in self._normal:
            started = time.monotonic()
            if self._run(scratch, test, 1800) != 0:
                told = (scratch / "pytest.out").read_text()[-3000:]
                raise SystemExit(f"{test} fails without a mutant:\n{told}")
            self._normal[test] = time.monotonic() - started
        return self._normal[test]

    def _run(self, scratch: Path, test: str, limit: float) -> int | None:
        process = self._context.Process(target=_pytest, args=(str(scratch), test))
        process.start()
        process.join(limit)
        status = process.exitcode
        if process.pid is not None:
            try:
                os.killpg(process.pid, signal.SIGKILL)  # what the tests have left behind, too
            except ProcessLookupError:
                pass
        process.join()
        return status


def _write(place: Path, source: str) -> None:
    """Byte code is told from its source by size and second only, which a mutant may share."""
    place.write_text(source, encoding="utf-8")
    Path(importlib.util.cache_from_source(str(place))).unlink(missing_ok=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--count", type=int, default=155)
    arguments.add_argument("--only", metavar="FILE", action="append", help="draw from this file (again for several)")
    arguments.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    arguments.add_argument("--jobs", type=int, default=2)
    asked = arguments.parse_args()
    known = {
        (e["file"], e["line"], e["mutation"]): e["why"] for e in tomllib.loads(EQUIVALENT.read_text())["equivalent"]
    }
    every = [mutant for file in asked.only or NEAREST for mutant in mutants(file)]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    drawn.sort(key=lambda mutant: (mutant.file, mutant.change[0]))
    equivalent = [mutant for mutant in drawn if mutant.key in known]
    todo = [mutant for mutant in drawn if mutant.key not in known]
    print(f"{len(drawn)} of {len(every)} mutants, seed {asked.seed}; {len(equivalent)} of them known as equivalent")
    counts = dict.fromkeys(("killed", "killed (time)", "survived"), 0)
    with tempfile.TemporaryDirectory(prefix="mutants-") as place, ThreadPoolExecutor(asked.jobs) as pool:
        bench = Bench(Path(place), asked.jobs) if not asked.list else None

        def run(mutant: Mutant) -> tuple[Mutant, str]:
            return mutant, bench.verdict(mutant) if bench else "mutant"

        for mutant, verdict in pool.map(run, todo):
            line, before, after = mutant.change
            print(f"{verdict:14} {mutant.file}:{line}\n    - {before}\n    + {after}", flush=True)
            counts[verdict] = counts.get(verdict, 0) + 1
    if not asked.list:
        killed = counts["killed"] + counts["killed (time)"]
        print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
        print(f"killed: {killed} of {len(todo)} = {killed / max(1, len(todo)):.1%}; "
              f"with the {len(equivalent)} equivalent ones {killed / max(1, len(drawn)):.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
