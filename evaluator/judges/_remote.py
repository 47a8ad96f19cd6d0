"""What the judges behind an API share: bounded concurrency, retries, a budget, and replies that may fail.

One layer retries, not two: the SDKs' own retries are off, because only here is it known that an empty
reply is worth another try, and because `Retry-After` is honoured whoever sends it. What still fails after
`attempts` tries is an `error`, which is asked again the next time; it is never a guess.

Options of a spec, such as `gemini:gemini-2.5-pro?concurrency=16&max_cost=5`:
    concurrency   questions under way at a time          attempts     tries a question
    timeout       seconds a try                          max_tokens   room for thinking and the reply
    max_calls, max_cost (US dollars)                     stop, with one line, when the budget is spent
    price_in, price_out                                  dollars for a million tokens, where the list below is old
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from evaluator.answers import parse_yes_no
from evaluator.judges.base import Judge, Reply
from evaluator.models.base import ProviderDown

if TYPE_CHECKING:
    from PIL.Image import Image

OPTIONS: dict[str, Any] = {
    "concurrency": 32, "attempts": 10, "timeout": 180.0, "max_tokens": 8192, "max_calls": 0, "max_cost": 0.0,
    "price_in": 0.0, "price_out": 0.0,
}  # fmt: skip
# List prices in US dollars for a million tokens (in, out), thinking counted as output; providers change them.
PRICES: dict[str, tuple[float, float]] = {
    "gemini-2.5-pro": (1.25, 10.0),
    "gemini-2.5-flash": (0.30, 2.50),
    "gpt-4.1": (2.0, 8.0),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4o": (2.50, 10.0),
}
# What one polling question about a picture of a megapixel comes to, roughly: for estimates only.
TOKENS_A_QUESTION = (1400, 400)
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0


@dataclass
class Encoded:
    """An image as it is sent."""

    data: bytes
    mime: str


@dataclass
class Answer:
    """What the provider sent back. `blocked` is why there is no text though the provider means it so."""

    text: str
    p_yes: float | None = None
    usage: dict[str, int] = field(default_factory=dict)
    blocked: str | None = None


class Transient(Exception):  # noqa: N818 - it says what to do about it
    """Worth another try: overload, a dropped connection, a timeout, an empty reply."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Rejected(Exception):  # noqa: N818
    """The provider will not take this very question, however often it is asked."""


class RemoteJudge(Judge):
    """Asks one question a call. A family implements `call`, which raises Transient, Rejected or ProviderDown."""

    cached = True

    def __init__(self, name: str, model: str, values: Mapping[str, Any]) -> None:
        self.id = name
        self.model = model
        self.revision = model
        self.concurrency = max(2, int(values["concurrency"]))
        self.attempts = max(1, int(values["attempts"]))
        self.timeout = float(values["timeout"]) or 180.0
        self.max_tokens = int(values["max_tokens"])
        self.decoding = {"temperature": 0, "max_tokens": self.max_tokens}
        listed = PRICES.get(model, (0.0, 0.0))
        self.prices = (float(values["price_in"]) or listed[0], float(values["price_out"]) or listed[1])
        self.max_calls, self.max_cost = int(values["max_calls"]), float(values["max_cost"])
        if self.max_cost and not any(self.prices):
            from dataset_builder.errors import UsageError

            raise UsageError(f"{name}: max_cost needs the model's prices; add price_in=... and price_out=...")
        self.calls = 0
        self.cost = 0.0
        self.retries = 0
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._random = random.Random()  # jitter only; nothing that is measured hangs on it

    def call(self, image: Encoded, prompt: str) -> Answer:
        raise NotImplementedError

    def prepare(self, image: Image, data: bytes = b"") -> Encoded:
        """The file's own bytes where every provider takes the format; else a PNG of the picture."""
        from evaluator.runs import encode_png

        for start, mime in ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg")):
            if data.startswith(start):
                return Encoded(data, mime)
        return Encoded(encode_png(image), "image/png")

    def poll_many(self, items: Sequence[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        ready = [
            (image if isinstance(image, Encoded) else self.prepare(image), questions) for image, questions in items
        ]
        return [[self._ask(image, self.prompt(question)) for question in questions] for image, questions in ready]

    def _ask(self, image: Encoded, prompt: str) -> Reply:
        reason = ""
        for attempt in range(self.attempts):
            self._spend()
            try:
                answer = self.call(image, prompt)
            except Transient as error:
                reason = str(error)
                if attempt + 1 < self.attempts:
                    self._wait(attempt, error.retry_after)
                continue
            except Rejected as error:
                return Reply(f"[{error}]", "error")
            self._count(answer.usage)
            if answer.blocked is not None:
                return Reply(f"[{answer.blocked}]", "unparsed", usage=answer.usage)
            parsed = parse_yes_no(answer.text)
            stated = "yes" if parsed == "yes" else "no" if parsed == "no" else "unparsed"
            return Reply(answer.text, stated, answer.p_yes, usage=answer.usage)
        return Reply(f"[gave up after {self.attempts} tries: {reason}]", "error")

    def _spend(self) -> None:
        """Count a call, wait while the provider asked for quiet, and stop at the end of the budget."""
        with self._lock:
            if self.max_calls and self.calls >= self.max_calls:
                raise ProviderDown(f"{self.id}: the budget of {self.max_calls} calls is spent; {_GO_ON}")
            if self.max_cost and self.cost >= self.max_cost:
                raise ProviderDown(f"{self.id}: the budget of ${self.max_cost:.2f} is spent; {_GO_ON}")
            self.calls += 1
            quiet = self._not_before - time.monotonic()
        if quiet > 0:
            time.sleep(quiet * (1 + 0.2 * self._random.random()))

    def _wait(self, attempt: int, retry_after: float | None) -> None:
        """Before the next try: as long as the provider says, else exponentially longer, with full jitter."""
        with self._lock:
            self.retries += 1
            if retry_after is not None:
                # It holds for every thread: they share the key whose rate is limited.
                retry_after = min(retry_after, _LONGEST_WAIT)
                self._not_before = max(self._not_before, time.monotonic() + retry_after)
                return
        time.sleep(min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt) * self._random.random())

    def _count(self, usage: Mapping[str, int]) -> None:
        with self._lock:
            spent = zip(self.prices, ("input_tokens", "output_tokens"), strict=True)
            self.cost += sum(price * usage.get(key, 0) for price, key in spent) / 1e6


_GO_ON = "what is answered is kept; run the same command with a larger budget to go on"


def retry_after_of(headers: Mapping[str, str] | None) -> float | None:
    """Seconds to wait, from `Retry-After` (seconds or a date) or `retry-after-ms`; None where nothing is said."""
    import contextlib
    import datetime

    headers = headers or {}
    with contextlib.suppress(ValueError, TypeError):
        if "retry-after-ms" in headers:
            return float(headers["retry-after-ms"]) / 1000
        value = headers.get("retry-after", headers.get("Retry-After", ""))
        if value.strip().replace(".", "", 1).isdigit():
            return float(value)
        if value:
            until = parsedate_to_datetime(value)
            return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
    return None
