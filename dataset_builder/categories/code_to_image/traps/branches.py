"""Misreadings of conditions and branches."""

from __future__ import annotations

import ast

from dataset_builder.categories.code_to_image.traps.tools import all_blocks, fill, number, swap, trap


@trap("branch", "an `elif` or `else` is skipped once a branch above it was taken", "elif |else:\n +if")
def elif_as_if(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            if isinstance(statement, ast.If) and len(statement.orelse) == 1 and isinstance(statement.orelse[0], ast.If):
                inner = statement.orelse
                statement.orelse = []
                place = block.index(statement)
                block[place + 1 : place + 1] = inner
                hits = True
    return hits and (elif_as_if(tree) or True)


@trap("branch", "each `if` is tested, whatever the one before it did", "(?m)^ *if ")
def if_as_elif(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for place in range(len(block) - 2, -1, -1):
            first, second = block[place], block[place + 1]
            if isinstance(first, ast.If) and not first.orelse and isinstance(second, ast.If):
                first.orelse = [second]
                del block[place + 1]
                hits = True
    return hits


_LOOSE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.GtE, ast.Lt: ast.LtE}
_STRICT: dict[type[ast.cmpop], type[ast.cmpop]] = {new: old for old, new in _LOOSE.items()}


def _exchange(tree: ast.Module, table: dict[type[ast.cmpop], type[ast.cmpop]]) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.Compare) or not any(type(op) in table for op in node.ops):
            return None
        return ast.Compare(node.left, [table.get(type(op), type(op))() for op in node.ops], node.comparators)

    return swap(tree, change)


@trap("branch", "a value is not greater or less than itself", "[<>]")
def strict_as_loose(tree: ast.Module) -> bool:
    return _exchange(tree, _LOOSE)


@trap("branch", "`>=` and `<=` hold for equal values too", "[<>]=")
def loose_as_strict(tree: ast.Module) -> bool:
    return _exchange(tree, _STRICT)


@trap("branch", "`and` binds more tightly than `or`", " or .* and | and .* or ")
def or_before_and(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not (isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)):
            return None
        first, *others = node.values
        if isinstance(others[0], ast.BoolOp) and len(others) == 1:
            return ast.BoolOp(ast.And(), [ast.BoolOp(ast.Or(), [first, others[0].values[0]]), *others[0].values[1:]])
        if isinstance(first, ast.BoolOp) and len(others) == 1:
            return ast.BoolOp(ast.And(), [*first.values[:-1], ast.BoolOp(ast.Or(), [first.values[-1], others[0]])])
        return None

    return swap(tree, change)


@trap("branch", "`not` turns only the condition next to it round", "not .*( and | or )")
def not_over_all(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BoolOp) and isinstance(node.values[0], ast.UnaryOp):
            inner = ast.BoolOp(node.op, [node.values[0].operand, *node.values[1:]])
            return ast.UnaryOp(ast.Not(), inner)
        return None

    return swap(tree, change)


@trap("branch", "the second half of a condition is not run where the first decides", " and | or ")
def no_short_circuit(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if not isinstance(node, ast.BoolOp) or not any(isinstance(n, ast.Call) for n in ast.walk(node.values[-1])):
            return None
        name = "all" if isinstance(node.op, ast.And) else "any"
        return fill(f"{name}(VALUES)", VALUES=ast.List(node.values, ast.Load()))

    return swap(tree, change)


@trap("branch", "a chained comparison needs both of its halves", "[<>]=?.*[<>]")
def first_half_only(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Compare) and len(node.ops) == 2:
            return ast.Compare(node.left, node.ops[:1], node.comparators[:1])
        return None

    return swap(tree, change)


def _is_remainder(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod)


@trap("branch", "a remainder of 0 counts as false", "%")
def remainder_means_divisible(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.If | ast.IfExp) and _is_remainder(node.test):
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return node
        if isinstance(node, ast.comprehension) and any(map(_is_remainder, node.ifs)):
            node.ifs = [ast.UnaryOp(ast.Not(), test) if _is_remainder(test) else test for test in node.ifs]
            return node
        return None

    return swap(tree, change)


@trap("branch", "`or` gives its first value where that counts as true", " or ")
def or_takes_the_last(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BoolOp) and isinstance(node.value.op, ast.Or):
            node.value = node.value.values[-1]
            return node
        return None

    return swap(tree, change)


@trap("branch", "`and` gives its last value where all before it count as true", " and ")
def and_takes_the_first(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BoolOp) and isinstance(node.value.op, ast.And):
            node.value = node.value.values[0]
            return node
        return None

    return swap(tree, change)


@trap("branch", "only the first case that fits is run", "case _")
def default_case_too(tree: ast.Module) -> bool:
    """The case `_` is run after any other, as if it stood behind the whole statement."""
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            if isinstance(statement, ast.Match) and len(statement.cases) > 1:
                last = statement.cases[-1]
                if isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None:
                    del statement.cases[-1]
                    place = block.index(statement)
                    block[place + 1 : place + 1] = last.body
                    hits = True
    return hits


@trap("branch", "a conditional expression takes in the whole sum before its `if`", " if .* else ")
def condition_for_one_term(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.IfExp) and isinstance(node.body, ast.BinOp):
            body = node.body
            return ast.BinOp(body.left, body.op, ast.IfExp(node.test, body.right, node.orelse))
        return None

    return swap(tree, change)


@trap("branch", "negative remainders do not exist for a positive divisor", "%")
def remainder_towards_zero(tree: ast.Module) -> bool:
    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and (number(node.right) or 0) > 0:
            return fill("A - B * int(A / B)", A=node.left, B=node.right)
        return None

    return swap(tree, change)


@trap("branch", "`else` belongs to the `try` and runs only when nothing failed", "try:")
def else_of_try_always(tree: ast.Module) -> bool:
    hits = False
    for block in all_blocks(tree):
        for statement in list(block):
            if isinstance(statement, ast.Try) and statement.orelse:
                place = block.index(statement)
                block[place + 1 : place + 1] = statement.orelse
                statement.orelse = []
                hits = True
    return hits
