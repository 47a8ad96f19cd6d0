"""The page of all instances: complete, self-contained, escaped, and its filters work in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dataset_builder.building import build
from dataset_builder.errors import UsageError
from dataset_builder.publishing import gallery
from dataset_builder.taxonomy import CATEGORIES
from tests.dataset_builder import made

N = 3


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gallery")
    rows = dict(made.everything(N))
    rows["world_knowledge"][0] = made.ueg("world_knowledge", 1, prompt="Draw <script>alert('no')</script> & more.")
    build.write(place / "realunify", rows)
    return gallery.write(place / "realunify", place / "page.html")


def test_every_instance_has_a_card_with_what_belongs_to_it(page: Path) -> None:
    text = page.read_text()
    assert len(re.findall(r"<article ", text)) == 10 * N
    for category in CATEGORIES.values():
        assert text.count(f'data-category="{category.name}"') == N
    assert "Number 1 is the bee." in text
    assert '<li class="yes"><span class="tag">B</span><span>bee</span></li>' in text
    assert text.count("true intermediate of") == text.count("input of") == 4 * N


def test_text_of_instances_is_escaped_and_nothing_is_fetched_from_elsewhere(page: Path) -> None:
    text = page.read_text()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(&#39;no&#39;)&lt;/script&gt; &amp; more." in text
    assert "http://" not in text and "https://" not in text


def test_pictures_stand_beside_the_page_small_and_as_stored(page: Path) -> None:
    shown = re.findall(r'<a href="([^"]+)"[^>]*><img src="([^"]+)" loading="lazy"', page.read_text())
    assert len(shown) == 8 * N
    stored = {made.geu("mental_tracking", 1).image, made.geu("mental_tracking", 1).reference_image}
    assert stored <= {(page.parent / full).read_bytes() for full, _ in shown}
    for _, small in shown:
        with Image.open(page.parent / small) as picture:
            assert max(picture.size) <= gallery.THUMBNAIL_PX
    assert len(list((page.parent / "page_files").iterdir())) == 2 * len(shown)


def test_withheld_answers_do_not_show(tmp_path: Path) -> None:
    public = made.folder(tmp_path / "season", 1, withhold_answers=True)
    text = gallery.write(public, tmp_path / "page.html").read_text()
    assert "answers withheld" in text
    assert 'class="yes"' not in text and 'class="no"' not in text and "Because" not in text


def test_a_folder_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; give a page"):
        gallery.write(made.folder(tmp_path / "realunify", 1), tmp_path)


@pytest.fixture
def shown(page: Path) -> Iterator[object]:
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.absolute().as_uri())
        yield tab
        browser.close()


@pytest.mark.browser
def test_filters_in_a_browser(shown: object) -> None:
    from playwright.sync_api import Page

    assert isinstance(shown, Page)
    count, visible = shown.locator("#count"), shown.locator("article:not([hidden])")
    assert count.inner_text() == f"{10 * N} of {10 * N}"
    shown.select_option("select[name=category]", "mental_tracking")
    assert visible.count() == N and count.inner_text() == f"{N} of {10 * N}"
    shown.select_option("select[name=difficulty]", "medium")
    assert [card.get_attribute("id") for card in visible.all()] == ["geu-mental_tracking-0001"]
    shown.fill("input[name=text]", "number 2")
    assert visible.count() == 0 and shown.locator("#none").is_visible()
    kept = shown.url
    shown.click("button[type=reset]")
    shown.wait_for_function(f"document.querySelectorAll('article:not([hidden])').length === {10 * N}")
    shown.goto("about:blank")
    shown.goto(kept)  # the address keeps the filters
    assert shown.input_value("input[name=text]") == "number 2" and visible.count() == 0
