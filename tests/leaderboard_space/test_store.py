"""The store: records that never change, events that are only added, and nothing by halves."""

from __future__ import annotations

import datetime
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from leaderboard_space.store import Progress, Store, new_id
from leaderboard_space.submissions import Desk


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
