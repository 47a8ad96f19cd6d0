"""Pictures decode, are small enough, and are what their metadata says."""

from __future__ import annotations

import hashlib

from dataset_builder.audits._pixels import decoded, picture
from dataset_builder.audits._rule import EachRule, Found, PictureFacts, always, meta_of
from dataset_builder.drawing.encode import LIMIT
from dataset_builder.instance import IMAGE_COLUMNS, Instance

HASH_SIZE = 16
TINY = 8


def note(data: bytes) -> PictureFacts:
    """What is kept of a picture; raises OSError or ValueError where it cannot be decoded."""
    import imagehash
    from PIL import Image

    shown = decoded(data)
    pixels = hashlib.sha256(f"{shown.size}".encode() + shown.tobytes()).hexdigest()
    bits = imagehash.phash(shown, hash_size=HASH_SIZE).hash.flatten()
    tiny = shown.resize((TINY, TINY), Image.Resampling.BOX).tobytes()
    return PictureFacts(pixels, tuple(int(bit) for bit in bits), tuple(tiny))


def sound(instance: Instance) -> Found:
    """Decodes as a whole and takes less than a megabyte (the authors' pictures are as they are)."""
    for column in IMAGE_COLUMNS:
        data = getattr(instance, column)
        if data is None:
            continue
        if len(data) >= LIMIT and instance.provenance != "official":
            yield f"{column} takes {len(data):,} bytes, the limit is {LIMIT:,}", "encode it smaller"
        try:
            decoded(data)
        except (OSError, ValueError, SyntaxError) as error:
            yield f"{column} cannot be decoded ({type(error).__name__})", "rebuild the dataset"


def shuffled(instance: Instance) -> Found:
    """The shown picture holds exactly the reference's patches, each once, as its permutation says."""
    from PIL import ImageChops

    meta = instance.meta
    grid, order = int(meta["grid"]), list(meta["permutation"])
    shown, whole = picture(instance), picture(instance, "reference_image")
    if shown.size != whole.size or any(side % grid for side in shown.size):
        yield "the two pictures cannot be cut into the same patches", "rebuild the dataset"
        return
    if sorted(order) != list(range(grid * grid)) or order == sorted(order):
        yield f"{order} does not shuffle {grid * grid} patches", "rebuild the dataset"
        return
    width, height = shown.width // grid, shown.height // grid

    def box(place: int) -> tuple[int, int, int, int]:
        row, column = divmod(place, grid)
        return column * width, row * height, (column + 1) * width, (row + 1) * height

    for place, patch in enumerate(order):
        if ImageChops.difference(shown.crop(box(place)), whole.crop(box(patch))).getbbox():
            yield f"patch {place} is not patch {patch} of the reference", "rebuild the dataset"
            return


def _is_shuffled(instance: Instance) -> bool:
    return instance.reference_image is not None and "permutation" in meta_of(instance)


EACH = (
    EachRule("pictures", "every picture decodes and takes less than 1 MB", sound, always),
    EachRule("patches", "a shuffled picture is an exact permutation of its reference", shuffled, _is_shuffled),
)
