"""What its worker calls of github.com/PKU-YuanGroup/UniWorld, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from types import SimpleNamespace

from fake import HUB, Batch, Processor, draw, record, reply, shade

COPIES = "e64fa8e18642f3bbd09b7e0d06160acd502e03a9"
CHECKPOINT = ["config.json"]
VARIABLE = "UNIWORLD_REPO"
REPOSITORY = {
    "univa.models.qwen2p5vl.modeling_univa_qwen2p5vl": "fake_uniworld_v1: UnivaQwen2p5VLForConditionalGeneration",
    "univa.utils.anyres_util": "fake_uniworld_v1: dynamic_resize",
    "univa.utils.denoiser_prompt_embedding_flux": "fake_uniworld_v1: encode_prompt",
    "univa.utils.flux_pipeline": "fake_uniworld_v1: FluxPipeline",
}
LIBRARIES = {
    **HUB,
    "qwen_vl_utils": "fake_uniworld_v1: process_vision_info",
    "transformers": "fake_uniworld_v1: AutoProcessor SiglipImageProcessor SiglipVisionModel",
}


class Loaded:
    @classmethod
    def from_pretrained(cls, path, **settings):
        settings.pop("transformer", None)
        record(cls.__name__, path=path, **settings)
        return cls()

    def to(self, device):
        return self

    def eval(self):
        return self


class UnivaQwen2p5VLForConditionalGeneration(Loaded):
    denoise_tower = SimpleNamespace(denoiser="flux")

    def __call__(self, input_ids, *, pixel_values, attention_mask, image_grid_thw, siglip_hidden_states, output_type):
        import torch

        assert (pixel_values is None) == (siglip_hidden_states is None) == (image_grid_thw is None)
        text = "".join(map(chr, input_ids[0].tolist()))
        record("understand", text=text, output_type=output_type)
        return torch.full((1, 3, 4), 0.0 if siglip_hidden_states is None else float(siglip_hidden_states))

    def generate(self, input_ids, pixel_values=None, attention_mask=None, image_grid_thw=None, **settings):
        import torch

        text = "".join(map(chr, input_ids[0].tolist()))
        seen = 0 if pixel_values is None else len(pixel_values)
        record("write", text=text, **settings)
        return torch.tensor([input_ids[0].tolist() + [ord(c) for c in reply(text, seen)]])


class AutoProcessor(Loaded, Processor):
    def __call__(self, text, images, videos, **settings):
        import torch

        ids = torch.tensor([[ord(c) for c in text[0]]])
        extra = {"pixel_values": torch.zeros(len(images)), "image_grid_thw": "grid"} if images else {}
        return Batch(input_ids=ids, attention_mask=ids > 0, **extra)

    def batch_decode(self, rows, **settings):
        return ["".join(map(chr, row)) for row in rows.tolist()]


class SiglipImageProcessor(Loaded):
    def preprocess(self, images, **settings):
        import torch

        return Batch(pixel_values=torch.tensor(float(shade(images))))


class SiglipVisionModel(Loaded):
    def __call__(self, pixels):
        return SimpleNamespace(last_hidden_state=pixels)


class FluxPipeline(Loaded):
    text_encoder = text_encoder_2 = "t5"

    @staticmethod
    def tokenizer(text):
        return {"input_ids": text.split()}

    tokenizer_2 = tokenizer

    def __call__(self, *, prompt_embeds, pooled_prompt_embeds, height, width, generator, **settings):
        record("draw", embeds=list(prompt_embeds.shape), pooled=pooled_prompt_embeds, **settings)
        image = draw((width, height), seed=generator.initial_seed())
        image.putpixel((0, 0), (generator.initial_seed(), int(prompt_embeds[0, -1, 0]), 9))
        return SimpleNamespace(images=[image])


def encode_prompt(text_encoders, tokenizers, prompt, max_sequence_length, device, num_images_per_prompt):
    import torch

    record("t5", text=prompt, length=max_sequence_length)
    return torch.zeros(1, 2, 4), "pooled"


def dynamic_resize(h, w, anyres, anchor_pixels):
    record("resize", height=h, width=w, anyres=anyres, anchor_pixels=anchor_pixels)
    return 2 * h, 2 * w


def process_vision_info(conversation):
    content = conversation[0]["content"]
    assert content[0]["type"] == "text"  # the instruction comes first
    return [part["image"] for part in content if part["type"] == "image"] or None, None
