"""The questions of attentional_focusing: what each needs in the picture, how it is put, how it is answered.

`design` gives the `Demand`s (which thing stands where beside a unique landmark, with which decoys) before the
picture is drawn; `answer` recomputes the answer from the question and the things alone.
"""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset_builder.categories.attentional_focusing.things import CRATE, LABEL, Thing
from dataset_builder.drawing import sprites

Spec = dict[str, Any]
FORMS: dict[str, tuple[str, ...]] = {
    "quantity": ("crate", "scattered"),
    "ocr": ("label_of", "label_next"),
    "attribute": ("tint_next", "label_tint"),
}
# Apart from each other for everyone, also in the light and shade of a sprite.
TINTS = ("red", "yellow", "green", "blue", "purple", "black", "white")
LABEL_TINTS = ("red", "yellow", "green", "blue", "white", "black")
TINTED = (
    "umbrella bucket backpack suitcase teapot cap boot dress balloon toolbox purse book flag scarf key padlock "
    "alarm_clock guitar bell pair_of_jeans paper_lantern lifebuoy barrel pair_of_gloves t_shirt screwdriver gem"
).split()
CONTENTS = (
    "strawberry lemon red_apple egg carrot tomato doughnut seashell gem ring key padlock mushroom ladybug "
    "pair_of_cherries bell chick crab game_die soccer_ball cupcake"
).split()
LANDMARKS = (
    "clock globe telescope trophy fountain snowman fire_extinguisher traffic_light robot_head pinata microscope "
    "dinosaur stone_head amphora crown violin saxophone rocket juggler wizard peacock owl penguin elephant "
    "christmas_tree birthday_cake magnet parasol mailbox radio television camera"
).split()


@dataclass(frozen=True)
class Wanted:
    """A thing wanted in the picture: its kind and whatever is special about it."""

    kind: str
    tint: str | None = None
    content: str | None = None
    count: int | None = None
    label: str | None = None
    label_tint: str | None = None
    scale: int = 100


@dataclass
class Demand:
    """What a question needs: a landmark, what stands right beside it on `side`, decoys, and kinds kept away."""

    spec: Spec
    landmark: Wanted | None = None
    beside: Wanted | None = None
    decoys: list[Wanted] = field(default_factory=list)
    away: set[str] = field(default_factory=set)


def design(rng: random.Random, form: str, rank: int) -> Demand:
    """A question of the form with its cast; `rank` places a number among its options."""
    demand = _DESIGNS[form](rng, rank)
    demand.spec["form"] = form
    for one in (demand.landmark, demand.beside, *demand.decoys):
        if one is not None:
            demand.away |= {one.kind, *(sprites.info(one.kind).alike if one.kind in sprites.TABLE else ())}
    return demand


def _landmark(rng: random.Random, *taken: str) -> str:
    near = {name for kind in taken if kind in sprites.TABLE for name in sprites.info(kind).alike} | set(taken)
    return rng.choice([name for name in LANDMARKS if name not in near])


def _window(rng: random.Random) -> list[int]:
    low = rng.randint(1, 5)
    return list(range(low, low + 4))


def _crate(rng: random.Random, rank: int) -> Demand:
    numbers, content, side = _window(rng), rng.choice(CONTENTS), rng.choice(("left", "right"))
    mark = _landmark(rng, content)
    spec = {"landmark": mark, "side": side, "content": content, "options": [str(number) for number in numbers]}
    decoys = [n for i, n in enumerate(numbers) if i != rank] + rng.choices(numbers, k=rng.randint(2, 4))
    crates = [Wanted(CRATE, content=content, count=count) for count in decoys]
    crates += [Wanted(CRATE, content=rng.choice(CONTENTS), count=rng.randint(1, 8)) for _ in range(rng.randint(1, 3))]
    return Demand(spec, Wanted(mark), Wanted(CRATE, content=content, count=numbers[rank]), crates)


def _scattered(rng: random.Random, rank: int) -> Demand:
    numbers, what = _window(rng), rng.choice(TINTED)
    tints = rng.sample(TINTS, 4)
    others = [rng.choice(tints[1:]) for _ in range(rng.randint(4, 8))]
    things = [Wanted(what, tint=tint, scale=48) for tint in [tints[0]] * numbers[rank] + others]
    return Demand({"what": what, "tint": tints[0], "options": [str(number) for number in numbers]}, decoys=things)


def _label_of(rng: random.Random, rank: int) -> Demand:
    texts = similar_texts(rng)
    mark = _landmark(rng)
    carriers = rng.sample([name for name in TINTED if name not in sprites.info(mark).alike], 3)
    decoys = [Wanted(kind, label=text) for kind, text in zip(carriers, texts[1:], strict=True)]
    return Demand({"landmark": mark, "options": texts}, Wanted(mark, label=texts[0]), None, decoys)


def _label_next(rng: random.Random, rank: int) -> Demand:
    texts, what = similar_texts(rng), rng.choice(TINTED)
    mark, side = _landmark(rng, what), rng.choice(("left", "right"))
    tints = [rng.choice(TINTS) for _ in range(6)]
    spec = {"landmark": mark, "side": side, "what": what, "options": texts}
    decoys = [Wanted(what, tint, label=text) for tint, text in zip(tints, texts[1:], strict=False)]
    decoys += [Wanted(what, tint) for tint in tints[3:5]]
    return Demand(spec, Wanted(mark), Wanted(what, tints[5], label=texts[0]), decoys)


def _tint_next(rng: random.Random, rank: int) -> Demand:
    what, side = rng.choice(TINTED), rng.choice(("left", "right"))
    mark, tints = _landmark(rng, what), rng.sample(TINTS, 4)
    spec = {"landmark": mark, "side": side, "what": what, "options": tints}
    decoys = [Wanted(what, tint) for tint in tints[1:] + rng.choices(tints, k=rng.randint(2, 4))]
    return Demand(spec, Wanted(mark), Wanted(what, tints[0]), decoys)


def _label_tint(rng: random.Random, rank: int) -> Demand:
    tints, mark = rng.sample(LABEL_TINTS, 4), _landmark(rng)
    carriers = rng.sample([name for name in TINTED if name not in sprites.info(mark).alike], 3)
    decoys = [
        Wanted(kind, label=other_text(rng), label_tint=tint) for kind, tint in zip(carriers, tints[1:], strict=True)
    ]
    first = Wanted(mark, label=other_text(rng), label_tint=tints[0])
    return Demand({"landmark": mark, "options": tints}, first, None, decoys)


_DESIGNS = {
    "crate": _crate,
    "scattered": _scattered,
    "label_of": _label_of,
    "label_next": _label_next,
    "tint_next": _tint_next,
    "label_tint": _label_tint,
}
_CONSONANTS, _VOWELS = "BDFGKLMNPRSTVZ", "AEIOU"


def similar_texts(rng: random.Random) -> list[str]:
    """Four texts that differ in one character only: invented names, plates or prices."""
    style = rng.randrange(3)
    if style == 0:
        pattern = rng.choice(("cvcvc", "cvccv", "cvcvcv", "vccvc"))
    elif style == 1:
        pattern = "CC dddd"
    else:
        pattern = rng.choice(("d.dd", "dd.dd"))
    sets = {"c": _CONSONANTS, "v": _VOWELS, "C": "ABCEFHJKLMNPRSTUVXYZ", "d": string.digits[1:]}
    text = [rng.choice(sets[mark]) if mark in sets else mark for mark in pattern]
    spot = rng.choice([i for i, mark in enumerate(pattern) if mark in sets])
    return ["".join([*text[:spot], other, *text[spot + 1 :]]) for other in rng.sample(sets[pattern[spot]], 4)]


def other_text(rng: random.Random) -> str:
    """A text for a label that nobody asks about."""
    return rng.choice(similar_texts(rng))


def asked(spec: Spec, things: Sequence[Thing]) -> list[int]:
    """The indices of the things whose detail is asked for."""
    form = spec["form"]
    if form == "scattered":
        return [i for i, thing in enumerate(things) if thing.kind == spec["what"] and thing.tint == spec["tint"]]
    mark = only([i for i, thing in enumerate(things) if thing.kind == spec["landmark"]], "landmark")
    place = mark if "side" not in spec else beside(things, mark, spec["side"])
    if form in ("label_of", "label_next", "label_tint"):
        return [only([i for i, thing in enumerate(things) if thing.kind == LABEL and thing.of == place], "label")]
    return [place]


def beside(things: Sequence[Thing], index: int, side: str) -> int:
    """The thing (labels apart) that stands next in the same row."""
    here = things[index]
    sign = 1 if side == "right" else -1
    row = [
        (sign * (thing.x - here.x), i)
        for i, thing in enumerate(things)
        if thing.kind != LABEL and thing.row == here.row and sign * (thing.x - here.x) > 0
    ]
    return min(row)[1]


def answer(spec: Spec, things: Sequence[Thing]) -> str:
    """The answer's text."""
    found = asked(spec, things)
    if spec["form"] == "scattered":
        return str(len(found))
    thing = things[only(found, "asked thing")]
    if "what" in spec and spec["form"] == "tint_next" and thing.kind != spec["what"]:
        raise ValueError(f"a {thing.kind} stands where the question has a {spec['what']}")
    value = {"crate": thing.count, "tint_next": thing.tint, "label_tint": thing.tint}.get(spec["form"], thing.text)
    return str(value)


def only(found: Sequence[int], what: str) -> int:
    if len(found) != 1:
        raise ValueError(f"{len(found)} things are the {what}")
    return found[0]


def variants(spec: Spec, thing: Thing, options: Sequence[str]) -> list[Thing]:
    """The thing as it would look if another option were true."""
    form = spec["form"]
    if form == "crate":
        return [thing.but(count=count) for count in range(1, 9)]
    if form in ("tint_next", "scattered"):
        return [thing.but(tint=tint) for tint in TINTS]
    if form == "label_tint":
        return [thing.but(tint=tint) for tint in LABEL_TINTS]
    return [thing.but(text=option) for option in options]


_TEXTS: dict[str, tuple[str, ...]] = {
    "crate": (
        "How many {contents} are in the crate directly to the {side} of the {landmark}?",
        "Look at the crate immediately {side} of the {landmark}: how many {contents} does it hold?",
        "Next to the {landmark}, on its {side}, stands a crate. How many {contents} are in it?",
    ),
    "scattered": (
        "How many {tint} {many} are there in the whole picture?",
        "Among all the small {many} in this {place}, how many are {tint}?",
        "Count the {tint} {many} in the picture. How many are there?",
    ),
    "label_of": (
        "What does the label under the {landmark} say?",
        "Which text stands on the label right below the {landmark}?",
        "In this {place}, what is written on the label of the {landmark}?",
    ),
    "label_next": (
        "What is written on the label under the {noun} directly to the {side} of the {landmark}?",
        "Find the {noun} immediately {side} of the {landmark}. What does its label say?",
    ),
    "tint_next": (
        "What colour is the {noun} directly to the {side} of the {landmark}?",
        "Which colour does the {noun} immediately {side} of the {landmark} have?",
        "In this {place}, a {noun} is next to the {landmark}, on its {side}. What is its main colour?",
    ),
    "label_tint": (
        "What is the background colour of the label under the {landmark}?",
        "Which colour is the label plate right below the {landmark}?",
    ),
}


def text(rng: random.Random, spec: Spec, place: str) -> str:
    """The question in English."""
    words = {
        "place": place,
        "side": spec.get("side", ""),
        "tint": spec.get("tint", ""),
        "landmark": sprites.noun(spec["landmark"]) if "landmark" in spec else "",
        "contents": sprites.plural(spec["content"]) if "content" in spec else "",
        "noun": sprites.noun(spec["what"]) if "what" in spec else "",
        "many": sprites.plural(spec["what"]) if "what" in spec else "",
    }
    question = rng.choice(_TEXTS[spec["form"]]).format(**words)
    return question.replace(" a alarm", " an alarm").replace(" a umbrella", " an umbrella")
