"""The question of a mental-tracking puzzle: its steps as clauses, its frame, what is asked, how glyphs are read.

>>> from dataset_builder.categories.mental_tracking.recolouring import Step
>>> clause(Step("red", "blue"), "digit", random.Random(0))
'the red strokes are painted blue'
"""

from __future__ import annotations

import random

from dataset_builder.categories.mental_tracking.content import words
from dataset_builder.categories.mental_tracking.puzzle import Puzzle
from dataset_builder.categories.mental_tracking.recolouring import Step


def clause(step: Step, glyph: str, rng: random.Random) -> str:
    """One clause, such as `every vertical red stroke of the left digit turns blue`."""
    told = words()
    where = rng.choice(told.where).format(place=step.place, glyph=glyph) if step.place else ""
    direction = f"{step.direction} " if step.direction else ""
    what, target = direction + step.source, direction + step.target if step.swap else step.target
    return rng.choice(told.swap if step.swap else told.turn).format(what=what, target=target, where=where)


def question(puzzle: Puzzle, rng: random.Random) -> str:
    alphabet = puzzle.alphabet
    clauses = [clause(step, alphabet.one, rng) for step in puzzle.steps]
    upper = [one[0].upper() + one[1:] for one in clauses]
    middle = ["next", "after that", "then"]
    story = ["First " + clauses[0], *(f"{rng.choice(middle)} {one}" for one in clauses[1:-1]), "finally " + clauses[-1]]
    text = rng.choice(words().frames[puzzle.mode]).format(
        glyphs=alphabet.many,
        numbered=" ".join(f"Step {number}: {one}." for number, one in enumerate(clauses, 1)),
        stages=" ".join(f"({number}) {one}." for number, one in enumerate(upper, 1)),
        rules=" ".join(f"Rule {number}: {one}." for number, one in enumerate(clauses, 1)),
        then="; then ".join(clauses),
        first="; ".join(story),
        semi="; ".join(clauses),
    )
    ask = rng.choice(words().asks).format(asked=puzzle.asked, glyphs=alphabet.many)
    return " ".join(part for part in (text, _explained(puzzle, rng), ask) if part)


def _explained(puzzle: Puzzle, rng: random.Random) -> str:
    """What the shapes in the options are, in an order that tells nothing."""
    told = puzzle.alphabet.told
    named = {glyph for option in puzzle.options for glyph in option.split(", ")} if told else set()
    meant = [told[glyph] for glyph in rng.sample(sorted(named), len(named))]
    return f"Here {'; '.join(meant)}." if meant else ""


def rationale(puzzle: Puzzle) -> str:
    how = "one after another" if puzzle.mode == "sequential" else "all at once"
    shown = puzzle.options[0] if puzzle.alphabet.join else " ".join(puzzle.options[0])
    return (
        f"After all {len(puzzle.steps)} steps, taken {how}, the {puzzle.asked} strokes form {shown} from left to right."
    )
