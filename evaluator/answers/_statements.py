"""From a model's raw text to the statements that `evaluator.answers` reads, and what they add up to.

`answer_text` takes away what is no answer (thinking, special tokens, markup, what the text itself takes back)
and, where the text marks its answer (a box, an answer tag, a JSON field), keeps that alone. `statements` cuts
the rest into sentences; a parser gives each of them verdicts, and `settled` weighs those.

    >>> statements(answer_text("<think>A?</think>The path turns left. **B**</s>"))
    ['The path turns left', 'B']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from evaluator.answers import _wording as words

# The strength of a verdict: only the strongest of a text count, and they must agree.
MENTIONED, SHOWN, STATED, FINAL = range(4)


class Verdict(NamedTuple):
    """What one statement says: its answers (several contradict each other), and how plainly."""

    strength: int
    answers: frozenset[str]


def settled(verdicts: Iterable[Verdict]) -> str | None:
    """The one answer of the strongest verdicts, or None."""
    found = [verdict for verdict in verdicts if verdict.answers]
    strongest = max((verdict.strength for verdict in found), default=None)
    answers = {answer for verdict in found if verdict.strength == strongest for answer in verdict.answers}
    return answers.pop() if len(answers) == 1 else None


# --- what to read ----------------------------------------------------------------------------------------

_THINK = r"(?:think|thinking|thought|thoughts|reasoning|analysis|reflection|scratchpad)"
_THINK_OPEN, _THINK_CLOSE = re.compile(rf"[<◁]{_THINK}[>▷]", re.I), re.compile(rf"[<◁]/{_THINK}[>▷]", re.I)
_BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_TAG_OPEN = re.compile(r"<(?:answer|final|final_answer)>|<\|begin_of_box\|>", re.I)
_TAG_CLOSE = re.compile(r"</(?:answer|final|final_answer)>|<\|end_of_box\|>", re.I)
_FIELD = re.compile(
    r"[\"'](?:final[ _]?answer|answer|choice|option|letter|response|verdict|result|prediction)[\"']\s*:\s*"
    r"(?:\"([^\"\n]*)\"|'([^'\n]*)'|([\w.+-]+))",
    re.I,
)
_SPECIAL_TOKEN = re.compile(
    r"<\|[^<>|]{1,40}\|>|</?(?:s|bos|eos|pad|unk|(?:start|end)_of_(?:turn|utterance|text))>|\[/?INST\]"
    r"|^[^\w\n]{0,8}(?:assistant|model)[^\S\n]*(?::|$)",
    re.I | re.M,
)
_HTML = re.compile(
    r"</?(?:b|i|u|p|br|em|strong|span|div|code|pre|li|ul|ol|h\d|center|output|response|result)\s*/?>", re.I
)
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|textit|bf|rm|mathsf)\b\s*")
_CJK = r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
_MARKUP = re.compile(r"[*`\"$_{}<>~|]|(?<!\w)#+|\\[()\[\]]|(?<!\w)'|'(?!\w)")
# An empty tick box goes with its word, a ticked one leaves it.
_UNTICKED, _TICKED = re.compile(r"(?:\[\s*\]|[☐⬜□])\s*\w+"), re.compile(r"\[\s*[xX✓✔]\s*\]|\([xX✓✔]\)|[☑✅✔✓]")
_SPELLINGS = str.maketrans(
    {"’": "'", "‘": "'", "、": ",", "。": ". ", "⇒": "→", "➡": "→", "⟶": "→"}
    | dict.fromkeys("“”„«»", '"')
    | dict.fromkeys("\u200b\u200e\u200f\ufeff\u2060")
)


def answer_text(text: str, withdrawn: re.Pattern[str] = words.WITHDRAWN) -> str:
    """The text to read, plain; what precedes the last "wait", "correction:" (`withdrawn`) is taken back."""
    text = _without_reasoning(unicodedata.normalize("NFKC", text).translate(_SPELLINGS))
    marked = dict.fromkeys(filter(None, map(_plain, _marked(text))))
    text = "\n".join(marked) if marked else _plain(text)
    return text[max((match.end() for match in withdrawn.finditer(text)), default=0) :]


def _without_reasoning(text: str) -> str:
    """The text less what a model thinks aloud in tags; a thought without an answer after it states none."""
    return _THINK_OPEN.split(_THINK_CLOSE.split(text)[-1], maxsplit=1)[0]


def _marked(text: str) -> Iterable[str]:
    """What stands in a box, an answer tag (closed or not) or a JSON field named for the answer."""
    yield from _BOXED.findall(text)
    for inside in _TAG_OPEN.split(text)[1:]:
        yield _TAG_CLOSE.split(inside, maxsplit=1)[0]
    for field in _FIELD.finditer(text):
        yield field[1] or field[2] or field[3] or ""


def _plain(text: str) -> str:
    """Without markup and with one kind of quote, dash and space; lines are kept."""
    text = _HTML.sub(" ", _SPECIAL_TOKEN.sub("\n", text))
    text = re.sub(r"[=-]{1,3}>", "→", re.sub(r"\.{2,}", " … ", text))
    text = re.sub(r"\bno\.\s*(?=\d)", "number ", text, flags=re.I)
    # A question in quotes within a sentence does not end it.
    text = re.sub(r"[.?!]([\"'])(?=\s+[a-z])", r"\1", text)
    text = _MARKUP.sub(" ", _LATEX.sub(" ", _TICKED.sub(" ", _UNTICKED.sub(" ", text))))
    text = re.sub(rf"(?<=[A-Za-z])(?={_CJK})|(?<={_CJK})(?=[A-Za-z])", " ", text)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


# --- statements ------------------------------------------------------------------------------------------

# Far beyond what a model writes: they bound the time that a text without end can take.
_LONGEST, _FIRST, _LAST = 600, 50, 150
_BULLET = re.compile(r"^(?:[-•·+–—]\s+)?(?:\(?\d{1,2}[.)]\s+(?=\D))?(?:[-•·+–—]\s+)?")
_CONTINUED = re.compile(r":\n(?![^\w\n]{0,8}[A-D][.):])")
_END = re.compile(r"[.!?;]+(?=[\s)\]]|$)|…")
# What a full stop does not end: a label ("A. four"), an abbreviation.
_GOES_ON = re.compile(
    r"^\W*(?:(?:option|choice|answer)\W+)?[A-D](?:\.\s[A-Z])?$|\b(?:ans|vs|e\.g|i\.e|approx|mr|mrs|dr|st)$", re.I
)


def statements(text: str) -> list[str]:
    """The sentences of a plain text, each with its question mark if it is a question, without its full stop.

    A line that ends in a colon goes on in the next, unless that begins a list of options. Of a sentence beyond
    all measure the end is kept, of such a text its begin and end.
    """
    found: list[str] = []
    for line in _CONTINUED.sub(": ", text).split("\n"):
        line = _BULLET.sub("", line, count=1)
        start = 0
        for end in _END.finditer(line):
            if (
                end[0] == "."
                and line[end.end() :].strip()
                and _GOES_ON.search(line[max(start, end.start() - 40) : end.start()])
            ):
                continue
            found.append(line[start : end.start()] + ("?" if "?" in end[0] else ""))
            start = end.end()
        found.append(line[start:])
    found = [stripped for one in found if re.search(r"\w", stripped := one.strip(" ,"))]
    if len(found) > _FIRST + _LAST:
        found = [*found[:_FIRST], *found[-_LAST:]]
    return [one if len(one) <= _LONGEST else "… " + one[-_LONGEST:] for one in found]
