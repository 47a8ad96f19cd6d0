"""`openai:MODEL` and `openai:MODEL@URL`: OpenAI, or any server that speaks its chat API (vLLM, SGLang), as judge.

    vllm serve Qwen/Qwen2.5-VL-72B-Instruct --tensor-parallel-size 4
    realunify judge RUN --judge openai:Qwen/Qwen2.5-VL-72B-Instruct@http://127.0.0.1:8000/v1

`OPENAI_API_KEY` holds the key; a server of your own usually needs none. Where the server gives log
probabilities, `p_yes` is read off them as the local judge does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from dataset_builder.errors import UsageError
from evaluator import apis
from evaluator.apis.openai import OpenAIClient, split_spec
from evaluator.judges._options import split
from evaluator.judges._remote import OPTIONS, RemoteJudge
from evaluator.models.base import LoadOptions

# Parameters that some models refuse: they are left out then, and that is told.
_OPTIONAL = ("logprobs", "temperature", "max_completion_tokens")


def load(rest: str, options: LoadOptions) -> OpenAIJudge:
    """The judge for `openai:rest`."""
    name, values = split(rest, {**OPTIONS, "max_tokens": 2048}, options, "openai")
    model, url = split_spec(name)
    if url is None and "@" in model:
        raise UsageError(f"openai:{name}: '{name.rpartition('@')[2]}' is no address; write MODEL@http://HOST:PORT/v1")
    return OpenAIJudge(model, url, values)


class OpenAIJudge(RemoteJudge):
    """One chat completion a question."""

    def __init__(self, model: str, url: str | None, values: dict[str, Any]) -> None:
        super().__init__(f"openai:{model}@{url}" if url else f"openai:{model}", model, values)
        self._client = OpenAIClient(model, url)
        # OpenAI's newer models take max_completion_tokens only, other servers surely max_tokens.
        limit = "max_tokens" if url else "max_completion_tokens"
        self._extra: dict[str, Any] = {limit: self.max_tokens, "temperature": 0, "logprobs": True, "top_logprobs": 8}

    def call(self, image: bytes, prompt: str) -> tuple[apis.ApiReply, float | None]:
        import openai

        sent = dict(self._extra)
        try:
            reply = self._client.chat(prompt, [image], **sent)
        except openai.BadRequestError as error:
            if not self._drop(str(error).lower(), sent):
                raise
            return self.call(image, prompt)
        return reply, p_yes(reply.logprobs)

    def _drop(self, message: str, sent: dict[str, Any]) -> bool:
        """Leave out an optional parameter that the model refuses; whether there was one."""
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


def p_yes(first: Sequence[tuple[str, float]]) -> float | None:
    """P(yes) against P(no) among a reply's likeliest first tokens, summed over spellings; None where untold."""
    chance = {"yes": 0.0, "no": 0.0}
    for token, logprob in first:
        word = token.strip().lower()
        if word in chance:
            chance[word] += math.exp(logprob)
    total = sum(chance.values())
    return chance["yes"] / total if total else None
