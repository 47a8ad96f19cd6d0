"""The borders of ranking: intervals that touch, ties, what stands below, and the laws for any number of entries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.scoring.scores import Cell
from leaderboard_space.ranking.ranks import Entry, Ranked, ranked
from tests.leaderboard_space.ranking.test_ranking import cell, entry

Interval = tuple[float, float, float]


def between(low: float, score: float, high: float) -> Cell:
    return Cell(status="scored", n=10, score=score, low=low, high=high)


def places(*intervals: Interval) -> list[tuple[int | None, int | None, int | None]]:
    """(rank, best, worst) of each, in the order given."""
    entries = [entry(str(n), between(*interval)) for n, interval in enumerate(intervals)]
    found = {row.entry.id: (row.rank, row.best, row.worst) for row in ranked(entries, "direct")}
    return [found[str(n)] for n in range(len(intervals))]


@pytest.mark.parametrize(
    ("one", "other", "clear"),
    [
        ((40, 45, 50), (50, 55, 60), False),  # they touch
        ((40, 45, 49.9), (50, 55, 60), True),
        ((40, 45, 50), (49.9, 55, 60), False),
        ((40, 50, 60), (45, 50.1, 55), False),
    ],
)
def test_only_an_interval_wholly_above_is_clearly_ahead(one: Interval, other: Interval, clear: bool) -> None:
    behind, ahead = places(one, other)
    assert (behind, ahead) == (((2, 2, 2), (1, 1, 1)) if clear else ((2, 1, 2), (1, 1, 2)))


def test_an_interval_of_one_point_is_not_ahead_of_itself() -> None:
    assert places((0, 0, 0), (0, 0, 0), (100, 100, 100)) == [(2, 2, 3), (2, 2, 3), (1, 1, 1)]


def test_a_score_of_nothing_is_behind_half_a_point() -> None:
    assert places((0, 0, 3), (0, 0.5, 3)) == [(2, 1, 2), (1, 1, 2)]


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 3).map(sorted), min_size=1, max_size=9))
def test_the_laws_of_ranks(drawn: list[list[int]]) -> None:
    intervals: list[Interval] = [(low, score, high) for low, score, high in drawn]
    found = places(*intervals)
    for (low, score, high), (rank, best, worst) in zip(intervals, found, strict=True):
        assert rank == 1 + sum(other > score for _, other, _ in intervals)
        assert best is not None and worst is not None and 1 <= best <= rank <= worst <= len(intervals)
        assert best == 1 + sum(other_low > high for other_low, _, _ in intervals)
        assert len(intervals) - worst == sum(other_high < low for _, _, other_high in intervals)
    assert places(*intervals[::-1]) == found[::-1], "the order in which they were submitted is nothing"


def test_the_best_stand_first_and_equal_ones_by_axes_then_by_id() -> None:
    def both(name: str, total: float | None, ueg: float | None, geu: float | None) -> Entry:
        one = entry(name, cell(total, 3, status="not supported"))
        table = one.scores.protocols["direct"]
        axes: Any = {"ueg": cell(ueg, status="not supported"), "geu": cell(geu, status="not supported")}
        tables = {"direct": table.model_copy(update={"axes": axes})}
        return Entry(**{**one.__dict__, "scores": one.scores.model_copy(update={"protocols": tables})})

    rows = ranked(
        [
            both("f", None, None, None), both("e", None, 10.0, None), both("d", None, None, 30.0),
            both("b", 50.0, 1, 2),
            both("c", 0.0, 0, 0), both("a2", 50.0, 60, 2), both("a1", 50.0, 60, 2), both("top", 51.0, 0, 0),
        ],
        "direct",
    )  # fmt: skip
    assert [row.entry.id for row in rows] == ["top", "a1", "a2", "b", "c", "d", "e", "f"]
    assert [row.rank for row in rows] == [1, 2, 2, 2, 5, None, None, None]


def test_a_score_without_an_interval_has_no_rank() -> None:
    half = Cell(status="scored", n=10, score=99.0, low=98.0)
    rows = ranked(
        [entry("a", half), entry("b", cell(10, 1)), entry("c", Cell(status="scored", n=1, score=1, high=2))], "direct"
    )
    assert [(row.entry.id, row.rank, row.worst) for row in rows] == [("a", None, None), ("b", 1, 1), ("c", None, None)]


def test_the_cells_of_an_entry() -> None:
    one = entry("a", cell(10.0), cell(20.0))
    assert (one.score("direct"), one.score("stepwise"), one.score("oracle")) == (10.0, 20.0, None)
    assert (one.score("direct", "ueg"), one.score("stepwise", "geu")) == (50.0, 20.0)
    assert one.score("direct", "mental_tracking") == 40.0 and one.score("direct", "world_knowledge") is None
    bare = one.scores.protocols["direct"].model_copy(update={"axes": {}})
    alone = Entry(**{**one.__dict__, "scores": one.scores.model_copy(update={"protocols": {"direct": bare}})})
    assert alone.score("direct", "ueg") is None


def test_a_rank_in_words() -> None:
    one = entry("a", cell(10.0))
    assert [Ranked(one, *numbers).text for numbers in ((), (2, 2, 2), (2, 1, 2), (2, 2, 3))] == [
        "", "2", "2 (1\N{EN DASH}2)", "2 (2\N{EN DASH}3)",
    ]  # fmt: skip
