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
pytestmark = pytest.mark.parametrize("category", sorted(LINES))


def words(text: str) -> set[str]:
    """Lower-case words with a possessive or plural ending cut off, so that 'penguins' is 'penguin'."""
    found = re.findall(r"[^\W_]+", re.sub(r"['’]s\b", "", text.casefold()))
    return {word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found}


def shared_words(line: AuthoredLine) -> set[str]:
    """Telling words of the subject that the prompt gives away."""
    return (words(line.subject) - FUNCTION_WORDS) & words(line.prompt)


def offenders(category: str, bad: Callable[[AuthoredLine], bool]) -> list[str]:
    return [f"{number}: {line.subject}" for number, line in enumerate(LINES[category], 1) if bad(line)]


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
    bad = {**good, "difficulty": "impossible"}
    text = "\n".join(json.dumps(line) for line in (good, bad)) + "\n"
    (tmp_path / "instances.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(RealUnifyError, match=rf"{category}/instances\.jsonl line 2: difficulty"):
        authored.Category(category, tmp_path).lines()


def test_leak_rule_tells_names_from_common_words(category: str) -> None:
    line = LINES[category][0]
    plain = {"prompt": "Emperor penguins, one after the other.", "subject": "the emperor's penguin"}
    assert shared_words(line.model_copy(update=plain)) == {"emperor", "penguin"}
    assert not shared_words(line.model_copy(update={**plain, "prompt": "The bird of the far south."}))
