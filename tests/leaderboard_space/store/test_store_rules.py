"""The borders of the store and of the desk: interleaved writers, what is left over, who may upload how often."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from evaluator.scoring.scores import Scores
from leaderboard_space.store import seasons, submissions
from leaderboard_space.store import store as stores
from leaderboard_space.store.records import FINAL, Event, Progress, Result, Season, new_id
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk, Limiter, Limits, stated_fields
from tests.leaderboard_space.store.test_submissions import spoiled

OLDEST, MIDDLE = "20260102-030405-0000000000000001", "20260102-030405-0000000000000002"


@pytest.fixture
def stored(desk: Desk, toy_zip: Path) -> str:
    return str(desk.receive(toy_zip, {}, identity="a").id)


# -- events -----------------------------------------------------------------------------------------------


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["judging", "scoring", "failed"])), max_size=12))
def test_no_event_is_lost_whoever_writes_next(store: Store, writes: list[tuple[int, Any]]) -> None:
    """Three processes' stores on one folder, in any order: all events, in the order in which they were written."""
    name = new_id()
    writers = [store, Store(store.root.parent), Store(store.root.parent)]
    for number, (who, state) in enumerate(writes):
        writers[who].append(name, state, str(number), worker=str(who))
    for one in writers:
        found = [(event.worker, event.state, event.detail) for event in one.events(name)]
        assert found == [(str(who), state, str(number)) for number, (who, state) in enumerate(writes)]
        assert one.latest(name).state == (writes[-1][1] if writes else "queued")


def test_a_crowd_on_several_stores_loses_no_event(store: Store) -> None:
    name = new_id()
    writers = [Store(store.root.parent) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: writers[n % 4].append(name, "judging", str(n)), range(48)))
    assert sorted(int(event.detail) for event in store.events(name)) == list(range(48))
    files = sorted(path.name for path in (store.folder(name) / "events").iterdir())
    assert files == [f"{number:04d}.json" for number in range(1, 49)]


def test_who_comes_second_takes_the_very_next_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = new_id()
    store.append(name, "judging", "first")
    store.append(name, "judging", "second")
    # Another writer has looked before these were there.
    with monkeypatch.context() as patched:
        patched.setattr(stores, "_numbered", lambda folder: [])
        store.append(name, "scoring", "third")
    files = sorted(path.name for path in (store.folder(name) / "events").iterdir())
    assert files == ["0001.json", "0002.json", "0003.json"]
    assert [event.detail for event in store.events(name)] == ["first", "second", "third"]


def test_the_first_event_is_the_first_file(store: Store, stored: str) -> None:
    assert [path.name for path in (store.folder(stored) / "events").iterdir()] == ["0001.json"]
    record = store.record(stored)
    assert record is not None and store.events(stored)[0] == Event(state="queued", at=record.received)
    assert store.latest("nobody") == Event(state="queued", at="")
    store.queue_again(stored)
    assert store.events(stored)[1].detail == "tried again"


# -- records and scores -----------------------------------------------------------------------------------


def test_records_are_listed_by_age_and_strangers_left_out(store: Store, stored: str) -> None:
    for name in (MIDDLE, OLDEST):
        (store.root / name).mkdir()
        record = json.loads((store.folder(stored) / "record.json").read_text()) | {"id": name}
        (store.root / name / "record.json").write_text(json.dumps(record))
    (store.root / "notes").mkdir()
    (store.root / "20260102-030405-000000000000000g").mkdir()
    assert [record.id for record in store.records()] == [OLDEST, MIDDLE, stored]
    assert store.unreadable == 0
    assert store.folder(OLDEST) == store.root / OLDEST


def test_a_record_is_read_once(store: Store, stored: str) -> None:
    again = Store(store.root.parent)
    first = again.record(stored)
    (store.folder(stored) / "record.json").write_text("torn")
    assert again.record(stored) is first and first is not None
    assert Store(store.root.parent).record(stored) is None


def result(judge: str, scored: str = "2026-01-01T00:00:00+00:00", sha: str = "0" * 64) -> Result:
    scores: dict[str, Any] = {
        "model": "m", "model_revision": "1", "protocols": {},
        "dataset": {"id": "d", "content_sha256": sha, "instances": 1},
    }  # fmt: skip
    season = Season(dataset="d", content_sha256=sha, judge=judge, judge_revision="1")
    return Result(season=season, scored=scored, scores=Scores(**scores))


def test_scores_are_read_again_when_they_have_changed(store: Store, stored: str) -> None:
    one, other = result("a"), result("b")
    store.save_result(stored, one)
    store.save_result(stored, other)
    assert {found.season.judge for found in store.results(stored)} == {"a", "b"}
    assert (store.result(stored, one.season), store.result(stored, result("c").season)) == (one, None)
    again = result("a", "2026-02-01T00:00:00+00:00")
    store.save_result(stored, again)
    file = store.folder(stored) / "scores" / f"{one.season.key}.json"
    os.utime(file, ns=(1, 1))
    assert store.result(stored, one.season) == again
    first = store.results(stored)
    assert all(mine is same for mine, same in zip(first, store.results(stored), strict=True)), (
        "read once, while it stays"
    )
    file.unlink()
    assert [found.season.judge for found in store.results(stored)] == ["b"]


def test_the_latest_season_comes_first(store: Store, stored: str, desk: Desk, no_edit_zip: Path) -> None:
    other = str(desk.receive(no_edit_zip, {}, identity="a").id)
    for submission, judge, month in ((stored, "old", 1), (stored, "new", 3), (other, "old", 2), (other, "none", 4)):
        if judge != "none":
            store.save_result(submission, result(judge, f"2026-0{month}-01T00:00:00+00:00"))
    assert [season.judge for season in seasons.seasons(store)] == ["new", "old"]
    store.save_result(other, result("old", "2026-05-01T00:00:00+00:00"))
    assert [season.judge for season in seasons.seasons(store)] == ["old", "new"]


def test_what_waits_in_a_season(store: Store, stored: str, desk: Desk, dataset: Dataset, no_edit_zip: Path) -> None:
    other = str(desk.receive(no_edit_zip, {}, identity="a").id)
    both = sorted([stored, other])
    mine = result("a", sha=dataset.content_sha256)
    assert seasons.waiting(store, mine.season) == both
    for state in ("unpacking", "judging", "scoring"):
        store.append(stored, state)  # type: ignore[arg-type]
        assert seasons.waiting(store, mine.season) == both
    store.append(stored, "scored")
    assert seasons.waiting(store, mine.season) == both, "scored, though not by this judge"
    store.save_result(stored, mine)
    assert seasons.waiting(store, mine.season) == [other]
    store.append(stored, "queued")
    assert seasons.waiting(store, mine.season) == both, "asked for again"
    store.append(other, "failed")
    assert seasons.waiting(store, mine.season) == [stored]
    assert seasons.waiting(store, result("a", sha="f" * 64).season) == []


def test_the_key_of_a_season_holds_dataset_judge_and_revision() -> None:
    season = result("a").season
    others = [season.model_copy(update={field: "x"}) for field in ("content_sha256", "judge", "judge_revision")]
    keys = {season.key, *(other.key for other in others)}
    assert len(keys) == 4 and all(len(key) == 12 for key in keys)
    assert season.model_copy(update={"dataset": "renamed"}).key == season.key
    assert season.title == f"d ({'0' * 12}), judged by a @ 1"


def test_what_is_kept_never_changes() -> None:
    season: Any = result("a").season
    with pytest.raises(ValidationError):
        season.judge = "b"
    with pytest.raises(ValidationError):
        Progress(done=1, more=2)  # type: ignore[call-arg]
    assert (FINAL, Progress().done, Progress().total) == (("scored", "failed"), 0, 0)
    assert len(new_id().split("-")[2]) == 16


# -- what is left over ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "stays"), [(3500, True), (3700, False)])
def test_what_nobody_has_written_to_for_an_hour_is_removed(store: Store, age: float, stays: bool) -> None:
    folder = store.root / f".{new_id()}.tmp"
    (folder / "events").mkdir(parents=True)
    (folder / "events" / "0001.json").write_text("x")
    ago = time.time() - age
    for path in (folder / "events" / "0001.json", folder / "events", folder):
        os.utime(path, (ago, ago))
    Store(store.root.parent)
    assert folder.exists() is stays


def test_one_fresh_file_keeps_a_copy_that_is_being_made(store: Store) -> None:
    folder = store.root / f".{new_id()}.tmp"
    folder.mkdir()
    (folder / "bundle.zip").write_bytes(b"half")
    os.utime(folder, (1, 1))
    Store(store.root.parent)
    assert folder.exists()


def test_a_second_upload_takes_the_place_of_the_first(store: Store, stored: str, tmp_path: Path) -> None:
    (tmp_path / "again.zip").write_bytes(b"new")
    store.queue_again(stored, tmp_path / "again.zip")
    assert (store.folder(stored) / "bundle.zip").read_bytes() == b"new"
    assert [path.name for path in store.folder(stored).glob(".*")] == []
    assert store.progress(stored) == Progress()


# -- the desk ---------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(submissions.time, "monotonic", found)
    return found


def test_attempts_are_counted_within_the_window(clock: Clock) -> None:
    limiter = Limiter(2, seconds=60)
    assert [limiter.admit("a"), limiter.admit("a"), limiter.admit("a")] == [True, True, False]
    clock.seconds += 60
    assert not limiter.admit("a"), "to the second, they still count"
    clock.seconds += 0.5
    assert [limiter.admit("a"), limiter.admit("a"), limiter.admit("a")] == [True, True, False]
    assert Limiter(1).seconds == 3600


def test_the_window_slides(clock: Clock) -> None:
    limiter = Limiter(2, seconds=60)
    assert limiter.admit("a")
    clock.seconds += 40
    assert limiter.admit("a")
    clock.seconds += 21
    assert [limiter.admit("a"), limiter.admit("a")] == [True, False], "the first is forgotten, the second is not"


def test_who_has_gone_quiet_is_forgotten(clock: Clock) -> None:
    limiter = Limiter(2, seconds=60)
    limiter.admit("a")
    clock.seconds += 60
    limiter.admit("b")
    assert set(limiter._attempts) == {"a", "b"}
    clock.seconds += 0.5
    limiter.admit("b")
    assert set(limiter._attempts) == {"b"}


@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=25))
def test_never_more_than_the_limit_in_any_window(limit: int, attempts: list[tuple[str, int]]) -> None:
    clock, limiter = Clock(), Limiter(limit, seconds=50)
    admitted: list[tuple[str, float]] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(submissions.time, "monotonic", clock)
        for who, later in attempts:
            clock.seconds += later
            within = sum(name == who and at >= clock.seconds - 50 for name, at in admitted)
            assert limiter.admit(who) is (within < limit)
            if within < limit:
                admitted.append((who, clock.seconds))


def test_the_limits_are_these() -> None:
    assert (Limits().upload_bytes, Limits().per_hour, Limits().waiting) == (4_294_967_296, 20, 200)


def test_a_file_of_just_the_size_is_taken(store: Store, dataset: Dataset, toy_zip: Path, tmp_path: Path) -> None:
    size = toy_zip.stat().st_size
    receipt = Desk(store, dataset, Limits(upload_bytes=size - 1)).receive(toy_zip, {}, identity="a")
    assert receipt.problems == ["the file has 0 MiB, more than 0 MiB; pack without intermediates"]
    big = tmp_path / "big.zip"
    with big.open("wb") as file:
        file.truncate(3 * 2**20)
    receipt = Desk(store, dataset, Limits(upload_bytes=2 * 2**20)).receive(big, {}, identity="a")
    assert receipt.problems == ["the file has 3 MiB, more than 2 MiB; pack without intermediates"]
    receipt = Desk(store, dataset, Limits(upload_bytes=size)).receive(toy_zip, {}, identity="a", submitted_by="me")
    record = store.record(str(receipt.id))
    assert record is not None
    assert (record.bundle_bytes, record.submitted_by, record.predictions, record.notes) == (size, "me", 80, [])
    assert receipt.as_json() == {"id": record.id, "message": "accepted", "problems": [], "notes": []}


def test_how_many_may_wait(store: Store, dataset: Dataset, toy_zip: Path, no_edit_zip: Path) -> None:
    desk = Desk(store, dataset, Limits(waiting=1))
    first = desk.receive(toy_zip, {}, identity="a")
    refused = desk.receive(no_edit_zip, {}, identity="b")
    assert (refused.id, refused.problems) == (None, ["1 submissions are waiting already; please come back later"])
    store.append(str(first.id), "failed")
    assert desk.receive(no_edit_zip, {}, identity="b").id
    assert "waiting already" in desk.receive(toy_zip, {"model": "other"}, identity="c").problems[0]


def test_only_the_same_bundle_with_the_same_card_is_the_same(desk: Desk, store: Store, toy_zip: Path) -> None:
    first = desk.receive(toy_zip, {}, identity="a")
    second = desk.receive(toy_zip, {"model": "Another"}, identity="a")
    assert second.id != first.id and second.message == "accepted"
    third = desk.receive(toy_zip, {}, identity="a")
    assert (third.id, third.message) == (first.id, "this very bundle is here already")
    assert Counter(event.state for event in store.events(str(first.id))) == {"queued": 1}


def test_the_forms_words_stand_over_the_bundles(desk: Desk, store: Store, toy_zip: Path) -> None:
    fields = {"model": " Mine ", "contact": "", "stranger": "x"}
    record = store.record(str(desk.receive(toy_zip, fields, identity="a").id))
    assert record is not None
    assert (record.card.model, record.card.contact, record.card.organisation) == ("Mine", "me@toys.org", "Toys")
    card, problems = submissions._card({}, None)
    assert card is not None and (card.model, card.url, problems) == ("unknown", "", [])
    assert submissions._card({"url": "http://x.org"}, None)[1] == ["url: 'http://x.org' must begin with https://"]
    assert submissions._card({"url": "https://x.org"}, None)[1] == []
    assert submissions._card({"model": "x" * 101}, None)[0] is None


def test_trying_again_has_its_limit_too(store: Store, dataset: Dataset, toy_zip: Path) -> None:
    desk = Desk(store, dataset, Limits(per_hour=2))
    submission = str(desk.receive(toy_zip, {}, identity="a").id)
    store.append(submission, "failed")
    desk.retry(submission, identity="a")
    store.append(submission, "failed")
    with pytest.raises(RealUnifyError, match="too many attempts within an hour"):
        desk.retry(submission, identity="a")
    desk.retry(submission, identity="b")
    with pytest.raises(RealUnifyError, match=f"no submission '{'x' * 60}'; check"):
        desk.retry("x" * 61, identity="b")


def test_the_form_takes_only_text_and_not_all_of_it(toy_zip: Path, tmp_path: Path) -> None:
    content = json.dumps({"model": "x" * 301, "url": 5, "seed": "1"}).encode()
    strange = spoiled(toy_zip, tmp_path / "y.zip", lambda entries: entries.update({"submission.json": content}))
    assert stated_fields(strange) == {"model": "x" * 300}
    long = b" " * (2**20 - len(content)) + content
    fits = spoiled(toy_zip, tmp_path / "y.zip", lambda entries: entries.update({"submission.json": long}))
    assert stated_fields(fits) == {"model": "x" * 300}
    longer = spoiled(toy_zip, tmp_path / "y.zip", lambda entries: entries.update({"submission.json": b" " + long}))
    assert stated_fields(longer) == {}


def test_a_place_that_cannot_hold_anything(tmp_path: Path) -> None:
    (tmp_path / "submissions").write_text("x")
    with pytest.raises(UsageError, match="cannot hold submissions"):
        Store(tmp_path)
    assert stores._LEFT_OVER_SECONDS == 3600
