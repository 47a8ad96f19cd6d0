"""The hand-written categories: what every line must satisfy whatever it is about."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from dataset_builder import categories
from dataset_builder.categories.shared import authored
from dataset_builder.categories.shared.authored import AuthoredLine
from dataset_builder.errors import RealUnifyError
from dataset_builder.taxonomy import CATEGORIES, INSTANCES_PER_CATEGORY

AUTHORED = [category.name for category in CATEGORIES.values() if category.source == "authored"]
FOLDER = Path(categories.__file__).parent
LINES = {
    path.parent.name: authored.Category(path.parent.name, path.parent).lines()
    for path in sorted(FOLDER.glob("*/instances.jsonl"))
}
# Words that say nothing about which thing is meant. 'Out', 'down' or 'two' are not among them: they tell an outcome.
FUNCTION_WORDS = frozenset("a an the of at in on by to from with and or for its their his her is are".split())
# A judge sees pixels: nothing that must be looked up, felt, heard or known from the prompt.
INVISIBLE = re.compile(
    r"\b(why|because|invented|discovered|named after|native to|famous|traditional|prompt|described|mentioned|"
    r"correct|accurate|realistic|supposed|expected|century|smells?|tastes?|sounds? like|temperature of|"
    r"heav(?:y|ier) than|national|capital of)\b",
    re.IGNORECASE,
)


def words(text: str) -> set[str]:
    """Lower-case words with a possessive or plural ending cut off, so that 'penguins' is 'penguin'."""
    found = re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", text.casefold()))
    return {word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found}


def shared_words(line: AuthoredLine) -> set[str]:
    """Telling words of the subject that the prompt gives away."""
    return (words(line.subject) - FUNCTION_WORDS) & words(line.prompt)


def offenders(category: str, bad: Callable[[AuthoredLine], bool]) -> list[str]:
    return [f"{number}: {line.subject}" for number, line in enumerate(LINES[category], 1) if bad(line)]


@pytest.fixture(params=sorted(LINES))
def category(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def repeated(values: list[str]) -> list[str]:
    return [value for value, times in Counter(value.casefold() for value in values).items() if times > 1]


def test_belongs_to_an_authored_category_and_is_complete(category: str) -> None:
    assert category in AUTHORED
    assert len(LINES[category]) >= INSTANCES_PER_CATEGORY


def test_subtasks_are_the_taxonomys_and_none_is_thin(category: str) -> None:
    names = CATEGORIES[category].subtask_names
    counts = Counter(line.subtask for line in LINES[category])
    assert set(counts) == set(names)
    assert min(counts.values()) >= (20 if len(names) <= 5 else 14), counts


def test_levels_are_balanced(category: str) -> None:
    counts = Counter(line.difficulty for line in LINES[category])
    assert min(counts[level] for level in ("easy", "medium", "hard")) >= 20, counts


def test_nothing_is_written_twice(category: str) -> None:
    lines = LINES[category]
    assert repeated([line.subject for line in lines]) == []
    assert repeated([line.prompt for line in lines]) == []
    assert repeated([line.reference_prompt for line in lines]) == []
    assert repeated([line.rationale for line in lines]) == []


def test_prompts_do_not_give_the_answer(category: str) -> None:
    """A thing to be named shares no word with its prompt; an outcome is not spelled out in it.

    In the reasoning categories the subject labels the set-up, which the prompt has to name, so there the
    rule is that the reference prompt has words for the outcome that the prompt lacks.
    """
    if category == "world_knowledge":
        assert offenders(category, lambda line: bool(shared_words(line))) == []

    def spelled_out(line: AuthoredLine) -> bool:
        return len(words(line.reference_prompt) - FUNCTION_WORDS - words(line.prompt)) < 2

    assert offenders(category, spelled_out) == []


def test_prompts_are_short_and_whole_sentences(category: str) -> None:
    limit = 40 if category == "world_knowledge" else 60
    assert offenders(category, lambda line: len(line.prompt.split()) > limit) == []
    assert offenders(category, lambda line: line.prompt.strip() != line.prompt or line.prompt[-1] not in ".?!") == []


def test_prompts_do_not_share_one_opening(category: str) -> None:
    """Lines that all begin alike would be one template filled in a hundred times."""
    openings = Counter(" ".join(line.prompt.split()[:2]).casefold() for line in LINES[category])
    assert openings.most_common(1)[0][1] <= 10, openings.most_common(3)
    assert sum(line.prompt.startswith("Draw ") for line in LINES[category]) <= 20


def test_an_always_yes_and_an_always_no_judge_score_nothing(category: str) -> None:
    answers = {number: {q.answer for q in line.question_list} for number, line in enumerate(LINES[category], 1)}
    assert [number for number, given in answers.items() if given != {"yes", "no"}] == []


def test_every_line_has_a_foil_and_every_foil_is_a_no(category: str) -> None:
    def badly_foiled(line: AuthoredLine) -> bool:
        foils = [q.answer for q in line.question_list if q.aspect == "foil"]
        return not foils or set(foils) != {"no"}

    assert offenders(category, badly_foiled) == []
    assert offenders(category, lambda line: any(q.aspect is None for q in line.question_list)) == []


def test_questions_are_polar_and_distinct(category: str) -> None:
    polar = re.compile(r"(Is|Are|Does|Do|Has|Have|Can)\b.*\?$|.*\b(is|are|does|do|has|have)\b.*\?$")
    assert offenders(category, lambda line: any(not polar.match(q.question) for q in line.question_list)) == []
    assert offenders(category, lambda line: bool(repeated([q.question for q in line.question_list]))) == []
    assert offenders(category, lambda line: any(q.question.count("?") != 1 for q in line.question_list)) == []


def test_questions_ask_for_what_can_be_seen(category: str) -> None:
    assert offenders(category, lambda line: any(INVISIBLE.search(q.question) for q in line.question_list)) == []


NEGATED = re.compile(
    r"\b(not|no|never|without|absent|missing|lacks?|no longer|nothing|nobody|neither|nor)\b|n't\b", re.IGNORECASE
)
PRONOUN = re.compile(r"\b(it|its|they|them|their|he|him|his|she|her|hers|this|these|those)\b", re.IGNORECASE)
NOUN_BEFORE = re.compile(r"\b(?:the|a|an|each|one|every|two|three|four|any|all|some|both)\s+[a-z]", re.IGNORECASE)


def test_questions_are_not_negated(category: str) -> None:
    assert offenders(category, lambda line: any(NEGATED.search(q.question) for q in line.question_list)) == []


def test_questions_stand_alone(category: str) -> None:
    """A judge sees one question at a time: a pronoun comes after a noun of the same question."""

    def hangs(question: str) -> bool:
        pronoun = PRONOUN.search(question)
        return pronoun is not None and not NOUN_BEFORE.search(question[: pronoun.start()])

    assert offenders(category, lambda line: any(hangs(q.question) for q in line.question_list)) == []


def test_half_of_the_answers_are_no_and_every_pattern_is_as_frequent(category: str) -> None:
    lines = LINES[category]
    answers = [q.answer for line in lines for q in line.question_list]
    assert 0.45 <= answers.count("no") / len(answers) <= 0.55
    patterns = Counter("".join(str(q.answer)[0] for q in line.question_list) for line in lines)
    for length, kinds in ((3, 6), (4, 14)):
        counts = [count for pattern, count in patterns.items() if len(pattern) == length]
        assert len(counts) == kinds
        assert max(counts) <= 2 * sum(counts) / kinds, patterns


def test_left_and_right_are_right_equally_often(category: str) -> None:
    """Whoever always says yes to left (or to right) is right no more often than by three standard errors."""
    for side in ("left", "right"):
        asked = [q.answer for line in LINES[category] for q in line.question_list if side in words(q.question)]
        wrong = abs(asked.count("yes") - len(asked) / 2)
        assert wrong <= 3 * (len(asked) / 4) ** 0.5, (side, Counter(asked))


def test_no_region_has_more_than_its_share() -> None:
    regions = Counter(line.region for line in LINES["world_knowledge"])
    assert max(count for region, count in regions.items() if region != "worldwide") <= 18, regions
    assert regions["worldwide"] <= 18, regions
    assert min(regions[r] for r in ("south_asia", "arab_world", "iran_turkey_central_asia", "west_africa")) >= 6
    places = Counter(line.region for line in LINES["commonsense_reasoning"])
    assert sum(n for r, n in places.items() if r not in ("europe", "north_america", "worldwide")) >= 30


def test_many_prompts_run_against_the_default(category: str) -> None:
    hard = [line for line in LINES[category] if line.facts >= 2 or line.default == "strong"]
    assert len(hard) >= 40


@pytest.mark.parametrize(
    ("facts", "default", "level"),
    [(1, "none", "easy"), (1, "weak", "easy"), (2, "none", "easy"), (1, "strong", "medium"), (2, "weak", "medium"),
     (3, "none", "medium"), (2, "strong", "hard"), (3, "weak", "hard"), (3, "strong", "hard")],
)  # fmt: skip
def test_the_level_follows_from_facts_and_default(facts: int, default: authored.Default, level: str) -> None:
    assert authored.level_of(facts, default) == level


def test_makes_instances_that_keep_their_numbers(category: str) -> None:
    everything = {instance.id: instance for instance in categories.make(category, 0, 10_000)}
    assert len(everything) == len(LINES[category])
    few = list(categories.make(category, 0, len(CATEGORIES[category].subtasks)))
    assert {instance.subtask for instance in few} == set(CATEGORIES[category].subtask_names)
    for instance in few:
        assert instance == everything[instance.id]
        assert instance.provenance == "authored"
        assert instance.prompt is not None and instance.prompt in (instance.new_prompt or "")


def test_a_bad_line_is_named(category: str, tmp_path: Path) -> None:
    good = LINES[category][0].model_dump()
    bad = {**good, "default": "impossible"}
    text = "\n".join(json.dumps(line) for line in (good, bad)) + "\n"
    (tmp_path / "instances.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(RealUnifyError, match=rf"{category}/instances\.jsonl line 2: default"):
        authored.Category(category, tmp_path).lines()


def test_leak_rule_tells_names_from_common_words(category: str) -> None:
    line = LINES[category][0]
    plain = {"prompt": "Emperor penguins, one after the other.", "subject": "the emperor's penguin"}
    assert shared_words(line.model_copy(update=plain)) == {"emperor", "penguin"}
    assert not shared_words(line.model_copy(update={**plain, "prompt": "The bird of the far south."}))
