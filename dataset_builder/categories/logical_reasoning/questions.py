"""The judge's questions about one logic puzzle: true of every valid arrangement, or of none (the foils).

A foil is what a shallow reading would have drawn: the order of mention, a negation or a change ignored, a
relation turned round.

    >>> ask(rng, puzzle)[-1]
    Asked(condition=["at", "red", 1], variant=0, answer="no", aspect="foil", trap="change ignored")
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from dataset_builder.categories.logical_reasoning.content import CONTENT
from dataset_builder.categories.logical_reasoning.facts import literals
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.search import Space, identity
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, holds, incomplete
from dataset_builder.instance import Aspect, Question, YesNo

REVERSED = {
    "before": "after",
    "after": "before",
    "just_before": "just_after",
    "just_after": "just_before",
}
MOST = 4
"""Questions an instance has at the most."""
COUNTING = {"total"}
"""Questions that every complete picture answers alike; they are held against incomplete ones."""


@dataclass(frozen=True)
class Asked:
    """One question as a condition, with what it tests."""

    condition: Condition
    variant: int
    answer: YesNo
    aspect: Aspect
    trap: str | None = None


def question_of(puzzle: Puzzle, asked: Asked) -> Question:
    """The question as it stands in the dataset."""
    text = puzzle.after_speaker.question(asked.condition, asked.variant)
    return Question(question=text, answer=asked.answer, aspect=asked.aspect)


def aspect_of(condition: Condition, values: bool, named: bool) -> Aspect:
    """What a question with the answer yes tests."""
    op = condition[0]
    if op in {"count", "total"}:
        return "quantity"
    if op == "present":
        return "subject"
    if op in {"marked", "ranks_above"} or op == "same" and not values or op == "at" and (values or named):
        return "attribute"
    return "relation"


def discriminating(condition: Condition, answer: YesNo, puzzle: Puzzle, possible: Sequence[Arrangement]) -> bool:
    """Whether some wrong picture would be answered otherwise."""
    against = possible
    if condition[0] in COUNTING and not puzzle.changes:
        against = [less for a in possible[:1] for less in incomplete(a)]
    return any(holds(condition, a) != (answer == "yes") for a in against)


def ask(rng: random.Random, puzzle: Puzzle, level: str) -> list[Asked]:
    """Two to four questions, at least one of them a foil, that together only a right picture passes.

    Empty where the puzzle yields none such.
    """
    possible = puzzle.possible()
    valid = puzzle.valid()
    space = Space(possible)
    right = sum(1 << i for i, a in enumerate(possible) if a in valid)
    pool = _pool(puzzle, valid)
    yes = [c for c in pool if all(holds(c, a) for a in valid)]
    no = [c for c in pool if not any(holds(c, a) for a in valid)]
    number = rng.choice({"easy": (2, 3, 3), "medium": (3, 3, 4), "hard": (3, 4, 4)}[level])
    foils = [(c, trap) for c, trap in _foils(rng, puzzle, no) if discriminating(c, "no", puzzle, possible)]
    if not foils:
        return []
    others = [foil for foil in foils[1:] if not _same_topic(foil[0], foils[0][0])]
    foils = foils[:1] + (others[:1] if number == 4 and rng.random() < 0.5 else [])
    open_yes = [c for c in yes if not any(_same_topic(c, foil) for foil, _ in foils)]
    wrong = space.full & ~right
    for foil, _ in foils:
        wrong &= ~space.mask(foil)
    chosen = _telling(rng, puzzle, space, wrong, open_yes, number - len(foils), MOST - len(foils))
    if len(chosen) < (1 if level == "easy" else 2):
        return []
    asked = [_asked(rng, puzzle, c, "yes") for c in chosen] + [_asked(rng, puzzle, c, "no", t) for c, t in foils]
    rng.shuffle(asked)
    texts = {puzzle.after_speaker.question(a.condition, a.variant) for a in asked}
    return asked if len(texts) == len(asked) else []


def _same_topic(a: Condition, b: Condition) -> bool:
    """Whether two questions ask about the same things in nearly the same way."""
    if a[0] == b[0] == "order":
        return True
    if a[0] == b[0] == "at" and isinstance(a[2], int):
        return False
    if a[0] in {"at", "count", "total"} or b[0] in {"at", "count", "total"}:
        return bool(a[:2] == b[:2])
    return {str(x) for x in a[1:3]} == {str(x) for x in b[1:3]}


def _pool(puzzle: Puzzle, valid: Sequence[Arrangement]) -> list[Condition]:
    """Everything that could be asked about the drawn picture."""
    speaker = puzzle.after_speaker
    cast, scenario = speaker.cast, speaker.scenario
    pool = [c for c in literals(scenario, cast) if c[0] != "among"]
    names = [*cast.things]
    if CONTENT.layouts[scenario.layout].reading and scenario.coloured and scenario.layout not in {"states", "ranked"}:
        pool.append(["order", sorted(names, key=lambda x: valid[0][x])])
        if list(puzzle.cast.things) == names:
            pool.append(["order", names])
    if any(x.startswith("mark:") for x in puzzle.variables):
        pool += [["marked", f"mark:{x}"] for x in names]
    if any(step[0] in {"remove", "insert", "replace", "take"} for step in puzzle.changes):
        pool += [["present", x] for x in puzzle.after]
        if scenario.plural and scenario.layout != "pairs":
            every = list(puzzle.after)
            pool += [["total", every, k] for k in {len(names), len(puzzle.cast.things)}]
    return pool


def _telling(
    rng: random.Random, puzzle: Puzzle, space: Space, wrong: int, yes: list[Condition], number: int, most: int
) -> list[Condition]:
    """Questions that together leave none of the `wrong` arrangements unnoticed; empty where `most` cannot do it.

    What the prompt has just said is asked for last.
    """
    stated = {repr(c) for c in puzzle.conditions} if not puzzle.given else set()
    beginning = puzzle.beginnings()[0] if puzzle.changes else None
    useful = [c for c in yes if discriminating(c, "yes", puzzle, space.every)]
    left, chosen = wrong, list[Condition]()
    while len(chosen) < number or left and len(chosen) < most:
        fresh = [c for c in useful if not any(_same_topic(c, d) for d in chosen)]
        # A few are drawn at first, so that puzzles differ in what is asked; the last must close the gap.
        sample = rng.sample(fresh, min(10, len(fresh)) if len(chosen) < number - 1 else len(fresh))
        if not sample:
            break

        def cost(c: Condition, left: int = left, chosen: list[Condition] = chosen) -> tuple[bool, bool, int]:
            idle = not chosen and beginning is not None and holds(c, beginning)
            missed = (left & space.mask(c)).bit_count()
            return bool(missed) and len(chosen) >= number - 1, repr(c) in stated or idle, missed

        chosen.append(min(sample, key=cost))
        left &= space.mask(chosen[-1])
    return [] if left else chosen


def _foils(rng: random.Random, puzzle: Puzzle, no: list[Condition]) -> list[tuple[Condition, str]]:
    """Questions whose answer is no, the most tempting first, each with the slip that would draw it."""
    ranked: dict[str, list[Condition]] = {"change ignored": [], "negation ignored": [], "relation turned round": []}
    ranked |= {"order of mention": [], "other": []}
    beginning = puzzle.beginnings()[0]
    first = identity(puzzle.variables, puzzle.cast) if not puzzle.cast.values else None
    denied = [c[1] for c in puzzle.conditions if c[0] == "not"]
    denied += [part for c in puzzle.conditions if c[0] == "if" for part in c[1:2]]
    denied += [part for c in puzzle.conditions if c[0] == "one_of" for part in c[1:]]
    turned = [[REVERSED[c[0]], *c[1:]] for c in puzzle.conditions if c[0] in REVERSED]
    turned += [
        [c[0], c[2], c[1], *c[3:]] for c in puzzle.conditions if c[0] in {"higher", "further_left", "ranks_above"}
    ]
    for c in rng.sample(no, len(no)):
        if puzzle.changes and holds(c, beginning):
            ranked["change ignored"].append(c)
        elif c in denied:
            ranked["negation ignored"].append(c)
        elif c in turned:
            ranked["relation turned round"].append(c)
        elif first is not None and not puzzle.changes and holds(c, first):
            ranked["order of mention"].append(c)
        else:
            ranked["other"].append(c)
    order = ["negation ignored", "relation turned round", "order of mention"]
    rng.shuffle(order)
    order = ["change ignored", *order, "other"]
    found = [(ranked[trap][0], trap) for trap in order if ranked[trap]]
    if puzzle.changes and len(ranked["change ignored"]) > 1:
        found.insert(1, (ranked["change ignored"][1], "change ignored"))
    return found


def _asked(rng: random.Random, puzzle: Puzzle, c: Condition, answer: YesNo, trap: str | None = None) -> Asked:
    speaker = puzzle.after_speaker
    values = bool(speaker.cast.values)
    leads = c[0] == "at" and not values and c[1] in speaker.cast.things and isinstance(c[2], int)
    variant = int(bool(leads and speaker.lead(c[2])) and rng.random() < 0.6)
    aspect = aspect_of(c, values, variant == 1) if answer == "yes" else "foil"
    return Asked(c, variant, answer, aspect, trap)


__all__ = ["Asked", "ask", "discriminating", "question_of"]
