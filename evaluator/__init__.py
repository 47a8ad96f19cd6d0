"""Runs models and judges on RealUnify, scores, compares and explains. Heavy libraries load on first use.

>>> import evaluator
>>> evaluator.run("tiny:janus", dataset="realunify", protocol="all", out="runs/janus")
>>> evaluator.judge("runs/janus", judge="tiny:qwen-vl")
>>> evaluator.score("runs/janus").protocols["direct"].total.score
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from dataset_builder import __version__ as __version__

if TYPE_CHECKING:
    from evaluator.judging.judge import judge as judge
    from evaluator.running.run import run as run
    from evaluator.scoring.score import score as score

_HOME = {"judge": "judging.judge", "run": "running.run", "score": "scoring.score"}
__all__ = ["judge", "run", "score"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'evaluator' has no attribute '{name}'")
    return getattr(importlib.import_module(f"evaluator.{_HOME[name]}"), name)
