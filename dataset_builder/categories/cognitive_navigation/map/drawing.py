"""The pictures of maps: ground, roads with numbers, arrows and barriers, places with sprites and names.

>>> number_plate(12).size == number_plate(12).size
True
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from dataset_builder.categories.cognitive_navigation.map.layout import (
    LABEL_SIZE,
    SIDE,
    SPRITE_SIZE,
    Map,
    Place,
    Point,
    Road,
    label_width,
)
from dataset_builder.categories.cognitive_navigation.map.themes import THEMES, Theme
from dataset_builder.drawing.canvas import gradient, ground_shadow, mix, soft_light
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import font
from dataset_builder.drawing.sprites import sprite

_SCALE = 2
_INK: Rgb = (30, 32, 46)
PATH: Rgb = (255, 24, 148)
BARRIER: tuple[Rgb, Rgb] = ((222, 30, 38), (255, 255, 255))
ARROW: Rgb = (20, 74, 220)
ROAD_WIDTH = 22


def draw(town: Map, tone: int) -> tuple[Image.Image, Image.Image]:
    """The map without its furniture (to be finished with or without a marked path) twice: ground, finished map."""
    ground = _roads(_ground(town, tone), town)
    return ground, finish(ground, town)


def finish(ground: Image.Image, town: Map, route: Sequence[int] = ()) -> Image.Image:
    """Puts the path (if any), numbers, signs and places on the ground."""
    picture = ground.copy()
    if route:
        _mark(picture, town, route)
    for road in town.roads:
        for at, image in furniture(road):
            _paste_centred(picture, image, road.line[at])
    for place in sorted(town.places, key=lambda place: place.y):
        _place(picture, place)
    return picture


def furniture(road: Road) -> list[tuple[int, Image.Image]]:
    """What stands on a road, with its place along the line."""
    found = [(road.badge, number_plate(road.minutes))]
    if road.signs and road.one_way:
        found += [(at, arrow(heading(road, at))) for at in road.signs]
    if road.signs and road.closed:
        found.append((road.signs[0], barrier()))
    return found


def heading(road: Road, at: int) -> int:
    """The road's direction there in whole degrees, clockwise from the right."""
    (x0, y0), (x1, y1) = road.line[max(0, at - 1)], road.line[min(len(road.line) - 1, at + 1)]
    return round(math.degrees(math.atan2(y1 - y0, x1 - x0))) % 360


@functools.cache
def number_plate(number: int) -> Image.Image:
    """A white plate with the number on it."""
    face, text = font(LABEL_SIZE, bold=True), str(number)
    left, top, right, bottom = (int(v) * _SCALE for v in face.getbbox(text))
    width, height = right - left + 18 * _SCALE, 46 * _SCALE
    plate = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((1, 1, width - 2, height - 2), 20, fill=(255, 255, 255, 255), outline=(*_INK, 255), width=4)
    big = font(LABEL_SIZE * _SCALE, bold=True)
    left, top, right, bottom = (int(v) for v in big.getbbox(text))
    pen.text(((width - left - right) / 2, (height - top - bottom) / 2), text, font=big, fill=(*_INK, 255))
    return plate.reduce(_SCALE)


@functools.lru_cache(maxsize=720)
def arrow(degrees: int) -> Image.Image:
    """A white disc with a blue arrow that points along the road."""
    side, c = 42 * _SCALE, 21 * _SCALE
    disc = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(disc)
    pen.ellipse((1, 1, side - 2, side - 2), fill=(*ARROW, 255), outline=(255, 255, 255, 255), width=5)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    shape = [(15, 0), (1, -12), (1, -5), (-14, -5), (-14, 5), (1, 5), (1, 12)]
    points = [(c + _SCALE * (x * cos - y * sin), c + _SCALE * (x * sin + y * cos)) for x, y in shape]
    pen.polygon(points, fill=(255, 255, 255, 255))
    return disc.reduce(_SCALE)


@functools.cache
def barrier() -> Image.Image:
    """A red and white road barrier on two feet."""
    width, height = 60 * _SCALE, 44 * _SCALE
    sign = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    pen = ImageDraw.Draw(sign)
    for x in (10, 44):
        pen.rectangle((x * _SCALE, 8 * _SCALE, (x + 6) * _SCALE, 42 * _SCALE), fill=(70, 72, 84, 255))
    bar = Image.new("RGBA", (width, 24 * _SCALE), (*BARRIER[1], 255))
    stripes = ImageDraw.Draw(bar)
    for x in range(-30, 70, 20):
        corners = [(x, 24), (x + 10, 24), (x + 22, 0), (x + 12, 0)]
        stripes.polygon([(a * _SCALE, b * _SCALE) for a, b in corners], fill=(*BARRIER[0], 255))
    stripes.rectangle((0, 0, width - 1, 24 * _SCALE - 1), outline=(*_INK, 255), width=4)
    sign.paste(bar, (0, 6 * _SCALE))
    return sign.reduce(_SCALE)


def _paste_centred(picture: Image.Image, image: Image.Image, at: Point) -> None:
    picture.paste(image, corner(image, at), image)


def corner(image: Image.Image, at: Point) -> tuple[int, int]:
    """The top left of an image whose middle is at a point."""
    return round(at[0]) - image.width // 2, round(at[1]) - image.height // 2


def _place(picture: Image.Image, place: Place) -> None:
    image = sprite(place.sprite, SPRITE_SIZE)
    left, top = corner(image, (place.x, place.y))
    ground_shadow(picture, (left, top, left + image.width, top + image.height))
    picture.paste(image, (left, top), image)
    plate = _name_plate(place.name)
    picture.paste(plate, (round(place.x) - plate.width // 2, round(place.y) + SPRITE_SIZE // 2 + 2), plate)


@functools.lru_cache(maxsize=256)
def _name_plate(name: str) -> Image.Image:
    width, height = round(label_width(name)), LABEL_SIZE + 8
    plate = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), 12, fill=(255, 253, 244, 236))
    face = font(LABEL_SIZE, bold=True)
    left, _, right, _ = face.getbbox(name)
    pen.text(((width - left - right) / 2, -1), name, font=face, fill=(*_INK, 255))
    return plate


def _ground(town: Map, tone: int) -> Image.Image:
    """Lawns, ponds and scattered trees: no place stands in a pond, no tree where there is anything else."""
    rng, theme = random.Random(tone), THEMES[town.theme]
    top, bottom = theme.ground if rng.random() < 0.5 else theme.ground[::-1]
    side = SIDE // 2  # painted small and enlarged: all of it is soft
    picture = soft_light(gradient((side, side), top, bottom), rng, strength=30)
    water = Image.new("L", (side, side), 0)
    for _ in range(rng.randint(6, 9)):
        mask = Image.new("L", (side, side), 0)
        pen, x, y = ImageDraw.Draw(mask), rng.randrange(side), rng.randrange(side)
        colour = rng.choice(theme.blobs)
        for _ in range(5):
            dx, dy, r = rng.randint(-44, 44), rng.randint(-28, 28), rng.randint(20, 52)
            box = (x + dx - r, y + dy - r * 3 // 4, x + dx + r, y + dy + r * 3 // 4)
            if not (_is_water(colour) and any(_meets(box, place) for place in town.places)):
                pen.ellipse(box, fill=210)
        mask = mask.filter(ImageFilter.BoxBlur(2))
        picture.paste(colour, (0, 0), mask)
        # A lawn may cover part of an older pond.
        water.paste(255 if _is_water(colour) else 0, (0, 0), mask)
    if town.theme == "island":
        _sea(picture, water, rng)
    picture = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    _scatter(picture, town, theme, water, rng)
    return picture


def _is_water(colour: Rgb) -> bool:
    return colour[2] > colour[0] + 20


def _meets(box: tuple[int, int, int, int], place: Place) -> bool:
    """Whether a box on the half-size ground comes to where a place's sprite stands."""
    x, y, room = place.x / 2, place.y / 2, SPRITE_SIZE * 0.35
    return box[0] < x + room and x - room < box[2] and box[1] < y + room and y - room < box[3]


def _sea(picture: Image.Image, water: Image.Image, rng: random.Random) -> None:
    """Water in the corners and along the edges, with a wavy shore."""
    side = picture.width
    waves = [rng.uniform(0, 6.28) for _ in range(2)]
    for share, colour in ((0.545, (250, 244, 214)), (0.56, (128, 204, 226)), (0.585, (84, 172, 214))):
        shore = []
        for step in range(180):
            turn = 2 * math.pi * step / 180
            # A squircle that leaves the corners to the sea.
            radius = side * share / max(abs(math.cos(turn)), abs(math.sin(turn))) ** 0.66
            radius += 6 * math.sin(5 * turn + waves[0]) + 4 * math.sin(9 * turn + waves[1])
            shore.append((side / 2 + radius * math.cos(turn), side / 2 + radius * math.sin(turn)))
        outside = Image.new("L", picture.size, 255)
        ImageDraw.Draw(outside).polygon(shore, fill=0)
        picture.paste(colour, (0, 0), outside.filter(ImageFilter.BoxBlur(1)))
        water.paste(255, (0, 0), outside)


def _scatter(picture: Image.Image, town: Map, theme: Theme, water: Image.Image, rng: random.Random) -> None:
    taken = np.array([point for road in town.roads for point in road.line])
    wet = water.point([255 if value > 24 else 0 for value in range(256)])
    spots: list[tuple[int, int]] = []
    for _ in range(140):
        x, y = rng.randint(20, SIDE - 20), rng.randint(24, SIDE - 24)
        if any(p.box[0] - 30 < x < p.box[2] + 30 and p.box[1] - 30 < y < p.box[3] + 30 for p in town.places):
            continue
        # The ground mask is half as large; a tree's foot is up to 22 pixels below its middle.
        if wet.crop((x // 2 - 11, y // 2 - 4, x // 2 + 12, y // 2 + 15)).getbbox():
            continue
        if (np.abs(taken - (x, y)).max(axis=1) > 42).all() and all(math.dist((x, y), spot) > 52 for spot in spots):
            spots.append((x, y))
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        image = sprite(rng.choice(theme.trees), rng.randint(30, 44))
        left, top = x - image.width // 2, y - image.height // 2
        ground_shadow(picture, (left, top, left + image.width, top + image.height))
        picture.paste(image, (left, top), image)


def _roads(picture: Image.Image, town: Map) -> Image.Image:
    theme = THEMES[town.theme]
    for colour, width in ((theme.kerb, ROAD_WIDTH + 6), (theme.road, ROAD_WIDTH)):
        picture.paste(colour, (0, 0), _stripes([road.line for road in town.roads], width))
    dashes = [road.line[i : i + 2] for road in town.roads for i in range(0, len(road.line) - 1, 3)]
    picture.paste(mix(theme.road, (255, 255, 255), 60), (0, 0), _stripes(dashes, 3))
    return picture


def _stripes(lines: Sequence[Sequence[Point]], width: int) -> Image.Image:
    mask = Image.new("L", (SIDE * _SCALE, SIDE * _SCALE), 0)
    pen, radius = ImageDraw.Draw(mask), width * _SCALE / 2
    for line in lines:
        points = [(x * _SCALE, y * _SCALE) for x, y in line]
        pen.line(points, fill=255, width=width * _SCALE, joint="curve")
        for x, y in points:  # round joints: Pillow's own leave hairline cracks
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return mask.reduce(_SCALE)


def _mark(picture: Image.Image, town: Map, route: Sequence[int]) -> None:
    """The roads between the places of a route as a bright line."""
    lines = {frozenset((road.a, road.b)): road.line for road in town.roads}
    legs = [lines[frozenset(pair)] for pair in zip(route, route[1:], strict=False)]
    picture.paste((255, 255, 255), (0, 0), _stripes(legs, 26))
    picture.paste(PATH, (0, 0), _stripes(legs, 17))
