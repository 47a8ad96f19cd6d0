"""Crowded pictures: small details, options that are in the picture, pixels that bear the metadata out."""

import itertools
import json
import random
from collections import Counter

import pytest
from PIL import Image

from dataset_builder import categories
from dataset_builder.categories import attentional_focusing
from dataset_builder.categories.attentional_focusing import questions
from dataset_builder.categories.attentional_focusing.places import LAYOUTS, stage
from dataset_builder.categories.attentional_focusing.things import LABEL, Thing, difference, render, thing_from_json
from dataset_builder.drawing import colors, sprites
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


@pytest.fixture(scope="module")
def instances() -> list[Instance]:
    return list(attentional_focusing.make(0, 12))


def things_of(instance: Instance) -> list[Thing]:
    return [thing_from_json(row) for row in instance.meta["objects"]]


def test_the_solver_agrees_and_sees_no_answer(instances: list[Instance]) -> None:
    assert {instance.meta["question"]["form"] for instance in instances} == {
        form for forms in questions.FORMS.values() for form in forms
    }
    for instance in instances:
        assert categories.solve(instance) == instance.answer, instance.id


def test_pictures_are_large_and_crowded_and_the_detail_is_small(instances: list[Instance]) -> None:
    for instance in instances:
        picture, things = instance.picture(), things_of(instance)
        assert 1600 <= max(picture.size) <= 2048
        assert len(instance.image or b"") < 1_000_000 and len(instance.reference_image or b"") < 1_000_000
        low, high = attentional_focusing.CROWD[instance.difficulty]
        assert low <= len(things) <= high
        boxes = [things[index].box for index in questions.asked(instance.meta["question"], things)]
        area = sum((b[2] - b[0]) * (b[3] - b[1]) for b in boxes)
        assert 0 < area < 0.005 * picture.width * picture.height


def test_every_option_is_somewhere_in_the_picture(instances: list[Instance]) -> None:
    for instance in instances:
        things, spec = things_of(instance), instance.meta["question"]
        if spec["form"] == "scattered":
            continue
        shown = {
            "crate": {str(thing.count) for thing in things if thing.content == spec.get("content")},
            "tint_next": {thing.tint for thing in things if thing.kind == spec.get("what")},
            "label_tint": {thing.tint for thing in things if thing.kind == LABEL},
        }.get(spec["form"], {thing.text for thing in things})
        assert set(instance.option) <= shown, instance.id


def test_labels_never_touch_each_other(instances: list[Instance]) -> None:
    for instance in instances:
        labels = sorted((t.row, t.box) for t in things_of(instance) if t.kind == LABEL)
        for (row, left), (next_row, right) in itertools.pairwise(labels):
            assert row != next_row or left[2] <= right[0], (instance.id, left, right)


def test_the_reference_lights_up_the_asked_detail_only(instances: list[Instance]) -> None:
    for instance in instances[:4]:
        things = things_of(instance)
        index = questions.asked(instance.meta["question"], things)[0]
        plain, lit = instance.picture(), instance.picture("reference_image")
        box = things[index].box
        bright = [picture.crop(box).convert("L").reduce(8).getextrema()[1] for picture in (plain, lit)]
        assert abs(int(bright[0]) - int(bright[1])) < 30  # type: ignore[arg-type]
        assert sum(lit.convert("L").histogram()[150:]) < sum(plain.convert("L").histogram()[150:]) // 4


def test_same_seed_same_bytes(instances: list[Instance]) -> None:
    assert [i.digest() for i in attentional_focusing.make(0, 2)] == [i.digest() for i in instances[:2]]


def test_the_plan_of_a_hundred_is_balanced() -> None:
    plan = attentional_focusing._plan(4, 0)
    assert Counter(row[0] for row in plan) == {"quantity": 34, "ocr": 33, "attribute": 33}
    assert min(Counter(row[2] for row in plan).values()) >= 33
    assert len({row[3].name for row in plan}) == len(LAYOUTS)
    assert len({(row[1], row[2]) for row in plan}) == 18  # every form in every level


def test_a_tampered_instance_is_refused(instances: list[Instance]) -> None:
    for instance in instances:
        spec, rows = instance.meta["question"], instance.meta["objects"]
        if spec["form"] not in ("label_of", "crate"):
            continue
        index = questions.asked(spec, things_of(instance))[0]
        wrong = next(
            option
            for option in instance.option
            if option not in (rows[index].get("text"), str(rows[index].get("count")))
        )
        rows[index] |= {"count": int(wrong)} if spec["form"] == "crate" else {"text": wrong}
        lying = instance.model_copy(update={"metadata": json.dumps(instance.meta | {"objects": rows})})
        with pytest.raises(RealUnifyError, match="not as stored"):
            categories.solve(lying)


def at(kind: str, x: int, row: int = 0, **more: object) -> Thing:
    return Thing(kind, row, (x, 0, x + 10, 10), 10, **more)  # type: ignore[arg-type]


CROWD = [
    at("clock", 100),
    at("cap", 140, tint="red"),
    at("cap", 60, tint="blue"),
    at("cap", 120, row=1, tint="black"),
    at("crate", 20, content="egg", count=3),
    at(LABEL, 141, of=1, text="MARO", tint="white"),
    at(LABEL, 101, of=0, text="12.50", tint="green"),
]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"form": "tint_next", "landmark": "clock", "side": "right", "what": "cap"}, "red"),
        ({"form": "tint_next", "landmark": "clock", "side": "left", "what": "cap"}, "blue"),
        ({"form": "label_next", "landmark": "clock", "side": "right", "what": "cap"}, "MARO"),
        ({"form": "label_of", "landmark": "clock"}, "12.50"),
        ({"form": "label_tint", "landmark": "clock"}, "green"),
        ({"form": "scattered", "what": "cap", "tint": "black"}, "1"),
    ],
)
def test_answers(spec: dict[str, str], expected: str) -> None:
    assert questions.answer(spec, CROWD) == expected


def test_a_wrong_neighbour_or_a_second_landmark_is_an_error() -> None:
    with pytest.raises(ValueError, match="where the question has"):
        questions.answer({"form": "tint_next", "landmark": "clock", "side": "right", "what": "boot"}, CROWD)
    with pytest.raises(ValueError, match="2 things are the landmark"):
        questions.answer({"form": "label_of", "landmark": "clock"}, [*CROWD, at("clock", 300)])


def test_similar_texts_differ_in_one_character() -> None:
    rng = random.Random(1)
    for _ in range(50):
        texts = questions.similar_texts(rng)
        assert len(set(texts)) == 4 and len({len(text) for text in texts}) == 1
        assert all(sum(a != b for a, b in zip(texts[0], text, strict=True)) == 1 for text in texts[1:])


def test_colours_and_kinds_of_the_questions() -> None:
    assert colors.all_distinguishable(questions.TINTS) and colors.all_distinguishable(questions.LABEL_TINTS)
    assert set(questions.TINTED) <= set(sprites.tintable())
    assert {*questions.LANDMARKS, *questions.CONTENTS} <= set(sprites.NAMES)


def test_difference_prefers_the_thing_itself() -> None:
    picture = Image.new("RGB", (200, 60), (120, 140, 160))
    thing = Thing(LABEL, 0, (0, 0, 0, 0), 30, "yellow", text="KV 4718", of=0)
    plate = render(thing)
    thing = thing.but(box=(20, 10, 20 + plate.width, 10 + plate.height))
    picture.paste(plate, (20, 10), plate)
    assert difference(picture, thing) == 0
    assert difference(picture, thing.but(text="KV 4719")) > 5
    assert difference(picture, thing.but(tint="blue")) > 200


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.name))
def test_each_layout_has_room_for_its_crowd(layout: attentional_focusing.Layout) -> None:
    picture, rows = stage(random.Random(2), layout, 130)
    assert sum(map(len, rows)) >= 130 and len(layout.pool) >= 25
    for row in rows:
        for place in row:
            assert 0 < place.foot - place.room and place.foot + place.label <= picture.height
