"""Counts what a stranger meets: entries at the root of each room, floors of imports, circles.

An import inside a function counts as much as one at the top. A *floor* is counted among the direct entries of one
package, a sub-package being one entry: 7 floors mean that the longest chain of imports among them has 7 entries.

    python benchmarks/rooms.py [ROOT]
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import networkx as nx

ROOMS = ("dataset_builder", "evaluator", "leaderboard_space")
# These run in other environments and import nothing of ours.
FOREIGN = "evaluator.models.workers"


@dataclass(frozen=True)
class Package:
    """One package: the longest chain of imports among its direct entries, and the circles in them."""

    name: str
    chain: tuple[str, ...]
    circles: tuple[tuple[str, ...], ...]


def modules(root: Path, room: str) -> dict[str, Path]:
    """Dotted name to file of every module of a room."""
    found = {}
    for path in sorted((root / room).rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith(FOREIGN):
            found[name] = path
    return found


def imports(root: Path, room: str) -> nx.DiGraph[str]:
    """Which module imports which, within a room."""
    known = modules(root, room)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(known)
    for name, path in known.items():
        for target in _targets(ast.parse(path.read_text(encoding="utf-8")), known):
            if target != name:
                graph.add_edge(name, target)
    return graph


def _targets(tree: ast.Module, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from [full] if full in known else [node.module] if node.module in known else []
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def circles(graph: nx.DiGraph[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(group)) for group in nx.strongly_connected_components(graph) if len(group) > 1)


def packages(root: Path, room: str) -> Iterator[Package]:
    """Every package of a room that has imports among its entries."""
    graph = imports(root, room)
    for name, path in modules(root, room).items():
        if path.name != "__init__.py":
            continue
        inner: nx.DiGraph[str] = nx.DiGraph()
        for one, other in graph.edges:
            ends = _entry(name, one), _entry(name, other)
            if None not in ends and ends[0] != ends[1]:
                inner.add_edge(*ends)
        condensed = nx.condensation(inner)
        chain = [" + ".join(sorted(condensed.nodes[i]["members"])) for i in nx.dag_longest_path(condensed)]
        yield Package(name, tuple(chain), circles(inner))


def _entry(package: str, module: str) -> str | None:
    if module == package:
        return "__init__"
    return module.removeprefix(f"{package}.").split(".")[0] if module.startswith(f"{package}.") else None


def entries(root: Path, room: str) -> list[str]:
    return sorted(path.name for path in (root / room).iterdir() if path.name != "__pycache__")


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1])
    for room in ROOMS:
        found = list(packages(root, room))
        deepest = max(found, key=lambda package: len(package.chain))
        own = next(package for package in found if package.name == room)
        print(
            f"{room}: {len(entries(root, room))} entries, {len(own.chain)} floors; deepest package {deepest.name}, "
            f"{len(deepest.chain)} floors; {len(circles(imports(root, room)))} circles of modules, "
            f"{sum(len(package.circles) for package in found)} of packages"
        )


if __name__ == "__main__":
    main()
