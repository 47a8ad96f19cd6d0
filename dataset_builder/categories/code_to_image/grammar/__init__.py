"""The grammar that programs are composed from: which statements follow which, by what is drawn in the end.

>>> program = compose(Random(5), "iteration_and_indexing", "easy")
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from random import Random

from dataset_builder.categories.code_to_image import proof
from dataset_builder.categories.code_to_image.content import content
from dataset_builder.categories.code_to_image.grammar.composer import Composer
from dataset_builder.categories.code_to_image.grammar.fillers import Stuck
from dataset_builder.categories.shared.scene import RELATIONS
from dataset_builder.categories.shared.words import NOUNS, distinct_colours
from dataset_builder.instance import Difficulty

_MOVES: dict[Difficulty, tuple[int, ...]] = {"easy": (1, 1, 2), "medium": (1, 2, 2), "hard": (2, 3)}
_MORE = 8  # statements that are tried until the program prints something worth drawing
_TAKEN_BACK = 0.6  # how often the last one is taken back before another is tried
# What is drawn, and how often.
_FAMILIES = {"row": 10, "count": 53, "two": 23, "place": 14}
_LONG_FAMILIES = {"row": 22, "count": 42, "two": 14, "place": 22}  # a long program seldom prints numbers of its own
_LEAD = {
    ("row", "branching"): ("branch_row", "branch_row", "branch_row_fn"),
    ("row", "iteration_and_indexing"): ("loop_row",),
    ("count", "branching"): ("branch_count",),
    ("count", "iteration_and_indexing"): ("loop_count",),
    ("two", "branching"): ("branch_two",),
    ("two", "iteration_and_indexing"): ("loop_two",),
    ("place", "branching"): ("branch_place",),
    ("place", "iteration_and_indexing"): ("loop_place",),
}
_OTHER = {
    "row": ("branch_row", "branch_row_fn", "loop_row", "loop_row", "state_row", "state_row", "state_row"),
    "count": ("branch_count", "loop_count", "loop_count", "state_count", "state_count", "state_count"),
    "two": ("branch_two", "loop_two", "loop_two", "state_two", "state_two"),
    "place": ("branch_place", "loop_place", "state_place", "state_place"),
}
# Short statements that go on with what is there, where something is still missing.
_LAST = {
    "row": ("do_row", "do_row", "state_row", "branch_row"),
    "count": ("do_int", "do_int", "new_int", "loop_count"),
    "two": ("do_stock", "do_stock", "loop_two", "branch_two"),
    "place": ("do_place", "do_place", "loop_place", "branch_place"),
}


@dataclass(frozen=True)
class Program:
    """A composed program and its input line (empty where it reads none)."""

    source: str
    input: str


def compose(rng: Random, subtask: str, level: Difficulty) -> Program | None:
    """One attempt; None where the grammar ran into a corner."""
    families = _LONG_FAMILIES if level == "hard" else _FAMILIES
    family = rng.choices(list(families), list(families.values()))[0]
    story, other = rng.sample(content().stories, 2)
    noun, second = NOUNS[story.noun], NOUNS[other.noun]
    colours = [c for c in noun.colours if c in second.colours and (family != "place" or c != "orange")]
    palette = distinct_colours(rng, colours, 5) or distinct_colours(rng, colours, 4)
    if palette is None:
        return None
    composer = Composer(rng, story, palette)
    words = {
        "things": noun.many,
        "thing": noun.one,
        "other": second.one,
        "relation": rng.choice(RELATIONS),
    }
    try:
        _body(composer, family, subtask, level, words)
    except Stuck:
        return None
    return Program(_spaced(composer.source), composer.input)


def _body(composer: Composer, family: str, subtask: str, level: Difficulty, words: dict[str, str]) -> None:
    """Statements until the program is long enough for its level and prints something worth drawing."""
    rng = composer.rng
    composer.say(f"start_{family}")
    rows_only = family == "place" and not any(isinstance(value, str) for value in composer.values.values())
    moving = "row" if rows_only else family
    moves = [rng.choice(_LEAD[moving, subtask])]
    others = [move for move in _OTHER[moving] if level == "medium" or ("loop" in move) == (level == "hard")]
    moves += [rng.choice(others) for _ in range(rng.choice(_MOVES[level]) - 1)]
    rng.shuffle(moves)
    if family == "count":
        moves.insert(rng.randint(1, len(moves)), "choose_colour")
        if not any(isinstance(value, int) for value in composer.values.values()) and rng.random() < 0.5:
            moves.insert(0, "new_int")
    for move in moves:
        composer.say(move)
    finish = {"place": "finish_place_row" if rows_only else "finish_place_names"}.get(family, f"finish_{family}")
    for _ in range(_MORE):
        if composer.source.count("\n") + 2 >= proof.LINES[0] and composer.finishes(finish, words, _fits):
            return
        if rng.random() < _TAKEN_BACK:
            composer.back()
        composer.say(rng.choice(_LAST[moving]))
    raise Stuck(finish)


def _fits(source: str, line: str) -> bool:
    return not proof.output_faults(source, line, proof.run_here([(source, line)])[0])


def _spaced(source: str) -> str:
    """Blank lines around functions and classes."""
    blocks = []
    for statement in ast.parse(source).body:
        text = "\n".join(source.split("\n")[statement.lineno - 1 : statement.end_lineno])
        apart = isinstance(statement, ast.FunctionDef | ast.ClassDef)
        blocks.append(f"\n{text}\n" if apart else text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(blocks)).strip()
