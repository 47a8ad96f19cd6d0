"""Reference pictures show what the question asks for, read from their pixels and never from the stored answer.

Tracking: every stroke has the colour that the question's steps make of the picture's own, and nothing else
changed. Focusing: every thing on the way to the asked one is as bright as it was, in a frame, the asked print is
there once more, enlarged so that it can be read in a small copy, and all else is dimmed.
Marked routes are in `audits.routes`, shuffled patches in `audits.pictures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

from dataset_builder.audits import routes
from dataset_builder.audits._pixels import Mask, before_and_after, is_color, picture, same_size
from dataset_builder.audits._rule import EachRule, FoundIn, Seen, WholeRule, found_by, ours_geu, procedural
from dataset_builder.categories.attentional_focusing import trail_of
from dataset_builder.categories.attentional_focusing.details import Detail, extent
from dataset_builder.categories.attentional_focusing.reference import OUTSIDE, READ, SMALL_SIDE
from dataset_builder.categories.attentional_focusing.scene import thing_from_json
from dataset_builder.categories.mental_tracking import reader as tracking
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking import stroke_colours
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.categories.mental_tracking.glyphs import STROKES, GlyphBox
from dataset_builder.categories.mental_tracking.puzzle import apply
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import rgb
from dataset_builder.instance import Instance

MEND = "draw the reference again, or rebuild the dataset"
DIM = 0.38  # brightness of what a highlighted picture leaves out
FRAME = (255, 226, 40)
BLOCK = 8  # lossy pictures are compared by the means of blocks
# What lossy encoding may do to a block's mean, of 255: more where colours are saturated and bright (20) than where
# they are dimmed (10).
LIT_LOSS, DIM_LOSS = 36, 20
LINE_LOSS = 48  # the same for a single pixel of a frame


def recoloured(instance: Instance) -> Iterator[str]:
    """The strokes as they are after the question's steps; every other pixel as it was."""
    from scipy import ndimage

    board, question = Board.from_json(instance.meta["board"]), instance.question or ""
    steps = rules.change(tracking.read_steps(question), tracking.read_mode(question), len(board.boxes))
    start = stroke_colours(instance, board)
    wanted = apply(steps, start)
    found = stroke_colours(instance.model_copy(update={"image": instance.reference_image}), board)
    before, after, changed = before_and_after(instance)
    strokes = np.zeros(changed.shape, dtype=bool)
    for place, box in enumerate(board.boxes):
        for stroke in STROKES:
            was, now, shown = start[place][stroke], wanted[place][stroke], found[place][stroke]
            if shown != now:
                yield f"stroke {stroke} of glyph {place + 1} is {shown}, the steps make it {now}"
            elif was != now:
                part, centre = _part(box, stroke)
                pieces = ndimage.label(is_color(before[part], rgb(was)))[0]
                piece = pieces == pieces[centre]
                if not is_color(after[part], rgb(now))[piece].all():
                    yield f"stroke {stroke} of glyph {place + 1} is {now} only in part"
                strokes[part] |= piece
    # Two pixels around a stroke are a mixture of its colour and its edge's.
    apart = changed & ~ndimage.binary_dilation(strokes, iterations=2, structure=np.ones((3, 3)))
    if apart.any():
        yield f"{int(apart.sum())} pixels changed that belong to no recoloured stroke"


def _part(box: GlyphBox, stroke: str) -> tuple[tuple[slice, slice], tuple[int, int]]:
    """The part of the picture that holds the stroke, and the stroke's centre in it (row and column)."""
    reach = round(box.height / 2)  # a stroke is half a glyph's height long, or its width
    x, y = (round(value) for value in box.centre(stroke))
    left, top = max(0, x - reach), max(0, y - reach)
    return (slice(top, y + reach), slice(left, x + reach)), (y - top, x - left)


def relevant(instance: Instance) -> list[Box]:
    """The things of the question's chain, from the first to the asked one."""
    things = [thing_from_json(row) for row in instance.meta["objects"]]
    return [things[index].box for index in trail_of(instance.meta, things)]


def lit(instance: Instance) -> Iterator[str]:
    """Bright and framed where the chain's things are, enlarged where the inset is, and dark everywhere else."""
    same_size(instance)
    shown, reference = (
        np.asarray(picture(instance, column).reduce(BLOCK), dtype=np.float32) for column in ("image", "reference_image")
    )
    boxes = relevant(instance)
    x0, y0, x1, y1 = instance.meta["inset"]["at"]
    inset = (x0, y0, x1, y1)
    yield from inset_problems(instance, boxes)
    inside, outside = (np.full(shown.shape[:2], value) for value in (False, True))
    on_line = ~outside
    for box in (*boxes, inset):
        touched, within = _around(shown.shape[:2], box)
        inside, outside, on_line = inside | (within & (box != inset)), outside & ~touched, on_line | (touched & ~within)
    for where, share, loss, what in (
        (inside & ~on_line, 1.0, LIT_LOSS, "not as bright as it was"),
        (outside, DIM, DIM_LOSS, "not dimmed"),
    ):
        wrong = (np.abs(reference - share * shown).max(axis=2) > loss) & where
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            yield f"the reference is {what} around ({column * BLOCK}, {row * BLOCK}) px"
    yield from (
        f"no frame around the region at {box[:2]} px" for box in (*boxes, inset) if not _framed(instance, box, boxes)
    )


def _around(shape: tuple[int, ...], box: Box) -> tuple[Mask, Mask]:
    """Which blocks the box with its frame touches, and which are wholly within the box."""
    x0, y0, x1, y1 = box
    y, x = (BLOCK * index for index in np.ogrid[: shape[0], : shape[1]])
    touched = (x + BLOCK > x0 - OUTSIDE - 4) & (x < x1 + OUTSIDE + 5)
    touched = touched & (y + BLOCK > y0 - OUTSIDE - 4) & (y < y1 + OUTSIDE + 5)
    return touched, (x >= x0 - 4) & (x + BLOCK <= x1 + 4) & (y >= y0 - 4) & (y + BLOCK <= y1 + 4)


def _near(one: Box, other: Box) -> bool:
    room = 2 * OUTSIDE
    return (
        one[0] < other[2] + room and other[0] < one[2] + room and one[1] < other[3] + room and other[1] < one[3] + room
    )


def inset_problems(instance: Instance, boxes: Sequence[Box]) -> Iterator[str]:
    """The inset shows the whole of what is asked, large enough, as it is in the picture, and hides nothing lit."""
    meta, shown = instance.meta, picture(instance)
    part, at = (tuple(meta["inset"][name]) for name in ("of", "at"))
    things = [thing_from_json(row) for row in meta["objects"]]
    goal, detail = things[trail_of(meta, things)[-1]], Detail(**meta["details"]["goal"])
    x0, y0, x1, y1 = extent(detail, goal.values[meta["question"]["ask"]])
    if x0 < part[0] or y0 < part[1] or x1 > part[2] or y1 > part[3]:
        yield "the inset shows what is asked only in part"
    high = detail.height * (at[3] - at[1]) / (part[3] - part[1]) * SMALL_SIDE / max(shown.size)
    if high < READ:
        yield f"what is asked is {high:.1f} px high in the inset at {SMALL_SIDE} px, needs {READ:.0f}"
    if any(_near(at, box) for box in boxes):
        yield "the inset hides a thing that is lit"
    large = shown.crop(part).resize((at[2] - at[0], at[3] - at[1]), Image.Resampling.BICUBIC)
    there = picture(instance, "reference_image").crop(at)
    # Blocks of as much of the picture as elsewhere.
    ones, others = (np.asarray(image.reduce(3 * BLOCK), dtype=np.float32) for image in (large, there))
    if np.abs(ones - others).max() > LIT_LOSS:
        yield "the inset is not the enlarged part of the picture"


def _framed(instance: Instance, box: Box, lit: Sequence[Box]) -> bool:
    """Whether the frame's line runs along every side of the region, as far as it is in the picture and not in `lit`."""
    after = np.asarray(picture(instance, "reference_image"), dtype=np.int16)
    line = np.abs(after - FRAME).max(axis=2) <= LINE_LOSS
    seen = np.full(line.shape, True)
    for x0, y0, x1, y1 in lit:
        if (x0, y0, x1, y1) != box:
            seen[max(0, y0 - OUTSIDE) : y1 + OUTSIDE, max(0, x0 - OUTSIDE) : x1 + OUTSIDE] = False
    way, corner = OUTSIDE - 3, 8  # to the middle of the line
    (x0, x1), (y0, y1) = ((low - way, high + way - 1) for low, high in ((box[0], box[2]), (box[1], box[3])))
    across, along = slice(max(0, x0 + corner), max(0, x1 - corner)), slice(max(0, y0 + corner), max(0, y1 - corner))
    sides = [(line[y, across], seen[y, across]) for y in (y0, y1) if 0 <= y < line.shape[0]]
    sides += [(line[along, x], seen[along, x]) for x in (x0, x1) if 0 <= x < line.shape[1]]
    return all(drawn[free].mean() > 0.95 for drawn, free in sides if free.any())


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
        "the things on the way are framed and as bright as they were, the asked one is enlarged, all else is dimmed",
        found_by(lit, MEND),
        _of("attentional_focusing"),
    ),
)
WHOLE = (WholeRule("references differ", "no reference is the question's own picture", differ, ours_geu),)
