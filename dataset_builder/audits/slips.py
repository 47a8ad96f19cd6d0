"""What a model draws that slipped must fail: each category names the slips of an instance, here they are all tried."""

from __future__ import annotations

from dataset_builder import categories
from dataset_builder.audits._rule import EachRule, Found, ours_ueg, procedural
from dataset_builder.instance import Instance

MEND = "ask for what tells the right picture from this one"


def caught(instance: Instance) -> Found:
    """Every slip fails at least one question; an instance without a slip measures nothing."""
    stored = [asked.answer for asked in instance.question_list]
    try:
        slips = categories.slips(instance)
    except Exception as error:  # the category meets data that it may not understand: that is the finding
        yield f"its slips cannot be found: {type(error).__name__}: {error}", MEND
        return
    if not slips:
        yield "no slip is known", "name what a careless reader would draw"
    for slip in slips:
        if len(slip.answers) != len(stored):
            yield f"the slip '{slip.name}' answers {len(slip.answers)} of {len(stored)} questions", MEND
        elif slip.answers == stored:
            yield f"a picture of the slip '{slip.name}' passes every question", MEND


def shallow(instance: Instance) -> Found:
    """Said in the instance: what a model draws that did not reason."""
    if not instance.shallow:
        yield "shallow is missing", "describe the picture of a model that did not reason"


EACH = (
    EachRule(
        "slips",
        "every slip (a step skipped, an order ignored, a literal copied) fails a question",
        caught,
        lambda instance: procedural(instance) and instance.axis == "ueg",
    ),
    EachRule("shallow picture", "what a model draws that did not reason is named", shallow, ours_ueg),
)
