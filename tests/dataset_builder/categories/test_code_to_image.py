"""Code to image: programs of the prompts run in the sandbox, traps that are real, a sandbox that holds."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import pytest

from dataset_builder.categories import code_to_image as category
from dataset_builder.categories.code_to_image import sandbox
from dataset_builder.categories.code_to_image.program import LINES, Program, compose, execute, read_output
from dataset_builder.categories.shared.scene import Item, Scene, answer, any_of, ask
from dataset_builder.instance import Instance, instance_rng


@pytest.fixture(scope="module")
def hundred() -> list[Instance]:
    return list(category.make(0, 100))


def altered(instance: Instance, **meta: object) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | meta)})


def test_every_instance_is_proven(hundred: list[Instance]) -> None:
    assert {i.id: category.inspect(i) for i in hundred if category.inspect(i)} == {}


def test_subtasks_levels_and_programs_are_balanced(hundred: list[Instance]) -> None:
    assert Counter(i.subtask for i in hundred) == {"branching": 50, "iteration_and_indexing": 50}
    assert min(Counter(i.difficulty for i in hundred).values()) >= 25
    assert len({i.meta["template"] for i in hundred}) >= 28
    assert len({(i.subtask, i.difficulty) for i in hundred[:10]}) == 6


def test_same_seed_same_instances_other_seed_others(hundred: list[Instance]) -> None:
    assert [i.digest() for i in category.make(0, 10)] == [i.digest() for i in hundred[:10]]
    assert not {i.prompt for i in category.make(1, 100)} & {i.prompt for i in hundred}


def test_programs_do_not_repeat_in_a_large_set() -> None:
    runs = {(i.meta["program"], i.meta["input"]) for i in islice(category.make(3, 100_000), 1500)}
    assert len(runs) == 1500


def test_no_constant_judge_passes(hundred: list[Instance]) -> None:
    for instance in hundred:
        assert {q.answer for q in instance.question_list} == {"yes", "no"}
        assert len(instance.meta["traps"]) >= 2


@pytest.mark.parametrize("program", category.PROGRAMS, ids=lambda p: p.name)
def test_each_template_has_its_length_and_each_of_its_traps_bites(program: Program) -> None:
    assert len(program.text.strip().splitlines()) in LINES[program.level]
    facts: set[str] = set()
    for attempt in range(3000):
        run = compose(instance_rng(1, "trap", program.name, attempt), program)
        facts |= {bite.fact for bite in run.bites} if run else set()
        if len(facts) == len(program.traps):
            return
    pytest.fail(f"never bites: {[t.fact for t in program.traps if t.fact not in facts]}")


def test_proof_runs_the_program_of_the_prompt(hundred: list[Instance]) -> None:
    instance = hundred[0]
    lines = instance.meta["program"].splitlines()
    prompt = (instance.prompt or "").replace(lines[-1], 'print(5, "red", "kites")')
    problems = category.inspect(instance.model_copy(update={"prompt": prompt}))
    assert any("5 red kites" in p for p in problems)
    assert category.inspect(instance.model_copy(update={"prompt": "Draw a kite."})) != []


def test_proof_notices_a_false_answer_a_false_trap_and_a_false_level(hundred: list[Instance]) -> None:
    instance = hundred[0]
    flipped = [q.model_copy(update={"answer": "no"}) for q in instance.question_list]
    assert any("says no" in p for p in category.inspect(instance.model_copy(update={"question_list": flipped})))
    harmless = [trap | {"program": instance.meta["program"]} for trap in instance.meta["traps"]]
    assert any(p.startswith("trap") for p in category.inspect(altered(instance, traps=harmless)))
    assert any("need two" in p for p in category.inspect(altered(instance, traps=instance.meta["traps"][:1])))
    wrong = instance.model_copy(update={"difficulty": "hard"})
    assert any("lines are not 'hard'" in p for p in category.inspect(wrong))


def test_proof_notices_a_foil_that_no_trap_would_draw(hundred: list[Instance]) -> None:
    instance = next(i for i in hundred if i.meta["layout"] == "")
    noun = instance.meta["draw"][0]["noun"]
    colour = next(c for c in ("brown", "grey") if c not in (instance.metadata or ""))
    foil = ask(any_of(noun, colour), Scene.from_metadata(instance.meta), "foil")
    questions = [*(q for q in instance.question_list if q.aspect != "foil"), foil]
    problems = category.inspect(instance.model_copy(update={"question_list": questions}))
    assert problems == [f"foil '{foil.question}' is not what any trap would draw"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import os", "refused: imports"),
        ("from os import path", "refused: imports"),
        ("print(().__class__)", "refused: uses the name '__class__'"),
        ("print('{0.__class__}'.format(1))", "refused: uses the name 'format'"),
        ("def __x(): pass", "refused"),
        ("if", "refused: not a program"),
        ("open('x')", "NameError"),
        ("eval('1')", "NameError"),
        ("while True:\n    pass", "killed at a limit"),
        ("x = [0] * 10 ** 9", "MemoryError"),
        ("while True:\n    print('a' * 999)", "RuntimeError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_sandbox_holds(source: str, error: str) -> None:
    (result,) = sandbox.run([(source, "")])
    assert result.error is not None and result.error.startswith(error)


def test_sandbox_answers_in_order_and_programs_share_nothing() -> None:
    results = sandbox.run([("x = 1\nprint(input())", "a b"), ("import os", ""), ("print(x)", ""), ("print(2)", "")])
    assert [r.output for r in results] == ["a b", "", "", "2"]
    assert results[2].error == "NameError: name 'x' is not defined"


def test_sandbox_starts_again_after_it_was_stopped() -> None:
    sandbox.stop()
    assert sandbox.run([("print(len(input()))", "four")]) == [sandbox.Result("4", None)]


def test_generator_gives_up_on_endless_programs() -> None:
    assert execute("while True:\n    pass", "") is None
    assert execute("print(int(input()) + 1)", "4") == "5"


@pytest.mark.parametrize(
    ("output", "scene"),
    [
        ("3 white rabbits", Scene((Item(3, "white", "rabbit"),))),
        ("1 red cup and 2 blue mice", Scene((Item(1, "red", "cup"), Item(2, "blue", "mouse")))),
        ("a red cup above a blue bowl", Scene((Item(1, "red", "cup"), Item(1, "blue", "bowl")), "above")),
        ("keys from left to right: red blue", Scene((Item(1, "red", "key"), Item(1, "blue", "key")), "row")),
        ("1 white rabbits", None),
        ("3 white unicorns", None),
        ("rabbits", None),
    ],
)
def test_output_is_read_as_a_scene(output: str, scene: Scene | None) -> None:
    assert read_output(output) == scene


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("Is the leftmost key red?", "yes"),
        ("Is the rightmost key red?", "no"),
        ("Is the second key from the left blue?", "yes"),
        ("Are the keys, from left to right, red, blue and green?", "yes"),
        ("Are the keys, from left to right, red, green and blue?", "no"),
        ("Is the leftmost cup red?", None),
    ],
)
def test_questions_about_a_row(question: str, reply: str | None) -> None:
    row = Scene(tuple(Item(1, colour, "key") for colour in ("red", "blue", "green")), "row")
    assert answer(question, row) == reply


def test_questions_about_a_relation() -> None:
    scene = Scene((Item(1, "red", "cup"), Item(1, "blue", "bowl")), "to the left of")
    assert answer("Is the red cup to the left of the blue bowl?", scene) == "yes"
    assert answer("Is the blue bowl to the right of the red cup?", scene) == "yes"
    assert answer("Is the blue bowl to the left of the red cup?", scene) == "no"
    assert answer("Is the blue bowl above the red cup?", scene) is None
