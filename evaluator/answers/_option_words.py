"""Which option a text names by the option's own words.

>>> OptionWords(["two", "three", "four", "five"]).exact("It is 4 cars."), OptionWords(["red", "blue"]).exact("Blue.")
(None, 'B')
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluator.answers import _wording as words

# The longest sentence (in words) that is read for the option it contains.
_SHORT = 14


class OptionWords:
    """The four texts of a question, ready to be compared with what a model writes."""

    def __init__(self, options: Sequence[str]) -> None:
        self._raw = {words.LETTERS[n]: option.casefold().strip() for n, option in enumerate(options[:4])}
        self._bare = {letter: words.bare(option) for letter, option in self._raw.items()}
        self._folded = {letter: words.folded(option) for letter, option in self._raw.items()}

    def exact(self, text: str) -> str | None:
        """The letter of the one option whose words these are, but for a lead-in, an article and ", not that one".

        A letter alone is a letter, even where the options are called A to D; "A." is a label, no article.
        """
        text = text.strip()
        same = [letter for letter, option in self._raw.items() if option == text.casefold()]
        if not same and not re.match(r"[(\[]?A\s*[.):;,–—-]", text):
            said = words.bare(self._affirmed(text))
            same = [letter for letter, option in self._bare.items() if said and option == said]
        return same[0] if len(same) == 1 and not re.fullmatch(r"[^\w+#]*[A-Da-d][^\w+#]*", text) else None

    def called(self, letter: str, text: str) -> bool:
        """Whether the option of this letter reads exactly so."""
        return self._raw.get(letter) == text.casefold()

    def within(self, text: str) -> set[str]:
        """The options that a short sentence contains; none where it denies, doubts, compares or reckons."""
        if not self._raw or len(text.split()) > _SHORT or words.RECKONING.search(text):
            return set()
        rest, found = self._affirmed(text), set()
        for letter, option in sorted(self._folded.items(), key=lambda pair: -len(pair[1])):
            # One letter or nothing is no wording: "a" would be found in any sentence.
            if (len(option) < 2 and not option.isdigit()) or list(self._folded.values()).count(option) > 1:
                continue
            if f" {option} " in rest:
                found.add(letter)
                rest = rest.replace(f" {option} ", " | ")
        if words.NEGATION.search(rest) or words.DOUBT.search(rest):
            return set()
        # A number counts alone: with another one beside it, it is a part of something.
        numbers = [letter for letter in found if re.search(r"\d", self._folded[letter])]
        return set() if numbers and (rest.count("|") > 1 or re.search(r"\d", rest)) else found

    def _affirmed(self, text: str) -> str:
        """The text, folded and padded, less the options that it denies in so many words ("blue, not red")."""
        text = f" {words.folded(text)} "
        for option in self._folded.values():
            if option:
                text = re.sub(rf" (?:not|rather than|instead of) (?:(?:the|an?) )?{re.escape(option)}(?= )", " ", text)
        return text
