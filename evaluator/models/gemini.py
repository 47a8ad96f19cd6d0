"""`gemini:MODEL`: Google's models over their API; the image models answer, draw and edit, the others answer.

export GEMINI_API_KEY=...
realunify run --model gemini:gemini-2.5-flash-image --dataset realunify -o runs/nano-banana
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.models import apis
from evaluator.models.apis.gemini import GeminiClient
from evaluator.models.base import LoadOptions, Model
from evaluator.records import Request

if TYPE_CHECKING:
    from PIL.Image import Image

# US dollars a call at the list prices of 2025: a picture, or 1,500 tokens in and 600 out (thinking included).
_PICTURE_DOLLARS = 0.039
_ANSWER_DOLLARS = {"gemini-2.5-pro": 0.008, "gemini-2.5-flash": 0.002, "gemini-2.5-flash-image": 0.001}


def load(rest: str, options: LoadOptions) -> GeminiModel:
    return GeminiModel(rest)


def declare(rest: str, options: LoadOptions) -> GeminiModel:
    """What the model of this name can do and costs; needs no key."""
    return GeminiModel(rest, connect=False)


class GeminiModel(Model):
    """A Gemini model. `max_output_tokens` leaves room for thinking; None leaves a parameter to the provider.

    An edit has its input's shape unless `edit_aspect_ratio` says otherwise.
    """

    defaults = {
        "temperature": None,
        "top_p": None,
        "max_output_tokens": 8192,
        "thinking_budget": None,
        "aspect_ratio": "1:1",
        "edit_aspect_ratio": None,
    }
    concurrency = 16

    def __init__(self, model: str, *, connect: bool = True) -> None:
        super().__init__()
        if model.startswith("imagen"):
            raise UsageError(f"gemini:{model}: Imagen is another API; use a Gemini image model or diffusers")
        self.name = f"gemini:{model}"
        self.revision = model
        draws = "image" in model
        self.capabilities = frozenset({"answer", "generate", "edit"} if draws else {"answer"})
        self.prices = {"answer": _ANSWER_DOLLARS[model]} if model in _ANSWER_DOLLARS else {}
        if draws:
            self.prices |= {"generate": _PICTURE_DOLLARS, "edit": _PICTURE_DOLLARS}
        self.loaded = connect
        if connect:
            self._client = GeminiClient(model, room="max_output_tokens")

    def answer(self, requests: Sequence[Request]) -> list[str]:
        return [self._call(request, {"response_modalities": ["TEXT"]}, picture=False).text for request in requests]

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        if "generate" not in self.capabilities:
            raise UsageError(f"{self.name} cannot generate or edit: not supported")
        config = {"response_modalities": ["TEXT", "IMAGE"]}
        return [apis.decode(self._call(request, config, picture=True).images[0]) for request in requests]

    def _call(self, request: Request, config: dict[str, Any], *, picture: bool) -> apis.ApiReply:
        sent = {**config, "seed": request.seed}
        for name in ("temperature", "top_p", "max_output_tokens"):
            if request.parameters.get(name) is not None:
                sent[name] = request.parameters[name]
        if request.parameters.get("thinking_budget") is not None:
            sent["thinking_config"] = {"thinking_budget": request.parameters["thinking_budget"]}
        shape = request.parameters.get("edit_aspect_ratio" if request.images else "aspect_ratio")
        if picture and shape:
            sent["image_config"] = {"aspect_ratio": shape}
        watch = apis.Watch()
        try:
            reply = self._client.call(request.text, request.images, sent, picture=picture, watch=watch)
        finally:
            request.usage.update(watch.usage)
        if reply.finish == "MAX_TOKENS":
            request.notes.append("the reply was cut at max_output_tokens")
        elif not reply.whole:
            request.notes.append(f"the reply broke off ({reply.finish})")
        if reply.version and reply.version != self.revision:
            request.notes.append(f"served by {reply.version}")
        return reply
