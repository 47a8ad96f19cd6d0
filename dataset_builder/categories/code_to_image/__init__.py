"""Code to image: run a short program in the head, draw what it prints.

The templates are hand-written data (`_code_branching.py`, `_code_iteration.py`, and the hard ones of both
in `_code_state.py`); this module fills them in, asks the questions and proves the result. The proof takes
program and input out of the *prompt*, runs them in a sandbox and compares what is printed with the record;
each foil must be what one of the traps, run as a program of its own, would have drawn.

    >>> next(make(seed=0, n=1)).subtask
    'branching'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from dataset_builder.categories.code_to_image import branching, iteration, sandbox, state
from dataset_builder.categories.code_to_image.program import LINES, Program, Run, compose, read_output
from dataset_builder.categories.shared.scene import (
    Scene,
    all_coloured,
    answer,
    any_of,
    ask,
    describe,
    exactly,
    in_row,
    place_for,
    polled,
    question_problems,
    related,
    scene_problems,
    whole_row,
)
from dataset_builder.errors import RealUnifyError
from dataset_builder.instance import Difficulty, Instance, Question, instance_rng, ueg_instance
from dataset_builder.taxonomy import CATEGORIES

TASK_TYPE = "code_to_image"
PROGRAMS: tuple[Program, ...] = (*branching.PROGRAMS, *iteration.PROGRAMS, *state.PROGRAMS)
_SUBTASKS = CATEGORIES[TASK_TYPE].subtask_names
_LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")
_ATTEMPTS = 50_000
_NAMED_PLACES = 4  # "leftmost" to "fourth from the left"

# The input is the only text in single backticks; the program the only fenced block.
_WORDINGS = (
    "Run this Python program in your head with the input `{line}` and draw exactly what the printed line describes:"
    "\n\n{program}",
    "{program}\n\nThe program reads `{line}`. It prints a line about some things: draw these, and nothing else.",
    "Someone starts the program below and types `{line}`. Draw the things that its output names.\n\n{program}",
    "{program}\n\nDraw the things, not the text, that the output names for the input `{line}`.",
    "Which things does this Python code print the names of when the input is `{line}`? Answer with a picture of them."
    "\n\n{program}",
    "Here is a short program.\n\n{program}\n\nIts input is `{line}`. Turn the line that it prints into a picture of "
    "what the line says.",
    "Follow the code step by step for the input `{line}`, then draw what the printed line describes.\n\n{program}",
    "Make an image of just the things that the output of this Python program names for the input `{line}`."
    "\n\n{program}",
)
_FENCED = re.compile(r"```python\n(.+?)\n```", re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances, no two with one program and input; subtasks, levels and templates in turn."""
    used: set[bytes] = set()
    turns: dict[tuple[str, Difficulty], int] = {}
    for number in range(1, n + 1):
        subtask = _SUBTASKS[(number - 1) % len(_SUBTASKS)]
        level = _LEVELS[(number - 1) // len(_SUBTASKS) % len(_LEVELS)]
        turn = turns[subtask, level] = turns.get((subtask, level), -1) + 1
        program = _program(seed, subtask, level, turn)
        for attempt in range(_ATTEMPTS):
            run = compose(instance_rng(seed, TASK_TYPE, number, attempt), program)
            if run is None:
                continue
            digest = hashlib.blake2b(f"{run.source}\0{run.input}".encode(), digest_size=12).digest()
            questions = _questions(instance_rng(seed, TASK_TYPE, number, "questions"), run)
            if digest not in used and questions is not None:
                used.add(digest)
                yield _instance(seed, number, program, run, questions)
                break
        else:
            raise RealUnifyError(f"program '{program.name}' has no new prompt left at instance {number}; widen it")


def _program(seed: int, subtask: str, level: Difficulty, turn: int) -> Program:
    """Every template of the cell once, in an order of its own, before any comes again."""
    cell = [p for p in PROGRAMS if p.subtask == subtask and p.level == level]
    instance_rng(seed, TASK_TYPE, "order", subtask, level, turn // len(cell)).shuffle(cell)
    return cell[turn % len(cell)]


def _instance(seed: int, number: int, program: Program, run: Run, questions: list[Question]) -> Instance:
    rng = instance_rng(seed, TASK_TYPE, number, "words")
    fenced = f"```python\n{run.source}\n```"
    facts = [bite.fact for bite in run.bites]
    return ueg_instance(
        TASK_TYPE,
        number,
        subtask=program.subtask,
        prompt=rng.choice(_WORDINGS).format(line=run.input, program=fenced),
        question_list=questions,
        reference_prompt=describe(run.scene, place_for(rng, run.scene)),
        difficulty=program.level,
        rationale=f'For {run.input} the program prints "{run.output}": {"; ".join(facts)}.',
        metadata={
            "seed": seed,
            "template": program.name,
            "program": run.source,
            "input": run.input,
            "prints": run.output,
            "traps": [{"fact": b.fact, "program": b.source, "prints": b.output} for b in run.bites],
            **run.scene.as_metadata(),
        },
    )


def _questions(rng: Random, run: Run) -> list[Question] | None:
    """What is true of the scene, then what the traps would have drawn; None where no trap can be asked about."""
    scene = run.scene
    truths = _row_truths(scene) if scene.layout == "row" else _related_truths(scene) if scene.layout else []
    if not scene.layout:
        truths = [ask(exactly(i.count, i.noun, i.colour), scene, "quantity") for i in scene.items]
        if len(scene.items) == 1:
            truths.append(ask(all_coloured(scene.items[0].noun, str(scene.items[0].colour)), scene, "attribute"))
    foils: list[str] = []
    for bite in run.bites:
        fresh = [q for q in _differences(scene, bite.scene) if q not in foils and answer(q, scene) == "no"]
        foils += fresh[:1]
    if not foils:
        return None
    asked = truths + [ask(q, scene, "foil") for q in foils[: 4 - len(truths)]]
    rng.shuffle(asked)  # where it stands must not tell the answer where answers are withheld
    return asked


def _row_truths(scene: Scene) -> list[Question]:
    length, noun = len(scene.items), scene.items[0].noun
    colours = [str(item.colour) for item in scene.items]
    return [
        ask(exactly(length, noun), scene, "quantity"),
        ask(in_row(0, length, noun, colours[0]), scene, "attribute"),
        ask(whole_row(noun, colours), scene, "relation"),
    ]


def _related_truths(scene: Scene) -> list[Question]:
    first, second = scene.items
    counts = [ask(exactly(1, i.noun, i.colour), scene, "quantity") for i in (first, second)]
    return [*counts, ask(related(first, scene.layout, second), scene, "relation")]


def _differences(truth: Scene, wrong: Scene) -> Iterator[str]:
    """Questions that the wrong scene would answer with yes."""
    if truth.layout == "row":
        length, noun = len(wrong.items), wrong.items[0].noun
        if length == len(truth.items):
            places = [p for p in range(length) if p < _NAMED_PLACES or p == length - 1]
            for place in places:
                if wrong.items[place] != truth.items[place]:
                    yield in_row(place, length, noun, str(wrong.items[place].colour))
        else:
            yield exactly(length, noun)
        return
    for item in wrong.items:
        if truth.count(item.noun, item.colour) == 0:
            yield any_of(item.noun, str(item.colour))
    if wrong.layout and wrong.items[0].kind != wrong.items[1].kind:
        yield related(wrong.items[0], wrong.layout, wrong.items[1])
    for item in wrong.items:
        if truth.count(item.noun, item.colour):
            yield exactly(wrong.count(item.noun, item.colour), item.noun, item.colour)


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, from what the program prints; raises where anything does not hold."""
    return polled(instance, inspect(instance))


def inspect(instance: Instance) -> list[str]:
    """Problems found when the prompt's own program is run on the prompt's own input."""
    meta, prompt = instance.meta, instance.prompt or ""
    if not meta:
        return ["no metadata: nothing can be proven of a withheld instance"]
    programs = _FENCED.findall(prompt)
    inputs = _QUOTED.findall(_FENCED.sub("", prompt))
    if len(programs) != 1 or len(inputs) != 1:
        return [f"the prompt holds {len(programs)} programs and {len(inputs)} inputs, need one each"]
    source, line = programs[0], inputs[0]
    problems = []
    if (source, line) != (meta["program"], meta["input"]):
        problems.append("program or input of the prompt are not those of the metadata")
    truth, *others = sandbox.run([(source, line), *((trap["program"], line) for trap in meta["traps"])])
    if truth.error or truth.output != meta["prints"]:
        return [*problems, f"the program prints {truth.output!r} ({truth.error}), the metadata says {meta['prints']!r}"]
    scene = read_output(truth.output)
    if scene is None or scene != Scene.from_metadata(meta):
        return [*problems, f"the output {truth.output!r} is not the scene of the metadata"]
    if len(source.splitlines()) not in LINES[instance.difficulty]:
        problems.append(f"{len(source.splitlines())} lines are not '{instance.difficulty}'")
    problems += scene_problems(scene) + question_problems(instance, scene)
    return problems + _trap_problems(instance, meta["traps"], others, truth.output)


def _trap_problems(
    instance: Instance, traps: list[dict[str, Any]], results: list[sandbox.Result], truth: str
) -> list[str]:
    """Two traps at least, each of which prints something else; each foil is what one of them would draw."""
    problems = []
    if len(traps) < 2 or len({trap["fact"] for trap in traps}) != len(traps):
        problems.append(f"{len(traps)} traps, need two different ones")
    scenes = []
    for trap, result in zip(traps, results, strict=True):
        if result.error or result.output != trap["prints"] or result.output == truth:
            problems.append(f"trap '{trap['fact']}' prints {result.output!r} ({result.error})")
        elif scene := read_output(result.output, strict=False):
            scenes.append(scene)
    for question in instance.question_list:
        if question.aspect == "foil" and not any(answer(question.question, scene) == "yes" for scene in scenes):
            problems.append(f"foil '{question.question}' is not what any trap would draw")
    return problems
