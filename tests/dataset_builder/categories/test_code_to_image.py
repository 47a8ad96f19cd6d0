"""Code to image: composed programs, traps that are real, slips that are caught, a sandbox that holds."""

from __future__ import annotations

import ast
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError
from scipy import stats

from dataset_builder.categories import code_to_image as category
from dataset_builder.categories.code_to_image import machine, pictures, polling, proof, sandbox, traps
from dataset_builder.categories.code_to_image.content import FILE, Content
from dataset_builder.categories.code_to_image.grammar import tables
from dataset_builder.categories.code_to_image.output import read_description, read_output
from dataset_builder.categories.code_to_image.shape import structure
from dataset_builder.categories.shared.data import read
from dataset_builder.categories.shared.scene import Item, Scene, answer, ask, describe, exactly
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance, Question
from dataset_builder.taxonomy import CATEGORIES


@pytest.fixture(scope="module")
def hundred() -> list[Instance]:
    return list(category.make(0, 100))


def altered(instance: Instance, **meta: object) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | meta)})


def forged(program: str, line: str = "", **fields: object) -> Instance:
    """An instance about a program of our own, as the generator would write it down, whatever the proof says of it."""
    truth = sandbox.run([(program, line)])[0]
    scene = read_output(truth.output)
    assert scene is not None, truth
    bites = proof.bites(program, line, scene, sandbox.run)
    meta = {
        "program": program,
        "input": line,
        "prints": truth.output,
        "work": len(truth.path),
        "traps": [{"name": b.name, "fact": b.fact, "prints": b.output} for b in bites],
        **scene.as_metadata(),
    }
    given = f" with `{line}`" if line else ""
    first = next(category.make(0, 1))
    update = {
        "prompt": f"Draw what this prints{given}.\n\n```python\n{program}\n```",
        "metadata": json.dumps(meta),
        "difficulty": proof.level_of(len(truth.path)),
        "reference_prompt": describe(scene, "on a plain white background"),
        "subtask": "branching",
    }
    return first.model_copy(update=update | fields)


def found(instance: Instance, what: str) -> bool:
    return any(what in problem for problem in category.inspect(instance))


def test_every_instance_is_proven(hundred: list[Instance]) -> None:
    assert {i.id: category.inspect(i) for i in hundred if category.inspect(i)} == {}


def test_subtasks_and_levels_are_balanced(hundred: list[Instance]) -> None:
    assert Counter(i.subtask for i in hundred) == {"branching": 50, "iteration_and_indexing": 50}
    assert min(Counter(i.difficulty for i in hundred).values()) >= 33
    assert len({(i.subtask, i.difficulty) for i in hundred[:12]}) >= 5


def test_same_seed_same_instances_other_seed_others(hundred: list[Instance]) -> None:
    assert [i.digest() for i in category.make(0, 8)] == [i.digest() for i in hundred[:8]]
    assert not {i.meta["program"] for i in category.make(1, 12)} & {i.meta["program"] for i in hundred}


def test_programs_differ_in_structure(hundred: list[Instance]) -> None:
    """`benchmarks/program_variety.py` measures it over ten seeds."""
    shapes = Counter(structure(i.meta["program"]) for i in hundred)
    assert len(shapes) >= 95 and max(shapes.values()) <= 2


def test_structure_is_blind_for_names_and_literals_and_nothing_else() -> None:
    one = "kites = [1, 2]\nfor n in kites:\n    n += 3\nprint(1)"
    assert structure(one) == structure("cups = [5, 6, 7]\nfor size in cups:\n    size += 1\nprint(cups, 2)")
    assert structure(one) != structure(one.replace("+=", "-="))
    assert structure(one) != structure(one.replace("for n in kites", "for n in kites[::2]"))


def test_level_follows_from_the_executed_statements(hundred: list[Instance]) -> None:
    levels = ("easy", "medium", "hard")
    ranks = [levels.index(i.difficulty) for i in hundred]
    rho = stats.spearmanr(ranks, [i.meta["work"] for i in hundred]).statistic
    assert rho >= 0.8
    assert CATEGORIES["code_to_image"].difficulty == proof.WORK_IN_WORDS
    assert [proof.level_of(work) for work in (7, 8, 12, 13, 60, 61)] == ["easy", *["medium"] * 2, *["hard"] * 2, None]


def test_work_counts_each_round_of_a_loop() -> None:
    """Header 1, three rounds of two statements, the assignment before and the printing after: 9."""
    source = "n = 0\nfor i in range(3):\n    n += i\n    n += 1\nprint(n)"
    assert machine.execute(source)["path"] == [0, 1, 2, 3, 2, 3, 2, 3, 4]


def test_conditions_come_out_both_ways(hundred: list[Instance]) -> None:
    """No dead devices: over many programs an `if` is as well taken as not."""
    taken: Counter[bool] = Counter()
    for instance in hundred:
        tree = ast.parse(instance.meta["program"])
        executed = set(machine.execute(instance.meta["program"], instance.meta["input"])["path"])
        places = {id(statement): place for place, statement in enumerate(machine.statements(tree))}
        for statement in machine.statements(tree):
            if isinstance(statement, ast.If) and places[id(statement)] in executed:
                taken[places[id(statement.body[0])] in executed] += 1
    assert 0.25 < taken[True] / taken.total() < 0.75


def test_answers_are_balanced(hundred: list[Instance]) -> None:
    replies = Counter(q.answer for i in hundred for q in i.question_list)
    assert 0.45 <= replies["no"] / replies.total() <= 0.55
    patterns = Counter(polling.pattern_of(i.question_list) for i in hundred)
    assert len(patterns) == 14 and max(patterns.values()) <= 8  # 100 / 14 is 7.1, dealt evenly
    assert all(len(i.question_list) == 4 for i in hundred)


def test_nothing_is_too_much_to_draw(hundred: list[Instance]) -> None:
    assert all(2 <= sum(thing["count"] for thing in i.meta["draw"]) <= 8 for i in hundred)


def test_every_slip_is_caught(hundred: list[Instance]) -> None:
    for instance in hundred:
        slips = category.slips(instance)
        assert len(slips) >= 3
        assert [str(q.answer) for q in instance.question_list] not in [slip.answers for slip in slips]
        assert {trap["name"] for trap in instance.meta["traps"]} <= {slip.name for slip in slips}


def test_slips_are_derived_from_the_prompt_alone(hundred: list[Instance]) -> None:
    bare = hundred[0].model_copy(update={"metadata": None, "reference_prompt": None, "rationale": None})
    assert category.slips(bare) == category.slips(hundred[0]) != []


# What the proof refuses, each on an instance made for it.

GOOD = """kites = ["red", "blue", "green", "white"]
spare = kites
spare.append(kites.pop(0))
if len(kites) > 4 or kites[0] == "blue":
    kites[1:3] = ["black"]
print("kites from left to right:", *kites)"""


def test_the_forger_can_write_an_honest_instance() -> None:
    """kites: blue green white red, then blue black red."""
    scene = Scene(tuple(Item(1, c, "kite") for c in ("blue", "black", "red")), "row")
    assert proof.output_faults(GOOD, "", sandbox.run([(GOOD, "")])[0]) == []
    assert read_output(sandbox.run([(GOOD, "")])[0].output) == scene


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        # The printed count is a number of the source.
        ("n = 7\nif n > 3:\n    n -= 2\nn += 2\nprint(n, 'red', 'cups')", "a printed count is a literal"),
        # Two swaps cancel: the first line is the answer.
        (
            "left, right = 'red', 'blue'\nleft, right = right, left\nif left > right:\n    left = 'red'\n"
            "left, right = 'red', 'blue'\nprint('a', left, 'cup above a', right, 'bowl')",
            "the first line is the answer",
        ),
        # The list is printed whole.
        (
            "row = ['red', 'blue', 'green']\nrow.reverse()\nrow.reverse()\nprint('cups from left to right:', *row)",
            "the printed row is a literal",
        ),
        # Two kinds that are equally frequent: the one that came first wins.
        (
            "row = ['red', 'blue', 'red', 'blue', 'black']\nbest = max(row, key=row.count)\nn = row.index('black')\n"
            "print(n, best, 'cups')",
            "the order of a list decides a tie",
        ),
        # A statement that changes nothing.
        ("n = 9\nn //= 2\nm = n\nm += 1\nprint(n, 'red', 'cups')", "statement 4 changes nothing"),
        # A remainder that changes nothing.
        ("n = 9\nn //= 2\nm = n % 7\nprint(m, 'red', 'cups')", "a remainder, slice or set changes nothing"),
        ("n = 9\nn //= 2\nprint(n, 'red', 'cups')", "the program is not 4 to 14 lines long"),
        ("n = 9\nn += 1\nn += 1\nprint(n, 'red', 'cups')", "cannot be drawn"),
    ],
)
def test_proof_refuses_a_poor_program(program: str, problem: str) -> None:
    assert found(forged(program), problem)


def test_proof_runs_the_program_of_the_prompt(hundred: list[Instance]) -> None:
    instance = hundred[0]
    last = instance.meta["program"].splitlines()[-1]
    prompt = (instance.prompt or "").replace(last, 'print(5, "red", "kites")')
    assert found(instance.model_copy(update={"prompt": prompt}), "5 red kites")
    assert category.inspect(instance.model_copy(update={"prompt": "Draw a kite."})) != []


def test_proof_notices_false_answers_traps_work_and_levels(hundred: list[Instance]) -> None:
    instance = hundred[0]
    turned = [q.model_copy(update={"answer": "no"}) for q in instance.question_list]
    assert found(instance.model_copy(update={"question_list": turned}), "says no")
    assert found(altered(instance, traps=instance.meta["traps"][:1]), "are not those that bite")
    assert found(altered(instance, work=instance.meta["work"] + 1), "executed statements")
    other = "easy" if instance.difficulty != "easy" else "hard"
    assert found(instance.model_copy(update={"difficulty": other}), f"are not '{other}'")


def test_proof_notices_a_foil_that_no_trap_would_draw(hundred: list[Instance]) -> None:
    instance = next(i for i in hundred if i.meta["layout"] == "row")
    scene = Scene.from_metadata(instance.meta)
    foil = ask(exactly(9, scene.items[0].noun), scene, "foil")
    questions = [foil, *instance.question_list[1:]]
    assert found(instance.model_copy(update={"question_list": questions}), f"foil '{foil.question}'")


def test_proof_notices_a_reference_prompt_of_another_picture(hundred: list[Instance]) -> None:
    instance = hundred[0]
    other = (instance.reference_prompt or "").replace("on a ", "with a hat on a ")
    assert found(instance.model_copy(update={"reference_prompt": f"No {other}"}), "does not describe")


def test_proof_notices_a_slip_that_passes() -> None:
    """Only that there is something green is asked: whoever takes the alias for a copy passes."""
    instance = forged(GOOD)
    scene = Scene.from_metadata(instance.meta)
    questions = [ask("Are there any red kites in the image?", scene, "subject")]
    questions += [ask("Are there any purple kites in the image?", scene, "subject")]
    assert found(instance.model_copy(update={"question_list": questions}), "passes")


def test_a_question_that_follows_from_the_others_is_idle() -> None:
    scene = Scene((Item(5, "red", "cup"),))
    exact = Question(question="Are there exactly 5 red cups in the image?", answer="yes", aspect="quantity")
    other = Question(question="Are there exactly 6 red cups in the image?", answer="no", aspect="quantity")
    assert polling.idle([exact, other], scene) == [other.question]
    assert polling.idle([exact, other.model_copy(update={"aspect": "foil"})], scene) == []
    every = Question(question="Are all the cups in the image red?", answer="yes", aspect="quantity")
    assert polling.idle([exact, every], scene) == []
    assert Scene((Item(5, "red", "cup"), Item(2, "blue", "cup"))) in pictures.near(scene)


# Traps: each rewriting on a program whose right and wrong outputs are worked out by hand.

TRAPS = [
    ("range_with_its_end", "print(sum(range(4)))", "6", "10"),
    ("range_from_one", "print(sum(range(4)))", "6", "10"),
    ("step_overlooked", "print('abcdef'[::2])", "ace", "abcdef"),
    ("direction_overlooked", "print('abc'[::-1])", "cba", "abc"),
    ("slice_with_its_end", "print('abcdef'[1:3])", "bc", "bcd"),
    ("slice_start_from_one", "print('abcd'[2:])", "cd", "bcd"),
    ("index_from_one", "x = [7, 8, 9]\nprint(x[1])", "8", "7"),
    ("from_the_end_from_zero", "x = [7, 8, 9]\nprint(x[-2])", "8", "7"),
    ("place_from_one", "print('abc'.index('b'))", "1", "2"),
    ("enumerate_from_one", "print(*[i for i, x in enumerate('ab')])", "0 1", "1 2"),
    ("enumerate_start_overlooked", "print(*[i for i, x in enumerate('ab', 1)])", "1 2", "0 1"),
    ("zip_to_the_longest", "print(len(list(zip('abc', 'de'))))", "2", "3"),
    ("break_overlooked", "n = 0\nfor i in range(5):\n    if i == 2:\n        break\n    n += 1\nprint(n)", "2", "5"),
    (
        "continue_overlooked",
        "n = 0\nfor i in range(5):\n    if i == 2:\n        continue\n    n += 1\nprint(n)",
        "4",
        "5",
    ),
    (
        "continue_as_break",
        "n = 0\nfor i in range(5):\n    if i == 2:\n        continue\n    n += 1\nprint(n)",
        "4",
        "2",
    ),
    (
        "break_ends_both",
        "n = 0\nfor i in range(3):\n    for j in range(3):\n        if j == 1:\n            break\n"
        "        n += 1\nprint(n)",
        "3",
        "1",
    ),
    ("loop_else_always", "for i in range(3):\n    if i == 1:\n        break\nelse:\n    i = 9\nprint(i)", "1", "9"),
    (
        "return_keeps_looping",
        "def f(x):\n    for n in x:\n        if n > 1:\n            return n\n    return 0\nprint(f([1, 2, 3]))",
        "2",
        "3",
    ),
    ("range_grows", "x = [1, 2]\nfor i in range(len(x)):\n    if i < 4:\n        x.append(i)\nprint(len(x))", "4", "6"),
    ("sum_of_the_matches", "print(sum(n > 2 for n in [1, 3, 4]))", "2", "7"),
    ("elif_as_if", "n = 5\nif n > 3:\n    n = 1\nelif n > 0:\n    n = 8\nprint(n)", "1", "8"),
    ("if_as_elif", "n = 5\nif n > 3:\n    n = 1\nif n > 0:\n    n = 8\nprint(n)", "8", "1"),
    ("strict_as_loose", "print(1 if 3 > 3 else 2)", "2", "1"),
    ("loose_as_strict", "print(1 if 3 >= 3 else 2)", "1", "2"),
    ("or_before_and", "print(1 if 3 > 2 or 1 > 0 and 1 > 2 else 2)", "1", "2"),
    ("not_over_all", "print(1 if not 3 > 4 and 1 > 2 else 2)", "2", "1"),
    ("no_short_circuit", "x = [1, 2]\nif 1 > 0 or x.pop() > 0:\n    x.append(3)\nprint(*x)", "1 2 3", "1 3"),
    ("first_half_only", "print(1 if 2 < 5 < 4 else 2)", "2", "1"),
    ("remainder_means_divisible", "n = 6\nif n % 3:\n    n = 1\nprint(n)", "6", "1"),
    ("or_takes_the_last", "n = 4 % 3 or 7\nprint(n)", "1", "7"),
    (
        "default_case_too",
        "n = 1\nmatch n:\n    case 1:\n        n = 5\n    case _:\n        n = 9\nprint(n)",
        "5",
        "9",
    ),
    ("condition_for_one_term", "n = 2\nn = n + 1 if n > 3 else 5\nprint(n)", "5", "7"),
    ("alias_as_copy", "a = [1]\nb = a\nb.append(2)\nprint(*a)", "1 2", "1"),
    ("copy_as_alias", "a = [1]\nb = a[:]\nb.append(2)\nprint(*a)", "1", "1 2"),
    ("argument_as_copy", "def f(x):\n    x.append(2)\na = [1]\nf(a)\nprint(*a)", "1 2", "1"),
    ("plus_in_place", "a = [1]\nb = a + [2]\nprint(*a)", "1", "1 2"),
    ("repeated_list_as_many", "a = [[1]] * 2\na[0].append(2)\nprint(*a[1])", "1 2", "1"),
    ("each_thing_repeated", "a = [1, 2] * 2\nprint(*a)", "1 2 1 2", "1 1 2 2"),
    ("swap_in_turn", "a, b = 1, 2\na, b = b, a\nprint(a, b)", "2 1", "2 2"),
    ("division_rounds_up", "print(7 // 2)", "3", "4"),
    ("division_towards_zero", "print(-7 // 2)", "-4", "-3"),
    ("remainder_towards_zero", "print(-7 % 3)", "2", "-1"),
    ("remainder_as_quotient", "print(9 % 4)", "1", "2"),
    ("half_rounds_up", "print(round(5 / 2))", "2", "3"),
    ("change_term_by_term", "n = 9\nn -= 5 - 2\nprint(n)", "6", "2"),
    ("first_entry_stays", "d = {'a': 1, 'a': 2}\nprint(d['a'])", "2", "1"),
    ("entry_is_added", "d = {'a': 1}\nd['a'] = 3\nprint(d['a'])", "3", "4"),
    ("default_overlooked", "d = {}\nprint(d.get('a', 4))", "4", "0"),
    ("setdefault_sets", "d = {'a': 1}\nd.setdefault('a', 5)\nprint(d['a'])", "1", "5"),
    ("set_keeps_all", "print(len(set('aab')))", "2", "3"),
    ("either_as_any", "print(len(set('ab') ^ set('bc')))", "2", "3"),
    ("pop_takes_the_first", "a = [1, 2]\na.pop()\nprint(*a)", "1", "2"),
    ("pop_takes_the_last", "a = [1, 2]\na.pop(0)\nprint(*a)", "2", "1"),
    ("remove_takes_all", "a = [1, 2, 1]\na.remove(1)\nprint(*a)", "2 1", "2"),
    ("insert_puts_after", "a = [1, 2]\na.insert(0, 3)\nprint(*a)", "3 1 2", "1 3 2"),
    ("replace_takes_all", "print('aaa'.replace('a', 'b', 1))", "baa", "bbb"),
    ("replace_takes_one", "print('aaa'.replace('a', 'b'))", "bbb", "baa"),
    ("pieces_as_separators", "print(len('axbxc'.split('x')))", "3", "2"),
    ("key_overlooked", "print(max(['pink', 'red', 'white'], key=len))", "white", "white"),
    ("reverse_overlooked", "print(*sorted([1, 3, 2], reverse=True))", "3 2 1", "1 2 3"),
    ("minus_in_key_overlooked", "print(*sorted([1, 3, 2], key=lambda n: -n))", "3 2 1", "1 2 3"),
    ("words_by_length", "print(max(['red', 'green']))", "red", "green"),
    ("sorted_in_place", "a = [2, 1]\nb = sorted(a)\nprint(*a)", "2 1", "1 2"),
    ("default_made_anew", "def f(n, x=[]):\n    x.append(n)\n    return x\nf(1)\nprint(*f(2))", "1 2", "2"),
    ("default_always", "def f(n, k=1):\n    return n + k\nprint(f(1, 5))", "6", "2"),
    ("default_at_each_call", "n = 1\ndef f(k=n):\n    return k\nn = 5\nprint(f())", "1", "5"),
    ("local_as_global", "n = 1\ndef f():\n    n = 5\n    return n\nf()\nprint(n)", "1", "5"),
    (
        "nonlocal_starts_anew",
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n        return n\n    return g\n"
        "g = f()\ng()\nprint(g())",
        "2",
        "1",
    ),
    (
        "one_closure_for_all",
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n        return n\n    return g\n"
        "g = f()\nh = f()\ng()\nprint(h())",
        "1",
        "2",
    ),
    (
        "one_object_for_all",
        "class A:\n    def __init__(self):\n        self.n = 0\na = A()\nb = A()\na.n += 1\nprint(b.n)",
        "0",
        "1",
    ),
    (
        "class_list_for_each",
        "class A:\n    x = []\na, b = A(), A()\na.x.append(1)\nprint(len(b.x))",
        "1",
        "0",
    ),
    (
        "own_attribute_as_shared",
        "class A:\n    n = 5\n    def f(self):\n        self.n -= 1\nA().f()\nprint(A.n)",
        "5",
        "4",
    ),
    ("override_overlooked", "class A:\n    n = 1\nclass B(A):\n    n = 2\nprint(B().n)", "2", "1"),
    (
        "property_of_the_start",
        "class A:\n    def __init__(self):\n        self.n = 4\n    @property\n    def half(self):\n"
        "        return self.n // 2\na = A()\na.n += 4\nprint(a.half)",
        "4",
        "2",
    ),
    (
        "recursion_last",
        "x = []\ndef f(n):\n    if n:\n        f(n - 1)\n        x.append(n)\nf(2)\nprint(*x)",
        "1 2",
        "2 1",
    ),
]


@pytest.mark.parametrize(("name", "source", "right", "wrong"), TRAPS, ids=[case[0] for case in TRAPS])
def test_each_trap_is_the_misreading_that_it_says(name: str, source: str, right: str, wrong: str) -> None:
    readings = {reading.name: reading.source for reading in traps.misread(source)}
    truth, misread = sandbox.run([(source, ""), (readings[name], "")])
    assert (truth.output, misread.output) == (right, wrong)


def test_nearly_all_traps_have_a_case_worked_out_by_hand() -> None:
    assert len(set(traps.TRAPS) - {case[0] for case in TRAPS}) <= 6


# Data.


def test_productions_name_only_holes_that_something_fills() -> None:
    assert tables.unknown_holes({"do_row": ("$row.append($nothing)",)}) == ["$nothing in do_row"]
    with pytest.raises(ValidationError, match="begins no hole"):
        tables.Productions.model_validate({"do_row": ["$row.append($1)"]})


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("noun: cup,", "noun: unicorn,", "'unicorn' is no noun"),
        ("things: cups,", "things: print-out,", "cannot be a name"),
        ("things: cups,", "things: sorted,", "cannot be a name"),
        ("  tone: [", "  tune: [", "exactly these roles"),
        ("{line}` and draw", "line` and draw", "needs {program} and {line} once each"),
    ],
)
def test_a_bad_word_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "content.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RealUnifyError, match="content.yaml") as error:
        read(path, Content)
    assert problem in str(error.value)


# The sandbox.


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
        ("while True:\n    pass", "Stopped: runs too long"),
        ("10 ** 10 ** 9", "killed at a limit"),
        ("x = [0] * 10 ** 9", "MemoryError"),
        ("while True:\n    print('a' * 999)", "Stopped: prints too much"),
        ("class A:\n    pass\nA().__init__()", "refused: uses the name '__init__'"),
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
    assert sandbox.run([("print(len(input()))", "four")]) == [sandbox.Result("4", None, (0,))]


def test_sandbox_works_without_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.stop()
    monkeypatch.delattr(os, "fork")
    results = sandbox.run([("x = 1\nprint(x)", ""), ("print(x)", ""), ("while True:\n    pass", "")])
    assert [(r.output, r.error) for r in results] == [
        ("1", None),
        ("", "NameError: name 'x' is not defined"),
        ("", "Stopped: runs too long"),
    ]
    sandbox.stop()


def test_a_program_that_is_killed_takes_no_other_with_it() -> None:
    results = sandbox.run([("print(1)", ""), ("10 ** 10 ** 9", ""), ("print(3)", "")])
    assert [r.output for r in results] == ["1", "", "3"]


def test_reference_prompts_are_read_back() -> None:
    for scene in (
        Scene((Item(4, "green", "bell"), Item(3, "blue", "bell"))),
        Scene((Item(1, "red", "cup"), Item(1, "blue", "bowl")), "above"),
        Scene(tuple(Item(1, c, "key") for c in ("red", "blue", "red")), "row"),
    ):
        assert read_description(describe(scene, "on a plain white background")) == scene
    assert read_description("Seven boats.") is None


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
