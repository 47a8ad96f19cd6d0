"""`realunify judge RUN --judge local:... --verify N`: the fast way against plain `generate`, on N questions.

>>> verify("runs/janus", "local:Qwen/Qwen2.5-VL-7B-Instruct", 50).agreed
50
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.judges.local import LocalJudge
from evaluator.judging.judges.registry import load_judge
from evaluator.models.base import LoadOptions
from evaluator.runs.folder import RunFolder, open_dataset
from evaluator.runs.pictures import open_image

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass
class Verification:
    """What came out. `max_difference` is over all logits of all first tokens, in the model's own units."""

    judge: str
    asked: int = 0
    agreed: int = 0
    max_difference: float = 0.0
    differ: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The outcome in a few lines."""
        head = (
            f"{self.judge}: {self.agreed} of {self.asked} questions answered alike by the shared prefix and by plain "
            f"generate; first-token logits differ by at most {self.max_difference:.1e}"
        )
        return "\n".join([head, *(f"  {line}" for line in self.differ)])


def verify(
    run: str | Path | RunFolder,
    judge: str | LocalJudge,
    questions: int,
    *,
    dataset: str | Path | Dataset | None = None,
    options: LoadOptions | None = None,
    seed: int = 0,
) -> Verification:
    """Answer `questions` random questions about the run's images in the judge's way and by plain generate.

    All questions about a chosen image are asked together, as in a real run; nothing is written or cached.
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    loaded = load_judge(judge, options) if isinstance(judge, str) else judge
    if not isinstance(loaded, LocalJudge) or loaded.mode == "generate":
        raise UsageError(f"--verify compares a local judge's two ways; {loaded.id} has one: give local:CHECKPOINT")
    found = Verification(loaded.id)
    batch: list[tuple[Image, tuple[str, ...]]] = []
    left = questions
    for image, asked in _chosen(folder, open_dataset(folder, dataset), random.Random(seed)):
        if left <= 0:
            break
        batch.append((image, asked[:left]))
        left -= len(asked)
        if len(batch) >= loaded.batch_size or left <= 0:
            _compare(loaded, batch, found)
            batch = []
    if batch:
        _compare(loaded, batch, found)
    if not found.asked:
        raise UsageError(f"{folder.path} has no image to ask about")
    if isinstance(judge, str):
        loaded.close()
    return found


def _chosen(folder: RunFolder, data: Dataset, rng: random.Random) -> Iterator[tuple[Image, tuple[str, ...]]]:
    """The run's pictures in random order, each with its questions (opened as they are taken)."""
    asked = {i.id: tuple(entry.question for entry in i.question_list) for i in data.instances() if i.axis == "ueg"}
    pictures = [one for one in folder.latest().values() if one.image is not None and one.id in asked]
    rng.shuffle(pictures)
    opened = ((open_image(folder.path / str(one.image)), asked[one.id]) for one in pictures)
    for image, questions in opened:
        if image is not None:
            yield image, questions


def _compare(judge: LocalJudge, batch: Sequence[tuple[Image, tuple[str, ...]]], found: Verification) -> None:
    by_size: dict[tuple[int, int], list[tuple[Image, tuple[str, ...]]]] = {}
    for image, questions in batch:
        by_size.setdefault(image.size, []).append((image, questions))
    for group in by_size.values():
        rows = iter(judge.first_logits([(judge.prepare(image), questions) for image, questions in group]))
        replies = judge.poll_many(group)
        for (image, questions), row_of in zip(group, replies, strict=True):
            for question, fast in zip(questions, row_of, strict=True):
                slow, logits = judge.generate(image, question)
                found.asked += 1
                found.agreed += fast.answer == slow.answer
                found.max_difference = max(found.max_difference, float((next(rows) - logits[0]).abs().max()))
                if fast.answer != slow.answer:
                    found.differ.append(
                        f"{question}: {fast.answer} ({fast.text}), generate {slow.answer} ({slow.text})"
                    )
