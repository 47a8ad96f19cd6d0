"""World knowledge: name the thing that a description of fact points at, and draw it.

Hand-written: the texts stand in `instances.jsonl`.
"""

from pathlib import Path

from dataset_builder.categories.shared import authored

_CATEGORY = authored.Category("world_knowledge", Path(__file__).parent)
lines = _CATEGORY.lines
make = _CATEGORY.make
solve = _CATEGORY.solve
