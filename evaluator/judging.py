"""`realunify judge`: a judge's replies to every polling question about a run's images, appended as they come.

An image that is missing or cannot be decoded gets no call (scoring gives it 0). A question that has its
answer, in this run or in the cache that all runs share, is never asked again; a judge's error is asked
again the next time.

    >>> judge("runs/janus", judge="tiny:qwen-vl").asked
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judges._asking import Asker, Poll
from evaluator.judges._cache import AnswerCache
from evaluator.judges.base import Judge, Reply
from evaluator.judges.panel import PanelJudge
from evaluator.judges.registry import load_judge
from evaluator.lines import LineWriter, read_lines
from evaluator.models.base import LoadOptions
from evaluator.records import Judgement, Prediction
from evaluator.runs import RunFolder
from evaluator.sharding import Shard, launched_shard, part_of

if TYPE_CHECKING:
    from evaluator.running import Progress

# Where the replies of a panel's members are kept, beside `judgements`.
MEMBERS = "members"
# A cut reply is no answer and a whole one is the same under any limit: going on with another is only told.
_LIMITS = ("max_tokens", "max_new_tokens")


@dataclass
class JudgeSummary:
    """What this call did: of `total` questions, `already` had an answer, `asked` got one now.

    Of these `cached` came from the cache without a call, and `errors` failed on the judge's side, `blocked`
    of them because a provider's filter stepped in. `served` counts the versions that providers say have
    answered, in this call and before.
    """

    path: Path
    judge: str
    revision: str
    total: int = 0
    already: int = 0
    asked: int = 0
    cached: int = 0
    unparsed: int = 0
    errors: int = 0
    blocked: int = 0
    no_image: int = 0
    usage: Counter[str] = field(default_factory=Counter)
    served: Counter[str] = field(default_factory=Counter)
    cost: float = 0.0
    notes: list[str] = field(default_factory=list)


def judge(
    run: str | Path | RunFolder,
    judge: str | Judge,
    *,
    dataset: str | Path | Dataset | None = None,
    shard: Shard | None = None,
    options: LoadOptions | None = None,
    cache: AnswerCache | bool | None = None,
    progress: Progress | None = None,
) -> JudgeSummary:
    """Poll `judge` about every image of `run`; call it again to go on where it stopped.

    `dataset` is needed only when the run's dataset is not where its manifest says. `cache` None uses the
    shared cache for the judges that declare themselves `cached`; False uses none. Raises ProviderDown
    when a provider's key, quota or budget ends; what is answered is kept.
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    data = open_dataset(folder, dataset)
    loaded = load_judge(judge, options) if isinstance(judge, str) else judge
    try:
        summary = JudgeSummary(folder.path, loaded.id, loaded.revision)
        with _cache_for(loaded, cache) as answers:
            session = _Session(folder, data, shard or launched_shard(), answers, progress)
            if isinstance(loaded, PanelJudge):
                session.convene(loaded, summary)
            else:
                session.ask(loaded, "judgements", summary)
        return summary
    finally:
        if isinstance(judge, str):
            loaded.close()


@contextlib.contextmanager
def _cache_for(judge: Judge, cache: AnswerCache | bool | None) -> Iterator[AnswerCache | None]:
    if isinstance(cache, AnswerCache):
        yield cache
    elif cache or (cache is None and judge.cached):
        with AnswerCache.open() as opened:
            yield opened
    else:
        yield None


class _Session:
    """One call of `judge`: what is asked, where the answers go."""

    def __init__(
        self,
        folder: RunFolder,
        data: Dataset,
        shard: Shard | None,
        cache: AnswerCache | None,
        progress: Progress | None,
    ) -> None:
        self.folder = folder
        self.shard = shard
        self.cache = cache
        self.progress = progress
        self.questions = {
            instance.id: tuple(entry.question for entry in instance.question_list)
            for instance in data.instances()
            if instance.axis == "ueg"
        }

    def ask(self, judge: Judge, kind: str, summary: JudgeSummary) -> None:
        """Put every open question to `judge`; its lines go to the run's files of this kind."""
        self._check_decoding(judge, kind, summary)
        polls = self._open_polls(judge, kind, summary)
        cost = judge.cost
        if self.progress:
            self.progress.start(judge.id, summary.total, summary.already)
        with LineWriter(self.folder.shard_file(kind, self.shard)) as lines:

            def record(poll: Poll, question: str, reply: Reply, called: bool) -> None:
                lines.append(_judgement(poll, question, reply, judge))
                summary.asked += 1
                summary.cached += not called
                summary.unparsed += reply.answer == "unparsed"
                summary.errors += reply.answer == "error"
                summary.blocked += reply.blocked
                summary.usage.update(reply.usage)
                if reply.served:
                    summary.served[reply.served] += 1
                if self.progress:
                    self.progress.advance(summary.asked, summary.errors)

            asker = Asker(judge, self.cache, record)
            try:
                asker.ask(polls)
            finally:
                summary.no_image += asker.undecodable
                summary.notes += [*judge.notes, *_versions(judge, summary.served)]
                summary.cost += judge.cost - cost
                if summary.blocked:
                    summary.notes.append(
                        f"{judge.id}: its provider's filter blocked {summary.blocked} questions; another judge may "
                        "answer them"
                    )

    def convene(self, panel: PanelJudge, summary: JudgeSummary) -> None:
        """Ask each member by itself, with its own concurrency and resume, then write the majority's answers."""
        said: dict[tuple[str, str, str, str], dict[str, Judgement]] = {}
        for member in panel.members:
            one = JudgeSummary(self.folder.path, member.id, member.revision)
            try:
                self.ask(member, MEMBERS, one)
            finally:
                summary.cached += one.cached
                summary.usage += one.usage
                summary.cost += one.cost
                summary.notes += one.notes
                summary.blocked += one.blocked
        ids = {(member.id, member.revision) for member in panel.members}
        for line in member_judgements(self.folder):
            key = (line.id, line.protocol, line.question, line.image_sha256)
            old = said.setdefault(key, {}).get(line.judge)
            if (line.judge, line.judge_revision) in ids and (old is None or old.answer == "error"):
                said[key][line.judge] = line
        with LineWriter(self.folder.shard_file("judgements", self.shard)) as lines:
            for poll in self._open_polls(panel, "judgements", summary):
                about = poll.prediction.key
                answers = [said.get((*about, asked, poll.image_sha256), {}) for asked in poll.questions]
                # Of an image that cannot be decoded nobody was asked.
                summary.no_image += not any(answers)
                for question, found in zip(poll.questions, answers, strict=True):
                    if not found:
                        continue
                    reply = panel.combine({line.judge: (line.answer, line.p_yes) for line in found.values()})
                    lines.append(_judgement(poll, question, reply, panel))
                    summary.asked += 1
                    summary.unparsed += reply.answer == "unparsed"
                    summary.errors += reply.answer == "error"

    def _check_decoding(self, judge: Judge, kind: str, summary: JudgeSummary) -> None:
        """Refuse to go on with another decoding than this judge's answers here have; count who served them."""
        limits: Counter[str] = Counter()
        for line in _lines(self.folder, kind):
            if (line.judge, line.judge_revision) != (judge.id, judge.revision) or line.answer == "error":
                continue
            if line.served:
                summary.served[line.served] += 1
            old, new = line.decoding, dict(judge.decoding)
            if old is None or old == new:
                continue
            differ = {name for name in {**old, **new} if old.get(name) != new.get(name)}
            if material := sorted(differ.difference(_LIMITS)):
                there = ", ".join(f"{name}={old.get(name)}" for name in material)
                asked = ", ".join(f"{name}={new.get(name)}" for name in material)
                raise UsageError(
                    f"{self.folder.path} has answers of {judge.id} with {there}, and this would add some with {asked}: "
                    f"judge as before, or delete that judge's lines in {kind}*.jsonl to have all asked again"
                )
            limits.update(f"{name}={old.get(name)}" for name in differ)
        for limit, count in limits.items():
            summary.notes.append(f"{judge.id}: {count} answers from before had {limit}")

    def _open_polls(self, judge: Judge, kind: str, summary: JudgeSummary) -> list[Poll]:
        answered = {line.key for line in _lines(self.folder, kind) if line.answer != "error"}
        polls = []
        for prediction in part_of(list(self.folder.latest().values()), self.shard):
            if prediction.id not in self.questions:
                continue
            digest = image_digest(self.folder, prediction)
            if digest is None:
                summary.no_image += 1
                continue
            asked = self.questions[prediction.id]
            todo = tuple(
                question
                for question in asked
                if (prediction.id, prediction.protocol, question, judge.id, judge.revision, digest) not in answered
            )
            summary.total += len(asked)
            summary.already += len(asked) - len(todo)
            if todo:
                polls.append(Poll(prediction, self.folder.path / str(prediction.image), digest, todo))
        return polls


def member_judgements(folder: RunFolder) -> Iterator[Judgement]:
    """The replies of panel members, one line each, as any judge's."""
    return _lines(folder, MEMBERS)


def _lines(folder: RunFolder, kind: str) -> Iterator[Judgement]:
    for file in folder.files(kind):
        yield from read_lines(file, Judgement)


def _versions(judge: Judge, served: Counter[str]) -> Iterator[str]:
    """What there is to tell of the versions that answered under the judge's name."""
    counted = ", ".join(f"{name} ({count} answers)" for name, count in served.items())
    if len(served) > 1:
        yield f"{judge.id} changed under its name: served by {counted}; a score mixes them"
    elif set(served) - {judge.revision}:
        yield f"{judge.id}: served by {counted}"


def open_dataset(folder: RunFolder, dataset: str | Path | Dataset | None = None) -> Dataset:
    """The dataset of a run, from its manifest or as given; refused when it is not the one that was run."""
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


def _judgement(poll: Poll, question: str, reply: Reply, judge: Judge) -> Judgement:
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
        decoding=dict(judge.decoding) or None,
        served=reply.served,
    )
