"""Verbs that make and judge predictions: models, judges, run, judge, demo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataset_builder.errors import UsageError
from evaluator.cli.app import Evaluate, app, fail, settings

if TYPE_CHECKING:
    from evaluator.models.registry import Family

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
DatasetOption = Annotated[
    Path | None, typer.Option("--dataset", help="The run's dataset, where it is not at the place noted in the run.")
]


@app.command(rich_help_panel=Evaluate)
def models() -> None:
    """List the ways to run a model. What each can do, what it needs, whether that is installed."""
    from evaluator.models.registry import FAMILIES

    _families(FAMILIES)
    print("Your own class needs no registration: --model package.module:Class (see the README).")


@app.command(rich_help_panel=Evaluate)
def judges(
    spec: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="A judge to load, such as tiny:qwen-vl: shows its revision.")
    ] = None,
) -> None:
    """List the judges. What each is, what it needs, whether that is installed, its revision and its cost.

    With SPEC that judge is loaded, and its exact revision and decoding are shown, as they go into judgements.
    """
    from evaluator.judges.registry import FAMILIES, load_judge

    if spec is not None:
        loaded = load_judge(spec)
        print(f"{loaded.id}\n  revision  {loaded.revision}\n  decoding  {dict(loaded.decoding)}")
        print(f"  cost      {loaded.cost_text()}")
        if loaded.random_weights:
            print("  its weights are random: for trying things out, its answers mean nothing")
        loaded.close()
        return
    _families(FAMILIES, lambda family: (f"revision: {FAMILIES[family.name].revision}", FAMILIES[family.name].cost))


def _families(families: Mapping[str, Family], beside: Callable[[Family], Sequence[str]] = lambda family: ()) -> None:
    for family in families.values():
        state = "installed" if not family.missing else f"not installed: pip install 'realunify[{family.extra}]'"
        print(f"{family.name:10s}{family.summary}")
        print(f"{'':10s}{'; '.join([f'can {family.capabilities}', *beside(family), state])}")
        print(f"{'':10s}--> {family.example}\n")


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
    from evaluator import distributed, running, sharding
    from evaluator.models.base import LoadOptions
    from evaluator.progress import Bar

    if ray is not None and shard is not None:
        raise UsageError("--ray shares the run out by itself; give --ray-shards N instead of --shard")
    part = sharding.parse_shard(shard) if shard else None
    if dry_run:
        found = running.plan(
            model,
            dataset,
            out=out,
            protocol=protocol,
            limit_per_category=limit_per_category,
            seed=seed,
            shard=part,
            retry_errors=retry_errors,
            options=LoadOptions(revision=revision, dtype=dtype, device=device, settings=settings(set_ or [])),
        )
        print(found.text())
        return
    asked: dict[str, Any] = {
        "out": out,
        "protocol": protocol,
        "limit_per_category": limit_per_category,
        "seed": seed,
        "batch_size": batch_size,
        "settings": settings(set_ or []),
        "revision": revision,
        "dtype": dtype,
        "device": device,
        "concurrency": concurrency,
        "retry_errors": retry_errors,
    }
    if ray is not None:
        summary = distributed.run_on_ray(
            model, dataset, address=ray or None, shards=ray_shards, gpus_per_shard=ray_gpus, **asked
        )
    else:
        with Bar() as bar:
            summary = running.run(model, dataset, shard=part, progress=bar, **asked)
    tell_run(summary)
    print(f"next: realunify judge {out} --judge SPEC")
    if summary.errors:
        if ray is None and part is None and sharding.launched_shard() is not None:
            # A launcher stops all other processes when one of them fails.
            print("exit status 0 all the same, so that the launcher lets the other parts finish; score counts them all")
        else:
            fail()


def tell_run(summary: object) -> None:
    """What a run did, in a few lines."""
    from evaluator.running import RunSummary

    assert isinstance(summary, RunSummary)
    earlier = f", {summary.already} from before" if summary.already else ""
    print(f"{summary.path}: {summary.done} predictions made{earlier}, {summary.total} in all")
    for line in summary.not_supported:
        print(f"  not supported: {line}")
    for line in summary.notes:
        print(f"  {line}")
    if summary.usage:
        print(f"  used: {_usage(summary.usage)}")
    if summary.refusals:
        print(f"  {summary.refusals} refused by the model or its provider")
    if summary.errors:
        print(f"  {summary.errors} failed (see `error` in predictions.jsonl); run again with --retry-errors")


def _usage(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)


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
    from evaluator import sweeping
    from evaluator.progress import Bar

    with Bar() as bar:
        done = sweeping.sweep(
            model,
            dataset,
            sweeping.parse_grid(grid),
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
def judge(
    run: Run,
    judge: Annotated[str, typer.Option(help="Who judges, such as local:CHECKPOINT; `realunify judges` lists all.")],
    dataset: DatasetOption = None,
    shard: Annotated[str | None, typer.Option(metavar="I/N", help="Judge the I-th of N parts.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="The judge's options, repeatable: batch_size, mode (local); concurrency, max_tokens, max_calls and "
            "max_cost in dollars (gemini, openai: the budget).",
        ),
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Commit, branch or tag of a local judge's checkpoint.")] = None,
    dtype: Annotated[str, typer.Option(help="auto (bf16 on a GPU), bfloat16, float16, float32.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help="Take answers from the cache that all runs share, and add to it.")
    ] = True,
    verify: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Judge nothing: answer N random questions in a local judge's fast way and by "
            "plain generate, and compare.",
        ),
    ] = 0,
) -> None:
    """Ask a judge about a run's images. Run it again to go on where it stopped.

    An image that is missing or broken is not asked about and scores 0; a judge's failure is asked again the
    next time, and a reply that is neither yes nor no is kept as `unparsed`.
    """
    from evaluator import judging, sharding
    from evaluator.models.base import LoadOptions
    from evaluator.progress import Bar

    options = LoadOptions(revision=revision, dtype=dtype, device=device, settings=settings(set_ or []))
    if verify:
        from evaluator.judges.verify import verify as compare

        found = compare(run, judge, verify, dataset=dataset, options=options)
        print(found.text())
        if found.agreed < found.asked:
            fail()
        return
    with Bar("questions") as bar:
        summary = judging.judge(
            run,
            judge,
            dataset=dataset,
            shard=sharding.parse_shard(shard) if shard else None,
            options=options,
            cache=None if cache else False,
            progress=bar,
        )
    tell_judge(summary)
    if summary.errors:
        fail()
    print(f"next: realunify score {run}")


def tell_judge(summary: object) -> None:
    """What a judge did, in a few lines."""
    from evaluator.judging import JudgeSummary

    assert isinstance(summary, JudgeSummary)
    earlier = f", {summary.already} from before" if summary.already else ""
    print(f"{summary.path}: {summary.asked - summary.errors} questions answered by {summary.judge}{earlier}")
    if summary.cached:
        print(f"  {summary.cached} replies came from the cache, without a call")
    for line in dict.fromkeys(summary.notes):
        print(f"  {line}")
    if summary.usage:
        print(f"  used: {_usage(summary.usage)}{f', about {summary.cost:.2f} US dollars' if summary.cost else ''}")
    if summary.unparsed:
        print(f"  {summary.unparsed} replies were neither yes nor no (unparsed)")
    if summary.no_image:
        print(f"  {summary.no_image} images missing or undecodable: these score 0")
    if summary.errors:
        print(f"  {summary.errors} questions failed on the judge's side; run again to ask them again")


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
    from evaluator import demo as demonstration

    demonstration.demo(out, per_category=per_category, serve=serve, port=port)
