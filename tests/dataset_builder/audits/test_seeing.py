"""The audit of what has to be read and told apart: today's pictures pass, small print and look-alikes do not."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest
from PIL import Image, ImageDraw

from dataset_builder import categories
from dataset_builder.audits import EACH
from dataset_builder.audits.seeing import COLOR_QUESTIONS
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.drawing import encode
from dataset_builder.drawing.colors import PALETTE
from dataset_builder.drawing.fonts import font
from dataset_builder.instance import Instance

NAMES = ("legible", "colour vision")


def rule(name: str, instance: Instance) -> list[str]:
    (each,) = [each for each in EACH if each.name == name]
    assert each.applies(instance)
    return [what for what, _ in each.check(instance)]


def with_meta(instance: Instance, **changes: Any) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | changes)})


def shown(instance: Instance, image: Image.Image) -> Instance:
    return instance.model_copy(update={"image": encode.webp_lossless(image)})


def applies(name: str, instance: Instance) -> bool:
    return any(each.name == name and each.applies(instance) for each in EACH)


@pytest.fixture(scope="module")
def made() -> dict[str, list[Instance]]:
    """A few instances of each category, those about colours where only some are."""
    sizes = {"mental_tracking": 2, "cognitive_navigation": 6, "mental_reconstruction": 1, "attentional_focusing": 1}
    return {
        name: list(islice((i for i in categories.make(name, 3, 100) if any(applies(rule, i) for rule in NAMES)), n))
        for name, n in sizes.items()
    }


def test_what_the_generators_make_passes(made: dict[str, list[Instance]]) -> None:
    for name, categories_read in zip(NAMES, (2, 4), strict=True):
        concerned = [i for rows in made.values() for i in rows if applies(name, i)]
        assert len({instance.task_type for instance in concerned}) == categories_read
        assert [rule(name, instance) for instance in concerned] == [[]] * len(concerned)
    assert {instance.meta["question"]["kind"] for instance in made["mental_reconstruction"]} <= set(COLOR_QUESTIONS)
    assert all(instance.meta["details"]["goal"]["kind"] == "colour" for instance in made["attentional_focusing"])


def test_small_print_is_found(made: dict[str, list[Instance]]) -> None:
    ways = made["cognitive_navigation"]
    maze = next(i for i in ways if i.subtask == "maze" and i.meta["labels"])
    (letter, spot), *_ = maze.meta["labels"].items()
    picture, size = maze.picture(), maze.meta["badge"]
    x, y = spot["at"]
    pen = ImageDraw.Draw(picture)
    pen.ellipse([x - size / 2 + 4, y - size / 2 + 4, x + size / 2 - 4, y + size / 2 - 4], fill=(255, 255, 255))
    pen.text((x, y), letter, font=font(14, bold=True), fill=(24, 26, 40), anchor="mm")
    (told,) = rule("legible", shown(maze, picture))
    assert told.startswith(f"letter {letter} is ") and told.endswith(" px high at 448 px, needs 9")

    town = next(i for i in ways if i.subtask == "map")
    road, picture = next(road for road in town.meta["roads"] if road["minutes"] < 10), town.picture()
    x, y = road["badge"]
    pen = ImageDraw.Draw(picture)
    pen.rectangle([x - 16, y - 18, x + 16, y + 18], fill=(255, 255, 255))
    pen.text((x, y), str(road["minutes"]), font=font(18, bold=True), fill=(30, 32, 46), anchor="mm")
    (told,) = rule("legible", shown(town, picture))
    assert told.startswith(f"number {road['minutes']} is ")
    blank = shown(town, Image.new("RGB", town.picture().size, (255, 255, 255)))
    assert "name " + next(iter(town.meta["places"])) + " is 0.0 px high at 448 px, needs 9" in rule("legible", blank)

    board = made["mental_tracking"][0]
    flat = board.meta["board"]
    flat["boxes"][0]["height"] = 12
    assert rule("legible", with_meta(board, board=flat))[0].startswith("glyph 1 is ")


def test_strokes_that_some_people_cannot_tell_apart_are_found(made: dict[str, list[Instance]]) -> None:
    board = made["mental_tracking"][1]
    where, picture = Board.from_json(board.meta["board"]), board.picture()
    pen = ImageDraw.Draw(picture)
    for stroke, name in (("a", "pink"), ("d", "grey")):
        x, y = (round(value) for value in where.boxes[0].centre(stroke))
        pen.rectangle((x - 5, y - 5, x + 5, y + 5), fill=PALETTE[name])
    assert "grey and pink look alike to some people" in rule("colour vision", shown(board, picture))
    lost = with_meta(board, board=board.meta["board"] | {"ground": PALETTE["white"], "panel": [0, 0, 9, 9]})
    pen.rectangle((x - 5, y - 5, x + 5, y + 5), fill=PALETTE["white"])
    assert "white and board look alike to some people" in rule("colour vision", shown(lost, picture))


def test_walls_and_tints_that_look_alike_are_found(made: dict[str, list[Instance]]) -> None:
    maze = next(i for i in made["cognitive_navigation"] if i.subtask == "maze")
    near = with_meta(maze, walls=[*maze.meta["walls"][:-1], maze.meta["floors"][0]])
    assert "floor 1 and a wall's edge look alike to some people" in rule("colour vision", near)
    crowd = made["attentional_focusing"][0]
    options = crowd.model_copy(update={"option": ["pink", "grey", "black", "white"]})
    assert "grey and pink look alike to some people" in rule("colour vision", options)
    unknown = crowd.model_copy(update={"option": ["mauve", "grey", "black", "white"]})
    assert rule("colour vision", unknown)[0].startswith("the reader stopped: ")
    (scene,) = made["mental_reconstruction"]
    spec, objects = scene.meta["question"], scene.meta["objects"]
    asked = [thing for thing in objects if thing["kind"] == spec["what"]]
    asked[0]["tint"], asked[-1]["tint"] = "pink", "grey"
    assert "grey and pink look alike to some people" in rule("colour vision", with_meta(scene, objects=objects))
