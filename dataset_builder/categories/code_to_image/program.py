"""What a program template is, how one is filled in, and how its printed line is read as a scene.

A template is the program's text with `$name` placeholders (`$c1`, `$c2` are colours, `$noun`, `$nouns`,
`$other` drawable things, the rest comes from `values`) and its traps: a fact about the language, and the
edit that turns the program into what a reader sees who overlooks the fact. A trap is real only where the
edited program prints something else, so every trap is run.

    >>> read_output("3 white rabbits").items
    (Item(count=3, colour='white', noun='rabbit'),)
"""

from __future__ import annotations

import builtins
import re
import string
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from types import FrameType
from typing import Any

from dataset_builder.categories.code_to_image.sandbox import BUILTINS
from dataset_builder.categories.shared.scene import RELATIONS, Item, Scene
from dataset_builder.categories.shared.words import COLOURS, NOUNS, SINGULAR, Noun, distinct_colours
from dataset_builder.instance import Difficulty

Values = dict[str, Any]
Choice = Sequence[Any] | Callable[[Random, Values], Any]
LINES: dict[Difficulty, range] = {"easy": range(3, 6), "medium": range(5, 9), "hard": range(8, 13)}
_BUDGET = 3000  # traced lines; an edited loop may never end
_WORDS = (
    "banana pepper coffee lemonade papaya tomato cocoa cucumber avocado pancake carrot cabbage coconut raccoon "
    "kangaroo parrot giraffe cheetah elephant penguin umbrella rainbow balloon lantern feather pebble saddle "
    "kitten puddle meadow willow bamboo mitten ribbon button bottle kettle window teapot hammock guitar trumpet "
    "cinnamon almond tangerine blossom butterfly dragonfly tulip cottage village harbour riverbank"
).split()


@dataclass(frozen=True)
class Trap:
    """`fact` is what a skimming reader overlooks; replacing `old` by `new` is what such a reader runs."""

    fact: str
    old: str
    new: str


@dataclass(frozen=True)
class Program:
    """A template; `needs` is how many of its traps must bite (0: all of them)."""

    name: str
    subtask: str
    level: Difficulty
    text: str
    values: Mapping[str, Choice]
    traps: tuple[Trap, ...]
    needs: int = 0


@dataclass(frozen=True)
class Bite:
    """A trap that changes what is printed: the edited program, its output and what that would look like."""

    fact: str
    source: str
    output: str
    scene: Scene


@dataclass(frozen=True)
class Run:
    """A filled-in program with its input line, what it prints, and the traps in it."""

    source: str
    input: str
    output: str
    scene: Scene
    bites: tuple[Bite, ...]


def word_with_repeat(rng: Random, values: Values) -> Values:
    """A word, and as `l` a letter that it holds at least twice."""
    words = {w: [c for c in sorted(set(w)) if w.count(c) > 1] for w in _WORDS}
    word = rng.choice([w for w, letters in words.items() if letters])
    return {"word": word, "l": rng.choice(words[word])}


def colour_line(shortest: int, longest: int, repeat: bool = False) -> Choice:
    """An input line of colours out of those chosen for the program."""

    def line(rng: Random, values: Values) -> str:
        pool = [values[f"c{i}"] for i in range(1, 6)]
        k = rng.randint(shortest, longest)
        return " ".join(rng.choices(pool[: k - 1], k=k) if repeat else rng.sample(pool, k))

    return line


def compose(rng: Random, program: Program) -> Run | None:
    """One attempt; None where the output cannot be drawn or too few traps bite."""
    values = _words(rng, program)
    if values is None:
        return None
    for name, choice in program.values.items():
        value = choice(rng, values) if callable(choice) else rng.choice(choice)
        values |= value if isinstance(value, dict) else {name: value}
    text = string.Template(program.text.strip())
    line = string.Template(str(values.get("in", "$n"))).substitute(values)
    output = execute(text.substitute(values), line)
    scene = read_output(output) if output else None
    if output is None or scene is None or not _drawable(scene, 10, alone=False):
        return None
    bites: list[Bite] = []
    for trap in program.traps:
        source = string.Template(text.template.replace(trap.old, trap.new)).substitute(values)
        other = execute(source, line)
        seen = read_output(other, strict=False) if other else None
        if other is not None and other != output and seen is not None and _drawable(seen, 20, alone=True):
            bites.append(Bite(trap.fact, source, other, seen))
    if len(bites) < (program.needs or len(program.traps)):
        return None
    return Run(text.substitute(values), line, output, scene, tuple(bites))


def _words(rng: Random, program: Program) -> Values | None:
    """Two nouns and the colours; an input of colours needs five of them."""
    numbers = [int(n) for n in re.findall(r"\$c(\d)", program.text)]
    k = 5 if "line" in program.values else max(numbers, default=1)
    nouns = list(_nouns(k))
    first, second = rng.sample(nouns, 2)
    palette = [c for c in first.colours if c in second.colours or "$other" not in program.text]
    if 'print("a"' in program.text:
        palette = [c for c in palette if c != "orange"]
    colours = distinct_colours(rng, palette, k)
    if colours is None:
        return None
    return {"noun": first.one, "nouns": first.many, "other": second.one} | {
        f"c{i}": colour for i, colour in enumerate(colours, 1)
    }


@cache
def _nouns(k: int) -> tuple[Noun, ...]:
    return tuple(noun for noun in NOUNS.values() if len(noun.colours) >= k + (k > 1))


def _drawable(scene: Scene, most: int, alone: bool) -> bool:
    """Small counts of coloured things; one thing alone would ask for too little."""
    total = sum(item.count for item in scene.items)
    return (total > 1 or alone) and total <= most + 4 and all(1 <= item.count <= most for item in scene.items)


class _TooLong(Exception):
    pass


def execute(source: str, line: str) -> str | None:
    """What a program of ours prints, for the generator; None if it fails or does not end soon.

    The proof does not use this: it runs the prompt's program in the sandbox.
    """
    printed: list[str] = []
    left = _BUDGET

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise _TooLong
        return trace

    allowed: dict[str, Any] = {name: getattr(builtins, name) for name in BUILTINS}
    allowed |= {"input": lambda: line, "print": lambda *v: printed.append(" ".join(map(str, v)))}
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        exec(compile(source, "<program>", "exec"), {"__builtins__": allowed})
    except (_TooLong, ValueError, LookupError, TypeError, NameError, ZeroDivisionError):
        return None
    finally:
        sys.settrace(before)
    return "\n".join(printed).strip()


_COLOUR = "|".join(sorted(COLOURS))
_COUNTED = re.compile(rf"(\d+) ({_COLOUR}) (.+)")
_RELATED = re.compile(rf"a ({_COLOUR}) (.+) ({'|'.join(RELATIONS)}) a ({_COLOUR}) (.+)")
_ROW = re.compile(rf"(.+) from left to right: ((?:{_COLOUR})(?: (?:{_COLOUR}))*)")


def read_output(output: str, strict: bool = True) -> Scene | None:
    """The scene that a printed line names, or None; `strict` also asks for the noun's right number."""
    if match := _RELATED.fullmatch(output):
        colour, noun, relation, other_colour, other = match.groups()
        items = (Item(1, colour, noun), Item(1, other_colour, other))
        return Scene(items, relation) if noun in NOUNS and other in NOUNS else None
    if match := _ROW.fullmatch(output):
        name, colours = match.groups()
        noun = SINGULAR.get(name, "")
        return Scene(tuple(Item(1, colour, noun) for colour in colours.split()), "row") if noun else None
    counted = [_COUNTED.fullmatch(part) for part in output.split(" and ")]
    found = []
    for part in counted:
        if part is None or part[3] not in SINGULAR:
            return None
        noun = NOUNS[SINGULAR[part[3]]]
        if strict and part[3] != (noun.one if part[1] == "1" else noun.many):
            return None
        found.append(Item(int(part[1]), part[2], noun.one))
    kinds = {item.kind for item in found}
    return Scene(tuple(found)) if len(kinds) == len(found) else None
