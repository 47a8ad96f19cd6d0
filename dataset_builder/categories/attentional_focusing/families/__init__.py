"""Families of scenes, one module and one data file each.

`compose(rng, crowd)` gives places and values, `paint(rng, scene)` the picture, noting how each detail was drawn:
between the two the near misses are planted (`asking`).
"""

from __future__ import annotations

import importlib
import random
from typing import Protocol, cast

from dataset_builder.categories.attentional_focusing.scene import Scene
from dataset_builder.drawing.sheet import Sheet

NAMES: tuple[str, ...] = tuple(
    "beetles cardfile chalkboard circuit departures grocery keys letterboxes library notices stamps tickets".split()
)


class Module(Protocol):
    def compose(self, rng: random.Random, crowd: int) -> Scene: ...

    def paint(self, rng: random.Random, scene: Scene) -> Sheet: ...


def load(name: str) -> Module:
    return cast(Module, importlib.import_module(f"{__name__}.{name}"))
