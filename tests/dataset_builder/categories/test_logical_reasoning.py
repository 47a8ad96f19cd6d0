"""Logic puzzles: the constraint language by hand-made cases, the generator by its promises, the proof by forgeries."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dataset_builder.categories import inspect
from dataset_builder.categories import logical_reasoning as logic
from dataset_builder.categories.logical_reasoning.content import FILE, SCENARIOS, load
from dataset_builder.categories.logical_reasoning.language import Cast, Speaker
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.questions import Asked
from dataset_builder.categories.logical_reasoning.solver import TESTS, arrangements, change, changed, holds
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance

ROW: dict[str, Any] = {"a": 1, "b": 2, "c": 3, "d": 4}
GRID: dict[str, Any] = {"a": 1, "b": 2, "c": 3, "d": 4}
GONE: dict[str, Any] = {"a": 0, "b": 1, "c": 2}
STATES: dict[str, Any] = {"p1": "on", "p2": "off", "p3": "off", "p4": "on"}
NAMES = list(STATES)


@cache
def made(seed: int, n: int) -> tuple[Instance, ...]:
    return tuple(logic.make(seed, n))


CASES: list[tuple[list[Any], dict[str, Any], bool]] = [
    (["at", "a", 1], ROW, True),
    (["at", "a", 2], ROW, False),
    (["among", "d", [1, 4]], ROW, True),
    (["among", "c", [1, 4]], ROW, False),
    (["same", "p2", "p3"], STATES, True),
    (["same", "a", "a"], GONE, False),
    (["before", "a", "c"], ROW, True),
    (["before", "a", "c"], GONE, False),
    (["after", "a", "c"], ROW, False),
    (["after", "d", "c"], ROW, True),
    (["just_before", "a", "b"], ROW, True),
    (["just_before", "a", "c"], ROW, False),
    (["just_after", "c", "b"], ROW, True),
    (["just_after", "b", "c"], ROW, False),
    (["next", "c", "b"], ROW, True),
    (["next", "a", "d"], ROW, False),
    (["between", "b", "d", "a"], ROW, True),
    (["between", "a", "b", "c"], ROW, False),
    (["order", ["a", "b", "c", "d"]], ROW, True),
    (["order", ["b", "a", "c", "d"]], ROW, False),
    (["present", "a"], GONE, False),
    (["present", "b"], GONE, True),
    (["total", ["a", "b", "c"], 2], GONE, True),
    (["total", ["a", "b", "c"], 3], GONE, False),
    (["row", "c", 2, 2], GRID, True),
    (["row", "c", 1, 2], GRID, False),
    (["column", "d", 2, 2], GRID, True),
    (["column", "d", 1, 2], GRID, False),
    (["same_row", "a", "b", 2], GRID, True),
    (["same_row", "a", "c", 2], GRID, False),
    (["same_column", "a", "c", 2], GRID, True),
    (["same_column", "a", "d", 2], GRID, False),
    (["directly_above", "a", "c", 2], GRID, True),
    (["directly_above", "c", "a", 2], GRID, False),
    (["directly_left", "a", "b", 2], GRID, True),
    (["directly_left", "b", "c", 2], GRID, False),
    (["diagonal", "b", "c", 2], GRID, True),
    (["diagonal", "a", "b", 2], GRID, False),
    (["higher", "a", "d", 2], GRID, True),
    (["higher", "a", "b", 2], GRID, False),
    (["further_left", "c", "b", 2], GRID, True),
    (["further_left", "b", "d", 2], GRID, False),
    (["spread", ["a", "b", "c"], 3], {"a": 1, "b": 5, "c": 9}, True),
    (["spread", ["a", "b", "c"], 3], {"a": 1, "b": 5, "c": 8}, False),
    (["opposite", "a", "c"], ROW, True),
    (["opposite", "a", "d"], ROW, False),
    (["clockwise", "a", "d"], ROW, True),
    (["clockwise", "d", "a"], ROW, False),
    (["count", NAMES, "on", 2], STATES, True),
    (["count", NAMES, "on", 3], STATES, False),
    (["more", NAMES, "on", "off"], STATES, False),
    (["more", NAMES[1:3], "off", "on"], STATES, True),
    (["alternate", NAMES[:2]], STATES, True),
    (["alternate", NAMES], STATES, False),
    (["symmetric", NAMES], STATES, True),
    (["symmetric", NAMES[:3]], STATES, False),
    (["no_neighbours", NAMES, "on"], STATES, True),
    (["no_neighbours", NAMES, "off"], STATES, False),
    (["never_next", ["a", "c"]], ROW, True),
    (["never_next", ["a", "c", "d"]], ROW, False),
    (["marked", "m"], {"m": 1}, True),
    (["marked", "m"], {"m": 0}, False),
    (["only", ["m", "n"], ["n"]], {"m": 0, "n": 1}, True),
    (["only", ["m", "n"], ["n"]], {"m": 1, "n": 1}, False),
    (["marked_among", [["a", "m"], ["b", "n"]], [1]], {"a": 1, "b": 2, "m": 1, "n": 0}, True),
    (["marked_among", [["a", "m"], ["b", "n"]], [1]], {"a": 1, "b": 2, "m": 0, "n": 1}, False),
    (["all_wrong", [["a", "a"], ["b", "b"]]], {"a": "b", "b": "a"}, True),
    (["all_wrong", [["a", "a"], ["b", "b"]]], {"a": "a", "b": "b"}, False),
    (["ranks_above", "a", "b", ["low", "high"]], {"a": 2, "b": 1, "low": 1, "high": 2}, True),
    (["ranks_above", "b", "a", ["low", "high"]], {"a": 2, "b": 1, "low": 1, "high": 2}, False),
    (["not", ["at", "a", 1]], ROW, False),
    (["and", ["at", "a", 1], ["at", "b", 1]], ROW, False),
    (["or", ["at", "a", 1], ["at", "b", 1]], ROW, True),
    (["if", ["at", "a", 1], ["at", "b", 1]], ROW, False),
    (["if", ["at", "a", 2], ["at", "b", 1]], ROW, True),
    (["one_of", ["at", "a", 1], ["at", "b", 1]], ROW, True),
    (["one_of", ["at", "a", 1], ["at", "b", 2]], ROW, False),
]


@pytest.mark.parametrize(("condition", "arrangement", "expected"), CASES, ids=[str(c[0]) for c in CASES])
def test_a_condition_means_what_its_name_says(
    condition: list[Any], arrangement: dict[str, Any], expected: bool
) -> None:
    assert holds(condition, arrangement) is expected


def test_every_condition_has_a_true_and_a_false_case() -> None:
    seen = {(c[0][0], c[2]) for c in CASES}
    assert [(op, truth) for op in TESTS for truth in (True, False) if (op, truth) not in seen] == []


CHANGES: list[tuple[list[Any], dict[str, Any]]] = [
    (["swap", "a", "d"], {"a": 4, "b": 2, "c": 3, "d": 1}),
    (["swap_places", "a", "b"], {"a": 2, "b": 1, "c": 3, "d": 4}),
    (["remove", "b"], {"a": 1, "b": 0, "c": 2, "d": 3}),
    (["take", "b"], {"a": 1, "b": 0, "c": 3, "d": 4}),
    (["insert", "e", 1], {"a": 2, "b": 3, "c": 4, "d": 5, "e": 1}),
    (["move", "a", 4], {"a": 4, "b": 1, "c": 2, "d": 3}),
    (["move", "d", 1], {"a": 2, "b": 3, "c": 4, "d": 1}),
    (["replace", "c", "e"], {"a": 1, "b": 2, "c": 0, "d": 4, "e": 3}),
    (["set", "a", 9], {"a": 9, "b": 2, "c": 3, "d": 4}),
    (["map", "reverse", list(ROW), [[1, 4], [2, 3], [3, 2], [4, 1]]], {"a": 4, "b": 3, "c": 2, "d": 1}),
    (["when", ["at", "a", 1], ["swap", "a", "b"], ["swap", "c", "d"]], {"a": 2, "b": 1, "c": 3, "d": 4}),
    (["when", ["at", "a", 2], ["swap", "a", "b"], ["swap", "c", "d"]], {"a": 1, "b": 2, "c": 4, "d": 3}),
]


@pytest.mark.parametrize(("step", "expected"), CHANGES, ids=[str(c[0]) for c in CHANGES])
def test_a_change_does_what_its_name_says(step: list[Any], expected: dict[str, Any]) -> None:
    assert change(step, dict(ROW)) == expected


def test_what_stands_together_moves_together() -> None:
    paired: dict[str, Any] = {"bear": 1, "fox": 2, "red hat": 2, "blue hat": 1}
    assert changed([["swap_places", "bear", "fox"]], paired) == {"bear": 2, "fox": 1, "red hat": 1, "blue hat": 2}


def test_arrangements_are_all_of_them_and_each_once() -> None:
    variables: Any = {"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3], "s": ["on", "off"], "gone": [0]}
    found = list(arrangements(variables, [["a", "b", "c", "gone"]]))
    expected = [(*p, s) for p in itertools.permutations((1, 2, 3)) for s in ("on", "off")]
    assert sorted((a["a"], a["b"], a["c"], a["s"]) for a in found) == sorted(expected)
    assert all(a["gone"] == 0 for a in found)


def test_sentences_read_as_english() -> None:
    mugs = Speaker(SCENARIOS["mugs"], Cast(things=("red", "blue", "orange")))
    assert mugs.clause(["not", ["among", "red", [1, 3]]]) == "the red mug is not at either end"
    assert mugs.clause(["just_before", "red", "blue"]) == "the red mug is directly to the left of the blue one"
    assert mugs.question(["at", "red", 1], 1) == "Is the leftmost mug red?"
    assert mugs.change(["replace", "red", "orange"]) == "the red mug is replaced by an orange one"
    balls = Speaker(SCENARIOS["balls"], Cast(things=("red", "blue", "pink", "white")))
    assert balls.clause(["not", ["among", "red", [1, 4]]]) == "the red ball is neither the smallest nor the biggest"
    held = Speaker(SCENARIOS["balloons"], Cast(things=("red", "blue"), holders=("fox", "owl")))
    assert held.clause(["among", "red", ["fox", "owl"]]) == "the red balloon is held either by the fox or by the owl"
    hats = Speaker(SCENARIOS["hats_on_animals"], Cast(things=("fox", "owl", "pig"), second=("red", "blue", "pink")))
    assert hats.clause(["next", "fox", "red"]) == "the fox is right next to the animal in the red hat"
    assert hats.question(["same", "fox", "red"]) == "Is the fox wearing the red hat?"


def test_there_are_many_scenarios_each_said_in_several_ways() -> None:
    assert len(SCENARIOS) >= 28
    for scenario in SCENARIOS.values():
        assert len({phrasing.partition("{conditions}")[0] for phrasing in scenario.phrasings}) >= 3, scenario.name
        assert len(set(scenario.places)) >= 3, scenario.name


@pytest.mark.parametrize(("seed", "n"), [(0, 100), (1, 40)])
def test_every_instance_is_proven(seed: int, n: int) -> None:
    assert [problem for instance in made(seed, n) for problem in inspect(instance)] == []


def test_a_hundred_are_balanced_and_varied() -> None:
    instances = made(0, 100)
    assert [i.id for i in instances] == [f"ueg-logical_reasoning-{k:04d}" for k in range(1, 101)]
    assert Counter(i.subtask for i in instances) == dict(zip(logic.SUBTASKS, (34, 33, 33), strict=True))
    levels = Counter(i.difficulty for i in instances)
    assert min(levels[level] for level in ("easy", "medium", "hard")) >= 25
    assert len({i.meta["scenario"] for i in instances}) >= 28
    assert len({i.prompt for i in instances}) == 100
    assert {i.subtask for i in made(0, 100)[:10]} == set(logic.SUBTASKS)


def test_a_seed_is_a_function_and_a_twin_shares_nothing() -> None:
    assert [i.digest() for i in itertools.islice(logic.make(0, 100), 12)] == [i.digest() for i in made(0, 100)[:12]]
    prompts = [{i.prompt for i in made(seed, n)} for seed, n in ((0, 100), (1, 40))]
    assert not prompts[0] & prompts[1]


def test_prompts_are_short_and_whole() -> None:
    for instance in made(0, 100):
        prompt = instance.prompt or ""
        assert not set("{}[]_") & set(prompt), prompt
        assert len(prompt) < 640, prompt
        assert "  " not in prompt and prompt[0].isupper() and prompt.endswith("."), prompt
        for bad in (" a orange", " a apple", " an red", "is is", "not not", ", ,", ".."):
            assert bad not in prompt + (instance.reference_prompt or ""), prompt


def test_always_yes_and_drawing_the_order_of_mention_both_fail() -> None:
    for instance in made(0, 100):
        assert any(q.answer == "no" for q in instance.question_list)
        assert any(q.aspect == "foil" for q in instance.question_list)
        assert all((q.aspect == "foil") == (q.answer == "no") for q in instance.question_list)


def test_no_wrong_picture_passes_every_question() -> None:
    for instance in made(0, 100):
        puzzle = Puzzle.from_json(instance.meta["puzzle"])
        valid = puzzle.valid()
        wrong = [a for a in puzzle.possible() if a not in valid]
        asked = [Asked(**q) for q in instance.meta["questions"]]
        assert wrong
        assert not [a for a in wrong if all(holds(q.condition, a) == (q.answer == "yes") for q in asked)]


def test_the_proof_finds_questions_that_let_a_wrong_picture_pass() -> None:
    instance = next(i for i in made(0, 100) if len(i.question_list) == 4)
    kept = [i for i, q in enumerate(instance.question_list) if q.answer == "no"]
    kept += [i for i, q in enumerate(instance.question_list) if q.answer == "yes"][: 2 - len(kept)]
    fewer = _forged(
        instance,
        question_list=[instance.question_list[i] for i in kept],
        questions=[instance.meta["questions"][i] for i in kept],
    )
    assert any("would pass every question" in line for line in inspect(fewer))


def _forged(instance: Instance, **fields: Any) -> Instance:
    """The instance with a field of its record or of its puzzle replaced."""
    meta = instance.meta
    record = {k: v for k, v in fields.items() if k in Instance.model_fields}
    meta["puzzle"] |= {k: v for k, v in fields.items() if k in meta["puzzle"]}
    meta |= {k: v for k, v in fields.items() if k in meta}
    return instance.model_copy(update={"metadata": json.dumps(meta), **record})


def test_the_proof_finds_forgeries() -> None:
    explicit = next(i for i in made(0, 100) if i.subtask == logic.EXPLICIT and i.meta["valid_count"] == 1)
    puzzle = explicit.meta["puzzle"]
    assert inspect(explicit) == []
    forgeries = {
        "a condition dropped": {"conditions": puzzle["conditions"][1:], "variants": puzzle["variants"][1:]},
        "a condition twice": {
            "conditions": [*puzzle["conditions"], puzzle["conditions"][0]],
            "variants": [*puzzle["variants"], 0],
        },
        "another prompt": {"prompt": (explicit.prompt or "").replace("not ", "").replace("left", "right") + " "},
        "another reference": {"reference_prompt": "Draw anything."},
        "a wrong count": {"valid_count": 2},
        "a wrong arrangement": {"valid": [dict.fromkeys(explicit.meta["valid"][0], 1)]},
        "another level": {"difficulty": "hard" if explicit.difficulty != "hard" else "easy"},
        "an inference that is stated": {"inferred": [puzzle["conditions"][0]]},
    }
    for what, fields in forgeries.items():
        assert inspect(_forged(explicit, **fields)), what


def test_the_proof_finds_a_wrong_answer() -> None:
    for instance in made(0, 100)[:12]:
        questions = instance.meta["questions"]
        questions[0]["answer"] = {"yes": "no", "no": "yes"}[questions[0]["answer"]]
        assert any("in every valid arrangement" in line for line in inspect(_forged(instance, questions=questions)))


def test_the_proof_finds_a_rule_that_ranges_over_too_little() -> None:
    instance = next(i for i in made(0, 100) if any(c[0] == "count" for c in i.meta["puzzle"]["conditions"]))
    conditions = instance.meta["puzzle"]["conditions"]
    shorter = [[c[0], c[1][:-1], *c[2:]] if c[0] == "count" else c for c in conditions]
    assert any("ranges over" in line for line in inspect(_forged(instance, conditions=shorter)))


def test_the_proof_finds_places_counted_for_other_things() -> None:
    """After a thing is gone, "the rightmost" is another one: the words must be those of the picture."""
    instances = [i for i in made(0, 100) if i.subtask == logic.HYPOTHETICAL]
    instance = next(i for i in instances if any(s[0] == "remove" for s in i.meta["puzzle"]["changes"]))
    after = instance.meta["puzzle"]["after_cast"]
    forged = _forged(instance, after_cast=after | {"count": after["count"] + 1})
    assert any("speak of" in line for line in inspect(forged))


def test_the_proof_finds_a_change_that_does_something_else() -> None:
    instances = [i for i in made(0, 100) if i.subtask == logic.HYPOTHETICAL]
    instance = next(i for i in instances if any(s[0] == "map" for s in i.meta["puzzle"]["changes"]))
    changes = [[*s[:3], [[v, v] for v, _ in s[3]]] if s[0] == "map" else s for s in instance.meta["puzzle"]["changes"]]
    assert any("does not do what it says" in line for line in inspect(_forged(instance, changes=changes)))


def test_a_withheld_instance_is_a_problem_not_a_crash() -> None:
    (problem,) = inspect(made(0, 100)[0].model_copy(update={"metadata": None}))
    assert "no puzzle" in problem


BAD: list[tuple[str, str, str]] = [
    (
        "    layout: row\n    noun: mug\n",
        "    layout: rwo\n    noun: mug\n",
        "scenario 'mugs': no layout is called 'rwo'",
    ),
    ("    noun: mug\n", "    noum: mug\n", "scenarios: mugs: noum: Extra inputs are not permitted"),
    ("    noun: mug\n", "    noun: mug\n    noun: cup\n", "'noun' is there twice"),
    (
        "{n} mugs stand side by side {place}",
        "{n} mugs stand {plaice}",
        "scenarios: mugs: scene: '{n} mugs stand {plaice}'",
    ),
    (
        "Draw {n} mugs side by side {place}: {list}. {conditions}",
        "Draw {n} mugs.",
        "phrasing 'Draw {n} mugs.' needs {co",
    ),
    (
        "    things: colours\n    places: [on a wooden shelf",
        "    things: colors\n    places: [on a wooden shelf",
        "'colors'",
    ),
    ("    mark: a spoon inside\n    classes: [warm]", "    classes: [wram]", "mugs: no class is called 'wram'"),
    (
        "    values: [upside down, upright]",
        "    values: [on, off]",
        "scenarios: cups: values: 0: Input should be a valid string",
    ),
    (
        "    things: colours\n    places: [on a wooden shelf",
        "    things: [red]\n    places: [on a wooden shelf",
        "1 things",
    ),
    ('    take: "{x} is taken away"\n', "", "frames: changes: 'take' is missing"),
    ('    take: "{x} is taken away"', '    take: "{y} is taken away"', "'{y} is taken away' has {y}; known here: {x}"),
]


@pytest.mark.parametrize(("old", "new", "reason"), BAD, ids=[reason for _, _, reason in BAD])
def test_a_bad_entry_is_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path = tmp_path / "content.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RealUnifyError) as refused:
        load(path)
    assert reason in str(refused.value)
    assert str(refused.value).startswith("content.yaml: ") and "\n" not in str(refused.value)


def test_words_that_are_not_a_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "content.yaml"
    path.write_text("- mugs\n")
    with pytest.raises(RealUnifyError, match=r"content.yaml: needs lists, classes"):
        load(path)
