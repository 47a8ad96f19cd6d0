"""Which model families exist, and how a spec such as `janus:deepseek-community/Janus-Pro-7B` is loaded.

A family is one module in `evaluator/models/` with a function `load(rest, options) -> Model`, where `rest`
is what follows the colon. One row here is all that a family needs to be listed and found.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataset_builder.errors import MissingExtraError, UsageError, unknown_name
from evaluator.models.base import Declaration, ForeignModel, LoadOptions, Model, checked_capabilities


@dataclass(frozen=True)
class Family:
    """One way in: its module here, what it can do, the packages (and extra) it needs, the load options it uses."""

    name: str
    module: str
    capabilities: str
    summary: str
    example: str
    extra: str = ""
    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages that are needed and not installed (looked up without importing them)."""
        return tuple(name for name in self.packages if not _found(name))


def _found(module: str) -> bool:
    """Whether a module can be imported. Of a dotted name the parent is imported, and may itself be absent."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


_TORCH = ("torch", "transformers")
_ALL = ("revision", "dtype", "device")
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("janus", "janus", "answer generate", "Janus and Janus-Pro, native transformers",
               "janus:deepseek-community/Janus-Pro-7B", "models", _TORCH, options=_ALL),
        Family("emu3", "emu3", "answer generate", "Emu3, native transformers",
               "emu3:BAAI/Emu3-Chat-hf", "models", _TORCH, options=_ALL),
        Family("vlm", "vlm", "answer", "any image-text-to-text checkpoint (Qwen-VL, LLaVA, InternVL, Gemma ...)",
               "vlm:Qwen/Qwen3-VL-8B-Instruct", "models", _TORCH, options=_ALL),
        Family("diffusers", "diffusers", "generate and/or edit, by pipeline class", "image pipelines of diffusers",
               "diffusers:Qwen/Qwen-Image-Edit", "models", (*_TORCH, "diffusers"), options=_ALL),
        Family("gemini", "gemini", "answer generate edit, by model", "Google's Gemini API (GEMINI_API_KEY)",
               "gemini:gemini-2.5-flash-image", "gemini", ("google.genai",)),
        Family("openai", "openai", "answer, or generate edit, by model", "OpenAI and any compatible server, MODEL@URL",
               "openai:gpt-image-1", "openai", ("openai",)),
        Family("pair", "pair", "answer from the first, generate and edit from the second",
               "a specialist pipeline: understands + generates",
               "pair:vlm:Qwen/Qwen3-VL-8B-Instruct+diffusers:Qwen/Qwen-Image-Edit", options=("dtype", "device")),
        Family("worker", "worker", "as the worker declares", "a model in its own environment, over JSON lines",
               "worker:bagel.toml", options=("revision", "device")),
        Family("baseline", "baseline", "answer generate edit", "chance, and gold (answers from the key)",
               "baseline:chance"),
        Family("tiny", "tiny", "as the real adapter", "tiny checkpoints with random weights, for trying things out",
               "tiny:janus", "models", (*_TORCH, "diffusers"), options=("dtype", "device")),
    )
}  # fmt: skip


def load_model(spec: str, options: LoadOptions | None = None) -> Model:
    """The model that `spec` names, loaded and configured; every mistake is one line that says what to do."""
    options = options or LoadOptions()
    family, rest = _parsed(spec)
    _refuse_unused(spec, options.given, options_of(spec))
    if isinstance(family, Family):
        for package in family.missing:
            raise MissingExtraError(f"model family '{family.name}'", package, family.extra)
        model = _module(family).load(rest, options)
        if not isinstance(model, Model):
            raise TypeError(f"evaluator.models.{family.module}.load returned {type(model).__name__}, not a Model")
    else:
        model = _load_foreign(family, spec, options)
    return _configured(model, spec, options)


def declared_model(spec: str, options: LoadOptions | None = None) -> Model:
    """What `spec` can do, told without loading it where its family (`declare`) or class says so, else loaded.

    A family's `declare(rest, options)` gives a model whose `loaded` is False, or None where it cannot tell.
    """
    options = options or LoadOptions()
    family, rest = _parsed(spec)
    _refuse_unused(spec, options.given, options_of(spec))
    if isinstance(family, Family):
        declare = getattr(_module(family), "declare", None)
        found: Model | None = declare(rest, options) if declare else None
    else:
        found = _declared_foreign(family, spec)
    return load_model(spec, options) if found is None else _configured(found, spec, options)


def options_of(spec: str) -> tuple[str, ...]:
    """Which of revision, dtype and device have a meaning for this model."""
    family, _ = _parsed(spec)
    if isinstance(family, Family):
        return family.options
    named = inspect.signature(family).parameters
    return tuple(name for name in _ALL if name in named or any(p.kind is p.VAR_KEYWORD for p in named.values()))


def _refuse_unused(spec: str, given: Collection[str], used: Collection[str]) -> None:
    for name in given:
        if name not in used:
            does = f"it takes {' and '.join(f'--{word}' for word in used)}" if used else "it takes no such option"
            raise UsageError(f"--{name} does nothing for {spec}: {does}; run without --{name}")


def _configured(model: Model, spec: str, options: LoadOptions) -> Model:
    model.name = model.name or spec
    model.configure(options.settings)
    return model


def _parsed(spec: str) -> tuple[Family | type[Any], str]:
    """The family and what follows its colon, or a user's own class."""
    head, colon, rest = spec.partition(":")
    if not colon:
        if head in FAMILIES:
            raise UsageError(f"model '{spec}' lacks its checkpoint: write for example {FAMILIES[head].example}")
        raise unknown_name("model", spec, [*FAMILIES, *(f.example for f in FAMILIES.values())])
    if head in FAMILIES:
        return FAMILIES[head], rest
    if rest.isidentifier() and _importable(head):
        return _foreign_class(head, rest, spec), rest
    raise unknown_name("model family", head, FAMILIES)


def _module(family: Family) -> Any:
    return importlib.import_module(f"evaluator.models.{family.module}")


def _importable(module_name: str) -> bool:
    """Whether this could be a user's own module; the folder that the command runs in counts."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    return "." in module_name or _found(module_name)


def _foreign_class(module_name: str, class_name: str, spec: str) -> type[Any]:
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
    return cls


def _load_foreign(cls: type[Any], spec: str, options: LoadOptions) -> Model:
    """An object of the user's class; its constructor gets what was asked for of revision, dtype and device."""
    needed = [
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and parameter.name not in options.given
    ]
    if needed:
        raise UsageError(f"model '{spec}' is made without arguments, but needs '{needed[0]}': give it a default")
    made = cls(**options.given)
    if isinstance(made, Model):
        return made
    return ForeignModel(made, spec, options.given)


def _declared_foreign(cls: type[Any], spec: str) -> Model | None:
    """What the class says of itself; None where only an object of it can tell."""
    capabilities, defaults = getattr(cls, "capabilities", None), getattr(cls, "defaults", None)
    if not isinstance(capabilities, Collection) or isinstance(defaults, property):
        return None
    return Declaration(spec, checked_capabilities(spec, capabilities), defaults)
