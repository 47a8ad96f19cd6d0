"""`janus:CHECKPOINT`: Janus and Janus-Pro in native transformers; answers and draws, never edits.

    janus:deepseek-community/Janus-Pro-7B, janus:deepseek-community/Janus-Pro-1B, or a folder

Drawing follows the published recipe: 576 image tokens (384 px), classifier-free guidance 5, temperature
1. Each row samples with a generator of its own seed, so rows are drawn as one batch and yet do not depend
on their neighbours. Given a picture in image mode Janus silently ignores it, so it declares no `edit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.models._torch import config_of, find_checkpoint, generator
from evaluator.models.base import Declaration, LoadOptions, Model
from evaluator.models.vlm import TEXT_DEFAULTS, Loaded, VisionLanguageModel, load_with
from evaluator.records import Request

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image


def load(rest: str, options: LoadOptions) -> Model:
    """The adapter for `janus:rest`."""
    from transformers import AutoModelForMultimodalLM

    spec = f"janus:{rest}"
    found = find_checkpoint(spec, rest, options, "config.json")
    if found.read_index().get("model_type") == "multi_modality":
        raise UsageError(f"{spec} is in the authors' own format; transformers reads deepseek-community/Janus-Pro-7B")
    config = config_of(found)
    if config.model_type != "janus":
        raise UsageError(f"{spec} is a '{config.model_type}' checkpoint, not Janus; try vlm:{rest}")
    return Janus(spec, load_with(AutoModelForMultimodalLM, found, config, options))


def declare(rest: str, options: LoadOptions) -> Model:
    """What every checkpoint of this family can do."""
    return Declaration(f"janus:{rest}", Janus.capabilities, Janus.defaults)


class Janus(VisionLanguageModel):
    """One network that reads (SigLIP) and draws (VQ tokens)."""

    capabilities = frozenset({"answer", "generate"})
    defaults = {**TEXT_DEFAULTS, "guidance_scale": 5.0, "image_temperature": 1.0}

    def __init__(self, name: str, loaded: Loaded) -> None:
        super().__init__(name, loaded)
        # Image mode reads this id from the generation config, where a reload does not restore it.
        boi = self.processor.tokenizer.convert_tokens_to_ids(self.processor.image_start_token)
        self.model.generation_config.generation_kwargs = {"boi_token_id": boi}

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        if any(request.images for request in requests):
            raise UsageError(f"{self.name} cannot edit images: not supported")
        groups: dict[str, list[int]] = {}
        for row, request in enumerate(requests):
            groups.setdefault(repr(sorted(request.parameters.items())), []).append(row)
        drawn: dict[int, Image] = {}
        for rows in groups.values():
            drawn.update(zip(rows, self._draw([requests[row] for row in rows]), strict=True))
        return [drawn[row] for row in range(len(requests))]

    def _draw(self, requests: list[Request]) -> list[Image]:
        import torch
        from transformers import LogitsProcessorList

        prompts = [
            self.processor.apply_chat_template(
                self.conversation(r.text, ()), add_generation_prompt=True, tokenize=False
            )
            for r in requests
        ]
        inputs = self.processor(text=prompts, generation_mode="image", padding=True, return_tensors="pt")
        parameters = requests[0].parameters
        sampler = _row_sampler(
            [request.seed for request in requests],
            guidance=float(parameters["guidance_scale"]),
            temperature=float(parameters["image_temperature"]),
        )
        with torch.inference_mode():
            tokens = self.model.generate(
                **inputs.to(self.device),
                generation_mode="image",
                do_sample=False,
                guidance_scale=1.0,  # guidance is the row sampler's
                logits_processor=LogitsProcessorList([sampler]),
                pad_token_id=self.processor.tokenizer.pad_token_id,
                bos_token_id=self.processor.tokenizer.bos_token_id,
            )
            # One at a time, so that a picture is the same bytes whatever was drawn beside it.
            pixels = torch.cat([self.model.decode_image_tokens(row[None]) for row in tokens])
        return pictures(pixels.permute(0, 3, 1, 2), self.processor.image_processor)


def _row_sampler(seeds: Sequence[int], *, guidance: float, temperature: float) -> Any:
    """A logits processor that guides and samples each row with its own generator.

    It leaves one finite score a row, so the argmax that follows takes the sampled token. Sampling is
    argmax(p / e) with e exponential, which is a draw from p; temperature 0 is greedy.
    """
    import torch
    from transformers import LogitsProcessor

    generators = [generator(seed) for seed in seeds]

    class RowSampler(LogitsProcessor):  # type: ignore[misc]
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            conditional, unconditional = scores.float().chunk(2)
            logits = unconditional + guidance * (conditional - unconditional)
            if temperature > 0:
                noise = torch.stack([torch.empty(logits.shape[-1]).exponential_(generator=g) for g in generators])
                logits = logits / temperature - noise.to(logits.device).log()
            choice = logits.argmax(dim=-1, keepdim=True)
            return torch.full_like(logits, -torch.inf).scatter(1, choice, 0.0)

    return RowSampler()


def pictures(pixels: torch.Tensor, image_processor: Any) -> list[Image]:
    """RGB pictures of a (batch, 3, height, width) tensor that was normalised as `image_processor` does."""
    import torch
    from PIL import Image

    shape = (1, 3, 1, 1)
    mean = torch.tensor(image_processor.image_mean).view(shape)
    std = torch.tensor(image_processor.image_std).view(shape)
    values = ((pixels.float().cpu() * std + mean).clamp(0, 1) * 255).round().to(torch.uint8)
    return [Image.fromarray(row.permute(1, 2, 0).numpy(), "RGB") for row in values]
