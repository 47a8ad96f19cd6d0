"""Small English: articles, lists and capitals, and the cast of a puzzle that sentences speak of.

>>> article("orange mug"), listed(["a", "b", "c"], "or")
('an orange mug', 'a, b or c')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Cast:
    """What a puzzle took from its scenario, in the order of mention."""

    things: tuple[str, ...]
    second: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    place: str = ""
    count: int = 0
    """How many there are in the opening scene."""

    @property
    def n(self) -> int:
        return self.count or len(self.things)


def article(phrase: str) -> str:
    """The phrase after "a" or "an", as it sounds."""
    return ("an " if phrase[0] in "aeiou" and not phrase.startswith(("one", "uni")) else "a ") + phrase


def listed(parts: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" {word} {parts[-1]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
