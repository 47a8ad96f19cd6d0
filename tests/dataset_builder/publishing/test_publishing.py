"""Publishing over real HTTP to a local Hub, and loading back from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataset_builder.building import build, official_export
from dataset_builder.building.recipe import VERSION
from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.publishing.hub import Summary, publish
from tests.dataset_builder import made
from tests.root import ROOT
from tests.servers.hub import File, Hub

REPO = "org/realunify"
# huggingface_hub's own LFS upload hands its HTTP library a file in the deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


@pytest.fixture(autouse=True)
def plain_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The LFS route, which the local Hub speaks; no waiting between the client's own retries; no bars."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _http, disable_progress_bars

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)
    disable_progress_bars()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.folder(tmp_path_factory.mktemp("publishing") / "realunify", 2)


def send(hub: Hub, folder: Path, repo: str = REPO, token: str = Hub.token, **options: bool) -> Summary:
    return publish(folder, repo, endpoint=hub.url, token=token, **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_commit_holds_the_folder_and_is_tagged(hub: Hub, small: Path) -> None:
    summary = send(hub, small)
    repo = hub.dataset(REPO)
    files = repo.files
    assert files.pop(".gitattributes")
    assert files == contents(small)
    assert len(repo.commits) == 2  # the Hub's own first one, and ours
    assert repo.tags == {f"v{VERSION}": repo.commits[-1].oid}
    assert not repo.private
    assert summary.created and summary.tagged and set(summary.uploaded) == set(files)
    assert f"create public dataset {REPO}" in summary.text()


def test_again_does_nothing(hub: Hub, small: Path) -> None:
    send(hub, small)
    commits, puts = len(hub.dataset(REPO).commits), hub.count("PUT", "/lfs/")
    summary = send(hub, small)
    assert summary.text() == f"{hub.url}/datasets/{REPO}: nothing to upload"
    assert (len(hub.dataset(REPO).commits), hub.count("PUT", "/lfs/")) == (commits, puts)
    assert hub.count("POST", "/commit/") == 1


def test_dry_run_says_the_same_and_changes_nothing(hub: Hub, small: Path) -> None:
    said = send(hub, small, dry_run=True)
    assert hub.repos == {}
    assert {method for method, _ in hub.requests} == {"GET"}
    assert "would upload README.md" in said.text() and said.text().endswith("(dry run)")
    done = send(hub, small)
    assert (done.uploaded, done.deleted, done.tagged) == (said.uploaded, said.deleted, said.tagged)


def test_only_what_changed_goes_up_stale_files_go_and_others_stay(hub: Hub, small: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small, tmp_path / "realunify")
    send(hub, folder)
    repo = hub.dataset(REPO)
    old = {"data/ueg/food/test-00000.parquet": File(b"old", True), "docs/NOTES.md": File(b"somebody's", False)}
    repo.add("an older layout", {**repo.commits[-1].files, **old})
    (folder / "README.md").write_text((folder / "README.md").read_text() + "\nA better card.\n")
    (folder / "notes.txt").write_text("mine")
    summary = send(hub, folder)
    assert list(summary.uploaded) == ["README.md"]
    assert summary.deleted == ["data/ueg/food/test-00000.parquet"]
    assert repo.files["docs/NOTES.md"] == b"somebody's"
    assert "notes.txt" not in repo.files
    assert repo.tags == {f"v{VERSION}": repo.commits[-1].oid}  # the same rows: the tag goes along with the better card


def test_a_published_version_is_never_given_to_other_rows(hub: Hub, small: Path, tmp_path: Path) -> None:
    send(hub, small)
    other = made.folder(tmp_path / "other", 3)
    before = hub.dataset(REPO).commits[-1].oid
    for dry_run in (True, False):
        with pytest.raises(RealUnifyError, match=rf"has v{VERSION} already, with other rows \(realunify-open-seed0-20"):
            send(hub, other, dry_run=dry_run)
    assert hub.dataset(REPO).commits[-1].oid == before


def test_the_authors_release_is_not_published(hub: Hub, small: Path, tmp_path: Path) -> None:
    official_export.export(small, tmp_path / "release")
    folder = build.build(tmp_path / "out", source="official", release=tmp_path / "release", per_category=2)
    with pytest.raises(UsageError, match="forbids redistribution"):
        send(hub, folder, private=True)
    assert hub.repos == {}


def test_withheld_answers_go_to_a_private_repository_only(hub: Hub, tmp_path: Path) -> None:
    public = made.folder(tmp_path / "season", 1, withhold_answers=True)
    answers = build.answers_folder(public)
    with pytest.raises(UsageError, match="holds withheld answers and org/answers would be public"):
        send(hub, answers, "org/answers")
    send(hub, public, "org/season")
    with pytest.raises(UsageError, match="holds withheld answers and org/season is public"):
        send(hub, answers, "org/season", private=True)
    send(hub, answers, "org/answers", private=True)
    assert hub.dataset("org/answers").private and not hub.dataset("org/season").private
    assert send(hub, answers, "org/answers").uploaded == {}  # it is private already


def test_private_is_not_silently_public(hub: Hub, small: Path) -> None:
    send(hub, small)
    with pytest.raises(UsageError, match="exists and is public"):
        send(hub, small, private=True)


@pytest.mark.parametrize("name", ["realunify", "a/b/c", "org/", "org/real unify"])
def test_a_bad_name_is_refused_before_any_request(hub: Hub, small: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not of the form ORG/NAME"):
        send(hub, small, name)
    assert hub.requests == []


COMMIT, PREUPLOAD, BATCH = "/commit/", "/preupload/", r"\.git/info/lfs"
REFUSALS = [
    (COMMIT, 401, "did not accept the token"),
    (COMMIT, 403, "may not write there"),
    (COMMIT, 409, "another change is going on"),
    (COMMIT, 412, "somebody else committed"),
    (COMMIT, 429, "fewer requests"),
    (COMMIT, 503, "the Hub answered 503"),
    (COMMIT, 0, "connection to the Hub was lost"),
    (PREUPLOAD, 403, "may not write there"),
    (BATCH, 429, "fewer requests"),
    (BATCH, 0, "connection to the Hub was lost"),
]


@pytest.mark.parametrize(("where", "status", "line"), REFUSALS)
def test_a_refusal_is_one_line_and_nothing_is_half_published(
    hub: Hub, small: Path, where: str, status: int, line: str
) -> None:
    hub.fail("POST", where, status=status)
    with pytest.raises(RealUnifyError, match=line) as caught:
        send(hub, small)
    assert "\n" not in str(caught.value) and REPO in str(caught.value)
    assert hub.dataset(REPO).files.keys() == {".gitattributes"}
    assert hub.dataset(REPO).tags == {}
    hub.faults.clear()
    send(hub, small)
    assert hub.dataset(REPO).files.keys() == {".gitattributes", *contents(small)}


def test_the_wait_that_the_hub_asks_for_is_told(hub: Hub, small: Path) -> None:
    hub.fail("POST", "/commit/", status=429, Retry_After="90")
    with pytest.raises(RealUnifyError, match="try again in 90 seconds"):
        send(hub, small)


def test_a_connection_lost_in_the_upload_is_resumed(hub: Hub, small: Path) -> None:
    files = len(list(small.glob("data/*/*/*.parquet")) + list(small.glob("preview/*")))
    hub.fail("PUT", "/lfs/", times=0)
    hub.faults[0].times = 10**6
    arrived: list[str] = []
    original = hub.fault_for

    def after_three(method: str, path: str) -> object:
        if method == "PUT" and len(arrived) < 3:
            arrived.append(path)
            return None
        return original(method, path)

    hub.fault_for = after_three  # type: ignore[method-assign, assignment]
    with pytest.raises(RealUnifyError, match="connection to the Hub was lost .* run the same command again"):
        send(hub, small)
    assert hub.dataset(REPO).files.keys() == {".gitattributes"}
    assert len(hub.objects) == 3
    hub.fault_for = original  # type: ignore[method-assign]
    hub.faults.clear()
    hub.requests.clear()
    send(hub, small)
    assert hub.count("PUT", "/lfs/") == files - 3
    assert hub.dataset(REPO).tags == {f"v{VERSION}": hub.dataset(REPO).commits[-1].oid}


def test_a_passing_fault_is_retried_by_the_client(hub: Hub, small: Path) -> None:
    hub.fail("PUT", "/lfs/", status=503, times=1)
    hub.fail("PUT", "/lfs/", times=1)
    send(hub, small)
    assert hub.dataset(REPO).files.keys() == {".gitattributes", *contents(small)}


def test_a_commit_without_its_tag_is_mended_by_the_next_run(hub: Hub, small: Path) -> None:
    hub.fail("POST", "/tag/", status=503)
    with pytest.raises(RealUnifyError, match="503"):
        send(hub, small)
    hub.faults.clear()
    summary = send(hub, small)
    assert summary.uploaded == {} and summary.tagged
    assert hub.dataset(REPO).tags == {f"v{VERSION}": hub.dataset(REPO).commits[-1].oid}


def test_tokens(hub: Hub, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RealUnifyError, match="403"):
        send(hub, small, token=hub.reader_token)
    with pytest.raises(RealUnifyError, match="401"):
        send(hub, small, token="hf_wrong")
    with pytest.raises(RealUnifyError, match="403"):
        send(hub, small, "stranger/realunify")
    monkeypatch.setattr("huggingface_hub.hf_api.get_token", lambda: None)
    with pytest.raises(RealUnifyError, match="no token for the Hub; run `hf auth login`"):
        publish(small, REPO, endpoint=hub.url)
    assert hub.repos == {}


def test_no_hub_at_all(small: Path) -> None:
    with pytest.raises(RealUnifyError, match="cannot be reached .* check the network and HF_ENDPOINT"):
        publish(small, REPO, endpoint="http://127.0.0.1:9", token="hf_any")


LOAD_BACK = """
import json, sys
from datasets import load_dataset
from dataset_builder import Dataset
rows = {name: load_dataset("org/realunify", *config, split="test")
        for name, config in {"all": (), "geu": ("geu",), "tracking": ("mental_tracking",)}.items()}
opened = Dataset.open("org/realunify")
print(json.dumps({
    "sizes": {name: len(data) for name, data in rows.items()},
    "picture": rows["tracking"][0]["image"].size,
    "prompt": rows["all"][0]["prompt"],
    "digests": [instance.digest() for instance in opened.instances(images=True)],
    "id": opened.id,
}))
"""


def test_load_dataset_and_open_give_the_published_rows_back(hub: Hub, small: Path, tmp_path: Path) -> None:
    """As a user does it: another process, an empty cache, the Hub's address in the environment."""
    send(hub, small)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_DISABLE_XET": "1"}
    environment |= {"PYTHONPATH": str(ROOT), "HF_HUB_DISABLE_TELEMETRY": "1"}
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD_BACK], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    found = json.loads(loaded.stdout.splitlines()[-1])
    assert found["sizes"] == {"all": 20, "geu": 8, "tracking": 2}
    assert found["picture"] == [96, 96]
    assert found["id"] == "realunify-open-seed0-20"
    originals = [instance for rows in made.everything(2).values() for instance in rows]
    assert found["prompt"] == originals[0].prompt
    assert found["digests"] == [instance.digest() for instance in originals]


def test_offline_mode_is_told(hub: Hub, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(RealUnifyError, match="HF_HUB_OFFLINE is set.*unset it"):
        send(hub, small)
