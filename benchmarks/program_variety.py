"""How many different programs the code category has: structures (syntax trees without names and literals) over seeds.

    python benchmarks/program_variety.py                      # seeds 0 to 9, 100 instances each: a few minutes
    python benchmarks/program_variety.py --seeds 20-22 --per-category 30

Also shown: the commonest structures, which traps bite, how long the programs are, and how often a branch is taken.
Exit status 1 when fewer than 70 % of the programs differ in structure, or one structure is more than 2 % of them.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter

from dataset_builder.categories import code_to_image
from dataset_builder.categories.code_to_image import machine
from dataset_builder.categories.code_to_image.shape import structure
from dataset_builder.instance import Instance


def branches(instance: Instance) -> list[bool]:
    """For every `if` of the program that was reached: whether its own block was entered."""
    meta = instance.meta
    executed = set(machine.execute(meta["program"], meta["input"])["path"])
    found = machine.statements(ast.parse(meta["program"]))
    places = {id(statement): place for place, statement in enumerate(found)}
    return [
        places[id(statement.body[0])] in executed
        for place, statement in enumerate(found)
        if isinstance(statement, ast.If) and place in executed
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-9", help="first-last")
    parser.add_argument("--per-category", type=int, default=100)
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    shapes: Counter[str] = Counter()
    traps: Counter[str] = Counter()
    lines: Counter[int] = Counter()
    taken: Counter[bool] = Counter()
    for seed in range(int(first), int(last or first) + 1):
        for instance in code_to_image.make(seed, asked.per_category):
            program = instance.meta["program"]
            shapes[structure(program)] += 1
            traps.update({trap["name"] for trap in instance.meta["traps"]})
            lines[sum(bool(line.strip()) for line in program.splitlines())] += 1
            taken.update(branches(instance))
    total = shapes.total()
    commonest = shapes.most_common(1)[0][1]
    print(f"{total} programs, {len(shapes)} structures ({len(shapes) / total:.0%}); the commonest {commonest} times")
    print(f"{len(traps)} traps bite; the commonest:")
    for name, count in traps.most_common(12):
        print(f"  {count / total:6.1%}  {name}")
    print("lines:", ", ".join(f"{n}: {count}" for n, count in sorted(lines.items())))
    print(f"of {taken.total()} conditions that were reached, {taken[True] / max(1, taken.total()):.0%} were true")
    sys.exit(len(shapes) < 0.7 * total or commonest > 0.02 * total)


if __name__ == "__main__":
    main()
