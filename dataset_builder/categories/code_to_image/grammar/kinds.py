"""What the grammar knows of values and of blocks of statements: types, and what a person would not write.

>>> kind_of(["red", "blue"]), kind_of({"red": 3}), kind_of(7), kind_of(True)
('row', 'stock', 'int', '')
"""

from __future__ import annotations

import ast
import itertools
import re

from dataset_builder.categories.shared.words import COLOURS


def kind_of(value: object) -> str:
    """The type of a variable in the sense of the grammar; empty where it has none."""
    if isinstance(value, str):
        return "colour" if value in COLOURS else "word"
    if isinstance(value, int):
        return "" if isinstance(value, bool) else "int"
    if isinstance(value, list) and value:
        kinds = {kind_of(item) for item in value}
        return {"colour": "row", "int": "numbers"}.get(kinds.pop(), "") if len(kinds) == 1 else ""
    if isinstance(value, dict) and value and all(kind_of(k) + kind_of(v) == "colourint" for k, v in value.items()):
        return "stock"
    return ""


def sane(value: object) -> bool:
    """Whether a person would still follow it: short lists, small numbers."""
    if isinstance(value, int):
        return abs(value) < 80
    return not isinstance(value, list | dict) or len(value) < 10


def sensible(block: str) -> bool:
    """Whether no range is of one round, no line stands twice, and no condition asks twice about one thing."""
    for numbers in re.findall(r"range\(([-\d, ]+)\)", block):
        if len(range(*(int(number) for number in numbers.split(",")))) < 2:
            return False
    lines = block.split("\n")
    if any(one == other for one, other in itertools.pairwise(lines)):
        return False
    if " and " in block or " or " in block:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.BoolOp):
                asked = [ast.unparse(getattr(value, "left", value)).removeprefix("not ") for value in node.values]
                if len(set(asked)) < len(asked):
                    return False
    return True
