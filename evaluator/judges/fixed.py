"""`fixed:yes` and `fixed:no`: the judges that a sound dataset must give a score of 0."""

from __future__ import annotations

from dataset_builder.errors import unknown_name
from evaluator.judges.base import FixedJudge
from evaluator.models.base import LoadOptions


def load(rest: str, options: LoadOptions) -> FixedJudge:
    if rest not in ("yes", "no"):
        raise unknown_name("fixed judge", rest, ["yes", "no"])
    return FixedJudge(rest)
