"""Scenarios of `proportional_reasoning`: recipes, ratios, maps, mixing, exchange, per cent."""

from __future__ import annotations

from fractions import Fraction

from dataset_builder.categories.mathematical_reasoning.scenario import Scenario

_S = "proportional_reasoning"
_PERCENT = (Fraction(1, 5), Fraction(1, 4), Fraction(3, 10), Fraction(2, 5), Fraction(3, 5), Fraction(3, 4))
_PARTS = (Fraction(1, 3), Fraction(1, 4), Fraction(2, 3), Fraction(3, 4), Fraction(2, 5), Fraction(1, 5))

SCENARIOS = (
    Scenario(
        "part_of_a_bunch",
        _S,
        (
            "Of {n} {xs:noun} in a shop window, {p} are {x:colour}. Draw only the {x:colour} {xs:noun}.",
            "{who} owns {n} {xs:noun}, and {p} of them are {x:colour}. Draw all of {her} {xs} and nothing else.",
            "{p} of the {n} {xs:noun} at a party are {x:colour}. Draw just those.",
        ),
        {"n": range(5, 25), "p": _PARTS},
        {"x": "toy,wear,flower"},
        ("wanted = n * p",),
        ("wanted / n == p",),
        (("wanted", "x"),),
        ("n - wanted", "n"),
        ("wanted >= 2",),
    ),
    Scenario(
        "one_serves_several",
        _S,
        (
            "A single {x} is enough for {k} people. Draw the {xs} needed for {n} people.",
            "{k} children share {a_x}. At that rate, draw the {xs} for a class of {n} children.",
            "For every {k} visitors {who} puts out {a_x}. {n} visitors are expected. Draw all the {xs} put out.",
        ),
        {"k": range(2, 8), "n": range(6, 50)},
        {"x": "teapot,jar,basket,ball,box,crayon,bench,bucket,umbrella,tent"},
        ("needed = n / k",),
        ("needed * k == n",),
        (("needed", "x"),),
        ("k", "n - k"),
        ("needed >= 2",),
    ),
    Scenario(
        "per_cent_of_a_row",
        _S,
        (
            "{p:percent} of {n} {xs:noun} have been painted {x:colour}. Draw only the painted {xs:noun}.",
            "Out of {n} {xs:noun}, {p:percent} are {x:colour}. Draw the {xs} and nothing else.",
            "{who} counts {n} {xs:noun} in the street; {p:percent} of them are {x:colour}. Draw those {xs}.",
        ),
        {"n": (5, 8, 10, 12, 15, 16, 20), "p": _PERCENT},
        {"x": "bench,bucket,lantern,flag,chair,bicycle,umbrella,canoe"},
        ("wanted = n * p",),
        ("wanted / n == p",),
        (("wanted", "x"),),
        ("n - wanted", "n"),
        ("wanted >= 2",),
    ),
    Scenario(
        "recipe_scaled",
        _S,
        (
            "A salad for {k} people takes {each} {xs}. Draw the {xs} for a salad for {n} people.",
            "{each} {xs} go into a sauce that serves {k}. {who} cooks it for {n}. Draw the {xs} that go in.",
            "A recipe for {k} guests asks for {each} {xs}, but {n} guests will eat. Draw the right number of {xs}.",
        ),
        {"k": range(2, 7), "each": range(2, 7), "n": range(3, 25)},
        {"x": "tomato,bell pepper,apple,pear,peach,lemon,plum,banana"},
        ("per_head = n / k", "needed = per_head * each"),
        ("needed * k == each * n",),
        (("needed", "x"),),
        ("each + n - k", "each", "n - k"),
        ("n != k",),
    ),
    Scenario(
        "for_every_so_many",
        _S,
        (
            "In a garden there are {a} {xs} for every {b} {ys}. The garden has {n} {ys}. Draw only the {xs}.",
            "{who} plants {a} {xs} each time {she} plants {b} {ys}. {she} has planted {n} {ys}. "
            "Draw the {xs} that {she} has planted.",
            "A bouquet keeps to the rule of {a} {xs} to {b} {ys}. It contains {n} {ys}. Draw just its {xs}.",
        ),
        {"a": range(2, 6), "b": range(2, 6), "n": range(4, 20)},
        {"x": "flower", "y": "=x"},
        ("groups = n / b", "wanted = groups * a"),
        ("wanted * b == a * n",),
        (("wanted", "x"),),
        ("a", "n", "n + a - b"),
        ("groups >= 2", "a != b"),
    ),
    Scenario(
        "repeating_pattern",
        _S,
        (
            "A pattern repeats {a} {xs} and {b} {ys} over and over. After some full repeats {n} {xs} have been used. "
            "Draw the {ys} used by then.",
            "{who} decorates a border with {b} {ys} to every {a} {xs}. {n} {xs} are laid out already. "
            "Draw the {ys} that {she} needs to go with them.",
            "A mosaic always sets {a} {xs} beside {b} {ys}. With {n} {xs} in place, draw the {ys} that belong to them.",
        ),
        {"a": range(2, 6), "b": range(2, 6), "n": range(4, 20)},
        {"x": "bead,button,marble,pebble,ribbon,paper star", "y": "=x"},
        ("batches = n / a", "needed = batches * b"),
        ("needed * a == b * n",),
        (("needed", "y"),),
        ("b", "n + b - a", "n"),
        ("batches >= 2", "a != b"),
    ),
    Scenario(
        "map_scale",
        _S,
        (
            "On a map, {a} centimetres stand for {b} kilometres. {2} villages are {n} centimetres apart on it. "
            "Draw {a_x} for each kilometre between them.",
            "{who} measures a hike of {n} centimetres on a map on which {a} centimetres mean {b} kilometres. "
            "{she} carries {a_x} for every kilometre. Draw the {xs}.",
            "A map shows {b} kilometres as {a} centimetres. For a road that is {n} centimetres long on the map, "
            "draw {a_x} for each kilometre of the real road.",
        ),
        {"a": range(2, 6), "b": range(2, 6), "n": range(4, 20)},
        {"x": "flag,lantern,pebble,ribbon,bottle,bell"},
        ("parts = n / a", "distance = parts * b"),
        ("distance * a == b * n",),
        (("distance", "x"),),
        ("n", "n + b - a", "b"),
        ("a != b", "parts >= 2"),
    ),
    Scenario(
        "swapping_at_the_fair",
        _S,
        (
            "At a swap table {a} {xs} are worth {b} {ys}. {who} brings {n} {xs} and swaps them all. Draw what "
            "{she} gets.",
            "The rate is {b} {ys} for {a} {xs}. Someone hands over {n} {xs}. Draw the {ys} given in return.",
            "{a} {xs} buy {b} {ys}. Draw the {ys} that {n} {xs} buy.",
        ),
        {"a": range(2, 7), "b": range(2, 6), "n": range(6, 25)},
        {"x": "small", "y": "toy,fruit"},
        ("swaps = n / a", "got = swaps * b"),
        ("got * a == b * n",),
        (("got", "y"),),
        ("b", "n + b - a", "n"),
        ("a != b", "swaps >= 2"),
    ),
    Scenario(
        "ratio_of_a_total",
        _S,
        (
            "{xs} and {ys} stand in a vase in the ratio {a} to {b}; there are {n} flowers altogether. Draw "
            "all of them.",
            "A gardener ties {n} flowers into a bunch, {xs} and {ys} in the ratio {a} to {b}. Draw the whole bunch.",
            "A bouquet of {n} flowers mixes {xs} and {ys} in a ratio of {a} to {b}. Draw the bouquet.",
        ),
        {"a": range(1, 6), "b": range(1, 6), "n": range(6, 16)},
        {"x": "flower", "y": "=x"},
        ("parts = a + b", "unit = n / parts", "first = unit * a", "second = n - first"),
        ("first * b == second * a", "first + second == n"),
        (("first", "x"), ("second", "y")),
        ("second @ x", "a @ x", "b @ y"),
        ("unit >= 2", "a != b"),
    ),
    Scenario(
        "balance_scale",
        _S,
        (
            "On a balance {a} {xs} weigh as much as {b} {ys}. On the left pan lie {n} {xs}, and {k} {ys} "
            "already lie on the "
            "right. Draw only the {ys} still needed for balance.",
            "{b} {ys} balance {a} {xs}. {who} has {n} {xs} to balance and has put down {k} {ys} so far. "
            "Draw the {ys} that {she} still has to put down.",
            "As {a} {xs} are as heavy as {b} {ys}, how many more {ys} must join the {k} {ys} that face {n} "
            "{xs} on a scale? "
            "Draw those further {ys}.",
        ),
        {"a": range(2, 6), "b": range(2, 6), "n": range(4, 16), "k": range(2, 6)},
        {"x": "apple,pear,plum", "y": "lemon,peach,tomato,bell pepper"},
        ("groups = n / a", "balance = groups * b", "added = balance - k"),
        ("(added + k) * a == b * n",),
        (("added", "y"),),
        ("balance", "b", "n - k"),
        ("a != b", "groups >= 2"),
    ),
)
