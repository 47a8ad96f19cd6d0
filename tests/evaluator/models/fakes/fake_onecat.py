"""What its worker calls of github.com/onecat-ai/OneCAT, as it is at the commit in COPIES.

benchmarks/real_workers.py tells when the two part.
"""

import random
import sys
import time
from types import SimpleNamespace

from fake import HUB, Conversation, record

COPIES = "fc971e408327c733224e8ebfb69569fada602e8b"
CHECKPOINT = ["config.json"]
VARIABLE = "ONECAT_REPO"
REPOSITORY = {
    "onecat.constants": "fake_onecat: IMG_CONTEXT_TOKEN IMG_GEN_CONTEXT_TOKEN IMG_GEN_START_TOKEN "
    "REF_GEN_CONTEXT_TOKEN REF_GEN_START_TOKEN REF_GEN_END_TOKEN SYSTEM_PROMPT",
    "onecat.conversation": "fake_onecat: get_conv_template",
    "onecat.modeling_onecat": "fake_onecat: OneCatVLModel time",
    "onecat.smart_resize": "fake_onecat: smart_resize",
    "onecat.util": "fake_onecat: build_transform",
    "onecat.var_model.infinity.utils.dynamic_resolution": "fake_onecat: h_div_w_templates",
    "onecat.var_model.tools.run_infinity": "fake_onecat: load_visual_tokenizer",
}
__all__ = ["time"]
LIBRARIES = {**HUB, "transformers": "fake_onecat: AutoTokenizer"}

IMG_CONTEXT_TOKEN, IMG_GEN_CONTEXT_TOKEN, IMG_GEN_START_TOKEN = "\x01", "\x02", "\x03"
REF_GEN_CONTEXT_TOKEN, REF_GEN_START_TOKEN, REF_GEN_END_TOKEN = "\x04", "\x05", "\x06"
SYSTEM_PROMPT = "<|im_start|>system\nhelp<|im_end|>"
h_div_w_templates = [0.5, 1.0, 2.0]


def smart_resize(height, width):
    return max(28, height // 28 * 28), max(28, width // 28 * 28)


def build_transform(input_size):
    import numpy
    import torch

    height, width = input_size
    return lambda image: torch.from_numpy(numpy.array(image.resize((width, height)))).permute(2, 0, 1) / 255


def load_visual_tokenizer(args):
    record("vae", **vars(args))
    return SimpleNamespace(eval=lambda: "vae")


def get_conv_template(name):
    assert name == "onecat-chat"
    template = Conversation()
    template.sep = "<|im_end|>\n"
    return template


class AutoTokenizer:
    eos_token_id = 1

    @classmethod
    def from_pretrained(cls, path):
        return cls()

    def convert_tokens_to_ids(self, token):
        return ord(token) if len(token) == 1 else token

    def __call__(self, text, return_tensors, truncation, padding):
        import torch

        ids = torch.tensor([[ord(c) for c in text]])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

    def batch_decode(self, rows, skip_special_tokens):
        return ["".join(map(chr, row)) for row in rows.tolist()]


def text_of(ids):
    return "".join(map(chr, ids[0].tolist()))


def picture(green=-1.0):
    import torch

    # As there: a generator of its own, seeded by the module's clock.
    noise = random.Random(int(sys.modules["onecat.modeling_onecat"].time.time() * 1000))
    pixels = torch.zeros(1, 3, 16, 16)
    pixels[0, 0], pixels[0, 1] = noise.random() * 2 - 1, green
    return pixels


class OneCatVLModel:
    patch_size, template, system_message = 14, "onecat-chat", "help"

    @classmethod
    def from_pretrained(cls, path):
        return cls()

    def to(self, device, dtype):
        assert self.vae_local == "vae" and self.img_context_token_id == 1
        return self

    def eval(self):
        return self

    def chat(self, *, tokenizer, pixel_values, pixel_values_thumbnail, question, generation_config):
        record("write", text=question, **generation_config)
        assert pixel_values_thumbnail.shape == (1, 3, 448, 448) and pixel_values.shape[-1] % 28 == 0
        return f"re: {question}, {len(pixel_values)} seen"

    def generate(self, input_ids, attention_mask, **settings):
        import torch

        text = text_of(input_ids)
        record("write", text=text, **settings)
        said = text.split("USER: ")[1].split(" ASSISTANT")[0]
        return torch.tensor([[ord(c) for c in f"re: {said}, 0 seen<|im_end|>"]])

    def generate_t2i(self, input_ids, input_ids_cfg, attention_mask, attention_mask_cfg, **settings):
        record("draw", text=text_of(input_ids), cfg_text=text_of(input_ids_cfg), **settings)
        return picture()

    def generate_edit(self, pixel_values, **inputs):
        texts = {name: text_of(value) for name, value in inputs.items() if name.startswith("input_ids")}
        settings = {name: value for name, value in inputs.items() if "_ids" not in name and "mask" not in name}
        tokens = texts["input_ids"].count(REF_GEN_CONTEXT_TOKEN)
        record("draw", texts=texts, tokens=tokens, size=list(pixel_values.shape), **settings)
        return picture(float(pixel_values[0, 0, 0, 0]) * 2 - 1)
