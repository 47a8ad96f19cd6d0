"""Typical slips: what somebody draws who went wrong at one place, found from the steps alone.

A *plan* is what an instance's metadata says of its arithmetic. Every slip is a picture: how many of each kind it
shows. None may pass; `problem` refuses numbers with which a slip leads to the right picture, and `questions` chooses
questions that catch all of them.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from dataset_builder.categories.mathematical_reasoning.arithmetic import evaluate, names_in
from dataset_builder.categories.mathematical_reasoning.work import together

MODAL = 3
"""How many of a thing pictures show when nobody counted."""
MOST = 12  # more than this nobody draws
_OTHER = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "//"}
_OTHER_FUNCTION = {"max": "min", "min": "max", "likelier": "rarer", "rarer": "likelier"}

Counts = tuple[int, ...]
Values = Mapping[str, Fraction]


@dataclass(frozen=True)
class Plan:
    """The arithmetic of an instance. `drawn` names the values that are counts of the first kinds.

    `others` is how many further kinds the story tells of, none of which is to be drawn.
    """

    stated: dict[str, Fraction]
    steps: tuple[str, ...]
    relations: tuple[str, ...]
    drawn: tuple[str, ...]
    others: int
    shallow: Counts

    @classmethod
    def from_metadata(cls, meta: dict[str, Any]) -> Plan:
        return cls(
            {name: Fraction(value) for name, value in meta["stated"]},
            tuple(meta["steps"]),
            tuple(meta["relations"]),
            tuple(meta["drawn"]),
            len(meta["kinds"]) - len(meta["drawn"]),
            tuple(meta["shallow_counts"]),
        )

    def values(self, steps: Sequence[str] = ()) -> Values | None:
        """Stated values and the results of the steps; None where one cannot be taken (division by nothing)."""
        values = dict(self.stated)
        for step in steps or self.steps:
            name, expression = step.split(" = ")
            try:
                values[name] = evaluate(expression, values)
            except ZeroDivisionError:
                return None
        return values

    def picture(self, values: Values) -> Counts | None:
        """How many of each kind, or None where that cannot be drawn."""
        counts = [values[name] for name in self.drawn]
        if any(c.denominator > 1 or not 0 <= c <= MOST for c in counts) or not any(counts):
            return None
        return (*map(int, counts), *[0] * self.others)


def pictures(plan: Plan) -> list[tuple[str, Counts]]:
    """Every slip by name with its picture; several slips may lead to one picture.

    A number that happens to be the right one, or a step whose wrong result changes nothing, is no slip and left out;
    but a step that is simply not done must always matter, and so must everything that is no coincidence.
    """
    values = plan.values()
    truth = values and plan.picture(values)
    if not values or not truth:
        raise ValueError(f"the steps {plan.steps} lead to nothing that can be drawn")
    by_chance = [*_numbers(plan, values, truth), *_swapped(plan), *_otherwise(plan)]
    return [
        ("shallow", plan.shallow),
        *_left_out(plan),
        *((name, picture) for name, picture in by_chance if picture != truth),
        *_counts(truth),
        *_ignored(plan, truth),
    ]


def _left_out(plan: Plan) -> Iterator[tuple[str, Counts]]:
    """Each step left out: what it starts from is taken for its result (of a sum or product, either part)."""
    for place, step in enumerate(plan.steps):
        for start in _operands(step)[0]:
            yield from _changed(plan, f"skipped: {step}", {place: start})
    if choices := _choices(plan):
        shown = {place: _operands(plan.steps[place])[1][0] for place in choices}
        yield from _changed(plan, "all kinds, likely or not", shown)
        yield from _changed(plan, "the other kind", {place: _turned(plan.steps[place]) for place in choices})


def _otherwise(plan: Plan) -> Iterator[tuple[str, Counts]]:
    """Each step turned round, or the number that it takes away or divides by taken for its result."""
    for place, step in enumerate(plan.steps):
        if place not in _choices(plan):
            for wrong in (_turned(step), *_operands(step)[1]):
                yield from _changed(plan, f"turned round: {step}", {place: wrong})


def _changed(plan: Plan, name: str, wrong: Mapping[int, str]) -> Iterator[tuple[str, Counts]]:
    """The picture where some steps have other expressions, if it can be drawn."""
    steps = [
        f"{step.split(' = ')[0]} = {wrong[place]}" if place in wrong else step for place, step in enumerate(plan.steps)
    ]
    values = plan.values(steps)
    picture = values and plan.picture(values)
    if picture:
        yield name, picture


def _choices(plan: Plan) -> list[int]:
    """The steps that choose the kind to be shown."""
    return [place for place, step in enumerate(plan.steps) if step.split(" = ")[1].startswith(("likelier(", "rarer("))]


@cache
def _operands(step: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a step starts from, and its other operands; numbers that are no names are nothing to take."""
    tree = ast.parse(step.split(" = ")[1], mode="eval").body
    if isinstance(tree, ast.Call):
        return (), tuple(ast.unparse(part) for part in tree.args)
    if not isinstance(tree, ast.BinOp):
        raise ValueError(f"the step '{step}' is not one operation")
    parts = [ast.unparse(part) for part in (tree.left, tree.right)]
    first = parts if isinstance(tree.op, ast.Add | ast.Mult) else parts[:1]
    named = [tuple(part for part in some if names_in(part)) for some in (first, parts[len(first) :])]
    return named[0], named[1]


@cache
def _turned(step: str) -> str:
    """The expression of a step with the opposite operation."""
    expression = step.split(" = ")[1]
    tree = ast.parse(expression, mode="eval").body
    if isinstance(tree, ast.Call):
        function, inside = expression.split("(", 1)
        return f"{_OTHER_FUNCTION[function]}({inside}"
    if not isinstance(tree, ast.BinOp):
        raise ValueError(f"the step '{step}' is not one operation")
    left, right = ast.unparse(tree.left), ast.unparse(tree.right)
    return f"{left} {_OTHER[type(tree.op)]} {right}"


def _numbers(plan: Plan, values: Values, truth: Counts) -> Iterator[tuple[str, Counts]]:
    """A number of the story, or a result on the way, in the place of one count; stated numbers in the place of all."""
    shown = [place for place, count in enumerate(truth) if count]
    for name, value in values.items():
        if value.denominator == 1 and 1 <= value <= MOST and name not in plan.drawn:
            verb = "copied" if name in plan.stated else "stopped at"
            for place in shown:
                yield f"{verb}: {name}", _with(truth, place, int(value))
    whole = [int(v) for v in plan.stated.values() if v.denominator == 1 and 1 <= v <= MOST]
    if len(shown) > 1:
        for copied in itertools.permutations(whole, len(shown)):
            picture = truth
            for place, count in zip(shown, copied, strict=True):
                picture = _with(picture, place, count)
            yield "copied throughout", picture


def _with(counts: Counts, place: int, count: int) -> Counts:
    return (*counts[:place], count, *counts[place + 1 :])


def _swapped(plan: Plan) -> Iterator[tuple[str, Counts]]:
    """Two stated numbers taken for each other, as where a ratio is read backwards."""
    for one, other in itertools.combinations(plan.stated, 2):
        stated = plan.stated | {one: plan.stated[other], other: plan.stated[one]}
        values = Plan(stated, plan.steps, plan.relations, plan.drawn, plan.others, plan.shallow).values()
        picture = values and plan.picture(values)
        if picture:
            yield f"swapped: {one} and {other}", picture


def _counts(truth: Counts) -> Iterator[tuple[str, Counts]]:
    """Off by one; a kind left out; a kind too many; counts exchanged, levelled, or those that pictures usually show."""
    shown = [place for place, count in enumerate(truth) if count]
    for place in range(len(truth)):
        if place not in shown:
            yield "one kind too many", _with(truth, place, 1)
            continue
        yield "one too many", _with(truth, place, truth[place] + 1)
        if truth[place] > 1:
            yield "one too few", _with(truth, place, truth[place] - 1)
        if len(shown) > 1:
            yield "one kind left out", _with(truth, place, 0)
    for one, other in itertools.combinations(shown, 2):
        if truth[one] != truth[other]:
            yield "exchanged", _with(_with(truth, one, truth[other]), other, truth[one])
    yield "as many as usual", tuple(MODAL if count else 0 for count in truth)
    level, rest = divmod(sum(truth), len(shown))
    if len(shown) > 1 and not rest:
        yield "as many of each", tuple(level if count else 0 for count in truth)


def _ignored(plan: Plan, truth: Counts) -> Iterator[tuple[str, Counts]]:
    """One of the statements left out, where several are solved together: whatever fits the others, up to ten things."""
    unknown = together(plan.relations, plan.stated)
    if not unknown or unknown - set(plan.drawn):
        return
    for left_out in plan.relations:
        kept = [relation for relation in plan.relations if relation != left_out]
        for counts in itertools.product(range(1, 9), repeat=len(plan.drawn)):
            if sum(counts) > 10 or counts == truth[: len(counts)]:
                continue
            values = plan.stated | dict(zip(plan.drawn, map(Fraction, counts), strict=True))
            if all(evaluate(relation, values) for relation in kept):
                yield f"ignored: {left_out}", (*counts, *[0] * plan.others)
