"""`panel:SPEC+SPEC+SPEC`: the majority of several judges; a tie is `unparsed`.

Each member is asked by itself (with its own concurrency, cache and resume) and its replies are kept. A
question that one member failed on is an error of the panel: it is asked again, never decided by the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dataset_builder.errors import UsageError
from evaluator.judging.judges._options import check_known
from evaluator.judging.judges.base import Judge, Reply
from evaluator.models.base import LoadOptions
from evaluator.records import JudgeAnswer

if TYPE_CHECKING:
    from PIL.Image import Image


def load(rest: str, options: LoadOptions) -> PanelJudge:
    """The panel for `panel:rest`; of `--set` each member gets the options that it knows.

    Members that share an adapter are loaded one after the other.
    """
    from evaluator.judging.judges.registry import load_judge, options_of

    specs = [spec.strip() for spec in rest.split("+") if spec.strip()]
    if len(specs) < 2:
        raise UsageError(f"panel:{rest} has {len(specs)} member; join two or more with +, such as panel:A+B+C")
    if any(spec.startswith("panel:") for spec in specs):
        raise UsageError("a panel cannot sit on a panel; list all members in one")
    known = {spec: options_of(spec) for spec in specs}
    check_known(options.settings, {key for names in known.values() for key in names}, "any judge of this panel")
    settings = {spec: {key: value for key, value in options.settings.items() if key in known[spec]} for spec in specs}
    return PanelJudge([load_judge(spec, replace(options, settings=settings[spec])) for spec in specs])


class PanelJudge(Judge):
    """Several judges as one."""

    def __init__(self, members: Sequence[Judge]) -> None:
        self.members = list(members)
        names = [member.id for member in members]
        if len(set(names)) < len(names):
            raise UsageError(f"a panel has '{Counter(names).most_common(1)[0][0]}' twice; name each judge once")
        self.id = "panel:" + "+".join(names)
        self.revision = "+".join(member.revision for member in members)
        self.random_weights = any(member.random_weights for member in members)
        self.cached = any(member.cached for member in members)

    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        """Ask every member; `judging.judge` asks them one after the other over a whole run instead."""
        replies = {member.id: member.poll(image, questions) for member in self.members}
        return [
            self.combine({name: (found[row].answer, found[row].p_yes) for name, found in replies.items()})
            for row in range(len(questions))
        ]

    def combine(self, said: Mapping[str, tuple[JudgeAnswer, float | None]]) -> Reply:
        """The panel's reply out of its members' answers (and probabilities of yes), by member id."""
        answers: dict[str, JudgeAnswer] = {
            member.id: said[member.id][0] if member.id in said else "error" for member in self.members
        }
        text = ", ".join(f"{name}: {answer}" for name, answer in answers.items())
        chances = [p_yes for _, p_yes in said.values() if p_yes is not None]
        p_yes = sum(chances) / len(chances) if len(chances) == len(self.members) else None
        return Reply(text, majority(list(answers.values())), p_yes, members=answers)

    def cost_text(self) -> str:
        return "; ".join(f"{member.id}: {member.cost_text()}" for member in self.members)

    def close(self) -> None:
        for member in self.members:
            member.close()


def majority(answers: Sequence[JudgeAnswer]) -> JudgeAnswer:
    """The answer that more members gave than any other; a tie is unparsed, an error among them an error."""
    if "error" in answers:
        return "error"
    ranked = Counter(answers).most_common(2)
    return "unparsed" if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]
