"""The dataset's figures: build, cold `load_dataset`, decoding every picture, audit, memory of a large set.

    python benchmarks/dataset.py                       # 1,000 instances
    python benchmarks/dataset.py --large 10000         # also: peak memory while 10,000 of one category are made

Goals on 2 cores: build at most 3 minutes, load 10 s, decode 30 s, audit 2 minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOAD = "from datasets import load_dataset; print(load_dataset('realunify', split='test').num_rows)"
DECODE = """
from datasets import load_dataset
rows = load_dataset('realunify', 'geu', split='test')
print(sum(row[c].convert('RGB').width > 0 for row in rows for c in ('image', 'reference_image') if row[c]))
"""
LARGE = """
import sys, resource
from dataset_builder import build
if __name__ == "__main__":
    build("large", per_category=int(sys.argv[1]), only=[sys.argv[2]])
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def timed(what: str, command: list[str], place: Path) -> None:
    """Run a fresh process in `place` with an empty Hugging Face cache of its own; print its wall time."""
    environment = {**os.environ, "HF_HOME": str(place / "home"), "HF_HUB_OFFLINE": "1"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    last = (done.stdout.strip().splitlines() or [""])[-1]
    print(
        f"{what:34} {seconds:7.1f} s   {last}" + ("" if done.returncode == 0 else f"   exit {done.returncode}"),
        flush=True,
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-category", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--large", type=int, default=0, metavar="N", help="also make N of one category")
    parser.add_argument("--large-category", default="mathematical_reasoning")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}")
    python, command = sys.executable, [sys.executable, "-m", "evaluator"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        size = ["--per-category", str(options.per_category), "--seed", str(options.seed)]
        timed("build", [*command, "build", "--no-audit", *size], place)
        timed("load_dataset, cold", [python, "-c", LOAD], place)
        timed("load_dataset and decode every picture", [python, "-c", DECODE], place)
        timed("audit", [*command, "audit", "realunify"], place)
        total = sum(path.stat().st_size for path in (place / "realunify").rglob("*") if path.is_file())
        print(f"{'folder':34} {total / 2**20:7.1f} MiB")
        if options.large:
            script = place / "large.py"
            script.write_text(LARGE)
            for count in (options.large // 10, options.large):
                name = f"make {count:,}, peak MiB of a worker"
                timed(name, [python, str(script), str(count), options.large_category], place)


if __name__ == "__main__":
    main()
