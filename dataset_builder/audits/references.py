"""Reference pictures show what the question asks for, read from their pixels and never from the stored answer.

Tracking: every stroke has the colour that the question's steps make of the picture's own, and nothing else
changed. Focusing: what the question is about is as bright as it was, in a frame, and all else is dimmed.
Marked routes are in `audits.routes`, shuffled patches in `audits.pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from dataset_builder.audits import routes
from dataset_builder.audits._pixels import before_and_after, is_color, picture, same_size
from dataset_builder.audits._rule import EachRule, FoundIn, Seen, WholeRule, found_by, ours_geu, procedural
from dataset_builder.categories.attentional_focusing import questions as focusing
from dataset_builder.categories.attentional_focusing.things import Thing, thing_from_json
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking import stroke_colours
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.categories.mental_tracking.digits import STROKES, DigitBox
from dataset_builder.categories.mental_tracking.puzzle import apply
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import rgb
from dataset_builder.instance import Instance

MEND = "draw the reference again, or rebuild the dataset"
DIM = 0.38  # brightness of what a highlighted picture leaves out
FRAME = (255, 226, 40)
OUTSIDE = 14  # pixels from what is lit to the outer edge of its frame, whose line is 6 wide
BLOCK = 8  # lossy pictures are compared by the means of blocks
# What lossy encoding may do to a block's mean, of 255: more where colours are saturated and bright (20) than where
# they are dimmed (10).
LIT_LOSS, DIM_LOSS = 32, 16
LINE_LOSS = 48  # the same for a single pixel of a frame


def recoloured(instance: Instance) -> Iterator[str]:
    """The strokes as they are after the question's steps; every other pixel as it was."""
    from scipy import ndimage

    board, question = Board.from_json(instance.meta["board"]), instance.question or ""
    steps = rules.change(rules.read_steps(question), rules.read_mode(question), len(board.boxes))
    start = stroke_colours(instance, board)
    wanted = apply(steps, start)
    found = stroke_colours(instance.model_copy(update={"image": instance.reference_image}), board)
    before, after, changed = before_and_after(instance)
    strokes = np.zeros(changed.shape, dtype=bool)
    for place, box in enumerate(board.boxes):
        for stroke in STROKES:
            was, now, shown = start[place][stroke], wanted[place][stroke], found[place][stroke]
            if shown != now:
                yield f"stroke {stroke} of digit {place + 1} is {shown}, the steps make it {now}"
            elif was != now:
                part, centre = _part(box, stroke)
                pieces = ndimage.label(is_color(before[part], rgb(was)))[0]
                piece = pieces == pieces[centre]
                if not is_color(after[part], rgb(now))[piece].all():
                    yield f"stroke {stroke} of digit {place + 1} is {now} only in part"
                strokes[part] |= piece
    # Two pixels around a stroke are a mixture of its colour and its edge's.
    apart = changed & ~ndimage.binary_dilation(strokes, iterations=2, structure=np.ones((3, 3)))
    if apart.any():
        yield f"{int(apart.sum())} pixels changed that belong to no recoloured stroke"


def _part(box: DigitBox, stroke: str) -> tuple[tuple[slice, slice], tuple[int, int]]:
    """The part of the picture that holds the stroke, and the stroke's centre in it (row and column)."""
    reach = round(box.height / 2)  # a stroke is half a digit's height long, or its width
    x, y = (round(value) for value in box.centre(stroke))
    left, top = max(0, x - reach), max(0, y - reach)
    return (slice(top, y + reach), slice(left, x + reach)), (y - top, x - left)


def relevant(spec: focusing.Spec, things: Sequence[Thing]) -> list[Box]:
    """The asked things one by one, or as one box with what they are found by."""
    found = focusing.asked(spec, things)
    if "landmark" not in spec:
        return [things[index].box for index in found]
    mark = focusing.only([index for index, thing in enumerate(things) if thing.kind == spec["landmark"]], "landmark")
    found.append(mark)
    if "side" in spec:
        found.append(focusing.beside(things, mark, spec["side"]))
    corners = np.array([things[index].box for index in found])
    (x0, y0), (x1, y1) = corners[:, :2].min(axis=0).tolist(), corners[:, 2:].max(axis=0).tolist()
    return [(x0, y0, x1, y1)]


def lit(instance: Instance) -> Iterator[str]:
    """Bright where the answer is, framed, and dark everywhere else."""
    same_size(instance)
    shown, reference = (
        np.asarray(picture(instance, column).reduce(BLOCK), dtype=np.float32) for column in ("image", "reference_image")
    )
    boxes = relevant(instance.meta["question"], [thing_from_json(row) for row in instance.meta["objects"]])
    y, x = (BLOCK * index for index in np.ogrid[: shown.shape[0], : shown.shape[1]])
    inside, outside, on_line = (np.full(shown.shape[:2], value) for value in (False, True, False))
    for x0, y0, x1, y1 in boxes:
        touched = (x + BLOCK > x0 - OUTSIDE - 4) & (x < x1 + OUTSIDE + 5)
        touched = touched & (y + BLOCK > y0 - OUTSIDE - 4) & (y < y1 + OUTSIDE + 5)
        within = (x >= x0 - 4) & (x + BLOCK <= x1 + 4) & (y >= y0 - 4) & (y + BLOCK <= y1 + 4)
        inside, outside, on_line = inside | within, outside & ~touched, on_line | (touched & ~within)
    for where, share, loss, what in (
        (inside & ~on_line, 1.0, LIT_LOSS, "not as bright as it was"),
        (outside, DIM, DIM_LOSS, "not dimmed"),
    ):
        wrong = (np.abs(reference - share * shown).max(axis=2) > loss) & where
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            yield f"the reference is {what} around ({column * BLOCK}, {row * BLOCK}) px"
    yield from (f"no frame around the region at {box[:2]} px" for box in boxes if not _framed(instance, box))


def _framed(instance: Instance, box: Box) -> bool:
    """Whether the frame's line runs along every side of the region that is inside the picture."""
    after = np.asarray(picture(instance, "reference_image"), dtype=np.int16)
    line, corner = OUTSIDE - 3, 8  # the middle of the line; its corners are round
    (x0, x1), (y0, y1) = ((low - line, high + line) for low, high in ((box[0], box[2]), (box[1], box[3])))
    across, along = slice(max(0, x0 + corner), max(0, x1 - corner)), slice(max(0, y0 + corner), max(0, y1 - corner))
    sides = [after[y, across] for y in (y0, y1) if 0 <= y < after.shape[0]]
    sides += [after[along, x] for x in (x0, x1) if 0 <= x < after.shape[1]]
    return all((np.abs(side - FRAME).max(axis=1) <= LINE_LOSS).mean() > 0.95 for side in sides)


def differ(rows: Sequence[Seen]) -> FoundIn:
    """A reference that is the question's own picture explains nothing."""
    for row in rows:
        facts = row.pictures
        if "reference_image" in facts and "image" in facts and facts["image"].pixels == facts["reference_image"].pixels:
            yield row.instance.id, "the reference is the question's own picture", MEND


def _of(task_type: str) -> Callable[[Instance], bool]:
    """Applies to what is procedural and of this category; that a reference is missing is told by `fields`."""
    return lambda instance: (
        procedural(instance) and instance.task_type == task_type and instance.reference_image is not None
    )


EACH = (
    EachRule(
        "recoloured references",
        "every stroke has the colour that the steps make of the picture's own, and nothing else changed",
        found_by(recoloured, MEND),
        _of("mental_tracking"),
    ),
    EachRule(
        "marked references",
        "the marking covers the solver's route from end to end, and nothing else changed",
        found_by(routes.marked, MEND),
        _of("cognitive_navigation"),
    ),
    EachRule(
        "lit references",
        "what the question is about is framed and as bright as it was, all else is dimmed",
        found_by(lit, MEND),
        _of("attentional_focusing"),
    ),
)
WHOLE = (WholeRule("references differ", "no reference is the question's own picture", differ, ours_geu),)
