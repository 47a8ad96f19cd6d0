"""The card: YAML that the Hub and `datasets` read, prose that fits the dataset, and an audit table put in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dataset_builder.building import build
from dataset_builder.building.recipe import VERSION
from dataset_builder.folder import Dataset, read_info
from dataset_builder.publishing import card, croissant
from dataset_builder.taxonomy import CATEGORIES
from tests.dataset_builder import made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.folder(tmp_path_factory.mktemp("card") / "realunify", 2)


def header(folder: Path) -> dict[str, Any]:
    _, text, _ = (folder / "README.md").read_text().split("---\n", 2)
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_configs_are_default_two_axes_and_ten_categories(small: Path) -> None:
    configs = header(small)["configs"]
    assert [config["config_name"] for config in configs] == ["default", "ueg", "geu", *CATEGORIES]
    assert [config.get("default") for config in configs] == [True] + [None] * 12
    for config in configs:
        ((entry,),) = [config["data_files"]]
        assert entry["split"] == "test"
        for pattern in entry["path"]:
            assert list(small.glob(pattern)), pattern


def test_every_config_carries_the_content(small: Path) -> None:
    content = Dataset.open(small).content_sha256[:16]
    assert all(f"(content {content})" in config["description"] for config in header(small)["configs"])


def test_dataset_info_is_true(small: Path) -> None:
    import datasets
    import pyarrow.parquet as pq

    for info in header(small)["dataset_info"]:
        name = info["config_name"]
        files = [small / f for f in read_info(small).files if name in ("default", *Path(f).parts)]
        assert info["splits"][0]["num_examples"] == sum(pq.read_metadata(file).num_rows for file in files)
        assert info["download_size"] == sum(file.stat().st_size for file in files)
        loaded = datasets.Features.from_arrow_schema(pq.read_schema(files[0]))
        assert datasets.Features._from_yaml_list(info["features"]) == loaded
        assert info["dataset_size"] == info["splits"][0]["num_bytes"] > 0


def test_prose_tells_what_is_there(small: Path) -> None:
    text = (small / "README.md").read_text()
    assert "| instances | 20 |" in text and "realunify-open-seed0-20" in text and f"version {VERSION}, seed 0" in text
    for category in CATEGORIES.values():
        assert f"`{category.name}` | 2 |" in text
        assert category.difficulty[2] in text
    assert text.count("\\*, ") + text.count("\\* |") == 12  # subtasks named by this project
    assert "arxiv.org/abs/2509.24897" in text and "CC BY 4.0" in text
    assert "{{" not in text and "{%" not in text and "\n\n\n" not in text
    previews = [line.split('"')[1] for line in text.splitlines() if line.startswith("<img")]
    assert len(previews) == 4 and all((small / name).is_file() for name in previews)


def test_eval_yaml_names_every_config(small: Path) -> None:
    tasks = yaml.safe_load((small / "eval.yaml").read_text())["tasks"]
    assert [task["config"] for task in tasks] == ["default", "ueg", "geu", *CATEGORIES]
    assert {task["split"] for task in tasks} == {"test"}


def test_the_audit_table_replaces_the_one_before(small: Path) -> None:
    before = (small / "README.md").read_text()
    assert "Not audited yet" in before
    card.put_audit_table(small, "| first |")
    card.put_audit_table(small, "| second |")
    text = (small / "README.md").read_text()
    assert "| second |" in text and "| first |" not in text and "Not audited yet" not in text
    assert text.split(card.AUDIT_MARKS[0])[0] == before.split(card.AUDIT_MARKS[0])[0]
    assert text.split(card.AUDIT_MARKS[1])[1] == before.split(card.AUDIT_MARKS[1])[1]
    Dataset.open(small)  # the checksums do not mind


def test_the_withheld_halves_say_so(tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "season", 1, seed=7, withhold_answers=True)
    public, private = ((path / "README.md").read_text() for path in (folder, build.answers_folder(folder)))
    assert "withheld: answers, references, rationales and metadata" in public
    assert "seed 7" not in public and "✓" not in public and "## Audit" not in public
    assert "seed 7: keep both the folder" in private
    assert not (build.answers_folder(folder) / "eval.yaml").exists()
    assert "answer" in str(header(build.answers_folder(folder))["dataset_info"])


@pytest.mark.parametrize(
    ("count", "word"),
    [(999, "n<1K"), (1_000, "1K<n<10K"), (100_000, "100K<n<1M"), (3_000_000, "1M<n<10M")],
)
def test_size_words(count: int, word: str) -> None:
    assert card._size_category(count) == word


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # inside mlcroissant and rdflib
def test_croissant_validates_and_reads_the_rows(small: Path) -> None:
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(small / "croissant.json"))
    assert described.metadata.ctx.issues.errors == set()
    assert described.metadata.ctx.issues.warnings == set()
    rows = list(described.records(record_set="mental_tracking"))
    first = made.geu("mental_tracking", 1)
    assert [row["mental_tracking/id"].decode() for row in rows] == [first.id, "geu-mental_tracking-0002"]
    assert [option.decode() for option in rows[0]["mental_tracking/option"]] == first.option
    assert rows[0]["mental_tracking/image"].size == first.picture().size


def test_croissant_names_every_file_and_column(small: Path) -> None:
    info = read_info(small)
    described = croissant.describe(info)
    assert {file["@id"]: file["sha256"] for file in described["distribution"]} == info.files
    assert [records["name"] for records in described["recordSet"]] == [Path(name).parent.name for name in info.files]
    assert "question_list" not in [field["name"] for field in described["recordSet"][0]["field"]]
