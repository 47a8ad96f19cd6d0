"""What several verbs share: their common options, and the list of families."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evaluator.models.registry import Family


Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]


DatasetOption = Annotated[
    Path | None, typer.Option("--dataset", help="The run's dataset, where it is not at the place noted in the run.")
]


def show_families(
    families: Mapping[str, Family], beside: Callable[[Family], Sequence[str]] = lambda family: ()
) -> None:
    for family in families.values():
        state = "installed" if not family.missing else f"not installed: pip install 'realunify[{family.extra}]'"
        print(f"{family.name:10s}{family.summary}")
        print(f"{'':10s}{'; '.join([f'can {family.capabilities}', *beside(family), state])}")
        print(f"{'':10s}--> {family.example}\n")
