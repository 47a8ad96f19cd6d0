"""`realunify build`: makes every instance and writes the dataset folder, atomically.

Each category is made in a process of its own and streamed into parquet, 100 rows a row group, so memory
does not grow with the size of the set.

    >>> build("realunify", seed=0)                          # 1,000 instances
    >>> build("train", seed=7, per_category=10_000)         # a large set of fresh instances
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataset_builder import card, categories, croissant
from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError, unknown_name
from dataset_builder.files import folder_replaced, sha256_file, write_atomic
from dataset_builder.folder import INFO_FILE, Info, info_json, is_dataset_folder
from dataset_builder.instance import IMAGE_COLUMNS, WITHHELD_COLUMNS, Instance, features
from dataset_builder.taxonomy import CATEGORIES, INSTANCES_PER_CATEGORY

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

VERSION = "1.0.0"
ROWS_PER_GROUP = 100
ROWS_PER_FILE = 1_000
NOT_WORTH_PROCESSES = 40
"""Up to so many instances are made in this process: starting others takes longer."""
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
    only: Collection[str] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write a dataset folder at `out` and return its path.

    `source="open"` makes our own instances from `seed`; `source="official"` converts a user's copy of the
    authors' release at `release`, which must hold `per_category` instances of each. `only` names the
    categories to make (default: all ten). `progress(task_type, done, total)` is called as instances are made.
    Categories are made in `workers` processes (default: one a core, for a small set none); with 1 in this one.
    Raises UsageError when `out` holds something that is not a dataset of ours.
    """
    target = Path(out)
    check_target(target)
    if per_category < 1:
        raise UsageError(f"per-category is {per_category}; give at least 1")
    if source not in ("open", "official"):
        raise UsageError(f"unknown source '{source}': choose open or official")
    if release is not None and source != "official":
        raise UsageError("--release is a copy of the authors' files; give --source official with it")
    for name in only or ():
        if name not in CATEGORIES:
            raise unknown_name("category", name, CATEGORIES)
    chosen = [name for name in CATEGORIES if only is None or name in only]
    if source == "official":
        made = _official(release, per_category)
        return write(
            target,
            {name: made[name] for name in chosen},
            source=source,
            seed=seed,
            withhold_answers=withhold_answers,
            progress=progress,
        )

    def make_parts(folder: Path) -> list[Part]:
        return _make_all(folder, chosen, seed, per_category, withhold_answers, workers, progress)

    return _write_folders(target, make_parts, source, seed, withhold_answers)


def write(
    out: str | Path,
    made: Mapping[str, Iterable[Instance]],
    *,
    source: str = "open",
    seed: int = 0,
    withhold_answers: bool = False,
    progress: Progress | None = None,
) -> Path:
    """A dataset folder of these instances (category to its rows), whoever made them; see `build`."""
    target = Path(out)
    check_target(target)

    def write_parts(folder: Path) -> list[Part]:
        return [
            _write_part(folder, name, rows, withhold_answers, _teller(progress, name)) for name, rows in made.items()
        ]

    return _write_folders(target, write_parts, source, seed, withhold_answers)


def _write_folders(
    target: Path, make_parts: Callable[[Path], list[Part]], source: str, seed: int, withhold: bool
) -> Path:
    """The folder, and with `withhold` its private half beside it: both are put in place at the end."""
    with contextlib.ExitStack() as stack:
        private = stack.enter_context(folder_replaced(answers_folder(target))) if withhold else None
        fresh = stack.enter_context(folder_replaced(target))
        parts = make_parts(fresh)
        info = _finish(fresh, parts, source=source, seed=seed, withheld=withhold)
        if private is not None:
            (fresh / "answers").rename(private / "data")
            _finish(private, parts, source=source, seed=seed, withheld=False, answers_for=info.content_sha256)
    return target


def _official(release: str | Path | None, per_category: int) -> Mapping[str, Iterable[Instance]]:
    from dataset_builder.official import read_release

    if release is None:
        raise UsageError("source 'official' needs --release DIR, your own copy of the authors' files")
    return read_release(Path(release), per_category=per_category)


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
    folder: Path,
    chosen: Sequence[str],
    seed: int,
    per_category: int,
    withhold: bool,
    workers: int | None,
    progress: Progress | None,
) -> list[Part]:
    """The chosen categories in processes, those with pictures first so that the processes end together."""
    if workers == 1 or workers is None and per_category * len(chosen) <= NOT_WORTH_PROCESSES:
        return [
            _write_part(
                folder, name, categories.make(name, seed, per_category), withhold, _teller(progress, name, per_category)
            )
            for name in chosen
        ]
    order = sorted(chosen, key=lambda name: (CATEGORIES[name].axis != "geu", name != "attentional_focusing"))
    context = multiprocessing.get_context("spawn")
    ticks: Queue[str] = context.Queue()
    counts = dict.fromkeys(chosen, 0)
    parts: dict[str, Part] = {}
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(
        min(workers or os.cpu_count() or 1, len(order)), context, initializer=_start_worker, initargs=(ticks,)
    ) as pool:
        pending = {pool.submit(_make_part, folder, name, seed, per_category, withhold): name for name in order}
        try:
            while pending:
                done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                while not ticks.empty():
                    name = ticks.get()
                    counts[name] += 1
                    if progress:
                        progress(name, counts[name], per_category)
                for future in done:
                    parts[pending.pop(future)] = future.result()
        except BrokenProcessPool:
            left = ", ".join(pending.values())
            if not any(counts.values()):
                raise UsageError(
                    "no process could be started: processes read a script again, so it calls build() under "
                    '`if __name__ == "__main__":`; or give workers=1'
                ) from None
            raise RealUnifyError(
                f"a process that made {left} was killed (out of memory?); try again with a smaller --per-category"
            ) from None
        except BaseException:
            # What is under way would go on writing into a folder that is being removed.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [parts[name] for name in chosen]


_ticks: Queue[str] | None = None  # set in each worker process


def _start_worker(ticks: Queue[str]) -> None:
    """A worker ends with its parent, however that ends: otherwise a killed build goes on writing."""
    global _ticks
    _ticks = ticks
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _make_part(folder: Path, task_type: str, seed: int, per_category: int, withhold: bool) -> Part:
    assert _ticks is not None
    tell = partial(_ticks.put, task_type)
    return _write_part(folder, task_type, categories.make(task_type, seed, per_category), withhold, tell)


def _teller(progress: Progress | None, task_type: str, total: int = 0) -> Callable[[], None]:
    counter = itertools.count(1)
    return lambda: progress(task_type, next(counter), total) if progress else None


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
    sizes = {part.task_type: len(part.digests) for part in parts}
    content = content_digest(digests) if answers_for is None else _files_digest(folder, names)
    season = content if withheld else answers_for  # the public half must not tell the seed: it makes the answers
    suffix = "-public" if withheld else "-answers" if answers_for else ""
    info = Info(
        dataset_id=dataset_id(source, seed, sizes, season=season) + suffix,
        version=VERSION,
        source=source,
        seed=None if withheld or source != "open" else seed,
        content_sha256=content,
        categories=sizes,
        withheld=withheld,
        answers_for=answers_for,
        files={name: sha256_file(folder / name) for name in sorted(names)},
    )
    if answers_for is None:
        croissant.write(folder, info)
    card.write(folder, info, {part.task_type: part.arrow_bytes for part in parts})
    write_atomic(folder / INFO_FILE, info_json(info))
    return info


def dataset_id(source: str, seed: int, sizes: Mapping[str, int], season: str | None = None) -> str:
    """`realunify-open-seed0`, with the size where it is not the benchmark's own.

    With answers withheld the content stands in for the seed: `realunify-open-season-1f0c9a2b`.
    """
    origin = f"-season-{season[:8]}" if season else f"-seed{seed}"
    name = f"realunify-{source}" + (origin if source == "open" else "")
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
