"""The words that `evaluator.answers` reads by: how an answer is announced, doubted or denied, in tables.

>>> bare("It is the four red cars.")
'4 red cars'
"""

from __future__ import annotations

import re

# "The final answer is", "Final answer:"
FINAL = re.compile(
    r"\bfinal\s+(?:answer|choice|decision|verdict)\b\W*(?:is|would be|should be|=)?(?:\W*(?:option|choice)\b)?", re.I
)

_NOUN = r"(?:answer|ans|option|choice|letter|solution|response|verdict|conclusion)"
_IS = r"(?:\b(?:is|are|was|would be|should be|must be|will be|has to be)\b|'s\b|=)"
_LETTER_AHEAD = r"(?=\s*(?:option|choice|[(\[]?[A-D][)\]]?\s*(?:[.,;!]|$)))"
_ENGLISH = (
    # the (best) answer (to the question) is (clearly) (option)
    rf"\b(?:answer|ans|(?:correct|right|best|proper|appropriate)\s+(?:option|choice|letter|response|one)|response)\b"
    rf"(?:\s+(?:to|for|of|here|letter|option|choice|in)\b[^.:\n]{{0,60}}?)?\W*(?:{_IS}|:)"
    r"\s*(?:clearly|therefore|thus|then|definitely|probably|most likely|but)?",
    rf"\bmy\s+(?:choice|pick|selection|option)\b\W*(?:{_IS}|:)",
    # I (would) choose, I think it is
    r"\b(?:i|i'd|i'll|we)\s+(?:would\s+|will\s+|must\s+|have to\s+|can only\s+)?"
    r"(?:choose|pick|select|chose|picked|selected|go with|went with|vote for|say|answer|opt for|think it's|think it is|"
    r"think|believe it's|believe|guess)\b\s*:?",
    # therefore (it is, the answer is)
    r"\b(?:so|thus|therefore|hence|consequently|in conclusion)\b[\s,:]*"
    rf"(?:it(?:'s|\s+is|\s+must be|\s+should be)|the\s+{_NOUN}\s+{_IS})?",
    r"^\W*(?:it|this|that)(?:'s|\s+is|\s+must be|\s+should be|\s+has to be)\b(?=\s*(?:option|choice|[(\[]?[A-D]\b))",
    rf"\b(?:it|this|that)\s*(?:'s|\s+is|\s+must be|\s+should be|\s+has to be|\s+would be){_LETTER_AHEAD}",
    rf"\blooks like{_LETTER_AHEAD}",
    r"(?:^|\n)\W*(?:correct|right)?\s*(?:answer|ans|choice|option|response|solution)\s*[:=.\-]",
    r"[\"']?\banswer[\"']?\s*[:=]",
    r"(?:→|⇒)",
    r"\bselected (?:option|choice)\s*:?",
)  # fmt: skip
_OTHER_LANGUAGES = (
    # Chinese, Japanese, Korean: no spaces, so no word boundaries.
    r"(?:正确|最佳|最终)?(?:答案|选项)(?:应该|应)?(?:是|为|:)+",
    r"(?:应该|应|我)?(?:选择|选)(?!项)",
    r"(?:正解|答え|答案)(?:は|:)",
    r"(?:정답|답)(?:은|는|:)",
    # German, French, Spanish, Portuguese, Italian, Russian.
    r"\b(?:die\s+)?(?:richtige\s+)?(?:Antwort|Lösung)\b\s*(?:ist|lautet|:)+",
    r"\br[ée]ponse\b(?:\s+(?:correcte|exacte))?\s*(?:est|:)+", r"\brespuesta\b(?:\s+correcta)?\s*(?:es|:)+",
    r"\bresposta\b(?:\s+correta)?\s*(?:é|:)+", r"\brisposta\b(?:\s+(?:corretta|giusta))?\s*(?:è|:)+",
    r"\b(?:правильный\s+)?ответ\b\s*(?:—|-|:)*",
)  # fmt: skip
# "The answer is", "Answer:", "I choose", "so it is", "答案是"; an "option" or "letter" after it belongs to it.
ANSWER = re.compile(
    rf"(?:{'|'.join((*_ENGLISH, *_OTHER_LANGUAGES))})"
    r"(?:\s*(?:option|choice|letter|选项|die Option|l'option|la opción)\b)?",
    re.I | re.M,
)
CORRECT = (
    r"(?:definitely\s+|clearly\s+|the\s+|most likely\s+)*"
    r"(?:correct|right|best|only|accurate|true|"
    r"most\s+(?:accurate|appropriate|suitable)|answer)\b"
)

DOUBT = re.compile(
    r"\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|impossible to|hard to|difficult to|not possible to|"
    r"no way to)\s+(?:be\s+)?(?:really\s+|clearly\s+|definitively\s+|say|tell|determined?|answer|know|"
    r"confirm(?:ed)?|verify|verified|see|judge|"
    r"decide|identify|assess|discern|make out)"
    r"|\b(?:not (?:sure|certain|clear|visible enough)|unsure|uncertain|unclear|undetermined|indeterminate|unknown|"
    r"ambiguous|maybe|perhaps|possibly|(?:do not|don't) know|no idea|n/a|not applicable|depends|both yes and no|"
    r"neither yes nor no|partially|partly|insufficient|not enough information)\b"
    r"|无法|不确定|不清楚|看不清|不知道|わかりません|分かりません|모르",
    re.I,
)
NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|cannot|without|instead|rather|except)\b|n't\b", re.I)

# A question's own words, echoed; they state nothing.
YES_OR_NO = re.compile(
    r"[(\[]?\b(?:whether\s+)?(?:yes\s*(?:/|\||,?\s*\bor\b)\s*no|no\s*(?:/|\||,?\s*\bor\b)\s*yes)\b\s*\??[)\]]?", re.I
)
_YES = (
    "yes yeah yep yup y correct true affirmative 是 是的 对 对的 有 正确 はい ええ 네 예 ja oui sí sì sim да tak evet "
    "نعم हाँ हां"
)
_NO = (
    "no nope nah n incorrect false negative 否 不 不是 不是的 没有 不对 いいえ いや 아니요 아니오 nein non não нет nie "
    "hayır لا नहीं"
)
YES_NO: dict[str, str] = {**dict.fromkeys(_YES.split(), "yes"), **dict.fromkeys(_NO.split(), "no")}
_CJK = r"(?:是的?|对的?|有|正确|はい|否|不是的?|没有|不对|いいえ|네|예|아니요|아니오)"
# Yes is always an answer; no is one where no noun follows it ("No cats are visible" answers nothing).
OPENING = re.compile(
    r"(yes|yeah|yep|yup)\b(?!-|'|\s+and\s+no\b)"
    r"|(no|nope)\b(?!-|')(?=\s*(?:$|[.,;:!?)\]—–-]"
    r"|(?:it|its|it's|there|they|the|this|that|he|she|because|as|since|i|we|you)\b(?!\s+(?:one|same)\b)))"
    r"|(ja|nein|oui|non|sí|sim|não|да|нет)(?=\s*(?:$|[.,;:!?]))"
    rf"|({_CJK})(?=\s*(?:$|[.,;:!?]))",
    re.I,
)  # fmt: skip
# "Yes ... no, wait": a turn within the sentence.
TURN = re.compile(r"\b(?:yes|no)\b(?=\s*(?:$|[.,;:!?)]))|\b(?:wait|actually|on second thought|scratch that)\b", re.I)

_NUMBERS = {
    name: str(value)
    for value, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_LEAD = re.compile(
    r"^(?:(?:it is|it s|they are|there are|there is|this is|that is|i see|i count|the answer is|answer)\b\s*)?"
    r"(?:(?:the|a|an)\s+)?"
)


def folded(text: str) -> str:
    """Lower case, letters and digits alone, one space between words."""
    return " ".join(re.findall(r"[^\W_]+(?:[.,]\d+)?", text.casefold()))


def bare(text: str) -> str:
    """`folded`, less a lead-in and article, with number words as digits: for comparing an answer to an option."""
    return " ".join(_NUMBERS.get(word, word) for word in _LEAD.sub("", folded(text), count=1).split())
