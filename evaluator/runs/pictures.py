"""Pictures of a run: encoded lightly, decoded without raising."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image


def encode_png(image: Image.Image) -> bytes:
    """RGB PNG bytes, compressed lightly: pictures of models are many, and zlib's last per cent is slow."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def open_image(path: Path | io.BytesIO) -> Image.Image | None:
    """The decoded RGB picture, or None when the file is missing or cannot be decoded."""
    try:
        with Image.open(path) as image:
            image.load()
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
