"""Answers map questions: the graph from the metadata, believed only where the pixels bear it out.

Numbers, arrows and barriers are read back from the picture by comparing it with every sign that could stand
there; the route is then found by networkx, its rules taken from the words of the question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageStat

from dataset_builder.categories.cognitive_navigation.map import drawing
from dataset_builder.categories.cognitive_navigation.map.content import kind
from dataset_builder.categories.cognitive_navigation.routes import Link, Trip
from dataset_builder.categories.shared.options import ordinal
from dataset_builder.errors import RealUnifyError

_NAME = r"the ([A-Z][A-Za-z ]*?)(?= (?:to|and|calling|going|with|without|keeping|leaving|never|staying|take)\b|[.,?])"


def answer(picture: Image.Image, question: str, spec: Mapping[str, Any], option: Sequence[str]) -> str:
    """The text of the right option."""
    trip, ask, nth = read_question(question)
    told = Trip(spec["start"], spec["goal"], spec["via"], spec["avoid"], spec["limit"])
    if (trip, ask, nth) != (told, spec["kind"], spec["nth"]):
        raise RealUnifyError(f"the question reads as {trip}, {ask}; its metadata say {told}, {spec['kind']}")
    trip = replace(trip, high=_high(picture, trip, spec))
    minutes, route = quickest([_read_road(picture, road, spec["theme"]) for road in spec["roads"]], trip)
    if ask == "length":
        return f"{minutes} minutes"
    if ask == "nth":
        return route[nth]
    passed = [name for name in option if name in route[1:-1]]
    if len(passed) != 1:
        raise RealUnifyError(f"{len(passed)} options lie on the route, one should")
    return passed[0]


def read_question(question: str) -> tuple[Trip, str, int]:
    """Trip, kind and (for the kind `nth`) the place asked for."""

    def name(before: str) -> str | None:
        match = re.search(rf"\b(?:{before}) {_NAME}", question)
        return match[1] if match else None

    start, goal = name("from"), re.search(rf"from {_NAME} to {_NAME}", question)
    if start is None or goal is None:
        raise RealUnifyError("the question names no start and goal")
    limit = re.search(r"\b(?:above|below) (\d+) m\b", question)
    via, avoid = name("calling at|by way of|stop at"), name("passing|keeping away from|leaving out")
    trip = Trip(start, goal[2], via, avoid, int(limit[1]) if limit else None)
    if re.search(r"\bHow (many|long)\b", question):
        return trip, "length", 0
    for place in (2, 3):
        if re.search(rf"\b{ordinal(place)}\b", question):
            return trip, "nth", place
    return trip, "passes", 0


def _high(picture: Image.Image, trip: Trip, spec: Mapping[str, Any]) -> frozenset[str]:
    """The places above the trip's limit, by the heights below their names; each must be the picture's."""
    if trip.limit is None:
        return frozenset()
    for name, at in spec["places"].items():
        plate = drawing.name_plate(name, spec["heights"][name])
        if _unlike_at(picture, plate, drawing.plate_corner(plate, at)) > 4:
            raise RealUnifyError(f"the picture does not show the {name} at {spec['heights'][name]}")
    heights = {name: int(note.removesuffix(" m")) for name, note in spec["heights"].items()}
    return frozenset(name for name, metres in heights.items() if metres > trip.limit)


def quickest(roads: Sequence[Link], trip: Trip) -> tuple[int, list[str]]:
    """The one quickest route, by networkx; an error when there is none or no single one."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for road in roads:
        if not road.closed:
            graph.add_edge(road.a, road.b, minutes=road.minutes)
            if not road.one_way:
                graph.add_edge(road.b, road.a, minutes=road.minutes)
    graph.remove_nodes_from([name for name in (trip.avoid, *trip.high) if name])
    stops = [trip.start, *([trip.via] if trip.via else []), trip.goal]
    route, minutes = [trip.start], 0
    for leg in itertools.pairwise(stops):
        best = list(nx.all_shortest_paths(graph, *leg, weight="minutes"))
        if len(best) != 1:
            raise RealUnifyError(f"{len(best)} routes from {leg[0]} to {leg[1]} are the quickest, one should be")
        route += best[0][1:]
        minutes += nx.path_weight(graph, best[0], "minutes")
    return minutes, route


def _read_road(picture: Image.Image, road: Mapping[str, Any], theme: str) -> Link:
    """The road as the picture shows it; an error where that is not what the metadata say."""
    where = f"the road from {road['a']} to {road['b']}"
    shown = min(range(1, 25), key=lambda number: _unlike(picture, drawing.number_plate(number), road["badge"]))
    if shown != road["minutes"] or _unlike(picture, drawing.number_plate(shown), road["badge"]) > 4:
        raise RealUnifyError(f"{where} shows the number {shown}, its metadata say {road['minutes']}")
    if not _paved(picture, road["bare"], theme, road["way"]):
        raise RealUnifyError(f"{where} is not in the picture")
    one_way, closed = _signs(picture, road["signs"])
    if (one_way, closed) != (road["one_way"], road["closed"]):
        raise RealUnifyError(f"{where}: the picture shows one-way {one_way}, closed {closed}")
    return Link(road["a"], road["b"], shown, one_way, closed)


def _signs(picture: Image.Image, signs: Sequence[Sequence[float]]) -> tuple[bool, bool]:
    """Whether arrows point along the road on both sides of its number, and whether a barrier stands on it."""
    if not signs:
        return False, False
    closed = _unlike(picture, drawing.barrier(), signs[0][:2]) < 4
    along = [_unlike(picture, drawing.arrow(int(turn)), (x, y)) < 4 for x, y, turn in signs]
    return all(along), closed


def _unlike(picture: Image.Image, sign: Image.Image, at: Sequence[float]) -> float:
    """Mean difference (0 to 255) between a sign and what the picture shows at a place, inside the sign."""
    return _unlike_at(picture, sign, drawing.corner(sign, at))


def _unlike_at(picture: Image.Image, sign: Image.Image, corner: tuple[int, int]) -> float:
    left, top = corner
    crop = picture.crop((left, top, left + sign.width, top + sign.height))
    solid = sign.getchannel("A").point([255 if alpha == 255 else 0 for alpha in range(256)])
    return float(np.mean(ImageStat.Stat(ImageChops.difference(crop, sign.convert("RGB")), solid).mean))


def _paved(picture: Image.Image, points: Sequence[Sequence[float]], theme: str, way: str) -> bool:
    """Whether all of a way's bare points have a colour between its own and that of its dashes."""
    own, dash, _ = (np.array(colour, dtype=float) for colour in kind(theme).ways[way].colours)
    along = (dash - own) / np.linalg.norm(dash - own)
    for x, y in points:
        offset = np.array(picture.getpixel((round(x), round(y)))) - own
        if np.linalg.norm(offset - (offset @ along) * along) > 14:
            return False
    return True
