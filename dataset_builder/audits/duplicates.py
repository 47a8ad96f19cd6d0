"""No two instances alike: prompts, questions with their pictures, and pictures that look the same.

Two pictures look the same when their perceptual hashes differ in few bits *and* their mean colours are near:
the hash alone takes two drawings on one background, or one drawing in other colours, for the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from dataset_builder.audits._rule import FoundIn, Seen, WholeRule, meta_of, ours_geu, ours_ueg

NEAR_BITS = 16  # of 256; different pictures of one kind differ in 44 and more
NEAR_COLOR = 2.0  # mean difference of 0 to 255 over 8x8 fields
BLOCK = 512
FIX = "rebuild with another seed, or vary the generator more"


def _repeats(rows: Sequence[Seen], key: Callable[[Seen], Hashable], what: str) -> FoundIn:
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row.instance.id)
    for first, *others in groups.values():
        for other in others:
            yield other, f"{what} of {first}", FIX


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def prompts(rows: Sequence[Seen]) -> FoundIn:
    yield from _repeats(rows, lambda row: _plain(row.instance.prompt), "has the prompt")


def subjects(rows: Sequence[Seen]) -> FoundIn:
    """Hand-written instances: no two about the same thing."""
    written = [row for row in rows if row.instance.provenance == "authored"]
    yield from _repeats(
        written, lambda row: _plain(str(meta_of(row.instance).get("subject", row.instance.id))), "has the subject"
    )


def questions(rows: Sequence[Seen]) -> FoundIn:
    """The same question on the same picture (its pixels, however they are encoded)."""
    shown = [row for row in rows if "image" in row.pictures]
    yield from _repeats(
        shown, lambda row: (_plain(row.instance.question), row.pictures["image"].pixels), "has question and picture"
    )


def lookalikes(rows: Sequence[Seen]) -> FoundIn:
    """Pictures that a person would take for the same; references too, which are unshuffled and unmarked by chance."""
    for column in ("image", "reference_image"):
        shown = [row for row in rows if column in row.pictures]
        for one, other in near_pairs(shown, column):
            yield other.instance.id, f"its {column} looks like that of {one.instance.id}", FIX


def near_pairs(rows: Sequence[Seen], column: str) -> list[tuple[Seen, Seen]]:
    """Pairs whose pictures in `column` look the same, in blocks so that 10,000 fit into memory."""
    import numpy as np

    if len(rows) < 2:
        return []
    bits = np.array([row.pictures[column].bits for row in rows], dtype=np.float32)
    tiny = np.array([row.pictures[column].tiny for row in rows], dtype=np.float32)
    found: list[tuple[Seen, Seen]] = []
    for start in range(0, len(rows), BLOCK):
        part: Any = bits[start : start + BLOCK]
        differing = part.sum(1)[:, None] + bits.sum(1)[None] - 2 * part @ bits.T
        for a, b in zip(*np.nonzero(differing <= NEAR_BITS), strict=True):
            one, other = start + int(a), int(b)
            if one < other and float(np.abs(tiny[one] - tiny[other]).mean()) <= NEAR_COLOR:
                found.append((rows[one], rows[other]))
    return found


WHOLE = (
    WholeRule("prompts differ", "no two prompts are equal", prompts, ours_ueg),
    WholeRule("subjects differ", "no two hand-written instances are about the same thing", subjects, ours_ueg),
    WholeRule("questions differ", "no question is asked twice on one picture", questions, ours_geu),
    WholeRule("pictures differ", "no two pictures look the same (perceptual hash and colours)", lookalikes, ours_geu),
)
