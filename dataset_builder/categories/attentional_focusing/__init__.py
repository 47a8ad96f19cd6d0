"""attentional_focusing: a small detail in a large picture crowded with 60 to 200 sprites and labels.

Every detail is found by its relation to a thing that is there once. What is asked about covers less than
half a per cent of the picture, and every option is somewhere in it. The solver finds the asked thing by the
metadata, then checks in the pixels that it looks more like itself than like any other option.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from PIL import Image, ImageDraw

from dataset_builder.categories.attentional_focusing import questions
from dataset_builder.categories.attentional_focusing.places import LAYOUTS, Layout, Place, stage
from dataset_builder.categories.attentional_focusing.questions import Demand, Wanted
from dataset_builder.categories.attentional_focusing.things import (
    CRATE,
    LABEL,
    Thing,
    difference,
    label,
    render,
    thing_from_json,
)
from dataset_builder.categories.shared.options import deal, four, letter_of
from dataset_builder.drawing import encode, sprites
from dataset_builder.drawing.canvas import Box, put
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Letter, geu_instance, instance_rng

NAME = "attentional_focusing"
CROWD: dict[Difficulty, tuple[int, int]] = {"easy": (60, 90), "medium": (91, 140), "hard": (141, 200)}
FLYERS = ("airplane", "helicopter", "kite", "eagle", "butterfly", "flying_saucer")
LARGEST = 5  # thousandths of the picture that the asked detail may cover
# The loss of the encoding stays under this (30 to 90 for small saturated things), another thing or colour above.
FAITHFUL = 160
_ATTEMPTS = 60
_Plan = tuple[str, str, Difficulty, Layout]


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances; the first ones are the same whatever `n` is."""
    for number in range(1, n + 1):
        block, place = divmod(number - 1, 100)
        yield _instance(seed, number, _plan(seed, block)[place])


def solve(instance: Instance) -> Letter:
    """Answers from the metadata's things after checking those that matter against the pixels."""
    meta, picture = instance.meta, instance.picture()
    things, spec = [thing_from_json(row) for row in meta["objects"]], meta["question"]
    for index in _to_check(spec, things):
        thing = things[index]
        looks = {option: difference(picture, option) for option in questions.variants(spec, thing, instance.option)}
        best = min(looks, key=lambda option: looks[option])
        if best != thing or looks[best] > FAITHFUL:
            raise RealUnifyError(
                f"{instance.id}: the {thing.kind} at {thing.box} looks like {best.tint or best.text or best.count}, "
                "not as stored; rebuild the dataset"
            )
    if "landmark" in spec:
        mark = next(thing for thing in things if thing.kind == spec["landmark"])
        if difference(picture, mark) > FAITHFUL:
            raise RealUnifyError(f"{instance.id}: the {mark.kind} is not at {mark.box}; rebuild the dataset")
    return letter_of(instance, questions.answer(spec, things))


def inspect(instance: Instance) -> list[str]:
    """A large picture, as crowded as its level says, in which the asked detail is small."""
    meta, picture = instance.meta, instance.picture()
    things = [thing_from_json(row) for row in meta["objects"]]
    problems = []
    if not _small(meta["question"], picture, things):
        problems.append("the asked detail covers half a per cent of the picture or more")
    if not 1600 <= max(picture.size) <= 2048:
        problems.append(f"the picture is {picture.width}x{picture.height} px, not 1,600 to 2,048")
    low, high = CROWD[instance.difficulty]
    if not low <= len(things) <= high:
        problems.append(f"it holds {len(things)} things, {instance.difficulty} is {low} to {high}")
    return problems


def _to_check(spec: questions.Spec, things: list[Thing]) -> list[int]:
    if spec["form"] == "scattered":
        return [index for index, thing in enumerate(things) if thing.kind == spec["what"]]
    return questions.asked(spec, things)


def _plan(seed: int, block: int) -> list[_Plan]:
    """What each of 100 instances is: subtasks 34, 33, 33; levels 34, 33, 33; forms and layouts in turn."""
    rng = instance_rng(seed, NAME, "plan", block)
    levels: list[Difficulty] = ["easy", "medium", "hard"]
    rows: list[_Plan] = []
    turns = {subtask: rng.sample(forms, len(forms)) for subtask, forms in questions.FORMS.items()}
    layouts = [layout for _ in range(7) for layout in rng.sample(LAYOUTS, len(LAYOUTS))]
    for index in range(100):
        subtask = list(questions.FORMS)[index % 3]
        forms = turns[subtask]
        rows.append((subtask, forms[index // 3 % len(forms)], levels[(index + index // 3) % 3], layouts[index]))
    return rows


def _instance(seed: int, number: int, plan: _Plan) -> Instance:
    subtask, form, difficulty, layout = plan
    letter, rank = deal(seed, NAME, number)
    for attempt in range(_ATTEMPTS):
        rng = instance_rng(seed, NAME, number, attempt)
        demand = questions.design(rng, form, rank)
        drawn = _draw(rng, layout, demand, rng.randint(*CROWD[difficulty]))
        if drawn is not None and _small(demand.spec, *drawn):
            break
    else:
        raise RealUnifyError(f"{NAME} {number}: no picture found in {_ATTEMPTS} attempts; try another seed")
    picture, things = drawn
    spec = demand.spec
    options = spec.pop("options")
    truth = questions.answer(spec, things)
    question = questions.text(rng, spec, layout.noun)
    return geu_instance(
        NAME,
        number,
        subtask=subtask,
        image=encode.webp(picture, 90),
        question=question,
        option=four(rng, truth, [option for option in options if option != truth], letter),
        answer=letter,
        reference_image=encode.jpeg(highlight(picture, _regions(spec, things)), 85),
        difficulty=difficulty,
        rationale=_why(spec, things, truth),
        metadata={
            "seed": seed,
            "number": number,
            "layout": layout.name,
            "question": spec,
            "objects": [thing.as_json() for thing in things],
        },
    )


def _draw(rng: random.Random, layout: Layout, demand: Demand, crowd: int) -> tuple[Image.Image, list[Thing]] | None:
    """The picture with `crowd` things, labels included."""
    labels = crowd * rng.randint(26, 40) // 100
    flyers = [name for name in FLYERS if name not in demand.away] if layout.outdoors else []
    flying = rng.randint(3, 6) if flyers else 0
    picture, rows = stage(rng, layout, crowd - labels - flying + 1)
    chosen = _seat(rng, layout, demand, rows, crowd - labels - flying)
    if chosen is None:
        return None
    sky = rows[0][0].foot - rows[0][0].room - 20
    aloft = [_fly(rng, picture, rng.choice(flyers), i, flying, sky) for i in range(flying)]
    things: list[Thing] = []
    for place, wanted in chosen:
        thing = _stand(place, wanted, flip=wanted.kind != CRATE and wanted.tint is None and rng.random() < 0.4)
        put(picture, render(thing), thing.box[:2], shadow=layout.outdoors is not None)
        things.append(thing)
    return picture, things + aloft + _labels(rng, picture, chosen, things, labels)


def _seat(
    rng: random.Random, layout: Layout, demand: Demand, rows: list[list[Place]], count: int
) -> list[tuple[Place, Wanted]] | None:
    """Who stands at which place: the question's own things first, then others from the layout's pool."""
    free = [place for row in rows for place in row]
    taken: dict[Place, Wanted] = {}
    if demand.landmark is not None:
        row = rng.choice(rows)
        at = rng.randint(1, len(row) - 2)
        taken[row[at]] = demand.landmark
        free.remove(row[at])
        for place, right in ((row[at - 1], False), (row[at + 1], True)):
            if demand.beside is not None and right == (demand.spec["side"] == "right"):
                taken[place] = demand.beside
                free.remove(place)
            elif demand.beside is not None:
                # On the other side stands something else, so that a wrong side is a wrong thing.
                taken[place] = Wanted(rng.choice(_fillers(layout, demand)))
                free.remove(place)
    if len(demand.decoys) > len(free) // 2:
        return None
    seats = rng.sample(free, min(len(free), count - len(taken)))
    pool = _fillers(layout, demand)
    crowd = demand.decoys + [Wanted(name) for name in rng.choices(pool, k=max(0, len(seats) - len(demand.decoys)))]
    taken.update(zip(seats, crowd, strict=False))
    return sorted(taken.items(), key=lambda pair: (pair[0].row, pair[0].x))


def _fillers(layout: Layout, demand: Demand) -> list[str]:
    return [name for name in layout.pool if name not in demand.away]


def _stand(place: Place, wanted: Wanted, flip: bool) -> Thing:
    if wanted.kind == CRATE:
        size = max(84, min(104, place.room * 12 // 10))
    else:
        size = place.room * wanted.scale // 100 * min(100, 82 + int(20 * sprites.info(wanted.kind).scale)) // 100
    size -= size % 3  # fewer sizes, so that more sprites come from the cache
    thing = Thing(
        wanted.kind, place.row, (0, 0, 0, 0), size, wanted.tint, flip, None, None, wanted.content, wanted.count
    )
    width, height = render(thing).size
    left = place.x - width // 2
    return thing.but(box=(left, place.foot - height, left + width, place.foot))


def _fly(rng: random.Random, picture: Image.Image, kind: str, place: int, of: int, sky: int) -> Thing:
    """One of `of` things in the sky above the crowd; its row is -1."""
    thing = Thing(kind, -1, (0, 0, 0, 0), rng.randrange(66, 105, 3), flip=rng.random() < 0.5)
    width, height = render(thing).size
    room = picture.width // of
    left, top = place * room + rng.randint(10, max(11, room - width - 10)), rng.randint(8, max(9, sky - height))
    put(picture, render(thing), (left, top), shadow=False)
    return thing.but(box=(left, top, left + width, top + height))


def _labels(
    rng: random.Random, picture: Image.Image, chosen: list[tuple[Place, Wanted]], things: list[Thing], count: int
) -> list[Thing]:
    """Label plates under the things that need one and under as many others as make up the count."""
    own = {index for index, (_, wanted) in enumerate(chosen) if wanted.label}
    rest = [index for index in range(len(chosen)) if index not in own]
    used = {wanted.label for _, wanted in chosen}
    made = []
    for index in sorted(own | set(rng.sample(rest, min(len(rest), max(0, count - len(own)))))):
        place, wanted = chosen[index]
        text = wanted.label or questions.other_text(rng)
        while not wanted.label and text in used:
            text = questions.other_text(rng)
        used.add(text)
        color = wanted.label_tint or rng.choice(questions.LABEL_TINTS)
        plate = label(text, color, place.label)
        left, top = place.x - plate.width // 2, place.foot + 5
        box: Box = (left, top, left + plate.width, top + plate.height)
        picture.paste(plate, (left, top), plate)
        made.append(Thing(LABEL, place.row, box, place.label, color, text=text, of=index))
    return made


def _small(spec: questions.Spec, picture: Image.Image, things: list[Thing]) -> bool:
    """Whether the asked detail covers less than half a per cent, and whole things stand apart."""
    boxes = [things[index].box for index in questions.asked(spec, things)]
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes)
    inside = all(x0 >= 0 and y0 >= 0 and x1 <= picture.width and y1 <= picture.height for x0, y0, x1, y1 in boxes)
    return inside and bool(boxes) and area * 1000 < LARGEST * picture.width * picture.height


def _regions(spec: questions.Spec, things: list[Thing]) -> list[Box]:
    """What the reference picture lights up: the asked things, each together with the landmark it is found by."""
    boxes = [things[index].box for index in questions.asked(spec, things)]
    if "landmark" in spec:
        boxes += [thing.box for thing in things if thing.kind == spec["landmark"]]
        if spec["form"] == "label_next":
            mark = next(i for i, thing in enumerate(things) if thing.kind == spec["landmark"])
            boxes.append(things[questions.beside(things, mark, spec["side"])].box)
        boxes = [
            (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        ]
    return boxes


def highlight(picture: Image.Image, regions: list[Box]) -> Image.Image:
    """The picture with everything dimmed but the regions, each in a bright frame."""
    dark = picture.point([value * 38 // 100 for value in range(256)] * 3)
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    frames = [(x0 - 14, y0 - 14, x1 + 14, y1 + 14) for x0, y0, x1, y1 in regions]
    for frame in frames:
        draw.rounded_rectangle(frame, 16, fill=255)
    result = Image.composite(picture, dark, mask)
    draw = ImageDraw.Draw(result)
    for frame in frames:
        draw.rounded_rectangle(frame, 16, outline=(255, 226, 40), width=6)
    return result


def _why(spec: questions.Spec, things: list[Thing], truth: str) -> str:
    if spec["form"] == "scattered":
        every = sum(thing.kind == spec["what"] for thing in things)
        verb = "is" if truth == "1" else "are"
        return f"Of the {every} {sprites.plural(spec['what'])} in the picture, {truth} {verb} {spec['tint']}."
    mark = sprites.noun(spec["landmark"])
    thing = things[questions.asked(spec, things)[0]]
    where = f"directly to the {spec['side']} of the {mark}" if "side" in spec else f"under the {mark}"
    what = sprites.noun(spec["what"]) if "what" in spec else ""
    named = sprites.noun if truth == "1" else sprites.plural
    content = named(spec["content"]) if "content" in spec else ""
    shown = {
        "crate": f"The crate {where} holds {truth} {content}",
        "tint_next": f"The {what} {where} is {truth}",
        "label_of": f"The label {where} says {truth}",
        "label_next": f"The label of the {what} {where} says {truth}",
        "label_tint": f"The label {where} is {truth}",
    }
    return f"{shown[spec['form']]} (at {thing.box[0]}, {thing.box[1]} px)."
