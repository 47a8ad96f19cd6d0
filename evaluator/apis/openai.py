"""Calls to OpenAI or a compatible server (`MODEL@URL`), settled; the SDK's own retries honour Retry-After."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from dataset_builder.errors import UsageError
from evaluator import apis
from evaluator.models.base import ProviderDown, Refusal

if TYPE_CHECKING:
    from PIL.Image import Image

Result = TypeVar("Result")
SDK_RETRIES = 3


def split_spec(rest: str) -> tuple[str, str | None]:
    """`MODEL@URL` into its two parts; the URL is None for OpenAI itself."""
    model, sign, url = rest.rpartition("@")
    if sign and url.startswith(("http://", "https://")):
        return model, url
    return rest, None


class OpenAIClient:
    """A client for one model; safe to use from many threads. Its own `max_retries` counts within ours."""

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
        self._client = openai.OpenAI(api_key=key, base_url=url, timeout=apis.TIMEOUT_SECONDS, max_retries=SDK_RETRIES)

    def chat(self, text: str, images: Sequence[Image | bytes], **options: Any) -> apis.ApiReply:
        """One chat turn with pictures. Raises Refusal for a content filter, ProviderDown when all is in vain."""
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": apis.data_url(image)}} for image in images
        ]
        content.append({"type": "text", "text": text})
        return self._settle(lambda: self._chat_once(content, options))

    def _chat_once(self, content: list[dict[str, Any]], options: Mapping[str, Any]) -> apis.ApiReply:
        response = self._client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": content}], **options
        )
        if not response.choices:
            raise apis.EmptyReplyError("an empty reply (no choices)")
        choice = response.choices[0]
        text = choice.message.content or ""
        if choice.finish_reason == "content_filter" or getattr(choice.message, "refusal", None):
            raise Refusal(getattr(choice.message, "refusal", None) or "content_filter")
        if not text:
            if choice.finish_reason == "length":
                raise ValueError("the reply was cut before it began: raise max_tokens (reasoning counts)")
            raise apis.EmptyReplyError(f"an empty reply (finish reason {choice.finish_reason})")
        first = choice.logprobs.content[0] if choice.logprobs and choice.logprobs.content else None
        return apis.ApiReply(
            text=text,
            finish=str(choice.finish_reason),
            version=response.model or "",
            usage=apis.counted(
                input_tokens=getattr(response.usage, "prompt_tokens", 0),
                output_tokens=getattr(response.usage, "completion_tokens", 0),
            ),
            logprobs=[(top.token, top.logprob) for top in first.top_logprobs] if first else [],
        )

    def draw(self, text: str, images: Sequence[Image], **options: Any) -> apis.ApiReply:
        """A picture from text, or an edit of pictures."""
        return self._settle(lambda: self._draw_once(text, images, options))

    def _draw_once(self, text: str, images: Sequence[Image], options: Mapping[str, Any]) -> apis.ApiReply:
        if images:
            files = [(f"image-{number}.png", apis.png(image), "image/png") for number, image in enumerate(images)]
            response = self._client.images.edit(model=self.model, prompt=text, image=files, **options)
        else:
            response = self._client.images.generate(model=self.model, prompt=text, **options)
        pictures = [base64.b64decode(entry.b64_json) for entry in response.data or [] if entry.b64_json]
        if not pictures:
            raise apis.EmptyReplyError("a reply without a picture")
        used = getattr(response, "usage", None)
        return apis.ApiReply(
            images=pictures,
            usage=apis.counted(
                input_tokens=getattr(used, "input_tokens", 0), output_tokens=getattr(used, "output_tokens", 0)
            ),
        )

    def _settle(self, call: Callable[[], Result]) -> Result:
        try:
            return apis.settle(call, transient=self._transient, headers=_headers)
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


def _headers(error: BaseException) -> Mapping[str, str]:
    return dict(getattr(getattr(error, "response", None), "headers", None) or {})
