from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from benchmarks import correction
from dataset_builder.errors import RealUnifyError, UsageError
from evaluator.judging.certificate import (
    Certificate,
    Count,
    Pictures,
    Rates,
    Section,
    prompt_version,
    read_certificate,
    write_certificate,
)
from evaluator.judging.corrected import with_corrected
from evaluator.judging.exams import certificate
from evaluator.scoring import tables
from evaluator.scoring.correcting import Calibration, Rate, correct, corrected_share, rogan_gladen, stratum, together
from tests.evaluator.scoring.test_scoring import Written


def test_rogan_and_gladen() -> None:
    # 0.5 = 0.9 t + 0.2 (1 - t) at t = 3/7.
    assert rogan_gladen(0.5, 0.9, 0.8) == pytest.approx(3 / 7)
    assert rogan_gladen(0.37, 1.0, 1.0) == pytest.approx(0.37)
    with pytest.raises(ValueError, match="tells nothing"):
        rogan_gladen(0.5, 0.5, 0.5)


def test_lang_and_reiczigels_interval_worked_by_hand() -> None:
    # p' = 0.5, q1' = 91/102, q0' = 81/102, J' = 70/102, theta' = (0.5 + 81/102 - 1) 102/70 = 3/7,
    # shift = 2 z^2 (3/7 * 91*11/102^3 - 4/7 * 81*21/102^3) = -0.003931, s = 0.081185.
    found = corrected_share(50, 100, Calibration(Rate(90, 100), Rate(80, 100)))
    assert found.value == pytest.approx(3 / 7)
    z = 1.959963984540054
    shift = 2 * z * z * (3 * 91 * 11 - 4 * 81 * 21) / 7 / 102**3
    variance = (0.25 / (100 + z * z) + (9 * 91 * 11 + 16 * 81 * 21) / 49 / 102**3) * (102 / 70) ** 2
    assert found.low == pytest.approx(3 / 7 + shift - z * math.sqrt(variance))
    assert (round(found.low, 4), round(found.high, 4)) == (0.2655, 0.5838)


def test_a_perfect_judge_without_end_changes_nothing() -> None:
    # Then the interval is Agresti and Coull's: 10 and 2 z^2 / 4 of 40 + z^2.
    found = corrected_share(10, 40, Calibration(Rate(1e12, 1e12), Rate(1e12, 1e12)))
    z2 = 1.959963984540054**2
    p = (10 + z2 / 2) / (40 + z2)
    half = math.sqrt(z2 * p * (1 - p) / (40 + z2))
    assert (found.value, found.low, found.high) == pytest.approx((0.25, p - half, p + half), abs=1e-5)


@pytest.mark.parametrize("size", correction.SIZES, ids=lambda size: size.title)
@pytest.mark.parametrize(("judge", "truth"), [((0.95, 0.9), 0.3), ((0.9, 0.75), 0.7)])
def test_the_interval_covers(size: correction.Size, judge: tuple[float, float], truth: float) -> None:
    found = correction.coverage(size, judge, truth, repeats=2000, seed=1)
    assert 0.93 <= found.corrected <= 0.97
    if judge == (0.95, 0.9):
        assert found.raw < 0.85


def test_a_planted_error_rate_is_found() -> None:
    found = correction.planted(0.1, repeats=200, instances=60, seed=1)
    assert set(found) == {"sensitivity", "specificity", "right pictures passed", "wrong pictures caught"}
    # 200 intervals of 95 % each: a share of 0.95 +- 0.015 (five seeds of 200 gave 0.949 on average).
    assert sum(found.values()) / 4 >= 0.93 and min(found.values()) >= 0.88
    # And another judge's rate is not taken for it.
    worse = certificate(list(correction.erring_exam(random.Random(0), 0.2, 250)), judge="errs", revision="1")
    assert worse.overall.questions.yes.interval is not None and worse.overall.questions.yes.interval[1] < 0.9


def test_what_was_never_drawn_is_wrong_for_certain() -> None:
    known = Calibration(Rate(190, 200), Rate(360, 400))
    all_seen, half_seen = stratum(100, 100, 40, known), stratum(200, 100, 40, known)
    assert half_seen.interval.value == pytest.approx(all_seen.interval.value / 2)
    # A judge lets 5 in 100 of such pictures pass; of those that are not there it lets none.
    assert together("x", [], [half_seen]).raw == 20.0
    nothing = together("x", [], [stratum(50, 0, 0, known)])
    assert (nothing.score, nothing.low) == (0.0, 0.0) and nothing.high == pytest.approx(
        100 * 3.8416 / 53.8416, abs=0.01
    )


def test_it_says_where_it_is_clipped_and_where_it_is_worse_than_none() -> None:
    good = Calibration(Rate(248, 250), Rate(495, 500))
    over = together("x", [], [stratum(100, 100, 100, good)])
    assert over.clipped and over.score == over.high == 100.0
    # A nearly perfect judge and few instances: nothing to mend, and some noise.
    assert "adds more noise" in together("x", [], [stratum(100, 100, 50, good)]).remark
    # A lenient judge, 600 instances: 40 of 100 passed are really about 13.
    lenient = together("x", [], [stratum(600, 600, 240, Calibration(Rate(245, 250), Rate(345, 500)))])
    assert lenient.remark == "" and not lenient.clipped
    assert lenient.score == pytest.approx(100 * (0.4 + 0.69 - 1) / (0.98 + 0.69 - 1))


def section(right: tuple[int, int], caught: tuple[int, int]) -> Section:
    one = Count(n=right[1], right=right[0])
    wrong = Count(n=caught[1], right=caught[0])
    return Section(
        questions=Rates(yes=one, no=wrong), pictures=Pictures(right=one, wrong=wrong, every=one), instances=one
    )


def certified(path: Path, sections: dict[str, Section], **more: object) -> Path:
    fields: dict[str, object] = {"judge": "j", "revision": "1", "prompt_version": prompt_version(), "source": "people"}
    found = Certificate(**{**fields, **more}, categories=sections, overall=section((1, 1), (1, 1)))  # type: ignore[arg-type]
    write_certificate(path, found)
    return path


@pytest.fixture
def written(tmp_path: Path, small_dataset: Path) -> Written:
    found = Written(tmp_path / "run", small_dataset)
    found.everything_right()
    return found


def test_corrected_scores_stand_beside_the_raw_ones(written: Written, tmp_path: Path) -> None:
    """Each category has four instances, all passed."""
    sections = {
        "world_knowledge": section((80, 100), (90, 100)),
        "code_to_image": section((95, 100), (90, 100)),
        "scientific_reasoning": section((10, 12), (50, 50)),
        "logical_reasoning": section((55, 100), (55, 100)),
    }
    raw = written.score()
    found = with_corrected(raw, written.folder, certified(tmp_path / "c.json", sections))
    assert found.protocols == raw.protocols and raw.corrected == {}
    rows = {row.name: row for row in found.corrected["direct"]}
    assert rows["world_knowledge"].score == 100.0 and rows["world_knowledge"].clipped
    assert (rows["world_knowledge"].sensitivity, rows["world_knowledge"].specificity) == (80.0, 90.0)
    assert rows["mathematical_reasoning"].remark == "no calibration of this category"
    assert "12 right and 50 wrong pictures, of which it needs 20 each" in rows["scientific_reasoning"].remark
    assert "not clearly better than guessing" in rows["logical_reasoning"].remark
    assert [name for name, row in rows.items() if row.score is None] == [
        "commonsense_reasoning",
        "mathematical_reasoning",
        "logical_reasoning",
        "scientific_reasoning",
    ]
    assert rows["ueg"].covered == ["world_knowledge", "code_to_image"] and (rows["ueg"].n, rows["ueg"].raw) == (
        8,
        100.0,
    )
    assert tables.corrected_title(rows["ueg"]) == "UEG, 2 of 6 categories"
    assert any("no calibration of this category" in line for line in tables.corrected_remarks(found))
    assert "mental_tracking" not in rows


def test_another_judges_certificate_is_refused(written: Written, tmp_path: Path) -> None:
    sections = {"world_knowledge": section((80, 100), (90, 100))}
    for more, words in (
        ({"judge": "k"}, "that of k@1, and the run was judged by j@1"),
        ({"revision": "2"}, "that of j@2, and the run was judged by j@1"),
        ({"prompt_version": "old"}, "another poll"),
    ):
        with pytest.raises(UsageError, match=words):
            with_corrected(written.score(), written.folder, certified(tmp_path / "c.json", sections, **more))
    mine = read_certificate(certified(tmp_path / "c.json", sections, decoding={"max_tokens": 5}))
    assert set(mine.calibrations("j", "1", {"max_tokens": 5})) == set(mine.calibrations("j", "1")) == set(sections)
    with pytest.raises(UsageError, match='made with decoding {"max_tokens": 5}, the run was judged with'):
        mine.calibrations("j", "1", {"max_tokens": 9})
    with pytest.raises(UsageError, match="no certificate at"):
        with_corrected(written.score(), written.folder, tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"judge": 3}')
    with pytest.raises(RealUnifyError, match="bad.json: judge: .*make it again"):
        with_corrected(written.score(), written.folder, tmp_path / "bad.json")


def test_a_category_without_a_score_has_none_corrected(written: Written) -> None:
    file = written.folder.path / "judgements.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    found = correct(written.score(), {"world_knowledge": Calibration(Rate(80, 100), Rate(90, 100))})
    assert "world_knowledge" not in {row.name for row in found["direct"]}
