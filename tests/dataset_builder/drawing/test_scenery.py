"""What stands where in the drawn pictures: no tree in a lake, no boat on land, no slab of sea under a boat."""

import random

import pytest
from PIL import Image

from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.map.layout import lay_out
from dataset_builder.categories.mental_reconstruction import questions
from dataset_builder.categories.mental_reconstruction.scenes import SIDE, THEMES, compose, thing_from_json
from dataset_builder.drawing import canvas, sprites

BOATS = ("canoe", "ferry", "sailing_boat", "ship", "speedboat")


def is_water(picture: Image.Image, x: int, y: int, by: int = 14) -> bool:
    red, _, blue = picture.getpixel((x, y))  # type: ignore[misc]
    return bool(blue - red > by)


@pytest.mark.parametrize("name", [name for name in sprites.NAMES if sprites.info(name).block])
def test_no_slab_is_left_under_a_sprite(name: str) -> None:
    # Of a slab of sea or sand, the lowest row is opaque from one side to the other.
    alpha = sprites.sprite(name, 200).getchannel("A")
    lowest = alpha.crop((0, alpha.height - 3, alpha.width, alpha.height)).histogram()
    assert sum(lowest[200:]) < 3 * alpha.width * 70 // 100


def test_every_boat_is_without_its_sea() -> None:
    assert all(sprites.info(name).block == "blue" for name in BOATS)
    # What is left of the blue is the ferry's own hull and windows, above the waterline.
    ferry = sprites.sprite("ferry", 200).convert("RGB")
    assert is_water(ferry, 100, ferry.height * 70 // 100, 50) and not is_water(ferry, 100, ferry.height - 12, 50)


def test_trees_and_places_on_a_map_keep_out_of_the_water(monkeypatch: pytest.MonkeyPatch) -> None:
    feet: list[tuple[int, int]] = []
    shadow = canvas.ground_shadow

    def watched(picture: Image.Image, box: canvas.Box) -> None:
        feet.append(((box[0] + box[2]) // 2, box[3] - 2))
        shadow(picture, box)

    monkeypatch.setattr(drawing, "ground_shadow", watched)
    towns = [town for seed in range(60) if (town := lay_out(random.Random(seed), 8))]
    wet = 0
    for tone, town in enumerate(towns[:12]):
        feet.clear()
        drawing._ground(town, tone)
        trees = list(feet)
        with monkeypatch.context() as bare:
            bare.setattr(drawing, "_scatter", lambda *_: None)
            ground = drawing._ground(town, tone)
        wet += any(is_water(ground, x, y) for x in range(5, 880, 25) for y in range(5, 880, 25))
        assert len(trees) > 5
        assert not any(is_water(ground, x, y) for x, y in trees)
        assert not any(is_water(ground, int(place.x), int(place.y)) for place in town.places)
    assert wet > 5


def test_boats_and_fish_are_only_where_the_ground_is_water() -> None:
    for theme in THEMES.values():
        cast = set(f"{' '.join(theme.groups.values())} {theme.colored} {theme.others} {theme.landmarks}".split())
        assert theme.sea or not cast & {*BOATS, "whale", "octopus", "fish", "tropical_fish"}


@pytest.mark.parametrize("theme", ["harbour", "beach"])
def test_what_is_in_the_sea_floats_and_what_flies_is_in_the_sky(theme: str) -> None:
    rng = random.Random(3)
    _, cast = questions.cast_question(rng, "count_all", theme, 1)
    composed = compose(rng, theme, cast, 12)
    assert composed is not None
    picture, things = composed
    sky = set(THEMES[theme].sky.split()) - set(THEMES[theme].groups.get("toys", "").split())
    for thing in things:
        assert thing.afloat == (theme == "harbour" and thing.kind not in sky)
        assert thing.picture().size == (thing.box[2] - thing.box[0], thing.box[3] - thing.box[1])
        assert thing.kind not in sky or thing.box[3] < SIDE * 36 // 100
        assert thing_from_json(thing.as_json()) == thing
    assert picture.size == (SIDE, SIDE)
