"""The polling questions of a scene: asked in one form whether true or not, none of them idle, every slip caught.

The form of a question is drawn before its answer is known to matter, so wording tells nothing. A question is *idle*
where every picture that the others let pass answers it rightly too; such a one is asked only where it is the one
question of its aspect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from dataset_builder.categories.code_to_image.pictures import near
from dataset_builder.categories.shared.scene import (
    Item,
    Scene,
    all_coloured,
    answer,
    any_of,
    exactly,
    in_row,
    related,
    whole_row,
)
from dataset_builder.instance import Aspect, Question

PATTERNS = tuple(f"{n:04b}".replace("0", "y").replace("1", "n") for n in range(1, 15))
"""Answers of four questions in order, the two constant ones left out."""
_PLACES = 4  # "leftmost" to "fourth from the left"
_TRIES = 300
_COUNTS = range(2, 9)
_ABOVE = 0.68  # near the most that is drawn there is no room above: so the two come out about equally often


@dataclass(frozen=True)
class Candidate:
    """A question that could be asked, and its form; `off` is how far its count lies above what is there."""

    text: str
    form: str
    aspect: Aspect
    off: int = 0


def pattern_of(questions: Sequence[Question]) -> str:
    return "".join("n" if question.answer == "no" else "y" for question in questions)


def poll(
    rng: Random, scene: Scene, foils: Sequence[Scene], slips: Sequence[Scene], pattern: str
) -> list[Question] | None:
    """Questions with this pattern of answers that catch every slip; None where none were found.

    `foils` is what the traps would draw: a question that one of these answers with yes, and the truth with no, has
    the aspect `foil`, and there is at least one.
    """
    pools = _pools(scene, [*foils, *slips])
    forms = sorted({form for form, _ in pools})
    pictures = list(dict.fromkeys([*foils, *slips]))
    known: dict[str, frozenset[int]] = {}
    above = rng.random() < _ABOVE  # wrong counts of one poll are all above the truth or all below it, where that can be
    for attempt in range(_TRIES):
        chosen = _choose(rng, pools, forms, pattern)
        if chosen is not None and attempt < _TRIES // 2 and any(c.off and (c.off > 0) is not above for c, _ in chosen):
            continue
        if chosen is None or not _catches(chosen, pictures):
            continue
        asked = [_question(candidate, reply, foils) for candidate, reply in chosen]
        if any(q.aspect == "foil" for q in asked) and not idle(asked, scene, known):
            return asked
    return None


def _choose(
    rng: Random, pools: dict[tuple[str, str], list[Candidate]], forms: list[str], pattern: str
) -> list[tuple[Candidate, str]] | None:
    chosen: list[tuple[Candidate, str]] = []
    for letter in pattern:
        reply = "yes" if letter == "y" else "no"
        pool = pools.get((rng.choice(forms), reply))
        if not pool:
            return None
        chosen.append((rng.choice(pool), reply))
    return chosen if len({candidate.text for candidate, _ in chosen}) == len(chosen) else None


def _catches(chosen: Sequence[tuple[Candidate, str]], pictures: Sequence[Scene]) -> bool:
    return all(any(answer(c.text, picture) != reply for c, reply in chosen) for picture in pictures)


def _question(candidate: Candidate, reply: str, foils: Sequence[Scene]) -> Question:
    drawn = reply == "no" and any(answer(candidate.text, foil) == "yes" for foil in foils)
    return Question(
        question=candidate.text, answer="yes" if reply == "yes" else "no", aspect="foil" if drawn else candidate.aspect
    )


def _pools(scene: Scene, wrong: Sequence[Scene]) -> dict[tuple[str, str], list[Candidate]]:
    """Candidates by form and answer; only forms that can be had with both answers."""
    pools: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in dict.fromkeys(_candidates(scene, wrong)):
        reply = answer(candidate.text, scene)
        if reply is not None:
            pools.setdefault((candidate.form, reply), []).append(candidate)
    both = {form for form, reply in pools if (form, "yes") in pools and (form, "no") in pools}
    return {key: pool for key, pool in pools.items() if key[0] in both}


def _candidates(scene: Scene, wrong: Sequence[Scene]) -> Iterator[Candidate]:
    kinds = sorted({(i.noun, str(i.colour)) for picture in (scene, *wrong) for i in picture.items})
    for noun, colour in kinds:
        yield Candidate(any_of(noun, colour), "any", "subject")
    if scene.layout == "row":
        yield from _of_a_row(scene, wrong, kinds)
        return
    for noun, colour in kinds:
        if len({i.colour for i in scene.items if i.noun == noun}) == 1:
            yield Candidate(all_coloured(noun, colour), "all", "attribute")
    if scene.layout:
        yield from _of_a_pair(scene, kinds)
        return
    for noun, colour in kinds:
        true = scene.count(noun, colour)
        counts = {true, true - 1, true + 1, *(p.count(noun, colour) for p in wrong)}
        for count in sorted(counts & set(_COUNTS)):
            off = count - (true or scene.count(noun))
            yield Candidate(exactly(count, noun, colour), "kind", "quantity", off)
    for noun in sorted({noun for noun, _ in kinds}):
        true = scene.count(noun)
        for count in sorted({true, true - 1, true + 1, *(p.count(noun) for p in wrong)} & set(_COUNTS)):
            yield Candidate(exactly(count, noun), "sum", "quantity", count - true)


def _of_a_row(scene: Scene, wrong: Sequence[Scene], kinds: Sequence[tuple[str, str]]) -> Iterator[Candidate]:
    noun, length = scene.items[0].noun, len(scene.items)
    for place in [p for p in range(length) if p < _PLACES or p == length - 1]:
        for _, colour in kinds:
            yield Candidate(in_row(place, length, noun, colour), "place", "attribute")
    for count in sorted({length - 1, length, length + 1} & set(_COUNTS)):
        yield Candidate(exactly(count, noun), "length", "quantity", count - length)
    for _, colour in kinds:
        true = scene.count(noun, colour)
        for count in sorted({true - 1, true, true + 1} & set(range(1, 5))):
            yield Candidate(exactly(count, noun, colour), "kind", "quantity", count - true)
    for picture in (scene, *wrong):
        if len(picture.items) > 1:
            yield Candidate(whole_row(noun, [str(i.colour) for i in picture.items]), "row", "relation")


def _of_a_pair(scene: Scene, kinds: Sequence[tuple[str, str]]) -> Iterator[Candidate]:
    first, second = scene.items
    for noun, colour in kinds:
        yield Candidate(exactly(1, noun, colour), "kind", "quantity")
    for noun, colour in kinds:
        for other, tint in kinds:
            if noun == first.noun and other == second.noun and colour != tint:
                one, two = Item(1, colour, noun), Item(1, tint, other)
                yield Candidate(related(one, scene.layout, two), "relation", "relation")


def idle(questions: Sequence[Question], scene: Scene, known: dict[str, frozenset[int]] | None = None) -> list[str]:
    """Questions that could be dropped at no loss although another one asks about the same aspect.

    `known` remembers from call to call, for one scene, which pictures fail a question.
    """
    known = {} if known is None else known
    pictures = near(scene)
    failed = []
    for question in questions:
        if question.question not in known:
            known[question.question] = frozenset(
                n for n, picture in enumerate(pictures) if answer(question.question, picture) != question.answer
            )
        failed.append(known[question.question])
    found = []
    for place, question in enumerate(questions):
        others = frozenset[int]().union(*(f for n, f in enumerate(failed) if n != place))
        shared = sum(other.aspect == question.aspect for other in questions) > 1
        if shared and not failed[place] - others:
            found.append(question.question)
    return found
