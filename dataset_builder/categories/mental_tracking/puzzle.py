"""The logic of one mental-tracking instance: steps, first colouring, truth and distractors, without pictures.

Fairness is built in, not filtered in. At every position a *pair* of digits is drawn, and which of the two
is the truth is a coin toss made before anything else is chosen; steps and colours are then searched until
a typical slip turns the true digit into the other one. The four options are the results of slipping at
none, some or all positions: for two digits the product of the pairs, for three the four combinations
in which any two options agree at exactly one position. So no option is closer to the others, larger or
otherwise special more often than chance, whatever the digits.

    >>> puzzle = search(random.Random(0), "sequential", positions=2, sizes=[(4, 3)], colours=("red", "blue", "green"))
    >>> len(set(puzzle.options))
    4
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.digits import DIRECTION, GLYPHS, STROKES, read_digit
from dataset_builder.categories.mental_tracking.recolouring import Change, Mode, Spot, Step

Colouring = tuple[Mapping[str, str], ...]
"""One mapping of stroke name to colour for each digit, from the left."""

# Whether an option shows the slipped digit, position by position; the first is the truth.
_PATTERNS = {
    2: ((0, 0), (0, 1), (1, 0), (1, 1)),
    3: ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)),
}
_RESTARTS, _MOVES = 2_000, 150


def _states(pair: tuple[int, int]) -> int:
    """How many of in both, in one, in the other, in neither occur among the seven strokes."""
    return len({tuple(stroke in GLYPHS[digit] for digit in pair) for stroke in STROKES})


# Pairs of digits whose strokes need few kinds of first colour (36 of 45), so that short programmes exist.
_PAIRS = [pair for pair in itertools.combinations(range(10), 2) if _states(pair) <= 3]


@dataclass(frozen=True)
class Puzzle:
    """`options[0]` is the truth; `slip_names` says which slips give a whole option, and at each position."""

    mode: Mode
    steps: tuple[Step, ...]
    asked: str
    start: Colouring
    end: Colouring
    options: tuple[str, ...]
    slip_names: tuple[str, ...]


def apply(puzzle_change: Change, start: Colouring) -> Colouring:
    return tuple(
        {stroke: puzzle_change(Spot(position, DIRECTION[stroke]), colour) for stroke, colour in digit.items()}
        for position, digit in enumerate(start)
    )


def reading(colouring: Colouring, asked: str) -> str | None:
    """The digits that strokes of one colour form, as text; None if a position shows no digit."""
    digits = [read_digit(s for s, colour in digit.items() if colour == asked) for digit in colouring]
    return None if None in digits else "".join(map(str, digits))


def search(
    rng: random.Random, mode: Mode, *, positions: int, sizes: Sequence[tuple[int, int]], colours: Sequence[str]
) -> Puzzle:
    """A puzzle of one of the `sizes` (steps, colours); raises RuntimeError where none is found (never seen).

    Steps are mended one at a time: a change is kept when it serves at least as many strokes as before. The
    digits are drawn once, before the search, so that what is easy to find does not decide what is true.
    """
    pairs = [rng.sample(rng.choice(_PAIRS), 2) for _ in range(positions)]
    for _ in range(_RESTARTS):
        steps, count = rng.choice(sizes)
        palette = tuple(rng.sample(colours, count))
        goal = _Goal(mode, pairs, rng.choice(palette), palette)
        current = _programme(rng, goal, steps)
        best = goal.served(current)
        for _ in range(_MOVES):
            if best == goal.strokes and (puzzle := _finish(rng, goal, current)):
                return puzzle
            mended = _mend(rng, goal, current)
            if mended and (score := goal.served(mended)) >= best:
                current, best = mended, score
    raise RuntimeError(f"no {mode} puzzle for the digits {pairs} within {_RESTARTS} restarts")


@dataclass(frozen=True)
class _Goal:
    """What was drawn before the search: at each position (true digit, slipped digit), and the asked colour."""

    mode: Mode
    pairs: list[list[int]]
    asked: str
    colours: tuple[str, ...]

    @property
    def positions(self) -> int:
        return len(self.pairs)

    @property
    def strokes(self) -> int:
        return len(STROKES) * self.positions

    def fits(self, steps: Sequence[Step]) -> list[dict[str, dict[str, list[str]]]]:
        """For each position and slip: the first colours that each stroke may have (missing: there is none)."""
        truth = rules.change(steps, self.mode, self.positions)
        slips = rules.slips(steps, self.mode, self.positions)
        return [{name: self._fit(at, truth, slip) for name, slip in slips.items()} for at in range(self.positions)]

    def _fit(self, position: int, truth: Change, slip: Change) -> dict[str, list[str]]:
        digit, other = self.pairs[position]
        table: dict[tuple[str, bool, bool], list[str]] = {}
        for direction in ("vertical", "horizontal"):
            spot = Spot(position, direction)
            for colour in self.colours:
                key = direction, truth(spot, colour) == self.asked, slip(spot, colour) == self.asked
                table.setdefault(key, []).append(colour)
        wanted = {s: (DIRECTION[s], s in GLYPHS[digit], s in GLYPHS[other]) for s in STROKES}
        return {s: table[key] for s, key in wanted.items() if key in table}

    def served(self, steps: Sequence[Step]) -> int:
        """How many strokes can be coloured when one position slips in `order` and the others as suits best."""
        truth = rules.change(steps, self.mode, self.positions)
        order = rules.change(steps, rules.other(self.mode), self.positions)
        best = max(len(self._fit(at, truth, order)) for at in range(self.positions))
        if best < len(STROKES):
            return best  # the costlier question only once this one is settled
        fits = self.fits(steps)
        most = [max(map(len, fit.values())) for fit in fits]
        return sum(most) - min(m - len(fit["order"]) for m, fit in zip(most, fits, strict=True))


def _programme(rng: random.Random, goal: _Goal, count: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    misses = 0
    while len(steps) < count:
        step = _random_step(rng, goal)
        if _allowed(goal, [*steps, step]):
            steps.append(step)
        elif (misses := misses + 1) > 200:  # a corner from which no step is left: begin anew
            steps, misses = [], 0
    return tuple(steps)


def _random_step(rng: random.Random, goal: _Goal) -> Step:
    return rules.random_step(rng, goal.colours, goal.positions, 0.3 if goal.mode == "simultaneous" else 0.12)


def _allowed(goal: _Goal, steps: Sequence[Step]) -> bool:
    if goal.mode == "simultaneous":
        return rules.consistent(steps, goal.positions)
    return all(before != after for before, after in zip(steps, steps[1:], strict=False))


def _mend(rng: random.Random, goal: _Goal, steps: tuple[Step, ...]) -> tuple[Step, ...] | None:
    at = rng.randrange(len(steps))
    mended = (*steps[:at], _random_step(rng, goal), *steps[at + 1 :])
    return mended if _allowed(goal, mended) else None


def _finish(rng: random.Random, goal: _Goal, steps: tuple[Step, ...]) -> Puzzle | None:
    """First colours for steps that can serve every stroke, if the whole then tells what it should."""
    names, choices = [], []
    for fit in goal.fits(steps):
        whole = [name for name, fill in fit.items() if len(fill) == len(STROKES)]
        names.append("order" if "order" in whole and rng.random() < 0.7 else rng.choice(whole))
        choices.append(fit[names[-1]])
    if "order" not in names:
        return None  # the two subtasks are about order: it must matter for what is read
    for _ in range(4):
        start: Colouring = tuple({s: rng.choice(fill[s]) for s in STROKES} for fill in choices)
        if _telling(start, steps, goal.mode, goal.positions, goal.colours):
            break
    else:
        return None
    options = _options(goal.pairs)
    slips = rules.slips(steps, goal.mode, goal.positions).items()
    exact = tuple(name for name, slip in slips if reading(apply(slip, start), goal.asked) in options[1:])
    if not exact:
        return None  # at least one distractor is exactly what a typical slip gives
    end = apply(rules.change(steps, goal.mode, goal.positions), start)
    return Puzzle(goal.mode, steps, goal.asked, start, end, options, (*exact, *names))


def _options(pairs: list[list[int]]) -> tuple[str, ...]:
    return tuple(
        "".join(str(pair[slipped]) for pair, slipped in zip(pairs, pattern, strict=True))
        for pattern in _PATTERNS[len(pairs)]
    )


def _telling(start: Colouring, steps: Sequence[Step], mode: Mode, positions: int, colours: Sequence[str]) -> bool:
    """Every colour is in the picture, and leaving any one step out would leave another picture."""
    if {colour for digit in start for colour in digit.values()} != set(colours):
        return False
    end = apply(rules.change(steps, mode, positions), start)
    for number in range(len(steps)):
        without = rules.change([*steps[:number], *steps[number + 1 :]], mode, positions)
        if apply(without, start) == end:
            return False
    return True
