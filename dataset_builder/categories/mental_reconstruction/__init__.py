"""mental_reconstruction: a question about a picture whose patches were shuffled.

Scenes of 8 to 25 sprites; 3x3 patches (coarse) or 4x4 to 6x6 (fine). The picture shown is an exact
permutation of the patches of `reference_image`, and every puzzle can be put together from its pixels.
The solver does so, finds the sprites of the metadata in the restored picture, and answers from them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageChops

from dataset_builder.categories.mental_reconstruction import jigsaw, questions
from dataset_builder.categories.mental_reconstruction.scenes import Thing, compose, thing_from_json
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.drawing import encode, sprites
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Letter, geu_instance, instance_rng

NAME = "mental_reconstruction"
_ATTEMPTS = 200
_Plan = tuple[str, int, str, Difficulty]  # subtask, grid, kind of question, difficulty


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances; the first ones are the same whatever `n` is."""
    for number in range(1, n + 1):
        block, place = divmod(number - 1, 100)
        yield _instance(seed, number, _plan(seed, block)[place])


def solve(instance: Instance) -> Letter:
    """Puts the patches together, checks that the things are where they should be, and answers."""
    meta = instance.meta
    picture, grid = instance.picture(), int(meta["grid"])
    order = jigsaw.assemble(picture, grid)
    if order != meta["permutation"]:
        raise RealUnifyError(f"{instance.id}: the patches fit together otherwise than stored; rebuild the dataset")
    restored = jigsaw.rearrange(picture, grid, jigsaw.inverse(order))
    things = [thing_from_json(row) for row in meta["objects"]]
    for thing in things:
        share = _found(restored, thing)
        if share < (60 if thing.asked else 25):
            raise RealUnifyError(f"{instance.id}: only {share} % of the {thing.kind} at {thing.box} is in the picture")
    return letter_of(instance, questions.answer(meta["question"], things))


def _plan(seed: int, block: int) -> list[_Plan]:
    """What each of 100 instances is: half coarse, half fine, the levels 34, 32 and 34, all kinds in turn."""
    rng = instance_rng(seed, NAME, "plan", block)
    simple, relational = _turns(rng, questions.SIMPLE, 34), _turns(rng, questions.RELATIONAL, 16)
    coarse: list[_Plan] = [("coarse_shuffle", 3, kind, "easy") for kind in simple]
    coarse += [("coarse_shuffle", 3, kind, "medium") for kind in relational]
    kinds = _turns(rng, questions.KINDS, 50)
    fine: list[_Plan] = [("fine_shuffle", 4, kind, "medium") for kind in kinds[:16]]
    fine += [("fine_shuffle", 5 + i % 2, kind, "hard") for i, kind in enumerate(kinds[16:])]
    rng.shuffle(coarse)
    rng.shuffle(fine)
    return [row for pair in zip(coarse, fine, strict=True) for row in pair]


def _turns(rng: random.Random, kinds: tuple[str, ...], n: int) -> list[str]:
    """`n` of the kinds, each as often as the others (to within one), in random order."""
    rows: list[str] = []
    while len(rows) < n:
        rows += rng.sample(kinds, len(kinds))
    return rows[:n]


def _instance(seed: int, number: int, plan: _Plan) -> Instance:
    subtask, grid, kind, difficulty = plan
    letter, rank = deal(seed, NAME, number)
    for attempt in range(_ATTEMPTS):
        rng = instance_rng(seed, NAME, number, attempt)
        made = _attempt(rng, kind, grid, rank)
        if made is not None:
            break
    else:
        raise RealUnifyError(f"{NAME} {number}: no scene found for '{kind}' in {_ATTEMPTS} attempts; try another seed")
    theme, spec, things, picture, order = made
    truth = questions.answer(spec, things)
    texts = [
        sprites.noun(name) if name in sprites.TABLE and "members" in spec else name for name in spec.pop("options")
    ]
    others = [option for option in texts if option != truth]
    return geu_instance(
        NAME,
        number,
        subtask=subtask,
        image=encode.webp_lossless(jigsaw.rearrange(picture, grid, order)),
        question=questions.text(rng, spec),
        option=four(rng, truth, others, letter),
        answer=letter,
        reference_image=encode.webp_lossless(picture),
        difficulty=difficulty,
        rationale=f"In the unshuffled {theme} scene the answer is {truth}: {_why(spec, things)}.",
        metadata={
            "seed": seed,
            "number": number,
            "theme": theme,
            "grid": grid,
            "permutation": order,
            "question": spec,
            "objects": [thing.as_json() for thing in things],
        },
    )


def _attempt(
    rng: random.Random, kind: str, grid: int, rank: int
) -> tuple[str, dict[str, Any], list[Thing], Image.Image, list[int]] | None:
    """A scene for the question, or None when it came out crowded, uncut or impossible to put together."""
    theme = rng.choice(questions.themes_for(kind))
    cast_spec, cast = questions.cast_question(rng, kind, theme, rank)
    composed = compose(rng, theme, cast, gap=34 if kind in questions.RELATIONAL else 12)
    if composed is None:
        return None
    picture, things = composed
    spec = questions.ask(rng, cast_spec, things)
    if spec is None or not _cut(things, picture.width // grid):
        return None
    order = jigsaw.shuffle_order(rng, grid)
    if jigsaw.assemble(jigsaw.rearrange(picture, grid, order), grid) != order:
        return None
    return theme, spec, things, picture, order


def _cut(things: list[Thing], side: int) -> bool:
    """Whether a patch border runs well through at least a third of the asked things."""
    asked = [thing for thing in things if thing.asked]
    cut = [t for t in asked if any((t.box[i] + 9) // side != (t.box[i + 2] - 9) // side for i in (0, 1))]
    return 3 * len(cut) >= len(asked) and bool(cut)


def _found(picture: Image.Image, thing: Thing) -> int:
    """Per cent of the thing's opaque pixels that the picture shows at its box."""
    wanted = thing.picture()
    if (wanted.width, wanted.height) != (thing.box[2] - thing.box[0], thing.box[3] - thing.box[1]):
        return 0
    opaque = wanted.getchannel("A").point([255 if alpha == 255 else 0 for alpha in range(256)])
    r, g, b = ImageChops.difference(picture.crop(thing.box), wanted.convert("RGB")).split()
    same = ImageChops.lighter(ImageChops.lighter(r, g), b).point([255 if value <= 36 else 0 for value in range(256)])
    return 100 * ImageChops.multiply(same, opaque).histogram()[255] // max(1, opaque.histogram()[255])


def _why(spec: dict[str, Any], things: list[Thing]) -> str:
    """What the picture shows, as the rationale says it."""
    if "what" in spec:
        same = [thing for thing in things if thing.kind == spec["what"]]
        tints = sorted({thing.tint for thing in same if thing.tint})
        shades = [f"{sum(t.tint == tint for t in same)} {tint}" for tint in tints]
        told = f" ({', '.join(shades)})" if shades else ""
        if spec["kind"] in ("count_facing", "count_side"):
            where = f"left of the {sprites.noun(spec['landmark'])}" if "landmark" in spec else "facing left"
            n = int(questions.answer({**spec, "side": "left"}, things))
            told = (
                f", {n} of them {where} and {len(same) - n} {'right of it' if 'landmark' in spec else 'facing right'}"
            )
        return f"it holds {len(same)} {sprites.plural(spec['what'])}{told}"
    members = sorted((thing for thing in things if thing.kind in spec["members"]), key=lambda thing: thing.x)
    if spec["kind"] == "front":
        members.sort(key=lambda thing: -thing.box[3])
        return "from front to back stand " + ", ".join(sprites.noun(thing.kind) for thing in members)
    sides = {False: "left", True: "right"}
    faces = spec["kind"] == "odd_facing"
    row = [sprites.noun(t.kind) + (f" (facing {sides[t.flip]})" if faces else "") for t in members]
    return "from left to right stand " + ", ".join(row)
