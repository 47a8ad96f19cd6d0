"""The judge's questions about one logic puzzle: true of every right arrangement, or of none.

Four questions (three where a puzzle has no more) in a pattern of yes and no that was dealt beforehand. Together they
let no wrong picture pass, neither an arrangement of the same things nor one that a slip leads to; each of them stops
a picture that the others let pass. A question that the most tempting wrong picture answers with yes is a foil.

    >>> ask(rng, puzzle, list(slipped(puzzle)), "nyyn", Reader()).asked[0]
    Asked(condition=["at", "red", 1], variant=0, answer="no", aspect="foil")
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from dataset_builder.categories.logical_reasoning.facts import askable
from dataset_builder.categories.logical_reasoning.puzzle import Puzzle
from dataset_builder.categories.logical_reasoning.reader import Reader
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, read, sound
from dataset_builder.instance import Aspect, Question, YesNo

TRIES = 200
"""Draws of a set of questions; a puzzle that yields none is given up."""
ENOUGH = 60
"""Sets among which the one is taken whose words give least away."""
MOST = 90
"""Questions looked at, of all that could be asked."""
COUNTED = {"count", "total"}
TEMPTING = ("keeps the order", "changes nothing", "skips the step", "takes the other branch", "goes the other way")


Named = tuple[str, Arrangement]


@dataclass(frozen=True)
class Asked:
    """One question as a condition, with what it tests."""

    condition: Condition
    variant: int
    answer: YesNo
    aspect: Aspect


@dataclass(frozen=True)
class Asking:
    """The questions of one puzzle, and the slip that the foils among them catch."""

    asked: list[Asked]
    slip: str
    shallow: Arrangement


def question_of(puzzle: Puzzle, asked: Asked) -> Question:
    """The question as it stands in the dataset."""
    text = puzzle.after_speaker.question(asked.condition, asked.variant)
    return Question(question=text, answer=asked.answer, aspect=asked.aspect)


def aspect_of(condition: Condition, values: bool, named: bool) -> Aspect:
    """What a question that is no foil tests."""
    op = condition[0]
    if op in COUNTED:
        return "quantity"
    if op == "present":
        return "subject"
    if (
        op in {"only", "beyond", "marked", "ranks_above"}
        or op == "same"
        and not values
        or op == "at"
        and (values or named)
    ):
        return "attribute"
    return "relation"


def pool(puzzle: Puzzle) -> list[Condition]:
    """Everything that could be asked about the drawn picture."""
    speaker = puzzle.after_speaker
    cast, scenario = speaker.cast, speaker.scenario
    found = askable(scenario, cast)
    marks = [f"mark:{x}" for x in cast.things]
    if any(mark in puzzle.variables for mark in marks):
        found += [["only", marks, [m]] for m in marks]
        found += [["marked", m] for m in marks]
        found += [[op, marks, [m, o]] for op in ("only", "beyond") for i, m in enumerate(marks) for o in marks[i + 1 :]]
        found += [["beyond", marks, [m]] for m in marks]
    return found


def changed_things(puzzle: Puzzle) -> list[Condition]:
    """Whether what went is gone, or what came is there: one of these is asked wherever something went or came."""
    change = puzzle.changes[-1] if puzzle.changes else [""]
    if change[0] not in {"remove", "insert", "take", "replace"}:
        return []
    return [["present", x] for x in change[1:3] if isinstance(x, str)]


class Sight:
    """All pictures that the questions must tell from the right ones, and what each question says to them."""

    def __init__(self, puzzle: Puzzle, slips: Sequence[Named]) -> None:
        self._n = (puzzle.after_cast or puzzle.cast).n
        self._here = puzzle.here if puzzle.in_line else None
        self.valid = puzzle.valid()
        self.slips = list(slips)
        wrong: dict[str, Arrangement] = {}
        for a in [*puzzle.possible(), *(a for _, a in self.slips)]:
            if a not in self.valid:
                wrong.setdefault(str(sorted(a.items())), a)
        self.wrong = [(a, self._count(a)) for a in wrong.values()]
        self._right = [(a, self._count(a)) for a in self.valid]
        self.all = (1 << len(self.wrong)) - 1
        self._stopped: dict[str, int] = {}

    def _count(self, arrangement: Arrangement) -> int:
        return len(self._here(arrangement)) if self._here else self._n

    def answer(self, condition: Condition) -> YesNo | None:
        """What every right picture answers; None where they differ or the question relates a thing to itself."""
        found = {read(condition, a, self._n, m) for a, m in self._right}
        if len(found) > 1 or not all(sound(condition, a) for a in self.valid):
            return None
        return "yes" if found == {True} else "no"

    def stopped(self, condition: Condition, answer: YesNo) -> int:
        """The wrong pictures that a judge answers otherwise, as bits."""
        key = f"{answer} {condition}"
        if key not in self._stopped:
            self._stopped[key] = self._look(condition, answer)
        return self._stopped[key]

    def _look(self, condition: Condition, answer: YesNo) -> int:
        bits = 0
        for place, (a, m) in enumerate(self.wrong):
            if read(condition, a, self._n, m) != (answer == "yes"):
                bits |= 1 << place
        return bits


def telling(stops: Sequence[int], aspects: Sequence[str], everything: int) -> bool:
    """Whether the questions together stop every wrong picture, and none is idle.

    Each stops a picture that the others let pass, or is the only one that asks for its aspect.
    """
    if reduce(or_, stops) != everything:
        return False
    alone = (reduce(and_, (~s for j, s in enumerate(stops) if j != i), stop) for i, stop in enumerate(stops))
    return all(own or aspects.count(aspect) == 1 for own, aspect in zip(alone, aspects, strict=True))


def ask(rng: random.Random, puzzle: Puzzle, slips: Sequence[Named], pattern: str, reader: Reader) -> Asking | None:
    """Questions in the pattern ("nyyn"), or None where the puzzle yields none such.

    Of several sets the one is taken whose words tell the reader least.
    """
    sight = Sight(puzzle, slips)
    tempting = [s for s in sight.slips if s[0].startswith(TEMPTING)] if puzzle.device is None else []
    if not sight.slips:
        return None
    slip, shallow = rng.choice(tempting if tempting and rng.random() < 0.7 else sight.slips)
    by_answer: dict[str, list[tuple[Condition, int]]] = {"y": [], "n": []}
    asking = pool(puzzle)
    for condition in rng.sample(asking, min(len(asking), MOST)):
        answer = sight.answer(condition)
        if answer and (stops := sight.stopped(condition, answer)):
            by_answer[answer[0]].append((condition, stops))
    foils = [c for c in by_answer["n"] if puzzle.says_yes(c[0], shallow)]
    if not foils:
        return None
    must = [(c, sight.stopped(c, answer)) for c in changed_things(puzzle) if (answer := sight.answer(c))]
    asked: list[tuple[bool, bool, int, list[Asked]]] = []
    for chosen in _sets(rng, pattern, by_answer, foils, must, sight):
        one = _in_pattern(rng, puzzle, pattern, chosen, sight.valid[0], shallow)
        if telling([sight.stopped(a.condition, a.answer) for a in one], [a.aspect for a in one], sight.all):
            told = _told(puzzle, one, reader)
            asked.append((told > 0, told <= 0 and _idle(sight, one), told, one))
    if not asked:
        return None
    # best one whose words mislead and in which every question is needed; then one whose words mislead; then any
    best = min(asked, key=lambda entry: entry[:3])[3]
    for question in best:
        reader.learn(question_of(puzzle, question).question, question.answer)
    return Asking(best, slip, shallow)


Candidate = tuple[Condition, int]


def _sets(
    rng: random.Random,
    pattern: str,
    by_answer: dict[str, list[Candidate]],
    foils: list[Candidate],
    must: list[Candidate],
    sight: Sight,
) -> Iterator[list[Candidate]]:
    """Sets of questions that stop every wrong picture; the first of each is a foil, the next a must."""
    found = 0
    for _ in range(TRIES):
        chosen = [_drawn(rng, foils) or foils[0]]
        answers = list(pattern.replace("n", "", 1))
        rng.shuffle(answers)
        if must and chosen[0] not in must:
            chosen.append(rng.choice(must))
            if (said := str(sight.answer(chosen[-1][0]))[0]) not in answers:
                continue
            answers.remove(said)
        for place, answer in enumerate(answers):
            left = sight.all & ~reduce(or_, (stops for _, stops in chosen))
            options = [c for c in by_answer[answer] if not any(_same_topic(c[0], d[0]) for d in chosen)]
            if place == len(answers) - 1:
                options = [c for c in options if c[1] & left == left]
            # now the strongest of three, now one drawn blindly: the strongest are of other kinds for yes than for no
            some = [c for _ in range(rng.choice((1, 3))) if (c := _drawn(rng, options))]
            if not some:
                break
            chosen.append(max(some, key=lambda c: (c[1] & left).bit_count()))
        if len(chosen) == len(pattern):
            yield chosen
            found += 1
            if found == ENOUGH:
                return


def _drawn(rng: random.Random, options: list[Candidate]) -> Candidate | None:
    """One of the options, every kind of question as likely as every other: rare truths do not betray themselves."""
    kinds: dict[str, list[Candidate]] = {}
    for option in options:
        kinds.setdefault(option[0][0], []).append(option)
    return rng.choice(kinds[rng.choice(sorted(kinds))]) if kinds else None


def _same_topic(a: Condition, b: Condition) -> bool:
    """Whether two questions ask about the same things in nearly the same way."""
    if a[0] in {"at", "among"} and b[0] in {"at", "among"}:
        return a == b
    if a[0] == b[0] and a[0] in {"placed", "only", "total", "beyond"}:
        return True
    if a[0] in {"at", "count", "total"} or b[0] in {"at", "count", "total"}:
        return a == b or a[0] == b[0] == "count" and a[2] == b[2]
    return {str(x) for x in a[1:3]} == {str(x) for x in b[1:3]}


def _in_pattern(
    rng: random.Random, puzzle: Puzzle, pattern: str, chosen: list[Candidate], right: Arrangement, shallow: Arrangement
) -> list[Asked]:
    """The questions in the order of the pattern."""
    by_answer: dict[str, list[Condition]] = {"y": [], "n": []}
    for condition, _ in rng.sample(chosen, len(chosen)):
        by_answer["y" if puzzle.says_yes(condition, right) else "n"].append(condition)
    return [
        _asked(rng, puzzle, by_answer[answer].pop(), "yes" if answer == "y" else "no", shallow) for answer in pattern
    ]


def _asked(rng: random.Random, puzzle: Puzzle, c: Condition, answer: YesNo, shallow: Arrangement) -> Asked:
    speaker = puzzle.after_speaker
    values = bool(speaker.cast.values)
    leads = c[0] == "at" and not values and c[1] in speaker.cast.things and isinstance(c[2], int)
    variant = int(bool(leads and speaker.lead(c[2])) and rng.random() < 0.6)
    foil = answer == "no" and puzzle.says_yes(c, shallow)
    return Asked(c, variant, answer, "foil" if foil else aspect_of(c, values, variant == 1))


def _idle(sight: Sight, asked: Sequence[Asked]) -> bool:
    """Whether a question could go and no wrong picture would pass, though the question asks for something else."""
    stops = [sight.stopped(a.condition, a.answer) for a in asked]
    return any(reduce(or_, stops[:place] + stops[place + 1 :]) == sight.all for place in range(len(stops)))


def _told(puzzle: Puzzle, asked: Sequence[Asked], reader: Reader) -> int:
    """How far the words alone point to these answers."""
    leanings = ((a.answer, reader.leaning(question_of(puzzle, a).question)) for a in asked)
    return sum(leaning if answer == "yes" else -leaning for answer, leaning in leanings)
