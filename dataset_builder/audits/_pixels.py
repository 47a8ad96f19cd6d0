"""Decoded pictures, kept while the rules look at one instance: most of them read the same pixels.

>>> picture(instance) is picture(instance)
True
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dataset_builder.drawing.colors import Rgb
from dataset_builder.instance import IMAGE_COLUMNS, ImageColumn, Instance

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = np.ndarray[Any, np.dtype[np.uint32]]  # rows, columns: a colour is one number, quick to compare
Mask = np.ndarray[Any, np.dtype[np.bool_]]  # rows, columns


@lru_cache(maxsize=len(IMAGE_COLUMNS))
def decoded(data: bytes) -> Image:
    """The RGB picture, shared: do not draw on it. Raises OSError, ValueError or SyntaxError for what is none."""
    from PIL import Image

    return Image.open(io.BytesIO(data)).convert("RGB")


def picture(instance: Instance, column: ImageColumn = "image") -> Image:
    """As `Instance.picture`, without decoding again."""
    data: bytes | None = getattr(instance, column)
    if data is None:
        raise ValueError(f"{instance.id} has no {column}")
    return decoded(data)


def pixels(instance: Instance, column: ImageColumn = "image") -> Pixels:
    whole = np.asarray(picture(instance, column).convert("RGBA"))
    return whole.view(np.uint32)[:, :, 0]


def same_size(instance: Instance) -> None:
    """Raises ValueError where the reference has another size than the question's picture."""
    size, other = picture(instance).size, picture(instance, "reference_image").size
    if size != other:
        raise ValueError(f"the reference is {other} px, the question's picture {size}")


def before_and_after(instance: Instance) -> tuple[Pixels, Pixels, Mask]:
    """The question's picture, its reference, and where the two differ."""
    same_size(instance)
    before, after = pixels(instance), pixels(instance, "reference_image")
    return before, after, before != after


def is_color(values: Pixels, color: Rgb) -> Mask:
    same: Mask = values == np.array((*color, 255), dtype=np.uint8).view(np.uint32)
    return same
