"""Which judges exist, and how a spec such as `local:Qwen/Qwen2.5-VL-7B-Instruct` is loaded.

A judge family is one module in `evaluator/judging/judges/` with a function `load(rest, options) -> Judge` and a table
`OPTIONS` of the names that `--set` takes, with their defaults (a panel's are its members').
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dataset_builder.errors import MissingExtraError, UsageError, unknown_name
from evaluator.judging.judges.base import Judge
from evaluator.models.base import LoadOptions
from evaluator.models.registry import Family


@dataclass(frozen=True)
class JudgeFamily(Family):
    """A way to judge: also what its revision is, and what it costs."""

    revision: str = ""
    cost: str = ""


_PRICED = "the provider's price: realunify judges SPEC"
FAMILIES: dict[str, JudgeFamily] = {
    family.name: family
    for family in (
        JudgeFamily("local", "local", "poll", "a vision-language checkpoint on this machine",
                    "local:Qwen/Qwen2.5-VL-7B-Instruct", "models", ("torch", "transformers"),
                    "the checkpoint's commit", "free"),
        JudgeFamily("gemini", "gemini", "poll", "Gemini API; gemini-2.5-pro is the paper's judge of record",
                    "gemini:gemini-2.5-pro", "gemini", ("google.genai",),
                    "the model's name", _PRICED),
        JudgeFamily("openai", "openai", "poll", "OpenAI or any compatible server (vLLM, SGLang), MODEL@URL",
                    "openai:Qwen/Qwen2.5-VL-72B-Instruct@http://127.0.0.1:8000/v1", "openai", ("openai",),
                    "the model's name", f"own server: free; {_PRICED}"),
        JudgeFamily("panel", "panel", "poll", "majority of several judges, ties unparsed",
                    "panel:gemini:gemini-2.5-pro+local:Qwen/Qwen2.5-VL-7B-Instruct+openai:gpt-4.1",
                    revision="its members'", cost="its members'"),
        JudgeFamily("fixed", "fixed", "poll", "always the same reply: a sound dataset gives it 0", "fixed:yes",
                    revision="1", cost="free"),
        JudgeFamily("tiny", "tiny", "poll", "a tiny local judge with random weights, for trying things out",
                    "tiny:qwen-vl", "models", ("torch", "transformers"), "digest of its weights", "free"),
    )
}  # fmt: skip


def load_judge(spec: str, options: LoadOptions | None = None) -> Judge:
    """The judge that `spec` names; every mistake is one line that says what to do."""
    module, rest = _module(spec)
    judge = module.load(rest, options or LoadOptions())
    if not isinstance(judge, Judge):
        raise TypeError(f"{module.__name__}.load returned {type(judge).__name__}, not a Judge")
    judge.id = judge.id or spec
    return judge


def options_of(spec: str) -> Mapping[str, Any]:
    """The options that the judge of this spec takes, with their defaults; raises as `load_judge` does."""
    options: Mapping[str, Any] = _module(spec)[0].OPTIONS
    return options


def _module(spec: str) -> tuple[Any, str]:
    """The module of the spec's family, and the spec less the family's name."""
    head, colon, rest = spec.partition(":")
    if head not in FAMILIES:
        raise unknown_name("judge", head if colon else spec, FAMILIES)
    family = FAMILIES[head]
    if not rest:
        raise UsageError(f"judge '{spec}' lacks its checkpoint or model: write for example {family.example}")
    for package in family.missing:
        raise MissingExtraError(f"judge family '{head}'", package, family.extra)
    return importlib.import_module(f"evaluator.judging.judges.{family.module}"), rest
