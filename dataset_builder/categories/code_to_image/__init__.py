"""Code to image: run a short program in the head, draw what it prints.

Programs are composed (`grammar`), not filled in: statements are drawn that fit the variables that are there, and a
program is kept only where wrong but plausible readings of it (`traps`) lead to other pictures, where every executed
statement matters, and where its answer stands nowhere in it (`proof`). The proof of an instance takes program and
input out of the *prompt* and runs them, and everything derived from them, in a sandbox.

    >>> next(make(seed=0, n=1)).task_type
    'code_to_image'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dataset_builder.categories import Slip
from dataset_builder.categories.code_to_image import candidates, proof, sandbox
from dataset_builder.categories.code_to_image.candidates import TASK_TYPE, Candidate
from dataset_builder.categories.code_to_image.content import content
from dataset_builder.categories.code_to_image.output import read_description, read_output
from dataset_builder.categories.code_to_image.polling import PATTERNS, idle, poll
from dataset_builder.categories.shared.plan import Plan
from dataset_builder.categories.shared.scene import (
    Scene,
    answer,
    describe,
    place_for,
    polled,
    question_problems,
    scene_problems,
)
from dataset_builder.instance import Difficulty, Instance, Question, instance_rng, ueg_instance

_FENCED = re.compile(r"```python\n(.+?)\n```", re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_FACTS = 3  # traps that the rationale names


def make(seed: int, n: int) -> Iterator[Instance]:
    """Exactly `n` instances of structures that are not common; subtasks, levels and patterns of answers are dealt."""
    stream = candidates.Stream(seed)
    plan = Plan(seed, TASK_TYPE)
    for number in range(1, n + 1):
        subtask, level = plan.subtask(number), plan.difficulty(number)
        pattern = plan.deal("pattern", number, PATTERNS)
        questions = None
        while questions is None:
            found = stream.next(subtask, level, number)
            rng = instance_rng(seed, TASK_TYPE, number, "questions", stream.tried)
            bites, slips = candidates.scenes(found.bites), candidates.scenes(found.slips)
            questions = poll(rng, found.scene, bites, slips, pattern)
        yield _instance(seed, number, subtask, level, found, questions)


def _instance(
    seed: int, number: int, subtask: str, level: Difficulty, found: Candidate, questions: Sequence[Question]
) -> Instance:
    rng = instance_rng(seed, TASK_TYPE, number, "words")
    program = found.program
    sentences = content().prompts.with_input if program.input else content().prompts.without_input
    fenced = f"```python\n{program.source}\n```"
    facts = list(dict.fromkeys(bite.fact for bite in found.bites))[:_FACTS]
    given = f"For {program.input} the" if program.input else "The"
    return ueg_instance(
        TASK_TYPE,
        number,
        subtask=subtask,
        prompt=rng.choice(sentences).format(line=program.input, program=fenced),
        question_list=questions,
        reference_prompt=describe(found.scene, place_for(rng, found.scene)),
        shallow=_shallow(found),
        difficulty=level,
        rationale=f'{given} program prints "{found.output}": {"; ".join(facts)}.',
        metadata={
            "seed": seed,
            "program": program.source,
            "input": program.input,
            "prints": found.output,
            "work": found.work,
            "traps": [{"name": bite.name, "fact": bite.fact, "prints": bite.output} for bite in found.bites],
            **found.scene.as_metadata(),
        },
    )


def _shallow(found: Candidate) -> str:
    """The picture of a model that did not run the program: a literal copied where that can be drawn."""
    copied = [
        s
        for s in found.slips
        if s.name.startswith("literal") and all(i.count > 1 or s.scene.layout for i in s.scene.items)
    ]
    first = [s for s in found.slips if s.name.startswith("only")]
    slip = [*copied, *first, *found.slips][0]
    why = "a literal of the program is drawn" if slip in copied else slip.fact
    return f"{describe(slip.scene, 'on a plain background')} ({why})"


def solve(instance: Instance) -> list[str]:
    """A yes or no to every question, from what the program prints; raises where anything does not hold."""
    return polled(instance, inspect(instance))


def _program(instance: Instance) -> tuple[str, str] | None:
    """Program and input line of the prompt; None where it does not hold one program, and its input if it reads one."""
    programs = _FENCED.findall(instance.prompt or "")
    inputs = _QUOTED.findall(_FENCED.sub("", instance.prompt or ""))
    reads = len(programs) == 1 and "input()" in programs[0]
    if len(programs) != 1 or len(inputs) != int(reads):
        return None
    return programs[0], inputs[0] if inputs else ""


def inspect(instance: Instance) -> list[str]:
    """Problems found when the prompt's own program is run on the prompt's own input."""
    meta, prompted = instance.meta, _program(instance)
    if not meta:
        return ["no metadata: nothing can be proven of a withheld instance"]
    if prompted is None:
        return ["the prompt does not hold one program, with its input where it reads one"]
    source, line = prompted
    problems = []
    if prompted != (meta["program"], meta["input"]):
        problems.append("program or input of the prompt are not those of the metadata")
    truth = sandbox.run([prompted])[0]
    if truth.error or truth.output != meta["prints"]:
        return [*problems, f"the program prints {truth.output!r} ({truth.error}), the metadata says {meta['prints']!r}"]
    scene = read_output(truth.output)
    if scene is None or scene != Scene.from_metadata(meta):
        return [*problems, f"the output {truth.output!r} is not the scene of the metadata"]
    problems += proof.output_faults(source, line, truth) + scene_problems(scene)
    problems += proof.idle_faults(source, line, truth, sandbox.run)
    work = len(truth.path)
    if work != meta["work"] or proof.level_of(work) != instance.difficulty:
        problems.append(f"{work} executed statements, said are {meta['work']}, are not '{instance.difficulty}'")
    return problems + _trap_problems(instance, source, line, scene) + _question_problems(instance, scene)


def _trap_problems(instance: Instance, source: str, line: str, scene: Scene) -> list[str]:
    """Two traps at least bite and are those of the metadata; each foil is what one of them would draw."""
    bites = proof.bites(source, line, scene, sandbox.run)
    problems = proof.trap_faults(instance.subtask, bites)
    said = [(trap["name"], trap["prints"]) for trap in instance.meta["traps"]]
    if said != [(bite.name, bite.output) for bite in bites]:
        problems.append("the traps of the metadata are not those that bite")
    for question in instance.question_list:
        drawn = any(answer(question.question, bite.scene) == "yes" for bite in bites)
        if (question.aspect == "foil") != (drawn and question.answer == "no"):
            problems.append(f"foil '{question.question}' is not what any trap would draw, or a foil is not called one")
    return problems


def _question_problems(instance: Instance, scene: Scene) -> list[str]:
    problems = question_problems(instance, scene)
    problems += [f"question '{question}' could be dropped" for question in idle(instance.question_list, scene)]
    described = read_description(instance.reference_prompt or "")
    if described != scene:
        problems.append("the reference prompt does not describe what the program prints")
    stored = [str(question.answer) for question in instance.question_list]
    found = slips(instance)
    if len(found) < proof.FEWEST_SLIPS:
        problems.append(f"{len(found)} slips, need {proof.FEWEST_SLIPS}")
    problems += [f"slip {slip.name} passes" for slip in found if slip.answers == stored]
    return problems


def slips(instance: Instance) -> list[Slip]:
    """Every misreading of the prompt's program that leads to another picture, as a judge would answer before it."""
    prompted = _program(instance)
    truth = sandbox.run([prompted])[0] if prompted else None
    scene = read_output(truth.output) if truth else None
    if prompted is None or scene is None:
        return []
    found = [f(*prompted, scene, sandbox.run) for f in (proof.bites, proof.other_slips)]
    asked = [question.question for question in instance.question_list]
    return [Slip(s.name, [str(answer(q, s.scene)) for q in asked]) for some in found for s in some]
