from pathlib import Path

from fake import HUB, Ids, draw, record
from fake_torch import TORCH
from PIL import Image

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
        record("tokenizer", here=str(Path.cwd()))
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
        draw((32, 32), source).save(paths[0])
