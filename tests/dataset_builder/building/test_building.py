"""Building: deterministic, atomic, in pieces that keep memory flat, with answers withheld where asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dataset_builder.building import build
from dataset_builder.building.making import make_all
from dataset_builder.building.recipe import Recipe
from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.files import folder_replaced
from dataset_builder.folder import INFO_FILE, Dataset
from dataset_builder.instance import Instance
from tests.dataset_builder import made
from tests.root import ROOT

QUICK = ["world_knowledge", "mathematical_reasoning"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(code: str, place: Path) -> str:
    """A fresh process as a user's, with an empty cache that stays in `place`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment |= {"HF_HOME": str(place / "home"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.build(tmp_path_factory.mktemp("building") / "realunify", per_category=3, only=QUICK, workers=2)


def test_same_seed_same_bytes_another_seed_fresh_procedural_rows(built: Path, tmp_path: Path) -> None:
    again = build.build(tmp_path / "again", per_category=3, only=QUICK, workers=1)
    assert contents(again) == contents(built)
    other = build.build(tmp_path / "other", seed=1, per_category=3, only=QUICK, workers=1)
    first, second = ({i.prompt for i in Dataset.open(folder).instances()} for folder in (built, other))
    shared = first & second
    assert len(shared) == 3  # the hand-written ones
    assert Dataset.open(other).id == "realunify-open-seed1-6"


def test_progress_counts_every_instance(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build.build(tmp_path / "out", per_category=2, only=QUICK, workers=1, progress=lambda *args: told.append(args))
    assert sorted(told) == sorted((name, number, 2) for name in QUICK for number in (1, 2))


def test_a_twin_of_another_seed_in_the_same_place_is_not_hidden_by_the_cache(tmp_path: Path) -> None:
    """`datasets` keys its cache on the card's config and the folder's name, so the card carries the content."""
    code = (
        "from datasets import load_dataset; import json;"
        "print(json.dumps([load_dataset('realunify', 'mathematical_reasoning', split='test')['prompt'][0],"
        " load_dataset('realunify', split='test').num_rows]))"
    )
    found = []
    for seed in (0, 1):
        build.build(tmp_path / "realunify", seed=seed, per_category=2, only=QUICK, workers=1)
        wanted = next(i for i in Dataset.open(tmp_path / "realunify").instances() if i.task_type == QUICK[1])
        prompt, rows = json.loads(run(code, tmp_path))
        assert (prompt, rows) == (wanted.prompt, 4)
        found.append(prompt)
    assert found[0] != found[1]


KILLED = """
import os, signal
from dataset_builder.building import build
from dataset_builder.building.making import make_all
from dataset_builder.building.recipe import Recipe
from tests.dataset_builder import made

def rows():
    yield made.ueg("world_knowledge", 1)
    print("begun", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

build.write("realunify", {"world_knowledge": rows()})
"""


def test_a_killed_build_leaves_the_old_folder_whole_and_its_remains_go_with_the_next(tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "realunify", 1)
    before = contents(folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL and b"begun" in done.stdout
    assert contents(folder) == before
    assert len(list(tmp_path.glob(".realunify.*.tmp"))) == 1
    made.folder(folder, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["realunify"]
    assert Dataset.open(folder).info.instances == 20


LARGE = """
from dataset_builder.building import build
if __name__ == "__main__":
    tell = lambda *_: print("tick", flush=True)
    build.build("realunify", per_category=100_000, only=["mathematical_reasoning"], progress=tell)
"""


def test_the_processes_of_a_killed_build_end_too(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(LARGE)
    process = subprocess.Popen(
        [sys.executable, "large.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as out:
        assert out.readline() == b"tick\n"  # a worker is at it
        process.kill()
        process.wait()
        out.read()  # ends when no process holds the pipe any more
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _group_lives(process.pid):
        time.sleep(0.1)
    assert not _group_lives(process.pid)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_leftovers_of_living_processes_stay(tmp_path: Path) -> None:
    living, dead = tmp_path / f".out.{os.getppid()}.tmp", tmp_path / ".out.999999999.tmp"
    for folder in (living, dead):
        folder.mkdir()
    with folder_replaced(tmp_path / "out") as fresh:
        (fresh / "file").touch()
    assert living.is_dir() and not dead.exists() and (tmp_path / "out" / "file").is_file()


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    def failing() -> object:
        yield made.ueg("world_knowledge", 1)
        raise RealUnifyError("no more")

    with pytest.raises(RealUnifyError, match="no more"):
        build.write(tmp_path / "out", {"world_knowledge": failing()}, withhold_answers=True)  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_worker_arrives_as_it_is(tmp_path: Path, workers: int) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        make_all(tmp_path / "file", Recipe(only=["world_knowledge"], per_category=1, workers=workers))


def test_one_worker_makes_the_same_as_several(tmp_path: Path) -> None:
    only = ["mathematical_reasoning", "mental_tracking"]
    ticks: list[tuple[str, int, int]] = []
    one = build.build(tmp_path / "one", per_category=2, only=only, workers=1, progress=lambda *tick: ticks.append(tick))
    two = build.build(tmp_path / "two", per_category=2, only=only, workers=2)
    assert Dataset.open(one).content_sha256 == Dataset.open(two).content_sha256
    assert sorted(ticks) == [(name, done, 2) for name in only for done in (1, 2)]


def test_a_script_without_a_guard_is_told_of_it(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import dataset_builder\ndataset_builder.build('ds', per_category=1, workers=2)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'under `if __name__ == "__main__":`' in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_build_says_so_and_leaves_nothing(tmp_path: Path, signum: int) -> None:
    command = [sys.executable, "-m", "evaluator", "build", "--per-category", "100"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".realunify.*/data/*/*/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signum)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip().splitlines()[-1].startswith("stopped; ")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_what_must_not_be_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(UsageError, match="not empty and not a dataset of ours"):
        build.build(tmp_path / "mine")
    with pytest.raises(UsageError, match="is a file"):
        build.build(tmp_path / "mine" / "thesis.tex")
    assert (tmp_path / "mine" / "thesis.tex").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"per_category": 0}, "give at least 1"),
        ({"source": "theirs"}, "choose open or official"),
        ({"release": "copy"}, "give --source official"),
        ({"only": ["mental_trackin"]}, "did you mean mental_tracking"),
    ],
)
def test_wrong_requests(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build.build(tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_two_instances_with_one_id_are_refused(tmp_path: Path) -> None:
    rows = {
        "world_knowledge": [made.ueg("world_knowledge", 1)],
        "commonsense_reasoning": [made.ueg("world_knowledge", 1)],
    }
    with pytest.raises(RealUnifyError, match="two instances share an id\n  - ueg-world_knowledge-0001"):
        build.write(tmp_path / "out", rows)
    assert not (tmp_path / "out").exists()


def test_rows_stand_in_groups_of_a_hundred_and_files_of_a_thousand(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    folder = build.write(
        tmp_path / "out", {"world_knowledge": [made.ueg("world_knowledge", n) for n in range(1, 1151)]}
    )
    files = sorted(folder.glob("data/ueg/world_knowledge/*.parquet"))
    assert [file.name for file in files] == ["test-00000.parquet", "test-00001.parquet"]
    groups = [
        [pq.ParquetFile(f).metadata.row_group(n).num_rows for n in range(pq.ParquetFile(f).num_row_groups)]
        for f in files
    ]
    assert groups == [[100] * 10, [100, 50]]
    assert Dataset.open(folder).info.instances == 1150


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.folder(tmp_path_factory.mktemp("season") / "season", 2, withhold_answers=True)


def test_the_public_half_gives_nothing_away(season: Path) -> None:
    for row in Dataset.open(season).instances(images=True):
        hidden = (row.answer, row.reference_prompt, row.reference_image, row.rationale, row.metadata)
        assert hidden == (None,) * 5
        assert all(poll.answer is None and poll.aspect is None for poll in row.question_list)
        assert row.prompt or (row.image and row.question and len(row.option) == 4)
    originals: list[Instance] = [row for rows in made.everything(2).values() for row in rows]
    secrets = [row.rationale for row in originals] + [row.reference_prompt for row in originals if row.reference_prompt]
    for path in season.rglob("*"):
        if path.suffix in (".md", ".yaml", ".json"):
            text = path.read_text()
            assert [secret for secret in secrets if secret and secret in text] == [], path
    references = {row.reference_image for row in originals if row.reference_image}
    for path in season.rglob("*.parquet"):
        data = path.read_bytes()
        assert not [reference for reference in references if reference in data]


def test_the_public_half_does_not_tell_the_seed_which_makes_the_answers(tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "season", 1, seed=424_242, withhold_answers=True)
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"424242" not in path.read_bytes(), path
    assert Dataset.open(folder).info.seed is None
    assert Dataset.open(build.answers_folder(folder)).info.seed == 424_242


def test_both_halves_together_are_the_whole(season: Path) -> None:
    whole = Dataset.open(season, answers=build.answers_folder(season))
    originals = [row for rows in made.everything(2).values() for row in rows]
    assert list(whole.instances(images=True)) == originals
    assert whole.has_answers and not Dataset.open(season).has_answers


def test_the_halves_name_each_other(season: Path, tmp_path: Path) -> None:
    public, private = (Dataset.open(folder).info for folder in (season, build.answers_folder(season)))
    assert private.answers_for == public.content_sha256
    name = f"realunify-open-season-{public.content_sha256[:8]}-20"
    assert (public.dataset_id, private.dataset_id) == (f"{name}-public", f"{name}-answers")
    other = made.folder(tmp_path / "other", 1, withhold_answers=True)
    with pytest.raises(RealUnifyError, match="holds the answers of another dataset"):
        Dataset.open(season, answers=build.answers_folder(other))


def test_the_answers_decide_the_content_of_the_private_half(tmp_path: Path) -> None:
    digests = []
    for answer in ("A", "B"):
        rows = {"mental_tracking": [made.geu("mental_tracking", 1, answer=answer)]}
        folder = build.write(tmp_path / answer, rows, withhold_answers=True)
        digests.append(Dataset.open(build.answers_folder(folder)).content_sha256)
    assert digests[0] != digests[1]


def test_the_content_is_of_rows_not_of_files(tmp_path: Path) -> None:
    rows = made.everything(1)
    one = build.write(tmp_path / "one", rows)
    two = build.write(tmp_path / "two", dict(reversed(rows.items())))
    assert Dataset.open(one).content_sha256 == Dataset.open(two).content_sha256
    altered = {**rows, "mental_tracking": [made.geu("mental_tracking", 1, image=b"other")]}
    info = json.loads(
        (
            build.write(tmp_path / "three", {**altered, "mental_tracking": rows["mental_tracking"][:0]}) / INFO_FILE
        ).read_text()
    )
    assert info["content_sha256"] != Dataset.open(one).content_sha256
