"""Mental tracking: recolour the strokes of seven-segment digits in the head, then read the digits of one colour.

Two subtasks, by how the steps are to be taken: one after the other, or all at once. Puzzle and distractors
come from `_tracking_puzzle`, rules and wording from `_recolouring`, the picture from `_digit_board`.

    >>> instance = next(make(seed=0, n=1))
    >>> solve(instance) == instance.answer
    True
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from PIL.Image import Image

from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.board import Board, draw, random_board, visible
from dataset_builder.categories.mental_tracking.digits import STROKES
from dataset_builder.categories.mental_tracking.puzzle import Colouring, Puzzle, apply, reading, search
from dataset_builder.categories.mental_tracking.recolouring import Mode
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.categories.shared.plan import Plan
from dataset_builder.drawing.colors import PALETTE
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, geu_instance, instance_rng

TASK = "mental_tracking"
MODES: dict[str, Mode] = {"sequential_recolouring": "sequential", "simultaneous_recolouring": "simultaneous"}

# Digits, and the (steps, colours) to choose from, by difficulty; the level's meaning is in the taxonomy.
SIZES: dict[tuple[Mode, Difficulty], tuple[tuple[int, tuple[tuple[int, int], ...]], ...]] = {
    ("sequential", "easy"): ((2, ((3, 3), (3, 4))),),
    ("sequential", "medium"): ((2, ((4, 3), (4, 4), (4, 5), (5, 4), (5, 5))),),
    ("sequential", "hard"): ((3, ((4, 3), (4, 4), (5, 4), (5, 5))), (2, ((6, 4), (6, 5)))),
    ("simultaneous", "easy"): ((2, ((3, 3), (3, 4))),),
    ("simultaneous", "medium"): ((2, ((4, 4), (4, 5), (5, 4), (5, 5))),),
    ("simultaneous", "hard"): ((3, ((3, 3), (4, 4), (5, 3), (5, 4), (5, 5))),),
}

_FRAMES: dict[Mode, tuple[str, ...]] = {
    "sequential": (
        "The strokes of these digits are recoloured step by step, each step starting from the result of the step "
        "before it. {numbered}",
        "Repaint the digits in this order: {then}.",
        "A painter works on the board, one job after another. {first}.",
        "Carry out these instructions one by one, always going by the colours as they are at that moment. {numbered}",
        "Picture the following changes happening in turn: {then}.",
        "Follow the colours through these stages. {stages}",
    ),
    "simultaneous": (
        "All of these changes happen at the same instant, so each stroke changes by its original colour only: {semi}.",
        "In a single flash the board changes, and only the original colours count: {semi}.",
        "Apply these rules at once, each to the picture as it is shown and none to the result of another. {rules}",
        "The following happens everywhere at the same moment, going by the original colours: {semi}.",
        "Every rule below looks only at the original picture, and all of them take effect together. {rules}",
    ),
}
_ASKS = (
    "Read from left to right, which digits do the {asked} strokes form afterwards?",
    "Which digits can then be read in {asked}, from left to right?",
    "After that, what do the strokes in {asked} show, from left to right?",
    "Looking only at {asked} strokes, which digits stand there in the end, left to right?",
    "From left to right, which digits are made of {asked} strokes when all is done?",
    "What reading, left to right, do the {asked} strokes give now?",
)


def make(seed: int, n: int) -> Iterator[Instance]:
    plan = Plan(seed, TASK)
    for number in range(1, n + 1):
        yield _instance(plan, number)


def _instance(plan: Plan, number: int) -> Instance:
    rng = instance_rng(plan.seed, TASK, number)
    subtask, difficulty = plan.subtask(number), plan.difficulty(number)
    letter, _ = deal(plan.seed, TASK, number)
    mode = MODES[subtask]
    positions, sizes = rng.choice(SIZES[mode, difficulty])
    light = rng.random() < 0.6
    puzzle = search(rng, mode, positions=positions, sizes=sizes, colours=visible(light))
    board = random_board(rng, positions, light)
    return geu_instance(
        TASK,
        number,
        subtask=subtask,
        image=webp_lossless(draw(board, puzzle.start)),
        question=_question(puzzle, rng),
        option=four(rng, puzzle.options[0], puzzle.options[1:], letter),
        answer=letter,
        reference_image=webp_lossless(draw(board, puzzle.end)),
        difficulty=difficulty,
        rationale=_rationale(puzzle),
        metadata={
            "seed": plan.seed,
            "number": number,
            "mode": mode,
            "steps": [step._asdict() for step in puzzle.steps],
            "asked": puzzle.asked,
            "board": board.as_json(),
            "slips": list(puzzle.slip_names),
        },
    )


def _question(puzzle: Puzzle, rng: random.Random) -> str:
    clauses = [rules.word(step, rng) for step in puzzle.steps]
    upper = [clause[0].upper() + clause[1:] for clause in clauses]
    middle = ["next", "after that", "then"]
    ordered = [f"{rng.choice(middle)} {clause}" for clause in clauses[1:-1]]
    story = ["First " + clauses[0], *ordered, "finally " + clauses[-1]]
    frame = rng.choice(_FRAMES[puzzle.mode])
    text = frame.format(
        numbered=" ".join(f"Step {number}: {clause}." for number, clause in enumerate(clauses, 1)),
        stages=" ".join(f"({number}) {clause}." for number, clause in enumerate(upper, 1)),
        rules=" ".join(f"Rule {number}: {clause}." for number, clause in enumerate(clauses, 1)),
        then="; then ".join(clauses),
        first="; ".join(story),
        semi="; ".join(clauses),
    )
    return f"{text} {rng.choice(_ASKS).format(asked=puzzle.asked)}"


def _rationale(puzzle: Puzzle) -> str:
    how = "one after another" if puzzle.mode == "sequential" else "all at once"
    return (
        f"After all {len(puzzle.steps)} steps, taken {how}, the {puzzle.asked} strokes form "
        f"{' '.join(puzzle.options[0])} from left to right."
    )


def solve(instance: Instance) -> str:
    """Reads stroke colours from the pixels and the steps from the question, recolours, reads the digits."""
    question, meta = instance.question or "", instance.meta
    board = Board.from_json(meta["board"])
    steps, mode, asked = rules.read_steps(question), rules.read_mode(question), rules.read_asked(question)
    if [step._asdict() for step in steps] != meta["steps"] or (mode, asked) != (meta["mode"], meta["asked"]):
        raise RealUnifyError(f"{instance.id}: the question's steps are not those of its metadata; rebuild the dataset")
    end = apply(rules.change(steps, mode, len(board.boxes)), stroke_colours(instance, board))
    found = reading(end, asked)
    return letter_of(instance, str(found))


def stroke_colours(instance: Instance, board: Board) -> Colouring:
    """The colour of every stroke, by name, from a small patch around its centre."""
    picture = instance.picture()
    return tuple(
        {stroke: _name(picture.crop(_patch(box.centre(stroke))), instance.id) for stroke in STROKES}
        for box in board.boxes
    )


def _patch(centre: tuple[float, float]) -> tuple[int, int, int, int]:
    x, y = round(centre[0]), round(centre[1])
    return x - 3, y - 3, x + 4, y + 4


def _name(patch: Image, where: str) -> str:
    """The palette colour of a patch, which must be of one colour all over."""
    colours = {colour for _, colour in patch.getcolors() or []}
    for name, value in PALETTE.items():
        if colours == {value}:
            return name
    raise RealUnifyError(
        f"{where}: a stroke's centre is not of one palette colour but of {sorted(map(str, colours))[:3]}"
    )


__all__ = ["MODES", "SIZES", "Board", "make", "solve", "stroke_colours"]
