"""A model in another process: handshake, calls, refusals, errors, crashes, hangs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.models.base import ProviderDown, Refusal
from evaluator.models.registry import load_model
from evaluator.models.worker import READY_MADE, WorkerCrash, WorkerFile, WorkerModel
from evaluator.records import Request

SCRIPT = """
import os, struct, sys, time, zlib
from realunify_worker import Refusal, serve

def png(path, colour):
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row = b"\\0" + bytes(colour) * 4
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(row * 4))
    open(path, "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + body + chunk(b"IEND", b""))

class Model:
    capabilities = ["answer", "generate"]
    defaults = {"shade": 7}
    revision = "abc123"
    def __init__(self):
        print("loading, on stdout, which must not disturb")
        if os.environ.get("BROKEN"): raise RuntimeError("no such weights")
    def answer(self, request):
        if request.text == "crash": os._exit(3)
        if request.text == "hang": time.sleep(60)
        if request.text == "refuse": raise Refusal("SAFETY")
        if request.text == "raise": raise ValueError("bad luck")
        print("noise")
        return "%s|%d|%d" % (request.text, len(request.images), request.seed)
    def generate(self, request):
        png(request.out, [request.parameters["shade"], request.seed % 256, 0])

serve(Model)
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "toy.py").write_text(SCRIPT)
    (tmp_path / "toy.toml").write_text(
        f'name = "toy"\ncommand = ["{sys.executable}", "toy.py"]\nrequest_seconds = 2\nmax_restarts = 1\n'
    )
    return f"worker:{tmp_path / 'toy.toml'}"


@pytest.fixture
def model(spec: str) -> Iterator[WorkerModel]:
    loaded = load_model(spec)
    assert isinstance(loaded, WorkerModel)
    yield loaded
    loaded.close()


def test_it_tells_what_it_is(model: WorkerModel) -> None:
    assert model.capabilities == {"answer", "generate"}
    assert (model.name, model.revision, model.parameters) == ("toy", "abc123", {"shade": 7})
    assert model.healthy()


def test_text_images_and_seed_arrive(model: WorkerModel) -> None:
    image = Image.new("RGB", (3, 3))
    replies = model.answer([Request("a\nb"), Request("c", images=(image,), seed=5)])
    assert replies == ["a\nb|0|0", "c|1|5"]
    drawn = model.generate([Request("x", seed=9, parameters=model.parameters)])[0]
    assert drawn.getpixel((0, 0)) == (7, 9, 0)


def test_an_undeclared_capability_is_not_supported(model: WorkerModel) -> None:
    with pytest.raises(UsageError, match="cannot edit: not supported"):
        model.generate([Request("x", images=(Image.new("RGB", (3, 3)),))])
    with pytest.raises(UsageError, match="no parameter 'shaed'"):
        model.configure({"shaed": 1})


def test_refusals_and_errors_keep_the_worker(model: WorkerModel) -> None:
    with pytest.raises(Refusal, match="SAFETY"):
        model.answer([Request("refuse")])
    with pytest.raises(RuntimeError, match="bad luck"):
        model.answer([Request("raise")])
    assert model.answer([Request("still here")]) == ["still here|0|0"]


@pytest.mark.parametrize("word", ["crash", "hang"])
def test_a_crash_or_hang_costs_one_call(model: WorkerModel, word: str) -> None:
    with pytest.raises(WorkerCrash):
        model.answer([Request(word)])
    assert model.answer([Request("back")]) == ["back|0|0"]


def test_many_crashes_in_a_row_stop(model: WorkerModel) -> None:
    for _ in range(2):
        with pytest.raises(WorkerCrash):
            model.answer([Request("crash")])
    with pytest.raises(ProviderDown, match="crashed 2 times in a row"):
        model.answer([Request("x")])


def test_a_failed_start_says_why(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(RealUnifyError, match="did not start: RuntimeError: no such weights"):
        load_model(spec)


def test_a_missing_interpreter_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "x"\ncommand = ["/nowhere/python", "x.py"]\n')
    with pytest.raises(UsageError, match="cannot start /nowhere/python: No such file"):
        load_model(f"worker:{tmp_path / 'x.toml'}")


def test_bad_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "x"\n')
    with pytest.raises(UsageError, match="command: Field required"):
        load_model(f"worker:{tmp_path / 'x.toml'}")
    with pytest.raises(UsageError, match="unknown worker file"):
        load_model("worker:nope.toml")


@pytest.mark.parametrize("path", sorted(READY_MADE.glob("*.toml")), ids=lambda path: path.stem)
def test_ready_made_files_are_sound(path: Path) -> None:
    import tomllib

    file = WorkerFile.model_validate(tomllib.loads(path.read_text()))
    script = READY_MADE / file.command[-1]
    compile(script.read_text(), str(script), "exec")
    assert "not yet run on its weights" in file.notes
