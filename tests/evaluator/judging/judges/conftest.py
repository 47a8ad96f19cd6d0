"""What the tests of the judges behind an API start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from evaluator.models import apis
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from tests.evaluator.judging.judges.providers import Site
from tests.evaluator.toy_models import Toy


@pytest.fixture
def no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, no keys of the user's, short waits."""
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "GEMINI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(apis, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(apis, "TIMEOUT_SECONDS", 1.5)


@pytest.fixture
def picture() -> Image.Image:
    return Image.new("RGB", (32, 32), "red")


@pytest.fixture
def folder(small_dataset: Path, tmp_path: Path) -> RunFolder:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    return RunFolder.open(tmp_path / "run")


@pytest.fixture
def site(provider: str, no_keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site(provider, monkeypatch)
    yield found
    found.close()
