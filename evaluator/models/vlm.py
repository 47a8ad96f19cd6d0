"""`vlm:CHECKPOINT`: any image-text-to-text checkpoint that transformers' Auto classes load; answers only.

    vlm:Qwen/Qwen2.5-VL-7B-Instruct, vlm:Qwen/Qwen3-VL-8B-Instruct, vlm:google/gemma-3-4b-it,
    vlm:OpenGVLab/InternVL3-8B-hf, vlm:llava-hf/llava-onevision-qwen2-7b-ov-hf, or a folder

Decoding is greedy unless `--set do_sample=true`. `load_vlm` gives the bare model and processor to others
that read images with the same checkpoints.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from dataset_builder.errors import UsageError
from evaluator.models._torch import (
    Checkpoint,
    config_of,
    device_of,
    dtype_of,
    environment_of,
    find_checkpoint,
    loading,
    quiet,
    require_tokenizer,
    seeded,
)
from evaluator.models._weights import whole_weights
from evaluator.models.base import Declaration, LoadOptions, Model
from evaluator.records import Request

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

TEXT_DEFAULTS: dict[str, Any] = {"max_new_tokens": 512, "do_sample": False, "temperature": 1.0, "top_p": 1.0}


class Loaded(NamedTuple):
    """A checkpoint in memory: the model on its device, its processor (padding left), its revision."""

    model: Any
    processor: Any
    revision: str


def load(rest: str, options: LoadOptions) -> Model:
    """The adapter for `vlm:rest`."""
    return VisionLanguageModel(f"vlm:{rest}", load_vlm(rest, options))


def declare(rest: str, options: LoadOptions) -> Model:
    """What every checkpoint of this family can do."""
    return Declaration(f"vlm:{rest}", VisionLanguageModel.capabilities, VisionLanguageModel.defaults)


def load_vlm(checkpoint: str, options: LoadOptions, *, spec: str = "") -> Loaded:
    """An image-text-to-text checkpoint (a folder or a Hub id), in evaluation mode.

    Raises UsageError or RealUnifyError, in one line that starts with `spec`, for what a user can mend.
    """
    from transformers import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING, AutoModelForImageTextToText

    spec = spec or f"vlm:{checkpoint}"
    found = find_checkpoint(spec, checkpoint, options, "config.json")
    config = config_of(found)
    if type(config) not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        raise UsageError(
            f"{spec} is a '{config.model_type}' checkpoint, which does not turn images and text into text; "
            "give a vision-language checkpoint"
        )
    return load_with(AutoModelForImageTextToText, found, config, options)


def load_with(auto_class: Any, found: Checkpoint, config: Any, options: LoadOptions) -> Loaded:
    """Weights through `auto_class.from_pretrained` and the processor that belongs to them."""
    quiet()
    device = device_of(options)
    with loading(found.spec):
        processor = _processor(found, config)
        with whole_weights(found.spec):
            model = auto_class.from_pretrained(found.place, revision=found.commit, dtype=dtype_of(options, device))
        model = model.to(device).eval()
    return Loaded(model, processor, found.revision)


def _processor(found: Checkpoint, config: Any) -> Any:
    """The checkpoint's processor; without torchvision, one that reads images only."""
    from transformers import AutoProcessor
    from transformers.utils import is_torchvision_available

    kind = AutoProcessor if is_torchvision_available() else _images_only_processor(config.model_type)
    try:
        processor = kind.from_pretrained(found.place, revision=found.commit)
    except AttributeError as error:
        raise UsageError(
            f"{found.spec}: its processor's or tokenizer's files are of another model ({error})"
        ) from error
    tokenizer = processor.tokenizer
    require_tokenizer(found.spec, tokenizer)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return processor


def _images_only_processor(model_type: str) -> Any:
    """The processor class of this model type, less its video processor (which needs torchvision)."""
    import transformers
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES

    if model_type not in PROCESSOR_MAPPING_NAMES:
        return transformers.AutoProcessor
    whole: Any = getattr(transformers, PROCESSOR_MAPPING_NAMES[model_type])
    if "video_processor" not in whole.get_attributes():
        return whole

    def __init__(
        self: Any, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None, **kwargs: Any
    ) -> None:
        # The class sets its own fields and hands what it was given to ProcessorMixin, which counts the
        # attributes that *this* signature names: image_processor and tokenizer.
        kwargs.pop("video_processor", None)
        whole.__init__(
            self, image_processor=image_processor, tokenizer=tokenizer, chat_template=chat_template, **kwargs
        )

    return type(whole.__name__, (whole,), {"__init__": __init__})


class VisionLanguageModel(Model):
    """Answers about images, and plain text, through the checkpoint's own chat template."""

    capabilities = frozenset({"answer"})
    defaults = TEXT_DEFAULTS
    batch_size = 4

    def __init__(self, name: str, loaded: Loaded) -> None:
        super().__init__()
        self.name = name
        self.model, self.processor, self.revision = loaded
        if not getattr(self.processor, "chat_template", None):
            raise UsageError(
                f"{name} has no chat template, so it is a base model; give an instruction-tuned checkpoint"
            )

    @property
    def device(self) -> torch.device:
        device: torch.device = self.model.device
        return device

    def environment(self) -> dict[str, str]:
        return environment_of(self.device, self.model.dtype)

    def close(self) -> None:
        del self.model

    def answer(self, requests: Sequence[Request]) -> list[str]:
        answers = [""] * len(requests)
        for rows in self._batches(requests):
            for row, text in zip(rows, self._answer_rows([requests[row] for row in rows]), strict=True):
                answers[row] = text
        return answers

    def _batches(self, requests: Sequence[Request]) -> list[list[int]]:
        """Rows that may go through the model together: as many images each, and the same parameters.

        Sampling draws from the global generator, so sampled rows go one at a time under their own seed.
        """
        groups: dict[object, list[int]] = {}
        for row, request in enumerate(requests):
            alone = row if request.parameters["do_sample"] else None
            groups.setdefault((len(request.images), repr(sorted(request.parameters.items())), alone), []).append(row)
        return list(groups.values())

    def _answer_rows(self, requests: list[Request]) -> list[str]:
        import torch

        inputs = self.inputs([r.text for r in requests], [list(r.images) for r in requests])
        with seeded(requests[0].seed, self.device), torch.inference_mode():
            output = self._generate_tokens(inputs, requests[0])
        start = inputs["input_ids"].shape[1]
        return [self._decode(request, row[start:]) for request, row in zip(requests, output, strict=True)]

    def _generate_tokens(self, inputs: Any, request: Request) -> Any:
        return self.model.generate(**inputs, generation_config=self._generation_config(request))

    def _generation_config(self, request: Request) -> Any:
        config = copy.deepcopy(self.model.generation_config)
        sample = bool(request.parameters["do_sample"])
        config.update(
            max_new_tokens=int(request.parameters["max_new_tokens"]),
            max_length=None,
            do_sample=sample,
            temperature=float(request.parameters["temperature"]) if sample else None,
            top_p=float(request.parameters["top_p"]) if sample else None,
            top_k=None,
            pad_token_id=self.processor.tokenizer.pad_token_id,
        )
        return config

    def conversation(self, text: str, images: Sequence[Image]) -> list[dict[str, Any]]:
        """The chat of one request, pictures first."""
        content: list[dict[str, Any]] = [{"type": "image"} for _ in images]
        return [{"role": "user", "content": [*content, {"type": "text", "text": text}]}]

    def inputs(self, texts: Sequence[str], images: Sequence[list[Image]]) -> Any:
        """Model inputs of a batch, padded on the left; every row has the same number of images."""
        prompts = [
            self.processor.apply_chat_template(
                self.conversation(text, pictures), add_generation_prompt=True, tokenize=False
            )
            for text, pictures in zip(texts, images, strict=True)
        ]
        # Templates write the BOS token themselves where the model wants one; a second would be an error.
        bos = self.processor.tokenizer.bos_token
        twice = bool(bos) and all(prompt.startswith(bos) for prompt in prompts)
        pictures = {"images": [[p.convert("RGB") for p in row] for row in images]} if images[0] else {}
        extra = {"add_special_tokens": False} if twice else {}
        batch = self.processor(text=prompts, padding=True, return_tensors="pt", **pictures, **extra)
        return batch.to(self.device, dtype=self.model.dtype)

    def _decode(self, request: Request, tokens: Any) -> str:
        ends = self.model.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends]) | {self.processor.tokenizer.pad_token_id}
        ids = tokens.tolist()
        length = next((i for i, token in enumerate(ids) if token in ends), None)
        if length is None:
            request.notes.append(f"answer cut at max_new_tokens={request.parameters['max_new_tokens']}")
        request.usage["output_tokens"] = len(ids) if length is None else length
        text: str = self.processor.tokenizer.decode(ids, skip_special_tokens=True)
        return text.strip()
