"""The pictures of a report: originals linked or copied once by content, thumbnails beside them.

>>> gallery = Gallery(folder)
>>> gallery.add(run_folder / "images/x/direct/draw.png").thumb
'thumbs/3f....webp'
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

THUMB_PX = 480
_SUFFIX = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
# What Pillow raises on files that are no sound picture.
_UNDECODABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    """One picture of the site: paths relative to its pages, and the thumbnail's size in pixels."""

    full: str
    thumb: str
    width: int
    height: int


class Gallery:
    """Collects pictures under `folder`; `add` may be called from several threads.

    `earlier` is a former report, whose thumbnails are taken over.
    """

    def __init__(self, folder: Path, earlier: Path | None = None) -> None:
        self._folder = folder
        self._earlier = earlier
        self._known: dict[str, Future[Picture | None]] = {}
        self._lock = threading.Lock()
        (folder / "full").mkdir(parents=True)
        (folder / "thumbs").mkdir()

    def add(self, source: Path | bytes, digest: str | None = None) -> Picture | None:
        """The picture at a path or as encoded bytes; None when it is missing or cannot be decoded."""
        if digest is None:
            try:
                data = source if isinstance(source, bytes) else source.read_bytes()
            except OSError:
                return None
            digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            known = self._known.get(digest)
            if known is None:
                mine = self._known[digest] = Future()
        if known is not None:
            return known.result()
        try:
            mine.set_result(self._place(source, digest[:20]))
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result()

    def _place(self, source: Path | bytes, name: str) -> Picture | None:
        try:
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                width, height = image.size
                suffix = _SUFFIX.get(image.format or "")
                small = image.convert("RGB")
        except _UNDECODABLE:
            return None
        if suffix is None or not width or not height:
            return None
        scale = min(1.0, THUMB_PX / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = Picture(f"full/{name}{suffix}", f"thumbs/{name}.webp", *size)
        _put(source, self._folder / picture.full)
        made = self._earlier / picture.thumb if self._earlier else None
        if made is not None and made.is_file():
            _put(made, self._folder / picture.thumb)
        else:
            _write_thumb(small, size, self._folder / picture.thumb)
        return picture


def _write_thumb(image: Image.Image, size: tuple[int, int], path: Path) -> None:
    image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0).save(path, "WEBP", quality=82, method=2)


def _put(source: Path | bytes, target: Path) -> None:
    """A hard link where the file system allows one (runs never rewrite a picture in place), else a copy."""
    if isinstance(source, bytes):
        target.write_bytes(source)
        return
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)
