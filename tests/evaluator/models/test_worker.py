"""A model in another process: handshake, calls, refusals, errors, crashes, hangs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from evaluator.models._worker_records import WorkerFile
from evaluator.models.base import ProviderDown, Refusal
from evaluator.models.registry import load_model
from evaluator.models.worker import READY_MADE, WorkerCrash, WorkerModel
from evaluator.records import Request
from evaluator.running.run import run

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
        if request.text == "note":
            request.notes.append("prompt cut from 9 to 5 tokens")
            request.usage["output_tokens"] = 3
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


def test_notes_and_usage_arrive(model: WorkerModel) -> None:
    noted, plain = Request("note"), Request("plain")
    model.answer([noted, plain])
    assert (noted.notes, noted.usage) == (["prompt cut from 9 to 5 tokens"], {"output_tokens": 3})
    assert (plain.notes, plain.usage) == ([], {})


# A worker of another's making: it answers each line with these in turn.
LINES = """
import json, sys
replies = json.loads(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(replies.pop(0)), flush=True)
"""
READY = {"type": "ready", "version": 1, "capabilities": ["answer"]}


def speaking(folder: Path, *replies: object, more: str = "") -> str:
    (folder / "lines.py").write_text(LINES)
    (folder / "lines.toml").write_text(
        f'name = "lines"\ncommand = ["{sys.executable}", "lines.py", {json.dumps(json.dumps(replies))}]\n{more}'
    )
    return f"worker:{folder / 'lines.toml'}"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (3, "wrote no JSON object"),
        ([], "wrote no JSON object"),
        ({"type": "ready", "version": 1}, "capabilities: Field required"),
        ({**READY, "capabilities": "answer"}, "capabilities: Input should be a valid list"),
        ({**READY, "capabilities": []}, "declare a subset of answer"),
        ({**READY, "defaults": 3}, "defaults: Input should be a valid dictionary"),
        ({**READY, "version": 2}, "speaks version 2 of the protocol"),
        ({"type": "failed", "error": "no weights"}, "did not start: no weights"),
    ],
)
def test_a_wrong_handshake_is_one_line(tmp_path: Path, reply: object, told: str) -> None:
    with pytest.raises(RealUnifyError, match=told):
        load_model(speaking(tmp_path, reply))


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (3, "wrote no JSON object"),
        ({"type": "result", "id": 1}, "broke the protocol .outputs: Field required"),
        ({"type": "result", "id": 1, "outputs": []}, "broke the protocol .outputs"),
        ({"type": "result", "id": 1, "outputs": ["text"]}, "broke the protocol .outputs.0"),
        ({"type": "result", "id": 1, "outputs": [{}]}, "not exactly one of text, image"),
        ({"type": "result", "id": 1, "outputs": [{"image": "x.png"}]}, "no answer in its output"),
        ({"type": "result", "id": 7, "outputs": [{"text": "A"}]}, "out of turn"),
    ],
)
def test_a_reply_that_breaks_the_protocol_is_a_crash(tmp_path: Path, reply: object, told: str) -> None:
    model = load_model(speaking(tmp_path, READY, reply))
    with pytest.raises(WorkerCrash, match=told):
        model.answer([Request("x")])
    model.close()


def test_fields_of_a_newer_worker_are_passed_over(tmp_path: Path) -> None:
    result = {"type": "result", "id": 1, "outputs": [{"text": "A", "mood": "fine"}], "speed": 3}
    model = load_model(speaking(tmp_path, {**READY, "colour": "red"}, result))
    assert model.answer([Request("x")]) == ["A"]
    model.close()


def test_a_worker_that_does_not_answer_a_ping_is_told_before_the_run(tmp_path: Path, small_dataset: Path) -> None:
    with pytest.raises(RealUnifyError, match="does not answer a ping"):
        run(speaking(tmp_path, READY, {"type": "pong"}), small_dataset, out=tmp_path / "run", protocol="direct")


def test_what_the_file_says_of_it_must_be_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can answer, but its file says generate"):
        load_model(speaking(tmp_path, READY, more='capabilities = ["generate"]\n'))


def test_the_manifest_tells_what_decides_the_model(tmp_path: Path, small_dataset: Path) -> None:
    def go(ready: object = READY, variables: str = 'CKPT = "A"', **options: Any) -> None:
        pong, result = {"type": "pong", "id": 1}, {"type": "result", "id": 2, "outputs": [{"text": "A"}]}
        spec = speaking(tmp_path, ready, pong, result, more=f"[environment]\n{variables}\n")
        chosen = {"protocol": "direct", "limit_per_category": 1, "retry_errors": True, **options}
        try:
            run(spec, small_dataset, out=tmp_path / "run", **chosen)
        except ProblemsError as error:
            told.extend(line for line in error.problems if not line.startswith("environment worker"))

    told: list[str] = []
    secrets = 'HF_TOKEN = "hf_1"\nCUDA_VISIBLE_DEVICES = "3"\n'
    go(variables=secrets + 'CKPT = "A"')
    assert told == []
    kept = (tmp_path / "run" / "manifest.json").read_text()
    assert "hf_1" not in kept and '"CKPT": "A"' in kept
    go(variables='HF_TOKEN = "hf_2"\nCKPT = "A"')
    go(device="cuda:1")
    assert told == []
    go(variables='CKPT = "B"')
    assert told == ["environment CKPT: 'A' there, 'B' asked"]
    go(revision="r2")
    assert told.pop() == "environment revision: None there, 'r2' asked"
    go(ready={**READY, "environment": {"dtype": "float16"}})
    assert told.pop() == "environment dtype: None there, 'float16' asked"
    LINES_CHANGED = LINES + "# mended\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "LINES", LINES_CHANGED)
        go()
    assert told.pop().startswith("environment script: ")


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
