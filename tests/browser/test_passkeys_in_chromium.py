"""Passkeys in a real browser with its virtual authenticator: made, shown, proved again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from tests.console_world import COMPLIANT, ConsoleWorld, console_world
from tests.served_console import served

from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.server.directory import NewPerson

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Desk:
    """A page, its authenticator, and the console behind it."""

    page: Page
    cdp: CDPSession
    authenticator: str
    world: ConsoleWorld
    origin: str

    def open(self, path: str) -> Page:
        self.page.goto(self.origin + path)
        return self.page

    def verify(self, verified: bool) -> None:
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.authenticator, "isUserVerified": verified}
        )

    def passkeys(self) -> list[dict[str, Any]]:
        found = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return list(found["credentials"])

    def first_administrator(self) -> None:
        self.open(f"/sign-in?token={self.world.access.one_time_link().token}")
        self.page.get_by_label("Name to sign in with").fill("ana@contoso.com")
        self.page.get_by_label("Your name").fill("Ana Bowman")
        self.page.get_by_role("button", name="Create a passkey").click()
        self.page.wait_for_url("**/account")

    def sign_out(self) -> None:
        self.open("/menu")
        self.page.locator("main").get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.fixture
def desk(chromium: Browser, tmp_path: Any) -> Iterator[Desk]:
    with console_world(tmp_path) as world, served(world.app()) as origin:
        context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1024, "height": 900})
        page = context.new_page()
        noise: list[str] = []
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on(
            "console",
            lambda message: noise.append(message.text) if "Content Security Policy" in message.text else None,
        )
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable", {"enableUI": False})
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        yield Desk(page, cdp, made["authenticatorId"], world, origin)
        context.close()
        assert noise == []


def test_DEF_1_the_first_administrator_makes_a_passkey_and_signs_in_with_it(desk: Desk) -> None:
    desk.first_administrator()
    page = desk.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-ins")
    [passkey] = desk.passkeys()
    assert (passkey["rpId"], passkey["isResidentCredential"]) == ("localhost", True)
    desk.sign_out()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(desk.origin + "/")
    desk.open("/sessions")
    expect(page.get_by_role("row", name="ana@contoso.com")).to_contain_text("administrator")


def test_an_authenticator_that_verified_nobody_signs_nobody_in(desk: Desk) -> None:
    desk.first_administrator()
    desk.sign_out()
    desk.verify(False)
    desk.page.get_by_role("button", name="Use a passkey").click()
    expect(desk.page.get_by_role("alert")).to_contain_text("was not used")
    desk.open("/menu")
    assert desk.page.url.endswith("/sign-in")


def test_a_removed_passkey_signs_nobody_in_and_the_last_one_stays(desk: Desk) -> None:
    desk.first_administrator()
    page = desk.page
    assert page.get_by_role("button", name="Remove").count() == 0
    link = desk.world.services.sign_in.invite(LOCAL_ADMIN, "ana@contoso.com")[1]
    [old] = desk.passkeys()
    desk.cdp.send(
        "WebAuthn.removeCredential",
        {"authenticatorId": desk.authenticator, "credentialId": old["credentialId"]},
    )
    desk.open(f"/sign-in?token={link}")
    page.get_by_role("button", name="Create a passkey").click()
    page.wait_for_url(desk.origin + "/")
    desk.open("/account")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_role("status")).to_contain_text("removed")
    assert page.get_by_role("button", name="Remove").count() == 0
    desk.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": desk.authenticator})
    desk.cdp.send("WebAuthn.addCredential", {"authenticatorId": desk.authenticator, "credential": old})
    desk.sign_out()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This sign-in did not succeed")


def test_an_invited_person_chooses_a_passkey_and_has_their_roles(desk: Desk) -> None:
    directory = desk.world.services.directory
    directory.add(LOCAL_ADMIN, NewPerson("alex@contoso.com"))
    directory.give_role(LOCAL_ADMIN, "alex@contoso.com", Role.VIEWER)
    link = desk.world.services.sign_in.invite(LOCAL_ADMIN, "alex@contoso.com")[1]
    page = desk.open(f"/sign-in?token={link}")
    expect(page.get_by_text("alex@contoso.com")).to_be_visible()
    page.get_by_role("button", name="Create a passkey").click()
    page.wait_for_url(desk.origin + "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_WIPE_2_a_wipe_asks_for_the_passkey_again_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.world.publish()
    desk.world.enroll(COMPLIANT)
    desk.first_administrator()
    page = desk.open(f"/headsets/{COMPLIANT}/orders/wipe")
    page.get_by_label("Serial", exact=True).fill(COMPLIANT)
    page.get_by_label("Reason").fill("Sold & gone")
    desk.world.world.clock.advance(timedelta(minutes=6))
    page.get_by_role("button", name="Wipe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Show that it is you")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/orders/wipe?typed=before*")
    expect(page.get_by_label("Reason")).to_have_value("Sold & gone")
    page.get_by_label("Serial", exact=True).fill(COMPLIANT)
    page.get_by_role("button", name="Wipe").click()
    page.wait_for_url("**/orders?done=wipe")
