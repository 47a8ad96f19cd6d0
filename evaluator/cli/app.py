"""The command's frame: the Typer app, its groups of verbs, and how errors reach a person.

Exit status: 0 done; 1 the thing asked about is not so; 2 wrong use. A traceback only with `--debug`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from dataset_builder import __version__
from dataset_builder.errors import UsageError

DEBUG_VARIABLE = "REALUNIFY_DEBUG"

app = typer.Typer(
    name="realunify",
    help="RealUnify: do understanding and generation help each other?\n\n"
    "The main way: build -> run -> judge -> score -> report. Each step reads and writes files, and can be "
    "stopped and started again at any moment. Try it all on tiny stand-ins: realunify demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

Data = "Dataset"
Evaluate = "Evaluate"
Results = "Results"
Board = "Leaderboard"


def _tell_versions(asked: bool) -> None:
    if asked:
        from dataset_builder.building.recipe import VERSION

        typer.echo(f"realunify {__version__} (dataset {VERSION})")
        raise typer.Exit


@app.callback()
def _frame(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_versions, help="The versions of this and its dataset."),
    ] = False,
) -> None:
    if debug:
        os.environ[DEBUG_VARIABLE] = "1"


def settings(pairs: Sequence[str]) -> dict[str, Any]:
    """`key=value` words; a value is JSON where it parses (5, 0.7, true), text otherwise."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError(f"--set {pair}: write key=value, such as --set guidance_scale=2.5")
        try:
            found[key] = json.loads(value)
        except json.JSONDecodeError:
            found[key] = value
    return found


def fail(status: int = 1) -> NoReturn:
    raise typer.Exit(status)
