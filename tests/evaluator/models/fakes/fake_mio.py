"""What its worker calls of github.com/MIO-Team/MIO, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

from pathlib import Path
from types import SimpleNamespace

from fake import HUB, Ids, draw, record
from fake_torch import TORCH
from PIL import Image

COPIES = "6c0b5e62dfb5684bc741f34cce062aed15744057"
CHECKPOINT = ["config.json", "seed-tokenizer-2"]
VARIABLE = "MIO_REPO"
REPOSITORY = {"tokenization_mio": "fake_mio: MIOTokenizer"}
LIBRARIES = {**HUB, **TORCH, "transformers": "fake_mio: AutoModelForCausalLM"}


class AutoModelForCausalLM:
    @classmethod
    def from_pretrained(cls, path, torch_dtype, device_map):
        record("load", path=path, dtype=torch_dtype, device_map=device_map)
        return cls()

    def eval(self):
        return self

    def generate(self, input_ids, attention_mask, **settings):
        text = "".join(map(chr, input_ids.values))
        record("write", text=text, **settings)
        wants = "generate an image" in text or "repaint" in text
        reply = "<image><img3><img14></image>" if wants else f"re: {text} <img5>"
        return Ids(map(ord, reply))


class MIOTokenizer:
    pad_token_id = 0

    def __init__(self, path, device):
        import torch

        record("tokenizer", here=str(Path.cwd()))
        # As there: the noise that its decoder starts from is drawn once, when it is loaded.
        decoder = SimpleNamespace(latents=torch.randn_like(None))
        self.image_tokenizer = SimpleNamespace(image_tokenizer=decoder)
        self.tokenizer = self

    def apply_chat_template(self, conversations, batch_image_paths, mode, **settings):
        ((turn,),) = conversations
        self.source = batch_image_paths[0][0] if batch_image_paths else None
        for number in range(len(batch_image_paths[0]) if batch_image_paths else 0):
            assert f"<image_placeholder_{number}>" in turn["content"]
        seen = turn["content"].count("placeholder")
        text = turn["content"].replace("\n<image_placeholder_0>", "") + f", {seen} seen"
        ids = Ids(map(ord, text))
        return {"input_ids": ids, "attention_mask": ids}

    def detokenize(self, ids, output_image_dir, output_speech_dir, extract_assistant, save_images, save_speeches):
        return ["".join(map(chr, ids.values))], [[]], [[]]

    def decode_images(self, texts, paths):
        record("decode_images", texts=texts)
        source = Image.open(self.source) if self.source else None
        draw((32, 32), source, self.image_tokenizer.image_tokenizer.latents).save(paths[0])
