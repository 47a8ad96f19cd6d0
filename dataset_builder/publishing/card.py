"""The dataset card (README.md with its YAML), `eval.yaml`, licence and preview pictures.

Every config carries the content digest in its description: `datasets` keys its cache on the config in the
card and the folder's name, not on the files, so without it a rebuilt folder would show its old rows.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from dataset_builder.files import write_atomic
from dataset_builder.folder import Dataset, Info
from dataset_builder.instance import Instance, features
from dataset_builder.taxonomy import AXES, CATEGORIES, Axis, categories

ASSETS = Path(__file__).parents[1] / "assets"
TEMPLATES = Path(__file__).parent / "templates"
PREVIEW_PX = 512
PAPER = "https://arxiv.org/abs/2509.24897"
AUDIT_MARKS = ("<!-- audit -->", "<!-- /audit -->")


def configs(info: Info) -> dict[str, list[str]]:
    """Config name to its categories: `default`, the two axes, the ten categories."""
    present = [name for name in CATEGORIES if name in info.categories]
    axes: dict[str, list[str]] = {axis: [c.name for c in categories(axis) if c.name in present] for axis in AXES}
    return {"default": present, **axes, **{name: [name] for name in present}}


def write(folder: Path, info: Info, arrow_bytes: Mapping[str, int]) -> None:
    """Write README.md, LICENSE, eval.yaml and preview/ into a dataset folder whose parquet is complete."""
    private = info.answers_for is not None
    previews = [] if private else _write_previews(folder, info)
    write_atomic(folder / "README.md", _yaml(folder, info, arrow_bytes) + _text(folder, info, previews))
    if info.source == "open":
        shutil.copyfile(ASSETS / "LICENSE-CC-BY-4.0", folder / "LICENSE")
    else:
        write_atomic(folder / "LICENSE", _OFFICIAL_LICENCE)
    if not private:
        write_atomic(folder / "eval.yaml", _eval_yaml(info))


_OFFICIAL_LICENCE = (
    "Converted from a user's own copy of the RealUnify authors' release (DogNeverSleep/RealUnify).\n"
    "The authors' licence applies. It forbids redistribution and commercial use: do not publish this folder.\n"
)


def _yaml(folder: Path, info: Info, arrow_bytes: Mapping[str, int]) -> str:
    """The card's YAML header, as the Hub and `datasets` read it."""
    import yaml
    from datasets import DatasetInfo, Split, SplitDict, SplitInfo

    columns = features() if info.answers_for is None else _private_features(folder, info)
    entries: list[dict[str, Any]] = []
    infos: list[dict[str, Any]] = []
    for name, tasks in configs(info).items():
        files = [f"data/{CATEGORIES[task].axis}/{task}/test-*.parquet" for task in tasks]
        if not files:
            continue
        title = AXES.get(name, CATEGORIES[name].title if name in CATEGORIES else "All categories")  # type: ignore[call-overload]
        count = sum(info.categories[task] for task in tasks)
        entry: dict[str, Any] = {
            "config_name": name,
            "description": f"{title}: {count} instances (content {info.content_sha256[:16]})",
            "version": info.version,
            "data_files": [{"split": "test", "path": files}],
        }
        if name == "default":
            entry["default"] = True
        entries.append(entry)
        split = SplitInfo("test", sum(arrow_bytes[task] for task in tasks), count)
        size = sum((folder / file).stat().st_size for file in info.files if Path(file).parent.name in tasks)
        meta = DatasetInfo(
            config_name=name,
            features=columns,
            splits=SplitDict({str(Split.TEST): split}),
            download_size=size,
            dataset_size=split.num_bytes,
        )
        infos.append(meta._to_yaml_dict())
    header: dict[str, Any] = {
        "pretty_name": "RealUnify" if info.source == "open" else "RealUnify (authors' release, converted)",
        "license": "cc-by-4.0" if info.source == "open" else "other",
        "language": ["en"],
        "task_categories": ["text-to-image", "image-to-image", "visual-question-answering"],
        "tags": ["benchmark", "unified-multimodal-models", "realunify"],
        "size_categories": [_size_category(info.instances)],
        "configs": entries,
        "dataset_info": infos,
    }
    return "---\n" + yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=110) + "---\n\n"


def _private_features(folder: Path, info: Info) -> Any:
    import pyarrow.parquet as pq

    every = features()
    names = pq.read_schema(folder / next(iter(info.files))).names
    return type(every)({name: every[name] for name in names})


def _size_category(count: int) -> str:
    """The Hub's own words for how large a dataset is."""
    for bound, word in ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")):
        if count < bound:
            return word
    return "1M<n<10M"


def _eval_yaml(info: Info) -> str:
    import yaml

    text: str = yaml.safe_dump(
        {
            "name": "RealUnify",
            "description": "Do understanding and generation help each other in a unified multimodal model?",
            "evaluation_framework": "realunify",
            "tasks": [{"id": name, "config": name, "split": "test"} for name in configs(info)],
        },
        sort_keys=False,
    )
    return text


def _write_previews(folder: Path, info: Info) -> list[tuple[str, str]]:
    """One small picture for each GEU category: (title, path in the folder)."""
    from PIL import Image

    shown: list[tuple[str, str]] = []
    geu = [task for task in info.categories if CATEGORIES[task].axis == "geu"]
    for task in geu:
        for instance in islice(Dataset(folder, info).instances(images=True, category=task), 1):
            picture = instance.picture()
            picture.thumbnail((PREVIEW_PX, PREVIEW_PX), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            picture.save(buffer, "WEBP", quality=85)
            name = f"preview/{task}.webp"
            write_atomic(folder / name, buffer.getvalue())
            shown.append((CATEGORIES[task].title, name))
    return shown


def _text(folder: Path, info: Info, previews: list[tuple[str, str]]) -> str:
    """The card's prose, from the template `templates/card.md.j2`."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # the output is markdown, and every value is our own
    )
    examples: dict[Axis, list[Instance]] = {"ueg": [], "geu": []}
    if info.answers_for is None:
        for name in info.categories:
            for instance in islice(Dataset(folder, info).instances(category=name), 1):
                examples[instance.axis].append(instance)
    template = environment.get_template("card.md.j2")
    return template.render(
        info=info,
        axes=AXES,
        categories=[CATEGORIES[name] for name in CATEGORIES if name in info.categories],
        previews=previews,
        examples=examples,
        paper=PAPER,
        audit_marks=AUDIT_MARKS,
        written=None if info.withheld or info.answers_for or info.source != "open" else _written(Dataset(folder, info)),
    )


def _written(data: Dataset) -> dict[str, Any] | None:
    """What the hand-written categories share with other public sets, and in which regions they are set."""
    metas: dict[str, list[dict[str, Any]]] = {}
    for name in data.info.categories:
        if CATEGORIES[name].source == "authored":
            metas[name] = [meta for i in data.instances(category=name) if "also_in" in (meta := i.meta)]
    if not any(metas.values()):
        return None
    others = sorted({other for rows in metas.values() for meta in rows for other in meta["also_in"]})
    placed = [name for name, rows in metas.items() if any(meta["region"] for meta in rows)]
    regions = sorted({meta["region"] for name in placed for meta in metas[name]})
    return {
        "others": others,
        "overlap": [
            {
                "name": name,
                "count": len(rows),
                "shared": [sum(other in meta["also_in"] for meta in rows) for other in others],
                "none": sum(not meta["also_in"] for meta in rows),
            }
            for name, rows in metas.items()
        ],
        "placed": [f"`{name}`" for name in placed],
        "regions": [
            (region.replace("_", " "), [sum(meta["region"] == region for meta in metas[name]) for name in placed])
            for region in regions
        ],
    }


def put_audit_table(folder: Path, table: str) -> None:
    """Replace the card's audit section by this markdown table; the rest of the card stays."""
    readme = folder / "README.md"
    head, _, rest = readme.read_text(encoding="utf-8").partition(AUDIT_MARKS[0])
    _, _, tail = rest.partition(AUDIT_MARKS[1])
    write_atomic(readme, f"{head}{AUDIT_MARKS[0]}\n{table.strip()}\n{AUDIT_MARKS[1]}{tail}")
