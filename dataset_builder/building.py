"""`realunify build`: makes every instance and writes the dataset folder, atomically.

Each category is made in a process of its own and streamed into parquet, 100 rows a row group, so memory
does not grow with the size of the set.

    >>> build("realunify", seed=0)                          # 1,000 instances
    >>> build("train", seed=7, per_category=10_000)         # a large set of fresh instances
"""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset_builder import card, categories
from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.files import folder_replaced, sha256_file, write_atomic
from dataset_builder.folder import INFO_FILE, Info, info_json, is_dataset_folder
from dataset_builder.instance import IMAGE_COLUMNS, WITHHELD_COLUMNS, Instance, features
from dataset_builder.taxonomy import CATEGORIES, INSTANCES_PER_CATEGORY

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

VERSION = "1.0.0"
ROWS_PER_GROUP = 100
ROWS_PER_FILE = 1_000
Progress = Callable[[str, int, int], None]


@dataclass
class Part:
    """What the making of one category left on disk: files, row digests, arrow bytes (for dataset_info)."""

    task_type: str
    files: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    arrow_bytes: int = 0


def build(
    out: str | Path = "realunify",
    *,
    seed: int = 0,
    per_category: int = INSTANCES_PER_CATEGORY,
    source: str = "open",
    release: str | Path | None = None,
    withhold_answers: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a dataset folder at `out` and return its path.

    `source="open"` makes our own instances from `seed`; `source="official"` converts a user's copy of the
    authors' release at `release`. `progress(task_type, done, total)` is called as instances are made.
    Raises UsageError when `out` holds something that is not a dataset of ours.
    """
    target = Path(out)
    check_target(target)
    if per_category < 1:
        raise UsageError(f"per-category is {per_category}; give at least 1")
    if source not in ("open", "official"):
        raise UsageError(f"unknown source '{source}': choose open or official")
    if source == "official":
        from dataset_builder.official import read_release

        if release is None:
            raise UsageError("source 'official' needs --release DIR, your own copy of the authors' files")
        made: Mapping[str, Iterable[Instance]] | None = read_release(Path(release))
    else:
        made = None
    with folder_replaced(target) as fresh:
        if made is None:
            parts = _make_all(fresh, seed, per_category, withhold_answers, workers, progress)
        else:
            parts = [_write_part(fresh, t, rows, withhold_answers, _teller(progress, t)) for t, rows in made.items()]
        info = _finish(fresh, parts, source=source, seed=seed, withheld=withhold_answers)
        if withhold_answers:
            with folder_replaced(answers_folder(target)) as private:
                (fresh / "answers").rename(private / "data")
                _finish(private, parts, source=source, seed=seed, withheld=False, answers_for=info.content_sha256)
    return target


def answers_folder(target: Path) -> Path:
    """Where `--withhold-answers` puts the private half: `DIR-answers` beside `DIR`."""
    return target.with_name(target.name + "-answers")


def check_target(target: Path) -> None:
    """Refuse an output that is in use by something else; a dataset of ours is replaced."""
    if target.is_file():
        raise UsageError(f"output {target} is a file; give a folder")
    if target.is_dir() and any(target.iterdir()) and not is_dataset_folder(target):
        raise UsageError(f"output folder {target} is not empty and not a dataset of ours; give another with -o")


def _make_all(
    folder: Path, seed: int, per_category: int, withhold: bool, workers: int | None, progress: Progress | None
) -> list[Part]:
    """All categories, the slowest first so that the processes end together."""
    order = sorted(CATEGORIES.values(), key=lambda c: (c.axis != "geu", c.name != "attentional_focusing"))
    context = multiprocessing.get_context("spawn")
    with multiprocessing.Manager() as manager:
        ticks: Any = manager.Queue()
        with ProcessPoolExecutor(workers or min(os.cpu_count() or 1, len(order)), mp_context=context) as pool:
            pending = {
                pool.submit(_make_part, folder, c.name, seed, per_category, withhold, ticks): c.name for c in order
            }
            parts: dict[str, Part] = {}
            counts = dict.fromkeys(CATEGORIES, 0)
            while pending:
                done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                while not ticks.empty():
                    name = ticks.get()
                    counts[name] += 1
                    if progress:
                        progress(name, counts[name], per_category)
                for future in done:
                    parts[pending.pop(future)] = future.result()
    return [parts[name] for name in CATEGORIES]


def _make_part(folder: Path, task_type: str, seed: int, per_category: int, withhold: bool, ticks: Queue[str]) -> Part:
    rows = categories.make(task_type, seed, per_category)
    return _write_part(folder, task_type, rows, withhold, lambda: ticks.put(task_type))


def _teller(progress: Progress | None, task_type: str) -> Callable[[], None]:
    counter = itertools.count(1)
    return lambda: progress(task_type, next(counter), 0) if progress else None


def _write_part(
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
    """The public half. The aspect goes too: it says which question is the foil, so which answer is no."""
    public = {key: None if key in WITHHELD_COLUMNS else value for key, value in row.items()}
    public["question_list"] = [
        {"question": entry["question"], "answer": None, "aspect": None} for entry in row["question_list"]
    ]
    return public


def _digest(row: dict[str, Any]) -> str:
    flat = {key: value["bytes"] if key in IMAGE_COLUMNS and value else value for key, value in row.items()}
    return Instance.model_validate(flat).digest()


def content_digest(digests: Mapping[str, str]) -> str:
    """The dataset's identity: sha256 over ids and row digests, independent of files and their order."""
    return hashlib.sha256("\n".join(f"{key} {digests[key]}" for key in sorted(digests)).encode()).hexdigest()


def _finish(
    folder: Path, parts: list[Part], *, source: str, seed: int, withheld: bool, answers_for: str | None = None
) -> Info:
    """Card, licence, eval.yaml and, last, the checksums."""
    digests: dict[str, str] = {}
    for part in parts:
        if duplicate := digests.keys() & part.digests.keys():
            raise ProblemsError("two instances share an id", sorted(duplicate))
        digests.update(part.digests)
    names = [f"data/{name}" for part in parts for name in part.files]
    suffix = "-public" if withheld else "-answers" if answers_for else ""
    sizes = {part.task_type: len(part.digests) for part in parts}
    info = Info(
        dataset_id=dataset_id(source, seed, sizes) + suffix,
        version=VERSION,
        source=source,
        seed=seed,
        content_sha256=content_digest(digests) if answers_for is None else _files_digest(folder, names),
        categories=sizes,
        withheld=withheld,
        answers_for=answers_for,
        files={name: sha256_file(folder / name) for name in sorted(names)},
    )
    card.write(folder, info, {part.task_type: part.arrow_bytes for part in parts})
    write_atomic(folder / INFO_FILE, info_json(info))
    return info


def dataset_id(source: str, seed: int, sizes: Mapping[str, int]) -> str:
    """`realunify-open-seed0`, with the size where it is not the benchmark's own."""
    name = f"realunify-{source}" + (f"-seed{seed}" if source == "open" else "")
    standard = all(size == INSTANCES_PER_CATEGORY for size in sizes.values()) and len(sizes) == len(CATEGORIES)
    return name if standard else f"{name}-{sum(sizes.values())}"


def _files_digest(folder: Path, names: list[str]) -> str:
    return hashlib.sha256("".join(sha256_file(folder / name) for name in sorted(names)).encode()).hexdigest()


def progress_total(per_category: int) -> Iterator[tuple[str, int]]:
    """How many instances each category will have (authored ones end at what was written)."""
    from dataset_builder import authored

    for category in CATEGORIES.values():
        written = len(authored.read(category.name)) if category.source == "authored" else per_category
        yield category.name, min(per_category, written)
