"""The borders of a run: seconds and seeds, batches that shrink, files that are cut anywhere, shards for every N."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import shutil
import sys
import tempfile
import threading
import time
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from dataset_builder.folder import Dataset
from dataset_builder.instance import Instance
from evaluator import protocols
from evaluator.models.base import Refusal
from evaluator.records import Prediction, Request, Step
from evaluator.running import executing, stepping
from evaluator.running.executing import RunSummary
from evaluator.running.job import Job
from evaluator.running.pipeline import Pool, ReadAhead, Writer
from evaluator.running.plan import RunPlan, plan, remaining, work_of
from evaluator.running.run import run
from evaluator.running.stepping import Outcome, Stepper, add_usage, instance_seed
from evaluator.runs import lines, sharding
from evaluator.runs.folder import RunFolder, image_digest, open_dataset
from evaluator.runs.manifest import DatasetRef, Manifest, ModelInfo, Session, now, versions
from tests.evaluator.running.test_running import content
from tests.evaluator.toy_models import NoEdit, Toy

PER_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def instances(small_dataset: Path) -> dict[str, list[Instance]]:
    found: dict[str, list[Instance]] = {"ueg": [], "geu": []}
    for instance in Dataset.open(small_dataset).instances(images=True):
        found[instance.axis].append(instance)
    return found


def stepper(model: Toy, batch_size: int = 4, seed: int = 0) -> Stepper:
    return Stepper(model, seed=seed, batch_size=batch_size, image_path=lambda *names: "/".join(names))


def direct(model: Toy, some: Sequence[Instance], batch_size: int = 4) -> list[Prediction]:
    found = stepper(model, batch_size).run(protocols.PROTOCOLS["direct"], some)
    return [outcome.prediction for outcome in found]


# -- one batch --------------------------------------------------------------------------------------------


def test_a_calls_seconds_are_shared_out_and_count_forwards(
    instances: dict[str, list[Instance]], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 106.0, 200.0, 201.00006])
    monkeypatch.setattr(stepping.time, "perf_counter", lambda: next(clock))
    found = direct(Toy(), instances["geu"][:4], 3)
    assert [prediction.steps[0].seconds for prediction in found] == [2.0, 2.0, 2.0, 1.0001]


@pytest.mark.parametrize("seed", [0, 1, 4711])
def test_the_seed_of_an_instance_is_the_head_of_a_digest(seed: int) -> None:
    for name in ("geu-mental_tracking-0001", "ueg-world_knowledge-0002", "x"):
        head = int(hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()[:8], 16)
        assert instance_seed(seed, name) == head % 2**31


class Small(Toy):
    """Holds `room` requests at a time."""

    def __init__(self, room: int, words: str = "CUDA out of memory") -> None:
        super().__init__()
        self.room, self.words = room, words

    def answer(self, requests: Sequence[Request]) -> list[str]:
        self.batches.append(len(requests))
        if len(requests) > self.room:
            raise RuntimeError(self.words)
        return [self.answer_one(request) for request in requests]


@pytest.mark.parametrize(
    ("room", "asked", "calls", "told", "left"),
    [
        (4, 4, [4, 3], [], 4),
        (2, 7, [7, 3, 1, 1, 1, 1, 1, 1, 1], [7, 3], 1),
        (3, 7, [7, 3, 3, 1], [7], 3),
        (1, 2, [2, 1, 1, 1, 1, 1, 1, 1], [2], 1),
        (0, 1, [1, 1, 1, 1, 1, 1, 1], [], 1),
    ],
)
def test_out_of_memory_halves_the_batch(
    instances: dict[str, list[Instance]], room: int, asked: int, calls: list[int], told: list[int], left: int
) -> None:
    model = Small(room, "Out Of Memory")
    one = stepper(model, asked)
    found = one.run(protocols.PROTOCOLS["direct"], instances["geu"][:7])
    assert (model.batches, one.out_of_memory_at, one.batch_size) == (calls, told, left)
    assert [outcome.prediction.error is None for outcome in found] == [room > 0] * 7


def test_out_of_memory_is_known_by_its_name_too() -> None:
    class OutOfMemoryError(Exception):
        pass

    known = [OutOfMemoryError("x"), ValueError("hip OUT OF MEMORY at 0x0"), ValueError("memory")]
    assert [stepping._is_out_of_memory(error) for error in known] == [True, True, False]


def test_another_failure_of_a_batch_is_tried_one_by_one_and_leaves_no_notes(
    instances: dict[str, list[Instance]],
) -> None:
    class Touchy(Toy):
        def answer(self, requests: Sequence[Request]) -> list[str]:
            self.batches.append(len(requests))
            for request in requests:
                request.notes.append("tried")
                request.usage["calls"] = request.usage.get("calls", 0) + 1
            if len(requests) > 1:
                raise RuntimeError("one of them is bad")
            if requests[0].id.endswith("2"):
                raise Refusal("SAFETY")
            return ["A"]

    model = Touchy()
    found = direct(model, instances["geu"][:3], 3)
    assert model.batches == [3, 1, 1, 1]
    assert [prediction.refusal for prediction in found] == [None, "answer: SAFETY", None]
    assert [(step.notes, step.usage) for one in found for step in one.steps] == [(["tried"], {"calls": 1})] * 2
    assert [prediction.response for prediction in found] == ["A", None, "A"]


def test_what_is_no_output_fails_its_own_instance(instances: dict[str, list[Instance]]) -> None:
    class Odd(Toy):
        def answer_one(self, request: Request) -> Any:
            return 5 if request.id.endswith("1") else "B"

        def generate_one(self, request: Request) -> Any:
            if request.id.endswith("3"):
                return Image.new("RGB", (0, 4))
            return "no picture" if request.id.endswith("1") else super().generate_one(request)

    answered, drawn = direct(Odd(), instances["geu"][:2]), direct(Odd(), instances["ueg"][:3])
    assert [one.error for one in answered] == ["answer returned int, not text", None]
    assert [one.error for one in drawn] == [
        "generate returned str, not a PIL image", None,
        "generate returned an image that cannot be used: its size is (0, 4)",
    ]  # fmt: skip
    assert [one.image for one in drawn] == [None, f"{drawn[1].id}/direct/draw", None]


def test_an_instance_without_its_text_or_picture_is_its_own_error(instances: dict[str, list[Instance]]) -> None:
    bare = instances["ueg"][0].model_copy(update={"prompt": None})
    found = direct(Toy(), [bare, instances["ueg"][1]])
    assert found[0].error == f"draw: the dataset has no prompt for {bare.id}"
    assert found[1].error is None and found[0].steps == [] and len(found[1].steps) == 1
    blind = instances["geu"][0].model_copy(update={"image": None})
    first, second = direct(Toy(), [blind, instances["geu"][1]])
    assert (first.error or "").startswith("answer: ") and second.error is None


def test_who_has_failed_takes_no_further_step(instances: dict[str, list[Instance]]) -> None:
    class Refusing(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            if request.step == "edit" and request.id.endswith("1"):
                raise Refusal("no")
            return super().generate_one(request)

    outcomes = stepper(Refusing(), 1).run(protocols.PROTOCOLS["stepwise"], instances["geu"][:2])
    assert [len(one.prediction.steps) for one in outcomes] == [0, 2]
    whole = outcomes[1].prediction
    assert (whole.response is not None, whole.image) == (True, None)
    assert list(outcomes[1].pictures) == [f"{whole.id}/stepwise/edit"]
    drawn = stepper(Toy()).run(protocols.PROTOCOLS["stepwise"], instances["ueg"][:1])[0]
    assert (drawn.prediction.response, drawn.prediction.image) == (None, f"{drawn.prediction.id}/stepwise/draw")
    encoded, files = drawn.encoded()
    assert encoded.image_sha256 == hashlib.sha256(files[str(encoded.image)]).hexdigest()
    assert outcomes[1].encoded()[0].image_sha256 is None and len(outcomes[1].encoded()[1]) == 1


def test_usage_adds_up_over_steps() -> None:
    total = {"tokens": 1}
    step = Step(name="a", prompt="p", usage={"tokens": 3, "images": 1})
    add_usage(total, Prediction(id="x", protocol="direct", steps=[step, step]))
    assert total == {"tokens": 7, "images": 2}


# -- plans ------------------------------------------------------------------------------------------------


def test_a_plan_in_words() -> None:
    found = RunPlan("toy", calls={"answer": 3, "edit": 12}, already=2, not_supported=["oracle ueg: why"])
    assert found.text().splitlines() == [
        "toy: 15 calls to make", "  answer         3", "  edit          12", "  2 predictions stand from before",
        "  not supported: oracle ueg: why", "  price not known",
    ]  # fmt: skip
    assert "stand from before" not in RunPlan("toy").text()
    assert (RunPlan("toy").dollars, RunPlan("toy", calls={"answer": 2}, prices={"answer": 0.25}).dollars) == (0, 0.5)


def test_what_a_dataset_lacks_is_named(small_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset.open(small_dataset)
    whole = Dataset.instances

    def without(self: Dataset, **options: Any) -> Iterator[Instance]:
        for instance in whole(self, **options):
            yield instance.model_copy(update={"reference_prompt": None, "reference_image": None})

    monkeypatch.setattr(Dataset, "instances", without)
    found = plan(NoEdit(), data)
    assert found.not_supported == [
        "stepwise geu: the model cannot edit",
        "oracle ueg: the dataset has no reference_prompt",
        "oracle geu: the dataset has no reference_image",
    ]
    assert found.calls == {"generate": 48, "answer": 16 + 24}
    with pytest.raises(UsageError, match="nothing to run: oracle ueg: the dataset has no reference_prompt; oracle geu"):
        plan(Toy(), data, protocol="oracle")


def test_a_planned_model_is_closed_only_where_it_was_declared_here(
    small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []
    monkeypatch.setattr("evaluator.models.base.Model.close", lambda self: closed.append(self.name))
    plan(Toy(), small_dataset, protocol="direct")
    assert closed == []
    plan("baseline:chance", small_dataset, protocol="direct")
    assert len(closed) == 1


def test_the_rest_of_the_work_keeps_its_order(small_dataset: Path, tmp_path: Path) -> None:
    data, summary = Dataset.open(small_dataset), RunSummary(tmp_path)
    job = Job(protocol="direct,oracle", limit_per_category=1, shard=(2, 2))
    rest = remaining(None, work_of(Toy(), data, job, summary), job, summary)
    assert [(one.protocol.name, one.axis, len(one.ids)) for one in rest] == [
        ("direct", "ueg", 3), ("direct", "geu", 2), ("oracle", "ueg", 3), ("oracle", "geu", 2),
    ]  # fmt: skip
    assert (summary.total, summary.already) == (10, 0)


# -- working through it -----------------------------------------------------------------------------------


class Failing(Toy):
    """Fails on the instances whose turn is listed."""

    def __init__(self, bad: set[int]) -> None:
        super().__init__()
        self.bad, self.turn = bad, 0

    def generate_one(self, request: Request) -> Image.Image:
        self.turn += 1
        if self.turn in self.bad:
            raise RuntimeError(f"turn {self.turn}")
        return super().generate_one(request)


def test_twenty_failures_in_a_row_are_borne(small_dataset: Path, tmp_path: Path) -> None:
    summary = run(Failing(set(range(1, 21))), small_dataset, out=tmp_path / "run", protocol="direct", batch_size=1)
    assert (summary.errors, summary.done) == (20, 40)
    assert RunFolder.open(tmp_path / "run").manifest.sessions[0].errors == 20
    with pytest.raises(RealUnifyError, match=r"more than 20 .*\(the last: RuntimeError: turn 23\)"):
        run(Failing(set(range(3, 24))), small_dataset, out=tmp_path / "other", protocol="direct", batch_size=1)
    assert "(the last: unknown)" in executing._too_many("  \n")


def test_a_summary_begins_with_nothing() -> None:
    one = RunSummary(Path())
    assert {one.total, one.already, one.done, one.errors, one.refusals} == {0} and one.batch_size == 1


def test_what_became_of_memory_and_refusals_is_told(small_dataset: Path, tmp_path: Path) -> None:
    class Both(Small):
        def answer_one(self, request: Request) -> str:
            if request.id.endswith("1"):
                raise Refusal("no")
            return super().answer_one(request)

    summary = run(Both(2), small_dataset, out=tmp_path / "run", protocol="direct", batch_size=5)
    assert summary.notes == ["out of memory with 5 instances a call", "went on with 2; give --batch-size 2 next time"]
    assert (summary.batch_size, summary.refusals, summary.errors) == (2, 4, 0)
    assert run(Both(9), small_dataset, out=tmp_path / "run", protocol="direct").notes == []
    assert len(RunFolder.open(tmp_path / "run").manifest.sessions) == 1, "nothing was done the second time"


def test_batches_follow_the_size_as_it_shrinks(small_dataset: Path) -> None:
    data, one = Dataset.open(small_dataset), stepper(Toy(), 5)
    job = Job(protocol="direct", limit_per_category=2)
    work = work_of(Toy(), data, job, RunSummary(Path()))
    sizes = []
    for _, batch in executing._batches(data, work, one, None):
        sizes.append(len(batch))
        one.batch_size = 3
    assert sizes == [5, 3, 3, 1, 3, 3, 2]
    assert [len(batch) for _, batch in executing._batches(data, work, one, 1)] == [1] * 20
    with_pictures = [
        instance
        for item, batch in executing._batches(data, work, one, None)
        if item.axis == "geu"
        for instance in batch
    ]
    assert all(instance.image is not None for instance in with_pictures)


# -- reading ahead, calling side by side, writing behind --------------------------------------------------


def test_reading_ahead_goes_only_so_far_and_hands_failures_over() -> None:
    drawn: list[int] = []

    def source() -> Iterator[int]:
        for number in range(20):
            drawn.append(number)
            yield number
        raise ValueError("torn")

    ahead = ReadAhead(source(), depth=3)
    deadline = time.monotonic() + 5
    while len(drawn) < 4 and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05)
    assert len(drawn) == 4, "three wait in line and one in the hand"
    assert [next(ahead) for _ in range(20)] == list(range(20))
    with pytest.raises(ValueError, match="torn"):
        next(ahead)
    ahead.close()
    assert list(ReadAhead(iter("abc"))) == ["a", "b", "c"]


def test_a_reader_that_is_closed_ends_its_thread() -> None:
    ahead = ReadAhead(iter(range(1000)), depth=1)
    assert next(ahead) == 0
    assert ahead._thread.daemon, "a program that ends does not wait for what nobody reads"
    ahead.close()
    assert not ahead._thread.is_alive()


def test_a_pool_has_no_more_under_way_than_threads() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def call(number: int, more: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.01)
        with lock:
            under_way -= 1
        return number + more

    submitted: list[int] = []

    def jobs() -> Iterator[tuple[int, int]]:
        for number in range(12):
            submitted.append(number)
            yield number, 100

    pool = Pool(3, call)
    results = pool.run(jobs())
    first = next(results)
    assert len(submitted) == 3 and first in (100, 101, 102)
    assert sorted([first, *results]) == list(range(100, 112)) and most == 3
    assert list(pool.rest()) == []


def test_what_a_pool_has_left_is_given_without_what_failed() -> None:
    gate = threading.Event()

    def call(number: int) -> int:
        if number == 0:
            raise ValueError("first")
        gate.wait(5)
        if number == 1:
            raise ValueError("second")
        return number

    pool = Pool(3, call)
    with pytest.raises(ValueError, match="first"):
        list(pool.run([(0,), (1,), (2,), (3,)]))
    gate.set()
    assert list(pool.rest()) == [2]
    assert list(pool.rest()) == []


def test_a_writer_raises_what_it_ran_into(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, None)  # type: ignore[arg-type]
    bad = Outcome(Prediction(id="x", protocol="direct", image="a/b.png"), {})
    good = Outcome(Prediction(id="y", protocol="direct"), {"p.png": Image.new("RGB", (2, 2))})
    writer = Writer(folder, tmp_path / "predictions.jsonl")
    assert writer._thread.daemon
    writer.put(good)
    writer.put(bad)
    with pytest.raises(KeyError):
        writer.close()
    assert [line.id for line in lines.read_lines(tmp_path / "predictions.jsonl", Prediction)] == ["y"]
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (2, 2)


# -- lines ------------------------------------------------------------------------------------------------


def predictions_of(sizes: Sequence[int]) -> list[Prediction]:
    return [Prediction(id=f"i{n}", protocol="direct", response="x" * size) for n, size in enumerate(sizes)]


@PER_FILE
@given(st.lists(st.integers(0, 90_000), max_size=4), st.integers(0, 1000))
def test_a_file_cut_anywhere_goes_on_with_its_whole_lines(tmp_path: Path, sizes: list[int], share: int) -> None:
    file = tmp_path / "predictions.jsonl"
    file.unlink(missing_ok=True)
    written = predictions_of(sizes)
    with lines.LineWriter(file) as writer:
        for prediction in written:
            writer.append(prediction)
    data = file.read_bytes()[: round(share / 1000 * file.stat().st_size)]
    file.write_bytes(data)
    whole = data.count(b"\n")
    assert list(lines.read_lines(file, Prediction)) == written[:whole]
    with lines.LineWriter(file) as writer:
        writer.append(Prediction(id="new", protocol="direct"))
    assert [line.id for line in lines.read_lines(file, Prediction)] == [f"i{n}" for n in range(whole)] + ["new"]


@pytest.mark.parametrize("torn", [1, 65_535, 65_536, 65_537, 131_072, 131_073])
@pytest.mark.parametrize("earlier", [b"", b"{}\n"])
def test_a_torn_line_of_any_length_is_cut_off(tmp_path: Path, torn: int, earlier: bytes) -> None:
    (tmp_path / "x").write_bytes(earlier + b"x" * torn)
    lines._cut_torn_line(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == earlier
    lines._cut_torn_line(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == earlier


def test_a_bad_line_tells_its_place(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"id": "a", "protocol": "p"}\n{"id": "a", "protocol": "p", "steps": [{"name": 1}]}\n')
    with pytest.raises(RealUnifyError, match=r"x.jsonl line 2: steps.0.name: Input should be a valid string; delete"):
        list(lines.read_lines(file, Prediction))
    file.write_text("no json\n")
    with pytest.raises(RealUnifyError, match=r"x.jsonl line 1: Invalid JSON"):
        list(lines.read_lines(file, Prediction))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.sampled_from([1, 3]))
def test_a_run_cut_anywhere_comes_to_the_same_end(small_dataset: Path, whole: Path, cut: int, shards: int) -> None:
    """Whatever a crash leaves of the predictions, going on, in any number of shards, ends alike."""
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / "run"
        shutil.copytree(whole, again)
        file = again / "predictions.jsonl"
        data = file.read_bytes()
        file.write_bytes(data[: cut % (len(data) + 1)])
        for part in range(1, shards + 1):
            shard = None if shards == 1 else (part, shards)
            run(Toy(), small_dataset, out=again, protocol="direct", limit_per_category=1, shard=shard)
        assert content(again) == content(whole)


@pytest.fixture(scope="module")
def whole(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "run"
    run(Toy(), small_dataset, out=path, protocol="direct", limit_per_category=1)
    return path


# -- the folder -------------------------------------------------------------------------------------------


def manifest(**change: Any) -> Manifest:
    fields: dict[str, Any] = {
        "model": ModelInfo(spec="x", name="x", capabilities=["answer"]),
        "dataset": DatasetRef(id="d", content_sha256="0" * 64, instances=1, path="here"),
        "protocols": ["direct"],
        "created": "2026-01-01T00:00:00+00:00",
    }
    return Manifest(**{**fields, **change})


@pytest.mark.parametrize(
    ("old", "new", "kept"), [(1, 2, 2), (3, 2, 3), (None, 2, None), (2, None, None), (None, None, None)]
)
def test_a_resume_takes_the_wider_limit_and_all_protocols(
    tmp_path: Path, old: int | None, new: int | None, kept: int | None
) -> None:
    RunFolder.create(tmp_path / "run", manifest(limit_per_category=old))
    second = manifest(limit_per_category=new, protocols=["oracle", "direct"])
    second.dataset.path = "there"
    found = RunFolder.create(tmp_path / "run", second)
    for one in (found.manifest, RunFolder.open(tmp_path / "run").manifest):
        assert (one.limit_per_category, one.protocols, one.dataset.path) == (kept, ["direct", "oracle"], "there")
    found.add_session(Session(started="a", finished="b", predictions=3))
    assert RunFolder.open(tmp_path / "run").manifest.sessions[0].errors == 0


def test_a_manifest_that_cannot_be_read_tells_where(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run folder: no manifest.json"):
        RunFolder.open(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest().model_dump(), "dataset": {"id": "x"}}))
    with pytest.raises(RealUnifyError, match=r"manifest.json: dataset.content_sha256: Field required"):
        RunFolder.open(tmp_path)


def test_a_folder_that_only_has_a_lock_may_be_begun(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert RunFolder.found(tmp_path / "run", manifest()) is None
    (tmp_path / "run" / "note").touch()
    with pytest.raises(UsageError, match="is not empty and not a run"):
        RunFolder.found(tmp_path / "run", manifest())
    (tmp_path / "run" / ".lock").touch()
    assert RunFolder.found(tmp_path / "run", manifest()) is None


def test_the_files_of_a_run_and_its_latest_lines(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run", manifest())
    assert folder.shard_file("predictions", (2, 8)).name == "predictions-2-of-8.jsonl"
    assert folder.image_path("i", "direct", "draw") == "images/i/direct/draw.png"
    failed = Prediction(id="a", protocol="direct", error="x")
    for shard, rows in ((None, [failed]), ((1, 2), [failed.model_copy(update={"error": "y"})])):
        with lines.LineWriter(folder.shard_file("predictions", shard)) as writer:
            for row in rows:
                writer.append(row)
    (folder.path / "predictions-notes.jsonl").write_text("none of ours\n")
    assert [file.name for file in folder.files("predictions")] == ["predictions-1-of-2.jsonl", "predictions.jsonl"]
    assert folder.latest()["a", "direct"].error == "y", "of two errors the first stands"
    with lines.LineWriter(folder.shard_file("predictions", None)) as writer:
        writer.append(Prediction(id="a", protocol="direct", response="B"))
        writer.append(failed)
    assert folder.latest()["a", "direct"].response == "B"
    with lines.LineWriter(folder.shard_file("predictions", None)) as writer:
        for _ in range(2):
            writer.append(Prediction(id="a", protocol="direct", response="C"))
    with pytest.raises(ProblemsError) as caught:
        folder.latest()
    assert caught.value.problems == ["a (direct)"]


def test_the_digest_of_a_picture(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, manifest())
    (tmp_path / "a.png").write_bytes(b"abc")
    read = hashlib.sha256(b"abc").hexdigest()
    pictures = [
        Prediction(id="a", protocol="p"),
        Prediction(id="a", protocol="p", image="a.png"),
        Prediction(id="a", protocol="p", image="a.png", image_sha256="stated"),
        Prediction(id="a", protocol="p", image="absent.png"),
    ]
    assert [image_digest(folder, one) for one in pictures] == [None, read, "stated", None]


def test_a_run_finds_its_dataset_or_asks_for_it(small_dataset: Path, tmp_path: Path) -> None:
    data = Dataset.open(small_dataset)
    ours = DatasetRef(id=data.id, content_sha256=data.content_sha256, instances=40, path=str(small_dataset))
    folder = RunFolder(tmp_path, manifest(dataset=ours))
    assert open_dataset(folder).path == data.path
    assert open_dataset(folder, data) is data
    for place in (None, str(tmp_path / "gone")):
        folder.manifest.dataset.path = place
        with pytest.raises(UsageError, match=f"is not at {place}; give it with --dataset DIR"):
            open_dataset(folder)
        assert open_dataset(folder, small_dataset).id == data.id
    folder.manifest.dataset.content_sha256 = "f" * 64
    with pytest.raises(UsageError, match=f"its content is {data.content_sha256[:12]} .*, the run used f{{12}} "):
        open_dataset(folder, data)


# -- shards -----------------------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(1, 17))
def test_shards_are_a_partition_for_every_number(items: int, shards: int) -> None:
    parts = [sharding.part_of(range(items), (part, shards)) for part in range(1, shards + 1)]
    assert sorted(item for part in parts for item in part) == list(range(items))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert sharding.part_of(range(items), None) == list(range(items))


@pytest.mark.parametrize(
    ("text", "shard"), [("1/1", (1, 1)), ("1/8", (1, 8)), ("2/8", (2, 8)), ("8/8", (8, 8)), ("10/12", (10, 12))]
)
def test_a_shard_is_read(text: str, shard: tuple[int, int]) -> None:
    assert sharding.parse_shard(text) == shard


@pytest.mark.parametrize(
    ("environment", "gpus", "device"),
    [
        ({"LOCAL_RANK": "1"}, 2, "cuda:1"),
        ({"LOCAL_RANK": "5"}, 4, "cuda:1"),
        ({"LOCAL_RANK": "0"}, 1, None),
        ({"LOCAL_RANK": "0"}, 0, None),
        ({"SLURM_STEP_ID": "0", "SLURM_LOCALID": "3"}, 4, "cuda:3"),
        ({"SLURM_LOCALID": "3"}, 4, None),
        ({"LOCAL_RANK": "2", "SLURM_STEP_ID": "0", "SLURM_LOCALID": "3"}, 4, "cuda:2"),
        ({}, 4, None),
    ],
)
def test_the_launchers_gpu(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], gpus: int, device: str | None
) -> None:
    cuda = types.SimpleNamespace(device_count=lambda: gpus)
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert sharding.launched_device(environment) == device


# -- manifest and protocols -------------------------------------------------------------------------------


def test_what_makes_another_run() -> None:
    model = {"spec": "x", "name": "x", "capabilities": ["answer"]}
    here = manifest(model=ModelInfo(**model, revision="1", environment={"dtype": "a", "gpu": "b"}, parameters={"t": 1}))
    same = manifest(model=here.model.model_copy(update={"environment": {"dtype": "a", "torch": "c"}}))
    assert here.differences(same) == []
    other = manifest(
        model=ModelInfo(**{**model, "spec": "y"}, revision="2", environment={"dtype": "z"}, parameters={"s": 1}),
        seed=3,
        dataset=DatasetRef(id="e", content_sha256="1" * 64, instances=1),
    )  # fmt: skip
    assert here.differences(other) == [
        f"dataset: 'd ({'0' * 12})' there, 'e ({'1' * 12})' asked",
        "environment dtype: 'a' there, 'z' asked",
        "model: 'x' there, 'y' asked",
        "parameter s: None there, 1 asked",
        "parameter t: 1 there, None asked",
        "revision: '1' there, '2' asked",
        "seed: 0 there, 3 asked",
    ]
    declared = [line.split(":")[0] for line in here.differences(other, loaded=False)]
    assert declared == ["dataset", "model", "seed"], "what a declared model does not tell is no difference"
    assert (here.schema_version, here.parsing, here.model.random_weights, here.limit_per_category) == (
        1,
        "strict",
        False,
        None,
    )


def test_times_and_versions() -> None:
    moment = datetime.datetime.fromisoformat(now())
    assert moment.utcoffset() == datetime.timedelta(0) and moment.microsecond == 0
    assert abs(datetime.datetime.now(datetime.UTC) - moment) < datetime.timedelta(minutes=1)
    assert versions()["python"] == platform.python_version()
    assert versions()["pillow"] == Image.__version__ and "no-such-library" not in versions()


def test_words_for_protocols() -> None:
    names = lambda words: [one.name for one in protocols.protocols_named(words)]  # noqa: E731
    assert names("all") == ["direct", "stepwise", "oracle"]
    assert names(" oracle , direct,oracle") == ["oracle", "direct"]
    with pytest.raises(UsageError, match="unknown protocol 'all'"):
        names("direct,all")
    assert protocols.supported("direct", "ueg", ["generate"]) and not protocols.supported("direct", "geu", ["generate"])
