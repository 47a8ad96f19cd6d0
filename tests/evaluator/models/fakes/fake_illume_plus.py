"""What its worker calls of github.com/illume-unified-mllm/ILLUME_plus, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

import re
from types import SimpleNamespace

from fake import HUB, Anything, Batch, Conversation, Ids, draw, record, reply, shade
from fake_torch import TORCH

COPIES = "51de69dcd416ef6a762756e11277584c1a5ee447"
CHECKPOINT = ["config.json"]
VARIABLE = "ILLUME_REPO"
REPOSITORY = {"illume.conversation": "fake_illume_plus: conv_templates"}
LIBRARIES = {**HUB, **TORCH, "transformers": "fake_illume_plus: AutoModel AutoProcessor"}

conv_templates = {"qwen2": Conversation()}
seen = SimpleNamespace(source=None)


class AutoModel(Anything):
    def generate(self, input_ids, pixel_values=None, **settings):
        text = "".join(map(chr, input_ids.values))
        record("write", text=text, **settings)
        seen.source = pixel_values
        count = len(pixel_values) if isinstance(pixel_values, list) else 0
        said = reply(re.sub("^USER: | ASSISTANT: $", "", text), count)
        if "target_image_resolution" in settings:
            said = "I would rather describe it." if "only words" in text else "<image tokens>"
        return Row(input_ids.values + [ord(c) for c in said])


class Row(Ids):
    def __getitem__(self, place):
        assert place[0] == 0
        return self.values[place[1]]


class AutoProcessor:
    pad_token_id, eos_token_id = 0, 1

    @classmethod
    def from_pretrained(cls, path, trust_remote_code):
        return cls()

    @property
    def tokenizer(self):
        return self

    def decode(self, ids, skip_special_tokens):
        return "".join(map(chr, ids))

    def set_vision_tokenizer(self, tokenizer):
        self.vision = tokenizer

    def load_diffusion_vision_detokenizer(self, path, device):
        record("diffusion", path=path)

    def transform_image_nearest_resolution_ratio(self, image):
        return image.resize((384, 256))

    def unpad_and_resize_back(self, padded_image, original_width, original_height):
        return padded_image.resize((original_width, original_height))

    def image_processor(self, images, return_tensors):
        return Batch(pixel_values=SimpleNamespace(shape=(1, 3, *images[0].size[::-1]), shade=images[0]))

    def __call__(self, text, return_tensors, images=()):
        record("prompt", text=text, images=len(images))
        return Batch(input_ids=Ids(map(ord, text)), attention_mask="mask")

    def parse_text_image(self, text, token):
        return text, [[[1, 2], [3, 4]]] if "tokens" in text else [], []

    def decode_images(self, tokens, target_resolution, use_diffusion, **settings):
        height, width = (2 * side if use_diffusion else side for side in target_resolution)
        source = seen.source.shade if seen.source else None
        record("decode_images", tokens=tokens, source=source and shade(source), **settings)
        return [draw((width, height), source)]
