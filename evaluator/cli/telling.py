"""What a run or a judge did, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def tell_run(summary: object) -> None:
    """What a run did, in a few lines."""
    from evaluator.running.executing import RunSummary

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


def tell_judge(summary: object) -> None:
    """What a judge did, in a few lines."""
    from evaluator.judging.session import JudgeSummary

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
