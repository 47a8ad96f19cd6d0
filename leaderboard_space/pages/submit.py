"""The upload form, and the endpoints `/submit` and `/status` that `realunify submit` uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gradio as gr

from dataset_builder.errors import RealUnifyError
from leaderboard_space.board import Board
from leaderboard_space.pages.looks import html, render
from leaderboard_space.store.records import FINAL
from leaderboard_space.store.submissions import FIELDS, stated_fields

_ORDER = ("queued", "unpacking", "judging", "scoring", "scored")
_HOW = """
1. `realunify run --model SPEC --dataset DIR --protocol all -o RUN`
2. `realunify pack RUN -o FILE.zip`, and here, or `realunify submit FILE.zip --space URL`

The upload is checked at once: either every problem is listed and nothing is stored, or it is judged and scored on
this server. Scores inside an upload are never read.
"""


def on_a_space() -> bool:
    """Signing in exists only on a Space; elsewhere its button cannot even be drawn."""
    return bool(os.environ.get("SPACE_ID"))


def build(board: Board, page: gr.Blocks) -> None:
    gr.Markdown("# Submit a run\n" + _HOW, elem_classes=["ru-about"])
    if on_a_space():
        gr.LoginButton()
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            file = gr.File(label="Bundle (.zip)", file_types=[".zip"], type="filepath", height=150, elem_id="bundle")
            button = gr.Button("Check and submit", variant="primary", elem_id="send")
        with gr.Column(scale=6, min_width=320):
            fields = _fields()
    receipt = gr.JSON(visible="hidden")
    shown = html(elem_id="status")
    clock = gr.Timer(1.5, active=False)
    current = gr.Textbox(visible="hidden", elem_id="current")
    retry = gr.Button("Try again", visible=False, elem_id="retry")

    file.upload(_prefill, file, fields, api_visibility="private", show_progress="hidden")
    sending = button.click(
        _receiver(board), [file, *fields], receipt, api_name="submit", concurrency_limit=2, concurrency_id="submit"
    )
    view = [shown, current, clock, retry]

    def follow(answer: dict[str, Any] | None) -> tuple[Any, ...]:
        answer = answer or {}
        if not answer.get("id"):
            return (
                render("problems.html", problems=answer.get("problems", [])),
                "",
                gr.Timer(active=False),
                gr.update(visible=False),
            )
        return look(str(answer["id"]))

    def look(submission: str) -> tuple[Any, ...]:
        card, state = status_html(board, submission)
        over = state in FINAL or state == "unknown"
        return card, submission, gr.Timer(active=not over), gr.update(visible=state == "failed")

    def again(submission: str, request: gr.Request) -> tuple[Any, ...]:
        try_again(board, submission, request)
        return look(submission)

    sending.then(follow, receipt, view, api_visibility="private", show_progress="hidden")
    clock.tick(look, current, view, api_visibility="private", show_progress="hidden")
    retry.click(again, current, view, api_visibility="private")
    gr.api(_status(board), api_name="status")


def _fields() -> list[gr.Textbox]:
    """The form over what the bundle says; empty means: as in the bundle."""
    with gr.Row():
        model = gr.Textbox(label="Model", max_length=100, elem_id="model")
        organisation = gr.Textbox(label="Organisation", max_length=100)
    with gr.Row():
        url = gr.Textbox(label="Address", placeholder="https://", max_length=300)
        licence = gr.Textbox(label="Licence", max_length=100)
    contact = gr.Textbox(label="Contact (for the maintainers, not shown)", max_length=200)
    return [model, organisation, url, licence, contact]


def _prefill(file: str | None) -> list[str]:
    stated = stated_fields(Path(file)) if file else {}
    return [stated.get(name, "") for name in FIELDS]


def _receiver(board: Board) -> Any:
    """The handler of `/submit`. On a Space it also asks who is signed in."""

    def take(file: str | None, words: tuple[str, ...], request: gr.Request, username: str | None) -> dict[str, Any]:
        receipt = board.desk.receive(
            Path(file) if file else None,
            dict(zip(FIELDS, words, strict=True)),
            identity=username or identity(request),
            submitted_by=username,
        )
        return receipt.as_json()

    def receive(
        file: str | None, model: str, organisation: str, url: str, licence: str, contact: str, request: gr.Request
    ) -> dict[str, Any]:
        return take(file, (model, organisation, url, licence, contact), request, None)

    def receive_signed_in(
        file: str | None,
        model: str,
        organisation: str,
        url: str,
        licence: str,
        contact: str,
        request: gr.Request,
        profile: gr.OAuthProfile | None,
    ) -> dict[str, Any]:
        return take(file, (model, organisation, url, licence, contact), request, profile.username if profile else None)

    return receive_signed_in if on_a_space() else receive


def try_again(board: Board, submission: str, request: gr.Request) -> None:
    """What the button of a failed submission does."""
    try:
        board.desk.retry(submission, identity=identity(request))
    except RealUnifyError as error:
        raise gr.Error(str(error), print_exception=False) from None


def identity(request: gr.Request) -> str:
    """Who asks, for the rate limit: on a Space the address that its own proxy saw, which it puts last."""
    if on_a_space() and (chain := request.headers.get("x-forwarded-for", "")):
        return str(chain.split(",")[-1].strip())
    return str(request.client.host) if request.client else "unknown"


def _status(board: Board) -> Any:
    def status(submission: str) -> dict[str, Any]:
        """Where a submission stands."""
        found = board.status(submission)
        if found is None:
            return {"id": None, "state": "unknown", "detail": "no such submission"}
        return {
            "id": found.record.id,
            "state": found.event.state,
            "detail": found.event.detail,
            "done": found.progress.done,
            "total": found.progress.total,
            "ahead": found.ahead,
            "placed": found.placed,
        }

    return status


def status_html(board: Board, submission: str) -> tuple[str, str]:
    """The status as a card, and the state itself."""
    found = board.status(submission)
    if found is None:
        return render("unknown.html", id=submission), "unknown"
    state = found.event.state
    passed = _ORDER[: _ORDER.index(state)] if state in _ORDER else ()
    return render("status.html", status=found, passed=passed), state
