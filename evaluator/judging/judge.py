"""`realunify judge`: a judge's replies to every polling question about a run's images, appended as they come.

An image that is missing or cannot be decoded gets no call (scoring gives it 0). A question that has its
answer, in this run or in the cache that all runs share, is never asked again; a judge's error is asked
again the next time.

    >>> judge("runs/janus", judge="tiny:qwen-vl").asked
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder.folder import Dataset
from evaluator.judging.cache import AnswerCache
from evaluator.judging.judges.base import Judge
from evaluator.judging.judges.panel import PanelJudge
from evaluator.judging.judges.registry import load_judge
from evaluator.judging.session import JudgeSummary, JudgingSession
from evaluator.models.base import LoadOptions
from evaluator.runs.folder import RunFolder, open_dataset
from evaluator.runs.sharding import Shard, launched_shard

if TYPE_CHECKING:
    from evaluator.runs.progress import Progress


def judge(
    run: str | Path | RunFolder,
    judge: str | Judge,
    *,
    dataset: str | Path | Dataset | None = None,
    shard: Shard | None = None,
    options: LoadOptions | None = None,
    cache: AnswerCache | bool | None = None,
    progress: Progress | None = None,
) -> JudgeSummary:
    """Poll `judge` about every image of `run`; call it again to go on where it stopped.

    `dataset` is needed only when the run's dataset is not where its manifest says. `cache` None uses the
    shared cache for the judges that declare themselves `cached`; False uses none. Raises ProviderDown
    when a provider's key, quota or budget ends; what is answered is kept.
    """
    folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
    data = open_dataset(folder, dataset)
    loaded = load_judge(judge, options) if isinstance(judge, str) else judge
    try:
        summary = JudgeSummary(folder.path, loaded.id, loaded.revision)
        with _cache_for(loaded, cache) as answers:
            session = JudgingSession(folder, data, shard or launched_shard(), answers, progress)
            if isinstance(loaded, PanelJudge):
                session.convene(loaded, summary)
            else:
                session.ask(loaded, "judgements", summary)
        return summary
    finally:
        if isinstance(judge, str):
            loaded.close()


@contextlib.contextmanager
def _cache_for(judge: Judge, cache: AnswerCache | bool | None) -> Iterator[AnswerCache | None]:
    if isinstance(cache, AnswerCache):
        yield cache
    elif cache or (cache is None and judge.cached):
        with AnswerCache.open() as opened:
            yield opened
    else:
        yield None
