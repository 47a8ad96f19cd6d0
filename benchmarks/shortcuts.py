"""Can the answers of GEU be guessed without the picture? Shortcuts and a bag of words, pooled over ten seeds.

The classifier sees question and options only: from each option it is told the words of the option and each of
them paired with each word of the question, is trained on nine seeds to tell right options from wrong ones, and
chooses the likeliest option on the tenth. Fails (exit 1) where anything beats chance by three standard errors.
`--write` leaves the figures where the dataset's card takes them from.

    python benchmarks/shortcuts.py --write
    python benchmarks/shortcuts.py --seeds 3 --per-category 100 --categories mental_tracking
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from dataset_builder import categories as makers
from dataset_builder.audits import guesses
from dataset_builder.audits.shortcuts import SHORTCUTS, Hits, measure, tail
from dataset_builder.files import write_atomic
from dataset_builder.instance import IMAGE_COLUMNS, LETTERS, Instance
from dataset_builder.taxonomy import categories

_TOKEN = re.compile(r"\w+")


def bare(task_type: str, per_category: int, seed: int) -> list[Instance]:
    """One seed's instances without their pictures."""
    made = makers.make(task_type, seed, per_category)
    return [instance.model_copy(update=dict.fromkeys(IMAGE_COLUMNS)) for instance in made]


def words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def features(instance: Instance, index: int) -> dict[str, float]:
    """What the classifier is told of one option."""
    option = instance.option[index]
    numbers = sorted(float(v) for o in instance.option if (v := o.replace(",", "").strip()).lstrip("-").isdigit())
    told: dict[str, float] = {f"letter {LETTERS[index]}": 1, "length": len(option) / 40}
    told |= {f"word {word}": 1 for word in words(option)}
    told |= {f"pair {asked} {word}": 1 for asked in set(words(instance.question or "")) for word in words(option)}
    others = [o for place, o in enumerate(instance.option) if place != index]
    told["shared with others"] = sum(word in words(other) for word in words(option) for other in others)
    if len(numbers) == 4 and option.strip().lstrip("-").isdigit():
        told[f"rank {numbers.index(float(option))}"] = 1
    return told


def classifier(by_seed: Sequence[Sequence[Instance]]) -> Hits:
    """Leave one seed out, train on the others, choose on it."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    hits = total = 0
    table = [[[features(i, index) for index in range(4)] for i in instances] for instances in by_seed]
    for held, instances in enumerate(by_seed):
        rows: list[dict[str, float]] = []
        right: list[int] = []
        for other, known in enumerate(by_seed):
            if other != held:
                rows += [told for options in table[other] for told in options]
                right += [int(letter == instance.answer) for instance in known for letter in LETTERS]
        vectorizer = DictVectorizer()
        model: Any = LogisticRegression(C=0.1, max_iter=300).fit(vectorizer.fit_transform(rows), right)
        for instance, options in zip(instances, table[held], strict=True):
            likely = model.predict_proba(vectorizer.transform(options))[:, 1].argmax()
            hits += LETTERS[int(likely)] == instance.answer
            total += 1
    return Hits(total, hits, 0.25, tail([0.25] * total, hits))


def lines(task_type: str, by_seed: Sequence[Sequence[Instance]]) -> Iterator[tuple[str, Hits]]:
    pooled = [instance for instances in by_seed for instance in instances]
    for name, shortcut in SHORTCUTS.items():
        yield name, measure(shortcut, pooled)
    yield "bag of words", classifier(by_seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--per-category", type=int, default=100)
    parser.add_argument("--categories", nargs="+", default=[c.name for c in categories("geu")])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write the figures to {guesses.FILE.name}")
    options = parser.parse_args()
    failed = False
    rows: list[guesses.Guess] = []
    print(f"{'category':22} {'guess':20} {'right':>6} {'of':>6} {'rate':>6} {'chance':>6} {'p':>8}")
    with ProcessPoolExecutor(options.workers) as pool:
        for task_type in options.categories:
            start = time.perf_counter()
            by_seed = list(pool.map(partial(bare, task_type, options.per_category), range(options.seeds)))
            made = time.perf_counter() - start
            for name, hits in lines(task_type, by_seed):
                failed |= hits.beats_chance
                rows.append(guesses.Guess.of(task_type, name, hits))
                rate = f"{hits.hits / hits.n:6.1%} {hits.chance:6.1%} {hits.p:8.4f}" if hits.n else "does not apply"
                print(
                    f"{task_type:22} {name:20} {hits.hits:6} {hits.n:6} {rate}"
                    + ("  BEATS CHANCE" if hits.beats_chance else "")
                )
            print(
                f"{task_type:22} made in {made:.0f} s, guessed in {time.perf_counter() - start - made:.0f} s",
                flush=True,
            )
    if options.write:
        command = (
            f"python benchmarks/shortcuts.py --seeds {options.seeds} --per-category {options.per_category} --write"
        )
        measured = guesses.Guesses(command=command, seeds=options.seeds, per_category=options.per_category, rows=rows)
        write_atomic(guesses.FILE, measured.model_dump_json(indent=1) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
