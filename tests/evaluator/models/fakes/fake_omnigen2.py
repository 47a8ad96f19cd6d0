from types import SimpleNamespace

from fake import HUB, Anything, Processor, draw, record, write
from fake_torch import TORCH

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
    components = {"processor": Processor(), "mllm": SimpleNamespace(generate=lambda **all_: generate(**all_))}

    @classmethod
    def from_pretrained(cls, path, torch_dtype, trust_remote_code):
        return cls()

    def to(self, device):
        return self

    def __call__(self, prompt, input_images, width, height, generator, **settings):
        record("draw", prompt=prompt, width=width, height=height, **settings)
        source = input_images[0] if input_images else None
        return SimpleNamespace(images=[draw(source.size if source else (width, height), source, generator.seed)])


class OmniGen2ChatPipeline:
    def __init__(self, processor, mllm):
        self.processor, self.mllm = processor, mllm

    def _apply_chat_template(self, prompt, images):
        return "<img>\n" * len(images or []) + prompt

    def prepare_inputs_for_text_generation(self, prompts, input_images, device):
        return self.processor(text=[prompts], images=input_images)


def generate(input_ids, images, tokenizer, **settings):
    return write({"input_ids": input_ids, "images": images}, **settings)
