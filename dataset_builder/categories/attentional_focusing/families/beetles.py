"""A collection drawer: beetles on pins in rows, shining in their own colours, with handwritten labels."""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.canvas import mix
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.sheet import Sheet

WORDS = family("beetles")
SIZE = (2240, 1640)
_KINDS = ("ground", "stag", "round", "long")


def compose(rng: random.Random, crowd: int) -> Scene:
    scene = cells.lay(
        rng, WORDS, SIZE, crowd, aspect=0.66, frame=(76, 70, SIZE[0] - 76, SIZE[1] - 66), gap=(6, 6), empty=0.04
    )
    scene.style["face"] = rng.choice(WORDS.faces["name"])
    for row in range(scene.style["rows"]):
        color, kind = rng.choice(WORDS.colours["shell"]), rng.choice(_KINDS)
        for thing in (t for t in scene.things if t.style["row"] == row):
            if rng.random() < 0.25:
                color, kind = rng.choice(WORDS.colours["shell"]), rng.choice(_KINDS)
            thing.style |= {
                "color": color,
                "kind": kind,
                "size": rng.randint(82, 100),
                "tilt": rng.gauss(0, 3),
                "line": rng.randint(0, 2),
            }
    return scene


# About the middle line x = 0, head up, 260 high; what depends on the body is drawn for one 50 wide to each side.
_WIDTH = {"ground": 46, "stag": 52, "round": 66, "long": 34}
_WINGS = "M0 100C50 96 58 130 50 190C40 226 12 248 0 250C-12 248 -40 226 -50 190C-58 130 -50 96 0 100Z"
_NECK = "M-36 102C-43 78 -25 66 0 66C25 66 43 78 36 102C20 108 -20 108 -36 102Z"
_HEAD = "M-16 72C-18 50 -8 44 0 44C8 44 18 50 16 72Z"
_JAW = "M12 56C46 40 34 8 14 8C28 26 18 40 0 52Z"
_LEGS = "M0 104C60 88 70 82 92 60l6 -22M0 132C60 116 70 144 92 156l6 12M0 160C60 144 70 194 92 228l6 20"  # of one side
_FEELER = "M10 58C24 30 52 34 62 18"
_GROOVES = ("M{0} 112C{1} 160 {0} 200 {2} 232", (12.5, 17.5, 7.5), (25, 30, 15), (37.5, 42.5, 22.5))
_GLOSS = (
    '<radialGradient id="gloss" cx=".36" cy=".3" r=".8"><stop offset="0" stop-color="#fff" stop-opacity=".5"/>'
    '<stop offset=".35" stop-color="#fff" stop-opacity=".05"/>'
    '<stop offset="1" stop-color="#000" stop-opacity=".68"/></radialGradient>'
)


@lru_cache(maxsize=256)
def _beetle(kind: str, color: Rgb, line: int) -> Image.Image:
    """A beetle from above, 200 by 260."""
    shell, dark = svg.css(color), svg.css(mix((0, 0, 0), color, 45))
    one_side = svg.path(_LEGS, stroke=dark, stroke_width=7, stroke_linecap="round")
    one_side += svg.path(_FEELER, stroke=dark, stroke_width=4, stroke_linecap="round")
    one_side += svg.path(_JAW, dark) if kind == "stag" else ""
    pattern, *curves = _GROOVES
    grooves = "".join(
        svg.path(str(pattern).format(*(side * x for x in curve)), stroke="#000", stroke_width=1.6, opacity=0.45)
        for side in (-1, 1)
        for curve in (curves if line else curves[1:2])
    )
    if line == 2:
        grooves += svg.path(
            "M-45 140Q0 154 45 140M-45 178Q0 192 45 178", stroke="#e8d8a0", stroke_width=6, opacity=0.55
        )
    back = svg.path(_NECK, shell) + svg.path(_NECK, "url(#gloss)") + svg.path(_WINGS, shell) + grooves
    back += svg.path(_WINGS, "url(#gloss)") + svg.line(0, 102, 0, 248, "#000", 2.2, opacity=0.7)
    back += svg.path("M-27 122C-37 150 -30 178 -25 190", stroke="#fff", stroke_width=7, opacity=0.45)
    wide = f'<g transform="scale({svg.decimals(_WIDTH[kind] / 50)} 1)">{back}</g>'
    whole = one_side + f'<g transform="scale(-1 1)">{one_side}</g>' + svg.path(_HEAD, dark) + wide
    return svg.render(svg.document(f'<g transform="translate(100 0)">{whole}</g>', (200, 260), defs=_GLOSS))


@lru_cache(maxsize=1024)
def _sized(kind: str, color: Rgb, line: int, high: int) -> Image.Image:
    return _beetle(kind, color, line).resize((high * 200 // 260, high), Image.Resampling.LANCZOS)


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (232, 226, 210), "paper", depth=45)
    x0, y0, x1, y1 = scene.style["frame"]
    sheet.shade((x0 - 30, y0 - 30, x1 + 30, y0 + 60), [150, 40, 0])
    sheet.shade((x0 - 30, y0 - 30, x0 + 50, y1 + 30), [130, 30, 0], upright=False)
    for thing in scene.things:
        _pinned(sheet, thing, scene.style["face"])
    sheet.settle(wear=3)
    cells.wooden_frame(sheet, 48, (112, 66, 38))
    sheet.light(dark=62)
    return sheet


def _pinned(sheet: Sheet, thing: Thing, face: str) -> None:
    x0, y0, x1, y1 = thing.box
    style, mid, wide = thing.style, (x0 + x1) / 2, x1 - x0
    label = (x0 + 4, y1 - 80, x1 - 4, y1 - 2)
    room = label[1] - y0 - 8
    bug = _sized(style["kind"], style["color"], style["line"], max(60, room * style["size"] // 100 // 6 * 6))
    spot = (round(mid - bug.width / 2), round(y0 + 4 + (room - bug.height) / 2))
    sheet.put(bug, spot, turn=style["tilt"], shadow=120, blur=8, fall=(6, 8))
    sheet.slab(label, (246, 240, 222), "paper", shadow=90, blur=5, start=style["start"], turn=style["tilt"] / 4, edge=8)
    most = 19.2 / svg.cap_height(face)
    size = svg.fitted(thing.values["name"], face, most, wide - 18)
    own = face
    if size < most * 0.92:
        own, size = "condensed-sans", svg.fitted(thing.values["name"], "condensed-sans", 27, wide - 18)
    thing.details["name"] = Detail("text", mid, label[1] + 27, size, "#2c2420", own)
    small = svg.fitted("MM 88.8", "condensed-narrow", 27, wide - 16)
    thing.details["found"] = Detail("text", mid, label[1] + 54, small, "#2a3350", "condensed-narrow")
    thing.details["spots"] = Detail("marks", mid, label[1] + 68, 6.5, "#7a2620", pitch=11, in_row=9)
    head = (mid, spot[1] + bug.height * 0.47)
    sheet.ink(
        svg.line(head[0] + 1, head[1], head[0] + 9, head[1] + 13, "#000", 2, opacity=0.3),
        svg.circle(head[0] + 1, head[1] + 1, 7.2, "#000", opacity=0.4),
    )
    thing.details["pin"] = Detail("colour", *head, 12)
    cells.note(sheet, thing)
    sheet.ink(svg.circle(head[0] - 2.5, head[1] - 2.5, 1.8, "#fff", opacity=0.75))
