"""The authors' published parsing, faults included: only for comparing with numbers in the paper.

Off by default; scores made with it say so (`parity` in scores.json). Source: `eval/eval_understanding.py`
and `eval/eval_generation.py` of github.com/FrankYang-17/RealUnify. Of a response some exact phrases are
deleted and the first capital A to D of the rest is the letter, wherever it stands: "Correct answer: D" is C. A
reply is yes when it contains the letters y-e-s, else no when it contains n-o: "The eyes are closed" is yes,
"I cannot tell" is no.

    >>> parse_choice("Answer: D"), parse_choice("ANSWER: D")
    ('D', 'A')
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluator.records import JudgeAnswer, Judgement

# In this order, so that "The answer is" is gone before "The answer" is looked for; case matters.
_DELETED = (
    "The best answer is", "The correct answer is", "The answer is", "The answer", "The best option is",
    "The correct option is", "Best answer:", "Best option:", "Answer", "Answer is",
)  # fmt: skip


def parse_choice(response: str, options: Sequence[str] = ()) -> str | None:
    """The first capital A to D that the deletions leave, None without one; `options` are not looked at."""
    for phrase in _DELETED:
        response = response.replace(phrase, "")
    match = re.search("[ABCD]", response)
    return match[0] if match else None


def parse_yes_no(reply: str) -> JudgeAnswer:
    """Yes, else no, where its letters occur; what has neither equals no stored answer and so scores 0."""
    reply = reply.lower()
    return "yes" if "yes" in reply else "no" if "no" in reply else "unparsed"


def reread(judgement: Judgement) -> Judgement:
    """The judgement with its reply read that way; a judge's error stays one, and a panel has no reply of its own."""
    if judgement.answer == "error" or judgement.members is not None:
        return judgement
    return judgement.model_copy(update={"answer": parse_yes_no(judgement.reply)})
