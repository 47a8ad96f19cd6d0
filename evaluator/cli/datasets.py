"""Verbs about the dataset: build, audit, publish, export, gallery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluator.cli.app import Data, app, fail

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A dataset folder.")]


@app.command(rich_help_panel=Data)
def build(
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write.")] = Path("realunify"),
    seed: Annotated[int, typer.Option(help="Another seed gives fresh instances in the procedural categories.")] = 0,
    source: Annotated[str, typer.Option(help="open (our own instances) or official (see --release).")] = "open",
    release: Annotated[Path | None, typer.Option(help="Your copy of the authors' release, to convert.")] = None,
    per_category: Annotated[int, typer.Option(help="Instances a category; authored ones end at 100.")] = 100,
    withhold_answers: Annotated[
        bool, typer.Option("--withhold-answers", help="Put answers into a second, private folder DIR-answers.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit/--no-audit", help="Prove the answers and fill the card's table.")
    ] = True,
) -> None:
    """Write a dataset folder.

    `datasets.load_dataset("realunify")` loads it from the folder that this ran in.

    The folder is replaced in one step when it is complete; a crash leaves the old one whole.
    """
    from dataset_builder.building import build as building
    from dataset_builder.folder import Dataset
    from evaluator.cli.progress import BuildBar

    with BuildBar() as bar:
        if source == "open":
            bar.start("building", sum(n for _, n in building.progress_total(per_category)), 0)
        building.build(
            out,
            seed=seed,
            per_category=per_category,
            source=source,
            release=release,
            withhold_answers=withhold_answers,
            progress=bar.tick,
        )
    data = Dataset.open(out)
    size = sum((out / name).stat().st_size for name in data.info.files) / 2**20
    print(f"{out}: {data.info.instances} instances, {size:.0f} MiB, {data.id}, content {data.content_sha256[:12]}")
    if withhold_answers:
        print(f"{building.answers_folder(out)}: the withheld answers; keep this folder private")
        if source == "open":
            _warn_of_a_known_set(seed)
    elif audit and source == "open":
        _audit(out)
    print(f'load it with: datasets.load_dataset("{out}")')


def _warn_of_a_known_set(seed: int) -> None:
    """Withheld answers are worth what it costs to make them again."""
    import secrets

    from dataset_builder.taxonomy import CATEGORIES

    if abs(seed) < 2**32:
        print(
            f"note: seed {seed} can be guessed, and with it every answer; for a blind season: "
            f"--seed {secrets.randbits(62) | 2**61}"
        )
    known = [name for name, category in CATEGORIES.items() if category.source == "authored"]
    print(f"note: {', '.join(known)} are the same in every set and published with their answers")


@app.command(rich_help_panel=Data)
def audit(directory: Folder) -> None:
    """Check every claim about a dataset.

    Answers re-derived by solvers, no shortcut to them, no duplicate, clean pictures.

    Exit status 1 and a list when something fails. Writes the result into the dataset's card.
    """
    _audit(directory)


def _audit(directory: Path) -> None:
    from dataset_builder.audits import auditing
    from dataset_builder.publishing import card

    report = auditing.audit(directory)
    card.put_audit_table(directory, report.markdown())
    print(report.text())
    if not report.ok:
        fail()


@app.command(rich_help_panel=Data)
def publish(
    directory: Folder,
    repo: Annotated[str, typer.Option(help="Where: ORG/NAME on the Hub.")],
    private: Annotated[bool, typer.Option("--private", help="Create the repository as private.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")] = False,
) -> None:
    """Upload a dataset folder to the Hub. It is created, committed and tagged; again = only what changed."""
    from dataset_builder.publishing import hub

    print(hub.publish(directory, repo, private=private, dry_run=dry_run).text())


@app.command(rich_help_panel=Data)
def export(
    directory: Folder,
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write.")],
    layout: Annotated[str, typer.Option("--format", help="official: the authors' four-JSON layout.")] = "official",
) -> None:
    """Write the authors' four-JSON layout. The same instances; build --source official reads it back."""
    from dataset_builder.building import official_export
    from dataset_builder.errors import unknown_name

    if layout != "official":
        raise unknown_name("format", layout, ["official"])
    print(official_export.export(directory, out))


@app.command(rich_help_panel=Data)
def gallery(
    directory: Folder,
    out: Annotated[Path, typer.Option("-o", "--out", help="The page to write.")] = Path("gallery.html"),
) -> None:
    """Write a page to browse all instances. Filters by category, subtask, difficulty and text."""
    from dataset_builder.publishing import gallery as pages

    print(pages.write(directory, out))
