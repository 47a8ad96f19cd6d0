"""Library shelves: rows of book spines in cloth, leather and paper, with series, leaning books and lying stacks."""

from __future__ import annotations

import random

from dataset_builder.categories.attentional_focusing.details import Detail, draw
from dataset_builder.categories.attentional_focusing.scene import Scene, Thing
from dataset_builder.categories.attentional_focusing.wording import family
from dataset_builder.drawing import svg
from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.sheet import ROUND, SOFT, Sheet

WORDS = family("library")
SIZE = (2240, 1600)
_GOLD = "#d9b667"
_BOARD = 30
_GLAZES = ("#3f6f86", "#8a4a34", "#d8cdb4", "#566b4a", "#2f3e63", "#b98a3c")
_SHINE = (
    '<linearGradient id="shine"><stop offset="0" stop-opacity=".55"/><stop offset=".3" stop-color="#fff" '
    'stop-opacity=".4"/><stop offset=".5" stop-opacity="0"/><stop offset="1" stop-opacity=".6"/></linearGradient>'
    '<radialGradient id="ball" cx=".35" cy=".3" r=".75"><stop offset="0" stop-color="#fff" stop-opacity=".5"/>'
    '<stop offset=".5" stop-opacity="0"/><stop offset="1" stop-opacity=".65"/></radialGradient>'
)


def _twice(d: str, light: str) -> str:
    """A shape in its colour, and the light on it."""
    return svg.path(d, "HUE") + svg.path(d, f"url(#{light})")


# In a box of 150 by 200, standing on its lower side; HUE is the glaze.
_ORNAMENTS = {
    "vase": _twice("M52 0H98Q92 30 96 50C150 80 148 150 108 200H42C2 150 0 80 54 50Q58 30 52 0Z", "shine"),
    "jug": _twice(
        "M50 10H104L98 48C140 84 136 160 110 200H40C14 160 10 84 52 48ZM116 60Q160 70 128 140L124 128Q142 84 112 76Z",
        "shine",
    ),
    "globe": svg.path("M69 160H81V180H112V200H38V180H69Z", "#6b4a2a")
    + svg.path("M75 10a75 75 0 1 0 .1 0z", "#b98a3c")
    + svg.circle(75, 85, 69, "HUE")
    + svg.path(
        "M30 60Q50 30 84 34Q92 52 74 66Q84 84 66 112Q44 104 46 84Q30 78 30 60Z"
        "M96 70Q124 56 134 78Q130 110 108 124Q94 104 96 70Z",
        "#cdb88a",
    )
    + svg.circle(75, 85, 69, "url(#ball)"),
}
_BODIES = (("cloth", 45), ("paper", 35), ("leather", 20))


def compose(rng: random.Random, crowd: int) -> Scene:
    """Shelves with about `crowd` books."""
    width, height = SIZE
    shelves = 4 if crowd < 150 else 5
    pitch = (height - 16) // shelves
    rows = [(16 + pitch * k, 16 + pitch * (k + 1)) for k in range(shelves)]
    scene = Scene(SIZE, rows, [], {"board": pitch})
    for top, bottom in rows:
        _fill(rng, scene, bottom - _BOARD, bottom - top - _BOARD, (width - 60) / (crowd / shelves))
    return scene


def _fill(rng: random.Random, scene: Scene, foot: int, room: int, mean: float) -> None:
    """One shelf, in runs: a series, single books, a gap with a leaning book or a stack."""
    x, end = 30 + rng.randint(0, 24), SIZE[0] - 34
    while x < end - 60:
        if rng.random() < 0.11:
            run, copies = rng.randint(3, 6), _look(rng, room, mean)
            subject = WORDS.invent(rng, "{subject}")
            for volume in range(run):
                style = {**copies, "title": f"{subject} {'I II III IV V VI VII'.split()[volume]}"}
                x = _stand(rng, scene, x, foot, style, end)
        elif rng.random() < 0.07 and x < end - 260:
            x = _ornament(rng, scene, x, foot, room)
        else:
            x = _stand(rng, scene, x, foot, _look(rng, room, mean), end)


def _ornament(rng: random.Random, scene: Scene, x: int, foot: int, room: int) -> int:
    """Something between the books: a vase, a globe, a clock."""
    high = room * rng.randint(48, 70) // 100
    box = (x + 16, foot - high, x + 16 + high * 3 // 4, foot)
    style = {"ornament": rng.choice(sorted(_ORNAMENTS)), "hue": rng.choice(_GLAZES)}
    scene.things.append(Thing(box, aside=True, style=style))
    return box[2] + 16


def _stand(rng: random.Random, scene: Scene, x: int, foot: int, style: dict[str, object], end: int) -> int:
    wide, high = int(str(style["wide"])), int(str(style["high"]))
    if x + wide > end:
        return end
    values = {name: WORDS.invent(rng, anchor.pattern) for name, anchor in WORDS.anchors.items()}
    if wide >= 58 and rng.random() < 0.6:
        values["label"] = WORDS.invent(rng, WORDS.asks["label"].pattern)
    elif rng.random() < 0.6:
        values["mark"] = rng.choice(WORDS.asks["mark"].choices)
        values["dots"] = str(rng.randint(WORDS.asks["dots"].low, WORDS.asks["dots"].high))
    scene.things.append(Thing((x, foot - high, x + wide, foot), values, str(style["name"]), style=dict(style)))
    return x + wide + rng.choice((0, 0, 0, 1, 1, 2))


def _look(rng: random.Random, room: int, mean: float) -> dict[str, object]:
    body = rng.choices([name for name, _ in _BODIES], [part for _, part in _BODIES])[0]
    color = rng.choice(WORDS.colours[body])
    light = rng.randint(86, 112)
    color = tuple(min(255, c * light // 100) for c in color)  # type: ignore[assignment]
    pattern = rng.choice(["plain", "plain", "of", "of", "bare", "bare", "in", "series"])
    title = WORDS.invent(rng, WORDS.patterns[pattern])
    return {
        "body": body,
        "color": color,
        "name": _called(color),
        "wide": max(40, min(112, int(rng.gauss(mean, mean * 0.24)))),
        "high": room * rng.randint(66, 93) // 100,
        "face": rng.choice(WORDS.faces["title"]),
        "upper": rng.random() < 0.45,
        "title": title,
        "style": rng.choice(["bands", "panel", "plain", "rules", "block", "plain"]),
        "ink": _ink(rng, body, color),
        "start": rng.randrange(1000),
    }


def _called(color: Rgb) -> str:
    """A colour word for the spines where everyone would use the same; else nothing."""
    r, g, b = color
    if r > 205 and g > 190 and b > 165:
        return "white book"
    if r > 2 * g and r > 2 * b and r > 110:
        return "red book"
    if r > 190 and 140 < g < 190 and b < 100:
        return "yellow book"
    return ""


def _ink(rng: random.Random, body: str, color: Rgb) -> str:
    bright = (3 * color[0] + 6 * color[1] + color[2]) // 10
    if body == "leather":
        return _GOLD
    if bright < 110:
        return rng.choice([_GOLD, "#efe6d2", "#f4efe4", "#e2cf9a"])
    return rng.choice(["#221c1a", "#2a2a30", "#5a1f1c", "#20324a"])


def paint(rng: random.Random, scene: Scene) -> Sheet:
    """The picture, with every thing's details noted."""
    sheet = Sheet(SIZE, (46, 31, 22), "wood", depth=70)
    for top, bottom in scene.rows:
        sheet.shade((0, top, SIZE[0], bottom), [215, 120, 90, 110, 170])
    for index, (_, bottom) in enumerate(scene.rows):
        board = (0, bottom - _BOARD, SIZE[0], bottom)
        sheet.slab(board, (138, 92, 56), "wood", start=index * 7 + 1, edge=34)
        sheet.shade((0, bottom, SIZE[0], min(SIZE[1], bottom + 60)), [190, 90, 30, 0])
    for thing in scene.things:
        if thing.aside:
            x0, y0, x1, y1 = thing.box
            shape = _ORNAMENTS[thing.style["ornament"]].replace("HUE", thing.style["hue"])
            sheet.put(
                svg.stamp(
                    f'<g transform="scale({svg.decimals((y1 - y0) / 200)})">{shape}</g>', (x1 - x0, y1 - y0), _SHINE
                ),
                (x0, y0),
                shadow=150,
                fall=(9, 2),
            )
        else:
            _book(sheet, thing)
    sheet.settle(wear=7)
    for side in (0, SIZE[0] - 26):
        sheet.slab((side, 0, side + 26, SIZE[1]), (112, 74, 46), "wood", upright=True, edge=20, across=SOFT)
    sheet.slab((0, 0, SIZE[0], 18), (120, 80, 50), "wood", start=9, edge=24)
    sheet.light()
    return sheet


def _book(sheet: Sheet, thing: Thing) -> None:
    style, (x0, y0, x1, y1) = thing.style, thing.box
    sheet.shadow(thing.box, blur=12, fall=(9, 2), strength=150)
    look = {"cloth": ("cloth", 70, 5), "leather": ("leather", 80, 8), "paper": ("paper", 70, 4)}[style["body"]]
    sheet.slab(
        thing.box,
        style["color"],
        look[0],
        radius=4,
        start=style["start"],
        depth=look[1],
        wear=look[2],
        across=ROUND if style["body"] != "paper" else SOFT,
        down=((0, 108), (30, 100), (850, 94), (1000, 70)),
    )
    wide, high, ink, mid = x1 - x0, y1 - y0, style["ink"], (x0 + x1) / 2
    for at in _rules(style["style"]):
        sheet.ink(svg.rect(x0 + 1, y0 + high * at, wide - 2, 3, ink, opacity=0.85))
    if style["style"] == "block":
        sheet.ink(svg.rect(x0, y0, wide, high * 0.06, ink, opacity=0.7))
    if style["style"] == "panel":
        dark = "#241a16" if ink in (_GOLD, "#efe6d2", "#f4efe4", "#e2cf9a") else "#efe6d0"
        sheet.ink(
            svg.rect(x0 + 2, y0 + high * 0.06, wide - 4, high * 0.7, dark, opacity=0.72, stroke=ink, stroke_width=1.5)
        )
    _print(sheet, thing, mid, wide, high)


def _rules(style: str) -> tuple[float, ...]:
    return {"bands": (0.02, 0.033, 0.045, 0.955, 0.968), "rules": (0.03, 0.96)}.get(style, ())


def _print(sheet: Sheet, thing: Thing, mid: float, wide: int, high: int) -> None:
    """Emblem and dots at the top, title and author along the spine, the library's label at the foot."""
    (_, y0, _, y1), ink = thing.box, thing.style["ink"]
    begin, finish = y0 + high * 0.075, y1 - high * 0.07
    if "mark" in thing.values:
        thing.details["mark"] = Detail("emblem", mid, begin + 8, 21.5, ink)
        thing.details["dots"] = Detail("marks", mid, begin + 39, 8, ink, pitch=12, in_row=3)
        begin += 70
    if "label" in thing.values:
        foot = y1 - 58
        sheet.ink(svg.rect(mid - wide / 2 + 3, foot, wide - 6, 34, "#efe8d6", stroke="#8a7c62", stroke_width=1))
        size = svg.fitted("MMM 88", "condensed-narrow", 28, wide - 8)
        thing.details["label"] = Detail("text", mid, foot + 25.5, size, "#1d1b1c", "condensed-narrow")
        finish = foot - 12
    _lettering(sheet, thing, mid, wide, begin, finish)
    for name, detail in thing.details.items():
        sheet.ink(draw(detail, thing.values[name]))


def _lettering(sheet: Sheet, thing: Thing, mid: float, wide: int, begin: float, finish: float) -> None:
    """Title and author, one after the other on a thin spine, on two lines of a thick one."""
    style, ink, room = thing.style, thing.style["ink"], finish - begin
    title = style["title"].upper() if style["upper"] else style["title"]
    face, two = style["face"], wide >= 74
    author = svg.width(thing.values["author"], "condensed-sans", 27)
    most, long = (min(wide * 0.4, 44), room) if two else (min(wide * 0.58, 42), room - author - 18)
    # On a short spine the title is set narrow, or is its last word, or is only inside.
    short = title.split()[-1]
    tries = [
        (title, face, 16),
        (title, "condensed-sans-bold", 15),
        (short, face, 15),
        (short, "condensed-sans-bold", 13),
    ]
    sizes = [(words, look, svg.fitted(words, look, most, long), least) for words, look, least in tries if long > 20]
    title, face, size, _ = next((one for one in sizes if one[2] >= one[3]), ("", face, most, 0))
    cap = svg.cap_height(face) * size
    line = mid + wide * 0.2 - cap / 2 if two else mid - cap / 2
    sheet.ink(svg.turned(svg.text(line, begin, title, face, size, ink, "start"), (90, line, begin)))
    base = mid - wide * 0.2 - 10 if two else mid - 9.5
    thing.details["author"] = Detail("text", base, finish, 27, ink, "condensed-sans", "end", turn=90)
