"""Calls to OpenAI or a compatible server (`MODEL@URL`), settled.

Models differ in the parameters that they take: reasoning models refuse a temperature, OpenAI's newer ones
`max_tokens`. What the provider's 400 names is left out (or goes by its other name) from then on, and each
reply says so.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_builder.errors import UsageError
from evaluator.models import apis
from evaluator.models.base import ProviderDown, Refusal

if TYPE_CHECKING:
    from PIL.Image import Image

Result = TypeVar("Result")
# What the limit on tokens is called, the likelier name first; servers of one's own surely know the older one.
_LIMITS = ("max_completion_tokens", "max_tokens")
# What we send unasked, so may leave out; log probabilities are one thing with two parameters.
_OPTIONAL = {
    "temperature": {"temperature"},
    "seed": {"seed"},
    "logprobs": {"logprobs", "top_logprobs"},
    "top_logprobs": {"logprobs", "top_logprobs"},
}
# A 400 about a parameter's value ("max_tokens is too large") is the caller's to mend.
_NOT_TAKEN = re.compile(
    r"unsupported|not support|n't support|unknown|unrecogni[sz]ed|unexpected|extra inputs|"
    r"not (?:permitted|allowed|recogni[sz]ed|available)", re.I
)  # fmt: skip
# Reasons of an end that is none; servers of one's own have reasons of their own for a whole reply.
_BROKEN_OFF = {"length", "max_tokens", "abort", "error"}


def split_spec(rest: str) -> tuple[str, str | None]:
    """`MODEL@URL` into its two parts; the URL is None for OpenAI itself."""
    model, sign, url = rest.rpartition("@")
    if sign and url.startswith(("http://", "https://")):
        return model, url
    return rest, None


class OpenAIClient:
    """A client for one model; safe to use from many threads."""

    def __init__(self, model: str, url: str | None) -> None:
        import openai

        # A server of one's own often needs no key, but the SDK insists on one.
        key = apis.key_from("OPENAI_API_KEY") or ("none" if url else None)
        if key is None:
            raise UsageError(f"openai:{model} needs a key: set OPENAI_API_KEY")
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.model = model
        self.url = url
        self._sdk = openai
        # `apis.settle` retries, so that every attempt counts.
        self._client = openai.OpenAI(api_key=key, base_url=url, timeout=apis.TIMEOUT_SECONDS, max_retries=0)
        self._lock = threading.Lock()
        self._limits = list(_LIMITS[::-1] if url else _LIMITS)
        self._left_out: set[str] = set()
        self._notes: dict[str, str] = {}

    def chat(self, text: str, images: Sequence[Image | bytes], *, watch: apis.Watch, **options: Any) -> apis.ApiReply:
        """One chat turn with pictures. Raises Refusal for a content filter, ProviderDown when all is in vain.

        `max_tokens` among the options goes by the name that the model takes.
        """
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": apis.data_url(image)}} for image in images
        ]
        content.append({"type": "text", "text": text})
        return self._settle(lambda: self._chat(content, options, watch), watch)

    def _chat(self, content: list[dict[str, Any]], options: Mapping[str, Any], watch: apis.Watch) -> apis.ApiReply:
        """One reply, to as many parameters as the model takes."""
        sent = self._taken(options)
        try:
            reply = self._chat_once(content, sent, watch)
        except self._sdk.APIStatusError as error:
            # 403 is what OpenAI gives to those who ask a reasoning model for log probabilities.
            if error.status_code not in (400, 403, 422) or not self._learn(error, sent):
                raise
            watch.attempt()
            return self._chat(content, options, watch)
        with self._lock:
            reply.notes = [note for name, note in self._notes.items() if name in {*options, *_LIMITS}]
        return reply

    def _taken(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The options less those that the model refused before."""
        with self._lock:
            sent = {name: value for name, value in options.items() if name not in self._left_out}
            if "max_tokens" in sent:
                limit = sent.pop("max_tokens")
                sent |= {name: limit for name in self._limits[:1]}
            return sent

    def _learn(self, error: Any, sent: Mapping[str, Any]) -> bool:
        """Remember which of the sent parameters the model refuses; False when the error is about none."""
        refused = [name for name in sent if name in (*_LIMITS, *_OPTIONAL) and _refuses(error, name)]
        with self._lock:
            for name in refused:
                if name in _LIMITS:
                    self._limits = [other for other in self._limits if other != name]
                    instead = f"sent as {self._limits[0]}" if self._limits else "left out"
                else:
                    self._left_out |= _OPTIONAL[name]
                    instead = "left out"
                self._notes.setdefault(name, f"{self.model} does not take {name}: {instead}")
        return bool(refused)

    def _chat_once(self, content: list[dict[str, Any]], options: Mapping[str, Any], watch: apis.Watch) -> apis.ApiReply:
        response = self._client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": content}], **options
        )
        watch.used(
            apis.counted(
                input_tokens=getattr(response.usage, "prompt_tokens", 0),
                output_tokens=getattr(response.usage, "completion_tokens", 0),
            )
        )
        if not response.choices:
            raise apis.EmptyReplyError("an empty reply (no choices)")
        choice = response.choices[0]
        text, finish = choice.message.content or "", str(choice.finish_reason)
        if finish == "content_filter" or getattr(choice.message, "refusal", None):
            raise Refusal(getattr(choice.message, "refusal", None) or "content_filter")
        if not text:
            if finish == "length":
                raise apis.CutReplyError("the reply was cut before it began: raise max_tokens (reasoning counts)")
            raise apis.EmptyReplyError(f"an empty reply (finish reason {finish})")
        first = choice.logprobs.content[0] if choice.logprobs and choice.logprobs.content else None
        return apis.ApiReply(
            text=text,
            finish=finish,
            whole=finish not in _BROKEN_OFF,
            version=response.model or "",
            # Some servers tell the token's own probability alone.
            logprobs=[(top.token, top.logprob) for top in getattr(first, "top_logprobs", None) or []],
        )

    def draw(self, text: str, images: Sequence[Image], *, watch: apis.Watch, **options: Any) -> apis.ApiReply:
        """A picture from text, or an edit of pictures."""
        return self._settle(lambda: self._draw_once(text, images, options, watch), watch)

    def _draw_once(
        self, text: str, images: Sequence[Image], options: Mapping[str, Any], watch: apis.Watch
    ) -> apis.ApiReply:
        if images:
            files = [(f"image-{number}.png", apis.png(image), "image/png") for number, image in enumerate(images)]
            response = self._client.images.edit(model=self.model, prompt=text, image=files, **options)
        else:
            response = self._client.images.generate(model=self.model, prompt=text, **options)
        used = getattr(response, "usage", None)
        watch.used(
            apis.counted(input_tokens=getattr(used, "input_tokens", 0), output_tokens=getattr(used, "output_tokens", 0))
        )
        pictures = [base64.b64decode(entry.b64_json) for entry in response.data or [] if entry.b64_json]
        if not pictures:
            raise apis.EmptyReplyError("a reply without a picture")
        return apis.ApiReply(images=pictures)

    def _settle(self, call: Callable[[], Result], watch: apis.Watch) -> Result:
        try:
            return apis.settle(call, watch=watch, transient=self._transient, asked_wait=apis.retry_after)
        except self._sdk.APIStatusError as error:
            if (final := self._final(error)) is not None:
                raise final from None
            raise

    def _final(self, error: Any) -> Exception | None:
        """Refusal for a moderation block; ProviderDown for what every further call would meet too."""
        what, message = f"openai:{self.model}", str(getattr(error, "message", error))
        code = str(getattr(error, "code", "") or "")
        if code in ("moderation_blocked", "content_policy_violation", "content_filter"):
            return Refusal(f"{code}: {message}")
        if error.status_code in (401, 403):
            return ProviderDown(f"{what}: the key was refused ({message}); set a valid OPENAI_API_KEY, then run again")
        if error.status_code == 404:
            return ProviderDown(f"{what}: no such model ({message}); check its name{' and URL' if self.url else ''}")
        if code == "insufficient_quota":
            return ProviderDown(f"{what}: the quota is used up ({message}); top it up, then run again")
        return None

    def _transient(self, error: BaseException) -> bool:
        if isinstance(error, self._sdk.APIStatusError):
            again = error.status_code in (408, 409, 429) or error.status_code >= 500
            return again and getattr(error, "code", None) != "insufficient_quota"
        garbled = isinstance(error, self._sdk.APIResponseValidationError | json.JSONDecodeError)
        return garbled or isinstance(error, apis.EmptyReplyError | self._sdk.APIConnectionError)


def _refuses(error: Any, name: str) -> bool:
    """Whether a 400 says that the model does not take the parameter of this name."""
    message = str(error)
    named = getattr(error, "param", None) == name or re.search(rf"\b{name}\b", message)
    # However many log probabilities a server would give: they are an extra.
    return bool(named and ("logprobs" in name or _NOT_TAKEN.search(message)))
