"""Judges: one module a family, plus the contract (`base`) and the table of families (`registry`)."""

from evaluator.judging.judges.base import Judge, Reply
from evaluator.judging.judges.registry import FAMILIES, load_judge

__all__ = ["FAMILIES", "Judge", "Reply", "load_judge"]
