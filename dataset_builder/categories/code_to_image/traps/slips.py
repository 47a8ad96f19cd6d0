"""Slips that are no misreading of a construct: a step not run, a literal copied, a round too many or too few."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from dataset_builder.categories.code_to_image.traps.tools import calls, fill, number, swap


def slipping(source: str) -> Iterator[tuple[str, str]]:
    """Name and program of each slip."""
    for name, rewrite in _SLIPS.items():
        for place in range(_MOST):
            tree = ast.parse(source)
            if not rewrite(tree, place):
                break
            yield name if place == 0 else f"{name}_{place + 1}", ast.unparse(tree)


_MOST = 6


def _last_not_run(tree: ast.Module, place: int) -> bool:
    """The last statement before the printing is left out."""
    if place or len(tree.body) < 3:
        return False
    del tree.body[-2]
    return True


def _first_only(tree: ast.Module, place: int) -> bool:
    """Only the first statements are run, so many as the printing needs: `place` of those after the first are kept."""
    if place > 2 or len(tree.body) < place + 3:
        return False
    tree.body = [*tree.body[: place + 1], tree.body[-1]]
    return True


def _literal_printed(tree: ast.Module, place: int) -> bool:
    """What is printed is a literal of the source: each list of colours, each number."""
    lists = [n for n in ast.walk(tree) if isinstance(n, ast.List | ast.Tuple) and len(n.elts) > 1]
    lists = [n for n in lists if all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in n.elts)]
    numbers = sorted(
        {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, int)} - {0}
    )
    final = tree.body[-1]
    call = final.value if isinstance(final, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        if place >= len(lists):
            return False
        call.args = [a if not isinstance(a, ast.Starred) else ast.Starred(lists[place], ast.Load()) for a in call.args]
        return True
    if place >= len(numbers):
        return False
    literal = ast.Constant(numbers[place])
    first = call.args[0]
    if isinstance(first, ast.JoinedStr):
        holes = [part for part in first.values if isinstance(part, ast.FormattedValue)]
        if len(holes) != 2 or first.values[0] is not holes[0]:
            return False
        holes[0].value = literal
    elif isinstance(first, ast.Constant):
        return False
    else:
        call.args[0] = literal
    return True


def _round_less(tree: ast.Module, place: int) -> bool:
    """Every `for` stops before its last round."""

    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.For):
            node.iter = fill("list(X)[:-1]", X=node.iter)
            return node
        return None

    return not place and swap(tree, change)


def _round_more(tree: ast.Module, place: int) -> bool:
    """A `while` goes round once more; a range is one step longer."""

    def change(node: ast.AST) -> ast.AST | list[ast.stmt] | None:
        if isinstance(node, ast.While):
            again = ast.For(ast.Name("again", ast.Store()), fill("range(1)"), node.body, [], lineno=0)
            return [node, again]
        if isinstance(node, ast.Call) and calls(node, "range"):
            step = number(node.args[2]) if len(node.args) == 3 else 1
            where = min(1, len(node.args) - 1)
            node.args[where] = fill("B + S", B=node.args[where], S=ast.Constant(step or 1))
            return node
        return None

    return not place and swap(tree, change)


def _while_less(tree: ast.Module, place: int) -> bool:
    """A `while` is entered once only, as if it were an `if`."""

    def change(node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.While):
            node.body.append(ast.Break())
            return node
        return None

    return not place and swap(tree, change)


_SLIPS: dict[str, Callable[[ast.Module, int], bool]] = {
    "last_statement_not_run": _last_not_run,
    "only_the_first_lines_run": _first_only,
    "literal_copied": _literal_printed,
    "one_round_less": _round_less,
    "one_round_more": _round_more,
    "while_runs_once": _while_less,
}
