"""A circuit board: chips with printed codes between copper traces, vias, resistors with rings and capacitors."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.canvas import mix
from dataset_builder.drawing.sheet import Sheet

WORDS = family("circuit")
SIZE = (2240, 1600)
_RINGS = ("#7a3b1d", "#c22f2a", "#e08a1f", "#e9cf3a", "#3d8b4c", "#3557b0", "#6d3b93", "#d8d4c8", "#1c1a1a")
_DEFS = (
    '<linearGradient id="can" x1="0" x2="1"><stop offset="0" stop-color="#6f7376"/><stop offset=".3" '
    'stop-color="#f2f4f4"/><stop offset="1" stop-color="#5a5d60"/></linearGradient>'
    '<radialGradient id="top" cx=".35" cy=".3" r=".9"><stop offset="0" stop-color="#e8ebec"/><stop offset="1" '
    'stop-color="#777b7e"/></radialGradient>'
)


def compose(rng: random.Random, crowd: int) -> Scene:
    scene = cells.lay(
        rng,
        WORDS,
        SIZE,
        max(60, crowd * 70 // 100),
        aspect=1.12,
        frame=(70, 70, SIZE[0] - 70, SIZE[1] - 60),
        gap=(44, 34),
        empty=0.05,
    )
    scene.style["board"] = rng.choice(WORDS.colours["board"])
    small: list[Thing] = []
    taken = {(t.style["row"], t.style["column"]) for t in scene.things}
    for thing in scene.things:
        x0, y0, x1, y1 = thing.box
        if rng.random() < 0.5:
            side = rng.randint(100, 112) * (x1 - x0) // 120
            thing.box = ((x0 + x1 - side) // 2, y0, (x0 + x1 + side) // 2, y1)
        thing.style |= {"square": rng.random() < 0.4, "tone": rng.choice([(34, 35, 38), (42, 42, 44), (30, 30, 36)])}
        if rng.random() < 0.62:
            small.append(_small(rng, (x1 + 7, (y0 + y1) // 2 - rng.randint(10, 30))))
    del taken
    scene.things += small
    return scene


def _small(rng: random.Random, at: tuple[int, int]) -> Thing:
    """A part too small to bear print: resistor or capacitor, upright in the lane between two chips."""
    kind = rng.choice(["resistor", "resistor", "can", "film"])
    wide, high = {"resistor": (18, 62), "can": (30, 30), "film": (22, 34)}[kind]
    box = (at[0], at[1], at[0] + wide, at[1] + high)
    return Thing(box, aside=True, style={"kind": kind, "rings": rng.choices(_RINGS, k=4)})


def paint(rng: random.Random, scene: Scene) -> Sheet:
    color = scene.style["board"]
    sheet = Sheet(SIZE, color, "linen", depth=35)
    sheet.defs = _DEFS
    _traces(rng, sheet, svg.css(mix(color, (255, 240, 190), 20)), svg.css(mix(color, (0, 0, 0), 30)))
    sheet.settle()
    for thing in scene.things:
        if thing.aside:
            _part(sheet, thing)
        else:
            _chip(sheet, thing)
    for x in (34, SIZE[0] - 34):
        for y in (34, SIZE[1] - 34):
            sheet.ink(svg.circle(x, y, 25, "#b9924a"), svg.circle(x, y, 14, "#0b0b0b"))
    sheet.settle(wear=3)
    sheet.light(dark=56)
    return sheet


def _traces(rng: random.Random, sheet: Sheet, copper: str, gap: str) -> None:
    """Bundles of tracks that run straight and turn by half a right angle, with vias at their ends."""
    for _ in range(120):
        x, y = rng.randint(0, SIZE[0] // 20) * 20, rng.randint(0, SIZE[1] // 20) * 20
        dx, dy = rng.choice([(1, 0), (-1, 0), (0, 1), (0, -1)])
        first, bend, last = rng.randint(80, 420), rng.randint(20, 160), rng.randint(60, 300)
        s = rng.choice((-1, 1))
        for k in range(rng.randint(2, 6)):
            ox, oy = x + abs(dy) * 14 * k, y + abs(dx) * 14 * k
            mx, my = ox + dx * first, oy + dy * first
            bx, by = mx + (dx or s) * bend, my + (dy or s) * bend
            d = f"M{ox} {oy}L{mx} {my}L{bx} {by}L{bx + dx * last} {by + dy * last}"
            sheet.ink(svg.path(d, stroke=copper, stroke_width=5, stroke_linejoin="round"))
            sheet.ink(svg.circle(ox, oy, 6.5, "#c9a458"), svg.circle(ox, oy, 3, gap))


def _chip(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, mid = thing.style, x1 - x0, (x0 + x1) / 2
    case = (x0, y0 + 32, x1, y1 - (8 if style["square"] else 4))
    pins = range(case[0] + 12, case[2] - 12, 14)
    for x in pins:
        sheet.ink(svg.rect(x, case[1] - 8, 6, 9, "#c9cccd"), svg.rect(x, case[3] - 1, 6, 9, "#9fa3a5"))
    if style["square"]:
        for y in range(case[1] + 12, case[3] - 10, 14):
            sheet.ink(svg.rect(case[0] - 8, y, 9, 6, "#c9cccd"), svg.rect(case[2] - 1, y, 9, 6, "#9fa3a5"))
    sheet.slab(case, style["tone"], "felt", radius=4, start=style["start"], depth=35, edge=16, shadow=170, blur=9)
    sheet.ink(svg.circle(case[0] + 10, case[3] - 10, 4, "#17181a"))
    high = case[3] - case[1]
    size = svg.fitted("MM888", "mono-tech", 27, wide - 14)
    top = case[1] + (high - 66) / 2
    thing.details["mark"] = Detail("text", x0, y0 + 21, 26.5, "#f3f1e6", "condensed-sans-bold", "start")
    thing.details["code"] = Detail("text", mid, top + 22, size, "#d9dad6", "mono-tech")
    thing.details["maker"] = Detail("emblem", mid, top + 41, 20, "#d9dad6")
    thing.details["dots"] = Detail("marks", mid, top + 61, 6, "#d9dad6", pitch=9.5, in_row=9)
    cells.note(sheet, thing)


def _part(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, mid = thing.style, (x0 + x1) / 2
    sheet.shadow(thing.box, blur=7, fall=(4, 5), strength=150)
    if style["kind"] == "resistor":
        sheet.ink(
            svg.line(mid, y0 - 10, mid, y1 + 10, "#c9cccd", 3), svg.rect(x0, y0, x1 - x0, y1 - y0, "#c7a878", rx=7)
        )
        sheet.ink(*(svg.rect(x0, y0 + 10 + 12 * k, x1 - x0, 5.5, ring) for k, ring in enumerate(style["rings"])))
        sheet.ink(svg.rect(x0 + 3, y0 + 3, 4, y1 - y0 - 6, "#fff", opacity=0.35, rx=2))
    elif style["kind"] == "can":
        r = (x1 - x0) / 2
        sheet.ink(
            svg.circle(mid, y0 + r, r, "url(#can)"),
            svg.circle(mid, y0 + r, r - 4, "url(#top)"),
            svg.path(
                f"M{mid - r + 5} {y0 + r}H{mid + r - 5}M{mid} {y0 + 5}V{y0 + 2 * r - 5}",
                stroke="#85898c",
                stroke_width=1.6,
            ),
        )
    else:
        sheet.ink(
            svg.rect(x0, y0, x1 - x0, y1 - y0, style["rings"][0], rx=3),
            svg.rect(x0, y0, x1 - x0, 6, "#d8dadb"),
            svg.rect(x0, y1 - 6, x1 - x0, 6, "#b5b8ba"),
        )
