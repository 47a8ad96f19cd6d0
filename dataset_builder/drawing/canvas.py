"""What every picture is made from: gradients, soft light, antialiased shapes, shadows, pasting.

All of it is integer arithmetic on 8-bit pictures, so the same seed draws the same pixels everywhere.

    >>> picture = gradient((64, 64), (120, 180, 250), (220, 240, 255))
    >>> picture.getpixel((0, 0)), picture.getpixel((0, 63))
    ((120, 180, 250), (220, 240, 255))
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import font

Box = tuple[int, int, int, int]
Point = tuple[int, int]


def mix(a: Rgb, b: Rgb, part: int, whole: int = 100) -> Rgb:
    """`part`/`whole` of the way from colour `a` to colour `b`."""
    r, g, blue = ((x * (whole - part) + y * part + whole // 2) // whole for x, y in zip(a, b, strict=True))
    return (r, g, blue)


def jitter(color: Rgb, rng: random.Random, by: int = 12) -> Rgb:
    """The colour with each channel moved by at most `by`."""
    r, g, b = (min(255, max(0, channel + rng.randint(-by, by))) for channel in color)
    return (r, g, b)


def gradient(size: Point, top: Rgb, bottom: Rgb) -> Image.Image:
    """A vertical gradient."""
    width, height = size
    rows = bytes(channel for y in range(height) for channel in mix(top, bottom, y, max(1, height - 1)))
    return Image.frombytes("RGB", (1, height), rows).resize((width, height), Image.Resampling.NEAREST)


def soft_light(picture: Image.Image, rng: random.Random, *, strength: int = 26, cells: int = 7) -> Image.Image:
    """Large soft patches of light and shade, no two alike: plain surfaces get a place of their own."""
    for tone in ((255, 250, 235), (20, 28, 60)):
        small = Image.frombytes("L", (cells, cells), bytes(rng.randint(0, strength) for _ in range(cells * cells)))
        mask = small.resize(picture.size, Image.Resampling.BICUBIC)
        picture = Image.composite(Image.new("RGB", picture.size, tone), picture, mask)
    return picture


class Brush:
    """Draws antialiased shapes by drawing at twice the size (`zoom`); `done` gives the picture.

    With `zoom=1` edges are hard: enough, and much faster, for upright rectangles in a large picture.
    """

    def __init__(self, picture: Image.Image, zoom: int = 2) -> None:
        self.width, self.height = picture.size
        self._zoom = zoom
        size = (self.width * zoom, self.height * zoom)
        self._picture = picture.copy() if zoom == 1 else picture.resize(size, Image.Resampling.NEAREST)
        self._draw = ImageDraw.Draw(self._picture)

    def polygon(self, points: Sequence[Point], fill: Rgb) -> None:
        self._draw.polygon(self._scaled(points), fill=fill)

    def ellipse(self, box: Box, fill: Rgb) -> None:
        self._draw.ellipse(tuple(self._zoom * v for v in box), fill=fill)

    def rectangle(self, box: Box, fill: Rgb, radius: int = 0) -> None:
        self._draw.rounded_rectangle(tuple(self._zoom * v for v in box), self._zoom * radius, fill=fill)

    def line(self, points: Sequence[Point], fill: Rgb, width: int = 2) -> None:
        self._draw.line(self._scaled(points), fill=fill, width=self._zoom * width, joint="curve")

    def gradient(self, box: Box, top: Rgb, bottom: Rgb) -> None:
        x0, y0, x1, y1 = (self._zoom * v for v in box)
        self._picture.paste(gradient((x1 - x0, y1 - y0), top, bottom), (x0, y0))

    def done(self) -> Image.Image:
        return self._picture if self._zoom == 1 else self._picture.reduce(self._zoom)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(self._zoom * x, self._zoom * y) for x, y in points]


@lru_cache(maxsize=256)
def _soft_ellipse(width: int, height: int) -> Image.Image:
    blur = max(2, height // 4)
    mask = Image.new("L", (width + 4 * blur, height + 4 * blur), 0)
    ImageDraw.Draw(mask).ellipse((2 * blur, 2 * blur, 2 * blur + width, 2 * blur + height), fill=96)
    return mask.filter(ImageFilter.BoxBlur(blur))


def ground_shadow(picture: Image.Image, box: Box) -> None:
    """A soft shadow on the ground under something that stands in `box`; drawn before the thing."""
    x0, _, x1, y1 = box
    width, height = (x1 - x0) * 9 // 10, max(6, (x1 - x0) // 6)
    mask = _soft_ellipse(width, height)
    corner = ((x0 + x1 - mask.width) // 2, y1 - mask.height // 2 - height // 6)
    picture.paste((12, 16, 40), corner, mask)


def afloat(thing: Image.Image) -> Image.Image:
    """The thing as it looks in water: its lowest eighth shines through the surface only faintly."""
    depth = max(3, thing.height // 8)
    seen = Image.new("L", thing.size, 255)
    seen.paste(gradient((thing.width, depth), (130,) * 3, (20,) * 3).getchannel(0), (0, thing.height - depth))
    result = thing.copy()
    result.putalpha(ImageChops.multiply(thing.getchannel("A"), seen))
    return result


def ripple(picture: Image.Image, box: Box) -> None:
    """Light on the water around something that floats in `box`; drawn before the thing."""
    x0, y0, x1, y1 = box
    mask = _soft_ellipse((x1 - x0) * 21 // 20, max(6, (x1 - x0) // 7))
    picture.paste((222, 242, 252), ((x0 + x1 - mask.width) // 2, y1 - (y1 - y0) // 10 - mask.height // 2), mask)


def put(picture: Image.Image, thing: Image.Image, corner: Point, *, shadow: bool = True) -> Box:
    """Pastes an RGBA picture with its top left at `corner`; returns its box."""
    box = (corner[0], corner[1], corner[0] + thing.width, corner[1] + thing.height)
    if shadow:
        ground_shadow(picture, box)
    picture.paste(thing, corner, thing)
    return box


@lru_cache(maxsize=512)
def text_block(text: str, size: int, ink: Rgb, bold: bool = True) -> Image.Image:
    """The text alone as RGBA, cropped to its ink horizontally and to the line vertically."""
    face = font(size, bold)
    left, _, right, _ = (int(v) for v in face.getbbox(text))
    ascent, descent = face.getmetrics()
    block = Image.new("RGBA", (right - left + 2, ascent + descent), (*ink, 0))
    ImageDraw.Draw(block).text((1 - left, 0), text, font=face, fill=(*ink, 255))
    return block
