"""One submission: its table with intervals, and every instance with all that the model made of it."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from dataset_builder.instance import Instance
from dataset_builder.taxonomy import AXES, CATEGORIES
from evaluator.protocols import PROTOCOLS, Column
from evaluator.records import Prediction
from evaluator.runs.pictures import open_image
from evaluator.scoring.outcomes import InstanceScore
from evaluator.scoring.scores import Cell, Scores
from leaderboard_space.board import Board
from leaderboard_space.pages.looks import html, render
from leaderboard_space.pages.submit import status_html, try_again
from leaderboard_space.store.records import Record, Result

_SIDE = 640
ALL = "all"
_NOTHING = '<p class="ru-empty">Nothing is scored yet.</p>'
_OUTCOMES = (ALL, "right", "wrong", "unparsed", "direct and stepwise differ")


def build(board: Board, page: gr.Blocks) -> None:
    chosen = gr.Dropdown([], label="Submission", elem_id="submission", allow_custom_value=False)
    head = html(elem_id="head")
    current = gr.Textbox(visible="hidden", elem_id="current")
    retry = gr.Button("Try again", visible=False, elem_id="retry")
    with gr.Column(visible=False) as browser:
        html('<div class="ru-section"><h2>Instances</h2></div>')
        with gr.Row():
            category = gr.Dropdown(_categories(), value=ALL, label="Category", min_width=220)
            outcome = gr.Dropdown(
                list(_OUTCOMES), value=ALL, label="Outcome", min_width=200, visible=board.reveals, elem_id="outcome"
            )
            instance = gr.Dropdown([], label="Instance", min_width=260, elem_id="instance")
        with gr.Row():
            back = gr.Button("\N{LEFTWARDS ARROW} Previous", size="sm")
            forth = gr.Button("Next \N{RIGHTWARDS ARROW}", size="sm", elem_id="next")
        case = html(elem_id="case")

    def opened(request: gr.Request) -> tuple[Any, ...]:
        return show(request.query_params.get("id"))

    def show(wanted: str | None) -> tuple[Any, ...]:
        choices = _choices(board)
        submission = wanted or (choices[0][1] if choices else None)
        result = _result(board, submission)
        card, state = status_html(board, submission) if submission else (_NOTHING, "unknown")
        if submission is not None and result is not None:
            # One that failed with a later judge still has its earlier scores.
            card = (card if state == "failed" else "") + head_html(board, submission, result)
        shown = submission if result is not None else None
        return (
            gr.update(choices=choices, value=shown),
            card,
            submission or "",
            gr.update(visible=state == "failed"),
            gr.update(visible=result is not None),
            *pick(shown, ALL, ALL),
        )

    def again(submission: str, request: gr.Request) -> tuple[Any, ...]:
        try_again(board, submission, request)
        return show(submission)

    def pick(submission: str | None, task: str, kind: str) -> tuple[Any, str]:
        names = matching(board, _result(board, submission), task, kind)
        first = names[0] if names else None
        return gr.update(choices=names, value=first, label=f"Instance ({len(names)})"), draw(submission, first)

    def draw(submission: str | None, name: str | None) -> str:
        result = _result(board, submission)
        if submission is None or result is None or name is None:
            return '<p class="ru-empty">No instance is like that.</p>'
        return case_html(board, submission, result, name)

    def step(by: int) -> Any:
        def moved(submission: str | None, task: str, kind: str, name: str | None) -> tuple[Any, str]:
            names = matching(board, _result(board, submission), task, kind)
            at = names.index(name) if name in names else 0
            new = names[(at + by) % len(names)] if names else None
            return gr.update(value=new), draw(submission, new)

        return moved

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    view = [chosen, head, current, retry, browser, instance, case]
    page.load(opened, None, view, **quiet)
    chosen.input(show, chosen, view, **quiet)
    retry.click(again, current, view, **quiet)
    for control in (category, outcome):
        control.input(pick, [chosen, category, outcome], [instance, case], **quiet)
    instance.input(draw, [chosen, instance], case, **quiet)
    back.click(step(-1), [chosen, category, outcome, instance], [instance, case], **quiet)
    forth.click(step(1), [chosen, category, outcome, instance], [instance, case], **quiet)


def _categories() -> list[tuple[str, str]]:
    return [("all", ALL), *((f"{c.axis.upper()} {c.title}", c.name) for c in CATEGORIES.values())]


def _choices(board: Board) -> list[tuple[str, str]]:
    """Scored submissions, the newest first; the others are known only to who has their id."""
    scored = [record for record in board.store.records() if board.store.results(record.id)]
    return [(f"{record.card.model}, {record.received[:10]} ({record.id})", record.id) for record in reversed(scored)]


def _result(board: Board, submission: str | None) -> Result | None:
    """The scores to show: those of the season on show, or else the latest."""
    if submission is None or board.store.record(submission) is None:
        return None
    season = board.season()
    results = board.store.results(submission)
    ours = [result for result in results if result.season == season]
    return max(ours or results, key=lambda result: result.scored, default=None)


def head_html(board: Board, submission: str, result: Result) -> str:
    record = board.store.record(submission)
    assert isinstance(record, Record)
    scores = result.scores
    rows = []
    for axis in AXES:
        for name in [*(c.name for c in CATEGORIES.values() if c.axis == axis), axis]:
            title = axis.upper() if name == axis else CATEGORIES[name].title
            rows.append(_row(scores, name, title, "axis" if name == axis else ""))
    rows.append(_row(scores, "total", "Total", "axis"))
    return render(
        "submission.html",
        record=record,
        random=record.submission.random_weights,
        placed=board.placed(submission),
        season=result.season,
        protocols=list(scores.protocols),
        rows=[row for row in rows if any(row["cells"])],
        missing=[line.split(";")[0] for line in scores.problems],
    )


def _row(scores: Scores, name: str, title: str, kind: str) -> dict[str, Any]:
    cells = []
    for table in scores.protocols.values():
        every: dict[str, Cell] = {**table.categories, **{str(axis): c for axis, c in table.axes.items()}}
        every["total"] = table.total
        cells.append(every.get(name))
    return {"title": title, "kind": kind, "cells": cells, "n": next((cell.n for cell in cells if cell), "")}


def matching(board: Board, result: Result | None, task: str, kind: str) -> list[str]:
    """The ids of the instances in a category whose outcome, under any protocol, is as asked."""
    if result is None:
        return []
    outcomes = {
        name: [rows[name].outcome for rows in _by_protocol(result).values() if name in rows]
        for name in board.instances()
    }
    found = []
    for name, instance in board.instances().items():
        if task not in (ALL, instance.task_type):
            continue
        if not board.reveals or kind == ALL or kind in outcomes[name]:
            found.append(name)
        elif kind == _OUTCOMES[-1] and len({one == "right" for one in outcomes[name][:2]}) > 1:
            found.append(name)
    return found


def _by_protocol(result: Result) -> dict[str, dict[str, InstanceScore]]:
    return {name: {row.id: row for row in table.instances} for name, table in result.scores.protocols.items()}


def case_html(board: Board, submission: str, result: Result, name: str) -> str:
    """One instance with a column a protocol: every step, the outcome, and the judge's answers."""
    instance = board.instance(name)
    run = board.run(submission)
    predictions = board.predictions(submission)
    rows = _by_protocol(result)
    columns = [
        _column(board, instance, protocol, predictions.get((name, protocol)), rows[protocol].get(name), run.path)
        for protocol in result.scores.protocols
        if run is not None
    ]
    return render(
        "instance.html",
        instance=instance,
        title=CATEGORIES[instance.task_type].title,
        reveals=board.reveals,
        picture=_encoded(instance.image) if instance.image else None,
        columns=columns,
    )


def _column(
    board: Board,
    instance: Instance,
    protocol: str,
    prediction: Prediction | None,
    row: InstanceScore | None,
    folder: Path,
) -> dict[str, Any]:
    outcome = row.outcome if row is not None else "not supported"
    shown = board.reveals or row is None
    return {
        "protocol": protocol,
        "outcome": outcome if shown else "",
        "tone": outcome if outcome in ("right", "wrong") else "other",
        "choice": row.choice if row else None,
        "given": _given(board, instance, protocol) if prediction else None,
        "nothing": _nothing(prediction, row),
        "steps": [
            {**step.model_dump(), "picture": _file_uri(str(folder / step.image)) if step.image else None}
            for step in (prediction.steps if prediction else ())
        ],
        "polls": _polls(instance, row, board.reveals) if prediction else [],
    }


def _given(board: Board, instance: Instance, protocol: str) -> str | None:
    """The perfect intermediate, where the protocol hands one over; the instance's own picture stands above."""
    handed = any(step.image == Column("reference_image") for step in PROTOCOLS[protocol].steps[instance.axis])
    return _encoded(instance.reference_image) if handed and board.reveals and instance.reference_image else None


def _nothing(prediction: Prediction | None, row: InstanceScore | None) -> str:
    if prediction is None:
        return "" if row is None else "There is no prediction; it counts as wrong."
    if prediction.refusal:
        return f"Refused: {prediction.refusal}"
    return "The model failed on this instance; it counts as wrong." if prediction.error else ""


def _polls(instance: Instance, row: InstanceScore | None, reveals: bool) -> list[dict[str, Any]]:
    """The questions with their replies; while a season is blind not even the questions are shown."""
    if not reveals:
        return []
    replies: Sequence[str | None] = row.replies if row else []
    polls = []
    for number, entry in enumerate(instance.question_list):
        reply = replies[number] if number < len(replies) else None
        tone = "other" if reply not in ("yes", "no") else "right" if reply == entry.answer else "wrong"
        polls.append({"question": entry.question, "stored": entry.answer, "reply": reply, "tone": tone})
    return polls


@functools.lru_cache(maxsize=256)
def _file_uri(path: str) -> str | None:
    """A picture of an upload, made anew and small, so that no byte of the upload reaches a browser."""
    image = open_image(Path(path))
    return None if image is None else _uri(image)


def _encoded(data: bytes) -> str:
    from PIL import Image

    return _uri(Image.open(io.BytesIO(data)).convert("RGB"))


def _uri(image: Any) -> str:
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82, method=3)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
