"""API judges: wall time against the ideal at concurrency 32, and what becomes of every question under faults.

    python benchmarks/judge_api.py [--images 600]

Three questions an image, a local server that speaks the provider's HTTP. First replies of 300 ms: within
1.2 x of the ideal, calls x latency / concurrency. Then 15 % 429, 10 % 503, 3 % timeouts, 2 % empty and 1 %
garbage: every question ends as yes, no or unparsed, none is lost and none counted wrong for the server's
fault. Last, the process is killed three times on the way: no answered question is asked again. Exit status
1 when one is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

LATENCY, CONCURRENCY, LIMIT = 0.3, 32, 1.2
FAULTS: dict[int | str, float] = {429: 0.15, 503: 0.10, "hang": 0.03, "empty": 0.02, "garbage": 0.01}
RIGHT = {"yes": "Yes.", "no": "no"}


def make_run(folder: Path, images: int) -> None:
    """A run folder with a picture for each UEG instance: what a judge is asked about."""
    from dataset_builder.instance import Question
    from evaluator.running import run as running
    from tests import conftest
    from tests.evaluator.toy_models import Toy

    per_category = -(-images // 6)
    plain = conftest._instances

    def with_three(category: object, count: int) -> object:
        for instance in plain(category, count):  # type: ignore[arg-type]
            third = Question(question=f"Has {instance.id} another foil?", answer="no", aspect="foil")
            yield (
                instance
                if instance.axis == "geu"
                else instance.model_copy(update={"question_list": [*instance.question_list, third]})
            )

    conftest._instances = with_three  # type: ignore[assignment]
    data = conftest.write_dataset(folder / "data", per_category)
    running.run(Toy(), data, out=folder / "run", protocol="direct")


def answer(text: str, images: list[bytes]) -> str:
    return RIGHT["no" if "foil" in text else "yes"]


def wrong(folder: Path) -> tuple[int, int, int]:
    """(lines, questions answered twice, answers that are neither right nor unparsed)."""
    from evaluator.runs.folder import RunFolder

    lines = list(RunFolder.open(folder).judgements())
    bad = sum(line.answer not in ("unparsed", "no" if "foil" in line.question else "yes") for line in lines)
    return len(lines), len(lines) - len({line.key for line in lines}), bad


def main() -> int:
    """Print the three parts; exit 1 when a figure is missed."""
    from evaluator.judging import judge as judging
    from evaluator.judging.judges import load_judge
    from evaluator.models import apis
    from tests.servers.http import Behaviour
    from tests.servers.openai import openai_server

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=600)
    images = parser.parse_args().images
    os.environ["OPENAI_API_KEY"] = "good-key"
    apis.TIMEOUT_SECONDS, apis.RETRY_SECONDS = 3.0, 0.3
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_run(folder, images)
        run = folder / "run"
        with apart(LATENCY) as url:
            judge = load_judge(f"openai:gpt-4.1@{url}/v1?concurrency={CONCURRENCY}")
            started, cpu = time.perf_counter(), time.process_time()
            first = judging.judge(run, judge, cache=False)
            took, cpu = time.perf_counter() - started, time.process_time() - cpu
        ideal = first.asked * LATENCY / CONCURRENCY
        met = took <= LIMIT * ideal and first.errors == first.unparsed == 0
        print(
            f"{first.asked} questions about {first.asked // 3} images, {LATENCY * 1000:.0f} ms, {CONCURRENCY} at a time"
        )
        print(f"  ideal {ideal:.2f} s, took {took:.2f} s: {took / ideal:.2f} x (limit {LIMIT}); "
              f"{1000 * cpu / first.asked:.1f} ms of CPU a question, load {os.getloadavg()[0]:.1f}")  # fmt: skip
        (run / "judgements.jsonl").unlink()

        behaviour = Behaviour(latency=0.05, faults=FAULTS, hang_seconds=4.0)
        with openai_server(answer, behaviour) as server:
            judge = load_judge(f"openai:gpt-4.1@{server.url}/v1?concurrency={CONCURRENCY}")
            started = time.perf_counter()
            second = judging.judge(run, judge, cache=False)
            took = time.perf_counter() - started
        lines, twice, bad = wrong(run)
        met &= (lines, twice, bad, second.errors) == (first.asked, 0, 0, 0)
        print(f"under faults ({took:.0f} s): {lines} lines, {twice} twice, {bad} wrong, {second.unparsed} unparsed, "
              f"{second.errors} errors; served {dict(behaviour.counts)}")  # fmt: skip
        (run / "judgements.jsonl").unlink()
        met &= killed(run, first.asked)
    return int(not met)


@contextlib.contextmanager
def apart(latency: float) -> Iterator[str]:
    """The server in a process of its own, as a provider is; gives its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, latency), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Any, latency: float) -> None:
    from tests.servers.http import Behaviour
    from tests.servers.openai import openai_server

    with openai_server(answer, Behaviour(latency=latency)) as server:
        pipe.send(server.url)
        pipe.poll(None)


def killed(run: Path, questions: int) -> bool:
    """Three kills on the way; each answer that was written is asked for once."""
    from tests.servers.http import Behaviour
    from tests.servers.openai import openai_server

    behaviour = Behaviour(latency=0.05)
    with openai_server(answer, behaviour) as server:
        spec = f"openai:gpt-4.1@{server.url}/v1?concurrency={CONCURRENCY}"
        script = f"import evaluator; evaluator.judge({str(run)!r}, {spec!r}, cache=False)"
        unfinished = 0
        for part in (1, 2, 3, 4):
            process = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parent.parent)
            while part < 4 and process.poll() is None and _count(run) < part * questions // 4:
                time.sleep(0.01)
            if part < 4:
                process.send_signal(signal.SIGKILL)
            process.wait()
            unfinished += CONCURRENCY * (part < 4)
    lines, twice, bad = wrong(run)
    asked = len(behaviour.requests)
    print(f"killed three times: {lines} lines, {twice} twice, {bad} wrong; {asked} calls, so {asked - lines} were cut")
    return (lines, twice, bad) == (questions, 0, 0) and asked - lines <= unfinished


def _count(run: Path) -> int:
    file = run / "judgements.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
