"""The borders of judging: what the cache is used for, what is counted and told, who is closed, when asking ends."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging import cache as caching
from evaluator.judging import judge as judging
from evaluator.judging.asking import Asker, Poll, _image_size, _Picture
from evaluator.judging.cache import AnswerCache
from evaluator.judging.judges.base import FixedJudge, Judge, Reply, is_bare, judge_answer
from evaluator.judging.judges.panel import PanelJudge, load
from evaluator.judging.session import JudgeSummary, member_judgements
from evaluator.models.base import LoadOptions, ProviderDown
from evaluator.records import Prediction
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.runs.pictures import encode_png
from tests.evaluator.judging.test_judging import QUESTIONS, Counting
from tests.evaluator.toy_models import Toy


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def drawn(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "run"
    run(Toy(), small_dataset, out=path, protocol="direct", limit_per_category=1)
    return path


@pytest.fixture
def folder(drawn: Path, tmp_path: Path) -> RunFolder:
    """A run with one picture a category, so 12 questions."""
    import shutil

    shutil.copytree(drawn, tmp_path / "run")
    return RunFolder.open(tmp_path / "run")


def shared() -> int:
    with AnswerCache.open() as cache:
        return len(cache)


# -- the cache --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cached", "asked", "kept"),
    [(True, None, 12), (False, None, 0), (True, False, 0), (False, True, 12), (True, True, 12), (False, False, 0)],
)
def test_the_shared_cache_is_used_by_those_who_declare_it_or_when_it_is_asked_for(
    folder: RunFolder, cached: bool, asked: bool | None, kept: int
) -> None:
    judge = Counting()
    judge.cached = cached
    assert judging.judge(folder, judge, cache=asked).cached == 0
    assert shared() == kept
    again = Counting("counting")
    again.cached = cached
    (folder.path / "judgements.jsonl").unlink()
    assert judging.judge(folder, again, cache=asked).cached == kept
    assert len(again.calls) == 12 - kept


def test_a_cache_of_ones_own_is_used_and_left_open(folder: RunFolder, tmp_path: Path) -> None:
    judge = Counting()
    judge.cached = False
    with AnswerCache(tmp_path / "mine.sqlite3") as mine:
        judging.judge(folder, judge, cache=mine)
        assert len(mine) == 12
    assert shared() == 0


def test_an_altered_picture_is_not_answered_from_the_cache(folder: RunFolder) -> None:
    judging.judge(folder, Counting(), cache=True)
    (folder.path / "judgements.jsonl").unlink()
    picture = next(prediction for prediction in folder.latest().values() if prediction.image)
    Image.new("RGB", (16, 16), "white").save(folder.path / str(picture.image))
    with pytest.raises(RealUnifyError, match="is not the picture that was drawn"):
        judging.judge(folder, Counting(), cache=True)
    assert picture.id not in {line.id for line in folder.judgements()}


def test_the_first_answer_stays_and_what_was_served_is_kept(tmp_path: Path) -> None:
    judge = Counting()
    with AnswerCache(tmp_path / "deep" / "er" / "answers.sqlite3") as cache:
        cache.put(judge, "q", "sha", Reply("Yes", "yes", 0.9, served="v1"))
        cache.put(judge, "q", "sha", Reply("No", "no"))
        cache.put(judge, "u", "sha", Reply("hm", "unparsed"))
        assert cache.get(judge, "q", "sha") == Reply("Yes", "yes", 0.9, served="v1")
        assert cache.get(judge, "u", "sha") == Reply("hm", "unparsed")
        assert len(cache) == 2
    # The order in which a judge lists its settings is none of its settings.
    judge.decoding = {"a": 1, "b": 2}
    with AnswerCache(tmp_path / "deep" / "er" / "answers.sqlite3") as cache:
        cache.put(judge, "q", "sha", Reply("No", "no"))
        judge.decoding = {"b": 2, "a": 1}
        assert cache.get(judge, "q", "sha") == Reply("No", "no")


class Busy:
    """A connection that finds its file locked some times, as when several processes make it at one moment."""

    def __init__(self, times: int, code: int) -> None:
        self.times, self.code, self.done = times, code, list[str]()

    def execute(self, statement: str) -> None:
        if self.times:
            self.times -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code  # type: ignore[misc]
            raise error
        self.done.append(statement)


def test_a_cache_that_others_begin_at_the_same_moment_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    busy: Any = Busy(3, sqlite3.SQLITE_BUSY)
    caching._set_up(busy)
    assert [statement.split()[0] for statement in busy.done] == ["PRAGMA", "PRAGMA", "CREATE"]
    with pytest.raises(sqlite3.OperationalError):
        caching._set_up(Busy(1, sqlite3.SQLITE_READONLY))  # type: ignore[arg-type]
    clock = iter([100.0, 130.0, 161.0, 162.0])
    monkeypatch.setattr(caching.time, "monotonic", lambda: next(clock))
    endless: Any = Busy(1000, sqlite3.SQLITE_BUSY)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        caching._set_up(endless)
    assert endless.times == 998, "once more while a minute is not over"


def test_a_cache_that_another_is_writing_for_the_first_time_is_waited_for(tmp_path: Path) -> None:
    """SQLite's own timeout does not hold here: turning to a write-ahead log fails at once while somebody writes."""
    file = tmp_path / "answers.sqlite3"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(sqlite3.OperationalError, match="locked"),
        contextlib.closing(sqlite3.connect(file, 60)) as plain,
    ):
        plain.execute("PRAGMA journal_mode=WAL")
    release = threading.Timer(0.2, other.commit)
    release.start()
    with AnswerCache(file) as cache:
        assert len(cache) == 0
    release.join()
    other.close()


def test_a_crowd_opens_the_cache_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(12)

    def open_it(number: int) -> None:
        together.wait(30)
        with AnswerCache(tmp_path / "answers.sqlite3") as cache:
            cache.put(Counting(), f"q{number}", "sha", Reply("yes", "yes"))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(open_it, range(12)))
    with AnswerCache(tmp_path / "answers.sqlite3") as cache:
        assert len(cache) == 12


# -- who is closed ----------------------------------------------------------------------------------------


def test_a_judge_that_was_loaded_here_is_closed_here(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(FixedJudge, "close", lambda self: closed.append(self.id))
    summary = judging.judge(folder, FixedJudge("yes"))
    assert closed == [] and (summary.judge, summary.revision, summary.path) == ("fixed:yes", "1", folder.path)
    judging.judge(folder.path, "fixed:no")
    assert closed == ["fixed:no"]
    judging.judge(folder.path, "panel:fixed:yes+fixed:no")
    assert closed == ["fixed:no", "fixed:yes", "fixed:no"]


# -- what is counted and told -----------------------------------------------------------------------------


class Telling(Judge):
    """Tells of its use and its version as a provider does; some of its replies are no answers."""

    def __init__(self, *replies: Reply, name: str = "telling") -> None:
        self.id, self.revision = name, "1"
        self.replies = list(replies)
        self.notes = ("went on slowly",)

    def poll(self, image: Image.Image, questions: Sequence[str]) -> list[Reply]:
        self.cost += 0.5
        return [self.replies.pop(0) if self.replies else Reply("yes", "yes", 0.5) for _ in questions]


class Told:
    def __init__(self) -> None:
        self.started: list[tuple[str, int, int]] = []
        self.advanced: list[tuple[int, int]] = []

    def start(self, what: str, total: int, done: int) -> None:
        self.started.append((what, total, done))

    def advance(self, done: int, errors: int) -> None:
        self.advanced.append((done, errors))


def test_the_summary_counts_every_kind_of_reply(folder: RunFolder) -> None:
    judge = Telling(
        Reply("hm", "unparsed", usage={"tokens": 3}),
        Reply("503", "error"),
        Reply("filtered", "error", blocked=True),
        Reply("yes", "yes", served="v1", usage={"tokens": 4}),
        Reply("no", "no", served="v1"),
    )
    judge.cost = 10.0
    told: Any = Told()
    summary = judging.judge(folder, judge, progress=told)
    assert (summary.total, summary.already, summary.asked, summary.cached) == (12, 0, 12, 0)
    assert (summary.unparsed, summary.errors, summary.blocked, summary.no_image) == (1, 2, 1, 0)
    assert (summary.usage, summary.served, summary.cost) == ({"tokens": 7}, {"v1": 2}, 3.0)
    assert summary.notes == [
        "went on slowly",
        "telling: served by v1 (2 answers)",
        "telling: its provider's filter blocked 1 questions; another judge may answer them",
    ]
    assert told.started == [("telling", 12, 0)]
    assert [done for done, _ in told.advanced] == list(range(1, 13)) and told.advanced[-1] == (12, 2)
    judge.replies = [Reply("yes", "yes", served="v2"), Reply("yes", "yes")]
    again = judging.judge(folder, judge, progress=told)
    assert (again.total, again.already, again.asked, again.errors) == (12, 10, 2, 0)
    assert told.started[1] == ("telling", 12, 10)
    assert again.served == {"v1": 2, "v2": 1}
    assert again.notes[1] == (
        "telling changed under its name: served by v1 (2 answers), v2 (1 answers); a score mixes them"
    )


def test_a_version_that_is_the_revision_is_not_told(folder: RunFolder) -> None:
    judge = Telling(Reply("yes", "yes", served="1"))
    judge.notes = ()
    assert judging.judge(folder, judge).notes == []


def test_a_panel_adds_up_its_members(folder: RunFolder) -> None:
    one = Telling(Reply("filtered", "error", blocked=True), Reply("hm", "unparsed", usage={"tokens": 3}), name="one")
    two = Telling(Reply("yes", "yes", usage={"tokens": 4}), Reply("yes", "yes"), Reply("no", "no"), name="two")
    summary = judging.judge(folder, PanelJudge([one, two]), cache=True)
    # The first question failed with one member; the two on which they differ are ties.
    assert (summary.asked, summary.errors, summary.unparsed, summary.blocked) == (12, 1, 2, 1)
    assert (summary.usage, summary.cost, summary.cached) == ({"tokens": 7}, 6.0, 0)
    assert summary.notes.count("went on slowly") == 2 and any("blocked 1 questions" in note for note in summary.notes)
    first, second, *_ = folder.judgements()
    assert (first.answer, first.members) == ("error", {"one": "error", "two": "yes"})
    assert (second.answer, second.members, second.p_yes) == ("unparsed", {"one": "unparsed", "two": "yes"}, None)
    assert {line.p_yes for line in folder.judgements() if line.answer == "yes"} == {0.5}
    (folder.path / "judgements.jsonl").unlink()
    (folder.path / "members.jsonl").unlink()
    again = judging.judge(folder, PanelJudge([Telling(name="one"), Telling(name="two")]), cache=True)
    assert (again.cached, again.asked, again.errors) == (23, 12, 0)


def test_the_members_of_another_panel_do_not_vote(folder: RunFolder) -> None:
    judging.judge(folder, PanelJudge([FixedJudge("no"), Telling(name="one")]))
    other = Telling(*[Reply("no", "no")] * 12, name="one")
    other.revision = "2"
    judging.judge(folder, PanelJudge([other, FixedJudge("no")]))
    newest = list(folder.judgements())[12:]
    assert len(newest) == 12 and {line.answer for line in newest} == {"no"}
    assert len(list(member_judgements(folder))) == 12 * 3, "the fixed judge had answered already"


def test_only_the_shards_pictures_are_asked_about(folder: RunFolder) -> None:
    summaries = [judging.judge(folder, FixedJudge("yes"), shard=(part, 4)) for part in (1, 2, 3, 4)]
    assert sum(summary.total for summary in summaries) == 12
    assert len({line.key for line in folder.judgements()}) == 12
    assert sorted(path.name for path in folder.path.glob("judgements*")) == [
        f"judgements-{part}-of-4.jsonl" for part in (1, 2, 3, 4)
    ]


def test_a_drawing_that_was_never_made_is_counted(folder: RunFolder) -> None:
    file = folder.path / "predictions.jsonl"
    rows = [Prediction.model_validate_json(line) for line in file.read_text().splitlines()]
    lost = next(n for n, row in enumerate(rows) if row.image)
    rows[lost] = rows[lost].model_copy(update={"image": None, "image_sha256": None, "error": "x"})
    file.write_text("".join(row.model_dump_json() + "\n" for row in rows))
    summary = judging.judge(folder, FixedJudge("yes"))
    assert (summary.no_image, summary.total, summary.asked) == (1, 10, 10)


@pytest.mark.parametrize("old", [{"dtype": "a", "max_tokens": 1}, {"max_tokens": 1}])
def test_a_setting_that_was_not_there_is_another_decoding(folder: RunFolder, old: dict[str, Any]) -> None:
    judge = Counting()
    judge.fail = {0}
    judge.decoding = old
    judging.judge(folder, judge, cache=False)
    judge.decoding = {"dtype": "b", "max_tokens": 1}
    with pytest.raises(UsageError, match=f"with dtype={old.get('dtype')}, and this would add some with dtype=b: "):
        judging.judge(folder, judge, cache=False)
    judge.decoding = old
    assert judging.judge(folder, judge, cache=False).notes == []
    judge.decoding = {**old, "max_new_tokens": 2}
    assert judging.judge(folder, judge, cache=False).notes == [
        "counting: 12 answers from before had max_new_tokens=None"
    ]


# -- when asking ends -------------------------------------------------------------------------------------


def failing(count: int, **kind: Any) -> Telling:
    return Telling(*[Reply("  no \n  route ", "error", **kind)] * count)


@pytest.mark.parametrize("concurrency", [0, 1])
@pytest.mark.parametrize(("count", "ends"), [(20, False), (21, True)])
def test_more_than_twenty_failures_in_a_row_end_it(tmp_path: Path, concurrency: int, count: int, ends: bool) -> None:
    judge = failing(count)
    judge.concurrency = concurrency
    polls = [poll(tmp_path, n) for n in range(30)]
    replies: list[str] = []
    asker = Asker(judge, None, lambda poll, question, reply, called: replies.append(reply.answer))
    if ends:
        with pytest.raises(ProviderDown, match=r"more than 20 questions in a row \(the last: no route\)"):
            asker.ask(polls)
        assert len(replies) == 21
    else:
        asker.ask(polls)
        assert replies.count("yes") == 10


def test_an_answer_in_between_and_a_filter_are_no_row(tmp_path: Path) -> None:
    polls = [poll(tmp_path, n) for n in range(60)]
    count: list[str] = []
    record: Any = lambda poll, question, reply, called: count.append(reply.answer)  # noqa: E731
    Asker(failing(60, blocked=True), None, record).ask(polls)
    error = Reply("x", "error")
    Asker(Telling(*[error] * 20, Reply("no", "no"), *[error] * 20), None, record).ask(polls)
    assert count.count("error") == 100 and count.count("no") == 1


def poll(folder: Path, number: int, *questions: str, size: tuple[int, int] = (8, 8)) -> Poll:
    import hashlib

    data = encode_png(Image.new("RGB", size, (number, 0, 0)))
    (folder / f"{number}.png").write_bytes(data)
    prediction = Prediction(id=f"ueg-x-{number:04d}", protocol="direct", image=f"{number}.png")
    return Poll(prediction, folder / f"{number}.png", hashlib.sha256(data).hexdigest(), questions or ("Is it?",))


class Batches(Judge):
    id, batch_size = "batches", 3

    def __init__(self) -> None:
        self.seen: list[list[tuple[tuple[int, int], int]]] = []

    def poll_many(self, items: Sequence[tuple[Any, Sequence[str]]]) -> list[list[Reply]]:
        self.seen.append([(image.size, len(questions)) for image, questions in items])
        return [[Reply("yes", "yes") for _ in questions] for _, questions in items]


def test_pictures_of_one_size_go_together_in_batches(tmp_path: Path) -> None:
    sizes = [(8, 8), (16, 8), (8, 8), (8, 16), (16, 8), (8, 8), (8, 8)]
    polls = [poll(tmp_path, n, *["?"] * (n + 1), size=size) for n, size in enumerate(sizes)]
    judge = Batches()
    asked: list[tuple[str, bool]] = []
    Asker(judge, None, lambda poll, question, reply, called: asked.append((poll.prediction.id, called))).ask(polls)
    assert [[size for size, _ in batch] for batch in judge.seen] == [
        [(8, 8)] * 3, [(8, 8), (8, 16), (16, 8)], [(16, 8)],
    ]  # fmt: skip
    assert len(asked) == sum(range(1, 8)) and all(called for _, called in asked)
    judge.batch_size, judge.seen = 0, []
    Asker(judge, None, lambda *_: None).ask(polls[:2])
    assert [len(batch) for batch in judge.seen] == [1, 1]


def test_pictures_are_prepared_ahead_but_not_all_at_once(tmp_path: Path) -> None:
    ahead: list[int] = []
    done = 0

    class Slow(Judge):
        id = "slow"

        def prepare(self, image: Image.Image, data: bytes) -> Any:
            ahead.append(done)
            assert Image.open(io.BytesIO(data)).size == image.size
            return image

        def poll(self, image: Image.Image, questions: Sequence[str]) -> list[Reply]:
            nonlocal done
            deadline = time.monotonic() + 10
            while not done and len(ahead) < 6 and time.monotonic() < deadline:
                time.sleep(0.005)
            assert len(ahead) >= 6, "while the first is asked about, the next ones are prepared"
            done += 1
            return [Reply("yes", "yes")] * len(questions)

    Asker(Slow(), None, lambda *_: None).ask([poll(tmp_path, n) for n in range(20)])
    assert len(ahead) == 20, "each is prepared once"
    # One batch and four threads: the sixth-next picture waits for a place.
    assert all(number - before <= 6 for number, before in enumerate(sorted(ahead)))


def test_a_picture_that_is_none_is_told_once_whoever_asks(tmp_path: Path) -> None:
    one = poll(tmp_path, 1, "a", "b", "c")
    one.path.write_bytes(b"no picture")
    for concurrency in (0, 1, 3):
        judge = Telling()
        judge.concurrency = concurrency
        asker = Asker(judge, None, lambda *_: None)
        asker.ask([one])
        assert (asker.undecodable, judge.cost) == (1, 0)
    picture = _Picture(Telling(), one, b"", ("a",), True)
    assert picture.prepare() is None
    assert [picture.first_to_tell(), picture.first_to_tell()] == [True, False]


def test_nothing_is_recorded_once_asking_is_over(tmp_path: Path) -> None:
    recorded: list[str] = []
    asker = Asker(Telling(), None, lambda poll, question, reply, called: recorded.append(question))
    one = poll(tmp_path, 1)
    asker._take(one, "early", Reply("yes", "yes"))
    asker.ask([])
    asker._take(one, "late", Reply("yes", "yes"))
    assert recorded == ["early"]
    assert isinstance(asker.judge.stopped, threading.Event) and not asker.judge.stopped.is_set()


def test_the_size_of_a_picture_is_read_from_its_head(tmp_path: Path) -> None:
    assert _image_size(poll(tmp_path, 1, size=(12, 5)).path) == (12, 5)
    (tmp_path / "x.png").write_bytes(b"none")
    assert _image_size(tmp_path / "x.png") == _image_size(tmp_path / "absent.png") == (0, 0)


# -- judges -----------------------------------------------------------------------------------------------


def test_a_judges_words() -> None:
    assert [judge_answer(text) for text in ("Yes.", "no", "perhaps")] == ["yes", "no", "unparsed"]
    assert [is_bare(text) for text in ("Yes.", " **no**!", "yes, it is", "", "y")] == [True, True, False, False, False]
    assert FixedJudge("maybe").poll(Image.new("RGB", (1, 1)), ["a", "b"]) == [Reply("maybe", "unparsed")] * 2
    plain = Judge()
    assert (plain.batch_size, plain.concurrency, plain.cached, plain.random_weights) == (1, 0, False, False)
    assert (plain.cost, plain.cost_text(), plain.stopped, plain.id, plain.revision) == (
        0.0,
        "free",
        None,
        "",
        "unknown",
    )
    assert (Reply("", "yes").blocked, Reply("", "yes").p_yes) == (False, None)


def test_a_panel_is_two_judges_or_more_each_once() -> None:
    options = LoadOptions()
    with pytest.raises(UsageError, match="panel:fixed:yes has 1 member"):
        load("fixed:yes", options)
    with pytest.raises(UsageError, match="has 1 member"):
        load("fixed:yes+ ", options)
    with pytest.raises(UsageError, match="a panel cannot sit on a panel"):
        load("fixed:yes+panel:fixed:no", options)
    with pytest.raises(UsageError, match="a panel has 'fixed:no' twice"):
        load("fixed:yes+fixed:no+fixed:no", options)
    assert [member.id for member in load(" fixed:yes + fixed:no ", options).members] == ["fixed:yes", "fixed:no"]


def test_a_panel_is_what_its_members_are() -> None:
    one, two = FixedJudge("yes"), FixedJudge("no")
    panel = PanelJudge([one, two])
    assert (panel.id, panel.revision) == ("panel:fixed:yes+fixed:no", "1+1")
    assert (panel.cached, panel.random_weights) == (False, False)
    assert panel.cost_text() == "fixed:yes: free; fixed:no: free"
    two.cached = two.random_weights = True
    assert (PanelJudge([one, two]).cached, PanelJudge([one, two]).random_weights) == (True, True)
    replies = panel.poll(Image.new("RGB", (1, 1)), ["a", "b", "c"])
    assert len(replies) == 3 and {(reply.answer, reply.text) for reply in replies} == {
        ("unparsed", "fixed:yes: yes, fixed:no: no")
    }
    said = panel.combine({"fixed:yes": ("yes", 0.25), "fixed:no": ("yes", 0.75)})
    assert (said.answer, said.p_yes) == ("yes", 0.5)
    missing = panel.combine({"fixed:yes": ("yes", 0.25)})
    assert (missing.answer, missing.p_yes, missing.members) == (
        "error",
        None,
        {"fixed:yes": "yes", "fixed:no": "error"},
    )
    assert panel.combine({"fixed:yes": ("no", None), "fixed:no": ("no", 0.5)}).p_yes is None


def test_a_summary_begins_with_nothing() -> None:
    summary = JudgeSummary(Path("x"), "j", "1")
    numbers = (summary.total, summary.already, summary.asked, summary.cached, summary.unparsed, summary.errors,
               summary.blocked, summary.no_image, summary.cost)  # fmt: skip
    assert set(numbers) == {0} and QUESTIONS == 48
