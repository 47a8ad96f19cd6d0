"""Mathematical reasoning: every instance proven, no slip passes, and the proof notices what is wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import pytest

from dataset_builder import categories
from dataset_builder.categories import mathematical_reasoning as category
from dataset_builder.categories.mathematical_reasoning import work
from dataset_builder.categories.mathematical_reasoning.arithmetic import chance, evaluate, likelier, rarer
from dataset_builder.categories.mathematical_reasoning.content import stories, variants
from dataset_builder.categories.mathematical_reasoning.questions import PATTERNS
from dataset_builder.categories.mathematical_reasoning.slips import Plan, pictures
from dataset_builder.categories.mathematical_reasoning.wording import numbers_in
from dataset_builder.categories.shared.scene import Item, Scene, answer, described
from dataset_builder.categories.shared.words import NOUNS, clear
from dataset_builder.instance import Instance
from dataset_builder.taxonomy import CATEGORIES

SUBTASKS = CATEGORIES[category.TASK_TYPE].subtask_names


@pytest.fixture(scope="module")
def hundred() -> list[Instance]:
    return list(category.make(0, 100))


@pytest.fixture(scope="module")
def more(hundred: list[Instance]) -> list[Instance]:
    return [*hundred, *category.make(1, 100), *category.make(2, 100)]


def altered(instance: Instance, **meta: object) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | meta)})


def found(instance: Instance, part: str) -> bool:
    return any(part in problem for problem in category.inspect(instance))


def of(instances: list[Instance], story: str) -> Instance:
    return next(i for i in instances if i.meta["scenario"] == story)


# What the category promises.


def test_every_instance_is_proven(hundred: list[Instance]) -> None:
    assert {i.id: problems for i in hundred if (problems := category.inspect(i))} == {}
    assert category.solve(hundred[0]) == [q.answer for q in hundred[0].question_list]


def test_no_slip_passes(more: list[Instance]) -> None:
    for instance in more:
        slips = categories.slips(instance)
        assert len(slips) >= 2
        assert {"shallow", "one too many"} <= {slip.name for slip in slips}
        stored = [q.answer for q in instance.question_list]
        assert [slip.name for slip in slips if slip.answers == stored] == []


def test_subtasks_levels_and_stories_are_balanced(hundred: list[Instance]) -> None:
    assert Counter(i.subtask for i in hundred) == dict.fromkeys(SUBTASKS, 25)
    assert Counter(i.difficulty for i in hundred) == {"easy": 33, "medium": 33, "hard": 34}
    assert len({i.meta["scenario"] for i in hundred}) >= 65
    assert {i.difficulty for i in hundred if i.subtask == "constraint_equations"} == {"easy", "medium", "hard"}


def test_levels_are_cut_where_the_taxonomy_says(hundred: list[Instance]) -> None:
    told = [re.findall(r"\d+", text) for text in CATEGORIES[category.TASK_TYPE].difficulty]
    assert told == [[str(work.LARGEST_EASY)], [str(work.LARGEST_MEDIUM)], [str(work.LARGEST_MEDIUM + 1)]]
    by_level = {
        level: {i.meta["work"] for i in hundred if i.difficulty == level} for level in ("easy", "medium", "hard")
    }
    assert max(by_level["easy"]) == 3
    assert by_level["medium"] == {4}
    assert min(by_level["hard"]) == 5


def test_same_seed_same_instances_other_seed_others(hundred: list[Instance]) -> None:
    assert [i.digest() for i in category.make(0, 10)] == [i.digest() for i in hundred[:10]]
    others = {i.prompt for i in category.make(1, 100)}
    assert not others & {i.prompt for i in hundred}


def test_prompts_do_not_repeat_in_a_large_set() -> None:
    prompts = [i.prompt for i in islice(category.make(3, 100_000), 300)]
    assert len(set(prompts)) == 300


def erased(expression: str) -> str:
    return re.sub(r"\b(?!likelier|rarer|chance|min|max|whole)\w+", "_", expression)


def test_there_are_eighty_stories_of_fifty_shapes() -> None:
    assert len(stories()) >= 80
    assert len({tuple(sorted(map(erased, story.relations))) for story in stories()}) >= 50
    for subtask in SUBTASKS:
        assert Counter(s.subtask for s in stories())[subtask] >= 20


def skeleton(instance: Instance) -> str:
    """The story's sentences without numbers, names, colours and things."""
    nouns = "|".join(sorted({form for n in NOUNS.values() for form in (n.one, n.many)}, key=len, reverse=True))
    colours = "red|orange|yellow|green|blue|purple|pink|black|white|brown|grey"
    text = (instance.prompt or "").lower()
    text = re.sub(rf"\b(?:an? )?(?:{colours})\b", "", text)
    text = re.sub(rf"\b(?:{nouns})\b", "thing", text)
    text = re.sub(r"\d+(/\d+)?|\b(?:he|she|his|her)\b", "#", text)
    numbers = r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|one|quarters?|thirds?|fifths?|sixths?|sevenths?|eighths?)\b"  # noqa: E501
    return re.sub(r"\s+", " ", re.sub(numbers, "#", text))


def test_another_seed_tells_its_stories_otherwise(more: list[Instance]) -> None:
    first, second = ({skeleton(i) for i in more[start : start + 100]} for start in (0, 100))
    assert len(first & second) <= 5


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)
def test_every_way_to_tell_a_story_leaves_its_numbers_to_placeholders(story: Any) -> None:
    for text in (text for told in story.tell for text in variants(told)):
        plain = re.sub(r"\{.+?\}", "", text)
        assert numbers_in(plain) == []
        assert text.endswith(".")


def test_what_is_to_be_drawn_is_small_clear_and_not_in_the_prompt(more: list[Instance]) -> None:
    for instance in more:
        counts = [item["count"] for item in instance.meta["draw"]]
        assert 2 <= sum(counts) <= 8
        assert not set(counts) & set(numbers_in(instance.prompt or ""))
        assert "nothing else" in (instance.prompt or "")
        colours = [kind["colour"] for kind in instance.meta["kinds"]]
        assert len(colours) >= 2
        assert all(clear(one, other) for n, one in enumerate(colours) for other in colours[n + 1 :])


def test_no_picture_is_the_usual_answer(more: list[Instance]) -> None:
    pictures_shown = Counter(tuple(sorted(item["count"] for item in i.meta["draw"])) for i in more)
    assert pictures_shown.most_common(1)[0][1] <= 0.12 * len(more)


def test_a_removal_always_changes_the_colour(more: list[Instance]) -> None:
    tried = {"likeliest_after_removal", "rarer_after_an_exchange", "likeliest_after_painting", "rarest_of_three"}
    chosen = [instance for instance in more if instance.meta["scenario"] in tried]
    assert len(chosen) >= 8
    for instance in chosen:
        (shown,) = instance.meta["draw"]
        before = [n for n, count in enumerate(instance.meta["shallow_counts"]) if count]
        assert [instance.meta["kinds"][n]["colour"] for n in before] != [shown["colour"]]


def test_questions_tell_nothing_by_themselves(more: list[Instance]) -> None:
    patterns = Counter("".join(str(q.answer)[0] for q in i.question_list) for i in more)
    assert set(patterns) == set(PATTERNS)
    assert max(patterns.values()) <= 0.12 * len(more)
    asked = [q for i in more for q in i.question_list]
    assert 0.47 <= sum(q.answer == "no" for q in asked) / len(asked) <= 0.53
    for words in (" exactly ", " more than ", " fewer than ", " any ", " all "):
        share = [q.answer == "no" for q in asked if words in q.question]
        assert len(share) > 50
        assert 0.4 <= sum(share) / len(share) <= 0.6, words


def test_wrong_counts_lie_above_and_below_equally_often(more: list[Instance]) -> None:
    above = Counter[bool]()
    for instance in more:
        scene = Scene.from_metadata(instance.meta)
        for q in instance.question_list:
            if (
                match := re.fullmatch(r"(?:Is|Are) there exactly (\d+) (.+) in the image\?", q.question)
            ) and q.answer == "no":
                number = next(n for n in range(20) if answer(q.question.replace(match[1], str(n), 1), scene) == "yes")
                above[int(match[1]) > number] += 1
    assert 0.4 <= above[True] / above.total() <= 0.6


def test_prompts_read_as_english(more: list[Instance]) -> None:
    for instance in more:
        prompt = instance.prompt or ""
        assert not set("{}[]|") & set(prompt) and "  " not in prompt
        assert prompt[0].isupper() or prompt[0].isdigit()
        words = prompt.lower().replace(".", "").replace(",", "").split()
        for first, second in pairwise(words):
            if first in ("a", "an"):
                assert (first == "an") == (second[0] in "aeiou" and second != "one"), prompt


# What the proof notices.


def test_proof_notices_another_number_in_the_prompt(hundred: list[Instance]) -> None:
    instance = hundred[0]
    assert found(instance.model_copy(update={"prompt": f"{instance.prompt} There are 17 more."}), "the prompt states")


def test_proof_notices_a_wrong_scene_and_wrong_answers(hundred: list[Instance]) -> None:
    instance = hundred[0]
    draw = [item | {"count": item["count"] % 8 + 1} for item in instance.meta["draw"]]
    assert found(altered(instance, draw=draw), "the relations give")
    flipped = [q.model_copy(update={"answer": "yes"}) for q in instance.question_list]
    assert found(instance.model_copy(update={"question_list": flipped}), "says yes")


def test_proof_notices_an_ambiguous_relation_and_a_wrong_step(hundred: list[Instance]) -> None:
    equations = next(i for i in hundred if i.subtask == "constraint_equations")
    assert found(altered(equations, relations=equations.meta["relations"][:1]), "solutions")
    name = hundred[0].meta["steps"][0].split(" = ")[0]
    assert found(altered(hundred[0], steps=[f"{name} = 90 - 1", *hundred[0].meta["steps"][1:]]), "gives")


def test_proof_notices_what_is_computed_for_nothing(hundred: list[Instance]) -> None:
    steps = [*hundred[0].meta["steps"], f"idle = {hundred[0].meta['stated'][0][0]} + 1"]
    assert found(altered(hundred[0], steps=steps), "'idle' is told or computed for nothing")


def test_proof_notices_a_wrong_level_and_wrong_work(hundred: list[Instance]) -> None:
    easy = next(i for i in hundred if i.difficulty == "easy")
    assert found(easy.model_copy(update={"difficulty": "hard"}), "difficulty hard does not fit")
    assert found(altered(easy, work=9), "the metadata says 9")


def test_proof_notices_an_answer_that_the_prompt_states(hundred: list[Instance]) -> None:
    instance = hundred[0]
    count = instance.meta["draw"][0]["count"]
    assert found(instance.model_copy(update={"prompt": f"{instance.prompt} Make it {count}."}), "to be drawn")


def test_proof_notices_a_prompt_that_leaves_room_for_more(hundred: list[Instance]) -> None:
    prompt = (hundred[0].prompt or "").replace("nothing else", "a frame")
    assert found(hundred[0].model_copy(update={"prompt": prompt}), "nothing else is to be drawn")


def test_proof_notices_colours_that_look_alike(hundred: list[Instance]) -> None:
    kinds = [
        kind | {"colour": colour} for kind, colour in zip(hundred[0].meta["kinds"], ("red", "orange"), strict=False)
    ]
    assert found(altered(hundred[0], kinds=kinds), "hard to tell apart")


def test_proof_notices_a_crowd(hundred: list[Instance]) -> None:
    draw = [item | {"count": 9} for item in hundred[0].meta["draw"]]
    assert found(altered(hundred[0], draw=draw), "more than 8 things")


def test_proof_notices_a_slip_that_passes(hundred: list[Instance]) -> None:
    """Questions that only ask which kinds are there let every wrong count through."""
    instance = of(hundred, "two_ponds")
    first, second = (NOUNS[kind["noun"]].many for kind in instance.meta["kinds"])
    colours = [kind["colour"] for kind in instance.meta["kinds"]]
    texts = [f"Are there any {colours[0]} {first} in the image?", f"Are there any {colours[1]} {second} in the image?"]
    asked = [
        q.model_copy(update={"question": text, "answer": "yes"})
        for q, text in zip(instance.question_list, texts, strict=False)
    ]
    none = instance.question_list[0].model_copy(
        update={"question": f"Are there more than 8 {colours[0]} {first} in the image?"}
    )
    forged = instance.model_copy(update={"question_list": [*asked, none.model_copy(update={"answer": "no"})]})
    assert found(forged, "a picture of the slip 'one too many' passes every question")


def test_proof_notices_a_foil_that_the_shallow_picture_does_not_show(hundred: list[Instance]) -> None:
    asked = [q.model_copy(update={"aspect": "foil"}) if q.aspect != "foil" else q for q in hundred[0].question_list]
    assert found(hundred[0].model_copy(update={"question_list": asked}), "the shallow picture answers its foils")


def test_proof_notices_a_question_that_can_be_dropped(hundred: list[Instance]) -> None:
    """Who has counted exactly three need not be asked whether there are fewer than four."""
    form = r"Are there exactly (\d+) (.+) in the image\?"
    sure, instance = next(
        (q, i) for i in hundred for q in i.question_list if q.answer == "yes" and re.fullmatch(form, q.question)
    )
    count, things = re.findall(form, sure.question)[0]
    follows = sure.model_copy(update={"question": f"Are there fewer than {int(count) + 1} {things} in the image?"})
    foil = next(q for q in instance.question_list if q.aspect == "foil")
    forged = instance.model_copy(update={"question_list": [sure, follows, foil]})
    assert found(forged, f"'{follows.question}' follows from the other questions")


def test_proof_notices_a_reference_that_shows_something_else(hundred: list[Instance]) -> None:
    instance = hundred[0]
    wrong = re.sub(r"^\w+", lambda m: "One" if m[0] != "One" else "Two", instance.reference_prompt or "")
    assert found(instance.model_copy(update={"reference_prompt": wrong}), "the reference prompt shows")
    assert found(instance.model_copy(update={"reference_prompt": "A nice picture."}), "cannot be read")


def test_withheld_instance_cannot_be_proven(hundred: list[Instance]) -> None:
    assert category.inspect(hundred[0].model_copy(update={"metadata": None})) != []


# The parts, by numbers worked out by hand.


def test_slips_of_a_small_story() -> None:
    """Seven cups, two break; of five bowls one: 5 cups and 4 bowls are left."""
    stated = {"n": Fraction(7), "k": Fraction(2), "m": Fraction(5), "j": Fraction(1)}
    plan = Plan(stated, ("a = n - k", "b = m - j"), ("a + k == n", "b + j == m"), ("a", "b"), 1, (7, 5, 0))
    told = pictures(plan)
    assert ("shallow", (7, 5, 0)) in told
    assert ("skipped: a = n - k", (7, 4, 0)) in told
    assert ("turned round: a = n - k", (9, 4, 0)) in told
    assert ("copied: k", (2, 4, 0)) in told
    assert ("one too many", (6, 4, 0)) in told
    assert ("one too few", (5, 3, 0)) in told
    assert ("exchanged", (4, 5, 0)) in told
    assert ("one kind left out", (0, 4, 0)) in told
    assert ("one kind too many", (5, 4, 1)) in told
    assert ("as many as usual", (3, 3, 0)) in told
    assert all(picture != (5, 4, 0) for _, picture in told)


def test_slips_of_a_choice_show_the_other_kind() -> None:
    """Eight less five and six less one: three against five, so the second kind is likelier."""
    stated = {"a": Fraction(8), "b": Fraction(6), "k": Fraction(5), "j": Fraction(1)}
    steps = ("p = a - k", "q = b - j", "x = likelier(p, q)", "y = likelier(q, p)")
    told = dict(pictures(Plan(stated, steps, (), ("x", "y"), 0, (3, 0))))
    assert told["all kinds, likely or not"] == (3, 5)
    assert told["the other kind"] == (3, 0)
    assert told["skipped: p = a - k"] == (8, 0)


def test_slips_of_equations_fit_all_statements_but_one() -> None:
    plan = Plan(
        {"n": Fraction(7), "m": Fraction(20)},
        ("t = 2 * n", "e = m - t", "y = e / 2", "x = n - y"),
        ("x + y == n", "2 * x + 4 * y == m"),
        ("x", "y"),
        0,
        (5, 2),
    )
    ignored = {picture for name, picture in pictures(plan) if name == "ignored: 2 * x + 4 * y == m"}
    assert ignored == {(1, 6), (2, 5), (3, 4), (5, 2), (6, 1)}  # the truth is 4 and 3
    other = {picture for name, picture in pictures(plan) if name == "ignored: x + y == n"}
    assert other == {(2, 4), (6, 2), (8, 1)}


def test_work_counts_operations_and_unknowns_solved_together() -> None:
    assert work.work_of(["a = n - k"], ["a + k == n"], ["n", "k"]) == 1
    steps = ["twice = n - m", "y = twice / 2", "x = n - y"]
    assert work.work_of(steps, ["x + y == n", "x - y == m"], ["n", "m"]) == 4
    assert work.together(["x + y == n", "y == m"], ["n", "m"]) == set()
    assert [work.level_of(n) for n in (2, 3, 4, 5, 8)] == ["easy", "easy", "medium", "hard", "hard"]


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
    assert evaluate("n + 1 / 3", {"n": Fraction(1)}) == Fraction(4, 3)
    assert chance(Fraction(3), Fraction(1)) == Fraction(3, 4)
    assert chance(Fraction(-1), Fraction(4)) == chance(Fraction(0), Fraction(0)) == -1
    assert [likelier(Fraction(a), Fraction(3)) for a in (2, 3, 4)] == [0, 0, 4]
    assert [rarer(Fraction(a), Fraction(3)) for a in (2, 3, 4)] == [2, 0, 0]
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
        ("Are there more than 2 red mice in the image?", "yes"),
        ("Are there more than 3 red mice in the image?", "no"),
        ("Is there more than 1 grey mouse in the image?", "no"),
        ("Are there fewer than 4 red mice in the image?", "yes"),
        ("Are there fewer than 3 red mice in the image?", "no"),
        ("Are there more red mice than grey mice in the image?", "yes"),
        ("Are there more grey mice than red mice in the image?", "no"),
        ("Are there exactly 3 red unicorns in the image?", None),
        ("Are there more red unicorns than grey mice in the image?", None),
        ("Is it a nice picture?", None),
    ],
)
def test_questions_are_answered_from_the_scene(question: str, reply: str | None) -> None:
    assert answer(question, Scene((Item(3, "red", "mouse"), Item(1, "grey", "mouse")))) == reply


def test_a_description_is_read_again() -> None:
    text = "Three red apples, one black bell and two white T-shirts on pale sand, and nothing else."
    assert described(text) == Scene((Item(3, "red", "apple"), Item(1, "black", "bell"), Item(2, "white", "T-shirt")))
    assert described("Three red unicorns on pale sand, and nothing else.") is None
    assert described("Three red apples on pale sand.") is None


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
