"""The first page: the ranking of a season, direct beside stepwise, and the paper's results apart from it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from dataset_builder.taxonomy import CATEGORIES
from evaluator.protocols import PROTOCOLS
from leaderboard_space.board import Board
from leaderboard_space.pages import charts, tables
from leaderboard_space.pages.looks import html, render
from leaderboard_space.ranking.ranks import ranked
from leaderboard_space.ranking.reported import reported
from leaderboard_space.store.records import Season
from leaderboard_space.store.seasons import waiting

READING = (
    "Stepwise right of direct: the ability is there and is not used end to end. "
    "Left of it: the intermediate step itself is too poor."
)
# Ten categories, each as wide as its longest word asks, fit beside rank, model and weights at 1280 pixels; the
# submission's id may stand outside.
_WIDTHS = [f"{max(86, 50 + 4 * max(map(len, category.title.split())))}px" for category in CATEGORIES.values()]
_CATEGORY_WIDTHS = ["60px", "168px", "68px", *_WIDTHS, "280px"]
_REPORTED_WIDTHS = ["210px", *_WIDTHS]
_OPEN = """(id) => { if (id) {
  const root = (window.gradio_config && window.gradio_config.root) || "";
  window.location.href = root + "/submissions?id=" + encodeURIComponent(id);
} }"""


def build(board: Board, page: gr.Blocks) -> None:
    # The first paint has content already; the page's load event brings it up to date.
    first = view(board, "direct", None)
    facts = html(first[0], elem_id="facts")
    with gr.Row():
        protocol = gr.Radio(
            list(PROTOCOLS), value="direct", label="Protocol that ranks", elem_id="protocol", min_width=300, scale=2
        )
        season = gr.Dropdown(**first[1], label="Season", scale=3, elem_id="season")
    with gr.Tabs():
        with gr.Tab("Ranking"):
            ranking = _table("ranking", first[2])
        with gr.Tab("Ten categories"):
            key = html(_key("direct"), elem_id="categories-key")
            categories = _table("categories", first[3], _CATEGORY_WIDTHS)
    html(
        f'<p class="ru-legendline">Choose a row to look at every instance. Rank 2 (1\N{EN DASH}4): second by Total, '
        "anything from first to fourth within the 95 % intervals. Per cent right; chance is 25 in GEU. "
        f"{tables.SHORT_LEGEND}</p>"
    )
    chart = html(first[4], elem_id="chart")
    _reported_section()

    shown = [facts, season, ranking, key, categories, chart]

    def refresh(name: str, wanted: str | None) -> tuple[Any, ...]:
        head, seasons, rows, cells, drawing = view(board, name, wanted)
        return head, gr.update(**seasons), gr.update(**rows), _key(name), gr.update(**cells), drawing

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page.load(refresh, [protocol, season], shown, **quiet)
    protocol.change(refresh, [protocol, season], shown, **quiet)
    season.input(refresh, [protocol, season], shown, **quiet)
    chosen = gr.Textbox(visible="hidden", elem_id="chosen")
    for table in (ranking, categories):
        table.select(_chosen, None, chosen, **quiet).then(None, chosen, None, js=_OPEN, api_visibility="private")


def view(
    board: Board, protocol: str, key: str | None
) -> tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], str]:
    """What the page shows: the facts, the choice of season, both tables and the chart."""
    current = board.season(key)
    rows = ranked(board.entries(current), protocol)
    return (
        _facts(board, current, sum(row.rank is not None for row in rows)),
        _season_choice(board, current),
        _filled(tables.ranking_table(rows, protocol)),
        _filled(tables.category_table(rows, protocol)),
        _section("Direct and stepwise", READING)
        + charts.chart(charts.ranking_panels(rows), "Nothing is scored yet. Be the first: see Submit."),
    )


def _chosen(event: gr.SelectData) -> str:
    """The submission's id: the last cell of the row."""
    return str(event.row_value[-1]) if event.row_value else ""


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    return {"value": table, "datatype": tables.datatypes(table)}


def _key(protocol: str) -> str:
    """How a cell of the ten categories is to be read."""
    names = " / ".join(f"<b>{name}</b>" for name in tables.beside(protocol))
    return f'<p class="ru-legendline">A cell reads {names}; it sorts by, and is shaded by, {protocol}.</p>'


def _table(name: str, filled: dict[str, Any], widths: list[str] | None = None) -> gr.Dataframe:
    return gr.Dataframe(
        **filled,
        interactive=False,
        show_search="filter",
        pinned_columns=2,
        max_height=620,
        max_chars=32,
        column_widths=widths,
        elem_id=name,
        elem_classes=["ru-table", "ru-narrow"] if widths else ["ru-table"],
        buttons=["fullscreen", "copy"],
    )


def _facts(board: Board, season: Season | None, count: int) -> str:
    return render("hero.html") + render(
        "facts.html",
        dataset=season.dataset if season else board.dataset.id,
        sha=season.content_sha256 if season else board.dataset.content_sha256,
        judge=season.judge if season else board.judge,
        judge_revision=season.judge_revision if season else "",
        ranked=count,
        waiting=len(waiting(board.store, season)) if season else 0,
        instances=board.dataset.info.instances,
        problem=board.judge_problem,
        unreadable=board.store.unreadable,
    )


def _season_choice(board: Board, current: Season | None) -> dict[str, Any]:
    every = board.seasons()
    choices = [(season.title, season.key) for season in every]
    return {"choices": choices, "value": current.key if current else None, "visible": len(every) > 1}


def _section(title: str, text: str) -> str:
    return f'<div class="ru-section"><h2>{title}</h2><p>{text}</p></div>'


def _reported_section() -> None:
    rows = reported()
    html(
        _section(
            "Reported in the paper on the authors\N{RIGHT SINGLE QUOTATION MARK} dataset (not comparable)",
            "For reference only: other instances, other judge, never part of the ranking above. "
            "arXiv 2509.24897v2, Tables 2, 3 and 5; Total is 0.6 UEG + 0.4 GEU where both are reported.",
        )
        + charts.chart(charts.reported_panels(rows))
    )
    with gr.Tabs():
        with gr.Tab("Total and axes"):
            _reported_table("reported", tables.reported_table(rows))
        with gr.Tab("Ten categories"):
            html(_key("direct"))
            _reported_table("reported-categories", tables.reported_category_table(rows), _REPORTED_WIDTHS)


def _reported_table(name: str, table: dict[str, Any], widths: list[str] | None = None) -> None:
    gr.Dataframe(
        **_filled(table),
        interactive=False,
        show_search="search",
        pinned_columns=1,
        max_height=720,
        column_widths=widths,
        elem_id=name,
        elem_classes=["ru-table", "ru-reported", *(["ru-narrow"] if widths else [])],
        buttons=["fullscreen", "copy"],
    )
