"""What a model adapter is: two methods and a declaration of what it can do.

A class of your own needs no registration and no base class; this is a whole adapter:

    class MyModel:
        capabilities = {"answer", "generate"}

        def answer(self, requests):
            return [self.vlm.chat(r.text, r.images, seed=r.seed) for r in requests]

        def generate(self, requests):
            return [self.painter.draw(r.text, seed=r.seed) for r in requests]

    realunify run --model mypackage.mymodule:MyModel ...

It is made without arguments; where its constructor names `device`, `dtype` or `revision` (with a default), the
command's options of that name are passed to it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.records import CAPABILITIES, Capability, Request

if TYPE_CHECKING:
    from PIL.Image import Image

    from dataset_builder.folder import Dataset


class Refusal(Exception):  # noqa: N818 - it is an outcome, not an error
    """A provider's safety filter or the model itself declined; recorded as the model's own outcome."""


class ProviderDown(RealUnifyError):
    """Going on is pointless: a revoked key, an exhausted quota, a dead worker. Stops the run, keeping all."""


@dataclass(frozen=True)
class LoadOptions:
    """How to load: `auto` dtype is bf16 on a GPU and float32 on a CPU; `settings` are `--set key=value`."""

    revision: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, str]:
        """What was asked for of revision, dtype and device; what is left to the model is not in it."""
        asked = {"revision": self.revision, "dtype": self.dtype, "device": self.device}
        return {name: value for name, value in asked.items() if value not in (None, "auto")}


class Model:
    """Base of our own adapters. Subclasses set the class attributes they need and one or both methods.

    capabilities: what it can do. `generate` = text to image, `edit` = image and instruction to image.
    defaults: generation parameters with the model's recommended values; no other name is accepted.
    batch_size: where the automatic batch size starts (halved on out-of-memory).
    concurrency: more than 1 = a remote API; the runner then calls with one request from that many threads.
    prices: US dollars a call by capability, at list prices, where a provider charges for calls.
    random_weights: True where the weights are random, so that every output can say so.
    open_parameters: True where parameters of any name are taken, because only the model's own code knows them.
    loaded: False for a declaration, which can be asked what it can do but not to do it.
    """

    name: str = ""
    revision: str = "unknown"
    capabilities: frozenset[Capability] = frozenset()
    defaults: Mapping[str, Any] = {}
    batch_size: int = 1
    concurrency: int = 1
    prices: Mapping[str, float] = {}
    random_weights: bool = False
    open_parameters: bool = False
    loaded: bool = True

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = dict(self.defaults)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Put the user's settings over the defaults; an unknown name is refused with the closest ones."""
        for key in settings:
            if key not in self.parameters and not self.open_parameters:
                close = difflib.get_close_matches(key, self.parameters, n=3, cutoff=0.5)
                names = ", ".join(close or sorted(self.parameters)) or "none"
                raise UsageError(f"{self.name} has no parameter '{key}'; it takes: {names}")
        self.parameters.update(settings)

    def prepare(self, dataset: Dataset) -> None:
        """Called once before a run; only the baselines that answer from the key need it."""

    def answer(self, requests: Sequence[Request]) -> list[str]:
        """Text for each request (with zero or more images), in order."""
        raise UsageError(f"{self.name} cannot answer: not supported")

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        """An RGB image for each request: text to image without images, an edit of the image with one."""
        raise UsageError(f"{self.name} cannot generate or edit: not supported")

    def environment(self) -> dict[str, str]:
        """What else a manifest should record to repeat the run (device, dtype, endpoint, ...)."""
        return {}

    def close(self) -> None:
        """Release processes, connections and memory."""


class Declaration(Model):
    """What is known of a model before it is loaded, which is enough to count its calls.

    Its revision, its environment and, where `parameters` is None, its defaults are not known.
    """

    loaded = False

    def __init__(
        self, name: str, capabilities: Iterable[Capability], parameters: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        self.capabilities = frozenset(capabilities)
        self.open_parameters = parameters is None
        self.parameters = dict(parameters or {})


def checked_capabilities(name: str, declared: Iterable[str]) -> frozenset[Capability]:
    """The capabilities that a model outside this package declares; none, or an unknown one, is refused."""
    found = frozenset(declared)
    if not found or found - frozenset(CAPABILITIES):
        raise UsageError(f"{name}: capabilities is {sorted(found)}; declare a subset of {', '.join(CAPABILITIES)}")
    return frozenset(word for word in CAPABILITIES if word in found)


class ForeignModel(Model):
    """Wraps a user's own class (`package.module:Class`) so that the runner sees a `Model`.

    `given` is what its constructor took of revision, dtype and device.
    """

    def __init__(self, inner: Any, name: str, given: Mapping[str, str] | None = None) -> None:
        declared = checked_capabilities(name, getattr(inner, "capabilities", ()))
        for method, wanted in (("answer", {"answer"}), ("generate", {"generate", "edit"})):
            if declared & wanted and not callable(getattr(inner, method, None)):
                raise UsageError(f"{name} declares {sorted(declared & wanted)} but has no method {method}(requests)")
        self.inner = inner
        self.given = dict(given or {})
        self.name = name
        self.capabilities = declared
        self.revision = str(getattr(inner, "revision", "unknown"))
        self.batch_size = int(getattr(inner, "batch_size", 1))
        self.concurrency = int(getattr(inner, "concurrency", 1))
        self.open_parameters = not hasattr(inner, "defaults")
        self.parameters = dict(getattr(inner, "defaults", {}))

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self._need({"answer"})
        return list(self.inner.answer(requests))

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        self._need({"edit" if request.images else "generate" for request in requests})
        return list(self.inner.generate(requests))

    def environment(self) -> dict[str, str]:
        return self.given

    def _need(self, wanted: set[str]) -> None:
        if lacking := sorted(wanted - self.capabilities):
            raise UsageError(f"{self.name} cannot {', '.join(lacking)}: not supported")

    def close(self) -> None:
        close = getattr(self.inner, "close", None)
        if callable(close):
            close()
