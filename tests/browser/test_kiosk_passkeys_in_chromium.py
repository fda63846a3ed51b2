"""A headset taken with a passkey in its own browser: one that a person carries, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from tests.browser.test_kiosk_in_chromium import FREE, SIZES, measured
from tests.console_people import ADELE, ISAIAH, add_people
from tests.console_world import COMPLIANT, ConsoleWorld, console_world
from tests.served_console import served

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.custody import Proof, Status
from holofleet.web.device import DEVICE_COOKIE

pytestmark = pytest.mark.browser
CARRIED = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Kiosk:
    """A paired browser with an authenticator on which somebody made a passkey in the console."""

    page: Page
    cdp: CDPSession
    world: ConsoleWorld
    origin: str
    keys: dict[str, dict[str, Any]]
    authenticator: str = ""

    def plug(self, *people: str, transport: str = "usb") -> None:
        """Put in an authenticator that holds the passkeys of these people, and nothing else."""
        if self.authenticator:
            self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.authenticator})
        options = CARRIED | {"transport": transport}
        self.authenticator = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})[
            "authenticatorId"
        ]
        for upn in people:
            kept = {"authenticatorId": self.authenticator, "credential": self.keys[upn]}
            self.cdp.send("WebAuthn.addCredential", kept)

    def make(self, upn: str) -> None:
        """Let somebody make a passkey in the console, by their invitation."""
        self.plug()
        link = self.world.services.sign_in.invite(LOCAL_ADMIN, upn)[1]
        self.page.goto(f"{self.origin}/sign-in?token={link}")
        self.page.get_by_role("button", name="Create a passkey").click()
        self.page.wait_for_url(lambda address: "/sign-in" not in address)
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        [self.keys[upn]] = found["credentials"]

    def held(self) -> tuple[Status, str, Proof | None]:
        found = self.world.services.custody.desk.state(LOCAL_ADMIN, COMPLIANT)
        return found.status, found.person.upn if found.person is not None else "", found.proof

    def show(self, words: str) -> None:
        self.page.get_by_role("button", name=words).click()


@pytest.fixture(scope="module")
def kiosk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    with console_world(tmp_path_factory.mktemp("passkeys")) as world, served(world.app()) as origin:
        world.publish()
        add_people(world)
        width, height = SIZES[0]
        context = chromium.new_context(ignore_https_errors=True, viewport={"width": width, "height": height})
        page = context.new_page()
        noise: list[str] = []
        page.on("pageerror", lambda error: noise.append(str(error)))
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable", {"enableUI": False})
        made = Kiosk(page, cdp, world, origin, {})
        made.make(ISAIAH)
        made.make(ADELE)
        context.clear_cookies()
        secret = world.services.custody.kiosk.pair(
            world.services.custody.kiosk.invite(LOCAL_ADMIN, COMPLIANT).secret
        )
        cookie = {"name": DEVICE_COOKIE, "value": secret, "url": origin, "secure": True, "httpOnly": True}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict of Playwright's
        yield made
        context.close()
        assert noise == []


def test_a_headset_is_taken_and_handed_over_with_passkeys_and_nobody_types_a_name(kiosk: Kiosk) -> None:
    page = kiosk.page
    kiosk.plug(ISAIAH)
    page.goto(f"{kiosk.origin}/k")
    measured(page, FREE)
    page.click("text=Use passkey")
    measured(page, "Show your passkey")
    kiosk.show("Use passkey")
    expect(page.locator("h1")).to_have_text("You are Isaiah Langer", timeout=30_000)
    assert kiosk.held() == (Status.OUT, ISAIAH, Proof.PASSKEY)
    assert Proof.PASSKEY.assurance == 3
    kiosk.plug(ADELE)
    page.click("text=Hand over")
    measured(page, "The next person takes it")
    page.click("text=Use passkey")
    measured(page, "The next person shows their passkey")
    kiosk.show("Take over")
    expect(page.locator("h1")).to_have_text("You are Adele Vance", timeout=30_000)
    assert kiosk.held() == (Status.OUT, ADELE, Proof.PASSKEY)
    assert not [cookie for cookie in page.context.cookies() if "session" in str(cookie.get("name"))]
    page.click("text=Give back")
    expect(page.locator("h1")).to_have_text(FREE, timeout=30_000)


def test_a_passkey_that_the_headset_keeps_itself_takes_nothing(kiosk: Kiosk) -> None:
    kiosk.plug(ISAIAH, transport="internal")
    page = kiosk.page
    page.goto(f"{kiosk.origin}/k/passkey")
    kiosk.show("Use passkey")
    expect(page.locator("[data-said]")).to_contain_text("does not count here", timeout=30_000)
    assert kiosk.held()[0] is Status.IN
    measured(page, "Show your passkey")


def test_CUS_1_a_copied_passkey_and_one_whose_person_left_take_nothing(kiosk: Kiosk) -> None:
    page = kiosk.page
    for _ in range(2):
        # Its count stands where it stood when it was made: somebody copied it before it was used.
        kiosk.plug(ISAIAH)
        page.goto(f"{kiosk.origin}/k/passkey")
        kiosk.show("Use passkey")
        expect(page.locator("[data-said]")).to_contain_text("does not count here", timeout=30_000)
    kiosk.world.services.directory.leave(LOCAL_ADMIN, ADELE)
    kiosk.plug(ADELE)
    kiosk.show("Use passkey")
    expect(page.locator("[data-said]")).to_contain_text("does not count here", timeout=30_000)
    assert kiosk.held()[0] is Status.IN
