"""`realunify audit`: every claim about a dataset checked, a category in a process of its own.

The rules are pure functions in `dataset_builder.audits`; here they are run over a folder and told of.

    >>> report = audit("realunify")
    >>> report.ok, print(report.text())
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dataset_builder import audits
from dataset_builder.audits import PictureFacts, Problem, Seen, blind, guesses, pictures, schema, shortcuts, work
from dataset_builder.audits._rule import ours_ueg
from dataset_builder.building.build import content_digest
from dataset_builder.errors import RealUnifyError
from dataset_builder.folder import INFO_FILE, Dataset, read_info
from dataset_builder.instance import IMAGE_COLUMNS, LETTERS, Instance
from dataset_builder.taxonomy import CATEGORIES

FOLDER_LIMIT = 300 * 2**20  # bytes of 1,000 instances
SHOWN = 200  # problems told one by one


@dataclass
class CategoryReport:
    """What was found in one category, and the figures that the card shows."""

    task_type: str
    checked: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    subtasks: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    hits: dict[str, shortcuts.Hits] = field(default_factory=dict)
    blind: dict[str, shortcuts.Hits] = field(default_factory=dict)
    rho: float | None = None  # Spearman's, between the level and the work that an instance takes
    digests: dict[str, str] = field(default_factory=dict)  # id to the row's sha256


@dataclass
class Report:
    """The whole audit. `ok` when nothing was found."""

    directory: str
    categories: list[CategoryReport]
    problems: list[Problem]  # about the folder as a whole
    size: int

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for part in self.categories for problem in part.problems)]

    @property
    def ok(self) -> bool:
        return not self.all_problems

    def _rows(self) -> Iterator[tuple[str, str, int, int]]:
        """Rule, claim, instances checked, problems."""
        failed = Counter(problem.rule for problem in self.all_problems)
        rules: tuple[audits.EachRule | audits.WholeRule, ...] = (*audits.EACH, *audits.WHOLE)
        for rule in rules:
            checked = sum(part.checked[rule.name] for part in self.categories)
            if checked:
                yield rule.name, rule.claim, checked, failed[rule.name]
        yield "folder", "every category is there, and the folder is small", 1, failed["folder"]
        rows = sum(part.count for part in self.categories)
        yield "content", "the rows are those of which checksums.json gives the digest", rows, failed["content"]

    def text(self) -> str:
        """For the terminal: a line a rule, then every problem with its id, rule and fix."""
        width = max(len(name) for name, *_ in self._rows())
        lines = [
            f"{'FAIL' if failed else 'ok':4}  {name:{width}}  {checked:>6,} checked"
            + (f", {failed:,} {'problem' if failed == 1 else 'problems'}" if failed else "")
            for name, _, checked, failed in self._rows()
        ]
        found = self.all_problems
        lines += [f"  - {problem}" for problem in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"  ... and {len(found) - SHOWN:,} more")
        total = sum(part.count for part in self.categories)
        end = f"{len(found):,} problems" if found else "no problems"
        return "\n".join([*lines, f"{self.directory}: {total:,} instances audited, {end}"])

    def markdown(self) -> str:
        """For the dataset's card: the rules with what they found, and each category's figures."""
        lines = ["| rule | claim | checked | problems |", "|---|---|---:|---:|"]
        lines += [f"| {name} | {claim} | {checked:,} | {failed:,} |" for name, claim, checked, failed in self._rows()]
        lines += ["", "| category | instances | easy / medium / hard | level against work (rho) | smallest subtask |"]
        lines += ["|---|---:|---:|---:|---:|"]
        lines += [
            f"| `{part.task_type}` | {part.count:,} | "
            + " / ".join(str(part.levels[level]) for level in schema.LEVELS)
            + f" | {'' if part.rho is None else f'{part.rho:.2f}'} | {min(part.subtasks.values())} |"
            for part in self.categories
        ]
        geu = [part for part in self.categories if part.letters]
        if geu:
            names = list(shortcuts.SHORTCUTS)
            lines += [
                "",
                "Answers without looking: right guesses of those that the shortcut makes, chance in brackets.",
                "",
            ]
            lines += ["| category | A / B / C / D | " + " | ".join(names) + " |"]
            lines += ["|---|---:|" + "---:|" * len(names)]
            for part in geu:
                letters = " / ".join(str(part.letters[letter]) for letter in LETTERS)
                lines.append(
                    f"| `{part.task_type}` | {letters} | " + " | ".join(_told(part.hits[n]) for n in names) + " |"
                )
        ueg = [part for part in self.categories if part.blind]
        if ueg:
            names = list(ueg[0].blind)
            lines += ["", "Polling answers without a picture: instances guessed whole, chance in brackets.", ""]
            lines += [f"| category | {' | '.join(names)} |", "|---|" + "---:|" * len(names)]
            lines += [
                f"| `{part.task_type}` | " + " | ".join(_told(part.blind[name]) for name in names) + " |"
                for part in ueg
            ]
        drawn = [part.task_type for part in geu if part.checked["solved again"]]  # by our generators
        if drawn:
            lines += ["", *guesses.table(drawn)]
        return "\n".join(lines)


def _told(hits: shortcuts.Hits) -> str:
    return f"{hits.hits} of {hits.n} ({hits.chance:.0%})" if hits.n else "does not apply"


def audit(directory: str | Path, *, workers: int | None = None) -> Report:
    """Check the dataset folder; `workers` processes (default: one a core). Raises RealUnifyError for half a dataset."""
    dataset = Dataset.open(directory)
    if dataset.info.withheld or dataset.info.answers_for is not None:
        raise RealUnifyError(f"{directory} holds only half of its dataset (answers withheld); audit the full folder")
    # Pictures first, so that the processes end together.
    order = sorted(dataset.info.categories, key=lambda name: CATEGORIES[name].axis != "geu")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers or os.cpu_count() or 1, len(order)), context) as pool:
        parts = {part.task_type: part for part in pool.map(_audit_part, [str(directory)] * len(order), order)}
    size = sum(path.stat().st_size for path in Path(directory).rglob("*") if path.is_file())
    categories = [parts[name] for name in CATEGORIES if name in parts]
    found = [*_folder_problems(dataset, categories, size), *_content_problems(dataset, categories)]
    return Report(str(directory), categories, found, size)


def _audit_part(directory: str, task_type: str) -> CategoryReport:
    path = Path(directory)
    dataset = Dataset(path, read_info(path))
    return audit_instances(task_type, dataset.instances(images=True, category=task_type))


def audit_instances(task_type: str, instances: Iterable[Instance]) -> CategoryReport:
    """Every rule over one category's instances; pictures are looked at as they come, not kept."""
    report = CategoryReport(task_type)
    seen: list[Seen] = []
    for instance in instances:
        report.digests[instance.id] = instance.digest()
        for each in audits.EACH:
            if each.applies(instance):
                report.checked[each.name] += 1
                report.problems += [Problem(instance.id, each.name, what, fix) for what, fix in each.check(instance)]
        seen.append(_note(instance))
    for whole in audits.WHOLE:
        rows = [row for row in seen if whole.applies(row.instance)]
        if rows:
            report.checked[whole.name] += len(rows)
            report.problems += [Problem(name, whole.name, what, fix) for name, what, fix in whole.check(rows)]
    report.count = len(seen)
    report.levels = Counter(row.instance.difficulty for row in seen)
    report.subtasks = Counter(row.instance.subtask for row in seen)
    report.rho = work.correlation([row.instance for row in seen])
    if CATEGORIES[task_type].axis == "ueg":
        polled = [row.instance for row in seen if ours_ueg(row.instance) and row.instance.question_list]
        report.blind = blind.guesses(polled) if polled else {}
    if CATEGORIES[task_type].axis == "geu":
        report.letters = Counter(row.instance.answer for row in seen if row.instance.answer)
        rows_of_geu = [row.instance for row in seen]
        report.hits = {name: shortcuts.measure(choose, rows_of_geu) for name, choose in shortcuts.SHORTCUTS.items()}
    return report


def _note(instance: Instance) -> Seen:
    noted: dict[str, PictureFacts] = {}
    for column in IMAGE_COLUMNS:
        data = getattr(instance, column)
        if data is not None:
            try:
                noted[column] = pictures.note(data)
            except (OSError, ValueError, SyntaxError):
                continue  # told by the rule about pictures
    return Seen(instance.model_copy(update=dict.fromkeys(IMAGE_COLUMNS)), noted)


def _folder_problems(dataset: Dataset, parts: list[CategoryReport], size: int) -> Iterator[Problem]:
    info = dataset.info
    for part in parts:
        if part.count != info.categories[part.task_type]:
            what = f"{part.count} rows, checksums.json says {info.categories[part.task_type]}"
            yield Problem(part.task_type, "folder", what, schema.REBUILD)
    for name in CATEGORIES:
        if name not in info.categories:
            yield Problem(name, "folder", "the category is missing", schema.REBUILD)
    limit = FOLDER_LIMIT * max(1_000, info.instances) // 1_000
    if size > limit and info.source == "open":
        what = f"{size / 2**20:.0f} MiB, the limit is {limit / 2**20:.0f} MiB"
        yield Problem(str(dataset.path), "folder", what, "encode the pictures smaller")


def _content_problems(dataset: Dataset, parts: list[CategoryReport]) -> Iterator[Problem]:
    """The files' checksums can be signed again after a change; the digest of the rows names what they must hold."""
    digests = {key: digest for part in parts for key, digest in part.digests.items()}
    content, named = content_digest(digests), dataset.content_sha256
    if content != named:
        what = f"the rows have the digest {content[:12]}, {INFO_FILE} names {named[:12]}"
        yield Problem(str(dataset.path), "content", what, schema.REBUILD)
