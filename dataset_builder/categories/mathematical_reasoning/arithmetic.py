"""Arithmetic that is written as text in `content.yaml`: exact, and nothing but arithmetic.

>>> evaluate("n / 3 + max(k, 1)", {"n": Fraction(7), "k": Fraction(2)})
Fraction(13, 3)
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import CodeType
from typing import Any


def chance(wanted: Fraction, *others: Fraction) -> Fraction:
    """The probability of picking a wanted thing among all things that may be picked.

    -1, which no statement equals, where there is nothing to pick or less than nothing.
    """
    every = wanted + sum(others)
    return wanted / every if every and min(wanted, *others) >= 0 else Fraction(-1)


def likelier(own: Fraction, *others: Fraction) -> Fraction:
    """The things of this kind if a blind pick is likelier to bring it than any other kind, else none."""
    return own if own > max(others) else Fraction(0)


def rarer(own: Fraction, *others: Fraction) -> Fraction:
    """The things of this kind if a blind pick is less likely to bring it than any other kind, else none."""
    return own if own < min(others) else Fraction(0)


_NODES = (
    ast.Expression, ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Name, ast.Load, ast.Call, ast.Constant,
    ast.operator, ast.unaryop, ast.cmpop, ast.boolop,
)  # fmt: skip
_FUNCTIONS = {
    "chance": chance,
    "likelier": likelier,
    "rarer": rarer,
    "max": max,
    "min": min,
    "whole": lambda value: value.denominator == 1,
}
_GLOBALS = {"__builtins__": {}, "Fraction": Fraction, **_FUNCTIONS}


class _Exact(ast.NodeTransformer):
    """A whole number that is divided becomes a fraction, so that 1/3 is exact; values are fractions anyway."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod) and isinstance(node.left, ast.Constant):
            node.left = ast.Call(ast.Name("Fraction", ast.Load()), [node.left], [])
        return node


@cache
def _compiled(expression: str) -> CodeType:
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        raise ValueError(f"'{expression}' is not arithmetic") from None
    for node in ast.walk(tree):
        allowed = isinstance(node, _NODES) and not isinstance(node, ast.Pow)
        if isinstance(node, ast.Constant):
            allowed = type(node.value) is int
        elif isinstance(node, ast.Call):
            allowed = isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
        if not allowed:
            raise ValueError(f"'{expression}' may hold arithmetic and comparisons only")
    return compile(ast.fix_missing_locations(_Exact().visit(tree)), "<relation>", "eval")


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """An arithmetic expression or relation over exact values; nothing else is allowed in it."""
    return eval(_compiled(expression), _GLOBALS, values)


@cache
def names_in(expression: str) -> frozenset[str]:
    """The names of an expression, functions left out; ValueError where it is no arithmetic."""
    _compiled(expression)
    tree = ast.parse(expression, mode="eval")
    return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name)) - set(_FUNCTIONS)


def operations_in(expression: str) -> int:
    """Arithmetic operations and comparisons of quantities (`max`, `likelier`) in a step."""
    return sum(isinstance(n, ast.BinOp | ast.Call) for n in ast.walk(ast.parse(expression, mode="eval")))
