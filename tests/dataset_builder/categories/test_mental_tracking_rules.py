"""Mental tracking by brute force: steps worked stroke by stroke, what every puzzle must hold, where strokes lie."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_builder.categories.mental_tracking import puzzle as puzzles
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.digits import DIRECTION, GLYPHS, STROKES, DigitBox, read_digit
from dataset_builder.categories.mental_tracking.puzzle import Puzzle, apply, reading, search
from dataset_builder.categories.mental_tracking.recolouring import Mode, Spot, Step
from dataset_builder.categories.shared import options
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import LETTERS
from tests.dataset_builder.made import geu

COLOURS = ("red", "blue", "green", "white")
PAIRS = st.sampled_from(list(itertools.permutations(COLOURS, 2)))
STEPS = st.builds(
    lambda pair, swap, place, direction: Step(*pair, swap, place, direction),
    PAIRS,
    st.booleans(),
    st.sampled_from([None, "left", "right"]),
    st.sampled_from([None, "vertical", "horizontal"]),
)
SPOTS = st.builds(Spot, st.integers(0, 1), st.sampled_from(["vertical", "horizontal"]))


def by_hand(steps: Sequence[Step], mode: Mode, spot: Spot, colour: str, positions: int = 2) -> str:
    """What a person would do with one stroke."""
    places = ("left", "right") if positions == 2 else ("left", "middle", "right")
    now = colour
    for step in steps:
        here = step.place in (None, places[spot.position]) and step.direction in (None, spot.direction)
        seen = now if mode == "sequential" else colour
        if here and seen == step.source:
            now = step.target
        elif here and step.swap and seen == step.target:
            now = step.source
        if mode == "simultaneous" and now != colour:
            return now
    return now


@given(st.lists(STEPS, max_size=5), SPOTS, st.sampled_from(COLOURS), st.sampled_from(["sequential", "simultaneous"]))
def test_steps_are_what_a_person_would_do(steps: list[Step], spot: Spot, colour: str, mode: Mode) -> None:
    assert rules.change(steps, mode, 2)(spot, colour) == by_hand(steps, mode, spot, colour)


@given(st.lists(STEPS, max_size=4))
def test_at_most_one_step_concerns_each_stroke(steps: list[Step]) -> None:
    def concerns(step: Step, spot: Spot, colour: str) -> bool:
        return by_hand([step], "sequential", spot, colour) != colour

    spots = [Spot(position, direction) for position in (0, 1) for direction in ("vertical", "horizontal")]
    clashes = any(sum(concerns(s, spot, colour) for s in steps) > 1 for spot in spots for colour in COLOURS)
    assert rules.consistent(steps, 2) is not clashes
    assert sorted(rules.spots(2)) == sorted(spots) and len(rules.spots(3)) == 6


def test_the_slips_by_name() -> None:
    steps = [Step("red", "blue", place="middle", direction="vertical"), Step("blue", "green", swap=True)]
    found = rules.slips(steps, "sequential", 3)
    assert set(found) == {
        "order", "unchanged", "backwards", "skipped 1", "skipped 2", "colours mixed up 1", "wrong direction 1",
        "wrong digit 1 left", "wrong digit 1 right",
    }  # fmt: skip
    middle, left, across = Spot(1, "vertical"), Spot(0, "vertical"), Spot(1, "horizontal")
    assert [found[name](middle, "red") for name in ("order", "unchanged", "backwards", "skipped 1", "skipped 2")] == [
        "blue", "red", "blue", "red", "blue",
    ]  # fmt: skip
    assert found["colours mixed up 1"](middle, "blue") == "red" and found["colours mixed up 1"](middle, "red") == "red"
    assert (found["wrong direction 1"](across, "red"), found["wrong direction 1"](middle, "red")) == ("green", "red")
    assert (found["wrong digit 1 left"](left, "red"), found["wrong digit 1 left"](middle, "red")) == ("green", "red")
    across_step = [Step("red", "blue", direction="horizontal")]
    at_once = rules.slips(across_step, "simultaneous", 2)
    assert set(at_once) == {"order", "unchanged", "skipped 1", "colours mixed up 1", "wrong direction 1"}
    assert at_once["wrong direction 1"](middle, "red") == "blue"
    assert (rules.other("sequential"), rules.other("simultaneous")) == ("simultaneous", "sequential")


def test_a_step_without_more_is_everywhere_and_no_swap() -> None:
    assert Step("red", "blue") == Step("red", "blue", False, None, None)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("all red strokes turn blue", [Step("red", "blue")]),
        (
            "Every vertical RED stroke in the middle digit is painted white",
            [Step("red", "white", False, "middle", "vertical")],
        ),
        ("the red and blue strokes of the left digit swap colours", [Step("red", "blue", True, "left")]),
        (
            "the horizontal red strokes and the horizontal blue strokes trade colours; each blue stroke becomes red",
            [Step("red", "blue", True, None, "horizontal"), Step("blue", "red")],
        ),
        ("the red strokes are bluer", []),
    ],
)
def test_steps_are_read(text: str, steps: list[Step]) -> None:
    assert rules.read_steps(text) == steps


def test_what_is_asked_and_how() -> None:
    assert rules.read_asked("All red strokes turn blue. Which digits do the white strokes form?") == "white"
    assert rules.read_asked("Red turns blue. Of red and green, look at the green strokes. ") == "green"
    modes = [
        "at the same moment",
        "all at once",
        "the original colours",
        "at the same instant",
        "one by one",
        "originally",
    ]
    assert [rules.read_mode(text) for text in modes] == ["simultaneous"] * 4 + ["sequential"] * 2


def test_words_say_the_step() -> None:
    said = {rules.word(Step("red", "blue", True, "left", "vertical"), random.Random(n)) for n in range(40)}
    assert len(said) == 6 and all(
        "vertical red" in one and "vertical blue" in one and "left digit" in one for one in said
    )
    plain = {rules.word(Step("red", "blue"), random.Random(n)) for n in range(60)}
    assert len(plain) == 6 and not any("digit" in one or "vertical" in one for one in plain)


def test_how_often_steps_are_narrowed() -> None:
    rng = random.Random(3)
    drawn = [rules.random_step(rng, COLOURS, 2, 0.25) for _ in range(8000)]
    shares = [
        sum(map(bool, values)) / 8000 for values in zip(*((s.swap, s.place, s.direction) for s in drawn), strict=True)
    ]
    assert shares == pytest.approx([0.25, 0.38, 0.22], abs=0.02)
    assert not any(step.place and step.direction for step in drawn)
    assert set(Counter(step.source for step in drawn)) == set(COLOURS) and all(s.source != s.target for s in drawn)


# -- puzzles ----------------------------------------------------------------------------------------------

CASES: list[tuple[Mode, int, tuple[int, int], int]] = [
    ("sequential", 2, (3, 3), 1),
    ("sequential", 2, (4, 4), 2),
    ("sequential", 3, (4, 3), 4),
    ("simultaneous", 2, (3, 3), 4),
    ("simultaneous", 2, (4, 4), 5),
    ("simultaneous", 3, (4, 4), 2),
]


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> tuple[tuple[Mode, int, tuple[int, int], int], Puzzle]:
    mode, positions, size, seed = request.param
    return request.param, search(random.Random(seed), mode, positions=positions, sizes=[size], colours=COLOURS)


def end_of(steps: Sequence[Step], mode: Mode, start: puzzles.Colouring) -> list[dict[str, str]]:
    across = "adg"
    return [
        {
            stroke: by_hand(steps, mode, Spot(n, "horizontal" if stroke in across else "vertical"), colour, len(start))
            for stroke, colour in digit.items()
        }
        for n, digit in enumerate(start)
    ]


def read(colouring: Sequence[dict[str, str]], asked: str) -> str | None:
    digits = [read_digit(s for s, colour in digit.items() if colour == asked) for digit in colouring]
    return None if None in digits else "".join(map(str, digits))


def test_a_puzzle_holds_what_it_promises(case: tuple[tuple[Mode, int, tuple[int, int], int], Puzzle]) -> None:
    (mode, positions, (count, colours), _), found = case
    assert (found.mode, len(found.steps), len(found.start), len(found.options)) == (mode, count, positions, 4)
    end = end_of(found.steps, mode, found.start)
    assert [dict(digit) for digit in found.end] == end and read(end, found.asked) == found.options[0]
    shown = {colour for digit in found.start for colour in digit.values()}
    assert len(shown) == colours and found.asked in shown
    assert all(set(digit) == set("abcdefg") for digit in found.start)
    for left_out in range(count):
        assert end_of([*found.steps[:left_out], *found.steps[left_out + 1 :]], mode, found.start) != end
    (*exact,) = found.slip_names[:-positions]
    whole = rules.slips(found.steps, mode, positions)
    told = [name for name, slip in whole.items() if reading(apply(slip, found.start), found.asked) in found.options[1:]]
    assert exact == told and told, "the slips that give a whole option"
    assert "order" in found.slip_names[-positions:]
    if mode == "simultaneous":
        assert rules.consistent(found.steps, positions)
    else:
        assert all(one != other for one, other in itertools.pairwise(found.steps))


def test_at_each_position_the_named_slip_shows_the_other_digit(
    case: tuple[tuple[Mode, int, tuple[int, int], int], Puzzle],
) -> None:
    (mode, positions, *_), found = case
    slips = rules.slips(found.steps, mode, positions)
    for at, name in enumerate(found.slip_names[-positions:]):
        digit = apply(slips[name], found.start)[at]
        other = {option[at] for option in found.options} - {found.options[0][at]}
        assert {str(read_digit(s for s, colour in digit.items() if colour == found.asked))} == other, name


def test_options_are_the_product_or_agree_in_one_place(
    case: tuple[tuple[Mode, int, tuple[int, int], int], Puzzle],
) -> None:
    (_, positions, *_), found = case
    assert [len({option[at] for option in found.options}) for at in range(positions)] == [2] * positions
    shared = [sum(map(str.__eq__, one, other)) for one, other in itertools.combinations(found.options, 2)]
    assert sorted(shared) == ([0, 0, 1, 1, 1, 1] if positions == 2 else [1] * 6)


def test_options_of_given_pairs() -> None:
    assert puzzles._options([[1, 2], [3, 4]]) == ("13", "14", "23", "24")
    assert puzzles._options([[1, 2], [3, 4], [5, 6]]) == ("135", "146", "236", "245")


def test_pairs_of_digits_that_need_few_colours() -> None:
    """In both, in one, in the other, in neither: 8 and 1 have three kinds, 2 and 5 four."""
    assert (puzzles._states((8, 1)), puzzles._states((2, 5)), puzzles._states((8, 0)), puzzles._states((1, 7))) == (
        2,
        3,
        2,
        3,
    )
    kinds = {
        pair: len({(s in GLYPHS[pair[0]], s in GLYPHS[pair[1]]) for s in "abcdefg"})
        for pair in itertools.combinations(range(10), 2)
    }
    assert puzzles._PAIRS == [pair for pair, kind in kinds.items() if kind <= 3] and len(puzzles._PAIRS) == 36


def test_colours_that_a_stroke_may_have() -> None:
    """The true digit 1 (b, c) and the slipped 7 (a, b, c), asked for blue: red turns blue across, and blue stays."""
    goal = puzzles._Goal("sequential", [[1, 7]] * 2, "blue", ("red", "blue"))
    assert (goal.positions, goal.strokes) == (2, 14)
    truth = rules.change([], "sequential", 2)
    slip = rules.change([Step("red", "blue", direction="horizontal", place="left")], "sequential", 2)
    # Across, red becomes blue by the slip alone, so only a stroke of the 7 that the 1 lacks may be red there.
    assert goal._fit(0, truth, slip) == {"a": ["red"], "b": ["blue"], "c": ["blue"], "e": ["red"], "f": ["red"]}
    assert goal._fit(1, truth, slip) == {s: ["blue"] if s in "bc" else ["red"] for s in "bcdefg"}


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ([Step("red", "blue"), Step("red", "blue")], (False, False)),
        ([Step("red", "blue"), Step("red", "green")], (True, False)),
        ([Step("red", "blue"), Step("blue", "green"), Step("red", "blue")], (True, False)),
        ([Step("red", "blue"), Step("blue", "green")], (True, True)),
    ],
)
def test_which_steps_may_stand_together(steps: list[Step], allowed: tuple[bool, bool]) -> None:
    goals = [puzzles._Goal(mode, [[1, 7]] * 2, "blue", COLOURS) for mode in ("sequential", "simultaneous")]  # type: ignore[arg-type]
    assert tuple(puzzles._allowed(goal, steps) for goal in goals) == allowed


def test_a_picture_must_show_every_colour_and_need_every_step() -> None:
    start = (dict.fromkeys(STROKES, "red") | {"a": "blue"}, dict.fromkeys(STROKES, "red"))
    one, other = Step("red", "blue"), Step("green", "red")
    assert puzzles._telling(start, [one], "sequential", 2, ["red", "blue"])
    assert not puzzles._telling(start, [one], "sequential", 2, ["red", "blue", "green"])
    assert not puzzles._telling(start, [one, other], "sequential", 2, ["red", "blue"])
    assert not puzzles._telling(start, [other, one], "sequential", 2, ["red", "blue"])


def test_the_same_seed_is_the_same_puzzle() -> None:
    """What is published does not change under its seed: two drawn puzzles, written down."""
    written = {
        (3, "sequential", 2, ((3, 3),)): (
            ("26", "27", "46", "47"),
            "rgwrrwwwwgrrrr",
            (
                Step("red", "white", True, None, None),
                Step("green", "red", True, None, "vertical"),
                Step("white", "red", False, None, None),
            ),
        ),
        (7, "simultaneous", 3, ((4, 4), (5, 4))): (
            ("303", "349", "609", "643"),
            "rgrrwwrwrrwwrgwwwwgbw",
            (
                Step("red", "green", False, None, None),
                Step("green", "white", True, "middle", None),
                Step("blue", "white", False, None, None),
                Step("white", "red", False, "left", None),
                Step("green", "white", True, "right", None),
            ),
        ),
    }
    for (seed, mode, positions, sizes), (choices, start, steps) in written.items():
        found = search(random.Random(seed), mode, positions=positions, sizes=sizes, colours=COLOURS)  # type: ignore[arg-type]
        assert (found.options, found.steps) == (choices, steps)
        assert "".join(digit[stroke][0] for digit in found.start for stroke in STROKES) == start


# -- where strokes lie ------------------------------------------------------------------------------------

BOX = DigitBox(x=100, y=50, width=60, height=110, thickness=10)


def test_the_middles_of_the_strokes() -> None:
    """Joints lie half a stroke inside the box: across from 105 to 155, down from 55 over 105 to 155."""
    assert [BOX.centre(stroke) for stroke in "adg"] == [(130, 55), (130, 155), (130, 105)]
    assert [BOX.centre(stroke) for stroke in "bcef"] == [(155, 80), (155, 130), (105, 130), (105, 80)]


def test_a_slant_leans_the_top_to_the_right() -> None:
    leaning = DigitBox(100, 50, 60, 110, 10, slant=0.2)
    assert leaning.centre("g") == BOX.centre("g")
    assert leaning.centre("a") == pytest.approx((130 + 0.2 * 50, 55))
    assert leaning.centre("d") == pytest.approx((130 - 0.2 * 50, 155))


def test_a_pointed_stroke() -> None:
    """A hexagon whose tips are the gap away from the joints, and whose shoulders half a stroke further."""
    assert BOX.outline("a", "pointed", 2) == [(107, 55), (112, 50), (148, 50), (153, 55), (148, 60), (112, 60)]
    assert BOX.outline("b", "pointed", 2) == [(155, 57), (160, 62), (160, 98), (155, 103), (150, 98), (150, 62)]


@pytest.mark.parametrize("ends", ["round", "cut"])
def test_a_plain_bar(ends: str) -> None:
    """Bars across reach three fifths of half a stroke beyond the joints, bars down end 1.1 of it before them."""
    assert BOX.outline("g", ends, 2) == [  # type: ignore[arg-type]
        (104, 105), (104, 100), (156, 100), (156, 105), (156, 110), (104, 110),
    ]  # fmt: skip
    found = [corner for point in BOX.outline("e", ends, 2) for corner in point]  # type: ignore[arg-type]
    assert found == pytest.approx([105, 112.5, 110, 112.5, 110, 147.5, 105, 147.5, 100, 147.5, 100, 112.5])


def test_strokes_and_their_directions() -> None:
    assert "".join(s for s in STROKES if DIRECTION[s] == "horizontal") == "adg"
    assert [len(glyph) for glyph in GLYPHS] == [6, 2, 5, 5, 4, 5, 6, 3, 7, 6]
    assert read_digit([]) is None and read_digit("gfedcba") == 8


# -- options ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [0, 1, 7])
def test_letters_and_ranks_are_dealt_out_evenly(block: int) -> None:
    dealt = [options.deal(5, "x", number) for number in range(20 * block + 1, 20 * block + 21)]
    assert Counter(letter for letter, _ in dealt) == dict.fromkeys(LETTERS, 5)
    assert Counter(rank for _, rank in dealt) == dict.fromkeys(range(4), 5)
    assert dealt != [options.deal(6, "x", number) for number in range(20 * block + 1, 20 * block + 21)]


def test_blocks_have_orders_of_their_own() -> None:
    blocks = [[options.deal(0, "x", 20 * block + n) for n in range(1, 21)] for block in range(4)]
    assert len({tuple(block) for block in blocks}) == 4
    assert any(Counter(letter for letter, _ in block[:16]) != dict.fromkeys(LETTERS, 4) for block in blocks)


@given(st.randoms(use_true_random=False), st.sampled_from(LETTERS))
def test_the_truth_stands_at_its_letter(rng: random.Random, letter: str) -> None:
    found = options.four(rng, "t", ["x", "y", "z", "w"], letter)  # type: ignore[arg-type]
    assert found["ABCD".index(letter)] == "t" and len(set(found)) == 4 and set(found) <= set("txyzw")


def test_four_options_are_four() -> None:
    with pytest.raises(ValueError, match="not four different ones"):
        options.four(random.Random(0), "t", ["x", "t", "z"], "A")
    instance = geu("mental_tracking", 1, option=["a", "b", "c", "d"])
    assert [options.letter_of(instance, text) for text in "abcd"] == list("ABCD")
    with pytest.raises(RealUnifyError, match="the answer 'z' is 0 of the options; rebuild"):
        options.letter_of(instance, "z")
    assert [options.ordinal(n) for n in (1, 2, 10)] == ["first", "second", "tenth"]
