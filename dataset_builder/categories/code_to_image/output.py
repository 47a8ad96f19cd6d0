"""How a printed line is read as a scene, and which scenes are fit to be drawn.

>>> read_output("3 white rabbits").items
(Item(count=3, colour='white', noun='rabbit'),)
"""

from __future__ import annotations

import re

from dataset_builder.categories.shared.scene import RELATIONS, Item, Scene
from dataset_builder.categories.shared.words import COLOURS, NOUNS, NUMBERS, SINGULAR

MOST = 8
"""So many things at most are drawn: more would test counting."""
_COLOUR = "|".join(sorted(COLOURS))
_COUNTED = re.compile(rf"(\d+) ({_COLOUR}) (.+)")
_RELATED = re.compile(rf"a ({_COLOUR}) (.+) ({'|'.join(RELATIONS)}) a ({_COLOUR}) (.+)")
_ROW = re.compile(rf"(.+) from left to right: ((?:{_COLOUR})(?: (?:{_COLOUR}))*)")


def read_output(output: str, strict: bool = True) -> Scene | None:
    """The scene that a printed line names, or None; `strict` also asks for the noun's right number."""
    if match := _RELATED.fullmatch(output):
        colour, noun, relation, other_colour, other = match.groups()
        items = (Item(1, colour, noun), Item(1, other_colour, other))
        return Scene(items, relation) if noun in NOUNS and other in NOUNS else None
    if match := _ROW.fullmatch(output):
        name, colours = match.groups()
        noun = SINGULAR.get(name, "")
        return Scene(tuple(Item(1, colour, noun) for colour in colours.split()), "row") if noun else None
    found = []
    for part in (_COUNTED.fullmatch(part) for part in output.split(" and ")):
        if part is None or part[3] not in SINGULAR:
            return None
        kind = NOUNS[SINGULAR[part[3]]]
        if strict and part[3] != (kind.one if part[1] == "1" else kind.many):
            return None
        found.append(Item(int(part[1]), part[2], kind.one))
    return Scene(tuple(found)) if len({item.kind for item in found}) == len(found) else None


def drawable(scene: Scene, most: int = MOST) -> bool:
    """Whether a picture can show it: something of everything, and not too much."""
    return all(item.count >= 1 for item in scene.items) and sum(item.count for item in scene.items) <= most


_PART = re.compile(rf"({'|'.join(NUMBERS[1:])}|an?) ({_COLOUR}) (.+)")


def read_description(text: str) -> Scene | None:
    """The scene of a reference prompt, read from its words."""
    text = text[:1].lower() + text[1:]
    if match := re.fullmatch(
        r"a row of (\w+) (.+?) (?:on|in|with) .+, from left to right: (.+)\. Nothing else\.", text
    ):
        noun, colours = SINGULAR.get(match[2], ""), match[3].split(", ")
        if not noun or NUMBERS.index(match[1]) != len(colours):
            return None
        return Scene(tuple(Item(1, colour, noun) for colour in colours), "row")
    body = re.sub(r",? (?:on|in|with) [^,]+, and nothing else\.$", "", text)
    relation = next((r for r in RELATIONS if f" {r} " in body), "")
    items = []
    for part in body.split(f" {relation} ") if relation else body.split(" and "):
        match = _PART.fullmatch(part)
        if match is None or match[3] not in SINGULAR:
            return None
        count = NUMBERS.index(match[1]) if match[1] in NUMBERS else 1
        items.append(Item(count, match[2], SINGULAR[match[3]]))
    return Scene(tuple(items), relation)
