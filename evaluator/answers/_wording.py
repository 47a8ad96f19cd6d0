"""The words that `evaluator.answers` reads by: how an answer is announced, doubted, denied or taken back, in tables.

>>> bare("It is the four red cars.")
'4 red cars'
"""

from __future__ import annotations

import re

LETTERS = "ABCD"

# --- announcing ------------------------------------------------------------------------------------------

# "The final answer is", "Final answer:"
FINAL = re.compile(
    r"\bfinal\s+(?:answer|choice|decision|verdict)\b\W*(?:is|would be|should be|=)?(?:\W*(?:option|choice)\b)?"
    r"|(?:^|\n)\W*final\s*:",
    re.I,
)

_IS = r"(?:\b(?:is|are|was|would be|should be|must be|will be|has to be|seems to be|appears to be|looks like)\b|'s\b|=)"
_LETTER_AHEAD = r"(?=\s*(?:option|choice|letter|(?:the\s+letter\s+)?[(\[]?[A-D][)\]]?\s*(?:[.,;!]|$)))"
_SURE = r"(?:clearly|therefore|thus|then|definitely|certainly|probably|most likely|likely|but)"
_ENGLISH = (
    # the (best) answer (to the question) is (clearly) (option)
    r"\b(?:answer|ans|(?:correct|right|best|proper|appropriate)\s+(?:option|choice|letter|response|one|match)|response|"
    r"reply|conclusion|verdict)\b"
    rf"(?:\s+(?:to|for|of|here|letter|option|choice|in)\b[^.:\n]{{0,60}}?|,[^,.:\n]{{1,30}},)?\W*(?:{_IS}|:)"
    rf"\s*{_SURE}?",
    rf"\bmy\s+(?:choice|pick|selection|option|guess)\b\W*(?:{_IS}|:)",
    # I (would) choose, I think it is
    r"\b(?:i|i'd|i'll|i'm|we)\s+(?:would\s+|will\s+|must\s+|have to\s+|can only\s+|am\s+)?"
    r"(?:choose|pick|select|chose|picked|selected|go(?:ing)? (?:with|for)|went with|vote for|say|answer|opt for|"
    r"think it's|think it is|think|believe it's|believe|guess)\b\s*:?",
    r"^\W*(?:choose|pick|select|selected|going with|going for)\b(?:\s+(?:option|choice))?\s*:?",
    # therefore (it is, the answer is)
    r"\b(?:so|thus|therefore|hence|consequently|in conclusion)\b[\s,:]*"
    rf"(?:it(?:'s|\s+is|\s+must be|\s+should be)|the\s+(?:answer|option|choice|letter|solution)\s+{_IS})?",
    r"^\W*(?:it|this|that)(?:'s|\s+is|\s+must be|\s+should be|\s+has to be)\b(?=\s*(?:option|choice|[(\[]?[A-D]\b))",
    rf"\b(?:it|this|that)\s*(?:'s|\s+is|\s+must be|\s+should be|\s+has to be|\s+would be){_LETTER_AHEAD}",
    r"\b(?:it|this|that)\s*(?:'s|\s+is)\s+an?(?=\s+(?:yes|no)\b)",
    rf"\blooks like{_LETTER_AHEAD}",
    r"(?:^|\n)\W*(?:correct|right)?\s*(?:answer|ans|choice|option|response|solution|result|output|"
    r"conclusion)\s*[:=.\-]",
    r"\banswer\s*[:=]",
    r"\b(?:matches|fits|corresponds to|points to)(?=\s+(?:option|choice)\b)",
    r"\bselected (?:option|choice)\s*:?",
    r"=(?=[^=]*$)",
)  # fmt: skip
_OTHER_LANGUAGES = (
    # Chinese, Japanese, Korean: no spaces, so no word boundaries.
    r"(?:正确|最佳|最终)?(?:答案|选项)(?:应该|应)?(?:[是为]:?|:)",
    r"(?:应该|应|我)?(?:选择|选)(?!项)", r"(?:我认为|而|应)(?:是|为)",
    r"(?:正解|答え|答案)(?:は|:)",
    r"(?:정답|답)(?:은|는|:)",
    # German, French, Spanish, Portuguese, Italian, Russian.
    r"\b(?:die\s+)?(?:richtige\s+)?(?:Antwort|Lösung)\b\s*(?:ist|lautet|:)+", r"\bes\s+ist\b(?=\s+[A-D]\b)",
    r"\br[ée]ponse\b(?:\s+(?:correcte|exacte))?\s*(?:est|:)+", r"\brespuesta\b(?:\s+correcta)?\s*(?:es|:)+",
    r"\bresposta\b(?:\s+correta)?\s*(?:é|:)+", r"\brisposta\b(?:\s+(?:corretta|giusta))?\s*(?:è|:)+",
    r"\b(?:правильный\s+)?ответ\b\s*(?:—|-|:)*",
    r"\b(?:sondern|sino|mais)\b",
)  # fmt: skip
_NOUN = (
    r"(?:(?:(?:the|die|der|la|l'|a|o)\s*)?(?:option|choice|letter|answer|Antwort|Buchstabe|lettre|réponse|opción|"
    r"letra|respuesta|"
    r"opção|resposta|lettera|risposta|opzione|вариант|ответ)|la|选项)"
)
# "The answer is", "Answer:", "I choose", "so it is", "答案是"; an "option" or "letter" after it belongs to it.
ANSWER = re.compile(rf"(?:{'|'.join((*_ENGLISH, *_OTHER_LANGUAGES))})(?:\s*{_NOUN}(?![\w']))?", re.I | re.M)
# "Option", "Letter:", "1.": what may stand before a letter that is all there is; "I think", "obviously" after it.
BEFORE_LETTER = (
    rf"(?:(?:{_NOUN}|yes|sure|okay|ok|well|hmm+|probably|(?:most\s+)?likely|clearly|definitely|certainly|"
    rf"obviously|surely|"
    r"(?:it\s+)?must be|(?:it\s+)?has to be|(?:it'?s|it is|just|simply|and|so|but|then|the|(?<!letter )is))"
    r"(?![\w'])\W*){0,4}"
)
AFTER_LETTER = (
    r"(?:\s*,?\s*(?:i think|i believe|i guess|i'm sure|i am sure|definitely|obviously|clearly|certainly|probably|"
    r"for sure|"
    r"most likely|and|but|"
    r"选项|です|입니다|である|是正确的|是对的|正确|对)(?!\w))?"
)
# Of a clause; more are a model that repeats itself.
MOST_ANNOUNCED = 8
CORRECT = (
    r"(?:(?:is|seems|must be|would be|looks|(?:could|might|may) (?:also|well|equally) be)\s+(?:definitely\s+|"
    r"clearly\s+|the\s+|most likely\s+|my\s+|also\s+|equally\s+)*"
    r"(?:correct|right|best|only|accurate|true|possible|plausible|my (?:answer|choice)|"
    r"most\s+(?:accurate|appropriate|suitable)|answer)\b"
    r"|(?:best\s+|also\s+)?(?:fits|matches|describes|answers|corresponds)\b"
    r"|(?:选项)?是?(?:正确|对)|が正解|が正しい)"
)
# What binds a second letter to the first: "A or B", "A (or B)", "A, possibly B", "A B". Possessive, or it would
# backtrack over every way to share out the spaces.
JOINED_BY = (
    r"\s*+[,/;&+(]?\s*+(?:(?:or|and|nor|and/or|possibly|maybe|perhaps|probably|actually|alternatively|also|even|either|"
    r"could be|option|choice|oder|und|ou|et)\b\s*+[,/]?\s*+|(?:或者?|和|または|と|또는)\s*+){0,4}+"
)

# Where a sentence is cut into clauses: what one supposes, the next may state ("if A ..., but the answer is B").
CLAUSE = re.compile(
    r",?\s*\b(?:but|however|yet)\b,?\s*"
    r"|,?\s*(?=\b(?:therefore|thus|hence|consequently|"
    r"so(?=[,:]?\s+(?:the|it|it's|i|my|that|this|we|option|choice|answer|there|yes|no|[(\[]?[A-D]\b)))\b)",
    re.I,
)

# --- denying, doubting, supposing, taking back -----------------------------------------------------------

# Before a letter: "not A", "I would rule out A and B".
DENIED = (
    r"(?:\b(?:not|never|neither|rather than|instead of|over|except(?: for)?|rules? out|ruled out|ruling out|"
    r"anything but|"
    r"eliminat(?:es?|ed|ing)|exclud(?:es?|ed|ing)|nicht|pas|не|(?:no|não|non)\s+(?:es|é|è))"
    r"|n't|(?:不|没|别|勿)(?:应该?|能|会|可以?|要)?(?:选择?|是|为)?|排除(?:了)?)\s*(?:be\s+)?(?:(?:the\s+)?(?:option|choice|"
    r"answer)s?\s+)?"
)
# After it: "A is definitely wrong", "B can be ruled out".
IS_WRONG = (
    r"(?:\s*(?:不对|错误?|不正确|不是|有误|(?:では|じゃ)(?:なく|ない|ありません)|(?:가|이) 아니(?:라|다|고|에요|에)?)"
    r"|\s+(?:is|are|was|were|can|could|does|do|seems?|looks?|would|will)(?:n't"
    r"|\s+(?:(?!because\b|since\b|as\b|but\b|and\b|so\b|while\b|when\b|not only\b)[\w']+\s+){0,4}?"
    r"(?:not|never|wrong|incorrect|false|out|ruled out|eliminated|impossible|unlikely|implausible|"
    r"worst)\b(?!\s+only))(?:(?!\b(?:and|but|so|while)\b)[^.;\n,])*)"
)
# An announcement with one of these before it in its clause announces no answer.
_NOT_ANNOUNCED = re.compile(
    r"\b(?:not|never|wrong|incorrect|worst|second|least|false|hardly|neither|nor|cannot|bad|expected|supposed)\b|n't\b|"
    r"(?:不|没|别|勿)(?:应该?|能|会|可以?|要)?$",
    re.I,
)


def affirmed(before: str) -> bool:
    """Whether nothing in the words before an announcement, as far back as a comma or colon, denies it."""
    return not _NOT_ANNOUNCED.search(re.split(r"[,;:]", before[-200:])[-1])


NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|cannot|without|instead|rather|except)\b|n't\b", re.I)

# What is supposed, reported, or was thought before; "see if" and "as if" suppose nothing.
SUPPOSED = re.compile(
    r"(?<!as )(?<!even )(?<!see )(?<!seeing )(?<!check )(?<!checks )(?<!checking )(?<!determine )(?<!know )"
    r"(?<!tell )(?<!ask )(?<!asked )"
    r"(?<!wonder )(?<!verify )\b(?:if|unless|assuming|provided that)\b",
    re.I,
)
UNREAL = re.compile(
    rf"{SUPPOSED.pattern}"
    r"|\b(?:should|would|could|might) have been\b|\b(?:answer|it|option|choice)\s+(?:may|might|could)\b"
    r"|\b(?:some|one|you|people|many|others|someone|anyone|they)\s+(?:(?:may|might|could|would|can)\s+)?"
    r"(?:be tempted to\s+)?(?:say|think|choose|pick|argue|answer|assume|guess|believe)\b"
    r"|\b(?:at first|initially|originally|first,? i|i first|i (?:had )?thought|i was thinking)\b"
    r"|(?:\bnot|n't|\bnever)\s+(?:really\s+)?(?:think|believe|say|agree)\b|(?<!no )(?<!without )\bdoubt|\bunlikely\b",
    re.I,
)

# An impression that the rest of the sentence may correct: "it looks like A but it is B".
TENTATIVE = re.compile(r"\b(?:look|seem|appear)(?:s|ed)?\b", re.I)

_RETHINK = (
    r"on (?:second|further) (?:thoughts?|inspection|examination)|on (?:a )?closer (?:look|inspection|examination)"
    r"|scratch that|"
    r"correction\b(?=\W)|i (?:was|am) (?:wrong|mistaken)|i(?:'m| have)? ?ma(?:d|k)e a mistake|my (?:mistake|bad)\b|"
    r"(?:let me|i(?:'ll| will| should| need to)|let's) (?:re-?\w+|(?:look|check|think|try|count) (?:it |this |that )?"
    r"(?:again|more (?:closely|carefully))|double[- ]check|correct (?:that|myself|this)|start over)"
)
_TAKEN_BACK = (
    r"(?:^|[.,;:!?…\n(—–]|\s-|\b(?:no|but|and|hmm+|oh|oops|sorry)\b)\s*(?:"
    r"wait\b(?=\s*(?:[,.!:;…—–-]|$|no\b|actually|i\b|that|let|it\b|there|maybe|yes\b|[A-D]\b))"
    rf"|sorry\b(?=\s*[,.:—–-])|{_RETHINK})"
    # "Actually" takes back what stands before it in another sentence: "Yes, actually three" takes back nothing.
    r"|(?:^|[.!?…;\n—–]|\s-)\s*(?:(?:hmm+|oh|but|well)\b\W*)*actually\b"
)
WITHDRAWN = re.compile(_TAKEN_BACK, re.I)
# Where letters are asked for, a "no" takes back too: "A. No, B."
WITHDRAWN_LETTER = re.compile(rf"{_TAKEN_BACK}|(?:[.,;…!?—–\n]|\s-)\s*no\s*[,:…—–]", re.I)

_KNOW = (
    r"(?:say|tell|determined?|answer(?:ed)?|know|confirm(?:ed)?|verify|verified|judged?|decided?|assess|"
    r"be (?:sure|certain))"
)
_UNABLE = (
    r"(?:\b(?:can(?:not|'t| not)|could(?: not|n't)|unable to|impossible to|hard to|difficult to|not possible to|"
    r"no way (?:to|of)|not able to)|n't (?:possible|able) to)\s+(?:be\s+)?(?:really\s+|clearly\s+|"
    r"definitively\s+|reliably\s+)?"
)
# The writer does not know, or has no picture. That a thing in the picture is unclear, or cannot be seen, is no doubt.
DOUBT = re.compile(
    rf"{_UNABLE}{_KNOW}\b"
    rf"|{_UNABLE}(?:see|view|access|open|load|display|identify|discern|make out)\s+"
    r"(?:(?:the|an|any|this|that|your|a)\s+)?(?:images?|pictures?|photos?|attachments?|anything)\b"
    r"|\b(?:i|we)(?:'m|\s+am|'re|\s+are)\s+(?:\w+\s+)?(?:not\s+(?:\w+\s+)?(?:sure|certain)|unsure|uncertain)"
    r"|\b(?:i|we)\s+(?:really\s+)?(?:don't|do not)\s+know\b(?!\s+of)"
    r"|(?:^|[,;:—–(]|\s-|\b(?:but|though|yet|and)\b)\s*(?:(?:but|and|well)\s+)?(?:(?:it|that|this|the answer)"
    r"(?:'s|\s+is)\s+)?"
    r"(?:(?:very|quite|rather|somewhat|really|still)\s+)?"
    r"(?:(?:not\s+(?:sure|certain|clear)|unsure|uncertain|unclear|unknown|ambiguous|undetermined|indeterminate|"
    r"maybe|perhaps|"
    r"possibly|it depends|depends|no idea|don't know|do not know|n/a|not applicable)\b"
    r"|(?:partially|partly)\s*(?:$|[,.;)]))"
    r"|\b(?:not enough|insufficient) information\b|\bboth yes and no\b|\bneither yes nor no\b"
    r"|\bno\s+(?:image|picture|photo)\b\s*(?:$|[.,;!)]|(?:(?:is|was|has been)\s+)?(?:provided|attached|available|"
    r"given|shown|"
    r"uploaded|included|visible|to)\b)"
    r"|\b(?:image|picture|photo)\s+(?:(?:is|was)(?:\s+not|n't)\s+(?:provided|attached|available|loading|visible|"
    r"there)|is missing)"
    r"|无法|不确定|不清楚|看不清|不知道|不能确定|わかりません|分かりません|모르",
    re.I,
)  # fmt: skip

# --- yes and no ------------------------------------------------------------------------------------------

# A question's own words, echoed; they state nothing.
YES_OR_NO = re.compile(
    r"[(\[]?\b(?:whether\s+|either\s+)?(?:yes\s*(?:/|\||,?\s*\bor\b)\s*no|no\s*(?:/|\||"
    r",?\s*\bor\b)\s*yes)\b\s*\??[)\]]?",
    re.I,
)
_YES = (
    "yes yeah yep yup y correct true affirmative indeed right absolutely definitely certainly "
    "是 是的 对 对的 有 有的 正确 はい ええ 네 예 ja oui si sí sì sim да tak evet نعم हाँ हां"
)
_NO = (
    "no nope nah nay n incorrect false wrong negative 否 不 不是 不是的 没有 不对 いいえ いや "
    "아니요 아니오 nein non não нет nie hayır لا नहीं"
)
YES_NO: dict[str, str] = {**dict.fromkeys(_YES.split(), "yes"), **dict.fromkeys(_NO.split(), "no")}
# Whole replies that say yes or no in other words: "Of course", "It does not", "That is incorrect".
_IT_DOES = r"(?:it|they|he|she|there|this|that)\s*(?:'s|\s(?:is|are|does|do|has|have|was|were|did))"
SAYS_YES = re.compile(
    rf"of course|i (?:think|believe) so|{_IT_DOES}(?:\s+(?:indeed|correct|right|true|accurate|the case))?", re.I
)
SAYS_NO = re.compile(
    r"(?:absolutely|definitely|certainly|of course|clearly) not|not (?:at all|correct|true|really|the case|quite)|"
    r"i (?:don't|do not) (?:think|believe) so|i (?:think|believe) not|"
    rf"{_IT_DOES}(?:n't|\s+not)(?:\s+(?:correct|right|true|the case))?|{_IT_DOES}\s+(?:incorrect|wrong|false|untrue)",
    re.I,
)

# After a yes or no that answers: an end, or the begin of a clause ("No it isn't"); "No cats" is no answer.
FOLLOWS = (
    r"(?=\s*(?:$|[.,;:!?)\](→—–]|-(?!\w)|\s-"
    r"|(?:it|its|it's|there|they|the|this|that|he|she|because|as|since|i|we|you|only|just|both|not|to both|"
    r"for both|from me|in this)"
    r"\b(?!\s+(?:one|same)\b)))"
)
# A share of certainty beside the word: a distribution over both answers states neither.
_SHARE = r"(?!\s*[:=(]?\s*(?:[01]?\.\d|\d+(?:\.\d+)?\s*%))"
ENGLISH = rf"(?:(?:yes|yeah|yep|yup)\b(?![-'])|(?:no|nope|nah)\b(?![-']){FOLLOWS}(?!\W*thank)){_SHARE}"
# What answers only where it is the whole reply, and what ENGLISH has with rules of its own.
_NOT_OPENING = (
    "y n true false correct incorrect right wrong indeed absolutely definitely certainly affirmative negative "
    "yes yeah yep yup no nope nah"
).split()
OPENING = re.compile(
    rf"{ENGLISH}|(?:{'|'.join(word for word in sorted(YES_NO, key=len, reverse=True) if word not in _NOT_OPENING)})"
    rf"(?=\s*(?:$|[.,;:!?])){_SHARE}",
    re.I,
)
# Words before it that change nothing.
BEFORE_YES_NO = re.compile(
    r"^\W*(?:(?:so|thus|therefore|hence|well|overall|in conclusion|ok|okay|hmm+|indeed|absolutely|definitely|certainly|"
    r"clearly|sure|wait|oh(?=\s+yes))\b[\s,:…]*)*",
    re.I,
)
# Text in the picture, quoted: "the sign reads: yes".
QUOTES = re.compile(
    r"\b(?:says?|saying|said|reads?|reading|states?|stating|writt?en|writes|labell?ed|text|words?|sign|caption|"
    r"label|title|"
    r"spell(?:s|ed)?(?:\s+out)?|marked|printed|displays?|inscription|button)\W*(?:in the (?:image|picture)\W*)?"
    r"(?:(?:is|are|says?|reads?|as)\W*)?$",
    re.I,
)

# --- an option's words -----------------------------------------------------------------------------------

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS = {
    "zero": 0, **{word: n for n, word in enumerate(_ONES, 1)}, **{word: n for n, word in enumerate(_TEENS, 10)},
    **{word: 10 * n for n, word in enumerate(_TENS, 2)},
}  # fmt: skip
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})[-\s]({'|'.join(_ONES)})\b")
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b")
_TOKEN = re.compile(r"(?:(?<![\w)])[-−])?\d+(?:[.,:/]\d+)*(?![^\W\d_])%?|[^\W_]+(?:'[^\W_]+|\+\+|#)?")
_LEAD = re.compile(
    r"^(?:(?:it is|it's|they are|there are|there is|this is|that is|i see|i count|the answer is|answer)\b\s*)?"
    r"(?:the\s+|an?\s+(?!\d))?"
)
# A number, word or choice that a sentence compares, adds, asks or leaves open is not its answer.
RECKONING = re.compile(
    r"\?\s*$|\b(?:more|less|fewer|greater|larger|smaller|other) than\b|\bat (?:least|most)\b|\b(?:almost|nearly|"
    r"up to|between|"
    r"either|or|plus|minus|times|if|unless|would|should|not only)\b|[+*/×÷=]\s*\d|\b(?:that's|that is|you're|"
    r"you are) right\b"
    rf"|\b(?:over|under|above|below|beyond)\s+(?:\d|(?:{'|'.join(_NUMBERS)})\b)",
    re.I,
)


def folded(text: str) -> str:
    """Lower case, words and numbers alone, one space between them, number words as digits."""
    text = _COMPOUND.sub(lambda pair: str(_NUMBERS[pair[1]] + _NUMBERS[pair[2]]), text.casefold())
    text = _NUMBER_WORD.sub(lambda word: str(_NUMBERS[word[0]]), text)
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", " ".join(_TOKEN.findall(text)))


def bare(text: str) -> str:
    """`folded`, less a lead-in and article: for comparing an answer to an option."""
    return _LEAD.sub("", folded(text), count=1)
