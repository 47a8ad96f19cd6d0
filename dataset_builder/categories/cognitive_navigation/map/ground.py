"""What maps lie on: lawns and ponds, a river, the sea around islands, hills in layers, the floors of a building.

Colours are few and flat with soft edges: nothing on the ground is to be taken for a way.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dataset_builder.categories.cognitive_navigation.map import spots
from dataset_builder.categories.cognitive_navigation.map.layout import Map
from dataset_builder.drawing.canvas import gradient, ground_shadow, mix
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.sprites import sprite

_HALF = 2  # painted smaller and enlarged: all of it is soft
_RIVER: tuple[Rgb, Rgb, Rgb] = ((206, 214, 190), (120, 186, 220), (148, 204, 232))
_WALL: Rgb = (108, 118, 136)


def paint(town: Map, tone: int) -> Image.Image:
    """The ground with what grows on it."""
    rng = random.Random(tone)
    painter = {"islands": _sea, "relief": _hills, "floors": _storeys}.get(town.kind.style, _meadow)
    picture, water = painter(town, rng)
    _scatter(picture, town, water, rng)
    return picture


Painted = tuple[Image.Image, Image.Image]  # the picture, and where (at half its size) nothing grows


def _meadow(town: Map, rng: random.Random) -> Painted:
    """Lawns and ponds: no place stands in a pond; a river where the style has one."""
    top, bottom = town.kind.ground if rng.random() < 0.5 else town.kind.ground[::-1]
    width, height = town.size[0] // _HALF, town.size[1] // _HALF
    picture, water = gradient((width, height), top, bottom), Image.new("L", (width, height), 0)
    for _ in range(rng.randint(7, 10)):
        colour = rng.choice(town.kind.blobs)
        wet = colour[2] > colour[0] + 20
        x, y, shape = rng.randrange(width), rng.randrange(height), Image.new("L", (width, height), 0)
        pen = ImageDraw.Draw(shape)
        for _ in range(5):
            dx, dy, r = rng.randint(-44, 44), rng.randint(-28, 28), rng.randint(20, 52)
            box = (x + dx - r, y + dy - r * 3 // 4, x + dx + r, y + dy + r * 3 // 4)
            if not (wet and any(_meets(box, place.x / _HALF, place.y / _HALF) for place in town.places)):
                pen.ellipse(box, fill=200)
        shape = shape.filter(ImageFilter.BoxBlur(2))
        picture.paste(colour, (0, 0), shape)
        water.paste(255 if wet else 0, (0, 0), shape)
    picture = picture.resize(town.size, Image.Resampling.BICUBIC)
    if town.kind.style == "river":
        _river(picture, town, water)
    return picture, water


def _meets(box: tuple[int, int, int, int], x: float, y: float) -> bool:
    """Whether a box on the half-size ground comes to where a place stands."""
    return box[0] < x + 20 and x - 20 < box[2] and box[1] < y + 20 and y - 20 < box[3]


def _river(picture: Image.Image, town: Map, water: Image.Image) -> None:
    pen, wet = ImageDraw.Draw(picture), ImageDraw.Draw(water)
    course = [(x, spots.river(town.size, x)) for x in range(-60, town.size[0] + 70, 4)]
    for colour, width in zip(_RIVER, (96, 78, 30), strict=True):
        for x, y in course:  # discs side by side: a line's joints would leave cracks
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=colour)
    wet.line([(x / _HALF, y / _HALF) for x, y in course], fill=255, width=54)


def _sea(town: Map, rng: random.Random) -> Painted:
    """Islands of sand and green under every place and path, ferries' water between them."""
    picture = gradient(town.size, *town.kind.ground)
    pen = ImageDraw.Draw(picture)
    foam = mix(town.kind.ground[0], (255, 255, 255), 34)
    for _ in range(70):  # small waves
        x, y, r = rng.randrange(town.size[0]), rng.randrange(town.size[1]), rng.randint(8, 16)
        pen.arc((x - r, y - r // 2, x + r, y + r // 2), 200, 340, fill=foam, width=3)
    path = next(iter(town.kind.ways))
    bulges = [(p.x, p.y + 18.0, rng.randint(78, 96)) for p in town.places]
    bulges += [(x, y, 44) for road in town.roads if road.way == path for x, y in road.line[::3]]
    for cx, cy, r in [bulge for bulge in bulges if bulge[2] > 60]:
        bulges += [(cx + rng.randint(-46, 46), cy + rng.randint(-40, 40), r - 22) for _ in range(4)]
    shore: Rgb = mix(town.kind.ground[0], (255, 255, 255), 45)
    for colour, grow in ((shore, 16), (town.kind.blobs[0], 6), (town.kind.blobs[1], -12), (town.kind.blobs[2], -40)):
        picture.paste(colour, (0, 0), _discs(town.size, ((x, y, r + grow) for x, y, r in bulges)))
    dry = _discs(town.size, ((x, y, r - 16) for x, y, r in bulges)).resize(_small(town), Image.Resampling.NEAREST)
    return picture, dry.point([255 - value for value in range(256)])


def _small(town: Map) -> tuple[int, int]:
    return town.size[0] // _HALF, town.size[1] // _HALF


def _discs(size: tuple[int, int], discs: Iterable[tuple[float, float, float]]) -> Image.Image:
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    for x, y, r in discs:
        if r > 0:
            pen.ellipse((x - r, y - r * 0.86, x + r, y + r * 0.86), fill=255)
    return mask.filter(ImageFilter.BoxBlur(6)).point([255 if value > 127 else 0 for value in range(256)])


def _hills(town: Map, rng: random.Random) -> Painted:
    """Layers of height that fit those of the places, by inverse distance; sums and products only: equal everywhere."""
    width, height = _small(town)
    y, x = np.mgrid[0:height, 0:width] * float(_HALF)
    total, weights = np.zeros((height, width)), np.zeros((height, width))
    hills = [(p.x, p.y, float(p.note.removesuffix(" m"))) for p in town.places]
    low, high = min(h for *_, h in hills), max(h for *_, h in hills)
    hills += [(rng.uniform(0, town.size[0]), rng.uniform(0, town.size[1]), rng.uniform(low, high)) for _ in range(5)]
    for px, py, metres in hills:
        near = 1.0 / ((x - px) * (x - px) + (y - py) * (y - py) + 2500.0)
        total, weights = total + near * near * metres, weights + near * near
    share = (total / weights - low) / max(1.0, high - low) * 0.78 + 0.11
    layers = town.kind.blobs
    picture = Image.new("RGB", town.size, layers[0])
    for number, colour in enumerate(layers[1:], 1):
        for shade, lift in ((mix(colour, (90, 70, 50), 26), 0.0), (colour, 0.008)):
            above = Image.fromarray(np.where(share >= number / len(layers) + lift, 255, 0).astype(np.uint8))
            picture.paste(shade, (0, 0), above.resize(town.size, Image.Resampling.BICUBIC))
    return picture, Image.new("L", (width, height), 0)


def _storeys(town: Map, rng: random.Random) -> Painted:
    """Three floors one above the other, walls around them, their numbers at the side."""
    picture = gradient(town.size, *town.kind.ground)
    pen = ImageDraw.Draw(picture)
    high = town.size[1] / spots.FLOORS
    tints = rng.sample(town.kind.blobs, spots.FLOORS)
    for floor in range(spots.FLOORS):
        box = (8, round(floor * high) + 8, town.size[0] - 8, round((floor + 1) * high) - 8)
        pen.rounded_rectangle(box, 14, fill=tints[floor], outline=_WALL, width=6)
        for column in range(1, 9):  # faint tiles
            x = town.size[0] * column // 9
            pen.line((x, box[1] + 8, x, box[3] - 8), fill=mix(tints[floor], _WALL, 10), width=2)
    return picture, Image.new("L", _small(town), 255)


def _scatter(picture: Image.Image, town: Map, water: Image.Image, rng: random.Random) -> None:
    """Trees, away from places, ways, water and each other."""
    taken = np.array([point for road in town.roads for point in road.line])
    wet = water.point([255 if value > 24 else 0 for value in range(256)])
    found: list[tuple[int, int]] = []
    for _ in range(110):
        x, y = rng.randint(20, town.size[0] - 20), rng.randint(24, town.size[1] - 24)
        if any(p.box[0] - 24 < x < p.box[2] + 24 and p.box[1] - 26 < y < p.box[3] + 26 for p in town.places):
            continue
        # The ground mask is half as large; a tree's foot is up to 22 pixels below its middle.
        if wet.crop((x // 2 - 11, y // 2 - 4, x // 2 + 12, y // 2 + 15)).getbbox():
            continue
        if (np.abs(taken - (x, y)).max(axis=1) > 42).all() and all(math.dist((x, y), at) > 50 for at in found):
            found.append((x, y))
    for x, y in sorted(found, key=lambda at: at[1]):
        image = sprite(rng.choice(town.kind.trees), rng.randint(28, 42))
        left, top = x - image.width // 2, y - image.height // 2
        ground_shadow(picture, (left, top, left + image.width, top + image.height))
        picture.paste(image, (left, top), image)
