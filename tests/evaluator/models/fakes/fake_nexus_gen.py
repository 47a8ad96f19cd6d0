"""What its worker calls of github.com/modelscope/Nexus-Gen, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

from types import SimpleNamespace

from fake import HUB, Anything, Batch, draw, record, reply, shade

COPIES = "fb49ff56dbec43036c928526b7b0708e15f45a90"
CHECKPOINT = ["config.json", "generation_decoder.bin", "edit_decoder.bin"]
VARIABLE = "NEXUS_GEN_REPO"
REPOSITORY = {
    "modeling.ar.modeling_qwen2_5_vl": "fake_nexus_gen: Qwen2_5_VLForConditionalGeneration",
    "modeling.ar.processing_qwen2_5_vl": "fake_nexus_gen: Qwen2_5_VLProcessor",
    "modeling.decoder.editing_decoder": "fake_nexus_gen: NexusGenEditingDecoder",
    "modeling.decoder.generation_decoder": "fake_nexus_gen: NexusGenGenerationDecoder",
}
LIBRARIES = {
    **HUB,
    "qwen_vl_utils": "fake_nexus_gen: smart_resize",
    "transformers": "fake_nexus_gen: AutoConfig",
}

PLACE = "<|vision_start|><|image_pad|><|vision_end|>"


class AutoConfig(Anything):
    pass


def smart_resize(height, width, max_pixels):
    record("resize", max_pixels=max_pixels)
    return height, width


class Qwen2_5_VLProcessor:  # noqa: N801 - the package's own name
    @classmethod
    def from_pretrained(cls, path):
        return cls()

    def apply_chat_template(self, messages, tokenize, add_generation_prompt):
        parts = messages[0]["content"]
        return "\n".join(part.get("text", PLACE) for part in parts)

    def __call__(self, text, padding, return_tensors, images=()):
        import torch

        assert text[0].count(PLACE) == len(images)
        return Batch(input_ids=torch.tensor([[ord(c) for c in text[0]]]), images=len(images))

    def batch_decode(self, rows, skip_special_tokens, clean_up_tokenization_spaces):
        return ["".join(map(chr, row.tolist())) for row in rows]

    def image_processor(self, images, videos, return_tensors, do_resize):
        import torch

        record("embed", size=list(images[0].size))
        return {"pixel_values": torch.tensor([float(shade(images[0]))]), "image_grid_thw": torch.tensor([[1, 36, 36]])}


class Qwen2_5_VLForConditionalGeneration:  # noqa: N801 - the package's own name
    device = "cpu"

    @classmethod
    def from_pretrained(cls, path, config, trust_remote_code, torch_dtype, device_map):
        record("load", dtype=torch_dtype, device_map=device_map)
        return cls()

    def eval(self):
        return self

    @property
    def visual(self):
        import torch

        class Eye:
            device, dtype = "cpu", torch.float32

            def __call__(self, pixels, grid_thw):
                return pixels

        return Eye()

    def generate(self, input_ids, images, max_new_tokens, **settings):
        import torch

        text = "".join(map(chr, input_ids[0].tolist()))
        grid = settings.pop("generation_image_grid_thw", None)
        record("write", text=text, max_new_tokens=max_new_tokens, grid=grid, **settings)
        said = "I would rather describe it." if grid is not None else reply(text, images)
        ids = torch.tensor([input_ids[0].tolist() + [ord(c) for c in said]])
        if grid is None:
            return ids
        return {"sequences": ids, "output_image_embeddings": None if "only words" in text else torch.zeros(81)}


class NexusGenGenerationDecoder:
    def __init__(self, decoder_path, flux_path, device="cuda"):
        record("decoder", kind="generation", flux=flux_path)

    def decode_image_embeds(self, output_image_embeddings, *, height, width, seed, **settings):
        record("draw", embeddings=len(output_image_embeddings), **settings)
        return draw((width, height), seed=seed)


class NexusGenEditingDecoder:
    def __init__(self, decoder_path, flux_path, qwenvl_path, device="cuda"):
        record("decoder", kind="editing", flux=flux_path)

    def decode_image_embeds(self, embed, *, ref_embed, height, width, seed, **settings):
        record("edit", embeddings=len(embed), **settings)
        source = SimpleNamespace(getpixel=lambda place: (int(ref_embed[0]), 0, 0))
        return draw((width, height), source, seed)
