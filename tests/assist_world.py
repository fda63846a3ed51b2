"""A server of calls in a thread of its own, and Chromiums with a camera that take part: for synchronous tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from tests.fake_camera import FLAGS, camera_flag
from tests.in_thread import in_thread
from tests.served_assist import ServedAssist, served_assist

from holofleet.server.assist import TurnServers

CHROMIUM = "/usr/bin/chromium"
WAIT_MS = 45_000
"""For whatever takes a moment on an idle machine; this one may not be idle."""


@contextmanager
def assist_world(
    folder: Path,
    *,
    text: str = "",
    relays: TurnServers | None = None,
) -> Iterator[ServedAssist]:
    """Serve calls until the end of the block, with their pages."""
    with in_thread(lambda: served_assist(folder, text=text, pages=None, relays=relays), "calls") as served:
        yield served


def camera_browser(playwright: Playwright, camera: Path | None = None, *more: str) -> Browser:
    """Start a Chromium whose camera is a file (or Chromium's own test picture), and whose microphone beeps."""
    arguments = [
        "--no-sandbox",
        *FLAGS,
        *([camera_flag(camera)] if camera else ()),
        *more,
    ]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)


def caller(browser: Browser, *, width: int, height: int) -> BrowserContext:
    """Return a browser profile that the server has never seen and that may use camera and microphone."""
    context = browser.new_context(
        ignore_https_errors=True,
        viewport={"width": width, "height": height},
        permissions=["camera", "microphone"],
        reduced_motion="reduce",
    )
    context.set_default_timeout(WAIT_MS)
    return context


def as_party(browser: Browser, served: ServedAssist, cookie: str, *, width: int, height: int) -> BrowserContext:
    """Return such a profile that holds a party's cookie."""
    context = caller(browser, width=width, height=height)
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": served.address, "secure": True, "httpOnly": True}])
    return context


def until(page: Page, expression: str, argument: object = None) -> Any:
    """Ask a page until its answer is true, and return it; the pages forbid what Playwright's own waiting does."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while not (answer := page.evaluate(expression, argument)):
        assert time.monotonic() < deadline, f"it never came to this: {expression}"
        page.wait_for_timeout(50)
    return answer
