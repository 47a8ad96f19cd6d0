"""The contract for models that run outside this process or this repository: APIs, workers, a user's own class."""

from __future__ import annotations

import hashlib
import io
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from contract import DRAW, ModelContract
from PIL import Image

from evaluator.models.base import Model
from evaluator.models.registry import load_model
from evaluator.records import Request
from tests.servers.gemini import gemini_server
from tests.servers.openai import openai_server

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")

ALL = frozenset({"answer", "looks", "samples", "generate", "edit", "reads", "seeds"})

WORKER = """
import hashlib, random
from PIL import Image
from realunify_worker import serve

def rng(request):
    digest = hashlib.sha256(request.text.encode() + str(request.seed).encode())
    for path in request.images:
        digest.update(Image.open(path).convert("RGB").tobytes())
    return random.Random(digest.digest())

class Model:
    capabilities = ["answer", "generate", "edit"]
    defaults = {"steps": 4}
    revision = "1"
    def answer(self, request):
        return rng(request).choice("ABCD")
    def generate(self, request):
        Image.frombytes("RGB", (16, 16), rng(request).randbytes(768)).save(request.out)

serve(Model)
"""


def seeded(text: str, images: Sequence[bytes], seed: object) -> random.Random:
    return random.Random(hashlib.sha256(text.encode() + b"".join(images) + str(seed).encode()).digest())


def noise(rng: random.Random) -> Image.Image:
    return Image.frombytes("RGB", (16, 16), rng.randbytes(768))


def model_server(text: str, images: list[bytes], seed: object) -> str | bytes:
    """A picture for what is to be drawn, a letter for everything else."""
    rng = seeded(text, images, seed)
    if text not in DRAW:
        return rng.choice("ABCD")
    buffer = io.BytesIO()
    noise(rng).save(buffer, "PNG")
    return buffer.getvalue()


model_server.seeded = True  # type: ignore[attr-defined]


class TestGemini(ModelContract):
    can = ALL

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Iterator[Model]:
        with gemini_server(model_server) as server, pytest.MonkeyPatch.context() as patch:
            patch.setenv("GEMINI_API_KEY", "good-key")
            patch.setenv("GEMINI_BASE_URL", server.url)
            yield load_model("gemini:gemini-2.5-flash-image")


class TestOpenAIAnswers(ModelContract):
    can = frozenset({"answer", "looks", "samples"})

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Iterator[Model]:
        with openai_server(model_server) as server, pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_API_KEY", "good-key")
            yield load_model(f"openai:gpt-4.1@{server.url}/v1")


class TestOpenAIPictures(ModelContract):
    can = frozenset({"generate", "edit", "reads"})  # its images API has no seed, which every prediction notes

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Iterator[Model]:
        with openai_server(model_server) as server, pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_API_KEY", "good-key")
            yield load_model(f"openai:gpt-image-1@{server.url}/v1")


class TestWorker(ModelContract):
    can = ALL
    tolerance = 0

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
        folder = tmp_path_factory.mktemp("worker")
        (folder / "toy.py").write_text(WORKER)
        (folder / "toy.toml").write_text(f'name = "toy"\ncommand = ["{sys.executable}", "toy.py"]\n')
        model = load_model(f"worker:{folder / 'toy.toml'}")
        yield model
        model.close()


class Own:
    """What the README shows: a class of the user's own."""

    capabilities = frozenset({"answer", "generate", "edit"})
    defaults = {"steps": 4}
    revision = "1"

    def answer(self, requests: Sequence[Request]) -> list[str]:
        return [self._rng(request).choice("ABCD") for request in requests]

    def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
        return [noise(self._rng(request)) for request in requests]

    def _rng(self, request: Request) -> random.Random:
        return seeded(request.text, [image.convert("RGB").tobytes() for image in request.images], request.seed)


class OwnThatOnlyAnswers(Own):
    capabilities = frozenset({"answer"})


class TestOwnClass(ModelContract):
    can = ALL
    spec = "Own"
    tolerance = 0

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> Model:
        return load_model(f"{Path(__file__).stem}:{cls.spec}")


class TestOwnClassThatOnlyAnswers(TestOwnClass):
    can = frozenset({"answer", "looks", "samples"})
    spec = "OwnThatOnlyAnswers"
