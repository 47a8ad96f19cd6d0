"""From a thing that a text names to the asked one: one to three steps, each with one possible end.

A step is a JSON object: `beside` (so many places to a side), `end` (first or last of the row), `nth` (of the row
above or below, counted from a side), `like` (the nearest of a look to a side), `across` (straight up or down).
`follow` takes it on the boxes alone and raises ValueError wherever two things could be meant.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dataset_builder.categories.attentional_focusing.scene import Scene, Thing, line_up, row_of
from dataset_builder.categories.attentional_focusing.wording import Family, Move
from dataset_builder.categories.shared.options import ordinal

Step = dict[str, Any]
Rows = Sequence[tuple[int, int]]
_PLACES = {1: "one", 2: "two", 3: "three"}


def start(things: Sequence[Thing], facet: str, value: str) -> int:
    """The one thing whose facet says `value`."""
    found = [index for index, thing in enumerate(things) if thing.values.get(facet) == value]
    if len(found) != 1:
        raise ValueError(f"{len(found)} things have the {facet} '{value}'")
    return found[0]


def follow(things: Sequence[Thing], rows: Rows, at: int, step: Step) -> int:
    """The thing that the step leads to."""
    row = row_of(things[at], rows)
    if row < 0:
        raise ValueError("the step begins at a thing that stands in no row")
    return {"beside": _beside, "end": _end, "nth": _nth, "like": _like, "across": _across}[step["go"]](
        things, rows, row, at, step
    )


def _ordered(things: Sequence[Thing], rows: Rows, row: int) -> list[int]:
    """The row from left to right; refused where two of it could change places."""
    line = line_up(things, rows, row)
    for left, right in pairwise(line):
        near = min(things[i].box[2] - things[i].box[0] for i in (left, right))
        if things[right].middle[0] - things[left].middle[0] < near * 0.4:
            raise ValueError("two things of a row are not one beside the other")
    return line


def _beside(things: Sequence[Thing], rows: Rows, row: int, at: int, step: Step) -> int:
    line = _ordered(things, rows, row)
    place: int = line.index(at) + (step["count"] if step["side"] == "right" else -step["count"])
    if not 0 <= place < len(line):
        raise ValueError("the row ends before that")
    between = sorted((line.index(at), place))
    for left, right in pairwise(line[between[0] : between[1] + 1]):
        one, other = things[left].box, things[right].box
        if other[0] - one[2] > max(one[2] - one[0], other[2] - other[0]):
            raise ValueError("there is a gap on the way")
    return line[place]


def _end(things: Sequence[Thing], rows: Rows, row: int, at: int, step: Step) -> int:
    return _ordered(things, rows, row)[0 if step["side"] == "left" else -1]


def _nth(things: Sequence[Thing], rows: Rows, row: int, at: int, step: Step) -> int:
    goal: int = row + step["rows"]
    if not 0 <= goal < len(rows):
        raise ValueError("there is no such row")
    line, count = _ordered(things, rows, goal), int(step["count"])
    if count > len(line):
        raise ValueError("the row is too short")
    return line[count - 1 if step["side"] == "left" else -count]


def _like(things: Sequence[Thing], rows: Rows, row: int, at: int, step: Step) -> int:
    line = _ordered(things, rows, row)
    place = line.index(at)
    found = [
        i
        for i in (line[place + 1 :] if step["side"] == "right" else line[:place][::-1])
        if things[i].look == step["look"]
    ]
    if not step["look"] or not found:
        raise ValueError(f"there is no {step['look']} on that side")
    return found[0]


def _across(things: Sequence[Thing], rows: Rows, row: int, at: int, step: Step) -> int:
    goal: int = row + step["rows"]
    if not 0 <= goal < len(rows):
        raise ValueError("there is no such row")
    x0, _, x1, _ = things[at].box
    shared = {i: min(x1, things[i].box[2]) - max(x0, things[i].box[0]) for i in line_up(things, rows, goal)}
    found = [i for i, wide in shared.items() if wide > 0.6 * min(x1 - x0, things[i].box[2] - things[i].box[0])]
    others = [wide for i, wide in shared.items() if i not in found and wide > 0.2 * (x1 - x0)]
    if len(found) != 1 or others:
        raise ValueError("no one thing is straight above or below")
    return found[0]


def steps_from(rng: random.Random, scene: Scene, at: int, moves: Sequence[Move]) -> Step:
    """A step at random that might be taken from there; `follow` says whether it leads somewhere."""
    go = rng.choice(moves)
    side = rng.choice(("left", "right"))
    if go == "beside":
        return {"go": go, "side": side, "count": rng.choice((1, 1, 2, 3))}
    if go == "nth":
        return {"go": go, "side": side, "rows": rng.choice((-2, -1, -1, 1, 1, 2)), "count": rng.randint(1, 6)}
    if go == "across":
        return {"go": go, "rows": rng.choice((-2, -1, 1, 2))}
    if go == "like":
        row = line_up(scene.things, scene.rows, row_of(scene.things[at], scene.rows))
        looks = sorted({scene.things[i].look for i in row} - {""})
        return {"go": go, "side": side, "look": rng.choice(looks) if looks else ""}
    return {"go": go, "side": side}


def phrase(words: Family, step: Step, thing: str) -> str:
    """The thing that the step leads to from `thing`, in English."""
    noun, row, go = words.noun, words.row, step["go"]
    if go == "beside":
        far = "directly" if step["count"] == 1 else f"{_PLACES[step['count']]} places"
        return f"the {noun} {far} to the {step['side']} of {thing}"
    if go == "end":
        return f"the {step['side']}most {noun} {words.within} the same {row} as {thing}"
    where = {-2: "two above", -1: "directly above", 1: "directly below", 2: "two below"}.get(step.get("rows", 0), "")
    if go == "nth":
        place = (
            f"{ordinal(step['count'])} {noun} from the {step['side']}"
            if step["count"] > 1
            else f"{step['side']}most {noun}"
        )
        return f"the {place} {words.within} the {row} {where} that of {thing}"
    if go == "like":
        return f"the nearest {step['look']} {words.within} the same {row} to the {step['side']} of {thing}"
    far = "directly" if abs(step["rows"]) == 1 else "two places"
    return f"the {noun} {far} {'above' if step['rows'] < 0 else 'below'} {thing}"


def told(words: Family, facet: str, value: str, steps: Sequence[Step]) -> str:
    """The asked thing by the whole chain."""
    thing = words.anchors[facet].says.format(value=value)
    for step in steps:
        thing = phrase(words, step, thing)
    return thing
