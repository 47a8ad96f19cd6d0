"""Scenarios of `numerical_calculation`: adding, sharing, remainders, rhythm of steps, off-by-one."""

from __future__ import annotations

from fractions import Fraction

from dataset_builder.categories.mathematical_reasoning.scenario import Scenario

_S = "numerical_calculation"

SCENARIOS = (
    Scenario(
        "broken_on_the_shelf",
        _S,
        (
            "{n} {xs} stand on a shelf until the cat knocks {k} of them down. Draw the {xs} that are still on "
            "the shelf.",
            "{who} owns {n} {xs} and lends {k} of them to a neighbour. Draw every {x} that {she} has at home now.",
            "A market stall opens with {n} {xs} and sells {k} before noon. Draw the unsold {xs}.",
        ),
        {"n": range(6, 16), "k": range(2, 12)},
        {"x": "table,small"},
        ("left = n - k",),
        ("left + k == n",),
        (("left", "x"),),
        ("n", "k"),
    ),
    Scenario(
        "equal_shares",
        _S,
        (
            "{who} shares {n} {xs} equally among {k} friends. Draw what each friend gets.",
            "{n} {xs} are divided fairly between {k} children. Draw the share of a single child.",
            "A teacher puts {n} {xs} on {k} desks, the same number on every desk. Draw the {xs} of a single desk.",
        ),
        {"n": range(8, 41), "k": range(2, 7)},
        {"x": "small,toy,fruit"},
        ("share = n / k",),
        ("share * k == n",),
        (("share", "x"),),
        ("k", "n - k", "n"),
        ("share >= 2",),
    ),
    Scenario(
        "legs_in_the_field",
        _S,
        (
            "{who} looks under a fence and counts {n} legs; every leg belongs to {a_x}. Draw the {xs}.",
            "A photograph shows only the legs of some {xs}, {n} legs altogether. Draw all of these {xs}.",
            "{n} legs trot across a bridge, and only {xs} are crossing. Draw everything that is crossing.",
        ),
        {"n": range(8, 41, 4)},
        {"x": "rabbit,cat,dog,horse,sheep,goat,cow,pig"},
        ("animals = n / 4",),
        ("animals * 4 == n",),
        (("animals", "x"),),
        ("n / 2", "n"),
    ),
    Scenario(
        "between_neighbours",
        _S,
        (
            "A long row holds {n} {xs}, and between any neighbours there is {a_y}. Draw only the {ys}.",
            "{who} lines up {n} {xs} and puts {a_y} into every gap between neighbours. Draw only the {ys} "
            "that {she} needs.",
            "In a straight line of {n} {xs} each pair of neighbours has {a_y} between them. Draw just the {ys}.",
        ),
        {"n": range(3, 12)},
        {"x": "table,flower,wear", "y": "table"},
        ("gaps = n - 1",),
        ("gaps + 1 == n",),
        (("gaps", "y"),),
        ("n", "n + 1"),
    ),
    Scenario(
        "how_many_are_missing",
        _S,
        (
            "{n} guests are coming and each needs {a_x}, but {who} has only {k}. Draw the {xs} that {she} "
            "still has to buy.",
            "Each of the {n} dancers needs {a_x}; {k} {xs} are there already. Draw the {xs} that are missing.",
            "A parade of {n} people needs {a_x} for each person, and {who} has brought {k}. Draw the {xs} "
            "still to be fetched.",
        ),
        {"n": range(6, 15), "k": range(2, 12)},
        {"x": "hat,umbrella,flag,mug,lantern,chair,scarf,bell,balloon"},
        ("missing = n - k",),
        ("k + missing == n",),
        (("missing", "x"),),
        ("k", "n"),
    ),
    Scenario(
        "trays_sold",
        _S,
        (
            "A shopkeeper fills {k} trays with {each} {xs} each and sells {sold} of the {xs:noun}. Draw all "
            "the {xs} still there.",
            "{who} packs {k} boxes of {each} {xs}, then gives away {sold} {xs}. Draw the {xs} that {she} keeps.",
            "There were {k} shelves with {each} {xs} on each of them. By evening {sold} {xs} had gone. Draw "
            "what was left.",
        ),
        {"k": range(2, 6), "each": range(2, 7), "sold": range(3, 25)},
        {"x": "fruit,table,toy"},
        ("all = k * each", "left = all - sold"),
        ("sold + left == k * each",),
        (("left", "x"),),
        ("k + each", "all", "each", "sold"),
    ),
    Scenario(
        "come_and_go",
        _S,
        (
            "{n} {xs} sit by a pond. {out} leave and then {back} others just like them arrive. Draw every {x} "
            "by the pond now.",
            "A yard holds {n} {xs}; {out} slip through the gate, and later {back} come back. Draw all the "
            "{xs} in the yard now.",
            "{who} counts {n} {xs} in the morning. By noon {out} have gone and {back} new {xs} have come. "
            "Draw the {xs} at noon.",
        ),
        {"n": range(5, 13), "out": range(2, 10), "back": range(2, 8)},
        {"x": "animal,frog"},
        ("stayed = n - out", "now = stayed + back"),
        ("now + out == n + back",),
        (("now", "x"),),
        ("n - out", "n + back", "n"),
        ("out != back", "stayed >= 1"),
    ),
    Scenario(
        "posts_along_a_path",
        _S,
        (
            "A straight path is {n} metres long. {a_x} stands at its start, at its end, and every {k} metres between. "
            "Draw all the {xs}.",
            "Along a garden wall of {n} metres {who} sets {a_x} every {k} metres, with the first at the start "
            "of the wall "
            "and the last at its end. Draw all the {xs}.",
            "{xs} mark a straight {n}-metre track: the first at the start, the last at the finish, and always "
            "{k} metres from "
            "a {x:noun} to the next. Draw every {x}.",
        ),
        {"n": range(6, 46), "k": range(2, 9)},
        {"x": "flag,lantern,bench,bucket,candle,lamp"},
        ("gaps = n / k", "posts = gaps + 1"),
        ("(posts - 1) * k == n",),
        (("posts", "x"),),
        ("n / k", "k"),
        ("gaps >= 2",),
    ),
    Scenario(
        "half_and_half_again",
        _S,
        (
            "{who} has {n} {xs}. {half} of them are used on Monday and {half} of the rest on Tuesday. "
            "Draw the {xs} left on Wednesday.",
            "A basket holds {n} {xs}. The first visitor takes {half} of them, the second takes {half} of what remains. "
            "Draw what is in the basket afterwards.",
            "Of {n} {xs}, {half} are given away; then {half} of the remaining {xs:noun} are given away too. "
            "Draw the {xs} that nobody has taken.",
        ),
        {"n": range(8, 41, 4), "half": (Fraction(1, 2),)},
        {"x": "fruit,small,flower"},
        ("rest = n * half", "left = rest * half"),
        ("left + n * half + (n - n * half) * half == n",),
        (("left", "x"),),
        ("rest", "n"),
    ),
    Scenario(
        "candles_on_the_cake",
        _S,
        (
            "{who} is {n} years old. The cousin whose birthday it is today is {k:times} as old, less {m} years. "
            "Draw the {xs} for the birthday cake, a candle for each year.",
            "A child of {n} has a sister who is {m} years short of being {k:times} as old. "
            "Draw {a_x} for every year of the sister's age.",
            "{who} is {n}. Take {k:times} that age and subtract {m} years: that is how old {her} brother is. "
            "Draw {her} brother's birthday candles, all {x:colour}.",
        ),
        {"n": range(3, 8), "k": (2, 3), "m": range(2, 10)},
        {"x": "candle"},
        ("more = n * k", "age = more - m"),
        ("age + m == n * k",),
        (("age", "x"),),
        ("more", "n + k", "n"),
        ("age > n",),
    ),
    Scenario(
        "coins_for_two_things",
        _S,
        (
            "{who} has {n} coins. {she} buys {k} {ys} at {p} coins each and spends all the other coins on {xs} "
            "at {q} coins each. Draw the {xs} that {she} buys.",
            "{xs} cost {q} coins each and {ys} {p} coins each. From a purse of {n} coins {who} pays for {k} "
            "{ys} first and "
            "then uses up the rest on {xs}. Draw {her} {xs}.",
            "With {n} coins in hand, {who} takes {k} {ys} for {p} coins apiece; every coin left goes into {xs}, "
            "which cost {q} coins apiece. Draw the {xs} {she} takes home.",
        ),
        {"n": range(14, 41), "k": range(2, 5), "p": range(2, 6), "q": range(2, 6)},
        {"x": "fruit,small", "y": "wear,table"},
        ("spent = k * p", "rest = n - spent", "bought = rest / q"),
        ("bought * q + k * p == n",),
        (("bought", "x"),),
        ("rest", "n / q", "k"),
        ("bought >= 2",),
    ),
    Scenario(
        "left_over_when_packed",
        _S,
        (
            "{who} packs {n} {xs} into boxes of {k} and fills as many boxes as possible. Draw the {xs} that do not fit "
            "into a full box.",
            "{n} {xs} are tied into bundles of {k} until no further bundle can be made. Draw the {xs} left over.",
            "A worker puts {n} {xs} into bags, exactly {k} to a bag, and stops when another bag cannot be filled. "
            "Draw the {xs} that remain.",
        ),
        {"n": range(13, 60), "k": range(4, 10)},
        {"x": "fruit,small,flower"},
        ("bags = n // k", "packed = bags * k", "left = n - packed"),
        ("left < k", "whole((n - left) / k)"),
        (("left", "x"),),
        ("bags", "k", "bags + 1"),
    ),
    Scenario(
        "levelled_baskets",
        _S,
        (
            "{k} baskets hold {p}, {q} and {r} {xs}. The {xs:noun} are moved about until all baskets hold the same. "
            "Draw the {xs} of a single basket.",
            "{k} friends have {p}, {q} and {r} {xs}. They pool them and share evenly. Draw what a single "
            "friend has then.",
            "On {k} tables lie {p}, {q} and {r} {xs}. {who} evens them out. Draw the {xs} on a single table "
            "afterwards.",
        ),
        {"k": (3,), "p": range(2, 13), "q": range(2, 13), "r": range(2, 13)},
        {"x": "fruit,small,toy"},
        ("two = p + q", "all = two + r", "share = all / k"),
        ("share - p + share - q + share - r == 0",),
        (("share", "x"),),
        ("max(p, q, r)", "q", "p"),
        ("p != q", "q != r", "p != r"),
    ),
)
