"""Programs of `branching`, easy and medium: conditions, boundaries, precedence, defaults, falling through."""

from __future__ import annotations

from dataset_builder.categories.code_to_image.program import Program, Trap

_S = "branching"
_N = range(2, 25)
_FEW = range(2, 10)

PROGRAMS = (
    Program(
        "and_before_or",
        _S,
        "easy",
        """
n = int(input())
colour = "$c1" if n > $t or n % 2 == 0 and n < $u else "$c2"
print(n // $d, colour, "$nouns")
""",
        {"n": _N, "t": range(8, 20), "u": _FEW, "d": range(2, 6)},
        (
            Trap("`and` binds more tightly than `or`", "n > $t or n % 2 == 0 and", "(n > $t or n % 2 == 0) and"),
            Trap("`//` rounds down", "n // $d", "-(-n // $d)"),
        ),
    ),
    Program(
        "two_boundaries",
        _S,
        "easy",
        """
n = int(input())
count = $a if n > $t else $b
colour = "$c1" if not n < $u else "$c2"
print(count, colour, "$nouns")
""",
        {"n": _N, "t": lambda rng, v: v["n"], "u": range(2, 25), "a": _FEW, "b": _FEW},
        (
            Trap("a number is not greater than itself", "n > $t", "n >= $t"),
            Trap("`not` turns the comparison round", "not n < $u", "n < $u"),
        ),
    ),
    Program(
        "chained_comparison",
        _S,
        "easy",
        """
n = int(input())
if $a < n <= $b:
    print(n - $a, "$c1", "$nouns")
else:
    print(n - $b, "$c2", "$nouns")
""",
        {"a": _FEW, "b": range(8, 20), "n": range(5, 30)},
        (
            Trap("the chained comparison needs both of its halves", "$a < n <= $b", "$a < n"),
            Trap("the `else` is for the numbers outside the interval", "$a < n <= $b", "not $a < n <= $b"),
        ),
    ),
    Program(
        "repeated_key",
        _S,
        "easy",
        """
key = input()
stock = {"$c1": $a, "$c2": $b, "$c1": $d}
print(stock.get(key, $e), key, "$nouns")
""",
        {"a": _FEW, "b": _FEW, "d": _FEW, "e": _FEW, "in": ("$c1",)},
        (
            Trap("the later entry of a repeated key wins", ', "$c1": $d', ""),
            Trap("the default of `get` counts only where the key is missing", "stock.get(key, $e)", "$e"),
        ),
    ),
    Program(
        "zero_is_false",
        _S,
        "easy",
        """
n = int(input())
count = n % $m or $b
colour = n < $t and "$c1" or "$c2"
print(count, colour, "$nouns")
""",
        {"m": range(3, 8), "n": _N, "b": _FEW, "t": lambda rng, v: v["n"] + rng.choice((0, 0, 3))},
        (
            Trap("a remainder of 0 counts as false", "n % $m or $b", "n // $m or $b"),
            Trap("a number is not less than itself", "n < $t", "n <= $t"),
            Trap("`or` gives its second value only after a false first one", 'n < $t and "$c1" or', "False or"),
        ),
        needs=2,
    ),
    Program(
        "second_if_is_no_else",
        _S,
        "easy",
        """
n = int(input())
count = $a if n > $t else $b
if n > $u: count += $d
print(count, "$c1" if n % 2 else "$c2", "$nouns")
""",
        {
            "n": _N,
            "t": range(4, 15),
            "u": lambda rng, v: rng.randrange(2, v["t"]),
            "a": range(1, 7),
            "b": range(1, 7),
            "d": range(1, 5),
        },
        (
            Trap("the second `if` is checked whatever the first one did", "if n > $u:", "if n > $u and n <= $t:"),
            Trap("a remainder of 1 counts as true", "if n % 2 else", "if n % 2 == 0 else"),
        ),
    ),
    Program(
        "text_is_not_a_number",
        _S,
        "easy",
        """
text = input()
colour = "$c1" if text < "$k" else "$c2"
print(len(text * $m), colour, "$nouns")
""",
        {"text": range(10, 1000), "k": range(4, 100), "m": range(2, 5), "in": ("$text",)},
        (
            Trap("text is compared letter by letter, not as a number", 'text < "$k"', "int(text) < $k"),
            Trap("`*` repeats a text", "len(text * $m)", "len(text) + $m"),
        ),
    ),
    Program(
        "only_first_match",
        _S,
        "medium",
        """
n = int(input())
if n % $a == 0:
    colour = "$c1"
elif n % $b == 0:
    colour = "$c2"
else:
    colour = "$c3"
print(n // $d, colour, "$nouns")
""",
        {
            # The second test would be idle where the first number divides the second.
            "ab": lambda rng, _: dict(
                zip("ab", rng.choice([(2, 3), (3, 2), (2, 5), (3, 4), (4, 3), (5, 2), (3, 5), (4, 5)]), strict=True)
            ),
            "n": range(6, 41),
            "d": range(3, 9),
        },
        (
            Trap("only the first branch that fits is run", "elif n % $b", "if n % $b"),
            Trap("`//` rounds down", "n // $d", "-(-n // $d)"),
        ),
    ),
    Program(
        "default_is_overridden",
        _S,
        "medium",
        """
def scene(n, colour="$c1", extra=$a):
    if n > $t:
        return n - extra, colour
    return n + extra, "$c2"
count, colour = scene(int(input()), extra=$b)
print(count, colour, "$nouns")
""",
        {"n": range(2, 14), "t": lambda rng, v: v["n"] - rng.choice((0, 0, 1)), "a": range(1, 6), "b": range(1, 6)},
        (
            Trap("the given argument replaces the default", ", extra=$b)", ")"),
            Trap("at the boundary `>` is false", "n > $t", "n >= $t"),
            Trap("the function returns at the first `return`", "return n - extra, colour", 'return n + extra, "$c2"'),
        ),
        needs=2,
    ),
    Program(
        "no_fall_through",
        _S,
        "medium",
        """
def pick(n):
    if n > $t:
        if n % 2:
            return $a, "$c1"
    elif n > 0:
        return $b, "$c1"
    return $d, "$c2"
print(*pick(int(input())), "$nouns")
""",
        {"n": _N, "t": range(2, 20), "a": _FEW, "b": _FEW, "d": _FEW},
        (
            Trap("the `elif` is skipped once its `if` was true", "elif n > 0", "if n > 0"),
            Trap("a remainder of 0 counts as false", "if n % 2:", "if n % 2 == 0:"),
        ),
    ),
    Program(
        "stock_before_the_test",
        _S,
        "medium",
        """
colour = input()
stock = {"$c1": $a, "$c2": $b}
stock["$c1"] -= $d
if colour in stock and stock[colour] > $t:
    print(stock[colour], colour, "$nouns")
else:
    print($e, "$c3", "$nouns")
""",
        {"a": range(4, 12), "b": _FEW, "d": range(1, 6), "t": range(1, 8), "e": _FEW, "in": ("$c1",)},
        (
            Trap("the entry was lowered before the test", '["$c1"] -= $d', '["$c1"] -= 0'),
            Trap("both conditions must hold", "in stock and stock[colour] > $t", "in stock"),
            Trap("the entry is printed, not the number it is compared with", "print(stock[colour]", "print($t"),
        ),
        needs=2,
    ),
    Program(
        "true_counts_one",
        _S,
        "medium",
        """
n = int(input())
count = (n > $t) + (n % 2 == 0) + $a
if not count == $b:
    colour = "$c1"
else:
    colour = "$c2"
print(count, colour, "$nouns")
""",
        {"n": _N, "t": range(2, 20), "a": range(2, 8), "b": range(2, 10)},
        (
            Trap("a true comparison adds 1", "(n > $t) + (n % 2 == 0) + $a", "$a"),
            Trap("`not` turns the comparison round", "not count == $b", "count == $b"),
        ),
    ),
    Program(
        "swapped_twice",
        _S,
        "medium",
        """
n = int(input())
left, right = "$c1 $noun", "$c2 $other"
if n > $t:
    left, right = right, left
if n % $m == 0:
    left, right = right, left
print("a", left, "to the left of a", right)
""",
        {"n": _N, "t": range(2, 20), "m": range(2, 5)},
        (
            Trap("the second `if` is checked as well", "if n % $m", "elif n % $m"),
            Trap("the two names are exchanged at the same moment", "left, right = right, left", "left = right"),
        ),
    ),
    Program(
        "else_of_try",
        _S,
        "medium",
        """
text = input()
try:
    count = int(text)
except ValueError:
    count = len(text)
else:
    count -= $a
print(count, "$c1" if count > $t else "$c2", "$nouns")
""",
        {"text": range(10, 20), "a": range(4, 13), "t": range(2, 10), "in": ("$text",)},
        (
            Trap("the `else` of `try` runs when nothing failed", "count -= $a", "count -= 0"),
            Trap("text made of digits is a valid number", "int(text)", 'int("?")'),
        ),
    ),
)
