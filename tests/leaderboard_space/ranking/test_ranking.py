"""Ranks, ties, rank intervals, and what has no rank; the paper's rows; the tables' cells."""

from __future__ import annotations

from typing import Any

import pytest

from evaluator.runs.manifest import DatasetRef
from evaluator.scoring.scores import Cell, ProtocolScores, Scores
from leaderboard_space.pages import charts, tables
from leaderboard_space.ranking.ranks import Entry, ranked
from leaderboard_space.ranking.reported import reported


def cell(score: float | None, half: float = 0.0, status: Any = "scored") -> Cell:
    if score is None:
        return Cell(status=status, n=10)
    return Cell(status="scored", n=10, score=score, low=score - half, high=score + half, counts={"unparsed": 2})


def entry(name: str, direct: Cell, geu_stepwise: Cell | None = None, **more: Any) -> Entry:
    def table(total: Cell, geu: Cell) -> ProtocolScores:
        axes = {"ueg": cell(50.0), "geu": geu}
        return ProtocolScores(categories={"mental_tracking": geu}, axes=axes, total=total, instances=[])  # type: ignore[arg-type]

    protocols = {"direct": table(direct, cell(40.0))}
    if geu_stepwise is not None:
        protocols["stepwise"] = table(geu_stepwise, geu_stepwise)
    scores = Scores(
        model=name,
        model_revision="1",
        dataset=DatasetRef(id="d", content_sha256="0", instances=10),
        protocols=protocols,
    )
    fields = {"organisation": "", "received": "2026-11-23T00:00:00+00:00", "random_weights": False, **more}
    return Entry(id=name, model=name, scores=scores, **fields)


def places(*entries: Entry) -> list[tuple[str, str]]:
    return [(row.entry.model, row.text) for row in ranked(entries, "direct")]


def test_rank_interval_counts_only_intervals_that_do_not_overlap() -> None:
    found = places(entry("c", cell(30, 5)), entry("a", cell(80, 5)), entry("b", cell(36, 5)), entry("d", cell(10, 5)))
    assert found == [("a", "1"), ("b", "2 (2\N{EN DASH}3)"), ("c", "3 (2\N{EN DASH}3)"), ("d", "4")]


def test_equal_totals_share_a_rank_and_the_next_is_left_out() -> None:
    found = ranked([entry("a", cell(50, 5)), entry("b", cell(50, 5)), entry("c", cell(20, 5))], "direct")
    assert [(row.rank, row.best, row.worst) for row in found] == [(1, 1, 2), (1, 1, 2), (3, 3, 3)]


def test_not_supported_has_no_rank_and_stands_below_a_zero() -> None:
    found = places(entry("cannot", cell(None, status="not supported")), entry("zero", cell(0.0, 3)))
    assert found == [("zero", "1"), ("cannot", "")]


def test_a_protocol_that_was_not_submitted_has_no_rank() -> None:
    rows = ranked([entry("a", cell(50)), entry("b", cell(20), cell(60.0))], "stepwise")
    assert [(row.entry.model, row.rank) for row in rows] == [("b", 1), ("a", None)]


def column(table: dict[str, Any], header: str) -> list[tuple[Any, str]]:
    at = table["headers"].index(header)
    shown = table["metadata"]["display_value"]
    return [(values[at], texts[at]) for values, texts in zip(table["data"], shown, strict=True)]


def test_cells_sort_as_numbers_and_say_not_supported_in_words() -> None:
    rows = ranked(
        [
            entry("a", cell(9.5), cell(None, status="not supported")),
            entry("b", cell(41.25), cell(33.0)),
            entry("c", cell(5.0)),
        ],
        "direct",
    )
    table = tables.ranking_table(rows, "direct")
    assert column(table, "Total direct") == [(41.25, "41.2"), (9.5, "9.5"), (5.0, "5.0")]
    assert column(table, "GEU stepwise") == [(33.0, "33.0"), (None, "not supported"), (None, tables.NOTHING)]
    assert column(table, "Unparsed") == [(2, "2")] * 3
    types = dict(zip(table["headers"], tables.datatypes(table), strict=True))
    assert [types[name] for name in ("Rank", "Total direct", "GEU stepwise")] == ["number"] * 3
    assert [types[name] for name in ("Model", "95 % interval", "Submission")] == ["str"] * 3
    by_category = tables.category_table(
        ranked([entry("a", cell(1), cell(None, status="not supported"))], "stepwise"), "stepwise"
    )
    assert column(by_category, "Mental Tracking") == [(None, "40.0 / n.s.")]


@pytest.mark.parametrize(
    ("protocol", "shown"),
    [
        ("direct", (40.0, "40.0 / 62.5")),
        ("stepwise", (62.5, "40.0 / 62.5")),
        ("oracle", (None, "40.0 / 62.5 / \N{EN DASH}")),
    ],
)
def test_a_category_shows_direct_and_stepwise_and_sorts_by_what_ranks(protocol: str, shown: tuple[Any, str]) -> None:
    rows = ranked([entry("a", cell(1), cell(62.5)), entry("b", cell(100.0))], protocol)
    table = tables.category_table(rows, protocol)
    assert shown in column(table, "Mental Tracking")
    types = dict(zip(table["headers"], tables.datatypes(table), strict=True))
    assert types["Mental Tracking"] == "number"


def test_the_papers_category_cells_are_shown() -> None:
    table = tables.reported_category_table(reported())
    shown = dict(zip([name for name, _ in column(table, "Model")], column(table, "World Knowledge"), strict=True))
    assert shown["BAGEL"] == (46.0, "46 / 74")
    assert shown["Nano Banana"] == (89.0, "89 / \N{EN DASH}")
    cells = sum(text.count(" / ") == 1 for row in table["metadata"]["display_value"] for text in row[1:])
    assert cells == 19 * 10
    numbers = sum(
        part != tables.NOTHING
        for row in table["metadata"]["display_value"]
        for text in row[1:]
        for part in text.split(" / ")
    )
    assert numbers == 258


def test_random_weights_are_named_wherever_the_model_is() -> None:
    rows = ranked([entry("stand-in", cell(25.0), random_weights=True)], "direct")
    for table in (tables.ranking_table(rows, "direct"), tables.category_table(rows, "direct")):
        assert (column(table, "Model")[0][1], column(table, "Weights")[0][1]) == ("stand-in", "random")
    assert "random weights" in charts.chart(charts.ranking_panels(rows))


def test_the_chart_escapes_names_and_says_what_is_missing() -> None:
    hostile = "<script>alert(1)</script>"
    rows = ranked([entry(hostile, cell(50.0, 5), cell(None, status="not supported"))], "direct")
    html = charts.chart(charts.ranking_panels(rows))
    assert hostile not in html
    assert "&lt;script&gt;" in html
    assert "stepwise not supported" in html


def test_an_empty_chart_says_so() -> None:
    assert "Nothing here" in charts.chart(charts.ranking_panels([]), "Nothing here")


@pytest.mark.parametrize(
    ("model", "protocol", "what", "score"),
    [
        ("BAGEL", "direct", "ueg", 32.7),
        ("BAGEL", "stepwise", "ueg", 47.7),
        ("Nano Banana", "direct", "ueg", 63.0),
        ("OmniGen2", "stepwise", "ueg", 32.5),
        ("BAGEL", "direct", "total", 35.3),
        ("Janus-Pro", "stepwise", "total", None),
        ("GPT-4.1", "direct", "total", None),
        ("Nano Banana", "stepwise", "ueg", None),
    ],
)
def test_reported_results(model: str, protocol: str, what: str, score: float | None) -> None:
    row = next(row for row in reported() if row.model == model)
    found = row.score(protocol, what)
    assert found is None if score is None else found == pytest.approx(score, abs=0.051)


def test_every_reported_cell_is_there_once() -> None:
    assert sum(len(row.cells) for row in reported()) == 258
    assert len(reported()) == 19
