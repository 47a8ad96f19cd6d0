"""One call to the Gemini API, settled: retries on, finish reason checked, safety blocks told apart.

The SDK's timeouts raise the transport's own exception, which is taken care of here. `GEMINI_BASE_URL` points
it at another server (the tests' local one).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.models import apis
from evaluator.models.base import ProviderDown, Refusal

if TYPE_CHECKING:
    from PIL.Image import Image

_BLOCKED = {
    "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "LANGUAGE",
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE",
}  # fmt: skip
# A reply that ends for another reason broke off.
_WHOLE = {"STOP", "FINISH_REASON_UNSPECIFIED", ""}


class GeminiClient:
    """A client for one model; safe to use from many threads.

    `room` is the caller's name for the limit on tokens, for the advice to raise it.
    """

    def __init__(self, model: str, *, room: str) -> None:
        from google import genai
        from google.genai import types

        key = apis.key_from("GEMINI_API_KEY", "GOOGLE_API_KEY")
        if key is None:
            raise UsageError(f"gemini:{model} needs a key: set GEMINI_API_KEY")
        self.model = model
        self.room = room
        self._types = types
        self._client = genai.Client(
            api_key=key,
            http_options=types.HttpOptions(
                base_url=os.environ.get("GEMINI_BASE_URL"),
                timeout=int(apis.TIMEOUT_SECONDS * 1000),
                # `apis.settle` retries, and honours Retry-After, which the SDK passes over.
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    def call(
        self,
        text: str,
        images: Sequence[Image | bytes],
        config: Mapping[str, Any],
        *,
        picture: bool,
        watch: apis.Watch,
    ) -> apis.ApiReply:
        """One reply to text and pictures; `picture` says that a reply without a picture is no reply.

        Raises Refusal for a safety block, ProviderDown for a bad key, an unknown model or an empty quota.
        """
        try:
            return apis.settle(
                lambda: self._once(text, images, config, picture, watch),
                watch=watch,
                transient=lambda error: _transient(error) and self._fatal(error) is None,
                asked_wait=_asked_wait,
            )
        except Exception as error:
            fatal = self._fatal(error)
            if fatal is None:
                raise
            raise fatal from None

    def _once(
        self,
        text: str,
        images: Sequence[Image | bytes],
        config: Mapping[str, Any],
        picture: bool,
        watch: apis.Watch,
    ) -> apis.ApiReply:
        types = self._types
        encoded = [apis.png(image) for image in images]
        parts = [types.Part.from_bytes(data=data, mime_type=apis.mime(data)) for data in encoded]
        response = self._client.models.generate_content(
            model=self.model,
            contents=[*parts, types.Part.from_text(text=text)],
            config=types.GenerateContentConfig(**config),
        )
        used = response.usage_metadata
        watch.used(
            apis.counted(
                input_tokens=getattr(used, "prompt_token_count", 0),
                output_tokens=getattr(used, "candidates_token_count", 0),
                thinking_tokens=getattr(used, "thoughts_token_count", 0),
            )
        )
        return self._read(response, picture)

    def _read(self, response: Any, picture: bool) -> apis.ApiReply:
        feedback = getattr(response, "prompt_feedback", None)
        if feedback is not None and feedback.block_reason is not None:
            raise Refusal(f"the prompt was blocked: {_name(feedback.block_reason)}")
        reply = apis.ApiReply(version=response.model_version or "")
        for candidate in (response.candidates or [])[:1]:
            reply.finish = _name(candidate.finish_reason)
            reply.whole = reply.finish in _WHOLE
            for part in (candidate.content.parts if candidate.content else None) or []:
                if part.inline_data is not None and part.inline_data.data:
                    reply.images.append(part.inline_data.data)
                elif part.text and not part.thought:
                    reply.text += part.text
        # What stood there before a filter stepped in is no answer; a whole picture is one.
        if reply.finish in _BLOCKED and not (picture and reply.images):
            raise Refusal(f"{reply.finish}{f', after: {reply.text[:200]}' if reply.text else ''}")
        if picture and not reply.images and reply.text:
            raise Refusal(f"it answered with text instead of a picture: {reply.text[:200]}")
        if not reply.images and not reply.text:
            if reply.finish == "MAX_TOKENS":
                raise apis.CutReplyError(f"the reply was cut before it began: raise {self.room} (thinking counts)")
            raise apis.EmptyReplyError(f"an empty reply (finish reason {reply.finish or 'none'})")
        return reply

    def _fatal(self, error: BaseException) -> ProviderDown | None:
        """The one line for an error that every further call would meet too."""
        code, message = getattr(error, "code", None), str(getattr(error, "message", error))
        what = f"gemini:{self.model}"
        if code in (401, 403) or (code == 400 and "api key" in message.lower()):
            return ProviderDown(f"{what}: the key was refused ({message}); set a valid GEMINI_API_KEY, then run again")
        if code == 404:
            return ProviderDown(f"{what}: no such model ({message}); check its name")
        if code == 429 and "per day" in message.lower():
            return ProviderDown(f"{what}: the quota is used up ({message}); run again when it is renewed")
        return None


def _name(reason: Any) -> str:
    return str(getattr(reason, "name", reason) or "")


def _transient(error: BaseException) -> bool:
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code in (408, 429) or code >= 500
    # The SDK lets its transport's exceptions through, and which library that is depends on its version.
    dropped = any(kind.__name__ == "TransportError" for kind in type(error).__mro__)
    return dropped or isinstance(error, apis.EmptyReplyError | json.JSONDecodeError | TimeoutError | ConnectionError)


def _asked_wait(error: BaseException) -> float | None:
    """Seconds that the provider asks to wait: in a header, or in the error's details (`"retryDelay": "7s"`)."""
    body = getattr(error, "details", None)
    inner = body.get("error") if isinstance(body, dict) else None
    details = inner.get("details") if isinstance(inner, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = str(detail.get("retryDelay", "") if isinstance(detail, dict) else "").removesuffix("s")
        if delay.replace(".", "", 1).isdigit():
            return float(delay)
    return apis.retry_after(error)
