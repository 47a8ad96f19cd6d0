"""What its worker calls of github.com/AIDC-AI/Ovis-U1, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

from types import SimpleNamespace

from fake import HUB, draw, record, reply, shade

COPIES = "dccf5eb36a725dba482ea506b586362ee2b0a01e"
CHECKPOINT = ["config.json"]
VARIABLE = None
REPOSITORY = {}
LIBRARIES = {**HUB, "transformers": "fake_ovis_u1: AutoModelForCausalLM"}


ASSISTANT = "<|im_start|>assistant\n"


class AutoModelForCausalLM:
    """The checkpoint's own class; its prompt's ids are the characters, with -1 for a picture."""

    device = "cpu"

    @classmethod
    def from_pretrained(cls, path, torch_dtype, trust_remote_code):
        record("load", dtype=torch_dtype)
        return cls()

    def eval(self):
        return self

    def to(self, where):
        return self

    def get_text_tokenizer(self):
        decode = lambda ids, skip_special_tokens: "".join(map(chr, ids))  # noqa: E731
        return SimpleNamespace(pad_token_id=0, eos_token_id=1, decode=decode)

    def get_visual_tokenizer(self):
        return SimpleNamespace(device="cpu", smart_resize=smart_resize, image_processor=SimpleNamespace(min_pixels=64))

    @property
    def visual_generator(self):
        return SimpleNamespace(process_image_aspectratio=process_image_aspectratio)

    def preprocess_inputs(self, prompt, images, generation_preface, multimodal_type, **settings):
        import torch

        assert prompt.count("<image>") == len(images)
        prompt += "" if generation_preface is None else ASSISTANT + generation_preface
        pixels = torch.tensor([[float(shade(image))] for image in images]) if images else None
        grids = torch.tensor([[1, image.height, image.width] for image in images]) if images else None
        return prompt, torch.tensor([ord(c) for c in prompt]), pixels, grids

    def generate(self, input_ids, pixel_values, attention_mask, grid_thws, **settings):
        seen = sum(grid is not None for grid in grid_thws)  # as the checkpoint's forward counts them
        assert attention_mask.all() and input_ids.ndim == 2
        text, turn = "".join(map(chr, input_ids[0].tolist())).split(ASSISTANT)
        assert turn == "", "nobody has begun the answer"
        record("write", text=text, **settings)
        return [[ord(c) for c in reply(text, seen)]]

    def generate_condition(self, input_ids, pixel_values, attention_mask, grid_thws):
        text = "".join(map(chr, input_ids[0].tolist()))
        return {"txt": text, "shade": float(pixel_values[0, 0]), "grid": grid_thws.tolist()}

    def generate_img(self, cond, no_both_cond, no_txt_cond, height, width, seed, **settings):
        pixels = cond.pop("vae_pixel_values")
        facts = {"cond": cond, "no_both_cond": no_both_cond, "no_txt_cond": no_txt_cond}
        record("draw", **facts, height=height, width=width, pixels=list(pixels.shape), **settings)
        image = draw((width, height), seed=seed)
        image.putpixel((0, 0), (seed, int(cond["shade"]), 9))
        return [image]


def smart_resize(height, width, factor=8, max_pixels=None):
    if max_pixels:
        return factor, factor
    return max(factor, height // factor * factor), max(factor, width // factor * factor)


def process_image_aspectratio(image, size):
    import torch

    assert image.size == size
    return image, torch.zeros(3, size[1], size[0]), None
