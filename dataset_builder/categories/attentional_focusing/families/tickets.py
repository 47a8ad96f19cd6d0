"""A desk with tickets laid out in rows: card of many colours, stubs, punched holes, and coins that lie about."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import Sheet

WORDS = family("tickets")
SIZE = (2240, 1600)
_INKS = ("#2a2220", "#7c1d22", "#1d3a6b", "#20502f", "#3c2358")
_COIN = (
    '<radialGradient id="coin" cx=".35" cy=".3" r=".9"><stop offset="0" stop-color="#fff2cf"/><stop offset=".45" '
    'stop-color="HUE"/><stop offset="1" stop-color="#3a2c16"/></radialGradient>'
)


def compose(rng: random.Random, crowd: int) -> Scene:
    frame = (40, 36, SIZE[0] - 40, SIZE[1] - 30)
    scene = cells.lay(rng, WORDS, SIZE, crowd * 88 // 100, aspect=1.62, frame=frame, gap=(8, 10), empty=0.03)
    for thing in scene.things:
        x0, y0, x1, y1 = thing.box
        off, drop, cut = rng.randint(-7, 7), rng.randint(-6, 6), rng.randint(0, 8)
        thing.box = (x0 + off, y0 + drop, x1 + off - cut, y1 + drop)
        thing.style |= {
            "card": rng.choice(WORDS.colours["card"]),
            "ink": rng.choice(_INKS),
            "head": rng.choice(WORDS.faces["head"]),
            "face": rng.choice(WORDS.faces["town"]),
            "kind": WORDS.invent(rng, "{kind}"),
            "tilt": max(-2.6, min(2.6, rng.gauss(0, 1.2))),
            "look": rng.randrange(3),
        }
    for _ in range(crowd * 12 // 100):
        _coin(rng, scene)
    return scene


def _coin(rng: random.Random, scene: Scene) -> None:
    """A coin on the corner of a ticket, which is covered by it."""
    under = rng.choice([thing for thing in scene.things if not thing.aside])
    side = rng.choice((38, 44, 50))
    x, y = rng.choice([(under.box[0], under.box[3]), (under.box[2], under.box[1]), (under.box[2], under.box[3])])
    box = (x - side // 2, y - side // 2, x - side // 2 + side, y - side // 2 + side)
    if box[0] < 6 or box[1] < 6 or box[2] > SIZE[0] - 6 or box[3] > SIZE[1] - 6:
        return
    for thing in scene.things:
        if (
            not thing.aside
            and thing.box[0] < box[2]
            and box[0] < thing.box[2]
            and thing.box[1] < box[3]
            and box[1] < thing.box[3]
        ):
            thing.covered = True
    style = {
        "hue": rng.choice(["#c59a48", "#b9bcc0", "#b0683a"]),
        "value": rng.choice(["1", "2", "5", "10", "20"]),
        "tilt": rng.randint(-80, 80),
    }
    scene.things.append(Thing(box, aside=True, style=style))


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, rng.choice(WORDS.colours["desk"]), "plank", depth=90)
    for thing in scene.things:
        if not thing.aside:
            _ticket(sheet, thing)
    sheet.settle(wear=5)
    for thing in scene.things:
        if thing.aside:
            _lay_coin(sheet, thing)
    sheet.light(bright=(24, 12), dark=50)
    return sheet


def _lay_coin(sheet: Sheet, thing: Thing) -> None:
    style, side = thing.style, thing.box[2] - thing.box[0]
    half = side / 2
    drawn = svg.circle(half, half, half - 0.5, "url(#coin)") + svg.circle(
        half, half, half - 4, "none", stroke="#2c2010", stroke_width=1.4, opacity=0.6
    )
    drawn += svg.turned(
        svg.text(half, half + side * 0.17, style["value"], "serif-standard-bold", side * 0.46, "#3a2a12"),
        (style["tilt"], half, half),
    )
    sheet.put(
        svg.stamp(drawn, (side, side), _COIN.replace("HUE", style["hue"])),
        thing.box[:2],
        shadow=170,
        blur=8,
        fall=(4, 6),
    )


def _mask(wide: int, high: int, look: int) -> Image.Image:
    """A ticket's outline: round corners, corners bitten out, or notches where the stub is torn off."""
    mask = Image.new("L", (2 * wide, 2 * high), 0)
    pen = ImageDraw.Draw(mask)
    pen.rounded_rectangle((0, 0, 2 * wide - 1, 2 * high - 1), 10 if look else 2, fill=255)
    if look == 1:
        for x in (0, 2 * wide):
            for y in (0, 2 * high):
                pen.ellipse((x - 22, y - 22, x + 22, y + 22), fill=0)
    if look == 2:
        for y in (0, 2 * high):
            x = 2 * (wide - wide * 30 // 100)
            pen.ellipse((x - 14, y - 14, x + 14, y + 14), fill=0)
    return mask.reduce(2)


def _ticket(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, high, ink = thing.style, x1 - x0, y1 - y0, thing.style["ink"]
    about = ((x0 + x1) / 2, (y0 + y1) / 2)
    body = (x0 + 4, y0 + 4, x1 - 4, y1 - 4)
    mask = _mask(wide - 8, high - 8, style["look"])
    sheet.slab(
        body,
        style["card"],
        "kraft",
        mask=mask,
        turn=style["tilt"],
        shadow=150,
        blur=8,
        start=style["start"],
        depth=45,
        edge=6,
        down=((0, 104), (1000, 95)),
    )
    tear = x1 - wide * 0.3
    left, room = x0 + 16, tear - x0 - 26
    printed = svg.line(tear, y0 + 14, tear, y1 - 14, ink, 1.6, stroke_dasharray="3 5", opacity=0.8)
    printed += svg.rect(x0 + 10, y0 + 10, wide - 20, high - 20, "none", stroke=ink, stroke_width=1.4, opacity=0.55)
    head = svg.fitted(style["kind"], style["head"], min(26, high * 0.2), room)
    if high > 107:
        printed += svg.text(left, y0 + 34, style["kind"], style["head"], head, ink, "start", opacity=0.9)
    for k in range(int((tear - left - 8) / 6)):
        tall = 12 if high > 126 else 0
        if tall and (k * 7 + style["start"]) % 5 != 1:
            printed += svg.rect(left + k * 6, y1 - 17 - tall, 2 + (k * style["start"]) % 3, tall, ink, opacity=0.85)
    sheet.ink(svg.turned(printed, (style["tilt"], *about)))
    town = svg.fitted(thing.values["town"], style["face"], 19.6 / svg.cap_height(style["face"]), room)
    low = y1 - (40 if high > 126 else 22)
    number = svg.fitted("MM 8888", "mono-tech", 27, room)
    face = "mono-tech" if number > 25 else "condensed-sans"
    thing.details = {
        "town": Detail("text", left, low - 26, town, ink, style["face"], "start"),
        "number": Detail("text", left, low, 27, "#8c1f1c" if style["start"] % 3 else "#22201e", face, "start"),
        "stamp": Detail("emblem", (tear + x1) / 2 - 4, y0 + high * 0.3, 21, ink),
        "holes": Detail("marks", (tear + x1) / 2 - 4, y0 + high * 0.68, 7.5, "#3a2415", pitch=11.5, in_row=3),
    }
    thing.details = {name: cells.turned(detail, style["tilt"], about) for name, detail in thing.details.items()}
    cells.note(sheet, thing)
