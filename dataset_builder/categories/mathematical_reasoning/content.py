"""The stories of `content.yaml`, read through a typed model that names what is wrong with a bad one.

>>> story("each_friends_share").steps
('share = n / k', 'other = m / k')
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

from dataset_builder.categories.mathematical_reasoning.arithmetic import names_in, operations_in
from dataset_builder.categories.mathematical_reasoning.work import level_of, work_of
from dataset_builder.categories.shared.data import Entry, read
from dataset_builder.categories.shared.words import FRACTION_WORDS, NOUNS, NUMBERS
from dataset_builder.instance import Difficulty
from dataset_builder.taxonomy import CATEGORIES

TASK_TYPE = "mathematical_reasoning"
FILE = Path(__file__).with_name("content.yaml")
PEOPLE = frozenset({"who", "she", "her"})
_SUBTASKS = CATEGORIES[TASK_TYPE].subtask_names
_RANGE = re.compile(r"(\d+)\.\.(\d+)(?: by (\d+))?")
_NUMBER = re.compile(rf"\b(\d+|twice|{'|'.join((*NUMBERS, *FRACTION_WORDS))})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"\ban? \{")
_ORDER = re.compile(r"\b(draw|drawn|drawing|paint)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def _pool(value: Any) -> Any:
    """`6..15` as the numbers from 6 to 15, `8..40 by 4` in steps, `[1/2, 3]` as fractions."""
    if isinstance(value, str) and (match := _RANGE.fullmatch(value)):
        first, last, step = (int(part or 1) for part in match.groups())
        return tuple(map(Fraction, range(first, last + 1, step)))
    if isinstance(value, list):
        return tuple(Fraction(str(one)) for one in value)
    raise ValueError(f"'{value}' is not a range such as 6..15, a list, or the name of one under lists")


Pool = Annotated[tuple[Fraction, ...], BeforeValidator(_pool), Field(min_length=1)]


def variants(text: str) -> list[str]:
    """A text with one alternative taken of every `[this|that]`: all of them, in order.

    >>> variants("{who} [buys|sells] {n} {xs}.")
    ['{who} buys {n} {xs}.', '{who} sells {n} {xs}.']
    """
    match = _CHOICE.search(text)
    if match is None:
        return [text]
    before, after = text[: match.start()], text[match.end() :]
    return [done for part in match.group(1).split("|") for done in variants(before + part + after)]


def placeholders(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


class Story(Entry):
    """One story; the head of `content.yaml` says what each field is."""

    name: str = Field(pattern=r"^[a-z_]+$")
    subtask: str
    tell: tuple[str, ...] = Field(min_length=3)
    ask: tuple[str, ...] = Field(min_length=1)
    values: dict[str, Pool]
    things: dict[str, str]
    steps: tuple[str, ...] = Field(min_length=2)
    relations: tuple[str, ...] = Field(min_length=1)
    draw: dict[str, str] = Field(min_length=1)
    shallow: dict[str, str] = Field(min_length=1)
    because: str = Field(min_length=5)
    where: tuple[str, ...] = ()
    fractions: tuple[str, ...] = ()

    @property
    def work(self) -> int:
        return work_of(self.steps, self.relations, self.values)

    @property
    def chosen(self) -> set[str]:
        """Counts that may be nothing, since another kind may be the one that is shown."""
        return {step.split(" = ")[0] for step in self.steps if step.split(" = ")[1].startswith(("likelier(", "rarer("))}

    @property
    def level(self) -> Difficulty:
        return level_of(self.work)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for problem in chain(self._thing_problems(), self._text_problems(), self._arithmetic_problems()):
            raise ValueError(problem)
        return self

    def _thing_problems(self) -> Iterator[str]:
        if self.subtask not in _SUBTASKS:
            yield f"subtask '{self.subtask}' is none of {', '.join(_SUBTASKS)}"
        known = {noun.group for noun in NOUNS.values()} | set(NOUNS)
        earlier: set[str] = set()
        for thing, words in self.things.items():
            if words.startswith("=") and words[1:] not in earlier:
                yield f"thing {thing} is '{words}', but no earlier thing is called {words[1:]}"
            for word in [] if words.startswith("=") else words.split(","):
                if word not in known:
                    yield f"thing {thing}: '{word}' is no group and no word of shared/words.yaml"
            earlier.add(thing)
        for field, entries in (("draw", self.draw), ("shallow", self.shallow)):
            for thing in entries:
                if thing not in self.things:
                    yield f"{field}: no thing is called '{thing}'"

    def _text_problems(self) -> Iterator[str]:
        known = {*self.values, *PEOPLE}
        for text in chain.from_iterable(map(variants, (*self.tell, *self.ask))):
            for name in placeholders(text):
                if name not in known and not self._names_thing(name):
                    yield f"'{{{name}}}' in a text is no value and no thing of the story"
            plain = re.sub(r"\{.*?\}", "{}", text)
            if match := _NUMBER.search(plain) or _ORDER.search(plain):
                yield f"'{match.group()}' in '{plain[:60]}': numbers are placeholders, and the last sentence says draw"
            if match := _ARTICLE.search(text):
                yield f"'{match.group()}' in '{text[:60]}': write {{a_x}}, which knows a from an"
        for text in chain.from_iterable(map(variants, self.tell)):
            told = set(placeholders(text))
            if missing := set(self.values) - told:
                yield f"'{text[:60]}' leaves out {{{sorted(missing)[0]}}}"
            if told & PEOPLE and "who" not in told or self._asks_of_people() and "who" not in told:
                yield f"'{text[:60]}' does not say {{who}}, which another sentence takes up"

    def _asks_of_people(self) -> bool:
        return any(PEOPLE & set(placeholders(text)) for text in self.ask)

    def _names_thing(self, placeholder: str) -> bool:
        name = placeholder.removeprefix("a_")
        return name in self.things or (name.endswith("s") and name[:-1] in self.things)

    def _arithmetic_problems(self) -> Iterator[str]:
        known = set(self.values)
        for step in self.steps:
            name, equals, expression = step.partition(" = ")
            if not equals or not name.isidentifier() or name in known:
                yield f"step '{step}' is not of the form NEW_NAME = EXPRESSION"
            yield from _unknown(f"step '{step}'", expression, known)
            if operations_in(expression) != 1:
                yield f"step '{step}' is not one operation"
            known.add(name)
        used = set(self.draw.values()).union(*(names_in(step.partition(" = ")[2]) for step in self.steps))
        for name in sorted(known - used):
            yield f"'{name}' is told or computed, but nothing is made of it"
        for condition in (*self.where, *self.relations, *self.draw.values(), *self.shallow.values()):
            yield from _unknown(f"'{condition}'", condition, known)


def _unknown(where: str, expression: str, known: Iterable[str]) -> Iterator[str]:
    for name in sorted(names_in(expression) - set(known)):
        yield f"{where} uses '{name}', which is no value and no earlier step"


class Content(Entry):
    """The file: lists of numbers that several stories use, the last sentences of a prompt, and the stories."""

    lists: dict[str, Pool]
    orders: tuple[str, ...] = Field(min_length=1)
    stories: tuple[Story, ...]

    @model_validator(mode="before")
    @classmethod
    def _lists_by_name(cls, content: Any) -> Any:
        """A value that is the name of a list is that list."""
        if not (isinstance(content, dict) and isinstance(content.get("lists"), dict)):
            return content
        lists = content["lists"]
        told = [
            story | {"values": {name: _named(lists, pool) for name, pool in story["values"].items()}}
            if isinstance(story, dict) and isinstance(story.get("values"), dict)
            else story
            for story in content.get("stories") or ()
        ]
        return content | {"stories": told}

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        names = [one.name for one in self.stories]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two stories are called '{sorted(twice)[0]}'")
        for order in self.orders:
            if placeholders(order) != ["what"] or "nothing else" not in order:
                raise ValueError(f"the order '{order}' needs {{what}}, once, and the words nothing else")
        return self


def _named(lists: dict[str, Any], pool: Any) -> Any:
    return lists.get(pool, pool) if isinstance(pool, str) else pool


@cache
def content(path: Path = FILE) -> Content:
    """The whole file; RealUnifyError with file, story and reason where an entry is bad."""
    return read(path, Content)


def stories() -> tuple[Story, ...]:
    """All stories, in the file's order."""
    return content().stories


def story(name: str) -> Story:
    """The story of that name; KeyError where there is none."""
    return {one.name: one for one in stories()}[name]
