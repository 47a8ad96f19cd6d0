"""What exists in the benchmark: 2 axes, 10 categories, 32 subtasks, as one table.

Source: arXiv 2509.24897v2. The paper's text names 20 of the 32 subtasks; the 12 with `ours=True` are
named by this project after the paper's wording and figures, because its own list is only in a figure.

    >>> CATEGORIES["mental_tracking"].axis
    'geu'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Axis = Literal["ueg", "geu"]
Source = Literal["authored", "procedural"]

AXES: dict[Axis, str] = {
    "ueg": "Understanding Enhances Generation",
    "geu": "Generation Enhances Understanding",
}
INSTANCES_PER_CATEGORY = 100


@dataclass(frozen=True)
class Subtask:
    """One kind of instance; `ours` marks a name that is not in the paper's text."""

    name: str
    ours: bool = False


@dataclass(frozen=True)
class Category:
    """One row of the table. `difficulty` says what easy, medium and hard mean here."""

    name: str
    axis: Axis
    title: str
    demand: str
    source: Source
    subtasks: tuple[Subtask, ...]
    difficulty: tuple[str, str, str]

    @property
    def subtask_names(self) -> tuple[str, ...]:
        return tuple(subtask.name for subtask in self.subtasks)


def _category(
    name: str,
    axis: Axis,
    demand: str,
    source: Source,
    subtasks: str,
    difficulty: tuple[str, str, str],
) -> Category:
    """`subtasks` is a space-separated list in which a trailing * marks a name of ours."""
    return Category(
        name=name,
        axis=axis,
        title=name.replace("_", " ").title().replace(" To ", " to "),
        demand=demand,
        source=source,
        subtasks=tuple(Subtask(word.rstrip("*"), word.endswith("*")) for word in subtasks.split()),
        difficulty=difficulty,
    )


_HOPS = ("one fact", "one uncommon fact or two joined facts", "three facts, or a tempting wrong one")

CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        _category(
            "world_knowledge",
            "ueg",
            "name the thing that a description of fact points at, and draw it",
            "authored",
            "animals_plants food architecture culture sports technology lifestyle",
            _HOPS,
        ),
        _category(
            "commonsense_reasoning",
            "ueg",
            "draw what everyday experience says happens",
            "authored",
            "physical_laws* human_activities* common_objects*",
            ("one everyday step", "one step against a tempting picture", "two steps, or two things at once"),
        ),
        _category(
            "mathematical_reasoning",
            "ueg",
            "compute a quantity, draw exactly that many or that ratio",
            "procedural",
            "numerical_calculation probability_estimation proportional_reasoning constraint_equations",
            ("one operation", "two operations", "three or more operations, or two unknowns"),
        ),
        _category(
            "logical_reasoning",
            "ueg",
            "satisfy every condition of a small puzzle",
            "procedural",
            "explicit_conditions* implicit_conditions* hypothetical_changes*",
            (
                "up to three conditions over three things",
                "four conditions or four things",
                "five or more conditions, or a condition that must be inferred first",
            ),
        ),
        _category(
            "scientific_reasoning",
            "ueg",
            "apply a principle, draw the outcome",
            "authored",
            "physics chemistry biology geography",
            ("one principle", "one principle against a tempting picture", "two principles or two cases"),
        ),
        _category(
            "code_to_image",
            "ueg",
            "run a short program in the head on a given input, draw what it prints",
            "procedural",
            "branching* iteration_and_indexing*",
            ("3 to 5 lines, one construct", "5 to 8 lines, two constructs", "8 to 12 lines, state that changes"),
        ),
        _category(
            "mental_reconstruction",
            "geu",
            "answer about a picture whose patches were shuffled",
            "procedural",
            "coarse_shuffle* fine_shuffle*",
            ("3x3 patches", "4x4 patches, or 3x3 with a question about relations", "5x5 or 6x6 patches"),
        ),
        _category(
            "mental_tracking",
            "geu",
            "recolour the strokes of seven-segment digits and read the digits of one colour",
            "procedural",
            "sequential_recolouring* simultaneous_recolouring*",
            ("two digits, 3 steps", "two digits, 4 or 5 steps", "three digits, or 6 steps"),
        ),
        _category(
            "attentional_focusing",
            "geu",
            "find a small detail in a large, cluttered picture",
            "procedural",
            "quantity ocr attribute",
            ("60 to 90 things", "91 to 140 things", "141 to 200 things"),
        ),
        _category(
            "cognitive_navigation",
            "geu",
            "follow the one path through a maze, or the shortest or constrained route on a map",
            "procedural",
            "maze map",
            (
                "short path, or a route without constraints",
                "longer path or a route with one constraint",
                "long path with many dead ends, or a route with two constraints",
            ),
        ),
    )
}

SUBTASKS: dict[str, str] = {name: category.name for category in CATEGORIES.values() for name in category.subtask_names}


def categories(axis: Axis | None = None) -> tuple[Category, ...]:
    """The categories of one axis, or all ten, in the paper's order."""
    return tuple(c for c in CATEGORIES.values() if axis is None or c.axis == axis)
