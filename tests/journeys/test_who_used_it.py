"""Who used headset 100 on Tuesday at ten, and what did they do? From check-out to call to return, in one search.

In Chromium: a browser on the headset is paired, taken with a PIN and given back; the desk orders a sync; an
auditor asks. The headset reports what somebody changed, and talks with an expert over the real socket.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tests.management_world import World
from tests.scripted_headset import ScriptedHeadset
from tests.served_assist import ServedAssist, served_assist

from holofleet.clock import SetClock
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.web.device import DEVICE_COOKIE

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
ISAIAH, LEE, ADELE, MEGAN = (f"{name}@contoso.com" for name in ("isaiah", "lee", "adele", "megan"))
TUESDAY = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
PIN = "482917"
WAIT_MS = 45_000
expect.set_options(timeout=WAIT_MS)


class Day:
    """Server, headset and browsers, with one clock."""

    def __init__(self, served: ServedAssist, browser: Browser, clock: SetClock) -> None:
        self.served, self.browser, self.clock = served, browser, clock
        self.world = World(served.bench.database)
        self.world.clock.advance(clock.now() - self.world.clock.now())
        self.headset = ScriptedHeadset("device-100", serial="100")
        self.world.enroll(self.headset, deployment="lent", client="fabrikam")

    def at(self, text: str) -> None:
        """Let it be a time of the day."""
        hour, minute = text.split(":")
        moment = TUESDAY.replace(hour=int(hour), minute=int(minute))
        for clock in (self.clock, self.world.clock):
            clock.advance(moment - clock.now())

    async def page(self, path: str, *, of: str = "") -> Page:
        """Open a page: somebody's who is signed in, or of the browser on the headset."""
        headset = {"width": 853, "height": 480}
        context: BrowserContext = await self.browser.new_context(
            ignore_https_errors=True, viewport=headset if not of else {"width": 1440, "height": 900}
        )
        context.set_default_timeout(WAIT_MS)
        if of:
            name, _, value = self.served.session_cookie(of).partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": self.served.address, "secure": True}])
        page = await context.new_page()
        await page.goto(self.served.address + path)
        return page

    def check_in(self) -> None:
        self.world.check_in(self.headset)


@asynccontextmanager
async def a_day(folder: Path) -> AsyncIterator[Day]:
    clock = SetClock(TUESDAY)
    async with served_assist(folder, clock=clock, pages=None) as served, async_playwright() as playwright:
        directory = served.bench.services.directory
        for upn, role in ((LEE, Role.DEPLOYER), (ADELE, Role.AUDITOR)):
            directory.give_role(LOCAL_ADMIN, served.key(upn), role)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield Day(served, browser, clock)
        finally:
            await browser.close()


async def pair(day: Day, kiosk: Page, desk: Page) -> None:
    """The deployer reads the code off the headset and types it; the headset goes on by itself."""
    await expect(kiosk.locator("h1")).to_have_text("This headset is not paired yet")
    await desk.goto(f"{day.served.address}/headsets/100/custody")
    await desk.fill("#code", await kiosk.inner_text(".digits"))
    await desk.get_by_role("button", name="Pair", exact=True).click()
    await expect(desk.locator("#paired")).to_contain_text("The code is confirmed.")
    await expect(kiosk.locator("h1")).to_have_text("hl-100 is free")


async def talk(day: Day, kiosk: Page, *, minutes: int) -> None:
    """Isaiah calls Megan from the browser of the headset, and they talk."""
    cookies = {one["name"]: one["value"] for one in await kiosk.context.cookies()}
    headset = await day.served.peer("headset", f"{DEVICE_COOKIE}={cookies[DEVICE_COOKIE]}").open()
    expert = await day.served.expert(MEGAN)
    invited = await headset.ask("call.invite", to=day.served.key(MEGAN), asset="PUMP-7")
    call = invited["call"]["id"]
    await expert.hears("call.ring", lambda message: message["call"] == call)
    await expert.ask("call.accept", call=call)
    await headset.sees(call, "connecting")
    for peer in (headset, expert):
        await peer.ask("call.connected", call=call, path="direct")
    await expert.sees(call, "connected")
    day.clock.advance(timedelta(minutes=minutes))
    await headset.ask("call.end", call=call)
    await expert.sees(call, "ended")


async def told(page: Page) -> list[tuple[str, str]]:
    """Return what stands in the answer: what was done, and who had the headset then."""
    rows = await page.locator("#story-title >> xpath=ancestor::section >> css=tbody tr").all()
    lines = []
    for row in rows:
        what = (await row.locator("td").nth(1).inner_text()).replace("\n", " | ")
        lines.append((what, await row.locator("td").nth(3).inner_text()))
    return lines


async def test_who_used_headset_100_on_tuesday_at_ten_and_what_did_they_do(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        day.check_in()
        kiosk, desk = await day.page("/k"), await day.page("/", of=LEE)
        await pair(day, kiosk, desk)

        day.at("09:40")
        phone = await day.page("/account/pin", of=ISAIAH)
        await phone.fill("#pin", PIN)
        await phone.fill("#again", PIN)
        await phone.get_by_role("button", name="Choose PIN").click()
        await expect(phone.locator(".answer")).to_contain_text("You have a PIN")

        day.at("09:50")
        await kiosk.click("text=Enter my PIN")
        await kiosk.get_by_role("link", name="I", exact=True).click()
        await kiosk.click("text=Isaiah Langer")
        for digit in PIN:
            await kiosk.click(f'[data-key="{digit}"]')
        await kiosk.click("text=Take this headset")
        await expect(kiosk.locator("h1")).to_have_text("You are Isaiah Langer")

        day.at("10:00")
        changed = next(uri for uri in day.headset.nodes if "/Policy/Config/" in uri)
        day.headset.nodes[changed] = "1" if day.headset.nodes[changed] != "1" else "0"
        day.at("10:05")
        desk = await day.page("/headsets/100", of=LEE)
        await desk.get_by_role("button", name="Sync").click()
        await expect(desk.locator(".notice")).to_contain_text("Sync ordered.")
        day.check_in()

        day.at("10:10")
        await talk(day, kiosk, minutes=12)

        day.at("10:30")
        await kiosk.reload()
        await kiosk.click("text=Give back")
        await expect(kiosk.locator("h1")).to_have_text("hl-100 is free")

        day.at("11:00")
        auditor = await day.page("/custody/who?headset=hl-100&at=2026-03-03T10:00&span=hour", of=ADELE)
        await expect(auditor.locator(".answer")).to_contain_text("Isaiah Langer held 100 at 2026-03-03 10:00 UTC")
        lines = await told(auditor)
        during = [what for what, holder in lines if holder == "Isaiah Langer"]
        wanted = [  # in this order
            "was given to Isaiah Langer",
            "ordered a sync",
            "drifted | The headset reports",
            "mended | The headset reports the desired value again",
            "call with Megan Bowen: 12 minutes | PUMP-7",
        ]
        found = [next((n for n, what in enumerate(during) if one in what), -1) for one in wanted]
        assert -1 not in found, lines
        assert found == sorted(found), lines
        assert lines[-1][1] == "nobody", lines
        assert any(what.startswith("came back") for what, _ in lines), lines
