"""The dataset folder as a reader sees it: checked against its checksums, rows as `Instance` records.

Reads parquet by columns with pyarrow, so that scoring never touches a picture, and streams row groups, so
that a large set needs little memory.

    >>> dataset = Dataset.open("realunify")
    >>> next(dataset.instances(images=True)).picture().size
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dataset_builder.errors import RealUnifyError, UsageError, unknown_name
from dataset_builder.files import sha256_file
from dataset_builder.instance import IMAGE_COLUMNS, Instance

INFO_FILE = "checksums.json"
REPO_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class Info(BaseModel):
    """`checksums.json`: what the dataset is, and the sha256 of every data file.

    `content_sha256` is over the rows, not the files; it names the content in run manifests and bundles.
    A private folder of withheld answers names the public content that it belongs to in `answers_for`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: int = 1
    dataset_id: str
    version: str
    source: str
    seed: int | None = None  # null where knowing it would give the withheld answers away
    content_sha256: str
    categories: dict[str, int]
    withheld: bool = False
    answers_for: str | None = None
    files: dict[str, str] = Field(repr=False)

    @property
    def instances(self) -> int:
        return sum(self.categories.values())


class Dataset:
    """A dataset folder on this machine. `open` finds, downloads and checks it."""

    def __init__(self, path: Path, info: Info, answers: Dataset | None = None) -> None:
        self.path = path
        self.info = info
        self._answers = answers
        self._withheld: dict[str, dict[str, Any]] | None = None

    @classmethod
    def open(cls, name: str | Path, answers: str | Path | None = None) -> Self:
        """The dataset at a folder, or of a Hub repository `ORG/NAME` (downloaded once).

        `answers` is the private folder of a dataset built with its answers withheld. Raises
        RealUnifyError naming the file when one is missing or altered, UsageError for an unknown name.
        """
        path = _locate(name)
        info = read_info(path)
        _verify_files(path, info)
        private = None
        if answers is not None:
            private = cls.open(answers)
            if private.info.answers_for != info.content_sha256:
                raise RealUnifyError(
                    f"{answers} holds the answers of another dataset (content {str(private.info.answers_for)[:12]}), "
                    f"not of {path} (content {info.content_sha256[:12]}); give the folder built together with it"
                )
        return cls(path, info, private)

    @property
    def id(self) -> str:
        return self.info.dataset_id

    @property
    def content_sha256(self) -> str:
        return self.info.content_sha256

    @property
    def has_answers(self) -> bool:
        return not self.info.withheld or self._answers is not None

    def instances(
        self, *, images: bool = False, only: Collection[str] | None = None, category: str | None = None
    ) -> Iterator[Instance]:
        """The rows in order of category and id; without `images` the picture columns stay null.

        `only` keeps the instances with these ids, `category` reads the files of one category alone. With
        images, memory holds one row group at a time.
        """
        for row in self._rows(images=images, only=only, category=category):
            yield Instance.model_validate(self._complete(row, images))

    def _rows(
        self, *, images: bool, only: Collection[str] | None, category: str | None = None
    ) -> Iterator[dict[str, Any]]:
        import pyarrow.parquet as pq

        wanted = [name for name in Instance.model_fields if images or name not in IMAGE_COLUMNS]
        for name in sorted(self.info.files, key=_category_order):
            if not name.endswith(".parquet") or category not in (None, Path(name).parent.name):
                continue
            with pq.ParquetFile(self.path / name) as file:
                # A private folder has few columns, version 1 of the dataset lacks some.
                columns = [column for column in wanted if column in file.schema_arrow.names]
                for batch in file.iter_batches(batch_size=16 if images else 1024, columns=columns):
                    if only is not None:
                        import pyarrow.compute as pc

                        batch = batch.filter(pc.is_in(batch["id"], value_set=_string_array(only)))
                    yield from batch.to_pylist()

    def _complete(self, row: dict[str, Any], images: bool) -> dict[str, Any]:
        """The row as `Instance` takes it: picture bytes out of their struct, withheld columns put back."""
        if self._answers is not None:
            if self._withheld is None:
                self._withheld = {line.pop("id"): line for line in self._answers._rows(images=images, only=None)}
            row.update(self._withheld[row["id"]])
        for column in IMAGE_COLUMNS:
            if isinstance(row.get(column), dict):
                row[column] = row[column]["bytes"]
        return row

    def select(self, limit_per_category: int | None = None) -> list[Instance]:
        """All instances without pictures, or the first `limit_per_category` of each category."""
        taken: Counter[str] = Counter()
        chosen = []
        for instance in self.instances():
            taken[instance.task_type] += 1
            if limit_per_category is None or taken[instance.task_type] <= limit_per_category:
                chosen.append(instance)
        return chosen


def read_info(path: Path) -> Info:
    """`checksums.json` of a dataset folder."""
    try:
        return Info.model_validate_json((path / INFO_FILE).read_bytes())
    except FileNotFoundError:
        raise RealUnifyError(
            f"{path} is not a RealUnify dataset folder: no {INFO_FILE}; build one with: realunify build -o {path}"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise RealUnifyError(
            f"{path / INFO_FILE}: {'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}; rebuild the dataset"
        ) from None


def is_dataset_folder(path: Path) -> bool:
    """Whether a folder was written by `realunify build` (so that building again may replace it)."""
    try:
        read_info(path)
    except RealUnifyError:
        return False
    return True


def _locate(name: str | Path) -> Path:
    path = Path(name)
    if path.is_dir():
        return path
    if path.exists():
        raise UsageError(f"dataset '{name}' is a file; give the dataset's folder")
    if REPO_NAME.fullmatch(str(name)) and not str(name).startswith("."):
        return _download(str(name))
    known = [str(found.parent) for pattern in ("*/", "*/*/") for found in Path().glob(pattern + INFO_FILE)]
    if known:
        raise unknown_name("dataset", str(name), known)
    raise UsageError(f"unknown dataset '{name}': no such folder; build one with: realunify build -o {name}")


def _download(repo: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(repo, repo_type="dataset"))
    except RepositoryNotFoundError:
        reason = "no such folder here and no such dataset on the Hub (or it is private: run hf auth login)"
    except LocalEntryNotFoundError:
        reason = "no such folder here, and the Hub cannot be reached"
    except HfHubHTTPError as error:
        reason = f"the Hub answered {error.response.status_code}"
    raise UsageError(f"dataset '{repo}': {reason}; build one with: realunify build")


def _verify_files(path: Path, info: Info) -> None:
    problems = []
    for name, digest in info.files.items():
        if not (path / name).is_file():
            problems.append(f"{name} is missing")
        elif sha256_file(path / name) != digest:
            problems.append(f"{name} was altered (its sha256 is not the one in {INFO_FILE})")
    present = {file.relative_to(path).as_posix() for file in path.glob("data/**/*.parquet")}
    problems += [f"{name} is not part of the dataset" for name in sorted(present - set(info.files))]
    if problems:
        raise RealUnifyError(f"dataset {path}: {'; '.join(problems)}; build it again with: realunify build -o {path}")


def _category_order(name: str) -> tuple[int, str]:
    from dataset_builder.taxonomy import CATEGORIES

    task_type = Path(name).parent.name
    return (list(CATEGORIES).index(task_type) if task_type in CATEGORIES else len(CATEGORIES), name)


def _string_array(values: Collection[str]) -> Any:
    import pyarrow as pa

    return pa.array(list(values), type=pa.string())


def info_json(info: Info) -> str:
    """The text of `checksums.json`."""
    return json.dumps(info.model_dump(), indent=1, sort_keys=False) + "\n"
