"""Questions of mental tracking read back: steps, mode, asked colour and alphabet, from the words alone.

>>> read_steps("First all red strokes turn blue; then every blue stroke of the left digit turns green.")[1].place
'left'
"""

from __future__ import annotations

import functools
import re

from dataset_builder.categories.mental_tracking.recolouring import Mode, Step
from dataset_builder.drawing.colors import SAFE

_COLOURS = "|".join(SAFE)
_AT_ONCE = re.compile(r"\b(original|at once|same instant|same moment)\b", re.IGNORECASE)


def _phrase(name: str) -> str:
    """A pattern for `vertical red strokes of the left digit`; its groups are called after `name`."""
    return (
        rf"(?:(?P<{name}_direction>vertical|horizontal) )?(?P<{name}>{_COLOURS}) strokes?"
        r"(?: (?:of|in) the (?P<" + name + r"_place>left|middle|right) (?:digit|letter|shape))?"
    )


@functools.cache
def _clause() -> re.Pattern[str]:
    # The first colour of "red and blue strokes swap colours" may have a direction of its own.
    bare = rf"(?:(?:vertical|horizontal) )?(?P<bare>{_COLOURS})"
    both = rf"(?:{_phrase('first')}|{bare}) and (?:the )?{_phrase('second')}"
    turn = rf"{_phrase('source')} (?:turns?|becomes?|(?:is|are) painted) (?P<target>{_COLOURS})\b"
    return re.compile(rf"\b(?:{both} (?:swap|exchange|trade) colours|{turn})")


def read_steps(text: str) -> list[Step]:
    """The steps that a question tells, in its order; knows the language of the clauses, not who wrote them."""
    steps = []
    for match in _clause().finditer(text.lower()):
        got = match.groupdict()
        if got["target"]:
            steps.append(Step(got["source"], got["target"], False, got["source_place"], got["source_direction"]))
        else:
            source = got["bare"] or got["first"]
            steps.append(Step(source, got["second"], True, got["second_place"], got["second_direction"]))
    return steps


def _asking(text: str) -> str:
    """The question's last sentence."""
    return text.strip().rsplit(". ", 1)[-1]


def read_asked(text: str) -> str:
    """The colour that the question's last sentence asks for."""
    return str(re.findall(rf"\b({_COLOURS})\b", _asking(text))[-1])


def read_alphabet(text: str) -> str:
    """`digits`, `letters` or `shapes`: what the last sentence asks to be read."""
    return str(re.findall(r"\b(digits|letters|shapes)\b", _asking(text))[-1])


def read_mode(text: str) -> Mode:
    """Simultaneous questions say in plain words that the original colours decide."""
    return "simultaneous" if _AT_ONCE.search(text) else "sequential"
