"""Verbs about results: score, compare, agreement, drift, report, import-results, pack, validate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluator.cli.app import Results, app, fail
from evaluator.cli.options import DatasetOption, Run

if TYPE_CHECKING:
    from evaluator.scoring.scores import By, Scores

CertificateOption = Annotated[
    Path | None,
    typer.Option(
        "--corrected",
        metavar="CERTIFICATE",
        help="The judge's certificate (a JSON file, or an exam's folder): beside the raw scores those corrected for "
        "its errors.",
    ),
]


@app.command(rich_help_panel=Results)
def score(
    run: Run,
    as_json: Annotated[bool, typer.Option("--json", help="Print scores.json instead of the table.")] = False,
    judge: Annotated[str | None, typer.Option(help="Whose judgements, when several judges judged the run.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Also what it is made of: subtask, difficulty, aspect; several with commas."),
    ] = None,
    corrected: CertificateOption = None,
    dataset: DatasetOption = None,
    parity: Annotated[
        bool,
        typer.Option(
            "--parity",
            help="Read replies as the authors' scripts do, faults included; named in the manifest and scores.",
        ),
    ] = False,
) -> None:
    """Print and save the score table of a run. Offline, no GPU; exit status 1 while the run is incomplete."""
    from evaluator.scoring import breakdown
    from evaluator.scoring import score as scoring

    parts = breakdown.parse_by(by or [])
    scores = scoring.score(run, dataset=dataset, judge=judge, parity=parity)
    if corrected is not None:
        from evaluator.judging.corrected import with_corrected
        from evaluator.runs.folder import RunFolder

        scores = with_corrected(scores, RunFolder.open(run), corrected)
    if as_json:
        print(scores.model_dump_json(indent=1))
    else:
        _print_scores(scores, parts)
    if scores.problems:
        typer.echo("incomplete: " + "; ".join(scores.problems), err=True)
        fail()


def _print_scores(scores: Scores, parts: Sequence[By]) -> None:
    from rich.console import Console

    from evaluator.scoring import headline, tables

    console = Console()
    console.print(tables.score_table(scores))
    if (graded := tables.graded_table(scores)) is not None:
        console.print(graded)
    for one in parts:
        console.print(tables.part_table(scores, one))
    if scores.corrected:
        console.print(tables.corrected_table(scores))
        for line in tables.corrected_remarks(scores):
            console.print(line, highlight=False, soft_wrap=True)
    console.print(headline.headline(scores), highlight=False, soft_wrap=True, style="bold", markup=False)
    for line in tables.remarks(scores):
        console.print(line, highlight=False, soft_wrap=True)


@app.command(rich_help_panel=Results)
def compare(
    one: Annotated[Path, typer.Argument(metavar="RUN")],
    other: Annotated[Path, typer.Argument(metavar="RUN")],
    protocol: Annotated[str | None, typer.Option(help="Only this protocol.")] = None,
    judge: Annotated[str | None, typer.Option(help="Whose judgements, when several judges judged the runs.")] = None,
) -> None:
    """Compare two runs, instance by instance. Paired differences with intervals and p-values."""
    from evaluator.scoring import comparing

    print(comparing.compare(one, other, protocol=protocol, judge=judge).text())


@app.command(rich_help_panel=Results)
def agreement(
    run: Run,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as JSON, all divided questions too.")
    ] = False,
    dataset: DatasetOption = None,
) -> None:
    """Print how far the judges of a run agree.

    Raw agreement, Cohen's kappa, Krippendorff's alpha, and the questions that divide them.

    For a run judged by several judges or by a panel:A+B+C, whose members' answers are kept.
    """
    from evaluator.judging import agreement as measure
    from evaluator.judging.agreement_table import agreement_remarks, agreement_table

    found = measure.agreement(run, dataset=dataset)
    if as_json:
        print(found.model_dump_json(indent=1))
        return
    from rich.console import Console

    console = Console()
    console.print(agreement_table(found))
    for line in agreement_remarks(found):
        console.print(line, highlight=False, soft_wrap=True)


@app.command(rich_help_panel=Results)
def drift(
    one: Annotated[Path, typer.Argument(metavar="EXAM", help="An exam's folder, with its answers.jsonl.")],
    other: Annotated[Path, typer.Argument(metavar="EXAM", help="The same exam at another date or revision.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON, all changed answers too.")] = False,
) -> None:
    """Compare two exams of a judge. What changed, and whether it is more than chance."""
    from evaluator.judging import drift as drifting
    from evaluator.judging.drift_table import drift_remarks, drift_table

    found = drifting.drift(one, other)
    if as_json:
        print(found.model_dump_json(indent=1))
        return
    from rich.console import Console

    console = Console()
    console.print(drift_table(found))
    for line in drift_remarks(found):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


@app.command(rich_help_panel=Results)
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="One run folder or several.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write.")] = Path("report"),
    judge: Annotated[str | None, typer.Option(help="Whose judgements, when several judges judged the runs.")] = None,
    corrected: CertificateOption = None,
) -> None:
    """Write a static HTML report. Tables on top, then every instance with all that the models made of it."""
    from evaluator import report as reports

    print(reports.write(runs, out, judge=judge, corrected=corrected))


@app.command("import-results", rich_help_panel=Results)
def import_results(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Result files in the authors' format.")],
    dataset: Annotated[Path, typer.Option(help="The dataset that was run.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The run folder to write.")],
    model: Annotated[str, typer.Option(help="The model's name.")] = "imported",
) -> None:
    """Turn the authors' result files into a run. JSON or JSONL; judge and score it here."""
    from evaluator.bundles import importing

    print(importing.import_results(files, dataset, out, model=model).text())


@app.command(rich_help_panel=Results)
def pack(
    run: Run,
    out: Annotated[Path, typer.Option("-o", "--out", help="The zip to write.")],
    model: Annotated[str | None, typer.Option(help="The model's name on the leaderboard.")] = None,
    organisation: Annotated[str, typer.Option(help="Who made the model.")] = "",
    url: Annotated[str, typer.Option(help="Where the model can be found.")] = "",
    licence: Annotated[str, typer.Option(help="The model's licence.")] = "",
    contact: Annotated[str, typer.Option(help="How the maintainers reach you; not shown.")] = "",
    intermediates: Annotated[bool, typer.Option(help="Include the pictures of intermediate steps.")] = True,
) -> None:
    """Make the upload bundle of a run."""
    from evaluator.bundles import pack as bundle
    from evaluator.runs.folder import RunFolder

    name = model or RunFolder.open(run).manifest.model.name
    card = bundle.make_card(model=name, organisation=organisation, url=url, licence=licence, contact=contact)
    path = bundle.pack(run, out, card, intermediates=intermediates)
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")
    print(f"next: realunify validate {path} --dataset DIR, then realunify submit {path} --space URL")


@app.command(rich_help_panel=Results)
def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="An upload bundle.")],
    dataset: Annotated[Path, typer.Option(help="The dataset that it is about.")],
) -> None:
    """Check an upload bundle. All problems at once; exit status 1 when there is one."""
    from evaluator.bundles import pack as bundle

    found = bundle.validate(file, dataset)
    for note in found.notes:
        print(f"note: {note}")
    if found.ok:
        print(f"{file}: valid, {len(found.predictions)} predictions")
        return
    typer.echo(f"{file}: {len(found.problems)} problems", err=True)
    for problem in found.problems:
        typer.echo(f"  - {problem}", err=True)
    fail()
