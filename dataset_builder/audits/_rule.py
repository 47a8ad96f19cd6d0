"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset_builder.instance import Instance


@dataclass(frozen=True)
class Problem:
    """One breach: which instance (or category), of which rule, what is wrong, and what to do."""

    id: str
    rule: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.id}: {self.rule}: {self.what}; {self.fix}"


Found = Iterable[tuple[str, str]]  # what is wrong, and what to do
FoundIn = Iterable[tuple[str, str, str]]  # the same, after the id


@dataclass(frozen=True)
class PictureFacts:
    """What is kept of a picture once it was decoded: enough to find it again."""

    pixels: str  # sha256 of size and RGB values
    bits: tuple[int, ...]  # perceptual hash, 256 bits
    tiny: tuple[int, ...]  # 8x8 mean colours, so that a recoloured picture is not its original


@dataclass(frozen=True)
class Seen:
    """An instance without its pictures' bytes, and what was noted of them."""

    instance: Instance
    pictures: dict[str, PictureFacts] = field(default_factory=dict)


def found_by(read: Callable[[Instance], Iterable[str]], fix: str) -> Callable[[Instance], Found]:
    """A check from a reader of pictures and metadata; that it cannot read an instance is a problem of its own."""

    def check(instance: Instance) -> Found:
        try:
            for what in read(instance):
                yield what, fix
        except Exception as error:  # the reader meets data that it may not understand: that is the finding
            yield f"the reader stopped: {type(error).__name__}: {error}", fix

    return check


def meta_of(instance: Instance) -> dict[str, Any]:
    """The decoded metadata; empty where it is broken, which the rule `fields` tells."""
    try:
        return instance.meta
    except ValueError:
        return {}


def always(instance: Instance) -> bool:
    return True


def ours(instance: Instance) -> bool:
    """The authors' release is taken as it is: rules about how instances should be made are for our own."""
    return instance.provenance != "official"


def ours_ueg(instance: Instance) -> bool:
    return ours(instance) and instance.axis == "ueg"


def ours_geu(instance: Instance) -> bool:
    return ours(instance) and instance.axis == "geu"


def geu(instance: Instance) -> bool:
    return instance.axis == "geu"


def procedural(instance: Instance) -> bool:
    return instance.provenance == "procedural"


def procedural_geu(instance: Instance) -> bool:
    return procedural(instance) and instance.axis == "geu"


@dataclass(frozen=True)
class EachRule:
    """A claim about every instance to which it `applies`."""

    name: str
    claim: str
    check: Callable[[Instance], Found]
    applies: Callable[[Instance], bool] = always


@dataclass(frozen=True)
class WholeRule:
    """A claim about a category; it is handed those of its instances to which it `applies`."""

    name: str
    claim: str
    check: Callable[[Sequence[Seen]], FoundIn]
    applies: Callable[[Instance], bool] = always
