from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from evaluator.models.base import ProviderDown, Refusal
from evaluator.records import Prediction, Request
from evaluator.running.run import run
from evaluator.running.stepping import instance_seed
from evaluator.runs import lines, sharding
from evaluator.runs.folder import RunFolder
from tests.evaluator.toy_models import NoEdit, Toy
from tests.root import ROOT

UEG, GEU = 24, 16
EVERYTHING = 3 * (UEG + GEU)


def content(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The predictions by key, without the seconds, each key once."""
    found = {}
    for prediction in RunFolder.open(folder).predictions():
        assert prediction.key not in found
        row = prediction.model_dump()
        for step in row["steps"]:
            step.pop("seconds")
        found[prediction.key] = row
    return found


# -- the whole way ------------------------------------------------------------------------------------


def test_every_instance_runs_under_every_protocol_with_its_intermediates(small_dataset: Path, tmp_path: Path) -> None:
    summary = run(Toy(), small_dataset, out=tmp_path / "run")
    assert (summary.total, summary.done, summary.already, summary.errors) == (EVERYTHING, EVERYTHING, 0, 0)
    found = content(tmp_path / "run")
    assert len(found) == EVERYTHING
    stepwise = found["geu-mental_tracking-0001", "stepwise"]
    assert [step["name"] for step in stepwise["steps"]] == ["edit", "answer"]
    assert stepwise["response"] in "ABCD" and stepwise["image"] is None
    drawn = found["ueg-world_knowledge-0001", "stepwise"]
    assert drawn["steps"][1]["prompt"] == drawn["steps"][0]["text"] and drawn["response"] is None
    for row in found.values():
        for step in row["steps"]:
            assert (step["text"] is None) != (step["image"] is None)
            if step["image"]:
                assert step["image"] == f"images/{row['id']}/{row['protocol']}/{step['name']}.png"
                assert (tmp_path / "run" / step["image"]).is_file()


def test_the_edited_image_takes_the_place_of_the_input(small_dataset: Path, tmp_path: Path) -> None:
    seen: dict[str, tuple[Any, ...]] = {}

    class Watching(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return Image.new("RGB", (8, 8), (1, 2, 3)) if request.images else super().generate_one(request)

        def answer_one(self, request: Request) -> str:
            seen[request.step + str(len(seen))] = tuple(image.size for image in request.images)
            return super().answer_one(request)

    run(Watching(), small_dataset, out=tmp_path / "run", protocol="stepwise")
    assert Counter(sizes for step, sizes in seen.items() if step.startswith("answer")) == {((8, 8),): GEU}
    assert all(sizes == () for step, sizes in seen.items() if step.startswith("refine"))


def test_the_oracle_hands_over_the_reference(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="oracle")
    rows = content(tmp_path / "run")
    for instance in Dataset.open(small_dataset).instances():
        first = rows[instance.id, "oracle"]["steps"][0]
        assert first["prompt"] == (instance.reference_prompt if instance.axis == "ueg" else instance.evaluation_prompt)


def test_seeds_are_of_the_instance_and_not_of_the_protocol(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", seed=0)
    seeds = {row["id"]: set() for row in content(tmp_path / "run").values()}
    for row in content(tmp_path / "run").values():
        seeds[row["id"]] |= {step["seed"] for step in row["steps"]}
    assert all(len(each) == 1 for each in seeds.values())
    assert len(set.union(*seeds.values())) == len(seeds)
    assert instance_seed(0, "x") != instance_seed(1, "x") and 0 <= instance_seed(0, "x") < 2**31


def test_what_a_model_cannot_do_is_named_and_not_run(small_dataset: Path, tmp_path: Path) -> None:
    summary = run(NoEdit(), small_dataset, out=tmp_path / "run", protocol="stepwise")
    assert summary.total == UEG
    assert summary.not_supported == ["stepwise geu: the model cannot edit"]


def test_nothing_to_run_is_refused(small_dataset: Path, tmp_path: Path) -> None:
    class Silent(Toy):
        capabilities = frozenset({"edit"})

    with pytest.raises(UsageError, match="nothing to run: .*the model cannot answer"):
        run(Silent(), small_dataset, out=tmp_path / "run", protocol="direct")


def test_the_manifest_says_what_was_run(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", seed=7, limit_per_category=1)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["model"]["name"] == "toy" and manifest["model"]["parameters"] == {"temperature": 0.5}
    assert manifest["dataset"]["content_sha256"] == Dataset.open(small_dataset).content_sha256
    assert (manifest["seed"], manifest["protocols"], manifest["limit_per_category"]) == (7, ["direct"], 1)
    assert [session["predictions"] for session in manifest["sessions"]] == [10]


# -- stopping and going on ------------------------------------------------------------------------------


def test_running_again_makes_no_call(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run")
    before = (tmp_path / "run" / "predictions.jsonl").read_bytes()
    again = Toy()
    summary = run(again, small_dataset, out=tmp_path / "run")
    assert again.batches == [] and (summary.done, summary.already) == (0, EVERYTHING)
    assert (tmp_path / "run" / "predictions.jsonl").read_bytes() == before


def test_a_subset_grows_into_the_whole(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="all")
    run(Toy(), small_dataset, out=tmp_path / "whole")
    assert content(tmp_path / "run") == content(tmp_path / "whole")
    assert RunFolder.open(tmp_path / "run").manifest.limit_per_category is None


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_torn_last_line_is_made_again(small_dataset: Path, tmp_path: Path, kept: int) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    whole = content(tmp_path / "run")
    file = tmp_path / "run" / "predictions.jsonl"
    *earlier, last = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(earlier) + last[:kept])
    assert len(content(tmp_path / "run")) == len(whole) - 1
    assert run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct").done == 1
    assert content(tmp_path / "run") == whole


def test_a_file_of_one_torn_line_starts_anew(tmp_path: Path) -> None:
    file = tmp_path / "predictions.jsonl"
    file.write_bytes(b'{"id": "' + b"x" * 200_000)
    with lines.LineWriter(file) as writer:
        writer.append(Prediction(id="a", protocol="direct"))
    assert [line.id for line in lines.read_lines(file, Prediction)] == ["a"]


def test_a_bad_line_in_the_middle_is_named(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    file = tmp_path / "run" / "predictions.jsonl"
    rows = file.read_text().splitlines()
    rows[3] = rows[3].replace('"protocol"', '"protocoll"')
    file.write_text("\n".join(rows) + "\n")
    with pytest.raises(RealUnifyError, match=r"predictions\.jsonl line 4: .*delete the line"):
        content(tmp_path / "run")


def test_kill_9_in_mid_run_loses_and_repeats_nothing(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "undisturbed")
    command = [
        sys.executable,
        "-c",
        "import sys; from tests.evaluator.toy_models import Slow; from evaluator.running.run import run\n"
        "run(Slow(), sys.argv[1], out=sys.argv[2])",
        str(small_dataset),
        str(tmp_path / "run"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    kept: list[bytes] = []
    for wanted in (10, 50):
        process = subprocess.Popen(command, env=environment)
        file = tmp_path / "run" / "predictions.jsonl"
        for _ in range(1000):
            if file.is_file() and file.read_bytes().count(b"\n") >= wanted:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        written = file.read_bytes()
        whole = written[: written.rfind(b"\n") + 1]
        assert all(whole.startswith(earlier) for earlier in kept)
        kept.append(whole)
        assert wanted <= whole.count(b"\n") < EVERYTHING
    run(Toy(), small_dataset, out=tmp_path / "run")
    assert (tmp_path / "run" / "predictions.jsonl").read_bytes().startswith(kept[-1])
    assert content(tmp_path / "run") == content(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 1}, "seed: 0 there, 1 asked"),
        ({"parameter": 0.9}, "parameter temperature: 0.5 there, 0.9 asked"),
        ({"revision": "2"}, "revision: '1' there, '2' asked"),
        ({"name": "other"}, "model: 'toy' there, 'other' asked"),
    ],
)
def test_a_resume_as_another_run_is_refused_with_the_difference(
    small_dataset: Path, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    other = Toy()
    other.name, other.revision = change.get("name", "toy"), change.get("revision", "1")
    other.parameters["temperature"] = change.get("parameter", 0.5)
    with pytest.raises(ProblemsError) as raised:
        run(other, small_dataset, out=tmp_path / "run", protocol="direct", seed=change.get("seed", 0))
    assert raised.value.problems == [told]


MACHINES = [{"device": "cuda:0", "gpu": "A100", "torch": "2.9"}, {"device": "cpu", "torch": "2.13"}]


@pytest.mark.parametrize("prefix", ["", "generates.", "understands.generates."])
def test_a_run_goes_on_on_another_machine(small_dataset: Path, tmp_path: Path, prefix: str) -> None:
    class Placed(Toy):
        facts: dict[str, str]

        def environment(self) -> dict[str, str]:
            return {f"{prefix}{name}": value for name, value in self.facts.items()}

    for machine in MACHINES:
        model = Placed()
        model.facts = {**machine, "dtype": "bfloat16"}
        run(model, small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    model.facts = {**machine, "dtype": "float32"}
    with pytest.raises(ProblemsError) as raised:
        run(model, small_dataset, out=tmp_path / "run", protocol="direct")
    assert raised.value.problems == [f"environment {prefix}dtype: 'bfloat16' there, 'float32' asked"]


def test_a_dataset_that_moved_is_found_after_a_resume(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    moved = tmp_path / "moved"
    moved.symlink_to(small_dataset)
    run(Toy(), moved, out=tmp_path / "run", protocol="direct")
    assert RunFolder.open(tmp_path / "run").manifest.dataset.path == str(moved)


def test_a_folder_with_something_else_is_refused(small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match="not empty and not a run"):
        run(Toy(), small_dataset, out=tmp_path / "run")


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize("name", ["limit_per_category", "batch_size", "concurrency"])
def test_numbers_that_mean_nothing_are_refused(small_dataset: Path, tmp_path: Path, name: str, number: int) -> None:
    with pytest.raises(UsageError, match=f"{name} is {number}: give 1 or more"):
        run(Toy(), small_dataset, out=tmp_path / "run", **{name: number})
    assert not (tmp_path / "run").exists()


def test_places_that_cannot_be_written_are_one_line(small_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()
    (tmp_path / "run" / "predictions.jsonl").mkdir()
    for place, told in (
        (tmp_path / "file", "is a file; give another with -o"),
        (tmp_path / "file" / "run", "cannot write to .*Not a directory"),
        (Path("/proc/x"), "cannot write to /proc/x: No such file"),
        (tmp_path / "run", "cannot read .*predictions.jsonl: Is a directory"),
    ):
        with pytest.raises(RealUnifyError, match=told) as caught:
            run(Toy(), small_dataset, out=place, protocol="direct")
        assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RealUnifyError, match="cannot write to .*: Is a directory"):
        lines.LineWriter(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(RealUnifyError, match="cannot write to .*file/predictions.jsonl: "):
        lines.LineWriter(tmp_path / "file" / "predictions.jsonl")


def test_a_disk_that_is_still_full_is_one_line(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)

    def full(path: Path, data: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("evaluator.runs.folder.write_atomic", full)
    with pytest.raises(RealUnifyError, match="cannot write to .*No space left on device; free some space"):
        run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")


def test_two_writers_of_one_file_are_kept_apart(tmp_path: Path) -> None:
    file = tmp_path / "predictions.jsonl"
    with lines.LineWriter(file), pytest.raises(RealUnifyError, match="being written by another process"):
        lines.LineWriter(file)


def test_two_answers_for_one_instance_are_an_error(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    file = tmp_path / "run" / "predictions.jsonl"
    file.write_bytes(file.read_bytes() + file.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(ProblemsError) as raised:
        RunFolder.open(tmp_path / "run").latest()
    assert raised.value.problems == ["ueg-world_knowledge-0001 (direct)"]


# -- shards -----------------------------------------------------------------------------------------------


def test_two_shards_are_the_whole(small_dataset: Path, tmp_path: Path) -> None:
    halves = [run(Toy(), small_dataset, out=tmp_path / "run", shard=(i, 2)) for i in (1, 2)]
    assert [half.total for half in halves] == [EVERYTHING // 2] * 2
    run(Toy(), small_dataset, out=tmp_path / "whole")
    assert content(tmp_path / "run") == content(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "run").glob("*.jsonl")) == [
        "predictions-1-of-2.jsonl",
        "predictions-2-of-2.jsonl",
    ]
    # Going on with another number of shards repeats nothing.
    assert run(Toy(), small_dataset, out=tmp_path / "run", shard=(3, 3)).done == 0
    assert [session.shard for session in RunFolder.open(tmp_path / "run").manifest.sessions] == ["1/2", "2/2"]


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({}, None),
        ({"RANK": "0", "WORLD_SIZE": "1"}, None),
        ({"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}, (4, 8)),
        ({"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_ID": "0"}, (2, 4)),
        # A batch script sees the allocation's variables, and is no step.
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "4"}, None),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "4"}, None),
        # torchrun inside srun: torchrun's own ranks count.
        ({"RANK": "5", "WORLD_SIZE": "8", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "SLURM_STEP_ID": "0"},
         (6, 8)),
    ],
)  # fmt: skip
def test_the_launcher_says_which_shard(environment: dict[str, str], shard: tuple[int, int] | None) -> None:
    assert sharding.launched_shard(environment) == shard


def test_a_launched_process_does_its_part(small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert run(Toy(), small_dataset, out=tmp_path / "run").total == EVERYTHING // 4
    assert (tmp_path / "run" / "predictions-2-of-4.jsonl").is_file()


def test_a_launched_process_needs_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert sharding.launched_device({"SLURM_STEP_ID": "0", "SLURM_LOCALID": "0"}) is None


def test_a_launched_process_takes_its_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.set_device", taken.append)
    for rank in ("0", "3"):
        monkeypatch.setenv("LOCAL_RANK", rank)
        sharding.use_launched_device()
    assert taken == ["cuda:0", "cuda:1"]


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0", "-1/2", "1/2/3", ""])
def test_a_bad_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not I/N"):
        sharding.parse_shard(text)


def test_shards_have_their_share_of_every_category() -> None:
    items = [f"{category}{number}" for category in "abc" for number in range(100)]
    parts = [sharding.part_of(items, (i, 8)) for i in range(1, 9)]
    assert sorted(sum(parts, [])) == sorted(items)
    assert all(Counter(item[0] for item in part)["a"] in (12, 13) for part in parts)


# -- failures, refusals, memory -----------------------------------------------------------------------------


def test_an_instance_that_fails_does_not_cost_its_neighbours(small_dataset: Path, tmp_path: Path) -> None:
    class Touchy(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            if request.id == "ueg-world_knowledge-0002":
                raise ZeroDivisionError("in the model")
            return super().generate_one(request)

    summary = run(Touchy(), small_dataset, out=tmp_path / "run", protocol="direct", batch_size=4)
    rows = content(tmp_path / "run")
    failed = rows.pop(("ueg-world_knowledge-0002", "direct"))
    assert summary.errors == 1
    assert "ZeroDivisionError: in the model" in failed["error"] and "Traceback" in failed["error"]
    assert failed["image"] is None and failed["steps"] == []
    run(Toy(), small_dataset, out=tmp_path / "sound", protocol="direct")
    sound = content(tmp_path / "sound")
    assert rows == {key: sound[key] for key in rows}


def test_a_failure_in_the_second_step_keeps_the_first(small_dataset: Path, tmp_path: Path) -> None:
    class Touchy(Toy):
        def answer_one(self, request: Request) -> str:
            if request.step == "answer" and request.id.endswith("0001"):
                raise RuntimeError("no")
            return super().answer_one(request)

    run(Touchy(), small_dataset, out=tmp_path / "run", protocol="stepwise")
    row = content(tmp_path / "run")["geu-mental_tracking-0001", "stepwise"]
    assert [step["name"] for step in row["steps"]] == ["edit"] and row["response"] is None and row["error"]


def test_errors_are_run_again_only_when_asked(small_dataset: Path, tmp_path: Path) -> None:
    class Failing(Toy):
        def answer_one(self, request: Request) -> str:
            raise RuntimeError("no weights")

    assert run(Failing(), small_dataset, out=tmp_path / "run", protocol="direct").errors == GEU
    assert run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct").done == 0
    assert run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", retry_errors=True).done == GEU
    latest = RunFolder.open(tmp_path / "run").latest()
    assert len(latest) == UEG + GEU and all(each.error is None for each in latest.values())
    assert run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", retry_errors=True).done == 0


def test_more_than_20_errors_in_a_row_stop_the_run(small_dataset: Path, tmp_path: Path) -> None:
    class Broken(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            raise RuntimeError("the cable is out")

    with pytest.raises(RealUnifyError, match="more than 20 instances failed in a row.*the cable is out.*retry-errors"):
        run(Broken(), small_dataset, out=tmp_path / "run", protocol="direct", batch_size=1)
    assert len(content(tmp_path / "run")) == 21


def test_out_of_memory_halves_the_batch(small_dataset: Path, tmp_path: Path) -> None:
    class Small(Toy):
        def generate(self, requests: Sequence[Request]) -> list[Image.Image]:
            if len(requests) > 3:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
            return super().generate(requests)

    model = Small()
    summary = run(model, small_dataset, out=tmp_path / "run", protocol="direct", batch_size=16)
    assert (summary.errors, summary.batch_size) == (0, 2)
    run(Toy(), small_dataset, out=tmp_path / "sound", protocol="direct")
    assert content(tmp_path / "run") == content(tmp_path / "sound")


def test_memory_that_is_short_for_one_is_an_error(small_dataset: Path, tmp_path: Path) -> None:
    class Tight(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            if request.id.endswith("0003"):
                raise RuntimeError("out of memory")
            return super().generate_one(request)

    summary = run(Tight(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert (summary.errors, summary.done) == (6, UEG + GEU)


def _truncated() -> Image.Image:
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.getvalue()[:600]))


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (_truncated, "cannot be used"),
        (lambda: "a string", "returned str, not a PIL image"),
        (lambda: None, "returned NoneType"),
        (lambda: Image.new("RGB", (0, 5)), "cannot be used"),
    ],
)
def test_an_unusable_image_is_an_error_of_its_instance(
    small_dataset: Path, tmp_path: Path, picture: Any, told: str
) -> None:
    class Bad(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return picture() if request.id == "ueg-code_to_image-0001" else super().generate_one(request)

    summary = run(Bad(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert summary.errors == 1
    assert told in content(tmp_path / "run")["ueg-code_to_image-0001", "direct"]["error"]


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16", "F", "1", "LA"])
def test_pictures_of_any_mode_are_kept_as_rgb(small_dataset: Path, tmp_path: Path, mode: str) -> None:
    class Odd(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return Image.new(mode, (8, 8))

    assert run(Odd(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1).errors == 0
    with Image.open(tmp_path / "run/images/ueg-code_to_image-0001/direct/draw.png") as image:
        assert image.mode == "RGB"


def test_transparency_is_kept_as_white(small_dataset: Path, tmp_path: Path) -> None:
    class Clear(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return Image.new("RGBA", (8, 8), (0, 0, 0, 0))

    run(Clear(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    with Image.open(tmp_path / "run/images/ueg-code_to_image-0001/direct/draw.png") as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


def test_a_batch_of_the_wrong_length_is_asked_one_by_one(small_dataset: Path, tmp_path: Path) -> None:
    class Short(Toy):
        def answer(self, requests: Sequence[Request]) -> list[str]:
            return super().answer(requests)[: max(1, len(requests) - 1)]

    assert run(Short(), small_dataset, out=tmp_path / "run", protocol="direct").errors == 0
    assert all(row["response"] for (name, _), row in content(tmp_path / "run").items() if name.startswith("geu"))


def test_a_refusal_is_the_models_own_outcome(small_dataset: Path, tmp_path: Path) -> None:
    class Shy(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            if request.id.endswith("0001"):
                raise Refusal("SAFETY")
            return super().generate_one(request)

    summary = run(Shy(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert (summary.refusals, summary.errors) == (6, 0)
    row = content(tmp_path / "run")["ueg-world_knowledge-0001", "direct"]
    assert row["refusal"] == "draw: SAFETY" and row["error"] is None and row["image"] is None


def test_text_that_is_no_unicode_is_mended_not_fatal(small_dataset: Path, tmp_path: Path) -> None:
    class Garbled(Toy):
        def answer_one(self, request: Request) -> str:
            return "B \ud83d half an emoji \x00"

    summary = run(Garbled(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert summary.errors == 0
    row = content(tmp_path / "run")["geu-mental_tracking-0001", "direct"]
    assert row["response"].startswith("B ") and row["response"].encode()


def test_an_error_that_is_no_unicode_is_recorded(small_dataset: Path, tmp_path: Path) -> None:
    class Garbled(Toy):
        def answer_one(self, request: Request) -> str:
            if request.id.endswith("0002"):
                raise (Refusal if "tracking" in request.id else RuntimeError)("\ud83d")
            return "A"

    summary = run(Garbled(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert (summary.errors, summary.refusals) == (3, 1)


def test_notes_and_usage_are_kept(small_dataset: Path, tmp_path: Path) -> None:
    class Telling(Toy):
        def answer_one(self, request: Request) -> str:
            request.notes.append("prompt cut to 77 tokens")
            request.usage["output_tokens"] = 3
            return super().answer_one(request)

    run(Telling(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    (step,) = content(tmp_path / "run")["geu-mental_tracking-0001", "direct"]["steps"]
    assert (step["notes"], step["usage"]) == (["prompt cut to 77 tokens"], {"output_tokens": 3})


def test_a_full_disk_stops_with_one_line_and_keeps_what_is_written(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = lines.LineWriter.append
    written: list[object] = []

    def full(self: lines.LineWriter, record: Any) -> None:
        if len(written) == 7:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(record)
        append(self, record)

    monkeypatch.setattr(lines.LineWriter, "append", full)
    with pytest.raises(RealUnifyError, match="cannot write to .*No space left on device.*what is written is kept"):
        run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    monkeypatch.undo()
    assert len(content(tmp_path / "run")) == 7
    assert run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct").done == UEG + GEU - 7


# -- remote models --------------------------------------------------------------------------------------------


class Remote(Toy):
    concurrency = 8


def test_a_remote_model_is_called_with_one_request_from_many_threads(small_dataset: Path, tmp_path: Path) -> None:
    model = Remote()
    run(model, small_dataset, out=tmp_path / "run")
    assert set(model.batches) == {1}
    run(Toy(), small_dataset, out=tmp_path / "local")
    assert content(tmp_path / "run") == content(tmp_path / "local")


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency_is_how_many_are_under_way(small_dataset: Path, tmp_path: Path, concurrency: int) -> None:
    under_way: list[int] = []
    most: list[int] = []

    class Counting(Remote):
        def answer_one(self, request: Request) -> str:
            under_way.append(1)
            most.append(len(under_way))
            time.sleep(0.01)
            under_way.pop()
            return "A"

    model = Counting()
    run(model, small_dataset, out=tmp_path / "run", protocol="direct", concurrency=concurrency)
    assert max(most) == concurrency
    assert set(model.batches) == {1} and model.concurrency == 8


@pytest.mark.parametrize("where", ["call", "progress"])
def test_what_is_under_way_at_an_interrupt_is_written(small_dataset: Path, tmp_path: Path, where: str) -> None:
    started, ended = [], []

    class Paid(Remote):
        def generate_one(self, request: Request) -> Image.Image:
            started.append(request.id)
            time.sleep(0.1)
            ended.append(request.id)
            return super().generate_one(request)

    class Stopping:
        def start(self, what: str, total: int, done: int) -> None:
            if where == "call":
                threading.Timer(0.15, signal.raise_signal, [signal.SIGINT]).start()

        def advance(self, done: int, errors: int) -> None:
            if where == "progress" and done == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Paid(), small_dataset, out=tmp_path / "run", protocol="direct", progress=Stopping())
    assert started and sorted(started) == sorted(ended)
    assert sorted(key[0] for key in content(tmp_path / "run") if key[0].startswith("ueg")) == sorted(ended)
    assert len(ended) < UEG
    assert sum(s.predictions for s in RunFolder.open(tmp_path / "run").manifest.sessions) == len(
        content(tmp_path / "run")
    )


def test_a_dead_provider_stops_the_run_and_keeps_what_came(small_dataset: Path, tmp_path: Path) -> None:
    class Dying(Remote):
        def generate_one(self, request: Request) -> Image.Image:
            if request.id == "ueg-mathematical_reasoning-0004":
                raise ProviderDown("the key was revoked; set another, then run again")
            return super().generate_one(request)

    with pytest.raises(ProviderDown, match="the key was revoked"):
        run(Dying(), small_dataset, out=tmp_path / "run", protocol="direct")
    assert 11 <= len(content(tmp_path / "run")) < UEG + GEU
    assert all(row["error"] is None for row in content(tmp_path / "run").values())


def test_a_model_is_closed_only_by_who_opened_it(small_dataset: Path, tmp_path: Path) -> None:
    closed: list[bool] = []

    class Closing(Toy):
        def close(self) -> None:
            closed.append(True)

    run(Closing(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    assert closed == []


def test_progress_is_told(small_dataset: Path, tmp_path: Path) -> None:
    told: list[tuple[Any, ...]] = []

    class Progress:
        def start(self, what: str, total: int, done: int) -> None:
            told.append((what, total, done))

        def advance(self, done: int, errors: int) -> None:
            told.append((done, errors))

    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", progress=Progress())
    assert told[0] == ("toy", UEG + GEU, 0) and told[-1] == (UEG + GEU, 0) and len(told) == UEG + GEU + 1
