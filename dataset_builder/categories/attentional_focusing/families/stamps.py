"""A page of a stamp album: perforated stamps in rows under strips, each with its engraving, some postmarked."""

from __future__ import annotations

import random
from functools import lru_cache

from PIL import Image, ImageDraw

from dataset_builder.categories.attentional_focusing import cells
from dataset_builder.categories.attentional_focusing.details import Detail, emblem
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.sheet import Sheet

WORDS = family("stamps")
SIZE = (2240, 1640)
_PICTURES = ("boat", "tree", "fish", "crown", "bell", "house", "flower", "sun", "anchor", "leaf", "cup", "star", "flag")


def compose(rng: random.Random, crowd: int) -> Scene:
    scene = cells.lay(
        rng, WORDS, SIZE, crowd, aspect=0.9, frame=(60, 60, SIZE[0] - 60, SIZE[1] - 50), gap=(14, 16), empty=0.03
    )
    scene.style["page"] = rng.choice(WORDS.colours["page"])
    for thing in scene.things:
        x0, y0, x1, y1 = thing.box
        off, drop = rng.randint(-4, 4), rng.randint(-3, 3)
        thing.box = (x0 + off, y0 + drop, x1 + off, y1 + drop)
        thing.style |= {
            "ink": svg.css(rng.choice(WORDS.colours["ink"])),
            "second": svg.css(rng.choice(WORDS.colours["ink"])),
            "picture": rng.choice(_PICTURES),
            "face": rng.choice(WORDS.faces["country"]),
            "ground": rng.randrange(4),
            "mark": rng.random() < 0.35,
            "tilt": rng.gauss(0, 1.3),
            "paper": rng.choice([(248, 245, 236), (244, 238, 222), (240, 234, 220)]),
        }
    return scene


@lru_cache(maxsize=64)
def _perforated(width: int, height: int) -> Image.Image:
    """The mask of a stamp: half-round holes bitten out of all sides."""
    mask = Image.new("L", (4 * width, 4 * height), 255)
    pen = ImageDraw.Draw(mask)
    for across in range(round(width / 11) + 1):
        x = 4 * width * across // round(width / 11)
        for y in (0, 4 * height):
            pen.ellipse((x - 13, y - 13, x + 13, y + 13), fill=0)
    for down in range(round(height / 11) + 1):
        y = 4 * height * down // round(height / 11)
        for x in (0, 4 * width):
            pen.ellipse((x - 13, y - 13, x + 13, y + 13), fill=0)
    return mask.reduce(4)


def paint(rng: random.Random, scene: Scene) -> Sheet:
    sheet = Sheet(SIZE, scene.style["page"], "paper", depth=70)
    sheet.ink(
        svg.rect(28, 28, SIZE[0] - 56, SIZE[1] - 56, "none", stroke="#8c8268", stroke_width=2.5),
        svg.rect(36, 36, SIZE[0] - 72, SIZE[1] - 72, "none", stroke="#8c8268", stroke_width=1),
    )
    for thing in scene.things:
        _stamp(sheet, thing)
    sheet.settle(wear=4)
    for (_, bottom), (_, _) in zip(scene.rows, scene.rows, strict=True):
        strip = (56, bottom - 16, SIZE[0] - 56, bottom + 4)
        sheet.slab(strip, (206, 200, 184), "paper", shadow=90, blur=5, edge=16)
    sheet.light(dark=66)
    return sheet


def _stamp(sheet: Sheet, thing: Thing) -> None:
    x0, y0, x1, y1 = thing.box
    style, wide, high = thing.style, x1 - x0, y1 - y0
    mask = _perforated(wide, high)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    sheet.slab(
        thing.box,
        style["paper"],
        "paper",
        mask=mask,
        shadow=150,
        blur=7,
        turn=style["tilt"],
        start=style["start"],
        depth=80,
    )
    inner = (x0 + 9, y0 + 9, wide - 18, high - 18)
    picture = (inner[0] + 4, inner[1] + 32, inner[2] - 8, inner[3] - 32 - 20)
    printed = svg.rect(*inner, style["ink"], opacity=0.93) + svg.rect(*picture, "#f4eedc")
    printed += _engraving(style, picture)
    country, face = thing.values["country"], style["face"]
    most = 18.9 / svg.cap_height(face)
    size = svg.fitted(country, face, most, inner[2] - 38)
    if size < most * 0.94:
        face, size = "condensed-narrow", svg.fitted(country, "condensed-narrow", 26, inner[2] - 36)
    thing.details["country"] = Detail("text", inner[0] + 6, inner[1] + 25.5, size, "#fbf6e6", face, "start")
    thing.details["over"] = Detail("emblem", inner[0] + inner[2] - 15, inner[1] + 16.5, 20.5, "#fbf6e6")
    price = svg.fitted("88M", "slab-geometric", 27, 62)
    plate = (picture[0] + picture[2] - 56, picture[1] + picture[3] - 31, 56, 31)
    printed += svg.rect(*plate, style["ink"])
    thing.details["price"] = Detail("text", plate[0] + 28, plate[1] + 25, price, "#fdf8e8", "slab-geometric")
    thing.details["dots"] = Detail("marks", middle[0], inner[1] + inner[3] - 10, 6.5, "#fbf6e6", pitch=10, in_row=9)
    sheet.ink(svg.turned(printed, (style["tilt"], *middle)))
    thing.details = {name: cells.turned(detail, style["tilt"], middle) for name, detail in thing.details.items()}
    cells.note(sheet, thing)
    if style["mark"]:
        _postmark(sheet, picture, style["start"])


def _engraving(style: dict[str, object], box: tuple[float, float, float, float]) -> str:
    """The picture: an emblem over lines, rays or a horizon."""
    x, y, wide, high = box
    ink, second = str(style["ink"]), str(style["second"])
    mid, side = (x + wide / 2, y + high / 2), min(wide, high) * 0.82
    ground = ""
    if style["ground"] == 0:
        ground = "".join(svg.line(x, y + k, x + wide, y + k, ink, 0.9, opacity=0.5) for k in range(2, int(high), 4))
    elif style["ground"] == 1:
        ground = svg.rect(x, y + high * 0.62, wide, high * 0.38, second, opacity=0.5) + svg.rect(
            x, y, wide, high * 0.62, ink, opacity=0.18
        )
    elif style["ground"] == 2:
        ground = "".join(
            svg.circle(*mid, r, "none", stroke=ink, stroke_width=1, opacity=0.45) for r in range(8, int(high / 2), 5)
        )
    else:
        ground = svg.rect(x, y, wide, high, second, opacity=0.28)
    shade = emblem(str(style["picture"]), mid[0] - 6 + 1.5, mid[1] + 1.5, side, "#000", opacity=0.22)
    return (
        ground + shade + emblem(str(style["picture"]), mid[0] - 6, mid[1], side, second, stroke=ink, stroke_width=0.8)
    )


def _postmark(sheet: Sheet, box: tuple[float, float, float, float], start: int) -> None:
    """Rings and waves of a cancellation over the left half of the picture, away from all that is asked."""
    x, y = box[0] + box[2] * 0.22 + start % 7, box[1] + box[3] * 0.5
    r = box[3] * 0.34
    rings = svg.circle(x, y, r, "none", stroke="#23232b", stroke_width=1.8) + svg.circle(
        x, y, r * 0.62, "none", stroke="#23232b", stroke_width=1.2
    )
    bars = "".join(svg.line(x - r * 0.55, y + k, x + r * 0.55, y + k, "#23232b", 1.6) for k in (-5, 0, 5))
    sheet.ink(f'<g opacity="0.62">{svg.turned(rings + bars, (start % 40 - 20, x, y))}</g>')
