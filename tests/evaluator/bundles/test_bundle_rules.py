"""The borders of what is accepted: each limit at its last good and its first bad value, each check by itself."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from dataset_builder.errors import ProblemsError, RealUnifyError
from dataset_builder.folder import Dataset
from dataset_builder.taxonomy import Axis
from evaluator.bundles import checks, limits, pack
from evaluator.bundles.records import (
    Card,
    Submission,
    UploadedPrediction,
    Validation,
    images_of,
    leads_out,
    path_fault,
)
from evaluator.records import Prediction, Step
from evaluator.running.run import run
from tests.evaluator.toy_models import Toy

UEG, GEU = "ueg-world_knowledge-0001", "geu-mental_tracking-0001"
AXES: dict[str, Axis] = {UEG: "ueg", GEU: "geu", "geu-mental_tracking-0002": "geu"}
PLACE = f"images/{UEG}/direct/draw.png"


def png(width: int = 4, height: int = 4, colour: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (colour, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def drawn(**change: Any) -> dict[str, Any]:
    step = {"name": "draw", "prompt": "p", "image": PLACE}
    return {"id": UEG, "protocol": "direct", "image": PLACE, "steps": [step], **change}


def answered(name: str = GEU, **change: Any) -> dict[str, Any]:
    return {"id": name, "protocol": "direct", "response": "B", **change}


def submission(**change: Any) -> Submission:
    fields = {
        "model": "m",
        "capabilities": ["answer", "generate"],
        "dataset": "d",
        "dataset_sha256": "0",
        "protocols": ["direct"],
    }
    return Submission(**{**fields, **change})


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


Opened = Callable[[dict[str, bytes]], zipfile.ZipFile]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a zip of these entries, and closes it at the end."""
    files = []

    def make(entries: dict[str, bytes]) -> zipfile.ZipFile:
        files.append(zipfile.ZipFile(zipped(tmp_path / f"{len(files)}.zip", entries)))
        return files[-1]

    yield make
    for file in files:
        file.close()


def lines(*rows: Any) -> dict[str, bytes]:
    text = b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
    return {"submission.json": b"{}", "predictions.jsonl": text, PLACE: png()}


def predicted(bundle: zipfile.ZipFile, declared: Submission | None = None) -> tuple[Validation, set[str] | None]:
    found = Validation(submission=declared)
    names = {entry.filename: entry for entry in bundle.infolist()}
    return found, checks.check_predictions(bundle, names, AXES, found)


# -- the numbers ------------------------------------------------------------------------------------------


def test_the_limits_are_these() -> None:
    """Raising one is a decision about memory and hours, so it is made here too."""
    kib, mib, gib = 1024, 1_048_576, 1_073_741_824
    assert (limits.MAX_LIST_BYTES, limits.MAX_FILES, limits.MAX_TOTAL_BYTES) == (8 * mib, 20_000, 8 * gib)
    assert (limits.MAX_SUBMISSION_BYTES, limits.MAX_PREDICTIONS_BYTES) == (64 * kib, 128 * mib)
    assert (limits.MAX_PATH_BYTES, limits.MAX_PICTURE_BYTES) == (240, 32 * mib)
    assert (limits.MAX_PIXELS, limits.MAX_TOTAL_PIXELS) == (16_777_216, 10**10)
    assert (limits.MAX_LINES, limits.MAX_LINE_BYTES, limits.MAX_FAULTY_BYTES) == (20_000, 2 * mib, 8 * mib)
    assert (limits.MAX_STEPS, limits.MAX_TEXT, limits.MAX_NOTES, limits.MAX_NOTE, limits.MAX_NAME) == (
        2,
        50_000,
        50,
        2_000,
        200,
    )
    assert (limits.SHOWN_PER_KIND, limits.SHOWN_PER_LINE, limits.MAX_SAID) == (20, 5, 400)


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, "0.0 KiB"), (512, "0.5 KiB"), (1_048_575, "1,024.0 KiB"), (1_048_576, "1.0 MiB"), (3_670_016, "3.5 MiB")],
)
def test_sizes_in_words(size: int, told: str) -> None:
    assert checks._size(size) == told


def test_problems_of_a_kind_are_told_up_to_twenty_and_long_ones_not_to_their_end() -> None:
    for count, more in ((20, []), (21, ["... and 1 more of this kind (k)"])):
        found = Validation()
        listing = checks._Listing(found)
        for number in range(count):
            listing.add("k", f"line {number}")
        listing.add("other", "x" * 400)
        listing.add("other", "y" * 401)
        listing.close()
        assert found.problems == [f"line {n}" for n in range(20)] + ["x" * 400, "y" * 400 + " ...", *more]
        assert not found.ok and Validation(notes=["told"]).ok


# -- paths ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("images/a.png", False), ("/images/a.png", True), ("images/../a.png", True), ("..", True), ("", True),
        ("images\\a.png", True), ("c:images/a.png", True), ("images/..a.png", False), ("./a", False),
    ],
)  # fmt: skip
def test_what_leads_out(path: str, out: bool) -> None:
    assert leads_out(path) is out
    assert (path_fault(path) == "leads out of the folder") is out


def test_where_a_picture_may_lie() -> None:
    longest = "images/" + "a" * 233
    assert [path_fault(path) for path in ("images/a", longest)] == [None, None]
    assert path_fault(longest + "a") == "is longer than 240 bytes"
    for path in ("images", "a/b.png", "images/", "images//a", "images/./a", "images/a/", "Images/a", "images/\n"):
        assert (path_fault(path) or "").startswith("is no place for a picture"), path


@given(st.text(max_size=60))
def test_a_path_that_is_taken_stays_below_the_images(path: str) -> None:
    if path_fault(path) is None:
        base = Path("/bundle")
        assert (base / path).resolve().is_relative_to(base / "images")


# -- entries ----------------------------------------------------------------------------------------------


def entry(name: str, **fields: Any) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    for key, value in fields.items():
        setattr(found, key, value)
    return found


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (entry("images/a.png"), None),
        (entry("images/a/"), None),
        (entry("elsewhere/"), None),
        (entry("../a/"), "path"),
        (entry("images/a.png", external_attr=0o120777 << 16), "link"),
        (entry("images/a.png", external_attr=0o100644 << 16), None),
        (entry("images/a.png", external_attr=0o140644 << 16), None),
        (entry("images/a.png", flag_bits=1), "encrypted"),
        (entry("images/a.png", flag_bits=0x800), None),
        (entry("images/a.png", compress_type=zipfile.ZIP_DEFLATED), None),
        (entry("images/a.png", compress_type=zipfile.ZIP_LZMA), "method"),
        (entry("imagesa.png"), "stray"),
        (entry("images//a.png"), "path"),
        (entry("images/a.png", file_size=32 * 2**20), None),
        (entry("images/a.png", file_size=32 * 2**20 + 1), "size"),
        (entry("submission.json", file_size=64 * 2**10), None),
        (entry("submission.json", file_size=64 * 2**10 + 1), "size"),
        (entry("predictions.jsonl", file_size=128 * 2**20), None),
        (entry("predictions.jsonl", file_size=128 * 2**20 + 1), "size"),
    ],
)
def test_what_is_wrong_with_an_entry(bad: zipfile.ZipInfo, kind: str | None) -> None:
    fault = checks._entry_fault(bad)
    assert (fault and fault[0]) == kind


class Listed:
    """A bundle that is nothing but its list."""

    def __init__(self, *entries: zipfile.ZipInfo) -> None:
        self.entries = list(entries)

    def infolist(self) -> list[zipfile.ZipInfo]:
        return self.entries


BOTH = (entry("submission.json"), entry("predictions.jsonl"))


@pytest.mark.parametrize(("files", "told"), [(20_000, []), (20_001, ["the zip holds 20,001 files, more than 20,000"])])
def test_how_many_files(files: int, told: list[str]) -> None:
    found = Validation()
    bundle: Any = Listed(*BOTH, *(entry(f"images/{n}.png") for n in range(files - 2)))
    good = checks.check_entries(bundle, found)
    assert (found.problems, len(good)) == (told, 0 if told else files)


@pytest.mark.parametrize(("more", "told"), [(0, []), (1, ["the zip unpacks to 8,192.0 MiB, more than 8,192.0 MiB"])])
def test_how_much_it_unpacks_to(more: int, told: list[str]) -> None:
    found = Validation()
    pictures = [entry(f"images/{n}.png", file_size=32 * 2**20) for n in range(256)]
    bundle: Any = Listed(*BOTH, *pictures, entry("images/last.png", file_size=more))
    good = checks.check_entries(bundle, found)
    assert (found.problems, len(good)) == (told, 0 if told else 259)


def test_each_entry_is_looked_at_by_itself() -> None:
    found = Validation()
    bundle: Any = Listed(
        entry("images/a.png"), entry("images/a.png"), entry("images/b/"), entry("submission.json", flag_bits=1),
        entry("images/c"), entry("images/c/d.png"), entry("run.sh"),
    )  # fmt: skip
    good = checks.check_entries(bundle, found)
    assert list(good) == ["images/a.png", "images/c", "images/c/d.png"]
    assert found.problems == [
        "images/a.png is in the zip twice",
        "submission.json is encrypted",
        "run.sh does not belong in a bundle (submission.json, predictions.jsonl, images/)",
        "images/c/d.png cannot be unpacked: images/c is a file of the zip too",
        "predictions.jsonl is missing",
    ]


@pytest.mark.parametrize(("size", "fits"), [(8 * 2**20, True), (8 * 2**20 + 1, False), (-1, True), (None, True)])
def test_the_list_of_files_is_bounded_and_nothing_else(tmp_path: Path, size: int | None, fits: bool) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    with checks._ListFirst(io.FileIO(tmp_path / "x")) as file:
        if fits:
            assert file.read(size) == b"abc"
        else:
            with pytest.raises(zipfile.BadZipFile, match="its list has 8.0 MiB, more than 8.0 MiB"):
                file.read(size)
        file.listing = False
        file.seek(0)
        assert file.read(size) == b"abc"


# -- predictions ------------------------------------------------------------------------------------------


def test_sound_lines_are_all_kept(opened: Opened) -> None:
    found, pictures = predicted(opened(lines(drawn(), answered())), submission())
    assert (found.problems, pictures) == ([], {PLACE})
    assert [one.id for one in found.predictions] == [UEG, GEU]
    assert found.notes == [
        "direct: 1 of 3 instances have no prediction and count as wrong (the first: geu-mental_tracking-0002)"
    ]


def test_without_the_file_no_pictures_are_known(opened: Opened) -> None:
    found = Validation()
    assert checks.check_predictions(opened({}), {}, AXES, found) is None
    assert found.problems == []


def test_a_second_and_a_third_answer(opened: Opened) -> None:
    found, _ = predicted(opened(lines(answered(), answered(), answered(), answered("nobody"), answered("nobody"))))
    assert found.problems == [
        f"predictions.jsonl line 2: a second answer for {GEU} (direct)",
        "predictions.jsonl line 4: unknown id 'nobody'",
        "predictions.jsonl line 5: unknown id 'nobody'",
    ]
    assert [one.id for one in found.predictions] == [GEU, "nobody"]
    faulty = answered(score=1)
    found, _ = predicted(opened(lines(faulty, answered())))
    assert found.problems == [
        "predictions.jsonl line 1: score: Extra inputs are not permitted",
        f"predictions.jsonl line 2: a second answer for {GEU} (direct)",
    ]


def test_what_is_declared_decides(opened: Opened) -> None:
    bundle = opened(lines(answered(protocol="oracle"), answered()))
    assert predicted(bundle)[0].problems == []
    assert predicted(bundle, submission())[0].problems == [
        "predictions.jsonl line 1: protocol 'oracle' is not declared in submission.json"
    ]
    assert predicted(bundle, submission(protocols=["direct", "oracle"]))[0].problems == []


def test_pictures_that_are_named_and_not_there(opened: Opened) -> None:
    gone = "images/gone.png"
    found, pictures = predicted(opened(lines(drawn(image=gone), answered(image="../x", score=1))))
    assert found.problems[0] == f"predictions.jsonl line 1: image {gone!r} is not in the zip"
    assert "not in the zip" not in " ".join(found.problems[1:])
    assert pictures == {gone, PLACE, "../x"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (drawn(steps=[]), None),
        (drawn(steps=[{"name": "draw", "prompt": "p"}] * 2), "step 'draw' is not one of direct (draw; each once)"),
        (answered(steps=[{"name": "draw", "prompt": "p"}]), "step 'draw' is not one of direct (answer; each once)"),
        (
            answered(protocol="stepwise", steps=[{"name": n, "prompt": "p"} for n in ("a", "b")]),
            "step 'a', 'b' is not one of stepwise (edit, answer; each once)",
        ),
        (answered(protocol="stepwise", steps=[{"name": n, "prompt": "p"} for n in ("edit", "answer")]), None),
    ],
)
def test_steps_are_those_of_the_protocol(opened: Opened, row: dict[str, Any], told: str | None) -> None:
    found, _ = predicted(opened(lines(row)))
    assert found.problems == ([] if told is None else [f"predictions.jsonl line 1: {told}"])
    assert len(found.predictions) == 1
    unknown = UploadedPrediction(id=GEU, protocol="magic", steps=[Step(name="x", prompt="").model_dump()])
    assert checks._odd_steps(unknown, "geu") is None


@pytest.mark.parametrize(("length", "fits"), [(100, True), (101, False)])
def test_how_long_a_line_may_be(opened: Opened, monkeypatch: pytest.MonkeyPatch, length: int, fits: bool) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 100)
    row = json.dumps(answered()).encode()
    found, pictures = predicted(opened(lines(row + b" " * (length - 1 - len(row)), answered("nobody"))))
    assert (pictures is not None) is fits
    assert found.problems == (
        ["predictions.jsonl line 2: unknown id 'nobody'"]
        if fits
        else ["predictions.jsonl line 1: longer than 100 bytes; the rest was not read"]
    )


@pytest.mark.parametrize(("limit", "read"), [(3, 2), (2, 1), (1, 1)])
def test_how_many_lines_there_may_be(opened: Opened, monkeypatch: pytest.MonkeyPatch, limit: int, read: int) -> None:
    monkeypatch.setattr(limits, "MAX_LINES", limit)
    bundle = opened(lines(answered(), b"  ", answered("geu-mental_tracking-0002")))
    found, pictures = predicted(bundle)
    assert (len(found.predictions), pictures is not None) == (read, limit == 3)
    assert found.problems == (
        [] if limit == 3 else [f"predictions.jsonl line {limit + 1}: more than {limit} lines; the rest was not read"]
    )


def test_how_much_may_be_faulty(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = b'{"odd": 1}'
    monkeypatch.setattr(limits, "MAX_FAULTY_BYTES", 2 * (len(bad) + 1))
    for count, ends in ((2, False), (3, True)):
        found, pictures = predicted(opened(lines(*[bad] * count, answered())))
        assert (pictures is None, len(found.predictions)) == (ends, 0 if ends else 1)
        assert (
            "predictions.jsonl line 3: too much is wrong up to here; the rest was not read" in found.problems
        ) is ends


def test_a_line_that_cannot_be_read_leaves_its_pictures_unknown(opened: Opened) -> None:
    assert predicted(opened(lines(b"{half", drawn())))[1] is None
    assert predicted(opened(lines(b"[1, 2]", drawn())))[1] == {PLACE}


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ({"id": "a", "protocol": "p", "image": "x"}, ("a", "p", {"x"})),
        ({"id": 3, "protocol": None, "image": "", "steps": [{"image": "y"}, 5, {"image": 7}, {"image": "z"}]},
         ("", "", {"y", "z"})),
        ({"steps": {"image": "y"}}, ("", "", set())),
        ([{"id": "a"}], ("", "", set())),
    ],
)  # fmt: skip
def test_what_a_faulty_line_says_of_itself(content: Any, stated: tuple[str, str, set[str]]) -> None:
    line = checks._stated(json.dumps(content).encode())
    assert (line.id, line.protocol, line.pictures, line.legible, line.prediction) == (*stated, True, None)


def test_of_one_line_five_faults_are_told() -> None:
    for count, told in ((5, 5), (6, 6), (9, 6)):
        line = checks._read(json.dumps(answered(**{f"odd{n}": 1 for n in range(count)})).encode())
        assert len(line.faults) == told
        assert (line.faults[-1] == f"... and {count - 5} more") is (count > 5)
    sound = checks._read(json.dumps(drawn()).encode())
    assert (sound.id, sound.protocol, sound.pictures, sound.faults, sound.legible) == (UEG, "direct", {PLACE}, [], True)


@given(st.binary(max_size=80))
def test_no_line_stops_the_reading(line: bytes) -> None:
    read = checks._read(line)
    assert (read.prediction is None) is bool(read.faults)


def test_what_is_missing_is_told_of_what_the_model_can_do() -> None:
    found = Validation(submission=submission(capabilities=["answer"], protocols=["magic", "direct", "stepwise"]))
    checks._note_missing(AXES, {(GEU, "direct")}, found)
    assert found.notes == [
        "direct: 1 of 2 instances have no prediction and count as wrong (the first: geu-mental_tracking-0002)"
    ]
    silent = Validation()
    checks._note_missing(AXES, set(), silent)
    assert silent.notes == []


# -- pictures ---------------------------------------------------------------------------------------------


def looked_at(bundle: zipfile.ZipFile, used: set[str] | None) -> list[str]:
    found = Validation()
    checks.check_images(bundle, {entry.filename: entry for entry in bundle.infolist()}, used, found)
    return found.problems


def test_pictures_that_nobody_names(opened: Opened) -> None:
    bundle = opened({"submission.json": b"", "images/a.png": b"bad", "images/b.png": b"bad", "images/c.png": png()})
    assert looked_at(bundle, {"images/b.png"}) == [
        "images/a.png belongs to no prediction",
        "images/b.png cannot be decoded: it is no PNG, JPEG or WebP picture",
        "images/c.png belongs to no prediction",
    ]
    told = "cannot be decoded: it is no PNG, JPEG or WebP picture"
    assert looked_at(bundle, None) == [f"images/a.png {told}", f"images/b.png {told}"]


@pytest.mark.parametrize(("limit", "fits"), [(48, True), (47, False)])
def test_pixels_of_all_pictures_count(opened: Opened, monkeypatch: pytest.MonkeyPatch, limit: int, fits: bool) -> None:
    monkeypatch.setattr(limits, "MAX_TOTAL_PIXELS", limit)
    bundle = opened({f"images/{n}.png": png(4, 4, n) for n in range(3)} | {"images/z.png": b"bad"})
    problems = looked_at(bundle, None)
    assert problems[0].startswith("images/z.png" if fits else f"the pictures have together more than {limit} pixels")
    assert len(problems) == 1


def test_a_picture_is_measured_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 20)
    assert checks._look(png(4, 5), 100) == checks._Look(20, None)
    assert checks._look(png(3, 7), 100) == checks._Look(0, "3 x 7 pixels are too many (at most 20)")
    torn = png(4, 5)[:44]
    assert checks._look(torn, 20).fault is not None and checks._look(torn, 20).pixels == 20
    assert checks._look(torn, 19) == checks._Look(20, None), "what is more than allowed is not decoded"
    assert checks._look(b"", 100) == checks._Look(0, "it is no PNG, JPEG or WebP picture")
    monkeypatch.setattr("evaluator.bundles.checks.Image.open", lambda *_, **__: (_ for _ in ()).throw(KeyError()))
    assert checks._look(png(), 100) == checks._Look(0, "KeyError")
    long = OSError("x" * 200 + "\nsecond")
    monkeypatch.setattr("evaluator.bundles.checks.Image.open", lambda *_, **__: (_ for _ in ()).throw(long))
    assert checks._look(png(), 100) == checks._Look(0, "x" * 120)


# -- records ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "longest"),
    [("model", 100), ("organisation", 100), ("licence", 100), ("contact", 200), ("url", 300)],
)
def test_how_long_the_fields_of_a_card_may_be(field: str, longest: int) -> None:
    start = "https://" if field == "url" else ""
    fields = {"model": "m", field: start + "x" * (longest - len(start))}
    assert getattr(Card(**fields), field) == fields[field]
    with pytest.raises(ValidationError, match=f"at most {longest} characters"):
        Card(**{**fields, field: fields[field] + "x"})


def test_what_a_card_refuses() -> None:
    assert Card(model="m", url="http://x").url == "http://x" and Card(model="m", url="").url == ""
    for bad in (
        {"url": "ftp://x"},
        {"contact": "a\x00b"},
        {"licence": "a\tb"},
        {"organisation": "a\nb"},
        {"model": ""},
    ):
        with pytest.raises(ValidationError):
            Card(**{"model": "m", **bad})
    card: Any = Card(model="m")
    with pytest.raises(ValidationError):
        card.model = "n"
    with pytest.raises(ValidationError):
        Card(model="m", total=3)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"spec": "x" * 300}, True), ({"spec": "x" * 301}, False),
        ({"revision": "x" * 200}, True), ({"revision": "x" * 201}, False),
        ({"seed": 2**63 - 1}, True), ({"seed": 2**63}, False),
        ({"seed": -(2**63)}, True), ({"seed": -(2**63) - 1}, False),
        ({"protocols": ["a", "b", "c"]}, True), ({"protocols": ["a", "b", "c", "d"]}, False),
        ({"protocols": []}, False),
        ({"protocols": ["a", "a"]}, False), ({"capabilities": []}, True),
        ({"capabilities": ["answer", "generate", "edit"]}, True), ({"schema_version": 2}, False),
    ],
)  # fmt: skip
def test_the_borders_of_a_submission(change: dict[str, Any], good: bool) -> None:
    if good:
        found = submission(**change)
        assert (found.schema_version, found.random_weights) == (1, False)
        assert found.seed == change.get("seed", 0)
    else:
        with pytest.raises(ValidationError):
            submission(**change)


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"response": "x" * 50_000}, True), ({"response": "x" * 50_001}, False),
        ({"id": "x" * 200}, True), ({"id": "x" * 201}, False), ({"protocol": "x" * 201}, False),
        ({"error": "x" * 50_001}, False), ({"refusal": "x" * 50_001}, False), ({"image_sha256": "x" * 201}, False),
    ],
)  # fmt: skip
def test_the_borders_of_a_line(change: dict[str, Any], good: bool) -> None:
    assert bool(checks._read(json.dumps(answered(**change)).encode()).faults) is not good


@pytest.mark.parametrize(
    ("change", "good"),
    [
        ({"prompt": "x" * 50_000}, True), ({"notes": ["x" * 2_000] * 50}, True), ({"seed": -(2**63)}, True),
        ({"usage": {str(n): 2**63 - 1 for n in range(50)}}, True), ({"usage": {"x" * 201: 1}}, False),
        ({"usage": {"a": 2**63}}, False), ({"name": "x" * 201}, False), ({"image": "/x"}, False),
        ({"seed": 2**63}, False),
    ],
)  # fmt: skip
def test_the_borders_of_a_step(change: dict[str, Any], good: bool) -> None:
    row = answered(steps=[{"name": "answer", "prompt": "p", **change}])
    assert bool(checks._read(json.dumps(row).encode()).faults) is not good


def test_what_a_line_does_not_say_is_nothing() -> None:
    read = checks._read(json.dumps(answered(steps=[{"name": "answer", "prompt": "p"}])).encode()).prediction
    assert read is not None
    assert (read.steps[0].seed, read.steps[0].seconds, read.steps[0].notes, read.steps[0].usage) == (0, 0, [], {})
    assert (read.image, read.error, read.refusal, read.image_sha256) == (None, None, None, None)


def test_every_picture_of_a_prediction() -> None:
    step = Step(name="a", prompt="", image="images/s")
    assert images_of(Prediction(id="x", protocol="p", image="images/p", steps=[step])) == {"images/p", "images/s"}
    assert images_of(Prediction(id="x", protocol="p", steps=[step])) == {"images/s"}
    assert images_of(Prediction(id="x", protocol="p")) == set()


# -- packing ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def toy_run(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "toy"
    run(Toy(), small_dataset, out=path, protocol="direct")
    return path


def test_pictures_are_stored_and_lines_deflated(toy_run: Path, small_dataset: Path, tmp_path: Path) -> None:
    path = pack.pack(toy_run, tmp_path / "new" / "x.zip")
    with zipfile.ZipFile(path) as file:
        ways = {info.filename: info.compress_type for info in file.infolist()}
        dates = {info.date_time for info in file.infolist()}
        stated = file.read("submission.json").decode()
    assert ways.pop("predictions.jsonl") == zipfile.ZIP_DEFLATED and set(ways.values()) == {zipfile.ZIP_STORED}
    assert dates == {(1980, 1, 1, 0, 0, 0)} and json.loads(stated)["model"] == "toy"
    assert [child.name for child in (tmp_path / "new").iterdir()] == ["x.zip"]
    data = Dataset.open(small_dataset)
    assert pack.validate(path, data).ok
    folder = pack.unpack(path, tmp_path / "out", data)
    assert folder.manifest.dataset.path == str(small_dataset) and folder.manifest.limit_per_category is None
    assert folder.manifest.model.spec == "toy"
    for prediction in folder.predictions():
        assert (prediction.image_sha256 is None) is (prediction.image is None)


def test_a_picture_that_is_gone_is_left_out(toy_run: Path, small_dataset: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_run, tmp_path / "run")
    (tmp_path / "run" / PLACE).unlink()
    found = pack.validate(pack.pack(tmp_path / "run", tmp_path / "x.zip"), small_dataset)
    assert found.problems == [f"predictions.jsonl line 1: image {PLACE!r} is not in the zip"]
    with pytest.raises(ProblemsError, match="x.zip is not a valid bundle; nothing was stored"):
        pack.unpack(tmp_path / "x.zip", tmp_path / "out", small_dataset)


def test_what_cannot_be_submitted_is_one_line(toy_run: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_run, tmp_path / "run")
    file = tmp_path / "run" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["model"]["spec"], manifest["model"]["revision"] = "x" * 301, "y" * 201
    file.write_text(json.dumps(manifest))
    with pytest.raises(RealUnifyError, match="manifest.json cannot be submitted: spec: String should have at most 300"):
        pack.pack(tmp_path / "run", tmp_path / "x.zip")


def test_what_of_a_prediction_goes_in() -> None:
    steps = [
        Step(name="edit", prompt="", image="images/e"),
        Step(name="refine", prompt="", text="t"),
        Step(name="draw", prompt="", image="images/d"),
    ]
    kept = pack._without_intermediates(Prediction(id="x", protocol="p", image="images/d", steps=steps))
    assert [step.name for step in kept.steps] == ["refine", "draw"]
    errors = ["Traceback\n  at /home/me\nValueError: x\n", " \n ", "y" * 50_001]
    traced = [pack._without_trace(Prediction(id="x", protocol="p", error=error)).error for error in errors]
    assert traced == ["ValueError: x", "error", "y" * 50_000]
    sound = Prediction(id="x", protocol="p", response="B")
    assert pack._without_trace(sound) is sound
