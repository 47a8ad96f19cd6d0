"""Composes a program: draws productions, fills their holes with names and values that fit, and runs what it has.

A production is Python text with holes: `$row`, `$int`, `$colour` ... stand for a variable of that type, `$new_row` for
a name not used yet, `$C` for a colour's literal, `$k` for a number, and every other name for a production of the table
of that name. One hole means one thing within its production; `:a`, `:b` tell two of a kind apart. Loop variables and
arguments (`$each`, `$i`, `$n`, `$arg` ...) are known to the productions inside. What was composed so far is run after
every statement, so that indices, keys and thresholds can be drawn near the values that the variables really have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from dataset_builder.categories.code_to_image import machine
from dataset_builder.categories.code_to_image.content import Story, content
from dataset_builder.categories.code_to_image.grammar.fillers import Fillers, Scope, Stuck
from dataset_builder.categories.code_to_image.grammar.kinds import kind_of, sane, sensible
from dataset_builder.categories.code_to_image.grammar.tables import HOLE, LOCAL, NEEDS, NUMBERS, VARIABLES

_STORY_ROLES = {"row": "things", "numbers": "holders", "stock": "stock"}
_TRIES = 12
_ENDINGS = 5
_PRINTED = 2  # variables that are printed, at most
_WIDEST = 84  # characters of a line
_LONGEST = 14  # lines, the printing counted
_FRESH = 0.85  # how often a variable is taken that nothing has read yet: what is made should be used


class Composer(Fillers):
    """One program as it grows."""

    def __init__(self, rng: Random, story: Story, palette: Sequence[str]) -> None:
        super().__init__(rng, palette)
        self.story = story
        self._sorted: tuple[dict[str, Any], dict[str, list[str]]] = ({}, {})
        self.taken: set[str] = set()
        self.unread: set[str] = set()
        self.before: tuple[str, dict[str, Any], set[str], str] | None = None
        self.passing: set[str] = {"__name__", "_"}  # loop variables and arguments: nothing after them should need them

    def say(self, symbol: str) -> None:
        """Adds one production of `symbol` that runs and changes something; raises Stuck where none is found."""
        for _ in range(_TRIES):
            taken, line = set(self.taken), self.input
            try:
                if self._accept(self.expand(symbol, {})):
                    return
            except Stuck:
                pass
            self.taken, self.input = taken, line
        raise Stuck(symbol)

    def finishes(self, symbol: str, words: Scope, fits: Callable[[str, str], bool]) -> bool:
        """Adds the printing; whether one of its productions makes a program that fits."""
        waiting = set(self.unused())
        if len(waiting) > _PRINTED:
            return False
        values, self.values = self.values, self._printable()
        unread, self.unread, tried = self.unread, waiting or self.unread, set()
        try:
            for _ in range(_ENDINGS):
                source = f"{self.source}\n{self.expand(symbol, words)}"
                ending = source[len(self.source) :]
                read = all(re.search(rf"\b{name}\b", ending) for name in waiting)
                if read and source not in tried and fits(source, self.input):
                    self.source = source
                    return True
                tried.add(source)
        except Stuck:
            pass
        finally:
            self.values, self.unread = values, unread
        return False

    def _printable(self) -> dict[str, Any]:
        """The variables, without the numbers that cannot be drawn or that stand in the source or the input."""
        literals = {int(text) for text in re.findall(r"\b\d+", f"{self.source} {self.input}")}

        def fits(value: object) -> bool:
            return not isinstance(value, int) or (2 <= value <= 8 and value not in literals)

        view = {name: value for name, value in self.values.items() if fits(value)}
        for name, value in view.items():
            if isinstance(value, dict):
                view[name] = {key: entry for key, entry in value.items() if 2 <= entry <= 6}
        return {name: value for name, value in view.items() if value != {}}

    def back(self) -> None:
        """Takes the last statement back, once."""
        if self.before is not None and self.before[0]:
            self.source, self.values, self.unread, self.input = self.before
            self.before = None

    def unused(self) -> list[str]:
        """Variables that are written and never mentioned again."""
        return [name for name in self.values if len(re.findall(rf"\b{name}\b", self.source)) < 2]

    def _accept(self, block: str) -> bool:
        source = f"{self.source}\n{block}".strip()
        read = set(re.findall(r"\w+", block))
        if self.unread and not self.unread & read or source.count("\n") + 2 > _LONGEST:
            return False  # what is said goes on with what was said before
        if not sensible(block):
            return False
        values: dict[str, Any] = {}
        if machine.execute(source, self.input, 200, values)["error"]:
            return False
        values = {name: value for name, value in values.items() if kind_of(value) and name not in self.passing}
        before = {name: repr(value) for name, value in self.values.items()}
        changed = {name for name, value in values.items() if before.get(name) != repr(value)}
        if not changed or not all(map(sane, values.values())) or max(map(len, block.split("\n"))) > _WIDEST:
            return False
        self.before = self.source, self.values, self.unread, self.input
        self.unread = (self.unread - read) | changed
        self.source, self.values = source, values
        return True

    def expand(self, symbol: str, scope: Scope) -> str:
        """A production of a table, its holes filled."""
        names = self._by_kind()
        productions = [production for production, kinds in NEEDS[symbol] if kinds <= names.keys()]
        if not productions:
            raise Stuck(symbol)
        for _ in range(_TRIES):
            try:
                return self._fill(self.rng.choice(productions), dict(scope))
            except Stuck:
                continue
        raise Stuck(symbol)

    def _fill(self, template: str, scope: Scope) -> str:
        memo: dict[str, str] = {}

        def text(match: re.Match[str]) -> str:
            hole = match[0]
            if hole not in memo:
                memo[hole] = self._text(match[1], scope, memo)
            start = template.rfind("\n", 0, match.start()) + 1
            line = template[start : match.start()]
            indent = line[: len(line) - len(line.lstrip())]
            return memo[hole].replace("\n", f"\n{indent}")

        return HOLE.sub(text, template)

    def _text(self, name: str, scope: Scope, memo: dict[str, str]) -> str:
        if name in scope:
            return scope[name]
        if name.startswith("new_"):
            return self.fresh(name.removeprefix("new_"))
        if name.startswith("out_"):  # a fresh name that the productions inside know as `out`
            scope["out"] = self.fresh(name.removeprefix("out_"))
            return scope["out"]
        if name in LOCAL:
            scope[name] = self.fresh(LOCAL[name])
            self.passing.add(scope[name])
            return scope[name]
        if name in NUMBERS:
            free = [number for number in NUMBERS[name] if str(number) not in memo.values()] or NUMBERS[name]
            return str(self.rng.choice([n for n in free if n in self.digits or not 2 < n < 9] or free))
        if name in VARIABLES:
            return self._variable(name, set(memo.values()))
        special: Callable[[Scope, dict[str, str]], str] | None = getattr(self, f"_make_{name}", None)
        return special(scope, memo) if special else self.expand(name, scope)

    def fresh(self, role: str) -> str:
        """A name that the program does not have yet."""
        names = content().names
        pool = list(names.get(role, ()))
        if role in _STORY_ROLES:
            pool.insert(0, getattr(self.story, _STORY_ROLES[role]))
        if role == "each":
            pool.append(self.story.noun.replace(" ", "_").replace("-", "_"))
        if role == "keeper":
            pool = [self.story.keeper]
        free = [name for name in pool if name not in self.taken and name not in self.values]
        if not free:
            raise Stuck(role)
        story_first = role in ("row", "numbers", "stock") and free[0] == pool[0]
        name = free[0] if story_first else self.rng.choice(free)
        self.taken.add(name)
        return name

    def _by_kind(self) -> dict[str, list[str]]:
        """The variables that there are, by their type; worked out once for each state of the program."""
        if self._sorted[0] is not self.values:
            names: dict[str, list[str]] = {}
            for name, value in self.values.items():
                names.setdefault(kind_of(value), []).append(name)
            self._sorted = self.values, names
        return self._sorted[1]

    def _variable(self, kind: str, others: set[str]) -> str:
        names = [name for name in self._by_kind().get(kind, ()) if name not in others]
        if not names:
            raise Stuck(kind)
        fresh = [name for name in names if name in self.unread]
        return self.rng.choice(fresh if fresh and self.rng.random() < _FRESH else names)

    def _make_keeper(self, scope: Scope, memo: dict[str, str]) -> str:
        return self.fresh("keeper")
