"""What the harness's benchmarks share: a dataset of any size in seconds, and models whose cost is known."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from dataset_builder.building.build import finish
from dataset_builder.building.parts import write_part
from dataset_builder.instance import LETTERS, Instance, Question, geu_instance, ueg_instance
from dataset_builder.taxonomy import CATEGORIES, Category
from evaluator.models.base import Model
from evaluator.records import Request


def write_dataset(folder: Path, per_category: int, picture_px: int = 64) -> Path:
    """A dataset folder of ten categories; a third of a second for each thousand instances."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((picture_px, picture_px)).convert("RGB").save(buffer, "PNG")
    parts = [
        write_part(folder, one.name, _instances(one, per_category, buffer.getvalue()), False, lambda: None)
        for one in CATEGORIES.values()
    ]
    finish(folder, parts, source="open", seed=0, withheld=False)
    return folder


def _instances(category: Category, count: int, picture: bytes) -> Iterator[Instance]:
    for number in range(1, count + 1):
        subtask = category.subtask_names[number % len(category.subtasks)]
        if category.axis == "ueg":
            yield ueg_instance(
                category.name, number, subtask=subtask, prompt=f"Draw thing {number} of {category.title}.",
                question_list=[Question(question=f"Is it thing {number}?", answer="yes")],
                reference_prompt=f"Thing {number}.", difficulty="easy", rationale="So it is.", metadata={"n": number},
            )  # fmt: skip
        else:
            yield geu_instance(
                category.name, number, subtask=subtask, image=picture, question=f"What is thing {number}?",
                option=["a", "b", "c", "d"], answer=LETTERS[number % 4], reference_image=picture, difficulty="easy",
                rationale="So it is.", metadata={"n": number},
            )  # fmt: skip


class Timed(Model):
    """Each call takes `seconds` (asleep, as one who waits for a GPU or a server) and gives a new picture or text."""

    name = "timed"
    capabilities = frozenset({"answer", "generate", "edit"})

    def __init__(self, seconds: float, px: int) -> None:
        super().__init__()
        self.seconds = seconds
        self._canvas = Image.effect_noise((px, px), 40).resize((px // 4, px // 4)).resize((px, px)).convert("RGB")

    def answer(self, requests: Sequence[Request]) -> list[str]:
        time.sleep(self.seconds * len(requests))
        return ["ABCD"[_digest(request)[0] % 4] for request in requests]

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        time.sleep(self.seconds * len(requests))
        return [self._draw(request) for request in requests]

    def _draw(self, request: Request) -> Image.Image:
        image = self._canvas.copy()
        image.paste(tuple(_digest(request)[:3]), (0, 0, image.width // 3, image.height // 3))
        return image


class Computing(Timed):
    """Each call keeps one core busy for about `seconds`, as a model on a CPU does."""

    name = "computing"

    def __init__(self, rounds: int, px: int) -> None:
        super().__init__(0.0, px)
        self.rounds = rounds

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self._work(len(requests))
        return super().answer(requests)

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        self._work(len(requests))
        return super().generate(requests)

    def _work(self, count: int) -> None:
        data = b"x" * 65536
        for _ in range(count * self.rounds):
            data = hashlib.sha512(data).digest() * 1024


def _digest(request: Request) -> bytes:
    return hashlib.sha256(f"{request.text}/{request.seed}".encode()).digest()
