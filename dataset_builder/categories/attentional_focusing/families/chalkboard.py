"""A café's menu: a large slate, dishes chalked up in columns with prices, signs and dots, half wiped old words."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail, emblem
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import Sheet

WORDS = family("chalkboard")
SIZE = (2240, 1680)
_TOP = 210


def compose(rng: random.Random, crowd: int) -> Scene:
    columns = 5 if crowd < 125 else 6 if crowd < 165 else 7
    frame = (80, _TOP, SIZE[0] - 80, SIZE[1] - 80)
    wide, rows = (frame[2] - frame[0]) / columns, -(-crowd // columns)
    scene = cells.lay(
        rng, WORDS, SIZE, crowd, aspect=wide / ((frame[3] - frame[1]) / rows), frame=frame, gap=(24, 2), empty=0.02
    )
    scene.style |= {
        "columns": columns,
        "hand": rng.sample(WORDS.faces["hand"], 2),
        "head": rng.choice(WORDS.faces["head"]),
    }
    scene.style["headings"] = rng.sample(WORDS.words["heading"], columns)
    chalks = [svg.css(color) for color in rng.choices(WORDS.colours["chalk"], k=columns)]
    for thing in scene.things:
        thing.style |= {
            "chalk": chalks[thing.style["column"] % columns],
            "hand": rng.choice(scene.style["hand"]),
            "tilt": rng.gauss(0, 0.35),
        }
        thing.style["side"] = WORDS.invent(rng, "{side}")
    return scene


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (46, 50, 50), "slate", depth=95)
    _smears(rng, sheet)
    sheet.settle(wear=60)
    x0, _, x1, _ = scene.style["frame"]
    sheet.ink(
        svg.text(
            SIZE[0] / 2,
            136,
            rng.choice(["Today's Menu", "Eat & Drink", "The Kitchen", "Menu of the Day"]),
            scene.style["head"],
            92,
            "#f2efe2",
        )
    )
    for s in (-1, 1):
        x = SIZE[0] / 2
        sheet.ink(
            svg.path(
                "M420 108C520 60 600 160 720 106C760 88 800 100 830 112",
                transform=f"translate({svg.number(x)} 0) scale({s} 1)",
                stroke="#f2efe2",
                stroke_width=5,
                stroke_linecap="round",
            )
        )
        sheet.ink(emblem(rng.choice(["leaf", "cup", "fish", "flower"]), x + s * 880, 106, 62, "#f2efe2"))
    columns = scene.style["columns"]
    for k, heading in enumerate(scene.style["headings"]):
        mid = x0 + (x1 - x0) * (k + 0.5) / columns
        sheet.ink(
            svg.text(mid, _TOP - 14, heading, scene.style["head"], 34, "#f0d890"),
            svg.line(mid - 110, _TOP - 4, mid + 110, _TOP - 6, "#f0d890", 2.4),
        )
        if k:
            edge = x0 + (x1 - x0) * k / columns
            sheet.ink(svg.line(edge, _TOP, edge + 3, SIZE[1] - 90, "#e8e6dc", 2, opacity=0.35, stroke_dasharray="14 9"))
    for thing in scene.things:
        _dish(sheet, thing)
    sheet.settle(wear=34)
    cells.wooden_frame(sheet, 50, (150, 100, 58))
    sheet.light(dark=64)
    return sheet


def _smears(rng: random.Random, sheet: Sheet) -> None:
    """Broad strokes of the cloth, and old words not quite gone."""
    for _ in range(16):
        x, y = rng.randint(60, SIZE[0] - 60), rng.randint(60, SIZE[1] - 60)
        d = f"M{x} {y}q{rng.randint(80, 260)} {rng.randint(-90, 90)} {rng.randint(240, 620)} {rng.randint(-60, 60)}"
        sheet.ink(
            svg.path(d, stroke="#dfe4e0", stroke_width=rng.randint(40, 100), stroke_linecap="round", opacity=0.045)
        )
    for _ in range(14):
        x, y = rng.randint(100, SIZE[0] - 400), rng.randint(260, SIZE[1] - 100)
        sheet.ink(
            svg.text(
                x,
                y,
                WORDS.invent(rng, "{soft}{tail} {side}"),
                rng.choice(WORDS.faces["hand"]),
                rng.randint(40, 64),
                "#e6e9e4",
                "start",
                opacity=0.07,
            )
        )


def _dish(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, chalk = thing.style, x1 - x0, thing.style["chalk"]
    hand = style["hand"]
    size = 19.6 / svg.cap_height(hand)
    base = y0 + min(30, (y1 - y0) * 0.52)
    price = svg.width("8.88", hand, size) * 1.12
    room = wide - price - 44
    name = svg.fitted(thing.values["dish"], hand, size, room)
    long = svg.width(thing.values["dish"], hand, name)
    thing.details = {
        "dish": Detail("text", x0, base, name, chalk, hand, "start"),
        "price": Detail("text", x1, base, size, chalk, hand, "end"),
        "sign": Detail("emblem", x1 - price - 18, base - 10, 20, chalk),
        "dots": Detail("marks", x0 + 52, base + 13, 6.2, chalk, pitch=10.5, in_row=9),
    }
    side = x0 + 110
    if y1 - base > 14:
        sheet.ink(svg.text(side, base + 19, style["side"], hand, 19, chalk, "start", opacity=0.6))
    dots = x0 + long + 10
    if x1 - price - 34 > dots:
        sheet.ink(svg.line(dots, base - 1, x1 - price - 34, base - 1, chalk, 2.2, stroke_dasharray="2 8", opacity=0.6))
    cells.note(sheet, thing)
