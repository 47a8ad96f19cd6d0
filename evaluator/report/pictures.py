"""The pictures of a report: originals linked or copied once by content, thumbnails beside them.

>>> gallery = Gallery(folder, earlier=None)
>>> gallery.add(run_folder / "images/x/direct/draw.png").thumb
'thumbs/3f....webp'
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

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
    """Collects pictures under `folder`. `earlier` is a former report whose thumbnails are taken over.

    Use as a context manager: on leaving, all thumbnails are on disk, and an undecodable one raises nothing
    (its `add` gave None).
    """

    def __init__(self, folder: Path, earlier: Path | None = None) -> None:
        self._folder = folder
        self._earlier = earlier
        self._known: dict[str, Picture | None] = {}
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="thumbnail")
        self._pending: list[Future[None]] = []
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
        if digest not in self._known:
            self._known[digest] = self._place(source, digest[:20])
        return self._known[digest]

    def _place(self, source: Path | bytes, name: str) -> Picture | None:
        try:
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                width, height = image.size
                suffix = _SUFFIX.get(image.format or "")
                image.load()
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
            self._pending.append(self._pool.submit(_write_thumb, small, size, self._folder / picture.thumb))
            while len(self._pending) > 64:
                self._pending.pop(0).result()
        return picture

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for future in self._pending:
                future.result()


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
