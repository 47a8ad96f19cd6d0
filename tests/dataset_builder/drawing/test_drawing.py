"""Sprites, fonts, colours and encoding: complete, licensed, deterministic."""

import io
import random

import pytest
from PIL import Image

from dataset_builder.drawing import backgrounds, canvas, colors, encode, fonts, sprites
from dataset_builder.errors import RealUnifyError, UsageError


def noise(side: int) -> Image.Image:
    return Image.frombytes("RGB", (side, side), random.Random(0).randbytes(side * side * 3))


def test_every_row_has_a_picture_and_every_picture_a_row() -> None:
    files = {path.stem for path in (sprites.ASSETS / "sprites").glob("*.webp")}
    assert files == set(sprites.NAMES)
    assert 150 <= len(files) <= 300


def test_licences_travel_with_the_assets() -> None:
    text = (sprites.ASSETS / "sprites" / "LICENSE").read_text()
    assert "Microsoft Corporation" in text and "LobeHub" in text and "1.1.0" in text
    assert "Bitstream" in (sprites.ASSETS / "fonts" / "LICENSE").read_text()


@pytest.mark.parametrize("name", sprites.NAMES)
def test_each_sprite_is_cropped_named_and_sized(name: str) -> None:
    row = sprites.info(name)
    assert row.noun != row.plural or name in {"sheep", "deer", "bison", "fish", "tropical_fish", "broccoli"}
    assert row.alike <= set(sprites.NAMES) and name not in row.alike
    picture = sprites.sprite(name, 50)
    assert max(picture.size) == 50 and picture.mode == "RGBA"


def test_nouns_are_unique() -> None:
    nouns = [sprites.noun(name) for name in sprites.NAMES] + [sprites.plural(name) for name in sprites.NAMES]
    assert len(set(nouns)) >= len(nouns) - 6  # sheep, fish and the like


def test_unknown_names_are_explained() -> None:
    with pytest.raises(UsageError, match="did you mean"):
        sprites.sprite("biycle", 10)
    with pytest.raises(UsageError, match="sprite tag"):
        sprites.names("vehicles")
    with pytest.raises(UsageError, match="tintable"):
        sprites.sprite("elephant", 10, tint="red")


@pytest.mark.parametrize("name", sprites.tintable())
def test_a_tint_shows_its_colour(name: str) -> None:
    for tint in ("red", "blue", "yellow"):
        plain, tinted = sprites.sprite(name, 80), sprites.sprite(name, 80, tint=tint)
        assert plain.getchannel("A").tobytes() == tinted.getchannel("A").tobytes()
        near = sum(
            count
            for count, (r, g, b, a) in tinted.getcolors(6400) or []
            if a > 128 and max(abs(x - y) for x, y in zip((r, g, b), colors.rgb(tint), strict=True)) < 75
        )
        assert near > 300, (name, tint)


def test_flip_mirrors() -> None:
    assert (
        sprites.sprite("car", 40).transpose(Image.Transpose.FLIP_LEFT_RIGHT).tobytes()
        != sprites.sprite("car", 40).tobytes()
    )
    assert sprites.sprite("car", 256, flip=True).size == sprites.sprite("car", 256).size


def test_safe_colours_stay_apart_for_everyone() -> None:
    assert colors.all_distinguishable(colors.SAFE)
    assert set(colors.SAFE) <= set(colors.PALETTE)
    assert not colors.distinguishable("pink", "grey")
    # Textbook confusions, as a check of the simulation itself.
    assert not colors.distinguishable((200, 30, 30), (110, 90, 20))
    assert not colors.distinguishable((0, 150, 110), (160, 130, 140))
    assert colors.distance("red", "green") == colors.distance("green", "red")


def test_fonts_are_vendored_and_cached() -> None:
    assert fonts.font(20) is fonts.font(20)
    assert fonts.font(20).getname() == ("DejaVu Sans", "Book")
    assert fonts.font(20, bold=True).getname() == ("DejaVu Sans", "Bold")


def test_encodings_keep_pixels_and_drop_metadata() -> None:
    picture = noise(64)
    picture.info["comment"] = "made by me"
    for encoded in (encode.png(picture), encode.webp_lossless(picture)):
        again = Image.open(io.BytesIO(encoded))
        assert again.convert("RGB").tobytes() == picture.tobytes()
        assert b"made by me" not in encoded
    assert encode.jpeg(picture) == encode.jpeg(picture)
    assert Image.open(io.BytesIO(encode.webp(picture))).size == (64, 64)


def test_too_large_a_picture_is_refused() -> None:
    with pytest.raises(RealUnifyError, match="limit is 1,000,000"):
        encode.png(noise(700))


@pytest.mark.parametrize("theme", backgrounds.THEMES)
def test_backgrounds_follow_their_generator(theme: str) -> None:
    first, ground = backgrounds.background(theme, 720, random.Random(4))
    again, _ = backgrounds.background(theme, 720, random.Random(4))
    other, _ = backgrounds.background(theme, 720, random.Random(5))
    assert first.size == (720, 720) and 180 < ground < 420
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_unknown_background_is_explained() -> None:
    with pytest.raises(UsageError, match="unknown background 'parc'"):
        backgrounds.background("parc", 100, random.Random(0))


def test_a_shape_is_smooth_and_a_shadow_is_soft() -> None:
    brush = canvas.Brush(Image.new("RGB", (60, 60), (0, 0, 0)))
    brush.ellipse((10, 10, 50, 50), (200, 200, 200))
    shades = {pixel[0] for _, pixel in brush.done().getcolors(3600) or []}  # type: ignore[index]
    assert {0, 200} < shades
    picture = Image.new("RGB", (100, 100), (255, 255, 255))
    box = canvas.put(picture, sprites.sprite("car", 60), (20, 20))
    assert box[2] - box[0] == 60
    below = picture.crop((20, box[3] + 1, 80, box[3] + 8)).convert("L").getextrema()
    assert 100 < int(below[0]) < 255  # type: ignore[arg-type]


def test_text_blocks_are_as_wide_as_their_text() -> None:
    short, long = (canvas.text_block(text, 24, (0, 0, 0)) for text in ("II", "WWWW"))
    assert short.height == long.height and short.width * 3 < long.width
    assert long.getbbox() is not None
