"""Judging a run: every question once, whatever stops it; the cache; panels; pictures that are none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging import judge as judging
from evaluator.judging.cache import AnswerCache
from evaluator.judging.judges import load_judge
from evaluator.judging.judges.base import FixedJudge, Judge, Reply
from evaluator.judging.judges.panel import PanelJudge, majority
from evaluator.judging.session import member_judgements
from evaluator.models.base import LoadOptions, ProviderDown
from evaluator.records import JudgeAnswer
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.scoring import score
from tests.evaluator.toy_models import Toy
from tests.root import ROOT

QUESTIONS = 6 * 4 * 2  # six categories, four instances, two questions


class Counting(Judge):
    """Answers by the question's length; counts its calls; fails where a test says so."""

    revision = "1"
    cached = True

    def __init__(self, name: str = "counting", *, concurrency: int = 0, batch_size: int = 4) -> None:
        self.id = name
        self.concurrency = concurrency
        self.batch_size = batch_size
        self.calls: list[str] = []
        self.fail: set[int] = set()
        self.down_at = 10**9
        self.seconds = 0.0
        self._lock = threading.Lock()

    def poll(self, image: Image.Image, questions: Sequence[str]) -> list[Reply]:
        return [self.one(question) for question in questions]

    def one(self, question: str) -> Reply:
        time.sleep(self.seconds)
        with self._lock:
            number = len(self.calls)
            self.calls.append(question)
        if number >= self.down_at:
            raise ProviderDown("the key was revoked; set another")
        if number in self.fail:
            return Reply("503", "error")
        return Reply("yes.", "yes", 0.75) if len(question) % 2 else Reply("no", "no", 0.25)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(small_dataset: Path, tmp_path: Path) -> RunFolder:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    return RunFolder.open(tmp_path / "run")


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[AnswerCache]:
    with AnswerCache(tmp_path / "answers.sqlite3") as opened:
        yield opened


@pytest.mark.parametrize("concurrency", [0, 1, 8])
def test_every_question_once(folder: RunFolder, concurrency: int) -> None:
    judge = Counting(concurrency=concurrency)
    summary = judging.judge(folder, judge, cache=False)
    assert (summary.total, summary.asked, summary.errors, summary.no_image) == (QUESTIONS, QUESTIONS, 0, 0)
    lines = list(folder.judgements())
    assert len({line.key for line in lines}) == len(lines) == len(judge.calls) == QUESTIONS
    assert {line.p_yes for line in lines} == {0.75, 0.25}
    again = judging.judge(folder, judge, cache=False)
    assert (again.asked, again.already, len(judge.calls)) == (0, QUESTIONS, QUESTIONS)
    assert not score.score(folder).problems


@pytest.mark.parametrize("concurrency", [0, 1, 8])
def test_errors_are_asked_again_and_never_cached(folder: RunFolder, cache: AnswerCache, concurrency: int) -> None:
    judge = Counting(concurrency=concurrency)
    judge.fail = {3, 11, 12}
    assert judging.judge(folder, judge, cache=cache).errors == 3
    assert len(cache) == len({line.image_sha256 + line.question for line in folder.judgements()}) - 3
    problems = score.score(folder).problems
    assert problems and "unjudged" in problems[0]
    second = judging.judge(folder, judge, cache=cache)
    assert (second.asked, second.errors, second.already) == (3, 0, QUESTIONS - 3)
    assert not score.score(folder).problems


def test_many_errors_in_a_row_stop_with_one_line(folder: RunFolder) -> None:
    judge = Counting(concurrency=2)
    judge.fail = set(range(1000))
    with pytest.raises(ProviderDown, match="more than 20 questions in a row .the last: 503."):
        judging.judge(folder, judge, cache=False)
    assert len(judge.calls) < QUESTIONS


@pytest.mark.parametrize("concurrency", [0, 4])
def test_a_revoked_key_keeps_what_is_done(folder: RunFolder, concurrency: int) -> None:
    judge = Counting(concurrency=concurrency, batch_size=1)
    judge.down_at = 20
    with pytest.raises(ProviderDown, match="revoked"):
        judging.judge(folder, judge, cache=False)
    kept = list(folder.judgements())
    assert len(kept) == 20
    judge.down_at = 10**9
    summary = judging.judge(folder, judge, cache=False)
    assert (summary.already, summary.asked) == (20, QUESTIONS - 20)


@pytest.mark.parametrize("concurrency", [0, 1, 8])
def test_the_cache_answers_another_run(
    folder: RunFolder, small_dataset: Path, tmp_path: Path, cache: AnswerCache, concurrency: int
) -> None:
    first = Counting(concurrency=concurrency)
    judging.judge(folder, first, cache=cache)
    run(Toy(), small_dataset, out=tmp_path / "other", protocol="direct")
    second = Counting(concurrency=concurrency)
    summary = judging.judge(tmp_path / "other", second, cache=cache)
    assert (summary.asked, summary.cached, second.calls) == (QUESTIONS, QUESTIONS, [])
    same = {(line.id, line.question): (line.reply, line.answer, line.p_yes) for line in folder.judgements()}
    other = RunFolder.open(tmp_path / "other").judgements()
    assert same == {(line.id, line.question): (line.reply, line.answer, line.p_yes) for line in other}


def test_the_cache_key_holds_everything_that_matters(cache: AnswerCache) -> None:
    judge = Counting()
    cache.put(judge, "q", "sha", Reply("Yes", "yes", 0.9))
    assert cache.get(judge, "q", "sha") == Reply("Yes", "yes", 0.9)
    assert cache.get(judge, "q", "other") is None
    assert cache.get(judge, "r", "sha") is None
    assert cache.get(Counting("another"), "q", "sha") is None
    judge.revision = "2"
    assert cache.get(judge, "q", "sha") is None
    judge.revision, judge.decoding = "1", {"temperature": 1}
    assert cache.get(judge, "q", "sha") is None
    cache.put(judge, "e", "sha", Reply("503", "error"))
    assert cache.get(judge, "e", "sha") is None


def test_several_processes_share_the_cache(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from evaluator.judging.cache import AnswerCache; "
        "from evaluator.judging.judges.base import Judge, Reply; j = Judge(); j.id = 'j'; "
        "c = AnswerCache(Path(sys.argv[1])); "
        "[c.put(j, f'{sys.argv[2]}-{i}', 'sha', Reply('yes', 'yes')) for i in range(200)]"
    )
    file = tmp_path / "shared.sqlite3"
    started = [subprocess.Popen([sys.executable, "-c", script, str(file), name]) for name in "ab"]
    assert [process.wait() for process in started] == [0, 0]
    with AnswerCache(file) as cache:
        assert len(cache) == 400


def test_a_broken_cache_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(RealUnifyError, match="--no-cache"):
        AnswerCache(tmp_path / "broken.sqlite3")


@pytest.mark.parametrize("concurrency", [0, 1, 8])
def test_missing_and_corrupt_images_get_no_call(folder: RunFolder, concurrency: int) -> None:
    pictures = [prediction for prediction in folder.latest().values() if prediction.image]
    (folder.path / str(pictures[0].image)).unlink()
    (folder.path / str(pictures[1].image)).write_bytes(b"\x89PNG torn")
    judge = Counting(concurrency=concurrency)
    summary = judging.judge(folder, judge, cache=False)
    assert (summary.no_image, summary.asked, len(judge.calls)) == (2, QUESTIONS - 4, QUESTIONS - 4)
    outcomes = {row.id: row.outcome for row in score.score(folder).protocols["direct"].instances}
    assert outcomes[pictures[0].id] == outcomes[pictures[1].id] == "no_image"


@pytest.mark.parametrize("concurrency", [0, 1, 8])
def test_an_altered_image_is_refused(folder: RunFolder, concurrency: int) -> None:
    picture = next(prediction for prediction in folder.latest().values() if prediction.image)
    Image.new("RGB", (16, 16), "white").save(folder.path / str(picture.image))
    with pytest.raises(RealUnifyError, match="is not the picture that was drawn"):
        judging.judge(folder, Counting(concurrency=concurrency), cache=False)


@pytest.mark.parametrize("concurrency", [0, 8])
def test_going_on_with_another_decoding_is_refused(folder: RunFolder, concurrency: int) -> None:
    """One set of answers, one decoding; a limit on tokens, which no whole reply shows, may change and is told."""
    judge = Counting(concurrency=concurrency)
    judge.fail = {3, 11}
    judge.decoding = {"dtype": "float32", "max_tokens": 100}
    judging.judge(folder, judge, cache=False)
    assert all(line.decoding == judge.decoding for line in folder.judgements())
    judge.decoding = {"dtype": "bfloat16", "max_tokens": 100}
    with pytest.raises(UsageError, match="with dtype=float32, and this would add some with dtype=bfloat16") as caught:
        judging.judge(folder, judge, cache=False)
    assert "\n" not in str(caught.value) and len(judge.calls) == QUESTIONS
    other = Counting("another", concurrency=concurrency)
    other.decoding = judge.decoding
    assert judging.judge(folder, other, cache=False).asked == QUESTIONS, "another judge's set is another set"
    judge.decoding = {"dtype": "float32", "max_tokens": 200}
    second = judging.judge(folder, judge, cache=False)
    assert (second.asked, second.notes) == (2, [f"counting: {QUESTIONS - 2} answers from before had max_tokens=100"])


def test_answers_of_before_decodings_were_kept_stand(folder: RunFolder) -> None:
    judging.judge(folder, Counting(), cache=False)
    assert {line.decoding for line in folder.judgements()} == {None}
    judge = Counting()
    judge.decoding = {"dtype": "float32"}
    assert judging.judge(folder, judge, cache=False).asked == 0


def test_a_panel_tells_of_images_that_cannot_be_decoded(folder: RunFolder) -> None:
    pictures = [prediction for prediction in folder.latest().values() if prediction.image]
    (folder.path / str(pictures[0].image)).unlink()
    (folder.path / str(pictures[1].image)).write_bytes(b"\x89PNG torn")
    panel = PanelJudge([Counting("one"), Counting("two", concurrency=4)])
    summary = judging.judge(folder, panel, cache=False)
    assert (summary.no_image, summary.asked) == (2, QUESTIONS - 4)


def test_each_member_of_a_panel_gets_the_options_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    spec = "panel:openai:gpt-4.1+openai:gpt-4.1@http://127.0.0.1:9/v1?max_tokens=7+fixed:yes"
    panel = load_judge(spec, LoadOptions(settings={"concurrency": 4, "max_tokens": 99}))
    assert isinstance(panel, PanelJudge)
    assert [member.concurrency for member in panel.members] == [4, 4, 0]
    assert [member.decoding.get("max_tokens") for member in panel.members] == [99, 7, None]
    with pytest.raises(UsageError, match="unknown option of any judge of this panel 'concurency'.*concurrency"):
        load_judge(spec, LoadOptions(settings={"concurency": 4}))
    with pytest.raises(UsageError, match="unknown option 'x': any judge of this panel takes none"):
        load_judge("panel:fixed:yes+fixed:no", LoadOptions(settings={"x": 1}))
    with pytest.raises(UsageError, match="unknown option 'x': a fixed judge takes none"):
        load_judge("fixed:yes", LoadOptions(settings={"x": 1}))


def test_panel_takes_the_majority_and_resumes(folder: RunFolder) -> None:
    members: list[Judge] = [Counting("one"), FixedJudge("yes"), Counting("three", concurrency=4)]
    panel = PanelJudge(members)
    summary = judging.judge(folder, panel, cache=False)
    assert summary.asked == QUESTIONS
    for line in folder.judgements():
        assert line.judge == "panel:one+fixed:yes+three"
        assert line.answer == ("yes" if len(line.question) % 2 else "no")
        assert line.members is not None and line.members["fixed:yes"] == "yes"
        assert line.members["one"] == line.members["three"] == line.answer
    assert len(list(member_judgements(folder))) == 3 * QUESTIONS
    assert judging.judge(folder, panel, cache=False).asked == 0
    assert not score.score(folder).problems


def test_a_panel_with_a_failing_member_asks_only_that_one_again(folder: RunFolder) -> None:
    first, second = Counting("first"), Counting("second")
    second.fail = {0, 1}
    panel = PanelJudge([first, second])
    assert judging.judge(folder, panel, cache=False).errors == 2
    summary = judging.judge(folder, panel, cache=False)
    assert (summary.asked, summary.errors) == (2, 0)
    assert (len(first.calls), len(second.calls)) == (QUESTIONS, QUESTIONS + 2)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["yes", "yes", "no"], "yes"),
        (["no", "no", "yes"], "no"),
        (["yes", "no"], "unparsed"),
        (["yes", "no", "unparsed"], "unparsed"),
        (["unparsed", "unparsed", "no"], "unparsed"),
        (["yes", "unparsed"], "unparsed"),
        (["yes", "yes", "error"], "error"),
        (["yes", "yes", "no", "no"], "unparsed"),
    ],
)
def test_majority(answers: list[JudgeAnswer], expected: JudgeAnswer) -> None:
    assert majority(answers) == expected


def test_killed_at_any_moment_repeats_no_answered_question(folder: RunFolder, tmp_path: Path) -> None:
    """`kill -9` in mid-run, again and again: each question ends with one answer, and none is asked twice."""
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys\n"
        "from evaluator.judging import judge as judging\n"
        "from tests.evaluator.judging.test_judging import Counting\n"
        "judge = Counting(concurrency=int(sys.argv[2]))\n"
        "judge.seconds = 0.02\n"
        "judging.judge(sys.argv[1], judge, cache=False)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for concurrency in ("0", "4"):
        process = subprocess.Popen([sys.executable, script, folder.path, concurrency], env=environment)
        answered = len(list(folder.judgements()))
        deadline = time.monotonic() + 30
        while len(list(folder.judgements())) < answered + 7 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    kept = {line.key for line in folder.judgements()}
    assert 14 <= len(kept) < QUESTIONS
    judge = Counting()
    judging.judge(folder, judge, cache=False)
    lines = [line.key for line in folder.judgements()]
    assert len(lines) == len(set(lines)) == QUESTIONS
    assert len(judge.calls) == QUESTIONS - len(kept)
