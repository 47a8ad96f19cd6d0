"""A large picture built in layers: bodies of material with light on them, soft shadows, and print from SVG.

Textures are cut from kept tiles and multiplied in whole numbers, which is a tenth of what filters cost; print,
emblems and fine lines are SVG, rendered once a layer. One light from the upper left: shadows fall to the right
and down.

    >>> sheet = Sheet((64, 48), (200, 180, 150), "paper")
    >>> sheet.slab((8, 8, 40, 30), (180, 40, 30), "cloth")
    >>> sheet.picture.size
    (64, 48)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from dataset_builder.drawing import materials, svg
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import Rgb

Profile = tuple[tuple[int, int], ...]
"""Light along a side: (per mille of the way, per cent of the colour), in order."""
FLAT: Profile = ((0, 100), (1000, 100))
ROUND: Profile = ((0, 46), (60, 66), (180, 92), (340, 112), (420, 114), (640, 96), (860, 66), (1000, 38))
SOFT: Profile = ((0, 84), (120, 98), (400, 105), (750, 98), (1000, 80))
FALL: Profile = ((0, 106), (300, 102), (1000, 90))
_Array = np.ndarray[Any, np.dtype[np.int32]]


@lru_cache(maxsize=4096)
def _light(profile: Profile, length: int) -> _Array:
    """The profile stretched over `length` pixels, in 1/128."""
    values = []
    last = max(1, length - 1)
    for pixel in range(length):
        place = pixel * 1000 // last
        at = max(i for i in range(len(profile) - 1) if profile[i][0] <= place)
        (x0, y0), (x1, y1) = profile[at], profile[at + 1]
        values.append((y0 * (x1 - x0) + (y1 - y0) * (place - x0)) * 128 // (100 * (x1 - x0)))
    return np.array(values, dtype=np.int32)


@lru_cache(maxsize=512)
def rounded(width: int, height: int, radius: int) -> Image.Image:
    """The mask of a rectangle with round corners."""
    mask = Image.new("L", (2 * width, 2 * height), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, 2 * width - 1, 2 * height - 1), 2 * radius, fill=255)
    return mask.reduce(2)


@lru_cache(maxsize=1024)
def soft(width: int, height: int, blur: int, strength: int) -> Image.Image:
    """The mask of a soft rectangle: `blur` pixels of fading within each side; `strength` of 255 in the middle."""

    def ramp(length: int) -> _Array:
        rise = [min(128, (min(i, length - 1 - i) + 1) * 128 // (blur + 1)) for i in range(length)]
        return np.array([r * r * (384 - 2 * r) // 16384 for r in rise], dtype=np.int32)  # smooth at both ends

    both = ramp(height)[:, None] * ramp(width)[None, :] * strength // 16384
    return Image.fromarray(both.astype(np.uint8))


def body(
    width: int,
    height: int,
    color: Rgb,
    material: str,
    *,
    start: int = 0,
    depth: int = 100,
    upright: bool = False,
    across: Profile = FLAT,
    down: Profile = FLAT,
    edge: int = 0,
    wear: int = 0,
) -> Image.Image:
    """A rectangle of material: `depth` per cent of its contrast, light `across` and `down`, `edge` lightness of its
    upper and left rim (the lower and right go as dark), `wear` the pixels to which its rim is rubbed pale.
    """
    grain = materials.cut(material, width, height, start, upright=upright).astype(np.int32)
    lit = 128 + (grain - 128) * depth // 100
    lit = lit * _light(across, width)[None, :] // 128 * _light(down, height)[:, None] // 128
    if edge:
        lit[:2] += edge
        lit[:, :2] += edge // 2
        lit[-2:] -= edge
        lit[:, -2:] -= edge // 2
    if wear:
        x, y = np.arange(width, dtype=np.int32), np.arange(height, dtype=np.int32)
        from_rim = np.minimum(np.minimum(x, width - 1 - x)[None, :], np.minimum(y, height - 1 - y)[:, None])
        noise = materials.cut("speckle", width, height, start + 5).astype(np.int32)
        rubbed = np.clip(noise - 70 - from_rim * 150 // wear, 0, 90)
        pale = np.array([(2 * c + 225) // 3 for c in color], dtype=np.int32)
        mixed = np.array(color, dtype=np.int32) + (pale - np.array(color, dtype=np.int32)) * rubbed[:, :, None] // 90
        shown = mixed * lit[:, :, None] // 128
    else:
        # 255 times 255 is less than 2 to the 16th.
        shown = np.clip(lit, 0, 255).astype(np.uint16)[:, :, None] * np.array(color, dtype=np.uint16) >> 7
    return Image.fromarray(np.clip(shown, 0, 255).astype(np.uint8))


class Sheet:
    """The picture under way. `slab` and `put` draw at once, `ink` waits for the next `settle`."""

    def __init__(self, size: tuple[int, int], color: Rgb, material: str, depth: int = 100, start: int = 0) -> None:
        self.size = size
        self.picture = body(*size, color, material, start=start, depth=depth)
        self._ink: list[str] = []
        self.defs = ""

    def shadow(self, box: Box, *, blur: int = 10, fall: tuple[int, int] = (5, 7), strength: int = 120) -> None:
        """The soft shadow that a thing in `box` throws; drawn before the thing."""
        x0, y0, x1, y1 = box
        grow = blur // 2
        mask = soft(x1 - x0 + 2 * grow, y1 - y0 + 2 * grow, blur, strength)
        self.picture.paste((14, 10, 8), (x0 - grow + fall[0], y0 - grow + fall[1]), mask)

    def slab(
        self,
        box: Box,
        color: Rgb,
        material: str,
        *,
        radius: int = 0,
        turn: float = 0,
        shadow: int = 0,
        blur: int = 10,
        mask: Image.Image | None = None,
        **look: Any,
    ) -> None:
        """A piece of material (see `body`) in `box`, turned clockwise about its middle, with its shadow if any."""
        x0, y0, x1, y1 = box
        width, height = x1 - x0, y1 - y0
        patch = body(width, height, color, material, **look)
        shape = mask or (rounded(width, height, radius) if radius else None)
        if not turn:
            if shadow:
                self.shadow(box, blur=blur, strength=shadow)
            self.picture.paste(patch, (x0, y0), shape)
            return
        whole = patch.convert("RGBA")
        whole.putalpha(shape or Image.new("L", patch.size, 255))
        self.put(whole, (x0, y0), turn=turn, shadow=shadow, blur=blur)

    def put(
        self,
        thing: Image.Image,
        corner: tuple[int, int],
        *,
        turn: float = 0,
        shadow: int = 0,
        blur: int = 10,
        fall: tuple[int, int] = (5, 7),
    ) -> None:
        """An RGBA picture with its upper left at `corner`, turned about its middle; the shadow has its outline."""
        x, y = corner
        if turn:
            wide = Image.new("RGBA", (thing.width + 4, thing.height + 4), (0, 0, 0, 0))
            wide.paste(thing, (2, 2))
            middle = (x + thing.width / 2, y + thing.height / 2)
            thing = wide.rotate(-turn, Image.Resampling.BICUBIC, expand=True)
            x, y = round(middle[0] - thing.width / 2), round(middle[1] - thing.height / 2)
        alpha = thing.getchannel("A")
        if shadow:
            around = Image.new("L", (thing.width + 2 * blur, thing.height + 2 * blur), 0)
            around.paste(alpha.point([v * shadow // 255 for v in range(256)]), (blur, blur))
            around = around.filter(ImageFilter.BoxBlur(max(1, blur // 2))).filter(
                ImageFilter.BoxBlur(max(1, blur // 3))
            )
            self.picture.paste((14, 10, 8), (x - blur + fall[0], y - blur + fall[1]), around)
        self.picture.paste(thing.convert("RGB"), (x, y), alpha)

    def shade(self, box: Box, strengths: Sequence[int], *, color: Rgb = (10, 8, 8), upright: bool = True) -> None:
        """A wash of colour whose strength (of 255) runs evenly through `strengths`, downwards or across."""
        width, height = box[2] - box[0], box[3] - box[1]
        if width <= 0 or height <= 0:
            return
        strip = Image.frombytes("L", (1, len(strengths)), bytes(strengths))
        if upright:
            mask = strip.resize((1, height), Image.Resampling.BILINEAR).resize((width, height))
        else:
            strip = strip.transpose(Image.Transpose.ROTATE_90)
            mask = strip.resize((width, 1), Image.Resampling.BILINEAR).resize((width, height))
        self.picture.paste(color, box[:2], mask)

    def ink(self, *fragments: str) -> None:
        """SVG that goes on top of what is there at the next `settle`."""
        self._ink += fragments

    def settle(self, wear: int = 0) -> None:
        """Prints what was inked; with `wear` (per cent) the print has tiny holes."""
        if not self._ink:
            return
        layer = svg.render(svg.document("".join(self._ink), self.size, defs=self.defs))
        self._ink = []
        alpha = layer.getchannel("A")
        if wear:
            alpha = ImageChops.multiply(alpha, _holes(self.size, wear))
        self.picture.paste(layer.convert("RGB"), (0, 0), alpha)

    def light(self, bright: tuple[int, int] = (34, 22), dark: int = 58) -> None:
        """The lamp: full brightness at `bright` (per cent of the sides), `dark` per cent in the farthest corner."""
        self.picture = ImageChops.multiply(self.picture, _lamp(self.size, bright, dark))


@lru_cache(maxsize=8)
def _holes(size: tuple[int, int], wear: int) -> Image.Image:
    grain = materials.cut("speckle", *size, 3).astype(np.int32)
    return Image.fromarray(np.clip(255 - np.clip(grain - 150, 0, 99) * wear // 18, 90, 255).astype(np.uint8))


@lru_cache(maxsize=32)
def _lamp(size: tuple[int, int], bright: tuple[int, int], dark: int) -> Image.Image:
    cells = 32
    away = [
        [((x * 100 // (cells - 1) - bright[0]) ** 2 + (y * 100 // (cells - 1) - bright[1]) ** 2) for x in range(cells)]
        for y in range(cells)
    ]
    far = max(map(max, away))
    rows = [[255 - (255 * (100 - dark) // 100) * value // far for value in row] for row in away]
    small = [
        Image.frombytes("L", (cells, cells), bytes(max(0, v - tone) for row in rows for v in row))
        for tone in (0, 3, 10)
    ]
    return Image.merge("RGB", [channel.resize(size, Image.Resampling.BICUBIC) for channel in small])
