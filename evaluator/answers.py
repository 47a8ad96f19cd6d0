"""Reading a letter out of a response and a yes or no out of a reply: pure functions, None when unsure.

Both look for what the text *states*, from the plainest form to the loosest, and stop at the first form
that is there: a box or answer tag, "final answer ...", "the answer is ...", a letter (word) that leads
the text or stands alone, an option's own words. When that form names two answers, or none does, the text
is unparsed: a letter is never picked out of a sentence that merely contains it.

    >>> parse_choice("Based on the image, the answer is D.")
    'D'
    >>> parse_choice("A cat sits on the mat") is None
    True
    >>> parse_yes_no("I cannot tell") is None
    True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from evaluator import _wording as words

LETTERS = "ABCD"
_THINK_TAGS = r"think|thinking|thought|thoughts|reasoning|analysis|reflection|scratchpad"
_THINK_OPEN, _THINK_CLOSE = rf"[<◁](?:{_THINK_TAGS})[>▷]", rf"[<◁]/(?:{_THINK_TAGS})[>▷]"
_BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}|<answer>(.*?)</answer>", re.I | re.S)
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|textit|bf|rm|mathsf)\b\s*")
_CJK = r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
_MARKUP = re.compile(r"[*`#\"“”„«»$_{}<>~|]|\\[()\[\]]")


def parse_choice(response: str, options: Sequence[str] = ()) -> str | None:
    """The letter A to D that the response states, or None (unparsed).

    With `options` (the four texts) an option's own words count as its letter, and a letter that stands
    beside another option's words counts as nothing.
    """
    for text in _parts(response):
        found = _stated_letters(text, options)
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def parse_yes_no(reply: str) -> str | None:
    """`yes` or `no` where the reply states one of them, else None (unparsed)."""
    for text in _parts(reply):
        found = _stated_words(text)
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _parts(text: str) -> Iterable[str]:
    """What to read, best first: the boxes and answer tags, where there are any, then the plain text."""
    text = _without_reasoning(unicodedata.normalize("NFKC", text))
    boxes = [_plain(one or other) for one, other in _BOXED.findall(text)]
    if any(boxes):
        yield "\n".join(dict.fromkeys(boxes))
        return
    yield _plain(text)


def _without_reasoning(text: str) -> str:
    """The text less what a model thinks aloud in tags; an unfinished thought has no answer after it."""
    *_, after = re.split(_THINK_CLOSE, text, flags=re.I)
    return re.split(_THINK_OPEN, after if after.strip() else text, maxsplit=1, flags=re.I)[0]


def _plain(text: str) -> str:
    """Without markup and with one kind of quote, dash and space; lines are kept."""
    text = re.sub(r"[=-]>", "→", text)
    text = _MARKUP.sub(" ", _LATEX.sub(" ", text)).replace("’", "'").replace("、", ",").replace("。", ".")
    text = re.sub(rf"(?<=[A-Za-z])(?={_CJK})|(?<={_CJK})(?=[A-Za-z])", " ", text)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


# --- letters ---------------------------------------------------------------------------------------------

_X = r"[(\[]?\s*([A-D])\s*[)\]]?"
_ANY = r"(?:[(\[]\s*[A-Da-d]\s*[)\]]|\b[A-D]\b)"
_AND = r"(?:,|/|&|\+|,?\s*\b(?:or|and|nor|oder|und|ou|et|或者?|和|または|と|또는)\b)"
_JOINED = rf"{_ANY}(?:\s*{_AND}\s*(?:(?:option|choice)\s+)?{_ANY})*"
# After a letter in running text: an end, or a word that can only follow an answer ("A because ...").
_AFTER = r"(?=\s*(?:$|[.,;:!?)\]\n—–=]|-\s|\(|(?:because|since|as|for|which|based|given|is)\b|[\u3040-\ud7af]))"
_ECHO = re.compile(r"[(\[]?\bA\s*[,/]\s*B\s*[,/]\s*C\s*[,/]?\s*(?:or|and)?\s*D\b[)\]]?")
_REJECTED = re.compile(
    rf"(?:\b(?:not|never|neither|rather than|instead of|except(?: for)?|rules? out|ruled out|eliminates?d?|excludes?d?)"
    rf"|n't)\s+(?:(?:option|choice|answer)s?\s+)?{_ANY}(?:(?:\s*,\s*{_ANY})*,?\s*\b(?:or|nor)\s+{_ANY})?"
    r"(?:,?\s*but\b(?:\s+rather)?)?"
    rf"|(?:\b(?:option|choice)\s+)?{_ANY}\s+(?:is|are|was|can|does|do|seems?|looks?)"
    r"(?:n't|\s+(?:(?:also|clearly|be)\s+)*(?:not|wrong|incorrect|false|ruled out|eliminated|impossible))[^.;\n,]*",
    re.I,
)


def _stated_letters(text: str, options: Sequence[str]) -> set[str]:
    """The letters that the plainest statement in the text names."""
    exact = _option_of(text, options)
    if exact and not re.fullmatch(rf"\W*{_X}\W*", text, re.I):
        return {exact}
    text = _REJECTED.sub(" ", _ECHO.sub(" ", text))
    if alone := re.fullmatch(rf"\W*(?:(?:option|choice|answer|letter)\W+)?{_X}\W*", text, re.I):
        return {alone[1].upper()}
    for pattern in (words.FINAL, words.ANSWER):
        if found := _after_statement(pattern, text, options):
            return found
    if found := _judged_correct(text):
        return found
    if found := _leading(text, options):
        return found
    if found := {m[1] for m in re.finditer(r"[(\[]([A-D])[)\]]", text)} | _own_line(text):
        return found
    return _mentioned(text, options)


def _after_statement(pattern: re.Pattern[str], text: str, options: Sequence[str]) -> set[str]:
    """Letters (or options by their words) that follow "the answer is" and its like."""
    found: set[str] = set()
    for match in pattern.finditer(text):
        rest = text[match.end() : match.end() + 300].lstrip(" :=-–—>→.,\n")
        line = rest.split("\n", 1)[0]
        if named := _option_of(re.split(r"(?<=\w)[.;!?](?:\s|$)", line)[0], options):
            found.add(named)
        elif joined := re.match(_JOINED, rest):
            letters = set(re.findall(r"\b[A-D]\b", joined[0].upper()))
            if len(letters) > 1:
                found |= letters
            elif _may_be_letter(joined[0], rest[joined.end() :]):
                found |= letters if _agrees(min(letters), rest[joined.end() :], options) else set(LETTERS)
        elif small := re.match(rf"([a-d])\b{_AFTER}", rest):
            found.add(small[1].upper())
    return found


def _may_be_letter(token: str, rest: str) -> bool:
    """Whether a capital is a letter rather than an article ("A cat") or part of a name ("B-52", "C++")."""
    if token.startswith(("(", "[")):
        return True
    if re.match(r"['+#&]|-\w", rest):
        return False
    return token != "A" or re.match(_AFTER, rest) is not None


def _judged_correct(text: str) -> set[str]:
    """`B is correct`, `(C) is the best answer`."""
    pattern = rf"(?<![\w'-])[(\[]?([A-D])[)\]]?\s+(?:is|seems|must be|would be)\s+{words.CORRECT}"
    return {match[1] for match in re.finditer(pattern, text)}


def _leading(text: str, options: Sequence[str]) -> set[str]:
    """A letter that opens the text or a line as a label: `B.`, `(b) four`, `C: ...`, `D because`."""
    capital, small = rf"([A-D])(?![\w'+#&])(?!-\w){_AFTER}", r"([a-d])[.):](?=\s|$)"
    label = rf"^\W*(?:(?:Option|Choice)\s+)?(?:[(\[]([A-Da-d])[)\]]|{capital}|{small})"
    found: dict[str, str] = {}
    for match in re.finditer(label, text, re.M):
        found.setdefault((match[1] or match[2] or match[3]).upper(), text[match.end() :])
    opens = re.match(label, text)
    if not opens:
        return set()
    first, rest = next(iter(found.items()))
    joined = re.match(rf"[^\w(\[]*{_JOINED}", text)
    if joined:
        several = set(re.findall(r"\b[A-D]\b", joined[0]))
        if len(several) > 1:
            return several
    return set(found) if len(found) > 1 else {first} if _agrees(first, rest, options) else set(LETTERS)


def _own_line(text: str) -> set[str]:
    """A letter alone on the last line."""
    match = re.fullmatch(r"\W*([A-D])\W*", text.splitlines()[-1]) if text else None
    return {match[1]} if match else set()


def _agrees(letter: str, rest: str, options: Sequence[str]) -> bool:
    """Whether the words beside a letter are not those of another option."""
    line = rest.strip().split("\n", 1)[0]
    named = _option_of(line, options) or _option_of(
        re.split(r"(?<=\w)[.;!?](?:\s|$)", line.lstrip(" .:)-"))[0], options
    )
    return named is None or named == letter


def _option_of(text: str, options: Sequence[str]) -> str | None:
    """The letter of the one option whose words these are."""
    if not options:
        return None
    said = words.bare(text)
    found = [letter for letter, option in zip(LETTERS, options, strict=False) if said and words.bare(option) == said]
    return found[0] if len(found) == 1 else None


def _mentioned(text: str, options: Sequence[str]) -> set[str]:
    """The option whose words a short answer of one sentence contains, where it names no other."""
    if not options or len(text.split()) > 14 or re.search(r"[.!?]\s+\w", text) or words.DOUBT.search(text):
        return set()
    if words.NEGATION.search(text):
        return set()
    rest, found = f" {words.folded(text)} ", set()
    wordings = [words.folded(option) for option in options]
    for letter, option in sorted(zip(LETTERS, wordings, strict=False), key=lambda pair: -len(pair[1])):
        # One letter or nothing is no wording: "a" would be found in any sentence.
        if (len(option) > 1 or option.isdigit()) and wordings.count(option) == 1 and f" {option} " in rest:
            found.add(letter)
            rest = rest.replace(f" {option} ", " | ")
    return found


# --- yes and no ------------------------------------------------------------------------------------------


def _stated_words(text: str) -> set[str]:
    """The answers (yes, no) that the plainest statement in the text names."""
    text = words.YES_OR_NO.sub(" ", text)
    text = re.sub(r"\bno\.\s*(?=\d)", "number ", text, flags=re.I)
    if whole := words.YES_NO.get(re.sub(r"[^\w' ]", "", text).strip("' ").casefold()):
        return {whole}
    text = re.sub(r"\bnot\s+(?:a\s+)?(?:yes|no)\b(?:,?\s*but\b)?", " ", text, flags=re.I)
    for pattern in (words.FINAL, words.ANSWER):
        found = {
            said[1].lower()
            for match in pattern.finditer(text)
            if (
                said := re.match(
                    r"[\s:=\-–—>→.,(\[]*(?:but\s+|a\s+)?(yes|no)\b(?!\s*(?:one|idea|doubt)\b)",
                    text[match.end() :],
                    re.I,
                )
            )
        }
        if found:
            return found
    if words.DOUBT.search(text):
        return set()
    return _opening_words(text)


def _opening_words(text: str) -> set[str]:
    """A yes or no that opens a sentence as an answer does: alone, or with a comma or a clause after it."""
    found = set()
    for sentence in re.split(r"(?<=[.!?;:])\s+|\n", text):
        sentence = re.sub(
            r"^\W*(?:(?:so|thus|therefore|hence|well|overall|in conclusion|ok|okay|wait)\b[\s,:]*)*",
            "",
            sentence,
            flags=re.I,
        )
        if match := words.OPENING.match(sentence):
            found.add(words.YES_NO[match[0].casefold()])
            if words.TURN.search(sentence[match.end() :]):
                return {"yes", "no"}
    return found
