"""A notice board: cork full of notes, cards and slips, pinned askew and partly over one another."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail, emblem
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import Sheet

WORDS = family("notices")
SIZE = (2240, 1640)
_INKS = ("#22201e", "#1d2f6b", "#22201e", "#7a1f24", "#1f5137")
_LOOKS = {
    (250, 238, 150): "yellow note",
    (198, 224, 240): "blue note",
    (246, 200, 204): "pink note",
    (206, 232, 196): "green note",
}


def compose(rng: random.Random, crowd: int) -> Scene:
    frame = (70, 70, SIZE[0] - 70, SIZE[1] - 64)
    scene = cells.lay(rng, WORDS, SIZE, crowd * 84 // 100, aspect=1.0, frame=frame, gap=(6, 6), empty=0.04)
    for thing in scene.things:
        x0, y0, x1, y1 = thing.box
        grow, drop = rng.randint(-4, 9), rng.randint(-7, 7)
        thing.box = (x0 - grow, y0 + drop, x1 + grow - rng.randint(0, 6), y1 + drop + rng.randint(-8, 8))
        paper = rng.choice(WORDS.colours["paper"])
        thing.look = _LOOKS.get(paper, "")
        thing.style |= {
            "paper": paper,
            "tilt": max(-4.0, min(4.0, rng.gauss(0, 1.7))),
            "head": rng.choice(WORDS.faces["head"]),
            "hand": rng.choice(WORDS.faces["hand"]),
            "ink": rng.choice(_INKS),
            "what": WORDS.invent(rng, "{what}"),
            "kind": rng.choice(["plain", "lined", "squared", "picture", "plain"]),
            "sign": rng.choice(["house", "flower", "cup", "sun", "tree", "bell", "star", "key", "heart"]),
        }
    rng.shuffle(scene.things)
    _scraps(rng, scene, crowd * 16 // 100)
    return scene


def _scraps(rng: random.Random, scene: Scene, count: int) -> None:
    """Slips and stickers stuck over corners where notes meet; those they touch are covered."""
    for _ in range(count):
        under = rng.choice([thing for thing in scene.things if not thing.aside])
        x, y = rng.choice([(under.box[0], under.box[3]), (under.box[2], under.box[3])])
        wide, high = rng.randint(44, 70), rng.randint(34, 52)
        box = (max(60, x - wide // 2), y - high // 2, max(60, x - wide // 2) + wide, y + high // 2)
        if box[2] > SIZE[0] - 60 or box[3] > SIZE[1] - 60:
            continue
        style = {"paper": rng.choice(WORDS.colours["paper"]), "tilt": rng.gauss(0, 8), "start": rng.randrange(900)}
        style["sign"] = rng.choice(["star", "heart", "sun", "flower", "leaf", "moon"])
        for thing in scene.things:
            if not thing.aside and _touch(thing.box, box):
                thing.covered = True
        scene.things.append(Thing(box, aside=True, style=style))


def _touch(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] - 6 and b[0] < a[2] - 6 and a[1] < b[3] - 6 and b[1] < a[3] - 6


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, (190, 140, 88), "cork", depth=72)
    for layer in (False, True):
        for thing in scene.things:
            if thing.aside == layer:
                (_scrap if thing.aside else _note)(sheet, thing)
        sheet.settle(wear=2)
    cells.wooden_frame(sheet, 50, (156, 108, 66))
    sheet.light(dark=60)
    return sheet


def _note(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, high, mid = thing.style, x1 - x0, y1 - y0, (x0 + x1) / 2
    about = (mid, (y0 + y1) / 2)
    inset = 9  # so that the turned sheet stays within its box
    sheet.slab(
        (x0 + inset // 2, y0 + inset // 2, x1 - inset // 2, y1 - inset // 2),
        style["paper"],
        "paper",
        turn=style["tilt"],
        shadow=150,
        blur=9,
        start=style["start"],
        depth=70,
        edge=6,
        down=((0, 104), (1000, 94)),
    )
    ink, base = style["ink"], y0 + 43
    printed = ""
    if style["kind"] == "lined":
        printed += "".join(
            svg.line(x0 + 10, y, x1 - 10, y, "#5a78b8", 1, opacity=0.5) for y in range(y0 + 30, y1 - 10, 15)
        )
    elif style["kind"] == "squared":
        printed += "".join(
            svg.line(x0 + 8, y, x1 - 8, y, "#7a8aa8", 0.8, opacity=0.4) for y in range(y0 + 12, y1 - 8, 13)
        )
        printed += "".join(
            svg.line(x, y0 + 8, x, y1 - 8, "#7a8aa8", 0.8, opacity=0.4) for x in range(x0 + 12, x1 - 8, 13)
        )
    if high >= 126:  # a slip has no heading
        size = svg.fitted(style["what"], style["head"], min(28, high * 0.18), wide - 26)
        printed += svg.text(mid, base, style["what"], style["head"], size, ink)
    left = high - 43 - 92
    if left > 24:
        printed += emblem(style["sign"], mid, base + 8 + left / 2, min(left - 4, 54), ink, opacity=0.85)
    sheet.ink(svg.turned(printed, (style["tilt"], *about)))
    _written(sheet, thing, about)


def _written(sheet: Sheet, thing: Thing, about: tuple[float, float]) -> None:
    """Number, name and strokes by hand at the foot, and the pin at the top."""
    x0, y0, x1, y1 = thing.box
    style, wide, mid, ink = thing.style, x1 - x0, about[0], thing.style["ink"]
    hand = style["hand"]
    most = 19.4 / svg.cap_height(hand)
    number = svg.fitted("88 88 88", hand, most, wide - 26)
    if number < most * 0.95:
        hand, number = "condensed-sans", svg.fitted("88 88 88", "condensed-sans", 27, wide - 24)
    thing.details = {
        "phone": Detail("text", mid, y1 - 55, number, ink, hand),
        "name": Detail("text", mid, y1 - 29, svg.fitted(thing.values["name"], hand, number, wide - 26), ink, hand),
        "ticks": Detail("marks", mid, y1 - 17, 7.5, ink, pitch=8.5, in_row=9, shape="bar"),
    }
    thing.details = {name: cells.turned(detail, style["tilt"], about) for name, detail in thing.details.items()}
    pin = (mid, y0 + 15)
    turned = cells.turned(Detail("colour", *pin, 13), style["tilt"], about)
    thing.details["pin"] = turned
    sheet.ink(
        svg.circle(turned.x + 5, turned.y + 6, 8, "#000", opacity=0.32),
        svg.circle(turned.x + 0.6, turned.y + 0.8, 7.8, "#000", opacity=0.45),
    )
    cells.note(sheet, thing)
    sheet.ink(svg.circle(turned.x - 2.4, turned.y - 2.6, 1.9, "#fff", opacity=0.8))


def _scrap(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    sheet.slab(
        thing.box,
        thing.style["paper"],
        "paper",
        turn=thing.style["tilt"],
        shadow=130,
        blur=7,
        start=thing.style["start"],
        edge=6,
    )
    sheet.ink(emblem(thing.style["sign"], (x0 + x1) / 2, (y0 + y1) / 2, 28, "#b3382c", opacity=0.85))
