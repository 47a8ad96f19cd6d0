"""How long the command takes to answer: --help of every verb, and `import evaluator`. Best of five.

python benchmarks/startup.py
"""

from __future__ import annotations

import subprocess
import sys
import time

from evaluator.cli import datasets, judges, leaderboard, models, results  # noqa: F401
from evaluator.cli.app import app

REPEATS = 5
IMPORT_LIMIT = 0.1
HELP_LIMIT = 0.3


def seconds(*command: str) -> float:
    """Best wall time of a command."""
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> int:
    """Print the table; exit 1 when a limit is passed."""
    rows = [("python -c pass", seconds(sys.executable, "-c", "pass"), float("inf"))]
    rows.append(("import evaluator", seconds(sys.executable, "-c", "import evaluator"), IMPORT_LIMIT))
    verbs = [str(command.name or command.callback.__name__) for command in app.registered_commands if command.callback]
    for verb in ["", *verbs]:
        command = [sys.executable, "-m", "evaluator", *verb.split(), "--help"]
        rows.append((f"realunify {verb} --help".replace("  ", " "), seconds(*command), HELP_LIMIT))
    for name, took, limit in rows:
        print(f"{name:35s} {took:6.3f} s   {'' if took <= limit else f'over {limit} s'}")
    return int(any(took > limit for _, took, limit in rows))


if __name__ == "__main__":
    sys.exit(main())
