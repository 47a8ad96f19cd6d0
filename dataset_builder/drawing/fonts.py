"""The one typeface of the benchmark's pictures: DejaVu Sans, vendored.

Basic layout instead of Raqm, because Raqm's shaping depends on what is installed on the machine.

    >>> font(24, bold=True).getlength("Exit") > font(12).getlength("Exit")
    True
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).parent.parent / "assets" / "fonts"


@lru_cache(maxsize=256)
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans at `size` pixels."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(FOLDER / name, size, layout_engine=ImageFont.Layout.BASIC)
