"""Mental tracking: rules of recolouring, wording that reads back, fair options, answers from pixels."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from dataset_builder import categories
from dataset_builder.categories import mental_tracking
from dataset_builder.categories.mental_tracking import reader, wording
from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.board import draw, random_board, visible
from dataset_builder.categories.mental_tracking.content import alphabet
from dataset_builder.categories.mental_tracking.glyphs import STROKES
from dataset_builder.categories.mental_tracking.puzzle import apply, reading, search
from dataset_builder.categories.mental_tracking.recolouring import Spot, Step
from dataset_builder.drawing.colors import distinguishable
from dataset_builder.drawing.encode import webp_lossless
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


@pytest.fixture(scope="module")
def twelve() -> list[Instance]:
    return list(mental_tracking.make(3, 12))


def test_every_glyph_reads_as_itself_and_others_as_none() -> None:
    digits = alphabet("digits")
    seven = ["abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg"]
    assert [digits.read(strokes) for strokes in seven] == list("0123456789")
    assert digits.read("abcd") is None
    assert (alphabet("letters").read("acdfg"), alphabet("shapes").read("bcdef")) == ("S", "cup")


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
        clause = wording.clause(step, rng.choice(("digit", "letter", "shape")), rng)
        assert reader.read_steps(f"First {clause[0].upper()}{clause[1:]}; then.") == [step], clause


MODES = ("sequential", "simultaneous")


@pytest.mark.parametrize("mode", MODES)
def test_bits_say_what_the_steps_say(mode: rules.Mode) -> None:
    rng, colours = random.Random(2), ("red", "blue", "white", "green")
    for _ in range(300):
        steps = tuple(rules.random_step(rng, colours, 3, 0.4) for _ in range(4))
        plain = rules.change(steps, mode, 3)
        bits = rules.becoming((steps, mode), colours, "white", 3)
        for spot, found in zip(rules.spots(3), bits, strict=True):
            ends = [plain(spot, colour) == "white" for colour in colours]
            assert [bool(found >> number & 1) for number in range(4)] == ends


def test_slips_are_the_programmes_of_single_mistakes() -> None:
    steps = (Step("red", "blue", direction="vertical"), Step("blue", "green", place="left"))
    found = rules.slips(steps, "sequential", 2)
    assert found["taken at once"] == (steps, "simultaneous")
    assert found["backwards"] == (steps[::-1], "sequential")
    assert found["skipped 2"][0] == found["first alone"][0] == steps[:1]
    assert found["direction ignored 1"][0] == (Step("red", "blue"), steps[1])
    assert found["place ignored 2"][0] == (steps[0], Step("blue", "green"))
    assert "directions ignored" not in found
    clash = rules.slips((Step("red", "blue", place="left"), Step("red", "green", place="right")), "simultaneous", 2)
    assert [step.source for step in clash["place ignored 1, the last first"][0]] == ["red", "red"]
    assert clash["place ignored 1, the last first"][0][0] == Step("red", "green", place="right")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["digits", "letters", "shapes"])
def test_the_steps_read_the_first_option_and_no_slip_does(mode: rules.Mode, name: str) -> None:
    told = alphabet(name)
    puzzle = search(random.Random(5), mode, told, positions=2, sizes=[(4, 4)], colours=visible(True))
    assert reading(apply(rules.change(puzzle.steps, mode, 2), puzzle.start), puzzle.asked, told) == puzzle.options[0]
    slipped = {
        slip: reading(apply(rules.change(*programme, 2), puzzle.start), puzzle.asked, told)
        for slip, programme in rules.slips(puzzle.steps, mode, 2).items()
    }
    assert puzzle.options[0] not in slipped.values()
    assert {slipped[slip] for slip in puzzle.slip_names} <= set(puzzle.options[1:])
    assert puzzle.slip_names


def test_shapes_are_explained_and_letters_are_no_option_letters() -> None:
    told = alphabet("shapes")
    puzzle = search(random.Random(1), "sequential", told, positions=2, sizes=[(3, 3)], colours=visible(True))
    text = wording.question(puzzle, random.Random(1))
    named = {shape for option in puzzle.options for shape in option.split(", ")}
    assert all(told.told[shape] in text for shape in named)
    assert reader.read_alphabet(text) == "shapes"
    assert not set("ABCD") & set(alphabet("letters").glyphs)


def test_the_picture_answers_and_the_reference_shows_the_end(twelve: list[Instance]) -> None:
    for instance in twelve:
        assert categories.solve(instance) == instance.answer
        end = instance.model_copy(update={"image": instance.reference_image})
        board = mental_tracking.Board.from_json(instance.meta["board"])
        told = alphabet(instance.meta["alphabet"])
        truth = instance.option["ABCD".index(instance.answer or "")]
        assert reading(mental_tracking.stroke_colours(end, board), instance.meta["asked"], told) == truth


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
        join = alphabet(instance.meta["alphabet"]).join
        options = [option.split(join) if join else list(option) for option in instance.option]
        shared = [sum(x == y for b in options if b != a for x, y in zip(a, b, strict=True)) for a in options]
        assert len(set(shared)) == 1, instance.option
        assert len(set(map(len, options))) == 1


def test_glyphs_stand_in_the_middle_of_their_board() -> None:
    rng = random.Random(4)
    for positions in (2, 3):
        board = random_board(rng, positions, light=False)
        first, last = board.boxes[0], board.boxes[-1]
        assert abs((first.x + last.x + last.width) - (board.panel[0] + board.panel[2])) < 1
        assert abs((2 * first.y + first.height) - (board.panel[1] + board.panel[3])) < 1
        assert board.panel[0] + board.panel[2] == board.size[0]


def test_same_seed_same_bytes_other_seed_other_pictures(twelve: list[Instance]) -> None:
    again = list(mental_tracking.make(3, 2))
    assert [i.digest() for i in again] == [i.digest() for i in twelve[:2]]
    assert next(mental_tracking.make(4, 1)).image != twelve[0].image


def test_the_work_is_the_level_s(twelve: list[Instance]) -> None:
    assert [mental_tracking.inspect(instance) for instance in twelve] == [[]] * 12
    harder = next(i for i in twelve if i.difficulty == "easy").model_copy(update={"difficulty": "hard"})
    assert "the work is 6" in mental_tracking.inspect(harder)[0]


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
