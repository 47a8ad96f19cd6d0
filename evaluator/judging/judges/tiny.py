"""`tiny:qwen-vl` and `tiny:qwen3-vl`: the local judge's own code on tiny checkpoints with random weights.

They are for trying things out: their answers are at chance.
"""

from __future__ import annotations

from dataset_builder.errors import unknown_name
from evaluator.judging.judges import local
from evaluator.judging.judges._options import split
from evaluator.models.base import LoadOptions
from evaluator.models.tiny import TINY, checkpoint
from evaluator.models.vlm import load_vlm

OPTIONS = {**local.OPTIONS, "batch_size": 16}
NAMES = tuple(name for name, tiny in TINY.items() if tiny.family == "vlm")


def load(rest: str, options: LoadOptions) -> local.LocalJudge:
    """The stand-in judge for `tiny:rest`."""
    name, values = split(rest, OPTIONS, options, "tiny")
    if name not in NAMES:
        raise unknown_name("tiny judge", name, NAMES)
    # A revision is a commit of the Hub, which a checkpoint that was made here does not have.
    here = LoadOptions(dtype=options.dtype, device=options.device)
    judge = local.LocalJudge(f"tiny:{name}", load_vlm(str(checkpoint(name)), here, spec=f"tiny:{name}"), **values)
    judge.random_weights = True
    return judge
