"""Every category of a recipe made and written, each in a process of its own."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dataset_builder import categories
from dataset_builder.building.parts import Part, write_part
from dataset_builder.building.recipe import Recipe
from dataset_builder.errors import RealUnifyError, UsageError
from dataset_builder.taxonomy import CATEGORIES

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

NOT_WORTH_PROCESSES = 40
"""Up to so many instances are made in this process: starting others takes longer."""
Progress = Callable[[str, int, int], None]


def make_all(folder: Path, recipe: Recipe, progress: Progress | None = None) -> list[Part]:
    """The recipe's categories, written below `folder`; in processes where that is worth it."""
    few = recipe.per_category * len(recipe.chosen) <= NOT_WORTH_PROCESSES
    if recipe.workers == 1 or (recipe.workers is None and few):
        return [
            write_part(
                folder,
                name,
                categories.make(name, recipe.seed, recipe.per_category),
                recipe.withhold_answers,
                teller(progress, name, recipe.per_category),
            )
            for name in recipe.chosen
        ]
    return _Crew(folder, recipe, progress).work()


def teller(progress: Progress | None, task_type: str, total: int = 0) -> Callable[[], None]:
    """Tells `progress` of one more instance at each call."""
    counter = itertools.count(1)
    return lambda: progress(task_type, next(counter), total) if progress else None


@dataclass
class _Crew:
    """The processes of one build; what they tell comes through a queue."""

    folder: Path
    recipe: Recipe
    progress: Progress | None
    counts: dict[str, int] = field(default_factory=dict)

    def work(self) -> list[Part]:
        """Categories with pictures first, so that the processes end together."""
        order = sorted(self.recipe.chosen, key=lambda name: (CATEGORIES[name].axis != "geu", name != _LONGEST))
        context = multiprocessing.get_context("spawn")
        ticks: Queue[str] = context.Queue()
        parts: dict[str, Part] = {}
        others = set(multiprocessing.active_children())
        size = min(self.recipe.workers or os.cpu_count() or 1, len(order))
        with ProcessPoolExecutor(size, context, initializer=_start_worker, initargs=(ticks,)) as pool:
            pending = {pool.submit(_make_part, self.folder, name, self.recipe): name for name in order}
            try:
                while pending:
                    done, _ = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
                    self._tell(ticks)
                    for future in done:
                        parts[pending.pop(future)] = future.result()
            except BrokenProcessPool:
                raise self._broken(pending) from None
            except BaseException:
                # What is under way would go on writing into a folder that is being removed.
                for process in set(multiprocessing.active_children()) - others:
                    process.terminate()
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return [parts[name] for name in self.recipe.chosen]

    def _tell(self, ticks: Queue[str]) -> None:
        while not ticks.empty():
            name = ticks.get()
            self.counts[name] = self.counts.get(name, 0) + 1
            if self.progress:
                self.progress(name, self.counts[name], self.recipe.per_category)

    def _broken(self, pending: dict[Future[Part], str]) -> RealUnifyError:
        if not self.counts:
            return UsageError(
                "no process could be started: processes read a script again, so it calls build() under "
                '`if __name__ == "__main__":`; or give workers=1'
            )
        left = ", ".join(pending.values())
        return RealUnifyError(
            f"a process that made {left} was killed (out of memory?); try again with a smaller --per-category"
        )


_LONGEST = "attentional_focusing"
_ticks: Queue[str] | None = None  # set in each worker process


def _start_worker(ticks: Queue[str]) -> None:
    """A worker ends with its parent, however that ends: otherwise a killed build goes on writing."""
    global _ticks
    _ticks = ticks
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _make_part(folder: Path, task_type: str, recipe: Recipe) -> Part:
    assert _ticks is not None
    rows = categories.make(task_type, recipe.seed, recipe.per_category)
    return write_part(folder, task_type, rows, recipe.withhold_answers, partial(_ticks.put, task_type))
