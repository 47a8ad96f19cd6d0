"""Proven programs in a stream: composed one after the other, kept where traps bite and every statement matters."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dataset_builder.categories.code_to_image import proof
from dataset_builder.categories.code_to_image.grammar import Program, compose
from dataset_builder.categories.code_to_image.output import read_output
from dataset_builder.categories.code_to_image.shape import structure
from dataset_builder.categories.shared.scene import Scene
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, instance_rng
from dataset_builder.taxonomy import CATEGORIES

TASK_TYPE = "code_to_image"
_ATTEMPTS = 20_000
_MOST_OF_A_HUNDRED = 1
_SPARE = 2  # programs of another level that are kept waiting
Cell = tuple[str, Difficulty]


@dataclass(frozen=True)
class Candidate:
    """A program that is worth an instance: what it prints, which traps bite, which other slips show."""

    program: Program
    output: str
    scene: Scene
    work: int
    path: frozenset[int]
    bites: tuple[proof.Slipped, ...]
    slips: tuple[proof.Slipped, ...]


def prove(program: Program, subtask: str) -> tuple[str, Candidate] | None:
    """The candidate and its subtask: the wanted one where a trap of its kind bites, or else the other."""
    source, line = program.source, program.input
    truth = proof.run_here([(source, line)])[0]
    scene = read_output(truth.output)
    if scene is None or proof.output_faults(source, line, truth):
        return None
    bites = proof.bites(source, line, scene, proof.run_here)
    names = CATEGORIES[TASK_TYPE].subtask_names
    fitting = [s for s in sorted(names, key=lambda name: name != subtask) if not proof.trap_faults(s, bites)]
    if not fitting or proof.idle_faults(source, line, truth, proof.run_here, at_once=1):
        return None
    slips = proof.other_slips(source, line, scene, proof.run_here)
    if len(bites) + len(slips) < proof.FEWEST_SLIPS or not slips:
        return None
    path = frozenset(truth.path)
    return fitting[0], Candidate(program, truth.output, scene, len(truth.path), path, tuple(bites), tuple(slips))


class Stream:
    """Candidates by subtask and level, a function of the seed and of what was asked for before."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.tried = 0
        self.waiting: dict[Cell, deque[Candidate]] = {}
        self.shapes: dict[str, list[frozenset[int]]] = {}

    def next(self, subtask: str, level: Difficulty, number: int) -> Candidate:
        """A candidate of this cell for instance `number`, of a structure that is not common yet."""
        for _ in range(_ATTEMPTS):
            queue = self.waiting.setdefault((subtask, level), deque())
            while queue:
                candidate = queue.popleft()
                if self._is_new(candidate, number):
                    return candidate
            self._compose(subtask, level)
        raise RealUnifyError(f"no {level} program of {subtask} is left at instance {number}; widen the grammar")

    def _compose(self, subtask: str, level: Difficulty) -> None:
        self.tried += 1
        program = compose(instance_rng(self.seed, TASK_TYPE, "program", self.tried), subtask, level)
        found = None
        if program is not None:
            reached = proof.level_of(len(proof.run_here([(program.source, program.input)])[0].path))
            spare = reached is not None and len(self.waiting.get((subtask, reached), ())) >= _SPARE
            found = None if reached != level and spare else prove(program, subtask)
        if found is not None:
            fitting, candidate = found
            reached = proof.level_of(candidate.work)
            assert reached is not None
            self.waiting.setdefault((fitting, reached), deque()).append(candidate)

    def _is_new(self, candidate: Candidate, number: int) -> bool:
        """Whether structure and path were not there before, and the structure is at most every hundredth."""
        key = structure(candidate.program.source)
        paths = self.shapes.setdefault(key, [])
        if candidate.path in paths or len(paths) >= _MOST_OF_A_HUNDRED + number // 100:
            return False
        paths.append(candidate.path)
        return True


def scenes(some: Sequence[proof.Slipped]) -> list[Scene]:
    """The different pictures of some slips."""
    return list(dict.fromkeys(slip.scene for slip in some))
