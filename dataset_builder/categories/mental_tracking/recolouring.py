"""Recolouring steps of mental tracking: what they do, how they are worded, how the wording is read back.

A step acts on each stroke by itself, so a whole programme is a function of one stroke's *spot* (which
digit, vertical or horizontal) and colour. Slips are that function with one typical mistake in it.

    >>> steps = read_steps("First all red strokes turn blue; then every blue stroke of the left digit turns green.")
    >>> change(steps, "sequential", positions=2)(Spot(0, "vertical"), "red")
    'green'
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from dataset_builder.drawing.colors import SAFE

Mode = Literal["sequential", "simultaneous"]
PLACES: dict[int, tuple[str, ...]] = {2: ("left", "right"), 3: ("left", "middle", "right")}


class Spot(NamedTuple):
    """Where a stroke is, as far as a step can tell: the digit's index from the left, and its direction."""

    position: int
    direction: str


class Step(NamedTuple):
    """Strokes of `source` become `target` (or both exchange), perhaps only in one digit or one direction."""

    source: str
    target: str
    swap: bool = False
    place: str | None = None
    direction: str | None = None

    def reaches(self, spot: Spot, positions: int) -> bool:
        return self.place in (None, PLACES[positions][spot.position]) and self.direction in (None, spot.direction)


Change = Callable[[Spot, str], str]


@functools.cache
def _results(step: Step, spot: Spot, positions: int) -> dict[str, str]:
    """What the step makes of each colour that it concerns at this spot."""
    if not step.reaches(spot, positions):
        return {}
    return {step.source: step.target, step.target: step.source} if step.swap else {step.source: step.target}


def change(steps: Sequence[Step], mode: Mode, positions: int) -> Change:
    """All steps as one function of spot and colour; simultaneous steps all look at the original colour."""
    tables: dict[Spot, list[dict[str, str]]] = {}

    def apply(spot: Spot, colour: str) -> str:
        if spot not in tables:
            tables[spot] = [results for step in steps if (results := _results(step, spot, positions))]
        for results in tables[spot]:
            if colour in results:
                colour = results[colour]
                if mode == "simultaneous":
                    break
        return colour

    return apply


def spots(positions: int) -> list[Spot]:
    return [Spot(position, direction) for position in range(positions) for direction in ("vertical", "horizontal")]


def consistent(steps: Sequence[Step], positions: int) -> bool:
    """Whether at most one step concerns each stroke: what simultaneous steps need to make sense."""
    for spot in spots(positions):
        concerned = [colour for step in steps for colour in _results(step, spot, positions)]
        if len(concerned) > len(set(concerned)):
            return False
    return True


def other(mode: Mode) -> Mode:
    return "simultaneous" if mode == "sequential" else "sequential"


def slips(steps: Sequence[Step], mode: Mode, positions: int) -> dict[str, Change]:
    """Typical mistakes by name; `order` is the one that the two subtasks are about."""
    found = {"order": change(steps, other(mode), positions), "unchanged": change((), mode, positions)}
    if mode == "sequential":
        found["backwards"] = change(steps[::-1], mode, positions)
    for number, step in enumerate(steps):

        def put(*instead: Step, at: int = number) -> Change:
            return change([*steps[:at], *instead, *steps[at + 1 :]], mode, positions)

        found[f"skipped {number + 1}"] = put()
        if not step.swap:
            found[f"colours mixed up {number + 1}"] = put(step._replace(source=step.target, target=step.source))
        if step.direction:
            turned = "vertical" if step.direction == "horizontal" else "horizontal"
            found[f"wrong direction {number + 1}"] = put(step._replace(direction=turned))
        for place in PLACES[positions] if step.place else ():
            if place != step.place:
                found[f"wrong digit {number + 1} {place}"] = put(step._replace(place=place))
    return found


def random_step(rng: random.Random, colours: Sequence[str], positions: int, swaps: float) -> Step:
    source, target = rng.sample(colours, 2)
    scope = rng.random()
    return Step(
        source,
        target,
        swap=rng.random() < swaps,
        place=rng.choice(PLACES[positions]) if scope < 0.38 else None,
        direction=rng.choice(("vertical", "horizontal")) if scope > 0.78 else None,
    )


# --- words -----------------------------------------------------------------------------------------------

_TURN = (
    "all {what} strokes{where} turn {target}",
    "every {what} stroke{where} turns {target}",
    "all {what} strokes{where} become {target}",
    "each {what} stroke{where} becomes {target}",
    "the {what} strokes{where} are painted {target}",
    "every {what} stroke{where} is painted {target}",
)
_SWAP = (
    "the {what} and {target} strokes{where} swap colours",
    "the {what} strokes{where} and the {target} strokes{where} exchange colours",
    "{what} and {target} strokes{where} trade colours",
)
_WHERE = (" of the {place} digit", " in the {place} digit")


def word(step: Step, rng: random.Random) -> str:
    """One clause, such as `every vertical red stroke of the left digit turns blue`."""
    where = rng.choice(_WHERE).format(place=step.place) if step.place else ""
    direction = f"{step.direction} " if step.direction else ""
    what, target = direction + step.source, direction + step.target if step.swap else step.target
    return rng.choice(_SWAP if step.swap else _TURN).format(what=what, target=target, where=where)


def _phrase(name: str, colour: str) -> str:
    """A pattern for `vertical red strokes of the left digit`; its groups are called after `name`."""
    return (
        rf"(?:(?P<{name}_direction>vertical|horizontal) )?(?P<{name}>{colour}) strokes?"
        r"(?: (?:of|in) the (?P<" + name + r"_place>left|middle|right) digit)?"
    )


@functools.cache
def _clause() -> re.Pattern[str]:
    colour = "|".join(SAFE)
    bare = rf"(?P<bare>{colour})"  # the first colour of "red and blue strokes swap colours"
    both = rf"(?:{bare}|{_phrase('first', colour)}) and (?:the )?{_phrase('second', colour)}"
    turn = rf"{_phrase('source', colour)} (?:turns?|becomes?|(?:is|are) painted) (?P<target>{colour})\b"
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


def read_asked(text: str) -> str:
    """The colour that the question's last sentence asks for."""
    return str(re.findall(rf"\b({'|'.join(SAFE)})\b", text.strip().rsplit(". ", 1)[-1])[-1])


def read_mode(text: str) -> Mode:
    """Simultaneous questions say in plain words that the original colours decide."""
    return "simultaneous" if re.search(r"\b(original|at once|same instant|same moment)\b", text) else "sequential"
