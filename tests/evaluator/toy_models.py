"""Models and judges made of a hash: instant, deterministic, and as faulty as a test wants them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence

from PIL import Image

from evaluator.judging.judges.base import Judge, Reply
from evaluator.models.base import Model
from evaluator.records import Request


def digest(request: Request) -> bytes:
    pictures = b"".join(image.tobytes() for image in request.images)
    return hashlib.sha256(f"{request.text}/{request.seed}".encode() + pictures).digest()


class Toy(Model):
    """Answers and draws what a hash of the request says, so an equal request gives an equal output."""

    name = "toy"
    revision = "1"
    capabilities = frozenset({"answer", "generate", "edit"})
    defaults = {"temperature": 0.5}
    batch_size = 4
    random_weights = True

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self.batches.append(len(requests))
        return [self.answer_one(request) for request in requests]

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        self.batches.append(len(requests))
        return [self.generate_one(request) for request in requests]

    def answer_one(self, request: Request) -> str:
        return "ABCD"[digest(request)[0] % 4] if request.step == "answer" else f"refined {digest(request).hex()[:8]}"

    def generate_one(self, request: Request) -> Image.Image:
        return Image.new("RGB", (16, 16), tuple(digest(request)[:3]))


class NoEdit(Toy):
    capabilities = frozenset({"answer", "generate"})


class Slow(Toy):
    """Slow enough to be killed in mid-run."""

    def answer_one(self, request: Request) -> str:
        time.sleep(float(os.environ.get("TOY_SECONDS", "0.01")))
        return super().answer_one(request)

    def generate_one(self, request: Request) -> Image.Image:
        time.sleep(float(os.environ.get("TOY_SECONDS", "0.01")))
        return super().generate_one(request)


class Knowing(Judge):
    """Says yes to every question about an answer and no to every foil, or gives `answers` as they are listed."""

    id = "knowing"
    revision = "1"

    def __init__(self, answers: dict[str, str] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []

    def poll(self, image: Image.Image, questions: Sequence[str]) -> list[Reply]:
        self.asked += questions
        replies = []
        for question in questions:
            answer = self.answers.get(question, "no" if "foil" in question else "yes")
            replies.append(Reply(answer, answer))  # type: ignore[arg-type]
        return replies
