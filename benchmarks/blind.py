"""Can the polling questions of UEG be answered without a picture? Readers of their wording, over many seeds.

Trains a reader for each procedural category on ten seeds that are no one's test (101 to 110), tries it on others, and
tries the rules of structure. Fails (exit 1) where the pooled guesses beat chance by three standard errors. `--write`
leaves the readers where the audit takes them from; run it again whenever the wording of a category changes.

    python benchmarks/blind.py --write
    python benchmarks/blind.py --seeds 3 --categories code_to_image
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from dataset_builder import categories as makers
from dataset_builder.audits import blind
from dataset_builder.audits.shortcuts import Hits
from dataset_builder.audits.wording import Reader, fit, places
from dataset_builder.files import write_atomic
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import categories

TRAINING = range(101, 111)
LEAST = 0.02  # smaller weights are left out of the file


def made(task_type: str, per_category: int, seed: int) -> list[Instance]:
    return list(makers.make(task_type, seed, per_category))


def trained(by_seed: Sequence[Sequence[Instance]]) -> Reader:
    known = [instance for instances in by_seed for instance in instances]
    asked = [place for instance in known for place in places(instance)]
    reader = fit(asked, [value for instance in known for value in blind.noes(instance)])
    kept = {name: round(value, 3) for name, value in sorted(reader.weights.items()) if abs(value) >= LEAST}
    return Reader(round(reader.bias, 3), kept)


def tried(reader: Reader, instances: Sequence[Instance]) -> dict[str, Hits]:
    found = {
        blind.BLIND[0]: blind.measure(lambda one: blind.by_likelihood(reader, one), instances),
        blind.BLIND[1]: blind.measure(lambda one: blind.one_no(reader, one), instances),
    }
    return found | {name: blind.measure(guess, instances) for name, guess in blind.STRUCTURE.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    procedural = [c.name for c in categories("ueg") if c.source == "procedural"]
    parser.add_argument("--seeds", type=int, default=10, help="tried on seeds 0 to N-1")
    parser.add_argument("--per-category", type=int, default=100)
    parser.add_argument("--categories", nargs="+", default=procedural)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write the readers to {blind.FILE.name}")
    options = parser.parse_args()
    readers: dict[str, Reader] = {}
    failed = False
    print(f"{'category':24} {'guess':24} {'whole':>6} {'of':>6} {'rate':>6} {'chance':>6} {'p':>8}")
    with ProcessPoolExecutor(options.workers) as pool:
        for name in options.categories:
            make = partial(made, name, options.per_category)
            readers[name] = trained(list(pool.map(make, TRAINING)))
            pooled = [instance for instances in pool.map(make, range(options.seeds)) for instance in instances]
            for guess, hits in tried(readers[name], pooled).items():
                failed |= hits.beats_chance
                print(
                    f"{name:24} {guess:24} {hits.hits:6} {hits.n:6} {hits.hits / hits.n:6.1%} {hits.chance:6.1%} "
                    f"{hits.p:8.4f}{'  BEATS CHANCE' if hits.beats_chance else ''}",
                    flush=True,
                )
    if options.write:
        command = f"python benchmarks/blind.py --per-category {options.per_category} --write"
        found = blind.Trained(
            command=command,
            seeds=list(TRAINING),
            bias={name: reader.bias for name, reader in readers.items()},
            weights={name: dict(reader.weights) for name, reader in readers.items()},
        )
        write_atomic(blind.FILE, found.model_dump_json(indent=0) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
