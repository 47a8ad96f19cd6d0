"""Which of several values a detail shows, by the pixels: each is drawn again and laid over the picture.

Print is compared by its outline (the correlation of ink with the drawn mask, along the line from the ground's
colour to the ink's), a dab of colour by its mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from dataset_builder.categories.attentional_focusing.details import Detail, draw, extent
from dataset_builder.drawing import svg
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import PALETTE, Rgb

_ROOM = 5
_Plane = np.ndarray[Any, np.dtype[np.float64]]


def likeness(picture: Image.Image, detail: Detail, values: Sequence[str]) -> dict[str, float]:
    """How well the picture agrees with each value: 1 is wholly, 0 not at all."""
    if detail.kind == "colour":
        return _colours(picture, detail, values)
    boxes = np.array([extent(detail, value) for value in values])
    (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0) - _ROOM, boxes[:, 2:].max(axis=0) + _ROOM
    window = (max(0, int(x0)), max(0, int(y0)), min(picture.width, int(x1)), min(picture.height, int(y1)))
    seen = _inkiness(picture.crop(window), detail.ink)
    return {value: _correlation(seen, _mask(detail, value, window)) for value in values}


def _mask(detail: Detail, value: str, window: Box) -> _Plane:
    """The detail in white on nothing, over the window."""
    size = (window[2] - window[0], window[3] - window[1])
    plain = replace(detail, ink="#ffffff", shape="dot" if detail.shape == "hole" else detail.shape)  # no rims
    drawn = svg.render(svg.document(draw(plain, value), size, window[:2]))
    return np.asarray(drawn.getchannel("A"), dtype=np.float64)


def _inkiness(part: Image.Image, ink: str) -> _Plane:
    """How far each pixel is from the ground (the median) towards the ink."""
    pixels = np.asarray(part, dtype=np.float64)
    ground = np.median(pixels.reshape(-1, 3), axis=0)
    way = np.array([int(ink[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float64) - ground
    plane: _Plane = (pixels - ground) @ way / max(1.0, float(np.linalg.norm(way)))
    return plane


def _correlation(one: _Plane, other: _Plane) -> float:
    one, other = one - one.mean(), other - other.mean()
    spread = math.sqrt(float((one**2).sum()) * float((other**2).sum()))
    return float((one * other).sum()) / spread if spread else 0.0


def _colours(picture: Image.Image, detail: Detail, values: Sequence[str]) -> dict[str, float]:
    half = max(1, round(detail.size / 4))
    x, y = round(detail.x), round(detail.y)
    middle = np.asarray(picture.crop((x - half, y - half, x + half, y + half)), dtype=np.float64).reshape(-1, 3)
    mean = middle.mean(axis=0)
    return {value: 1 - _apart(mean, PALETTE[value]) / 442 for value in values}


def _apart(mean: _Plane, color: Rgb) -> float:
    return float(np.linalg.norm(mean - np.array(color, dtype=np.float64)))
