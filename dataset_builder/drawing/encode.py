r"""Pictures to bytes: deterministic, without metadata, each under a megabyte.

`png` and `webp_lossless` keep every pixel; `webp` and `jpeg` are for pictures too large for that.

    >>> from PIL import Image
    >>> png(Image.new("RGB", (4, 4)))[:4]
    b'\x89PNG'
"""

from __future__ import annotations

import io

from PIL import Image

from dataset_builder.errors import RealUnifyError

LIMIT = 1_000_000  # bytes of one picture


def png(image: Image.Image) -> bytes:
    """Lossless, with the smallest encoding that Pillow finds; for flat drawings."""
    return _save(image, "PNG", optimize=True)


def webp_lossless(image: Image.Image) -> bytes:
    """Lossless; for rich pictures as small as a PNG and several times faster to write."""
    return _save(image, "WEBP", lossless=True, quality=20, method=0, exact=True)


def webp(image: Image.Image, quality: int = 90) -> bytes:
    """Lossy; text stays sharp from about 88 upwards."""
    return _save(image, "WEBP", quality=quality, method=0)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    """Lossy with full colour resolution, so that small coloured text stays sharp; fastest of all."""
    return _save(image, "JPEG", quality=quality, subsampling=0)


def _save(image: Image.Image, format: str, **options: object) -> bytes:
    # A copy made from pixels alone: `info` (ICC, EXIF, comments) cannot leak into the file.
    clean = Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())
    buffer = io.BytesIO()
    clean.save(buffer, format, **options)
    data = buffer.getvalue()
    if len(data) >= LIMIT:
        raise RealUnifyError(
            f"a {image.width}x{image.height} {format} picture takes {len(data):,} bytes, the limit is {LIMIT:,}; "
            "draw it smaller or encode it with a lower quality"
        )
    return data
