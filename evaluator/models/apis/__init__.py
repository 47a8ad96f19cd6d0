"""Clients of remote providers, shared by model adapters and judges: one call, retried until it is settled.

A call ends in one of five ways: a reply; `Refusal`, the provider's safety filter; `ProviderDown`, when going
on is pointless (a bad key, an unknown model, no quota); `Stopped`, when its caller gave up; or the last
error, when the retries are used up.

The SDKs' own retries are off: hidden inside one call they would escape the budget and the stop, and Gemini's
pass over `Retry-After`. `settle` retries everything instead, for all providers alike.
"""

from __future__ import annotations

import base64
import email.utils
import io
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from PIL.Image import Image

Result = TypeVar("Result")

# Seconds before the first retry; each later one waits about twice as long, up to a minute, with jitter.
RETRY_SECONDS = float(os.environ.get("REALUNIFY_RETRY_SECONDS", "1"))
ATTEMPTS = 10
# The longest that a provider may have us wait.
MAX_WAIT_SECONDS = 120.0
TIMEOUT_SECONDS = float(os.environ.get("REALUNIFY_TIMEOUT_SECONDS", "180"))


class EmptyReplyError(Exception):
    """The provider answered with nothing and no reason: worth asking again."""


class CutReplyError(Exception):
    """The room for tokens was used up before the reply began; asking again would end alike."""


class Stopped(Exception):  # noqa: N818 - it is an outcome, not an error
    """The caller gave up, so the call was not made, or not made again."""


class Watch:
    """Sees every attempt of a call, the ones that fail too: what may stop it, and the tokens that it used."""

    def __init__(self, stopped: threading.Event | None = None) -> None:
        self.stopped = stopped or threading.Event()
        self.usage: Counter[str] = Counter()

    def attempt(self) -> None:
        """Comes before each attempt; what it raises ends the call."""
        if self.stopped.is_set():
            raise Stopped

    def used(self, usage: Mapping[str, int]) -> None:
        """Comes with each attempt's token counts, before anything is made of its reply."""
        self.usage.update(usage)


@dataclass
class ApiReply:
    """What came back: text, pictures (encoded), why it ended, the version that served it.

    `whole` is False where the reply broke off. `notes` say which parameters were left out.
    """

    text: str = ""
    images: list[bytes] = field(default_factory=list)
    finish: str = ""
    whole: bool = True
    version: str = ""
    logprobs: list[tuple[str, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def settle(
    call: Callable[[], Result],
    *,
    watch: Watch,
    transient: Callable[[BaseException], bool],
    asked_wait: Callable[[BaseException], float | None] = lambda error: None,
) -> Result:
    """Call until it succeeds, fails for good, or `ATTEMPTS` are used up (the last error is then raised).

    Waits as many seconds as the provider asks for (`asked_wait`), else exponentially; with jitter.
    """
    import tenacity

    backoff = tenacity.wait_random_exponential(multiplier=RETRY_SECONDS, max=60)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = asked_wait(error) if error else None
        if asked is None:
            return backoff(state)
        # The jitter is for those who were all told the same moment.
        return min(asked, MAX_WAIT_SECONDS) + random.uniform(0, RETRY_SECONDS)

    def attempt() -> Result:
        watch.attempt()
        return call()

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=wait,
        retry=tenacity.retry_if_exception(transient),
        sleep=tenacity.sleep_using_event(watch.stopped),
        reraise=True,
    )
    return retrying(attempt)


def retry_after(error: BaseException) -> float | None:
    """Seconds that the headers of an error's response ask for, as a number or as a date; None where untold."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    for name, scale in (("retry-after-ms", 1000), ("retry-after", 1)):
        value = str(headers.get(name) or "").strip()
        if value.replace(".", "", 1).isdigit():
            return float(value) / scale
    try:
        moment = email.utils.parsedate_to_datetime(str(headers.get("retry-after") or ""))
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def png(image: Image | bytes) -> bytes:
    """A picture as it is sent; one that is encoded already stays as it is."""
    if isinstance(image, bytes):
        return image
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def mime(data: bytes) -> str:
    """The media type of an encoded picture, PNG or JPEG."""
    return "image/jpeg" if data.startswith(b"\xff\xd8\xff") else "image/png"


def data_url(image: Image | bytes) -> str:
    data = png(image)
    return f"data:{mime(data)};base64," + base64.b64encode(data).decode()


def decode(data: bytes) -> Image:
    """A picture as it arrived; raises OSError when it cannot be decoded."""
    from PIL import Image

    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


def key_from(*names: str) -> str | None:
    """The first of these environment variables that is set."""
    return next((os.environ[name] for name in names if os.environ.get(name)), None)


def counted(**counts: Any) -> dict[str, int]:
    """Token counts without the ones that the provider left out."""
    return {name: int(value) for name, value in counts.items() if value}
