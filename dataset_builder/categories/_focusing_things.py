"""The things in a crowded picture: sprites, text labels and crates with small contents, each drawable alone.

A `Thing` is metadata's form of one of them. `render` draws it as it is in the picture, or as it would be
with another colour, text or count; the solver compares such variants with the pixels.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops, ImageDraw

from dataset_builder.drawing import sprites
from dataset_builder.drawing.canvas import Box, mix, text_block
from dataset_builder.drawing.colors import rgb

LABEL, CRATE = "label", "crate"


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
    """An open wooden crate with up to eight small things in two rows of four."""
    cell = (width - 14) // 4
    height = 2 * cell + 16
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), 5, fill=(150, 100, 58, 255), outline=(104, 66, 36, 255))
    draw.rectangle((6, 6, width - 7, height - 7), fill=(246, 234, 208, 255))
    for index in range(count):
        thing = sprites.sprite(content, cell - 2)
        row, column = divmod(index, 4)
        corner = (7 + column * cell + (cell - thing.width) // 2, 8 + row * cell + (cell - thing.height) // 2)
        picture.alpha_composite(thing, corner)
    return picture


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
