"""Paper printed by a browser: one sheet of A4 and of Letter, for the samples and for the longest texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.unit.desired.paper_fleets import largest, made, sample

from holofleet.desired.files.made import HTML, Made
from holofleet.samples import SAMPLES

pytestmark = pytest.mark.browser
FORMATS = ("A4", "Letter")
WIDE = "W" * 80 + " "
_PAGE = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Give a page; the test fails on anything that the browser complains about."""
    opened = chromium.new_page()
    noise: list[str] = []
    opened.on("console", lambda message: noise.append(message.text))
    opened.on("pageerror", lambda error: noise.append(str(error)))
    yield opened
    opened.close()
    assert noise == []


def written(folder: Path, one: Made) -> str:
    file = folder / "page.html"
    file.write_bytes(one.bytes)
    return file.as_uri()


def pages_of(found: dict[str, Made]) -> dict[str, Made]:
    """Return the hand-outs, and one checklist of each client: those of one loan differ in names of one length."""
    clients: dict[str, Made] = {}
    for path, one in found.items():
        if one.media_type == HTML:
            clients.setdefault(path.rpartition("/")[0], one)
    return clients


@pytest.mark.parametrize("name", SAMPLES)
def test_every_page_of_a_sample_prints_on_one_sheet(page: Page, name: str, tmp_path: Path) -> None:
    found = pages_of(made(sample(name)))
    assert found
    for path, one in found.items():
        page.goto(written(tmp_path, one))
        for paper in FORMATS:
            assert len(_PAGE.findall(page.pdf(format=paper))) == 1, (path, paper)


@pytest.mark.parametrize("filler", ["lorem ipsum dolor ", WIDE, "界" * 30])
def test_the_longest_texts_print_on_one_sheet(page: Page, filler: str, tmp_path: Path) -> None:
    for path, one in pages_of(made(largest(filler))).items():
        page.goto(written(tmp_path, one))
        for paper in FORMATS:
            assert len(_PAGE.findall(page.pdf(format=paper))) == 1, (path, paper)


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_scrolls_sideways(page: Page, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for one in pages_of(made(largest(WIDE))).values():
        page.goto(written(tmp_path, one))
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_sheets_are_counted_as_two(page: Page, tmp_path: Path) -> None:
    long = Made("x.html", "<!doctype html><title>x</title>" + "<p>x</p>" * 200, HTML)
    page.goto(written(tmp_path, long))
    assert len(_PAGE.findall(page.pdf(format="A4"))) > 1
