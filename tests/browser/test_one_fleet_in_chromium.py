"""Standing and calendar where they are full: one fleet file of one scenario, of which some headsets reported.

The fleet of the other tests is three files in one, for which the server judges no guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.gallery import one_fleet, pages_of_one_fleet
from tests.browser.page_checks import CHECKS, axe_complaints, overflow
from tests.console_world import ConsoleWorld, console_world
from tests.served_console import served

from holofleet.server.access import COOKIE_NAME

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("one-fleet")) as made:
        one_fleet(made)
        yield made


@pytest.fixture(scope="module")
def at(fleet: ConsoleWorld) -> Iterator[str]:
    with served(fleet.app()) as address:
        yield address


def test_full_pages_of_the_guides_and_the_calendar_can_be_read_by_everybody(
    chromium: Browser, fleet: ConsoleWorld, at: str
) -> None:
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    cookie: Any = {"name": COOKIE_NAME, "value": fleet.sign_in(), "url": at, "secure": True, "httpOnly": True}
    context.add_cookies([cookie])
    page = context.new_page()
    found: list[str] = []
    paths = pages_of_one_fleet(fleet)
    for path in paths:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(at + path)
        found += [f"{path}: {text}" for text in axe_complaints(page)]
        for width in (1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path}: {text}" for text in page.evaluate(CHECKS)]
            if overflow(page) > 0:
                found.append(f"{path}: scrolls sideways at {width}")
    page.goto(at + "/guide?show=all")
    assert page.locator("table.statements tbody tr").count() > 40, "not the empty state"
    page.goto(at + next(path for path in paths if path.startswith("/calendar/")))
    assert page.locator("table tbody tr").count() > 1
    context.close()
    assert found == [], "\n".join(found)


def test_moments_are_typed_in_the_viewer_s_zone_and_stand_in_the_address_in_utc(
    chromium: Browser, fleet: ConsoleWorld, at: str
) -> None:
    context = chromium.new_context(ignore_https_errors=True, timezone_id="America/New_York")
    cookie: Any = {"name": COOKIE_NAME, "value": fleet.sign_in(), "url": at, "secure": True, "httpOnly": True}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"{at}/custody/who?headset=003421800501&at=2026-03-02T09:00")
    expect(page.locator("label[for=at]")).to_have_text("at (your time)")
    expect(page.locator("#at")).to_have_value("2026-03-02T04:00")
    page.fill("#at", "2026-03-02T05:30")
    page.get_by_role("button", name="Answer").click()
    page.wait_for_url("**at=2026-03-02T10%3A30**")
    expect(page.locator("#at")).to_have_value("2026-03-02T05:30")
    context.close()
