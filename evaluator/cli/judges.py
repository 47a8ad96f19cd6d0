"""Verbs about judges: judges, judge."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluator.cli.app import Evaluate, app, fail, settings
from evaluator.cli.options import DatasetOption, Run, show_families
from evaluator.cli.telling import tell_judge


@app.command(rich_help_panel=Evaluate)
def judges(
    spec: Annotated[
        str | None, typer.Argument(metavar="[SPEC]", help="A judge to load, such as tiny:qwen-vl: shows its revision.")
    ] = None,
) -> None:
    """List the judges. What each is, what it needs, whether that is installed, its revision and its cost.

    With SPEC that judge is loaded, and its exact revision and decoding are shown, as they go into judgements.
    """
    from evaluator.judging.judges.registry import FAMILIES, load_judge

    if spec is not None:
        loaded = load_judge(spec)
        print(f"{loaded.id}\n  revision  {loaded.revision}\n  decoding  {dict(loaded.decoding)}")
        print(f"  cost      {loaded.cost_text()}")
        if loaded.random_weights:
            print("  its weights are random: for trying things out, its answers mean nothing")
        loaded.close()
        return
    show_families(FAMILIES, lambda family: (f"revision: {FAMILIES[family.name].revision}", FAMILIES[family.name].cost))


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
    from evaluator.cli.progress import Bar
    from evaluator.judging import judge as judging
    from evaluator.models.base import LoadOptions
    from evaluator.runs import sharding

    options = LoadOptions(revision=revision, dtype=dtype, device=device, settings=settings(set_ or []))
    if verify:
        from evaluator.judging.verify import verify as compare

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
