"""Rescoring: the server's own numbers, resumed after a stop, one worker a submission, a season a judge."""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL.Image import Image

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.judges.base import FixedJudge, Reply
from evaluator.runs.folder import RunFolder
from leaderboard_space.board import Board
from leaderboard_space.rescoring import lease
from leaderboard_space.rescoring import worker as rescoring
from leaderboard_space.rescoring.lease import Lease
from leaderboard_space.rescoring.worker import Worker, without_places, work
from leaderboard_space.store import seasons
from leaderboard_space.store.records import Season
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk
from tests.evaluator.toy_models import Knowing


@pytest.fixture
def stored(desk: Desk, toy_zip: Path) -> str:
    return str(desk.receive(toy_zip, {}, identity="a").id)


def states(store: Store, submission: str) -> list[str]:
    return [event.state for event in store.events(submission)]


def test_the_way_to_a_score(store: Store, dataset: Dataset, stored: str) -> None:
    worker = Worker(store, dataset, FixedJudge("yes"))
    assert worker.run_once() == stored
    assert worker.run_once() is None
    assert states(store, stored) == ["queued", "unpacking", "judging", "scoring", "scored"]
    result = store.result(stored, worker.season)
    assert result is not None
    direct = result.scores.protocols["direct"]
    assert (direct.axes["ueg"].score, direct.axes["ueg"].n) == (0.0, 24)
    assert direct.total.n == 40
    assert store.progress(stored).done == store.progress(stored).total == 2 * 24 * 2
    assert not (store.folder(stored) / "bundle.zip").exists()


def test_a_judge_that_knows_gives_full_marks(store: Store, dataset: Dataset, stored: str) -> None:
    worker = Worker(store, dataset, Knowing())
    worker.run_once()
    result = store.result(stored, worker.season)
    assert result is not None and result.scores.protocols["stepwise"].axes["ueg"].score == 100.0
    status = Board(store, dataset).status(stored)
    assert status is not None and status.placed.startswith("rank 1 of 1 by direct Total")


def test_digests_and_scores_in_an_upload_are_not_believed(
    desk: Desk, store: Store, dataset: Dataset, toy_zip: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(toy_zip) as opened, zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged:
        for name in opened.namelist():
            content = opened.read(name)
            if name == "predictions.jsonl":
                lines = [json.loads(line) for line in content.splitlines()]
                content = b"".join(
                    json.dumps(line | ({"image_sha256": "0" * 64} if line["image"] else {})).encode() + b"\n"
                    for line in lines
                )
            forged.writestr(name, content)
    submission = str(desk.receive(tmp_path / "forged.zip", {}, identity="a").id)
    Worker(store, dataset, FixedJudge("no")).run_once()
    run = RunFolder.open(store.folder(submission) / "run")
    assert {line.image_sha256 for line in run.judgements()}.isdisjoint({"0" * 64})
    assert store.latest(submission).state == "scored"


class StopsAfter(Knowing):
    """Asks its worker to stop once it has judged some images."""

    worker: Worker

    def __init__(self, images: int) -> None:
        super().__init__()
        self.left = images

    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        self.left -= 1
        if self.left < 0:
            self.worker.stop.set()
        return super().poll(image, questions)


def test_interrupted_judging_goes_on_without_asking_again(store: Store, dataset: Dataset, stored: str) -> None:
    stopping = StopsAfter(10)
    stopping.worker = Worker(store, dataset, stopping)
    stopping.worker.run_once()
    assert store.latest(stored).state == "judging"
    judge = Knowing()
    again = Worker(Store(store.root.parent), dataset, judge)
    assert again.run_once() == stored
    assert store.latest(stored).state == "scored"
    lines = [line.key for line in RunFolder.open(store.folder(stored) / "run").judgements()]
    assert len(lines) == len(set(lines)) == 2 * 24 * 2
    # At most the questions of the image in hand when it stopped are asked a second time.
    assert len(stopping.asked) + len(judge.asked) <= 2 * 24 * 2 + 2


class Broken(Knowing):
    """Fails on one image of each category."""

    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        if "answer 2" in questions[0]:
            return [Reply("", "error") for _ in questions]
        return super().poll(image, questions)


def test_a_judges_error_is_a_failure_to_be_tried_again(desk: Desk, store: Store, dataset: Dataset, stored: str) -> None:
    Worker(store, dataset, Broken()).run_once()
    event = store.latest(stored)
    assert event.state == "failed" and "12 images" in event.detail
    worker = Worker(store, dataset, Knowing())
    assert worker.run_once() is None, "a failed one waits for a person"
    desk.retry(stored, identity="a")
    assert worker.run_once() == stored
    assert store.latest(stored).state == "scored"


class Raises(Knowing):
    def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
        raise ValueError("secret path")


def test_a_crash_is_told_without_its_details(store: Store, dataset: Dataset, stored: str) -> None:
    Worker(store, dataset, Raises()).run_once()
    event = store.latest(stored)
    assert event.state == "failed" and "ValueError" in event.detail and "secret" not in event.detail


def test_a_failure_does_not_show_the_servers_folders(store: Store, dataset: Dataset, stored: str) -> None:
    class Lost(Knowing):
        def poll(self, image: Image, questions: Sequence[str]) -> list[Reply]:
            raise RealUnifyError(f"{store.root}/{stored}/run/predictions.jsonl line 3: bad; see /srv/models/x.bin")

    Worker(store, dataset, Lost()).run_once()
    assert store.latest(stored).detail == "predictions.jsonl line 3: bad; see x.bin"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("data/submissions/20260101/run/manifest.json: bad", "manifest.json: bad"),
        ("/home/me/set has no answers", "set has no answers"),
        (
            "no /opt/weights/model.safetensors, see https://example.org/a/b/c",
            "no model.safetensors, see https://example.org/a/b/c",
        ),
        ("unknown judge 'local:Qwen/Qwen2.5-VL-7B-Instruct'", "unknown judge 'local:Qwen/Qwen2.5-VL-7B-Instruct'"),
        ("images/ueg-1/direct/draw.png cannot be decoded", "images/ueg-1/direct/draw.png cannot be decoded"),
    ],
)
def test_words_without_places(text: str, left: str) -> None:
    assert without_places(text, Path("data/submissions"), Path("realunify")) == left


def test_a_damaged_run_is_made_anew_from_the_upload(desk: Desk, store: Store, dataset: Dataset, stored: str) -> None:
    Worker(store, dataset, Broken()).run_once()
    assert store.latest(stored).state == "failed" and (store.folder(stored) / "bundle.zip").exists()
    file = store.folder(stored) / "run" / "predictions.jsonl"
    file.write_text("{}\n" + file.read_text())
    desk.retry(stored, identity="a")
    Worker(store, dataset, Knowing()).run_once()
    assert store.latest(stored).state == "scored" and not (store.folder(stored) / "bundle.zip").exists()


def test_what_is_lost_is_asked_for_and_a_second_upload_of_it_is_done(
    desk: Desk, store: Store, dataset: Dataset, stored: str, toy_zip: Path
) -> None:
    (store.folder(stored) / "bundle.zip").unlink()
    worker = Worker(store, dataset, Knowing())
    worker.run_once()
    assert store.latest(stored).detail.endswith("upload the same bundle again")
    receipt = desk.receive(toy_zip, {}, identity="a")
    assert receipt.id == stored and "tried again" in receipt.message
    assert worker.run_once() == stored
    assert store.latest(stored).state == "scored"


def test_one_that_cannot_be_begun_stops_no_other(
    desk: Desk, store: Store, dataset: Dataset, stored: str, no_edit_zip: Path
) -> None:
    other = str(desk.receive(no_edit_zip, {}, identity="a").id)
    (store.folder(stored) / ".lock").mkdir()
    worker = Worker(store, dataset, FixedJudge("yes"))
    assert worker.run_once() == other
    assert worker.run_once() is None
    assert worker.problem == f"{stored} could not be worked on: IsADirectoryError; the server's log has more"
    (store.folder(stored) / ".lock").rmdir()
    assert worker.run_once() == stored and worker.run_once() is None
    assert worker.problem == ""


def test_the_thread_outlives_whatever_goes_wrong(
    store: Store, dataset: Dataset, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescoring, "POLL_SECONDS", 0.01)
    board = Board(store, dataset, "fixed:yes")
    waiting, told = seasons.waiting, []

    def failing(*args: object) -> list[str]:
        told.append(board.judge_problem)
        if len(told) < 3:
            raise OSError("disk gone")
        return waiting(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(seasons, "waiting", failing)
    board.start_worker()
    deadline = time.monotonic() + 20
    while store.latest(stored).state != "scored" and time.monotonic() < deadline:
        time.sleep(0.01)
    board.close()
    assert told[1] == "rescoring met a OSError and tries again; the server's log has more"
    assert store.latest(stored).state == "scored"


def test_a_judge_that_cannot_be_loaded_is_told_on_the_page(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(spec: str) -> None:
        raise OSError("/srv/secret")

    monkeypatch.setattr("leaderboard_space.board.load_judge", load)
    board = Board(store, dataset, "fixed:yes")
    board._work()
    assert board.judge_problem == "the judge could not be loaded: OSError; the server's log has more"


def test_another_judge_is_another_season(store: Store, dataset: Dataset, stored: str) -> None:
    first, second = Worker(store, dataset, FixedJudge("yes")), Worker(store, dataset, Knowing())
    for worker in (first, second):
        assert worker.run_once() == stored
        assert worker.run_once() is None
    assert first.season != second.season and first.season.key != second.season.key
    assert set(seasons.seasons(store)) == {first.season, second.season}
    board = Board(store, dataset)
    scores = {season.judge: board.entries(season)[0].score("direct", "ueg") for season in board.seasons()}
    assert scores == {"fixed:yes": 0.0, "knowing": 100.0}
    assert seasons.waiting(store, Season(**{**first.season.model_dump(), "content_sha256": "f" * 64})) == []


def test_two_workers_never_do_the_same_one(store: Store, dataset: Dataset, stored: str) -> None:
    taken = Lease.take(store.folder(stored))
    assert taken is not None
    with taken:
        assert Lease.take(store.folder(stored)) is None
        assert Worker(store, dataset, Knowing()).run_once() is None
        assert states(store, stored) == ["queued"]
    assert Worker(store, dataset, Knowing()).run_once() == stored


def test_a_dead_workers_lease_is_taken_over(store: Store, stored: str) -> None:
    file = store.folder(stored) / "lease.json"
    lease._write(file, "token")
    assert Lease.take(store.folder(stored)) is None
    gone = json.loads(file.read_text()) | {"pid": 2**22 + 1}
    file.write_text(json.dumps(gone))
    assert Lease.take(store.folder(stored)) is not None
    file.write_text(json.dumps(gone | {"host": "elsewhere"}))
    assert Lease.take(store.folder(stored)) is None, "another machine's process cannot be asked after"
    old = time.time() - lease.EXPIRES - 1
    os.utime(file, (old, old))
    assert Lease.take(store.folder(stored)) is not None


def test_who_lost_the_lease_stops(store: Store, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.01)
    held = Lease.take(store.folder(stored))
    assert held is not None
    with held:
        lease._write(store.folder(stored) / "lease.json", "another")
        deadline = time.monotonic() + 5
        with pytest.raises(lease.LeaseLost):
            while time.monotonic() < deadline:
                held.check()
                time.sleep(0.01)
    assert (store.folder(stored) / "lease.json").exists(), "the other's lease stays"


def test_the_verb_rescores_all_that_waits(
    desk: Desk, store: Store, small_dataset: Path, stored: str, no_edit_zip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(desk.receive(no_edit_zip, {}, identity="a").id)
    work(store.root.parent, str(small_dataset), "fixed:yes", once=True)
    assert [store.latest(one).state for one in (stored, other)] == ["scored", "scored"]
    assert f"{stored}: scored" in capsys.readouterr().out
    with pytest.raises(UsageError, match="--judge"):
        work(store.root.parent, str(small_dataset), None, once=True)
