"""The audit of reference pictures: what the generators draw passes, and each way of being wrong is named."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dataset_builder import categories
from dataset_builder.audits import EACH, auditing, references, routes
from dataset_builder.audits._pixels import Mask
from dataset_builder.categories.attentional_focusing.reference import highlight
from dataset_builder.categories.attentional_focusing.scene import thing_from_json
from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.maze.drawing import LOOKS
from dataset_builder.categories.mental_tracking.board import Board
from dataset_builder.drawing import encode
from dataset_builder.instance import Instance

RULES = {
    "mental_tracking": "recoloured references",
    "cognitive_navigation": "marked references",
    "attentional_focusing": "lit references",
}


def found(instance: Instance) -> list[str]:
    (rule,) = [rule for rule in EACH if rule.name == RULES[instance.task_type]]
    assert rule.applies(instance)
    return [what for what, _ in rule.check(instance)]


def referring(instance: Instance, reference: Image.Image) -> Instance:
    keep = encode.jpeg if instance.task_type == "attentional_focusing" else encode.webp_lossless
    return instance.model_copy(update={"reference_image": keep(reference)})


@pytest.fixture(scope="module")
def boards() -> list[Instance]:
    return list(categories.make("mental_tracking", 3, 4))


@pytest.fixture(scope="module")
def ways() -> list[Instance]:
    """A maze with one walker, one with four, and a map."""
    kinds: dict[tuple[str, bool], Instance] = {}
    for way in categories.make("cognitive_navigation", 2, 100):
        kinds.setdefault((way.subtask, way.meta["kind"] == "reach"), way)
        if len(kinds) == 3:
            break
    return list(kinds.values())


@pytest.fixture(scope="module")
def crowds() -> list[Instance]:
    return list(categories.make("attentional_focusing", 3, 3))


def one(instances: Sequence[Instance], subtask: str, *, reach: bool = False) -> Instance:
    return next(i for i in instances if i.subtask == subtask and (i.meta["kind"] == "reach") == reach)


def test_what_the_generators_draw_passes(boards: list[Instance], ways: list[Instance], crowds: list[Instance]) -> None:
    assert {way.subtask for way in ways} == {"maze", "map"}
    assert {crowd.subtask for crowd in crowds} == {"quantity", "ocr", "attribute"}
    assert [found(instance) for instance in (*boards, *ways, *crowds)] == [[]] * 10


def test_the_question_s_own_picture_is_no_reference(
    boards: list[Instance], ways: list[Instance], crowds: list[Instance]
) -> None:
    mazes = one(ways, "maze"), one(ways, "maze", reach=True)
    for instance, what in (
        (boards[0], r"stroke [a-g] of glyph 1 is \w+, the steps make it \w+"),
        *((maze, "the marking does not join start and goal") for maze in mazes),
        (one(ways, "map"), r"\d+ pixels of the quickest route \(.+ - .+\) are not marked"),
        (crowds[0], r"the reference is not dimmed around \(0, 0\) px"),
    ):
        same = referring(instance, instance.picture())
        assert re.fullmatch(what, found(same)[0]), found(same)
    same = boards[0].model_copy(update={"reference_image": boards[0].image})
    problems = auditing.audit_instances("mental_tracking", [same, *boards[1:]]).problems
    assert [(p.id, p.what) for p in problems if p.rule == "references differ"] == [
        (boards[0].id, "the reference is the question's own picture")
    ]


def test_strokes_must_be_recoloured_wholly_and_nothing_else(boards: list[Instance]) -> None:
    instance = boards[1]
    board, reference = Board.from_json(instance.meta["board"]), instance.picture("reference_image")
    start, end = np.asarray(instance.picture()), np.asarray(reference)
    rows, columns = np.nonzero((start != end).any(axis=2))
    tip = int(rows.argmin())
    half = reference.copy()
    half.putpixel((int(columns[tip]), int(rows[tip]) + 3), tuple(start[rows[tip] + 3, columns[tip]].tolist()))
    assert re.fullmatch(r"stroke [a-g] of glyph \d is \w+ only in part", found(referring(instance, half))[0])
    spotted = reference.copy()
    spotted.putpixel((2, 2), (1, 2, 3))
    assert found(referring(instance, spotted)) == ["1 pixels changed that belong to no recoloured stroke"]
    x, y = (round(value) for value in board.boxes[0].centre("a"))
    ImageDraw.Draw(half).rectangle((x - 4, y - 4, x + 4, y + 4), fill=(245, 132, 210))
    assert "stroke a of glyph 1 is pink, the steps make it" in found(referring(instance, half))[0]
    ImageDraw.Draw(half).rectangle((x, y - 4, x + 4, y + 4), fill=(1, 2, 3))
    assert found(referring(instance, half))[0].startswith("the reader stopped: RealUnifyError")


def test_a_marking_keeps_to_the_maze_s_corridors_and_changes_nothing_else(ways: list[Instance]) -> None:
    maze = one(ways, "maze")
    spec, reference = maze.meta, maze.picture("reference_image")
    ends = [tuple(spec["ends"][role]["at"]) for role in ("start", "goal")]
    straight = maze.picture()
    ImageDraw.Draw(straight).line(ends, fill=LOOKS[spec["look"]].path, width=9)
    assert "the marking runs through a wall" in found(referring(maze, straight))
    spotted = reference.copy()
    ImageDraw.Draw(spotted).rectangle((0, 0, 5, 5), fill=(1, 2, 3))
    assert found(referring(maze, spotted)) == ["36 pixels changed that are not part of the marking"]
    x, y = next(iter(spec["labels"].values()))["at"]
    relabelled = reference.copy()
    ImageDraw.Draw(relabelled).rectangle((x - 2, y - 2, x + 2, y + 2), fill=(200, 100, 1))
    assert found(referring(maze, relabelled)) == ["25 pixels changed that are not part of the marking"]
    small = referring(maze, reference.resize((400, 400)))
    assert found(small)[0].startswith("the reader stopped: ValueError: the reference is (400, 400) px")


def drawn(rows: Sequence[str], marks: str) -> Mask:
    return np.array([[mark in marks for mark in row] for row in rows])


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        # A line that is drawn in full, one that a badge (o) hides in part, one with a gap.
        (["S####......", "....#......", "....######G"], []),
        (["S####......", "....o......", "....ooo###G"], []),
        (["S####......", "...........", "....######G"], ["the marking does not join start and goal"]),
        # A stub shorter than half a cell (of four pixels), a branch, and a piece apart.
        (["S####......", "....##.....", "....######G"], []),
        (["S####......", "....#......", "....######G", "....#......", "....#......", "....##....."], ["8 pixels"]),
        (["S####.....#", "....#......", "....######G"], ["4 pixels"]),
    ],
)
def test_a_marking_is_one_line_without_branches(rows: list[str], problems: list[str]) -> None:
    start, goal = ((at.index(end), row) for row, at in enumerate(rows) for end in "SG" if end in at)
    line, hidden = drawn(rows, "#SG"), drawn(rows, "o")
    told = list(routes._one_line(line, hidden, start[::-1], goal[::-1], 4))
    assert [what[: len(problem)] for what, problem in zip(told, problems, strict=True)] == problems


def test_a_map_s_marking_covers_the_quickest_route_alone(ways: list[Instance]) -> None:
    town = one(ways, "map")
    spec, reference = town.meta, town.picture("reference_image")
    route = re.search(r"is (.+) and takes", town.rationale or "")
    assert route is not None
    legs = [set(leg) for leg in zip(*(route[1].split(" - ")[at:] for at in (0, 1)), strict=False)]
    other = next(road for road in spec["roads"] if {road["a"], road["b"]} not in legs)
    pen = ImageDraw.Draw(reference)
    pen.line(routes._curve(spec["places"], other), fill=drawing.PATH, width=17)
    told = found(referring(town, reference))
    assert len(told) == 1 and re.fullmatch(r"\d+ pixels changed away from the quickest route \(.+\)", told[0])
    x, y = next(road["badge"] for road in spec["roads"] if {road["a"], road["b"]} in legs)
    renumbered = town.picture("reference_image")
    ImageDraw.Draw(renumbered).rectangle((x - 2, y - 2, x + 2, y + 2), fill=(200, 100, 1))
    assert found(referring(town, renumbered))[0].startswith("25 pixels changed away from")
    # Only the other road: the right one is not marked either.
    wrong = town.picture()
    ImageDraw.Draw(wrong).line(routes._curve(spec["places"], other), fill=drawing.PATH, width=17)
    assert len(found(referring(town, wrong))) == 2


def test_what_is_lit_is_what_the_question_is_about(crowds: list[Instance]) -> None:
    for crowd in crowds:
        boxes = references.relevant(crowd)
        inset = tuple(tuple(crowd.meta["inset"][name]) for name in ("of", "at"))
        apart = [thing_from_json(row).box for row in crowd.meta["objects"]]
        aside = next(t for t in apart if all(abs(t[0] - box[0]) > 300 for box in (*boxes, inset[1], inset[0])))
        elsewhere = found(referring(crowd, highlight(crowd.picture(), [aside], inset)))  # type: ignore[arg-type]
        told = {re.sub(r" (around|at) .*", "", what) for what in elsewhere}
        assert {"the reference is not as bright as it was", "the reference is not dimmed"} <= told
        assert any(what.startswith("no frame around the region") for what in elsewhere)
        both = found(referring(crowd, highlight(crowd.picture(), [*boxes, aside], inset)))  # type: ignore[arg-type]
        assert len(both) == 1 and both[0].startswith("the reference is not dimmed around")


def test_the_inset_is_the_asked_print_enlarged(crowds: list[Instance]) -> None:
    crowd = crowds[0]
    of, at = (crowd.meta["inset"][name] for name in ("of", "at"))

    def told(**inset: list[int]) -> list[str]:
        changed = crowd.meta | {"inset": {"of": of, "at": at} | inset}
        return found(crowd.model_copy(update={"metadata": json.dumps(changed)}))

    reference = crowd.picture("reference_image")
    ImageDraw.Draw(reference).rectangle((*at[:2], at[0] + 80, at[3]), fill=(120, 120, 120))
    assert found(referring(crowd, reference)) == ["the inset is not the enlarged part of the picture"]
    middle = (of[0] + of[2]) // 2
    assert "the inset shows what is asked only in part" in told(of=[middle, *of[1:]])
    small = [*at[:2], *(round(start + (end - start) / 2) for start, end in zip(at[:2], at[2:], strict=True))]
    assert any("px high in the inset at 384 px, needs 9" in what for what in told(at=small))
    x, y = references.relevant(crowd)[-1][:2]
    assert "the inset hides a thing that is lit" in told(at=[x, y, x + at[2] - at[0], y + at[3] - at[1]])


def test_a_frame_is_asked_for(crowds: list[Instance]) -> None:
    crowd = crowds[1]
    meta, reference = crowd.meta, crowd.picture("reference_image")
    x0, y0, x1, _ = meta["inset"]["at"]
    ImageDraw.Draw(reference).rectangle((x0, y0 - 12, x1, y0 - 6), fill=(60, 60, 60))
    assert f"no frame around the region at ({x0}, {y0}) px" in found(referring(crowd, reference))
