"""`realunify gallery`: one page to browse all instances, with filters by category, subtask, difficulty and text.

The page is static and needs no network. Small pictures stand beside it in `<page>_files/` and load when they
come into view; a click opens the stored picture in full.

    >>> write("realunify", "gallery.html")
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dataset_builder.errors import UsageError
from dataset_builder.files import folder_replaced, write_atomic
from dataset_builder.folder import Dataset
from dataset_builder.instance import IMAGE_COLUMNS, LETTERS, ImageColumn, Instance
from dataset_builder.taxonomy import AXES, CATEGORIES

TEMPLATES = Path(__file__).parent / "templates"
THUMBNAIL_PX = 560
THREADS = 2
CAPTIONS: dict[ImageColumn, str] = {"image": "input", "reference_image": "true intermediate"}


@dataclass(frozen=True)
class Picture:
    """A picture on the page: the small file that is shown and the full one behind it."""

    small: str
    full: str
    width: int
    height: int
    caption: str


@dataclass(frozen=True)
class Entry:
    """An instance as the template takes it."""

    instance: Instance
    pictures: list[Picture]

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Letter, text and whether it is the answer."""
        row = self.instance
        return [(a, text, a == row.answer) for a, text in zip(LETTERS, row.option, strict=False)]


def write(directory: str | Path, out: str | Path = "gallery.html") -> Path:
    """Write the page for a dataset folder and return its path; the folder of pictures is replaced."""
    dataset = Dataset.open(directory)
    page = Path(out)
    if page.is_dir():
        raise UsageError(f"output {page} is a folder; give a page, for example -o {page / 'gallery.html'}")
    files = page.with_name(f"{page.stem}_files")
    with folder_replaced(files) as fresh:
        entries = list(_entries(dataset, fresh, files.name))
        write_atomic(page, _render(dataset, entries))
    return page


def _entries(dataset: Dataset, folder: Path, base: str) -> Iterator[Entry]:
    """In order; a few pictures at a time are in memory."""
    rows = dataset.instances(images=True)
    with ThreadPoolExecutor(THREADS) as pool:
        while batch := list(islice(rows, 32)):
            yield from pool.map(lambda row: _entry(row, folder, base), batch)


def _entry(instance: Instance, folder: Path, base: str) -> Entry:
    columns = [column for column in IMAGE_COLUMNS if getattr(instance, column) is not None]
    pictures = [_picture(instance, column, folder, base) for column in columns]
    return Entry(instance.model_copy(update=dict.fromkeys(IMAGE_COLUMNS)), pictures)


def _picture(instance: Instance, column: ImageColumn, folder: Path, base: str) -> Picture:
    from PIL import Image

    data: bytes = getattr(instance, column)
    with Image.open(io.BytesIO(data)) as stored:
        suffix = (stored.format or "png").lower()
        picture = stored.convert("RGB")
    width, height = picture.size
    picture.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    stem = f"{instance.id}-{column}"
    (folder / f"{stem}.{suffix}").write_bytes(data)
    picture.save(folder / f"{stem}.small.webp", "WEBP", quality=82, method=2)
    return Picture(f"{base}/{stem}.small.webp", f"{base}/{stem}.{suffix}", width, height, CAPTIONS[column])


def _render(dataset: Dataset, entries: list[Entry]) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    present = [category for category in CATEGORIES.values() if category.name in dataset.info.categories]
    subtasks = {
        c.name: sorted({e.instance.subtask for e in entries if e.instance.task_type == c.name}) for c in present
    }
    return environment.get_template("gallery.html.j2").render(
        info=dataset.info, entries=entries, axes=AXES, categories=present, subtasks=subtasks, by_name=CATEGORIES
    )
