"""A departure board of split flaps: columns of lines with time, place, train number, pictogram and carriages."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail, draw
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import Sheet

WORDS = family("departures")
SIZE = (2240, 1640)
_TOP = 150
_FACE = "mono-tech"
_LETTERS = ("#f2efe2", "#f2efe2", "#f2efe2", "#f0d878")


def compose(rng: random.Random, crowd: int) -> Scene:
    columns = 4 if crowd < 150 else 5
    frame = (40, _TOP, SIZE[0] - 40, SIZE[1] - 36)
    wide, rows = (frame[2] - frame[0]) / columns, -(-crowd // columns)
    aspect = wide / ((frame[3] - frame[1]) / rows)
    scene = cells.lay(rng, WORDS, SIZE, crowd, aspect=aspect, frame=frame, gap=(22, 6), empty=0.03)
    for thing in scene.things:
        goal = WORDS.invent(rng, WORDS.anchors["goal"].pattern)
        thing.values["goal"] = goal.upper()
        thing.style["ink"] = rng.choice(_LETTERS)
    # As on every board, time goes on down each column.
    times = sorted(WORDS.invent(rng, "{hour}:{minute}") for _ in scene.things)
    for thing, time in zip(sorted(scene.things, key=lambda t: (t.box[0], t.box[1])), times, strict=True):
        thing.style["time"] = time
    scene.style["words"] = rng.choice(["DEPARTURES", "Departures", "NEXT TRAINS"])
    return scene


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (58, 60, 64), "brushed", depth=60)
    x0, y0, x1, y1 = scene.style["frame"]
    sheet.slab((x0 - 16, y0 - 14, x1 + 16, y1 + 14), (24, 25, 27), "metal", depth=60, edge=-12, radius=6)
    sheet.slab((x0 - 16, 22, x1 + 16, y0 - 30), (26, 44, 66), "metal", depth=70, edge=20, radius=8, shadow=150)
    title = scene.style["words"]
    sheet.ink(
        svg.text(x0 + 110, 104, title, "sans-road", 66, "#f4f1e4", "start"),
        svg.circle(x0 + 50, 80, 34, "#f4f1e4"),
        svg.path(f"M{x0 + 28} 80H{x0 + 66}M{x0 + 52} 62L{x0 + 70} 80L{x0 + 52} 98", stroke="#1a2c42", stroke_width=9),
        svg.text(x1 - 30, 102, f"{rng.randint(10, 21)}:{rng.randint(10, 59)}", "mono-tech", 66, "#f0d878", "end"),
    )
    for thing in scene.things:
        _line(sheet, thing)
    sheet.settle(wear=2)
    sheet.light(bright=(50, 10), dark=62)
    return sheet


def _line(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    wide, mid, ink = x1 - x0, (y0 + y1) / 2, thing.style["ink"]
    flap = min(24.0, wide / 25.4)
    high = min(42, y1 - y0 - 2)
    size = 27
    base = mid + svg.cap_height(_FACE) * size / 2
    parts = [("time", 0.0, 5), ("goal", 5.4, 9), ("number", 14.8, 5)]
    top = round(mid - high / 2)
    for _, start, count in parts:
        left = x0 + start * flap
        box = (round(left), top, round(left + count * flap), top + high)
        sheet.slab(
            box,
            (38, 39, 42),
            "metal",
            depth=50,
            start=thing.style["start"],
            down=((0, 120), (480, 92), (500, 62), (520, 118), (1000, 84)),
        )
        for k in range(1, count):
            sheet.ink(svg.line(left + k * flap, top, left + k * flap, top + high, "#0d0e10", 1.6))
    for name, start, _ in parts:
        detail = Detail("text", x0 + (start + 0.5) * flap, base, size, ink, _FACE, "start", pitch=flap)
        if name == "time":
            sheet.ink(draw(detail, thing.style["time"]))
        else:
            thing.details[name] = detail
    thing.details["sign"] = Detail("emblem", x0 + 20.9 * flap, mid, 22, "#f0d878")
    thing.details["cars"] = Detail("marks", x0 + 23.6 * flap, mid, 7.5, "#ffb52e", pitch=11, in_row=5)
    cells.note(sheet, thing)
    sheet.ink(svg.line(x0, mid, x0 + 19.8 * flap, mid, "#0a0a0b", 1.6, opacity=0.75))
