"""`pair:UNDERSTANDS+GENERATES`: a specialist pipeline; the first model answers, the second draws and edits.

    pair:vlm:Qwen/Qwen3-VL-8B-Instruct+diffusers:Qwen/Qwen-Image-Edit
    pair:gemini:gemini-2.5-pro+openai:gpt-image-1        (the paper's oracle pipeline)

Settings go to the member that knows the name, or say whose they are:
`--set max_new_tokens=64 --set generates.guidance_scale=4`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.models.base import LoadOptions, Model
from evaluator.records import Capability, Request

if TYPE_CHECKING:
    from PIL.Image import Image

    from dataset_builder.folder import Dataset

MEMBERS = ("understands", "generates")


def load(rest: str, options: LoadOptions) -> Model:
    """The pair of `rest`; members are loaded with their own defaults, and settings come afterwards."""
    from evaluator.models.registry import load_model

    return _joined(rest, options, load_model)


def declare(rest: str, options: LoadOptions) -> Model:
    """The pair of what its members declare."""
    from evaluator.models.registry import declared_model

    return _joined(rest, options, declared_model)


def _joined(rest: str, options: LoadOptions, load_member: Callable[[str, LoadOptions], Model]) -> Model:
    first, second = split(rest)
    own = _shared_out((first, second), options)
    understands = load_member(first, own[0])
    try:
        if "answer" not in understands.capabilities:
            raise UsageError(f"pair: the first model must answer, but {first} does not ({_can(understands)})")
        generates = load_member(second, own[1])
    except BaseException:
        understands.close()
        raise
    if not generates.capabilities & {"generate", "edit"}:
        understands.close()
        generates.close()
        raise UsageError(f"pair: the second model must generate or edit, but {second} does not ({_can(generates)})")
    return PairModel(understands, generates)


def _shared_out(specs: tuple[str, str], options: LoadOptions) -> list[LoadOptions]:
    """For each member the options that mean something to it; one that means nothing to either is refused."""
    from evaluator.models.registry import options_of

    used = [options_of(spec) for spec in specs]
    for name in options.given:
        if not any(name in names for names in used):
            raise UsageError(f"--{name} does nothing for {specs[0]} nor for {specs[1]}; run without --{name}")
    given: list[dict[str, Any]] = [{k: v for k, v in options.given.items() if k in names} for names in used]
    return [replace(LoadOptions(), **own) for own in given]


def split(rest: str) -> tuple[str, str]:
    """The two specs: cut at the one '+' that a full spec (`family:...`) follows."""
    places = [match.start() for match in re.finditer(r"\+(?=[A-Za-z_][\w.]*:)", rest)]
    if len(places) != 1:
        raise UsageError(f"pair:{rest}: write two full specs with one + between them, as in pair:vlm:A/B+diffusers:C/D")
    return rest[: places[0]], rest[places[0] + 1 :]


def _can(model: Model) -> str:
    return "it can " + ", ".join(sorted(model.capabilities))


class PairModel(Model):
    """Two models behind one interface. Its parameters are the members', named `member.parameter`."""

    def __init__(self, understands: Model, generates: Model) -> None:
        super().__init__()
        self.members = dict(zip(MEMBERS, (understands, generates), strict=True))
        self.understands, self.generates = understands, generates
        self.name = f"pair:{understands.name}+{generates.name}"
        self.revision = f"{understands.revision}+{generates.revision}"
        draws: frozenset[Capability] = frozenset({"generate", "edit"})
        self.capabilities = generates.capabilities & draws | {"answer"}
        # Each member is given batches of its own size out of these.
        self.batch_size = max(understands.batch_size, generates.batch_size)
        # Remote members are called from many threads only where both are made for it.
        self.concurrency = min(understands.concurrency, generates.concurrency)
        self.random_weights = understands.random_weights or generates.random_weights
        self.loaded = understands.loaded and generates.loaded
        self.open_parameters = understands.open_parameters or generates.open_parameters
        self.parameters = {
            f"{role}.{name}": value for role, model in self.members.items() for name, value in model.parameters.items()
        }
        self.configure({})

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Plain names go to the one member that knows them; `understands.x` and `generates.x` say whose."""
        for key, value in settings.items():
            role, dot, name = key.partition(".")
            if not dot or role not in self.members:
                role, name = self._owner(key), key
            self.members[role].configure({name: value})
            self.parameters[f"{role}.{name}"] = value
        # A picture's price may hang on its parameters.
        self.prices = {
            name: price
            for member, names in ((self.understands, {"answer"}), (self.generates, {"generate", "edit"}))
            for name, price in member.prices.items()
            if name in names
        }

    def _owner(self, key: str) -> str:
        """The member that a plain name is meant for: the one that knows it, else the one that takes any."""
        owners = [role for role, member in self.members.items() if key in member.parameters]
        owners = owners or [role for role, member in self.members.items() if member.open_parameters]
        if len(owners) > 1:
            raise UsageError(f"both models take '{key}'; write understands.{key} or generates.{key}")
        if not owners:
            super().configure({key: None})  # refuses it, with the closest names
        return owners[0]

    def prepare(self, dataset: Dataset) -> None:
        for member in self.members.values():
            member.prepare(dataset)

    def answer(self, requests: Sequence[Request]) -> list[str]:
        own = self._for("understands", requests)
        return [text for batch in _batches(own, self.understands) for text in self.understands.answer(batch)]

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        for request in requests:
            needed = "edit" if request.images else "generate"
            if needed not in self.capabilities:
                raise UsageError(f"{self.name} cannot {needed}: not supported")
        own = self._for("generates", requests)
        return [image for batch in _batches(own, self.generates) for image in self.generates.generate(batch)]

    def _for(self, role: str, requests: Sequence[Request]) -> list[Request]:
        """The requests with this member's parameters under its own names; notes and usage stay shared."""
        prefix = f"{role}."
        return [
            replace(
                request,
                parameters={
                    name.removeprefix(prefix): value
                    for name, value in request.parameters.items()
                    if name.startswith(prefix)
                },
            )
            for request in requests
        ]

    def environment(self) -> dict[str, str]:
        return {
            f"{role}.{name}": value
            for role, model in self.members.items()
            for name, value in model.environment().items()
        }

    def close(self) -> None:
        for member in self.members.values():
            member.close()


def _batches(requests: list[Request], member: Model) -> Iterator[list[Request]]:
    for start in range(0, len(requests), member.batch_size):
        yield requests[start : start + member.batch_size]
