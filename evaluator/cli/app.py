"""The command's frame: the Typer app, its groups of verbs, and how errors reach a person.

Exit status: 0 done; 1 the thing asked about is not so; 2 wrong use. A traceback only with `--debug`.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

from dataset_builder.errors import RealUnifyError, UsageError

DEBUG_VARIABLE = "REALUNIFY_DEBUG"
STOPPED = 130

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


@app.callback()
def _frame(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
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


def main() -> None:
    """The console entry: errors as one line on stderr, and the exit status that they stand for."""
    # Importing a group registers its verbs.
    from evaluator.cli import datasets, evaluate, leaderboard, results  # noqa: F401

    signal.signal(signal.SIGTERM, _interrupted)
    try:
        app(_spelled_out(sys.argv[1:]))
    except RealUnifyError as error:
        _report(error)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == STOPPED:  # how Typer ends on Ctrl-C, and SIGTERM is the same here
            print("stopped; the same command goes on from what is written", file=sys.stderr)
        raise
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        # A place that cannot be written or read; what knew better has said so before it came here.
        _report(_told(error))
        sys.exit(1)


def _spelled_out(words: list[str]) -> list[str]:
    """The command line with an empty address after a bare `--ray`, whose value may be left out."""
    found = []
    for word, following in itertools.zip_longest(words, words[1:], fillvalue="-"):
        found.append(word)
        if word == "--ray" and following.startswith("-"):
            found.append("")
    return found


def _told(error: OSError) -> RealUnifyError:
    told = RealUnifyError(
        f"{error.filename}: {error.strerror}; give another place, or mend this one"
        if error.filename
        else f"{error or type(error).__name__} (--debug shows where)"
    )
    told.__cause__ = error
    return told


def _report(error: RealUnifyError) -> None:
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    print(f"realunify: {error}", file=sys.stderr)


def _interrupted(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
