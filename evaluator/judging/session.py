"""One call of `judge`: what is asked, where the answers go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.asking import Asker, Poll
from evaluator.judging.cache import AnswerCache
from evaluator.judging.judges.base import Judge, Reply
from evaluator.judging.judges.panel import PanelJudge
from evaluator.records import Judgement
from evaluator.runs.folder import RunFolder, image_digest
from evaluator.runs.lines import LineWriter, read_lines
from evaluator.runs.sharding import Shard, part_of

if TYPE_CHECKING:
    from evaluator.runs.progress import Progress


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


class JudgingSession:
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
        self.questions = _questions(data)

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


def _questions(data: Dataset) -> dict[str, tuple[str, ...]]:
    """What is asked of each UEG instance; refused where a blind season keeps that to itself."""
    found = {
        instance.id: tuple(entry.question for entry in instance.question_list)
        for instance in data.instances()
        if instance.axis == "ueg"
    }
    if data.info.withheld and not data.has_answers and not any(found.values()):
        raise UsageError(f"{data.path} withholds its questions: pack the run and submit it to whoever has the answers")
    return found


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
