"""The marks of a call that is over, replayed in a real browser step by step, by clicks and by keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.page_checks import CHECKS, axe_complaints, overflow
from tests.console_world import COMPLIANT, console_world
from tests.kept_calls import CONNECTED, keep_calls
from tests.served_console import served

from holofleet.server.access import COOKIE_NAME

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with console_world(tmp_path_factory.mktemp("replay")) as made:
        made.publish()
        keep_calls(made.services.assist.store, client="own", serial=COMPLIANT, now=made.world.clock.now())
        with served(made.app()) as address:
            context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
            cookie = {"name": COOKIE_NAME, "value": made.sign_in(), "url": address, "secure": True}
            context.add_cookies([cookie])  # type: ignore[list-item]
            opened = context.new_page()
            opened.goto(f"{address}/calls/{CONNECTED}/marks")
            yield opened
            context.close()


def kinds(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('#replay-marks [data-mark]')].map((one) => one.dataset.kind)"
    )
    return found


def test_the_marks_stand_as_they_were_after_each_step_and_at_the_end(page: Page) -> None:
    expect(page.locator("#replay-say")).to_contain_text("Step 5 of 5")
    assert page.locator("#replay-marks").get_attribute("viewBox") == "0 0 1600 1200"
    assert kinds(page) == ["ink"], "the step was taken away"
    page.get_by_role("button", name="First").click()
    assert kinds(page) == []
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_disabled()
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    expect(page.locator("#replay-say")).to_contain_text("Drew step 1: “<b>Close</b>” on Picture 1")
    assert kinds(page) == ["ink", "step"]
    line = page.locator('#replay-marks [data-kind="ink"] path').first.get_attribute("d") or ""
    assert "Q" in line, "a line that came in two parts is whole"
    page.get_by_role("button", name="Drew an arrow on Live picture").click()
    assert kinds(page) == ["arrow"]
    expect(page.locator("#replay-where")).to_have_text("Live picture")
    page.get_by_label("Step", exact=True).press("Home")
    expect(page.locator("#replay-say")).to_contain_text("Step 1 of 5")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#replay-say")).to_contain_text("Step 2 of 5")
    page.get_by_role("button", name="Pause").click()


def test_what_is_saved_has_the_form_of_marks_that_are_saved_in_a_call(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save marks").click()
    download.value.save_as(tmp_path / "marks.json")
    data = json.loads((tmp_path / "marks.json").read_text())
    assert (data["format"], data["call"]["id"], len(data["events"])) == ("holofleet.marks.v1", CONNECTED, 6)


def test_everybody_can_read_and_use_it(page: Page) -> None:
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert axe_complaints(page) == []
        assert page.evaluate(CHECKS) == []
        assert overflow(page) <= 0
