"""What a maze or a map hands to cognitive navigation: a question with its truth, and pictures to go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PIL.Image import Image


@dataclass(frozen=True)
class RouteTask:
    """`others` are the three wrong options; `spec` is what a solver needs and is not the answer."""

    question: str
    truth: str
    others: tuple[str, ...]
    image: Image
    reference: Image
    rationale: str
    spec: dict[str, Any]


def listed(words: list[str]) -> str:
    """`K, M and T`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
