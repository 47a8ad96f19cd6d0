"""The authors' published parsing, faults included: only for comparing with numbers in the paper.

Off by default; scores made with it say so (`parity` in scores.json). What it does wrong, as described in
the issues with the released scripts: a letter is the first of A to D anywhere in the text, so "ANSWER: D"
is A and "Correct answer: D" is C; a reply is yes when it contains the letters y-e-s, so "The eyes are
closed" is yes, and no otherwise, so "I cannot tell" is no.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluator.records import Judgement


def parse_choice(response: str, options: Sequence[str] = ()) -> str | None:
    """The first capital A to D in the text, wherever it stands; `options` are not looked at."""
    match = re.search("[ABCD]", response)
    return match[0] if match else None


def parse_yes_no(reply: str) -> str:
    """Yes where the three letters occur, else no; never unparsed."""
    return "yes" if "yes" in reply.lower() else "no"


def reread(judgement: Judgement) -> Judgement:
    """The judgement with its reply read that way; a judge's error stays one, and a panel has no reply of its own."""
    if judgement.answer == "error" or judgement.members is not None:
        return judgement
    return judgement.model_copy(update={"answer": parse_yes_no(judgement.reply)})
