"""Models behind an API: time against the ideal at concurrency 16, and completeness under faults.

    python benchmarks/api_models.py [--calls 320]

The ideal is calls x latency / concurrency, as if nothing but the provider took time. The plain loop stands
beside it. A local server speaks the provider's HTTP; 20 % of its replies are 429 or 503 and 2 % of the
connections drop in the second part.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

LATENCY = 0.2
CONCURRENCY = 16
LIMIT = 1.15


def main() -> int:
    """Print the table; exit 1 when a figure is missed."""
    from evaluator.models import apis
    from evaluator.models.registry import load_model
    from evaluator.records import Request
    from evaluator.running import run
    from evaluator.runs.folder import RunFolder
    from tests.conftest import write_dataset
    from tests.servers.http import Behaviour
    from tests.servers.openai import openai_server

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=320, help="answers to ask for (a multiple of 4)")
    calls = parser.parse_args().calls
    os.environ["OPENAI_API_KEY"] = "good-key"
    apis.RETRY_SECONDS = 0.2
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        data = write_dataset(Path(folder) / "data", calls // 4)
        with openai_server(lambda text, images: "A", Behaviour(latency=LATENCY)) as server:
            model = load_model(f"openai:gpt-4.1@{server.url}/v1")
            model.answer([Request("warm up", parameters=model.parameters)])
            started = time.perf_counter()
            for _ in range(10):
                model.answer([Request("plain loop", parameters=model.parameters)])
            plain = (time.perf_counter() - started) / 10 * calls
            started = time.perf_counter()
            summary = run.run(model, data, out=Path(folder) / "clean", protocol="direct", concurrency=CONCURRENCY)
            took = time.perf_counter() - started
        ideal = calls * LATENCY / CONCURRENCY
        missed |= took > LIMIT * ideal or summary.done != calls
        print(f"{calls} calls of {LATENCY * 1000:.0f} ms, concurrency {CONCURRENCY}")
        print(f"  ideal                    {ideal:7.2f} s")
        print(f"  realunify run            {took:7.2f} s   {took / ideal:.2f} x ideal (limit {LIMIT})")
        print(f"  plain loop (from 10)     {plain:7.2f} s   {plain / ideal:.2f} x ideal")
        faults = {429: 0.1, 503: 0.1, "drop": 0.02}
        behaviour = Behaviour(latency=0.02, faults=faults, retry_after="0.05")
        with openai_server(lambda text, images: "A", behaviour) as server:
            model = load_model(f"openai:gpt-4.1@{server.url}/v1")
            summary = run.run(model, data, out=Path(folder) / "faults", protocol="direct", concurrency=CONCURRENCY)
        lines = sum(p.response == "A" for p in RunFolder.open(Path(folder) / "faults").predictions())
        missed |= lines != calls
        print(f"  under faults: {lines} of {calls} complete, {summary.errors} errors; served {dict(behaviour.counts)}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
