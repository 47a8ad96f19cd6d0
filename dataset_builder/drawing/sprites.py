"""The vendored sprites: what there is, what it is called in English, and each at the size and colour wanted.

The table is `assets/sprites.json`: per sprite its singular and plural noun, tags, height beside a person's
(`scale`), the colour family that a tint replaces, the side it looks to, and the sprites that a hurried eye
takes it for (`alike`), which no question should put side by side as options. A few are stored on a slab of sea
or sand, whose colour family is their `block`: it is cut away, as its straight edges fit no other ground.

    >>> noun("bus"), plural("bus"), sprite("bus", 64).size[0]
    ('bus', 'buses', 64)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from dataset_builder.drawing.colors import rgb
from dataset_builder.errors import unknown_name

ASSETS = Path(__file__).parent.parent / "assets"


@dataclass(frozen=True)
class SpriteInfo:
    """One row of the table."""

    name: str
    noun: str
    plural: str
    tags: frozenset[str]
    scale: float
    tint: str | None
    facing: str | None
    alike: frozenset[str]
    block: str | None


def _read_table() -> dict[str, SpriteInfo]:
    rows = json.loads((ASSETS / "sprites.json").read_text(encoding="utf-8"))
    return {
        name: SpriteInfo(
            name=name,
            noun=row["noun"],
            plural=row["plural"],
            tags=frozenset(row["tags"]),
            scale=row["scale"],
            tint=row["tint"],
            facing=row["facing"],
            alike=frozenset(row["alike"]),
            block=row.get("block"),
        )
        for name, row in rows.items()
    }


TABLE = _read_table()
NAMES: tuple[str, ...] = tuple(sorted(TABLE))


def names(tag: str, *more: str) -> tuple[str, ...]:
    """The sprites that carry every tag given, sorted; an unknown tag is an error."""
    for wanted in (tag, *more):
        known = {known for row in TABLE.values() for known in row.tags}
        if wanted not in known:
            raise unknown_name("sprite tag", wanted, known)
    return tuple(name for name in NAMES if TABLE[name].tags.issuperset((tag, *more)))


def info(name: str) -> SpriteInfo:
    """The row of one sprite."""
    if name not in TABLE:
        raise unknown_name("sprite", name, NAMES)
    return TABLE[name]


def noun(name: str) -> str:
    return info(name).noun


def plural(name: str) -> str:
    return info(name).plural


def article(name: str) -> str:
    """`a` or `an`, as the noun wants it."""
    return "an" if noun(name)[0] in "aeiou" else "a"


def tintable() -> tuple[str, ...]:
    """The sprites that `tint` recolours cleanly."""
    return tuple(name for name in NAMES if TABLE[name].tint)


@lru_cache(maxsize=2048)
def sprite(name: str, size: int, *, tint: str | None = None, flip: bool = False) -> Image.Image:
    """An RGBA picture cropped to its alpha box, its longest side `size` pixels.

    `tint` (a palette name) replaces the sprite's own main colour and keeps light, shade and details. The
    picture is shared: paste it, do not draw on it.
    """
    source = _tinted(name, tint) if tint else _original(name)
    if flip:
        source = ImageOps.mirror(source)
    width, height = source.size
    longest = max(width, height)
    wanted = (max(1, (width * size + longest // 2) // longest), max(1, (height * size + longest // 2) // longest))
    return source.resize(wanted, Image.Resampling.LANCZOS)


def aspect(name: str) -> tuple[int, int]:
    """Width and height in pixels of the sprite as it is stored."""
    return _original(name).size


@lru_cache(maxsize=512)
def _original(name: str) -> Image.Image:
    block = info(name).block
    with Image.open(ASSETS / "sprites" / f"{name}.webp") as file:
        picture = _cropped(file.convert("RGBA"))
    return _cropped(_lifted(picture, block)) if block else picture


def _cropped(picture: Image.Image) -> Image.Image:
    box = picture.getchannel("A").point([255 if alpha > 24 else 0 for alpha in range(256)]).getbbox()
    return picture.crop(box)


def _lifted(picture: Image.Image, family: str) -> Image.Image:
    """The sprite without its block: what is of the family's colour and hangs together with the lowest row."""
    block = _family_mask(picture.convert("RGB"), family).point([255 if value == 255 else 0 for value in range(256)])
    for x in range(picture.width):
        if block.getpixel((x, picture.height - 1)) == 255:
            ImageDraw.floodfill(block, (x, picture.height - 1), 128)
    # A pixel more on every side: the edge between two colours is of neither.
    away = block.point([255 if value == 128 else 0 for value in range(256)]).filter(ImageFilter.MaxFilter(3))
    result = picture.copy()
    result.putalpha(ImageChops.subtract(picture.getchannel("A"), away))
    return result


@lru_cache(maxsize=512)
def _tinted(name: str, tint: str) -> Image.Image:
    family = info(name).tint
    if family is None:
        raise unknown_name("tintable sprite", name, tintable())
    picture = _original(name)
    opaque = picture.convert("RGB")
    mask = _family_mask(opaque, family)
    tinted = _ramp(opaque.convert("L"), ImageChops.multiply(mask, picture.getchannel("A")), rgb(tint))
    result = Image.composite(tinted, opaque, mask)
    result.putalpha(picture.getchannel("A"))
    return result


def _family_mask(picture: Image.Image, family: str) -> Image.Image:
    """How much of each pixel's colour belongs to the family, in integers: 0 none, 255 all."""
    r, g, b = picture.split()
    amount = {
        # min(r - g, r - b), and so on; ImageChops.subtract stops at 0.
        "red": lambda: ImageChops.subtract(r, ImageChops.lighter(g, ImageChops.darker(b, g))),
        "orange": lambda: ImageChops.subtract(ImageChops.subtract(r, b), ImageChops.subtract(g, r)),
        "yellow": lambda: ImageChops.subtract(ImageChops.darker(r, g), b),
        "green": lambda: ImageChops.subtract(g, ImageChops.lighter(r, b)),
        "blue": lambda: ImageChops.subtract(b, r),
        "purple": lambda: ImageChops.subtract(ImageChops.lighter(r, b), g),
    }[family]()
    return amount.point([min(255, max(0, (value - 14) * 7)) for value in range(256)])


def _ramp(luminance: Image.Image, weight: Image.Image, color: tuple[int, int, int]) -> Image.Image:
    """Luminance to shades of `color`: the masked area's median becomes the colour itself."""
    counts = luminance.histogram(weight.point([255 if value > 127 else 0 for value in range(256)]))
    half, seen, median = sum(counts) // 2, 0, 0
    while median < 255 and seen + counts[median] <= half:
        seen += counts[median]
        median += 1
    median = max(1, median)
    bands = []
    for channel in color:
        shades = [
            channel * (60 * median + 100 * value) // (160 * median)
            if value <= median
            else channel + (255 - channel) * (value - median) * 7 // (10 * max(1, 255 - median))
            for value in range(256)
        ]
        bands.append(luminance.point(shades))
    return Image.merge("RGB", bands)
