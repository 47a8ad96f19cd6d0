"""`gemini:MODEL`: Google's Gemini API as judge; `gemini:gemini-2.5-pro` is the paper's judge of record.

    export GEMINI_API_KEY=...
    realunify judge RUN --judge gemini:gemini-2.5-pro

The poll is sent as plain text: an enum response schema would change the protocol.
"""

from __future__ import annotations

from typing import Any

from evaluator.judging.judges._options import split
from evaluator.judging.judges._remote import OPTIONS, RemoteJudge
from evaluator.models import apis
from evaluator.models.apis.gemini import GeminiClient
from evaluator.models.base import LoadOptions


def load(rest: str, options: LoadOptions) -> GeminiJudge:
    """The judge for `gemini:rest`."""
    model, values = split(rest, OPTIONS, options, "gemini")
    return GeminiJudge(model, values)


class GeminiJudge(RemoteJudge):
    """One `generateContent` a question."""

    def __init__(self, model: str, values: dict[str, Any]) -> None:
        super().__init__(f"gemini:{model}", model, values)
        self._client = GeminiClient(model, room="max_tokens")

    def call(self, image: bytes, prompt: str, watch: apis.Watch) -> tuple[apis.ApiReply, float | None]:
        config = {"temperature": 0, "max_output_tokens": self.max_tokens}
        return self._client.call(prompt, [image], config, picture=False, watch=watch), None
