"""Judges: one module a family, plus the contract (`base`) and the table of families (`registry`)."""

from evaluator.judges.base import Judge, Reply
from evaluator.judges.registry import FAMILIES, load_judge

__all__ = ["FAMILIES", "Judge", "Reply", "load_judge"]
