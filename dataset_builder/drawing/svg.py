"""SVG text and its rendering by resvg: fixed decimals, the typefaces vendored, nothing of the machine's own.

A fragment is a string of elements. Numbers have at most two decimals, so that the same picture is the same text
and, resvg being without assembly of its own per processor, the same pixels.

    >>> rect(1, 2.5, 30, 4, "#fff")
    '<rect x="1" y="2.5" width="30" height="4" fill="#fff"/>'
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageFont

from dataset_builder.drawing.colors import Rgb
from dataset_builder.drawing.fonts import FOLDER
from dataset_builder.errors import RealUnifyError

FACES: tuple[str, ...] = tuple(sorted(path.stem for path in (FOLDER / "print").glob("*.ttf")))
"""The typefaces for print by the names of their files: `serif-garamond`, `hand-caveat` and so on."""
Turn = tuple[float, float, float]
"""Degrees clockwise about a point (x, y)."""
_EM = 1000
_FAMILY = re.compile(r'font-family="Focus ([a-z ]+)"')


def number(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def decimals(value: float) -> str:
    """Of small numbers, such as frequencies: four decimals."""
    return f"{value:.4f}".rstrip("0")


@cache
def _name(keyword: str) -> str:
    return keyword.rstrip("_").replace("_", "-")


def attributes(**values: float | str | None) -> str:
    """` a="1" b-c="x"` for `a=1, b_c="x"`; what is None is left out. Values are ours and hold no quotes."""
    parts = []
    for name, value in values.items():
        if value is not None:
            shown = value if isinstance(value, str) else number(value)
            parts.append(f' {_name(name)}="{shown}"')
    return "".join(parts)


def css(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def rect(x: float, y: float, width: float, height: float, fill: str, **more: float | str | None) -> str:
    return f"<rect{attributes(x=x, y=y, width=width, height=height, fill=fill, **more)}/>"


def circle(x: float, y: float, r: float, fill: str, **more: float | str | None) -> str:
    return f"<circle{attributes(cx=x, cy=y, r=r, fill=fill, **more)}/>"


def line(x0: float, y0: float, x1: float, y1: float, stroke: str, width: float, **more: float | str | None) -> str:
    ends = attributes(x1=x0, y1=y0, x2=x1, y2=y1, stroke=stroke, stroke_width=width, **more)
    return f"<line{ends}/>"


def path(d: str, fill: str = "none", **more: float | str | None) -> str:
    return f"<path{attributes(d=d, fill=fill, **more)}/>"


def polygon(points: Sequence[tuple[float, float]], fill: str, **more: float | str | None) -> str:
    return f"<polygon{attributes(points=' '.join(f'{number(x)},{number(y)}' for x, y in points), fill=fill, **more)}/>"


def turned(fragment: str, turn: Turn) -> str:
    angle, x, y = turn
    return f'<g transform="rotate({number(angle)} {number(x)} {number(y)})">{fragment}</g>' if angle else fragment


def text(
    x: float,
    y: float,
    words: str,
    face: str,
    size: float,
    ink: str,
    anchor: str = "middle",
    **more: float | str | None,
) -> str:
    """Words on a baseline at `y`; `anchor` is start, middle or end."""
    look = attributes(x=x, y=y, font_family=f"Focus {face.replace('-', ' ')}", font_size=size, fill=ink, **more)
    return f"<text{look}{attributes(text_anchor=anchor if anchor != 'start' else None)}>{escape(words)}</text>"


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    file = FOLDER / "print" / f"{face}.ttf"
    if not file.is_file():
        raise RealUnifyError(f"there is no typeface '{face}'; choose from {', '.join(FACES)}")
    return ImageFont.truetype(file, _EM, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1 << 14)
def width(words: str, face: str, size: float) -> float:
    """How long the words are, without kerning (a little more than they take)."""
    return _font(face).getlength(words) * size / _EM


@cache
def cap_height(face: str) -> float:
    """Height of a capital H, as a part of the size."""
    top, bottom = _font(face).getbbox("H", anchor="ls")[1::2]
    return (bottom - top) / _EM


def fitted(words: str, face: str, size: float, room: float) -> float:
    """The size, or as much less as the words need to be at most `room` long."""
    long = width(words, face, size)
    return size if long <= room else size * room / long


def document(fragment: str, size: tuple[float, float], corner: tuple[float, float] = (0, 0), defs: str = "") -> str:
    """A whole SVG of `size` pixels that shows the part of the plane from `corner` on."""
    view = " ".join(number(value) for value in (*corner, *size))
    head = f'width="{number(size[0])}" height="{number(size[1])}" viewBox="{view}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}><defs>{defs}</defs>{fragment}</svg>'


def render(document: str) -> Image.Image:
    """The document as an RGBA picture."""
    import resvg_py

    faces = sorted({name.replace(" ", "-") for name in _FAMILY.findall(document)})
    files = [str(Path(FOLDER) / "print" / f"{face}.ttf") for face in faces]
    data = resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True, font_files=files)
    return Image.open(io.BytesIO(bytes(data))).convert("RGBA")


@lru_cache(maxsize=2048)
def stamp(fragment: str, size: tuple[int, int], defs: str = "") -> Image.Image:
    """A small drawing as RGBA, kept: for what is there many times. Do not draw on it."""
    return render(document(fragment, size, defs=defs))
