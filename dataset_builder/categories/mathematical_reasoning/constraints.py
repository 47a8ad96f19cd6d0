"""Scenarios of `constraint_equations`: two unknown counts and the two statements that fix them."""

from __future__ import annotations

from dataset_builder.categories.mathematical_reasoning.scenario import Scenario

_S = "constraint_equations"
_THINGS = "small,toy,wear"
_BOTH = (("first", "x"), ("second", "y"))
_SWAPPED = ("second @ x", "first @ y")

SCENARIOS = (
    Scenario(
        "heads_and_legs",
        _S,
        (
            "{xs} and {ys} share a yard: {n} heads and {m} legs in all. Draw every animal.",
            "{who} counts {n} heads and {m} legs among the {xs} and {ys} of a farm. Draw all the animals.",
            "Only {xs} and {ys} walk over a meadow, {n} animals with {m} legs together. Draw them all.",
        ),
        {"n": range(3, 12), "m": range(8, 41, 2)},
        {"x": "hen,duck,goose,owl,parrot", "y": "rabbit,sheep,goat,cat,pig,cow,dog"},
        ("all_two = 2 * n", "extra = m - all_two", "second = extra / 2", "first = n - second"),
        ("first + second == n", "2 * first + 4 * second == m"),
        _BOTH,
        (*_SWAPPED, "n @ x"),
        ("first != second",),
    ),
    Scenario(
        "sum_and_difference",
        _S,
        (
            "A box holds {n} {xs:noun}, {x:colour} and {y:colour}. There are {m} more {xs} than {ys}. "
            "Draw everything in the box.",
            "{who} has {n} {xs:noun}: some are {x:colour}, the others {y:colour}, and the {x:colour} "
            "outnumber the {y:colour} "
            "by {m}. Draw them all.",
            "{xs} and {ys}, {n} together, lie on the floor. If {m} {xs} were removed, both colours would be "
            "equal in number. "
            "Draw them before anything is removed.",
        ),
        {"n": range(5, 16), "m": range(2, 8)},
        {"x": _THINGS, "y": "=x"},
        ("twice = n - m", "second = twice / 2", "first = n - second"),
        ("first + second == n", "first - second == m"),
        _BOTH,
        ("n - m @ x", "m @ y", *_SWAPPED),
    ),
    Scenario(
        "sum_and_multiple",
        _S,
        (
            "There are {k:times} as many {xs} as {ys} on a table, {n} altogether. Draw them all.",
            "{who} laid out {n} {xs:noun}, {x:colour} and {y:colour}, with {k:times} as many {x:colour} as {y:colour}. "
            "Draw what {she} laid out.",
            "{n} {xs:noun} hang on a line. They are {x:colour} or {y:colour}, and the {x:colour} are "
            "{k:times} the number of "
            "the {y:colour}. Draw the whole line.",
        ),
        {"n": range(4, 16), "k": range(2, 5)},
        {"x": "scarf,sock,glove,mitten,T-shirt,flag,ribbon,lantern", "y": "=x"},
        ("parts = k + 1", "second = n / parts", "first = n - second"),
        ("first + second == n", "first == k * second"),
        _BOTH,
        ("n - k @ x", "k @ y", *_SWAPPED),
    ),
    Scenario(
        "two_prices",
        _S,
        (
            "{xs} cost {p} coins each and {ys} {q} coins each. {who} pays {m} coins for {n} pieces in all. "
            "Draw what {she} buys.",
            "A stall sells {xs} for {p} coins and {ys} for {q} coins apiece. Someone leaves with {n} pieces "
            "for exactly {m} "
            "coins. Draw the purchase.",
            "For {m} coins {who} gets {n} pieces: {xs} at {p} coins each, {ys} at {q} coins each. Draw them.",
        ),
        {"p": range(2, 6), "q": range(2, 8), "n": range(3, 11), "m": range(9, 50)},
        {"x": "fruit", "y": "fruit"},
        ("cheap = p * n", "extra = m - cheap", "dearer = q - p", "second = extra / dearer", "first = n - second"),
        ("first + second == n", "p * first + q * second == m"),
        _BOTH,
        (*_SWAPPED, "p @ x", "q @ y"),
        ("q > p", "first != second"),
    ),
    Scenario(
        "tower_of_blocks",
        _S,
        (
            "A tower of {n} building blocks is {m} centimetres high. {a_x:colour} block is {p} centimetres high, "
            "{a_y:colour} block {q} centimetres. Draw the tower's blocks.",
            "{who} stacks {n} building blocks up to {m} centimetres. The {xs} are {p} centimetres high each, "
            "the {ys} {q} "
            "centimetres. Draw every block in the stack.",
            "Only {xs}, {p} centimetres high, and {ys}, {q} centimetres high, are used in a stack of {n} "
            "building blocks. "
            "The stack measures {m} centimetres. Draw it.",
        ),
        {"p": range(2, 6), "q": range(3, 9), "n": range(3, 11), "m": range(9, 50)},
        {"x": "building block", "y": "=x"},
        ("low = p * n", "extra = m - low", "higher = q - p", "second = extra / higher", "first = n - second"),
        ("first + second == n", "p * first + q * second == m"),
        _BOTH,
        (*_SWAPPED, "n - 1 @ x", "n - 1 @ y"),
        ("q > p", "first != second"),
    ),
    Scenario(
        "gift_makes_even",
        _S,
        (
            "{who} owns {xs} and a friend owns {ys}, {n} {xs:noun} between them. If {who} gave {m} away to "
            "the friend, both "
            "would own the same number. Draw all the {xs:noun} before any gift, in their colours.",
            "{2} children own {n} {xs:noun}: the first only {xs}, the second only {ys}. Were the first to "
            "hand {m} to the "
            "second, they would have equally many. Draw what they own now.",
            "A basket of {xs} and a basket of {ys} hold {n} {xs:noun} together. Moving {m} from the "
            "{x:colour} basket to the "
            "{y:colour} basket would level them. Draw the {xs:noun} as they are, before any move.",
        ),
        {"n": range(6, 16), "m": range(2, 5)},
        {"x": _THINGS, "y": "=x"},
        ("gap = 2 * m", "twice = n + gap", "first = twice / 2", "second = n - first"),
        ("first + second == n", "first - m == second + m"),
        _BOTH,
        ("n / 2 @ x", "n - m @ x", "m @ y", *_SWAPPED),
    ),
    Scenario(
        "sum_and_product",
        _S,
        (
            "The number of {xs} plus the number of {ys} is {n}, and the numbers multiply to {m}. There are "
            "more {xs} than "
            "{ys}. Draw them all.",
            "{who} has more {xs} than {ys}. The counts add up to {n}, and their product is {m}. Draw {her} {xs:noun}.",
            "{n} {xs:noun} are {x:colour} or {y:colour}, mostly {x:colour}. Multiplying both counts gives {m}. "
            "Draw all the {xs:noun}.",
        ),
        {"first": range(2, 11), "second": range(1, 10)},
        {"x": _THINGS, "y": "=x"},
        ("n = first + second", "m = first * second"),
        ("first + second == n", "first * second == m", "first > second"),
        _BOTH,
        (*_SWAPPED, "n - 2 @ x"),
        ("first > second",),
    ),
    Scenario(
        "boats_full_of_people",
        _S,
        (
            "{xs} that seat {p} and {ys} that seat {q} carry {m} people, every seat taken. There are {n} "
            "boats. Draw the boats.",
            "{m} people fill {n} boats to the last seat: {xs} for {p} people each and {ys} for {q} people each. "
            "Draw all the boats.",
            "A group of {m} hires {n} boats and leaves no seat empty. {xs} hold {p} people, {ys} hold {q}. "
            "Draw the boats hired.",
        ),
        {"p": range(2, 4), "q": range(3, 8), "n": range(3, 11), "m": range(9, 50)},
        {"x": "canoe", "y": "rowing boat,sailing boat"},
        ("low = p * n", "extra = m - low", "more = q - p", "second = extra / more", "first = n - second"),
        ("first + second == n", "p * first + q * second == m"),
        _BOTH,
        (*_SWAPPED, "n @ x"),
        ("q > p", "first != second"),
    ),
    Scenario(
        "if_more_came",
        _S,
        (
            "If {m} more {ys} were added, there would be as many {ys} as {xs}. If {k} more {xs} were added "
            "instead, there "
            "would be {t:times} as many {xs} as {ys}. Draw the {xs:noun} as they are, with nothing added.",
            "{who} keeps {xs} and {ys}. With {m} more {ys} both colours would be level; with {k} more {xs} "
            "instead, the "
            "{x:colour} would be {t:times} as many as the {y:colour}. Draw what {she} has.",
            "A shelf is {m} {ys} short of having as many {ys} as {xs}, and {k} {xs} short of having {t:times} as "
            "many {xs} as {ys}. "
            "Draw the {xs:noun} on the shelf.",
        ),
        {"m": range(2, 7), "k": range(2, 12), "t": range(2, 5)},
        {"x": _THINGS, "y": "=x"},
        ("gap = m + k", "share = t - 1", "second = gap / share", "first = second + m"),
        ("second + m == first", "first + k == t * second"),
        _BOTH,
        ("m @ y", "k @ x", *_SWAPPED),
    ),
)
