"""`diffusers:CHECKPOINT`: image pipelines; what each can do is told by its class, in `_pipelines.PIPELINES`.

    diffusers:Qwen/Qwen-Image-Edit, diffusers:black-forest-labs/FLUX.1-Kontext-dev, or a folder

The class is read from `model_index.json` before any weights. Each row draws from a generator of its own
seed. A text encoder that silently cuts a long prompt is caught at it, and the request's notes say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError, unknown_name
from evaluator.models._pipelines import PIPELINES, recommended
from evaluator.models._torch import (
    Checkpoint,
    device_of,
    dtype_of,
    environment_of,
    find_checkpoint,
    generator,
    loading,
    quiet,
    require_tokenizer,
    seeded,
)
from evaluator.models._weights import whole_weights
from evaluator.models.base import Declaration, LoadOptions, Model
from evaluator.records import Request

if TYPE_CHECKING:
    from PIL.Image import Image


def load(rest: str, options: LoadOptions) -> Model:
    """The adapter for `diffusers:rest`."""
    found, class_name = _found(rest, options)
    return ImagePipeline(found.spec, found, class_name, options)


def declare(rest: str, options: LoadOptions) -> Model:
    """What the checkpoint's pipeline class can do; reads its `model_index.json` only."""
    found, class_name = _found(rest, options)
    row = PIPELINES[class_name]
    return Declaration(found.spec, row.capabilities, recommended(row, found.place))


def _found(rest: str, options: LoadOptions) -> tuple[Checkpoint, str]:
    """Where the checkpoint is, and its pipeline class."""
    found = find_checkpoint(f"diffusers:{rest}", rest, options, "model_index.json")
    class_name = str(found.read_index().get("_class_name", "?"))
    if class_name not in PIPELINES:
        raise unknown_name(f"pipeline class of {found.spec}", class_name, PIPELINES)
    return found, class_name


class ImagePipeline(Model):
    """One diffusers pipeline that draws, edits by instruction, or both."""

    # One at a time, so that pictures are the same bytes however the rows were grouped, and because one
    # picture of a megapixel already fills a GPU; --batch-size raises it.
    batch_size = 1

    def __init__(self, name: str, found: Checkpoint, class_name: str, options: LoadOptions) -> None:
        super().__init__()
        self.name = name
        self.class_name = class_name
        self.row = PIPELINES[class_name]
        self.capabilities = self.row.capabilities
        self.parameters = recommended(self.row, found.place)
        self.device = device_of(options)
        self.dtype = dtype_of(options, self.device)
        self.pipe = self._load(found)
        self.revision = found.revision

    def _load(self, found: Checkpoint) -> Any:
        import diffusers

        quiet()
        diffusers.utils.logging.set_verbosity_error()
        diffusers.utils.logging.disable_progress_bar()
        cls = getattr(diffusers, self.class_name, None)
        if cls is None:
            raise UsageError(
                f"{found.spec} needs {self.class_name}, which diffusers {diffusers.__version__} lacks; "
                "run: pip install -U diffusers"
            )
        with loading(found.spec):
            with whole_weights(found.spec):
                pipe = cls.from_pretrained(found.place, revision=found.commit, dtype=self.dtype)
            for name, part in pipe.components.items():
                if name.startswith("tokenizer") and part is not None:
                    require_tokenizer(found.spec, part)
            pipe.set_progress_bar_config(disable=True)
            return pipe.to(self.device)

    def environment(self) -> dict[str, str]:
        import diffusers

        facts = environment_of(self.device, self.dtype)
        return {**facts, "pipeline": self.class_name, "diffusers": diffusers.__version__}

    def close(self) -> None:
        del self.pipe

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        drawn: dict[int, Image] = {}
        for rows in self._batches(requests):
            drawn.update(zip(rows, self._draw([requests[row] for row in rows]), strict=True))
        return [drawn[row] for row in range(len(requests))]

    def _batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Rows of one call: text to image with the same parameters; every edit by itself."""
        groups: dict[object, list[int]] = {}
        for row, request in enumerate(requests):
            needed = "edit" if request.images else "generate"
            if needed not in self.capabilities:
                raise UsageError(f"{self.name} ({self.class_name}) cannot {needed}: not supported")
            alone = row if request.images or not self.row.batches else None
            groups.setdefault((alone, repr(sorted(request.parameters.items()))), []).append(row)
        return list(groups.values())

    def _draw(self, requests: list[Request]) -> list[Image]:
        import torch

        first = requests[0]
        call: dict[str, Any] = {**first.parameters, "prompt": first.text}
        if first.images:
            (self.row.edit or _edit)(call, first.images[0].convert("RGB"))
        else:
            call.pop("longest_edge", None)
            call.update({key: value for key, value in self.row.also.items() if call[key] is None})
        generators = [generator(request.seed) for request in requests]
        if len(requests) == 1:
            call["generator"] = generators[0]
        else:
            call.update(prompt=[request.text for request in requests], generator=generators)
            if call.get("negative_prompt") is not None:
                call["negative_prompt"] = [call["negative_prompt"]] * len(requests)
        # The global generators are seeded too: some pipelines hold a language model that samples from them.
        with self._watched(requests), seeded(first.seed, self.device), torch.inference_mode():
            images = self.pipe(**call, return_dict=False)[0]
        return [image.convert("RGB") for image in images]

    @contextmanager
    def _watched(self, requests: list[Request]) -> Iterator[None]:
        """Note on each request where a tokenizer of the pipeline cut its prompt."""
        parts = {name: part for name, part in self.pipe.components.items() if name.startswith("tokenizer") and part}
        cuts: dict[str, list[tuple[int, int]]] = {name: [] for name in parts}
        kinds = {name: type(part) for name, part in parts.items()}
        for name, part in parts.items():
            part.__class__ = _watching(kinds[name], cuts[name])
        try:
            yield
        finally:
            for name, part in parts.items():
                part.__class__ = kinds[name]
        for name, lengths in cuts.items():
            # The prompts come first and in order; negative prompts follow and are short.
            for request, (whole, kept) in zip(requests, lengths, strict=False):
                if whole > kept:
                    request.notes.append(f"prompt cut from {whole} to {kept} tokens ({name})")


def _edit(call: dict[str, Any], image: Image) -> None:
    call["image"] = image


def _watching(kind: Any, cuts: list[tuple[int, int]]) -> Any:
    """A subclass of this tokenizer's class that records (whole length, kept length) of each truncating call."""

    def __call__(self: Any, text: Any = None, *args: Any, **kwargs: Any) -> Any:
        result = kind.__call__(self, text, *args, **kwargs)
        if kwargs.get("truncation") and isinstance(text, str | list) and text:
            texts = [text] if isinstance(text, str) else text
            limit = kwargs.get("max_length") or self.model_max_length
            if all(isinstance(item, str) for item in texts):
                whole = [len(kind.__call__(self, item, truncation=False)["input_ids"]) for item in texts]
                cuts.extend((length, min(length, limit)) for length in whole)
        return result

    return type(kind.__name__, (kind,), {"__call__": __call__})
