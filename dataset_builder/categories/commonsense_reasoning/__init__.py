"""Commonsense reasoning: draw what everyday experience says happens.

Hand-written: the texts stand in `instances.jsonl`.
"""

from pathlib import Path

from dataset_builder.categories.shared import authored

_CATEGORY = authored.Category("commonsense_reasoning", Path(__file__).parent)
lines = _CATEGORY.lines
make = _CATEGORY.make
solve = _CATEGORY.solve
