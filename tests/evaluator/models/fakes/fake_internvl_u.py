"""What its worker calls of github.com/OpenGVLab/InternVL-U, as it is at the commit in COPIES.

Read there; nothing here has been compared by running it.
"""

from types import SimpleNamespace

from fake import HUB, draw, record, reply
from fake_torch import TORCH

COPIES = "018a59c1b69690a33698234128aa04e9b3f46c71"
CHECKPOINT = ["model_index.json", "generation_decoder"]
VARIABLE = "INTERNVL_U_REPO"
REPOSITORY = {
    "internvlu": "fake_internvl_u: InternVLUPipeline",
    "internvlu.pipeline_internvlu": "fake_internvl_u: InternVLUPipeline",
}
LIBRARIES = {**HUB, **TORCH}


class InternVLUPipeline:
    processor = SimpleNamespace(
        tokenizer=SimpleNamespace(decode=lambda ids, skip_special_tokens: "".join(map(chr, ids)))
    )

    @classmethod
    def from_pretrained(cls, path, torch_dtype):
        record("load", dtype=torch_dtype)
        return cls()

    def to(self, device):
        return self

    def __call__(self, prompt, image=None, generation_mode="text", **settings):
        generator = settings.pop("generator", None)
        record("call", prompt=prompt, generation_mode=generation_mode, **settings)
        if generation_mode == "text":
            (images,) = image or [[]]  # one list of pictures a prompt
            return SimpleNamespace(generate_output=[[ord(c) for c in reply(prompt, len(images))]], images=None)
        drawn = draw((settings["width"], settings["height"]), image, generator.seed)
        thought = [ord(c) for c in "it is red"] if generation_mode == "text_image" else None
        return SimpleNamespace(generate_output=[thought], images=[drawn])
