"""Which model families exist, and how a spec such as `janus:deepseek-community/Janus-Pro-7B` is loaded.

A family is one module in `evaluator/models/` with a function `load(rest, options) -> Model`, where `rest`
is what follows the colon. One row here is all that a family needs to be listed and found.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

from dataset_builder.errors import MissingExtraError, UsageError, unknown_name
from evaluator.models.base import ForeignModel, LoadOptions, Model


@dataclass(frozen=True)
class Family:
    """One way in: its module here, what it can do, and the packages (and extra) it needs."""

    name: str
    module: str
    capabilities: str
    summary: str
    example: str
    extra: str = ""
    packages: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages that are needed and not installed (looked up without importing them)."""
        return tuple(name for name in self.packages if importlib.util.find_spec(name) is None)


_TORCH = ("torch", "transformers")
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("janus", "janus", "answer generate", "Janus and Janus-Pro, native transformers",
               "janus:deepseek-community/Janus-Pro-7B", "models", _TORCH),
        Family("emu3", "emu3", "answer generate", "Emu3, native transformers",
               "emu3:BAAI/Emu3-Chat-hf", "models", _TORCH),
        Family("vlm", "vlm", "answer", "any image-text-to-text checkpoint (Qwen-VL, LLaVA, InternVL, Gemma ...)",
               "vlm:Qwen/Qwen3-VL-8B-Instruct", "models", _TORCH),
        Family("diffusers", "diffusers", "generate and/or edit, by pipeline class", "image pipelines of diffusers",
               "diffusers:Qwen/Qwen-Image-Edit", "models", (*_TORCH, "diffusers")),
        Family("gemini", "gemini", "answer generate edit, by model", "Google's Gemini API (GEMINI_API_KEY)",
               "gemini:gemini-2.5-flash-image", "gemini", ("google.genai",)),
        Family("openai", "openai", "answer, or generate edit, by model", "OpenAI and any compatible server, MODEL@URL",
               "openai:gpt-image-1", "openai", ("openai",)),
        Family("pair", "pair", "answer from the first, generate and edit from the second",
               "a specialist pipeline: understands + generates",
               "pair:vlm:Qwen/Qwen3-VL-8B-Instruct+diffusers:Qwen/Qwen-Image-Edit"),
        Family("worker", "worker", "as the worker declares", "a model in its own environment, over JSON lines",
               "worker:bagel.toml"),
        Family("baseline", "baseline", "answer generate edit", "chance, and gold (answers from the key)",
               "baseline:chance"),
        Family("tiny", "tiny", "as the real adapter", "tiny checkpoints with random weights, for trying things out",
               "tiny:janus", "models", (*_TORCH, "diffusers")),
    )
}  # fmt: skip


def load_model(spec: str, options: LoadOptions | None = None) -> Model:
    """The model that `spec` names, loaded and configured; every mistake is one line that says what to do."""
    options = options or LoadOptions()
    head, colon, rest = spec.partition(":")
    if not colon:
        if head in FAMILIES:
            raise UsageError(f"model '{spec}' lacks its checkpoint: write for example {FAMILIES[head].example}")
        raise unknown_name("model", spec, [*FAMILIES, *(f.example for f in FAMILIES.values())])
    if head in FAMILIES:
        model = _load_family(FAMILIES[head], rest, options)
    elif rest.isidentifier() and _importable(head):
        model = _load_foreign(head, rest, spec, options)
    else:
        raise unknown_name("model family", head, FAMILIES)
    model.name = model.name or spec
    model.configure(options.settings)
    return model


def _load_family(family: Family, rest: str, options: LoadOptions) -> Model:
    for package in family.missing:
        raise MissingExtraError(f"model family '{family.name}'", package, family.extra)
    module = importlib.import_module(f"evaluator.models.{family.module}")
    model = module.load(rest, options)
    if not isinstance(model, Model):
        raise TypeError(f"evaluator.models.{family.module}.load returned {type(model).__name__}, not a Model")
    return model


def _importable(module_name: str) -> bool:
    """Whether this could be a user's own module; the folder that the command runs in counts."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    if "." in module_name:
        return True
    try:
        return importlib.util.find_spec(module_name) is not None
    except (ImportError, ValueError):
        return False


def _load_foreign(module_name: str, class_name: str, spec: str, options: LoadOptions) -> Model:
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise UsageError(
                f"model '{spec}': no module '{module_name}' can be imported from here; "
                "run in the folder that holds it, or install it"
            ) from None
        raise
    cls = getattr(module, class_name, None)
    if not inspect.isclass(cls):
        classes = [name for name, _ in inspect.getmembers(module, inspect.isclass)]
        raise unknown_name(f"class in {module_name}", class_name, classes or ["(none)"])
    if issubclass(cls, Model):
        return cls()
    model = ForeignModel(cls(), spec)
    # A class that declares no defaults takes whatever it is given: it knows its own parameters.
    if not hasattr(cls, "defaults"):
        model.parameters.update(options.settings)
    return model
