"""What a statement says of yes and no: see `evaluator.answers.parse_yes_no`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from evaluator.answers import _wording as words
from evaluator.answers._statements import FINAL, SHOWN, STATED, Verdict, statements

_NOT_IT = re.compile(r"\bnot\s+(?:a\s+)?(?:yes|no)\b(?:,?\s*but\b)?", re.I)
_REPEATED = re.compile(r"\b(yes|no)(?:\s+(?:and\s+)?\1\b)+", re.I)
_ANSWERED = re.compile(rf"(?:[\s:=\-–—>→.,(\[]|\ban?\b)*({words.OPENING.pattern})", re.I)
_AT_END = re.compile(
    r"\b(?:answer|reply|conclusion|verdict|response|decision)\b[^.!?\n]{0,120}?\bis\s+(yes|no)\W*$", re.I
)
_SET_OFF = re.compile(rf"(?:[:→—–]|\s-)\s*({words.ENGLISH})|,\s*(yes|no)\W*$", re.I)
# "Yes for the first, no for the second", "no, yes there is one": the other word, as an answer, in the same sentence.
_TURN = re.compile(
    r"(?:^|[,;:—–/.(…]|\s-|\b(?:and|but|or)\b)\s*(?:(?:actually|then|maybe)\s+)?"
    rf"(?:(yes)\b|(no)\b(?:{words.FOLLOWS}|(?=\s+(?:for|to|otherwise|in|when)\b)))",
    re.I,
)


def yes_no_verdicts(text: str) -> Iterator[Verdict]:
    """Each statement's verdicts; where the writer doubts, only a "the answer is" counts."""
    said = statements(_REPEATED.sub(r"\1", words.YES_OR_NO.sub(" ", text)))
    if len(said) == 1 and (whole := _whole(said[0])):
        yield _verdict(STATED, whole)
        return
    doubted = any(words.DOUBT.search(statement) for statement in said)
    for n, statement in enumerate(said):
        if statement.endswith("?"):
            continue
        statement = _NOT_IT.sub(" ", statement)
        for clause in words.CLAUSE.split(statement):
            if not words.UNREAL.search(clause):
                yield from _announced(clause)
        if not doubted:
            # A text's first and last words weigh as much as "the answer is", the answer to its own question less.
            plain = n in (0, len(said) - 1) and not (n and said[n - 1].endswith("?"))
            yield from _opening(statement, STATED if plain else SHOWN)


def _verdict(strength: int, *answers: str) -> Verdict:
    return Verdict(strength, frozenset(answers))


def _whole(text: str) -> str | None:
    """The answer that a reply of one or a few words is."""
    if len(text) > 60 or text.endswith("?"):
        return None
    kept = (char for char in text if char.isalnum() or unicodedata.category(char)[0] == "M" or char in "' ")
    said = " ".join("".join(kept).strip("' ").casefold().split())
    if words.SAYS_NO.fullmatch(said):
        return "no"
    return words.YES_NO.get(said) or ("yes" if words.SAYS_YES.fullmatch(said) else None)


def _announced(clause: str) -> Iterator[Verdict]:
    """What follows "the answer is" and its like."""
    for strength, pattern in ((FINAL, words.FINAL), (STATED, words.ANSWER)):
        for match in islice(pattern.finditer(clause), words.MOST_ANNOUNCED):
            tail = clause[match.end() : match.end() + 300]
            if (said := _ANSWERED.match(tail)) and words.affirmed(clause[: match.start()]):
                yield _with_turn(strength, said[1], tail[said.end() :])
    if (said := _AT_END.search(clause)) and words.affirmed(clause[: said.start()]):
        yield _verdict(STATED, said[1].lower())


def _opening(statement: str, strength: int) -> Iterator[Verdict]:
    """A yes or no that opens the sentence as an answer does, or stands apart at its end; no text in the picture."""
    if words.SUPPOSED.search(statement):
        return
    start = words.BEFORE_YES_NO.sub("", statement)
    if said := words.OPENING.match(start):
        yield _with_turn(strength, said[0], start[said.end() :])
    elif (said := _SET_OFF.search(statement)) and not words.QUOTES.search(statement[: said.start()][-80:]):
        yield _with_turn(strength, said[1] or said[2], statement[said.end() :])


def _with_turn(strength: int, word: str, rest: str) -> Verdict:
    answers = {(turn[1] or turn[2]).lower() for turn in _TURN.finditer(rest)}
    return _verdict(strength, words.YES_NO[word.casefold()], *answers)
