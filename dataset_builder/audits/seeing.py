"""What has to be read can be read, and what has to be told apart can be told apart by everyone.

Models look at pictures of about 448 pixels, so letters are measured as they are after that; colours are compared
for normal vision and three deficiencies, as `drawing.colors` simulates them. Attentional focusing is about
acuity, and its small print is not held to the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PIL.Image import Image

from dataset_builder.audits._pixels import picture
from dataset_builder.audits._rule import EachRule, found_by, meta_of, procedural, procedural_geu
from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.map.content import LABEL_SIZE
from dataset_builder.categories.cognitive_navigation.map.layout import NOTE_SIZE
from dataset_builder.categories.mental_tracking import reader as tracking
from dataset_builder.categories.mental_tracking import stroke_colours
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.drawing.canvas import Box
from dataset_builder.drawing.colors import Rgb, distinguishable
from dataset_builder.drawing.fonts import font
from dataset_builder.instance import Instance

SIDE = 448  # pixels of the longest side, as small as models look at pictures
# Seven rows are the fewest in which every capital and figure has its own shape (the 5x7 dot matrix); two more are
# for what scaling down blurs.
LEAST = 9.0
INK = 110  # of 255: darker is ink


def heights(instance: Instance) -> Iterator[tuple[str, float]]:
    """What has to be read, and how high it is in the picture's own pixels."""
    if instance.task_type == "mental_tracking":
        board = Board.from_json(instance.meta["board"])
        yield from ((f"glyph {place}", box.height) for place, box in enumerate(board.boxes, 1))
    elif instance.subtask == "maze":
        size = instance.meta["badge"]
        for label, spot in instance.meta["labels"].items():
            x, y = spot["at"]  # inside the badge's rim, which is round
            box = (round(x - size * 0.25), round(y - size * 0.36), round(x + size * 0.25), round(y + size * 0.36))
            yield f"letter {label}", _ink(picture(instance), box)
    else:
        yield from _on_map(picture(instance), instance.meta)


def _on_map(shown: Image, spec: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for road in spec["roads"]:
        plate = drawing.number_plate(road["minutes"])
        left, top = drawing.corner(plate, road["badge"])
        box = (left + 6, top + 5, left + plate.width - 6, top + plate.height - 5)  # inside its outline
        yield f"number {road['minutes']}", _ink(shown, box)
    for name, at in spec["places"].items():
        note = spec["heights"].get(name, "")
        plate = drawing.name_plate(name, note)
        left, top = drawing.plate_corner(plate, at)
        # Its first letter alone: a capital, without the length of a p or a d.
        face = font(LABEL_SIZE, bold=True)
        start = left + (plate.width - round(face.getlength(name))) // 2 - 1
        yield f"name {name}", _ink(shown, (start, top, start + round(face.getlength(name[0])), top + LABEL_SIZE + 4))
        if note:
            bottom = top + plate.height
            yield f"height {note}", _ink(shown, (left + 4, bottom - NOTE_SIZE - 1, left + plate.width - 4, bottom - 1))


def _ink(shown: Image, box: Box) -> int:
    """Rows of the box between the first and the last with ink."""
    dark = shown.crop(box).convert("L").point([255 if value < INK else 0 for value in range(256)]).getbbox()
    return dark[3] - dark[1] if dark else 0


def legible(instance: Instance) -> Iterator[str]:
    scale = SIDE / max(picture(instance).size)
    for what, height in heights(instance):
        if height * scale < LEAST:
            yield f"{what} is {height * scale:.1f} px high at {SIDE} px, needs {LEAST:.0f}"


COLOR_QUESTIONS = ("count_tint", "odd_tint")  # of mental reconstruction
Colors = Mapping[str, str | Rgb]  # by the name that a problem calls it


def to_tell_apart(instance: Instance) -> list[tuple[Colors, Colors]]:
    """Groups of colours, each of the first to be told from each of the second."""
    meta = instance.meta
    if instance.task_type == "mental_tracking":
        board = Board.from_json(meta["board"])
        names = {name for glyph in stroke_colours(instance, board) for name in glyph.values()}
        names |= {name for step in tracking.read_steps(instance.question or "") for name in (step.source, step.target)}
        strokes = {name: name for name in sorted(names)}
        return [(strokes, strokes), (strokes, {"board": board.ground})]
    if instance.task_type == "cognitive_navigation":
        floors = {f"floor {number}": _rgb(color) for number, color in enumerate(meta["floors"], 1)}
        return [(floors, {"a wall's edge": _rgb(meta["walls"][-1])})]
    if instance.task_type == "attentional_focusing":
        options = {name: name for name in sorted(instance.option)}
        return [(options, options)]
    what = meta["question"].get("what")
    tints = {thing["tint"] for thing in meta["objects"] if thing["kind"] == what and thing.get("tint")}
    named = {name: name for name in sorted(tints | {option for option in instance.option if not option.isdigit()})}
    return [(named, named)]


def _by_color(instance: Instance) -> bool:
    """Whether who does not see colours as others do could be led astray."""
    if not procedural_geu(instance):
        return False
    meta = meta_of(instance)
    spec = meta.get("question", {})
    asked = spec.get("kind") in COLOR_QUESTIONS or meta.get("details", {}).get("goal", {}).get("kind") == "colour"
    return asked or "floors" in meta or instance.task_type == "mental_tracking"


def _lettered(instance: Instance) -> bool:
    return procedural(instance) and instance.task_type in ("mental_tracking", "cognitive_navigation")


def _rgb(values: list[int]) -> Rgb:
    red, green, blue = values
    return red, green, blue


def apart(instance: Instance) -> Iterator[str]:
    for ones, others in to_tell_apart(instance):
        for one, color in ones.items():
            for other, against in others.items():
                # Within a group each pair once, and none with itself.
                if (ones is not others or one < other) and not distinguishable(color, against):
                    yield f"{one} and {other} look alike to some people"


EACH = (
    EachRule(
        "legible",
        f"letters, numbers and names are at least {LEAST:.0f} px high once the longest side is {SIDE} px",
        found_by(legible, "draw them larger"),
        _lettered,
    ),
    EachRule(
        "colour vision",
        "colours to be told apart differ for normal vision, protanopia, deuteranopia and tritanopia",
        found_by(apart, "choose the colours from drawing.colors.SAFE"),
        _by_color,
    ),
)
