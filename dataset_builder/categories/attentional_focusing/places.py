"""Where a crowded picture's things stand: the layouts (shop shelves, market, workshop, festival ...).

A layout gives a background and rows of places; `Place.foot` is where a thing's lower edge is put, and there
is room for a label just below it. Indoors the rows are shelves, outdoors they grow towards the viewer.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from dataset_builder.drawing import sprites
from dataset_builder.drawing.backgrounds import background
from dataset_builder.drawing.canvas import Brush, jitter, mix, soft_light
from dataset_builder.drawing.colors import Rgb

SIZES = ((1600, 1600), (1792, 1344), (1920, 1440), (2048, 1536), (1680, 1680), (1760, 1440))
Rows = list[tuple[int, int]]  # per row: y of the foot, height of the row


@dataclass(frozen=True)
class Place:
    """A free place: its row, its middle, its foot, and the room for a thing and for a label."""

    row: int
    x: int
    foot: int
    room: int
    label: int


@dataclass(frozen=True)
class Layout:
    """One kind of crowded picture: how it is painted and which sprites fill it."""

    name: str
    noun: str
    outdoors: str | None  # the background's name
    pool: tuple[str, ...]


def _pool(*tags: str, without: str = "") -> tuple[str, ...]:
    found = {name for tag in tags for name in sprites.names(tag)} - set(without.split())
    return tuple(sorted(found))


_ANYTHING = ("household", "toy", "tool", "clothes", "music", "sport")
_TOO_LARGE = "bed sofa bathtub door"
LAYOUTS: tuple[Layout, ...] = (
    Layout("toy_shop", "toy shop", None, _pool("toy", "sport", "music", "animal", without="balloon kite")),
    Layout("workshop", "workshop", None, _pool("tool", "household", "prop", without=_TOO_LARGE)),
    Layout("grocery", "grocery shop", None, _pool("fruit", "food", "vegetable", "household", without=_TOO_LARGE)),
    Layout("wardrobe", "clothes shop", None, _pool("clothes", "household", "flower", without=_TOO_LARGE)),
    Layout("museum", "museum store", None, _pool("museum", "music", "treasure", "animal", "landmark", "building")),
    Layout("library", "second-hand shop", None, _pool("book", *_ANYTHING, without="balloon kite")),
    Layout("market", "market", None, _pool("fruit", "vegetable", "food", "flower", "sweet", "household")),
    Layout("festival", "park festival", "park", _pool("person", "toy", "music", "pet", "food", "plant")),
    Layout("street", "busy street", "street", _pool("road", "person", "pet", "household", "plant", "landmark")),
    Layout("beach", "beach", "beach", _pool("beach", "sport", "toy", "person", "clothes", "fruit", "bird")),
    Layout("farm", "farm fair", "farm", _pool("farm", "vegetable", "fruit", "tool", "person", "plant", "pet")),
    Layout("winter", "winter fair", "snow", _pool("snow", "person", "clothes", "sweet", "toy", "pet", "music")),
    Layout("camp", "night camp", "camp", _pool("camp", "forest", "household", "tool", "music", "animal", "person")),
    Layout("desert", "desert market", "desert", _pool("zoo", "road", "household", "treasure", "fruit", "plant")),
    Layout("zoo", "zoo", "savanna", _pool("zoo", "animal", "person", "toy", "sweet", "tree", "plant")),
    Layout("flea_market", "flea market", "park", _pool(*_ANYTHING, "treasure", "book")),
)  # fmt: skip


def stage(rng: random.Random, layout: Layout, wanted: int) -> tuple[Image.Image, list[list[Place]]]:
    """A background and rows of at least `wanted` places, left to right."""
    size = rng.choice(SIZES)
    if layout.outdoors:
        small, ground = background(layout.outdoors, 800, rng)
        # Less sky than in a landscape: the crowd is on the ground.
        cut = ground * 46 // 100
        picture = small.resize(size, Image.Resampling.BICUBIC, box=(0, cut, 800, 800))
        top, flare = (ground - cut) * size[1] // (800 - cut) - 30, 26
    else:
        picture, top, flare = Image.new("RGB", size), 30, 0
    columns, count = _grid(size[0] - 40, size[1] - top - 30, wanted)
    rows = _rows(top, size[1] - 24, count, flare)
    if not layout.outdoors:
        picture = _INDOORS.get(layout.name, _shelves)(size, rows, rng)
    return picture, [_row(rng, size[0], i, foot, high, columns, flare) for i, (foot, high) in enumerate(rows)]


def _grid(width: int, height: int, wanted: int) -> tuple[int, int]:
    """Columns and rows whose places are about as high as wide, at least `wanted` in all."""
    rows = 3
    while True:
        columns = (wanted + rows - 1) // rows
        if height * 100 // rows <= 128 * width // columns:
            return columns, rows
        rows += 1


def _rows(top: int, bottom: int, count: int, flare: int) -> Rows:
    """Rows from top to bottom; `flare` makes the nearest that many per cent higher than the middle one."""
    weights = [100 - flare + 2 * flare * i // max(1, count - 1) for i in range(count)]
    rows, y, total = [], top, sum(weights)
    for weight in weights:
        high = (bottom - top) * weight // total
        y += high
        rows.append((y - high * 30 // 100, high))
    return rows


def _row(rng: random.Random, width: int, index: int, foot: int, high: int, columns: int, flare: int) -> list[Place]:
    pitch = (width - 40) // columns
    shake = pitch // 26
    # The widest text is about four times as long as a label is high: plates side by side must not touch.
    label = max(20, min(32, high * 21 // 100, pitch * 21 // 100))
    places = []
    for column in range(columns):
        x = 20 + pitch * column + pitch // 2 + rng.randint(-shake, shake)
        y = foot + (rng.randint(-high // 15, high // 15) if flare else 0)
        places.append(Place(index, x, y, min(122, high * 62 // 100, pitch * 84 // 100), label))
    return places


def _shelves(size: tuple[int, int], rows: Rows, rng: random.Random) -> Image.Image:
    """A back wall of vertical boards and a plank under every row."""
    wall = jitter(
        rng.choice(((214, 196, 170), (176, 196, 200), (198, 186, 210), (190, 204, 176), (216, 184, 172))), rng
    )
    picture = Image.new("RGB", size, wall)
    brush = Brush(picture, zoom=1)
    board = rng.choice((90, 120, 160))
    for x in range(0, size[0], board):
        brush.rectangle((x + 2, 0, x + board - 2, size[1]), jitter(wall, rng, 6))
    _planks(brush, rows, jitter((140, 98, 62), rng, 18))
    return soft_light(brush.done(), rng, strength=20)


def _pegboard(size: tuple[int, int], rows: Rows, rng: random.Random) -> Image.Image:
    """A perforated board with narrow ledges."""
    wall = jitter(rng.choice(((188, 190, 196), (206, 190, 156), (170, 186, 176))), rng)
    brush = Brush(Image.new("RGB", size, wall), zoom=1)
    for y in range(12, size[1], 34):
        for x in range(12, size[0], 34):
            brush.ellipse((x - 3, y - 3, x + 3, y + 3), mix(wall, (0, 0, 0), 26))
    _planks(brush, rows, jitter((112, 116, 126), rng))
    return soft_light(brush.done(), rng, strength=20)


def _stalls(size: tuple[int, int], rows: Rows, rng: random.Random) -> Image.Image:
    """Market stalls: a striped awning over every row and a counter under it."""
    brush = Brush(Image.new("RGB", size, jitter((206, 200, 184), rng)), zoom=1)
    for foot, high in rows:
        stripe = jitter(
            rng.choice(((206, 84, 78), (84, 132, 190), (96, 156, 110), (222, 164, 74), (150, 106, 170))), rng
        )
        top = foot - high * 70 // 100
        for i, x in enumerate(range(rng.randint(-40, 0), size[0], 44)):
            fill: Rgb = stripe if i % 2 else (250, 246, 238)
            brush.rectangle((x, top, x + 44, top + high // 12), fill)
            brush.ellipse((x, top + high // 12 - 9, x + 44, top + high // 12 + 9), fill)
    _planks(brush, rows, jitter((164, 116, 72), rng, 18))
    return soft_light(brush.done(), rng, strength=20)


def _planks(brush: Brush, rows: Rows, wood: Rgb) -> None:
    for foot, high in rows:
        brush.rectangle((0, foot - 3, brush.width, foot + 3), mix(wood, (255, 244, 226), 40))
        brush.rectangle((0, foot + 3, brush.width, foot + high * 27 // 100), wood)
        brush.gradient(
            (0, foot + high * 27 // 100, brush.width, foot + high * 30 // 100),
            mix(wood, (20, 10, 10), 60),
            mix(wood, (20, 10, 10), 30),
        )


_INDOORS: dict[str, Callable[[tuple[int, int], Rows, random.Random], Image.Image]] = {
    "workshop": _pegboard,
    "wardrobe": _pegboard,
    "market": _stalls,
    "grocery": _stalls,
}
