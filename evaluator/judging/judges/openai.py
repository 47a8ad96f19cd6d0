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
from evaluator.judging.judges import _remote
from evaluator.judging.judges._options import split
from evaluator.models import apis
from evaluator.models.apis.openai import OpenAIClient, split_spec
from evaluator.models.base import LoadOptions

# A plain judge needs less room than one that thinks at length, and servers of one's own have a short window.
OPTIONS = {**_remote.OPTIONS, "max_tokens": 2048}


def load(rest: str, options: LoadOptions) -> OpenAIJudge:
    """The judge for `openai:rest`."""
    name, values = split(rest, OPTIONS, options, "openai")
    model, url = split_spec(name)
    if url is None and "@" in model:
        raise UsageError(f"openai:{name}: '{name.rpartition('@')[2]}' is no address; write MODEL@http://HOST:PORT/v1")
    return OpenAIJudge(model, url, values)


class OpenAIJudge(_remote.RemoteJudge):
    """One chat completion a question."""

    def __init__(self, model: str, url: str | None, values: dict[str, Any]) -> None:
        super().__init__(f"openai:{model}@{url}" if url else f"openai:{model}", model, values)
        self._client = OpenAIClient(model, url)

    def call(self, image: bytes, prompt: str, watch: apis.Watch) -> tuple[apis.ApiReply, float | None]:
        reply = self._client.chat(
            prompt, [image], watch=watch, temperature=0, max_tokens=self.max_tokens, logprobs=True, top_logprobs=8
        )
        return reply, p_yes(reply.logprobs)


def p_yes(first: Sequence[tuple[str, float]]) -> float | None:
    """P(yes) against P(no) among a reply's likeliest first tokens, summed over spellings; None where untold."""
    chance = {"yes": 0.0, "no": 0.0}
    for token, logprob in first:
        word = token.strip().lower()
        if word in chance:
            chance[word] += math.exp(logprob)
    total = sum(chance.values())
    return chance["yes"] / total if total else None
