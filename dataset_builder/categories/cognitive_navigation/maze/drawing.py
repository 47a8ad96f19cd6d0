"""What mazes look like: hedges, bricks, ink on paper, neon at night and others, with badges and sprites in them.

Whatever the look, floor and walls keep to two short lists of colours, so that a flood fill can tell them apart.

    >>> sorted(LOOKS)[:3]
    ['brick', 'candy', 'hedge']
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from dataset_builder.categories.cognitive_navigation.maze.grid import Maze
from dataset_builder.drawing.canvas import mix
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import font
from dataset_builder.drawing.sprites import sprite

_SCALE = 2


@dataclass(frozen=True)
class Look:
    """Colours of floor, of its marks, of walls (body, marks, edge), of the marked path; wall width in units."""

    floor: Rgb
    speck: Rgb
    wall: Rgb
    mark: Rgb
    edge: Rgb
    texture: str
    width: float
    path: Rgb = (226, 26, 140)

    @property
    def shade(self) -> Rgb:
        """The floor in the shadow of a wall."""
        return mix(self.floor, (0, 0, 20), 22)

    @property
    def floors(self) -> tuple[Rgb, ...]:
        return self.floor, self.speck, self.shade

    @property
    def walls(self) -> tuple[Rgb, ...]:
        return self.wall, self.mark, self.edge


LOOKS: dict[str, Look] = {
    "hedge": Look((236, 218, 176), (226, 204, 158), (62, 134, 58), (92, 166, 74), (36, 92, 44), "leaves", 0.24),
    "brick": Look((214, 212, 206), (202, 200, 194), (178, 84, 62), (128, 52, 40), (112, 44, 34), "bricks", 0.2),
    "paper": Look((252, 248, 236), (238, 232, 214), (38, 52, 96), (56, 74, 128), (38, 52, 96), "plain", 0.1),
    "night": Look(
        (30, 34, 66), (42, 46, 84), (90, 226, 232), (190, 252, 250), (40, 150, 190), "core", 0.12, (255, 196, 30)
    ),
    "stone": Look((150, 188, 112), (138, 176, 100), (112, 114, 124), (146, 148, 156), (70, 72, 84), "stones", 0.22),
    "ice": Look((226, 240, 250), (210, 230, 246), (74, 134, 206), (126, 178, 232), (40, 88, 160), "core", 0.18),
    "candy": Look(
        (255, 232, 238), (252, 216, 228), (132, 80, 56), (164, 108, 78), (96, 54, 38), "core", 0.2, (20, 90, 220)
    ),
    "lava": Look(
        (58, 52, 60), (70, 62, 70), (236, 108, 32), (255, 186, 62), (186, 52, 26), "core", 0.16, (90, 230, 255)
    ),
}


@dataclass(frozen=True)
class Thing:
    """A labelled badge or a sprite in a cell; `size` is its diameter in pixels."""

    x: float
    y: float
    size: int
    label: str | None = None
    sprite: str | None = None


def draw(
    maze: Maze, look: Look, things: Sequence[Thing], tone: int, paths: Sequence[Sequence[int]] = ()
) -> Image.Image:
    """The maze; `tone` seeds its textures, `paths` are marked by a bold line."""
    picture = _floor_and_walls(maze, look, tone).copy()
    if paths:
        picture = _mark(picture, maze, look, paths)
    for thing in things:
        if thing.sprite:
            image = sprite(thing.sprite, thing.size)
            picture.paste(image, (round(thing.x - image.width / 2), round(thing.y - image.height / 2)), image)
        elif thing.label:
            badge = _badge(thing.label, thing.size)
            picture.paste(badge, (round(thing.x - badge.width / 2), round(thing.y - badge.height / 2)), badge)
    return picture


_last: dict[tuple[int, str, int], Image.Image] = {}


def _floor_and_walls(maze: Maze, look: Look, tone: int) -> Image.Image:
    """Kept for the reference picture, which differs only in what lies on top."""
    key = hash(maze.passages), look.texture + str(look.wall), tone
    if key not in _last:
        _last.clear()
        rng = random.Random(tone)
        size = maze.grid.size
        width = max(7.0, look.width * maze.grid.unit)
        whole, inner = _wall_masks(maze, width)
        picture = _speckled(size, look, rng)
        if look.texture not in ("plain",):
            lean = max(2, round(width * 0.35))
            shadow = ImageChops.offset(whole, lean, lean)
            picture.paste(look.shade, (0, 0), shadow)
        picture.paste(look.edge, (0, 0), whole)
        picture.paste(_texture(size, look, rng, width), (0, 0), inner)
        _last[key] = picture
    return _last[key]


def _wall_masks(maze: Maze, width: float) -> tuple[Image.Image, Image.Image]:
    """Where walls are, and where they are without their dark edge."""
    masks = []
    for thick in (width, width - max(3.0, width * 0.22)):
        mask = Image.new("L", (maze.grid.size[0] * _SCALE, maze.grid.size[1] * _SCALE), 0)
        pen = ImageDraw.Draw(mask)
        half = thick * _SCALE / 2
        for line in maze.walls():
            points = [(x * _SCALE, y * _SCALE) for x, y in line]
            pen.line(points, fill=255, width=round(2 * half), joint="curve")
            for x, y in points:  # round joints: Pillow's own leave hairline cracks
                pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
        masks.append(mask.reduce(_SCALE))
    return masks[0], masks[1]


def _speckled(size: tuple[int, int], look: Look, rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", size, look.floor)
    pen = ImageDraw.Draw(picture)
    if look.texture == "plain":  # squared paper
        for step in range(0, max(size), 28):
            pen.line((step, 0, step, size[1]), fill=look.speck)
            pen.line((0, step, size[0], step), fill=look.speck)
        return picture
    for _ in range(420):
        x, y, r = rng.randrange(size[0]), rng.randrange(size[1]), rng.randint(1, 4)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=look.speck)
    return picture


def _texture(size: tuple[int, int], look: Look, rng: random.Random, width: float) -> Image.Image:
    """A picture of wall all over, of which the walls show their part."""
    picture = Image.new("RGB", size, look.wall)
    pen = ImageDraw.Draw(picture)
    if look.texture == "leaves":
        for _ in range(size[0] * size[1] // 130):
            x, y, r = rng.randrange(size[0]), rng.randrange(size[1]), rng.randint(2, 4)
            pen.ellipse((x - r, y - r // 2, x + r, y + r // 2 + 1), fill=look.mark)
    elif look.texture == "bricks":
        for row, y in enumerate(range(0, size[1], 7)):
            pen.line((0, y, size[0], y), fill=look.mark)
            for x in range(7 * (row % 2), size[0], 15):
                pen.line((x, y, x, y + 7), fill=look.mark)
    elif look.texture == "stones":
        for _ in range(size[0] * size[1] // 220):
            x, y, r = rng.randrange(size[0]), rng.randrange(size[1]), rng.randint(3, 6)
            pen.ellipse((x - r, y - r, x + r, y + r), fill=look.mark, outline=look.edge)
    elif look.texture == "core":
        step = max(5, round(width))
        for y in range(-size[0], size[1], 2 * step):
            pen.line((0, y, size[0], y + size[0]), fill=look.mark, width=max(2, step // 2))
    return picture


def _mark(picture: Image.Image, maze: Maze, look: Look, paths: Sequence[Sequence[int]]) -> Image.Image:
    """The paths as a bright line with a light edge."""
    layer = Image.new("L", (picture.width * _SCALE, picture.height * _SCALE), 0)
    wide, thin = layer, layer.copy()
    for mask, share in ((wide, 0.34), (thin, 0.22)):
        pen, width = ImageDraw.Draw(mask), share * maze.grid.unit * _SCALE
        for cells in paths:
            points = [(x * _SCALE, y * _SCALE) for x, y in maze.line(cells)]
            pen.line(points, fill=255, width=round(width), joint="curve")
            for x, y in points:
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    picture.paste((255, 255, 255), (0, 0), wide.reduce(_SCALE))
    picture.paste(look.path, (0, 0), thin.reduce(_SCALE))
    return picture


def _badge(label: str, size: int) -> Image.Image:
    """A white disc with a dark rim and a letter that fills it."""
    big = size * _SCALE
    badge = Image.new("RGBA", (big, big), (255, 255, 255, 0))
    pen = ImageDraw.Draw(badge)
    pen.ellipse((1, 1, big - 2, big - 2), fill=(255, 255, 255, 255), outline=(24, 26, 40, 255), width=3 * _SCALE // 2)
    face = font(round(big * 0.82), bold=True)
    left, top, right, bottom = face.getbbox(label)
    pen.text(((big - left - right) / 2, (big - top - bottom) / 2), label, font=face, fill=(24, 26, 40, 255))
    return badge.reduce(_SCALE)
