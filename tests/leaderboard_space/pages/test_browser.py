"""A person's way, in a real browser: open the page, upload a bundle, wait for its status, find it ranked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dataset_builder.folder import Dataset
from evaluator.cli import demo
from leaderboard_space.store.store import Store
from tests.leaderboard_space.running import running

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; install Debian's: apt-get install -y chromium"),
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[tuple[str, Store]]:
    with running(tmp_path_factory.mktemp("site") / "data", small_dataset) as found:
        yield found


@pytest.fixture
def page(browser: Any, site: tuple[str, Store]) -> Iterator[Any]:
    """A page that may speak to this app alone, and whose scripts must not fail."""
    url, _ = site
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    strangers: list[str] = []
    faults: list[str] = []
    opened.on("request", lambda r: strangers.append(r.url) if not r.url.startswith((url, "data:", "blob:")) else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    yield opened
    opened.close()
    assert strangers == []
    assert faults == []


def upload(page: Any, url: str, file: Path, model: str = "") -> None:
    page.goto(url + "submit")
    page.locator("#bundle input[type=file]").set_input_files(file)
    page.locator("#model input, #model textarea").first.wait_for()
    page.wait_for_function("document.querySelector('#model input, #model textarea').value !== ''")
    if model:
        page.locator("#model input, #model textarea").first.fill(model)
    page.locator("#send").click()


def rows_in_order(page: Any, table: str, column: int) -> list[str]:
    """The texts of a column from top to bottom, as a person sees them."""
    cells = page.locator(f"{table} [role=gridcell][data-col='{column}']")
    found = [(cells.nth(n).bounding_box()["y"], cells.nth(n).inner_text()) for n in range(cells.count())]
    return [text for _, text in sorted(found)]


@pytest.fixture(scope="module")
def demo_zip(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the demo's run: its first stand-in, by its own code."""
    out = tmp_path_factory.mktemp("demo")
    stand_in = demo.STAND_INS[0]
    return demo.packed(stand_in, demo.evaluated(stand_in, Dataset.open(small_dataset), out), out)


def test_upload_wait_and_find_it_ranked(site: tuple[str, Store], page: Any, demo_zip: Path, toy_zip: Path) -> None:
    url, store = site
    upload(page, url, demo_zip)
    page.locator("#status [data-state=scored]").wait_for()
    assert "rank 1 of 1" in page.locator("#status").inner_text()

    hostile = "Toy <img src=x onerror=alert(1)> ${alert(2)} {{3*3}}"
    upload(page, url, toy_zip, model=hostile)
    page.locator("#status [data-state=scored]").wait_for()

    page.goto(url)
    page.locator("#ranking [data-testid=cell-1-1]").wait_for()
    models = rows_in_order(page, "#ranking", 1)
    assert sorted(models)[1] == "tiny-janus"
    assert sorted(models)[0].startswith("Toy <img src=x")
    assert rows_in_order(page, "#ranking", 2) == ["random", "random"]
    assert "fixed:yes" in page.locator("#facts").inner_text()
    headers = page.locator("#ranking th").all_inner_texts()
    stepwise = rows_in_order(page, "#ranking", [h.strip() for h in headers].index("GEU stepwise"))
    assert "not supported" in stepwise and any(text[0].isdigit() for text in stepwise)
    assert page.locator("#reported").inner_text().count("BAGEL") == 1
    assert "BAGEL" not in page.locator("#ranking").inner_text()

    page.get_by_role("tab", name="Ten categories").first.click()
    page.locator("#categories [data-testid=cell-1-3]").wait_for()
    assert all(text.count(" / ") == 1 for text in rows_in_order(page, "#categories", 3))
    last = page.locator("#categories th", has_text="Cognitive").bounding_box()
    assert last["x"] + last["width"] <= 1280, "all ten are in sight"
    page.get_by_role("tab", name="Ranking").first.click()

    page.locator("#ranking [data-testid=cell-0-1]").click()
    page.wait_for_url("**/submissions?id=*")
    page.locator("#head table").wait_for()
    assert page.locator("#case img").count() >= 1
    assert {record.id for record in store.records()} >= {page.url.split("=")[1]}
    page.locator("#next").click()
    page.locator("#case").get_by_text("ueg-world_knowledge-0002").wait_for()


def test_a_failed_submission_is_tried_again_from_its_page(site: tuple[str, Store], page: Any, toy_zip: Path) -> None:
    url, store = site
    upload(page, url, toy_zip)
    page.locator("#status [data-state=scored]").wait_for()
    submission = store.records()[-1].id
    store.append(submission, "failed", "the judge went away")
    page.goto(f"{url}submissions?id={submission}")
    page.locator("#head [data-state=failed]").wait_for()
    assert "the judge went away" in page.locator("#head").inner_text()
    page.locator("#retry").click()
    page.locator("#head [data-state=failed]").wait_for(state="detached")
    page.locator("#retry").wait_for(state="hidden")
    assert [event.state for event in store.events(submission)].count("queued") == 2


def test_an_unknown_id_is_said_to_be_unknown(site: tuple[str, Store], page: Any) -> None:
    url, _ = site
    page.goto(f"{url}submissions?id=20260101-000000-0123456789abcdef")
    page.locator("#head [data-state=unknown]").wait_for()
    assert "No such submission" in page.locator("#head").inner_text()
    assert not page.locator("#retry").is_visible()


def test_a_bad_upload_lists_every_problem(site: tuple[str, Store], page: Any, tmp_path: Path) -> None:
    url, store = site
    before = [record.id for record in store.records()]
    (tmp_path / "bad.zip").write_bytes(b"this is no zip")
    page.goto(url + "submit")
    page.locator("#bundle input[type=file]").set_input_files(tmp_path / "bad.zip")
    page.locator("#bundle").get_by_text("bad").first.wait_for()
    page.locator("#send").click()
    page.locator("#status [data-state=refused]").wait_for()
    assert "not a zip" in page.locator("#status").inner_text()
    assert [record.id for record in store.records()] == before


@pytest.mark.parametrize("path", ["", "submit", "submissions", "about"])
def test_every_page_fits_a_phone(site: tuple[str, Store], page: Any, path: str) -> None:
    url, _ = site
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(url + path)
    page.get_by_text("About").first.wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
