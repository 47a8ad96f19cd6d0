"""Reading a letter out of a response and a yes or no out of a reply: pure functions, None when unsure.

Both read in the same steps. Thinking, markup and what the text takes back ("wait, ...") go; a box, an answer tag
or a JSON field is read alone. The rest is cut into sentences, and each gives verdicts, by how plainly it
speaks: "final answer"; "the answer is", or a letter (word) that is or opens the text; one that stands apart
in it; an option's own words. What a sentence denies, supposes, reports or asks gives none. The strongest
verdicts count: when they name two answers, or there are none, the text is unparsed. A letter is never picked
out of a sentence that merely contains it.

    >>> parse_choice("Based on the image, the answer is D.")
    'D'
    >>> parse_choice("A cat sits on the mat") is None
    True
    >>> parse_yes_no("I cannot tell") is None
    True
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluator.answers import _wording as words
from evaluator.answers._letters import letter_verdicts
from evaluator.answers._statements import answer_text, settled
from evaluator.answers._yes_no import yes_no_verdicts


def parse_choice(response: str, options: Sequence[str] = ()) -> str | None:
    """The letter A to D that the response states, or None (unparsed).

    With `options` (the four texts) an option's own words count as its letter, and a letter that stands
    beside another option's words counts as nothing.
    """
    return settled(letter_verdicts(answer_text(response, words.WITHDRAWN_LETTER), options))


def parse_yes_no(reply: str) -> str | None:
    """`yes` or `no` where the reply states one of them, else None (unparsed)."""
    return settled(yes_no_verdicts(answer_text(reply)))
