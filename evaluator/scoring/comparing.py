"""`realunify compare`: two runs instance by instance, or the protocols of one run against each other.

>>> print(compare("runs/janus", "runs/bagel").text())
>>> compare("runs/bagel", "runs/bagel").tables[0].rows["total"].points    # stepwise minus direct
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from pathlib import Path

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import AXES
from evaluator import protocols
from evaluator.runs.folder import RunFolder, open_dataset
from evaluator.scoring import diagnosis
from evaluator.scoring.pairing import TOTAL, Difference, paired_table
from evaluator.scoring.score import score
from evaluator.scoring.scores import Scores
from evaluator.scoring.tables import RANDOM_WEIGHTS


@dataclass(frozen=True)
class Table:
    """One comparison: `second` minus `first`, by category, axis and in total."""

    title: str
    first: str
    second: str
    rows: dict[str, Difference]


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. `remarks` is what must be said beside the numbers."""

    tables: list[Table]
    remarks: list[str] = field(default_factory=list)
    diagnosis: str = ""

    def text(self) -> str:
        """For a terminal, a table a protocol."""
        from rich.console import Console

        page = io.StringIO()
        console = Console(file=page, width=120, highlight=False)
        for table in self.tables:
            console.print(_rich(table))
        for line in [*_LEGEND, *self.remarks]:
            console.print(line, soft_wrap=True, markup=False)
        if self.diagnosis:
            console.print("\nWhich half is short?", markup=False)
            console.print(self.diagnosis, soft_wrap=True, markup=False)
        return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


_LEGEND = (
    "Points, with a 95 % interval for paired shares (Newcombe 1998); p is McNemar's exact test, in the categories",
    "corrected for their number (Holm). 'only one' counts instances that only the first / only the second has right.",
)


def compare(
    one: str | Path,
    other: str | Path,
    protocol: str | None = None,
    judge: str | None = None,
    *,
    dataset: str | Path | Dataset | None = None,
) -> Comparison:
    """Compare two runs of one dataset, judged by one judge; the same run twice compares its protocols.

    `protocol` names what to compare (`direct,oracle` too). Raises UsageError where a comparison would mean
    nothing: another dataset, another judge, no protocol in common.
    """
    wanted = None if protocol is None else [each.name for each in protocols.protocols_named(protocol)]
    first = RunFolder.open(one)
    data = open_dataset(first, dataset)
    if Path(one).resolve() == Path(other).resolve():
        return _within(_score(first, data, judge), wanted)
    second = RunFolder.open(other)
    mine, theirs = first.manifest.dataset, second.manifest.dataset
    if mine.content_sha256 != theirs.content_sha256:
        raise UsageError(
            f"{first.path} ran {mine.id} ({mine.content_sha256[:12]}) and {second.path} ran {theirs.id} "
            f"({theirs.content_sha256[:12]}); only runs of the same dataset can be compared"
        )
    return _between(_score(first, data, judge), _score(second, data, judge), (first, second), wanted)


def _score(folder: RunFolder, data: Dataset, judge: str | None) -> Scores:
    # A run without images to judge has no judgements among which to choose.
    judged = any(True for _ in folder.judgements())
    return score(folder, dataset=data, judge=judge if judged else None, save=False)


def _between(one: Scores, other: Scores, folders: tuple[RunFolder, RunFolder], wanted: list[str] | None) -> Comparison:
    judges = [(scores.judge, scores.judge_revision) for scores in (one, other)]
    if None not in (one.judge, other.judge) and judges[0] != judges[1]:
        raise UsageError(
            f"{folders[0].path} was judged by {one.judge}@{one.judge_revision} and {folders[1].path} by "
            f"{other.judge}@{other.judge_revision}; judge both with one judge and choose it with --judge"
        )
    common = [name for name in one.protocols if name in other.protocols and (wanted is None or name in wanted)]
    if not common:
        raise UsageError(
            f"no protocol in common: {folders[0].path} has {', '.join(one.protocols)}, "
            f"{folders[1].path} has {', '.join(other.protocols)}"
            + (f"; {', '.join(wanted)} was asked for" if wanted else "")
        )
    names = (one.model, other.model)
    if names[0] == names[1]:
        names = (f"{one.model} ({folders[0].path.name})", f"{other.model} ({folders[1].path.name})")
    tables = [Table(name, *names, paired_table(one.protocols[name], other.protocols[name])) for name in common]
    remarks = [f"Judge: {one.judge or other.judge or 'none yet'}. Dataset: {one.dataset.id}."]
    for scores in (one, other):
        if scores.random_weights:
            remarks.append(f"{scores.model}: {RANDOM_WEIGHTS}.")
    if one.limit_per_category != other.limit_per_category:
        remarks.append("The runs are of different size: only the instances that both ran are compared.")
    return Comparison(tables, remarks)


def _within(scores: Scores, wanted: list[str] | None) -> Comparison:
    names = [name for name in scores.protocols if wanted is None or name in wanted]
    if len(names) < 2:
        raise UsageError(
            f"comparing a run with itself compares its protocols, and it has {', '.join(scores.protocols)}; "
            "name two of them with --protocol, or give two runs"
        )
    tables = [
        Table(
            f"{scores.model}: {second} minus {first}",
            first,
            second,
            paired_table(scores.protocols[first], scores.protocols[second]),
        )
        for first, second in itertools.combinations(names, 2)
    ]
    remarks = [f"Judge: {scores.judge or 'none yet'}. Dataset: {scores.dataset.id}."]
    if scores.random_weights:
        remarks.append(f"{scores.model}: {RANDOM_WEIGHTS}.")
    return Comparison(tables, remarks, diagnosis.text({name: scores.protocols[name] for name in names}))


def _rich(table: Table) -> object:
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(title=Text(table.title), title_justify="left", pad_edge=False)
    shown.add_column("")
    for heading in ("n", table.first, table.second, "difference", "only one", "p"):
        shown.add_column(Text(heading), justify="right")
    for row in table.rows.values():
        bold = "bold" if row.name in AXES or row.name == TOTAL else None
        shown.add_row(row.title, *_cells(row), style=bold)
    return shown


def _cells(row: Difference) -> list[str]:
    if row.points is None:
        return [str(row.n), "", "", row.status, "", ""]
    p = row.p if row.p_holm is None else row.p_holm
    return [
        str(row.n),
        f"{row.first:.1f}",
        f"{row.second:.1f}",
        diagnosis.interval(row),
        f"{row.lost} / {row.gained}",
        "< 0.001" if p is not None and p < 0.001 else f"{p:.3f}",
    ]
