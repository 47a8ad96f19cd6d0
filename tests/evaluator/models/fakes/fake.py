"""What the stand-ins for the models' own packages share: a log of calls, pictures, a chat, the Hub.

Each `fake_NAME.py` holds the functions and classes of one model's public code that its worker calls, and
says in `REPOSITORY` (the clone) and `LIBRARIES` (installed packages) under which module they are found.
Pictures show the random state that they were drawn with and the picture that they were made from.
"""

import copy
import json
import os
import random
from pathlib import Path

from PIL import Image

HUB = {"huggingface_hub": "fake: snapshot_download hf_hub_download"}
COMMIT = "c0ffee5eed"


def record(call, **facts):
    with Path(os.environ["FAKE_LOG"]).open("a") as log:
        log.write(json.dumps({"call": call, **facts}, default=str) + "\n")


def snapshot_download(repo_id, revision=None):
    record("snapshot_download", repo_id=repo_id, revision=revision)
    folder = Path(os.environ["FAKE_LOG"]).parent / "hub" / repo_id / "snapshots" / (revision or COMMIT)
    folder.mkdir(parents=True, exist_ok=True)
    for name in os.environ["FAKE_CHECKPOINT"].split(":"):
        (folder / name).touch()
    return str(folder)


def hf_hub_download(repo_id, filename):
    record("hf_hub_download", repo_id=repo_id, filename=filename)
    return f"/hub/{repo_id}/{filename}"


def shade(image):
    return image.getpixel((0, 0))[0]


def draw(size, source=None, seed=None):
    """Red: the seed, or what Python's own generator gives; green: the source's red."""
    return Image.new("RGB", size, (random.randrange(256) if seed is None else seed, shade(source) if source else 0, 9))


class Anything:
    """Takes any call, gives itself; for parts that the worker only passes on."""

    def __init__(self, *parts, **settings):
        self.settings = settings

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *parts, **settings: self

    @classmethod
    def from_pretrained(cls, *parts, **settings):
        record(f"{cls.__name__}.from_pretrained", path=parts[0], **settings)
        return cls()


class Ids:
    """A row of token ids: slices and moves like a tensor."""

    def __init__(self, values):
        self.values = list(values)
        self.shape = (1, len(self.values))

    def __getitem__(self, place):
        return Ids(self.values[place[1]])

    def to(self, *parts, **settings):
        return self


class Batch(dict):
    """A processor's output: a mapping whose values are also attributes."""

    def __getattr__(self, name):
        if name not in self:
            raise AttributeError(name)
        return self[name]

    def to(self, *parts, **settings):
        return self


class Conversation:
    """A LLaVA-like conversation template."""

    roles = ("USER", "ASSISTANT")

    def __init__(self):
        self.messages = []

    def copy(self):
        return copy.deepcopy(self)

    def append_message(self, role, text):
        self.messages.append((role, text))

    def get_prompt(self):
        return " ".join(f"{role}: {text or ''}" for role, text in self.messages)


class Processor:
    """Of the Qwen-VL kind: its ids are the characters of the text, its decoding puts them together again."""

    chat_template = "template"

    def __init__(self):
        self.tokenizer = self
        self.pad_token_id, self.eos_token_id = 0, 1

    @classmethod
    def from_pretrained(cls, path, **settings):
        record("processor", path=path, **settings)
        return cls()

    def apply_chat_template(self, messages, tokenize, add_generation_prompt):
        parts = [part.get("text", "<image>") for part in messages[-1]["content"]]
        return "system<|im_end|>\n" + "\n".join(parts)

    def __call__(self, text, images=None, **settings):
        record("processor()", text=text, images=len(images or []), settings=sorted(settings))
        return Batch(input_ids=Ids(map(ord, text[0])), images=len(images or []))

    def batch_decode(self, rows, **settings):
        return ["".join(map(chr, rows.values))]


def write(inputs, **settings):
    """What a fake language model generates: the prompt's ids, then the reply's."""
    ids = inputs["input_ids"]
    text = "".join(map(chr, ids.values))
    record("write", text=text, images=inputs.get("images", 0), **settings)
    return Ids(ids.values + [ord(c) for c in reply(text, inputs.get("images", 0))])


def reply(text, seen):
    """Repeats the last line that is not a picture."""
    return f"re: {[line for line in text.splitlines() if not line.startswith('<')][-1]}, {seen} seen"
