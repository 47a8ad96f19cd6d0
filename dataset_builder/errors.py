"""The one error that people meet: what is wrong, where, and what to do, in one line.

Everything that a user's input can cause is raised as `RealUnifyError` (or a subclass), so that the
command can print it as one line and exit with its `exit_code`. Anything else is a bug and keeps its
traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RealUnifyError(Exception):
    """The thing asked about is not so (exit status 1)."""

    exit_code = 1


class UsageError(RealUnifyError):
    """The request itself is wrong: an unknown name, a contradictory option (exit status 2)."""

    exit_code = 2


class ProblemsError(RealUnifyError):
    """Many problems found at once; `problems` holds one line each."""

    def __init__(self, summary: str, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(summary + "".join(f"\n  - {line}" for line in self.problems))


class MissingExtraError(RealUnifyError):
    """A library that an optional feature needs is not installed."""

    exit_code = 2

    def __init__(self, feature: str, module: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the package '{module}', which is not installed; run: pip install 'realunify[{extra}]'"
        )


def unknown_name(kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """An error that names the closest valid names, or all of them when none is close."""
    names = sorted(valid)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"choose from {', '.join(names)}"
    return UsageError(f"unknown {kind} '{name}': {hint}")
