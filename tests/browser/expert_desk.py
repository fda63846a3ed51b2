"""An expert at a desk, ready for calls, on the real server and in a real browser."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.assist_world import WAIT_MS, as_party, until
from tests.served_assist import ServedAssist

MEGAN, ADELE = "megan@contoso.com", "adele@contoso.com"


@dataclass
class World:
    """The server and the browser of a test file."""

    served: ServedAssist
    browser: Browser

    def context(self, cookie: str, *, width: int = 1440, height: int = 900) -> BrowserContext:
        return as_party(self.browser, self.served, cookie, width=width, height=height)


def listen(page: Page, noise: list[str]) -> None:
    """Keep what goes wrong on a page."""
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("console", lambda told: noise.append(told.text) if told.type in ("error", "warning") else None)


def wait_until_ready(page: Page, served: ServedAssist, upn: str) -> None:
    """Wait until headsets can see that an expert is there, at any page of the console."""
    rooms, who = served.bench.services.assist, f"expert:{served.key(upn)}"
    deadline = time.monotonic() + WAIT_MS / 1000
    while rooms.presence.states((who,))[who] != "ready":
        assert time.monotonic() < deadline, f"{upn} is never ready for calls"
        page.wait_for_timeout(50)


def waiting(world: World, upn: str, noise: list[str]) -> Page:
    """Open a page of the console for an expert, and wait until a headset can see that somebody is there."""
    page = world.context(world.served.session_cookie(upn)).new_page()
    listen(page, noise)
    page.goto(f"{world.served.address}/account")
    expect(page.get_by_role("button", name="Available for calls")).to_be_visible()
    until(page, "navigator.locks.query().then((all) => all.held.length > 0)")
    wait_until_ready(page, world.served, upn)
    return page
