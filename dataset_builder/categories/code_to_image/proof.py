"""What must hold of a program before its output is worth drawing, and the misreadings that go wrong.

Everything here starts from the source and its input alone and is told by running programs, so that the generator and
the proof are one: the generator runs them in its own process, the proof in the sandbox.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataset_builder.categories.code_to_image import machine, traps
from dataset_builder.categories.code_to_image.output import drawable, read_output
from dataset_builder.categories.code_to_image.sandbox import Result
from dataset_builder.categories.shared.scene import Scene
from dataset_builder.instance import Difficulty

Runner = Callable[[Sequence[tuple[str, str]]], list[Result]]
LINES = range(4, 15)
"""Lines of a program, blank ones not counted."""
WORK: dict[Difficulty, range] = {"easy": range(1, 8), "medium": range(8, 13), "hard": range(13, 61)}
"""Executed statements at each level of difficulty; the taxonomy's row says the same in words."""
WORK_IN_WORDS = ("up to 7 executed statements", "8 to 12 executed statements", "13 to 60 executed statements")
FEWEST_SLIPS = 3
_SEEN = 12  # a misreading that makes more things than this is not drawn
_TOO_EASY = {"index_from_one", "range_from_one"}  # that one counts from 0 is the first thing that one learns
_SUBTASK_TRAPS = {"branching": "branch", "iteration_and_indexing": "loop"}


@dataclass(frozen=True)
class Slipped:
    """A misreading that changes the picture: what it overlooks, what it prints, what that looks like."""

    name: str
    fact: str
    about: str
    output: str
    scene: Scene


def run_here(programs: Sequence[tuple[str, str]]) -> list[Result]:
    """Programs of our own grammar, run in this process."""
    outcomes = [machine.execute(source, line) for source, line in programs]
    return [Result(o["output"], o["error"], tuple(o["path"])) for o in outcomes]


def level_of(work: int) -> Difficulty | None:
    return next((level for level, span in WORK.items() if work in span), None)


def output_faults(source: str, line: str, truth: Result) -> list[str]:
    """Whether the program runs, is short, and prints something to be drawn that it does not hold as a literal."""
    if truth.error:
        return [f"the program fails: {truth.error}"]
    scene = read_output(truth.output)
    if scene is None or not drawable(scene) or sum(item.count for item in scene.items) < 2:
        return [f"the output {truth.output!r} cannot be drawn"]
    if scene.layout and scene.layout != "row" and scene.items[0].colour == scene.items[1].colour:
        return [f"the output {truth.output!r} has one colour only"]
    faults = []
    if len([text for text in source.splitlines() if text.strip()]) not in LINES:
        faults.append("the program is not 4 to 14 lines long")
    if level_of(len(truth.path)) is None:
        faults.append(f"{len(truth.path)} executed statements are too many")
    return faults + literal_faults(source, line, scene)


def literal_faults(source: str, line: str, scene: Scene) -> list[str]:
    """Whether the answer stands in the source or the input: a printed count, a list, the first line's colours.

    Of two printed counts one may be equal to some number of the source, but not to one that it gives to that colour.
    """
    tree = ast.parse(source)
    given: dict[str, set[object]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    given.setdefault(str(key.value), set()).add(value.value)
    if scene.layout == "row":
        colours = [str(item.colour) for item in scene.items]
        lists = [
            [e.value for e in n.elts if isinstance(e, ast.Constant)] for n in ast.walk(tree) if isinstance(n, ast.List)
        ]
        if colours in lists or colours == line.split() or len(set(colours)) < 2:
            return ["the printed row is a literal, or of one colour"]
    elif scene.layout:
        words = [str(n.value) for n in ast.walk(tree.body[0]) if isinstance(n, ast.Constant)] or line.split()
        ends = [[words[0], words[1]], [words[0], words[-1]]] if len(words) > 1 else []
        if [str(item.colour) for item in scene.items] in ends:
            return ["the first line is the answer"]
    else:
        numbers = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, int)}
        numbers |= {int(n) for n in re.findall(r"\d+", line)}
        known = [item.count in numbers for item in scene.items]
        if all(known) or any(
            str(item.colour) in given and item.count in given[str(item.colour)] for item in scene.items
        ):
            return ["a printed count is a literal"]
    return []


def bites(source: str, line: str, truth: Scene, run: Runner) -> list[Slipped]:
    """The traps that bite: their readers draw another picture than the truth."""
    return _slipped(traps.misread(source), line, truth, run)


def other_slips(source: str, line: str, truth: Scene, run: Runner) -> list[Slipped]:
    """What else goes wrong visibly: a step left out, a literal copied, a round too many."""
    return _slipped(traps.slips(source), line, truth, run)


def _slipped(some: Iterable[traps.Reading], line: str, truth: Scene, run: Runner) -> list[Slipped]:
    found = []
    readings = list(some)
    for reading, result in zip(readings, run([(r.source, line) for r in readings]), strict=True):
        scene = None if result.error else read_output(result.output, strict=False)
        if scene is None or scene == truth or scene.layout != truth.layout or not drawable(scene, _SEEN):
            continue
        found.append(Slipped(reading.name, reading.fact, reading.about, result.output, scene))
    return found


def trap_faults(subtask: str, biting: Sequence[Slipped]) -> list[str]:
    """Two traps at least must bite, one of them of the subtask's own kind, and no two for one reason."""
    faults = []
    counted = [bite for bite in biting if bite.name not in _TOO_EASY]
    if len({bite.scene for bite in counted}) < 2:
        faults.append(f"{len(counted)} traps bite, need two that lead to two pictures")
    if not any(bite.about == _SUBTASK_TRAPS[subtask] for bite in biting):
        faults.append(f"no trap of {subtask} bites")
    return faults


def idle_faults(source: str, line: str, truth: Result, run: Runner, at_once: int = 1000) -> list[str]:
    """Executed statements that change nothing when they are taken away, and ties that the order of a list decides.

    Looks at so many statements at once, and no further than to the first idle ones.
    """
    executed = sorted(set(truth.path))
    for start in range(0, len(executed), at_once):
        variants = [(place, text) for place in executed[start : start + at_once] for text in _without(source, place)]
        results = run([(text, line) for _, text in variants])
        matters = {place for (place, _), result in zip(variants, results, strict=True) if result.output != truth.output}
        faults = [f"statement {p + 1} changes nothing" for p in executed[start : start + at_once] if p not in matters]
        if faults:
            return faults
    tied = run([(text, line) for text in _ties(source)])
    plain = run([(text, line) for text in _plainer(source, set(executed))])
    faults = ["the order of a list decides a tie"] * any(result.output != truth.output for result in tied)
    return faults + ["a remainder, slice or set changes nothing"] * any(r.output == truth.output for r in plain)


def _without(source: str, place: int) -> Iterator[str]:
    """The program without one of its statements; an `if` is also turned round."""
    statement = machine.statements(ast.parse(source))[place]
    lines = source.split("\n")
    first, last = statement.lineno - 1, statement.end_lineno
    if isinstance(statement, ast.FunctionDef | ast.ClassDef) and statement.decorator_list:
        first = statement.decorator_list[0].lineno - 1
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    branch = lines[first].lstrip().startswith("elif ")
    gap = [f"{indent}else:", f"{indent}    pass"] if branch else [f"{indent}pass"]
    yield "\n".join([*lines[:first], *gap, *lines[last:]])
    if isinstance(statement, ast.If):
        word = "elif" if branch else "if"
        turned = f"{indent}{word} not ({ast.unparse(statement.test)}):"
        yield "\n".join([*lines[:first], turned, *lines[first + 1 :]])


def _plainer(source: str, executed: set[int]) -> Iterator[str]:
    """The program without one remainder, slice, sort or set that makes a value: only what it is applied to is left."""
    for place in sorted(executed):
        for number, node in enumerate(_values(machine.statements(ast.parse(source))[place])):
            if _plain(node) is not None:
                tree = ast.parse(source)
                wanted = _values(machine.statements(tree)[place])[number]
                traps.swap(tree, lambda n, wanted=wanted: _plain(n) if n is wanted else None)  # type: ignore[misc]
                yield ast.unparse(tree)


def _values(statement: ast.stmt) -> list[ast.AST]:
    """The nodes of a simple statement, or of what a loop goes through, that stand in no condition."""
    start = statement.iter if isinstance(statement, ast.For) else statement
    if isinstance(start, ast.FunctionDef | ast.ClassDef | ast.If | ast.While | ast.Match | ast.Try):
        return []
    found: list[ast.AST] = []
    waiting: list[ast.AST] = [start]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.Compare | ast.BoolOp | ast.IfExp | ast.comprehension):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return found


def _plain(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return node.left
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
        whole = node.slice.lower is None and node.slice.upper is None and node.slice.step is None
        return None if whole else node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        if node.func.id in ("set", "sorted", "abs", "reversed"):
            return node.args[0]
    return None


def _ties(source: str) -> Iterator[str]:
    """The program that sorts and compares everything in the opposite order of arrival."""
    tree = ast.parse(source)
    found = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("sorted", "max", "min"):
            if len(node.args) == 1:
                node.args[0] = traps.fill("reversed(list(X))", X=node.args[0])
                found = True
    for block in traps.all_blocks(tree):
        for place in range(len(block) - 1, -1, -1):
            statement = block[place]
            things = traps.method(statement.value, "sort") if isinstance(statement, ast.Expr) else None
            if things is not None:
                block[place:place] = traps.lines("X.reverse()", X=things)
                found = True
    if found:
        yield ast.unparse(tree)
