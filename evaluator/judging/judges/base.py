"""What a judge is: it answers yes/no questions about an image, and says so when it does not know.

>>> FixedJudge("yes").poll(image, ["Is there a cat?"])[0].answer
'yes'
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataset_builder import prompts
from evaluator.answers import parse_yes_no
from evaluator.records import JudgeAnswer

if TYPE_CHECKING:
    from PIL.Image import Image

_BARE = re.compile(r"\W*(?:yes|no)\W*", re.I)


@dataclass(frozen=True)
class Reply:
    """A judge's reply to one question. `error` is the judge's failure, never the model's.

    blocked: the error is the provider's filter's, which may well stop this question and no other.
    served: the version that answered, where a provider tells it.
    """

    text: str
    answer: JudgeAnswer
    p_yes: float | None = None
    members: dict[str, JudgeAnswer] | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    blocked: bool = False
    served: str | None = None


def judge_answer(text: str) -> JudgeAnswer:
    """What a judge's words say: yes, no, or unparsed."""
    stated = parse_yes_no(text)
    return "yes" if stated == "yes" else "no" if stated == "no" else "unparsed"


def is_bare(text: str) -> bool:
    """Whether the text is yes or no and nothing else: what a reply that was cut may still count as."""
    return _BARE.fullmatch(text) is not None


class Judge:
    """Base of the judges. `id`, `revision` and `decoding` go into every judgement and into the cache key.

    concurrency: 1 and more = a remote API; `poll_many` is then called with one question from that many threads.
    batch_size: images a call of `poll_many`; a local judge answers all their questions together.
    """

    id: str = ""
    revision: str = "unknown"
    decoding: Mapping[str, Any] = {}
    batch_size: int = 1
    concurrency: int = 0
    random_weights: bool = False
    # Whether the same question about the same image may be answered from the cache that runs share.
    cached: bool = False
    # US dollars spent so far, where the prices are known.
    cost: float = 0.0
    # What people must be told, such as "out of memory: going on with 2 images a batch".
    notes: tuple[str, ...] = ()
    # Set by whoever asks, and set off when they give up: what failed by then is not tried again.
    stopped: threading.Event | None = None

    def prepare(self, image: Image, data: bytes) -> Any:
        """What `poll_many` also takes in the image's place: preprocessing that may run ahead, in threads.

        `data` are the image file's bytes.
        """
        return image

    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        """A reply for each question (the bare question; the judge puts the protocol's poll around it)."""
        return self.poll_many([(image, questions)])[0]

    def poll_many(self, items: Sequence[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        """The batched form: replies for each question of each (image, questions) pair."""
        return [self.poll(image, questions) for image, questions in items]

    def prompt(self, question: str) -> str:
        """The text put to the judge for a question; part of the cache key."""
        return prompts.judge_poll(question)

    def cost_text(self) -> str:
        """What a question costs, in words."""
        return "free"

    def close(self) -> None:
        """Release processes, connections and memory."""


class FixedJudge(Judge):
    """Always gives the same reply; scores 0 on a sound dataset, whichever reply it is."""

    def __init__(self, reply: str) -> None:
        self.id = f"fixed:{reply}"
        self.revision = "1"
        self.reply = reply

    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        return [Reply(self.reply, judge_answer(self.reply))] * len(questions)
