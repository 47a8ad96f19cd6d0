"""Words as data: a bad entry is refused in one line that names file, entry and reason."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataset_builder.categories.mathematical_reasoning import content
from dataset_builder.categories.shared import words
from dataset_builder.categories.shared.data import read
from dataset_builder.errors import RealUnifyError

Change = Callable[[dict[str, Any]], object]


def refused(tmp_path: Path, source: Path, model: Any, change: Change) -> str:
    """The message with which a changed copy of a data file is refused."""
    changed = yaml.safe_load(source.read_text(encoding="utf-8"))
    change(changed)
    path = tmp_path / source.name
    path.write_text(yaml.safe_dump(changed, sort_keys=False), encoding="utf-8")
    with pytest.raises(RealUnifyError) as error:
        read(path, model)
    message = str(error.value)
    assert "\n" not in message
    assert source.name in message
    return message


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda c: c["stories"][1].update(colour="red"), ["'equal_shares' colour", "Extra inputs"]),
        (lambda c: c["stories"][1].pop("relations"), ["'equal_shares' relations", "required"]),
        (lambda c: c["stories"][1].update(subtask="algebra"), ["'equal_shares'", "subtask 'algebra'"]),
        (
            lambda c: c["stories"][1].update(name="broken_on_the_shelf"),
            ["two stories are called 'broken_on_the_shelf'"],
        ),
        (lambda c: c["stories"][1]["values"].update(n="8-40"), ["'equal_shares' values n", "'8-40' is not a range"]),
        (lambda c: c["stories"][1]["things"].update(x="unicorn"), ["'unicorn' is no group and no word"]),
        (lambda c: c["stories"][1]["things"].update(x="=y"), ["no earlier thing is called y"]),
        (lambda c: c["stories"][1].update(steps=["share = n / q"]), ["'share = n / q' uses 'q'"]),
        (lambda c: c["stories"][1].update(steps=["n / k"]), ["not of the form NAME = EXPRESSION"]),
        (lambda c: c["stories"][1].update(relations=["share.real == n"]), ["arithmetic and comparisons only"]),
        (lambda c: c["stories"][1].update(relations=["share k"]), ["'share k' is not arithmetic"]),
        (lambda c: c["stories"][1].update(draw={"share": "z"}), ["no thing is called 'z'"]),
    ],
)
def test_a_bad_story_is_named(tmp_path: Path, change: Change, parts: list[str]) -> None:
    message = refused(tmp_path, content.FILE, content.Content, change)
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{who} shares {n} {xs} among {k} {qs}.", "'{qs}' in a text is no value and no thing"),
        ("{who} shares {n} {xs}.", "leaves out {k}"),
    ],
)
def test_a_bad_text_is_named(tmp_path: Path, text: str, reason: str) -> None:
    def change(c: dict[str, Any]) -> None:
        c["stories"][1]["texts"][0] = text

    message = refused(tmp_path, content.FILE, content.Content, change)
    assert "'equal_shares'" in message
    assert reason in message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["natural"]["fruit"].update(plum=["mauve"]), "'plum' has a colour that is not in palette"),
        (lambda c: c["painted"]["toy"].append("cup"), "'cup' is listed twice"),
        (lambda c: c["close"].append("red"), "close 'red' is not a pair"),
        (lambda c: c["plurals"].update(ox="oxen"), "'ox' is in plurals or boats but no group has it"),
        (lambda c: c["people"].update(they=["Sam"]), "people are listed under 'she' and 'he'"),
        (lambda c: c.update(shapes=[]), "shapes: Extra inputs"),
    ],
)
def test_a_bad_word_is_named(tmp_path: Path, change: Change, reason: str) -> None:
    assert reason in refused(tmp_path, words.FILE, words.Lexicon, change)


def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("palette: [red\ncolours: ]\n")
    with pytest.raises(RealUnifyError, match=r"words\.yaml line 2: not YAML"):
        read(path, words.Lexicon)


def test_ranges_count_both_ends() -> None:
    by_name = {story.name: story for story in content.stories()}
    assert by_name["legs_in_the_field"].values["n"] == tuple(map(Fraction, (8, 12, 16, 20, 24, 28, 32, 36, 40)))
    assert [str(p) for p in by_name["per_cent_of_a_row"].values["p"]] == ["1/5", "1/4", "3/10", "2/5", "3/5", "3/4"]
