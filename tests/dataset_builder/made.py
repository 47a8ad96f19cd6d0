"""Small hand-made instances of every category, for tests of what happens to instances afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from dataset_builder.building import build
from dataset_builder.drawing import encode
from dataset_builder.instance import LETTERS, Instance, Question, geu_instance, ueg_instance
from dataset_builder.taxonomy import CATEGORIES, categories

LEVELS = ("easy", "medium", "hard")


def picture(seed: int, size: int = 96) -> Image.Image:
    """Coloured rectangles: no two seeds alike."""
    rng = random.Random(seed)
    image = Image.new("RGB", (size, size), tuple(rng.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y = rng.randrange(size), rng.randrange(size)
        color = tuple(rng.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + rng.randrange(10, size), y + rng.randrange(10, size)), fill=color)
    return image


def ueg(task_type: str, number: int, **changes: Any) -> Instance:
    subtasks = CATEGORIES[task_type].subtask_names
    fields: dict[str, Any] = {
        "subtask": subtasks[number % len(subtasks)],
        "prompt": f"Draw the thing numbered {number} of {task_type}.",
        "question_list": [
            Question(question=f"Is there a {number}?", answer="yes", aspect="text"),
            Question(question=f"Is there a {number + 1}?", answer="no", aspect="foil"),
            Question(question=f"Is the {number} alone?", answer="yes", aspect="quantity"),
        ],
        "reference_prompt": f"The numeral {number} for {task_type}.",
        "shallow": f"The thing itself, without {number}.",
        "difficulty": LEVELS[number % 3],
        "rationale": f"Thing {number} of {task_type} is the numeral {number}.",
        "metadata": {"subject": f"{task_type} {number}"},
    }
    source = {"provenance": CATEGORIES[task_type].source}
    return ueg_instance(task_type, number, **{**fields, **source, **changes})


def geu(task_type: str, number: int, **changes: Any) -> Instance:
    subtasks = CATEGORIES[task_type].subtask_names
    seed = sum(map(ord, task_type)) * 1000 + number
    options = ["ant", "bee", "cow", "dog"]
    fields: dict[str, Any] = {
        "subtask": subtasks[number % len(subtasks)],
        "image": (encode.png, encode.jpeg, encode.webp_lossless)[number % 3](picture(seed)),
        "question": f"Which animal is number {number}?",
        "option": options,
        "answer": LETTERS[number % 4],
        "reference_image": encode.png(picture(-seed)),
        "difficulty": LEVELS[number % 3],
        "rationale": f"Number {number} is the {options[number % 4]}.",
        "metadata": {"number": number},
    }
    return geu_instance(task_type, number, **{**fields, **changes})


def everything(n: int) -> Mapping[str, list[Instance]]:
    make = {"ueg": ueg, "geu": geu}
    return {c.name: [make[c.axis](c.name, number) for number in range(1, n + 1)] for c in categories()}


def folder(path: Path, n: int = 3, **options: Any) -> Path:
    """A dataset folder of `n` instances a category."""
    return build.write(path, everything(n), **options)
