"""Parity with the authors' parsing: each described fault, and its place in scores.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.answers import parity
from evaluator.judging import judge
from evaluator.judging.judges.base import FixedJudge
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.scoring import score
from tests.evaluator.toy_models import Toy


@pytest.mark.parametrize(
    ("response", "letter"),
    [
        ("ANSWER: D", "A"),
        ("Correct answer: D", "C"),
        ("Based on the image, the answer is D.", "B"),
        ("c", None),
        ("D", "D"),
        # What the scripts delete first, and what they do not.
        ("The best answer is: D", "D"),
        ("The correct answer is D.", "D"),
        ("The answer is (B)", "B"),
        ("The answer: C", "C"),
        ("The best option is D", "D"),
        ("The correct option is B", "B"),
        ("Best answer: D", "D"),
        ("Best option: C", "C"),
        ("Answer: D", "D"),
        ("**Answer:** C", "C"),
        ("Answer is D", "D"),
        ("The Best answer is D", "B"),
        ("The Correct Answer: D", "C"),
        ("", None),
    ],
)
def test_letters_as_the_authors_read_them(response: str, letter: str | None) -> None:
    assert parity.parse_choice(response) == letter


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("I cannot tell", "no"), ("The eyes are closed", "yes"), ("Yes.", "yes"), ("no", "no"),
     ("Yes and no", "yes"), ("No. Yes.", "yes"), ("Note the hat", "no"),
     ("Unclear.", "unparsed"), ("maybe", "unparsed"), ("False", "unparsed"), ("", "unparsed")],
)  # fmt: skip
def test_replies_as_the_authors_read_them(reply: str, answer: str) -> None:
    assert parity.parse_yes_no(reply) == answer


def test_what_is_neither_yes_nor_no_scores_nothing(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    folder = RunFolder.open(tmp_path / "run")
    judge.judge(folder, FixedJudge("Unclear."), cache=False)
    ueg = score.score(folder, parity=True).protocols["direct"].axes["ueg"]
    assert (ueg.score, ueg.counts) == (0, {"unparsed": 24})


def test_scores_say_that_they_are_in_parity(small_dataset: Path, tmp_path: Path) -> None:
    class Wordy(Toy):
        def answer_one(self, request: object) -> str:
            return "Based on the image, the answer is D."

    run(Wordy(), small_dataset, out=tmp_path / "run", protocol="direct")
    folder = RunFolder.open(tmp_path / "run")
    judge.judge(folder, FixedJudge("The eyes are closed"), cache=False)
    ours, theirs = score.score(folder), score.score(folder, parity=True)
    assert (ours.parity, theirs.parity) == (False, True)
    assert '"parity": true' in (folder.path / "scores.json").read_text()
    read = [{row.choice for row in one.protocols["direct"].instances if row.choice} for one in (ours, theirs)]
    assert read == [{"D"}, {"B"}]
    assert ours.protocols["direct"].axes["ueg"].counts["unparsed"] == 24
    assert theirs.protocols["direct"].axes["ueg"].counts == {"wrong": 24}
