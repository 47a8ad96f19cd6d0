"""A stand-in for the Gemini API: `models/MODEL:generateContent`, over real HTTP.

It answers what `reply(text, images)` gives: text, PNG bytes (a picture), `blocked:SAFETY`, or
`ends:MAX_TOKENS:TEXT`, a text that ends for that reason.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from tests.servers.http import Behaviour, Handler, Server

Reply = Callable[[str, list[bytes]], str | bytes]
MODELS = ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-image")


class GeminiHandler(Handler):
    """State is the reply function."""

    def respond(self, path: str, body: Any, fault: int | str | None) -> tuple[int, Any]:
        status, answer = self._respond(path, body, fault)
        if self.behaviour.served:
            answer["modelVersion"] = self.behaviour.served
        return status, answer

    def _respond(self, path: str, body: Any, fault: int | str | None) -> tuple[int, Any]:
        model, _, method = path.split("?")[0].rpartition("/")[2].partition(":")
        if model not in MODELS or method != "generateContent":
            raise LookupError(path)
        parts = body["contents"][0]["parts"]
        text = "".join(part.get("text", "") for part in parts)
        images = [base64.urlsafe_b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
        if fault == "empty":
            return 200, _response(model, [], "STOP")
        if fault == "garbage":
            return 200, _response(model, [{"text": "I would rather talk about the weather."}], "STOP")
        answer = self.reply(text, images, body.get("generationConfig", {}).get("seed"))
        if isinstance(answer, bytes):
            data = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(answer).decode()}}
            return 200, _response(model, [data], "STOP")
        if answer.startswith("blocked:"):
            return 200, _response(model, [], answer.removeprefix("blocked:"))
        if answer.startswith("ends:"):
            _, reason, said = answer.split(":", 2)
            return 200, _response(model, [{"text": said}] if said else [], reason)
        return 200, _response(model, [{"text": answer}], "STOP")


def _response(model: str, parts: list[dict[str, Any]], finish: str) -> dict[str, Any]:
    candidate: dict[str, Any] = {"finishReason": finish, "index": 0}
    if parts:
        candidate["content"] = {"role": "model", "parts": parts}
    return {
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": 300, "candidatesTokenCount": 2, "thoughtsTokenCount": 40},
        "modelVersion": f"{model}-001",
    }


def gemini_server(reply: Reply, behaviour: Behaviour | None = None) -> Server:
    return Server(GeminiHandler, behaviour, reply)
