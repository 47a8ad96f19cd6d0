"""Misreadings of loops, ranges, indices and slices."""

from __future__ import annotations

import ast

from dataset_builder.categories.code_to_image.traps.tools import (
    all_blocks,
    calls,
    fill,
    functions,
    lines,
    loads,
    method,
    number,
    prelude,
    swap,
    trap,
)


@trap("loop", "the end of a range is left out", "range")
def range_with_its_end(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not calls(node, "range"):
            return None
        assert isinstance(node, ast.Call)
        place = min(1, len(node.args) - 1)
        down = len(node.args) == 3 and (number(node.args[2]) or 1) < 0
        node.args[place] = fill("B - 1" if down else "B + 1", B=node.args[place])
        return node

    return swap(tree, change)


@trap("loop", "a range without a start begins at 0", "range")
def range_from_one(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not calls(node, "range") or len(node.args) != 1:  # type: ignore[attr-defined]
            return None
        return fill("range(1, B + 1)", B=node.args[0])  # type: ignore[attr-defined]

    return swap(tree, change)


@trap("loop", "a range or slice goes in steps", "range|:")
def step_overlooked(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Slice) and abs(number(node.step) or 1) > 1:
            return ast.Slice(node.lower, node.upper, None)
        if isinstance(node, ast.Call) and calls(node, "range") and len(node.args) == 3:
            if (number(node.args[2]) or 1) > 1:
                return ast.Call(node.func, node.args[:2], [])
        return None

    return swap(tree, change)


@trap("loop", "a negative step or `reversed` goes from the end to the start", "reversed|:-")
def direction_overlooked(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Slice) and (number(node.step) or 1) < 0 and not node.lower and not node.upper:
            step = -(number(node.step) or -1)
            return ast.Slice(None, None, ast.Constant(step))
        if isinstance(node, ast.Call) and calls(node, "reversed"):
            return node.args[0]
        return None

    return swap(tree, change)


@trap("loop", "the end of a slice is left out", r"\[.*:")
def slice_with_its_end(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.Slice) or node.upper is None or (number(node.step) or 1) < 0:
            return None
        upper = None if number(node.upper) == -1 else fill("B + 1", B=node.upper)
        return ast.Slice(node.lower, upper, node.step)

    return swap(tree, change)


@trap("loop", "a slice begins at its first index, counted from 0", r"\[.*:")
def slice_start_from_one(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Slice) and node.lower and (number(node.lower) or 1) > 0 and not node.upper:
            return ast.Slice(fill("max(A - 1, 0)", A=node.lower), node.upper, node.step)
        return None

    return swap(tree, change)


_PLACE = """
def place_of(things, place):
    return place - 1 if isinstance(things, (list, str, tuple)) and isinstance(place, int) and place > 0 else place
"""


@trap("loop", "places are counted from 0", r"\[|pop|insert")
def index_from_one(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice | ast.Tuple):
            if isinstance(node.slice, ast.Constant) and not isinstance(node.slice.value, int):
                return None
            return ast.Subscript(node.value, fill("place_of(X, I)", X=node.value, I=node.slice), node.ctx)
        things = method(node, "pop", "insert")
        if things is not None and isinstance(node, ast.Call) and node.args:
            node.args[0] = fill("place_of(X, I)", X=things, I=node.args[0])
            return node
        return None

    return swap(tree, change) and prelude(tree, _PLACE)


@trap("loop", "the last place is -1, not -0", r"\[-")
def from_the_end_from_zero(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        place = number(node.slice) if isinstance(node, ast.Subscript) else None
        if isinstance(node, ast.Subscript) and place is not None and place < -1:
            return ast.Subscript(node.value, ast.Constant(place - 1), node.ctx)
        return None

    return swap(tree, change)


@trap("loop", "`index` and `find` count places from 0", "index|find")
def place_from_one(tree: ast.Module) -> bool:
    return swap(tree, lambda node: fill("X + 1", X=node) if method(node, "index", "find") else None)  # type: ignore[arg-type]


@trap("loop", "`enumerate` begins at 0 unless it is told otherwise", "enumerate")
def enumerate_from_one(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and calls(node, "enumerate") and len(node.args) + len(node.keywords) == 1:
            return fill("enumerate(X, 1)", X=node.args[0])
        return None

    return swap(tree, change)


@trap("loop", "`enumerate` begins at the number that it is given", "enumerate")
def enumerate_start_overlooked(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and calls(node, "enumerate") and len(node.args) + len(node.keywords) == 2:
            return fill("enumerate(X)", X=node.args[0])
        return None

    return swap(tree, change)


_LONGEST = """
def to_the_longest(one, other):
    one, other = list(one), list(other)
    longest = max(len(one), len(other))
    return zip(one + one[-1:] * (longest - len(one)), other + other[-1:] * (longest - len(other)))
"""


@trap("loop", "`zip` ends with the shorter list", "zip")
def zip_to_the_longest(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and calls(node, "zip") and len(node.args) == 2:
            return fill("to_the_longest(A, B)", A=node.args[0], B=node.args[1])
        return None

    return swap(tree, change) and prelude(tree, _LONGEST)


@trap("loop", "`break` ends the loop", "break")
def break_overlooked(tree: ast.Module) -> bool:
    return swap(tree, lambda node: ast.Pass() if isinstance(node, ast.Break) else None)


@trap("loop", "`continue` goes on with the next round at once", "continue")
def continue_overlooked(tree: ast.Module) -> bool:
    return swap(tree, lambda node: ast.Pass() if isinstance(node, ast.Continue) else None)


@trap("loop", "`continue` does not end the loop", "continue")
def continue_as_break(tree: ast.Module) -> bool:
    return swap(tree, lambda node: ast.Break() if isinstance(node, ast.Continue) else None)


@trap("loop", "`break` ends only the inner of two loops", "break")
def break_ends_both(tree: ast.Module) -> bool:
    hits = False
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.For | ast.While):
            continue
        for place, inner in enumerate(outer.body):
            if isinstance(inner, ast.For | ast.While) and any(isinstance(n, ast.Break) for n in ast.walk(inner)):
                swap(inner, lambda n: [*lines("over = True"), ast.Break()] if isinstance(n, ast.Break) else None)
                outer.body[place : place + 1] = [*lines("over = False"), inner, *lines("if over:\n    break")]
                hits = True
                break
    return hits


@trap("loop", "the `else` of a loop is skipped by `break`", "else:")
def loop_else_always(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            if isinstance(statement, ast.For | ast.While) and statement.orelse:
                place = block.index(statement)
                block[place + 1 : place + 1] = statement.orelse
                statement.orelse = []
                hits = True
    return hits


@trap("loop", "`return` ends the function, the loop in it too", "for .*(.|\n)*return")
def return_keeps_looping(tree: ast.Module) -> bool:
    hits = False
    for function in functions(tree):
        for statement in function.body:
            if isinstance(statement, ast.For) and any(isinstance(n, ast.Return) for n in ast.walk(statement)):
                swap(
                    statement,
                    lambda n: lines("found = V", V=n.value) if isinstance(n, ast.Return) and n.value else None,
                )
                last = function.body[-1]
                if isinstance(last, ast.Return) and last.value is not None:
                    last.value = fill("V if found is None else found", V=last.value)
                    function.body[:0] = lines("found = None")
                    hits = True
                break
    return hits


@trap("loop", "the length of a range is settled when the loop begins", "range")
def range_grows(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | list[ast.stmt] | None:
        if not (isinstance(node, ast.For) and calls(node.iter, "range") and isinstance(node.target, ast.Name)):
            return None
        stop = node.iter.args[-1] if len(node.iter.args) < 3 else None  # type: ignore[attr-defined]
        if stop is None or not loads(stop) or any(isinstance(n, ast.Continue) for n in ast.walk(node)):
            return None
        start = node.iter.args[0] if len(node.iter.args) == 2 else ast.Constant(0)  # type: ignore[attr-defined]
        loop = lines(
            "I = START\nwhile I < STOP:\n    I += 1", I=ast.Name(node.target.id, ast.Load()), START=start, STOP=stop
        )
        assert isinstance(loop[1], ast.While)
        loop[1].body[:0] = node.body
        return loop

    return swap(tree, change)


@trap("loop", "what stands after a recursive call runs on the way back", "def ")
def recursion_last(tree: ast.Module) -> bool:
    hits = False
    for function in functions(tree):
        for block in all_blocks(function):
            for place, statement in enumerate(block[:-1]):
                if isinstance(statement, ast.Expr) and calls(statement.value, function.name):
                    block.append(block.pop(place))
                    hits = True
                    break
    return hits


@trap("loop", "a comparison in a sum counts 1 for each match", "sum")
def sum_of_the_matches(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        inner = node.args[0] if isinstance(node, ast.Call) and calls(node, "sum") else None
        if isinstance(inner, ast.GeneratorExp) and isinstance(inner.elt, ast.Compare):
            only = inner.generators[0]
            if isinstance(only.target, ast.Name):
                only.ifs = [inner.elt]
                inner.elt = ast.Name(only.target.id, ast.Load())
                return node
        return None

    return swap(tree, change)
