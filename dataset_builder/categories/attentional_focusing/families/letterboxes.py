"""A wall of letter boxes: brushed metal doors with slots, name cards of every hand, locks, stickers and scratches."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import FALL, Sheet

WORDS = family("letterboxes")
SIZE = (2240, 1600)
_DEFS = (
    '<linearGradient id="slot" x2="0" y2="1"><stop offset="0" stop-color="#050505"/><stop offset=".6" '
    'stop-color="#1c1c1c"/><stop offset="1" stop-color="#4a4a48"/></linearGradient>'
    '<radialGradient id="lock" cx=".35" cy=".3" r=".8"><stop offset="0" stop-color="#fafaf4"/><stop offset=".5" '
    'stop-color="#a8a8a0"/><stop offset="1" stop-color="#4c4c48"/></radialGradient>'
)


def compose(rng: random.Random, crowd: int) -> Scene:
    frame = (56, 60, SIZE[0] - 56, SIZE[1] - 50)
    scene = cells.lay(rng, WORDS, SIZE, crowd, aspect=1.18, frame=frame, gap=(8, 8))
    scene.style["wall"] = rng.choice(WORDS.colours["wall"])
    tint = rng.choice([(100, 100, 100), (100, 100, 100), (92, 100, 96), (104, 98, 88), (70, 84, 98)])
    for thing in scene.things:
        door = rng.choice(WORDS.colours["door"])
        thing.style |= {
            "door": tuple(c * t // 100 for c, t in zip(door, tint, strict=True)),
            "card": rng.choice(WORDS.colours["card"]),
            "face": rng.choice(WORDS.faces["name"]),
            "ink": rng.choice(["#20201e", "#1d2c5c", "#20201e", "#5c1d1d"]),
            "tilt": rng.choice([0, 0, rng.gauss(0, 1.6)]),
            "seal": rng.choice(WORDS.colours["sticker"]),
            "post": rng.random() < 0.13,
            "long": rng.random() < 0.5,
            "scratch": [
                (rng.random(), rng.random(), rng.uniform(-30, 30), rng.uniform(-12, 12))
                for _ in range(rng.randint(0, 4))
            ],
        }
    return scene


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, scene.style["wall"], "plaster", depth=120)
    x0, y0, x1, y1 = scene.style["frame"]
    sheet.slab((x0 - 22, y0 - 22, x1 + 22, y1 + 22), (96, 98, 98), "brushed", edge=40, radius=6, shadow=190, blur=30)
    sheet.defs = _DEFS
    for thing in scene.things:
        _box(sheet, thing)
    sheet.settle(wear=4)
    sheet.light(bright=(30, 15), dark=52)
    return sheet


def _box(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, high = thing.style, x1 - x0, y1 - y0
    sheet.shadow((x0 - 2, y0 - 2, x1 + 2, y1 + 2), blur=5, fall=(0, 0), strength=230)
    sheet.slab(
        thing.box,
        style["door"],
        "brushed",
        radius=3,
        start=style["start"],
        edge=36,
        depth=130,
        down=FALL,
        across=((0, 92), (250, 108), (1000, 90)),
    )
    slot = (x0 + wide * 0.1, y0 + high * 0.1, wide * 0.8, max(14, high * 0.11))
    sheet.ink(
        svg.rect(slot[0] - 2, slot[1] - 2, slot[2] + 4, slot[3] + 4, "#fff", opacity=0.28, rx=4),
        svg.rect(*slot, "url(#slot)", rx=3),
    )
    if style["post"]:
        sheet.ink(
            svg.turned(
                svg.rect(slot[0] + slot[2] * 0.2, slot[1] + slot[3] * 0.25, slot[2] * 0.5, slot[3] * 0.75, "#e9e4d4"),
                (2, slot[0], slot[1]),
            )
        )
        sheet.ink(
            svg.line(
                slot[0] + slot[2] * 0.2,
                slot[1] + slot[3] * 0.28,
                slot[0] + slot[2] * 0.7,
                slot[1] + slot[3] * 0.33,
                "#b9b19a",
                2,
            )
        )
    for px, py, dx, dy in style["scratch"]:
        sheet.ink(
            svg.line(x0 + wide * px, y0 + high * py, x0 + wide * px + dx, y0 + high * py + dy, "#fff", 0.9, opacity=0.4)
        )
    _name(sheet, thing)
    _lock(sheet, thing)
    cells.note(sheet, thing)


def _lock(sheet: Sheet, thing: Thing) -> None:
    """Along the lower edge: the plate with the flat's number, the lock, the drilled holes."""
    x0, y0, x1, y1 = thing.box
    wide, low = x1 - x0, y1 - (y1 - y0) * 0.2
    room = max(66.0, wide * 0.42)
    lock = (x0 + wide * 0.05 + room + 17, low)
    sheet.ink(
        svg.circle(lock[0] + 2, lock[1] + 3, 12, "#000", opacity=0.35),
        svg.circle(lock[0], lock[1], 11.5, "url(#lock)", stroke="#3c3c38", stroke_width=1),
        svg.rect(lock[0] - 1.6, lock[1] - 7, 3.2, 14, "#151513"),
    )
    thing.details["slots"] = Detail(
        "marks", (lock[0] + 13 + x1) / 2, low, 6.5, "#0c0c0c", pitch=9.5, in_row=3, shape="hole"
    )
    left = x0 + wide * 0.05
    size = svg.fitted("88 M", "condensed-sans-bold", 27, room - 6)
    sheet.ink(svg.rect(left, low - 15, room, 30, "#d9d6c8", stroke="#55544c", stroke_width=1.2, rx=2))
    thing.details["flat"] = Detail("text", left + room / 2, low + 9.6, size, "#25241f", "condensed-sans-bold")


def _name(sheet: Sheet, thing: Thing) -> None:
    """The card with the name, in a frame or stuck on askew, and a round sticker beside it."""
    x0, y0, x1, y1 = thing.box
    style, wide, high, name = thing.style, x1 - x0, y1 - y0, thing.values["name"]
    seal = (x1 - wide * 0.06 - 17, y0 + high * 0.44)
    left, right = x0 + wide * 0.07, seal[0] - 22
    face = style["face"]
    most = 19.5 / svg.cap_height(face)
    size = svg.fitted(name, face, most, right - left - 12)
    if size < most * 0.93:
        face, size = "condensed-narrow", svg.fitted(name, "condensed-narrow", 27, right - left - 10)
    mid = ((left + right) / 2, y0 + high * 0.44)
    card = svg.rect(left + 2, mid[1] - 17, right - left, 37, "#000", opacity=0.3) + svg.rect(
        left, mid[1] - 20, right - left, 38, svg.css(style["card"])
    )
    if style["long"]:
        card += svg.rect(left, mid[1] - 20, right - left, 38, "none", stroke="#6b6a60", stroke_width=3)
    sheet.ink(svg.turned(card, (style["tilt"], *mid)))
    thing.details["name"] = Detail("text", mid[0], mid[1] + 8, size, style["ink"], face, turn=style["tilt"])
    sheet.ink(
        svg.circle(seal[0] + 1, seal[1] + 2, 18, "#000", opacity=0.3),
        svg.circle(*seal, 18, svg.css(style["seal"])),
        svg.circle(*seal, 15.5, "none", stroke="#fff", stroke_width=1, opacity=0.7),
    )
    thing.details["sticker"] = Detail("emblem", *seal, 20, "#ffffff")
