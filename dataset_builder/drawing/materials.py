"""What surfaces are made of: grey tiles of wood, cloth, paper, metal and others, made by SVG filters and kept.

A tile is 512 pixels square, seamless, its mean near 128: above is lighter than the colour it is put on. Each is
rendered once a process (turbulence costs a tenth of a second a tile) and then cut, mirrored and multiplied.

    >>> tile("wood").shape, tile("wood").dtype
    ((512, 512), dtype('uint8'))
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from dataset_builder.drawing import svg

SIDE = 512
_SEAM = 64
Grey = np.ndarray[Any, np.dtype[np.uint8]]
Wide = np.ndarray[Any, np.dtype[np.int64]]


class _Recipe(NamedTuple):
    """Frequencies of the noise along x and y, its octaves, the mean deviation from 128 that it is brought to, its
    relief by light, and by how much it may be drawn smaller and enlarged, where it is smooth.
    """

    along: float
    across: float
    octaves: int
    contrast: int
    relief: float = 0
    zoom: int = 1


RECIPES: dict[str, _Recipe] = {
    "wood": _Recipe(0.004, 0.085, 5, 19),
    "plank": _Recipe(0.003, 0.05, 5, 13),
    "cloth": _Recipe(0.45, 0.5, 2, 17),
    "linen": _Recipe(0.05, 0.5, 2, 12),
    "leather": _Recipe(0.16, 0.16, 2, 20, 1.4),
    "paper": _Recipe(0.03, 0.03, 5, 4, zoom=2),
    "kraft": _Recipe(0.09, 0.03, 4, 9),
    "cork": _Recipe(0.13, 0.14, 3, 26, 0.9),
    "brushed": _Recipe(0.004, 0.6, 3, 9),
    "metal": _Recipe(0.012, 0.012, 4, 7, zoom=2),
    "hammered": _Recipe(0.06, 0.06, 2, 11, 1.6),
    "plaster": _Recipe(0.05, 0.05, 4, 6, 0.8),
    "felt": _Recipe(0.35, 0.35, 3, 15),
    "asphalt": _Recipe(0.42, 0.42, 3, 26),
    "slate": _Recipe(0.008, 0.02, 5, 16, zoom=2),
    "speckle": _Recipe(0.22, 0.22, 2, 55),
    "clouds": _Recipe(0.006, 0.006, 3, 26, zoom=2),
}


@cache
def tile(material: str) -> Grey:
    """The material's grey tile; read only."""
    grey = _seamless(_noise(material))
    # Brought to its contrast in whole numbers: the mean to 128, the mean deviation to `contrast`.
    mean = int(grey.sum()) // grey.size
    spread = max(1, int(np.abs(grey - mean).sum()) * 100 // grey.size)
    even = np.clip(128 + (grey - mean) * RECIPES[material].contrast * 100 // spread, 0, 255).astype(np.uint8)
    even.setflags(write=False)
    return even


def _noise(material: str) -> Wide:
    """The material as filters draw it, `_SEAM` pixels larger than a tile."""
    recipe = RECIPES[material]
    along, across = (svg.decimals(recipe.zoom * value) for value in (recipe.along, recipe.across))
    noise = (
        f'<feTurbulence type="fractalNoise" baseFrequency="{along} {across}" '
        f'numOctaves="{recipe.octaves}" seed="{1 + list(RECIPES).index(material)}"/>'
    )
    if recipe.relief:
        shape = f'surfaceScale="{svg.number(recipe.relief * 4)}" lighting-color="#fff"'
        noise += f'<feDiffuseLighting {shape}><feDistantLight azimuth="225" elevation="50"/></feDiffuseLighting>'
    else:
        third = ".33 .33 .33 0 0 "
        noise += f'<feColorMatrix values="{third * 3}0 0 0 0 1"/>'
    box = 'x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB"'
    side = (SIDE + _SEAM) // recipe.zoom
    shape = svg.rect(0, 0, side, side, "#000", filter="url(#noise)")
    document = svg.document(shape, (side, side), defs=f'<filter id="noise" {box}>{noise}</filter>')
    drawn = svg.render(document).convert("L").resize((SIDE + _SEAM, SIDE + _SEAM), Image.Resampling.BICUBIC)
    return np.asarray(drawn, dtype=np.int64)


def _seamless(grey: Wide) -> Wide:
    """What is too much at the end of each side faded into its beginning."""
    for _ in range(2):
        part = np.arange(_SEAM, dtype=np.int64)[:, None]
        head = (grey[:_SEAM] * part + grey[SIDE:] * (_SEAM - part)) // _SEAM
        grey = np.concatenate([head, grey[_SEAM:SIDE]]).T
    return grey


@lru_cache(maxsize=64)
def _plane(material: str, upright: bool) -> Grey:
    """The tile four times, so that a cut may start anywhere."""
    grey = tile(material)
    return np.tile(grey.T if upright else grey, (2, 2))


def cut(material: str, width: int, height: int, start: int = 0, *, upright: bool = False) -> Grey:
    """A piece of the material; `start` is any number, and says where it is cut and whether it is mirrored."""
    grey = _plane(material, upright)
    x, y = start * 197 % SIDE, start * 331 % SIDE
    if width > SIDE or height > SIDE:
        grey = np.tile(grey, (1 + height // SIDE, 1 + width // SIDE))
    piece: Grey = grey[y : y + height, x : x + width]
    return piece[:, ::-1] if start % 2 else piece
