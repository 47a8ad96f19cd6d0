"""Changes of everything at once: a row reversed, a board turned, every lamp switched.

>>> maps(SCENARIOS["mugs"], cast)[0][:2]
['map', 'reverse']
"""

from __future__ import annotations

from dataset_builder.categories.logical_reasoning.content import CONTENT, Scenario
from dataset_builder.categories.logical_reasoning.english import Cast
from dataset_builder.categories.logical_reasoning.facts import draw_variables
from dataset_builder.categories.logical_reasoning.solver import Condition


def _line_map(kind: str, names: list[str], n: int) -> Condition:
    order = range(1, n + 1)
    after = {
        "reverse": [n + 1 - v for v in order],
        "shift": [v % n + 1 for v in order],
        "shift_back": [v - 1 or n for v in order],
    }[kind]
    return ["map", kind, names, [[v, w] for v, w in zip(order, after, strict=True)]]


_CELLS: dict[tuple[str, str], tuple[int, ...]] = {
    ("grid", "rows"): (3, 4, 1, 2),
    ("grid", "columns"): (2, 1, 4, 3),
    ("grid", "turn"): (2, 4, 1, 3),
    ("grid", "turn_back"): (3, 1, 4, 2),
    ("board", "columns"): (3, 2, 1, 6, 5, 4, 9, 8, 7),
    ("board", "rows"): (7, 8, 9, 4, 5, 6, 1, 2, 3),
    ("board", "turn"): (3, 6, 9, 2, 5, 8, 1, 4, 7),
    ("table", "turn"): (2, 3, 4, 1),
    ("table", "turn_back"): (4, 1, 2, 3),
    ("table", "half_turn"): (3, 4, 1, 2),
}
"""Where the thing at cell 1, 2, ... goes; cells row by row, seats clockwise."""


def maps(scenario: Scenario, cast: Cast) -> list[Condition]:
    """The changes of everything at once that the layout knows."""
    geometry, layout = scenario.geometry, CONTENT.layouts[scenario.layout]
    names = [*cast.things, *cast.second]
    if cast.values:
        return state_maps(scenario, cast)
    if geometry in {"grid", "board", "table"}:
        kinds = [(kind, _CELLS[geometry, kind]) for kind in layout.maps]
        return [["map", kind, names, [[v, w] for v, w in enumerate(cells, 1)]] for kind, cells in kinds]
    return [_line_map(kind, names, cast.n) for kind in layout.maps]


def state_maps(scenario: Scenario, cast: Cast) -> list[Condition]:
    names = list(draw_variables(scenario, cast)[0])
    if scenario.flip is None:
        v, *others = cast.values
        return [["map", "recolour", names, [[v, w]]] for w in others if scenario.recolour]
    v, w = cast.values
    pairs = [[v, w], [w, v]]
    found: list[Condition] = [["map", "flip_all", names, pairs]]
    if scenario.flip.ends:
        found.append(["map", "flip_ends", [names[0], names[-1]], pairs])
    if scenario.flip.one:
        found += [["map", "flip_one", [x], pairs] for x in names]
    return found
