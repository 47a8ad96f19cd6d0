"""Scores of a run with those corrected by its judge's certificate beside them: `score --corrected`, the report."""

from __future__ import annotations

from pathlib import Path

from evaluator.judging.certificate import read_certificate
from evaluator.runs.folder import RunFolder
from evaluator.scoring.correcting import correct
from evaluator.scoring.scores import Scores


def with_corrected(scores: Scores, folder: RunFolder, certificate: str | Path) -> Scores:
    """A copy of `scores` with `corrected` filled in; refused for the certificate of another judge, poll or decoding."""
    found = read_certificate(certificate)
    decoding = next(
        (
            line.decoding
            for line in folder.judgements()
            if (line.judge, line.judge_revision) == (scores.judge, scores.judge_revision)
        ),
        None,
    )
    known = found.calibrations(scores.judge, scores.judge_revision, decoding)
    return scores.model_copy(update={"corrected": correct(scores, known)})
