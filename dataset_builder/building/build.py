"""`realunify build`: makes every instance and writes the dataset folder, atomically.

Each category is made in a process of its own and streamed into parquet, 100 rows a row group, so memory
does not grow with the size of the set.

    >>> build("realunify", seed=0)                          # 1,000 instances
    >>> build("train", seed=7, per_category=10_000)         # a large set of fresh instances
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Unpack

from dataset_builder import categories
from dataset_builder.building.making import Progress, make_all, teller
from dataset_builder.building.official import read_release
from dataset_builder.building.parts import Part, write_part
from dataset_builder.building.recipe import VERSION, Asked, Recipe
from dataset_builder.errors import ProblemsError, UsageError
from dataset_builder.files import folder_replaced, sha256_file, write_atomic
from dataset_builder.folder import INFO_FILE, Info, info_json, is_dataset_folder
from dataset_builder.instance import Instance
from dataset_builder.publishing import card, croissant
from dataset_builder.taxonomy import CATEGORIES, INSTANCES_PER_CATEGORY


def build(out: str | Path = "realunify", *, progress: Progress | None = None, **asked: Unpack[Asked]) -> Path:
    """Write a dataset folder at `out` and return its path.

    `asked` are the fields of `dataset_builder.building.recipe.Recipe`: seed, per_category, source, release,
    withhold_answers, only, workers. `progress(task_type, done, total)` is called as instances are made.
    Raises UsageError when `out` holds something that is not a dataset of ours.
    """
    target = Path(out)
    check_target(target)
    recipe = Recipe(**asked)
    if recipe.source == "official":
        made = _official(recipe)
        return write(
            target,
            {name: made[name] for name in recipe.chosen},
            source=recipe.source,
            seed=recipe.seed,
            withhold_answers=recipe.withhold_answers,
            progress=progress,
        )
    return _write_folders(target, lambda folder: make_all(folder, recipe, progress), recipe)


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
    recipe = Recipe(source=source, seed=seed, withhold_answers=withhold_answers)

    def write_parts(folder: Path) -> list[Part]:
        return [write_part(folder, name, rows, withhold_answers, teller(progress, name)) for name, rows in made.items()]

    return _write_folders(target, write_parts, recipe)


def _write_folders(target: Path, make_parts: Callable[[Path], list[Part]], recipe: Recipe) -> Path:
    """The folder, and where answers are withheld its private half beside it: both are put in place at the end."""
    with contextlib.ExitStack() as stack:
        withheld = recipe.withhold_answers
        private = stack.enter_context(folder_replaced(answers_folder(target))) if withheld else None
        fresh = stack.enter_context(folder_replaced(target))
        parts = make_parts(fresh)
        info = finish(fresh, parts, source=recipe.source, seed=recipe.seed, withheld=withheld)
        if private is not None:
            (fresh / "answers").rename(private / "data")
            finish(
                private,
                parts,
                source=recipe.source,
                seed=recipe.seed,
                withheld=False,
                answers_for=info.content_sha256,
            )
    return target


def _official(recipe: Recipe) -> Mapping[str, Iterable[Instance]]:
    if recipe.release is None:
        raise UsageError("source 'official' needs --release DIR, your own copy of the authors' files")
    return read_release(Path(recipe.release), per_category=recipe.per_category)


def answers_folder(target: Path) -> Path:
    """Where `--withhold-answers` puts the private half: `DIR-answers` beside `DIR`."""
    return target.with_name(target.name + "-answers")


def check_target(target: Path) -> None:
    """Refuse an output that is in use by something else; a dataset of ours is replaced."""
    if target.is_file():
        raise UsageError(f"output {target} is a file; give a folder")
    if target.is_dir() and any(target.iterdir()) and not is_dataset_folder(target):
        raise UsageError(f"output folder {target} is not empty and not a dataset of ours; give another with -o")


def content_digest(digests: Mapping[str, str]) -> str:
    """The dataset's identity: sha256 over ids and row digests, independent of files and their order."""
    return hashlib.sha256("\n".join(f"{key} {digests[key]}" for key in sorted(digests)).encode()).hexdigest()


def finish(
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
    for name in CATEGORIES:
        yield name, categories.at_most(name, per_category)
