"""Mental tracking: rules of recolouring, wording that reads back, fair options, answers from pixels."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from dataset_builder import categories
from dataset_builder.categories import mental_tracking
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.board import draw, random_board, visible
from dataset_builder.categories.mental_tracking.digits import GLYPHS, STROKES, read_digit
from dataset_builder.categories.mental_tracking.puzzle import apply, reading, search
from dataset_builder.categories.mental_tracking.recolouring import Spot, Step
from dataset_builder.drawing.colors import distinguishable
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


@pytest.fixture(scope="module")
def twelve() -> list[Instance]:
    return list(mental_tracking.make(3, 12))


def test_every_glyph_reads_as_its_digit_and_others_as_none() -> None:
    assert [read_digit(glyph) for glyph in GLYPHS] == list(range(10))
    assert read_digit("abc" + "d") is None


def test_order_decides_when_sequential_and_original_colours_when_simultaneous() -> None:
    steps = [Step("red", "blue"), Step("blue", "green", place="left")]
    left, right = Spot(0, "vertical"), Spot(1, "vertical")
    in_turn, at_once = (rules.change(steps, mode, 2) for mode in ("sequential", "simultaneous"))
    assert (in_turn(left, "red"), in_turn(right, "red")) == ("green", "blue")
    assert (at_once(left, "red"), at_once(left, "blue")) == ("blue", "green")


def test_a_swap_goes_both_ways_and_only_where_it_reaches() -> None:
    swap = rules.change([Step("red", "blue", swap=True, direction="vertical")], "sequential", 2)
    assert swap(Spot(0, "vertical"), "red") == "blue"
    assert swap(Spot(0, "vertical"), "blue") == "red"
    assert swap(Spot(0, "horizontal"), "red") == "red"


def test_steps_that_both_concern_a_stroke_cannot_be_simultaneous() -> None:
    assert not rules.consistent([Step("red", "blue"), Step("red", "green", place="left")], 2)
    assert rules.consistent([Step("red", "blue", place="right"), Step("red", "green", place="left")], 2)


def test_every_wording_of_a_step_reads_back() -> None:
    rng = random.Random(1)
    for _ in range(600):
        step = rules.random_step(rng, ("red", "blue", "white", "orange"), rng.choice((2, 3)), 0.3)
        clause = rules.word(step, rng)
        assert rules.read_steps(f"First {clause[0].upper()}{clause[1:]}; then.") == [step], clause


def test_the_first_option_is_what_the_steps_give_and_another_is_a_slip() -> None:
    puzzle = search(random.Random(5), "sequential", positions=2, sizes=[(4, 4)], colours=visible(True))
    assert reading(apply(rules.change(puzzle.steps, "sequential", 2), puzzle.start), puzzle.asked) == puzzle.options[0]
    slipped = rules.slips(puzzle.steps, "sequential", 2)[puzzle.slip_names[0]]
    assert reading(apply(slipped, puzzle.start), puzzle.asked) in puzzle.options[1:]
    assert apply(rules.change(puzzle.steps, "simultaneous", 2), puzzle.start) != puzzle.end


def test_the_picture_answers_and_the_reference_shows_the_end(twelve: list[Instance]) -> None:
    for instance in twelve:
        assert categories.solve(instance) == instance.answer
        end = instance.model_copy(update={"image": instance.reference_image})
        board = mental_tracking.Board.from_json(instance.meta["board"])
        truth = instance.option["ABCD".index(instance.answer or "")]
        assert reading(mental_tracking.stroke_colours(end, board), instance.meta["asked"]) == truth


def test_other_pixels_give_another_answer(twelve: list[Instance]) -> None:
    instance = twelve[0]
    board = mental_tracking.Board.from_json(instance.meta["board"])
    asked = instance.meta["asked"]
    plain = draw(board, [dict.fromkeys(STROKES, asked)] * len(board.boxes))
    changed = instance.model_copy(update={"image": webp_lossless(plain)})
    try:
        assert mental_tracking.solve(changed) != instance.answer
    except RealUnifyError as error:
        assert "options" in str(error)


def test_a_question_at_odds_with_its_metadata_is_refused(twelve: list[Instance]) -> None:
    asked = twelve[0].meta["asked"]
    other = "orange" if asked != "orange" else "blue"
    changed = twelve[0].model_copy(update={"question": (twelve[0].question or "").replace(asked, other)})
    with pytest.raises(RealUnifyError, match="metadata"):
        mental_tracking.solve(changed)


def test_no_option_is_nearer_to_the_others_than_any_other(twelve: list[Instance]) -> None:
    for instance in twelve:
        shared = Counter(
            {
                a: sum(x == y for b in instance.option if b != a for x, y in zip(a, b, strict=True))
                for a in instance.option
            }
        )
        assert len(shared) == 4
        assert len(set(shared.values())) == 1, instance.option
        assert len(set(map(len, instance.option))) == 1


def test_same_seed_same_bytes_other_seed_other_pictures(twelve: list[Instance]) -> None:
    again = list(mental_tracking.make(3, 2))
    assert [i.digest() for i in again] == [i.digest() for i in twelve[:2]]
    assert next(mental_tracking.make(4, 1)).image != twelve[0].image


def test_letters_subtasks_and_levels_are_balanced(twelve: list[Instance]) -> None:
    assert set(Counter(i.answer for i in twelve).values()) == {3}
    assert set(Counter(i.subtask for i in twelve).values()) == {6}
    assert set(Counter(i.difficulty for i in twelve).values()) == {4}


def test_colours_of_a_board_are_told_apart_by_everyone() -> None:
    for light in (True, False):
        assert all(distinguishable(a, b) for a, b in itertools.combinations(visible(light), 2))


def test_strokes_stay_inside_the_panel() -> None:
    rng = random.Random(2)
    for _ in range(100):
        board = random_board(rng, rng.choice((2, 3)), light=True)
        points = [p for box in board.boxes for s in STROKES for p in box.outline(s, board.ends, 2)]
        assert board.panel[0] + 16 < min(x for x, _ in points)
        assert max(x for x, _ in points) < board.panel[2] - 16
        assert board.panel[1] + 16 < min(y for _, y in points)
        assert max(y for _, y in points) < board.panel[3] - 16
