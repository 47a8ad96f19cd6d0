"""The store: records that never change, events that are only added, and nothing by halves."""

from __future__ import annotations

import datetime
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from dataset_builder.errors import UsageError
from dataset_builder.folder import Dataset
from evaluator.judging.judges.base import FixedJudge
from leaderboard_space.board import Board
from leaderboard_space.pages import leaderboard
from leaderboard_space.rescoring.worker import Worker
from leaderboard_space.store.records import Progress, new_id
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk


@pytest.fixture
def stored(desk: Desk, toy_zip: Path) -> str:
    receipt = desk.receive(toy_zip, {}, identity="a")
    assert receipt.problems == []
    return str(receipt.id)


def test_ids_sort_by_time_and_are_not_guessable() -> None:
    early = new_id(datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))
    late = new_id(datetime.datetime(2026, 1, 2, 3, 4, 6, tzinfo=datetime.UTC))
    assert early.startswith("20260102-030405-") and early < late
    assert len(early.split("-")[2]) == 16
    assert new_id() != new_id()


def test_another_process_sees_the_same(store: Store, stored: str) -> None:
    again = Store(store.root.parent)
    assert [record.id for record in again.records()] == [stored]
    assert again.record(stored) == store.record(stored)
    assert again.latest(stored).state == "queued"


def test_a_record_cannot_be_changed(store: Store, stored: str) -> None:
    record = store.record(stored)
    assert record is not None
    with pytest.raises(ValidationError):
        record.received = "never"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["../../etc", "", ".", "20260102-030405-xyz", "20260102-030405-0000000000000000"])
def test_a_strange_id_is_unknown(store: Store, name: str) -> None:
    assert store.record(name) is None


def test_events_are_added_in_order_and_none_is_lost_in_a_crowd(store: Store, stored: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.append(stored, "judging", str(n)), range(40)))
    events = store.events(stored)
    assert events[0].state == "queued"
    assert sorted(int(event.detail) for event in events[1:]) == list(range(40))


def test_a_torn_event_does_not_count(store: Store, stored: str) -> None:
    store.append(stored, "judging")
    (store.folder(stored) / "events" / "0003.json").write_text('{"state": "sco')
    assert store.latest(stored).state == "judging"
    store.append(stored, "scoring")
    assert store.latest(stored).state == "scoring"


@pytest.mark.parametrize("name", ["0001 (1).json", "note.json", "copy of 0001.json", "12.json", "0009.json.bak"])
def test_what_is_no_event_is_passed_over(store: Store, stored: str, name: str) -> None:
    (store.folder(stored) / "events" / name).write_text('{"state": "failed", "at": ""}')
    store.append(stored, "judging")
    assert [event.state for event in store.events(stored)] == ["queued", "judging"]


def test_events_are_ordered_by_number(store: Store, stored: str) -> None:
    for name, state in (("9999", "judging"), ("10000", "scoring")):
        (store.folder(stored) / "events" / f"{name}.json").write_text(f'{{"state": "{state}", "at": ""}}')
    assert store.latest(stored).state == "scoring"
    store.append(stored, "scored")
    assert (store.folder(stored) / "events" / "10001.json").is_file()


def _torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def _newer(file: Path) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | {"mood": "calm"}))


def _of_another(file: Path) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | {"id": new_id()}))


def _a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", [_torn, _newer, _of_another, _a_folder, lambda file: file.write_bytes(b"\xff")])
def test_an_unreadable_record_is_left_out_and_counted(
    desk: Desk,
    store: Store,
    stored: str,
    no_edit_zip: Path,
    spoil: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = str(desk.receive(no_edit_zip, {}, identity="a").id)
    spoil(store.folder(stored) / "record.json")
    again = Store(store.root.parent)
    for _ in range(2):
        assert [record.id for record in again.records()] == [other]
    assert again.unreadable == 1 and len(caplog.records) == 1
    assert stored in caplog.text


def test_unreadable_scores_are_left_out_until_they_are_mended(store: Store, dataset: Dataset, stored: str) -> None:
    worker = Worker(store, dataset, FixedJudge("yes"))
    worker.run_once()
    (file,) = (store.folder(stored) / "scores").iterdir()
    content = file.read_bytes()
    file.with_name("abcdefabcdef (1).json").write_bytes(content)
    assert len(store.results(stored)) == 1
    _torn(file)
    assert (store.results(stored), store.unreadable) == ([], 1)
    assert "1</b> unreadable record left out" in leaderboard.view(Board(store, dataset), "direct", None)[0]
    file.write_bytes(content)
    assert (len(store.results(stored)), store.unreadable) == (1, 0)


def test_what_a_killed_add_left_is_removed_and_what_is_being_added_is_not(store: Store) -> None:
    old, young, other = (store.root / name for name in (f".{new_id()}.tmp", f".{new_id()}.tmp", ".mine.tmp"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "bundle.zip").write_bytes(b"half")
    ago = time.time() - 4000
    for path in (old / "bundle.zip", old, young, other):
        os.utime(path, (ago, ago))
    Store(store.root.parent)
    assert sorted(store.root.iterdir()) == sorted([young, other])


def test_a_file_is_no_place_for_data(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"file cannot hold submissions \(.*\); give --data a folder"):
        Store(tmp_path / "file")


def test_a_failed_add_leaves_nothing(store: Store, stored: str, tmp_path: Path) -> None:
    record = store.record(stored)
    assert record is not None
    other = record.model_copy(update={"id": new_id()})
    with pytest.raises(FileNotFoundError):
        store.add(other, tmp_path / "absent.zip")
    assert [path.name for path in store.root.iterdir()] == [stored]


def test_progress_is_zero_until_told(store: Store, stored: str) -> None:
    assert store.progress(stored) == Progress()
    store.set_progress(stored, Progress(done=3, total=9))
    assert store.progress(stored) == Progress(done=3, total=9)
