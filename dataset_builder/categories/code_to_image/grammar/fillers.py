"""Holes that need more than a table: literals that fit the values which the program's variables have now."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from random import Random
from typing import Any

from dataset_builder.categories.code_to_image import machine
from dataset_builder.categories.code_to_image.content import content

Scope = dict[str, str]
_BUILTINS = {name: getattr(builtins, name) for name in machine.BUILTINS}


_DIGITS = 3


class Stuck(Exception):
    """No production fits what the program has."""


class Fillers:
    """A program's source, input and values so far; `_make_NAME` fills the hole `$NAME` of a production."""

    def __init__(self, rng: Random, palette: Sequence[str]) -> None:
        self.rng = rng
        self.palette = list(palette)
        # The program's literals come from few numbers: what it prints must be none of them.
        self.digits = sorted({1, 2, *rng.sample(range(3, 10), _DIGITS)})
        self.input = ""
        self.source = ""
        self.values: dict[str, Any] = {}

    def expand(self, symbol: str, scope: Scope) -> str:
        """A production of a table, its holes filled."""
        raise NotImplementedError

    def value(self, expression: str) -> Any:
        """What an expression is worth now; None where that cannot be said."""
        try:
            return eval(expression, {"__builtins__": _BUILTINS}, dict(self.values))
        except Exception:
            return None

    def _make_C(self, scope: Scope, memo: dict[str, str]) -> str:
        used = set(memo.values())
        free = [f'"{colour}"' for colour in self.palette if f'"{colour}"' not in used]
        if not free:
            raise Stuck("colour")
        return self.rng.choice(free)

    def _make_seen(self, scope: Scope, memo: dict[str, str]) -> str:
        """A colour that the program has named before: to ask for another would be idle."""
        named = f"{self.source} {self.input} {self.values}"
        free = [f'"{colour}"' for colour in self.palette if colour in named and f'"{colour}"' not in memo.values()]
        return self.rng.choice(free) if free else self._make_C(scope, memo)

    def _make_known(self, scope: Scope, memo: dict[str, str]) -> str:
        """A colour that the production's row or dict holds."""
        things = self.values.get(memo.get("$row", memo.get("$stock", "")))
        if not things:
            raise Stuck("known")
        used = set(memo.values())
        free = sorted({f'"{thing}"' for thing in things} - used)
        if not free:
            raise Stuck("known")
        return self.rng.choice(free)

    def _make_comparison(self, scope: Scope, memo: dict[str, str]) -> str:
        left = self.expand("measure", scope)
        value = self.value(left)
        near = self._near(value)
        operator = self.rng.choices((">", "<", ">=", "<=", "==", "!="), (4, 4, 4, 4, 1, 1))[0]
        near = max(near, 2 if operator == "<" else 1)  # `len(row) < 0` is no question
        return f"{left} {operator} {near}"

    def _near(self, value: Any) -> int:
        """A threshold at the value or not far from it, if possible one of the program's numbers."""
        if not isinstance(value, int):
            return self.rng.choice(self.digits)
        around = [value + off for off in (-2, -1, 0, 0, 0, 1, 2) if value + off >= 0]
        return self.rng.choice([n for n in around if n in self.digits or n > 9] or around or self.digits)

    def _make_between(self, scope: Scope, memo: dict[str, str]) -> str:
        middle = self.expand("measure", scope)
        value = self.value(middle)
        if value is None or value < 2:
            raise Stuck("between")
        low = value - self.rng.choice((-1, 0, 0, 1, 2))
        first, second = self.rng.choice((("<", "<="), ("<=", "<"), ("<", "<")))
        return f"{low} {first} {middle} {second} {low + self.rng.choice((2, 3, 4))}"

    def _make_loop_test(self, scope: Scope, memo: dict[str, str]) -> str:
        """A condition on one of the variables of the loops around it."""
        known = [name for name in ("each", "i", "n") if name in scope]
        if len(known) > 1 and self.rng.random() < 0.2:
            one, other = self.rng.sample(known, 2)
            word = self.rng.choice(("and", "or"))
            return f"{self.expand(f'{one}_test', scope)} {word} {self.expand(f'{other}_test', scope)}"
        if not known:
            raise Stuck("loop_test")
        return self.expand(f"{self.rng.choice(known)}_test", scope)

    def _make_input_colours(self, scope: Scope, memo: dict[str, str]) -> str:
        length = self.rng.choice((4, 5, 5, 6))
        self.input = " ".join(self._colours(length))
        return "input().split()"

    def _make_input_numbers(self, scope: Scope, memo: dict[str, str]) -> str:
        self.input = " ".join(str(self.rng.choice(self.digits)) for _ in range(self.rng.choice((4, 5, 5, 6))))
        return "input().split()"

    def _make_input_int(self, scope: Scope, memo: dict[str, str]) -> str:
        self.input = str(self.rng.randint(4, 29))
        return "int(input())"

    def _make_input_word(self, scope: Scope, memo: dict[str, str]) -> str:
        self.input = self.rng.choice(content().words)
        return "input()"

    def _colours(self, length: int) -> list[str]:
        if length > len(self.palette) or self.rng.random() < 0.4:
            pool = self.palette[: max(2, length - 1)]
            return [*self.rng.choices(pool, k=length)]
        return self.rng.sample(self.palette, length)

    def _make_colours(self, scope: Scope, memo: dict[str, str]) -> str:
        """The inside of a list of colours."""
        return ", ".join(f'"{colour}"' for colour in self._colours(self.rng.choice((3, 4, 4, 5, 5))))

    def _make_sizes(self, scope: Scope, memo: dict[str, str]) -> str:
        return ", ".join(str(self.rng.choice(self.digits)) for _ in range(self.rng.choice((3, 4, 4, 5))))

    def _make_entries(self, scope: Scope, memo: dict[str, str]) -> str:
        colours = self.rng.sample(self.palette, min(len(self.palette), self.rng.choice((2, 3, 3))))
        return ", ".join(f'"{colour}": {self.rng.choice(self.digits[:4])}' for colour in colours)

    def _make_letter(self, scope: Scope, memo: dict[str, str]) -> str:
        word = str(self.values.get(memo.get("$word", ""), "")) or "aeiou"
        return f'"{self.rng.choice(word)}"'

    def _make_input_three(self, scope: Scope, memo: dict[str, str]) -> str:
        self.input = " ".join(self.rng.sample(self.palette, 3))
        return "input().split()"

    def _make_plain_a(self, scope: Scope, memo: dict[str, str]) -> str:
        """A key that the production has drawn, as a word of the printed text."""
        return memo["$known:a"].strip('"')

    def _make_plain_b(self, scope: Scope, memo: dict[str, str]) -> str:
        return memo["$known:b"].strip('"')
