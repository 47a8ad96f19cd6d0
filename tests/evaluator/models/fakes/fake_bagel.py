"""What its worker calls of github.com/ByteDance-Seed/Bagel, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from contextlib import nullcontext
from types import SimpleNamespace

from fake import HUB, Anything, draw, record
from fake_torch import TORCH
from PIL import Image

COPIES = "056b5fd51a88c1eb4547318609e25d40080fcf87"
CHECKPOINT = ["llm_config.json", "vit_config.json", "ae.safetensors", "ema.safetensors"]
VARIABLE = "BAGEL_REPO"
REPOSITORY = {
    "data.data_utils": "fake_bagel: add_special_tokens",
    "data.transforms": "fake_bagel: ImageTransform",
    "inferencer": "fake_bagel: InterleaveInferencer",
    "modeling.autoencoder": "fake_bagel: load_ae",
    "modeling.bagel": "fake_bagel: Bagel BagelConfig Qwen2Config Qwen2ForCausalLM SiglipVisionConfig SiglipVisionModel",
    "modeling.qwen2": "fake_bagel: Qwen2Tokenizer",
}
LIBRARIES = {**HUB, **TORCH, "accelerate": "fake_bagel: init_empty_weights load_checkpoint_and_dispatch"}

init_empty_weights = nullcontext
Qwen2ForCausalLM = SiglipVisionModel = BagelConfig = Qwen2Tokenizer = Anything


class Qwen2Config:
    @classmethod
    def from_json_file(cls, json_file):
        return SimpleNamespace(path=json_file, num_hidden_layers=27)


SiglipVisionConfig = Qwen2Config


class Bagel:
    def __init__(self, language_model, vit_model, config):
        convert = lambda config, meta: record("convert", layers=config.num_hidden_layers, meta=meta)  # noqa: E731
        embeddings = SimpleNamespace(convert_conv2d_to_linear=convert)
        self.vit_model = SimpleNamespace(vision_model=SimpleNamespace(embeddings=embeddings))


def load_checkpoint_and_dispatch(model, checkpoint, device_map, dtype, force_hooks):
    record("load", checkpoint=checkpoint, device_map=device_map, dtype=dtype, force_hooks=force_hooks)
    return Anything()


def load_ae(local_path):
    return Anything(), None


def add_special_tokens(tokenizer):
    return tokenizer, {"eos_token_id": 1}, 0


class ImageTransform:
    def __init__(self, max_image_size, min_image_size, image_stride):
        self.sizes = (max_image_size, min_image_size, image_stride)


class InterleaveInferencer:
    def __init__(self, model, vae_model, tokenizer, vae_transform, vit_transform, new_token_ids):
        record("inferencer", vae=vae_transform.sizes, vit=vit_transform.sizes)

    def interleave_inference(self, input_lists, understanding_output=False, image_shapes=(1024, 1024), **settings):
        images = [part for part in input_lists if isinstance(part, Image.Image)]
        record("infer", understanding=understanding_output, image_shapes=image_shapes, **settings)
        if understanding_output:
            return [f"<think>so</think> re: {input_lists[-1]}, {len(images)} seen"]
        drawn = draw(images[0].size, images[0]) if images else draw(image_shapes[::-1])
        return [f"<think>a plan of {input_lists[-1]}</think>", drawn] if settings["think"] else [drawn]
