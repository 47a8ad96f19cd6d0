"""A dataset folder as its readers meet it: complete, unaltered, and loaded by `datasets` in every config."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.folder import INFO_FILE, Dataset, is_dataset_folder
from dataset_builder.taxonomy import CATEGORIES
from tests.dataset_builder import made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.folder(tmp_path_factory.mktemp("folder") / "realunify", 2)


def test_rows_come_back_equal_and_in_order(small: Path) -> None:
    originals = [row for rows in made.everything(2).values() for row in rows]
    assert list(Dataset.open(small).instances(images=True)) == originals
    bare = [row.model_copy(update={"image": None, "reference_image": None}) for row in originals]
    assert list(Dataset.open(str(small)).instances()) == bare


def test_some_rows_only(small: Path) -> None:
    dataset = Dataset.open(small)
    wanted = {"geu-mental_tracking-0002", "ueg-world_knowledge-0001"}
    assert {row.id for row in dataset.instances(images=True, only=wanted)} == wanted
    assert [row.id for row in dataset.instances(category="mental_tracking")] == [
        "geu-mental_tracking-0001",
        "geu-mental_tracking-0002",
    ]
    assert [row.id for row in dataset.select(1)] == [row.id for row in dataset.instances() if row.id.endswith("1")]
    assert len(dataset.select()) == 20


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return made.folder(tmp_path / "realunify", 1)


def test_a_missing_an_altered_and_an_added_file_are_all_named(copy: Path) -> None:
    (copy / "data/ueg/world_knowledge/test-00000.parquet").unlink()
    with (copy / "data/geu/mental_tracking/test-00000.parquet").open("ab") as file:
        file.write(b" ")
    (copy / "data/geu/mental_tracking/test-00009.parquet").touch()
    with pytest.raises(RealUnifyError) as caught:
        Dataset.open(copy)
    for part in (
        "data/ueg/world_knowledge/test-00000.parquet is missing",
        "data/geu/mental_tracking/test-00000.parquet was altered",
        "data/geu/mental_tracking/test-00009.parquet is not part of the dataset",
        "build it again with: realunify build -o",
    ):
        assert part in str(caught.value)


def test_checksums_that_are_not_ours(copy: Path) -> None:
    info = json.loads((copy / INFO_FILE).read_text())
    (copy / INFO_FILE).write_text(json.dumps({**info, "surprise": 1}))
    with pytest.raises(RealUnifyError, match="checksums.json: surprise: Extra inputs are not permitted; rebuild"):
        Dataset.open(copy)
    assert not is_dataset_folder(copy)
    (copy / INFO_FILE).unlink()
    with pytest.raises(RealUnifyError, match="no checksums.json; build one with"):
        Dataset.open(copy)


def test_names_that_are_no_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no such folder; build one with: realunify build -o realunify"):
        Dataset.open("realunify")
    made.folder(tmp_path / "realunify", 1)
    with pytest.raises(UsageError, match="unknown dataset 'realunifi': did you mean realunify"):
        Dataset.open("realunifi")
    with pytest.raises(UsageError, match="is a file"):
        Dataset.open(tmp_path / "realunify" / "README.md")


LOAD = """
import json, warnings
from datasets import get_dataset_config_names, get_dataset_split_names, load_dataset, load_dataset_builder
names = get_dataset_config_names("realunify")
rows = {name: load_dataset("realunify", name) for name in names}
first = load_dataset("realunify", "mental_tracking", split="test")[0]
info = load_dataset_builder("realunify", "geu").info
plain = load_dataset("realunify", split="test")
print(json.dumps({
    "default": plain.num_rows,
    "sizes": {name: {split: data.num_rows for split, data in loaded.items()} for name, loaded in rows.items()},
    "picture": [first["image"].mode, *first["image"].size],
    "schemas": len({str(loaded["test"].features) for loaded in rows.values()}),
    "polls": plain[0]["question_list"],
    "stated": [info.splits["test"].num_examples, info.dataset_size > 0, info.download_size > 0],
}))
"""


def test_load_dataset_reads_every_config_offline(small: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment |= {"HF_HOME": str(small.parent / "home"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=small.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["default"] == 20
    sizes = {"default": 20, "ueg": 12, "geu": 8, **dict.fromkeys(CATEGORIES, 2)}
    assert found["sizes"] == {name: {"test": size} for name, size in sizes.items()}
    assert found["picture"] == ["RGB", 96, 96]
    assert found["schemas"] == 1
    assert found["polls"][1] == {"question": "Is there a 2?", "answer": "no", "aspect": "foil"}
    assert found["stated"] == [8, True, True]
