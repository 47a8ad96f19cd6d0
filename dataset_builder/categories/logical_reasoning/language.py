"""Conditions, questions and changes of the logic puzzles as English sentences.

Every sentence is a function of the machine condition and the cast alone, so a proof can write the prompt
again from the metadata. A statement is "{x} is {predicate}"; a layout's voice says the predicate.

    >>> Speaker(SCENARIOS["mugs"], Cast(things=("red", "blue"))).clause(["not", ["before", "red", "blue"]])
    'the red mug is not somewhere to the left of the blue one'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataset_builder.categories.logical_reasoning.scenarios import SCENARIOS, Scenario
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, Value
from dataset_builder.categories.logical_reasoning.voices import VOICES

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
IS, VERB, MUST = range(3)
"""Variants of a statement: "is", the scenario's own verb, "must be"."""


@dataclass(frozen=True)
class Cast:
    """What a puzzle took from its scenario, in the order of mention."""

    things: tuple[str, ...]
    second: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    place: str = ""
    count: int = 0
    """How many there are in the opening scene."""

    @property
    def n(self) -> int:
        return self.count or len(self.things)


def article(phrase: str) -> str:
    """The phrase after "a" or "an", as it sounds."""
    return ("an " if phrase[0] in "aeiou" and not phrase.startswith(("one", "uni")) else "a ") + phrase


def listed(parts: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" {word} {parts[-1]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def ranks(scenario: Scenario) -> tuple[str, str, str]:
    """The three size ranks of a "ranked" scenario, small first."""
    return (scenario.least, "middle-sized", scenario.most)


class Speaker:
    """Says conditions, questions and changes about one cast of a scenario."""

    def __init__(self, scenario: Scenario, cast: Cast) -> None:
        self.scenario = scenario
        self.cast = cast
        self.voice = VOICES[scenario.layout]
        self.words = {w: getattr(scenario, w) for w in ("level", "more", "less", "most", "least", "plural")}
        self.words["measure"] = "height" if scenario.more == "taller" else "size"
        self.be = "are" if scenario.layout == "labels" else "is"

    # -- names ---------------------------------------------------------------------------------------

    def name(self, x: str) -> str:
        """`the red mug`; the second thing of a place by itself: `the red hat`."""
        s = self.scenario
        if s.layout == "states":
            return "the " + self.voice.leads[self.cast.n][int(x[1:]) - 1].format(s.noun)
        if x in self.cast.second:
            return f"the {x}" if s.layout == "ranked" else s.second_name.format(c=x)
        return f"the {x} {s.noun}" if s.coloured else f"the {x}"

    def term(self, x: str, after: str = "") -> str:
        """What stands at x's place, as part of a relation; shorter after another thing of the kind."""
        s = self.scenario
        if x in self.cast.second:
            return f"the {x} {s.noun}" if s.layout == "ranked" else s.second_term.format(c=x)
        if s.coloured and s.layout != "states" and after in self.cast.things:
            return f"the {x} one"
        return self.name(x)

    def kind(self, x: str) -> str:
        """`a red mug`, `an apple`."""
        s = self.scenario
        return article(f"{x} {s.noun}" if s.coloured else x)

    def place(self, value: Value) -> str:
        return self.voice.places[self.cast.n][int(value) - 1].format(**self.words)

    def holder(self, value: Value) -> str:
        return self.scenario.holder_name.format(h=value)

    # -- statements ----------------------------------------------------------------------------------

    def subject(self, c: Condition) -> str:
        op, x = c[0], c[1]
        return self.name(x) if op == "same" and self.scenario.layout not in {"states", "named_states"} else self.term(x)

    def predicate(self, c: Condition, full: bool = False) -> str:
        """What is said of the subject: `directly to the left of the blue one`."""
        op, x, *rest = c
        s = self.scenario
        if op == "at":
            if s.values:
                return str(rest[0])
            if s.layout in {"holders", "labels"}:
                return s.hold.format(h=self.holder(rest[0]))
            return self.place(rest[0])
        if op == "among":
            return self._among(rest[0])
        if op in {"row", "column"}:
            return str((self.voice.rows if op == "row" else self.voice.columns)[rest[0] - 1])
        if op == "same":
            if s.values:
                return f"{s.alike} as {self.name(rest[0])}"
            return self.name(rest[0]) if s.layout == "ranked" else s.pair.format(y=self.name(rest[0]))
        if op == "ranks_above":
            return f"{s.more} than {self.term(rest[0], after='' if full else x)}"
        terms: dict[str, str] = {
            key: self.term(y, after="" if full else x) for key, y in zip("yz", rest, strict=False) if isinstance(y, str)
        }
        return self.voice.predicates[op].format(**terms, **self.words)

    def _among(self, values: Sequence[Value]) -> str:
        s = self.scenario
        if s.layout in {"holders", "labels"}:
            # "either in A or in B", but "held either by A or by B"
            start, _, _ = s.hold.rpartition(" ")
            verb, _, preposition = start.rpartition(" ")
            return f"{verb} either ".lstrip() + listed([f"{preposition} {self.holder(v)}" for v in values], "or")
        if list(values) == [1, self.cast.n] and self.voice.ends:
            return self.voice.ends.format(**self.words)
        return "either " + listed([self.place(v) for v in values], "or")

    def clause(self, c: Condition, variant: int = IS) -> str:
        """A statement without capital and full stop."""
        op, *args = c
        special = getattr(self, f"_say_{op}", None)
        if special is not None:
            return str(special(*args))
        if op == "not":
            inner = args[0]
            said = self.predicate(inner)
            if said.startswith("either "):
                verb = "must be" if variant == MUST else self.be
                return f"{self.subject(inner)} {verb} n{said.replace(' or ', ' nor ', 1)}"
            verb = "must not be" if variant == MUST else f"{self.be} not"
            return f"{self.subject(inner)} {verb} {_plain(said)}"
        if op == "or":
            return f"either {self.clause(args[0])}, or {self.clause(args[1])}"
        if op == "and":
            return f"{self.clause(args[0])}, and {self.clause(args[1])}"
        if op == "if":
            return f"if {self.clause(args[0])}, then {self.clause(args[1])}"
        if op == "one_of":
            first, second = (capital(self.clause(part)) for part in args)
            return f"exactly one of these two statements is true: “{first}” and “{second}”"
        placed = op not in {"same", "ranks_above", "clockwise"} and self.scenario.verb
        verb = {VERB: self.scenario.verb if placed else self.be, MUST: "must be"}.get(variant, self.be)
        return f"{self.subject(c)} {verb} {self.predicate(c)}"

    def _say_count(self, names: Sequence[str], value: str, k: int) -> str:
        s = self.scenario
        return f"exactly {NUMBERS[k]} of the {self._n(len(names))} {s.plural} {'is' if k == 1 else 'are'} {value}"

    def _n(self, n: int) -> str:
        return NUMBERS[n]

    def _say_more(self, _names: Sequence[str], v: str, w: str) -> str:
        return f"there are more {self.adjective(v)} than {self.adjective(w)}"

    def adjective(self, v: str) -> str:
        return self.scenario.adjective.format(
            v=v.replace(" ", "-") if " " in v and not v.startswith("in ") else v, **self.words
        )

    def _say_alternate(self, _names: Sequence[str]) -> str:
        return f"no two neighbouring {self.scenario.plural} are {self.scenario.alike}"

    def _say_symmetric(self, _names: Sequence[str]) -> str:
        return "the row looks the same read from the left as from the right"

    def _say_no_neighbours(self, _names: Sequence[str], v: str) -> str:
        return f"no two {self.adjective(v)} are side by side"

    def _say_never_next(self, names: Sequence[str]) -> str:
        return f"no two {self.class_name(names)} are {_neighbours(self.scenario.layout, self.scenario.level)}"

    def class_name(self, names: Sequence[str]) -> str:
        """The plural of the one class that takes in exactly these of the cast."""
        for plural, members, _ in self.scenario.kinds:
            if sorted(m for m in members if m in self.cast.things) == sorted(names):
                return plural.format(**self.words)
        raise ValueError(f"no class of '{self.scenario.name}' holds exactly {names}")

    def _say_only(self, _marks: Sequence[str], marked: Sequence[str]) -> str:
        names = [self.name(m.removeprefix("mark:")) for m in marked]
        return f"only {listed(names)} {'has' if len(names) == 1 else 'have'} {self.scenario.mark}"

    def _say_marked_among(self, _pairs: object, values: Sequence[Value]) -> str:
        s = self.scenario
        where = self._among(values) if len(values) > 1 else self.place(values[0])
        return f"{article(s.noun) if s.coloured else 'anything'} with {s.mark} is always {where}"

    def _say_all_wrong(self, _labels: object) -> str:
        return "every one of the labels is wrong"

    def _say_spread(self, _names: object, _width: int) -> str:
        return f"no two {self.scenario.plural} share a row or a column"

    # -- questions -----------------------------------------------------------------------------------

    def question(self, c: Condition, variant: int = 0) -> str:
        """A yes/no question about the picture; variant 1 names the place first."""
        op, *args = c
        s = self.scenario
        if op == "count":
            return f"{'Is' if args[2] == 1 else 'Are'} exactly {NUMBERS[args[2]]} of the {s.plural} {args[1]}?"
        if op == "order":
            lead = self.reading if self.reading.startswith("counted") else f"read {self.reading}"
            return f"{capital(lead)}, is the order {listed(args[0])}?"
        if op == "present":
            return f"Is there {self.kind(args[0])} in the picture?"
        if op == "total":
            return f"Are there exactly {NUMBERS[args[1]]} {s.plural} in the picture?"
        if op == "marked":
            return f"Does {self.name(args[0].removeprefix('mark:'))} have {s.mark}?"
        if op == "at" and variant == 1:
            return f"Is the {self.lead(args[1])} {args[0]}?"
        subject = self.name(args[0]) if op == "same" else self.term(args[0])
        return f"{capital(self.be)} {subject} {self.predicate(c, full=True)}?"

    def lead(self, place: int) -> str:
        """`leftmost mug`; empty where the layout has no such form."""
        forms = self.voice.leads.get(self.cast.n, ())
        return forms[place - 1].format(self.scenario.noun, **self.words) if forms and self.scenario.coloured else ""

    @property
    def reading(self) -> str:
        return self.voice.reading.format(**self.words)

    # -- changes -------------------------------------------------------------------------------------

    def change(self, step: Condition) -> str:
        """One step of a what-if, in the present tense."""
        op, *args = step
        s = self.scenario
        if op in {"swap", "swap_places"}:
            form = "{x} and {y} are exchanged" if s.layout in {"holders", "labels"} else self.voice.swap
            if s.layout == "pairs" and op == "swap":
                form = "{x} and {y} are exchanged while everything else stays where it is"
            if s.layout == "pairs" and op == "swap_places":
                form = "{x} and {y} swap places together with what belongs to them"
            x, y = self.name(args[0]), self.name(args[1])
            near = self.term(args[1], after=args[0]) if op == "swap" and s.layout != "pairs" else y
            return form.format(x=x, y=near, **self.words)
        if op == "remove":
            return f"{self.name(args[0])} is taken away and {self.voice.closing_up.format(**self.words)}"
        if op == "take":
            return f"{self.name(args[0])} is taken away"
        if op in {"move", "insert"}:
            end = self.voice.to_ends[args[1] != 1].format(**self.words)
            if op == "move":
                return f"{self.name(args[0])} is moved {end} and {self.voice.closing_up.format(**self.words)}"
            return f"{self.kind(args[0])} is added {end.replace('to the', 'at the', 1)}"
        if op == "replace":
            return (
                f"{self.name(args[0])} is replaced by {article(args[1] + ' one') if s.coloured else self.kind(args[1])}"
            )
        if op == "set":
            becomes = dict(zip(s.values, s.becomes, strict=False)).get(args[1], f"becomes {args[1]}")
            return f"{self.name(args[0])} {becomes}"
        if op == "when":
            return f"if {self.clause(args[0])}, {self.change(args[1])}; otherwise {self.change(args[2])}"
        return self._map(*args)

    def _map(self, kind: str, names: Sequence[str], pairs: Sequence[Sequence[Value]]) -> str:
        s = self.scenario
        if kind == "recolour":
            v, w = pairs[0]
            return s.recolour.format(v=v, w=article(str(w)), w0=w)
        if kind.startswith("flip") and s.flip:
            form = {"flip_one": s.flip[0], "flip_all": s.flip[1], "flip_ends": s.flip[2]}[kind]
            return form.format(x=self.name(names[0]))
        return self.voice.maps[kind].format(**self.words)

    # -- whole arrangements --------------------------------------------------------------------------

    def told(self, a: Arrangement) -> str:
        """A full, direct account of the arrangement."""
        s = self.scenario
        if s.layout == "states":
            return f"{self.reading}: " + listed([str(a[f"p{i}"]) for i in range(1, self.cast.n + 1)])
        here = [x for x in (*self.cast.things, *self.cast.second) if a[x]]
        if s.layout in {"named_states", "holders", "labels", "grid", "board"}:
            said = [f"{self.name(x)} {self.predicate(['at', x, a[x]])}" for x in here]
            return listed([said[0].replace(self.name(here[0]), f"{self.name(here[0])} {self.be}", 1), *said[1:]])
        first = sorted((x for x in here if x in self.cast.things), key=lambda x: a[x])
        if s.layout in {"pairs", "ranked"}:
            mate = {x: next(y for y in self.cast.second if a[y] == a[x]) for x in first}
            parts = [self._mated(x, mate[x]) for x in first]
            return f"{self.reading}: {listed(parts)}"
        parts = [self.kind(x) for x in first]
        told = f"{self.reading}: {listed(parts)}"
        marked = [x for x in self.cast.things if a.get(f"mark:{x}")]
        return told + (
            f"; only {listed([self.name(m) for m in marked])} {'has' if len(marked) == 1 else 'have'} {s.mark}"
            if marked
            else ""
        )

    def _mated(self, x: str, y: str) -> str:
        s = self.scenario
        return f"{self.name(x)} ({y})" if s.layout == "ranked" else f"{self.name(x)} {s.pair.format(y=self.name(y))}"


def _plain(predicate: str) -> str:
    """The predicate as it stands after "not"."""
    return {"at one of the two ends": "at either end"}.get(predicate, predicate)


def _neighbours(layout: str, level: str) -> str:
    return {
        "stack": "directly on top of each other",
        "shelves": f"on neighbouring {level}s",
        "train": "coupled together",
    }.get(layout, "right next to each other")


__all__ = ["SCENARIOS", "Cast", "Speaker", "article", "capital", "listed", "ranks"]
