"""The pictures of maps: ways with numbers, arrows and barriers, places with sprites and names, marked routes.

>>> number_plate(12).size == number_plate(12).size
True
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from dataset_builder.categories.cognitive_navigation.map.content import LABEL_SIZE, label_width
from dataset_builder.categories.cognitive_navigation.map.ground import paint
from dataset_builder.categories.cognitive_navigation.map.layout import (
    DISC,
    NOTE_SIZE,
    SPRITE_SIZE,
    Map,
    Place,
    Road,
)
from dataset_builder.categories.cognitive_navigation.map.spots import Point, Size, river
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import font
from dataset_builder.drawing.sprites import sprite

_SCALE = 2
_INK: Rgb = (30, 32, 46)
PATH: Rgb = (255, 24, 148)
BARRIER: tuple[Rgb, Rgb] = ((222, 30, 38), (255, 255, 255))
ARROW: Rgb = (20, 74, 220)
NUMBER_SIZE = 32


def draw(town: Map, tone: int) -> tuple[Image.Image, Image.Image]:
    """The map without its furniture (to be finished with or without a marked path) twice: ground, finished map."""
    ground = _ways(paint(town, tone), town)
    return ground, finish(ground, town)


def finish(ground: Image.Image, town: Map, route: Sequence[int] = ()) -> Image.Image:
    """Puts the path (if any), numbers, signs and places on the ground."""
    picture = ground.copy()
    if route:
        _mark(picture, town, route)
    for road in town.roads:
        for at, image in furniture(road):
            picture.paste(image, corner(image, road.line[at]), image)
    for place in town.places:
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
    face, text = font(NUMBER_SIZE, bold=True), str(number)
    left, top, right, bottom = (int(v) * _SCALE for v in face.getbbox(text))
    width, height = right - left + 16 * _SCALE, 38 * _SCALE
    plate = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((1, 1, width - 2, height - 2), 18, fill=(255, 255, 255, 255), outline=(*_INK, 255), width=4)
    big = font(NUMBER_SIZE * _SCALE, bold=True)
    left, top, right, bottom = (int(v) for v in big.getbbox(text))
    pen.text(((width - left - right) / 2, (height - top - bottom) / 2), text, font=big, fill=(*_INK, 255))
    return plate.reduce(_SCALE)


@functools.lru_cache(maxsize=720)
def arrow(degrees: int) -> Image.Image:
    """A white disc with a blue arrow that points along the road."""
    side, c = 36 * _SCALE, 18 * _SCALE
    disc = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    pen = ImageDraw.Draw(disc)
    pen.ellipse((1, 1, side - 2, side - 2), fill=(*ARROW, 255), outline=(255, 255, 255, 255), width=5)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    shape = [(13, 0), (1, -10), (1, -4), (-12, -4), (-12, 4), (1, 4), (1, 10)]
    points = [(c + _SCALE * (x * cos - y * sin), c + _SCALE * (x * sin + y * cos)) for x, y in shape]
    pen.polygon(points, fill=(255, 255, 255, 255))
    return disc.reduce(_SCALE)


@functools.cache
def barrier() -> Image.Image:
    """A red and white road barrier on two feet."""
    width, height = 54 * _SCALE, 38 * _SCALE
    sign = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    pen = ImageDraw.Draw(sign)
    for x in (8, 40):
        pen.rectangle((x * _SCALE, 8 * _SCALE, (x + 6) * _SCALE, 36 * _SCALE), fill=(70, 72, 84, 255))
    bar = Image.new("RGBA", (width, 22 * _SCALE), (*BARRIER[1], 255))
    stripes = ImageDraw.Draw(bar)
    for x in range(-30, 70, 20):
        corners = [(x, 22), (x + 10, 22), (x + 20, 0), (x + 10, 0)]
        stripes.polygon([(a * _SCALE, b * _SCALE) for a, b in corners], fill=(*BARRIER[0], 255))
    stripes.rectangle((0, 0, width - 1, 22 * _SCALE - 1), outline=(*_INK, 255), width=4)
    sign.paste(bar, (0, 5 * _SCALE))
    return sign.reduce(_SCALE)


def corner(image: Image.Image, at: Sequence[float]) -> tuple[int, int]:
    """The top left of an image whose middle is at a point."""
    return round(at[0]) - image.width // 2, round(at[1]) - image.height // 2


def _place(picture: Image.Image, place: Place) -> None:
    """A disc that keeps the sprite apart from ground and marking, the sprite, the name below."""
    disc, image, plate = _disc(), sprite(place.sprite, SPRITE_SIZE), name_plate(place.name, place.note)
    picture.paste(disc, corner(disc, (place.x, place.y)), disc)
    picture.paste(image, corner(image, (place.x, place.y)), image)
    picture.paste(plate, plate_corner(plate, (place.x, place.y)), plate)


def plate_corner(plate: Image.Image, at: Sequence[float]) -> tuple[int, int]:
    """The top left of a name plate below the place there."""
    return round(at[0]) - plate.width // 2, round(at[1]) + DISC - 2


@functools.cache
def _disc() -> Image.Image:
    side = 2 * DISC * _SCALE
    disc = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    ImageDraw.Draw(disc).ellipse(
        (1, 1, side - 2, side - 2), fill=(255, 253, 246, 255), outline=(*_INK, 255), width=3 * _SCALE
    )
    return disc.reduce(_SCALE)


@functools.lru_cache(maxsize=256)
def name_plate(name: str, note: str = "") -> Image.Image:
    """The name on a light plate, with a height below it where there is one."""
    face, small = font(LABEL_SIZE, bold=True), font(NOTE_SIZE)
    width = round(max(label_width(name), small.getlength(note) + 16))
    plate = Image.new("RGBA", (width, LABEL_SIZE + 8 + (NOTE_SIZE + 2 if note else 0)), (255, 255, 255, 0))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), 10, fill=(255, 253, 246, 255))
    for text, line, top in ((name, face, 0), (note, small, LABEL_SIZE + 1)):
        left, _, right, _ = line.getbbox(text)
        pen.text(((width - left - right) / 2, top), text, font=line, fill=(*_INK, 255))
    return plate


def _ways(picture: Image.Image, town: Map) -> Image.Image:
    """All edges first, so that no way's edge lies across another way; then each kind with its dashes."""
    for name, way in town.kind.ways.items():
        lines = [road.line for road in town.roads if road.way == name]
        edge = next(iter(town.kind.ways.values())).colours[2] if name == "bridge" else way.colours[2]
        picture.paste(edge, (0, 0), _stripes(town.size, lines, way.width + 6))
    if "bridge" in town.kind.ways:  # its deck lies on the river alone
        over = [_over_water(town.size, road.line) for road in town.roads if road.way == "bridge"]
        picture.paste(town.kind.ways["bridge"].colours[2], (0, 0), _stripes(town.size, over, 42))
    for name, way in town.kind.ways.items():
        roads = [road for road in town.roads if road.way == name]
        picture.paste(way.colours[0], (0, 0), _stripes(town.size, [road.line for road in roads], way.width))
        dashes = [dash for road in roads for dash in _dashes(road, way.dash)]
        picture.paste(way.colours[1], (0, 0), _stripes(town.size, dashes, max(3, way.width // 5 * way.dash)))
    return picture


def _over_water(size: Size, line: Sequence[Point]) -> list[Point]:
    return [(x, y) for x, y in line if abs(y - river(size, x)) < 58]


def _dashes(road: Road, length: int) -> list[Sequence[Point]]:
    return [road.line[i : i + 1 + length] for i in range(0, len(road.line) - length, 2 * length + (length == 1))]


def _stripes(size: Size, lines: Sequence[Sequence[Point]], width: int) -> Image.Image:
    mask = Image.new("L", (size[0] * _SCALE, size[1] * _SCALE), 0)
    pen, radius = ImageDraw.Draw(mask), width * _SCALE / 2
    for line in lines:
        points = [(x * _SCALE, y * _SCALE) for x, y in line]
        pen.line(points, fill=255, width=width * _SCALE, joint="curve")
        for x, y in points if width > 8 else ():  # round joints: Pillow's own leave hairline cracks
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return mask.reduce(_SCALE)


def _mark(picture: Image.Image, town: Map, route: Sequence[int]) -> None:
    """The roads between the places of a route as a bright line."""
    lines = {frozenset((road.a, road.b)): road.line for road in town.roads}
    legs = [lines[frozenset(pair)] for pair in itertools.pairwise(route)]
    picture.paste((255, 255, 255), (0, 0), _stripes(town.size, legs, 26))
    picture.paste(PATH, (0, 0), _stripes(town.size, legs, 17))
