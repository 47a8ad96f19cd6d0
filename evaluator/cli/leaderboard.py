"""Verbs about the leaderboard: serve, submit, rescore-worker.

The Space's package stands above this one, so it is looked up by name at run time and never imported here.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Annotated, Any

import typer

from evaluator.cli.app import Board, app

DataOption = Annotated[Path, typer.Option("--data", help="Where submissions and their scores are kept.")]
JudgeOption = Annotated[str | None, typer.Option(help="The judge that rescores; `realunify judges` lists all.")]


def space_module(module: str) -> Any:
    """A module of the leaderboard, with the extra named when Gradio is missing."""
    from dataset_builder.errors import MissingExtraError

    if importlib.util.find_spec("gradio") is None:
        raise MissingExtraError("the leaderboard", "gradio", "space")
    return importlib.import_module(f"leaderboard_space.{module}")


@app.command(rich_help_panel=Board)
def serve(
    data: DataOption = Path("data"),
    dataset: Annotated[str, typer.Option(help="The dataset whose runs are ranked.")] = "realunify",
    judge: JudgeOption = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 7860,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
) -> None:
    """Show the leaderboard in a browser. Rankings, submissions, and an upload form that rescores by itself."""
    space_module("app").serve(data=data, dataset=dataset, judge=judge, port=port, host=host)


@app.command("rescore-worker", rich_help_panel=Board)
def rescore_worker(
    data: DataOption = Path("data"),
    dataset: Annotated[str, typer.Option(help="The dataset whose runs are ranked.")] = "realunify",
    judge: JudgeOption = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is waiting.")] = False,
) -> None:
    """Judge and score waiting submissions. Apart from the web process, on any machine that sees the data."""
    space_module("rescoring.worker").work(data=data, dataset=dataset, judge=judge, once=once)


@app.command(rich_help_panel=Board)
def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="An upload bundle.")],
    space: Annotated[str, typer.Option(help="The leaderboard: a URL, or ORG/NAME of a Space.")],
    follow: Annotated[bool, typer.Option(help="Wait until it is scored.")] = True,
) -> None:
    """Upload a bundle to a leaderboard. Its status is followed until it is ranked."""
    from evaluator.bundles import submitting

    print(submitting.submit(file, space, follow=follow))
