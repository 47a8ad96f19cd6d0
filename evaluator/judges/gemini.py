"""`gemini:MODEL`: Google's Gemini API as judge; `gemini:gemini-2.5-pro` is the paper's judge of record.

    export GEMINI_API_KEY=...
    realunify judge RUN --judge gemini:gemini-2.5-pro

The poll is sent as plain text (an enum response schema would change the protocol). `GEMINI_BASE_URL`
points at another server.
"""

from __future__ import annotations

import os
from typing import Any

from dataset_builder.errors import UsageError
from evaluator.judges._options import split
from evaluator.judges._remote import OPTIONS, Answer, Encoded, Rejected, RemoteJudge, Transient, retry_after_of
from evaluator.models.base import LoadOptions, ProviderDown

# Why a candidate may have no text though the provider means it so: asking again gives the same.
_BLOCKED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR")


def load(rest: str, options: LoadOptions) -> GeminiJudge:
    """The judge for `gemini:rest`."""
    model, values = split(rest, OPTIONS, options, "gemini")
    key = os.environ.get("GEMINI_API_KEY") or os.environ.get("GOOGLE_API_KEY")
    if not key:
        raise UsageError(f"gemini:{model} needs an API key: set GEMINI_API_KEY (https://aistudio.google.com/apikey)")
    return GeminiJudge(model, values, key, os.environ.get("GEMINI_BASE_URL"))


class GeminiJudge(RemoteJudge):
    """One `generateContent` a question."""

    def __init__(self, model: str, values: dict[str, Any], key: str, base_url: str | None = None) -> None:
        super().__init__(f"gemini:{model}", model, values)
        from google import genai
        from google.genai import types

        self._types = types
        self._client = genai.Client(
            api_key=key,
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=base_url,
                timeout=int(self.timeout * 1000),
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )

    def call(self, image: Encoded, prompt: str) -> Answer:
        import httpx
        from google.genai import errors

        part = self._types.Part.from_bytes(data=image.data, mime_type=image.mime)
        config = self._types.GenerateContentConfig(temperature=0, max_output_tokens=self.max_tokens)
        try:
            response = self._client.models.generate_content(model=self.model, contents=[part, prompt], config=config)
        except errors.APIError as error:
            raise self._explained(error) from None
        # A timeout or a dropped connection raises the transport's own exception; a garbled body a ValueError.
        except (httpx.HTTPError, ValueError) as error:
            raise Transient(f"{type(error).__name__}: {error}") from None
        return self._answer(response)

    def _answer(self, response: Any) -> Answer:
        usage = _usage(response.usage_metadata)
        feedback = response.prompt_feedback
        if feedback is not None and feedback.block_reason is not None:
            return Answer("", usage=usage, blocked=f"blocked: {feedback.block_reason.name}")
        candidate = response.candidates[0] if response.candidates else None
        reason = candidate.finish_reason.name if candidate is not None and candidate.finish_reason else "no candidate"
        parts = candidate.content.parts if candidate is not None and candidate.content else None
        text = "".join(part.text or "" for part in parts or [] if not part.thought).strip()
        if reason in _BLOCKED:
            return Answer(text, usage=usage, blocked=f"blocked: {reason}")
        if reason == "MAX_TOKENS":
            return Answer(text, usage=usage, blocked=f"cut off at max_tokens={self.max_tokens}")
        if not text:
            raise Transient(f"an empty reply ({reason})")
        return Answer(text, usage=usage)

    def _explained(self, error: Any) -> Exception:
        """What an HTTP error means for this question, or for all of them."""
        code, message = error.code, str(error.message or error).splitlines()[0].rstrip(".")
        if code in (401, 403) or (code == 400 and "api key" in message.lower()):
            return ProviderDown(
                f"{self.id}: the API key was refused ({code}: {message}); set a valid GEMINI_API_KEY and run again: "
                "what is answered is kept"
            )
        if code == 404:
            return ProviderDown(
                f"{self.id}: no such model ({message}); see https://ai.google.dev/gemini-api/docs/models"
            )
        if code in (408, 409, 429) or code >= 500:
            headers = getattr(error.response, "headers", None)
            return Transient(f"{code}: {message}", retry_after_of(headers))
        return Rejected(f"{code}: {message}")

    def close(self) -> None:
        self._client.close()


def _usage(metadata: Any) -> dict[str, int]:
    if metadata is None:
        return {}
    thoughts = metadata.thoughts_token_count or 0
    return {
        "input_tokens": metadata.prompt_token_count or 0,
        "output_tokens": (metadata.candidates_token_count or 0) + thoughts,
    }
