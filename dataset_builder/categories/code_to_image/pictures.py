"""Wrong pictures near a right one: what a careless artist could make of a scene, one or two mistakes away.

>>> scene = Scene((Item(1, "red", "cup"), Item(1, "blue", "bowl")), "above")
>>> Scene((Item(1, "blue", "cup"), Item(1, "red", "bowl")), "above") in near(scene)
True
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache

from dataset_builder.categories.shared.scene import Item, Scene
from dataset_builder.categories.shared.words import PALETTE


@lru_cache(maxsize=64)
def near(scene: Scene) -> tuple[Scene, ...]:
    """Wrong pictures of the same layout, no two alike."""
    if scene.layout == "row":
        found = set(_rows(tuple(str(item.colour) for item in scene.items)))
        noun = scene.items[0].noun
        scenes = [Scene(tuple(Item(1, c, noun) for c in row), "row") for row in sorted(found)]
    elif scene.layout:
        first, second = scene.items
        pairs = list(itertools.permutations(PALETTE, 2))
        turned = [(first.noun, second.noun), (second.noun, first.noun)]
        scenes = [
            Scene((Item(1, one, top), Item(1, two, low)), scene.layout) for top, low in turned for one, two in pairs
        ]
    else:
        scenes = list(_crowds(scene))
    return tuple(dict.fromkeys(picture for picture in scenes if picture != scene))


def _rows(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Two places recoloured, or one and the length wrong, or two exchanged."""
    once = set(_rows_once(row))
    yield from once
    for other in sorted(once):
        if len(other) != len(row):
            yield from (o for o in _rows_once(other) if len(o) == len(other))
    for i, j in itertools.combinations(range(len(row)), 2):
        exchanged = list(row)
        exchanged[i], exchanged[j] = row[j], row[i]
        yield tuple(exchanged)
        for one, two in itertools.product(sorted({*row, "grey"}), repeat=2):
            changed = list(row)
            changed[i], changed[j] = one, two
            yield tuple(changed)
    yield row[::-1]


def _rows_once(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for place, colour in itertools.product(range(len(row)), PALETTE):
        yield (*row[:place], colour, *row[place + 1 :])
    for place in range(len(row)):
        yield row[:place] + row[place + 1 :]
        yield (*row[:place], row[place], *row[place:])
    yield (*row, row[0])
    yield (*row, "grey")


def _crowds(scene: Scene) -> Iterator[Scene]:
    """Counts wrong, things recoloured, things added: at most two of these."""
    start = tuple((item.noun, str(item.colour), item.count) for item in scene.items)
    once = list(_crowds_once(start, PALETTE))
    shown = [str(item.colour) for item in scene.items]
    few = [colour for colour in PALETTE if colour in shown or colour in ("purple", "white")]
    twice = [two for one in _crowds_once(start, few) for two in _crowds_once(one, few)]
    for crowd in dict.fromkeys([*once, *twice]):
        counts: dict[tuple[str, str], int] = {}
        for noun, colour, count in crowd:
            counts[noun, colour] = counts.get((noun, colour), 0) + count
        items = tuple(Item(count, colour, noun) for (noun, colour), count in counts.items() if count > 0)
        if items:
            yield Scene(items)


Crowd = tuple[tuple[str, str, int], ...]


def _crowds_once(crowd: Crowd, colours: Sequence[str]) -> Iterator[Crowd]:
    for place, (noun, colour, count) in enumerate(crowd):
        rest = crowd[:place] + crowd[place + 1 :]
        for wrong in (count - 2, count - 1, count + 1, count + 2):
            if wrong >= 0:
                yield ((noun, colour, wrong), *rest)
        for other in colours:
            yield ((noun, other, count), *rest)
            yield ((noun, colour, count - 1), (noun, other, 1), *rest)
        if len(crowd) < 3:
            for other in colours:
                yield (*crowd, (noun, other, 2))
