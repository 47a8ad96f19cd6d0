from __future__ import annotations

from collections.abc import Sequence

import pytest

from dataset_builder.taxonomy import CATEGORIES
from evaluator.scoring import pairing
from evaluator.scoring.diagnosis import diagnose, text
from evaluator.scoring.outcomes import InstanceScore
from evaluator.scoring.pairing import paired_table
from evaluator.scoring.scores import Cell, ProtocolScores

UEG, GEU = "world_knowledge", "mental_tracking"


def table(task: str, right: Sequence[bool], status: str = "scored") -> ProtocolScores:
    """One category's worth of a protocol's table."""
    axis = CATEGORIES[task].axis
    cell = Cell(status=status, n=len(right), score=None, counts={})  # type: ignore[arg-type]
    rows = [
        InstanceScore(id=f"{axis}-{task}-{number:04d}", outcome="right" if one else "wrong")
        for number, one in enumerate(right, 1)
    ]
    return ProtocolScores(
        categories={task: cell}, axes={axis: cell}, total=cell, instances=rows if status == "scored" else []
    )


def share(count: int, n: int = 100, *, start: int = 0) -> list[bool]:
    return [start <= number < start + count for number in range(n)]


def only(task: str, **tables: ProtocolScores) -> tuple[str, str]:
    """(verdict, sentence) of the category; its axis, being the same instances, agrees."""
    whole, one = diagnose(tables)
    assert whole.short == one.short and whole.name == CATEGORIES[task].axis
    return one.short, one.sentence


def test_an_ability_that_is_not_used_end_to_end() -> None:
    short, sentence = only(
        UEG, direct=table(UEG, share(30)), stepwise=table(UEG, share(50)), oracle=table(UEG, share(52))
    )
    assert "the ability is there but not used end to end" in sentence
    assert "lifts 30.0 to 50.0 (+20.0 [+12, +28])" in sentence
    assert short == "generation" and "so generation is short" in sentence


def test_an_intermediate_that_is_too_poor() -> None:
    short, sentence = only(
        GEU, direct=table(GEU, share(50)), stepwise=table(GEU, share(30)), oracle=table(GEU, share(90))
    )
    assert "the intermediate step itself is too poor" in sentence and "lowers 50.0 to 30.0" in sentence
    assert short == "generation" and "with a perfect edited image 90.0 is answered right against 30.0" in sentence


def test_in_ueg_the_first_half_is_understanding() -> None:
    short, _ = only(UEG, direct=table(UEG, share(30)), stepwise=table(UEG, share(30)), oracle=table(UEG, share(90)))
    assert short == "understanding"


def test_in_geu_the_second_half_is_understanding() -> None:
    short, sentence = only(
        GEU, direct=table(GEU, share(40)), stepwise=table(GEU, share(40)), oracle=table(GEU, share(42))
    )
    assert short == "understanding" and "makes no clear difference" in sentence


def test_an_oracle_at_chance_is_guessing() -> None:
    short, sentence = only(
        GEU, direct=table(GEU, share(24)), stepwise=table(GEU, share(25)), oracle=table(GEU, share(26))
    )
    assert short == "understanding" and "no better than guessing" in sentence


def test_chance_is_no_floor_where_pictures_are_drawn() -> None:
    _, sentence = only(UEG, direct=table(UEG, share(20)), stepwise=table(UEG, share(20)), oracle=table(UEG, share(21)))
    assert "guessing" not in sentence


def test_both_halves() -> None:
    short, sentence = only(
        UEG, direct=table(UEG, share(30)), stepwise=table(UEG, share(30)), oracle=table(UEG, share(65))
    )
    assert short == "both" and "both halves are short" in sentence


def test_neither_half() -> None:
    short, _ = only(UEG, direct=table(UEG, share(93)), stepwise=table(UEG, share(94)), oracle=table(UEG, share(95)))
    assert short == "neither"


def test_too_few_instances_are_said_to_be_too_few() -> None:
    short, sentence = only(
        UEG,
        direct=table(UEG, share(3, 8)),
        stepwise=table(UEG, share(4, 8)),
        oracle=table(UEG, share(6, 8)),
    )
    assert short == "unknown" and "too few instances to tell" in sentence


def test_stepwise_that_is_not_supported_leaves_direct_and_oracle() -> None:
    short, sentence = only(
        GEU,
        direct=table(GEU, share(30)),
        stepwise=table(GEU, share(0), "not supported"),
        oracle=table(GEU, share(95)),
    )
    assert "stepwise is not supported, since the model cannot edit images" in sentence
    assert short == "generation" and "against 30.0 with none" in sentence


def test_two_protocols_say_what_they_can() -> None:
    short, sentence = only(UEG, direct=table(UEG, share(30)), stepwise=table(UEG, share(50)))
    assert short == "unknown" and sentence.endswith("lifts 30.0 to 50.0 (+20.0 [+12, +28]).")


def test_an_incomplete_score_is_no_basis() -> None:
    _, sentence = only(UEG, direct=table(UEG, share(30)), stepwise=table(UEG, share(50), "incomplete"))
    assert "stepwise cannot be compared with direct (incomplete)" in sentence


def test_one_protocol_says_nothing() -> None:
    assert diagnose({"direct": table(UEG, share(30))}) == [] and text({}) == ""


def test_differences_are_of_the_same_instances() -> None:
    row = paired_table(table(UEG, share(50)), table(UEG, share(50, start=25)))[UEG]
    assert (row.points, row.gained, row.lost, row.p) == (0.0, 25, 25, 1.0)
    assert row.low is not None and row.high is not None and row.low == pytest.approx(-row.high)


def test_only_common_instances_count() -> None:
    row = paired_table(table(UEG, share(10, 20)), table(UEG, share(10, 10)))[UEG]
    assert (row.n, row.first, row.second) == (10, 100.0, 100.0)


def test_p_values_are_corrected_over_the_categories_only() -> None:
    rows = paired_table(table(UEG, share(30)), table(UEG, share(50)))
    assert rows[UEG].p_holm == rows[UEG].p and rows["ueg"].p_holm is None and rows["total"].p_holm is None
    assert rows[UEG].clear and pairing.title_of("ueg") == "UEG"


def test_nothing_in_common_is_said() -> None:
    rows = paired_table(table(UEG, share(3)), table(GEU, share(3)))
    assert {row.status for row in rows.values()} == {"nothing in common"}
