"""A card catalogue: wooden drawers with brass frames, typed or written cards in them, and pulls."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import FALL, SOFT, Sheet

WORDS = family("cardfile")
SIZE = (2240, 1640)
_DEFS = (
    '<linearGradient id="brass" x2="0" y2="1"><stop offset="0" stop-color="#f3dc98"/><stop offset=".35" '
    'stop-color="#b98d3e"/><stop offset=".6" stop-color="#8a6426"/><stop offset="1" stop-color="#5f4318"/>'
    '</linearGradient><radialGradient id="knob" cx=".35" cy=".3" r=".8"><stop offset="0" stop-color="#fff1c4"/>'
    '<stop offset=".35" stop-color="#c59a48"/><stop offset="1" stop-color="#4a3212"/></radialGradient>'
)


def compose(rng: random.Random, crowd: int) -> Scene:
    scene = cells.lay(rng, WORDS, SIZE, crowd, aspect=1.12, frame=(46, 50, SIZE[0] - 46, SIZE[1] - 40), gap=(12, 12))
    scene.style["face"] = rng.sample(WORDS.faces["name"], 3)
    for thing in scene.things:
        thing.style |= {
            "wood": rng.choice(WORDS.colours["wood"]),
            "card": rng.choice(WORDS.colours["card"]),
            "face": rng.choice(scene.style["face"]),
            "tilt": rng.gauss(0, 0.7),
            "ink": rng.choice(["#2a2320", "#1f2a4a", "#2a2320", "#4a2018"]),
        }
    return scene


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (96, 56, 30), "wood", depth=90)
    sheet.defs = _DEFS
    for thing in scene.things:
        _drawer(sheet, thing)
    sheet.settle(wear=4)
    sheet.light(dark=50)
    return sheet


def _drawer(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, high, mid = thing.style, x1 - x0, y1 - y0, (x0 + x1) / 2
    sheet.shadow((x0 - 3, y0 - 3, x1 + 3, y1 + 3), blur=8, fall=(0, 0), strength=200)
    sheet.slab(
        thing.box,
        style["wood"],
        "wood",
        radius=3,
        start=style["start"],
        depth=85,
        edge=30,
        wear=4,
        across=SOFT,
        down=FALL,
    )
    frame = (x0 + wide * 6 // 100, y0 + high * 10 // 100, x1 - wide * 6 // 100, y0 + high * 10 // 100 + 84)
    sheet.shadow(frame, blur=6, fall=(3, 4), strength=150)
    fx, fy, fw, fh = frame[0], frame[1], frame[2] - frame[0], frame[3] - frame[1]
    card = (fx + 6, fy + 6, frame[2] - 6, frame[3] - 5)
    sheet.ink(
        svg.rect(fx, fy, fw, fh, "url(#brass)", rx=4),
        svg.rect(card[0], card[1], card[2] - card[0], card[3] - card[1], svg.css(style["card"])),
        svg.rect(card[0], card[1], card[2] - card[0], 5, "#000", opacity=0.28),
        svg.rect(card[0], card[1], 3, card[3] - card[1], "#000", opacity=0.2),
        svg.line(fx, fy + 0.7, fx + fw, fy + 0.7, "#fff6d8", 1.4, opacity=0.7),
        *(svg.circle(x, fy + fh / 2, 2.6, "#3c2a10") for x in (fx + 3, fx + fw - 3)),
    )
    _card(thing, card)
    cells.note(sheet, thing)
    knob = min(17.0, (y1 - frame[3]) * 0.34)
    y = (frame[3] + y1) / 2
    sheet.ink(
        svg.circle(mid + 4, y + 7, knob + 2, "#000", opacity=0.35),
        svg.circle(mid, y, knob + 3, "#57401a"),
        svg.circle(mid, y, knob, "url(#knob)"),
    )


def _card(thing: Thing, card: tuple[int, int, int, int]) -> None:
    """Name, emblem, shelf mark and punched holes on the card in the frame."""
    style, wide = thing.style, card[2] - card[0]
    name, face = thing.values["name"], style["face"]
    most = 18.6 / svg.cap_height(face)
    room = wide - 36
    size = svg.fitted(name, face, most, room)
    if size < most * 0.9:
        face, size = "condensed-narrow", svg.fitted(name, "condensed-narrow", 26, room)
    thing.details["name"] = Detail("text", card[0] + 7, card[1] + 29, size, style["ink"], face, "start", style["tilt"])
    thing.details["sign"] = Detail(
        "emblem", card[2] - 16, card[1] + 19, 19, "#8c2f22" if style["start"] % 2 else "#2d4a72"
    )
    thing.details["code"] = Detail("text", card[0] + 7, card[1] + 55, 27, style["ink"], "mono-tech", "start")
    thing.details["holes"] = Detail("marks", card[0] + wide / 2, card[3] - 8, 7, "#3a2a18", pitch=11, in_row=9)
