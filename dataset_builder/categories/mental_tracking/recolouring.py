"""The steps of mental tracking: what they do, and what typical mistakes make of them.

A step acts on each stroke by itself, so a whole programme is a function of one stroke's *spot* (which
glyph, vertical or horizontal) and colour. A slip is the programme of someone who makes one mistake.

    >>> steps = [Step("red", "blue"), Step("blue", "green", place="left")]
    >>> change(steps, "sequential", positions=2)(Spot(0, "vertical"), "red")
    'green'
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

Mode = Literal["sequential", "simultaneous"]
PLACES: dict[int, tuple[str, ...]] = {2: ("left", "right"), 3: ("left", "middle", "right")}
DIRECTIONS = ("vertical", "horizontal")


class Spot(NamedTuple):
    """Where a stroke is, as far as a step can tell: the glyph's index from the left, and its direction."""

    position: int
    direction: str


class Step(NamedTuple):
    """Strokes of `source` become `target` (or both exchange), perhaps only in one glyph or one direction."""

    source: str
    target: str
    swap: bool = False
    place: str | None = None
    direction: str | None = None

    def reaches(self, spot: Spot, positions: int) -> bool:
        return self.place in (None, PLACES[positions][spot.position]) and self.direction in (None, spot.direction)


Steps = tuple[Step, ...]
Programme = tuple[Steps, Mode]
Change = Callable[[Spot, str], str]


def change(steps: Sequence[Step], mode: Mode, positions: int) -> Change:
    """All steps as one function of spot and colour; simultaneous steps all look at the original colour."""

    def apply(spot: Spot, colour: str) -> str:
        for step in steps:
            if step.reaches(spot, positions):
                if colour == step.source:
                    colour = step.target
                elif step.swap and colour == step.target:
                    colour = step.source
                else:
                    continue
                if mode == "simultaneous":
                    break
        return colour

    return apply


def spots(positions: int) -> list[Spot]:
    return [Spot(position, direction) for position in range(positions) for direction in DIRECTIONS]


def becoming(programme: Programme, colours: Sequence[str], asked: str, positions: int) -> tuple[int, ...]:
    """For each spot, as bits in the order of `colours`: those that end as the asked colour.

    The steps are followed backwards, from the asked colour to what it can have been.
    """
    steps, mode = programme
    bit = {colour: 1 << number for number, colour in enumerate(colours)}
    coded = [(bit[s.source], bit[s.target], s.swap, s.place, s.direction) for s in steps]
    follow = _in_turn if mode == "sequential" else _at_once
    return tuple(
        follow([one[:3] for one in coded if one[3] in (None, place) and one[4] in (None, way)], bit[asked])
        for place in PLACES[positions]
        for way in DIRECTIONS
    )


def _in_turn(steps: list[tuple[int, int, bool]], asked: int) -> int:
    for source, target, swap in reversed(steps):
        both = source | target
        before = asked & both
        if swap and before not in (0, both):
            asked ^= both
        elif not swap:
            asked = asked | source if asked & target else asked & ~source
    return asked


def _at_once(steps: list[tuple[int, int, bool]], asked: int) -> int:
    decided, found = 0, 0
    for source, target, swap in steps:
        for before, after in ((source, target), (target, source)) if swap else ((source, target),):
            if not before & decided:
                decided |= before
                found |= before if after == asked else 0
    return found | (asked & ~decided)


def consistent(steps: Sequence[Step], positions: int) -> bool:
    """Whether at most one step concerns each stroke: what simultaneous steps need to make sense."""
    for spot in spots(positions):
        here = [step for step in steps if step.reaches(spot, positions)]
        concerned = [
            colour for step in here for colour in ((step.source, step.target) if step.swap else (step.source,))
        ]
        if len(concerned) > len(set(concerned)):
            return False
    return True


def slips(steps: Sequence[Step], mode: Mode, positions: int) -> dict[str, Programme]:
    """Typical mistakes by name: the programme of someone who makes one."""
    steps = tuple(steps)
    other: Mode = "simultaneous" if mode == "sequential" else "sequential"
    found: dict[str, Programme] = {"taken at once" if mode == "sequential" else "taken in turn": (steps, other)}
    # Of simultaneous steps, who works through them one by one may begin at either end.
    found["backwards"] = (steps[::-1], "sequential")
    found |= {"nothing done": ((), mode), "first alone": (steps[:1], mode), "last alone": (steps[-1:], mode)}
    for name, changed in _changed(steps, positions).items():
        found[name] = (changed, mode)
    # Mistaken steps may both concern a stroke: then either of them may be the one that is heeded.
    clashing = {
        f"{name}, the last first": (programme[::-1], how)
        for name, (programme, how) in found.items()
        if how == "simultaneous" and not consistent(programme, positions)
    }
    return found | clashing


def _changed(steps: Steps, positions: int) -> dict[str, Steps]:
    """The steps with one of them left out or misread, or with all restrictions of a kind ignored."""
    found: dict[str, Steps] = {}
    for at, step in enumerate(steps):
        number, before, after = at + 1, steps[:at], steps[at + 1 :]
        found[f"skipped {number}"] = (*before, *after)
        misread = {} if step.swap else {"colours mixed up": step._replace(source=step.target, target=step.source)}
        if step.direction:
            turned = DIRECTIONS[step.direction == "vertical"]
            misread["direction ignored"] = step._replace(direction=None)
            misread["wrong direction"] = step._replace(direction=turned)
        if step.place:
            misread["place ignored"] = step._replace(place=None)
            for place in PLACES[positions]:
                if place != step.place:
                    misread[f"wrong place {place}"] = step._replace(place=place)
        found |= {f"{name} {number}": (*before, one, *after) for name, one in misread.items()}
    if sum(bool(step.direction) for step in steps) > 1:
        found["directions ignored"] = tuple(step._replace(direction=None) for step in steps)
    if sum(bool(step.place) for step in steps) > 1:
        found["places ignored"] = tuple(step._replace(place=None) for step in steps)
    return found


def random_step(rng: random.Random, colours: Sequence[str], positions: int, swaps: float) -> Step:
    source, target = rng.sample(colours, 2)
    scope = rng.random()
    return Step(
        source,
        target,
        swap=rng.random() < swaps,
        place=rng.choice(PLACES[positions]) if scope < 0.4 else None,
        direction=rng.choice(DIRECTIONS) if scope > 0.72 else None,
    )
