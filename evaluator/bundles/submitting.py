"""`realunify submit`: upload a bundle to a leaderboard and follow it until it is ranked.

Speaks to the leaderboard's two named endpoints, so it needs no more than Gradio's client.

    >>> submit(Path("janus.zip"), "http://127.0.0.1:7860")
    '20261123-201530-9f2c1ab34d5e6f70: scored, rank 2 (1-4) of 5 by direct Total, 41.0 %'
"""

from __future__ import annotations

import importlib.util
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from dataset_builder.errors import MissingExtraError, ProblemsError, RealUnifyError, UsageError

_POLL_SECONDS = 1.0
_PATIENCE = 10
_FIELDS_FROM_BUNDLE = [""] * 5


def submit(file: str | Path, space: str, follow: bool = True) -> str:
    """Upload `file` to `space` (a URL, or ORG/NAME of a Space); the line that says how it ended.

    With `follow` it waits until the submission is scored, telling the state on stderr. Raises ProblemsError
    with every problem when the bundle is refused, RealUnifyError when the rescoring fails.
    """
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"no bundle at {path}; make one with: realunify pack RUN -o {path.name}")
    if not zipfile.is_zipfile(path):
        raise RealUnifyError(f"{path} is not a zip file; make one with: realunify pack RUN -o FILE.zip")
    if importlib.util.find_spec("gradio_client") is None:
        raise MissingExtraError("submitting", "gradio_client", "space")
    from gradio_client import handle_file  # type: ignore[import-untyped]

    client = _connect(space)
    try:
        _tell(f"uploading {path} ({path.stat().st_size / 2**20:.1f} MiB) to {space}")
        receipt = _call(client, space, handle_file(path), *_FIELDS_FROM_BUNDLE, api_name="/submit")
        for note in receipt.get("notes", []):
            _tell(f"note: {note}")
        submission = receipt.get("id")
        if not submission:
            raise ProblemsError(f"{space} did not accept {path.name}; nothing was stored:", receipt.get("problems", []))
        if not follow:
            return f"{submission}: {receipt.get('message', 'accepted')}; its page: {_page(client, submission)}"
        return _follow(client, space, str(submission))
    finally:
        client.close()


def _connect(space: str) -> Any:
    from gradio_client import Client

    try:
        return Client(space, verbose=False, download_files=False, analytics_enabled=False)
    except Exception as error:  # the client raises many kinds; each means that nobody answers there
        raise RealUnifyError(
            f"no leaderboard answers at '{space}' ({_brief(error)}); give its URL, or ORG/NAME of a Space"
        ) from None


def _call(client: Any, space: str, *arguments: Any, api_name: str) -> dict[str, Any]:
    try:
        answer = client.predict(*arguments, api_name=api_name)
    except Exception as error:  # as above; what the server says stands in the message
        raise RealUnifyError(f"{space} could not take the request: {_brief(error)}; try again") from None
    if not isinstance(answer, dict):
        raise RealUnifyError(f"{space} is no RealUnify leaderboard of this version; check the address")
    return answer


def _follow(client: Any, space: str, submission: str) -> str:
    told, failures = "", 0
    while True:
        try:
            status = _call(client, space, submission, api_name="/status")
            failures = 0
        except RealUnifyError as error:
            # The submission is kept over there, so a short outage is waited out.
            failures += 1
            if failures > _PATIENCE:
                raise RealUnifyError(f"{error}; {submission} is stored, see {_page(client, submission)}") from None
            time.sleep(_POLL_SECONDS * failures)
            continue
        line = _line(status)
        if line != told:
            _tell(f"{submission}: {line}")
            told = line
        if status["state"] == "scored":
            return f"{submission}: scored, {status['placed']}; {_page(client, submission)}"
        if status["state"] in ("failed", "unknown"):
            raise RealUnifyError(
                f"{submission} could not be scored: {status['detail']}; look at {_page(client, submission)}"
            )
        time.sleep(_POLL_SECONDS)


def _line(status: dict[str, Any]) -> str:
    if status["state"] == "queued" and status.get("ahead"):
        return f"queued, {status['ahead']} before it"
    if status["state"] == "judging" and status.get("total"):
        return f"judging {status['done']}/{status['total']}"
    return str(status["state"])


def _page(client: Any, submission: str) -> str:
    return f"{str(client.src).rstrip('/')}/submissions?id={submission}"


def _brief(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
