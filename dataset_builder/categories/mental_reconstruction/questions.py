"""The questions of mental_reconstruction as structures: how each is cast, asked and answered.

`cast_question` decides who must be in the picture before it is drawn; `ask` looks at where everybody ended
up and completes the question; `answer` recomputes the answer from the question and the things alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from dataset_builder.categories.mental_reconstruction.scenes import THEMES, Member, Thing
from dataset_builder.categories.shared.options import ordinal
from dataset_builder.drawing import colors, sprites

Spec = dict[str, Any]
T = TypeVar("T")
COUNTING = ("count_all", "count_tint", "count_facing", "count_side")
SIMPLE = ("count_all", "count_tint", "count_facing", "odd_tint", "odd_kind", "odd_facing")
RELATIONAL = ("order", "between", "next", "front", "count_side")
KINDS = SIMPLE + RELATIONAL


# Flyers that would belong to the group which a question ranges over.
_IN_THE_SKY = {"toys": {"kite", "balloon"}, "vehicles": {"airplane", "helicopter", "flying_saucer"}}


def themes_for(kind: str) -> list[str]:
    """The themes that have what a question of this kind needs."""
    if kind in ("count_facing", "odd_facing"):
        return [name for name, theme in THEMES.items() if any(_facing(group) for group in theme.groups.values())]
    return list(THEMES)


def cast_question(rng: random.Random, kind: str, theme_name: str, rank: int) -> tuple[Spec, list[Member]]:
    """A question without what depends on places, and its cast; `rank` places a number among its options."""
    theme = THEMES[theme_name]
    if kind in COUNTING:
        numbers = [rng.randint(1, 4) + step for step in range(4)]
        numbers = [numbers[0] + step for step in range(4)]
        spec, cast = _cast_count(rng, kind, theme_name, numbers[rank])
        spec["options"] = [str(number) for number in numbers]
    elif kind == "odd_tint":
        tints = _tints(rng, theme_name, 4)
        what = rng.choice(theme.colored.split())
        copies = [1, *(rng.randint(2, 3) for _ in range(3))]
        cast = [Member(what, tint, asked=True) for tint, n in zip(tints, copies, strict=True) for _ in range(n)]
        spec = {"kind": kind, "what": what, "options": tints}
    else:
        spec, cast = _cast_group(rng, kind, theme_name)
    return spec, cast + _company(rng, theme_name, cast, spec.get("group"))


def _cast_count(rng: random.Random, kind: str, theme_name: str, n: int) -> tuple[Spec, list[Member]]:
    theme = THEMES[theme_name]
    extra = rng.randint(2, 5)
    if kind == "count_tint":
        what, tints = rng.choice(theme.colored.split()), _tints(rng, theme_name, 3)
        cast = [Member(what, tints[0], asked=True) for _ in range(n)]
        cast += [Member(what, rng.choice(tints[1:]), asked=True) for _ in range(extra)]
        return {"kind": kind, "what": what, "tint": tints[0]}, cast
    groups = {name: group for name, group in theme.groups.items() if kind != "count_facing" or _facing(group)}
    group = rng.choice(sorted(groups))
    what = rng.choice(_facing(groups[group]) if kind == "count_facing" else groups[group].split())
    if kind == "count_all":
        return {"kind": kind, "what": what}, [Member(what, flip=rng.random() < 0.5, asked=True) for _ in range(n)]
    side, other = rng.sample(("left", "right"), 2)
    sides = [side] * n + [other] * extra
    if kind == "count_facing":
        return {"kind": kind, "what": what, "side": side}, [Member(what, flip=s == "right", asked=True) for s in sides]
    landmark = rng.choice([name for name in theme.landmarks.split() if name not in sprites.info(what).alike | {what}])
    cast = [Member(landmark, landmark=True)]
    cast += [Member(what, flip=rng.random() < 0.5, asked=True, side=s) for s in sides]
    return {"kind": kind, "what": what, "side": side, "landmark": landmark}, cast


def _cast_group(rng: random.Random, kind: str, theme_name: str) -> tuple[Spec, list[Member]]:
    theme = THEMES[theme_name]
    usable = {n: (_facing(g) if kind == "odd_facing" else g.split()) for n, g in theme.groups.items()}
    group = rng.choice(sorted(name for name, kinds in usable.items() if len(kinds) >= 6))
    chosen: list[str] = []
    for name in rng.sample(usable[group], len(usable[group])):
        if not sprites.info(name).alike & set(chosen):
            chosen.append(name)
    chosen = chosen[: 4 if kind == "odd_kind" else rng.randint(6, 8)]
    spec: Spec = {"kind": kind, "group": group, "members": sorted(chosen), "options": rng.sample(chosen, 4)}
    if kind == "odd_kind":
        copies = [1, *(rng.randint(2, 3) for _ in range(3))]
        return spec, [Member(k, flip=rng.random() < 0.5, asked=True) for k, n in zip(chosen, copies, strict=True)
                      for _ in range(n)]  # fmt: skip
    if kind == "odd_facing":
        odd, side = rng.choice(spec["options"]), rng.random() < 0.5
        return spec, [Member(k, flip=(k == odd) != side, asked=True) for k in chosen]
    return spec, [Member(k, flip=rng.random() < 0.5, asked=True) for k in chosen]


def _company(rng: random.Random, theme_name: str, cast: Sequence[Member], group: str | None) -> list[Member]:
    """Others that fill the scene up to between 9 and 25 things, none of them to be confused with the asked."""
    theme = THEMES[theme_name]
    asked = {member.kind for member in cast}
    taken = asked | {name for kind in asked for name in sprites.info(kind).alike}
    groups = " ".join(theme.groups.values()) if len(asked) < 4 else ""
    pool = sorted(set(f"{theme.others} {groups}".split()) - taken)
    many = rng.randint(max(3, 9 - len(cast)), max(5, min(12, 21 - len(cast))))
    company = [Member(name, flip=rng.random() < 0.5) for name in rng.choices(pool, k=many)]
    if not any(member.landmark for member in cast):
        free = [name for name in theme.landmarks.split() if name not in taken]
        company += [Member(rng.choice(free))] if free else []
    flyers = [name for name in theme.sky.split() if name not in taken | _IN_THE_SKY.get(group or "", set())]
    company += [Member(name, flip=rng.random() < 0.5, flying=True) for name in rng.sample(flyers, min(2, len(flyers)))]
    return company


def ask(rng: random.Random, spec: Spec, things: Sequence[Thing]) -> Spec | None:
    """Completes a question about places so that one of its options is true; None when that cannot be."""
    spec = dict(spec)
    kind = spec["kind"]
    if kind == "order":
        spec["side"] = rng.choice(("left", "right"))
        row = _row(spec, things)
        spec["place"] = rng.randint(2, len(row) - 1)
    elif kind in ("between", "next"):
        row = _row(spec | {"side": "left"}, things)
        at = rng.randint(1, len(row) - 2)
        spec["side"] = "left"
        spec["before"] = row[at - 1]
        if kind == "between":
            spec["after"] = row[at + 1]
        else:
            spec["side"] = rng.choice(("left", "right"))
            row = _row(spec, things)
            spec["before"] = row[rng.randint(0, len(row) - 2)]
    elif kind == "front":
        spec["place"], spec["side"] = rng.randint(1, 2), rng.choice(("front", "back"))
    if "members" in spec and kind not in ("odd_kind", "odd_facing"):
        truth = answer_kind(spec, things)
        given = {spec.get("before"), spec.get("after"), truth}
        others = [name for name in spec["members"] if name not in given]
        spec["options"] = [truth, *rng.sample(others, 3)]
    return spec


def answer(spec: Spec, things: Sequence[Thing]) -> str:
    """The answer's text, from the question and the things in the picture."""
    kind = spec["kind"]
    if kind in COUNTING:
        return str(sum(_counts(spec, thing, things) for thing in things))
    if kind == "odd_tint":
        counts = Counter(str(thing.tint) for thing in things if thing.kind == spec["what"])
        return _only([tint for tint, count in counts.items() if count == 1])
    return sprites.noun(answer_kind(spec, things))


def answer_kind(spec: Spec, things: Sequence[Thing]) -> str:
    """The sprite that a question about a group of different things points at."""
    kind, members = spec["kind"], [thing for thing in things if thing.kind in spec["members"]]
    if kind == "odd_kind":
        return _only([name for name, count in Counter(thing.kind for thing in members).items() if count == 1])
    if kind == "odd_facing":
        sides = Counter(thing.flip for thing in members)
        return _only([thing.kind for thing in members if sides[thing.flip] == 1])
    if kind == "front":
        row = sorted(members, key=lambda thing: thing.box[3], reverse=spec["side"] == "front")
        return str(row[spec["place"] - 1].kind)
    names = _row(spec, things)
    if kind == "order":
        return str(names[spec["place"] - 1])
    found = names[names.index(spec["before"]) + 1]
    if kind == "between" and names[names.index(spec["before"]) + 2] != spec["after"]:
        raise ValueError(f"{spec['before']} and {spec['after']} have not one thing between them")
    return found


def _row(spec: Spec, things: Sequence[Thing]) -> list[str]:
    members = [thing for thing in things if thing.kind in spec["members"]]
    return [thing.kind for thing in sorted(members, key=lambda thing: thing.x, reverse=spec["side"] == "right")]


def _counts(spec: Spec, thing: Thing, things: Sequence[Thing]) -> bool:
    if thing.kind != spec["what"]:
        return False
    kind = spec["kind"]
    if kind == "count_tint":
        return bool(thing.tint == spec["tint"])
    if kind == "count_facing":
        return bool(thing.flip == (spec["side"] == "right"))
    if kind == "count_side":
        mark = _only([other.x for other in things if other.kind == spec["landmark"]])
        return bool(thing.x < mark if spec["side"] == "left" else thing.x > mark)
    return True


def _only(found: list[T]) -> T:
    if len(found) != 1:
        raise ValueError(f"the question has {len(found)} answers: {found}")
    return found[0]


def _tints(rng: random.Random, theme_name: str, n: int) -> list[str]:
    return rng.sample([tint for tint in colors.SAFE if tint not in THEMES[theme_name].avoid.split()], n)


def _facing(group: str) -> list[str]:
    """The kinds that look to a side, if the group has enough of them."""
    kinds = [name for name in group.split() if sprites.info(name).facing]
    return kinds if len(kinds) >= 6 else []


def text(rng: random.Random, spec: Spec) -> str:
    """The question in English."""
    kind = spec["kind"]
    values = {key: spec.get(key) for key in ("side", "tint", "group")}
    values["noun"] = sprites.noun(spec["what"]) if "what" in spec else ""
    values["many"] = sprites.plural(spec["what"]) if "what" in spec else ""
    for key in ("before", "after", "landmark"):
        values[key] = sprites.noun(spec[key]) if key in spec else ""
    values["place"] = ordinal(spec["place"]) if "place" in spec else ""
    values["other"] = "right" if spec.get("side") == "left" else "left"
    if kind == "front":
        near, far = ("closest to", "nearest to") if spec["side"] == "front" else ("farthest from", "farthest from")
        second = "second " if spec["place"] == 2 else ""
        values["near"], values["far"] = second + near, second + far
        values["edge"] = ("second-lowest" if second else "lowest") if spec["side"] == "front" else (
            "second-highest" if second else "highest"
        )  # fmt: skip
    return rng.choice(_TEXTS[kind]).format(**values)


_TEXTS: dict[str, tuple[str, ...]] = {
    "count_all": (
        "How many {many} are there in the whole picture?",
        "Once the picture is whole again, how many {many} does it show?",
        "What is the total number of {many} in the scene?",
    ),
    "count_tint": (
        "How many {tint} {many} are there in the scene?",
        "Counting only the {many} that are {tint}, how many does the restored picture show?",
        "In the whole picture, how many of the {many} are {tint}?",
    ),
    "count_facing": (
        "How many {many} face the {side} side of the picture?",
        "In the restored scene, how many {many} are facing {side}?",
        "Counting only the {many} that look towards the {side}, how many are there?",
    ),
    "count_side": (
        "In the restored picture, how many {many} are further {side} than the {landmark}?",
        "How many {many} are to the {side} of the {landmark} in the original scene?",
        "Of all the {many}, how many have their place {side} of the {landmark} once the scene is whole?",
    ),
    "odd_tint": (
        "Which colour does exactly one of the {many} have?",
        "Sort the {many} by colour: which colour occurs only once?",
        "Only one of the {many} has a colour that it shares with no other. Which colour?",
    ),
    "odd_kind": (
        "Of these, which appears exactly once in the scene?",
        "Three of the four occur more than once in the picture. Which one occurs only once?",
        "Which of the four has no second one of its kind in the scene?",
    ),
    "odd_facing": (
        "Among the {group} in the scene, one looks the other way. Which?",
        "All the {group} but one face the same side of the picture. Which is the exception?",
        "Which of the {group} faces the opposite way to all the other {group}?",
    ),
    "order": (
        "Order the {group} by their place from the {side}: which is the {place}?",
        "In the restored scene, counting the {group} from the {side}, which one comes {place}?",
        "Going through the {group} from {side} to {other}, which do you meet as the {place}?",
    ),
    "between": (
        "Going through the {group} from left to right in the original scene, which comes between the {before} "
        "and the {after}?",
        "By left-to-right order of the {group}, which is after the {before} and before the {after}?",
    ),
    "next": (
        "Going through the {group} from {side} to {other} in the restored scene, which comes right after the {before}?",
        "Ordered from {side} to {other}, which of the {group} follows the {before} directly?",
    ),
    "front": (
        "Which of the {group} stands {near} the viewer, that is, has its base {edge} in the picture?",
        "In the original scene, which of the {group} is {far} the photographer (its base is the {edge})?",
    ),
}
