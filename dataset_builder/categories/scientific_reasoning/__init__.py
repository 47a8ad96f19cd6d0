"""Scientific reasoning: apply a principle, draw the outcome.

Hand-written: the texts stand in `instances.jsonl`.
"""

from pathlib import Path

from dataset_builder.categories.shared import authored

_CATEGORY = authored.Category("scientific_reasoning", Path(__file__).parent)
lines = _CATEGORY.lines
make = _CATEGORY.make
solve = _CATEGORY.solve
