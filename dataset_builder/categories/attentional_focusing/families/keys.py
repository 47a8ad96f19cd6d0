"""A hotel's key board: felt in a wooden frame, brass hooks with names, keys with fobs of brass, wood and leather."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import SOFT, Sheet

WORDS = family("keys")
SIZE = (2240, 1640)
_KINDS = {"red": "leather", "green": "leather", "brass": "metal", "wooden": "wood"}
_DEFS = (
    '<linearGradient id="steel"><stop offset="0" stop-color="#5d564a"/><stop offset=".35" stop-color="#f4ecd2"/>'
    '<stop offset=".6" stop-color="#a59677"/><stop offset="1" stop-color="#4a4336"/></linearGradient>'
)
# A key hanging down in a box of 40 by 74: ring of the bow at the top.
_KEY = "M20 0a15 15 0 1 1-.1 0zm0 7a8 8 0 1 0 .1 0zM17 29h6v41h-6zM23 52h9v6h-4v4h4v7h-9z"


def compose(rng: random.Random, crowd: int) -> Scene:
    scene = cells.lay(
        rng, WORDS, SIZE, crowd, aspect=0.56, frame=(64, 60, SIZE[0] - 64, SIZE[1] - 56), gap=(14, 4), empty=0.05
    )
    scene.style |= {"felt": rng.choice(WORDS.colours["felt"]), "face": rng.choice(WORDS.faces["room"])}
    number = rng.choice(WORDS.faces["number"])
    for thing in scene.things:
        kind = rng.choice(sorted(_KINDS))
        thing.look = f"key with a {kind} fob"
        thing.style |= {
            "kind": kind,
            "color": rng.choice(WORDS.colours[kind]),
            "face": number,
            "tilt": rng.gauss(0, 2.2),
        }
    return scene


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, scene.style["felt"], "felt", depth=110)
    sheet.defs = _DEFS
    for thing in scene.things:
        _hang(sheet, thing, scene.style["face"])
    sheet.settle(wear=3)
    cells.wooden_frame(sheet, 46, (104, 62, 34))
    sheet.light(bright=(34, 10), dark=50)
    return sheet


def _hang(sheet: Sheet, thing: Thing, face: str) -> None:
    x0, y0, x1, y1 = thing.box
    style, mid, wide = thing.style, (x0 + x1) / 2, x1 - x0
    plate = (x0 + 2, y0 + 4, x1 - 2, y0 + 38)
    sheet.slab(plate, (188, 150, 78), "brushed", radius=3, edge=30, shadow=140, blur=6, start=style["start"])
    size = svg.fitted(thing.values["room"], face, 19.5 / svg.cap_height(face), wide - 14)
    thing.details["room"] = Detail("text", mid, y0 + 30, size, "#2a1d0c", face)
    key = (wide - 8, y1 - y0 - 44)
    fob_high = max(110, min(124, key[1] - 72))
    fob_wide = min(96, wide - 10)
    top = y1 - fob_high - 2
    scale = (top + 16 - (y0 + 44)) / 74
    shape = svg.path(_KEY, "url(#steel)", fill_rule="evenodd")
    drawn = f'<g transform="scale({svg.decimals(max(0.5, scale))})">{shape}</g>'
    stamp = svg.stamp(drawn, (max(24, round(40 * scale)), max(40, round(74 * scale))), _DEFS)
    sheet.put(stamp, (round(mid - stamp.width / 2), y0 + 46), turn=style["tilt"], shadow=150, blur=8)
    fob = (round(mid - fob_wide / 2), top, round(mid + fob_wide / 2), y1 - 2)
    sheet.slab(
        fob,
        style["color"],
        _KINDS[style["kind"]],
        radius=16,
        turn=style["tilt"],
        start=style["start"],
        edge=26,
        wear=5,
        shadow=170,
        blur=10,
        upright=style["kind"] == "wooden",
        depth=70,
        across=SOFT,
    )
    ink = "#2a1d0c" if style["kind"] == "brass" else "#efdca6"
    _stamped(thing, mid, top, fob_wide, fob_high, ink)
    sheet.ink(svg.circle(mid, top + 9, 5, "#141210", stroke="#d8b868", stroke_width=2.4))
    sheet.ink(svg.circle(mid, y0 + 50, 4.5, "#f6e7ba", stroke="#6b5426", stroke_width=2))
    turned = {name: detail for name, detail in thing.details.items() if name != "room"}
    middle = (mid, (fob[1] + fob[3]) / 2)
    for name, detail in turned.items():
        thing.details[name] = cells.turned(detail, style["tilt"], middle)
    cells.note(sheet, thing)


def _stamped(thing: Thing, mid: float, top: float, wide: float, high: float, ink: str) -> None:
    face = thing.style["face"]
    size = svg.fitted("M888", face, 19.2 / svg.cap_height(face), wide - 10)
    if size * svg.cap_height(face) < 18.2:
        face, size = "condensed-sans-bold", 27.0
    thing.details["sign"] = Detail("emblem", mid, top + 33, 21, ink)
    thing.details["number"] = Detail("text", mid, top + 70, size, ink, face)
    thing.details["dots"] = Detail("marks", mid, top + high - 21, 7.5, ink, pitch=12, in_row=4)
