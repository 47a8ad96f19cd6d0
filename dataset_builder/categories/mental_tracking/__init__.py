"""Mental tracking: recolour the strokes of seven-segment glyphs in the head, then read the glyphs of one colour.

Two subtasks, by how the steps are to be taken: one after the other, or all at once. Puzzle and distractors
come from `puzzle`, steps and slips from `recolouring`, words and alphabets from `content.yaml`, the picture
from `board`.

    >>> instance = next(make(seed=0, n=1))
    >>> solve(instance) == instance.answer
    True
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL.Image import Image

from dataset_builder.categories.mental_tracking import reader, wording
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.board import Board, draw, random_board, visible
from dataset_builder.categories.mental_tracking.content import alphabet, words
from dataset_builder.categories.mental_tracking.glyphs import STROKES
from dataset_builder.categories.mental_tracking.puzzle import Colouring, apply, reading, search
from dataset_builder.categories.mental_tracking.recolouring import Mode
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.categories.shared.plan import Plan
from dataset_builder.drawing.colors import PALETTE
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, geu_instance, instance_rng

TASK = "mental_tracking"
MODES: dict[str, Mode] = {"sequential_recolouring": "sequential", "simultaneous_recolouring": "simultaneous"}

# Glyphs, and the (steps, colours) to choose from, by difficulty.
SIZES: dict[tuple[Mode, Difficulty], tuple[tuple[int, tuple[tuple[int, int], ...]], ...]] = {
    ("sequential", "easy"): ((2, ((3, 3), (3, 4))),),
    ("sequential", "medium"): ((2, ((4, 3), (4, 4), (4, 5), (5, 4), (5, 5))),),
    ("sequential", "hard"): ((3, ((4, 3), (4, 4), (5, 4), (5, 5))),),
    ("simultaneous", "easy"): ((2, ((3, 3), (3, 4))),),
    ("simultaneous", "medium"): ((2, ((4, 4), (4, 5), (5, 4), (5, 5))),),
    ("simultaneous", "hard"): ((3, ((4, 3), (4, 4), (5, 3), (5, 4), (5, 5))),),
}
# Glyphs times steps, `work` in the metadata: what has to be carried out, one step on one glyph counted once.
WORK: dict[Difficulty, range] = {"easy": range(6, 7), "medium": range(8, 11), "hard": range(12, 16)}


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
    told = rng.choices(words().alphabets, [one.share for one in words().alphabets])[0]
    puzzle = search(rng, mode, told, positions=positions, sizes=sizes, colours=visible(light))
    board = random_board(rng, positions, light)
    return geu_instance(
        TASK,
        number,
        subtask=subtask,
        image=webp_lossless(draw(board, puzzle.start)),
        question=wording.question(puzzle, rng),
        option=four(rng, puzzle.options[0], puzzle.options[1:], letter),
        answer=letter,
        reference_image=webp_lossless(draw(board, puzzle.end)),
        difficulty=difficulty,
        rationale=wording.rationale(puzzle),
        metadata={
            "seed": plan.seed,
            "number": number,
            "mode": mode,
            "alphabet": told.name,
            "steps": [step._asdict() for step in puzzle.steps],
            "asked": puzzle.asked,
            "work": positions * len(puzzle.steps),
            "board": board.as_json(),
            "start": list(puzzle.start),
            "slips": list(puzzle.slip_names),
        },
    )


def solve(instance: Instance) -> str:
    """Reads stroke colours from the pixels and the steps from the question, recolours, reads the glyphs."""
    question, meta = instance.question or "", instance.meta
    board = Board.from_json(meta["board"])
    steps, mode, asked = reader.read_steps(question), reader.read_mode(question), reader.read_asked(question)
    told = reader.read_alphabet(question)
    if [step._asdict() for step in steps] != meta["steps"] or (mode, asked, told) != (
        meta["mode"],
        meta["asked"],
        meta["alphabet"],
    ):
        raise RealUnifyError(f"{instance.id}: the question's steps are not those of its metadata; rebuild the dataset")
    end = apply(rules.change(steps, mode, len(board.boxes)), stroke_colours(instance, board))
    found = reading(end, asked, alphabet(told))
    return letter_of(instance, str(found))


def inspect(instance: Instance) -> list[str]:
    """Whether the work is that of the level."""
    meta = instance.meta
    work = len(meta["board"]["boxes"]) * len(meta["steps"])
    if work == meta["work"] and work in WORK[instance.difficulty]:
        return []
    level = f"the level {instance.difficulty} is of {WORK[instance.difficulty]}"
    return [f"the work is {work}, the metadata say {meta['work']}, {level}"]


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


__all__ = ["MODES", "SIZES", "Board", "inspect", "make", "solve", "stroke_colours"]
