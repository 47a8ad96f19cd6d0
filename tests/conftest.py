"""What tests of all rooms share: a home of their own, and a small dataset that is built in a second."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest
from hypothesis import settings
from PIL import Image, ImageDraw

from dataset_builder.building.build import finish
from dataset_builder.building.parts import write_part
from dataset_builder.instance import LETTERS, Instance, Question, geu_instance, ueg_instance
from dataset_builder.taxonomy import CATEGORIES, Category

PER_CATEGORY = 4

# Laws are tried on the same examples every time and everywhere; a machine that is busy is no fault of theirs.
settings.register_profile("house", derandomize=True, database=None, deadline=None, max_examples=60)
settings.load_profile("house")

# Whoever runs the tests may be offline, while some of them speak to a Hub on this machine.
huggingface_hub.constants.HF_HUB_OFFLINE = False
# What a shell starts in the background ignores Ctrl-C, and so would all that the tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees another's cache, nor the network through a process that it starts.

    The libraries read these variables when they are imported, so what is loaded already is patched as well.
    """
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(home / "hub"))
    if "datasets" in sys.modules:
        monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", home / "datasets")


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of ten categories with four instances each; the same content in every session.

    UEG instances have a question to be answered with yes and one with no; GEU answers go A, B, C, D.
    """
    folder = tmp_path_factory.mktemp("dataset") / "small"
    return write_dataset(folder, PER_CATEGORY)


def write_dataset(folder: Path, per_category: int) -> Path:
    folder.mkdir(parents=True)
    parts = [write_part(folder, c.name, _instances(c, per_category), False, lambda: None) for c in CATEGORIES.values()]
    finish(folder, parts, source="open", seed=0, withheld=False)
    return folder


def _instances(category: Category, count: int) -> Iterator[Instance]:
    for number in range(1, count + 1):
        subtask = category.subtask_names[number % len(category.subtasks)]
        difficulty = ("easy", "medium", "hard")[number % 3]
        if category.axis == "ueg":
            yield ueg_instance(
                category.name,
                number,
                subtask=subtask,
                prompt=f"A {category.title} riddle, number {number}: draw its answer.",
                question_list=[
                    Question(question=f"Is it {category.title} answer {number}?", answer="yes", aspect="subject"),
                    Question(question=f"Is it {category.title} foil {number}?", answer="no", aspect="foil"),
                ],
                reference_prompt=f"{category.title} answer {number}.",
                difficulty=difficulty,
                rationale=f"Because it is number {number}.",
                metadata={"number": number},
            )
        else:
            yield geu_instance(
                category.name,
                number,
                subtask=subtask,
                image=_picture(number, marked=False),
                question=f"How many dots has {category.title} picture {number}?",
                option=["one", "two", "three", "four"],
                answer=LETTERS[(number - 1) % 4],
                reference_image=_picture(number, marked=True),
                difficulty=difficulty,
                rationale=f"There are {number} dots.",
                metadata={"number": number},
            )


def _picture(number: int, *, marked: bool) -> bytes:
    image = Image.new("RGB", (64, 48), (240, 240, 240))
    draw = ImageDraw.Draw(image)
    for dot in range(number % 12 + 1):
        draw.ellipse((dot * 5, 10 + number % 20, dot * 5 + 4, 14 + number % 20), fill=(200, 40, 40))
    if marked:
        draw.rectangle((1, 1, 62, 46), outline=(0, 120, 0))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
