"""Two answers to the same instances: how often only one of them is right, and what that says.

Used between two runs (`comparing`) and between two protocols of one run (`diagnosis`).

    >>> table = paired_table(scores.protocols["direct"], scores.protocols["stepwise"])
    >>> table["total"].points, table["total"].p
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.scoring import statistics
from evaluator.scoring.scores import ProtocolScores, title_of

TOTAL = "total"
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Difference:
    """Second minus first on the same `n` instances, in points, with a 95 % paired interval.

    `gained` are right in the second only, `lost` in the first only. `p` is McNemar's exact p-value,
    `p_holm` the same corrected over the categories of a table. Where one side has no score, `status`
    says why and the numbers are None.
    """

    name: str
    n: int
    status: str = "scored"
    first: float | None = None
    second: float | None = None
    points: float | None = None
    low: float | None = None
    high: float | None = None
    gained: int = 0
    lost: int = 0
    p: float | None = None
    p_holm: float | None = None

    @property
    def title(self) -> str:
        return title_of(self.name)

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance: the corrected p-value where there is one."""
        p = self.p if self.p_holm is None else self.p_holm
        return p is not None and p < SIGNIFICANT


def paired_table(one: ProtocolScores, other: ProtocolScores) -> dict[str, Difference]:
    """A difference for every category, axis and the total that either table has."""
    first, second = _right(one), _right(other)
    found: dict[str, Difference] = {}
    for name, tasks in _groups([*one.categories, *other.categories]):
        reasons = [
            table.categories[task].status
            for table in (one, other)
            for task in tasks
            if task in table.categories and table.categories[task].status != "scored"
        ]
        ids = sorted(key for key in first.keys() & second.keys() if _task(key) in tasks)
        if reasons or not ids:
            found[name] = Difference(name, len(ids), status=reasons[0] if reasons else "nothing in common")
        else:
            found[name] = paired(name, first, second, ids)
    return _corrected(found)


def paired(name: str, first: Mapping[str, bool], second: Mapping[str, bool], ids: Iterable[str]) -> Difference:
    """The difference over `ids`, which both must have."""
    pairs = [(first[key], second[key]) for key in ids]
    both, lost = pairs.count((True, True)), pairs.count((True, False))
    gained, neither = pairs.count((False, True)), pairs.count((False, False))
    points, low, high = statistics.paired_difference(both, gained, lost, neither)
    return Difference(
        name=name,
        n=len(pairs),
        first=100 * (both + lost) / len(pairs),
        second=100 * (both + gained) / len(pairs),
        points=100 * points,
        low=100 * low,
        high=100 * high,
        gained=gained,
        lost=lost,
        p=statistics.mcnemar(gained, lost),
    )


def _right(table: ProtocolScores) -> dict[str, bool]:
    return {row.id: row.outcome == "right" for row in table.instances}


def _task(instance_id: str) -> str:
    return instance_id.split("-")[1]


def _groups(present: Iterable[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """(name, its categories): every category, then each axis, then the total."""
    tasks = [task for task in CATEGORIES if task in set(present)]
    for task in tasks:
        yield task, frozenset([task])
    for axis in AXES:
        members = frozenset(task for task in tasks if CATEGORIES[task].axis == axis)
        if members:
            yield axis, members
    yield TOTAL, frozenset(tasks)


def _corrected(table: dict[str, Difference]) -> dict[str, Difference]:
    """With Holm's correction over the categories; axes and total are few and asked for by themselves."""
    names = [name for name, row in table.items() if name in CATEGORIES and row.p is not None]
    for name, p in zip(names, statistics.holm([table[name].p or 0.0 for name in names]), strict=True):
        table[name] = replace(table[name], p_holm=p)
    return table
