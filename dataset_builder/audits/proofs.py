"""Every procedural answer derived a second time, by solvers that do not see the stored one."""

from __future__ import annotations

from dataset_builder import categories
from dataset_builder.audits._rule import EachRule, Found, procedural, procedural_geu
from dataset_builder.instance import Instance

MEND = "mend the generator or the solver in dataset_builder.categories"


def solved(instance: Instance) -> Found:
    """GEU: the solver reads the pixels or the metadata and arrives at the same letter."""
    try:
        answer = categories.solve(instance)
    except Exception as error:  # the solver meets data that it may not understand: that is the finding
        yield f"the solver stopped: {type(error).__name__}: {error}", MEND
        return
    if answer != instance.answer:
        yield f"the solver finds {answer}, stored is {instance.answer}", MEND


def proven(instance: Instance) -> Found:
    """UEG: the category recomputes everything that the questions claim."""
    try:
        problems = categories.inspect(instance)
    except Exception as error:  # as above
        problems = [f"the proof stopped: {type(error).__name__}: {error}"]
    for problem in problems:
        yield problem, MEND


def promised(instance: Instance) -> Found:
    """What the category promises beyond the answer: a detail's size, a picture's crowd."""
    try:
        problems = categories.inspect(instance)
    except Exception as error:  # as above
        problems = [f"the inspection stopped: {type(error).__name__}: {error}"]
    for problem in problems:
        yield problem, MEND


EACH = (
    EachRule("solved again", "an independent solver arrives at every stored GEU answer", solved, procedural_geu),
    EachRule(
        "proven",
        "arithmetic, puzzles and programs recomputed; every polling answer follows",
        proven,
        lambda instance: procedural(instance) and instance.axis == "ueg",
    ),
    EachRule(
        "small details",
        "what a category promises beyond its answers: details under 0.5 % of a large picture, work as the level says",
        promised,
        lambda instance: procedural_geu(instance) and categories.inspects(instance),
    ),
)
