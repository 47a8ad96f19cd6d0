"""The pictures of mental tracking: a board with coloured seven-segment glyphs, before and after.

>>> board = random_board(random.Random(0), positions=2, light=True)
>>> draw(board, [dict.fromkeys("abcdefg", "red"), dict.fromkeys("abcdefg", "blue")]).size == board.size
True
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from PIL import Image, ImageDraw, ImageFilter

from dataset_builder.categories.mental_tracking.glyphs import STROKES, Ends, GlyphBox
from dataset_builder.drawing.colors import SAFE, Rgb, distance, rgb

_SCALE = 2  # drawn larger and reduced: smooth edges
_PATTERNS = ("plain", "dots", "stripes", "rings", "waves", "tiles")
# Walls behind the board, top and bottom of a gradient; soft, so that the glyphs are what one looks at.
_WALLS: tuple[tuple[Rgb, Rgb], ...] = (
    ((214, 232, 240), (168, 202, 219)), ((249, 231, 214), (236, 199, 170)), ((223, 236, 216), (176, 206, 165)),
    ((232, 224, 242), (196, 182, 220)), ((92, 106, 130), (52, 62, 84)), ((74, 112, 110), (38, 68, 70)),
    ((244, 238, 222), (216, 204, 178)), ((112, 84, 104), (66, 46, 66)), ((236, 240, 244), (190, 198, 208)),
)  # fmt: skip
_LIGHT: tuple[Rgb, ...] = ((255, 253, 246), (240, 243, 246), (247, 240, 226), (233, 240, 238))
_DARK: tuple[Rgb, ...] = ((50, 54, 62), (42, 54, 60), (58, 56, 54), (36, 38, 44))
_FRAMES: tuple[Rgb, ...] = ((158, 116, 74), (104, 112, 122), (202, 170, 96), (70, 74, 84), (250, 250, 250))


@dataclass(frozen=True)
class Board:
    """Everything about a picture but the strokes' colours."""

    size: tuple[int, int]
    wall: int
    pattern: str
    ground: Rgb
    frame: Rgb
    panel: tuple[int, int, int, int]
    ends: Ends
    gap: float
    boxes: tuple[GlyphBox, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        def triple(values: Sequence[int]) -> Rgb:
            return (values[0], values[1], values[2])

        tuples = {"size": tuple(data["size"]), "panel": tuple(data["panel"])}
        colours = {"ground": triple(data["ground"]), "frame": triple(data["frame"])}
        return cls(**{**data, **tuples, **colours, "boxes": tuple(GlyphBox(**box) for box in data["boxes"])})


def visible(light: bool) -> list[str]:
    """The colours that stand out from every light (or dark) board."""
    grounds = _LIGHT if light else _DARK
    return [colour for colour in SAFE if all(distance(rgb(colour), ground) >= 30 for ground in grounds)]


def random_board(rng: random.Random, positions: int, light: bool) -> Board:
    wide = positions > 2
    width = rng.randrange(820, 921, 20) if wide else rng.randrange(720, 861, 20)
    height = rng.randrange(480, 581, 20) if wide else rng.randrange(580, 681, 20)
    aside, above = rng.randint(28, 84), rng.randint(28, 84)
    panel = (aside, above, width - aside, height - above)
    return Board(
        size=(width, height),
        wall=rng.randrange(len(_WALLS)),
        pattern=rng.choice(_PATTERNS),
        ground=rng.choice(_LIGHT if light else _DARK),
        frame=rng.choice(_FRAMES),
        panel=panel,
        ends=rng.choice(("pointed", "round", "cut")),
        gap=rng.uniform(0.11, 0.16),
        boxes=_boxes(rng, panel, positions),
    )


def _boxes(rng: random.Random, panel: tuple[int, int, int, int], positions: int) -> tuple[GlyphBox, ...]:
    """Glyphs in a row in the middle of the panel, as large as fits or a little smaller, no two rows alike."""
    room, tallest = panel[2] - panel[0] - 96, panel[3] - panel[1] - 96
    spread, tall, slant = rng.uniform(0.42, 0.7), rng.uniform(1.6, 2.0), rng.choice((0.0, 0.0, 0.06, 0.1, 0.13))
    across = positions + spread * (positions - 1)  # in widths of a glyph; a slant adds half its lean on either side
    width = min(room / (across + slant * tall), tallest / tall) * rng.uniform(0.84, 0.99)
    height, thickness = width * tall, width * rng.uniform(0.19, 0.25)
    left = (panel[0] + panel[2] - across * width) / 2
    top = (panel[1] + panel[3] - height) / 2
    boxes = []
    for place in range(positions):
        x = left + place * width * (1 + spread)
        x, y, w, h, t = (round(size, 1) for size in (x, top, width, height, thickness))
        boxes.append(GlyphBox(x, y, w, h, t, slant))
    return tuple(boxes)


def draw(board: Board, colouring: Sequence[Mapping[str, str]]) -> Image.Image:
    """The picture with strokes coloured by name, one mapping of stroke to colour for each glyph."""
    picture = _empty(board).copy()
    pen = ImageDraw.Draw(picture)
    dark_ground = sum(board.ground) < 384
    for grow, colours in ((True, None), (False, colouring)):
        for place, box in enumerate(board.boxes):
            for stroke in STROKES:
                fill = rgb(colours[place][stroke]) if colours else None
                edge = (18, 20, 26) if dark_ground else (58, 60, 66)
                _stroke(pen, board, box, stroke, fill or edge, 2.0 if grow else 0.0)
    return picture.reduce(_SCALE)


@functools.lru_cache(maxsize=1)  # the picture and its reference share it
def _empty(board: Board) -> Image.Image:
    picture = _wall(board)
    _hang_panel(picture, board)
    return picture


def _stroke(pen: ImageDraw.ImageDraw, board: Board, box: GlyphBox, stroke: str, fill: Rgb, grow: float) -> None:
    """One stroke; `grow` pixels larger on every side for the edge that lies under it."""
    gap = board.gap * box.thickness
    if board.ends == "round":
        outline = box.outline(stroke, "round", gap)
        start, end = outline[0], outline[3]
        inset = box.thickness / 2 / math.dist(start, end)
        line = [(x * _SCALE, y * _SCALE) for x, y in (_between(start, end, inset), _between(start, end, 1 - inset))]
        radius = (box.thickness / 2 + grow) * _SCALE
        pen.line(line, fill=fill, width=round(2 * radius))
        for x, y in line:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        return
    points = box.outline(stroke, board.ends, gap)
    middle = box.centre(stroke)
    grown = []
    for x, y in points:
        away = math.dist((x, y), middle) or 1.0
        grown.append(
            ((x + (x - middle[0]) / away * grow * 1.3) * _SCALE, (y + (y - middle[1]) / away * grow * 1.3) * _SCALE)
        )
    pen.polygon(grown, fill=fill)
    if grow:
        pen.line([*grown, grown[0]], fill=fill, width=round(2 * grow * _SCALE), joint="curve")


def _between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _wall(board: Board) -> Image.Image:
    """The background: a gradient with a faint pattern, the same for the picture and its reference."""
    top, bottom = _WALLS[board.wall]
    ramp = Image.linear_gradient("L").resize(board.size)
    picture = Image.composite(Image.new("RGB", board.size, bottom), Image.new("RGB", board.size, top), ramp)
    size = (board.size[0] * _SCALE, board.size[1] * _SCALE)
    layer = Image.new("L", size, 0)
    pen = ImageDraw.Draw(layer)
    unit = 36 * _SCALE
    width, height = size
    if board.pattern == "dots":
        for row, y in enumerate(range(0, height + unit, unit)):
            for x in range(unit // 2 * (row % 2), width + unit, unit):
                pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill=60)
    elif board.pattern == "stripes":
        for x in range(-height, width, 2 * unit):
            pen.polygon([(x, height), (x + unit, height), (x + unit + height, 0), (x + height, 0)], fill=34)
    elif board.pattern == "rings":
        for radius in range(unit, width + height, 2 * unit):
            pen.ellipse((-radius, height - radius, radius, height + radius), outline=46, width=12)
    elif board.pattern == "waves":
        for y in range(0, height + unit, unit):
            wave = [(x, y + unit * 0.3 * math.sin(x / unit)) for x in range(0, width + 20, 20)]
            pen.line(wave, fill=46, width=8, joint="curve")
    elif board.pattern == "tiles":
        for row, y in enumerate(range(0, height, unit)):
            pen.line((0, y, width, y), fill=44, width=6)
            for x in range(unit * (row % 2), width, 2 * unit):
                pen.line((x, y, x, y + unit), fill=44, width=6)
    picture.paste((255, 255, 255), (0, 0), layer.reduce(_SCALE))
    return picture.resize(size, Image.Resampling.NEAREST)


def _hang_panel(picture: Image.Image, board: Board) -> None:
    """The board itself: soft shadow, frame, ground, four screws."""
    left, top, right, bottom = (value * _SCALE for value in board.panel)
    # The shadow is blurred small and enlarged: the same look at a fraction of the time.
    small = (picture.width // 8, picture.height // 8)
    shade = Image.new("L", small, 0)
    ImageDraw.Draw(shade).rounded_rectangle((left // 8 + 2, top // 8 + 4, right // 8 + 3, bottom // 8 + 5), 6, fill=120)
    shade = shade.filter(ImageFilter.GaussianBlur(3)).resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste((20, 22, 34), (0, 0), shade)
    pen = ImageDraw.Draw(picture)
    edge = tuple(value * 3 // 4 for value in board.frame)
    pen.rounded_rectangle((left, top, right, bottom), 44, fill=board.frame, outline=edge, width=4)
    inner = 16 * _SCALE
    pen.rounded_rectangle(
        (left + inner, top + inner, right - inner, bottom - inner), 26, fill=board.ground, outline=edge, width=4
    )
    for x in (left + inner // 2 + 6, right - inner // 2 - 6):
        for y in (top + inner // 2 + 6, bottom - inner // 2 - 6):
            pen.ellipse((x - 8, y - 8, x + 8, y + 8), fill=edge)
