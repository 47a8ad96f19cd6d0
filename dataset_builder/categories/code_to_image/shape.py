r"""The structure of a program: its syntax tree with names and literals erased.

>>> structure("a = [1, 2]\nprint(a[0])") == structure("kites = [7, 8, 9]\nprint(kites[3])")
True
"""

from __future__ import annotations

import ast


class _Eraser(ast.NodeTransformer):
    """One name for all names, one value for all literals, one entry for all lists and dicts of literals."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("x", ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(0)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg("x")

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return ast.keyword(node.arg, self.visit(node.value))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = "x"
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = "x"
        return self.generic_visit(node)

    def visit_List(self, node: ast.List) -> ast.AST:
        return ast.Constant(0) if all(isinstance(e, ast.Constant) for e in node.elts) else self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        return ast.Constant(0) if all(isinstance(e, ast.Constant) for e in node.values) else self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        return ast.Global(["x"])

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.Nonlocal(["x"])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        literal = isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
        return ast.Constant(0) if literal else self.generic_visit(node)


def structure(source: str) -> str:
    """The same text for two programs that differ in names, numbers, words and the lengths of literal lists only.

    The printing is left out: its wording follows from what is drawn.
    """
    tree = ast.parse(source)
    tree.body = tree.body[:-1]
    return ast.dump(_Eraser().visit(tree))
