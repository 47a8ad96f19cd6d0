"""Mathematical reasoning: every instance proven, and the proof notices what is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from itertools import islice

import pytest

from dataset_builder.categories import mathematical_reasoning as category
from dataset_builder.categories.mathematical_reasoning.arithmetic import chance, evaluate
from dataset_builder.categories.mathematical_reasoning.content import stories
from dataset_builder.categories.mathematical_reasoning.scenario import numbers_in
from dataset_builder.categories.shared.scene import Item, Scene, answer
from dataset_builder.categories.shared.words import NOUNS
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import CATEGORIES


@pytest.fixture(scope="module")
def hundred() -> list[Instance]:
    return list(category.make(0, 100))


def altered(instance: Instance, **meta: object) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | meta)})


def test_every_instance_is_proven(hundred: list[Instance]) -> None:
    assert {i.id: category.inspect(i) for i in hundred if category.inspect(i)} == {}


def test_subtasks_levels_and_scenarios_are_balanced(hundred: list[Instance]) -> None:
    assert Counter(i.subtask for i in hundred) == dict.fromkeys(CATEGORIES[category.TASK_TYPE].subtask_names, 25)
    assert min(Counter(i.difficulty for i in hundred).values()) >= 25
    assert len({i.meta["scenario"] for i in hundred}) >= 28
    assert len({i.subtask for i in hundred[:10]}) == 4


def test_same_seed_same_instances_other_seed_others(hundred: list[Instance]) -> None:
    assert [i.digest() for i in category.make(0, 10)] == [i.digest() for i in hundred[:10]]
    others = {i.prompt for i in category.make(1, 100)}
    assert not others & {i.prompt for i in hundred}


def test_prompts_do_not_repeat_in_a_large_set() -> None:
    prompts = [i.prompt for i in islice(category.make(3, 100_000), 2000)]
    assert len(set(prompts)) == 2000


def test_every_scenario_has_three_phrasings_that_state_the_same_numbers() -> None:
    for scenario in stories():
        assert len(scenario.texts) >= 3, scenario.name
        for text in scenario.texts:
            assert numbers_in(re.sub(r"\{.+?\}", "", text)) == [], (
                f"{scenario.name} states a number that is not a placeholder"
            )


def test_no_constant_judge_passes(hundred: list[Instance]) -> None:
    for instance in hundred:
        assert {q.answer for q in instance.question_list} == {"yes", "no"}
        assert any(q.aspect == "foil" for q in instance.question_list)


def test_what_the_story_names_and_is_not_to_be_drawn_is_asked_for(hundred: list[Instance]) -> None:
    scenarios = {"between_neighbours", "coins_for_two_things", "balance_scale"}
    found = [instance for instance in hundred if instance.meta["scenario"] in scenarios]
    assert found
    for instance in found:
        (asked,) = [q for q in instance.question_list if q.question.startswith("Are there any ")]
        assert (asked.answer, asked.aspect) == ("no", "foil")


def test_where_a_question_stands_does_not_tell_its_answer(hundred: list[Instance]) -> None:
    firsts = Counter(i.question_list[0].answer for i in hundred)
    lasts = Counter(i.question_list[-1].answer for i in hundred)
    assert min(*firsts.values(), *lasts.values()) > 20


def test_prompts_read_as_english(hundred: list[Instance]) -> None:
    for instance in hundred:
        prompt = instance.prompt or ""
        assert "{" not in prompt and "  " not in prompt
        assert prompt[0].isupper() or prompt[0].isdigit()
        words = prompt.lower().replace(".", "").replace(",", "").split()
        for first, second in zip(words, words[1:], strict=False):
            if first in ("a", "an"):
                assert (first == "an") == (second[0] in "aeiou" and second != "one"), prompt


def test_proof_notices_another_number_in_the_prompt(hundred: list[Instance]) -> None:
    instance = hundred[0]
    prompt = f"{instance.prompt} There are 17 more."
    assert any("states" in p for p in category.inspect(instance.model_copy(update={"prompt": prompt})))


def test_proof_notices_a_wrong_scene_and_wrong_answers(hundred: list[Instance]) -> None:
    instance = hundred[0]
    draw = [item | {"count": item["count"] % 10 + 1} for item in instance.meta["draw"]]
    assert any("the relations give" in p for p in category.inspect(altered(instance, draw=draw)))
    flipped = [q.model_copy(update={"answer": "yes"}) for q in instance.question_list]
    assert any("says yes" in p for p in category.inspect(instance.model_copy(update={"question_list": flipped})))


def test_proof_notices_an_ambiguous_relation_and_a_wrong_step(hundred: list[Instance]) -> None:
    equations = next(i for i in hundred if i.subtask == "constraint_equations")
    loose = altered(equations, relations=equations.meta["relations"][:1])
    assert any("solutions" in p for p in category.inspect(loose))
    one = hundred[0]
    name = one.meta["steps"][0].split(" = ")[0]
    assert any("gives" in p for p in category.inspect(altered(one, steps=[f"{name} = 90 - 1"])))


def test_proof_notices_a_wrong_difficulty(hundred: list[Instance]) -> None:
    wrong = hundred[0].model_copy(update={"difficulty": "hard"})
    assert any("difficulty" in p for p in category.inspect(wrong))


def test_withheld_instance_cannot_be_proven(hundred: list[Instance]) -> None:
    assert category.inspect(hundred[0].model_copy(update={"metadata": None})) != []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Three trays of 12 buns", ["3", "12"]),
        ("three quarters of 8, then 2/5 and half", ["3/4", "8", "2/5", "1/2"]),
        ("40 per cent, twice as many, four times", ["2/5", "2", "4"]),
        ("Someone often weighs a stone", []),
    ],
)
def test_numbers_are_read_from_text(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == [Fraction(n) for n in numbers]


def test_relations_are_exact_and_hold_arithmetic_only() -> None:
    assert evaluate("n / 3 * 3 == n", {"n": Fraction(7)})
    assert chance(Fraction(3), Fraction(1)) == Fraction(3, 4)
    for text in ("__import__('os')", "n.denominator", "[n]", "n ** n", "'a'"):
        with pytest.raises(ValueError, match="arithmetic"):
            evaluate(text, {"n": Fraction(2)})


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("Are there exactly 3 red mice in the image?", "yes"),
        ("Are there exactly 4 mice in the image?", "yes"),
        ("Is there exactly 1 grey mouse in the image?", "yes"),
        ("Are there exactly 4 red mice in the image?", "no"),
        ("Are there any blue mice in the image?", "no"),
        ("Are all the mice in the image red?", "no"),
        ("Are there exactly 3 red unicorns in the image?", None),
        ("Is it a nice picture?", None),
    ],
)
def test_questions_are_answered_from_the_scene(question: str, reply: str | None) -> None:
    assert answer(question, Scene((Item(3, "red", "mouse"), Item(1, "grey", "mouse")))) == reply


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("strawberry", "strawberries"), ("key", "keys"), ("box", "boxes"), ("bench", "benches"), ("dress", "dresses"),
        ("mouse", "mice"), ("goose", "geese"), ("sheep", "sheep"), ("scarf", "scarves"), ("butterfly", "butterflies"),
        ("tomato", "tomatoes"), ("toy boat", "toy boats"), ("daisy", "daisies"), ("whistle", "whistles"),
    ],
)  # fmt: skip
def test_plurals(one: str, many: str) -> None:
    assert NOUNS[one].many == many
