"""The leaderboard as a Gradio app: `realunify serve`, or `python app.py` where this folder is a Space.

Run as a script it reads REALUNIFY_DATA (default `data`), REALUNIFY_DATASET (a folder or ORG/NAME, default
`realunify`), REALUNIFY_JUDGE (none: submissions wait for a `realunify rescore-worker`), REALUNIFY_ANSWERS
(the private folder of a dataset with withheld answers) and REALUNIFY_UPLOAD_MIB (default 4096).

    >>> create_app(Path("data"), "realunify", "fixed:yes").launch(**launch_options())
"""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Any

import gradio as gr

if __name__ == "__main__":
    # In a Space this folder is the root, so it is not yet a package; its own files shall be the ones that run.
    _HERE = Path(__file__).resolve().parent
    _SPEC = importlib.util.spec_from_file_location(
        "leaderboard_space", _HERE / "__init__.py", submodule_search_locations=[str(_HERE)]
    )
    assert _SPEC is not None and _SPEC.loader is not None
    sys.modules["leaderboard_space"] = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(sys.modules["leaderboard_space"])

from dataset_builder.errors import RealUnifyError, UsageError
from leaderboard_space.board import Board
from leaderboard_space.pages import about, leaderboard, looks, submissions, submit
from leaderboard_space.rescoring.worker import open_dataset
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Limits

_HOUR = 3600


def create_app(
    data: Path, dataset: str, judge: str | None = None, *, limits: Limits | None = None, worker: bool = True
) -> gr.Blocks:
    """The app over a data folder. With a judge (and `worker`) it rescores in a thread of its own.

    Launch it with `launch_options()`. Its `board` attribute is what the pages look at.
    """
    # Gradio's own place is shared by all servers of a machine, and the first to end takes the others' files with it.
    os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(data).absolute() / "uploads"))
    board = Board(Store(Path(data)), open_dataset(dataset), judge, limits)
    with gr.Blocks(title="RealUnify leaderboard", analytics_enabled=False, delete_cache=(_HOUR, _HOUR)) as app:
        gr.Navbar(main_page_name="Leaderboard")
        leaderboard.build(board, app)
    for title, path, page in (
        ("Submit", "submit", submit),
        ("Submissions", "submissions", submissions),
        ("About", "about", about),
    ):
        with app.route(title, path):
            gr.Navbar(main_page_name="Leaderboard")
            page.build(board, app)
    app.board = board
    if worker:
        board.start_worker()
    return app


def launch_options(limits: Limits | None = None) -> dict[str, Any]:
    """What `launch` must be told for these pages."""
    return {
        "theme": looks.theme(),
        "css": looks.css(),
        "max_file_size": (limits or Limits()).upload_bytes,
        "footer_links": ["api"],
        "run_history": False,
        "ssr_mode": False,
        "quiet": True,
    }


def serve(data: Path, dataset: str, judge: str | None, port: int, host: str) -> None:
    """`realunify serve`: until interrupted. Port 0 takes a free one; the address is printed."""
    limits = _limits()
    port = _free_port(host, port)
    app = create_app(Path(data), dataset, judge, limits=limits)
    try:
        _, url, _ = app.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            **launch_options(limits),
        )
        print(f"leaderboard: {url}", flush=True)
        if judge is None:
            print("no judge: submissions wait for `realunify rescore-worker --judge SPEC`", flush=True)
        app.block_thread()
    finally:
        app.board.close()
        app.close(verbose=False)


def _free_port(host: str, port: int) -> int:
    """The port, if it is free right now; any free one for 0. (Gradio's own choice looks at a hundred at most.)"""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address[0], port, *address[2:]))
            return int(probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot serve at {host}:{port} ({reason}); give another port, or 0 for any that is free"
        ) from None


def _limits() -> Limits:
    megabytes = os.environ.get("REALUNIFY_UPLOAD_MIB", "4096")
    if not megabytes.isdecimal():
        raise RealUnifyError(f"REALUNIFY_UPLOAD_MIB is '{megabytes}'; give a whole number, such as 4096")
    return Limits(upload_bytes=int(megabytes) << 20)


if __name__ == "__main__":
    try:
        serve(
            data=Path(os.environ.get("REALUNIFY_DATA", "data")),
            dataset=os.environ.get("REALUNIFY_DATASET", "realunify"),
            judge=os.environ.get("REALUNIFY_JUDGE") or None,
            port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
            host=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        )
    except RealUnifyError as error:
        sys.exit(f"leaderboard: {error}")
