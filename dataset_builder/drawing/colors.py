"""Named colours, and which pairs of them people with a colour-vision deficiency can tell apart.

A deficiency is simulated with the matrices of Machado, Oliveira and Fernandes (2009,
https://doi.org/10.1109/TVCG.2009.113) at full severity on linear RGB; the difference is the distance in
CIE Lab (CIE76). A pair counts as distinguishable when it is far apart for normal vision and for all three.

    >>> distinguishable("blue", "yellow"), distinguishable("red", "red")
    (True, False)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import lru_cache

Rgb = tuple[int, int, int]

# Found by a search that maximised the smallest distance, each colour held inside what its name means.
PALETTE: dict[str, Rgb] = {
    "red": (208, 45, 25),
    "orange": (247, 125, 0),
    "yellow": (255, 221, 30),
    "green": (36, 167, 89),
    "blue": (21, 72, 238),
    "purple": (118, 42, 173),
    "pink": (245, 132, 210),
    "brown": (115, 61, 45),
    "black": (34, 34, 38),
    "white": (250, 250, 250),
    "grey": (145, 149, 155),
}
# Every two of these are distinguishable: where an instance needs several colours at once, take them from here.
SAFE: tuple[str, ...] = ("red", "orange", "yellow", "green", "blue", "purple", "brown", "black", "white")

MINIMUM_DISTANCE = 22.0
_VISION: dict[str, tuple[tuple[float, float, float], ...]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def rgb(color: str | Rgb) -> Rgb:
    """The colour of a palette name; a triple passes through."""
    return PALETTE[color] if isinstance(color, str) else color


@lru_cache(maxsize=1024)
def distance(a: str | Rgb, b: str | Rgb) -> float:
    """The smallest Lab distance between two colours over normal vision and the three deficiencies."""
    return min(math.dist(_seen_lab(rgb(a), kind), _seen_lab(rgb(b), kind)) for kind in _VISION)


def distinguishable(a: str | Rgb, b: str | Rgb) -> bool:
    """Whether everyone tells the two apart, whatever their colour vision."""
    return distance(a, b) >= MINIMUM_DISTANCE


def all_distinguishable(colors: Iterable[str | Rgb]) -> bool:
    """Whether every pair is distinguishable."""
    return all(distinguishable(a, b) for a, b in itertools.combinations(list(colors), 2))


@lru_cache(maxsize=512)
def _seen_lab(color: Rgb, kind: str) -> tuple[float, float, float]:
    linear = [_linear(channel / 255) for channel in color]
    seen = [min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in _VISION[kind]]
    r, g, b = seen
    x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047
    y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b
    z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883
    fx, fy, fz = _lab_root(x), _lab_root(y), _lab_root(z)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _lab_root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116
