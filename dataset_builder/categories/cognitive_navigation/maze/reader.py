"""Answers maze questions from pixels: walls by their colour, corridors by flood fill.

The path is never searched for. In a maze without loops a point lies on the only path exactly when filling
its cell cuts start from goal, and it comes before another point when filling the other does not cut it off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.categories.shared.options import ordinal
from dataset_builder.errors import RealUnifyError

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    Mask = np.ndarray[tuple[int, int], np.dtype[np.bool_]]

_STEP = 2  # every second pixel is enough: walls are at least seven pixels thick


def answer(picture: Image, question: str, spec: Mapping[str, Any], option: Sequence[str]) -> str:
    """The text of the right option."""
    floor = passable(picture, spec)
    kind = read_kind(question)
    if kind != spec["kind"]:
        raise RealUnifyError(f"the question reads as '{kind}', its metadata say '{spec['kind']}'; rebuild the dataset")
    missing = [
        end["noun"] for role, end in spec["ends"].items() if role in ("start", "goal") and end["noun"] not in question
    ]
    if missing:
        raise RealUnifyError(f"the question does not name the {missing[0]}; rebuild the dataset")
    if kind == "reach":
        return _who_reaches(floor, spec["ends"])
    passed = order_on_path(floor, spec)
    if kind == "count":
        return str(len(passed))
    if kind == "nth":
        return passed[_place(question) - 1]
    if kind == "sequence":
        asked = set(option[0].split(", "))
        return ", ".join(label for label in passed if label in asked)
    on = [text for text in option if text in passed]
    if len(on) != 1:
        raise RealUnifyError(f"{len(on)} options lie on the path, one should")
    return on[0]


def read_kind(question: str) -> str:
    """What is asked, by the words of the question alone."""
    for kind, pattern in (
        ("count", r"\bHow many\b"),
        ("sequence", r"\border\b"),
        ("reach", r"\breach\b"),
        ("nth", r"\b(first|second|third)\b"),
    ):
        if re.search(pattern, question):
            return kind
    return "on_path"


def _place(question: str) -> int:
    return next(place for place in (1, 2, 3) if re.search(rf"\b{ordinal(place)}\b", question))


def passable(picture: Image, spec: Mapping[str, Any]) -> Mask:
    """True where a pixel is nearer to a floor colour than to a wall colour, or under a badge or sprite."""
    import numpy as np

    pixels = np.asarray(picture, dtype=np.int32)[::_STEP, ::_STEP]

    def nearest(colours: Sequence[Sequence[int]]) -> np.ndarray[Any, Any]:
        distance: np.ndarray[Any, Any] = np.min(
            [((pixels - np.array(colour)) ** 2).sum(axis=2) for colour in colours], axis=0
        )
        return distance

    floor: Mask = nearest(spec["floors"]) < nearest(spec["walls"])
    for label in spec["labels"].values():
        floor |= _disc(floor.shape, label["at"], spec["badge"] / 2 + 1)
    for end in spec["ends"].values():
        floor |= _disc(floor.shape, end["at"], spec["sprite"] / 2 + 1)
    return floor


def _disc(shape: tuple[int, int], at: Sequence[float], radius: float) -> Mask:
    import numpy as np

    rows, columns = np.ogrid[: shape[0], : shape[1]]
    mask: Mask = (columns - at[0] / _STEP) ** 2 + (rows - at[1] / _STEP) ** 2 <= (radius / _STEP) ** 2
    return mask


def _cell(shape: tuple[int, int], outline: Sequence[Sequence[int]]) -> Mask:
    """The pixels of a cell and of the line around it."""
    import numpy as np
    from PIL import Image, ImageDraw

    mask = Image.new("1", (shape[1], shape[0]), 0)
    corners = [(x / _STEP, y / _STEP) for x, y in outline]
    pen = ImageDraw.Draw(mask)
    pen.polygon(corners, fill=1)
    pen.line([*corners, corners[0]], fill=1, width=4)
    return np.asarray(mask, dtype=np.bool_)


def _regions(floor: Mask) -> np.ndarray[Any, Any]:
    from scipy import ndimage

    regions: np.ndarray[Any, Any] = ndimage.label(floor)[0]
    return regions


def _at(regions: np.ndarray[Any, Any], point: Sequence[float]) -> int:
    return int(regions[round(point[1] / _STEP), round(point[0] / _STEP)])


def order_on_path(floor: Mask, spec: Mapping[str, Any]) -> list[str]:
    """The labels on the path from start to goal, in walking order."""
    start, goal = spec["ends"]["start"]["at"], spec["ends"]["goal"]["at"]
    whole = _regions(floor)
    if _at(whole, start) != _at(whole, goal):
        raise RealUnifyError("start and goal are not joined by floor")
    before: dict[str, set[str]] = {}
    for label, spot in spec["labels"].items():
        regions = _regions(floor & ~_cell(floor.shape, spot["cell"]))
        home = _at(regions, start)
        if home != _at(regions, goal):
            before[label] = {name for name, point in spec["labels"].items() if _at(regions, point["at"]) == home}
    return sorted(before, key=lambda label: len(before[label] & before.keys()))


def _who_reaches(floor: Mask, ends: Mapping[str, Any]) -> str:
    regions = _regions(floor)
    goal = _at(regions, ends["goal"]["at"])
    able = [role for role, end in ends.items() if role != "goal" and _at(regions, end["at"]) == goal]
    if len(able) != 1:
        raise RealUnifyError(f"{len(able)} animals reach the goal, one should")
    return able[0]
