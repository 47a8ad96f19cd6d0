"""What the judges behind an API share: bounded concurrency, a budget, and replies that may fail.

`evaluator.models.apis` retries a call until it is settled. What still fails, was cut short or met the provider's
filter is an `error`, asked again the next time; it is never a guess.

Options of a spec, such as `gemini:gemini-2.5-pro?concurrency=16&max_cost=5`:
    concurrency                       questions under way at a time
    max_tokens                        room for thinking and the reply
    max_calls, max_cost (US dollars)  stop this command, with one line, when the budget is spent; every
                                      attempt counts, the ones that fail too
    price_in, price_out               dollars for a million tokens, where the list below is old
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging.judges.base import Judge, Reply, is_bare, judge_answer
from evaluator.models import apis
from evaluator.models.base import ProviderDown, Refusal

if TYPE_CHECKING:
    from PIL.Image import Image

OPTIONS: dict[str, Any] = {
    "concurrency": 32, "max_tokens": 8192, "max_calls": 0, "max_cost": 0.0, "price_in": 0.0, "price_out": 0.0,
}  # fmt: skip
# List prices of 2025 in US dollars for a million tokens (in, out), thinking counted as output.
PRICES: dict[str, tuple[float, float]] = {
    "gemini-2.5-pro": (1.25, 10.0),
    "gemini-2.5-flash": (0.30, 2.50),
    "gpt-4.1": (2.0, 8.0),
    "gpt-4.1-mini": (0.40, 1.60),
    "gpt-4o": (2.50, 10.0),
}
# Formats that every provider takes as they are, by how their files begin.
_TAKEN = (b"\x89PNG", b"\xff\xd8\xff")
_GO_ON = "what is answered is kept; run the same command to go on, with as large a budget again"
_CUT = ("length", "max_tokens")


class RemoteJudge(Judge):
    """Asks one question a call. A family implements `call`, which `evaluator.models.apis` has settled."""

    cached = True

    def __init__(self, name: str, model: str, values: Mapping[str, Any]) -> None:
        self.id = name
        self.model = model
        self.revision = model
        self.concurrency = int(values["concurrency"])
        self.max_tokens = int(values["max_tokens"])
        # What is asked for; a parameter that the model turns out not to take is told in `notes`.
        self.decoding = {"temperature": 0, "max_tokens": self.max_tokens}
        listed = PRICES.get(model, (0.0, 0.0))
        self.prices = (float(values["price_in"]) or listed[0], float(values["price_out"]) or listed[1])
        self.max_calls, self.max_cost = int(values["max_calls"]), float(values["max_cost"])
        if self.max_cost and not any(self.prices):
            raise UsageError(f"{name}: max_cost needs the model's prices; add price_in=... and price_out=...")
        self.calls = 0
        self.cost = 0.0
        self._lock = threading.Lock()

    def cost_text(self) -> str:
        """About what 1,000 questions cost at the prices in force: 1,400 tokens in and 300 out each."""
        if not any(self.prices):
            return "price not known (give price_in and price_out, dollars for a million tokens)"
        dollars = (1400 * self.prices[0] + 300 * self.prices[1]) / 1e3
        return (
            f"about ${dollars:.2f} for 1,000 questions (${self.prices[0]:g} in, ${self.prices[1]:g} out for a million)"
        )

    def call(self, image: bytes, prompt: str, watch: apis.Watch) -> tuple[apis.ApiReply, float | None]:
        """The provider's reply and, where it is told, the probability of yes."""
        raise NotImplementedError

    def prepare(self, image: Image, data: bytes = b"") -> bytes:
        """The file's own bytes where every provider takes the format; else a PNG of the picture."""
        return data if data.startswith(_TAKEN) else apis.png(image)

    def poll_many(self, items: Sequence[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        ready = [(image if isinstance(image, bytes) else self.prepare(image), questions) for image, questions in items]
        return [[self._ask(image, self.prompt(question)) for question in questions] for image, questions in ready]

    def _ask(self, image: bytes, prompt: str) -> Reply:
        watch = _Metered(self)
        try:
            reply, p_yes = self.call(image, prompt, watch)
        except (RealUnifyError, apis.Stopped):
            raise
        except Refusal as refusal:
            return Reply(f"[blocked: {refusal}]", "error", usage=watch.usage, blocked=True)
        except Exception as error:
            # Whatever the SDKs and their transports raise once the retries are used up.
            text = f"[{type(error).__name__}: {(str(error).splitlines() or [''])[0][:300]}]"
            return Reply(text, "error", usage=watch.usage)
        with self._lock:
            self.notes += tuple(note for note in reply.notes if note not in self.notes)
        text = reply.text.strip()
        if broken := self._broken(reply, text):
            return Reply(f"[{broken}] {text[-200:]}", "error", usage=watch.usage, served=reply.version)
        return Reply(text, judge_answer(text), p_yes, usage=watch.usage, served=reply.version)

    def _broken(self, reply: apis.ApiReply, text: str) -> str:
        """Why a reply that did not come to its end is no answer; empty for one that is."""
        if reply.whole:
            return ""
        if reply.finish.lower() not in _CUT:
            return f"broken off: {reply.finish}"
        return "" if is_bare(text) else f"cut at max_tokens={self.max_tokens}; give it more"

    def spend(self) -> None:
        """Count an attempt, or stop at the end of the budget."""
        with self._lock:
            if self.max_calls and self.calls >= self.max_calls:
                raise ProviderDown(f"{self.id}: the budget of {self.max_calls} calls is spent; {_GO_ON}")
            if self.max_cost and self.cost >= self.max_cost:
                raise ProviderDown(f"{self.id}: the budget of ${self.max_cost:.2f} is spent; {_GO_ON}")
            self.calls += 1

    def pay(self, usage: Mapping[str, int]) -> None:
        """Count what an attempt cost."""
        out = usage.get("output_tokens", 0) + usage.get("thinking_tokens", 0)
        with self._lock:
            self.cost += (self.prices[0] * usage.get("input_tokens", 0) + self.prices[1] * out) / 1e6


class _Metered(apis.Watch):
    """One call's attempts, on the judge's budget."""

    def __init__(self, judge: RemoteJudge) -> None:
        super().__init__(judge.stopped)
        self._judge = judge

    def attempt(self) -> None:
        super().attempt()
        self._judge.spend()

    def used(self, usage: Mapping[str, int]) -> None:
        super().used(usage)
        self._judge.pay(usage)
