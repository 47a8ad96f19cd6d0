"""Figures: what the harness costs beside the model, whether its memory grows, and what a second shard brings.

    python benchmarks/overhead.py [time] [memory] [shards]

time: a run against a plain loop over the same adapter, whose calls take 50 ms (target: at most 2 % more).
memory: resident size over 10,000 predictions (target: flat after the first thousand).
shards: instances a second of two shards on two cores against one, with a compute-bound model (at least 1.7 x).
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from _synthetic import Computing, Timed, write_dataset

from dataset_builder.folder import Dataset
from evaluator.records import Request
from evaluator.running.run import run

CALL_SECONDS = 0.05


def plain_loop(model: Timed, data: Dataset) -> tuple[float, float]:
    """The bare calls, pictures in and out, nothing kept: (wall seconds, seconds of computing)."""
    instances = list(data.instances(images=True))
    started, used = time.perf_counter(), time.thread_time()
    for instance in instances:
        if instance.axis == "ueg":
            model.generate([Request(text=instance.prompt or "", id=instance.id)])
        else:
            model.answer([Request(text=instance.evaluation_prompt or "", images=(instance.picture(),))])
    return time.perf_counter() - started, time.thread_time() - used


def harness(model: Timed, data: Dataset, out: Path) -> tuple[float, float]:
    """(wall seconds of a whole run, seconds of computing in the thread that calls the model).

    The second is what a busy machine does not blur: reading, encoding and writing have threads of their own.
    """
    started, used = time.perf_counter(), time.thread_time()
    run(model, data, out=out, protocol="direct")
    return time.perf_counter() - started, time.thread_time() - used


def measure_time(folder: Path) -> bool:
    data = Dataset.open(write_dataset(folder / "dataset", 20, picture_px=512))
    model = Timed(CALL_SECONDS, 512)
    # A first short run loads modules, which a run of any length does once.
    run(model, data, out=folder / "warm", protocol="direct", limit_per_category=1)
    results = []
    for turn in range(3):
        plain, bare = plain_loop(model, data)
        wall, used = harness(model, data, folder / f"run{turn}")
        results.append((wall / plain - 1, plain, wall, used - bare))
    overhead, plain, wall, more = min(results)
    every = ", ".join(f"{100 * each[0]:.2f}" for each in results)
    print(
        f"time: {data.info.instances} calls of {CALL_SECONDS * 1000:.0f} ms: plain loop {plain:.2f} s, run {wall:.2f} s"
    )
    print(f"      overhead {100 * overhead:.2f} % (best of {len(results)}: {every})")
    print(f"      computing between the calls, beyond the plain loop's: {more:.2f} s, {100 * more / plain:.2f} %")
    return overhead <= 0.02


def resident_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


class Sampler:
    """A progress that notes the resident size now and then."""

    def __init__(self) -> None:
        self.sizes: dict[int, float] = {}

    def start(self, what: str, total: int, done: int) -> None:
        self.sizes[0] = resident_mib()

    def advance(self, done: int, errors: int) -> None:
        if done % 1000 == 0:
            self.sizes[done] = resident_mib()


def measure_memory(folder: Path) -> bool:
    data = Dataset.open(write_dataset(folder / "large", 1000, picture_px=128))
    sampler = Sampler()
    started = time.perf_counter()
    run(Timed(0.0, 128), data, out=folder / "run", protocol="direct", progress=sampler)
    seconds = time.perf_counter() - started
    sizes = " ".join(f"{done}:{size:.0f}" for done, size in sampler.sizes.items())
    # The GEU half also holds a group of decoded rows, so each half is compared within itself.
    growth = max(sampler.sizes[6000] - sampler.sizes[1000], sampler.sizes[10_000] - sampler.sizes[7000])
    print(f"memory: MiB by predictions: {sizes}; growth within a half {growth:+.0f} MiB "
          f"({10_000 / seconds:.0f} predictions/s)")  # fmt: skip
    return growth < 32


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _shard(dataset: Path, out: Path, shard: tuple[int, int] | None, rounds: int) -> None:
    run(Computing(rounds, 128), dataset, out=out, protocol="direct", shard=shard)


def measure_shards(folder: Path) -> bool:
    dataset = write_dataset(folder / "shards", 20)
    context = multiprocessing.get_context("fork")

    def timed(name: str, shards: list[tuple[int, int] | None]) -> tuple[float, float]:
        """(wall seconds, seconds of computing a process)."""
        started, used = time.perf_counter(), _children_seconds()
        processes = [context.Process(target=_shard, args=(dataset, folder / name, shard, 150)) for shard in shards]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
            if process.exitcode:
                sys.exit(f"a shard failed with {process.exitcode}")
        return time.perf_counter() - started, (_children_seconds() - used) / len(shards)

    _shard(dataset, folder / "warm", (1, 40), 1)
    ratios: list[float] = []
    computing: list[float] = []
    for turn in range(2):
        one = timed(f"one{turn}", [None])
        two = timed(f"two{turn}", [(1, 2), (2, 2)])
        ratios.append(one[0] / two[0])
        computing.append(one[1] / two[1])
    every = ", ".join(f"{each:.2f}" for each in ratios)
    print(f"shards: two on {os.cpu_count()} cores give {max(ratios):.2f} x one (best of {len(ratios)}: {every})")
    print(f"        by computing time, which other work on the machine does not blur: {max(computing):.2f} x")
    return max(ratios) >= 1.7


MEASURES = {"time": measure_time, "memory": measure_memory, "shards": measure_shards}


def main() -> None:
    names = sys.argv[1:] or list(MEASURES)
    with tempfile.TemporaryDirectory() as folder:
        met = []
        for name in names:
            place = Path(folder) / name
            place.mkdir()
            met.append(MEASURES[name](place))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
