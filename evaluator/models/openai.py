"""`openai:MODEL` and `openai:MODEL@URL`: OpenAI's models, or any compatible server's (vLLM, SGLang ...).

    export OPENAI_API_KEY=...
    realunify run --model pair:openai:gpt-4.1+openai:gpt-image-1 --dataset realunify -o runs/gpt

Image models (their name says image or dall-e) draw and edit, the others answer; `?can=generate,edit` after
the spec says otherwise for a server of one's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError, unknown_name
from evaluator.models import apis
from evaluator.models.apis.openai import OpenAIClient, split_spec
from evaluator.models.base import LoadOptions, Model
from evaluator.records import CAPABILITIES, Capability, Request

if TYPE_CHECKING:
    from PIL.Image import Image

# US dollars a call at the list prices of 2025: 1,500 tokens in and 100 out, or a square picture by quality.
# Quality left to the provider is counted as high: an estimate had better be too large.
_DOLLARS: dict[str, dict[str, float]] = {
    "gpt-4.1": {"answer": 0.004},
    "gpt-4.1-mini": {"answer": 0.0008},
}
_PICTURE_DOLLARS = {"gpt-image-1": {"low": 0.011, "medium": 0.042, "high": 0.167}}


def load(rest: str, options: LoadOptions) -> OpenAIModel:
    spec, _, query = rest.partition("?")
    model, url = split_spec(spec)
    return OpenAIModel(model, url, _capabilities(model, query))


def declare(rest: str, options: LoadOptions) -> OpenAIModel:
    """What the model of this name can do and costs; needs no key."""
    spec, _, query = rest.partition("?")
    model, url = split_spec(spec)
    return OpenAIModel(model, url, _capabilities(model, query), connect=False)


def _capabilities(model: str, query: str) -> frozenset[Capability]:
    if query:
        key, _, value = query.partition("=")
        if key != "can":
            raise unknown_name("option of an openai model", key, ["can"])
        for word in value.split(","):
            if word not in CAPABILITIES:
                raise unknown_name("capability", word, CAPABILITIES)
        return frozenset(word for word in CAPABILITIES if word in value.split(","))
    draws = "image" in model.lower() or model.startswith("dall-e")
    return frozenset({"generate", "edit"}) if draws else frozenset({"answer"})


class OpenAIModel(Model):
    """One model behind the OpenAI HTTP API."""

    concurrency = 16

    def __init__(
        self, model: str, url: str | None, capabilities: frozenset[Capability], *, connect: bool = True
    ) -> None:
        # The provider's own defaults unless told: None is not sent.
        self.defaults = (
            {"temperature": 0.0, "top_p": None, "max_tokens": 4096, "reasoning_effort": None}
            if "answer" in capabilities
            else {}
        )
        if capabilities & {"generate", "edit"}:
            # An edit has its input's shape.
            self.defaults |= {"size": "1024x1024", "edit_size": "auto", "quality": None}
        super().__init__()
        self.name = f"openai:{model}"
        self.revision = model
        self.capabilities = capabilities
        self._listed = url is None
        self.configure({})
        self.loaded = connect
        if connect:
            self._client = OpenAIClient(model, url)

    def configure(self, settings: Mapping[str, Any]) -> None:
        super().configure(settings)
        self.prices = dict(_DOLLARS.get(self.revision, {})) if self._listed else {}
        pictures = _PICTURE_DOLLARS.get(self.revision) if self._listed else None
        if pictures:
            dollars = pictures.get(self.parameters["quality"], pictures["high"])
            # An edit also takes its input picture in, about 300 tokens.
            self.prices |= {"generate": dollars, "edit": dollars + 0.003}

    def environment(self) -> dict[str, str]:
        return {"endpoint": self._client.url} if self._client.url else {}

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self._need("answer")
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> str:
        options = _given(request, "temperature", "top_p", "max_tokens", "reasoning_effort")
        watch = apis.Watch()
        try:
            reply = self._client.chat(request.text, request.images, watch=watch, seed=request.seed, **options)
        finally:
            request.usage.update(watch.usage)
        request.notes += reply.notes
        if reply.finish == "length":
            request.notes.append("the reply was cut at max_tokens")
        elif not reply.whole:
            request.notes.append(f"the reply broke off ({reply.finish})")
        if reply.version and reply.version != self.revision:
            request.notes.append(f"served by {reply.version}")
        return reply.text

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        return [self._generate(request) for request in requests]

    def _generate(self, request: Request) -> Image:
        self._need("edit" if request.images else "generate")
        options = _given(request, "edit_size" if request.images else "size", "quality")
        if "edit_size" in options:
            options["size"] = options.pop("edit_size")
        watch = apis.Watch()
        try:
            reply = self._client.draw(request.text, request.images, watch=watch, **options)
        finally:
            request.usage.update(watch.usage)
        # The images API has no seed; saying so beats a silent one.
        request.notes.append("the provider takes no seed for pictures")
        return apis.decode(reply.images[0])

    def _need(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise UsageError(f"{self.name} cannot {capability}: not supported")


def _given(request: Request, *names: str) -> dict[str, Any]:
    return {name: request.parameters[name] for name in names if request.parameters.get(name) is not None}
