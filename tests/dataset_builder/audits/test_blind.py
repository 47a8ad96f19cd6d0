"""Guessing polling answers from their wording and place: the reader, the rules of structure, and slips."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dataset_builder import categories
from dataset_builder.audits import blind, slips, work
from dataset_builder.audits._rule import Seen
from dataset_builder.audits.shortcuts import tail
from dataset_builder.audits.wording import Reader, features, fit
from dataset_builder.categories import Slip
from dataset_builder.instance import Instance, Question
from tests.dataset_builder import made

THINGS = [f"{size} {colour} {thing}" for size in ("big", "small") for colour in ("red", "blue", "green", "white")
          for thing in ("cup", "boat", "hat", "lamp", "book", "key", "coat", "bowl", "drum")]  # fmt: skip


def asked(question: str, answer: str) -> Question:
    return Question(question=question, answer=answer, aspect="foil" if answer == "no" else "subject")


def fair(number: int, count: int = 3) -> Instance:
    """Questions whose answers have nothing to do with their words or places."""
    rng = random.Random(number)
    answers = rng.choice([p for p in (format(n, f"0{count}b") for n in range(1, 2**count - 1))])
    questions = [asked(f"Is there a {rng.choice(THINGS)} {n}?", "no" if bit == "1" else "yes")
                 for n, bit in enumerate(answers)]  # fmt: skip
    return made.ueg("world_knowledge", number, question_list=questions)


def leaky(number: int) -> Instance:
    """Today's fault: the foils only deny, and every foil says 'both' or 'any'."""
    instance = fair(number)
    questions = [
        q if q.answer == "yes" else q.model_copy(update={"question": q.question.replace("Is there a", "Are both the")})
        for q in instance.question_list
    ]
    return instance.model_copy(update={"question_list": questions})


def found(instances: list[Instance]) -> dict[str, str]:
    return {line.split(":")[0]: line for _, line, _ in blind.blind([Seen(instance) for instance in instances])}


def test_fair_questions_tell_nothing() -> None:
    assert found([fair(number) for number in range(1, 101)]) == {}


def test_a_word_that_only_noes_have_is_found() -> None:
    problems = found([leaky(number) for number in range(1, 101)])
    assert "100 of 100 instances guessed whole" in problems["blind reader"]


@pytest.mark.parametrize(
    ("rule", "order"),
    [("last is no", ("yes", "yes", "no")), ("first is no", ("no", "yes", "yes")),
     ("last two are no", ("yes", "no", "no"))],
)  # fmt: skip
def test_a_fixed_place_is_found(rule: str, order: tuple[str, ...]) -> None:
    rows = []
    for number in range(1, 61):
        rng = random.Random(number)
        rows.append(
            made.ueg(
                "world_knowledge",
                number,
                question_list=[asked(f"Is there a {rng.choice(THINGS)}?", answer) for answer in order],
            )
        )
    assert "60 of 60 instances guessed whole" in found(rows)[rule]


def test_words_and_numbers_are_rules() -> None:
    instance = made.ueg(
        "world_knowledge",
        1,
        prompt="Draw 5 cups.",
        question_list=[
            asked("Are there any hats?", "no"),
            asked("Are all the cups red?", "yes"),
            asked("Are there exactly 7 cups?", "yes"),
            asked("Are there exactly 5 cups?", "no"),
        ],
    )
    assert blind.STRUCTURE["any is no"](instance) == [True, False, False, False]
    assert blind.STRUCTURE["all and both are yes"](instance) == [True, False, True, True]
    assert blind.STRUCTURE["largest candidate"](instance) == [False, False, True, False]
    assert blind.STRUCTURE["number from the prompt"](instance) == [False, False, False, True]


def test_chance_keeps_the_base_rate() -> None:
    """Nine of twelve answers are no, so a guess of `no, no, yes` comes out with 3/4 x 3/4 x 1/4."""
    rows = [
        made.ueg("world_knowledge", n, question_list=[asked(f"Is a {n}?", "no"), asked(f"Is b {n}?", "no"),
                 asked(f"Is c {n}?", "no" if n == 4 else "yes")])
        for n in range(1, 5)
    ]  # fmt: skip
    hits = blind.measure(lambda instance: [True, True, False], rows)
    assert (hits.n, hits.hits) == (4, 3)
    assert hits.chance == pytest.approx((3 * (3 / 4) ** 2 * (1 / 4) + (3 / 4) ** 3) / 4)
    assert hits.p == pytest.approx(tail([(3 / 4) ** 2 * (1 / 4)] * 3 + [(3 / 4) ** 3], 3))


def test_a_guess_is_never_constant() -> None:
    rows = fair(1)
    yes, no = Reader(-9.0, {}), Reader(9.0, {})
    assert sum(blind.by_likelihood(yes, rows)) == 1
    assert sum(blind.by_likelihood(no, rows)) == len(rows.question_list) - 1


def test_the_fit_is_the_ridge_regression_of_sklearn() -> None:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rng = random.Random(4)
    places = [(f"Is the {rng.choice(THINGS)} here?", n % 3, 3) for n in range(200)]
    noes = ["red" in question or rng.random() < 0.2 for question, *_ in places]
    reader = fit(places, noes, ridge=2.0)
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([dict(features(place)) for place in places])
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=5000).fit(matrix, noes)
    mine = [reader.likelihood(*place) for place in places]
    assert np.allclose(mine, theirs.predict_proba(matrix)[:, 1], atol=2e-3)


def rule_of(instance: Instance, monkeypatch: pytest.MonkeyPatch, *offered: Slip) -> list[str]:
    monkeypatch.setattr(categories, "slips", lambda _: list(offered))
    return [what for what, _ in slips.caught(instance)]


def test_a_slip_that_passes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = made.ueg("mathematical_reasoning", 1)
    stored = [str(q.answer) for q in instance.question_list]
    assert rule_of(instance, monkeypatch, Slip("last step skipped", stored[::-1])) == []
    assert rule_of(instance, monkeypatch, Slip("last step skipped", stored)) == [
        "a picture of the slip 'last step skipped' passes every question"
    ]
    assert rule_of(instance, monkeypatch) == ["no slip is known"]
    assert "answers 1 of 2" in rule_of(instance, monkeypatch, Slip("short", stored[:1]))[0]


def test_levels_follow_the_work() -> None:
    def rows(works: list[int]) -> list[Seen]:
        levels = ["easy", "medium", "hard"]
        return [
            Seen(made.ueg("world_knowledge", n, difficulty=levels[n % 3], metadata={"work": w, "subject": str(n)}))
            for n, w in enumerate(works)
        ]

    assert list(work.follows(rows([1, 2, 3, 1, 2, 3]))) == []
    ((_, told, _),) = work.follows(rows([3, 2, 1, 3, 2, 1]))
    assert "-1.00" in told
    without = [Seen(made.ueg("world_knowledge", 1))]
    assert [what for _, what, _ in work.follows(without)] == ["its metadata measures no work"]
