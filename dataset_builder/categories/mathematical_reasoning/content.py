"""The stories of `content.yaml`, read through a typed model that names what is wrong with a bad one.

>>> stories()[0].name, stories()[0].steps
('broken_on_the_shelf', ('left = n - k',))
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from dataset_builder.categories.mathematical_reasoning.arithmetic import names_in
from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.categories.shared.words import NOUNS, group
from dataset_builder.instance import Difficulty
from dataset_builder.taxonomy import CATEGORIES

TASK_TYPE = "mathematical_reasoning"
FILE = Path(__file__).with_name("content.yaml")
_SUBTASKS = CATEGORIES[TASK_TYPE].subtask_names
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?: by (\d+))?")
_PEOPLE = {"who", "she", "her"}


def _pool(value: Any) -> Any:
    """`6..15` as the numbers from 6 to 15, `8..40 by 4` in steps, `[1/2, 3]` as fractions."""
    if isinstance(value, str) and (match := _RANGE.fullmatch(value)):
        first, last, step = (int(part or 1) for part in match.groups())
        return tuple(map(Fraction, range(first, last + 1, step)))
    if isinstance(value, list):
        return tuple(Fraction(str(one)) for one in value)
    raise ValueError(f"'{value}' is not a range such as 6..15, a list, or the name of one under lists")


Pool = Annotated[tuple[Fraction, ...], BeforeValidator(_pool), Field(min_length=1)]


class Scenario(Entry):
    """One story; the head of `content.yaml` says what each field is."""

    name: str = Field(pattern=r"^[a-z_]+$")
    subtask: str
    texts: tuple[str, ...] = Field(min_length=3)
    values: dict[str, Pool]
    things: dict[str, str]
    steps: tuple[str, ...] = Field(min_length=1)
    relations: tuple[str, ...] = Field(min_length=1)
    draw: dict[str, str] = Field(min_length=1)
    foils: tuple[str, ...] = Field(min_length=1)
    where: tuple[str, ...] = ()
    why: str = ""

    @property
    def level(self) -> Difficulty:
        """As the taxonomy says: by operations; two unknowns are hard."""
        if self.subtask == "constraint_equations":
            return "hard"
        return ("easy", "medium", "hard")[min(len(self.steps), 3) - 1]

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for problem in chain(self._thing_problems(), self._text_problems(), self._arithmetic_problems()):
            raise ValueError(problem)
        return self

    def _thing_problems(self) -> Iterator[str]:
        if self.subtask not in _SUBTASKS:
            yield f"subtask '{self.subtask}' is none of {', '.join(_SUBTASKS)}"
        earlier: set[str] = set()
        for thing, words in self.things.items():
            if words.startswith("="):
                if words[1:] not in earlier:
                    yield f"thing {thing} is '{words}', but no earlier thing is called {words[1:]}"
            else:
                known = {noun.group for noun in NOUNS.values()} | set(NOUNS)
                for word in words.split(","):
                    if word not in known:
                        yield f"thing {thing}: '{word}' is no group and no word of shared/words.yaml"
                if not group(*words.split(",")):
                    yield f"thing {thing} has no words"
            earlier.add(thing)
        for thing in self.draw.values():
            if thing not in self.things:
                yield f"draw: no thing is called '{thing}'"

    def _text_problems(self) -> Iterator[str]:
        known = {*self.values, *(step.partition(" = ")[0] for step in self.steps), *_PEOPLE}
        for text in (*self.texts, self.why):
            for name in _placeholders(text):
                if not (name.isdigit() or name in known or self._names_thing(name)):
                    yield f"'{{{name}}}' in a text is no value and no thing of the story"
        for text in self.texts:
            if missing := {name for name in self.values if name in self._used()} - set(_placeholders(text)):
                yield f"the text '{text[:40]}...' leaves out {{{sorted(missing)[0]}}}, which another one states"

    def _used(self) -> set[str]:
        return {name for text in self.texts for name in _placeholders(text)}

    def _names_thing(self, placeholder: str) -> bool:
        name = placeholder.removeprefix("a_")
        return name in self.things or (name.endswith("s") and name[:-1] in self.things)

    def _arithmetic_problems(self) -> Iterator[str]:
        known = set(self.values)
        for step in self.steps:
            name, equals, expression = step.partition(" = ")
            if not equals or not name.isidentifier():
                yield f"step '{step}' is not of the form NAME = EXPRESSION"
            yield from _unknown(f"step '{step}'", expression, known)
            known.add(name)
        for foil in self.foils:
            expression, _, thing = foil.partition(" @ ")
            yield from _unknown(f"foil '{foil}'", expression, known)
            if thing not in (*self.draw.values(), ""):
                yield f"foil '{foil}' is of a thing that is not drawn"
        for condition in (*self.where, *self.relations, *self.draw):
            yield from _unknown(f"'{condition}'", condition, known)


def _unknown(where: str, expression: str, known: Iterable[str]) -> Iterator[str]:
    for name in sorted(names_in(expression) - set(known)):
        yield f"{where} uses '{name}', which is no value and no earlier step"


def _placeholders(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


class Content(Entry):
    """The file: lists of numbers that several stories use, and the stories."""

    lists: dict[str, Pool]
    stories: tuple[Scenario, ...]

    @model_validator(mode="before")
    @classmethod
    def _lists_by_name(cls, content: Any) -> Any:
        """A value that is the name of a list is that list."""
        if not (isinstance(content, dict) and isinstance(content.get("lists"), dict)):
            return content
        lists = content["lists"]
        stories = [
            story | {"values": {name: _named(lists, pool) for name, pool in story["values"].items()}}
            if isinstance(story, dict) and isinstance(story.get("values"), dict)
            else story
            for story in content.get("stories") or ()
        ]
        return content | {"stories": stories}

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [story.name for story in self.stories]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two stories are called '{sorted(twice)[0]}'")
        return self


def _named(lists: dict[str, Any], pool: Any) -> Any:
    return lists.get(pool, pool) if isinstance(pool, str) else pool


@cache
def stories(path: Path = FILE) -> tuple[Scenario, ...]:
    """All stories, in the file's order; RealUnifyError with file, story and reason where one is bad."""
    return read(path, Content).stories
