"""One walk over every page that the application says it has: read by axe, at four widths, in both themes.

A page that is added is walked without a line here; a route with parts to fill in needs an example in
``gallery.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.gallery import dress, furnish, pages_of
from tests.browser.page_checks import CHECKS, axe_complaints, crowded, overflow
from tests.console_world import ConsoleWorld
from tests.served_console import served

from holofleet.server.access import COOKIE_NAME

pytestmark = pytest.mark.browser
WIDTHS = (1024, 900, 320, 390)
STATUS = "Failed to load resource: the server responded with a status of 40"
"""What Chromium says of a page that answers 403 or 404; there are such pages among them."""
OPEN_ALL = """() => {
  const folded = [...document.querySelectorAll('main details')];
  for (const e of folded) e.open = true;
  return folded.length;
}"""


@pytest.fixture(scope="module")
def app(world: ConsoleWorld, tmp_path_factory: pytest.TempPathFactory) -> Any:
    furnish(world)
    return dress(world, tmp_path_factory.mktemp("settings"))


@pytest.fixture(scope="module")
def origin(app: Any) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def page(chromium: Browser, world: ConsoleWorld, origin: str) -> Iterator[Page]:
    context = chromium.new_context(
        ignore_https_errors=True, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    cookie = {"name": COOKIE_NAME, "value": world.sign_in(), "url": origin, "secure": True, "httpOnly": True}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context.new_page()
    context.close()


def test_every_page_can_be_read_by_everybody_at_every_width(
    page: Page, world: ConsoleWorld, app: Any, origin: str
) -> None:
    """No violation that axe knows, no sideways scroll, no small target, no complaint of the browser."""
    found: list[str] = []
    at = ""
    page.on(
        "console", lambda message: None if message.text.startswith(STATUS) else found.append(at + message.text)
    )
    page.on("pageerror", lambda error: found.append(f"{at}{error}"))
    walked = 0
    for path in pages_of(world, app):
        at, walked = f"{path}: ", walked + 1
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(origin + path)
        found += [at + text for text in _complaints(page)]
        if overflow(page) > 0:
            found.append(f"{at}scrolls sideways at 1440")
        page.emulate_media(color_scheme="dark")
        folded = page.evaluate(OPEN_ALL)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if overflow(page) > 0:
                found.append(f"{at}scrolls sideways at {width}")
            found += [f"{at}runs over at {width}: {text}" for text in crowded(page)]
        found += [f"{at}dark and narrow: {text}" for text in _complaints(page, looks_only=not folded)]
    assert found == [], "\n".join(found)
    assert walked > 40


def _complaints(page: Page, *, looks_only: bool = False) -> list[str]:
    return axe_complaints(page, looks_only=looks_only) + list(page.evaluate(CHECKS))
