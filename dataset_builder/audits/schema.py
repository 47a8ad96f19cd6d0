"""Ids, fields, protocol prompts, and how many instances each subtask and level has."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from dataset_builder import prompts
from dataset_builder.audits._rule import EachRule, Found, FoundIn, Seen, WholeRule, ours
from dataset_builder.instance import Difficulty, Instance, instance_id
from dataset_builder.taxonomy import CATEGORIES

LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")
LEAST_PER_HUNDRED = 20
REBUILD = "rebuild the dataset"


def fields(instance: Instance) -> Found:
    """Nothing withheld and nothing empty, whatever the source."""
    given: dict[str, object] = {"rationale": instance.rationale, "metadata": instance.metadata}
    if instance.axis == "ueg":
        given["reference_prompt"] = instance.reference_prompt
    else:
        given["reference_image"] = instance.reference_image
    if not ours(instance):
        given = {}
    if instance.axis == "ueg":
        given["question_list"] = instance.question_list
        given["question_list answers"] = all(poll.answer for poll in instance.question_list)
    else:
        given |= {"image": instance.image, "answer": instance.answer}
    for name, value in given.items():
        if not value:
            yield f"{name} is missing", "audit the full folder, or " + REBUILD
    if instance.metadata is not None:
        try:
            json.loads(instance.metadata)
        except json.JSONDecodeError:
            yield "metadata is not JSON", REBUILD


def protocol_prompts(instance: Instance) -> Found:
    """The prompt columns are the protocol's constants, filled in."""
    if instance.axis == "ueg":
        wanted = {"new_prompt": prompts.new_prompt(instance.prompt or "")}
    else:
        question = instance.question or ""
        wanted = {
            "evaluation_prompt": prompts.evaluation_prompt(question, instance.option),
            "edit_prompt": prompts.edit_prompt(instance.task_type, question),
        }
    for name, text in wanted.items():
        if getattr(instance, name) != text:
            yield f"{name} is not the protocol's wording", "fill it in from dataset_builder.prompts"


def ids(rows: Sequence[Seen]) -> FoundIn:
    """Well formed, and each once."""
    counts = Counter(row.instance.id for row in rows)
    for row in rows:
        instance = row.instance
        number = instance.id.rsplit("-", 1)[-1]
        if not number.isdigit() or instance.id != instance_id(instance.task_type, int(number)):
            yield instance.id, f"is not an id of {instance.task_type}", REBUILD
    for name, times in counts.items():
        if times > 1:
            yield name, f"occurs {times} times", REBUILD


def subtasks(rows: Sequence[Seen]) -> FoundIn:
    """All of the taxonomy's subtasks, no other, none thin."""
    task = rows[0].instance.task_type
    names = CATEGORIES[task].subtask_names
    counts = Counter(row.instance.subtask for row in rows)
    for name in counts.keys() - set(names):
        yield task, f"'{name}' is not one of its subtasks", "use a name of the taxonomy"
    least = LEAST_PER_HUNDRED * (len(rows) // 100) if len(names) <= 5 else len(rows) // 100
    for name in names:
        if counts[name] < least:
            yield task, f"subtask {name} has {counts[name]} of {len(rows)}, needs {least}", "add instances of it"


def levels(rows: Sequence[Seen]) -> FoundIn:
    """Each level of difficulty is at least a fifth (of whole hundreds: small sets are samples)."""
    task = rows[0].instance.task_type
    counts = Counter(row.instance.difficulty for row in rows)
    least = LEAST_PER_HUNDRED * (len(rows) // 100)
    for level in LEVELS:
        if counts[level] < least:
            yield task, f"{counts[level]} of {len(rows)} are {level}, needs {least}", "balance the levels"


EACH = (
    EachRule("fields", "no answer, reference, rationale or metadata is missing", fields),
    EachRule("protocol prompts", "prompt columns equal the protocol's constants", protocol_prompts, ours),
)
WHOLE = (
    WholeRule("ids", "every id is well formed and unique", ids),
    WholeRule(
        "subtasks", "every subtask of the taxonomy, at least 20 of 100 where there are at most five", subtasks, ours
    ),
    WholeRule("difficulty", "each level is at least 20 of 100", levels, ours),
)
