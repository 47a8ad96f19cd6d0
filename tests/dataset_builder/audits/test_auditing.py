"""The audit: clean instances pass, and each rule notices its own breach and names it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageFilter

from dataset_builder import categories, taxonomy
from dataset_builder.audits import EACH, WHOLE, auditing, duplicates, guesses, shortcuts
from dataset_builder.building import build, official_export
from dataset_builder.categories import scientific_reasoning, world_knowledge
from dataset_builder.drawing import encode
from dataset_builder.errors import RealUnifyError
from dataset_builder.files import sha256_file
from dataset_builder.folder import INFO_FILE, info_json, read_info
from dataset_builder.instance import LETTERS, Instance, Question
from tests.dataset_builder import made

REAL = ("mathematical_reasoning", "logical_reasoning", "code_to_image", "mental_tracking", "mental_reconstruction")


def audited(task_type: str, instances: Sequence[Instance]) -> auditing.CategoryReport:
    return auditing.audit_instances(task_type, instances)


def breaches(task_type: str, instances: Sequence[Instance], rule: str) -> list[tuple[str, str]]:
    return [(problem.id, problem.what) for problem in audited(task_type, instances).problems if problem.rule == rule]


def changed(instance: Instance, **fields: object) -> Instance:
    return instance.model_copy(update=fields)


@pytest.fixture(scope="module")
def hundred() -> list[Instance]:
    return list(world_knowledge.make(0, 100))


@pytest.fixture(scope="module")
def scenes() -> list[Instance]:
    return list(categories.make("mental_reconstruction", 0, 2))


@pytest.mark.parametrize("task_type", REAL)
def test_made_instances_pass(task_type: str) -> None:
    report = audited(task_type, list(categories.make(task_type, 5, 2)))
    assert report.problems == []
    assert report.count == 2
    proof = "solved again" if task_type.startswith("mental") else "proven"
    assert report.checked[proof] == 2


def test_the_authored_hundred_pass(hundred: list[Instance]) -> None:
    report = audited("world_knowledge", hundred)
    assert report.problems == []
    assert report.checked["subjects differ"] == 100


def test_every_problem_names_id_rule_and_fix(hundred: list[Instance]) -> None:
    (problem,) = audited("world_knowledge", [changed(hundred[0], rationale=None), *hundred[1:]]).problems
    assert str(problem) == (
        "ueg-world_knowledge-0001: fields: rationale is missing; audit the full folder, or rebuild the dataset"
    )


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in (*EACH, *WHOLE)]
    assert len(set(names)) == len(names)


YES = Question(question="Is it so?", answer="yes", aspect="subject")
NO = Question(question="Is it other?", answer="no", aspect="foil")


@pytest.mark.parametrize(
    ("rule", "fields", "what"),
    [
        ("fields", {"reference_prompt": None}, "reference_prompt is missing"),
        ("fields", {"metadata": "{"}, "metadata is not JSON"),
        (
            "fields",
            {"question_list": [YES, NO.model_copy(update={"answer": None})]},
            "question_list answers is missing",
        ),
        ("protocol prompts", {"new_prompt": "Draw it."}, "new_prompt is not the protocol's wording"),
        ("constant judges", {"question_list": [YES, YES]}, "a judge that always says yes passes it"),
        ("constant judges", {"question_list": [NO, NO]}, "a judge that always says no passes it"),
        ("foils", {"question_list": [YES, NO.model_copy(update={"aspect": "subject"})]}, "no question is a foil"),
        (
            "foils",
            {"question_list": [NO.model_copy(update={"answer": "yes"})]},
            "the answer to the foil 'Is it other?' is yes",
        ),
        ("polling questions", {"question_list": [NO]}, "it has 1 questions, needs 3 or 4"),
        ("polling questions", {"question_list": [YES, YES, NO]}, "a question is asked twice"),
        (
            "polling questions",
            {"question_list": [YES, NO.model_copy(update={"aspect": None})]},
            "'Is it other?' has no aspect",
        ),
        ("ids", {"id": "ueg-world_knowledge-1"}, "is not an id of world_knowledge"),
        ("ids", {"id": "ueg-world_knowledge-0002"}, "occurs 2 times"),
    ],
)
def test_each_breach_of_a_drawing_prompt_is_found(
    hundred: list[Instance], rule: str, fields: dict[str, object], what: str
) -> None:
    assert what in [
        text for _, text in breaches("world_knowledge", [changed(hundred[0], **fields), *hundred[1:]], rule)
    ]


def test_thin_subtasks_and_levels_are_found(hundred: list[Instance]) -> None:
    same = [changed(instance, difficulty="easy", subtask="food") for instance in hundred]
    assert ("world_knowledge", "0 of 100 are hard, needs 20") in breaches("world_knowledge", same, "difficulty")
    assert ("world_knowledge", "subtask sports has 0 of 100, needs 1") in breaches("world_knowledge", same, "subtasks")
    other = [changed(hundred[0], subtask="fruit"), *hundred[1:]]
    assert breaches("world_knowledge", other, "subtasks") == [("world_knowledge", "'fruit' is not one of its subtasks")]
    physics = [changed(i, subtask="physics") for i in scientific_reasoning.make(0, 100)]
    assert ("scientific_reasoning", "subtask biology has 0 of 100, needs 20") in breaches(
        "scientific_reasoning", physics, "subtasks"
    )


def test_equal_prompts_and_subjects_are_found(hundred: list[Instance]) -> None:
    first, second, *rest = hundred
    twin = changed(second, prompt=(first.prompt or "").upper() + " ")
    assert breaches("world_knowledge", [first, twin, *rest], "prompts differ") == [
        (second.id, f"has the prompt of {first.id}")
    ]
    about = changed(second, metadata=first.metadata)
    assert breaches("world_knowledge", [first, about, *rest], "subjects differ") == [
        (second.id, f"has the subject of {first.id}")
    ]


def test_wrong_answers_are_found_by_solver_and_proof(scenes: list[Instance]) -> None:
    scene = scenes[0]
    wrong = next(letter for letter in LETTERS if letter != scene.answer)
    ((name, what),) = breaches("mental_reconstruction", [changed(scene, answer=wrong), scenes[1]], "solved again")
    assert name == scene.id and what == f"the solver finds {scene.answer}, stored is {wrong}"
    sums = list(categories.make("mathematical_reasoning", 0, 2))
    flipped = [poll.model_copy(update={"answer": "no"}) for poll in sums[0].question_list]
    assert breaches("mathematical_reasoning", [changed(sums[0], question_list=flipped), sums[1]], "proven")


def test_a_solver_that_stops_is_a_problem_not_a_crash(scenes: list[Instance]) -> None:
    ((_, what),) = breaches("mental_reconstruction", [changed(scenes[0], metadata="{}"), scenes[1]], "solved again")
    assert what.startswith("the solver stopped: KeyError")


def test_patches_must_be_a_true_permutation(scenes: list[Instance]) -> None:
    shown = scenes[0].picture()
    shown.putpixel((3, 3), (1, 2, 3))
    touched = changed(scenes[0], image=encode.png(shown))
    assert [w for _, w in breaches("mental_reconstruction", [touched, scenes[1]], "patches")][0].startswith(
        "patch 0 is not"
    )
    still = changed(scenes[0], metadata=json.dumps(scenes[0].meta | {"permutation": list(range(9))}))
    ((_, what),) = breaches("mental_reconstruction", [still, scenes[1]], "patches")
    assert what.endswith("does not shuffle 9 patches")


def test_small_details_are_measured() -> None:
    (instance,) = categories.make("attentional_focusing", 5, 1)
    good = audited("attentional_focusing", [instance])
    assert good.problems == [] and good.checked["small details"] == good.checked["solved again"] == 1
    shrunk = changed(instance, image=encode.jpeg(instance.picture().resize((800, 800))), difficulty="hard")
    found = [what for _, what in breaches("attentional_focusing", [shrunk], "small details")]
    assert "the picture is 800x800 px, not 1,600 to 2,560" in found
    assert any("hard is " in what for what in found)


def test_broken_and_heavy_pictures_are_found() -> None:
    rows = made.everything(3)["cognitive_navigation"]
    broken = [changed(rows[0], image=b"no"), changed(rows[1], image=(rows[1].image or b"") + bytes(1_000_000)), rows[2]]
    found = breaches("cognitive_navigation", broken, "pictures")
    assert (rows[0].id, "image cannot be decoded (UnidentifiedImageError)") in found
    assert any(name == rows[1].id and "the limit is 1,000,000" in what for name, what in found)


def test_options_letters_and_questions() -> None:
    rows = made.everything(4)["cognitive_navigation"]
    even = [changed(row, answer=letter) for row, letter in zip(rows * 5, "BCAD" * 5, strict=True)]
    assert breaches("cognitive_navigation", even, "letters") == []
    assert breaches("cognitive_navigation", [*even[:-1], changed(even[-1], answer="A")], "letters") == [
        ("cognitive_navigation", "answers are A 6, B 5, C 5, D 4")
    ]
    twin = changed(rows[0], option=["ant", " Ant", "cow", "dog"])
    assert breaches("cognitive_navigation", [twin, *rows[1:]], "options") == [(rows[0].id, "2 options say 'ant'")]
    asked = changed(rows[1], question=rows[0].question, image=encode.webp_lossless(rows[0].picture()))
    assert breaches("cognitive_navigation", [rows[0], asked, *rows[2:]], "questions differ") == [
        (rows[1].id, f"has question and picture of {rows[0].id}")
    ]


def test_pictures_that_look_the_same_are_found_and_others_are_not() -> None:
    rows = made.everything(6)["cognitive_navigation"]
    assert breaches("cognitive_navigation", rows, "pictures differ") == []
    near = rows[0].picture().filter(ImageFilter.GaussianBlur(0.6))
    rows[1] = changed(rows[1], image=encode.jpeg(near, 80))
    assert breaches("cognitive_navigation", rows, "pictures differ") == [
        (rows[1].id, f"its image looks like that of {rows[0].id}")
    ]
    recoloured = Image.merge("RGB", rows[2].picture().split()[::-1])
    rows[3] = changed(rows[3], image=encode.png(recoloured))
    assert rows[3].id not in [name for name, _ in breaches("cognitive_navigation", rows, "pictures differ")]


def test_near_pairs_work_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made.everything(5)["cognitive_navigation"]
    rows[4] = changed(rows[4], image=rows[1].image)
    seen = [auditing._note(row) for row in rows]
    monkeypatch.setattr(duplicates, "BLOCK", 2)
    assert [(a.instance.id, b.instance.id) for a, b in duplicates.near_pairs(seen, "image")] == [
        (rows[1].id, rows[4].id)
    ]


def asked(number: int, option: Sequence[str], answer: int, question: str = "How many?") -> Instance:
    return made.geu("cognitive_navigation", number, option=list(option), answer=LETTERS[answer], question=question)


def test_what_each_shortcut_chooses() -> None:
    numbers = asked(1, ["3 cars", "9 cars", "5 cars", "7 cars"], 0)
    assert shortcuts.largest(numbers) == {1}
    assert shortcuts.middle(numbers) == {2, 3}
    assert shortcuts.largest(asked(1, ["3", "9 of 10", "5", "7"], 0)) == set()
    assert shortcuts.longest(asked(1, ["oak", "elms", "fir", "pine"], 0)) == {1, 3}
    colours = asked(1, ["red", "blue", "Green car", "teal"], 0, "Is the thing by the pink, green or red tree blue?")
    assert shortcuts.first_color(colours) == {2}
    assert shortcuts.first_color(numbers) == set()


@pytest.mark.parametrize(
    ("chances", "hits", "p"),
    [([], 0, 1.0), ([0.25] * 2, 2, 0.0625), ([0.25, 0.5], 1, 0.625), ([0.5] * 4, 3, 5 / 16)],
)
def test_the_tail_is_exact(chances: list[float], hits: int, p: float) -> None:
    assert shortcuts.tail(chances, hits) == pytest.approx(p)


def test_a_shortcut_that_beats_chance_is_found_and_luck_is_not() -> None:
    options = ["one", "two", "three", "six"]
    fair = [asked(n, options, n % 4) for n in range(1, 101)]
    assert breaches("cognitive_navigation", fair, "shortcuts") == []
    biased = [asked(n, options, 2 if n % 5 < 2 else n % 4) for n in range(1, 101)]
    ((_, what),) = breaches("cognitive_navigation", biased, "shortcuts")
    assert re.fullmatch(r"choosing the longest option is right \d\d of 100 times \(chance 25%\)", what)


def test_a_folder_is_audited_and_told_of(tmp_path: Path) -> None:
    folder = build.build(tmp_path / "realunify", per_category=2, only=["world_knowledge", "mental_tracking"], workers=1)
    report = auditing.audit(folder, workers=1)
    assert {problem.what for problem in report.all_problems} == {"the category is missing"}
    assert len(report.problems) == 8 and not report.ok
    text = report.text()
    assert re.search(r"^ok +solved again +2 checked$", text, re.MULTILINE)
    assert re.search(r"^FAIL +folder +1 checked, 8 problems$", text, re.MULTILINE)
    assert text.splitlines()[-1] == f"{folder}: 4 instances audited, 8 problems"
    table = report.markdown()
    assert "| solved again | an independent solver arrives at every stored GEU answer | 2 | 0 |" in table
    assert re.search(r"\| `mental_tracking` \| \d / \d / \d / \d \| .*does not apply", table)


def test_the_authors_release_is_audited_by_the_rules_that_concern_it(tmp_path: Path) -> None:
    official_export.export(made.folder(tmp_path / "ours", 2), tmp_path / "release")
    folder = build.build(tmp_path / "theirs", source="official", release=tmp_path / "release", per_category=2)
    report = auditing.audit(folder, workers=1)
    assert report.ok, report.text()
    assert {name for name, *_ in report._rows()} == {"fields", "options", "pictures", "ids", "folder", "content"}


def test_changed_rows_are_found_though_their_files_are_signed_again(tmp_path: Path) -> None:
    folder = made.folder(tmp_path / "realunify", 2)
    assert [p for p in auditing.audit(folder, workers=1).problems if p.rule == "content"] == []
    info = read_info(folder)
    name = next(name for name in info.files if "mental_tracking" in name)
    rows = pq.read_table(folder / name)
    place = rows.column_names.index("rationale")
    edited = rows.set_column(place, rows.schema.field(place), [["Because.", *rows.column(place).to_pylist()[1:]]])
    pq.write_table(edited, folder / name)
    signed = info.model_copy(update={"files": info.files | {name: sha256_file(folder / name)}})
    (folder / INFO_FILE).write_text(info_json(signed))
    (problem,) = [problem for problem in auditing.audit(folder, workers=1).problems if problem.rule == "content"]
    assert problem.what.endswith(f", checksums.json names {info.content_sha256[:12]}")
    assert problem.id == str(folder)


def test_the_measured_guesses_are_within_the_bound_and_in_the_card() -> None:
    measured = guesses.read()
    assert {row.category for row in measured.rows} == {category.name for category in taxonomy.categories("geu")}
    assert {row.guess for row in measured.rows} == {*shortcuts.SHORTCUTS, "bag of words"}
    assert measured.seeds >= 10
    for row in measured.rows:
        assert 0 <= row.hits <= row.n <= measured.seeds * measured.per_category
        assert not shortcuts.Hits(row.n, row.hits, row.chance, row.p).beats_chance
        if row.guess == "bag of words":
            assert row.n == measured.seeds * measured.per_category
            assert row.p == pytest.approx(shortcuts.tail([0.25] * row.n, row.hits), abs=1e-6)
    lines = list(guesses.table(["mental_tracking"]))
    assert measured.command in lines[0] and lines[-1].startswith("| `mental_tracking` | ")
    assert lines[-1].count("|") == len(shortcuts.SHORTCUTS) + 3


def test_half_a_dataset_cannot_be_audited(tmp_path: Path) -> None:
    half = made.folder(tmp_path / "half", 1, withhold_answers=True)
    for folder in (half, build.answers_folder(half)):
        with pytest.raises(RealUnifyError, match="only half"):
            auditing.audit(folder)
