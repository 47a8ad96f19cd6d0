"""One batch of instances through a protocol's steps: calls, intermediates, and failures kept apart.

A call that fails for a batch is made again one by one, so that one bad instance never costs its
neighbours; out of memory halves the batch instead. Nothing here knows any protocol or model by name.
"""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance
from evaluator.models.base import Model, Refusal
from evaluator.protocols import Column, Output, Protocol, StepPlan
from evaluator.records import Prediction, Request, Step, sound_text
from evaluator.runs.pictures import encode_png


@dataclass
class Outcome:
    """A finished prediction and the pictures (by their path in the run folder) that go with it.

    Not encoded yet: that takes longer than everything else here, so the thread that writes does it while
    the model is at its next call.
    """

    prediction: Prediction
    pictures: dict[str, Image.Image]

    def encoded(self) -> tuple[Prediction, dict[str, bytes]]:
        """The prediction with the digest of its image, and each picture as PNG bytes."""
        files = {path: encode_png(picture) for path, picture in self.pictures.items()}
        if self.prediction.image is None:
            return self.prediction, files
        digest = hashlib.sha256(files[self.prediction.image]).hexdigest()
        return self.prediction.model_copy(update={"image_sha256": digest}), files


@dataclass(frozen=True)
class _Failed:
    trace: str


@dataclass(frozen=True)
class _Refused:
    reason: str


@dataclass
class _State:
    """How far one instance has come."""

    instance: Instance
    steps: list[Step] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    images: dict[str, Image.Image] = field(default_factory=dict)
    pictures: dict[str, Image.Image] = field(default_factory=dict)
    error: str | None = None
    refusal: str | None = None

    @property
    def alive(self) -> bool:
        return self.error is None and self.refusal is None


def instance_seed(seed: int, instance_id: str) -> int:
    """The seed of an instance's calls: a function of the run's seed and the id, the same in every protocol.

    Direct and stepwise thus draw from the same noise, which makes their difference less noisy.
    """
    return int.from_bytes(hashlib.sha256(f"{seed}/{instance_id}".encode()).digest()[:4], "big") & 0x7FFF_FFFF


class Stepper:
    """Runs batches of instances of one axis through one protocol with one model."""

    def __init__(self, model: Model, *, seed: int, batch_size: int, image_path: Callable[[str, str, str], str]) -> None:
        self.model = model
        self.seed = seed
        self.batch_size = batch_size
        self.image_path = image_path
        self.out_of_memory_at: list[int] = []

    def run(self, protocol: Protocol, instances: Sequence[Instance]) -> list[Outcome]:
        """Outcomes in the order of `instances`, which share an axis."""
        states = [_State(instance) for instance in instances]
        for plan in protocol.steps[instances[0].axis]:
            self._step(protocol, plan, [state for state in states if state.alive])
        return [self._outcome(protocol, state) for state in states]

    def _step(self, protocol: Protocol, plan: StepPlan, states: list[_State]) -> None:
        requests: list[Request] = []
        ready: list[_State] = []
        for state in states:
            try:
                requests.append(self._request(plan, state))
                ready.append(state)
            except (ValueError, OSError) as error:
                state.error = f"{plan.name}: {error}"
        for state, request, (output, seconds) in zip(ready, requests, self._call(plan, requests), strict=True):
            if isinstance(output, _Failed):
                state.error = output.trace
            elif isinstance(output, _Refused):
                state.refusal = f"{plan.name}: {output.reason}"
            else:
                self._keep(protocol, plan, state, request, output, seconds)

    def _request(self, plan: StepPlan, state: _State) -> Request:
        text = state.texts[plan.text.step] if isinstance(plan.text, Output) else _column(state.instance, plan.text)
        image: tuple[Image.Image, ...] = ()
        if isinstance(plan.image, Output):
            image = (state.images[plan.image.step],)
        elif isinstance(plan.image, Column):
            image = (state.instance.picture(plan.image.name),)  # type: ignore[arg-type]
        return Request(
            text=text,
            images=image,
            seed=instance_seed(self.seed, state.instance.id),
            parameters=self.model.parameters,
            id=state.instance.id,
            step=plan.name,
        )

    def _call(self, plan: StepPlan, requests: list[Request]) -> Iterator[tuple[Any, float]]:
        """(output, seconds) for each request, in order."""
        position = 0
        while position < len(requests):
            batch = requests[position : position + self.batch_size]
            started = time.perf_counter()
            outputs = self._attempt(plan, batch)
            if outputs is None:
                continue
            seconds = (time.perf_counter() - started) / len(batch)
            yield from ((output, seconds) for output in outputs)
            position += len(batch)

    def _attempt(self, plan: StepPlan, batch: list[Request]) -> list[Any] | None:
        """Outputs of one batch; None when it did not fit in memory and the batch size was halved."""
        method = self.model.answer if plan.needs == "answer" else self.model.generate
        try:
            outputs = list(method(batch))
            if len(outputs) != len(batch):
                raise ValueError(f"the model returned {len(outputs)} outputs for {len(batch)} requests")
            return [_checked(plan, output) for output in outputs]
        except RealUnifyError:
            raise
        except Exception as error:
            if len(batch) == 1:
                return [_Refused(str(error)) if isinstance(error, Refusal) else _Failed(traceback.format_exc())]
            if _is_out_of_memory(error):
                self.out_of_memory_at.append(len(batch))
                self.batch_size = max(1, len(batch) // 2)
                _free_memory()
                return None
        outputs = []
        for request in batch:
            request.notes.clear()
            request.usage.clear()
            outputs += self._attempt(plan, [request]) or []
        return outputs

    def _keep(
        self, protocol: Protocol, plan: StepPlan, state: _State, request: Request, output: Any, seconds: float
    ) -> None:
        path = None
        if isinstance(output, str):
            state.texts[plan.name] = output
        else:
            path = self.image_path(state.instance.id, protocol.name, plan.name)
            state.images[plan.name] = output
            state.pictures[path] = output
        state.steps.append(
            Step(
                name=plan.name,
                prompt=request.text,
                text=output if isinstance(output, str) else None,
                image=path,
                seed=request.seed,
                seconds=round(seconds, 4),
                notes=request.notes,
                usage=request.usage,
            )
        )

    def _outcome(self, protocol: Protocol, state: _State) -> Outcome:
        last = state.steps[-1] if state.steps and state.alive else None
        image = last.image if last and state.instance.axis == "ueg" else None
        prediction = Prediction(
            id=state.instance.id,
            protocol=protocol.name,
            response=last.text if last and state.instance.axis == "geu" else None,
            image=image,
            steps=state.steps,
            error=state.error,
            refusal=state.refusal,
        )
        return Outcome(prediction, state.pictures)


def _column(instance: Instance, column: Column) -> str:
    text = getattr(instance, column.name)
    if text is None:
        raise ValueError(f"the dataset has no {column.name} for {instance.id}")
    return str(text)


def _checked(plan: StepPlan, output: Any) -> Any:
    """The output in the form that the rest relies on; a wrong one fails its own instance alone."""
    if plan.needs == "answer":
        if not isinstance(output, str):
            return _Failed(f"answer returned {type(output).__name__}, not text")
        return sound_text(output)
    if not isinstance(output, Image.Image):
        return _Failed(f"generate returned {type(output).__name__}, not a PIL image")
    try:
        output.load()
        if 0 in output.size:
            raise ValueError(f"its size is {output.size}")
        return _opaque(output)
    except (OSError, ValueError, SyntaxError) as error:
        return _Failed(f"generate returned an image that cannot be used: {error}")


def _opaque(image: Image.Image) -> Image.Image:
    """RGB, with white where the picture is transparent: what a viewer would show."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    page = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(page, image.convert("RGBA")).convert("RGB")


def _is_out_of_memory(error: Exception) -> bool:
    return type(error).__name__ == "OutOfMemoryError" or "out of memory" in str(error).lower()


def _free_memory() -> None:
    import sys

    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def add_usage(total: dict[str, int], prediction: Prediction) -> None:
    """Add the tokens and other counted use of all steps of a prediction to `total`."""
    for step in prediction.steps:
        for key, value in step.usage.items():
            total[key] = total.get(key, 0) + value
