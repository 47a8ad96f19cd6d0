"""Programs of `iteration_and_indexing`, easy and medium: ranges, steps, slices, lookups, loops that stop."""

from __future__ import annotations

from dataset_builder.categories.code_to_image.program import Program, Trap, colour_line, word_with_repeat

_S = "iteration_and_indexing"
_N = range(4, 25)
_FEW = range(2, 10)

PROGRAMS = (
    Program(
        "range_with_a_step",
        _S,
        "easy",
        """
count = 0
for i in range($a, int(input()), $s):
    count += 1
print(count, "$c1", "$nouns")
""",
        {"a": range(1, 5), "s": range(2, 5), "n": range(8, 35)},
        (
            Trap("the end of a range is left out", "int(input())", "int(input()) + 1"),
            Trap("the range does not begin at 0", "range($a,", "range(0,"),
            Trap("the step is counted once a round, not added", "count += 1", "count += i"),
            Trap("the range goes in steps", ", $s)", ")"),
        ),
        needs=2,
    ),
    Program(
        "index_by_remainder",
        _S,
        "easy",
        """
n = int(input())
colours = ["$c1", "$c2", "$c3", "$c4"]
print(n - $a, colours[n % 4], "$nouns")
""",
        {"n": range(4, 16), "a": range(1, 14)},
        (
            Trap("indices begin at 0", "colours[n % 4]", "colours[n % 4 - 1]"),
            Trap("`%` gives the remainder", "colours[n % 4]", "colours[n // 4]"),
        ),
    ),
    Program(
        "from_the_end",
        _S,
        "easy",
        """
n = int(input())
colours = ["$c1", "$c2", "$c3", "$c4", "$c5"]
print(len(colours[n:]) + $a, colours[-n], "$nouns")
""",
        {"n": range(1, 5), "a": range(1, 7)},
        (
            Trap("the last element has the index -1", "colours[-n]", "colours[4 - n]"),
            Trap("a slice includes the index at which it begins", "colours[n:]", "colours[n + 1:]"),
            Trap("a negative index counts from the end", "colours[-n]", "colours[n]"),
        ),
        needs=2,
    ),
    Program(
        "every_second_letter",
        _S,
        "easy",
        """
word = input()
part = word[$a::2]
print(len(part) + $b, "$c1", "$nouns")
""",
        {"wl": word_with_repeat, "a": range(1, 4), "b": range(1, 6), "in": ("$word",)},
        (
            Trap("the slice takes every second letter only", "word[$a::2]", "word[$a:]"),
            Trap("the slice does not begin at the start", "word[$a::2]", "word[::2]"),
        ),
    ),
    Program(
        "sum_of_a_range",
        _S,
        "easy",
        """
n = int(input())
total = sum(range($a, n))
print(total - $b, "$c1", "$nouns")
""",
        {"n": range(3, 8), "a": range(1, 6), "b": range(1, 8)},
        (
            Trap("the end of a range is left out", "range($a, n)", "range($a, n + 1)"),
            Trap("`sum` adds the numbers, it does not count them", "sum(range", "len(range"),
        ),
    ),
    Program(
        "reversed_then_cut",
        _S,
        "easy",
        """
colours = input().split()
row = colours[::-1][$a:]
print("$nouns from left to right:", *row)
""",
        {"a": (1, 2), "line": colour_line(4, 5), "in": ("$line",)},
        (
            Trap("the list is reversed before it is cut", "[::-1][$a:]", "[$a:][::-1]"),
            Trap("a step of -1 reverses", "[::-1][$a:]", "[$a:]"),
        ),
    ),
    Program(
        "sorted_set",
        _S,
        "easy",
        """
colours = input().split()
kinds = sorted(set(colours))
print(len(kinds) + $a, kinds[-1], "$nouns")
""",
        {"a": range(1, 6), "line": colour_line(4, 6, repeat=True), "in": ("$line",)},
        (
            Trap("a set keeps each value once", "len(kinds)", "len(colours)"),
            Trap("sorted words stand in alphabetical order", "kinds[-1]", "colours[-1]"),
        ),
    ),
    Program(
        "continue_skips",
        _S,
        "medium",
        """
count = 0
for i in range($a, int(input())):
    if i % $m == 0:
        continue
    count += 1
print(count, "$c1", "$nouns")
""",
        {"a": range(1, 4), "m": range(2, 5), "n": range(6, 18)},
        (
            Trap("the end of a range is left out", "int(input())", "int(input()) + 1"),
            Trap("`continue` skips the multiples", "i % $m == 0", "i % $m != 0"),
        ),
    ),
    Program(
        "numbered_from_one",
        _S,
        "medium",
        """
colours = input().split()
count, chosen = 0, ""
for i, colour in enumerate(colours, 1):
    if i % 2 == $r:
        count += i
        chosen = colour
print(count, chosen, "$nouns")
""",
        {"r": (0, 1), "line": colour_line(4, 5), "in": ("$line",)},
        (
            Trap("the numbering begins at 1 here", "enumerate(colours, 1)", "enumerate(colours)"),
            Trap("the index is added, not 1", "count += i", "count += 1"),
        ),
    ),
    Program(
        "halving",
        _S,
        "medium",
        """
n = int(input())
steps = 0
while n > $t:
    n //= 2
    steps += 1
print(steps + $a, "$c1" if n == $t else "$c2", "$nouns")
""",
        {"n": range(9, 120), "t": range(1, 4), "a": range(1, 6)},
        (
            Trap("the loop ends as soon as the number is no longer greater", "while n > $t", "while n >= $t"),
            Trap("the steps are printed, not what is left of the number", "steps + $a", "n + $a"),
        ),
    ),
    Program(
        "shortest_list_ends_zip",
        _S,
        "medium",
        """
colours = input().split()
counts = [$a, $b, $d]
for count, colour in zip(counts, colours):
    if count > $t:
        last = count, colour
print(*last, "$nouns")
""",
        {"a": _FEW, "b": _FEW, "d": _FEW, "t": range(1, 7), "line": colour_line(4, 5), "in": ("$line",)},
        (
            Trap("`zip` ends with the shorter list", "*last,", "last[0], colours[-1],"),
            Trap(
                "a later match replaces an earlier one", "last = count, colour", "last = count, colour\n        break"
            ),
            Trap("the name keeps the last pair that passed the test", "if count > $t:", "if count:"),
        ),
        needs=2,
    ),
    Program(
        "smallest_divisor",
        _S,
        "medium",
        """
n = int(input())
for d in range(2, n):
    if n % d == 0:
        count = d
        break
else:
    count = $a
print(count + $b, "$c1", "$nouns")
""",
        {"n": range(4, 50), "a": range(2, 8), "b": range(1, 5)},
        (
            Trap("`break` also skips the `else` of the loop", "        break", "        pass"),
            Trap("the loop stops at the first divisor", "range(2, n)", "range(n - 1, 1, -1)"),
            Trap("the search begins at 2, not at 1", "range(2, n)", "range(1, n)"),
        ),
        needs=2,
    ),
    Program(
        "replace_gives_a_copy",
        _S,
        "medium",
        """
word = input()
changed = word.replace("$l", "$l$l", 1)
count = 0
for letter in changed:
    if letter == "$l":
        count += 1
print(count + $b, "$c1", "$nouns")
""",
        {"wl": word_with_repeat, "b": range(1, 6), "in": ("$word",)},
        (
            Trap("only the first occurrence is replaced", ", 1)", ")"),
            Trap("the changed text is searched, not the word", "in changed", "in word"),
        ),
    ),
    Program(
        "tally_with_a_start",
        _S,
        "medium",
        """
tally = {}
for colour in input().split():
    tally[colour] = tally.get(colour, $a) + 1
best = max(tally, key=tally.get)
print(tally[best], best, "$nouns")
""",
        {"a": range(1, 6), "line": colour_line(5, 8, repeat=True), "in": ("$line",)},
        (
            Trap("a new entry does not start at 0", ".get(colour, $a)", ".get(colour, 0)"),
            Trap("`key` makes `max` look at the counts", "max(tally, key=tally.get)", "max(tally)"),
        ),
    ),
    Program(
        "sorted_by_length",
        _S,
        "medium",
        """
colours = input().split()
row = []
for colour in sorted(colours, key=len):
    if colour not in row:
        row.append(colour)
print("$nouns from left to right:", *row)
""",
        {"line": colour_line(4, 6, repeat=True), "in": ("$line",)},
        (
            Trap("words are sorted by length, not by alphabet", "sorted(colours, key=len)", "sorted(colours)"),
            Trap("a colour that is already there is not added", "if colour not in row", "if colour"),
        ),
    ),
)
