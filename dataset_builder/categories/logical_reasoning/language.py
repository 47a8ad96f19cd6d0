"""Conditions, questions and changes of the logic puzzles as English sentences.

Every sentence is a function of the machine condition and the cast alone, so a proof can write the prompt
again from the metadata. A statement is "{x} is {predicate}"; a layout's voice says the predicate.

    >>> Speaker(SCENARIOS["mugs"], Cast(things=("red", "blue"))).clause(["not", ["before", "red", "blue"]])
    'the red mug is not somewhere to the left of the blue one'
"""

from __future__ import annotations

from collections.abc import Sequence

from dataset_builder.categories.logical_reasoning.content import CONTENT, SCENARIOS, Scenario
from dataset_builder.categories.logical_reasoning.english import NUMBERS, Cast, article, capital, listed
from dataset_builder.categories.logical_reasoning.solver import Arrangement, Condition, Value

CLAUSES, QUESTIONS, CHANGES = CONTENT.frames.clauses, CONTENT.frames.questions, CONTENT.frames.changes
TELLING = CONTENT.frames.telling
IS, VERB, MUST = range(3)
"""Variants of a statement: "is", the scenario's own verb, "must be"."""


class Speaker:
    """Says conditions, questions and changes about one cast of a scenario."""

    def __init__(self, scenario: Scenario, cast: Cast) -> None:
        self.scenario = scenario
        self.cast = cast
        self.voice = CONTENT.layouts[scenario.layout]
        self.words = {w: getattr(scenario, w) for w in ("level", "measure", "more", "less", "most", "least", "plural")}
        self.be = "are" if scenario.geometry == "labels" else "is"

    # -- names ---------------------------------------------------------------------------------------

    def name(self, x: str) -> str:
        """`the red mug`; the second thing of a place by itself: `the red hat`."""
        s = self.scenario
        if s.geometry == "states":
            return "the " + self.voice.leads[self.cast.n][int(x[1:]) - 1].format(s.noun)
        if x in self.cast.second:
            return f"the {x}" if s.geometry == "ranked" else s.second_name.format(c=x)
        return f"the {x} {s.noun}" if s.coloured else f"the {x}"

    def term(self, x: str, after: str = "") -> str:
        """What stands at x's place, as part of a relation; shorter after another thing of the kind."""
        s = self.scenario
        if x in self.cast.second:
            return f"the {x} {s.noun}" if s.geometry == "ranked" else s.second_term.format(c=x)
        if s.coloured and s.geometry != "states" and after in self.cast.things:
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
        return self.name(x) if op == "same" and not self.scenario.values else self.term(x)

    def predicate(self, c: Condition, full: bool = False) -> str:
        """What is said of the subject: `directly to the left of the blue one`."""
        op, x, *rest = c
        s = self.scenario
        if op == "at":
            if s.values:
                return str(rest[0])
            if s.geometry in {"holders", "labels"}:
                return s.hold.format(h=self.holder(rest[0]))
            return self.place(rest[0])
        if op == "among":
            return self._among(rest[0])
        if op in {"row", "column"}:
            return str((self.voice.rows if op == "row" else self.voice.columns)[rest[0] - 1])
        if op == "same":
            if s.values:
                return CLAUSES["same_state"].format(alike=s.alike, y=self.name(rest[0]))
            return self.name(rest[0]) if s.geometry == "ranked" else s.pair.format(y=self.name(rest[0]))
        if op == "ranks_above":
            return CLAUSES["ranks_above"].format(more=s.more, y=self.term(rest[0], after="" if full else x))
        terms: dict[str, str] = {
            key: self.term(y, after="" if full else x) for key, y in zip("yz", rest, strict=False) if isinstance(y, str)
        }
        return self.voice.relations[op].format(**terms, **self.words)

    def _among(self, values: Sequence[Value]) -> str:
        s = self.scenario
        if s.geometry in {"holders", "labels"}:
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
                what = f"n{said.replace(' or ', ' nor ', 1)}"
                return CLAUSES["statement"].format(x=self.subject(inner), be=verb, what=what)
            verb = "must not be" if variant == MUST else f"{self.be} not"
            return CLAUSES["statement"].format(x=self.subject(inner), be=verb, what=_plain(said))
        if op in {"or", "and", "if", "iff", "one_of"}:
            a, b = (self.clause(part) for part in args)
            return CLAUSES[op].format(a=a, b=b, A=capital(a), B=capital(b))
        placed = op not in {"same", "ranks_above", "clockwise"} and self.scenario.verb
        verb = {VERB: self.scenario.verb if placed else self.be, MUST: "must be"}.get(variant, self.be)
        return CLAUSES["statement"].format(x=self.subject(c), be=verb, what=self.predicate(c))

    def _say_count(self, names: Sequence[str], value: str, k: int) -> str:
        words = {"k": NUMBERS[k], "n": NUMBERS[len(names)], "be": "is" if k == 1 else "are"}
        return CLAUSES["count"].format(plural=self.scenario.plural, v=value, **words)

    def _say_more(self, _names: Sequence[str], v: str, w: str) -> str:
        return CLAUSES["more"].format(v=self.adjective(v), w=self.adjective(w))

    def adjective(self, v: str) -> str:
        return self.scenario.adjective.format(
            v=v.replace(" ", "-") if " " in v and not v.startswith("in ") else v, **self.words
        )

    def _say_alternate(self, _names: Sequence[str]) -> str:
        return CLAUSES["alternate"].format(plural=self.scenario.plural, alike=self.scenario.alike)

    def _say_symmetric(self, _names: Sequence[str]) -> str:
        return CLAUSES["symmetric"]

    def _say_no_neighbours(self, _names: Sequence[str], v: str) -> str:
        return CLAUSES["no_neighbours"].format(v=self.adjective(v))

    def _say_never_next(self, names: Sequence[str]) -> str:
        neighbours = self.voice.neighbours.format(**self.words)
        return CLAUSES["never_next"].format(kind=self.class_name(names), neighbours=neighbours)

    def class_name(self, names: Sequence[str]) -> str:
        """The plural of the one class that takes in exactly these of the cast."""
        for kind in self.scenario.classes:
            if sorted(m for m in kind.members if m in self.cast.things) == sorted(names):
                return kind.plural.format(**self.words)
        raise ValueError(f"no class of '{self.scenario.name}' holds exactly {names}")

    def _say_only(self, _marks: Sequence[str], marked: Sequence[str]) -> str:
        names = listed([self.name(m.removeprefix("mark:")) for m in marked])
        return CLAUSES["only"].format(names=names, have="has" if len(marked) == 1 else "have", mark=self.scenario.mark)

    def _say_marked_among(self, _pairs: object, values: Sequence[Value]) -> str:
        s = self.scenario
        where = self._among(values) if len(values) > 1 else self.place(values[0])
        return CLAUSES["marked_among"].format(
            one=article(s.noun) if s.coloured else "anything", mark=s.mark, where=where
        )

    def _say_mirrored(self, x: str, y: str, _n: int) -> str:
        return self.voice.mirrored.format(x=self.name(x), y=self.name(y), **self.words)

    def _say_all_wrong(self, _labels: object) -> str:
        return CLAUSES["all_wrong"]

    def _say_spread(self, _names: object, _width: int) -> str:
        return CLAUSES["spread"].format(plural=self.scenario.plural)

    # -- questions -----------------------------------------------------------------------------------

    def question(self, c: Condition, variant: int = 0) -> str:
        """A yes/no question about the picture; variant 1 names the place first."""
        op, *args = c
        s = self.scenario
        if op == "count":
            be = "Is" if args[2] == 1 else "Are"
            return QUESTIONS["count"].format(Be=be, k=NUMBERS[args[2]], plural=s.plural, v=args[1])
        if op == "present":
            return QUESTIONS["present"].format(one=self.kind(args[0]))
        if op == "total":
            return QUESTIONS["total"].format(k=NUMBERS[args[1]], plural=s.plural)
        if op == "only":
            marked = [self.name(m.removeprefix("mark:")) for m in args[1]]
            return QUESTIONS["only" if len(marked) == 1 else "pair"].format(x=marked[0], y=marked[-1], mark=s.mark)
        if op in {"spread", "sharing"}:
            return QUESTIONS[op].format(n=NUMBERS[len(args[0])], plural=s.plural)
        if op == "beyond":
            return QUESTIONS[op].format(one=s.noun or "thing", x=self._marked(args[1]), mark=s.mark)
        if op == "marked":
            return QUESTIONS[op].format(x=self._marked([args[0]]), mark=s.mark)
        if op == "at" and variant == 1:
            return QUESTIONS["lead"].format(lead=self.lead(args[1]), x=args[0])
        subject = self.name(args[0]) if op == "same" else self.term(args[0])
        return QUESTIONS["statement"].format(Be=capital(self.be), x=subject, what=self.predicate(c, full=True))

    def _marked(self, marks: Sequence[str]) -> str:
        return listed([self.name(m.removeprefix("mark:")) for m in marks])

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
        if op == "map":
            return self._map(*args)
        if op == "mirror":
            return CHANGES[op]
        if op == "cycle":
            x, y, z = (self.name(name) for name in args[0])
            return CHANGES[op].format(x=x, y=y, z=z)
        if op == "when":
            return CHANGES[op].format(a=self.clause(args[0]), b=self.change(args[1]), c=self.change(args[2]))
        if op == "insert":
            places = self.voice.places[self.cast.n]
            end = places[0 if args[1] == 1 else -1].format(**self.words)
            return CHANGES[op].format(new=self.kind(args[0]), end=end)
        x = self.name(args[0])
        if op in {"swap", "swap_places"}:
            form = self.voice.swap_together if op == "swap_places" and s.geometry == "pairs" else self.voice.swap
            near = self.term(args[1], after=args[0]) if op == "swap" and s.geometry != "pairs" else self.name(args[1])
            return form.format(x=x, y=near, **self.words)
        closing_up = self.voice.closing_up.format(**self.words)
        if op == "move":
            return self.voice.move.format(x=x, end=self._end(args[1]), closing_up=closing_up, **self.words)
        if op == "move_next":
            where = self.predicate(["just_after", *args], full=False)
            return CHANGES[op].format(x=x, where=where, closing_up=closing_up)
        if op == "copy":
            return s.copy_as.format(x=x, alike=s.alike, y=self.name(args[1]))
        if op == "replace":
            new = article(args[1] + " one") if s.coloured else self.kind(args[1])
            return CHANGES[op].format(x=x, new=new)
        if op == "set":
            becomes = dict(zip(s.values, s.becomes, strict=False)).get(args[1])
            return f"{x} {becomes}" if becomes else CHANGES[op].format(x=x, v=args[1])
        return CHANGES[op].format(x=x, closing_up=closing_up)

    def _end(self, place: int) -> str:
        ends = self.voice.to_ends or ("", "")
        return ends[place != 1].format(**self.words)

    def _map(self, kind: str, names: Sequence[str], pairs: Sequence[Sequence[Value]]) -> str:
        s = self.scenario
        if kind == "recolour":
            v, w = pairs[0]
            return s.recolour.format(v=v, w=article(str(w)), w0=w)
        if kind.startswith("flip") and s.flip:
            form = {"flip_one": s.flip.one, "flip_all": s.flip.all, "flip_ends": s.flip.ends}[kind] or ""
            return form.format(x=self.name(names[0]))
        return self.voice.maps[kind].format(**self.words)

    # -- whole arrangements --------------------------------------------------------------------------

    def told(self, a: Arrangement) -> str:
        """A full, direct account of the arrangement."""
        s = self.scenario
        if s.geometry == "states":
            return self._in_order([str(a[f"p{i}"]) for i in range(1, self.cast.n + 1)])
        here = [x for x in (*self.cast.things, *self.cast.second) if a[x]]
        if s.geometry in {"named_states", "holders", "labels", "grid", "board"}:
            said = [f"{self.name(x)} {self.predicate(['at', x, a[x]])}" for x in here]
            return listed([said[0].replace(self.name(here[0]), f"{self.name(here[0])} {self.be}", 1), *said[1:]])
        first = sorted((x for x in here if x in self.cast.things), key=lambda x: a[x])
        if s.geometry in {"pairs", "ranked"}:
            mate = {x: next(y for y in self.cast.second if a[y] == a[x]) for x in first}
            return self._in_order([self._mated(x, mate[x]) for x in first])
        told = self._in_order([self.kind(x) for x in first])
        marks = [f"mark:{x}" for x in self.cast.things]
        marked = [m for m in marks if a.get(m)]
        return f"{told}; {self._say_only(marks, marked)}" if marked else told

    def _in_order(self, parts: Sequence[str]) -> str:
        return TELLING["order"].format(reading=self.reading, list=listed(parts))

    def _mated(self, x: str, y: str) -> str:
        if self.scenario.geometry == "ranked":
            return TELLING["ranked"].format(x=self.name(x), y=y)
        return TELLING["paired"].format(x=self.name(x), pair=self.scenario.pair.format(y=self.name(y)))


def _plain(predicate: str) -> str:
    """The predicate as it stands after "not"."""
    return {"at one of the two ends": "at either end"}.get(predicate, predicate)


__all__ = ["SCENARIOS", "Cast", "Speaker", "article", "capital", "listed"]
