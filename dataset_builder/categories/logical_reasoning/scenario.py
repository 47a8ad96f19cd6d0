"""What a scenario of the logic puzzles is: the words for who stands where.

A scenario is words only; its `layout` names the geometry (`_logic_language.VOICES`) and so the relations
that can be said about it. Openings are used when a puzzle is stated by conditions (`{list}` is "one red,
one blue and one green" or "an apple, a pear and a plum"; `{colours}` is "red, blue and green"), the scene
when an arrangement is given and then changed.

    >>> row("mugs", "mug", "mugs", "{n} mugs stand {place}", ("Draw {n} mugs: {list}.", "")).layout
    'row'
"""

from __future__ import annotations

from dataclasses import dataclass

COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "white", "black", "brown")
BRIGHT = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "white")
ANIMALS = ("dog", "cat", "rabbit", "fox", "bear", "pig", "mouse", "owl", "frog", "penguin", "monkey", "lion")
WARM = ("warm-coloured {plural}", ("red", "orange", "yellow"), ("blue", "green", "white", "black"))
Phrasing = tuple[str, str]


@dataclass(frozen=True)
class Scenario:
    """One situation. `things` are colours where `noun` is set ("the red mug"), else names ("the pear")."""

    name: str
    layout: str
    scene: str
    phrasings: tuple[Phrasing, ...]
    things: tuple[str, ...]
    noun: str = ""
    plural: str = ""
    places: tuple[str, ...] = ("",)
    counts: tuple[int, ...] = (3, 4, 5)
    verb: str = ""
    """A livelier word than "is" for where something is: "stands", "hangs"."""
    mark: str = ""
    """What a thing may have that sets it apart: "a spoon inside"."""
    kinds: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    """Classes for general rules: plural, members, and things that are certainly not members."""
    level: str = ""
    """Stands for "shelf" in a vertical layout."""
    more: str = ""
    less: str = ""
    most: str = ""
    least: str = ""
    """Comparatives of a size: taller, shorter, tallest, shortest."""
    second: tuple[str, ...] = ()
    second_name: str = ""
    second_term: str = ""
    pair: str = ""
    """The other thing at each place: "{c} hat", "animal in the {c} hat", and "wearing {y}"."""
    holders: tuple[str, ...] = ()
    holder_name: str = ""
    hold: str = ""
    values: tuple[str, ...] = ()
    alike: str = ""
    flip: tuple[str, str, str] | None = None
    becomes: tuple[str, ...] = ()
    """What happens to a thing that gets the value: "is opened", "is closed"."""
    recolour: str = ""
    adjective: str = "{v} {plural}"

    @property
    def coloured(self) -> bool:
        return bool(self.noun)


TABLES = ("on a wooden table", "on a kitchen counter", "on a windowsill", "on a round tray")


def row(name: str, noun: str, plural: str, scene: str, *phrasings: Phrasing, **more: object) -> Scenario:
    """Coloured things of one kind on a line."""
    fields: dict[str, object] = {"layout": "row", "things": COLOURS, "kinds": (WARM,), **more}
    return Scenario(name=name, scene=scene, phrasings=phrasings, noun=noun, plural=plural, **fields)  # type: ignore[arg-type]


def named(name: str, things: tuple[str, ...], scene: str, *phrasings: Phrasing, **more: object) -> Scenario:
    """Things that go by their own names."""
    fields: dict[str, object] = {"layout": "row", **more}
    return Scenario(name=name, scene=scene, phrasings=phrasings, things=things, **fields)  # type: ignore[arg-type]


def states(name: str, scene: str, values: tuple[str, ...], *phrasings: Phrasing, **more: object) -> Scenario:
    """A row of alike things, each in one of a few states."""
    fields: dict[str, object] = {"layout": "states", "things": (), **more}
    return Scenario(name=name, scene=scene, phrasings=phrasings, values=values, **fields)  # type: ignore[arg-type]
