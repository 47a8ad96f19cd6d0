"""The hand-written scenarios of the logic puzzles by name.

>>> SCENARIOS["mugs"].layout
'row'
"""

from __future__ import annotations

from dataset_builder.categories.logical_reasoning.scenario import Scenario
from dataset_builder.categories.logical_reasoning.scenes_places import PLANE, VERTICAL
from dataset_builder.categories.logical_reasoning.scenes_rows import ROWS
from dataset_builder.categories.logical_reasoning.scenes_states import HOLDERS, PAIRS, STATES

SCENARIOS: dict[str, Scenario] = {s.name: s for s in (*ROWS, *VERTICAL, *PLANE, *HOLDERS, *PAIRS, *STATES)}

__all__ = ["SCENARIOS", "Scenario"]
