"""What can be guessed without the picture, pooled over many seeds: figures that `benchmarks/shortcuts.py` measured.

One set is too few instances for a classifier, and questions of other seeds cannot be had without drawing their
pictures (a minute a seed), so an audit shows these figures instead of measuring its own.

    >>> read().seeds
    10
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dataset_builder.audits.shortcuts import Hits

FILE = Path(__file__).with_name("guesses.json")


class Guess(BaseModel):
    """How one way of guessing fared in one category; `p` is the probability of so many hits by chance."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    category: str
    guess: str
    n: int
    hits: int
    chance: float
    p: float

    @classmethod
    def of(cls, category: str, guess: str, found: Hits) -> Guess:
        chance, p = round(found.chance, 4), round(found.p, 6)
        return cls(category=category, guess=guess, n=found.n, hits=found.hits, chance=chance, p=p)

    def told(self) -> str:
        return f"{self.hits / self.n:.1%} of {self.n:,} (chance {self.chance:.0%})" if self.n else "does not apply"


class Guesses(BaseModel):
    """The file: what was run, and what it found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    seeds: int
    per_category: int
    rows: list[Guess]


def read() -> Guesses:
    return Guesses.model_validate_json(FILE.read_bytes())


def table(categories: Collection[str]) -> Iterator[str]:
    """For the dataset's card, in markdown."""
    measured = read()
    by_name = {(row.category, row.guess): row for row in measured.rows}
    names = list(dict.fromkeys(row.guess for row in measured.rows))
    yield (
        f"Guesses without the picture on {measured.seeds} seeds of {measured.per_category} instances each, "
        f"measured by `{measured.command}`. The bag of words is a classifier that sees question and options, trained "
        "on all seeds but the one it is tried on."
    )
    yield ""
    yield f"| category | {' | '.join(names)} |"
    yield "|---|" + "---:|" * len(names)
    for category in categories:
        told = [by_name[category, name].told() for name in names if (category, name) in by_name]
        if len(told) == len(names):
            yield f"| `{category}` | {' | '.join(told)} |"
