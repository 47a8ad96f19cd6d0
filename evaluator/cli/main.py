"""The console entry: verbs are registered, errors reach a person as one line."""

from __future__ import annotations

import io
import itertools
import os
import signal
import sys

from dataset_builder.errors import RealUnifyError
from evaluator.cli.app import DEBUG_VARIABLE, app

STOPPED = 130


def main() -> None:
    """The console entry: errors as one line on stderr, and the exit status that they stand for."""
    # Importing a group registers its verbs.
    from evaluator.cli import datasets, judges, leaderboard, models, results  # noqa: F401

    signal.signal(signal.SIGTERM, _interrupted)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a console's old code page lacks a letter: a ? there, no end of it all
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
