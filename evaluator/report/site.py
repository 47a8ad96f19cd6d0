"""Writing the site: one overview, one table of all instances, one page a category; replaced as a whole."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dataset_builder.errors import UsageError
from dataset_builder.files import folder_replaced
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.protocols import PROTOCOLS
from evaluator.report import examples, figure, gather, heat, views
from evaluator.report.pictures import Gallery
from evaluator.scoring import tables
from evaluator.scoring.breakdown import BY
from evaluator.scoring.pairing import paired_table

TEMPLATES = Path(__file__).parent / "templates"
_MARK = "realunify-report"


def write(
    runs: Sequence[str | Path],
    out: str | Path,
    judge: str | None = None,
    *,
    dataset: str | Path | Dataset | None = None,
    corrected: str | Path | None = None,
) -> Path:
    """Write a report of `runs` (of one dataset) into the folder `out`; gives the path of its index.html.

    `judge` picks among several judges; `corrected` is that judge's certificate. A former report at `out` is
    replaced; anything else there is refused with a UsageError.
    """
    out = Path(out)
    _check_target(out)
    data, read = gather.read_runs(runs, dataset, judge, corrected)
    environment = _environment()
    common = _common(data, read)
    with folder_replaced(out) as fresh:
        shutil.copyfile(TEMPLATES / "report.css", fresh / "report.css")
        shutil.copyfile(TEMPLATES / "report.js", fresh / "report.js")
        every: list[views.InstanceView] = []
        gallery = Gallery(fresh, earlier=out if out.is_dir() else None)
        instances = gather.instance_views(data, read, gallery)
        for task, group in itertools.groupby(instances, key=lambda view: view.instance.task_type):
            members = list(group)
            every += members
            page = environment.get_template("category.html").render(
                **common, category=CATEGORIES[task], instances=members, page=task
            )
            (fresh / f"{task}.html").write_text(page, encoding="utf-8")
        common["examples"] = {run.key: examples.worst(every, run) for run in read}
        for name in ("index", "instances"):
            page = environment.get_template(f"{name}.html").render(**common, instances=every, page=name)
            (fresh / f"{name}.html").write_text(page, encoding="utf-8")
    return out / "index.html"


def _check_target(out: Path) -> None:
    if out.is_file():
        raise UsageError(f"output {out} is a file; give a folder with -o")
    if out.is_dir() and any(out.iterdir()):
        index = out / "index.html"
        if not index.is_file() or _MARK not in index.read_text(encoding="utf-8", errors="replace")[:2000]:
            raise UsageError(f"output folder {out} is not empty and not a report; give another with -o")


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["corrected_title"] = tables.corrected_title
    environment.globals["corrected_remarks"] = tables.corrected_remarks
    environment.filters["words"] = lambda name: str(name).replace("_", " ")
    environment.globals["aspects_of"] = lambda members: sorted({a for one in members for a in one.aspects.split()})
    environment.filters["short"] = lambda text: str(text)[:12]
    return environment


def _common(data: Dataset, runs: list[views.RunView]) -> dict[str, Any]:
    names = gather.protocol_names(runs)
    present = {task for run in runs for table in run.scores.protocols.values() for task in table.categories}
    first, others = runs[0], runs[1:]
    return {
        "mark": _MARK,
        "data": data,
        "runs": runs,
        "protocols": names,
        "questions": {name: PROTOCOLS[name].question for name in names if name in PROTOCOLS},
        "axes": AXES,
        "categories": {name: category for name, category in CATEGORIES.items() if name in present},
        "outcome_words": views.OUTCOME_WORDS,
        "signs": views.OUTCOME_SIGNS,
        "panels": {run.key: figure.panel(run) for run in runs},
        "heats": {
            run.key: [
                (name, table)
                for name in run.scores.protocols
                for by in BY
                if (table := heat.heat(run, name, by)) is not None
            ]
            for run in runs
        },
        "random_runs": [run for run in runs if run.scores.random_weights],
        "comparisons": [
            (other, name, paired_table(first.scores.protocols[name], other.scores.protocols[name]))
            for other in others
            for name in names
            if name in first.scores.protocols and name in other.scores.protocols
        ],
    }
