"""Misreadings of dicts, sets and sorting, and of the methods of lists and texts."""

from __future__ import annotations

import ast

from dataset_builder.categories.code_to_image.traps.tools import (
    all_blocks,
    assign,
    calls,
    fill,
    lines,
    loads,
    method,
    number,
    prelude,
    swap,
    trap,
)


def _goes_on(node: ast.Assign) -> bool:
    """Whether the new entry is made from entries of the same dict, so that nobody could miss that it replaces one."""
    things = node.targets[0]
    return isinstance(things, ast.Subscript) and bool(loads(things.value) & loads(node.value))


@trap("state", "a later entry for the same key replaces the earlier one", r"\] = |\{|dict\(")
def first_entry_stays(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and not _goes_on(node):
            key = node.targets[0].slice
            if isinstance(key, ast.Name | ast.Constant) and not isinstance(getattr(key, "value", ""), int):
                return ast.Expr(fill("D.setdefault(K, V)", D=node.targets[0].value, K=key, V=node.value))
        if isinstance(node, ast.DictComp):
            node.generators[0].iter = fill("reversed(list(X))", X=node.generators[0].iter)
            return node
        if isinstance(node, ast.Call) and calls(node, "dict") and node.args and not isinstance(node.args[0], ast.Name):
            node.args[0] = fill("reversed(list(X))", X=node.args[0])
            return node
        if isinstance(node, ast.Dict):
            known: dict[str, ast.expr] = {}
            for key_node, value in zip(node.keys, node.values, strict=True):
                known.setdefault(ast.unparse(key_node) if key_node else "", value)
            if len(known) < len(node.keys):
                keys = [ast.parse(key, mode="eval").body for key in known]
                return ast.Dict(list(keys), list(known.values()))
        return None

    return swap(tree, change)


@trap("state", "setting an entry replaces its number, it does not add to it", r"\] = ")
def entry_is_added(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and not _goes_on(node):
            entry = node.targets[0]
            if isinstance(entry.slice, ast.Name | ast.Constant):
                grown = fill("D.get(K, 0) + V", D=entry.value, K=entry.slice, V=node.value)
                return assign([entry], grown)
        return None

    return swap(tree, change)


@trap("state", "`get` gives its default where the key is missing", r"\.get\(")
def default_overlooked(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "get") and len(node.args) == 2 and number(node.args[1]):
            node.args[1] = ast.Constant(0)
            return node
        return None

    return swap(tree, change)


@trap("state", "`setdefault` leaves an entry that is there", "setdefault")
def setdefault_sets(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        things = method(node.value, "setdefault") if isinstance(node, ast.Expr) else None
        if things is not None and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            entry = ast.Subscript(things, node.value.args[0], ast.Store())
            return assign([entry], node.value.args[1])
        return None

    return swap(tree, change)


@trap("state", "a set holds each value once", r"set\(|\|")
def set_keeps_all(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and calls(node, "set") and node.args:
            return fill("list(X)", X=node.args[0])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return fill("list(A) + list(B)", A=node.left, B=node.right)
        return None

    return swap(tree, change)


@trap("state", "`^` leaves out what both sets hold", r"\^")
def either_as_any(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            return ast.BinOp(node.left, ast.BitOr(), node.right)
        return None

    return swap(tree, change)


@trap("state", "`pop()` takes the last thing", r"pop\(\)")
def pop_takes_the_first(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "pop") and not node.args:
            node.args = [ast.Constant(0)]
            return node
        return None

    return swap(tree, change)


@trap("state", "`pop(0)` takes the first thing", r"pop\(0\)")
def pop_takes_the_last(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "pop") and node.args and number(node.args[0]) == 0:
            node.args = []
            return node
        return None

    return swap(tree, change)


_WITHOUT = """
def without(things, gone):
    things[:] = [thing for thing in things if thing != gone]
"""


@trap("state", "`remove` takes away the first match only", r"\.remove")
def remove_takes_all(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        things = method(node, "remove")
        if things is not None and isinstance(node, ast.Call):
            return fill("without(X, V)", X=things, V=node.args[0])
        return None

    return swap(tree, change) and prelude(tree, _WITHOUT)


@trap("state", "`insert` puts the thing before the place that it names", r"\.insert")
def insert_puts_after(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "insert") is not None:
            node.args[0] = fill("I + 1", I=node.args[0])
            return node
        return None

    return swap(tree, change)


@trap("state", "`replace` with a number stops after so many", r"\.replace")
def replace_takes_all(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "replace") is not None and len(node.args) == 3:
            node.args = node.args[:2]
            return node
        return None

    return swap(tree, change)


@trap("state", "`replace` changes every occurrence", r"\.replace")
def replace_takes_one(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and method(node, "replace") is not None and len(node.args) == 2:
            node.args = [*node.args, ast.Constant(1)]
            return node
        return None

    return swap(tree, change)


@trap("state", "`split` gives one piece more than there are separators", "split")
def pieces_as_separators(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        inner = node.args[0] if isinstance(node, ast.Call) and calls(node, "len") else None
        if inner is not None and method(inner, "split") is not None and getattr(inner, "args", None):
            return fill("N - 1", N=node)  # type: ignore[arg-type]
        return None

    return swap(tree, change)


@trap("state", "`sorted` and `max` look at what `key` gives", "key=")
def key_overlooked(tree: ast.Module) -> bool:
    return _drop_keyword(tree, "key")


@trap("state", "`reverse=True` puts the greatest first", "reverse=")
def reverse_overlooked(tree: ast.Module) -> bool:
    return _drop_keyword(tree, "reverse")


def _drop_keyword(tree: ast.Module, name: str) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and (calls(node, "sorted", "max", "min") or method(node, "sort") is not None):
            kept = [keyword for keyword in node.keywords if keyword.arg != name]
            if len(kept) < len(node.keywords):
                node.keywords = kept
                return node
        return None

    return swap(tree, change)


@trap("state", "a minus in the key turns the order round", "lambda.*: -")
def minus_in_key_overlooked(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Lambda) and isinstance(node.body, ast.UnaryOp) and isinstance(node.body.op, ast.USub):
            node.body = node.body.operand
            return node
        return None

    return swap(tree, change)


@trap("state", "without a key, words are sorted by the alphabet", "sorted|max|min")
def words_by_length(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Call) and not node.keywords and len(node.args) == 1:
            if calls(node, "sorted", "max", "min"):
                return fill("by_length(F, X)", F=node.func, X=node.args[0])
        return None

    helper = """
def by_length(sort, things):
    things = list(things)
    return sort(things, key=len) if all(isinstance(thing, str) for thing in things) else sort(things)
"""
    return swap(tree, change) and prelude(tree, helper)


@trap("state", "`sorted` makes a new list and leaves the old one alone", "sorted")
def sorted_in_place(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            value = statement.value if isinstance(statement, ast.Assign) else None
            if isinstance(value, ast.Call) and calls(value, "sorted") and isinstance(value.args[0], ast.Name):
                place = block.index(statement) + 1
                target = statement.targets[0]  # type: ignore[attr-defined]
                if isinstance(target, ast.Name) and target.id != value.args[0].id:
                    block[place:place] = lines("A[:] = B", A=value.args[0], B=ast.Name(target.id, ast.Load()))
                    hits = True
    return hits
