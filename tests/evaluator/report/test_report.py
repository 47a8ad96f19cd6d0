from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from dataset_builder.errors import UsageError
from dataset_builder.taxonomy import CATEGORIES
from evaluator import report
from evaluator.judging.certificate import (
    Certificate,
    Count,
    Pictures,
    Rates,
    Section,
    prompt_version,
    write_certificate,
)
from evaluator.judging.judge import judge
from evaluator.models.base import Refusal
from evaluator.records import Request
from evaluator.running.run import run
from evaluator.runs.folder import RunFolder
from tests.evaluator.toy_models import Knowing, NoEdit, Toy, digest

HOSTILE = "<script>alert('xss')</script><img src=x onerror=alert(1)>"


class Hostile(Toy):
    """Writes markup, refuses, fails, and draws something new for each request."""

    name = "hostile <b>model</b>"
    random_weights = True

    def answer_one(self, request: Request) -> str:
        return f'"> {HOSTILE} {super().answer_one(request)}'

    def generate_one(self, request: Request) -> Image.Image:
        if request.id == "ueg-world_knowledge-0001":
            raise Refusal(f"SAFETY {HOSTILE}")
        if request.id == "ueg-world_knowledge-0002":
            raise RuntimeError(HOSTILE)
        request.notes.append(f"prompt cut {HOSTILE}")
        return super().generate_one(request)


class Page(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(path.read_text())
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def values(self, tag: str, attribute: str) -> list[str]:
        return [str(attrs[attribute]) for name, attrs in self.tags if name == tag and attribute in attrs]


@pytest.fixture(scope="module")
def runs(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("runs")
    for name, model in (("hostile", Hostile()), ("plain", NoEdit())):
        run(model, small_dataset, out=folder / name)
        judge(folder / name, Knowing({"Is it World Knowledge answer 3?": "no"}))
    return [folder / "hostile", folder / "plain"]


@pytest.fixture(scope="module")
def site(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "report"
    assert report.write(runs, out) == out / "index.html"
    return out


def test_there_is_a_page_for_each_category_and_every_link_leads_somewhere(site: Path) -> None:
    assert {path.stem for path in site.glob("*.html")} == {"index", "instances", *CATEGORIES}
    for path in site.glob("*.html"):
        page = Page(path)
        ids = set(page.values("article", "id"))
        for link in page.values("a", "href") + page.values("img", "src") + page.values("script", "src"):
            place, _, anchor = link.partition("#")
            place = place.partition("?")[0]
            if link.startswith("https://arxiv.org/"):
                continue
            assert not place or (site / place).is_file(), (path.name, link)
            if anchor and place:
                assert anchor in Page(site / place).values("article", "id")
            elif anchor:
                assert anchor in ids


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path in [*site.glob("*.html"), site / "report.css", site / "report.js"]:
        assert set(re.findall(r"https?://[^\"'\s)<]+", path.read_text())) <= {"https://arxiv.org/abs/2509.24897"}


def test_what_models_write_stays_text(site: Path) -> None:
    for path in site.glob("*.html"):
        page = Page(path)
        assert page.values("script", "src") == ["report.js"]
        assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
        source = path.read_text()
        assert "<b>model" not in source and "<script>alert" not in source and "<img src=x" not in source
    page = Page(site / "mental_tracking.html")
    assert HOSTILE in page.text and "hostile <b>model</b>" in page.text


def test_every_instance_and_every_step_is_there(site: Path) -> None:
    for task, category in CATEGORIES.items():
        page = Page(site / f"{task}.html")
        assert len(page.values("article", "id")) == 4
        # Per instance: three columns for each of two runs; the first run makes all steps.
        assert (
            sum(attrs.get("class") == "step" for _, attrs in page.tags) >= 4 * (4 if category.axis == "ueg" else 6) - 6
        )
    page = Page(site / "mental_tracking.html")
    assert "How many dots has Mental Tracking picture 1?" in page.text and "(right answer)" in page.text
    assert "Please apply the corresponding transformations" in page.text and "Because" not in page.text
    assert "There are 1 dots." in page.text


def test_why_the_judge_said_no(site: Path) -> None:
    text = Page(site / "world_knowledge.html").text
    assert "Is it World Knowledge answer 3? judge: no , should be yes" in text
    assert "Is it World Knowledge foil 3? judge: no · foil" in text


def test_the_option_that_was_chosen_is_marked_with_its_text(site: Path, runs: list[Path]) -> None:
    page = Page(site / "mental_tracking.html")
    texts = dict(zip("ABCD", ("one", "two", "three", "four"), strict=True))
    answers = {one.key: one.response for one in RunFolder.open(runs[1]).predictions()}
    for number, right in enumerate("ABCD", 1):
        letter = answers[f"geu-mental_tracking-{number:04d}", "direct"] or ""
        chose = f"chose {letter} {texts[letter]}"
        assert (chose if letter == right else f"{chose} ; right is {right} {texts[right]}") in page.text
    # Beside each option stands who chose it: both runs chose something in each protocol that they can do.
    assert page.text.count("toy: direct") + page.text.count("toy: stepwise") + page.text.count("toy: oracle") >= 4


def test_the_perfect_intermediate_stands_beside_the_models_own(site: Path) -> None:
    page = Page(site / "mental_tracking.html")
    beside = [attrs for _, attrs in page.tags if attrs.get("class") == "beside"]
    alts = [str(alt) for alt in page.values("img", "alt")]
    # One run edits, the other cannot; four instances.
    assert len(beside) == 4 and sum(alt.startswith("The true intermediate of") for alt in alts) == 4
    at = alts.index("The true intermediate of geu-mental_tracking-0001")
    assert alts[at - 1] == "stepwise edit by hostile <b>model</b>"
    text = Page(site / "code_to_image.html").text
    assert text.count("the perfect one Code to Image answer 3.") == 2


def test_every_cell_of_the_heat_tables_leads_to_its_instances(site: Path) -> None:
    page = Page(site / "index.html")
    links = [link for link in page.values("a", "href") if link.startswith("instances.html?")]
    # A run and protocol: 10 x 3 + 3 x 3 difficulties, of 32 subtasks those that four instances reach, 7 x 2 aspects,
    # and 7 x 2 graded ones, since this judge gives no probabilities.
    subtasks = sum(min(4, len(category.subtasks)) for category in CATEGORIES.values())
    assert len(links) == 2 * 3 * (39 + subtasks + 14 + 14)
    assert "instances.html?category=ueg&aspect=foil" in links
    assert (
        "instances.html?category=mental_tracking&difficulty=hard" in links and "instances.html?difficulty=easy" in links
    )
    offered = set(Page(site / "instances.html").values("option", "value"))
    assert {"ueg", "geu", "mental_tracking", "sequential_recolouring"} <= offered


def test_the_first_page_says_what_is_worst(site: Path) -> None:
    page = Page(site / "index.html")
    assert page.text.count("Random weights, so this says nothing of a model: weakest in ") == 2
    examples = [attrs for _, attrs in page.tags if attrs.get("class") == "example"]
    assert len(examples) == 8
    assert "missed directly and stepwise" in page.text
    # The judge fails the third answer of World Knowledge whoever drew it.
    assert "Is it World Knowledge answer 3? judge: no" in page.text


def test_corrected_scores_stand_beside_the_raw_ones(runs: list[Path], tmp_path: Path) -> None:
    """The judge fails the third answer of World Knowledge; its certificate passes 8 of 10 right pictures."""
    right, wrong = Count(n=100, right=80), Count(n=100, right=90)
    part = Section(
        questions=Rates(yes=right, no=wrong),
        pictures=Pictures(right=right, wrong=wrong, every=right),
        instances=right,
    )
    known = Certificate(
        judge="knowing", revision="1", prompt_version=prompt_version(), source="people",
        categories={"world_knowledge": part}, overall=part,
    )  # fmt: skip
    write_certificate(tmp_path / "c.json", known)
    report.write(runs[1:], tmp_path / "out", corrected=tmp_path / "c.json")
    text = Page(tmp_path / "out" / "index.html").text
    assert "Corrected for the judge's errors, beside the raw score" in text
    # Three of four passed: (0.75 + 0.9 - 1) / 0.7 = 92.9.
    assert "UEG, 1 of 6 categories" not in text and "World Knowledge 4 75.0 92.9" in text
    assert "no calibration of this category" in text
    report.write(runs[1:], tmp_path / "plain")
    assert "Corrected" not in Page(tmp_path / "plain" / "index.html").text


def test_what_cannot_be_told_is_one_line(site: Path) -> None:
    page = Page(site / "index.html")
    assert "Cannot be told yet (too few instances, or no oracle): " in page.text
    assert " unknown " not in page.text


def test_refusals_errors_and_notes_are_shown(site: Path) -> None:
    text = Page(site / "world_knowledge.html").text
    assert f"refused: draw: SAFETY {HOSTILE}" in text
    assert f"RuntimeError: {HOSTILE}" in text and "Traceback (most recent call last)" in text
    assert f"prompt cut {HOSTILE}" in text


def test_not_supported_is_said_in_words(site: Path) -> None:
    assert Page(site / "mental_tracking.html").text.count("not supported") >= 4
    assert "not supported" in Page(site / "index.html").text


def test_random_weights_are_told_on_every_page(site: Path) -> None:
    for path in site.glob("*.html"):
        assert "Random weights. hostile <b>model</b>, toy are stand-ins" in Page(path).text


def test_the_overview_says_who_judged_what(site: Path, small_dataset: Path) -> None:
    text = Page(site / "index.html").text
    for part in (
        "knowing , revision 1",
        "temperature=0.5",
        "Seed 0",
        "realunify-open-seed0-40",
        "1 refused",
        "1 error",
    ):
        assert part in text, part
    assert "Which half is short?" in text and "Runs against each other" in text


def test_filters_can_read_the_outcomes(site: Path, runs: list[Path]) -> None:
    page = Page(site / "instances.html")
    outcomes: dict[str, list[list[str]]] = {}
    for tag, attrs in page.tags:
        if tag == "tr" and attrs.get("class") == "item":
            outcomes.setdefault(str(attrs["data-category"]), []).append(str(attrs["data-outcomes"]).split())
    assert {task: len(rows) for task, rows in outcomes.items()} == dict.fromkeys(CATEGORIES, 4)
    protocols = ("direct", "stepwise", "oracle")
    # The first model refuses the first instance and fails on the second; the judge says no to the third answer.
    assert outcomes["world_knowledge"] == [
        [f"r{run}.{name}:{kinds[run]}" for run in (0, 1) for name in protocols]
        for kinds in (("refused", "right"), ("error", "right"), ("wrong", "wrong"), ("right", "right"))
    ]
    # The second model answers with one letter, and the right ones go A, B, C, D; it cannot edit.
    answers = {one.key: one.response for one in RunFolder.open(runs[1]).predictions()}
    assert [row[3:] for row in outcomes["mental_tracking"]] == [
        [
            f"r1.{name}:"
            + (
                "none"
                if name == "stepwise"
                else "right"
                if answers[f"geu-mental_tracking-{n:04d}", name] == right
                else "wrong"
            )
            for name in protocols
        ]
        for n, right in enumerate("ABCD", 1)
    ]


def test_pictures_are_small_in_the_page_and_whole_behind_it(small_dataset: Path, tmp_path: Path) -> None:
    class Large(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return Image.new("RGB", (1200, 600), tuple(digest(request)[:3]))

    run(Large(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    report.write([tmp_path / "run"], tmp_path / "out")
    page = Page(tmp_path / "out" / "world_knowledge.html")
    (full,) = [href for href in page.values("a", "href") if href.startswith("full/")]
    (thumb,) = page.values("img", "src")
    with Image.open(tmp_path / "out" / full) as one, Image.open(tmp_path / "out" / thumb) as other:
        assert (one.size, one.format, other.size, other.format) == ((1200, 600), "PNG", (480, 240), "WEBP")
    assert page.values("img", "loading") == ["lazy"]
    assert "not judged yet" in page.text


def test_a_broken_picture_is_said_to_be_broken(small_dataset: Path, tmp_path: Path) -> None:
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    (tmp_path / "run/images/ueg-world_knowledge-0001/direct/draw.png").write_bytes(b"broken")
    (tmp_path / "run/images/ueg-code_to_image-0001/direct/draw.png").unlink()
    report.write([tmp_path / "run"], tmp_path / "out")
    for task in ("world_knowledge", "code_to_image"):
        assert "image missing or not decodable" in Page(tmp_path / "out" / f"{task}.html").text


def test_a_report_is_replaced_and_anything_else_is_not(runs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "report"
    report.write(runs[1:], out)
    before = {path.name: path.stat().st_ino for path in (out / "thumbs").iterdir()}
    (out / "stale.html").write_text("old")
    report.write(runs[1:], out)
    assert not (out / "stale.html").exists()
    # The thumbnails are the former ones, linked.
    assert {path.name: path.stat().st_ino for path in (out / "thumbs").iterdir()} == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("<h1>my site</h1>")
    with pytest.raises(UsageError, match="not empty and not a report"):
        report.write(runs[1:], tmp_path / "mine")
    assert (tmp_path / "mine" / "index.html").read_text() == "<h1>my site</h1>"
    with pytest.raises(UsageError, match="at least one run"):
        report.write([], out)


def test_retrying_an_error_does_not_alter_a_report_that_is_written(small_dataset: Path, tmp_path: Path) -> None:
    """The report links the run's pictures, so a run must never write into an existing file."""
    run(Toy(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    report.write([tmp_path / "run"], tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out" / "full").iterdir()}
    (tmp_path / "run" / "predictions.jsonl").write_text("")

    class Other(Toy):
        def generate_one(self, request: Request) -> Image.Image:
            return Image.new("RGB", (20, 20), "white")

    run(Other(), small_dataset, out=tmp_path / "run", protocol="direct", limit_per_category=1)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.browser
def test_filters_and_pictures_work_in_a_browser(site: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    told: list[str] = []
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda message: told.append(message.text))
            page.on("pageerror", lambda error: told.append(str(error)))
            page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
            for name in ("index", "instances", "world_knowledge", "mental_tracking"):
                page.goto((site / f"{name}.html").as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        page.goto((site / "instances.html").as_uri())
        page.select_option("select[name=category]", "mental_tracking")
        page.get_by_text("4 of 40").wait_for()
        page.click("button[type=reset]")
        page.fill("input[name=q]", "code riddle number 3")
        page.get_by_text("1 of 40").wait_for()
        assert page.locator("tr.item:visible").count() == 1
        page.goto((site / "index.html").as_uri())
        assert page.locator(".view:visible").count() == 2
        page.click("button[value=aspect]")
        page.locator(".view:visible a[href*='category=world_knowledge&aspect=foil']").first.click()
        page.get_by_text("4 of 40").wait_for()
        page.goto((site / "instances.html").as_uri() + "?category=geu&difficulty=hard")
        page.get_by_text("4 of 40").wait_for()
        page.set_viewport_size({"width": 390, "height": 900})
        page.goto((site / "index.html").as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") < 6500
        sizes = page.evaluate(
            "[...document.querySelectorAll('.chart .name, .chart .delta, .ticks span, td.heat a')]"
            ".map((node) => parseFloat(getComputedStyle(node).fontSize))"
        )
        assert min(sizes) >= 10.8 and len(sizes) > 100
        page.goto((site / "mental_tracking.html").as_uri())
        page.click("a.picture >> nth=0")
        assert page.locator("dialog.lightbox[open] img").count() == 1
        assert page.url.endswith("mental_tracking.html")
        browser.close()
    assert told == []
