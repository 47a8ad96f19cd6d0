"""Clients of remote providers, shared by model adapters and judges: one call, retried until it is settled.

A call ends in one of four ways: a reply; `Refusal`, the provider's safety filter; `ProviderDown`, when going
on is pointless (a bad key, an unknown model, no quota); or the last error, when the retries are used up.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from PIL.Image import Image

Result = TypeVar("Result")

# Seconds before the first retry; each later one waits about twice as long, up to a minute, with jitter.
RETRY_SECONDS = float(os.environ.get("REALUNIFY_RETRY_SECONDS", "1"))
ATTEMPTS = 8
TIMEOUT_SECONDS = float(os.environ.get("REALUNIFY_TIMEOUT_SECONDS", "180"))


class EmptyReplyError(Exception):
    """The provider answered with nothing and no reason: worth asking again."""


@dataclass
class ApiReply:
    """What came back: text, pictures (encoded), why it ended, tokens as counted, the version that served it."""

    text: str = ""
    images: list[bytes] = field(default_factory=list)
    finish: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    version: str = ""
    logprobs: list[tuple[str, float]] = field(default_factory=list)


def settle(
    call: Callable[[], Result],
    *,
    transient: Callable[[BaseException], bool],
    headers: Callable[[BaseException], Mapping[str, str]] = lambda error: {},
    attempts: int = ATTEMPTS,
) -> Result:
    """Call until it succeeds, fails for good, or `attempts` are used up (the last error is then raised).

    Waits what `Retry-After` says where the provider says it, else exponentially with jitter.
    """
    import tenacity

    backoff = tenacity.wait_random_exponential(multiplier=RETRY_SECONDS, max=60)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = headers(error).get("retry-after", "") if error else ""
        return min(float(asked), 120.0) if asked.replace(".", "", 1).isdigit() else backoff(state)

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=wait,
        retry=tenacity.retry_if_exception(transient),
        reraise=True,
    )
    return retrying(call)


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
