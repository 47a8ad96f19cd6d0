"""The level of an instance follows the work that it takes, as its category measures it (`work` in the metadata)."""

from __future__ import annotations

from collections.abc import Sequence

from dataset_builder.audits._rule import FoundIn, Seen, WholeRule, meta_of, ours_ueg
from dataset_builder.audits.schema import LEVELS
from dataset_builder.instance import Instance

LEAST = 0.8


def correlation(instances: Sequence[Instance]) -> float | None:
    """Spearman's rank correlation of level and work; None where no work is measured or all is alike."""
    from scipy.stats import spearmanr

    pairs = [(LEVELS.index(i.difficulty), meta["work"]) for i in instances if "work" in (meta := meta_of(i))]
    if len({level for level, _ in pairs}) < 2 or len({work for _, work in pairs}) < 2:
        return None
    return float(spearmanr(*zip(*pairs, strict=True)).statistic)


def follows(rows: Sequence[Seen]) -> FoundIn:
    """Rank correlation of at least 0.8, and no level without its work."""
    task = rows[0].instance.task_type
    for row in rows:
        if "work" not in meta_of(row.instance):
            yield row.instance.id, "its metadata measures no work", "have the category measure it"
    rho = correlation([row.instance for row in rows])
    if rho is not None and rho < LEAST:
        yield task, f"level and work agree by {rho:.2f} only, needs {LEAST}", "cut the levels at thresholds of the work"


WHOLE = (WholeRule("work", "levels follow the work of a solver (rank correlation at least 0.8)", follows, ours_ueg),)
