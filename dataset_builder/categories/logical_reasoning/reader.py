"""A reader who never sees a picture, and the choice of questions that tells this reader least.

The reader guesses each answer from the words of the question alone and learns from every question asked so far (a
perceptron with a margin, in whole numbers, so that it is the same on every machine).

>>> reader = Reader()
>>> reader.learn("Is the red mug second?", "yes"); reader.leaning("Is the blue mug second?") > 0
True
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

MARGIN = 12
"""The reader learns from a question until it is this sure of the answer."""


@dataclass
class Reader:
    """Weights of words, pairs of words and beginnings of questions: above 0 for yes, below for no."""

    weights: Counter[str] = field(default_factory=Counter)

    def leaning(self, question: str) -> int:
        """How far the words point to yes; below 0 to no."""
        return sum(self.weights[word] for word in features(question))

    def learn(self, question: str, answer: str) -> None:
        sign = 1 if answer == "yes" else -1
        if sign * self.leaning(question) < MARGIN:
            for word in features(question):
                self.weights[word] += sign


def features(question: str) -> list[str]:
    """What there is to learn from: words, pairs of words, the first four words."""
    words = re.findall(r"[a-z'-]+", question.lower())
    return [*words, *(f"{a} {b}" for a, b in zip(words, words[1:], strict=False)), f"^{' '.join(words[:4])}"]
