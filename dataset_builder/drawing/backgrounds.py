"""Backgrounds with a horizon: park, street, beach, farm and so on, each different with every generator.

>>> import random
>>> picture, horizon = background("park", 720, random.Random(0))
>>> picture.size, 200 < horizon < 400
((720, 720), True)
"""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image

from dataset_builder.drawing.canvas import Brush, Point, gradient, jitter, mix, soft_light
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.sprites import sprite
from dataset_builder.errors import unknown_name

Painter = Callable[[Brush, int, random.Random], None]
SKIES: tuple[tuple[Rgb, Rgb], ...] = (
    ((96, 170, 240), (214, 236, 252)),
    ((118, 190, 236), (250, 240, 214)),
    ((70, 140, 226), (190, 224, 250)),
    ((250, 176, 128), (254, 230, 190)),
    ((150, 168, 220), (244, 220, 226)),
)


def background(theme: str, side: int, rng: random.Random) -> tuple[Image.Image, int]:
    """A square picture of the theme and the y from which things may stand on its ground."""
    if theme not in _PAINTERS:
        raise unknown_name("background", theme, THEMES)
    low, high, painter, backdrop = _PAINTERS[theme]
    horizon = side * rng.randint(low, high) // 100
    brush = Brush(gradient((side, side), *(jitter_pair(rng.choice(SKIES), rng))))
    painter(brush, horizon, rng)
    picture = soft_light(brush.done(), rng)
    _backdrop(picture, horizon, backdrop, rng)
    # At the beach the sea lies between horizon and ground.
    return picture, horizon + (side - horizon) * 3 // 10 if theme == "beach" else horizon


def jitter_pair(pair: tuple[Rgb, Rgb], rng: random.Random) -> tuple[Rgb, Rgb]:
    return jitter(pair[0], rng), jitter(pair[1], rng)


def _backdrop(picture: Image.Image, horizon: int, names: tuple[str, ...], rng: random.Random) -> None:
    """A far row of things along the horizon: trees, houses."""
    if not names:
        return
    x = -rng.randint(10, 60)
    while x < picture.width:
        size = picture.width * rng.randint(9, 15) // 100
        thing = sprite(rng.choice(names), size)
        picture.paste(thing, (x, horizon - thing.height + size // 12), thing)
        x += thing.width + rng.randint(-size // 6, size)


def ridge(brush: Brush, base: int, height: int, fill: Rgb, rng: random.Random, steps: int = 6) -> None:
    """Hills: a wavy line from left to right, filled down to the base."""
    points: list[Point] = [(0, base)]
    knots = [rng.randint(0, height) for _ in range(steps + 2)]
    for x in range(0, brush.width + 8, 8):
        place = x * steps * 64 // brush.width
        i, t = min(steps, place // 64), place % 64
        smooth = t * t * (192 - 2 * t)  # 3t^2 - 2t^3 in 64ths
        points.append((x, base - knots[i] - (knots[i + 1] - knots[i]) * smooth // 64**3))
    brush.polygon([*points, (brush.width, base)], fill)


def _clouds(brush: Brush, horizon: int, rng: random.Random, fill: Rgb = (250, 252, 255)) -> None:
    for _ in range(rng.randint(2, 4)):
        x, y, w = rng.randint(-40, brush.width - 60), rng.randint(20, horizon * 6 // 10), rng.randint(70, 150)
        for part in range(4):
            dx, dy, r = part * w // 4, rng.randint(-w // 10, w // 10), rng.randint(w // 8, w // 5)
            brush.ellipse((x + dx - r, y + dy - r * 7 // 10, x + dx + r, y + dy + r * 7 // 10), fill)


def _specks(brush: Brush, horizon: int, rng: random.Random, fill: Rgb, count: int) -> None:
    """Small marks on the ground, larger towards the viewer: grass, pebbles, stars of snow."""
    for _ in range(count):
        y = rng.randint(horizon + 6, brush.height - 4)
        near = 2 + 5 * (y - horizon) // (brush.height - horizon)
        x = rng.randint(0, brush.width)
        brush.ellipse((x - near, y - near // 2, x + near, y + near // 2), jitter(fill, rng, 10))


def _rays(brush: Brush, horizon: int, rng: random.Random, fill: Rgb, count: int) -> None:
    """Stripes that run towards the vanishing point: furrows, floor boards."""
    middle = brush.width * rng.randint(30, 70) // 100
    spread = brush.width * 6 // count
    for i in range(-count // 2, count // 2 + 1):
        far, near = middle + i * spread // 7, middle + i * spread
        brush.polygon(
            [(far, horizon), (far + spread // 14, horizon), (near + spread // 2, brush.height), (near, brush.height)],
            jitter(fill, rng, 6),
        )


def _path(brush: Brush, horizon: int, rng: random.Random, fill: Rgb) -> int:
    """A way that winds from the viewer to the horizon; returns its x there."""
    h, w = brush.height - horizon, brush.width
    x, drift = w * rng.randint(20, 80) // 100, rng.choice((-1, 1)) * rng.randint(60, 160)
    left, right = [], []
    for step in range(33):
        y = horizon + h * step * step // 1024
        bend = drift * step * (32 - step) // 256
        half = 4 + w * step * step // 9000
        left.append((x + bend - half, y))
        right.append((x + bend + half, y))
    brush.polygon(left + right[::-1], fill)
    return x


def _pond(brush: Brush, horizon: int, rng: random.Random, rim: Rgb, fill: Rgb, way: int) -> None:
    """A flat pond in the distance, so that nothing of a scene stands in it, well to one side of `way`."""
    wide = brush.width * rng.randint(24, 36) // 100
    high, y = wide // 14, horizon + 5
    room, edge = brush.width // 4, brush.width // 12
    x = rng.randint(way + room, brush.width - edge) if way < brush.width // 2 else rng.randint(edge, way - room) - wide
    brush.ellipse((x - 5, y - 2, x + wide + 5, y + high + 3), rim)
    brush.ellipse((x, y, x + wide, y + high), fill)


def _park(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    ridge(brush, horizon + 4, 90, jitter((134, 186, 150), rng), rng)
    ridge(brush, horizon + 4, 50, jitter((104, 170, 104), rng), rng)
    brush.gradient((0, horizon, brush.width, brush.height), jitter((142, 196, 92), rng), jitter((78, 150, 62), rng))
    _specks(brush, horizon, rng, (92, 166, 70), 160)
    way = _path(brush, horizon, rng, jitter((226, 204, 160), rng))
    _specks(brush, horizon, rng, (240, 226, 120), 25)
    if rng.random() < 0.5:
        _pond(brush, horizon, rng, (196, 186, 140), jitter((96, 172, 220), rng), way)


def _farm(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    ridge(brush, horizon + 4, 80, jitter((160, 196, 130), rng), rng)
    brush.gradient((0, horizon, brush.width, brush.height), jitter((206, 194, 110), rng), jitter((150, 160, 70), rng))
    _rays(brush, horizon, rng, jitter((176, 176, 84), rng), 14)
    _specks(brush, horizon, rng, (146, 152, 66), 130)
    fence = jitter((150, 104, 66), rng)
    for x in range(rng.randint(-30, 0), brush.width, 46):
        brush.rectangle((x, horizon - 26, x + 8, horizon + 16), fence, 2)
    for y in (horizon - 18, horizon):
        brush.rectangle((0, y, brush.width, y + 6), mix(fence, (255, 255, 255), 15))


def _street(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    x = -20
    while x < brush.width:
        w, h = rng.randint(60, 120), rng.randint(70, 200)
        wall = jitter((176, 170, 186), rng, 34)
        brush.rectangle((x, horizon - h, x + w, horizon + 6), wall)
        for wy in range(horizon - h + 12, horizon - 20, 26):
            for wx in range(x + 10, x + w - 14, 24):
                brush.rectangle((wx, wy, wx + 12, wy + 15), mix(wall, rng.choice(((255, 240, 180), (70, 90, 130))), 60))
        x += w + rng.randint(0, 14)
    ground = brush.height - horizon
    brush.gradient((0, horizon, brush.width, brush.height), jitter((150, 152, 160), rng), jitter((112, 114, 124), rng))
    brush.rectangle((0, horizon, brush.width, horizon + ground // 7), jitter((206, 200, 192), rng))
    brush.rectangle((0, horizon + ground // 7, brush.width, horizon + ground // 7 + 6), (170, 164, 158))
    for lane, high in ((38, 5), (68, 8)):
        y = horizon + ground * lane // 100
        start = rng.randint(-60, 0)
        for x in range(start, brush.width, 120):
            brush.rectangle((x, y, x + 62, y + high), (244, 240, 226), 2)
    _specks(brush, horizon + ground // 6, rng, (128, 130, 138), 110)


def _beach(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    shore = horizon + (brush.height - horizon) // 4
    brush.gradient((0, horizon, brush.width, shore + 30), jitter((50, 130, 200), rng), jitter((110, 206, 220), rng))
    for _ in range(26):
        x, y = rng.randint(-20, brush.width), rng.randint(horizon + 6, shore)
        brush.ellipse((x, y, x + rng.randint(20, 70), y + 3), (206, 238, 246))
    sand = jitter((244, 220, 164), rng)
    ridge(brush, brush.height, brush.height - shore - 22, sand, rng, 1)
    brush.gradient((0, shore + 20, brush.width, brush.height), sand, jitter((226, 190, 124), rng))
    brush.polygon([(0, shore - 4), (brush.width, shore + 12), (brush.width, shore + 26), (0, shore + 26)], sand)
    brush.line([(0, shore - 6), (brush.width, shore + 10)], (252, 252, 250), 6)
    _specks(brush, shore + 24, rng, (214, 176, 112), 150)


def _snow(brush: Brush, horizon: int, rng: random.Random) -> None:
    for x in range(-60, brush.width, 150):
        peak, w, h = x + rng.randint(60, 140), rng.randint(120, 190), rng.randint(110, 210)
        stone = jitter((126, 138, 170), rng)
        brush.polygon([(peak - w, horizon + 4), (peak, horizon - h), (peak + w, horizon + 4)], stone)
        brush.polygon(
            [(peak - w // 3, horizon - h * 2 // 3), (peak, horizon - h), (peak + w // 3, horizon - h * 2 // 3),
             (peak + w // 9, horizon - h * 3 // 4), (peak - w // 9, horizon - h * 5 // 8)],
            (248, 250, 255),
        )  # fmt: skip
    brush.gradient((0, horizon, brush.width, brush.height), jitter((226, 236, 250), rng), jitter((196, 214, 240), rng))
    ridge(brush, horizon + 70, 50, jitter((238, 244, 254), rng, 5), rng, 4)
    brush.gradient((0, horizon + 70, brush.width, brush.height), jitter((234, 241, 252), rng, 6), (198, 216, 242))
    _specks(brush, horizon + 20, rng, (180, 202, 236), 120)


def _camp(brush: Brush, horizon: int, rng: random.Random) -> None:
    brush.gradient((0, 0, brush.width, horizon), jitter((24, 28, 74), rng, 8), jitter((92, 84, 150), rng))
    for _ in range(90):
        x, y, r = rng.randint(0, brush.width), rng.randint(0, horizon * 8 // 10), rng.choice((1, 1, 2))
        brush.ellipse((x - r, y - r, x + r, y + r), (250, 246, 214))
    x = rng.randint(80, brush.width - 140)
    brush.ellipse((x, 40, x + 74, 114), (252, 240, 196))
    ridge(brush, horizon + 4, 120, jitter((54, 60, 112), rng, 8), rng)
    ridge(brush, horizon + 4, 60, jitter((44, 74, 96), rng, 8), rng)
    brush.gradient((0, horizon, brush.width, brush.height), jitter((84, 124, 104), rng), jitter((62, 98, 78), rng))
    _specks(brush, horizon, rng, (72, 114, 90), 160)
    _path(brush, horizon, rng, jitter((132, 128, 112), rng))


def _desert(brush: Brush, horizon: int, rng: random.Random) -> None:
    brush.gradient((0, 0, brush.width, horizon), jitter((252, 170, 98), rng), jitter((255, 226, 168), rng))
    for x in range(-40, brush.width, 220):
        left, w, h = x + rng.randint(0, 90), rng.randint(90, 150), rng.randint(60, 140)
        rock = jitter((206, 122, 84), rng)
        brush.polygon(
            [(left - 20, horizon + 2), (left, horizon - h), (left + w, horizon - h), (left + w + 26, horizon + 2)], rock
        )
        brush.polygon(
            [
                (left + w - 24, horizon - h),
                (left + w, horizon - h),
                (left + w + 26, horizon + 2),
                (left + w - 30, horizon + 2),
            ],
            mix(rock, (90, 40, 40), 25),
        )
    brush.gradient((0, horizon, brush.width, brush.height), jitter((244, 204, 140), rng), jitter((222, 164, 96), rng))
    for base in (90, 200, 330):
        ridge(brush, horizon + base, 60, jitter((236, 190, 122), rng), rng, 3)
        brush.gradient((0, horizon + base, brush.width, brush.height), jitter((238, 192, 124), rng, 8), (220, 164, 98))
    _specks(brush, horizon + 10, rng, (206, 150, 90), 120)


def _savanna(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    ridge(brush, horizon + 4, 70, jitter((172, 176, 130), rng), rng)
    brush.gradient((0, horizon, brush.width, brush.height), jitter((226, 204, 124), rng), jitter((190, 164, 80), rng))
    _specks(brush, horizon, rng, (176, 160, 74), 200)
    _pond(brush, horizon, rng, (176, 146, 88), jitter((104, 170, 206), rng), rng.randrange(brush.width))


def _harbour(brush: Brush, horizon: int, rng: random.Random) -> None:
    _clouds(brush, horizon, rng)
    ridge(brush, horizon + 4, 70, jitter((120, 160, 150), rng), rng)
    brush.gradient((0, horizon, brush.width, brush.height), jitter((74, 152, 210), rng), jitter((30, 92, 160), rng))
    for _ in range(150):
        y = rng.randint(horizon + 6, brush.height - 6)
        w = 14 + 60 * (y - horizon) // (brush.height - horizon)
        x = rng.randint(-30, brush.width)
        brush.ellipse((x, y, x + w, y + 2 + w // 18), mix((96, 176, 226), (220, 240, 250), rng.randint(0, 50)))


def _room(brush: Brush, horizon: int, rng: random.Random) -> None:
    wall = jitter(
        rng.choice(((236, 214, 190), (196, 216, 208), (216, 206, 232), (240, 226, 170), (190, 210, 236))), rng
    )
    brush.gradient((0, 0, brush.width, horizon), wall, mix(wall, (255, 255, 255), 20))
    width = rng.choice((36, 48, 64))
    for x in range(rng.randint(-width, 0), brush.width, width * 2):
        brush.rectangle((x, 0, x + width, horizon), mix(wall, (255, 255, 255), 26))
    for left in sorted(rng.sample(range(30, brush.width - 170, 160), 2)):
        brush.rectangle((left, 50, left + 130, 50 + 150), (250, 248, 244), 4)
        brush.gradient((left + 8, 58, left + 122, 192), jitter((130, 190, 240), rng), jitter((220, 236, 246), rng))
        brush.rectangle((left + 61, 50, left + 69, 200), (250, 248, 244))
        brush.rectangle((left, 121, left + 130, 128), (250, 248, 244))
    floor = jitter((196, 146, 98), rng, 20)
    brush.gradient((0, horizon, brush.width, brush.height), mix(floor, (255, 240, 220), 20), floor)
    _rays(brush, horizon, rng, mix(floor, (60, 30, 10), 14), 22)
    brush.rectangle((0, horizon - 10, brush.width, horizon + 4), (246, 242, 236))
    rug = jitter(rng.choice(((196, 80, 84), (84, 120, 180), (96, 150, 120))), rng)
    x, y, w = rng.randint(60, 220), horizon + rng.randint(110, 190), rng.randint(330, 430)
    brush.ellipse((x, y, x + w, y + w // 3), rug)
    brush.ellipse((x + 18, y + 8, x + w - 18, y + w // 3 - 8), mix(rug, (255, 255, 255), 35))
    brush.ellipse((x + 30, y + 14, x + w - 30, y + w // 3 - 14), rug)


def _table(brush: Brush, horizon: int, rng: random.Random) -> None:
    tile = jitter(rng.choice(((206, 226, 232), (240, 232, 214), (222, 232, 206), (236, 214, 214))), rng)
    brush.gradient((0, 0, brush.width, horizon), tile, mix(tile, (255, 255, 255), 20))
    side = rng.choice((44, 56, 72))
    for row, y in enumerate(range(-10, horizon, side)):
        for x in range(-side + (row % 2) * side // 2, brush.width, side):
            brush.rectangle(
                (x + 2, y + 2, x + side - 2, y + side - 2), jitter(mix(tile, (255, 255, 255), 30), rng, 7), 3
            )
    wood = jitter((186, 132, 84), rng, 22)
    brush.gradient((0, horizon, brush.width, brush.height), mix(wood, (255, 236, 206), 30), wood)
    y, step = horizon + 10, 24
    while y < brush.height:
        brush.rectangle((0, y, brush.width, y + 3), mix(wood, (70, 36, 12), 22))
        for _ in range(5):
            x, high = rng.randint(-30, brush.width), y + rng.randint(8, max(9, step - 4))
            brush.line(
                [(x, high), (x + rng.randint(40, 140), high + rng.randint(-2, 2))], mix(wood, (70, 36, 12), 12), 1
            )
        y += step
        step = step * 6 // 5


_PAINTERS: dict[str, tuple[int, int, Painter, tuple[str, ...]]] = {
    # theme: horizon between these percents, painter, far things along the horizon
    "park": (34, 44, _park, ("leafy_tree", "pine_tree", "leafy_tree")),
    "farm": (32, 42, _farm, ("leafy_tree", "hut", "leafy_tree")),
    "street": (36, 44, _street, ()),
    "beach": (28, 36, _beach, ()),
    "snow": (34, 44, _snow, ("pine_tree",)),
    "camp": (36, 46, _camp, ("pine_tree",)),
    "desert": (32, 42, _desert, ("cactus",)),
    "savanna": (30, 40, _savanna, ("leafy_tree", "palm_tree")),
    "harbour": (26, 36, _harbour, ()),
    "room": (40, 46, _room, ()),
    "table": (30, 38, _table, ()),
}
THEMES: tuple[str, ...] = tuple(_PAINTERS)
