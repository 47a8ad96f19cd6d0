"""What a picture must show, the polling questions about it, and their answers re-derived from the text.

A scene is a list of counted things; `layout` says how they stand: anywhere (""), a "row" from left to
right, or two things of which the first is "to the left of" (or "above", ...) the second. `answer` knows
nothing of how a question was made: it reads the sentence and looks at the scene.

    >>> scene = Scene((Item(6, "red", "apple"),))
    >>> answer("Are there exactly 8 red apples in the image?", scene)
    'no'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from dataset_builder.categories.shared.words import (
    COLOURS,
    NOUNS,
    NUMBERS,
    SINGULAR,
    article,
    coloured,
    counted,
    number_word,
    setting,
)
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Aspect, Instance, Question, YesNo

RELATIONS = ("to the left of", "to the right of", "above", "below")
_OPPOSITE = {"to the left of": "to the right of", "above": "below"} | {
    "to the right of": "to the left of",
    "below": "above",
}
_FROM_LEFT = ("leftmost", "second {} from the left", "third {} from the left", "fourth {} from the left")


@dataclass(frozen=True)
class Item:
    """So many things of one kind and one colour; `noun` is the singular, a key of `NOUNS`."""

    count: int
    colour: str | None
    noun: str

    @property
    def text(self) -> str:
        return counted(self.count, NOUNS[self.noun], self.colour)

    @property
    def kind(self) -> str:
        return coloured(NOUNS[self.noun], self.colour, 1)


@dataclass(frozen=True)
class Scene:
    items: tuple[Item, ...]
    layout: str = ""

    def count(self, noun: str, colour: str | None = None) -> int:
        """How many of this noun, of this colour when one is given."""
        return sum(i.count for i in self.items if i.noun == noun and colour in (None, i.colour))

    def as_metadata(self) -> dict[str, Any]:
        draw = [{"count": i.count, "colour": i.colour, "noun": i.noun} for i in self.items]
        return {"draw": draw, "layout": self.layout}

    @classmethod
    def from_metadata(cls, metadata: dict[str, Any]) -> Scene:
        return cls(tuple(Item(i["count"], i["colour"], i["noun"]) for i in metadata["draw"]), metadata["layout"])


def ask(question: str, scene: Scene, aspect: Aspect) -> Question:
    """A question with its answer; ValueError where the sentence is of no known form."""
    reply = answer(question, scene)
    if reply is None:
        raise ValueError(f"no rule reads the question '{question}'")
    return Question(question=question, answer=reply, aspect=aspect)


def exactly(count: int, noun: str, colour: str | None = None) -> str:
    verb = "Is" if count == 1 else "Are"
    return f"{verb} there exactly {counted(count, NOUNS[noun], colour)} in the image?"


def any_of(noun: str, colour: str) -> str:
    return f"Are there any {coloured(NOUNS[noun], colour)} in the image?"


def more_than(count: int, noun: str, colour: str | None = None) -> str:
    verb = "Is" if count == 1 else "Are"
    return f"{verb} there more than {counted(count, NOUNS[noun], colour)} in the image?"


def fewer_than(count: int, noun: str, colour: str | None = None) -> str:
    return f"Are there fewer than {counted(count, NOUNS[noun], colour)} in the image?"


def more_of(first: Item, second: Item) -> str:
    """Whether there are more of the first kind than of the second; their counts are not looked at."""
    kinds = (coloured(NOUNS[item.noun], item.colour) for item in (first, second))
    return f"Are there more {' than '.join(kinds)} in the image?"


def all_coloured(noun: str, colour: str) -> str:
    return f"Are all the {NOUNS[noun].many} in the image {colour}?"


def in_row(position: int, length: int, noun: str, colour: str) -> str:
    """About the thing at `position` (from 0) of a row of `length`."""
    if position == length - 1:
        return f"Is the rightmost {noun} {colour}?"
    place = _FROM_LEFT[position]
    return f"Is the {place.format(noun) if '{}' in place else f'{place} {noun}'} {colour}?"


def whole_row(noun: str, colours: Sequence[str]) -> str:
    listed = f"{', '.join(colours[:-1])} and {colours[-1]}"
    return f"Are the {NOUNS[noun].many}, from left to right, {listed}?"


def related(first: Item, relation: str, second: Item) -> str:
    return f"Is the {first.kind} {relation} the {second.kind}?"


def _kind(phrase: str) -> tuple[str, str | None] | None:
    """`red apples` -> ("apple", "red"); None where the noun is not known."""
    head, _, rest = phrase.partition(" ")
    colour, noun = (head, rest) if head in COLOURS else (None, phrase)
    return (SINGULAR[noun], colour) if noun in SINGULAR else None


def _exactly(scene: Scene, count: str, phrase: str) -> bool | None:
    kind = _kind(phrase)
    return None if kind is None else scene.count(*kind) == int(count)


def _bound(scene: Scene, sign: str, count: str, phrase: str) -> bool | None:
    kind = _kind(phrase)
    if kind is None:
        return None
    return scene.count(*kind) > int(count) if sign == "more" else scene.count(*kind) < int(count)


def _more(scene: Scene, first: str, second: str) -> bool | None:
    one, other = _kind(first), _kind(second)
    return None if one is None or other is None else scene.count(*one) > scene.count(*other)


def _any(scene: Scene, phrase: str) -> bool | None:
    kind = _kind(phrase)
    return None if kind is None else scene.count(*kind) > 0


def _all(scene: Scene, phrase: str, colour: str) -> bool | None:
    kind = _kind(phrase)
    return None if kind is None else 0 < scene.count(kind[0]) == scene.count(kind[0], colour)


def _place(scene: Scene, place: str, phrase: str, colour: str) -> bool | None:
    """A row holds only things of one noun, one an item."""
    if scene.layout != "row" or any(i.count != 1 or i.noun != SINGULAR.get(phrase) for i in scene.items):
        return None
    index = {"leftmost": 0, "rightmost": -1, "second": 1, "third": 2, "fourth": 3}[place]
    return index < len(scene.items) and scene.items[index].colour == colour


def _row(scene: Scene, phrase: str, listed: str) -> bool | None:
    if scene.layout != "row" or any(i.noun != SINGULAR.get(phrase) for i in scene.items):
        return None
    return re.split(r", | and ", listed) == [i.colour for i in scene.items]


def _relation(scene: Scene, first: str, relation: str, second: str) -> bool | None:
    if scene.layout not in RELATIONS or len(scene.items) != 2:
        return None
    kinds = [i.kind for i in scene.items]
    if relation == _OPPOSITE[scene.layout]:
        kinds.reverse()
    elif relation != scene.layout:
        return None
    return [first, second] == kinds and kinds[0] != kinds[1]


_COLOUR = f"(?:{'|'.join(sorted(COLOURS))})"
_RELATION = f"({'|'.join(RELATIONS)})"
_FORMS: tuple[tuple[str, Callable[..., bool | None]], ...] = (
    (r"(?:Is|Are) there exactly (\d+) (.+) in the image\?", _exactly),
    (r"(?:Is|Are) there (more|fewer) than (\d+) (.+) in the image\?", _bound),
    (r"Are there more (.+) than (.+) in the image\?", _more),
    (r"Are there any (.+) in the image\?", _any),
    (rf"Are all the (.+) in the image ({_COLOUR})\?", _all),
    (rf"Is the (leftmost|rightmost) (.+) ({_COLOUR})\?", _place),
    (rf"Is the (second|third|fourth) (.+) from the left ({_COLOUR})\?", _place),
    (rf"Is the (.+) {_RELATION} the (.+)\?", _relation),
    (rf"Are the (.+), from left to right, ({_COLOUR}(?:, {_COLOUR})* and {_COLOUR})\?", _row),
)


def answer(question: str, scene: Scene) -> YesNo | None:
    """The answer that the scene gives, or None where no form reads the sentence."""
    for pattern, rule in _FORMS:
        if match := re.fullmatch(pattern, question):
            verdict = rule(scene, *match.groups())
            return None if verdict is None else "yes" if verdict else "no"
    return None


def describe(scene: Scene, place: str) -> str:
    """The true direct prompt: `Six red apples on a plain white background, and nothing else.`"""
    if scene.layout == "row":
        noun = NOUNS[scene.items[0].noun]
        colours = ", ".join(str(i.colour) for i in scene.items)
        number = number_word(len(scene.items))
        return f"A row of {number} {noun.many} {place}, from left to right: {colours}. Nothing else."
    if scene.layout:
        first, second = scene.items
        return f"{_capital(article(first.kind))} {scene.layout} {article(second.kind)}, {place}, and nothing else."
    parts = [f"{number_word(i.count)} {i.text.split(' ', 1)[1]}" for i in scene.items]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{_capital(listed)} {place}, and nothing else."


_DESCRIBED = re.compile(r"(.+?) (?:on|in) .+, and nothing else\.")
_LISTED = re.compile(rf"({'|'.join(NUMBERS)}) ({_COLOUR}) (.+)")


def described(text: str) -> Scene | None:
    """The scene that a true direct prompt of counted, coloured things describes, read from its words alone."""
    match = _DESCRIBED.fullmatch(text[:1].lower() + text[1:])
    parts = [_LISTED.fullmatch(part) for part in re.split(r", | and ", match.group(1))] if match else []
    items = []
    for part in parts:
        if part is None or part.group(3) not in SINGULAR:
            return None
        items.append(Item(NUMBERS.index(part.group(1)), part.group(2), SINGULAR[part.group(3)]))
    return Scene(tuple(items)) if items else None


def place_for(rng: Random, scene: Scene) -> str:
    return setting(rng, [NOUNS[i.noun] for i in scene.items], [i.colour for i in scene.items])


def question_problems(instance: Instance, scene: Scene) -> list[str]:
    """What is wrong with the questions, each answered again from the scene."""
    questions = instance.question_list
    problems = []
    for asked in questions:
        reply = answer(asked.question, scene)
        if reply != asked.answer:
            problems.append(f"question '{asked.question}' says {asked.answer}, the scene says {reply}")
    if not 2 <= len(questions) <= 4:
        problems.append(f"{len(questions)} questions, need 2 to 4")
    if {q.answer for q in questions} != {"yes", "no"}:
        problems.append("needs at least one yes and one no")
    if not any(q.aspect == "foil" and q.answer == "no" for q in questions):
        problems.append("needs a foil that is answered no")
    if len({q.question for q in questions}) != len(questions):
        problems.append("asks the same question twice")
    return problems


def polled(instance: Instance, problems: Sequence[str]) -> list[str]:
    """The scene's answers to the instance's questions, once its inspection found no problems."""
    if problems:
        raise RealUnifyError(f"{instance.id}: {problems[0]}; mend the generator")
    scene = Scene.from_metadata(instance.meta)
    return [str(answer(asked.question, scene)) for asked in instance.question_list]


def scene_problems(scene: Scene) -> list[str]:
    """Whether the scene can be drawn: 1 to 10 of each thing, no kind listed twice."""
    problems = [f"{i.text}: not between 1 and 10" for i in scene.items if not 1 <= i.count <= 10]
    kinds: Sequence[str] = [i.kind for i in scene.items]
    if scene.layout != "row" and len(set(kinds)) != len(kinds):
        problems.append(f"one kind listed twice: {', '.join(kinds)}")
    if any(i.noun not in NOUNS for i in scene.items):
        problems.append("a noun that is not in the lexicon")
    return problems


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
