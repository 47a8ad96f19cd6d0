"""What the wording and the position of polling questions tell of their answers, read by a small linear reader.

The reader sees a question's words, pairs of neighbours, length and place among the instance's questions; never the
prompt, never a picture. It is a logistic regression with a ridge, fitted by scipy.

    >>> reader = fit([("Is the cup full?", 0, 3), ("Are there any cups?", 2, 3)], [False, True])
    >>> reader.likelihood("Are there any cups?", 2, 3) > 0.5
    True
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataset_builder.instance import Instance

RIDGE = 3.0
_WORD = re.compile(r"[a-z']+|\d+")
Place = tuple[str, int, int]
"""A question, its place among the instance's questions (from 0), and how many there are."""


def places(instance: Instance) -> list[Place]:
    count = len(instance.question_list)
    return [(asked.question, place, count) for place, asked in enumerate(instance.question_list)]


@functools.lru_cache(maxsize=20_000)
def features(place: Place) -> tuple[tuple[str, float], ...]:
    """What the reader is told of a question, by name."""
    return tuple(_features(place))


def _features(place: Place) -> Iterator[tuple[str, float]]:
    question, number, count = place
    words = _WORD.findall(question.lower())
    yield f"place {number} of {count}", 1.0
    yield "length", len(words) / 12
    yield f"begins {' '.join(re.sub(r'[0-9]+', '#', word) for word in words[:4])}", 1.0
    for word in set(words):
        yield word, 1.0
    for pair in set(zip(words, words[1:], strict=False)):
        yield " ".join(pair), 1.0


@dataclass(frozen=True)
class Reader:
    """Weights by feature; positive ones speak for a no."""

    bias: float
    weights: Mapping[str, float]

    def likelihood(self, question: str, number: int, count: int) -> float:
        """The probability that the answer is no, 0 to 1."""
        told = features((question, number, count))
        score = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in told)
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, score))))


def fit(asked: Sequence[Place], noes: Sequence[bool], ridge: float = RIDGE) -> Reader:
    """The reader that has learnt these questions and which of them are answered no."""
    return Table(asked, noes, ridge).reader()


class Table:
    """Questions as rows of numbers, to learn from all of them or from all but some."""

    def __init__(self, asked: Sequence[Place], noes: Sequence[bool], ridge: float = RIDGE) -> None:
        import numpy as np
        from scipy.sparse import csr_matrix

        self.ridge = ridge
        self.names: dict[str, int] = {}
        told = [[(self.names.setdefault(name, len(self.names)), value) for name, value in features(p)] for p in asked]
        rows = [row for row, found in enumerate(told) for _ in found]
        columns = [number for found in told for number, _ in found]
        values = [value for found in told for _, value in found]
        self.matrix = csr_matrix((values, (rows, columns)), shape=(len(told), len(self.names)))
        self.signs = np.where(np.array(noes, dtype=bool), 1.0, -1.0)
        self.start = self._fitted(np.arange(len(told)), np.zeros(len(self.names) + 1))

    def reader(self, without: Collection[int] = ()) -> Reader:
        """The reader that has learnt every row but these; from the weights of all rows on, which are near."""
        import numpy as np

        kept = np.setdiff1d(np.arange(len(self.signs)), list(without))
        point = self._fitted(kept, self.start) if without else self.start
        return Reader(float(point[-1]), {name: float(point[number]) for name, number in self.names.items()})

    def _fitted(self, kept: Any, start: Any) -> Any:
        """Weights and, last, the bias that fit the rows `kept`."""
        import numpy as np
        from scipy.optimize import minimize

        matrix, signs = self.matrix[kept], self.signs[kept]

        def loss(point: Any) -> tuple[float, Any]:
            margin = signs * (matrix @ point[:-1] + point[-1])
            slope = -signs / (1 + np.exp(np.clip(margin, -40, 40)))
            value = float(np.logaddexp(0, -margin).sum() + self.ridge / 2 * (point[:-1] ** 2).sum())
            return value, np.append(matrix.T @ slope + self.ridge * point[:-1], slope.sum())

        near = {"ftol": 1e-5} if start.any() else {}  # close to the end already
        return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, **near}).x
