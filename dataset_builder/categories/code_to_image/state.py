"""The hard programs of both subtasks, in which state changes: counters, aliases, local names, queues."""

from __future__ import annotations

from dataset_builder.categories.code_to_image.program import Program, Trap, colour_line, word_with_repeat

_BRANCH = "branching"
_LOOP = "iteration_and_indexing"
_N = range(2, 25)

PROGRAMS = (
    Program(
        "condition_on_new_value",
        _BRANCH,
        "hard",
        """
n = int(input())
count, colour = $a, "$c1"
if n > $t:
    count += $b
    if n % $m == 0:
        colour = "$c2"
elif n > $u:
    count += $e
if count > $k:
    count -= $d
print(count, colour, "$nouns")
""",
        {
            "n": _N,
            "t": range(3, 15),
            "u": lambda rng, v: rng.randrange(1, v["t"]),
            "a": range(2, 8),
            "b": range(1, 5),
            "e": range(1, 5),
            "m": range(2, 5),
            "k": range(3, 9),
            "d": range(1, 5),
        },
        (
            Trap("the last test sees the raised count", "if count > $k", "if $a > $k"),
            Trap("the `elif` is skipped once its `if` was true", "elif n > $u", "if n > $u"),
        ),
    ),
    Program(
        "list_changed_in_place",
        _BRANCH,
        "hard",
        """
def extend(row, colour):
    if len(row) > $t:
        row = row + [colour]
    else:
        row.append(colour)
    return row
first = ["$c1", "$c2", "$c3"]
second = extend(first, input())
second.append("$c4")
print("$nouns from left to right:", *first)
""",
        {"t": range(2, 5), "in": ("$c1", "$c2", "$c3", "$c4")},
        (
            Trap("`append` changes the caller's own list", "row.append(colour)", "row = row + [colour]"),
            Trap("`>` is false for equal numbers", "len(row) > $t", "len(row) >= $t"),
            Trap("`+` makes a new list", "row = row + [colour]", "row.append(colour)"),
            Trap("the printed list need not be the one that was returned", "*first)", "*second)"),
            Trap("both names stand for one list", 'second.append("$c4")', "second = second"),
        ),
        needs=2,
    ),
    Program(
        "match_on_a_pair",
        _BRANCH,
        "hard",
        """
n = int(input())
match n % $m, n > $t:
    case 0, True:
        count = $a
    case 0, _:
        count = $b
    case _, True:
        count = $d
    case _:
        count = $e
count += n % $k
print(count, "$c1" if n % $k else "$c2", "$nouns")
""",
        {
            "m": range(2, 6),
            "n": _N,
            "t": lambda rng, v: v["n"] - rng.choice((0, 0, 3)),
            "k": range(2, 6),
            "a": range(1, 7),
            "b": range(1, 7),
            "d": range(1, 7),
            "e": range(1, 7),
        },
        (
            Trap("a number is not greater than itself", "n > $t", "n >= $t"),
            Trap("`%` gives the remainder", "n % $m,", "n // $m,"),
            Trap("the count still grows by the remainder", "count += n % $k", "count += 0"),
        ),
        needs=2,
    ),
    Program(
        "local_colour",
        _BRANCH,
        "hard",
        """
count, colour = int(input()), "$c1"
def repaint(count):
    colour = "$c2"
    count -= $a
    return count
if repaint(count) > $t:
    count = repaint(count) + $b
else:
    count += $d
print(count, colour, "$nouns")
""",
        {"n": range(2, 15), "a": range(1, 6), "t": range(1, 10), "b": range(1, 4), "d": range(1, 5)},
        (
            Trap("a name set inside a function is its own", "    colour =", "    global colour\n    colour ="),
            Trap("the test uses what the function returns", "if repaint(count) > $t", "if count > $t"),
        ),
    ),
    Program(
        "letters_of_a_word",
        _BRANCH,
        "hard",
        """
word = input()
count, colour = len(word), "$c1"
if "$l" in word:
    count -= word.count("$l")
    if count < $t:
        colour = "$c2"
elif len(word) > $u:
    colour = "$c3"
if count % 2 == 0:
    count += $a
print(count, colour, "$nouns")
""",
        {"wl": word_with_repeat, "t": range(2, 8), "u": range(2, 8), "a": range(1, 5), "in": ("$word",)},
        (
            Trap("`count` counts every occurrence", 'word.count("$l")', "1"),
            Trap("the last test sees the lowered count", "count % 2 == 0", "len(word) % 2 == 0"),
        ),
    ),
    Program(
        "copied_then_changed",
        _BRANCH,
        "hard",
        """
n = int(input())
left, right = "$c1", "$c2"
if n > $t:
    left = "$c3"
    if n % 2:
        right = left
        left = "$c1"
elif n > $u:
    right = "$c3"
if left == "$c1" and n % $m == 0:
    left, right = right, left
print("a", left, "$noun to the left of a", right, "$other")
""",
        {"n": _N, "t": range(2, 16), "u": lambda rng, v: rng.randrange(1, v["t"]), "m": range(2, 6)},
        (
            Trap("a copied name keeps the value it had then", "right = left\n        left", "right = left"),
            Trap("the last `if` is checked as well", 'if left == "$c1" and', 'elif left == "$c1" and'),
            Trap("both names are exchanged at the same moment", "    left, right = right, left", "    left = right"),
            Trap("odd numbers leave a remainder of 1, which is true", "if n % 2:", "if n % 2 == 0:"),
        ),
        needs=2,
    ),
    Program(
        "two_names_one_list",
        _LOOP,
        "hard",
        """
first = input().split()
second = first
third = first[:]
for i in range(len(first)):
    if i % 2 == 1:
        second[i] = "$c1"
third[0] = "$c2"
second.append(third[$k])
print("$nouns from left to right:", *first)
""",
        {"k": (0, 1, -1), "line": colour_line(3, 5), "in": ("$line",)},
        (
            Trap("assignment copies no list", "second = first", "second = first[:]"),
            Trap("indices begin at 0", "i % 2 == 1", "i % 2 == 0"),
            Trap("a slice makes a copy", "third = first[:]", "third = first"),
        ),
        needs=2,
    ),
    Program(
        "growing_step",
        _LOOP,
        "hard",
        """
n = int(input())
count, step = 0, 1
while True:
    n -= step
    if n < 0:
        break
    count += 1
    step += $s
colour = "$c1" if step > $t else "$c2"
print(count + $a, colour, "$nouns")
""",
        {"n": range(5, 40), "s": (1, 2), "t": range(3, 9), "a": range(1, 4)},
        (
            Trap("0 is not less than 0", "if n < 0", "if n <= 0"),
            Trap("the step grows in every round", "step += $s", "step += 0"),
            Trap(
                "the round that breaks is not counted",
                "    if n < 0:\n        break\n    count += 1",
                "    count += 1\n    if n < 0:\n        break",
            ),
        ),
        needs=2,
    ),
    Program(
        "nested_triangle",
        _LOOP,
        "hard",
        """
n = int(input())
count, colour = 0, "$c1"
for i in range(n):
    for j in range(i):
        if (i + j) % $m == 0:
            colour = "$c2" if colour == "$c1" else "$c1"
            continue
        count += 1
    if count > $t:
        break
print(count, colour, "$nouns")
""",
        {"n": range(3, 8), "m": range(2, 4), "t": range(2, 9)},
        (
            Trap("the inner range depends on the outer round", "range(i)", "range(n)"),
            Trap("the outer loop stops early", "if count > $t", "if False"),
            Trap("`>` is false for equal numbers", "count > $t", "count >= $t"),
            Trap("the last number of a range is left out", "range(n)", "range(n + 1)"),
        ),
        needs=2,
    ),
    Program(
        "turning_queue",
        _LOOP,
        "hard",
        """
queue = input().split()
turns = 0
while queue[0] != "$c1":
    queue.append(queue.pop(0))
    turns += 1
    if turns == $t:
        queue.pop()
queue.insert(turns, "$c2")
print("$nouns from left to right:", *queue)
""",
        {"t": range(1, 4), "line": colour_line(4, 5), "in": ("$line",)},
        (
            Trap("`pop(0)` takes from the front", "queue.append(queue.pop(0))", "queue.insert(0, queue.pop())"),
            Trap("`pop` drops what was just appended", "        queue.pop()", "        queue = queue"),
            Trap("`insert` counts places from 0", "insert(turns,", "insert(turns - 1,"),
        ),
        needs=2,
    ),
    Program(
        "two_counters",
        _LOOP,
        "hard",
        """
first, second = $a, $b
for move in input():
    if move == "a":
        first += 1
    elif first > second:
        first -= 1
    else:
        second += 1
print(first, "$c1", "$nouns", "and", second, "$c2", "$nouns")
""",
        {
            "a": range(1, 7),
            "b": range(1, 7),
            "in": lambda rng, v: "".join(rng.choice("ab") for _ in range(rng.randint(3, 7))),
        },
        (
            Trap("each round compares the numbers as they are by then", "elif first > second", "elif $a > $b"),
            Trap("`>` is false for equal numbers", "first > second", "first >= second"),
            Trap("the second branch is only for the other moves", "elif first", "if first"),
        ),
        needs=2,
    ),
    Program(
        "basket_that_remembers",
        _LOOP,
        "hard",
        """
def add(colour, basket=[]):
    basket.append(colour)
    return basket
for colour in input().split():
    result = add(colour)
spare = add("$c1", [])
if len(spare) == 1:
    result = add("$c2")
print("$nouns from left to right:", *result)
""",
        {"line": colour_line(2, 4), "in": ("$line",)},
        (
            Trap(
                "a default list is made once and remembers",
                "    basket.append",
                "    basket = basket[:]\n    basket.append",
            ),
            Trap("a list that is passed in replaces the default", 'add("$c1", [])', 'add("$c1")[:1]'),
        ),
    ),
    Program(
        "removing_while_looping",
        _LOOP,
        "hard",
        """
row = input().split()
removed = 0
for colour in row:
    if colour == "$c1":
        row.remove(colour)
        removed += 1
row.insert(removed, "$c2")
print("$nouns from left to right:", *row)
""",
        {"line": colour_line(4, 7, repeat=True), "in": ("$line",)},
        (
            Trap("removing inside the loop makes it skip the next element", "in row:", "in row[:]:"),
            Trap("`insert` does not put at the end", "row.insert(removed,", "row.append("),
        ),
    ),
)
