"""Laws of the two parsers, and the borders of the rules that they are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.answers import _statements, parity, parse_choice, parse_yes_no
from evaluator.answers import _wording as words
from evaluator.answers._letters import letter_verdicts
from evaluator.answers._option_words import OptionWords
from evaluator.answers._statements import FINAL, MENTIONED, SHOWN, STATED, Verdict, answer_text, settled, statements
from evaluator.answers._yes_no import _whole, yes_no_verdicts

ANIMALS = ("owl", "elk", "ibis", "emu")
# What answers are made of, and what spoils them: drawn together they come nearer to the rules than any text does.
PIECES = st.sampled_from(
    "A B C D a (b) yes no Yes. No, not wait answer: The answer is Final \\boxed{C} <answer> </answer> <think> </think> "
    "but if or and maybe four 4 owl elk ? . , ; : \n - → = ** [x] option I think cannot tell".split(" ")
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=14).map(" ".join))
FORMS = st.sampled_from([
    "{}", "({})", "{}.", "Answer: {}", "The answer is {}.", "I choose {}.", "Therefore, {}.", "Option {}",
    "I first thought it was green, but the answer is {}.", "{} is correct.", "Final answer: {}", "\\boxed{{{}}}",
    "<answer>{}</answer>", '{{"answer": "{}"}}', "It shows a path.\n\n{}", "The path turns left → {}",
])  # fmt: skip
LETTERS = st.sampled_from("ABCD")


# -- laws -------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_no_text_breaks_a_parser(text: str) -> None:
    assert parse_choice(text) in (None, *"ABCD")
    assert parse_choice(text, ANIMALS) in (None, *"ABCD")
    assert parse_yes_no(text) in (None, "yes", "no")
    assert parity.parse_choice(text) in (None, *"ABCD") and parity.parse_yes_no(text) in ("yes", "no", "unparsed")


@given(TEXTS)
def test_plain_text_is_plain(text: str) -> None:
    """Cleaning leaves no markup and no line of nothing; a text that is clean stays as it is."""
    once = _statements._plain(text)
    assert not set(once) & set('*`"_{}<>~|$') and once == once.strip() and "\n\n" not in once
    clean = "The path turns left\nThe tower is red"
    assert answer_text(clean) == clean


@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = _statements._plain(text)
    assert _statements._plain(once) == once


@given(FORMS, LETTERS)
def test_every_letter_is_read_in_every_form(form: str, letter: str) -> None:
    assert parse_choice(form.format(letter)) == letter
    assert parse_choice(form.format(letter), ANIMALS) == letter


@given(
    FORMS, LETTERS, st.sampled_from(["**{}**", "  {}\n\n", "<think>A? B? It is D.</think>{}", "```\n{}\n```", "{}</s>"])
)
def test_thinking_markup_and_space_change_no_answer(form: str, letter: str, around: str) -> None:
    assert parse_choice(around.format(form.format(letter))) == letter


@given(FORMS, LETTERS, LETTERS)
def test_two_answers_are_none(form: str, one: str, other: str) -> None:
    both = f"{form.format(one)}\n{form.format(other)}"
    assert parse_choice(both) == (one if one == other else None)


@given(st.permutations(ANIMALS), st.sampled_from(["{}", "It is the {}.", "The answer is {}", "an {}", "{}!"]), LETTERS)
def test_an_options_words_follow_it_wherever_it_stands(options: list[str], form: str, letter: str) -> None:
    assert parse_choice(form.format(options["ABCD".index(letter)]), options) == letter


@given(
    st.sampled_from(
        ["{}", "{}.", "Answer: {}", "The answer is {}.", "**{}**", "Final answer: {}", "<answer>{}</answer>"]
    )
)
def test_yes_and_no_are_read_alike(form: str) -> None:
    for word in ("yes", "no"):
        for said in (word, word.upper(), word.title()):
            assert parse_yes_no(form.format(said)) == word


def answers(*verdicts: tuple[int, str]) -> str | None:
    return settled(Verdict(strength, frozenset(letters)) for strength, letters in verdicts)


@given(st.permutations([(SHOWN, "A"), (STATED, "B"), (MENTIONED, "C"), (FINAL, "")]))
def test_the_strongest_count_in_any_order(verdicts: list[tuple[int, str]]) -> None:
    assert answers(*verdicts) == "B"
    assert answers(*verdicts, (FINAL, "D")) == "D"
    assert answers(*verdicts, (STATED, "B")) == "B"
    assert answers(*verdicts, (STATED, "C")) is None


def test_settling() -> None:
    assert MENTIONED < SHOWN < STATED < FINAL
    assert (
        answers() is answers((FINAL, "")) is answers((STATED, "AB")) is answers((STATED, "A"), (STATED, "AB")) is None
    )


# -- what is read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>A</think>B", "B"),
        ("<think>A</think>B<think>C</think>D", "D"),
        ("B<think>A", "B"),
        ("A</think>B<think>C</think>D<think>E", "D"),
        ("<think>A", ""),
        ("B<THINKING>A", "B"),
        ("B", "B"),
    ],
)
def test_reasoning_is_left_out(text: str, left: str) -> None:
    assert _statements._without_reasoning(text) == left


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (r"\boxed{A} and \boxed{b {c}}", ["A", "b {c}"]),
        ("x<answer>A</answer>y<final>B", ["A", "B"]),
        ("<answer>A</answer>B</answer>", ["A"]),
        ("""{"answer": "A", 'choice': 'B', "option": C, "letter": ""}""", ["A", "B", "C", ""]),
        ("nothing", []),
    ],
)
def test_what_is_marked(text: str, marked: list[str]) -> None:
    assert list(_statements._marked(text)) == marked


def test_what_is_taken_back() -> None:
    assert answer_text("The answer is A. Wait, no. It is B.").strip(" .,") == "no. It is B"
    assert answer_text("It is A") == "It is A"
    assert (parse_choice("A. No, B."), parse_yes_no("Yes. Wait, no.")) == ("B", "no")


def test_statements_are_cut_and_bounded() -> None:
    assert statements("One. Two? Three! Four; five … six") == ["One", "Two?", "Three", "Four", "five", "six"]
    assert statements("A. four") == ["A. four"] and statements("e.g. a cat. A dog") == ["e.g. a cat", "A dog"]
    assert statements("The answer is:\nred") == ["The answer is: red"]
    assert statements("Options:\nA. red") == ["Options:", "A. red"]
    assert statements("- one\n2. two\n(3) three\n• 4) four") == ["one", "two", "three", "four"]
    assert statements(" , ... ,") == []
    exact, longer = "x" * 600, "y" + "x" * 600
    assert statements(f"{exact}\n{longer}") == [exact, "… " + exact]
    some = [f"n{n}" for n in range(200)]
    assert statements("\n".join(some)) == some
    assert statements("\n".join([*some, "last"])) == [*some[:50], *some[51:], "last"]


def test_an_abbreviation_far_before_the_full_stop_ends_nothing() -> None:
    for before in (0, 10, 30, 60):
        text = "w" * before + " x. Then"
        assert statements(text) == [("w" * before + " x").strip(), "Then"]
    assert statements("Red. Ans. it is") == ["Red", "Ans. it is"]


# -- numbers and options ----------------------------------------------------------------------------------


def test_number_words_are_digits() -> None:
    ones = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
    )
    more = "seventeen eighteen nineteen".split()
    assert [words.folded(word) for word in (*ones, *more)] == [str(n) for n in range(20)]
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    assert [words.folded(word) for word in tens] == [str(10 * n) for n in range(2, 10)]
    assert [words.folded(f"{ten}-{one}") for ten, one in zip(tens, ones[2:], strict=False)] == [
        "22", "33", "44", "55", "66", "77", "88", "99",
    ]  # fmt: skip
    assert words.folded("Twenty One, 1,000 Birds!") == "21 1000 birds"
    assert words.bare("It is the four red cars.") == "4 red cars" and words.bare("The the cat") == "the cat"


def test_options_by_their_own_words() -> None:
    options = OptionWords(["two", "three", "two", "A big red house", "fifth"])
    assert [options.exact(text) for text in ("two", "Three.", "the big red house", "fifth", "")] == [
        None,
        "B",
        "D",
        None,
        None,
    ]
    assert options.exact("three, not two") == "B"
    assert options.exact("A big red house") == "D" and OptionWords(["x"]).exact("A. x") is None
    assert options.called("B", "THREE") and not options.called("B", "two") and not OptionWords([]).called("A", "")
    letters = OptionWords(["B", "C", "D", "A"])
    assert [letters.exact(text) for text in ("B", "(b)", "A")] == [None, None, None]


def test_an_option_within_a_sentence() -> None:
    options = OptionWords(["red", "blue sky", "4", "a", "14"])
    for text, found in (
        ("I see the red one", {"A"}),
        ("a red, then a blue sky", {"A", "B"}),
        ("there are 4 of them", {"C"}),
        ("there are 4 of 9 here", set()),
        ("4 and 4", set()),
        ("red with 3 dots", {"A"}),
        ("there is a cat", set()),
        ("not the red one", set()),
        ("blue sky, not red", {"B"}),
        ("more than 4 of them", set()),
        ("I am not sure, red", set()),
    ):
        assert options.within(text) == found, text
    assert OptionWords([]).within("red") == set()
    assert OptionWords(["red", "Red"]).within("it is red") == set(), "two options of the same words"
    assert OptionWords(["sky", "blue sky"]).within("it is the blue sky") == {"B"}, "the longer one takes its words"


@pytest.mark.parametrize(("count", "found"), [(14, {"A"}), (15, set())])
def test_only_a_short_sentence_is_read_for_an_option(count: int, found: set[str]) -> None:
    assert OptionWords(["red", "blue"]).within(" ".join(["seen"] * (count - 1) + ["red"])) == found


# -- letters ----------------------------------------------------------------------------------------------


def strengths(text: str, options: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    return [(one.strength, "".join(sorted(one.answers))) for one in letter_verdicts(text, options) if one.answers]


def test_how_plainly_a_letter_is_said() -> None:
    assert strengths("B") == [(STATED, "B")]
    assert (FINAL, "B") in strengths("Final answer: B")
    assert strengths("owl", ANIMALS) == [(STATED, "A")]
    assert strengths("I see an owl here", ANIMALS) == [(MENTIONED, "A")]
    assert strengths("A. four\nB. five") == [(SHOWN, "AB")] and parse_choice("A. four\nB. five") is None
    assert strengths("It is red\nB. five") == [(SHOWN, "B")] and strengths("B. five\nIt is red") == [(STATED, "B")]
    assert strengths("Is it B?") == []
    assert strengths("A or B") == [(STATED, "AB")]
    assert strengths("The path ends there: B") == [(SHOWN, "B")]


@pytest.mark.parametrize(("announced", "letter"), [(8, "B"), (7, "B")])
def test_announcements_are_read_up_to_a_number(announced: int, letter: str) -> None:
    assert words.MOST_ANNOUNCED == 8
    assert parse_choice("answer: " * announced + letter) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Option C, an ibis", "C"),
        ("Option C, an owl", None),
        ("The answer is B, which is the elk", "B"),
        ("The answer is B, which is the emu", None),
        ("The owl: B", None),
        ("The elk: B", "B"),
        ("B (elk)", "B"),
        ("B elk", "B"),
        ("A elk", "B"),  # an article
        ("The answer is elk, so C", None),
        ("The elk is not C; it is B", "B"),
        ("It could be B, alternatively C", None),
        ("Alternatively B", None),
        ("The closest animal is B", "B"),
        ("B for the first, C for the second", None),
    ],
)
def test_a_letter_beside_an_options_words(text: str, letter: str | None) -> None:
    assert parse_choice(text, ANIMALS) == letter


# -- yes and no -------------------------------------------------------------------------------------------


def said(text: str) -> list[tuple[int, str]]:
    return [(one.strength, "".join(sorted(one.answers))) for one in yes_no_verdicts(text)]


def test_how_plainly_yes_is_said() -> None:
    assert said("Yes") == [(STATED, "yes")] and said("Of course not") == [(STATED, "no")]
    assert (FINAL, "no") in said("The final answer is no")
    assert said("Yes, it is red. The house is big. It is far") == [(STATED, "yes")]
    assert said("It is red. Yes, it is. It is far") == [(SHOWN, "yes")]
    assert said("It is red. It is far. Yes, it is") == [(STATED, "yes")]
    assert said("It is red. Is it far? Yes, it is") == [(SHOWN, "yes")]
    assert said("Is it? Red") == said("Yes?") == []
    assert said("The sign says: yes") == [] and said("The verdict: yes") != []
    assert said("Yes for the first, no for the second") == [(STATED, "noyes")]
    assert parse_yes_no("I am not sure. Yes, maybe") is None
    assert parse_yes_no("I cannot tell, but the answer is yes") == "yes"


@pytest.mark.parametrize(("spaces", "whole"), [(57, "yes"), (58, None)])
def test_a_whole_reply_is_a_short_one(spaces: int, whole: str | None) -> None:
    assert _whole("yes" + " " * spaces) == whole
    assert _whole("yes?") is None and _whole("it's not") == "no" and _whole("हाँ!") == "yes"
    assert _whole("yes it") is None
