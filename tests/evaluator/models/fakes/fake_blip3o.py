"""What its worker calls of github.com/JiuhaiChen/BLIP3o, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

from types import SimpleNamespace

from fake import HUB, Anything, Conversation, Processor, draw, record, write
from fake_torch import TORCH

COPIES = "4689ec389e2b9108efc8b9761432538fc890156d"
CHECKPOINT = ["config.json", "diffusion-decoder"]
CLONE = ["blip3o/model/lumina_nextdit2d.py"]  # of the branch main alone
VARIABLE = "BLIP3O_REPO"
REPOSITORY = {
    "blip3o.conversation": "fake_blip3o: conv_templates",
    "blip3o.model.builder": "fake_blip3o: load_pretrained_model",
    "blip3o.utils": "fake_blip3o: disable_torch_init",
}
LIBRARIES = {
    **HUB,
    **TORCH,
    "diffusers": "fake_blip3o: DiffusionPipeline",
    "transformers": "fake_blip3o: AutoProcessor",
    "qwen_vl_utils": "fake_blip3o: process_vision_info",
}

conv_templates = {"qwen": Conversation()}
AutoProcessor = Processor


def disable_torch_init():
    pass


def load_pretrained_model(path):
    record("load", path=path)
    generate = lambda input_ids, images, **settings: write({"input_ids": input_ids, "images": images}, **settings)  # noqa: E731
    return Anything(), SimpleNamespace(generate=generate), 2048


def process_vision_info(messages):
    return [part["image"] for part in messages[0]["content"] if part["type"] == "image"] or None, None


class DiffusionPipeline:
    vae = unet = Anything()

    @classmethod
    def from_pretrained(cls, path, custom_pipeline, multimodal_encoder, tokenizer, **settings):
        record("decoder", path=path, custom_pipeline=custom_pipeline, **settings)
        return cls()

    def __call__(self, prompts, guidance_scale):
        record("draw", prompts=prompts, guidance_scale=guidance_scale)
        return SimpleNamespace(image=draw((64, 64)))
