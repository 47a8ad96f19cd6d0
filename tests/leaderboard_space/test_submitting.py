"""`realunify submit` against the running app."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from evaluator.bundles.submitting import submit
from leaderboard_space.store.store import Store
from tests.leaderboard_space.running import running

Site = tuple[str, Store]


@pytest.fixture(scope="module")
def site(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site") / "data", small_dataset) as found:
        yield found


def test_a_bundle_is_followed_until_it_is_ranked(site: Site, toy_zip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, store = site
    line = submit(toy_zip, url)
    (record,) = store.records()
    assert line.startswith(f"{record.id}: scored, rank 1 of 1 by direct Total")
    assert line.endswith(f"/submissions?id={record.id}")
    assert "uploading" in capsys.readouterr().err
    assert submit(toy_zip, url) == line, "the same bundle again is the same submission"


def test_what_is_stored_cannot_be_fetched_and_no_other_file_be_submitted(site: Site, toy_zip: Path) -> None:
    """The contact stands in the record, and the server's disk is not a source of bundles."""
    url, store = site
    for file in (store.root, *store.root.rglob("*.json")):
        with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(f"{url}gradio_api/file={file}"):
            pass
        caught.value.close()
        assert caught.value.code in (403, 404)
    body = {"data": [{"path": str(toy_zip), "meta": {"_type": "gradio.FileData"}}, "Stolen", "", "", "", ""]}
    request = urllib.request.Request(
        f"{url}gradio_api/call/submit", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        event = json.loads(answer.read())["event_id"]
    with urllib.request.urlopen(f"{url}gradio_api/call/submit/{event}") as answer:
        assert "event: error" in answer.read().decode()
    assert "Stolen" not in {record.card.model for record in store.records()}


def test_without_following_it_returns_at_once(site: Site, no_edit_zip: Path) -> None:
    url, store = site
    line = submit(no_edit_zip, url, follow=False)
    assert line.split(":")[0] in {record.id for record in store.records()}


def test_a_refused_bundle_lists_every_problem(site: Site, tmp_path: Path) -> None:
    url, store = site
    before = len(store.records())
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        bad.writestr("stray.txt", "x")
    with pytest.raises(ProblemsError) as caught:
        submit(tmp_path / "bad.zip", url)
    said = str(caught.value)
    assert all(part in said for part in ("submission.json is missing", "predictions.jsonl is missing", "stray.txt"))
    assert len(store.records()) == before


def test_a_failure_is_told_with_its_reason(small_dataset: Path, toy_zip: Path, tmp_path: Path) -> None:
    with running(tmp_path / "data", small_dataset, judge=None) as (url, store), ThreadPoolExecutor(1) as pool:
        sent = pool.submit(submit, toy_zip, url)
        while not store.records() and not sent.done():
            time.sleep(0.05)
        store.append(store.records()[0].id, "failed", "the judge went away")
        with pytest.raises(RealUnifyError, match="the judge went away"):
            sent.result(timeout=30)


def test_the_same_bundle_again_is_another_try(site: Site, toy_zip: Path) -> None:
    url, store = site
    submission = submit(toy_zip, url, follow=False).split(":")[0]
    store.append(submission, "failed", "the judge went away")
    assert submit(toy_zip, url).startswith(f"{submission}: scored")


def test_what_is_wrong_before_anything_is_sent(tmp_path: Path, toy_zip: Path) -> None:
    with pytest.raises(UsageError, match="no bundle"):
        submit(tmp_path / "absent.zip", "http://127.0.0.1:9")
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(RealUnifyError, match="not a zip"):
        submit(tmp_path / "x.zip", "http://127.0.0.1:9")
    with pytest.raises(RealUnifyError, match="no leaderboard answers"):
        submit(toy_zip, "http://127.0.0.1:9")
