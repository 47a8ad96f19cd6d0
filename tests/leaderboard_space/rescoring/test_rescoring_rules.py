"""The borders of rescoring: how long a lease lives, what is asked for and told, when a worker stops."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.judges.base import FixedJudge
from evaluator.runs.folder import RunFolder
from leaderboard_space.rescoring import lease
from leaderboard_space.rescoring import worker as rescoring
from leaderboard_space.rescoring.lease import Lease, LeaseLost
from leaderboard_space.rescoring.worker import Stopped, Worker, open_dataset, work
from leaderboard_space.store.records import Progress
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk
from tests.evaluator.toy_models import Knowing


@pytest.fixture
def stored(desk: Desk, toy_zip: Path) -> str:
    return str(desk.receive(toy_zip, {}, identity="a").id)


# -- leases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "free"), [(110.0, False), (130.0, True)])
def test_a_lease_of_another_machine_lives_two_minutes(tmp_path: Path, age: float, free: bool) -> None:
    (tmp_path / "lease.json").write_text(json.dumps({"token": "x", "host": "elsewhere", "pid": 1}))
    then = time.time() - age
    os.utime(tmp_path / "lease.json", (then, then))
    assert (Lease.take(tmp_path) is not None) is free
    assert lease.EXPIRES >= 5 * lease.RENEWED_EVERY, "a worker may miss some renewals"
    assert (lease.EXPIRES, lease.RENEWED_EVERY) == (120, 20)


@pytest.mark.parametrize("pid", [None, "x", 1])
def test_a_process_that_cannot_be_asked_after_is_alive(
    tmp_path: Path, pid: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(number: int, signal: int) -> None:
        assert signal == 0, "asking kills nobody"
        raise PermissionError

    monkeypatch.setattr(lease.os, "kill", denied)
    (tmp_path / "lease.json").write_text(json.dumps({"token": "x", "host": socket.gethostname(), "pid": pid}))
    assert Lease.take(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", '["token"]', "3"])
def test_a_lease_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "lease.json").write_text(content)
    taken = Lease.take(tmp_path)
    assert taken is not None
    stated = json.loads((tmp_path / "lease.json").read_text())
    assert (stated["host"], stated["pid"], len(stated["token"])) == (socket.gethostname(), os.getpid(), 16)


def test_a_held_lease_is_renewed_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.01)
    held = Lease.take(tmp_path)
    assert held is not None
    file = tmp_path / "lease.json"
    with held:
        os.utime(file, (1000, 1000))
        deadline = time.monotonic() + 10
        while file.stat().st_mtime == 1000 and time.monotonic() < deadline:
            time.sleep(0.005)
        assert time.time() - file.stat().st_mtime < 60
        held.check()
        assert held._thread.daemon and held._thread.is_alive()
    assert not file.exists() and not held._thread.is_alive()


def test_a_lease_that_was_never_lost_is_checked_in_silence_and_a_lost_one_names_its_place(tmp_path: Path) -> None:
    held = Lease(tmp_path, "mine")
    held.check()
    held._lost = True
    with pytest.raises(LeaseLost, match=f"{tmp_path} was taken over by another worker"):
        held.check()
    assert not held._ours()


def test_only_one_of_a_crowd_takes_the_lease(tmp_path: Path) -> None:
    taken: list[Lease | None] = []
    threads = [threading.Thread(target=lambda: taken.append(Lease.take(tmp_path))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 12 and sum(one is not None for one in taken) == 1


# -- the watch --------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_progress_is_told_at_most_twice_a_second(
    store: Store, dataset: Dataset, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, told = Clock(), []
    monkeypatch.setattr(rescoring.time, "monotonic", clock)
    worker = Worker(store, dataset, FixedJudge("yes"), tell=told.append)
    held = Lease(store.folder(stored), "x")
    watch = rescoring._Watch(worker, stored, held)
    watch.start("judge", 96, 6)
    assert told == [f"{stored}: judging 90 of 96 questions with judge"]
    assert store.progress(stored) == Progress(done=6, total=96)
    for later, done, shown in ((0.25, 1, 6), (0.25, 2, 6), (0.25, 3, 9), (0.5, 4, 9), (0.75, 5, 11)):
        clock.seconds += later
        watch.advance(done, 0)
        assert store.progress(stored) == Progress(done=shown, total=96), done
    worker.stop.set()
    with pytest.raises(Stopped):
        watch.advance(6, 0)
    assert store.progress(stored).done == 11
    worker.stop.clear()
    held._lost = True
    with pytest.raises(LeaseLost):
        watch.advance(7, 0)
    watch.finish()
    assert store.progress(stored) == Progress(done=11, total=96)


# -- the worker -------------------------------------------------------------------------------------------


def test_nothing_is_scored_without_answers(store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dataset, "has_answers", property(lambda self: False))
    with pytest.raises(UsageError, match="answers withheld.*set REALUNIFY_ANSWERS"):
        Worker(store, dataset, FixedJudge("yes"))


def test_a_worker_tells_its_steps_and_its_name(
    store: Store, dataset: Dataset, stored: str, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    worker = Worker(store, dataset, FixedJudge("yes"), tell=told.append)
    assert worker.problem == "" and worker.name == f"{socket.gethostname()}-{os.getpid()}"
    worker.run_once()
    assert told == [
        f"{stored}: unpacking", f"{stored}: judging 96 of 96 questions with fixed:yes", f"{stored}: scored",
    ]  # fmt: skip
    events = store.events(stored)
    assert {event.worker for event in events[1:]} == {worker.name} and events[2].detail == "fixed:yes"
    found = store.results(stored)[0]
    assert (found.season, found.scores.judge) == (worker.season, "fixed:yes")
    assert not (store.folder(stored) / "run" / "scores.json").exists() and caplog.text == ""
    assert not (store.folder(stored) / "lease.json").exists()


def test_one_that_another_finished_in_between_is_left(
    store: Store, dataset: Dataset, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[stored], []])
    monkeypatch.setattr(rescoring.seasons, "waiting", lambda *_: next(answers))
    worker = Worker(store, dataset, FixedJudge("yes"))
    assert worker.run_once() is None
    assert [event.state for event in store.events(stored)] == ["queued"]


def test_a_problem_is_logged_once_and_told_until_it_is_gone(
    store: Store, dataset: Dataset, stored: str, caplog: pytest.LogCaptureFixture
) -> None:
    (store.folder(stored) / ".lock").mkdir()
    worker = Worker(store, dataset, FixedJudge("yes"))
    for _ in range(3):
        assert worker.run_once() is None and worker.problem.startswith(f"{stored} could not be worked on")
    assert len(caplog.records) == 1


def test_a_run_without_pictures_is_scored_without_a_judge(store: Store, dataset: Dataset, stored: str) -> None:
    worker = Worker(store, dataset, FixedJudge("yes"))
    run = worker._unpacked(stored)
    assert worker._judge_in(run) is None
    rescoring.judging.judge(run, Knowing(), dataset=dataset)
    assert worker._judge_in(run) is None, "another judge's replies are none of this one's"
    rescoring.judging.judge(run, worker.judge, dataset=dataset)
    assert worker._judge_in(run) == "fixed:yes@1"


@pytest.mark.parametrize("spoil", ["manifest.json", "predictions.jsonl", "judgements.jsonl"])
def test_a_run_is_readable_as_a_whole_or_not(store: Store, dataset: Dataset, stored: str, spoil: str) -> None:
    run = Worker(store, dataset, FixedJudge("yes"))._unpacked(stored)
    assert rescoring._readable(run.path)
    (run.path / spoil).write_text("torn\n")
    assert not rescoring._readable(run.path)
    with pytest.raises(RealUnifyError):
        opened = RunFolder.open(run.path)
        opened.latest()
        list(opened.judgements())


def test_idle_workers_wait_and_busy_ones_do_not(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rescoring.POLL_SECONDS == 2
    worker = Worker(store, dataset, FixedJudge("yes"))
    done = iter(["a", "b", None, ValueError("x"), "c"])
    waits: list[float] = []

    def once() -> str | None:
        found: Any = next(done)
        if isinstance(found, Exception):
            raise found
        if found == "c":
            worker.stop.set()
        return found

    monkeypatch.setattr(worker, "run_once", once)
    monkeypatch.setattr(worker.stop, "wait", waits.append)
    worker.loop()
    assert waits == [2, 2]
    assert worker.problem == "rescoring met a ValueError and tries again; the server's log has more"


def test_the_verb_ends_with_what_could_not_be_done(
    desk: Desk, store: Store, small_dataset: Path, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr(FixedJudge, "close", lambda self: closed.append(self.id))
    (store.folder(stored) / ".lock").mkdir()
    with pytest.raises(RealUnifyError, match=f"{stored} could not be worked on"):
        work(store.root.parent, str(small_dataset), "fixed:yes", once=True)
    assert closed == ["fixed:yes"]
    looped: list[str] = []
    monkeypatch.setattr(Worker, "loop", lambda self: looped.append(self.judge.id))
    work(store.root.parent, str(small_dataset), "fixed:no")
    assert (looped, closed) == (["fixed:no"], ["fixed:yes", "fixed:no"])


def test_the_private_folder_is_named_by_the_environment(small_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(Dataset, "open", classmethod(lambda cls, *names: asked.append(names)))
    for value in ("", "/private"):
        monkeypatch.setenv("REALUNIFY_ANSWERS", value)
        open_dataset("name")
    assert asked == [("name", None), ("name", "/private")]
