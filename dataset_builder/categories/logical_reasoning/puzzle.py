"""The record of one logic puzzle, and its prompt, reference prompt and rationale as functions of it.

Everything that a proof needs is in the record and goes into metadata: the proof reads it back, counts the
arrangements again and writes every sentence again.

    >>> puzzle = Puzzle.from_json(instance.meta["puzzle"])
    >>> prompt(puzzle) == instance.prompt
    True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from dataset_builder.categories.logical_reasoning.content import CONTENT, SLOT
from dataset_builder.categories.logical_reasoning.english import NUMBERS, Cast, article, capital, listed
from dataset_builder.categories.logical_reasoning.language import MUST, SCENARIOS, TELLING, Speaker
from dataset_builder.categories.logical_reasoning.solver import (
    Arrangement,
    Condition,
    Variables,
    arrangements,
    changed,
    read,
    solutions,
)

FRAMES = CONTENT.frames
COMPLEX = {"or", "if", "iff", "one_of", "marked_among", "and"}
LISTED = {"line", "shelves", "sizes", "table"}


@dataclass(frozen=True)
class Puzzle:
    """One puzzle. `given`: the conditions are an arrangement told in full, which `changes` then change."""

    scenario: str
    cast: Cast
    variables: Variables
    different: list[list[str]]
    conditions: list[Condition]
    variants: list[int]
    phrasing: list[int]
    """Which opening, which turn of phrase, which ending."""
    given: bool = False
    changes: list[Condition] = field(default_factory=list)
    inferred: list[Condition] = field(default_factory=list)
    device: str | None = None
    """What makes the puzzle implicit, where something does."""
    after: Variables = field(default_factory=dict)
    after_cast: Cast | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Puzzle:
        casts = {key: _cast(data[key]) if data[key] else None for key in ("cast", "after_cast")}
        return cls(**{**data, **casts})

    @property
    def speaker(self) -> Speaker:
        return Speaker(SCENARIOS[self.scenario], self.cast)

    @property
    def after_speaker(self) -> Speaker:
        """Speaks of the picture that is to be drawn."""
        return Speaker(SCENARIOS[self.scenario], self.after_cast or self.cast)

    def beginnings(self) -> list[Arrangement]:
        """All arrangements that meet the conditions, before any change."""
        return solutions(self.variables, self.different, self.conditions)

    def valid(self) -> list[Arrangement]:
        """All arrangements that may be drawn."""
        results: list[Arrangement] = []
        for beginning in self.beginnings():
            result = changed(self.changes, beginning)
            if result not in results:
                results.append(result)
        return results

    def possible(self) -> list[Arrangement]:
        """Everything that might have been drawn with the things that the picture should show, right or wrong."""
        return list(arrangements(self.after if self.changes else self.variables, self.different))

    @property
    def in_line(self) -> bool:
        """Whether places are counted from the ends, so that "the last" depends on how many there are."""
        return self.speaker.scenario.geometry == "line"

    def here(self, arrangement: Arrangement) -> tuple[str, ...]:
        """The things that are in the picture, in the order of mention."""
        cast = self.after_cast or self.cast
        named = dict.fromkeys([*cast.things, *self.cast.things, *self.after])
        return tuple(x for x in named if arrangement.get(x) and x not in cast.second and not x.startswith("mark:"))

    def says_yes(self, condition: Condition, arrangement: Arrangement) -> bool:
        """What an honest judge answers who looks at a picture of the arrangement, whatever it shows."""
        n = (self.after_cast or self.cast).n
        return read(condition, arrangement, n, len(self.here(arrangement)) if self.in_line else n)

    def told(self, arrangement: Arrangement) -> str:
        """The arrangement in words, whatever it shows."""
        cast = self.after_cast or self.cast
        if self.in_line:
            things = self.here(arrangement)
            cast = replace(cast, things=things, count=len(things))
        elif not cast.values:
            cast = replace(cast, things=self.here(arrangement))
        return Speaker(SCENARIOS[self.scenario], cast).told(arrangement)


def _cast(fields: dict[str, Any]) -> Cast:
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}
    return Cast(**values)


def _words(puzzle: Puzzle) -> dict[str, str]:
    """What the openings and scenes are filled with."""
    cast, speaker = puzzle.cast, puzzle.speaker
    scenario = speaker.scenario
    each = [f"one {x}" for x in cast.things] if scenario.coloured else [speaker.kind(x) for x in cast.things]
    kind = scenario.holder_kind
    words = {
        "n": NUMBERS[cast.n],
        "place": cast.place,
        "list": listed(each or ["nothing"]),
        "colours": listed(cast.things or ["plain"]),
        "names": listed(cast.things or ["plain"]),
        "second": listed(cast.second or ["plain"]),
        "labels": listed(cast.holders or ["plain"]),
        "values": ("either " if len(cast.values) == 2 else "") + listed(cast.values or ["plain"], "or"),
        "holders": listed([kind.format(h=h) if kind else article(h) for h in cast.holders] or ["plain"]),
    }
    return words | {"N": capital(words["n"]), "List": capital(words["list"]), "Holders": capital(words["holders"])}


def scene(puzzle: Puzzle) -> str:
    """The situation as a clause, without the order."""
    return capital(puzzle.speaker.scenario.scene.format(**_words(puzzle)).strip())


def clauses(puzzle: Puzzle) -> list[str]:
    """One clause a stated condition, as it stands in the prompt (its first letter may be a capital)."""
    speaker = puzzle.speaker
    return [speaker.clause(c, v) for c, v in zip(puzzle.conditions, puzzle.variants, strict=True)]


def sentences(puzzle: Puzzle) -> list[str]:
    """The conditions as sentences: simple ones are joined by twos and threes, others stand alone."""
    groups: list[list[str]] = []
    open_group = False
    simple = sum(c[0] not in COMPLEX for c in puzzle.conditions)
    size = 3 if simple >= 5 or simple == 3 and puzzle.phrasing[1] % 2 else 2
    for condition, clause in zip(puzzle.conditions, clauses(puzzle), strict=True):
        if condition[0] in COMPLEX:
            groups.append([clause])
            open_group = False
        elif open_group and len(groups[-1]) < size:
            groups[-1].append(clause)
        else:
            groups.append([clause])
            open_group = True
    joined = [f"{', '.join(g[:-1])}, and {g[-1]}" if len(g) > 1 else g[0] for g in groups]
    return [capital(text) + "." for text in joined]


def _given(puzzle: Puzzle) -> str:
    """The arrangement that is told in full before it changes."""
    (beginning,) = puzzle.beginnings()
    speaker = puzzle.speaker
    here = {x: v for x, v in beginning.items() if v}
    if speaker.scenario.geometry in LISTED:
        order = sorted(here, key=lambda x: here[x])
        things = listed(order) if speaker.scenario.coloured else listed([speaker.kind(x) for x in order])
        link = "they are " if speaker.scenario.coloured and puzzle.phrasing[0] % 2 else ""
        return f"{scene(puzzle)}: {speaker.reading} {link}{things}."
    return f"{scene(puzzle)}: {speaker.told(beginning).replace(': ', ' ', 1)}."


def _turn(puzzle: Puzzle) -> str:
    speaker = puzzle.speaker
    parts = [speaker.change(step) for step in puzzle.changes]
    if puzzle.changes[0][0] == "when":
        # a sentence of its own, so that nobody takes the rest for what is done otherwise
        branch = FRAMES.branch.format(changes=parts[0])
        return f"{branch} {FRAMES.after_branch.format(changes=_one_after_another(parts[1:]))}" if parts[1:] else branch
    return FRAMES.turns[puzzle.phrasing[1] % len(FRAMES.turns)].format(changes=_one_after_another(parts))


def _one_after_another(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return FRAMES.two.format(a=parts[0], b=parts[1])
    return FRAMES.several.format(most=FRAMES.then.join(parts[:-1]), last=parts[-1])


def prompt(puzzle: Puzzle) -> str:
    """The prompt, word for word, from the record alone."""
    scenario = puzzle.speaker.scenario
    words = _words(puzzle)
    if puzzle.changes:
        start = [_given(puzzle)] if puzzle.given else [f"{scene(puzzle)}: {words['list']}.", *sentences(puzzle)]
        return " ".join([*start, _turn(puzzle), FRAMES.results[puzzle.phrasing[2] % len(FRAMES.results)]])
    opening, _, ending = scenario.phrasings[puzzle.phrasing[0] % len(scenario.phrasings)].partition(SLOT)
    parts = [capital(opening.format(**words)), *sentences(puzzle), ending.strip()]
    return " ".join(part for part in parts if part)


def reference_prompt(puzzle: Puzzle, arrangement: Arrangement) -> str:
    """The direct prompt for one valid arrangement, with the reasoning done."""
    speaker = puzzle.after_speaker
    told = speaker.told(arrangement)
    start = speaker.scenario.scene.format(**_words(puzzle) | {"n": NUMBERS[speaker.cast.n]}).strip()
    if speaker.cast.values:
        start = start.split(", some ")[0]
    return TELLING["whole"].format(Scene=capital(start), Told=capital(told))


def shallow_line(puzzle: Puzzle, slip: str, arrangement: Arrangement) -> str:
    """One line: the picture of someone who did not reason."""
    return TELLING["shallow"].format(slip=slip, told=puzzle.told(arrangement).replace(": ", " ", 1))


def rationale(puzzle: Puzzle, valid: Sequence[Arrangement]) -> str:
    """One sentence: why the answer is the answer."""
    told = puzzle.after_speaker.told(valid[0]).replace(": ", " ", 1)
    if puzzle.changes:
        before = puzzle.speaker.told(puzzle.beginnings()[0]).replace(": ", " ", 1)
        return TELLING["before_after"].format(before=before, after=told)
    total = len(puzzle.possible()) >> sum(x.startswith("mark:") for x in puzzle.variables)
    so = TELLING["inferred"].format(fact=puzzle.speaker.clause(puzzle.inferred[0])) if puzzle.inferred else "Of"
    form = TELLING["one" if len(valid) == 1 else "some"]
    return form.format(so=so, total=total, valid=len(valid), told=told)


__all__ = ["MUST", "Puzzle", "clauses", "prompt", "rationale", "reference_prompt"]
