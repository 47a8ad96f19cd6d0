"""Bundles of toy runs, an empty store, and the small dataset opened once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataset_builder.folder import Dataset
from evaluator.bundles import pack
from evaluator.bundles.pack import Card
from evaluator.running.run import run
from leaderboard_space.store.store import Store
from leaderboard_space.store.submissions import Desk
from tests.evaluator.toy_models import NoEdit, Toy


@pytest.fixture(scope="session")
def dataset(small_dataset: Path) -> Dataset:
    return Dataset.open(small_dataset)


@pytest.fixture(scope="session")
def toy_zip(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a model that can do everything."""
    folder = tmp_path_factory.mktemp("toy")
    run(Toy(), dataset, out=folder / "run", protocol="direct,stepwise")
    card = Card(model="Toy 1", organisation="Toys", url="https://example.org/toy", licence="MIT", contact="me@toys.org")
    return pack.pack(folder / "run", folder / "toy.zip", card)


@pytest.fixture(scope="session")
def no_edit_zip(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a model that cannot edit, so has no stepwise GEU."""
    folder = tmp_path_factory.mktemp("no-edit")
    run(NoEdit(), dataset, out=folder / "run", protocol="direct,stepwise", seed=7)
    return pack.pack(folder / "run", folder / "no-edit.zip", Card(model="No edit <b>bold</b>"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def desk(store: Store, dataset: Dataset) -> Desk:
    return Desk(store, dataset)
