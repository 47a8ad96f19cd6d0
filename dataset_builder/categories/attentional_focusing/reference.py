"""The reference: the chain's things as they are, all else dimmed, and what is asked once more, enlarged.

The inset lies where it hides none of the things; its print is high enough to be read when the whole picture is
384 pixels wide.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PIL import Image, ImageDraw

from dataset_builder.drawing.canvas import Box

FRAME = (255, 226, 40)
OUTSIDE = 12  # pixels from what is lit to the outer edge of its frame
LINE = 6
DIM = 38  # per cent of its brightness that the rest keeps
SMALL_SIDE = 384  # pixels of the longest side at which the inset must be read
READ = 9.0  # pixels of a capital's height that are enough
_ROOM = 24


def inset_for(size: tuple[int, int], lit: Sequence[Box], detail: Box, height: float) -> tuple[Box, Box] | None:
    """What is enlarged and where it goes; None where there is no free place.

    `lit` ends with the asked thing, beyond which the inset does not show; `height` is that of the asked print.
    """
    width, high = size
    for zoom in (max(3.0, READ * 1.12 * max(size) / SMALL_SIDE / height) * more for more in (1.25, 1.0)):
        for margin in (60, 36, 18, 8):
            x0, y0, x1, y1 = detail
            left, top, right, bottom = (edge + by for edge, by in zip(lit[-1], (-6, -6, 6, 6), strict=True))
            part = (
                max(0, min(x0 - 4, max(left, x0 - margin))),
                max(0, min(y0 - 4, max(top, y0 - margin))),
                min(width, max(x1 + 4, min(right, x1 + margin))),
                min(high, max(y1 + 4, min(bottom, y1 + margin))),
            )
            wide, tall = round((part[2] - part[0]) * zoom), round((part[3] - part[1]) * zoom)
            if wide > width * 0.6 or tall > high * 0.6:
                continue
            for x, y in _spots(size, (wide, tall), detail):
                at = (x, y, x + wide, y + tall)
                if not any(_touch(at, box) for box in lit):
                    return part, at
    return None


def _spots(size: tuple[int, int], inset: tuple[int, int], detail: Box) -> list[tuple[int, int]]:
    """Corners for the inset, the nearest to the detail first."""
    across, down = size[0] - inset[0] - 2 * _ROOM, size[1] - inset[1] - 2 * _ROOM
    spots = [(_ROOM + across * i // 8, _ROOM + down * j // 8) for i, j in itertools.product(range(9), range(9))]
    x, y = (detail[0] + detail[2]) // 2, (detail[1] + detail[3]) // 2
    return sorted(spots, key=lambda at: (abs(at[0] + inset[0] // 2 - x) + abs(at[1] + inset[1] // 2 - y), at))


def _touch(at: Box, box: Box) -> bool:
    room = 2 * OUTSIDE + _ROOM
    return at[0] < box[2] + room and box[0] < at[2] + room and at[1] < box[3] + room and box[1] < at[3] + room


def highlight(picture: Image.Image, lit: Sequence[Box], inset: tuple[Box, Box]) -> Image.Image:
    """The picture with all but the boxes dimmed, each in a bright frame, and the inset."""
    result = picture.point([value * DIM // 100 for value in range(256)] * 3)
    pen = ImageDraw.Draw(result)
    for x0, y0, x1, y1 in lit:
        pen.rectangle((x0 - OUTSIDE, y0 - OUTSIDE, x1 + OUTSIDE - 1, y1 + OUTSIDE - 1), outline=FRAME, width=LINE)
    for x0, y0, x1, y1 in lit:
        inner = OUTSIDE - LINE
        frame = (
            max(0, x0 - inner),
            max(0, y0 - inner),
            min(picture.width, x1 + inner),
            min(picture.height, y1 + inner),
        )
        result.paste(picture.crop(frame), frame[:2])
    part, at = inset
    large = picture.crop(part).resize((at[2] - at[0], at[3] - at[1]), Image.Resampling.BICUBIC)
    pen.rectangle((at[0] - OUTSIDE, at[1] - OUTSIDE, at[2] + OUTSIDE - 1, at[3] + OUTSIDE - 1), fill=FRAME)
    result.paste(large, at[:2])
    return result
