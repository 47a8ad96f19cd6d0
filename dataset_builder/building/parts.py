"""Instances into parquet: one category's files, row by row, 100 rows a row group; withheld columns apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataset_builder.instance import IMAGE_COLUMNS, WITHHELD_COLUMNS, Instance, features
from dataset_builder.taxonomy import CATEGORIES

ROWS_PER_GROUP = 100
ROWS_PER_FILE = 1_000


@dataclass
class Part:
    """What the making of one category left on disk: files, row digests, arrow bytes (for dataset_info)."""

    task_type: str
    files: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    arrow_bytes: int = 0


def write_part(
    folder: Path, task_type: str, rows: Iterable[Instance], withhold: bool, tick: Callable[[], None]
) -> Part:
    """Stream one category into `data/<axis>/<task_type>/`, and its withheld columns into `answers/`."""
    part = Part(task_type)
    place = Path(CATEGORIES[task_type].axis) / task_type
    full = features().arrow_schema
    private = _schema_of(["id", "question_list", *WITHHELD_COLUMNS])
    iterator = iter(rows)
    for number in itertools.count():
        chunk = itertools.islice(iterator, ROWS_PER_FILE)
        first = next(chunk, None)
        if first is None:
            break
        name = str(place / f"test-{number:05d}.parquet")
        part.files.append(name)
        writers = [_Writer(folder / "data" / name, full)]
        if withhold:
            writers.append(_Writer(folder / "answers" / name, private))
        for instance in itertools.chain([first], chunk):
            row = _encode(instance)
            shown = _without_answers(row) if withhold else row
            part.digests[instance.id] = instance.digest() if not withhold else _digest(shown)
            writers[0].add(shown)
            if withhold:
                writers[1].add({key: row[key] for key in private.names})
            tick()
        for writer in writers:
            writer.close()
        part.arrow_bytes += writers[0].arrow_bytes
    return part


class _Writer:
    """Rows into one parquet file, in row groups of 100."""

    def __init__(self, path: Path, schema: Any) -> None:
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        self.arrow_bytes = 0

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            table = pa.Table.from_pylist(self._rows, schema=self._schema)
            self.arrow_bytes += table.nbytes
            self._file.write_table(table)
            self._rows = []

    def close(self) -> None:
        self._flush()
        self._file.close()


def _schema_of(names: list[str]) -> Any:
    import datasets

    every = features()
    return datasets.Features({name: every[name] for name in names}).arrow_schema


def _encode(instance: Instance) -> dict[str, Any]:
    row = instance.model_dump()
    for column in IMAGE_COLUMNS:
        data = row[column]
        row[column] = None if data is None else {"bytes": data, "path": None}
    return row


def _without_answers(row: dict[str, Any]) -> dict[str, Any]:
    """The public half. The questions go too: what they ask tells what the picture must show."""
    public = {key: None if key in WITHHELD_COLUMNS else value for key, value in row.items()}
    return public | {"question_list": []}


def _digest(row: dict[str, Any]) -> str:
    flat = {key: value["bytes"] if key in IMAGE_COLUMNS and value else value for key, value in row.items()}
    return Instance.model_validate(flat).digest()
