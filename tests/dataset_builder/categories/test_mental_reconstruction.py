"""Shuffled scenes: exact permutations, solvable from the pixels, balanced, answers that follow the things."""

import json
import random
from collections import Counter

import pytest
from PIL import Image

from dataset_builder import categories
from dataset_builder.categories import mental_reconstruction
from dataset_builder.categories.mental_reconstruction import jigsaw, questions
from dataset_builder.categories.mental_reconstruction.scenes import THEMES, Thing
from dataset_builder.categories.shared.options import deal, four
from dataset_builder.drawing import sprites
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


@pytest.fixture(scope="module")
def instances() -> list[Instance]:
    return list(mental_reconstruction.make(0, 12))


def altered(instance: Instance, **changes: object) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | changes)})


def test_the_solver_agrees_and_sees_no_answer(instances: list[Instance]) -> None:
    for instance in instances:
        assert categories.solve(instance) == instance.answer, instance.id


def test_the_picture_is_an_exact_permutation_of_the_reference(instances: list[Instance]) -> None:
    for instance in instances:
        grid, order = instance.meta["grid"], instance.meta["permutation"]
        reference = instance.picture("reference_image")
        assert jigsaw.rearrange(reference, grid, order).tobytes() == instance.picture().tobytes()
        assert sorted(order) == list(range(grid * grid))
        assert sum(place == patch for place, patch in enumerate(order)) <= 1
        assert len(instance.image or b"") < 1_000_000 and reference.width % 60 == 0


def test_same_seed_same_bytes_other_seed_other_pictures(instances: list[Instance]) -> None:
    again = list(mental_reconstruction.make(0, 3))
    assert [i.digest() for i in again] == [i.digest() for i in instances[:3]]
    other = list(mental_reconstruction.make(1, 3))
    assert not {i.image for i in other} & {i.image for i in instances}


def test_the_plan_of_a_hundred_is_balanced() -> None:
    plan = mental_reconstruction._plan(5, 0)
    assert Counter(row[0] for row in plan) == {"coarse_shuffle": 50, "fine_shuffle": 50}
    assert min(Counter(row[3] for row in plan).values()) >= 25
    assert {row[1] for row in plan} == {3, 4, 5, 6}
    assert set(Counter(row[2] for row in plan)) == set(questions.KINDS)
    dealt = [deal(5, "mental_reconstruction", number) for number in range(1, 101)]
    assert set(Counter(letter for letter, _ in dealt).values()) == {25}
    assert set(Counter(rank for _, rank in dealt).values()) == {25}
    fours = [{letter for letter, _ in dealt[first : first + 4]} for first in range(0, 100, 4)]
    assert any(len(letters) < 4 for letters in fours), "three answers must not tell the fourth"


def test_a_tampered_instance_is_refused(instances: list[Instance]) -> None:
    instance = instances[0]
    order = instance.meta["permutation"]
    with pytest.raises(RealUnifyError, match="fit together otherwise"):
        categories.solve(altered(instance, permutation=order[1:] + order[:1]))
    moved = [{**row, "box": [v + 40 for v in row["box"]]} for row in instance.meta["objects"]]
    with pytest.raises(RealUnifyError, match="is in the picture"):
        categories.solve(altered(instance, objects=moved))


def thing(kind: str, x: int, foot: int = 500, tint: str | None = None, flip: bool = False) -> Thing:
    return Thing(kind, (x - 20, foot - 40, x + 20, foot), 40, tint, flip, True)


ROW = [thing("dog", 100, 400), thing("cow", 200, 600, flip=True), thing("cat", 300, 300), thing("pig", 400, 500)]
MEMBERS = {"members": ["cat", "cow", "dog", "pig"]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"kind": "order", "side": "left", "place": 2}, "cow"),
        ({"kind": "order", "side": "right", "place": 2}, "cat"),
        ({"kind": "between", "side": "left", "before": "dog", "after": "cat"}, "cow"),
        ({"kind": "next", "side": "right", "before": "cat"}, "cow"),
        ({"kind": "front", "side": "front", "place": 1}, "cow"),
        ({"kind": "front", "side": "back", "place": 2}, "dog"),
        ({"kind": "odd_facing"}, "cow"),
    ],
)
def test_answers_about_a_row(spec: dict[str, object], expected: str) -> None:
    assert questions.answer({**spec, **MEMBERS}, ROW) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"kind": "count_all", "what": "car"}, "4"),
        ({"kind": "count_tint", "what": "car", "tint": "red"}, "2"),
        ({"kind": "count_facing", "what": "car", "side": "right"}, "1"),
        ({"kind": "count_side", "what": "car", "side": "right", "landmark": "fountain"}, "3"),
        ({"kind": "odd_tint", "what": "car"}, "blue"),
    ],
)
def test_answers_about_many_of_a_kind(spec: dict[str, object], expected: str) -> None:
    tints = [("red", 100), ("green", 300), ("blue", 400), ("red", 500)]
    cars = [thing("car", x, tint=tint, flip=x == 300) for tint, x in tints]
    if spec["kind"] == "odd_tint":
        cars.append(thing("car", 600, tint="green"))
    assert questions.answer(spec, [*cars, thing("fountain", 200)]) == expected


def test_two_answers_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 answers"):
        questions.answer({"kind": "odd_kind", "members": ["dog", "cow"]}, ROW[:2])


def test_every_theme_names_sprites_that_exist() -> None:
    for theme in THEMES.values():
        for kind in f"{' '.join(theme.groups.values())} {theme.others} {theme.landmarks} {theme.sky}".split():
            assert kind in sprites.TABLE
        assert set(theme.colored.split()) <= set(sprites.tintable())


def test_a_jigsaw_of_a_plain_gradient_is_put_together() -> None:
    ramp = Image.linear_gradient("L").resize((240, 240))
    picture = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ramp))
    order = jigsaw.shuffle_order(random.Random(3), 4)
    assert jigsaw.assemble(jigsaw.rearrange(picture, 4, order), 4) == order
    assert (
        jigsaw.rearrange(jigsaw.rearrange(picture, 4, order), 4, jigsaw.inverse(order)).tobytes() == picture.tobytes()
    )


def test_no_neighbours_stay_together() -> None:
    assert jigsaw.kept_pairs(list(range(9)), 3) == 12
    for seed in range(20):
        assert jigsaw.kept_pairs(jigsaw.shuffle_order(random.Random(seed), 3 + seed % 4), 3 + seed % 4) <= 1


def test_options_must_differ() -> None:
    with pytest.raises(ValueError, match="four different"):
        four(random.Random(0), "1", ["1", "2", "3"], "A")
