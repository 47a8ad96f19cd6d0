"""Scenarios of `probability_estimation`: what a bag must hold, what is certain, what is likeliest."""

from __future__ import annotations

from fractions import Fraction

from dataset_builder.categories.mathematical_reasoning.scenario import Scenario

_S = "probability_estimation"
_CHANCES = tuple(sorted({Fraction(top, bottom) for bottom in range(2, 7) for top in range(1, bottom)}))
_BAG = "small,toy"

SCENARIOS = (
    Scenario(
        "wanted_colour_of_a_bag",
        _S,
        (
            "A bag holds {n} {xs:noun}. The chance of drawing {a_x} at random is {p:chance}. "
            "Draw only the {x:colour} {xs:noun} of the bag.",
            "Reach blindly into a drawer of {n} {xs:noun}: with probability {p:chance} the {x:noun} you take "
            "is {x:colour}. "
            "Draw all the {xs} in the drawer and nothing else.",
            "Among {n} {xs:noun} in a sack, {a_x} comes out with a probability of {p:chance}. Draw just the "
            "{xs} in the sack.",
        ),
        {"n": range(3, 21), "p": _CHANCES},
        {"x": _BAG},
        ("wanted = n * p",),
        ("chance(wanted, n - wanted) == p",),
        (("wanted", "x"),),
        ("n - wanted", "n"),
    ),
    Scenario(
        "added_until_even",
        _S,
        (
            "A bag contains {n} {xs} and {k} {ys}. {ys} are added until drawing either colour is equally likely. "
            "Draw only the {ys} that were added.",
            "{who} has {n} {xs} and {k} {ys} in a box and wants both colours to be equally likely to be drawn. "
            "Draw the {ys} that {she} must add.",
            "In a jar are {n} {xs} and {k} {ys}. Draw the extra {ys} that turn a blind draw into a fair choice between "
            "the colours.",
        ),
        {"n": range(5, 13), "k": range(2, 10)},
        {"x": _BAG, "y": "=x"},
        ("added = n - k",),
        ("chance(n, k + added) == chance(k + added, n)",),
        (("added", "y"),),
        ("n", "k"),
    ),
    Scenario(
        "likeliest_colour",
        _S,
        (
            "{a} {xs}, {b} {ys} and {c} {zs} lie in a bag. A {x:noun} is taken out blindly. Draw all the "
            "{xs:noun} of the "
            "colour that is most likely to come out, and no others.",
            "A lucky dip contains {c} {zs}, {a} {xs} and {b} {ys}. Draw every {x:noun} of the likeliest colour only.",
            "Without looking, {who} will pull a single {x:noun} out of {a} {xs}, {c} {zs} and {b} {ys}. "
            "Draw the whole group of the colour that {she} will most probably get.",
        ),
        {"a": range(2, 8), "b": range(2, 8), "c": range(3, 11)},
        {"x": _BAG, "y": "=x", "z": "=x"},
        ("most = max(a, b, c)",),
        ("chance(most, a + b + c - most) == max(chance(a, b, c), chance(b, a, c), chance(c, a, b))",),
        (("most", "z"),),
        ("a", "b"),
        ("c > a", "c > b", "a != b"),
    ),
    Scenario(
        "expected_prizes",
        _S,
        (
            "A spinner lands on the star with probability {p:chance}, and every star wins {a_x}. "
            "Draw the number of {xs} to be expected after {n} spins.",
            "Each ticket of a raffle wins {a_x} with a chance of {p:chance}. {who} holds {n} tickets. "
            "Draw as many {xs} as {she} can expect on average.",
            "At a fair, each throw earns {a_x} with probability {p:chance}. Draw the average winnings from {n} throws.",
        ),
        {"n": range(6, 31), "p": _CHANCES},
        {"x": "toy,wear,fruit"},
        ("wins = n * p",),
        ("chance(wins, n - wins) == p",),
        (("wins", "x"),),
        ("n - wins", "n"),
        ("wins >= 2",),
    ),
    Scenario(
        "whole_bag_of_two_colours",
        _S,
        (
            "A bag holds {n} {xs:noun}, each {x:colour} or {y:colour}. The probability of drawing {a_x} is {p:chance}. "
            "Draw everything in the bag.",
            "Put {n} {xs:noun} on a tray, some {x:colour} and the rest {y:colour}, so that a randomly chosen "
            "{x:noun} is "
            "{x:colour} with probability {p:chance}. Draw the tray's {xs:noun}.",
            "{who} must fill a box with {n} {xs:noun} in {x:colour} and {y:colour} such that a blind draw "
            "gives {a_x} with a "
            "chance of {p:chance}. Draw all the {xs:noun} in the box.",
        ),
        {"n": range(4, 13), "p": _CHANCES},
        {"x": _BAG, "y": "=x"},
        ("first = n * p", "second = n - first"),
        ("first + second == n", "chance(first, second) == p"),
        (("first", "x"), ("second", "y")),
        ("second @ x", "first @ y", "n @ x"),
        ("first != second",),
    ),
    Scenario(
        "the_other_colour",
        _S,
        (
            "Exactly {k} {xs} are in a bag, and the chance of drawing {a_x} is {p:chance}. All other "
            "{xs:noun} in the bag are "
            "{y:colour}. Draw the {ys} only.",
            "A box contains {k} {xs} and some {ys}. {a_x} is drawn with probability {p:chance}. "
            "Draw just the {ys} in the box.",
            "{who} mixes {k} {xs} with so many {ys} that a blind draw brings {a_x} with a probability of {p:chance}. "
            "Draw the {ys} that {she} mixed in.",
        ),
        {"k": range(2, 10), "p": _CHANCES},
        {"x": _BAG, "y": "=x"},
        ("all = k / p", "other = all - k"),
        ("chance(k, other) == p",),
        (("other", "y"),),
        ("all", "k"),
    ),
    Scenario(
        "worst_luck",
        _S,
        (
            "A drawer holds {n} {xs} and {m} {ys}. In the dark {who} takes {xs:noun} out, a single {x:noun} "
            "at a time, until "
            "{she} is certain to have {k} {ys}. Draw everything {she} has taken out if luck is at its worst.",
            "From a bag of {n} {xs} and {m} {ys}, {xs:noun} are drawn blindly until {k} {ys} are guaranteed. "
            "In the worst case, what has been drawn by then? Draw it.",
            "{who} wants to be sure of {k} {ys} when drawing blindly from {n} {xs} and {m} {ys}. "
            "Draw the unluckiest possible set of {xs:noun} at the moment when {she} has them.",
        ),
        {"n": range(3, 9), "m": range(3, 9), "k": range(2, 4)},
        {"x": _BAG, "y": "=x"},
        ("drawn = n + k", "first = drawn - k"),
        ("chance(n - first, m - k) == 0",),
        (("first", "x"), ("k", "y")),
        ("m @ y", "k @ x"),
        ("k < m", "n != k"),
        "In the worst case all {n} {xs} come out before the {k} {ys}, {drawn} {xs:noun} in all.",
    ),
    Scenario(
        "likeliest_after_removal",
        _S,
        (
            "A bag starts with {a} {xs} and {b} {ys}. {k} of the {ys} are taken away. Draw all the remaining "
            "{xs:noun} of the "
            "colour that a blind draw is now more likely to bring.",
            "{who} has {a} {xs} and {b} {ys} in a jar and removes {k} {ys}. Which colour is more probable now? "
            "Draw only the {xs:noun} of that colour still in the jar.",
            "Of {a} {xs} and {b} {ys} in a sack, {k} {ys} roll away. Draw every {x:noun} left in the sack "
            "whose colour is "
            "the likelier to be picked next.",
        ),
        {"a": range(2, 7), "b": range(5, 14), "k": range(2, 6)},
        {"x": _BAG, "y": "=x"},
        ("rest = b - k", "most = max(a, rest)"),
        ("chance(most, a + b - k - most) == max(chance(a, b - k), chance(b - k, a))",),
        (("most", "y"),),
        ("b", "a"),
        ("rest > a",),
    ),
    Scenario(
        "three_colours_by_chance",
        _S,
        (
            "{n} {xs:noun} are in a bag. A random draw is {x:colour} with probability {p:chance} and {y:colour} with "
            "probability {q:chance}; the rest are {z:colour}. Draw all the {xs:noun} in the bag.",
            "Design a set of {n} {xs:noun} in {x:colour}, {y:colour} and {z:colour}: the chance of picking "
            "{a_x} is {p:chance}, "
            "of picking {a_y} {q:chance}. Draw the whole set.",
            "A box has {n} {xs:noun}. Its {xs} are drawn with a chance of {p:chance}, its {ys} with a chance "
            "of {q:chance}, "
            "and all others are {z:colour}. Draw the contents of the box.",
        ),
        {"n": range(6, 13), "p": _CHANCES, "q": _CHANCES},
        {"x": _BAG, "y": "=x", "z": "=x"},
        ("first = n * p", "second = n * q", "both = first + second", "third = n - both"),
        ("chance(first, second, third) == p", "chance(second, first, third) == q", "first + second + third == n"),
        (("first", "x"), ("second", "y"), ("third", "z")),
        ("first @ z", "second @ x", "third @ y"),
        ("p + q < 1", "p != q"),
    ),
    Scenario(
        "added_to_reach_a_chance",
        _S,
        (
            "A bag holds {n} {xs} and {k} {ys}. More {ys} are dropped in until the chance of drawing {a_x} is exactly "
            "{p:chance}. Draw only the {ys} dropped in.",
            "{who} has {n} {xs} and {k} {ys} in a tin. How many {ys} must join them to make {a_x} come out "
            "with probability "
            "{p:chance}? Draw those extra {ys}.",
            "With {n} {xs} and {k} {ys} in a basket, {ys} are added until a blind draw gives {a_x} with a "
            "probability of "
            "{p:chance}. Draw the added {ys}.",
        ),
        {"n": range(2, 7), "k": range(2, 7), "p": _CHANCES},
        {"x": _BAG, "y": "=x"},
        ("all = n / p", "other = all - n", "added = other - k"),
        ("chance(n, k + added) == p",),
        (("added", "y"),),
        ("other", "all", "k"),
    ),
)
