"""Agreement between judges: the coefficients against published and library values, and a whole run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dataset_builder.errors import UsageError
from evaluator.judging import judge as judging
from evaluator.judging.agreement import agreement, cohen_kappa, krippendorff_alpha, raw_agreement
from evaluator.judging.judges.base import FixedJudge
from evaluator.judging.judges.panel import PanelJudge
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from evaluator.scoring.statistics import wilson
from tests.evaluator.judging.test_judging import Counting
from tests.evaluator.toy_models import Toy

# The worked example of Krippendorff (2011), section C: four observers, twelve units, nominal data.
A = [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]
B = [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]
C = [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]
D = [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def test_alpha_of_the_published_example() -> None:
    rows = [tuple(map(_text, row)) for row in zip(A, B, C, D, strict=True)]
    assert krippendorff_alpha(rows) == pytest.approx(0.743, abs=5e-4)


def test_kappa_equals_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score

    rng = random.Random(0)
    rows = [(rng.choice("ynu"), rng.choice("yyyynu")) for _ in range(200)]
    rows += [("y", "y")] * 60
    expected = cohen_kappa_score([row[0] for row in rows], [row[1] for row in rows])
    assert cohen_kappa(rows) == pytest.approx(expected)


def test_edges() -> None:
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([("yes", "yes")] * 5) is None, "no variation: not defined"
    assert krippendorff_alpha([("yes", "yes"), ("no", "no")] * 5) == 1
    assert cohen_kappa([("yes", "yes")] * 5) is None
    assert cohen_kappa([("yes", "no"), ("no", "yes")]) == -1
    assert raw_agreement([("yes", None), ("no", "no"), ("yes", "no")]) == 0.5
    assert raw_agreement([("yes", None)]) is None


@pytest.fixture
def folder(small_dataset: Path, tmp_path: Path) -> RunFolder:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct")
    return RunFolder.open(tmp_path / "run")


def test_two_judges_of_a_run(folder: RunFolder) -> None:
    first, second = Counting("first"), Counting("second")
    second.fail = {0}
    judging.judge(folder, first, cache=False)
    with pytest.raises(UsageError, match="needs two"):
        agreement(folder)
    judging.judge(folder, second, cache=False)
    table = agreement(folder)
    assert table.judges == ["first@1", "second@1"]
    assert table.overall.questions == 47
    assert table.overall.raw["first@1 | second@1"].value == 1, "an error is a missing answer, not another one"
    assert table.overall.alpha.value == 1
    assert table.divided == []
    assert len(table.categories) == 6


def test_members_of_a_panel(folder: RunFolder) -> None:
    judging.judge(folder, PanelJudge([Counting("one"), FixedJudge("yes")]), cache=False)
    table = agreement(folder)
    assert table.judges == ["fixed:yes@1", "one@1"]
    lengths = [len(line.question) % 2 for line in folder.judgements()]
    share = table.overall.raw["fixed:yes@1 | one@1"]
    assert share.value == pytest.approx(sum(lengths) / len(lengths))
    assert share.low is not None and share.high is not None and share.low <= share.value <= share.high
    assert len(table.divided) == len(lengths) - sum(lengths)
    assert table.divided[0].answers == {"fixed:yes@1": "yes", "one@1": "no"}


def test_a_question_counts_where_two_judges_answered(folder: RunFolder) -> None:
    first, second, third = Counting("first"), Counting("second"), Counting("third")
    second.fail = set(range(20, 34))
    third.fail = set(range(26, 46))
    for judge in (first, second, third):
        judging.judge(folder, judge, cache=False)
    # Eight questions have one answer only, which agrees with nobody.
    table = agreement(folder)
    ns = {name: figure.n for name, figure in table.overall.raw.items()}
    assert ns == {"first@1 | second@1": 34, "first@1 | third@1": 28, "second@1 | third@1": 48 - 26}
    assert {name: figure.n for name, figure in table.overall.kappa.items()} == ns
    assert table.overall.questions == table.overall.alpha.n == 48 - 8
    assert sum(group.questions for group in table.categories.values()) == 40


def test_an_interval_is_never_of_width_0(folder: RunFolder) -> None:
    """All images alike: the bootstrap knows of no other; Wilson's interval does, and a coefficient has none."""
    judging.judge(folder, Counting("first"), cache=False)
    judging.judge(folder, Counting("second"), cache=False)
    table = agreement(folder)
    for group, images in ((table.overall, 24), *((group, 4) for group in table.categories.values())):
        raw = group.raw["first@1 | second@1"]
        assert (raw.value, raw.high) == (1, 1)
        assert raw.low == pytest.approx(wilson(images, images)[0])
        assert group.alpha.low is None and group.kappa["first@1 | second@1"].low is None
