"""What its worker calls of github.com/VectorSpaceLab/OmniGen2, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from types import SimpleNamespace

from fake import HUB, Anything, Processor, draw, record, write
from fake_torch import TORCH

COPIES = "0f72fa92564d9f8ba76f53fcc3c05aca2372458f"
CHECKPOINT = ["model_index.json", "transformer"]
VARIABLE = "OMNIGEN2_REPO"
REPOSITORY = {
    "omnigen2.models.transformers.transformer_omnigen2": "fake_omnigen2: OmniGen2Transformer2DModel",
    "omnigen2.pipelines.omnigen2.pipeline_omnigen2": "fake_omnigen2: OmniGen2Pipeline",
    "omnigen2.pipelines.omnigen2.pipeline_omnigen2_chat": "fake_omnigen2: OmniGen2ChatPipeline",
}
LIBRARIES = {**HUB, **TORCH}

OmniGen2Transformer2DModel = Anything


class OmniGen2Pipeline:
    transformer = None
    components = dict.fromkeys(("transformer", "vae", "scheduler"))
    components.update(processor=Processor(), mllm=SimpleNamespace(generate=lambda **all_: generate(**all_)))

    @classmethod
    def from_pretrained(cls, path, torch_dtype, trust_remote_code):
        return cls()

    def to(self, device):
        return self

    def __call__(self, *, prompt, input_images, width, height, generator, **settings):
        record("draw", prompt=prompt, width=width, height=height, **settings)
        source = input_images[0] if input_images else None
        return SimpleNamespace(images=[draw(source.size if source else (width, height), source, generator.seed)])


class OmniGen2ChatPipeline:
    def __init__(self, transformer, vae, scheduler, mllm, processor):
        self.processor, self.mllm = processor, mllm

    def _apply_chat_template(self, prompt, images):
        return "<img>\n" * len(images or []) + prompt

    def prepare_inputs_for_text_generation(self, prompts, input_images, device):
        return self.processor(text=[prompts], images=input_images)


def generate(input_ids, images, tokenizer, **settings):
    return write({"input_ids": input_ids, "images": images}, **settings)
