"""The things in a crowded picture: sprites, text labels and crates with small contents, each drawable alone.

A `Thing` is metadata's form of one of them. `render` draws it as it is in the picture, or as it would be
with another colour, text or count; the solver compares such variants with the pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from dataset_builder.drawing import sprites
from dataset_builder.drawing.canvas import Box, mix, text_block
from dataset_builder.drawing.colors import Rgb, rgb

LABEL, CRATE = "label", "crate"
_WOOD: Rgb = (196, 138, 78)
_SHADE: Rgb = (150, 100, 58)
_GRAIN: Rgb = (92, 56, 28)
_FLOOR: Rgb = (246, 232, 204)


@dataclass(frozen=True)
class Thing:
    """`kind` is a sprite, `label` or `crate`; `row` and the box say where; `of` is the thing a label belongs to."""

    kind: str
    row: int
    box: Box
    size: int
    tint: str | None = None
    flip: bool = False
    text: str | None = None
    of: int | None = None
    content: str | None = None
    count: int | None = None

    @property
    def x(self) -> int:
        return (self.box[0] + self.box[2]) // 2

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}

    def but(self, **changes: Any) -> Thing:
        """The same thing with another colour, text or count."""
        return replace(self, **changes)


def thing_from_json(row: dict[str, Any]) -> Thing:
    return Thing(**{**row, "box": tuple(row["box"])})


def render(thing: Thing) -> Image.Image:
    """The RGBA picture of the thing, of exactly its box's size."""
    if thing.kind == LABEL:
        return label(thing.text or "", thing.tint or "white", thing.size)
    if thing.kind == CRATE:
        return crate(thing.content or "", thing.count or 0, thing.size)
    return sprites.sprite(thing.kind, thing.size, tint=thing.tint, flip=thing.flip)


@lru_cache(maxsize=1024)
def label(text: str, color: str, height: int) -> Image.Image:
    """A plate of the colour with the text on it, `height` pixels high."""
    fill = rgb(color)
    dark = sum(fill) < 400
    block = text_block(text, height * 70 // 100, (255, 255, 255) if dark else (24, 24, 30))
    width = block.width + height * 3 // 5
    plate = Image.new("RGBA", (2 * width, 2 * height), (0, 0, 0, 0))
    edge = mix(fill, (255, 255, 255), 70) if dark else mix(fill, (0, 0, 0), 55)
    ImageDraw.Draw(plate).rounded_rectangle(
        (0, 0, 2 * width - 1, 2 * height - 1), height // 2, fill=(*fill, 255), outline=(*edge, 255), width=3
    )
    plate = plate.reduce(2)
    plate.alpha_composite(block, ((width - block.width) // 2, (height - block.height) // 2))
    return plate


@lru_cache(maxsize=1024)
def crate(content: str, count: int, width: int) -> Image.Image:
    """An open wooden crate, seen from the front and above, with up to eight small things, the first four in front."""
    cell = (width - 14) // 4
    picture = _empty_crate(width, 2 * cell + 6).copy()
    for index in range(count):
        thing = sprites.sprite(content, cell - 2)
        row, column = divmod(index, 4)
        corner = (7 + column * cell + (cell - thing.width) // 2, 5 + (1 - row) * cell + (cell - thing.height) // 2)
        picture.alpha_composite(thing, corner)
    return picture


@lru_cache(maxsize=64)
def _empty_crate(width: int, mouth: int) -> Image.Image:
    """The crate's light floor and its sides, down to `mouth`, and below it a front of two nailed boards."""
    front = width * 26 // 100
    high, lip = mouth + front, 4 * width // 100
    zoom = 4
    picture = Image.new("RGBA", (zoom * width, zoom * high), (*_WOOD, 0))
    pen = ImageDraw.Draw(picture)

    def board(points: Sequence[tuple[int, int]], fill: Rgb) -> None:
        pen.polygon([(zoom * x, zoom * y) for x, y in points], fill=(*fill, 255), outline=(*_GRAIN, 255), width=zoom)

    right, floor = width, mouth + 1
    board([(lip, 0), (right - lip, 0), (right, floor), (0, floor)], _FLOOR)
    for x in range(7 + mouth // 2, width - 8, mouth // 2):  # the joints between the floor's boards
        pen.line([(zoom * x, 0), (zoom * x, zoom * floor)], fill=(*mix(_FLOOR, _WOOD, 24), 255), width=zoom)
    pen.rectangle((zoom * lip, 0, zoom * (right - lip), zoom * 7), fill=(*mix(_FLOOR, _SHADE, 30), 255))
    board([(lip, 0), (right - lip, 0), (right - lip, 5), (lip, 5)], _SHADE)
    board([(lip, 0), (lip + 4, 0), (5, floor), (0, floor)], _SHADE)
    board([(right - lip - 4, 0), (right - lip, 0), (right, floor), (right - 5, floor)], _SHADE)
    pen.rectangle((0, zoom * mouth, zoom * width, zoom * high), fill=(*_GRAIN, 255))
    gap, half = max(2, front // 9), front // 2
    for top, bottom in ((mouth, mouth + half - gap), (mouth + half, high)):
        board([(0, top), (right, top), (right, bottom), (0, bottom)], _WOOD)
        middle = zoom * (top + bottom) // 2
        pen.line([(zoom * 16, middle), (zoom * (width - 22), middle)], fill=(*mix(_WOOD, _GRAIN, 30), 255), width=zoom)
    for x in (0, right - 11):
        board([(x, mouth), (x + 11, mouth), (x + 11, high), (x, high)], mix(_WOOD, (255, 236, 200), 26))
        for y in (mouth + half // 2 - 1, high - half // 2 - 1):
            pen.ellipse([zoom * v for v in (x + 4, y - 1, x + 7, y + 2)], fill=(*_GRAIN, 255))
    return picture.reduce(zoom)


def difference(picture: Image.Image, thing: Thing) -> int:
    """How far the picture's pixels at the thing's box are from the thing as rendered: thousandths of 255."""
    wanted = render(thing)
    x0, y0, x1, y1 = thing.box
    wide, high = max(wanted.width, x1 - x0), max(wanted.height, y1 - y0)
    middle = ((x0 + x1 - wide) // 2, (y0 + y1 - high) // 2)
    here = picture.crop((*middle, middle[0] + wide, middle[1] + high))
    # A variant of another width (a longer text) is compared about the same middle.
    layer = Image.new("RGBA", (wide, high), (0, 0, 0, 0))
    layer.paste(wanted, ((wide - wanted.width) // 2, (high - wanted.height) // 2))
    mask = layer.getchannel("A").point([255 if alpha == 255 else 0 for alpha in range(256)])
    r, g, b = ImageChops.difference(here, layer.convert("RGB")).split()
    worst = ImageChops.lighter(ImageChops.lighter(r, g), b)
    histogram = worst.histogram(mask)
    return sum(value * count for value, count in enumerate(histogram)) * 1000 // (255 * max(1, sum(histogram)))
