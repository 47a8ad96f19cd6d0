"""How each geometry of the logic puzzles is spoken of: its places, relations and changes of everything.

>>> VOICES["row"].places[3][0]
'at the left end'
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Voice:
    """How a geometry is spoken of: its places in order, and one predicate a relation."""

    places: dict[int, tuple[str, ...]] = field(default_factory=dict)
    leads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Attributive forms: "leftmost" (with a noun: "the leftmost mug")."""
    ends: str = ""
    predicates: dict[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reading: str = ""
    """How the whole is listed: "from left to right"."""
    to_ends: tuple[str, str] = ("", "")
    swap: str = "{x} and {y} swap places"
    closing_up: str = ""
    maps: dict[str, str] = field(default_factory=dict)


_LEFT_TO_RIGHT = {
    "before": "somewhere to the left of {y}",
    "after": "somewhere to the right of {y}",
    "just_before": "directly to the left of {y}",
    "just_after": "directly to the right of {y}",
    "next": "right next to {y}",
    "between": "somewhere between {y} and {z}",
}
_ROW = Voice(
    places={
        3: ("at the left end", "in the middle", "at the right end"),
        4: ("at the left end", "second from the left", "second from the right", "at the right end"),
        5: ("at the left end", "second from the left", "in the middle", "second from the right", "at the right end"),
    },
    leads={
        3: ("leftmost {}", "middle {}", "rightmost {}"),
        4: ("leftmost {}", "second {} from the left", "second {} from the right", "rightmost {}"),
        5: ("leftmost {}", "second {} from the left", "middle {}", "second {} from the right", "rightmost {}"),
    },
    ends="at one of the two ends",
    predicates=_LEFT_TO_RIGHT,
    reading="from left to right",
    to_ends=("to the left end", "to the right end"),
    closing_up="the others close up",
    maps={
        "reverse": "the order of the whole row is reversed",
        "shift": (
            "everything in the row moves one place to the right, and what was at the right end goes to the left end"
        ),
    },
)
_TRAIN = Voice(
    places={
        3: ("directly behind the engine", "in the middle", "at the tail end"),
        4: ("directly behind the engine", "second behind the engine", "third behind the engine", "at the tail end"),
        5: (
            "directly behind the engine",
            "second behind the engine",
            "third behind the engine",
            "fourth behind the engine",
            "at the tail end",
        ),
    },
    leads={
        3: ("first {} behind the engine", "middle {}", "last {}"),
        4: ("first {} behind the engine", "second {} behind the engine", "third {} behind the engine", "last {}"),
        5: (
            "first {} behind the engine",
            "second {} behind the engine",
            "middle {}",
            "fourth {} behind the engine",
            "last {}",
        ),
    },
    ends="either first or last of the wagons",
    predicates={
        "before": "somewhere ahead of {y}",
        "after": "somewhere behind {y}",
        "just_before": "coupled directly ahead of {y}",
        "just_after": "coupled directly behind {y}",
        "next": "coupled to {y}",
        "between": "somewhere between {y} and {z}",
    },
    reading="counted from the engine",
    to_ends=("to the place right behind the engine", "to the tail end"),
    closing_up="the others close up",
    maps={"reverse": "the order of all the wagons is reversed while the engine stays where it is"},
)
_STACK = Voice(
    places={
        3: ("at the bottom", "in the middle", "on top"),
        4: ("at the bottom", "second from the bottom", "second from the top", "on top"),
        5: ("at the bottom", "second from the bottom", "in the middle", "second from the top", "on top"),
    },
    leads={
        3: ("bottom {}", "middle {}", "top {}"),
        4: ("bottom {}", "second {} from the bottom", "second {} from the top", "top {}"),
        5: ("bottom {}", "second {} from the bottom", "middle {}", "second {} from the top", "top {}"),
    },
    ends="either at the very top or at the very bottom",
    predicates={
        "before": "somewhere below {y}",
        "after": "somewhere above {y}",
        "just_before": "directly below {y}",
        "just_after": "directly above {y}",
        "next": "directly above or directly below {y}",
        "between": "somewhere between {y} and {z}",
    },
    reading="from bottom to top",
    to_ends=("to the bottom", "to the top"),
    closing_up="the others move together",
    maps={"reverse": "the whole order is turned round, so that what was on top is at the bottom"},
)
_SHELVES = Voice(
    places={
        3: ("on the bottom {level}", "on the middle {level}", "on the top {level}"),
        4: (
            "on the bottom {level}",
            "on the second {level} from the bottom",
            "on the second {level} from the top",
            "on the top {level}",
        ),
    },
    ends="either on the top {level} or on the bottom {level}",
    predicates={
        "before": "on a lower {level} than {y}",
        "after": "on a higher {level} than {y}",
        "just_before": "on the {level} directly below {y}",
        "just_after": "on the {level} directly above {y}",
        "next": "on the {level} directly above or directly below {y}",
        "between": "on a {level} somewhere between {y} and {z}",
    },
    reading="from the bottom {level} to the top {level}",
    to_ends=("to the bottom {level}", "to the top {level}"),
    closing_up="the others move up or down by one {level} to make room",
    maps={"reverse": "the whole order is turned round, so that what was on the top {level} is on the bottom {level}"},
)
_SIZES = Voice(
    places={
        3: ("the {least}", "neither the {least} nor the {most}", "the {most}"),
        4: ("the {least}", "the second {least}", "the second {most}", "the {most}"),
        5: (
            "the {least}",
            "the second {least}",
            "the middle one in {measure}",
            "the second {most}",
            "the {most}",
        ),
    },
    leads={
        3: ("{least} {}", "", "{most} {}"),
        4: ("{least} {}", "", "", "{most} {}"),
        5: ("{least} {}", "", "", "", "{most} {}"),
    },
    ends="either the {least} or the {most}",
    predicates={
        "before": "{less} than {y}",
        "after": "{more} than {y}",
        "between": "between {y} and {z} in {measure}",
    },
    reading="from the {least} to the {most}",
    swap="{x} and {y} swap their {measure}s",
    maps={"reverse": "the {measure}s are turned round, so that the {least} becomes the {most} and so on"},
)
_GRID = Voice(
    places={4: ("at the top left", "at the top right", "at the bottom left", "at the bottom right")},
    leads={4: ("{} at the top left", "{} at the top right", "{} at the bottom left", "{} at the bottom right")},
    predicates={
        "same_row": "in the same row as {y}",
        "same_column": "in the same column as {y}",
        "diagonal": "diagonally opposite {y}",
        "directly_above": "directly above {y}",
        "directly_left": "directly to the left of {y}",
    },
    rows=("in the top row", "in the bottom row"),
    columns=("in the left column", "in the right column"),
    maps={
        "rows": "the top row and the bottom row are exchanged",
        "columns": "the left column and the right column are exchanged",
        "turn": "everything moves on by one place clockwise",
    },
)
_ROWS3, _COLUMNS3 = ("top", "middle", "bottom"), ("left", "middle", "right")
_BOARD = Voice(
    places={
        3: tuple(
            "in the centre square" if r == c == 1 else f"in the {_ROWS3[r]} row of the {_COLUMNS3[c]} column"
            for r in range(3)
            for c in range(3)
        )
    },
    predicates={
        "same_row": "in the same row as {y}",
        "same_column": "in the same column as {y}",
        "higher": "in a higher row than {y}",
        "further_left": "further to the left than {y}",
    },
    rows=tuple(f"in the {row} row" for row in _ROWS3),
    columns=tuple(f"in the {column} column" for column in _COLUMNS3),
    maps={
        "columns": "the board is mirrored from left to right",
        "rows": "the board is mirrored from top to bottom",
    },
)
_TABLE = Voice(
    places={4: ("at the top of the picture", "at the right", "at the bottom of the picture", "at the left")},
    leads={4: ("{} at the top", "{} at the right", "{} at the bottom", "{} at the left")},
    predicates={"opposite": "directly opposite {y}", "clockwise": "the next one clockwise after {y}"},
    reading="clockwise from the top of the picture",
    maps={
        "turn": "everything round the table moves on by one seat clockwise",
        "half_turn": "everything round the table moves to the seat opposite",
    },
)
VOICES: dict[str, Voice] = {
    "row": _ROW,
    "train": _TRAIN,
    "stack": _STACK,
    "shelves": _SHELVES,
    "sizes": _SIZES,
    "grid": _GRID,
    "board": _BOARD,
    "table": _TABLE,
    "holders": Voice(),
    "labels": Voice(),
    "pairs": _ROW,
    "ranked": _ROW,
    "states": _ROW,
    "named_states": Voice(),
}
