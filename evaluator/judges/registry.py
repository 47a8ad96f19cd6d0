"""Which judges exist, and how a spec such as `local:Qwen/Qwen2.5-VL-7B-Instruct` is loaded.

A judge family is one module in `evaluator/judges/` with a function `load(rest, options) -> Judge`.
"""

from __future__ import annotations

import importlib

from dataset_builder.errors import MissingExtraError, UsageError, unknown_name
from evaluator.judges.base import Judge
from evaluator.models.base import LoadOptions
from evaluator.models.registry import Family

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("local", "local", "poll", "a vision-language checkpoint on this machine",
               "local:Qwen/Qwen2.5-VL-7B-Instruct", "models", ("torch", "transformers")),
        Family("gemini", "gemini", "poll", "Gemini API; gemini-2.5-pro is the paper's judge of record",
               "gemini:gemini-2.5-pro", "gemini", ("google.genai",)),
        Family("openai", "openai", "poll", "OpenAI or any compatible server (vLLM, SGLang), MODEL@URL",
               "openai:Qwen/Qwen2.5-VL-72B-Instruct@http://127.0.0.1:8000/v1", "openai", ("openai",)),
        Family("panel", "panel", "poll", "majority of several judges",
               "panel:gemini:gemini-2.5-pro+local:Qwen/Qwen2.5-VL-7B-Instruct+openai:gpt-4.1"),
        Family("fixed", "fixed", "poll", "always the same reply: a sound dataset gives it 0", "fixed:yes"),
        Family("tiny", "tiny", "poll", "a tiny local judge with random weights, for trying things out",
               "tiny:qwen-vl", "models", ("torch", "transformers")),
    )
}  # fmt: skip


def load_judge(spec: str, options: LoadOptions | None = None) -> Judge:
    """The judge that `spec` names; every mistake is one line that says what to do."""
    head, colon, rest = spec.partition(":")
    if head not in FAMILIES:
        raise unknown_name("judge", head if colon else spec, FAMILIES)
    family = FAMILIES[head]
    if not rest:
        raise UsageError(f"judge '{spec}' lacks its checkpoint or model: write for example {family.example}")
    for package in family.missing:
        raise MissingExtraError(f"judge family '{head}'", package, family.extra)
    module = importlib.import_module(f"evaluator.judges.{family.module}")
    judge = module.load(rest, options or LoadOptions())
    if not isinstance(judge, Judge):
        raise TypeError(f"evaluator.judges.{family.module}.load returned {type(judge).__name__}, not a Judge")
    judge.id = judge.id or spec
    return judge
