"""Supermarket shelves: packets, tins and jars with printed labels, several of a kind, price tickets under them."""

from __future__ import annotations

import random
from typing import Any

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.sheet import ROUND, SOFT, Sheet

WORDS = family("grocery")
SIZE = (2240, 1640)
_EDGE = 44  # height of the shelf's edge, where the tickets are
_DEFS = (
    '<linearGradient id="tin" x2="0" y2="1"><stop offset="0" stop-color="#f4f5f5"/><stop offset=".5" '
    'stop-color="#a9adb0"/><stop offset="1" stop-color="#5e6265"/></linearGradient>'
    '<linearGradient id="lid"><stop offset="0" stop-opacity=".6"/><stop offset=".3" stop-color="#fff" '
    'stop-opacity=".45"/><stop offset=".6" stop-opacity="0"/><stop offset="1" stop-opacity=".65"/></linearGradient>'
    '<linearGradient id="glass"><stop offset="0" stop-color="#fff" stop-opacity=".35"/><stop offset=".1" '
    'stop-color="#fff" stop-opacity="0"/><stop offset=".2" stop-color="#fff" stop-opacity=".55"/><stop offset=".27" '
    'stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-opacity=".35"/></linearGradient>'
)
_FILLINGS = ((150, 44, 30), (196, 138, 40), (88, 96, 36), (110, 60, 34), (206, 176, 110), (70, 24, 44))


def compose(rng: random.Random, crowd: int) -> Scene:
    shelves = 5 if crowd < 118 else 6 if crowd < 150 else 7
    pitch = (SIZE[1] - 10) // shelves
    rows = [(10 + pitch * k, 10 + pitch * (k + 1)) for k in range(shelves)]
    scene = Scene(SIZE, rows, [])
    mean = (SIZE[0] - 40) * shelves // crowd
    for _, bottom in rows:
        x = 22 + rng.randint(0, 12)
        while x < SIZE[0] - 30 - mean * 7 // 10:
            style = _ware(rng, mean, pitch - _EDGE)
            for _ in range(rng.choice((1, 1, 2, 2, 3))):
                if x + style["wide"] > SIZE[0] - 24:
                    x = SIZE[0]
                    break
                # With its price ticket, which is on the shelf's edge.
                box = (x, bottom - _EDGE - style["high"], x + style["wide"], bottom - 4)
                scene.things.append(
                    Thing(box, cells.values(rng, WORDS), style["kind"], style={**style, "start": rng.randrange(900)})
                )
                x += style["wide"] + rng.randint(2, 7)
    return scene


def _ware(rng: random.Random, mean: int, room: int) -> dict[str, Any]:
    kind = rng.choice(["packet", "packet", "packet", "tin", "tin", "jar"])
    ground, second = rng.sample(WORDS.colours["print"], 2)
    return {
        "kind": kind,
        "wide": max(84, mean * rng.randint(86, 112) // 100 - 5),
        "high": room
        * {"packet": rng.randint(70, 92), "tin": rng.randint(58, 74), "jar": rng.randint(66, 84)}[kind]
        // 100,
        "ground": ground,
        "second": second,
        "ware": rng.choice(WORDS.words["ware"]),
        "face": rng.choice(WORDS.faces["brand"]),
        "filling": rng.choice(_FILLINGS),
        "look": rng.randrange(4),
    }


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (120, 122, 124), "metal", depth=60)
    sheet.defs = _DEFS
    for top, bottom in scene.rows:
        sheet.shade((0, top, SIZE[0], bottom), [205, 100, 80, 120, 150])
        edge = (0, bottom - _EDGE, SIZE[0], bottom)
        sheet.slab(edge, (214, 214, 208), "brushed", edge=22, down=((0, 112), (200, 100), (1000, 80)), depth=60)
        sheet.shade((0, bottom, SIZE[0], min(SIZE[1], bottom + 50)), [170, 80, 20, 0])
    for thing in scene.things:
        _product(sheet, thing)
    sheet.settle(wear=2)
    sheet.light(bright=(40, 10), dark=62)
    return sheet


def _product(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    y1 -= _EDGE - 4
    style, wide, high, mid = thing.style, x1 - x0, y1 - y0, (x0 + x1) / 2
    sheet.shadow((x0, y0, x1, y1), blur=10, fall=(8, 3), strength=150)
    top, bottom = y0, y1
    if style["kind"] == "packet":
        sheet.slab(
            (x0, y0, x1, y1),
            style["ground"],
            "paper",
            radius=3,
            start=style["start"],
            depth=45,
            across=SOFT,
            edge=18,
            down=((0, 110), (40, 100), (1000, 84)),
        )
    elif style["kind"] == "tin":
        sheet.slab((x0, y0, x1, y1), style["ground"], "paper", radius=4, start=style["start"], depth=30, across=ROUND)
        for y in (y0, y1 - 9):
            sheet.ink(
                svg.rect(x0 - 1, y, wide + 2, 9, "url(#tin)", rx=3), svg.rect(x0 - 1, y, wide + 2, 9, "url(#lid)", rx=3)
            )
        top, bottom = y0 + 10, y1 - 10
    else:
        top = y0 + high // 7
        sheet.slab(
            (x0, top, x1, y1), style["filling"], "clouds", radius=12, start=style["start"], depth=60, across=SOFT
        )
        sheet.ink(svg.rect(x0, top, wide, y1 - top, "url(#glass)", rx=12))
        sheet.ink(
            svg.rect(x0 + 7, y0, wide - 14, high / 6.4, svg.css(style["ground"]), rx=4),
            svg.rect(x0 + 7, y0, wide - 14, high / 6.4, "url(#lid)", rx=4),
        )
        top += high // 10
        bottom -= 12
        sheet.slab((x0, top, x1, bottom), (242, 236, 218), "paper", across=ROUND, depth=50, start=style["start"])
    _label(sheet, thing, top, bottom, wide, mid)
    _ticket(sheet, thing, mid, y1)
    cells.note(sheet, thing)


def _label(sheet: Sheet, thing: Thing, top: int, bottom: int, wide: int, mid: float) -> None:
    """Brand, ware, seal and dots between `top` and `bottom`."""
    style, x0, high = thing.style, thing.box[0], bottom - top
    ground = (242, 236, 218) if style["kind"] == "jar" else style["ground"]
    dark = (3 * ground[0] + 6 * ground[1] + ground[2]) // 10 > 140
    ink = "#2a1c18" if dark else "#fbf5e4"
    second = svg.css(style["second"])
    name = _pattern(sheet, style, (x0 + 3, top, x0 + wide - 3, bottom), ink)
    face = style["face"]
    size = svg.fitted(thing.values["brand"], face, 21 / svg.cap_height(face), wide - 14)
    if size * svg.cap_height(face) < 17.5:
        face, size = "condensed-narrow", svg.fitted(thing.values["brand"], "condensed-narrow", 27, wide - 12)
    thing.details["brand"] = Detail("text", mid, top + 31, size, name, face)
    seal = (mid, top + 44 + (high - 70) * 0.62)
    if high > 132:
        sheet.ink(
            svg.text(
                mid,
                top + 64,
                style["ware"],
                "condensed-sans",
                svg.fitted(style["ware"], "condensed-sans", 24, wide - 16),
                ink,
            )
        )
        seal = (mid, top + 76 + (high - 98) / 2)
    r = 16.5
    sheet.ink(svg.circle(*seal, r, "#f4efdf"), svg.circle(*seal, r, "none", stroke=second, stroke_width=2))
    thing.details["seal"] = Detail("emblem", *seal, 20, "#2b2626")
    thing.details["dots"] = Detail("marks", mid, bottom - 11, 6.5, ink, pitch=9.6, in_row=9)


def _pattern(sheet: Sheet, style: dict[str, Any], box: Box, ink: str) -> str:
    """The label's second colour as a field, lines or a slope; returns the ink for what is on the field."""
    x0, top, x1, bottom = box
    second, (r, g, b) = svg.css(style["second"]), style["second"]
    if style["look"] == 0:
        sheet.ink(svg.rect(x0, top + 2, x1 - x0, 36, second, opacity=0.9))
        return "#2a1c18" if (3 * r + 6 * g + b) // 10 > 140 else "#fbf5e4"
    if style["look"] == 1:
        sheet.ink(svg.rect(x0, top + 40, x1 - x0, 4, second), svg.rect(x0, bottom - 22, x1 - x0, 2.5, second))
    if style["look"] == 2:
        slope = [(x0, bottom - 20), (x1, bottom - 50), (x1, bottom - 3), (x0, bottom - 3)]
        sheet.ink(svg.polygon(slope, second, opacity=0.55))
    return ink


def _ticket(sheet: Sheet, thing: Thing, mid: float, foot: int) -> None:
    """The price on the edge of the shelf under the middle of the product."""
    sheet.ink(
        svg.rect(mid - 38, foot + 5, 78, 34, "#000", opacity=0.22),
        svg.rect(mid - 40, foot + 3, 78, 34, "#f9f4c4" if thing.style["look"] == 3 else "#fbfaf4"),
    )
    sheet.ink(svg.rect(mid - 40, foot + 3, 78, 5, "#b8342c" if thing.style["look"] % 2 else "#2a5a8c"))
    thing.details["price"] = Detail("text", mid, foot + 33, 28, "#1b1a1a", "condensed-sans-bold")
