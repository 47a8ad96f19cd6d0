"""`emu3:CHECKPOINT`: Emu3 in native transformers; one class answers and draws, next token by next token.

    emu3:BAAI/Emu3-Chat-hf (trained to answer), emu3:BAAI/Emu3-Gen-hf (trained to draw), or a folder;
    pair:emu3:BAAI/Emu3-Chat-hf+emu3:BAAI/Emu3-Gen-hf joins the two

Drawing follows the published recipe: the prompt with its quality suffix against a negative prompt,
guidance 3, top-k 2048, an area of 720 x 720. Emu3 draws from text only, so it declares no `edit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataset_builder.errors import UsageError
from evaluator.models._torch import config_of, find_checkpoint, seeded
from evaluator.models.base import Declaration, LoadOptions, Model
from evaluator.models.janus import pictures
from evaluator.models.vlm import TEXT_DEFAULTS, VisionLanguageModel, load_with
from evaluator.records import Request

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

# The recipe of the public inference script.
PROMPT_SUFFIX = " masterpiece, film grained, best quality."
NEGATIVE_PROMPT = (
    "lowres, bad anatomy, bad hands, text, error, missing fingers, extra digit, fewer digits, cropped, worst quality, "
    "low quality, normal quality, jpeg artifacts, signature, watermark, username, blurry."
)


def load(rest: str, options: LoadOptions) -> Model:
    """The adapter for `emu3:rest`."""
    from transformers import AutoModelForMultimodalLM

    spec = f"emu3:{rest}"
    found = find_checkpoint(spec, rest, options, "config.json")
    if found.read_index().get("model_type") == "Emu3":
        raise UsageError(f"{spec} is in the authors' own format; transformers reads BAAI/Emu3-Chat-hf and Emu3-Gen-hf")
    config = config_of(found)
    if config.model_type != "emu3":
        raise UsageError(f"{spec} is a '{config.model_type}' checkpoint, not Emu3; try vlm:{rest}")
    return Emu3(spec, load_with(AutoModelForMultimodalLM, found, config, options))


def declare(rest: str, options: LoadOptions) -> Model:
    """What every checkpoint of this family can do."""
    return Declaration(f"emu3:{rest}", Emu3.capabilities, Emu3.defaults)


class Emu3(VisionLanguageModel):
    """One decoder over text and visual tokens."""

    capabilities = frozenset({"answer", "generate"})
    defaults = {
        **TEXT_DEFAULTS,
        "guidance_scale": 3.0,
        "image_top_k": 2048,
        "image_temperature": 1.0,
        "image_area": 720 * 720,
        "prompt_suffix": PROMPT_SUFFIX,
        "negative_prompt": NEGATIVE_PROMPT,
    }
    batch_size = 1

    def _batches(self, requests: Sequence[Request]) -> list[list[int]]:
        # The processor pads pictures to the largest of a batch and the encoder normalises over the padding
        # too, so that a row's visual tokens would depend on its neighbours.
        return [[row] for row in range(len(requests))]

    def generate(self, requests: Sequence[Request]) -> list[Image]:
        if any(request.images for request in requests):
            raise UsageError(f"{self.name} cannot edit images: not supported")
        return [self._draw(request) for request in requests]

    def _draw(self, request: Request) -> Image:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        parameters = request.parameters
        texts = [request.text + str(parameters["prompt_suffix"]), str(parameters["negative_prompt"])]
        prompt, negative = (
            self.processor(
                text=[text],
                return_for_image_generation=True,
                image_area=int(parameters["image_area"]),
                return_tensors="pt",
            )
            for text in texts
        )
        height, width = (int(edge) for edge in prompt.pop("image_sizes")[0])
        ids = prompt["input_ids"].to(self.device)
        grid = _image_grid(self.model, self.processor, height, width, ids.shape[1])
        config = GenerationConfig(
            do_sample=True,
            top_k=int(parameters["image_top_k"]),
            temperature=float(parameters["image_temperature"]),
            max_new_tokens=height * (width + 1) + 3,
            guidance_scale=float(parameters["guidance_scale"]),
            eos_token_id=self.model.generation_config.eos_token_id,
            pad_token_id=self.processor.tokenizer.pad_token_id,
        )
        # Sampling draws from the global generators: one row at a time, under its own seed.
        with seeded(request.seed, self.device), torch.inference_mode():
            output = self.model.generate(
                ids,
                attention_mask=prompt["attention_mask"].to(self.device),
                negative_prompt_ids=negative["input_ids"].to(self.device),
                negative_prompt_attention_mask=negative["attention_mask"].to(self.device),
                generation_config=config,
                logits_processor=LogitsProcessorList([grid]),
            )
            # All h * (w + 1) + 3 tokens: the decoder drops the three that close the picture itself.
            pixels = self.model.decode_image_tokens(image_tokens=output[:, ids.shape[1] :], height=height, width=width)
        return pictures(pixels, self.processor.image_processor)[0]


def _image_grid(model: Any, processor: Any, height: int, width: int, start: int) -> Any:
    """A logits processor that holds the tokens to a picture: `height` rows of `width`, then the closing three."""
    import torch
    from transformers import LogitsProcessor

    mapping = model.vocabulary_mapping
    tokenizer = processor.tokenizer
    visual = torch.tensor(mapping.image_tokens, device=model.device)
    closing = tokenizer.convert_tokens_to_ids([processor.eof_token, processor.image_end_token])
    closing.append(tokenizer.eos_token_id)

    class ImageGrid(LogitsProcessor):  # type: ignore[misc]
        def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            step = input_ids.shape[1] - start
            allowed: Any = visual
            if step >= height * (width + 1):
                allowed = [closing[step - height * (width + 1)]]
            elif (step + 1) % (width + 1) == 0:
                allowed = [mapping.eol_token_id]
            held = torch.full_like(scores, -torch.inf)
            held[:, allowed] = scores[:, allowed]
            return held

    return ImageGrid()
