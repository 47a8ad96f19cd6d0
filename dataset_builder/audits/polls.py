"""The polling questions of UEG: no judge scores without looking."""

from __future__ import annotations

from dataset_builder.audits._rule import EachRule, Found, ours_ueg
from dataset_builder.instance import Instance

MEND = "mend its question_list"


def constant_judges(instance: Instance) -> Found:
    """A judge that always says yes, or always no, fails every instance."""
    answers = {poll.answer for poll in instance.question_list}
    for word, other in (("yes", "no"), ("no", "yes")):
        if other not in answers:
            yield f"a judge that always says {word} passes it", f"add a question whose answer is {other}"


def foils(instance: Instance) -> Found:
    """At least one foil, and the answer to a foil is no."""
    marked = [poll for poll in instance.question_list if poll.aspect == "foil"]
    if not marked:
        yield "no question is a foil", "ask for what a shallow reading would have drawn"
    for poll in marked:
        if poll.answer != "no":
            yield f"the answer to the foil '{poll.question}' is {poll.answer}", MEND


def wording(instance: Instance) -> Found:
    """Three or four different questions, one question mark each, every one with its aspect."""
    texts = [poll.question.casefold() for poll in instance.question_list]
    if not 3 <= len(texts) <= 4:
        yield f"it has {len(texts)} questions, needs 3 or 4", MEND
    if len(set(texts)) < len(texts):
        yield "a question is asked twice", MEND
    for poll in instance.question_list:
        if poll.question.count("?") != 1 or not poll.question.endswith("?"):
            yield f"'{poll.question}' is not one question", MEND
        if poll.aspect is None:
            yield f"'{poll.question}' has no aspect", MEND


EACH = (
    EachRule("constant judges", "a judge that always says yes, or always no, scores 0 %", constant_judges, ours_ueg),
    EachRule("foils", "every UEG instance has a foil, answered no", foils, ours_ueg),
    EachRule("polling questions", "3 or 4 different questions, each with its aspect", wording, ours_ueg),
)
