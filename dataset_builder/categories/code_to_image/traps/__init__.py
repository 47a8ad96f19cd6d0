"""Traps: for each construct the wrong but plausible reading, as a rewriting of the program's syntax tree.

A trap *bites* where the rewritten program prints something else that can be drawn. `slips` are the other ways to go
wrong that need no construct to be misread.

    >>> [reading.source for reading in misread("print(sum(range(3)))") if reading.name == "range_with_its_end"]
    ['print(sum(range(3 + 1)))']
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dataset_builder.categories.code_to_image.traps import branches, definitions, loops, methods, values
from dataset_builder.categories.code_to_image.traps.slips import slipping
from dataset_builder.categories.code_to_image.traps.tools import TRAPS, Trap, all_blocks, fill, lines, method, swap

__all__ = ["TRAPS", "Reading", "Trap", "all_blocks", "fill", "lines", "method", "misread", "slips", "swap"]
_ROOMS = (branches, definitions, loops, methods, values)  # importing them fills the register


@dataclass(frozen=True)
class Reading:
    """A program as somebody runs it who falls into one trap; `fact` is what that reader overlooks."""

    name: str
    fact: str
    about: str
    source: str


def misread(source: str) -> Iterator[Reading]:
    """The program as each trap's victim runs it, for every trap that has something to do with it."""
    for name, trap in TRAPS.items():
        if re.search(trap.signs, source):
            other = ast.parse(source)
            if trap.rewrite(other):
                yield Reading(name, trap.fact, trap.about, ast.unparse(other))


def slips(source: str) -> Iterator[Reading]:
    """The program as it is run by somebody who leaves something out or copies a literal."""
    for name, other in slipping(source):
        yield Reading(name, re.sub(r"_\d+$", "", name).replace("_", " "), "slip", other)
