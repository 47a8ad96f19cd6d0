"""The protocols as data: each is a list of named steps per axis.

A step says which capability it needs, where its text comes from and which picture goes in: a column of
the instance, or the output of an earlier step. The runner, the report and the viewer know nothing else,
so a new protocol is one entry in `PROTOCOLS`. Source: arXiv 2509.24897v2, section 3; `oracle` is ours,
made whole from two examples in its Figure 6.

    >>> [step.name for step in PROTOCOLS["stepwise"].steps["geu"]]
    ['edit', 'answer']
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from dataset_builder.errors import unknown_name
from dataset_builder.taxonomy import Axis
from evaluator.records import Capability


@dataclass(frozen=True)
class Column:
    """The instance's own column of this name."""

    name: str


@dataclass(frozen=True)
class Output:
    """What the earlier step of this name produced."""

    step: str


@dataclass(frozen=True)
class StepPlan:
    """One call: the capability it needs, its text, and its picture where it has one."""

    name: str
    needs: Capability
    text: Column | Output
    image: Column | Output | None = None


@dataclass(frozen=True)
class Protocol:
    """A named way of running an instance; `question` says what it asks of the model, for people."""

    name: str
    question: str
    steps: dict[Axis, tuple[StepPlan, ...]]


PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(
            "direct",
            "Can the model do it end to end?",
            {
                "ueg": (StepPlan("draw", "generate", Column("prompt")),),
                "geu": (StepPlan("answer", "answer", Column("evaluation_prompt"), Column("image")),),
            },
        ),
        Protocol(
            "stepwise",
            "Can it, when the intermediate step is asked for by itself?",
            {
                "ueg": (
                    StepPlan("refine", "answer", Column("new_prompt")),
                    StepPlan("draw", "generate", Output("refine")),
                ),
                "geu": (
                    StepPlan("edit", "edit", Column("edit_prompt"), Column("image")),
                    StepPlan("answer", "answer", Column("evaluation_prompt"), Output("edit")),
                ),
            },
        ),
        Protocol(
            "oracle",
            "Can it, when the intermediate is perfect?",
            {
                "ueg": (StepPlan("draw", "generate", Column("reference_prompt")),),
                "geu": (StepPlan("answer", "answer", Column("evaluation_prompt"), Column("reference_image")),),
            },
        ),
    )
}


def protocols_named(name: str) -> tuple[Protocol, ...]:
    """The protocols that a user's word stands for: one name, several with commas, or `all`."""
    if name == "all":
        return tuple(PROTOCOLS.values())
    words = [word.strip() for word in name.split(",")]
    for word in words:
        if word not in PROTOCOLS:
            raise unknown_name("protocol", word, [*PROTOCOLS, "all"])
    return tuple(PROTOCOLS[word] for word in dict.fromkeys(words))


def needed(protocol: str, axis: Axis) -> frozenset[Capability]:
    """The capabilities that a model must have to run this protocol on this axis."""
    return frozenset(step.needs for step in PROTOCOLS[protocol].steps[axis])


def supported(protocol: str, axis: Axis, capabilities: Collection[str]) -> bool:
    return needed(protocol, axis) <= frozenset(capabilities)
