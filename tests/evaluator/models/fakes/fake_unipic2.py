"""What its worker calls of github.com/SkyworkAI/UniPic, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

from types import SimpleNamespace

from fake import HUB, Anything, Batch, Processor, draw, record, shade

COPIES = "9e2a6091d7ba81b1a3ff6349afe1f7feb34b37f5"
CHECKPOINT = ["conditioner", "transformer"]
VARIABLE = "UNIPIC2_REPO"
REPOSITORY = {
    "unipicv2.pipeline_stable_diffusion_3_kontext": "fake_unipic2: StableDiffusion3KontextPipeline",
    "unipicv2.stable_diffusion_3_conditioner": "fake_unipic2: StableDiffusion3Conditioner",
    "unipicv2.transformer_sd3_kontext": "fake_unipic2: SD3Transformer2DKontextModel",
}
LIBRARIES = {
    **HUB,
    "diffusers": "fake_unipic2: AutoencoderKL FlowMatchEulerDiscreteScheduler",
    "transformers": "fake_unipic2: Qwen2_5_VLForConditionalGeneration Qwen2_5_VLProcessor",
}

PICTURE, QUERIES, WIDTH = 3, 2, 4  # the id of a picture's token, learned queries, numbers a token
SD3Transformer2DKontextModel = AutoencoderKL = FlowMatchEulerDiscreteScheduler = Anything


class StableDiffusion3Conditioner(Anything):
    config = SimpleNamespace(num_queries=QUERIES)

    @classmethod
    def load_config(cls, pretrained_model_name_or_path, *, subfolder):
        return {"connector_config": {"hidden_size": 8, "_attn_implementation": "flash_attention_2"}}

    @property
    def meta_queries(self):
        import torch

        return torch.full((QUERIES, WIDTH), 0.5)

    def to(self, device):
        return self

    def __call__(self, x):
        assert x.shape == (2, QUERIES, WIDTH)
        return x, x.mean(1)


class StableDiffusion3KontextPipeline:
    def __init__(self, **parts):
        record("pipeline", none=sorted(name for name, part in parts.items() if part is None))

    def __call__(self, *, prompt_embeds, negative_prompt_embeds, height, width, generator, image=None, **settings):
        settings = {name: value for name, value in settings.items() if "pooled" not in name}
        record("draw", first=prompt_embeds[0, 0, 0], negative=negative_prompt_embeds[0, 0, 0], **settings)
        assert image is None or image.size == (width, height)
        return SimpleNamespace(images=[draw((width, height), image, generator.initial_seed())])


class Qwen2_5_VLProcessor(Processor):
    chat_template = (
        "begin {% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
        "You are a helpful assistant.<|im_end|>\n{% endif %}end"
    )

    def convert_tokens_to_ids(self, token):
        assert self.chat_template == "begin end" and token == "<|image_pad|>"
        return PICTURE

    def apply_chat_template(self, messages, **settings):
        parts = [part.get("text", chr(PICTURE)) for part in messages[-1]["content"]]
        return "".join(parts)

    def __call__(self, text, images=None, **settings):
        import torch

        record("processor()", text=text, pixels=settings.get("max_pixels"))
        longest = max(map(len, text))
        ids = torch.tensor([[ord(c) for c in row.ljust(longest)] for row in text])
        shades = torch.tensor([float(shade(image)) for image in images or []])
        extra = {"pixel_values": shades, "image_grid_thw": "grid"} if images else {}
        return Batch(input_ids=ids, attention_mask=torch.ones_like(ids), **extra)

    def batch_decode(self, rows, **settings):
        return ["".join(map(chr, row)) for row in rows.tolist()]


class Qwen2_5_VLForConditionalGeneration(Anything):
    def __init__(self):
        self.model = Inner()

    def to(self, device):
        return self

    eval = lambda self: self  # noqa: E731

    def get_input_embeddings(self):
        import torch

        return lambda ids: ids[..., None].expand(*ids.shape, WIDTH).to(torch.float32).clone()

    def visual(self, pixels, grid_thw):
        return pixels[:, None].expand(-1, WIDTH)

    def generate(self, input_ids, attention_mask, pixel_values=(), image_grid_thw=None, **settings):
        import torch

        text = "".join(map(chr, input_ids[0].tolist())).replace(chr(PICTURE), "")
        record("write", text=text, **settings)
        return torch.tensor([input_ids[0].tolist() + [ord(c) for c in f"re: {text}, {len(pixel_values)} seen"]])


class Inner:
    """Its states at the queries: the sum of the tokens before them, so that text and picture both matter."""

    rope_deltas = "of the picture before"

    def __call__(self, inputs_embeds, attention_mask, use_cache, image_grid_thw=None):
        assert inputs_embeds.shape[:2] == attention_mask.shape
        assert (inputs_embeds[:, -QUERIES:] == 0.5).all()
        assert image_grid_thw is None or self.rope_deltas is None
        total = inputs_embeds[:, :-QUERIES].sum(1, keepdim=True)
        return SimpleNamespace(last_hidden_state=total.expand(-1, inputs_embeds.shape[1], -1))
