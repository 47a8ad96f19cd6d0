"""The desk: a sound bundle is stored once, a bad one is refused with every reason and leaves nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dataset_builder.errors import RealUnifyError
from dataset_builder.folder import Dataset
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk, Limiter, Limits, stated_fields


def spoiled(source: Path, out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as opened:
        entries = {name: opened.read(name) for name in opened.namelist()}
    change(entries)
    with zipfile.ZipFile(out, "w") as written:
        for name, content in entries.items():
            written.writestr(name, content)
    return out


def test_a_sound_bundle_is_stored_and_queued(desk: Desk, store: Store, toy_zip: Path) -> None:
    receipt = desk.receive(toy_zip, {}, identity="a")
    assert (receipt.problems, receipt.message) == ([], "accepted")
    record = store.record(str(receipt.id))
    assert record is not None
    assert (record.card.model, record.card.organisation, record.predictions) == ("Toy 1", "Toys", 80)
    assert record.submission.random_weights
    assert store.latest(record.id).state == "queued"


def test_the_forms_words_stand_over_the_bundles(desk: Desk, store: Store, toy_zip: Path) -> None:
    receipt = desk.receive(toy_zip, {"model": " Toy 2 ", "organisation": "", "licence": "CC0"}, identity="a")
    card = store.record(str(receipt.id)).card  # type: ignore[union-attr]
    assert (card.model, card.organisation, card.licence) == ("Toy 2", "Toys", "CC0")


def test_all_problems_at_once_and_nothing_stored(desk: Desk, store: Store, toy_zip: Path, tmp_path: Path) -> None:
    def spoil(entries: dict[str, bytes]) -> None:
        lines = entries["predictions.jsonl"].splitlines(keepends=True)
        unknown = json.loads(lines[0]) | {"id": "ueg-world_knowledge-9999"}
        entries["predictions.jsonl"] = b"".join([*lines, lines[0], json.dumps(unknown).encode() + b"\n"])
        entries["../outside.txt"] = b"x"
        entries["images/ueg-world_knowledge-0001/direct/draw.png"] = b"no picture"

    bad = spoiled(toy_zip, tmp_path / "bad.zip", spoil)
    receipt = desk.receive(bad, {"url": "http://example.org"}, identity="a")
    assert receipt.id is None
    said = "\n".join(receipt.problems)
    for part in ("leads out of the folder", "a second answer", "unknown id", "cannot be decoded", "https://"):
        assert part in said
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a zip at all"])
def test_no_zip(desk: Desk, store: Store, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    receipt = desk.receive(file, {}, identity="a")
    assert receipt.id is None and "not a zip" in receipt.problems[0]
    assert "no file" in desk.receive(None, {}, identity="a").problems[0]
    file.unlink()
    assert "send it again" in desk.receive(file, {}, identity="a").problems[0]
    assert list(store.root.iterdir()) == []


def test_an_address_that_is_no_web_address(desk: Desk, toy_zip: Path) -> None:
    assert desk.receive(toy_zip, {"model": "  "}, identity="a").id, "white space is no word: the bundle's own stands"
    receipt = desk.receive(toy_zip, {"url": "javascript:alert(1)", "model": "x" * 101}, identity="a")
    assert [problem.split(":")[0] for problem in receipt.problems] == ["model", "url"]


def test_the_same_bundle_again_is_the_same_submission(desk: Desk, store: Store, toy_zip: Path) -> None:
    first, second = (desk.receive(toy_zip, {}, identity="a") for _ in range(2))
    assert second.id == first.id and "already" in second.message
    assert len(store.records()) == 1


def test_the_same_bundle_again_does_a_failed_submission_again(desk: Desk, store: Store, toy_zip: Path) -> None:
    first = desk.receive(toy_zip, {}, identity="a")
    store.append(str(first.id), "failed", "the judge went away")
    second = desk.receive(toy_zip, {}, identity="a")
    assert second.id == first.id and second.message.endswith("it had failed and is tried again")
    assert store.latest(str(first.id)).state == "queued"


def test_too_large_too_often_too_many(store: Store, dataset: Dataset, toy_zip: Path) -> None:
    small = Desk(store, dataset, Limits(upload_bytes=100))
    assert "MiB" in small.receive(toy_zip, {}, identity="a").problems[0]
    busy = Desk(store, dataset, Limits(per_hour=1, waiting=1))
    assert busy.receive(toy_zip, {}, identity="a").id
    assert "within an hour" in busy.receive(toy_zip, {}, identity="a").problems[0]
    assert "waiting" in busy.receive(toy_zip, {"model": "Another"}, identity="b").problems[0]
    assert len(store.records()) == 1


def test_the_limiter_forgets() -> None:
    limiter = Limiter(2, seconds=0.0)
    assert [limiter.admit("a") for _ in range(5)] == [True] * 5
    limiter = Limiter(2, seconds=60.0)
    assert [limiter.admit("a"), limiter.admit("a"), limiter.admit("a"), limiter.admit("b")] == [True, True, False, True]


def test_only_a_failed_submission_can_be_tried_again(desk: Desk, store: Store, toy_zip: Path) -> None:
    submission = str(desk.receive(toy_zip, {}, identity="a").id)
    with pytest.raises(RealUnifyError, match="only a failed"):
        desk.retry(submission, identity="a")
    store.append(submission, "failed", "the judge went away")
    desk.retry(submission, identity="a")
    assert store.latest(submission).state == "queued"
    with pytest.raises(RealUnifyError, match="no submission"):
        desk.retry("nonsense", identity="a")


def test_the_form_is_filled_from_the_bundle(toy_zip: Path, tmp_path: Path) -> None:
    assert stated_fields(toy_zip)["contact"] == "me@toys.org"
    (tmp_path / "x.zip").write_bytes(b"PK")
    assert stated_fields(tmp_path / "x.zip") == {}
    strange = spoiled(toy_zip, tmp_path / "y.zip", lambda entries: entries.update({"submission.json": b'["model"]'}))
    assert stated_fields(strange) == {}


def test_a_zip_that_cannot_be_read_fills_nothing(toy_zip: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(toy_zip) as opened:
        info = opened.getinfo("submission.json")
    start = info.header_offset + 30 + len(info.filename)
    for at, byte in ((start, b"\xff" * 8), (info.header_offset + 8, b"\x08"), (info.header_offset, b"XX")):
        data = bytearray(toy_zip.read_bytes())
        data[at : at + len(byte)] = byte
        central = data.rindex(b"PK\x01\x02", 0, data.rindex(b"submission.json"))
        data[central + 10] = data[info.header_offset + 8]
        (tmp_path / "x.zip").write_bytes(data)
        assert stated_fields(tmp_path / "x.zip") == {}
