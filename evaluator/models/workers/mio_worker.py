"""MIO: one language model over text, picture and speech tokens answers, draws and edits; see mio.toml.

It chooses itself whether to write or to draw. Where a picture was asked for and it only wrote, that text is
reported as its refusal. Decoding is beam search, as its authors advise; the seed reaches a picture through
the diffusion that turns its tokens into pixels.
"""

import os
import re
import tempfile
from pathlib import Path

from _common import USED, checkpoint, pick_device, seed_everything, use_repository
from realunify_worker import Refusal, serve

SEES = 2048  # tokens, pictures included
END_OF_TURN = 7  # <|im_end|> of the Instruct model
DRAWN = re.compile(r"<image>\s*(?:<img\d+>\s*)+</image>")


class Model:
    capabilities = ["answer", "generate", "edit"]
    environment = USED
    defaults = {
        "num_beams": 5,
        "length_penalty": 1.0,
        "repetition_penalty": 1.0,
        "image_repetition_penalty": 1.15,
        "max_new_tokens": 512,
    }

    def __init__(self):
        repository = use_repository("MIO_REPO", "tokenization_mio.py")
        folder, self.revision = checkpoint("MIO_CHECKPOINT", "m-a-p/MIO-7B-Instruct", "config.json", "seed-tokenizer-2")
        folder = str(Path(folder).resolve())  # before the chdir below
        self.device = pick_device()
        os.chdir(str(repository))  # its tokenizer reads configs by paths relative to the clone
        import torch
        from tokenization_mio import MIOTokenizer
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(
            folder, torch_dtype=torch.float16, device_map={"": self.device}
        ).eval()
        self.tokenizer = MIOTokenizer(folder, self.device)

    def answer(self, request):
        seed_everything(request.seed)
        text = self._reply(request, request.text, request.parameters["repetition_penalty"])
        return re.sub(r"</?image>|<img\d+>|</?spch>|<spch\d+>", "", text).strip()

    def generate(self, request):
        import torch

        seed_everything(request.seed)
        task = "" if request.images else "Please generate an image according to the caption.\n"
        text = self._reply(request, task + request.text, request.parameters["image_repetition_penalty"])
        # Its decoder starts from noise that it draws once, when it is loaded.
        decoder = self.tokenizer.image_tokenizer.image_tokenizer
        seed_everything(request.seed)
        decoder.latents = torch.randn_like(decoder.latents)
        found = DRAWN.search(text)
        if not found:
            raise Refusal(f"wrote text instead of a picture: {text[:300]}")
        self.tokenizer.decode_images([found.group()], [request.out])

    def _reply(self, request, text, repetition_penalty):
        import torch

        wanted = request.parameters
        placeholders = "".join(f"<image_placeholder_{number}>" for number in range(len(request.images)))
        content = f"{text}\n{placeholders}" if placeholders else text
        inputs = self.tokenizer.apply_chat_template(
            [[{"role": "user", "content": content}]],
            batch_image_paths=[request.images] if request.images else None,
            batch_speech_paths=None,
            mode="std",
            padding=True,
            truncation=True,
            max_length=SEES,
            return_tensors="pt",
        )
        if inputs["input_ids"].shape[-1] >= SEES:  # counted whole it would have to read the pictures twice
            request.notes.append(f"prompt cut to {SEES} tokens")
        with torch.inference_mode():
            output = self.model.generate(
                input_ids=inputs["input_ids"].to(self.device),
                attention_mask=inputs["attention_mask"].to(self.device),
                num_beams=wanted["num_beams"],
                do_sample=False,
                length_penalty=wanted["length_penalty"],
                repetition_penalty=repetition_penalty,
                max_new_tokens=wanted["max_new_tokens"],
                pad_token_id=self.tokenizer.tokenizer.pad_token_id,
                eos_token_id=END_OF_TURN,
            )
        with tempfile.TemporaryDirectory() as unused:  # it makes these folders, whether it saves or not
            texts, _, _ = self.tokenizer.detokenize(
                output,
                output_image_dir=unused,
                output_speech_dir=unused,
                extract_assistant=True,
                save_images=False,
                save_speeches=False,
            )
        return texts[0]


if __name__ == "__main__":
    serve(Model)
