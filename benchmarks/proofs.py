"""Every answer re-derived on many seeds: build a twin, audit it, and compare it with all twins before it.

    python benchmarks/proofs.py                  # seeds 1 to 20, 1,000 instances each: about 25 minutes
    python benchmarks/proofs.py --seeds 0-3 --per-category 30

The audit's solvers read the pictures or the metadata, never the generator's answer. No two twins may share an
instance of a procedural category: a text with the same picture. Exit status 1 when anything is found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

from dataset_builder.audits import auditing
from dataset_builder.building import build
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance


def identity(instance: Instance) -> str:
    """Two instances with the same one are the same instance."""
    text = json.dumps([instance.prompt, instance.question, instance.option])
    return hashlib.sha256(text.encode() + (instance.image or b"")).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1-20", help="first-last")
    parser.add_argument("--per-category", type=int, default=100)
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    known: dict[str, str] = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "twin"
        for seed in range(int(first), int(last or first) + 1):
            started = time.perf_counter()
            build.build(folder, seed=seed, per_category=asked.per_category)
            built = time.perf_counter()
            report = auditing.audit(folder)
            audited = time.perf_counter()
            shared = 0
            procedural = 0
            for instance in Dataset.open(folder).instances(images=True):
                if instance.provenance == "procedural":
                    procedural += 1
                    shared += known.setdefault(identity(instance), f"{seed} {instance.id}") != f"{seed} {instance.id}"
            wrong += len(report.all_problems) + shared
            print(
                f"seed {seed:3d}: build {built - started:5.1f} s, audit {audited - built:5.1f} s, "
                f"{len(report.all_problems)} problems, {shared} of {procedural} procedural instances seen before",
                flush=True,
            )
            for problem in report.all_problems:
                print(f"  - {problem}")
    print(f"{wrong} problems in all; {len(known)} different procedural instances")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
