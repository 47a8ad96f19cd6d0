"""Verbs that make and judge predictions: models, judges, run, judge, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataset_builder.errors import UsageError
from evaluator.cli.app import Evaluate, app, fail, settings
from evaluator.cli.options import show_families
from evaluator.cli.telling import tell_run


@app.command(rich_help_panel=Evaluate)
def models() -> None:
    """List the ways to run a model. What each can do, what it needs, whether that is installed."""
    from evaluator.models.registry import FAMILIES

    show_families(FAMILIES)
    print("Your own class needs no registration: --model package.module:Class (see the README).")


@app.command(rich_help_panel=Evaluate)
def run(
    model: Annotated[str, typer.Option(help="What to run, such as janus:CHECKPOINT; `realunify models` lists all.")],
    dataset: Annotated[str, typer.Option(help="A dataset folder, or ORG/NAME on the Hub.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The run folder; an existing one is resumed.")],
    protocol: Annotated[str, typer.Option(help="direct, stepwise, oracle, several with commas, or all.")] = "all",
    limit_per_category: Annotated[
        int | None, typer.Option(min=1, help="Only the first N instances of each category.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every generation; 0 is a seed.")] = 0,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Instances a call; default: the model's, halved if short of memory.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A generation parameter; repeatable.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Commit, branch or tag of the checkpoint.")] = None,
    dtype: Annotated[str, typer.Option(help="auto (bf16 on a GPU), bfloat16, float16, float32.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Do the I-th of N parts; default: the launcher's rank.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Instances under way at once, for models behind an API.")
    ] = None,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Run instances again whose model call raised.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count the calls and estimate their cost; run nothing.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]",
            help="Spread the run over Ray: a cluster's address, or `local` for one of this machine's own. Without "
            "ADDRESS the cluster that is running here (or in RAY_ADDRESS), else a local one.",
        ),
    ] = None,
    ray_shards: Annotated[int | None, typer.Option(min=1, help="Parts on Ray; default: one a GPU (or a core).")] = None,
    ray_gpus: Annotated[float, typer.Option(min=0.0, help="GPUs that each part on Ray needs.")] = 1.0,
) -> None:
    """Run a model through the protocols. Run it again to go on where it stopped.

    Several GPUs: torchrun, accelerate launch and srun set each process's part; --ray spreads parts over a
    Ray cluster; --shard does one by hand. All write into the same run folder.
    """
    from evaluator.cli.progress import Bar
    from evaluator.running import distributed, plan
    from evaluator.running.job import Asked
    from evaluator.running.run import run as run_model
    from evaluator.runs import sharding

    if ray is not None and shard is not None:
        raise UsageError("--ray shares the run out by itself; give --ray-shards N instead of --shard")
    part = sharding.parse_shard(shard) if shard else None
    asked: Asked = {
        "protocol": protocol,
        "limit_per_category": limit_per_category,
        "seed": seed,
        "batch_size": batch_size,
        "settings": settings(set_ or []),
        "revision": revision,
        "dtype": dtype,
        "device": device,
        "shard": part,
        "concurrency": concurrency,
        "retry_errors": retry_errors,
    }
    if dry_run:
        print(plan.plan(model, dataset, out=out, **asked).text())
        return
    if ray is not None:
        summary = distributed.run_on_ray(
            model, dataset, out=out, address=ray or None, shards=ray_shards, gpus_per_shard=ray_gpus, **asked
        )
    else:
        with Bar() as bar:
            summary = run_model(model, dataset, out=out, progress=bar, **asked)
    tell_run(summary)
    print(f"next: realunify judge {out} --judge SPEC")
    if summary.errors:
        if ray is None and part is None and sharding.launched_shard() is not None:
            # A launcher stops all other processes when one of them fails.
            print("exit status 0 all the same, so that the launcher lets the other parts finish; score counts them all")
        else:
            fail()


@app.command(rich_help_panel=Evaluate)
def sweep(
    model: Annotated[str, typer.Option(help="What to run; `realunify models` lists all.")],
    dataset: Annotated[str, typer.Option(help="A dataset folder, or ORG/NAME on the Hub.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder for the runs, the table and the plot.")],
    grid: Annotated[
        list[str], typer.Option("--grid", metavar="KEY=V1,V2,...", help="Values of a parameter; repeatable.")
    ],
    judge: Annotated[str | None, typer.Option(help="Who judges the images; without one only GEU is scored.")] = None,
    protocol: Annotated[
        str, typer.Option(help="direct, stepwise, oracle, several with commas, or all.")
    ] = "direct,stepwise",
    limit_per_category: Annotated[
        int | None, typer.Option(min=1, help="Only the first N instances of each category.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every generation.")] = 0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="The same in all runs; repeatable.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Commit, branch or tag of the checkpoint.")] = None,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Run instances again whose model call raised.")
    ] = False,
) -> None:
    """Run a grid of generation parameters. Compared in a table, sweep.csv and sweep.png."""
    from evaluator.cli.progress import Bar
    from evaluator.running import sweeping
    from evaluator.running.grid import parse_grid

    with Bar() as bar:
        done = sweeping.sweep(
            model,
            dataset,
            parse_grid(grid),
            out=out,
            judge=judge,
            settings=settings(set_ or []),
            protocol=protocol,
            limit_per_category=limit_per_category,
            seed=seed,
            revision=revision,
            retry_errors=retry_errors,
            progress=bar,
        )
    print(done.text())
    print(f"plot: {out / 'sweep.png'}")
    if done.errors:
        fail()


@app.command(rich_help_panel=Evaluate)
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder for everything that the demo makes.")] = Path(
        "demo"
    ),
    per_category: Annotated[int, typer.Option(help="Instances a category.")] = 10,
    serve: Annotated[bool, typer.Option("--serve", help="Show the leaderboard in a browser at the end.")] = False,
    port: Annotated[int, typer.Option(help="Where --serve shows it; 0 takes a free one.")] = 7860,
) -> None:
    """Do it all on tiny random stand-ins. Build, run, judge, score, report, rank."""
    from evaluator.cli import demo as demonstration

    demonstration.demo(out, per_category=per_category, serve=serve, port=port)
