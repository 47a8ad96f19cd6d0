"""`fixed:yes` and `fixed:no`: the judges that a sound dataset must give a score of 0."""

from __future__ import annotations

from typing import Any

from dataset_builder.errors import unknown_name
from evaluator.judging.judges._options import split
from evaluator.judging.judges.base import FixedJudge
from evaluator.models.base import LoadOptions

OPTIONS: dict[str, Any] = {}


def load(rest: str, options: LoadOptions) -> FixedJudge:
    reply, _ = split(rest, OPTIONS, options, "fixed")
    if reply not in ("yes", "no"):
        raise unknown_name("fixed judge", reply, ["yes", "no"])
    return FixedJudge(reply)
