"""Mental tracking: nothing for free. Whoever makes a typical mistake with the steps reads something else.

Slips are carried out on the colours of the picture and the steps of the question: a rule or one of its
restrictions ignored, the first or last rule alone, another order, all at once taken for one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dataset_builder.audits._rule import EachRule, FoundIn, Seen, WholeRule, found_by, meta_of, procedural
from dataset_builder.audits.shortcuts import THREE_SIGMA, Chosen, measure
from dataset_builder.categories.mental_tracking import reader, stroke_colours
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.categories.mental_tracking.content import Alphabet, alphabet
from dataset_builder.categories.mental_tracking.glyphs import STROKES
from dataset_builder.categories.mental_tracking.puzzle import Colouring, apply, reading
from dataset_builder.instance import LETTERS, Instance

MEND = "search other steps or first colours"


def readings(instance: Instance) -> dict[str, str | None]:
    """What each slip reads, by name; None where it reads no glyphs at all."""
    question, board = instance.question or "", Board.from_json(instance.meta["board"])
    start, asked, told = (
        stroke_colours(instance, board),
        reader.read_asked(question),
        alphabet(reader.read_alphabet(question)),
    )
    steps, mode = reader.read_steps(question), reader.read_mode(question)
    return {
        name: reading(apply(rules.change(*slip, len(start)), start), asked, told)
        for name, slip in rules.slips(steps, mode, len(start)).items()
    }


def free(instance: Instance) -> Iterator[str]:
    """The slips that read the right option all the same."""
    truth = instance.option[LETTERS.index(instance.answer or "A")]
    for name, read in readings(instance).items():
        if read == truth:
            yield f"whoever slips ({name}) still reads {truth}"


def nearest(instance: Instance) -> Chosen:
    """All steps but the last, then the options whose strokes differ least from what is there."""
    meta = meta_of(instance)
    if "start" not in meta:
        return set()
    start: Colouring = tuple(meta["start"])
    steps = [rules.Step(**step) for step in meta["steps"][:-1]]
    end = apply(rules.change(steps, meta["mode"], len(start)), start)
    shown = [frozenset(s for s in STROKES if glyph[s] == meta["asked"]) for glyph in end]
    told = alphabet(meta["alphabet"])
    apart = [
        sum(len(strokes ^ one) for strokes, one in zip(_strokes(option, told), shown, strict=True))
        for option in instance.option
    ]
    return {index for index, far in enumerate(apart) if far == min(apart)}


def _strokes(option: str, told: Alphabet) -> list[frozenset[str]]:
    glyphs: Sequence[str] = option.split(told.join) if told.join else option
    return [frozenset(told.glyphs[glyph]) for glyph in glyphs]


def fair(rows: Sequence[Seen]) -> FoundIn:
    found = measure(nearest, (row.instance for row in rows))
    if found.p < THREE_SIGMA:
        what = f"all steps but the last, then the nearest option: right {found.hits} of {found.n} times"
        yield rows[0].instance.task_type, f"{what} (chance {found.chance:.0%})", MEND


def _tracking(instance: Instance) -> bool:
    return procedural(instance) and instance.task_type == "mental_tracking"


EACH = (
    EachRule(
        "slips",
        "every rule and every restriction in it changes the reading, and no typical mistake reads the answer",
        found_by(free, MEND),
        _tracking,
    ),
)
WHOLE = (
    WholeRule("near misses", "all steps but the last, then the nearest option, does not beat chance", fair, _tracking),
)
