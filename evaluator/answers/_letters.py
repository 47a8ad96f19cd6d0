"""What a statement says of the letters A to D: see `evaluator.answers.parse_choice`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from evaluator.answers import _wording as words
from evaluator.answers._option_words import OptionWords
from evaluator.answers._statements import FINAL, MENTIONED, SHOWN, STATED, Verdict, statements

# A capital that labels something: not part of a name ("B-52", "C++", "D.J."), and an A that is no article.
_ARTICLE = (
    r"A(?=\s+(?!(?:and|or|nor|is|was|are|because|since|but|rather|not|instead|over|based on|given (?:that|the)|"
    r"as (?:it|the|there|this|we)|due to|would|must be|seems|fits|matches|can be|i think|for sure|"
    r"best (?:fits|matches|describes)|could|might|may|obviously|definitely|clearly)\b)[a-z])"
)
_CAPITAL = rf"(?<![\w'&+#/-])(?<!\w\.)(?!{_ARTICLE})[A-D](?![\w'+#&]|[-.]\w)"
_ANY = rf"(?:[(\[]\s*[A-Da-d]\s*[)\]]|(?<!\w)(?:Option|option)\s+[A-Da-d]\b|{_CAPITAL})"
_JOINED = rf"{_ANY}(?:{words.JOINED_BY}{_ANY}){{0,5}}"
_SLASHED = re.compile(r"(?<=[A-D])/(?=[A-D]\b)")
_ECHO = re.compile(r"[(\[]?\bA\s*[,/]\s*B\s*[,/]\s*C\s*[,/]?\s*(?:or|and)?\s*D\b[)\]]?")
_SMALL = r"(?-i:(?<!\w)[a-d](?=\s*(?:[,.;)]|$|but\b)))"
_REJECTED = re.compile(
    rf"(?:\b(?:and|but)\s+)?(?:{words.DENIED})(?:(?-i:{_JOINED})|{_SMALL})(?:(?-i:\s*(?=,?\s*but\b)))?"
    rf"|(?:\b(?:option|choice)\s+)?(?-i:{_JOINED}){words.IS_WRONG}",
    re.I,
)
# After a letter in running text: an end, or a word that can only follow an answer ("A because ...").
_AFTER = (
    r"(?=\s*(?:$|[.,;:!?)\](—–=…]|-(?!\w)|(?:because|since|based on|given (?:that|the)|due to|which|"
    r"and (?:the|this|that|it)|as (?:it|the|there|this|we)|i think|for sure|definitely|obviously)\b|[\u3040-\ud7af]))"
)
_BARE = re.compile(
    rf"\W*{words.BEFORE_LETTER}[(\[]?\s*(?-i:([A-D])|([a-d]))\s*[)\]]?[^\w+#&]*{words.AFTER_LETTER}[^\w+#&]*", re.I
)
_LABEL = re.compile(
    rf"^\W*(?:(?:Option|Choice)\s+)?(?:[(\[]\s*([A-Da-d])\s*[)\]]|({_CAPITAL})(?=\s*[.):,;—–=]|\s[-(]){_AFTER}"
    r"|(?<![\w'])([a-d])(?=[.):]\s))(?!\W*(?:[A-Z]\.\s+\w))"
)
_REASON = re.compile(rf"^\W*({_CAPITAL})(?=\s+\w){_AFTER}")
_SUBJECT = re.compile(rf"^\W*(?:(?:so|thus|therefore|hence)\W+)?({_CAPITAL})\s+(?=(?:is|lies|shows)\b)")
_SET_OFF = re.compile(rf"(?:[,:;=—–]|\s-|\()\s*(?:(?:option|choice|letter)\s+)?[(\[]?({_CAPITAL})[)\]]?\W*$")
_SUPERLATIVE = re.compile(rf"\b(?:\w+est|best|correct|right|only)\s+(?:[\w'-]+\s+){{0,6}}is\s+(?:point\s+)?{_ANY}\W*$")
# "Alternatively B", "it could also be B", "B for the second": a second answer beside the first.
_HEDGED = re.compile(rf"\W*(?:(?:or|alternatively|maybe|perhaps|possibly)\b\W*)+(?-i:{_ANY})\W*", re.I)
_OTHERWISE = re.compile(
    rf"(?:\b(?:could|might|may)(?:\s+(?:also|well|even))*\s+be\s+|\balternatively\W+)(?-i:{_ANY})"
    rf"|,\s*(?:and\s+)?(?-i:{_ANY})(?=\s+(?:for|to)\b)",
    re.I,
)
_CALLED_WRONG = re.compile(
    r"(?:\bis|[-–—:(=,])\s*(?:also\s+)?(?:not (?:correct|right)|incorrect|wrong|false|no)\W*$", re.I
)
_CORRECT = re.compile(rf"(?-i:({_ANY}))\s*{words.CORRECT}", re.I)


def letter_verdicts(text: str, options: Sequence[str]) -> Iterator[Verdict]:
    """Each statement's verdicts; statements that label several letters list the options and choose none."""
    named = _option_words(tuple(options))
    if exact := named.exact(text):
        yield _verdict(STATED, exact)
        return
    listed: dict[str, Verdict] = {}
    for n, statement in enumerate(said := statements(text)):
        if statement.endswith("?"):
            continue
        reader = _Statement(statement, named)
        verdicts = list(reader.verdicts())
        if label := reader.label(opens=n == 0):
            listed.setdefault(reader.labelled, label)
        elif len(said) == 1 and not verdicts:
            verdicts = [Verdict(MENTIONED, frozenset(named.within(statement)))]
        yield from verdicts
    yield from listed.values() if len(listed) == 1 else [_verdict(SHOWN, *listed)]


@lru_cache(maxsize=256)
def _option_words(options: tuple[str, ...]) -> OptionWords:
    return OptionWords(options)


def _verdict(strength: int, *letters: str) -> Verdict:
    return Verdict(strength, frozenset(letters))


class _Statement:
    """One sentence, less the letters that it denies."""

    def __init__(self, text: str, named: OptionWords) -> None:
        self.named = named
        self.text = _REJECTED.sub(" ", _ECHO.sub(" ", _SLASHED.sub(" / ", text)))
        self.labelled = ""

    def verdicts(self) -> Iterator[Verdict]:
        """What its clauses state."""
        if exact := self.named.exact(self.text):
            yield _verdict(STATED, exact)
            return
        said = ""
        found: list[Verdict] = []
        *earlier, last = words.CLAUSE.split(self.text)
        for clause in (*earlier, last):
            if not words.UNREAL.search(clause) and (clause is last or not words.TENTATIVE.search(clause)):
                found += self._stated(clause, said)
            said = f"{said} {clause}".strip()
        if found and (other := _OTHERWISE.search(self.text)):
            found.append(_verdict(STATED, *found[0].answers, *_letters_in(other[0])))
        yield from found

    def _stated(self, clause: str, before: str) -> Iterator[Verdict]:
        if bare := _BARE.fullmatch(clause):
            yield self._beside((bare[1] or bare[2]).upper(), STATED, before)
            return
        if joined := re.fullmatch(rf"\W*{_JOINED}\W*", clause):
            yield _verdict(STATED, *_letters_in(joined[0]))
            return
        if _HEDGED.fullmatch(clause):
            yield _verdict(STATED, *words.LETTERS)
            return
        for strength, pattern in ((FINAL, words.FINAL), (STATED, words.ANSWER), (STATED, _ARROW)):
            for match in islice(pattern.finditer(clause), words.MOST_ANNOUNCED):
                if words.affirmed(clause[: match.start()]):
                    yield from self._announced(strength, clause[match.end() :], f"{before} {clause[: match.start()]}")
        for match in filter(lambda match: words.affirmed(clause[: match.start()]), _CORRECT.finditer(clause)):
            yield _verdict(STATED, *_letters_in(match[1]))
        letters = set(_letters_in(clause))
        if len(letters) == 1:
            if (set_off := _SET_OFF.search(clause)) and not words.QUOTES.search(clause[: set_off.start()][-80:]):
                yield self._beside(set_off[1], SHOWN, f"{before} {clause[: set_off.start()]}")
            elif _SUBJECT.match(clause) or _names_best(clause):
                yield _verdict(SHOWN, *letters)

    def _announced(self, strength: int, tail: str, before: str) -> Iterator[Verdict]:
        """The letters, or the option by its words, after "the answer is" and its like."""
        tail = re.sub(r"^(?:[\s:=–—>→.,]|-(?!\d))+", "", tail[:300])
        if exact := self.named.exact(re.split(r"[.;!](?:\s|$)", tail)[0]):
            yield _verdict(strength, exact)
        elif joined := re.match(_JOINED, tail):
            letters, rest = _letters_in(joined[0]), tail[joined.end() :]
            if len(set(letters)) > 1:
                yield _verdict(strength, *letters)
            elif joined[0][0] in "([" or re.match(_AFTER, rest) or self.named.exact(rest) == letters[0]:
                yield self._beside(letters[0], strength, before, rest)
        elif small := re.match(rf"([a-d])\b{_AFTER}", tail):
            yield self._beside(small[1].upper(), strength, before, tail[small.end() :])
        elif found := self.named.within(tail):
            at_end = _SET_OFF.search(tail)
            yield _verdict(strength, *found, *([at_end[1]] if at_end else []))

    def label(self, *, opens: bool) -> Verdict | None:
        """The letter that the statement begins with as a label ("B. four", "(b)", "C because"), if it does."""
        match = _LABEL.match(self.text) or _REASON.match(self.text) or self._labelled_words()
        if not match or _BARE.fullmatch(self.text) or words.UNREAL.search(self.text) or _CALLED_WRONG.search(self.text):
            return None
        joined = re.match(rf"[^\w(\[]*{_JOINED}", self.text)
        self.labelled = next(filter(None, match.groups())).upper()
        others = set(_letters_in(joined[0])) if joined else set()
        others |= {found[1] for found in re.finditer(r"\bOption ([A-D])\b", self.text)}
        if len(others | {self.labelled}) > 1:
            return _verdict(STATED, *others, self.labelled)
        return self._beside(self.labelled, STATED if opens else SHOWN, "", self.text[match.end() :])

    def _labelled_words(self) -> re.Match[str] | None:
        """`B blue`: a letter before an option's words, of the A only before a number, or it is an article."""
        match = re.match(r"\W*([A-D])\s+(?=\w)", self.text)
        if not match or not self.named.within(rest := self.text[match.end() :]):
            return None
        return match if match[1] != "A" or words.folded(rest)[:1].isdigit() else None

    def _beside(self, letter: str, strength: int, before: str, rest: str = "") -> Verdict:
        """The letter, unless the words before or right after it are those of another option."""
        after = re.split(r"[.;!(](?:\s|$)|\)", rest.strip(" .:;,)(=→—–-"))[0]
        after = re.sub(r"^(?:which|that|this|i\.e\.?)\s*(?:is|are)?\s+", "", after)
        near = {self.named.exact(after)} - {None} or (self.named.within(after) if len(after.split()) <= 6 else set())
        if re.fullmatch("[A-D]", after) and after != letter and not self.named.called(letter, after):
            return _verdict(strength, *words.LETTERS)
        for said in (near, self.named.within(before.strip(" ,:(-—–=→"))):
            if len(said) == 1 and said != {letter}:
                return _verdict(strength, *words.LETTERS)
        return _verdict(strength, letter)


_ARROW = re.compile(rf"^(?:(?!{_ANY})[^→])*→")


def _names_best(clause: str) -> bool:
    """`The closest point is B`."""
    match = _SUPERLATIVE.search(clause)
    return match is not None and words.affirmed(clause[: match.end()])


def _letters_in(text: str) -> list[str]:
    return [re.sub(r"[^A-D]", "", found[-2:].upper())[-1] for found in re.findall(_ANY, text)]
