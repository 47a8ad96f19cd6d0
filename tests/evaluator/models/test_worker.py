"""A model in another process: handshake, calls, refusals, errors, crashes, hangs."""

from __future__ import annotations

import json
import logging
import platform
import re
import subprocess
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
from evaluator.running.executing import RunSummary
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder

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
        if os.environ.get("BROKEN"): raise RuntimeError(os.environ["BROKEN"])
    def answer(self, request):
        if request.text == "crash": os._exit(3)
        if request.text == "explode":
            print("Traceback (most recent call last):", file=sys.stderr)
            print("torch.OutOfMemoryError: CUDA out of memory.\\nTried to allocate 9 GiB", file=sys.stderr)
            os._exit(1)
        if request.text == "hang": time.sleep(60)
        if request.text == "refuse": raise Refusal("SAFETY")
        if request.text == "raise": raise ValueError("bad luck")
        if request.text == "note":
            request.notes.append("prompt cut from 9 to 5 tokens")
            request.usage["output_tokens"] = 3
        print("noise")
        return "%s|%d|%d" % (request.text, len(request.images), request.seed)
    def generate(self, request):
        if request.text == "forget": return
        if request.text == "scribble": return open(request.out, "w").write("no picture")
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


def test_a_death_in_mid_request_is_one_line(model: WorkerModel) -> None:
    with pytest.raises(WorkerCrash, match="died .exit status 1.: torch.OutOfMemoryError: .* allocate 9 GiB; ") as told:
        model.answer([Request("explode")])
    assert "\n" not in str(told.value) and "its log is " in str(told.value)


def test_a_death_costs_the_model_nothing(tmp_path: Path, small_dataset: Path) -> None:
    """The instance has an error, no answer and no refusal, and the run goes on; another run asks it again."""
    script = SCRIPT.replace(
        'if request.text == "crash"', 'if not os.path.exists("once") and not open("once", "w").write("")'
    )
    (tmp_path / "toy.py").write_text(script)
    (tmp_path / "toy.toml").write_text(f'name = "toy"\ncommand = ["{sys.executable}", "toy.py"]\n')

    def go() -> RunSummary:
        chosen = {"protocol": "direct", "limit_per_category": 1, "retry_errors": True}
        return run(f"worker:{tmp_path / 'toy.toml'}", small_dataset, out=tmp_path / "run", **chosen)

    assert go().errors == 1
    (failed,) = [one for one in RunFolder.open(tmp_path / "run").predictions() if one.error]
    assert (failed.response, failed.refusal) == (None, None)
    assert failed.error.splitlines()[-1].startswith("evaluator.models.worker.WorkerCrash: worker toy died")
    again = go()
    assert (again.done, again.errors) == (1, 0)


@pytest.mark.parametrize(("text", "why"), [("forget", "is not there"), ("scribble", "cannot be read")])
def test_a_picture_that_is_none_is_one_line(model: WorkerModel, text: str, why: str) -> None:
    with pytest.raises(
        RuntimeError, match=f"worker toy said that it drew .*-out.png, which {why}; its log is "
    ) as told:
        model.generate([Request(text, parameters=model.parameters)])
    assert "\n" not in str(told.value)
    assert model.generate([Request("x", parameters=model.parameters)])[0].size == (4, 4)


def test_a_picture_of_another_size_is_noted(model: WorkerModel) -> None:
    asked = Request("x", parameters={**model.parameters, "width": 8, "height": 4})
    fits = Request("x", parameters={**model.parameters, "width": 4, "height": 4})
    model.generate([asked, fits])
    assert (asked.notes, fits.notes) == (["asked for 8 x 4, drew 4 x 4"], [])


def test_an_edit_of_another_shape_is_noted(tmp_path: Path) -> None:
    picture = tmp_path / "out.png"
    Image.new("RGB", (64, 64)).save(picture)
    ready = {**READY, "capabilities": ["edit"]}
    replies = [{"type": "result", "id": n, "outputs": [{"image": str(picture)}]} for n in (1, 2)]
    model = load_model(speaking(tmp_path, ready, *replies))
    wide, square = (Request("x", images=(Image.new("RGB", size),)) for size in ((96, 64), (60, 61)))
    model.generate([wide, square])
    model.close()
    assert (wide.notes, square.notes) == (["the edit of a picture of 96 x 64 is 64 x 64"], [])


def test_a_worker_that_prints_is_told_where_to(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text("print('loading', flush=True)\ninput()\n")
    (tmp_path / "loud.toml").write_text(f'name = "loud"\ncommand = ["{sys.executable}", "loud.py"]\n')
    with pytest.raises(
        RealUnifyError, match="wrote no JSON object: 'loading.*; its stdout is the protocol's: print to stderr"
    ):
        load_model(f"worker:{tmp_path / 'loud.toml'}")


def test_many_crashes_in_a_row_stop(model: WorkerModel) -> None:
    for _ in range(2):
        with pytest.raises(WorkerCrash):
            model.answer([Request("crash")])
    with pytest.raises(ProviderDown, match="crashed 2 times in a row"):
        model.answer([Request("x")])


def test_a_failed_start_says_why(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "no such weights\nin that folder")
    with pytest.raises(RealUnifyError, match="did not start: RuntimeError: no such weights in that folder; ") as told:
        load_model(spec)
    assert "\n" not in str(told.value)
    (log,) = Path(str(told.value).split("its log is ")[1]).parent.glob("toy-*.log")
    assert "Traceback (most recent call last)" in log.read_text() and "in __init__" in log.read_text()


@pytest.mark.parametrize("where", ["import", "serve"])
def test_an_environment_without_torch_says_what_to_install(tmp_path: Path, where: str) -> None:
    inside = "import torch_that_is_missing"
    script = f"{inside}\n" if where == "import" else (
        f"from realunify_worker import serve\ndef make():\n    {inside}\nserve(make)\n"
    )  # fmt: skip
    (tmp_path / "bare.py").write_text(script)
    (tmp_path / "bare.toml").write_text(f'name = "bare"\ncommand = ["{sys.executable}", "bare.py"]\n')
    with pytest.raises(RealUnifyError, match="No module named 'torch_that_is_missing'; its environment") as told:
        load_model(f"worker:{tmp_path / 'bare.toml'}")
    assert "\n" not in str(told.value) and sys.executable in str(told.value)


# A worker of a repository that is cloned somewhere, with a checkpoint.
CLONED = """
from _common import USED, checkpoint, use_repository
from realunify_worker import serve

class Model:
    capabilities = ["answer"]
    environment = USED
    def __init__(self):
        use_repository("TOY_REPO", "engine.py")
        folder, self.revision = checkpoint("TOY_CHECKPOINT", "nobody/nothing", "toy_config.json")
        import engine
    def answer(self, request):
        return "A"

serve(Model)
"""


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@y"]
    done = subprocess.run(["git", *who, "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def cloned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a clone, a checkpoint and a worker of both; it was checked against the clone's commit."""
    monkeypatch.setenv("REALUNIFY_CACHE", str(tmp_path / "cache"))
    clone, weights = tmp_path / "clone", tmp_path / "weights"
    clone.mkdir()
    weights.mkdir()
    (clone / "engine.py").write_text("")
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "first")
    (weights / "toy_config.json").write_text("{}")
    (tmp_path / "cloned.py").write_text(CLONED)
    write_toml(tmp_path, git(clone, "rev-parse", "HEAD"))
    return tmp_path


def write_toml(folder: Path, commit: str) -> None:
    (folder / "cloned.toml").write_text(
        f'name = "cloned"\ncommand = ["{sys.executable}", "cloned.py"]\ncommit = "{commit}"\n'
        f'[environment]\nTOY_REPO = "{folder / "clone"}"\nTOY_CHECKPOINT = "{folder / "weights"}"\n'
    )


def facts(folder: Path) -> dict[str, str]:
    model = load_model(f"worker:{folder / 'cloned.toml'}")
    model.close()
    return model.environment()


def test_what_ran_is_what_is_written(cloned: Path, caplog: pytest.LogCaptureFixture) -> None:
    told = facts(cloned)
    assert told["worker.python"] == platform.python_version()
    assert told["worker.torch"] and told["worker.transformers"]
    assert told["worker.commit"] == git(cloned / "clone", "rev-parse", "HEAD")
    assert told["worker.clone"] == "clean"
    assert told["worker.sha256 toy_config.json"].startswith("44136fa3")
    assert caplog.text == ""


def test_a_clone_at_another_commit_is_told_and_goes_on(cloned: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_toml(cloned, "0" * 40)
    (cloned / "clone" / "engine.py").write_text("# mine")
    with caplog.at_level(logging.WARNING):
        told = facts(cloned)
    head = git(cloned / "clone", "rev-parse", "HEAD")
    assert told["worker.commit"] == head and told["worker.clone"] == "changed: engine.py"
    one, other = caplog.messages
    assert f"is at commit {head[:12]}, and was checked at 000000000000" in one and "git checkout" in one
    assert "has changes of its own (engine.py)" in other


def test_a_clone_without_git_is_told_as_such(cloned: Path) -> None:
    (cloned / "clone" / ".git").rename(cloned / "elsewhere")
    assert facts(cloned)["worker.commit"] == "unknown"


def test_half_a_clone_or_anothers_checkpoint_is_one_line(cloned: Path) -> None:
    (cloned / "weights" / "toy_config.json").rename(cloned / "weights" / "model_index.json")
    with pytest.raises(RealUnifyError, match="TOY_CHECKPOINT.* has no toy_config.json: .*another model") as told:
        facts(cloned)
    assert "\n" not in str(told.value)
    (cloned / "clone" / "engine.py").unlink()
    with pytest.raises(RealUnifyError, match="TOY_REPO.* has no engine.py: .*clone it again") as told:
        facts(cloned)
    assert "\n" not in str(told.value)


def test_the_manifest_keeps_the_workers_versions_apart(cloned: Path, small_dataset: Path) -> None:
    run(f"worker:{cloned / 'cloned.toml'}", small_dataset, out=cloned / "run", protocol="direct", limit_per_category=1)
    manifest = json.loads((cloned / "run" / "manifest.json").read_text())
    assert manifest["model"]["environment"]["worker.python"] == platform.python_version()
    assert not any(name.startswith("worker") for name in manifest["versions"])


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
    assert re.match(
        r"run on the authors' code with random weights \(\w{7}, 20\d\d-\d\d-\d\d\)$|read only$", file.status
    )
