"""Misreadings of values: two names for one list, copies, several assignments at once, division and rounding."""

from __future__ import annotations

import ast

from dataset_builder.categories.code_to_image.traps.tools import (
    all_blocks,
    assign,
    calls,
    fill,
    functions,
    lines,
    loads,
    method,
    prelude,
    swap,
    trap,
)

_COPIED = """
def copied(value):
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value
"""


@trap("state", "a second name is no second list", r"(?m)= *\w+$")
def alias_as_copy(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            node.value = fill("copied(V)", V=node.value)
            return node
        return None

    return swap(tree, change) and prelude(tree, _COPIED)


@trap("state", "a function changes the list of its caller, not a copy", "def ")
def argument_as_copy(tree: ast.Module) -> bool:
    hits = False
    for function in functions(tree):
        names = [a.arg for a in function.args.args if a.arg != "self"]
        function.body[:0] = [s for name in names for s in lines("A = copied(A)", A=ast.Name(name, ast.Load()))]
        hits = hits or bool(names)
    return hits and prelude(tree, _COPIED)


@trap("state", "a slice, `copy` or `list` makes a new list", r"\[:\]|copy|list\(|dict\(")
def copy_as_alias(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.Assign):
            return None
        value = node.value
        inner = method(value, "copy")
        if isinstance(value, ast.Call) and calls(value, "list", "dict") and len(value.args) == 1:
            inner = value.args[0]
        if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice):
            whole = value.slice.lower is None and value.slice.upper is None and value.slice.step is None
            inner = value.value if whole else None
        if not isinstance(inner, ast.Name):
            return None
        node.value = inner
        return node

    return swap(tree, change)


@trap("state", "`+` makes a new list and leaves the old one alone", r"\+ \[")
def plus_in_place(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            value = statement.value if isinstance(statement, ast.Assign) else None
            if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and isinstance(value.right, ast.List):
                if isinstance(value.left, ast.Name) and isinstance(statement, ast.Assign):
                    block[block.index(statement) : block.index(statement)] = lines(
                        "A += B", A=value.left, B=value.right
                    )
                    statement.value = value.left
                    hits = True
    return hits


@trap("state", "`* n` repeats one and the same inner list", r"\] \*")
def repeated_list_as_many(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
            if isinstance(node.left.elts[0], ast.List | ast.Name):
                return fill("[copied(X) for _ in range(N)]", X=node.left.elts[0], N=node.right)
        return None

    return swap(tree, change) and prelude(tree, _COPIED)


_TWICE = """
def each_again(things, times):
    return [thing for thing in things for _ in range(times)] if isinstance(things, list) else things * times
"""


@trap("state", "`*` repeats a list as a whole", r"\*")
def each_thing_repeated(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return fill("each_again(A, B)", A=node.left, B=node.right)
        return None

    return swap(tree, change) and prelude(tree, _TWICE)


@trap("state", "both names of `a, b = ...` are set at the same moment", ", .* = ")
def swap_in_turn(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple)):
                continue
            target = statement.targets[0]
            if isinstance(target, ast.Tuple) and len(target.elts) == len(statement.value.elts) and loads(statement):
                pairs = zip(target.elts, statement.value.elts, strict=True)
                place = block.index(statement)
                block[place : place + 1] = [assign([one], value) for one, value in pairs]
                hits = True
    return hits


@trap("state", "`//` rounds down", "//")
def division_rounds_up(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv):
            if isinstance(node, ast.BinOp):
                return fill("-(-A // B)", A=node.left, B=node.right)
            if isinstance(node.target, ast.Name):
                return lines("A = -(-A // B)", A=ast.Name(node.target.id, ast.Load()), B=node.value)[0]
        return None

    return swap(tree, change)


@trap("state", "`//` rounds negative numbers down too, away from 0", "//")
def division_towards_zero(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            return fill("int(A / B)", A=node.left, B=node.right)
        return None

    return swap(tree, change)


@trap("state", "`%` gives the remainder, not the quotient", "%")
def remainder_as_quotient(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Mod):
            node.op = ast.FloorDiv()
            return node
        return None

    return swap(tree, change)


@trap("state", "`round` goes to the even number from the middle of two", "round")
def half_rounds_up(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and calls(node, "round"):
            return fill("int(X + 0.5)", X=node.args[0])
        return None

    return swap(tree, change)


@trap("state", "`-=` and `*=` take the whole right side first", "[-*]=")
def change_term_by_term(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Mult)):
            return None
        value = node.value
        if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub)):
            return None
        old = ast.parse(ast.unparse(node.target), mode="eval").body
        return assign([node.target], ast.BinOp(ast.BinOp(old, node.op, value.left), value.op, value.right))

    return swap(tree, change)
