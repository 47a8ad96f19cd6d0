"""Words as data: a bad entry is refused in one line that names file, entry and reason."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataset_builder.categories.cognitive_navigation.map import content as maps
from dataset_builder.categories.cognitive_navigation.maze import content as mazes
from dataset_builder.categories.mathematical_reasoning import content
from dataset_builder.categories.mental_tracking import content as tracking
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
        (lambda s: s.update(colour="red"), ["'each_friends_share' colour", "Extra inputs"]),
        (lambda s: s.pop("relations"), ["'each_friends_share' relations", "required"]),
        (lambda s: s.update(subtask="algebra"), ["subtask 'algebra' is none of"]),
        (lambda s: s.update(name="one_for_one"), ["two stories are called 'one_for_one'"]),
        (lambda s: s["values"].update(n="8-40"), ["values n", "'8-40' is not a range"]),
        (lambda s: s["values"].update(q="2..4"), ["leaves out {q}"]),
        (lambda s: s["things"].update(x="unicorn"), ["'unicorn' is no group and no word"]),
        (lambda s: s["things"].update(x="=y"), ["no earlier thing is called y"]),
        (lambda s: s.update(steps=["share = n / q", "other = m / k"]), ["'share = n / q' uses 'q'"]),
        (lambda s: s.update(steps=["n / k", "other = m / k"]), ["not of the form NEW_NAME = EXPRESSION"]),
        (
            lambda s: s.update(steps=["share = n / k + 1", "other = m / k"]),
            ["'share = n / k + 1' is not one operation"],
        ),
        (lambda s: s["steps"].append("idle = n + m"), ["'idle' is told or computed, but nothing is made of it"]),
        (lambda s: s.update(relations=["share.real == n"]), ["arithmetic and comparisons only"]),
        (lambda s: s.update(relations=["share k"]), ["'share k' is not arithmetic"]),
        (lambda s: s.update(draw={"z": "share"}), ["draw: no thing is called 'z'"]),
        (lambda s: s.update(shallow={"x": "lot"}), ["'lot' uses 'lot', which is no value"]),
        (lambda s: s.update(ask=["{qs}"]), ["'{qs}' in a text is no value and no thing"]),
        (lambda s: s.update(ask=["what {who} gets"]), ["does not say {who}, which another sentence takes up"]),
        (lambda s: s.update(ask=["the three {xs}"]), ["'three' in 'the three {}': numbers are placeholders"]),
        (lambda s: s.update(ask=["the {xs} drawn"]), ["'drawn' in 'the {} drawn'", "the last sentence says draw"]),
        (lambda s: s.update(ask=["a {x} each"]), ["write {a_x}, which knows a from an"]),
    ],
)
def test_a_bad_story_is_named(tmp_path: Path, change: Change, parts: list[str]) -> None:
    def one(c: dict[str, Any]) -> None:
        change(next(story for story in c["stories"] if story["name"] == "each_friends_share"))

    message = refused(tmp_path, content.FILE, content.Content, one)
    assert all(part in message for part in parts), message


def test_an_order_says_that_nothing_else_is_to_be_drawn(tmp_path: Path) -> None:
    message = refused(tmp_path, content.FILE, content.Content, lambda c: c["orders"].append("Draw {what}."))
    assert "the order 'Draw {what}.' needs {what}, once, and the words nothing else" in message


def test_alternatives_of_a_text() -> None:
    assert content.variants("{who} [buys|sells] {n} [small |]{xs}.") == [
        "{who} buys {n} small {xs}.",
        "{who} buys {n} {xs}.",
        "{who} sells {n} small {xs}.",
        "{who} sells {n} {xs}.",
    ]


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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["alphabets"][0]["glyphs"].update({"7": "abz"}), "'digits': glyph 7 is 'abz'"),
        (lambda c: c["alphabets"][1]["glyphs"].update(Z="adefg"), "E and Z have the same strokes"),
        (lambda c: c["alphabets"][2]["told"].pop("cup"), "it should explain every glyph or none"),
        (lambda c: c["alphabets"][2].update(many="letters"), "'letters' does not read as shapes"),
        (lambda c: c["frames"]["sequential"].append("At once: {then}."), "'At once: {then}....' does not read as"),
        (lambda c: c["frames"]["simultaneous"].append("By the original colours."), "needs one of first, numbered"),
        (lambda c: c["asks"].append("Which {glyphs} are there?"), "needs {asked} and {glyphs}"),
        (lambda c: c["turn"].append("all {what} strokes{where} go {target}"), "go {target}' does not read back"),
    ],
)
def test_a_bad_word_of_tracking_is_named(tmp_path: Path, change: Change, reason: str) -> None:
    assert reason in refused(tmp_path, tracking.FILE, tracking.Words, change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["kinds"][0]["places"].update(unicorn="Unicorns"), "'zoo': there is no sprite 'unicorn'"),
        (lambda c: c["kinds"][0]["places"].update(zebra="the zebras"), "'the zebras' is not one or two words"),
        (lambda c: c["kinds"][0]["places"].update(zebra="Extraordinary Zebras"), "is wider than"),
        (lambda c: c["kinds"][0]["places"].update(zebra="Camels"), "two places have the same name"),
        (lambda c: c["kinds"][1]["ways"].pop("bridge"), "'town': the style river has 2 kinds of ways, not 1"),
        (lambda c: c["via"].append(" by {avoid}"), "via ' by {avoid}' uses ['avoid'], it should use ['via']"),
        (lambda c: c["ask"]["nth"].append("Take {route}. What then?"), "ask nth 'Take {route}. What then?'"),
    ],
)
def test_a_bad_kind_of_map_is_named(tmp_path: Path, change: Change, reason: str) -> None:
    assert reason in refused(tmp_path, maps.FILE, maps.Content, change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["walkers"].append("unicorn"), "there is no sprite 'unicorn'"),
        (lambda c: c["ask"].pop("reach"), "it should have count, nth, on_path, reach, sequence"),
        (lambda c: c["ask"]["nth"].append("Which of {start}?"), "'Which of {start}?' should use goal, nth, start"),
        (lambda c: c["ask"]["count"].append("From {start} to {goal}?"), "does not read as count"),
    ],
)
def test_a_bad_word_of_a_maze_is_named(tmp_path: Path, change: Change, reason: str) -> None:
    assert reason in refused(tmp_path, mazes.FILE, mazes.Content, change)


def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("palette: [red\ncolours: ]\n")
    with pytest.raises(RealUnifyError, match=r"words\.yaml line 2: not YAML"):
        read(path, words.Lexicon)


def test_ranges_count_both_ends() -> None:
    legs = content.story("heads_and_legs").values
    assert legs["n"] == tuple(map(Fraction, (4, 5, 6, 7, 8)))
    assert legs["m"] == tuple(map(Fraction, (10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)))
    shares = content.story("two_shares_in_per_cent").values["p"]
    assert [str(p) for p in shares] == "1/10 1/5 1/4 3/10 2/5 1/2 3/5 7/10 3/4 4/5".split()
