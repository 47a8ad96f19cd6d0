"""Things in even rows: drawers, boxes, keys, jars, entries of a board. A family says how large one is and paints it.

`lay` finds how many rows and columns are wanted for a crowd and gives every cell a thing with invented values.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

from dataset_builder.categories.attentional_focusing.details import Detail, draw
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import Family
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.sheet import SOFT, Sheet


def values(rng: random.Random, words: Family, shown: float = 1.0) -> dict[str, str]:
    """A value of every facet; of those that are asked about each is there with the chance `shown`."""
    made = {name: words.invent(rng, anchor.pattern) for name, anchor in words.anchors.items()}
    for name, ask in words.asks.items():
        if rng.random() >= shown:
            continue
        if ask.subtask == "ocr":
            made[name] = words.invent(rng, ask.pattern)
        elif ask.subtask == "quantity":
            made[name] = str(rng.randint(ask.low, ask.high))
        else:
            made[name] = rng.choice(ask.choices)
    return made


def lay(
    rng: random.Random,
    words: Family,
    size: tuple[int, int],
    crowd: int,
    *,
    aspect: float,
    frame: Box,
    gap: tuple[int, int] = (8, 8),
    shown: float = 1.0,
    empty: float = 0.0,
) -> Scene:
    """About `crowd` cells of width / height near `aspect` inside the frame; some of them `empty` (a chance)."""
    wide, high = frame[2] - frame[0], frame[3] - frame[1]
    columns = max(3, round(math.sqrt(crowd * wide / high / aspect)))
    rows = max(3, math.ceil(crowd / columns / (1 - empty)))
    across, down = wide / columns, high / rows
    scene = Scene(size, [], [], {"columns": columns, "rows": rows, "frame": frame})
    for row in range(rows):
        top, bottom = round(frame[1] + down * row), round(frame[1] + down * (row + 1))
        scene.rows.append((top, bottom))
        for column in range(columns):
            if rng.random() < empty:
                continue
            left, right = round(frame[0] + across * column), round(frame[0] + across * (column + 1))
            box = (left + gap[0] // 2, top + gap[1] // 2, right - gap[0] // 2, bottom - gap[1] // 2)
            style = {"start": rng.randrange(1000), "row": row, "column": column}
            scene.things.append(Thing(box, values(rng, words, shown), style=style))
    return scene


def note(sheet: Sheet, thing: Thing) -> None:
    """Prints every detail of the thing that was placed."""
    for name, detail in thing.details.items():
        if name in thing.values:
            sheet.ink(draw(detail, thing.values[name]))


def turned(detail: Detail, angle: float, about: tuple[float, float]) -> Detail:
    """The detail on a thing that hangs or lies askew by `angle` degrees clockwise about a point."""
    x, y = detail.x - about[0], detail.y - about[1]
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return replace(detail, x=about[0] + x * c - y * s, y=about[1] + x * s + y * c, turn=detail.turn + angle)


def wooden_frame(sheet: Sheet, thick: int, color: Rgb) -> None:
    """Four bars of wood around the picture, with the shadow that they throw on it."""
    wide, high = sheet.size
    look: dict[str, Any] = {"edge": 30, "shadow": 155, "blur": 16}
    for box in ((0, 0, wide, thick), (0, high - thick, wide, high)):
        sheet.slab(box, color, "wood", **look)
    for box in ((0, 0, thick, high), (wide - thick, 0, wide, high)):
        sheet.slab(box, color, "wood", upright=True, across=SOFT, **look)
