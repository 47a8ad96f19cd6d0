"""The command as a person meets it: exit status, one line on stderr, nothing lost. In fresh processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import evaluator
from dataset_builder.building import recipe
from evaluator.judging.certificate import write_certificate
from evaluator.judging.exams import Answer, certificate
from tests.root import ROOT

TOY = '''
from PIL import Image

class Toy:
    """Answers B and draws one colour a seed."""
    capabilities = {"answer", "generate"}
    def answer(self, requests):
        return ["B" if request.images else "a red square" for request in requests]
    def generate(self, requests):
        return [Image.new("RGB", (8, 8), (request.seed % 256, 0, 0)) for request in requests]
'''


@pytest.fixture
def here(tmp_path: Path, small_dataset: Path) -> Path:
    """A working folder with a dataset and a user's own model in it."""
    shutil.copytree(small_dataset, tmp_path / "realunify")
    (tmp_path / "toymodel.py").write_text(TOY)
    return tmp_path


def realunify(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evaluator", *map(str, words)]
    root = str(ROOT)
    environment = {**os.environ, "PYTHONPATH": root, "COLUMNS": "200", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def refused(done: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    """One line on stderr with these words, this exit status, and no traceback."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_the_main_way(here: Path) -> None:
    model = ["--model", "toymodel:Toy", "--dataset", "realunify", "-o", "run"]
    ran = realunify(here, "run", *model, "--protocol", "direct,stepwise", "--limit-per-category", "2")
    assert ran.returncode == 0, ran.stderr
    assert "not supported: stepwise geu: the model cannot edit" in ran.stdout
    more = realunify(here, "run", *model, "--protocol", "direct,stepwise")
    assert "32 from before" in more.stdout
    unjudged = realunify(here, "score", "run")
    assert unjudged.returncode == 1
    assert "incomplete: direct: 24 of 40 instances unjudged" in unjudged.stderr
    assert realunify(here, "judge", "run", "--judge", "fixed:yes").returncode == 0
    scored = realunify(here, "score", "run")
    assert scored.returncode == 0, scored.stderr
    assert "not supported" in scored.stdout
    table = json.loads(realunify(here, "score", "run", "--json").stdout)["protocols"]
    assert table["direct"]["axes"]["ueg"]["score"] == 0.0
    assert table["direct"]["axes"]["geu"]["score"] == 25.0
    assert table["stepwise"]["axes"]["geu"]["status"] == "not supported"
    assert table["stepwise"]["axes"]["geu"]["score"] is None
    packed = realunify(here, "pack", "run", "-o", "toy.zip", "--model", "Toy", "--organisation", "Us")
    assert packed.returncode == 0, packed.stderr
    valid = realunify(here, "validate", "toy.zip", "--dataset", "realunify")
    assert (valid.returncode, "valid, 64 predictions" in valid.stdout) == (0, True)
    report = realunify(here, "report", "run", "-o", "report")
    assert report.returncode == 0 and (here / "report" / "index.html").is_file()


def test_judges_side_by_side(here: Path) -> None:
    model = ["--model", "toymodel:Toy", "--dataset", "realunify", "-o", "run"]
    assert realunify(here, "run", *model, "--protocol", "direct").returncode == 0
    refused(realunify(here, "agreement", "run"), 2, "has replies of 0 judge(s), agreement needs two")
    judged = realunify(here, "judge", "run", "--judge", "panel:fixed:yes+fixed:no")
    assert "48 replies were neither yes nor no (unparsed)" in judged.stdout, judged.stderr
    table = realunify(here, "agreement", "run")
    assert table.returncode == 0, table.stderr
    assert "A = fixed:no@1" in table.stdout and "48 of 48 questions divide the judges" in table.stdout
    assert json.loads(realunify(here, "agreement", "run", "--json").stdout)["overall"]["questions"] == 48
    assert realunify(here, "judge", "run", "--judge", "fixed:yes").returncode == 0
    # A reply that our parser does not read and the authors' takes for a yes.
    lines = (here / "run" / "judgements.jsonl").read_text().splitlines()
    mine = [json.loads(line) | {"reply": "I see eyes", "answer": "unparsed"} for line in lines if "panel:" not in line]
    (here / "run" / "judgements.jsonl").write_text("".join(json.dumps(line) + "\n" for line in mine))
    strict = realunify(here, "score", "run", "--json")
    assert json.loads((here / "run" / "manifest.json").read_text())["parsing"] == "strict"
    parity = realunify(here, "score", "run", "--json", "--parity")
    assert json.loads((here / "run" / "manifest.json").read_text())["parsing"] == "authors"
    outcomes = [
        {
            row["outcome"]
            for row in json.loads(done.stdout)["protocols"]["direct"]["instances"]
            if row["id"].startswith("ueg")
        }
        for done in (strict, parity)
    ]
    assert outcomes == [{"unparsed"}, {"wrong"}]
    refused(realunify(here, "judge", "run", "--judge", "fixed:yes", "--verify", "3"), 2, "--verify compares a local")
    refused(realunify(here, "judge", "run", "--judge", "tiny:qwen-vl", "--set", "batch=3"), 2, "batch_size")


def test_what_a_score_is_made_of_and_what_its_judge_is_worth(here: Path) -> None:
    model = ["--model", "toymodel:Toy", "--dataset", "realunify", "-o", "run"]
    assert realunify(here, "run", *model, "--protocol", "direct").returncode == 0
    assert realunify(here, "judge", "run", "--judge", "fixed:yes").returncode == 0
    scored = realunify(here, "score", "run", "--by", "subtask,difficulty", "--by", "aspect")
    assert scored.returncode == 0, scored.stderr
    for words in ("By subtask", "sequential recolouring", "By difficulty", "By aspect", "Weakest in", "0.0 / 50.0 / -"):
        assert words in scored.stdout, words
    parts = json.loads(realunify(here, "score", "run", "--json").stdout)["protocols"]["direct"]["parts"]
    # A judge that always says yes answers every subject as stored, and no foil.
    assert {part["name"]: part["cell"]["score"] for part in parts["aspect"]} == {"subject": 100.0, "foil": 0.0}
    refused(realunify(here, "score", "run", "--by", "aspects"), 2, "unknown part of a score", "did you mean aspect")

    lines = []
    for number in range(30):
        for picture, truths in (("right", ("yes", "no")), ("shallow", ("no", "yes"))):
            lines += [
                Answer(
                    instance=f"ueg-code_to_image-{number:04d}", picture=picture, question=f"{k}?", truth=truth,  # type: ignore[arg-type]
                    answer="yes",
                )
                for k, truth in enumerate(truths)
            ]  # fmt: skip
    for name, judge in (("mine", "fixed:yes"), ("theirs", "fixed:no")):
        (here / name).mkdir()
        (here / name / "answers.jsonl").write_text("".join(line.model_dump_json() + "\n" for line in lines))
        write_certificate(here / name / "certificate.json", certificate(lines, judge=judge, revision="1"))
    corrected = realunify(here, "score", "run", "--corrected", "mine")
    assert corrected.returncode == 0, corrected.stderr
    assert "Code to Image: the judge is not clearly better than guessing here" in corrected.stdout
    told = json.loads(realunify(here, "score", "run", "--json", "--corrected", "mine").stdout)["corrected"]["direct"]
    row = next(one for one in told if one["name"] == "code_to_image")
    assert (row["raw"], row["score"], row["covered"]) == (0.0, None, [])
    refused(realunify(here, "score", "run", "--corrected", "theirs"), 2, "that of fixed:no@1", "fixed:yes@1")
    drifted = realunify(here, "drift", "mine", "theirs")
    assert drifted.returncode == 0 and "judge: fixed:yes -> fixed:no" in drifted.stdout
    assert "0 of 120 answers changed" in drifted.stdout
    assert json.loads(realunify(here, "drift", "mine", "theirs", "--json").stdout)["common"] == 120
    refused(realunify(here, "drift", "mine", "run"), 2, "no answers at run")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["run", "--model", "janos:x", "--dataset", "realunify", "-o", "r"], ["unknown model family", "janus"]),
        (["run", "--model", "toymodel:Tou", "--dataset", "realunify", "-o", "r"], ["unknown class", "Toy"]),
        (
            ["run", "--model", "toymodel:Toy", "--dataset", "realunify", "-o", "r", "--protocol", "dirct"],
            ["unknown protocol 'dirct'", "direct"],
        ),
        (["run", "--model", "toymodel:Toy", "--dataset", "realunfy", "-o", "r"], ["unknown dataset", "realunify"]),
        (["run", "--model", "toymodel:Toy", "--dataset", "realunify", "-o", "r", "--shard", "3/2"], ["shard '3/2'"]),
        (["score", "nowhere"], ["nowhere is not a run folder"]),
        (["build", "-o", "toymodel.py"], ["toymodel.py is a file"]),
        (["validate", "none.zip", "--dataset", "realunify"], ["no bundle at none.zip"]),
    ],
)
def test_wrong_use_names_what_is_right(here: Path, words: list[str], names: list[str]) -> None:
    refused(realunify(here, *words), 2, *names)


def test_an_unknown_judge_names_the_closest(here: Path) -> None:
    realunify(
        here, "run", "--model", "toymodel:Toy", "--dataset", "realunify", "-o", "run", "--limit-per-category", "1"
    )
    refused(realunify(here, "judge", "run", "--judge", "locl:x"), 2, "unknown judge 'locl'", "local")


def test_an_altered_or_missing_file_is_named(here: Path) -> None:
    file = next((here / "realunify" / "data" / "geu" / "mental_tracking").glob("*.parquet"))
    run = ["run", "--model", "toymodel:Toy", "--dataset", "realunify", "-o", "r"]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    refused(realunify(here, *run), 1, "data/geu/mental_tracking/", "was altered")
    file.unlink()
    refused(realunify(here, *run), 1, "data/geu/mental_tracking/", "is missing")
    assert not (here / "r").exists()


def test_a_bad_bundle_lists_every_problem(here: Path) -> None:
    (here / "bad.zip").write_text("no zip")
    done = realunify(here, "validate", "bad.zip", "--dataset", "realunify")
    assert (done.returncode, "bad.zip is not a zip file" in done.stderr) == (1, True)


def test_a_folder_in_use_is_left_alone(here: Path) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("years of work")
    refused(realunify(here, "build", "-o", "mine"), 2, "not empty")
    assert (here / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_place_that_cannot_be_written_is_one_line(here: Path) -> None:
    realunify(here, "run", "--model", "toymodel:Toy", "--dataset", "realunify", "-o", "run", "--protocol", "direct")
    (here / "file").touch()
    refused(realunify(here, "report", "run", "-o", "file/report"), 1, "file", "give another place")
    refused(realunify(here, "build", "-o", "file/set", "--per-category", "1"), 1, "file", "give another place")


def test_debug_shows_the_traceback(here: Path) -> None:
    done = realunify(here, "--debug", "score", "nowhere")
    assert "Traceback" in done.stderr


def test_versions_come_from_one_place_each(here: Path) -> None:
    done = realunify(here, "--version")
    assert (done.returncode, done.stdout) == (0, f"realunify {evaluator.__version__} (dataset {recipe.VERSION})\n")
    info = json.loads((here / "realunify" / "checksums.json").read_text(encoding="utf-8"))
    assert info["version"] == recipe.VERSION


def test_a_console_without_a_letter_gets_a_question_mark(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    done = realunify(here, "gallery", "realunify", "-o", "画.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "?.html\n"
    assert (here / "画.html").is_file()
