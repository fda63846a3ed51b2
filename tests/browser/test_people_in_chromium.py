"""The directory and the audit log as a browser shows them: widths, names, keys alone, without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.console_people import ISAIAH, LEE, MEGAN, add_people
from tests.console_world import COMPLIANT, ConsoleWorld

from holofleet.errors import ConflictError

pytestmark = pytest.mark.browser
Opener = Callable[..., Page]


@pytest.fixture(autouse=True)
def staffed(world: ConsoleWorld) -> None:
    try:
        add_people(world, more=45)
    except ConflictError:
        return  # an earlier test of this file added them


def test_somebody_is_added_and_given_a_role_without_script(open_page: Opener) -> None:
    page = open_page("/people", script=False)
    page.click("text=Add person")
    page.fill("#upn", "alex@contoso.com")
    page.fill("#display_name", "Alex Wilber")
    page.get_by_role("button", name="Add person").click()
    expect(page.locator(".notice")).to_contain_text("Added, without any role.")
    page.select_option("#role", "helpdesk")
    page.get_by_role("button", name="Give role").click()
    expect(page.locator(".answer")).to_contain_text("Alex Wilber is helpdesk, for every client.")
    expect(page.locator(".entries")).to_contain_text("gave the role helpdesk")


def test_a_wrong_form_puts_the_focus_on_what_is_wrong(open_page: Opener) -> None:
    page = open_page("/people/add")
    page.fill("#upn", "nonsense")
    page.get_by_role("button", name="Add person").click()
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#upn")).to_have_value("nonsense")


def test_an_entry_opens_to_its_proof_by_keys_alone(open_page: Opener) -> None:
    page = open_page(f"/audit?with={MEGAN}")
    page.locator(".entries summary").first.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Prove this entry").first
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    while page.evaluate("!document.activeElement.getAttribute('href').startsWith('/audit/')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("It fits the entry before it.")


def test_whoever_leaves_is_gone_after_one_page_that_said_what_ends(open_page: Opener) -> None:
    page = open_page(f"/people/{ISAIAH}")
    page.get_by_role("link", name="Leaves …").click()
    expect(page.locator(".ask")).to_contain_text("1 membership of a group")
    page.fill("#upn", ISAIAH)
    page.fill("#reason", "Moves to another plant")
    page.get_by_role("button", name="Let Isaiah Langer leave").click()
    expect(page.locator(".answer")).to_contain_text("They left")


def test_a_reader_gives_a_headset_out_and_takes_it_back_with_two_scans_each(open_page: Opener) -> None:
    page = open_page("/custody")
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(LEE)
    page.keyboard.press("Enter")
    expect(page.locator("#scan-title")).to_have_text("Lee Gu. Now the headset")
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(COMPLIANT)
    page.keyboard.press("Enter")
    give = page.get_by_role("button", name="Give to Lee Gu")
    expect(give).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".confirmed")).to_contain_text("Lee Gu has HL-FIELD-01 now.")
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(COMPLIANT)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".confirmed")).to_contain_text("HL-FIELD-01 is back, and nobody has it.")
