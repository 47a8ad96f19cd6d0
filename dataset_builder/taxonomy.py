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


_AUTHORED = (
    "facts to join + strength of the wrong default (none 0, weak 1, strong 2): at most 2",
    "the same: 3",
    "the same: 4 or 5",
)

CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        _category(
            "world_knowledge",
            "ueg",
            "name the thing that a description of fact points at, and draw it",
            "authored",
            "animals_plants food architecture culture sports technology lifestyle",
            _AUTHORED,
        ),
        _category(
            "commonsense_reasoning",
            "ueg",
            "draw what everyday experience says happens",
            "authored",
            "physical_laws* human_activities* common_objects*",
            _AUTHORED,
        ),
        _category(
            "mathematical_reasoning",
            "ueg",
            "compute a quantity, draw exactly that many or that ratio",
            "procedural",
            "numerical_calculation probability_estimation proportional_reasoning constraint_equations",
            (
                "work (operations, plus one for each further unknown that must be solved with another): at most 3",
                "the same: 4",
                "the same: 5 or more",
            ),
        ),
        _category(
            "logical_reasoning",
            "ueg",
            "satisfy every condition of a small puzzle",
            "procedural",
            "explicit_conditions* implicit_conditions* hypothetical_changes*",
            (
                "a plain solver tries or moves at most 20 things",
                "21 to 44 things tried or moved",
                "45 or more things tried or moved",
            ),
        ),
        _category(
            "scientific_reasoning",
            "ueg",
            "apply a principle, draw the outcome",
            "authored",
            "physics chemistry biology geography",
            _AUTHORED,
        ),
        _category(
            "code_to_image",
            "ueg",
            "run a short program in the head on a given input, draw what it prints",
            "procedural",
            "branching* iteration_and_indexing*",
            ("up to 7 executed statements", "8 to 12 executed statements", "13 to 60 executed statements"),
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
            "recolour the strokes of seven-segment glyphs and read the glyphs of one colour",
            "procedural",
            "sequential_recolouring* simultaneous_recolouring*",
            ("work (glyphs times steps) of 6", "work of 8 to 10", "work of 12 or more, on three glyphs"),
        ),
        _category(
            "attentional_focusing",
            "geu",
            "find a small detail in a large, cluttered picture",
            "procedural",
            "quantity ocr attribute",
            (
                "one relation among 80 things or more",
                "two relations among 120 or more",
                "three relations among 160 to 400",
            ),
        ),
        _category(
            "cognitive_navigation",
            "geu",
            "follow the one path through a maze, or the quickest or constrained route on a map",
            "procedural",
            "maze map",
            (
                "work (cells of the path) of 10 to 17, or a route of 3 to 5 roads without conditions",
                "work of 18 to 30, or a route of 3 to 5 roads with one condition",
                "work of 31 or more, or a route of 3 to 6 roads with two conditions",
            ),
        ),
    )
}

SUBTASKS: dict[str, str] = {name: category.name for category in CATEGORIES.values() for name in category.subtask_names}


def categories(axis: Axis | None = None) -> tuple[Category, ...]:
    """The categories of one axis, or all ten, in the paper's order."""
    return tuple(c for c in CATEGORIES.values() if axis is None or c.axis == axis)
