"""How a misreading rewrites a program: the register of traps and the few moves on syntax trees that they share."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

About = Literal["branch", "loop", "state"]
Rewriting = Callable[[ast.Module], bool]
Change = Callable[[ast.AST], ast.AST | list[ast.stmt] | None]
R = TypeVar("R", bound=Rewriting)


@dataclass(frozen=True)
class Trap:
    """`fact` is what a skimming reader overlooks; `rewrite` turns the program into the one that such a reader runs.

    `signs` is a pattern without which a source has nothing to rewrite: most traps concern few programs.
    """

    name: str
    about: About
    fact: str
    signs: str
    rewrite: Rewriting


TRAPS: dict[str, Trap] = {}


def trap(about: About, fact: str, signs: str) -> Callable[[R], R]:
    """Registers a rewriting under its own name; it changes a tree in place and says whether it changed anything."""

    def register(rewrite: R) -> R:
        TRAPS[rewrite.__name__] = Trap(rewrite.__name__, about, fact, signs, rewrite)
        return rewrite

    return register


def swap(tree: ast.AST, change: Change) -> bool:
    """Replaces every node for which `change` gives another (inner ones first); whether there was any."""
    hits = 0
    for name in tree._fields:
        value = getattr(tree, name, None)
        if isinstance(value, list):
            hits += _swap_in(value, change)
        elif isinstance(value, ast.AST) and value._fields:
            hits += swap(value, change)
            new = change(value)
            if new is not None:
                setattr(tree, name, new)
                hits += 1
    return hits > 0


def _swap_in(nodes: list[Any], change: Change) -> bool:
    hits = False
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if isinstance(node, ast.AST) and (node._fields or isinstance(node, ast.Break | ast.Continue)):
            hits = swap(node, change) or hits
            new = change(node)
            if new is not None:
                nodes[place : place + 1] = new if isinstance(new, list) else [new]
                hits = True
    return hits


def fill(template: str, **parts: ast.expr) -> ast.expr:
    """An expression in which the names of `parts` stand for these nodes."""
    tree = ast.parse(template, mode="eval")
    swap(tree, lambda node: parts.get(node.id) if isinstance(node, ast.Name) else None)
    return tree.body


def lines(source: str, **parts: ast.expr) -> list[ast.stmt]:
    """The same for statements; assigned names take the part's name."""
    tree = ast.parse(source)
    swap(tree, lambda node: _stored(node, parts) if isinstance(node, ast.Name) else None)
    return tree.body


def _stored(node: ast.Name, parts: dict[str, ast.expr]) -> ast.expr | None:
    part = parts.get(node.id)
    return part if part is None or isinstance(node.ctx, ast.Load) else ast.Name(ast.unparse(part), node.ctx)


def assign(targets: list[ast.expr], value: ast.expr) -> ast.Assign:
    """`targets = value`; a node made by hand needs a line before it can be turned into text."""
    return ast.Assign(targets, value, lineno=0)


def calls(node: ast.AST, *names: str) -> bool:
    """Whether the node calls one of these functions by its name."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def method(node: ast.AST, *names: str) -> ast.expr | None:
    """The object one of whose methods of these names the node calls."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
        return node.func.value
    return None


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def stores(node: ast.AST) -> set[str]:
    """Names that are assigned somewhere in the node."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def loads(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def all_blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    """Every block of statements of the program."""
    found = []
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                found.append(block)
    return found


def prelude(tree: ast.Module, source: str) -> bool:
    """Puts a helper before the program that the rewritten program calls; always True."""
    tree.body[:0] = ast.parse(source).body
    return True


def number(node: ast.AST | None) -> int | None:
    """The value of a literal integer, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
