"""The productions of the grammar, read from the YAML files beside this module and checked hole by hole.

>>> TABLES["finish_row"]
('print("$things from left to right:", *$row)',)
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel, model_validator

from dataset_builder.categories.code_to_image.content import ROLES
from dataset_builder.categories.shared.data import read
from dataset_builder.errors import RealUnifyError

FILES = ("expressions", "rows", "counts", "pairs")
HOLE = re.compile(r"\$([A-Za-z_]+)(?::([a-d])\b)?")
"""A hole of a production: its name, and the letter that tells two of a kind apart."""
VARIABLES = frozenset("row numbers int stock colour word".split())
LOCAL = {
    "each": "each", "i": "i", "j": "j", "n": "n", "arg": "arg", "items": "list_arg", "opt": "option", "ch": "letter",
    "tone": "tone", "div": "divisor",
}  # fmt: skip
"""Loop variables and arguments, and the role that their names come from."""
NUMBERS = {
    "k": range(1, 6), "p": range(1, 4), "z": range(0, 4), "e": range(2, 5), "m": range(2, 5), "d": range(2, 4),
    "r": range(0, 2), "b": range(5, 11), "s": range(3, 6), "t": range(3, 5), "few": range(2, 4),
}  # fmt: skip
"""Literals."""
PRINTED = frozenset("things thing other relation".split())
"""Words of the printed line."""
COMPUTED = frozenset(
    "C known seen comparison between loop_test input_colours input_numbers input_int input_word input_three colours "
    "sizes entries letter keeper plain_a plain_b out".split()
)
"""Holes that the composer fills by a rule of its own."""
_KNOWN = VARIABLES | set(LOCAL) | set(NUMBERS) | PRINTED | COMPUTED


class Productions(RootModel[dict[str, Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]]]):
    """The content of one file."""

    @model_validator(mode="after")
    def _holes(self) -> Productions:
        for symbol, productions in self.root.items():
            for production in productions:
                if "$" in HOLE.sub("", production):
                    raise ValueError(f"{symbol}: '{production}' holds a `$` that begins no hole")
        return self


@cache
def _tables() -> dict[str, tuple[str, ...]]:
    tables: dict[str, tuple[str, ...]] = {}
    for name in FILES:
        path = Path(__file__).with_name(f"{name}.yaml")
        tables |= {symbol: tuple(entries) for symbol, entries in read(path, Productions).root.items()}
    unknown = unknown_holes(tables)
    if unknown:
        raise RealUnifyError(f"code_to_image/grammar: nothing fills {unknown[0]}; mend the production")
    return tables


def unknown_holes(tables: dict[str, tuple[str, ...]]) -> list[str]:
    """Holes that nothing fills, each with its production."""
    return [
        f"${name} in {symbol}"
        for symbol, productions in tables.items()
        for production in productions
        for name, _ in HOLE.findall(production)
        if name not in _KNOWN and name not in tables and re.sub("^(new|out)_", "", name) not in ROLES
    ]


TABLES = _tables()
NEEDS = {
    symbol: [(p, frozenset(name for name, _ in HOLE.findall(p)) & VARIABLES) for p in productions]
    for symbol, productions in TABLES.items()
}
"""Each production with the types of variables that it cannot do without."""
