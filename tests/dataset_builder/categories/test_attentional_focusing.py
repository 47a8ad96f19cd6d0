"""Crowded pictures of printed things: chains that end at one thing, small print, pixels that bear the record out."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dataset_builder import categories
from dataset_builder.categories import attentional_focusing as focusing
from dataset_builder.categories.attentional_focusing import chain, details, families, proof, reference, wording
from dataset_builder.categories.attentional_focusing.details import Detail, extent
from dataset_builder.categories.attentional_focusing.scene import Thing, line_up, thing_from_json
from dataset_builder.categories.shared.data import read
from dataset_builder.drawing import svg
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Instance


@pytest.fixture(scope="module")
def instances() -> list[Instance]:
    return list(focusing.make(0, len(families.NAMES)))


def with_meta(instance: Instance, **changes: Any) -> Instance:
    return instance.model_copy(update={"metadata": json.dumps(instance.meta | changes)})


def test_the_solver_agrees_and_every_family_keeps_its_promises(instances: list[Instance]) -> None:
    assert {instance.meta["family"] for instance in instances} == set(families.NAMES)
    for instance in instances:
        assert categories.solve(instance) == instance.answer, instance.id
        assert focusing.inspect(instance) == []
        assert len(instance.image or b"") < 1_000_000 and len(instance.reference_image or b"") < 1_000_000


def test_every_wrong_option_is_elsewhere_in_the_picture_and_text_alone_is_no_help(instances: list[Instance]) -> None:
    for instance in instances:
        spec = instance.meta["question"]
        things = [thing_from_json(row) for row in instance.meta["objects"]]
        goal = focusing.trail_of(instance.meta, things)[-1]
        elsewhere = {thing.values.get(spec["ask"]) for index, thing in enumerate(things) if index != goal}
        assert set(instance.option) - {things[goal].values[spec["ask"]]} <= elsewhere, instance.id
        if instance.subtask == "ocr":
            # Any two of the four differ in one place, so that none is the middle of the others.
            spots = [
                {i for i, (a, b) in enumerate(zip(one, instance.option[0], strict=True)) if a != b}
                for one in instance.option[1:]
            ]
            assert all(len(spot) == 1 for spot in spots) and len(set.union(*spots)) == 1


def test_same_seed_same_bytes(instances: list[Instance]) -> None:
    assert [i.digest() for i in focusing.make(0, 2)] == [i.digest() for i in instances[:2]]


def test_the_plan_of_a_hundred_is_balanced() -> None:
    plan = focusing._plan(4, 0)
    assert Counter(row.subtask for row in plan) == {"quantity": 34, "ocr": 33, "attribute": 33}
    assert min(Counter(row.difficulty for row in plan).values()) >= 33
    assert len(families.NAMES) >= 12 and set(Counter(row.family for row in plan).values()) <= {8, 9}


def test_a_forged_record_is_refused(instances: list[Instance]) -> None:
    for instance in instances:
        spec, rows = instance.meta["question"], instance.meta["objects"]
        goal = focusing.trail_of(instance.meta, [thing_from_json(row) for row in rows])[-1]
        rows[goal]["values"][spec["ask"]] = next(o for o in instance.option if o != rows[goal]["values"][spec["ask"]])
        with pytest.raises(RealUnifyError, match="the picture shows"):
            categories.solve(with_meta(instance, objects=rows))
        away = with_meta(instance, question=spec | {"value": "Nobody"})
        with pytest.raises(ValueError, match="0 things have the"):
            categories.solve(away)


def test_broken_promises_are_told(instances: list[Instance]) -> None:
    instance = instances[0]
    meta = instance.meta
    goal = meta["details"]["goal"] | {"kind": "text", "face": "serif-garamond", "anchor": "middle", "pitch": 0}
    trail = focusing.trail_of(meta, [thing_from_json(row) for row in meta["objects"]])

    def told(**changes: Any) -> str:
        return " | ".join(focusing.inspect(with_meta(instance, **changes)))

    assert "can be read, 5 cannot" in told(details=meta["details"] | {"goal": goal | {"size": 60}})
    assert "cannot be read in a crop, 18 can" in told(details=meta["details"] | {"goal": goal | {"size": 12}})
    assert "half a per cent" in told(details=meta["details"] | {"goal": goal | {"size": 400}})
    assert "a thing of the chain is partly covered" in told(
        objects=[row | {"covered": index in trail} for index, row in enumerate(meta["objects"])]
    )
    hard = instance.model_copy(update={"difficulty": "hard" if instance.difficulty != "hard" else "easy"})
    assert any("its chain is" in what for what in focusing.inspect(hard))
    bare = [
        row | {"values": {k: v for k, v in row["values"].items() if i in trail}}
        for i, row in enumerate(meta["objects"])
    ]
    problems = told(objects=bare)
    assert "is nowhere else in the picture" in problems and "fewer than two things nearly say" in problems


# Two rows of things 35 wide: three above, and below one under the first and one under the third.
ROWS = [(0, 50), (50, 100)]
THINGS = [
    Thing((100, 10, 135, 40), {"name": "Tor"}, "red tin"),
    Thing((10, 10, 45, 40), {"name": "Mel"}, "jar"),
    Thing((55, 10, 90, 40), {"name": "Os"}, "red tin"),
    Thing((10, 60, 45, 90), {"name": "Vel"}),
    Thing((100, 60, 135, 90), {"name": "Kar"}),
    Thing((60, 55, 70, 70), aside=True),
]


@pytest.mark.parametrize(
    ("at", "step", "expected"),
    [
        (1, {"go": "beside", "side": "right", "count": 2}, 0),
        (0, {"go": "beside", "side": "left", "count": 1}, 2),
        (2, {"go": "end", "side": "left"}, 1),
        (2, {"go": "end", "side": "right"}, 0),
        (2, {"go": "nth", "rows": 1, "side": "right", "count": 2}, 3),
        (1, {"go": "like", "side": "right", "look": "red tin"}, 2),
        (0, {"go": "across", "rows": 1}, 4),
        (3, {"go": "across", "rows": -1}, 1),
    ],
)
def test_steps(at: int, step: chain.Step, expected: int) -> None:
    assert chain.follow(THINGS, ROWS, at, step) == expected


@pytest.mark.parametrize(
    ("at", "step", "why"),
    [
        (0, {"go": "beside", "side": "right", "count": 1}, "the row ends"),
        (3, {"go": "beside", "side": "right", "count": 1}, "a gap on the way"),
        (2, {"go": "across", "rows": 1}, "no one thing"),
        (0, {"go": "nth", "rows": 1, "side": "left", "count": 3}, "too short"),
        (0, {"go": "nth", "rows": -1, "side": "left", "count": 1}, "no such row"),
        (0, {"go": "like", "side": "left", "look": "vase"}, "no vase"),
        (5, {"go": "end", "side": "left"}, "stands in no row"),
    ],
)
def test_steps_that_lead_nowhere_are_errors(at: int, step: chain.Step, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        chain.follow(THINGS, ROWS, at, step)


def test_the_order_of_the_record_does_not_matter() -> None:
    assert [THINGS[i].values["name"] for i in line_up(THINGS, ROWS, 0)] == ["Mel", "Os", "Tor"]
    crowded = [*THINGS, Thing((57, 10, 92, 40), {"name": "Os"})]
    with pytest.raises(ValueError, match="not one beside the other"):
        chain.follow(crowded, ROWS, 0, {"go": "end", "side": "left"})
    with pytest.raises(ValueError, match="2 things have the name 'Os'"):
        chain.start(crowded, "name", "Os")


def test_a_chain_in_words() -> None:
    words = wording.family("library")
    steps = [{"go": "beside", "side": "right", "count": 1}, {"go": "nth", "rows": -2, "side": "left", "count": 3}]
    assert chain.told(words, "author", "M. Orlo", steps) == (
        "the third book from the left on the shelf two above that of "
        "the book directly to the right of the book by M. Orlo"
    )


@pytest.mark.parametrize(
    ("detail", "values"),
    [
        (Detail("text", 60, 40, 28, "#102040", "hand-kalam"), ["PLUM 3", "PLUM 8", "PLUM 5"]),
        (Detail("text", 60, 40, 28, "#f0e0c0", "condensed-sans", turn=12), ["Tarlo", "Terlo", "Torlo"]),
        (Detail("emblem", 60, 40, 20, "#802020"), ["star", "sun", "flower"]),
        (Detail("marks", 60, 40, 7, "#201010", pitch=11, in_row=4), ["4", "5", "6"]),
        (Detail("colour", 60, 40, 12), ["red", "blue", "yellow"]),
    ],
)
def test_pixels_are_read(detail: Detail, values: list[str]) -> None:
    for truth in values:
        drawn = svg.render(svg.document(svg.rect(0, 0, 120, 80, "#a09080") + details.draw(detail, truth), (120, 80)))
        seen = proof.likeness(drawn.convert("RGB"), detail, values)
        assert max(seen, key=lambda value: seen[value]) == truth
        x0, y0, x1, y1 = extent(detail, truth)
        assert x0 <= 60 <= x1 and y0 <= 40 <= y1 + 1


def test_the_inset_is_legible_and_hides_nothing() -> None:
    lit = [(400, 300, 500, 420), (1000, 700, 1100, 800)]
    inset = reference.inset_for((2240, 1600), lit, (1020, 740, 1080, 760), 19)
    assert inset is not None
    part, at = inset
    assert 990 <= part[0] <= 1020 and 1080 <= part[2] <= 1110
    assert 19 * (at[2] - at[0]) / (part[2] - part[0]) * 384 / 2240 >= 9
    assert all(at[2] <= box[0] or box[2] <= at[0] or at[3] <= box[1] or box[3] <= at[1] for box in lit)
    assert reference.inset_for((300, 200), [(20, 20, 280, 180)], (100, 80, 160, 100), 19) is None
    picture = Image.new("RGB", (2240, 1600), (200, 100, 50))
    shown = reference.highlight(picture, lit, inset)
    assert shown.getpixel((1050, 750)) == (200, 100, 50) and shown.getpixel((5, 5)) == (76, 38, 19)
    assert shown.getpixel((1050, 700 - 9)) == reference.FRAME and shown.getpixel((at[0] + 9, at[1] + 9)) == (
        200,
        100,
        50,
    )


def test_words_are_combined_and_refused() -> None:
    rng = random.Random(3)
    for _ in range(300):
        four = wording.similar(rng, wording.invent(rng, "{start}{end} ##", wording.COMMON))
        assert len(set(four)) == 4 and len({len(text) for text in four}) == 1
    assert wording.similar(rng, "117") == []
    with pytest.raises(RealUnifyError, match="nothing but refused words"):
        wording.invent(rng, "{bad}", {"bad": ("Ikea", "Nazi")})


def test_every_family_s_data_is_whole_and_a_bad_entry_is_named(tmp_path: Path) -> None:
    assert len(svg.FACES) >= 25
    assert {path.stem for path in wording.FOLDER.glob("*.yaml")} == set(families.NAMES)
    used = {face for name in families.NAMES for faces in wording.family(name).faces.values() for face in faces}
    assert len(used) >= 25
    text = (wording.FOLDER / "library.yaml").read_text()
    for old, new, why in (
        ("serif-garamond,", "sans-nothing,", "there is no typeface 'sans-nothing'"),
        ("choices: [star,", "choices: [dragon,", "asks mark: neither emblems nor colours"),
        ("low: 2", "low: 8", "asks dots: fewer than four numbers"),
        ('pattern: "{initial}. {start}{end}"', 'pattern: "{forename}"', "there is no list of words 'forename'"),
    ):
        assert old in text
        (tmp_path / "library.yaml").write_text(text.replace(old, new, 1))
        with pytest.raises(RealUnifyError, match=f"library.yaml: .*{why}"):
            read(tmp_path / "library.yaml", wording.Family)
