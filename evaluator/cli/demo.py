"""`realunify demo`: the main job end to end on stand-ins, in minutes on a laptop's CPU.

It uses the same code as real checkpoints do; only the weights are tiny and random, so every score is at
chance, and the demo says so. Killed halfway, it goes on where it stopped when it is started again.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.folder import Dataset, is_dataset_folder

if TYPE_CHECKING:
    from evaluator.scoring.scores import Scores

JUDGE = "tiny:qwen-vl"
PROTOCOLS = "direct,stepwise"


@dataclass(frozen=True)
class StandIn:
    """A tiny model, and the real one that the same command runs."""

    name: str
    spec: str
    real: str


STAND_INS = (
    StandIn("tiny-janus", "tiny:janus", "janus:deepseek-community/Janus-Pro-7B"),
    StandIn(
        "tiny-pair",
        "pair:tiny:qwen-vl+tiny:kontext",
        "pair:vlm:Qwen/Qwen3-VL-8B-Instruct+diffusers:black-forest-labs/FLUX.1-Kontext-dev",
    ),
)


def demo(out: str | Path = "demo", *, per_category: int = 10, serve: bool = False, port: int = 7860) -> list[Scores]:
    """Build, run, judge, score, pack, report; print where everything is; optionally serve the leaderboard."""
    import os

    from evaluator import report
    from evaluator.scoring import score

    # Nothing here comes from a hub; without this every load would first try to reach one.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    started = time.monotonic()
    out = Path(out)
    print("The stand-ins' weights are tiny and RANDOM: their scores are at chance. The code is the real one.\n")
    dataset = _dataset(out / "realunify", per_category)
    runs = []
    for number, stand_in in enumerate(STAND_INS, 1):
        _headline(f"model {number} of {len(STAND_INS)}: {stand_in.spec}")
        runs.append(evaluated(stand_in, dataset, out))
    scores = [score.score(folder, dataset=dataset) for folder in runs]
    for stand_in, folder in zip(STAND_INS, runs, strict=True):
        packed(stand_in, folder, out)
    index = report.write(runs, out / "report")
    ranking = _rank(out, dataset)
    _headline("scores")
    _print_tables(scores)
    _headline("the leaderboard's own rescoring of the two bundles (rank, and the ranks that the intervals allow)")
    print("\n".join(ranking))
    print(f"\nreport:      {index}")
    print(
        f"dataset:     {dataset.path}   (cd {out} && python -c \"import datasets; datasets.load_dataset('realunify')\")"
    )
    print(f"bundles:     {', '.join(str(out / f'{one.name}.zip') for one in STAND_INS)}")
    print(f"took:        {time.monotonic() - started:.0f} s")
    print("\nThe same with real weights, on a GPU (the demo's models have random ones):\n")
    print(
        f"  realunify build && realunify run --model {STAND_INS[0].real} --dataset realunify -o runs/janus"
        " && realunify judge runs/janus --judge local:Qwen/Qwen2.5-VL-7B-Instruct && realunify score runs/janus\n"
    )
    print("The leaderboard with these two models ranked:  make serve   (or realunify demo --serve)")
    if serve:
        _serve(out, dataset, port)
    return scores


def evaluated(stand_in: StandIn, dataset: Dataset, out: Path) -> Path:
    """The run of a stand-in under both protocols, judged; again = it goes on."""
    from evaluator.cli.progress import Bar
    from evaluator.cli.telling import tell_judge, tell_run
    from evaluator.judging import judge
    from evaluator.running import run as running

    folder = out / "runs" / stand_in.name
    _remove_stale(folder, dataset)
    with Bar() as bar:
        tell_run(running.run(stand_in.spec, dataset, out=folder, protocol=PROTOCOLS, progress=bar))
    with Bar("questions") as bar:
        tell_judge(judge.judge(folder, JUDGE, dataset=dataset, progress=bar))
    return folder


def packed(stand_in: StandIn, run: Path, out: Path) -> Path:
    """The upload bundle of a stand-in's run."""
    from evaluator.bundles import pack

    card = pack.make_card(model=stand_in.name, organisation="RealUnify demo", licence="Apache-2.0")
    return pack.pack(run, out / f"{stand_in.name}.zip", card)


def _remove_stale(run: Path, dataset: Dataset) -> None:
    """The demo's own run on another dataset (of another size) would only be refused, so it is made anew."""
    from evaluator.runs.folder import RunFolder

    if not (run / "manifest.json").is_file():
        return
    made_on = RunFolder.open(run).manifest.dataset
    if made_on.content_sha256 != dataset.content_sha256:
        print(f"{run} was made on another dataset ({made_on.id}) and is replaced by one on {dataset.id}")
        shutil.rmtree(run)


def _dataset(path: Path, per_category: int) -> Dataset:
    """The demo's dataset, built once; the same size again is not built again."""
    from dataset_builder.building import build, recipe
    from evaluator.cli.progress import BuildBar

    sizes = dict(build.progress_total(per_category))
    if is_dataset_folder(path):
        found = Dataset.open(path)
        if found.info.categories == sizes and found.info.version == recipe.VERSION:
            return found
    _headline(f"dataset: {sum(sizes.values())} instances")
    with BuildBar() as bar:
        bar.start("building", sum(sizes.values()), 0)
        build.build(path, per_category=per_category, progress=bar.tick)
    return Dataset.open(path)


def _headline(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _print_tables(scores: list[Scores]) -> None:
    from rich.console import Console

    from evaluator.scoring.tables import remarks, score_table

    console = Console()
    for one in scores:
        console.print(score_table(one))
        for line in remarks(one):
            console.print(line, highlight=False, soft_wrap=True)
        console.print()


def _rank(out: Path, dataset: Dataset) -> list[str]:
    """Both bundles through the leaderboard's upload, rescoring and ranking."""
    from evaluator.cli.leaderboard import space_module

    bundles = [out / f"{one.name}.zip" for one in STAND_INS]
    lines: list[str] = space_module("showcase").rank(out / "leaderboard", str(dataset.path), JUDGE, bundles)
    return lines


def _serve(out: Path, dataset: Dataset, port: int) -> None:
    """Show the demo's leaderboard in a browser, until interrupted."""
    from evaluator.cli.leaderboard import space_module

    space_module("app").serve(
        data=out / "leaderboard", dataset=str(dataset.path), judge=JUDGE, port=port, host="127.0.0.1"
    )
