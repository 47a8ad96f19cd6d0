from __future__ import annotations

import io
import json
import re
import shutil
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder.errors import ProblemsError, RealUnifyError, UsageError
from evaluator.bundles import checks
from evaluator.bundles import limits as bundle_limits
from evaluator.bundles.pack import Card, make_card, pack, unpack, validate
from evaluator.judging.judge import judge
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.scoring.score import score
from tests.evaluator.toy_models import Knowing, NoEdit, Toy

CARD = Card(model="Toy 1", organisation="Toys", url="https://example.org/toy", licence="MIT", contact="me@example.org")
FIRST = "images/ueg-world_knowledge-0001/direct/draw.png"


@pytest.fixture(scope="module")
def toy_run(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "toy"
    run(Toy(), small_dataset, out=path, protocol="direct,stepwise")
    judge(path, Knowing())
    return path


@pytest.fixture(scope="module")
def entries(toy_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The entries of a sound bundle, for tests to spoil."""
    path = pack(toy_run, tmp_path_factory.mktemp("zips") / "toy.zip", CARD)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def edited(entries: dict[str, bytes], change: Callable[[list[dict[str, Any]]], None]) -> dict[str, bytes]:
    rows = [json.loads(line) for line in entries["predictions.jsonl"].splitlines()]
    change(rows)
    return {**entries, "predictions.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()}


def submitted(entries: dict[str, bytes], **change: Any) -> dict[str, bytes]:
    return {**entries, "submission.json": json.dumps({**json.loads(entries["submission.json"]), **change}).encode()}


def problems(tmp_path: Path, entries: dict[str, bytes], dataset: Path) -> list[str]:
    found = validate(zipped(tmp_path / "x.zip", entries), dataset)
    if found.problems:
        with pytest.raises(ProblemsError) as raised:
            unpack(tmp_path / "x.zip", tmp_path / "stored", dataset)
        assert raised.value.problems == found.problems
        assert not (tmp_path / "stored").exists() and not list(tmp_path.glob(".stored*"))
    return found.problems


# -- the round trip --------------------------------------------------------------------------------------


def test_a_packed_run_unpacks_to_the_same_predictions_and_scores(
    toy_run: Path, small_dataset: Path, tmp_path: Path
) -> None:
    path = pack(toy_run, tmp_path / "toy.zip", CARD)
    found = validate(path, small_dataset)
    assert found.ok and found.notes == []
    assert found.submission is not None and found.submission.model == "Toy 1"
    folder = unpack(path, tmp_path / "stored", small_dataset)
    assert folder.latest() == RunFolder.open(toy_run).latest()
    for prediction in folder.predictions():
        for step in prediction.steps:
            if step.image:
                assert (folder.path / step.image).read_bytes() == (toy_run / step.image).read_bytes()
    judge(folder, Knowing())
    assert score(folder).protocols == score(toy_run).protocols
    assert folder.manifest.model.name == "Toy 1" and folder.manifest.model.random_weights


def test_the_same_run_is_the_same_file(toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack(toy_run, tmp_path / "one.zip", CARD).read_bytes()
    now = time.localtime(time.time() + 4000)
    monkeypatch.setattr("zipfile.time.localtime", lambda *args: now)
    assert pack(toy_run, tmp_path / "two.zip", CARD).read_bytes() == first
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        assert {info.external_attr >> 16 for info in file.infolist()} == {0o644}


def test_scores_and_judgements_are_not_in_a_bundle(entries: dict[str, bytes]) -> None:
    tops = {name.split("/")[0] for name in entries}
    assert tops == {"submission.json", "predictions.jsonl", "images"}


def test_without_intermediates_only_scored_images_go_in(toy_run: Path, small_dataset: Path, tmp_path: Path) -> None:
    small = pack(toy_run, tmp_path / "small.zip", CARD, intermediates=False)
    with zipfile.ZipFile(small) as file:
        assert not [name for name in file.namelist() if name.endswith("edit.png")]
        assert len([name for name in file.namelist() if name.endswith("draw.png")]) == 48
    assert validate(small, small_dataset).ok


def test_a_run_on_a_subset_is_not_packed(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    with pytest.raises(UsageError, match="a submission needs all"):
        pack(tmp_path / "run", tmp_path / "x.zip")
    assert list(tmp_path.glob("*.zip")) == []


def test_a_traceback_keeps_the_machine_it_was_made_on_to_itself(small_dataset: Path, tmp_path: Path) -> None:
    class Failing(Toy):
        def answer_one(self, request: Any) -> str:
            raise RuntimeError("out of paper")

    run(Failing(), small_dataset, out=tmp_path / "run", protocol="direct")
    with zipfile.ZipFile(pack(tmp_path / "run", tmp_path / "x.zip")) as file:
        rows = [json.loads(line) for line in file.read("predictions.jsonl").splitlines()]
    assert {row["error"] for row in rows} == {None, "RuntimeError: out of paper"}


def test_what_is_missing_is_noted_and_what_is_not_supported_is_not(small_dataset: Path, tmp_path: Path) -> None:
    run(NoEdit(), small_dataset, out=tmp_path / "run", protocol="direct,stepwise")
    path = pack(tmp_path / "run", tmp_path / "x.zip")
    assert validate(path, small_dataset).notes == []
    file = tmp_path / "run" / "predictions.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    (note,) = validate(pack(tmp_path / "run", path), small_dataset).notes
    assert note == (
        "direct: 1 of 40 instances have no prediction and count as wrong (the first: ueg-world_knowledge-0001)"
    )


# -- each kind of problem ---------------------------------------------------------------------------------


def test_not_a_zip(tmp_path: Path, small_dataset: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK but no zip")
    assert validate(tmp_path / "x.zip", small_dataset).problems == [
        "x.zip is not a zip file; make one with: realunify pack RUN -o FILE.zip"
    ]


def test_no_file_at_all(tmp_path: Path, small_dataset: Path) -> None:
    with pytest.raises(UsageError, match="no bundle at"):
        validate(tmp_path / "x.zip", small_dataset)


def test_an_empty_zip_lacks_both_files(tmp_path: Path, small_dataset: Path) -> None:
    assert problems(tmp_path, {}, small_dataset) == ["submission.json is missing", "predictions.jsonl is missing"]


@pytest.mark.parametrize(
    "name", ["../evil.png", "/etc/passwd", "images/../../x.png", "images\\..\\x.png", "C:/x.png", "../evil/", "/tmp/x/"]
)
def test_paths_out_of_the_folder(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], name: str) -> None:
    assert problems(tmp_path, {**entries, name: b"x"}, small_dataset) == [f"{name!r} leads out of the folder"]


def test_a_prediction_that_points_out_of_the_folder(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]
) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["image"] = rows[0]["steps"][0]["image"] = "../../secret.png"

    found = problems(tmp_path, edited(entries, change), small_dataset)
    told = "Value error, '../../secret.png' leads out of the folder"
    assert found == [
        f"predictions.jsonl line 1: image: {told}",
        f"predictions.jsonl line 1: steps.0.image: {told}",
        f"{FIRST} belongs to no prediction",
    ]


def test_a_link(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", {name: data for name, data in entries.items() if name != FIRST})
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo(FIRST)
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    found = validate(path, small_dataset).problems
    assert f"{FIRST} is a link" in found


def test_stray_and_unused_files(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    more = {**entries, "scores.json": b"{}", "images/other.png": entries[FIRST], "run.sh": b"rm"}
    assert sorted(problems(tmp_path, more, small_dataset)) == [
        "images/other.png belongs to no prediction",
        "run.sh does not belong in a bundle (submission.json, predictions.jsonl, images/)",
        "scores.json does not belong in a bundle (submission.json, predictions.jsonl, images/)",
    ]


def test_an_entry_that_is_there_twice(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", entries)
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr(FIRST, entries[FIRST])
    assert validate(path, small_dataset).problems == [f"{FIRST} is in the zip twice"]


def test_an_image_that_is_missing(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    less = {name: data for name, data in entries.items() if name != FIRST}
    assert problems(tmp_path, less, small_dataset) == [f"predictions.jsonl line 1: image {FIRST!r} is not in the zip"]


def _bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def _large() -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (4097, 4097)).save(buffer, "PNG")
    return buffer.getvalue()


def _gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("P", (4, 4)).save(buffer, "GIF")
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg/>", _bomb(), _large(), _gif()])
def test_undecodable_images_and_bombs(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], data: bytes
) -> None:
    (problem,) = problems(tmp_path, {**entries, FIRST: data}, small_dataset)
    assert problem.startswith(f"{FIRST} cannot be decoded: ")


def test_half_an_image(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    (problem,) = problems(tmp_path, {**entries, FIRST: entries[FIRST][:60]}, small_dataset)
    assert problem.startswith(f"{FIRST} cannot be decoded: ")


def test_lines_that_are_wrong(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[1]["id"] = "ueg-world_knowledge-9999"
        rows[2]["score"] = 100
        rows[3]["protocol"] = "oracle"
        rows[4]["steps"] = "none"
        rows.append(rows[10])
        rows.append({})

    found = problems(tmp_path, edited(entries, change), small_dataset)
    assert "predictions.jsonl line 2: unknown id 'ueg-world_knowledge-9999'" in found
    assert "predictions.jsonl line 3: score: Extra inputs are not permitted" in found
    assert "predictions.jsonl line 4: protocol 'oracle' is not declared in submission.json" in found
    assert "predictions.jsonl line 5: steps: Input should be a valid array" in found
    assert any(line.startswith("predictions.jsonl line 81: a second answer for ") for line in found)
    assert "predictions.jsonl line 82: id: Field required" in found


def test_a_line_that_is_not_json_and_one_that_is_not_text(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]
) -> None:
    spoiled = {**entries, "predictions.jsonl": b"{half\n\xff\xfe\n" + entries["predictions.jsonl"]}
    found = problems(tmp_path, spoiled, small_dataset)
    assert [line.split(":")[0] for line in found] == ["predictions.jsonl line 1", "predictions.jsonl line 2"]


def test_a_response_without_end(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        next(row for row in rows if row["response"])["response"] = "A" * 50_001

    (problem,) = problems(tmp_path, edited(entries, change), small_dataset)
    assert problem.endswith("response: String should have at most 50000 characters")


def test_a_line_without_end_is_not_read_to_it(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_limits, "MAX_LINE_BYTES", 100_000)
    spoiled = {**entries, "predictions.jsonl": entries["predictions.jsonl"] + b"{" + b" " * 100_000 + b"}\n"}
    (problem,) = problems(tmp_path, spoiled, small_dataset)
    assert problem.startswith("predictions.jsonl line 81: longer than")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"protocols": ["direct", "stepwise", "magic"]}, "submission.json: unknown protocol 'magic'"),
        ({"dataset_sha256": "0" * 64}, "submission.json: made on dataset"),
        ({"model": ""}, "submission.json: model: String should have at least 1 character"),
        ({"model": "x" * 101}, "submission.json: model: String should have at most 100 characters"),
        ({"model": "a\nb"}, "submission.json: model: Value error, must be one line of printable characters"),
        ({"url": "javascript:alert(1)"}, "submission.json: url: Value error, must begin with https:// or http://"),
        ({"schema_version": 2}, "submission.json: schema_version: Input should be 1"),
        ({"total": 99.9}, "submission.json: total: Extra inputs are not permitted"),
        ({"capabilities": ["fly"]}, "submission.json: capabilities.0: Input should be"),
        ({"protocols": []}, "submission.json: protocols: List should have at least 1 item"),
        ({"protocols": ["direct", "direct"]}, "submission.json: protocols: Value error, names one twice"),
        ({"protocols": ["direct"] * 5000}, "submission.json: protocols: List should have at most 3 items"),
        ({"capabilities": ["edit", "edit"]}, "submission.json: capabilities: Value error, names one twice"),
        ({"model": "   "}, "submission.json: model: String should have at least 1 character"),
        ({"seed": 2**63}, "submission.json: seed: Input should be less than"),
        ({"parameters": {"q": "x" * 65_536}}, "submission.json has 64.4 KiB, more than 64.0 KiB"),
    ],
)
def test_a_submission_that_is_wrong(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], change: dict[str, Any], told: str
) -> None:
    found = problems(tmp_path, submitted(entries, **change), small_dataset)
    assert any(line.startswith(told) for line in found), found


def test_a_damaged_entry(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", entries)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        info = file.getinfo("predictions.jsonl")
    start = info.header_offset + 30 + len(info.filename)
    data[start + 100 : start + 140] = b"\xff" * 40
    path.write_bytes(data)
    (problem, *_) = validate(path, small_dataset).problems
    assert "the zip is damaged" in problem


def test_an_encrypted_entry(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", entries)
    data = bytearray(path.read_bytes())
    # The flag in the central directory and in the entry's own header.
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert any("encrypted" in line for line in validate(path, small_dataset).problems)


def test_a_bundle_that_is_cut_off(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", entries)
    path.write_bytes(path.read_bytes()[:-5000])
    assert validate(path, small_dataset).problems == [
        "x.zip is not a zip file; make one with: realunify pack RUN -o FILE.zip"
    ]


@pytest.mark.parametrize(
    ("limit", "value", "told"),
    [
        ("MAX_FILES", 10, "the zip holds 66 files, more than 10"),
        ("MAX_TOTAL_BYTES", 1000, "the zip unpacks to"),
        ("MAX_PICTURE_BYTES", 60, "more than 0.1 KiB"),
    ],
)
def test_limits(
    tmp_path: Path,
    small_dataset: Path,
    entries: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    told: str,
) -> None:
    monkeypatch.setattr(bundle_limits, limit, value)
    assert any(told in line for line in problems(tmp_path, entries, small_dataset))


def test_all_problems_are_listed_at_once(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[5]["id"] = "nobody"
        rows.append(rows[10])

    spoiled = edited(submitted(entries, dataset_sha256="f" * 64), change)
    spoiled = {**spoiled, "../x": b"", FIRST: b"no picture"}
    found = "\n".join(problems(tmp_path, spoiled, small_dataset))
    for part in ("leads out of the folder", "made on dataset", "unknown id", "a second answer", "cannot be decoded"):
        assert part in found


def test_many_problems_of_a_kind_are_counted(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        for number, row in enumerate(rows):
            row["id"] = f"nobody-{number}"

    found = problems(tmp_path, edited(entries, change), small_dataset)
    assert sum("unknown id" in line for line in found) == 20
    assert "... and 60 more of this kind (id)" in found


def test_a_line_tells_all_that_is_wrong_with_it_and_its_pictures_are_not_told_as_well(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]
) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0] |= {"id": "nobody", "protocol": "magic", "bogus": 1, "response": 5}

    assert problems(tmp_path, edited(entries, change), small_dataset) == [
        "predictions.jsonl line 1: response: Input should be a valid string",
        "predictions.jsonl line 1: bogus: Extra inputs are not permitted",
        "predictions.jsonl line 1: unknown id 'nobody'",
        "predictions.jsonl line 1: protocol 'magic' is not declared in submission.json",
    ]


def test_a_card_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"^url: Value error, must begin with"):
        make_card(model="x", url="ftp://x")
    with pytest.raises(UsageError, match=r"^model: String should have at least 1 character$"):
        make_card(model="  ")
    assert make_card(model=" x ").model == "x"


# -- what could not be unpacked, or not be read back ------------------------------------------------------


def moved(entries: dict[str, bytes], *places: str) -> dict[str, bytes]:
    """The first pictures at other places, in the lines and in the zip."""
    found = dict(entries)
    rows = [json.loads(line) for line in entries["predictions.jsonl"].splitlines()]
    for row, place in zip([row for row in rows if row["image"]], places, strict=False):
        found[place] = found.pop(row["image"])
        row["image"] = row["steps"][-1]["image"] = place
    return found | {"predictions.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode()}


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (["images/a", "images/a/b"], "images/a/b cannot be unpacked: images/a is a file of the zip too"),
        (["images/" + "a" * 300 + ".png"], "is longer than 240 bytes"),
        (["images/" + "\N{SNOWMAN}" * 90 + ".png"], "is longer than 240 bytes"),
        (["images"], "images does not belong in a bundle"),
        (["images//z.png", "images/./z.png"], "'images//z.png' is no place for a picture"),
        (["images/x/\x07.png"], "is no place for a picture"),
    ],
)
def test_places_that_pictures_cannot_have(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], places: list[str], told: str
) -> None:
    found = problems(tmp_path, moved(entries, *places), small_dataset)
    assert any(told in line for line in found), found
    assert not [line for line in found if "belongs to no prediction" in line or "not in the zip" in line]


@pytest.mark.parametrize("place", ["submission.json", "predictions.jsonl"])
def test_a_record_is_no_picture(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], place: str) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["image"] = rows[0]["steps"][0]["image"] = place

    found = problems(tmp_path, edited(entries, change), small_dataset)
    assert f"predictions.jsonl line 1: image: Value error, '{place}' is no place for a picture" in found[0]


def test_other_sound_places_are_taken(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    sound = moved(entries, "images/a.png", "images/b/c d-\N{SNOWMAN}.jpg")
    assert problems(tmp_path, sound, small_dataset) == []
    unpack(tmp_path / "x.zip", tmp_path / "run", small_dataset).latest()


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity"])
def test_what_json_cannot_hold_is_no_number(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], number: str
) -> None:
    first, rest = entries["predictions.jsonl"].split(b"\n", 1)
    odd = re.sub(rb'"seconds":[^,]*', f'"seconds":{number}'.encode(), first)
    (problem,) = problems(tmp_path, {**entries, "predictions.jsonl": odd + b"\n" + rest}, small_dataset)
    assert problem == "predictions.jsonl line 1: steps.0.seconds: Input should be a finite number"


def test_a_line_that_points_out_of_its_run_is_not_packed(toy_run: Path, tmp_path: Path) -> None:
    shutil.copytree(toy_run, tmp_path / "run")
    (tmp_path / "secret.png").write_bytes(b"secret")
    file = tmp_path / "run" / "predictions.jsonl"
    file.write_text(file.read_text().replace(FIRST, "../secret.png"))
    with pytest.raises(RealUnifyError, match=r"'\.\./secret\.png', leads out of the folder; mend its line"):
        pack(tmp_path / "run", tmp_path / "x.zip", CARD)
    assert list(tmp_path.glob("*.zip*")) == []


def test_a_name_that_is_not_the_utf8_it_claims(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    path = zipped(tmp_path / "x.zip", {**entries, "images/\xe9.png": b""})
    path.write_bytes(path.read_bytes().replace("images/\xe9.png".encode(), b"images/\xff\xff.png"))
    (problem,) = validate(path, small_dataset).problems
    assert problem.startswith("the zip is damaged: 'utf-8' codec can't decode")


def test_a_damaged_picture_does_not_hide_another(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]
) -> None:
    names = [name for name in entries if name.endswith("draw.png")][:2]
    path = zipped(tmp_path / "x.zip", {**entries, names[1]: b"no picture"})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        start = file.getinfo(names[0]).header_offset + 30 + len(names[0])
    data[start + 5 : start + 25] = b"\xff" * 20
    path.write_bytes(data)
    found = validate(path, small_dataset).problems
    assert [line.split(" ")[0] for line in found] == names
    assert "is damaged in the zip" in found[0] and "cannot be decoded" in found[1]


# -- small files that take much ---------------------------------------------------------------------------


def test_steps_that_are_not_the_protocols(tmp_path: Path, small_dataset: Path, entries: dict[str, bytes]) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["steps"] = [{"name": "a", "prompt": ""}] * 40_000
        rows[1]["steps"] *= 2
        rows[2]["steps"][0]["name"] = "dream"

    assert problems(tmp_path, edited(entries, change), small_dataset) == [
        "predictions.jsonl line 1: steps: List should have at most 2 items after validation, not 40000",
        "predictions.jsonl line 2: step 'draw' is not one of direct (draw; each once)",
        "predictions.jsonl line 3: step 'dream' is not one of direct (draw; each once)",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"prompt": "x" * 50_001}, "prompt: String should have at most 50000 characters"),
        ({"text": "x" * 50_001}, "text: String should have at most 50000 characters"),
        ({"notes": ["x" * 2_001]}, "notes.0: String should have at most 2000 characters"),
        ({"notes": ["x"] * 51}, "notes: List should have at most 50 items"),
        ({"usage": {str(n): n for n in range(51)}}, "usage: Dictionary should have at most 50 items"),
        ({"seed": 10**30}, "seed: Input should be less than"),
    ],
)
def test_a_field_without_end(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], change: dict[str, Any], told: str
) -> None:
    (problem,) = problems(tmp_path, edited(entries, lambda rows: rows[0]["steps"][0].update(change)), small_dataset)
    assert problem.startswith(f"predictions.jsonl line 1: steps.0.{told}")


def test_lines_without_end(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_limits, "MAX_LINES", 100)
    spoiled = {**entries, "predictions.jsonl": entries["predictions.jsonl"] + b"\n" * 1000}
    (problem,) = problems(tmp_path, spoiled, small_dataset)
    assert problem == "predictions.jsonl line 101: more than 100 lines; the rest was not read"


def test_a_list_of_files_without_end_is_not_read(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_limits, "MAX_LIST_BYTES", 2000)
    (problem,) = problems(tmp_path, entries, small_dataset)
    assert problem.startswith("the zip is damaged: its list has ") and "more than 2.0 KiB" in problem


def test_faulty_lines_are_not_read_without_end(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_limits, "MAX_FAULTY_BYTES", 10)
    spoiled = {**entries, "predictions.jsonl": b'{"odd": 1}\n' * 5}
    found = problems(tmp_path, spoiled, small_dataset)
    assert found[-1] == "predictions.jsonl line 1: too much is wrong up to here; the rest was not read"
    assert not [line for line in found if "line 2" in line or "belongs to no prediction" in line]


def test_an_entry_is_never_unpacked_beyond_the_size_that_it_states(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"submission.json": b" " * 50_000_000})
    data = path.read_bytes().replace(struct.pack("<I", 50_000_000), struct.pack("<I", 100))
    path.write_bytes(data)
    tracemalloc.start()
    with zipfile.ZipFile(path) as file, pytest.raises(zipfile.BadZipFile):
        checks.read_entry(file, file.getinfo("submission.json"))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def _solid(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def test_pixels_are_counted_together_and_equal_pictures_are_decoded_once(
    tmp_path: Path, small_dataset: Path, entries: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, decoded = _solid(100), []
    whole = {name: picture if name.endswith(".png") else data for name, data in entries.items()}
    load = Image.Image.load
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: (decoded.append(self.size), load(self))[1])
    assert problems(tmp_path, whole, small_dataset) == [] and len(decoded) == 1
    monkeypatch.setattr(bundle_limits, "MAX_TOTAL_PIXELS", 64 * 100 * 100 - 1)
    assert problems(tmp_path, whole, small_dataset) == ["the pictures have together more than 639,999 pixels"]


def test_an_honest_bundle_of_full_size_is_within_the_limits() -> None:
    """1,000 instances under three protocols (2,200 pictures of 1024 x 1024), or 2,000 of 2048 x 2048."""
    limits = bundle_limits
    assert limits.MAX_LINES >= 3 * 1000 and limits.MAX_FILES >= 3 * 600 + 400 + 2
    assert max(2_200 * 1024**2, 2_000 * 2048**2) <= limits.MAX_TOTAL_PIXELS
    assert 2_200 * 1024**2 * 3 <= limits.MAX_TOTAL_BYTES
    assert 2048**2 <= limits.MAX_PIXELS and 2048**2 * 3 <= limits.MAX_PICTURE_BYTES
