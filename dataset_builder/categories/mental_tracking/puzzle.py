"""The logic of one mental-tracking instance: steps, first colouring, truth and distractors, without pictures.

Fairness is built in, not filtered in. At every position a *pair* of glyphs is drawn, and which of the two
is the truth is a coin toss made before anything else is chosen; steps and colours are then searched until
a typical slip turns the true glyph into the other one. The four options are the results of slipping at
none, some or all positions: for two glyphs the product of the pairs, for three the four combinations
in which any two options agree at exactly one position. So no option is closer to the others, larger or
otherwise special more often than chance, whatever the glyphs.

Nothing is for free either: every slip that `recolouring.slips` knows, from a rule left out to a direction
ignored, reads something else than the truth.

    >>> puzzle = search(random.Random(0), "sequential", content.alphabet("digits"), positions=2, sizes=[(4, 3)],
    ...                 colours=("red", "blue", "green"))
    >>> len(set(puzzle.options))
    4
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataset_builder.categories.mental_tracking import recolouring as rules
from dataset_builder.categories.mental_tracking.content import Alphabet
from dataset_builder.categories.mental_tracking.fitting import PATTERNS, Fit, Goal, classes_of
from dataset_builder.categories.mental_tracking.glyphs import DIRECTION
from dataset_builder.categories.mental_tracking.recolouring import Change, Mode, Spot, Step, Steps

Colouring = tuple[Mapping[str, str], ...]
"""One mapping of stroke name to colour for each glyph, from the left."""

_RESTARTS, _MOVES = 4_000, 60
_FILLS = 6  # throws of the first colours before the steps are changed


@dataclass(frozen=True)
class Puzzle:
    """`options[0]` is the truth; `slip_names` says which slips read exactly one of the others."""

    mode: Mode
    alphabet: Alphabet
    steps: Steps
    asked: str
    start: Colouring
    end: Colouring
    options: tuple[str, ...]
    slip_names: tuple[str, ...]


def apply(change: Change, start: Colouring) -> Colouring:
    return tuple(
        {stroke: change(Spot(position, DIRECTION[stroke]), colour) for stroke, colour in glyph.items()}
        for position, glyph in enumerate(start)
    )


def reading(colouring: Colouring, asked: str, told: Alphabet) -> str | None:
    """The glyphs that strokes of one colour form, as text; None if a position shows no glyph."""
    glyphs = [told.read(s for s, colour in glyph.items() if colour == asked) for glyph in colouring]
    return None if None in glyphs else told.text(glyph for glyph in glyphs if glyph)


def search(
    rng: random.Random,
    mode: Mode,
    told: Alphabet,
    *,
    positions: int,
    sizes: Sequence[tuple[int, int]],
    colours: Sequence[str],
) -> Puzzle:
    """A puzzle of one of the `sizes` (steps, colours); raises RuntimeError where none is found (never seen).

    Steps are mended one at a time: a change is kept when it serves at least as much as before. The
    glyphs are drawn once, before the search, so that what is easy to find does not decide what is true.
    """
    pairs = _pairs(rng, told, positions)
    for _ in range(_RESTARTS):
        steps, count = rng.choice(sizes)
        palette = tuple(rng.sample(colours, count))
        goal = Goal(mode, told, pairs, rng.choice(palette), palette)
        current = _programme(rng, goal, steps)
        best = Fit(goal, current)
        for _ in range(_MOVES):
            if not best.missing and (puzzle := _finish(rng, best)):
                return puzzle
            mended = _mend(rng, goal, current)
            if mended and (fit := Fit(goal, mended)).missing <= best.missing:
                current, best = mended, fit
    raise RuntimeError(f"no {mode} puzzle for the {told.many} {pairs} within {_RESTARTS} restarts")


def _pairs(rng: random.Random, told: Alphabet, positions: int) -> list[tuple[str, str]]:
    """At each position two glyphs, in random order; at one or more, one glyph is the other with strokes left out.

    What is asked of pairs holds for both orders, so that it does not decide which glyph is the truth.
    """
    while True:
        pairs = []
        for _ in range(positions):
            one, other = rng.sample(sorted(told.glyphs), 2)
            pairs.append((one, other))
        nested = [pair for pair in pairs if not {1, 2} <= set(classes_of(told, pair).values())]
        if nested and not told.never & set(_options(told, pairs)):
            return pairs


def _options(told: Alphabet, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    patterns = PATTERNS[len(pairs)]
    return tuple(told.text(p[slipped] for p, slipped in zip(pairs, row, strict=True)) for row in patterns)


def _programme(rng: random.Random, goal: Goal, count: int) -> Steps:
    steps: list[Step] = []
    misses = 0
    while len(steps) < count:
        step = _random_step(rng, goal)
        if _allowed(goal, [*steps, step]):
            steps.append(step)
        elif (misses := misses + 1) > 200:  # a corner from which no step is left: begin anew
            steps, misses = [], 0
    return tuple(steps)


def _random_step(rng: random.Random, goal: Goal) -> Step:
    if goal.mode == "sequential":
        return rules.random_step(rng, goal.colours, goal.positions, 0.15)
    # Of simultaneous steps only those change the reading that make strokes the asked colour or take it from them.
    while True:
        step = rules.random_step(rng, goal.colours, goal.positions, 0.3)
        if goal.asked in (step.source, step.target):
            return step


def _allowed(goal: Goal, steps: Sequence[Step]) -> bool:
    if goal.mode == "simultaneous":
        return rules.consistent(steps, goal.positions)
    return all(before != after for before, after in itertools.pairwise(steps))


def _mend(rng: random.Random, goal: Goal, steps: Steps) -> Steps | None:
    at = rng.randrange(len(steps))
    mended = (*steps[:at], _random_step(rng, goal), *steps[at + 1 :])
    return mended if _allowed(goal, mended) else None


def _finish(rng: random.Random, fit: Fit) -> Puzzle | None:
    """First colours for steps that can serve every stroke, if the whole then tells what it should."""
    for _ in range(_FILLS):
        pattern, order = rng.choice(fit.served)
        start = [
            {stroke: rng.choice(list(_bits(colours))) for stroke, colours in fit.choices(at, misled, order).items()}
            for at, misled in enumerate(pattern)
        ]
        exact = _misled(fit, start)
        if exact or (exact is not None and fit.goal.positions > 2):
            return _puzzle(fit, start, exact)
    return None


def _bits(colours: int) -> Iterator[int]:
    while colours:
        yield colours & -colours
        colours &= colours - 1


def _misled(fit: Fit, start: Sequence[Mapping[str, int]]) -> tuple[str, ...] | None:
    """The slips that read a wrong option exactly; None where a slip reads the truth or a colour is missing."""
    goal, told = fit.goal, fit.goal.told
    if len({colour for glyph in start for colour in glyph.values()}) < len(goal.colours):
        return None
    truth, *others = _strokes(told, goal.pairs)
    exact = []
    for name in fit.slips:
        shown = fit.shown(name, start)
        if shown == truth:
            return None
        if shown in others:
            exact.append(name)
        elif name == f"skipped {len(fit.steps)}" and _apart(shown, truth) < min(_apart(shown, one) for one in others):
            return None  # whoever leaves out the last step and takes the nearest option is not to be right
    return tuple(exact)


def _strokes(told: Alphabet, pairs: Sequence[tuple[str, str]]) -> list[list[frozenset[str]]]:
    """The options, each as its strokes at every position."""
    patterns = PATTERNS[len(pairs)]
    return [[frozenset(told.glyphs[p[slipped]]) for p, slipped in zip(pairs, row, strict=True)] for row in patterns]


def _apart(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> int:
    return sum(len(a ^ b) for a, b in zip(one, other, strict=True))


def _puzzle(fit: Fit, start: Sequence[Mapping[str, int]], exact: tuple[str, ...]) -> Puzzle:
    goal = fit.goal
    first: Colouring = tuple({s: goal.colours[c.bit_length() - 1] for s, c in glyph.items()} for glyph in start)
    end = apply(rules.change(fit.steps, goal.mode, goal.positions), first)
    options = _options(goal.told, goal.pairs)
    return Puzzle(goal.mode, goal.told, fit.steps, goal.asked, first, end, options, exact)
