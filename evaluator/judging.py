"""`realunify judge`: a judge's replies to every polling question about a run's images, appended as they come.

An image that is missing or cannot be decoded gets no call (scoring gives it 0). A question that has its
answer is never asked again; a judge's error is asked again the next time.

    >>> judge("runs/janus", judge="tiny:qwen-vl").asked
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.folder import Dataset
from evaluator.judges.base import Judge, Reply
from evaluator.judges.registry import load_judge
from evaluator.lines import LineWriter
from evaluator.models.base import LoadOptions
from evaluator.records import Judgement, Prediction
from evaluator.runs import RunFolder, open_image
from evaluator.sharding import Shard, launched_shard, part_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from evaluator.running import Progress


@dataclass
class JudgeSummary:
    """What this call did: `total` questions, `already` answered before, `asked` now, of them `errors`."""

    path: Path
    judge: str
    revision: str
    total: int = 0
    already: int = 0
    asked: int = 0
    unparsed: int = 0
    errors: int = 0
    no_image: int = 0


@dataclass(frozen=True)
class _Poll:
    """The questions about one image that still lack an answer."""

    prediction: Prediction
    image_sha256: str
    questions: tuple[str, ...]


def judge(
    run: str | Path | RunFolder,
    judge: str | Judge,
    *,
    dataset: str | Path | Dataset | None = None,
    shard: Shard | None = None,
    options: LoadOptions | None = None,
    progress: Progress | None = None,
) -> JudgeSummary:
    """Poll `judge` about every image of `run`; call it again to go on where it stopped.

    `dataset` is needed only when the run's dataset is not where its manifest says.
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    data = open_dataset(folder, dataset)
    loaded = load_judge(judge, options) if isinstance(judge, str) else judge
    try:
        summary = JudgeSummary(folder.path, loaded.id, loaded.revision)
        shard = shard or launched_shard()
        polls = list(_open_polls(folder, data, loaded, shard, summary))
        if progress:
            progress.start(loaded.id, summary.total, summary.already)
        with LineWriter(folder.shard_file("judgements", shard)) as lines:
            for poll, replies in _poll_all(folder, loaded, polls, summary):
                for question, reply in zip(poll.questions, replies, strict=True):
                    lines.append(_judgement(poll, question, reply, loaded))
                    summary.asked += 1
                    summary.unparsed += reply.answer == "unparsed"
                    summary.errors += reply.answer == "error"
                if progress:
                    progress.advance(summary.asked, summary.errors)
        return summary
    finally:
        if isinstance(judge, str):
            loaded.close()


def open_dataset(folder: RunFolder, dataset: str | Path | Dataset | None = None) -> Dataset:
    """The dataset of a run, from its manifest or as given; refused when it is not the one that was run."""
    from dataset_builder.errors import UsageError

    wanted = folder.manifest.dataset
    if isinstance(dataset, Dataset):
        data = dataset
    else:
        place = dataset or wanted.path
        if place is None or (dataset is None and not Path(place).is_dir()):
            raise UsageError(
                f"the dataset of {folder.path} ({wanted.id}) is not at {place}; give it with --dataset DIR"
            )
        data = Dataset.open(place)
    if data.content_sha256 != wanted.content_sha256:
        raise UsageError(
            f"{data.path} is not the dataset of {folder.path}: its content is {data.content_sha256[:12]} ({data.id}), "
            f"the run used {wanted.content_sha256[:12]} ({wanted.id}); give that one with --dataset DIR"
        )
    return data


def image_digest(folder: RunFolder, prediction: Prediction) -> str | None:
    """sha256 of the prediction's image file; None when it has none. The line's own digest saves a read."""
    if prediction.image is None:
        return None
    if prediction.image_sha256 is not None:
        return prediction.image_sha256
    path = folder.path / prediction.image
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _open_polls(
    folder: RunFolder, data: Dataset, judge: Judge, shard: Shard | None, summary: JudgeSummary
) -> Iterator[_Poll]:
    questions = {
        instance.id: tuple(entry.question for entry in instance.question_list)
        for instance in data.instances()
        if instance.axis == "ueg"
    }
    answered = {line.key for line in folder.judgements() if line.answer != "error"}
    for prediction in part_of(list(folder.latest().values()), shard):
        if prediction.id not in questions:
            continue
        digest = image_digest(folder, prediction)
        if digest is None:
            summary.no_image += 1
            continue
        asked = questions[prediction.id]
        todo = tuple(
            question
            for question in asked
            if (prediction.id, prediction.protocol, question, judge.id, judge.revision, digest) not in answered
        )
        summary.total += len(asked)
        summary.already += len(asked) - len(todo)
        if todo:
            yield _Poll(prediction, digest, todo)


def _poll_all(
    folder: RunFolder, judge: Judge, polls: list[_Poll], summary: JudgeSummary
) -> Iterator[tuple[_Poll, list[Reply]]]:
    """Replies as they come, for every poll whose image can be decoded."""

    def decoded(poll: _Poll) -> Image | None:
        return open_image(folder.path / str(poll.prediction.image))

    def one(poll: _Poll) -> tuple[_Poll, list[Reply] | None]:
        image = decoded(poll)
        return poll, None if image is None else judge.poll(image, poll.questions)

    if judge.concurrency > 1:
        with ThreadPoolExecutor(judge.concurrency) as pool:
            for poll, replies in pool.map(one, polls):
                if replies is None:
                    summary.no_image += 1
                else:
                    yield poll, replies
        return
    iterator = iter(polls)
    while batch := list(itertools.islice(iterator, judge.batch_size)):
        pairs = [(poll, image) for poll in batch if (image := decoded(poll)) is not None]
        summary.no_image += len(batch) - len(pairs)
        if pairs:
            replies_of = judge.poll_many([(image, poll.questions) for poll, image in pairs])
            yield from ((poll, replies) for (poll, _), replies in zip(pairs, replies_of, strict=True))


def _judgement(poll: _Poll, question: str, reply: Reply, judge: Judge) -> Judgement:
    return Judgement(
        id=poll.prediction.id,
        protocol=poll.prediction.protocol,
        question=question,
        reply=reply.text,
        answer=reply.answer,
        p_yes=reply.p_yes,
        judge=judge.id,
        judge_revision=judge.revision,
        image_sha256=poll.image_sha256,
        members=reply.members,
    )
