"""Polling questions: four that catch every slip, of which wording, numbers and places tell nothing.

A pattern of answers is dealt first (each mixture of yes and no equally often), then questions are looked for that have
these answers, fail every slip, and of which none can be dropped at no loss. Among several such sets the one is taken
that keeps yes and no level, form by form and number by number, over the instances so far.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from dataset_builder.categories.mathematical_reasoning.slips import Counts
from dataset_builder.categories.shared.scene import (
    Item,
    all_coloured,
    any_of,
    exactly,
    fewer_than,
    more_of,
    more_than,
)
from dataset_builder.categories.shared.words import NOUNS
from dataset_builder.instance import Aspect, Question, YesNo, instance_rng

ASKED = 4
PATTERNS = tuple("".join(p) for p in itertools.product("yn", repeat=ASKED) if len(set(p)) > 1)
LARGEST = 8  # the largest number in a question: no larger one can be right
_TRIES, _ENOUGH = 160, 32

Test = Callable[[Counts], bool]


@dataclass(frozen=True)
class Ask:
    """A question that may be asked; `number` is the one in its words, `test` answers it for a picture."""

    text: str
    aspect: Aspect
    form: str
    test: Test
    number: int | None = None
    off: int = 0
    """How far the number is above (or below) the count that it is about."""


def patterns(seed: int, task_type: str, number: int) -> list[str]:
    """The answers of instance `number` (from 1), then those to fall back on: every fourteen hold each pattern once."""
    block, place = divmod(number - 1, len(PATTERNS))
    dealt = instance_rng(seed, task_type, "patterns", block).sample(PATTERNS, len(PATTERNS))
    return [*dealt[place:], *dealt[:place]]


def candidates(kinds: Sequence[Item], truth: Counts) -> list[Ask]:
    """Everything worth asking about a picture of these kinds."""
    return [*_counting(kinds, truth), *_totals(kinds, truth), *_comparing(kinds, truth), *_naming(kinds, truth)]


def _counting(kinds: Sequence[Item], truth: Counts) -> Iterator[Ask]:
    for place, (kind, count) in enumerate(zip(kinds, truth, strict=True)):
        if not count:
            continue
        for number in range(1, LARGEST + 1):
            off = number - count
            if abs(off) <= 4:
                test = _test(lambda c, p, n: c[p] == n, place, number)
                yield Ask(exactly(number, kind.noun, kind.colour), "quantity", "exactly", test, number, off)
            if -2 <= off <= 1 and number < LARGEST:
                test = _test(lambda c, p, n: c[p] > n, place, number)
                yield Ask(more_than(number, kind.noun, kind.colour), "quantity", "more than", test, number, off)
            if -1 <= off <= 2 and number > 1:
                test = _test(lambda c, p, n: c[p] < n, place, number)
                yield Ask(fewer_than(number, kind.noun, kind.colour), "quantity", "fewer than", test, number, off)


def _test(rule: Callable[[Counts, int, int], bool], place: int, number: int) -> Test:
    return lambda counts: rule(counts, place, number)


def _totals(kinds: Sequence[Item], truth: Counts) -> Iterator[Ask]:
    """All things of one noun, where several colours of it are shown."""
    for noun in dict.fromkeys(kind.noun for kind in kinds):
        places = [place for place, kind in enumerate(kinds) if kind.noun == noun]
        if sum(truth[place] > 0 for place in places) < 2:
            continue
        total = sum(truth[place] for place in places)
        for number in range(max(2, total - 2), min(LARGEST, total + 2) + 1):
            test = _sums_to(places, number)
            yield Ask(exactly(number, noun), "quantity", "in all", test, number, number - total)


def _sums_to(places: Sequence[int], number: int) -> Test:
    return lambda counts: sum(counts[place] for place in places) == number


def _comparing(kinds: Sequence[Item], truth: Counts) -> Iterator[Ask]:
    for one, other in itertools.permutations([place for place, count in enumerate(truth) if count], 2):
        if truth[one] != truth[other]:
            yield Ask(more_of(kinds[one], kinds[other]), "relation", "more of", _more(one, other))


def _more(one: int, other: int) -> Test:
    return lambda counts: counts[one] > counts[other]


def _naming(kinds: Sequence[Item], truth: Counts) -> Iterator[Ask]:
    """Whether a kind is there at all, and whether all things of a noun have its colour."""
    for place, kind in enumerate(kinds):
        same = [p for p, other in enumerate(kinds) if other.noun == kind.noun]
        yield Ask(any_of(kind.noun, str(kind.colour)), "subject", "any", _shows(place))
        if any(truth[p] for p in same):
            yield Ask(all_coloured(kind.noun, str(kind.colour)), "attribute", "all", _only(place, same))
            colours = {kinds[p].colour for p in same}
            for colour in (k.colour for k in kinds if k.colour not in colours and k.colour in NOUNS[kind.noun].colours):
                yield Ask(all_coloured(kind.noun, str(colour)), "attribute", "all", _never)


def _shows(place: int) -> Test:
    return lambda counts: counts[place] > 0


def _only(place: int, same: Sequence[int]) -> Test:
    return lambda counts: counts[place] > 0 and all(counts[p] == 0 for p in same if p != place)


def _never(counts: Counts) -> bool:
    """The thing in the colour of another thing of the story, which nobody draws."""
    return False


_WEIGHT = 4  # of a form with its number, which a blind reader sees at once; single words are many and weigh less


class Balance:
    """How often each word, form and number of a question went with a yes more than with a no, so far."""

    def __init__(self) -> None:
        self._told: Counter[Hashable] = Counter()

    def cost(self, asked: Sequence[tuple[Ask, bool]], stated: set[int]) -> int:
        """How much worse the balance gets; negative where it gets better."""
        told = self._told
        return sum(by * (2 * told[feature] + by) for feature, by in self._tilt(asked, stated).items())

    def add(self, asked: Sequence[tuple[Ask, bool]], stated: set[int]) -> None:
        self._told.update(self._tilt(asked, stated))

    def _tilt(self, asked: Sequence[tuple[Ask, bool]], stated: set[int]) -> Counter[Hashable]:
        tilt: Counter[Hashable] = Counter()
        numbers = [ask.number for ask, _ in asked if ask.number]
        for ask, yes in asked:
            by = 1 if yes else -1
            for word in ask.text.split():
                tilt[word] += by
            tilt[ask.form] += _WEIGHT * by
            if ask.number:
                tilt[ask.text.split()[2], ask.number] += _WEIGHT * by
                tilt["stated"] += by if ask.number in stated else 0
                tilt["largest"] += by if ask.number == max(numbers) else 0
                tilt["smallest"] += by if ask.number == min(numbers) else 0
                if not yes and ask.form in ("exactly", "in all"):
                    tilt["above the truth"] += 1 if ask.off > 0 else -1
        return tilt


def choose(
    rng: Random, balance: Balance, kinds: Sequence[Item], truth: Counts, told: Sequence[Counts], pattern: str,
    stated: Sequence[Fraction],
) -> list[Question] | None:  # fmt: skip
    """Questions with the answers of `pattern`; None where none are found that catch all the slips in `told`.

    The first of `told` is the shallow picture: the foil, one question, is answered no and would be yes there.
    """
    search = _Search(candidates(kinds, truth), truth, list(dict.fromkeys(told)))
    whole = {int(value) for value in stated if value.denominator == 1}
    best: tuple[int, list[int]] | None = None
    found = 0
    for _ in range(_TRIES if search.foils else 0):
        chosen = search.attempt(rng, pattern)
        if chosen is None or search.redundant(chosen):
            continue
        cost = balance.cost(search.told(chosen), whole)
        if best is None or cost < best[0]:
            best = cost, chosen
        found += 1
        if found == _ENOUGH:
            break
    if best is None:
        return None
    balance.add(search.told(best[1]), whole)
    return _in_order(rng, search.pool, search.answers, best[1], pattern)


class _Search:
    """All questions that may be asked about a picture, and what each of them catches."""

    def __init__(self, pool: list[Ask], truth: Counts, slips: Sequence[Counts]) -> None:
        self.pool, self._truth = pool, truth
        self.answers = [ask.test(truth) for ask in pool]
        self._caught = [
            _mask(ask.test(slip) != yes for slip in slips) for ask, yes in zip(pool, self.answers, strict=True)
        ]
        self._all = (1 << len(slips)) - 1
        self._alike: dict[int, int] = {}
        self.foils = [n for n, yes in enumerate(self.answers) if not yes and pool[n].test(slips[0])]

    def told(self, chosen: Sequence[int]) -> list[tuple[Ask, bool]]:
        return [(self.pool[number], self.answers[number]) for number in chosen]

    def attempt(self, rng: Random, pattern: str) -> list[int] | None:
        """A foil first, then again and again a question that catches a slip that none has caught so far."""
        chosen = [rng.choice(self.foils)]
        left = {True: pattern.count("y"), False: pattern.count("n") - 1}
        missing = self._all & ~self._caught[chosen[0]]
        while left[True] or left[False]:
            wanted = 1 << rng.choice(_bits(missing)) if missing else 0
            options = [
                number
                for number, yes in enumerate(self.answers)
                if left[yes] and number not in chosen and self._caught[number] & wanted == wanted
            ]
            if not options:
                return None
            chosen.append(rng.choice(options))
            left[self.answers[chosen[-1]]] -= 1
            missing &= ~self._caught[chosen[-1]]
        return None if missing else chosen

    def redundant(self, chosen: Sequence[int]) -> bool:
        """Whether a question follows from the others and another one has its aspect already; the first is the foil."""
        aspects = ["foil", *(self.pool[number].aspect for number in chosen[1:])]
        for place, number in enumerate(chosen):
            if aspects.count(aspects[place]) > 1:
                rest = -1
                for other in chosen:
                    rest &= self._like_truth(other) if other != number else -1
                if not rest & ~self._like_truth(number):
                    return True
        return False

    def _like_truth(self, number: int) -> int:
        """The pictures about which the question's answer is that of the right one, as bits."""
        if number not in self._alike:
            yes = self.answers[number]
            self._alike[number] = _mask(self.pool[number].test(counts) == yes for counts in universe(self._truth))
        return self._alike[number]


def _bits(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


def _in_order(
    rng: Random, pool: Sequence[Ask], answers: Sequence[bool], chosen: list[int], pattern: str
) -> list[Question]:
    foil = chosen[0]
    queues = {True: [n for n in chosen if answers[n]], False: [n for n in chosen if not answers[n]]}
    for queue in queues.values():
        rng.shuffle(queue)
    asked = []
    for letter in pattern:
        number = queues[letter == "y"].pop()
        reply: YesNo = "yes" if letter == "y" else "no"
        aspect: Aspect = "foil" if number == foil else pool[number].aspect
        asked.append(Question(question=pool[number].text, answer=reply, aspect=aspect))
    return asked


def _mask(bits: Iterator[bool]) -> int:
    return sum(1 << place for place, bit in enumerate(bits) if bit)


def universe(truth: Counts) -> Iterator[Counts]:
    """Pictures that somebody may draw: up to nine of each kind that is shown, the other kinds there or not."""
    return itertools.product(*(range(10) if count else range(2) for count in truth))
