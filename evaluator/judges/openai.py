"""`openai:MODEL` and `openai:MODEL@URL`: OpenAI, or any server that speaks its chat API (vLLM, SGLang), as judge.

    vllm serve Qwen/Qwen2.5-VL-72B-Instruct --tensor-parallel-size 4
    realunify judge RUN --judge openai:Qwen/Qwen2.5-VL-72B-Instruct@http://127.0.0.1:8000/v1

`OPENAI_API_KEY` holds the key; a server of your own usually needs none. Where the server gives log
probabilities, `p_yes` is read off them as the local judge does.
"""

from __future__ import annotations

import base64
import math
import os
from typing import Any

from dataset_builder.errors import UsageError
from evaluator.judges._options import split
from evaluator.judges._remote import OPTIONS, Answer, Encoded, Rejected, RemoteJudge, Transient, retry_after_of
from evaluator.models.base import LoadOptions, ProviderDown

# Parameters that some models refuse: they are left out then, and that is told.
_OPTIONAL = ("logprobs", "temperature", "max_completion_tokens")


def load(rest: str, options: LoadOptions) -> OpenAIJudge:
    """The judge for `openai:rest`."""
    name, values = split(rest, {**OPTIONS, "max_tokens": 2048}, options, "openai")
    model, _, url = name.partition("@")
    if url and not url.startswith(("http://", "https://")):
        raise UsageError(f"openai:{name}: '{url}' is no address; write MODEL@http://HOST:PORT/v1")
    key = os.environ.get("OPENAI_API_KEY")
    if not key and not url:
        raise UsageError(
            f"openai:{model} needs an API key: set OPENAI_API_KEY, or name a server of your own: openai:{model}@URL"
        )
    return OpenAIJudge(model, url or os.environ.get("OPENAI_BASE_URL") or None, values, key or "none")


class OpenAIJudge(RemoteJudge):
    """One chat completion a question."""

    def __init__(self, model: str, url: str | None, values: dict[str, Any], key: str) -> None:
        super().__init__(f"openai:{model}@{url}" if url else f"openai:{model}", model, values)
        import openai

        self._client = openai.OpenAI(api_key=key, base_url=url, timeout=self.timeout, max_retries=0)
        # OpenAI's newer models take max_completion_tokens only, other servers surely max_tokens.
        limit = "max_tokens" if url else "max_completion_tokens"
        self._extra: dict[str, Any] = {limit: self.max_tokens, "temperature": 0, "logprobs": True, "top_logprobs": 8}

    def call(self, image: Encoded, prompt: str) -> Answer:
        import openai

        url = f"data:{image.mime};base64,{base64.b64encode(image.data).decode()}"
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": prompt}]
        extra = dict(self._extra)
        try:
            response = self._client.chat.completions.create(
                model=self.model,
                messages=[{"role": "user", "content": content}],  # type: ignore[misc, list-item]
                **extra,
            )
        except openai.BadRequestError as error:
            if self._drop(error, extra):
                return self.call(image, prompt)
            raise Rejected(f"400: {_line(error)}") from None
        except openai.APIStatusError as error:
            raise self._explained(error) from None
        # Timeouts and dropped connections, and bodies that are no JSON.
        except (openai.APIConnectionError, openai.APIResponseValidationError, ValueError) as error:
            raise Transient(f"{type(error).__name__}: {error}") from None
        return self._answer(response)

    def _drop(self, error: Any, sent: dict[str, Any]) -> bool:
        """Leave out an optional parameter that the model refuses; whether there was one."""
        message = str(error).lower()
        for name in _OPTIONAL:
            if name in message and name in sent:
                with self._lock:
                    if name in self._extra:
                        self._extra = {key: value for key, value in self._extra.items() if name not in key}
                        self.notes += (f"{self.model} does not take {name}: left out",)
                        if name == "temperature":
                            self.decoding = {**self.decoding, "temperature": "the provider's"}
                return True
        return False

    def _answer(self, response: Any) -> Answer:
        choices = getattr(response, "choices", None)
        if not choices:
            raise Transient("a reply without choices")
        choice, counted = choices[0], getattr(response, "usage", None)
        usage = (
            {"input_tokens": counted.prompt_tokens or 0, "output_tokens": counted.completion_tokens or 0}
            if counted is not None
            else {}
        )
        text = (choice.message.content or "").strip()
        if choice.finish_reason == "content_filter" or choice.message.refusal:
            return Answer(text, usage=usage, blocked=f"blocked: {choice.message.refusal or 'content_filter'}")
        if choice.finish_reason == "length":
            return Answer(text, usage=usage, blocked=f"cut off at max_tokens={self.max_tokens}")
        if not text:
            raise Transient(f"an empty reply ({choice.finish_reason})")
        return Answer(text, _p_yes(choice.logprobs), usage)

    def _explained(self, error: Any) -> Exception:
        code = error.status_code
        if code in (401, 403):
            return ProviderDown(
                f"{self.id}: the API key was refused ({code}: {_line(error)}); set a valid OPENAI_API_KEY and run "
                "again: what is answered is kept"
            )
        if code == 404:
            return ProviderDown(f"{self.id}: no such model or address ({_line(error)}); check both in the judge's spec")
        if code == 429 and getattr(error, "code", None) == "insufficient_quota":
            return ProviderDown(f"{self.id}: the quota is used up ({_line(error)}); what is answered is kept")
        if code in (408, 409, 429) or code >= 500:
            return Transient(f"{code}: {_line(error)}", retry_after_of(error.response.headers))
        return Rejected(f"{code}: {_line(error)}")

    def close(self) -> None:
        self._client.close()


def _p_yes(logprobs: Any) -> float | None:
    """P(yes) against P(no) at the reply's first token, summed over spellings; None where it is not told."""
    tokens = getattr(logprobs, "content", None)
    if not tokens:
        return None
    chance = {"yes": 0.0, "no": 0.0}
    for token in tokens[0].top_logprobs or []:
        word = token.token.strip().lower()
        if word in chance:
            chance[word] += math.exp(token.logprob)
    total = sum(chance.values())
    return chance["yes"] / total if total else None


def _line(error: Any) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300].rstrip(".")
