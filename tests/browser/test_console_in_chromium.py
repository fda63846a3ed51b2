"""The console as a browser shows it: widths, themes, keys, without script, and live."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.page_checks import overflow
from tests.console_world import COMPLIANT, DRIFTED, REFUSING, USB, ConsoleWorld, settings_of

TOTAL = settings_of("003421800101")
pytestmark = pytest.mark.browser
Opener = Callable[..., Page]


def test_a_long_line_of_the_fleet_file_scrolls_in_its_own_box(open_page: Opener) -> None:
    assert overflow(open_page("/fleet-file/cloud-connected.yaml#L10", width=320)) <= 0


def test_the_dark_theme_follows_the_system_by_itself(open_page: Opener) -> None:
    grounds = []
    for theme in ("light", "dark"):
        grounds.append(open_page(theme=theme).evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(244, 246, 248)", "rgb(15, 20, 25)"]


def test_small_screens_have_blocks_instead_of_a_table_and_a_menu_page(open_page: Opener) -> None:
    page = open_page("/headsets", width=390)
    cell = page.locator(f"#h-{DRIFTED} td[data-label=Deployment]")
    assert cell.evaluate("e => getComputedStyle(e, '::before').content") == '"Deployment "'
    expect(page.locator(".nav")).to_be_hidden()
    page.click(".menu")
    expect(page.get_by_role("heading", level=1)).to_have_text("Menu")
    page.get_by_role("main").get_by_role("link", name="Headsets").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Headsets")


def test_the_whole_way_to_a_correction_works_without_script(open_page: Opener, world: ConsoleWorld) -> None:
    page = open_page(script=False)
    page.click("a:has-text('Drifted')")
    page.click("a:has-text('HL-FIELD-03')")
    expect(page.locator("#answer")).to_contain_text(f"1 of {TOTAL} settings differs")
    page.click("text=Read back and correct")
    expect(page.locator(".notice")).to_contain_text("Sync ordered")
    page.fill("#search", "HL-SEA")
    page.press("#search", "Enter")
    assert page.locator("tbody a[href^='/headsets/']").count() == 6
    page.click("summary.me")
    page.click("text=Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_in_takes_one_button(open_page: Opener, world: ConsoleWorld, origin: str) -> None:
    link = world.access.one_time_link()
    page = open_page(f"/sign-in?token={link.token}", signed_in=False)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    assert link.token not in page.content()


def test_keys_alone_are_enough(open_page: Opener) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("field-03")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=field-03"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("HL-FIELD-03")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", level=1)).to_have_text("Headsets")
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("tr:has(a:focus) input[type=checkbox]")).to_be_checked()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_focused()


def test_focus_is_seen_and_single_keys_can_be_switched_off(open_page: Opener) -> None:
    page = open_page("/headsets")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "2px"
    page.click("summary.me")
    page.click("#keys")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "search"


def test_a_wrong_form_says_what_is_wrong_keeps_its_text_and_takes_the_focus(open_page: Opener) -> None:
    page = open_page(f"/headsets/{DRIFTED}/orders/wipe")
    page.fill("#reason", "Returned")
    # Chromium notes the 422 in its console; the page is what matters here.
    page.evaluate("document.querySelector('#serial').value = ''")
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Wipe HL-FIELD-03").click()
    assert navigation.value is not None
    assert page.evaluate("document.activeElement.id") == "problems"
    expect(page.locator("#reason")).to_have_value("Returned")


def test_an_event_reaches_the_open_overview(open_page: Opener, world: ConsoleWorld) -> None:
    page = open_page()
    expect(page.locator("#live-words")).to_have_text("Live")
    expect(page.locator("#happened")).not_to_contain_text("Wipe ordered")
    page.evaluate("window.kept = document.querySelector('#deployments tbody a')")
    page.evaluate("window.kept.focus()")
    world.order(COMPLIANT, "wipe")
    expect(page.locator("#happened")).to_contain_text("Wipe ordered")
    # The parts were made again in place: what did not change is the same element, and has the focus still.
    assert page.evaluate("window.kept.isConnected && document.activeElement === window.kept")
    assert page.locator("#fleet").count() == 1


def test_a_page_that_lost_its_stream_says_since_when_and_keeps_its_buttons(open_page: Opener) -> None:
    page = open_page(f"/headsets/{DRIFTED}")
    expect(page.locator("#live-words")).to_have_text("Live")
    page.clock.install()
    page.evaluate("document.getElementById('live').dispatchEvent(new Event('htmx:sse:error'))")
    page.clock.fast_forward(9_000)
    expect(page.locator("#live-words")).to_have_text("Live")
    page.clock.fast_forward(2_000)
    expect(page.locator("#live-words")).to_have_text(re.compile(r"Not live since \d\d:\d\d"))
    expect(page.get_by_role("button", name="Read back and correct")).to_be_enabled()
    page.evaluate("document.getElementById('live').dispatchEvent(new Event('htmx:sse:after:connection'))")
    expect(page.locator("#live-words")).to_have_text("Live")


def test_rows_that_would_come_or_go_are_counted_and_do_not_move(open_page: Opener, world: ConsoleWorld) -> None:
    page = open_page("/headsets?compliance=refused")
    expect(page.locator("#live-words")).to_have_text("Live")
    shown = page.locator("tr[id^=h-]").count()
    headset = world.headsets[REFUSING]
    headset.refuses.clear()
    world.order(REFUSING, "sync")
    world.world.clock.advance(timedelta(minutes=1))
    world.come_with_another_build(headset)
    expect(page.locator("#changed")).to_have_text("1 changed: refresh")
    assert page.locator("tr[id^=h-]").count() == shown
    page.click("#changed a")
    expect(page.locator(".empty")).to_contain_text("Clear filters")
    headset.refuses[("Replace", USB)] = 425
    headset.nodes[USB] = "1"
    for _ in range(6):
        world.order(REFUSING, "sync")
        world.world.clock.advance(timedelta(minutes=25))
        world.world.check_in(headset)
        world.access.session(page.context.cookies()[0]["value"])
    expect(page.locator("#changed")).to_have_text("1 changed: refresh")


def test_a_headset_that_drifts_is_seen_to_drift_while_the_page_is_open(
    open_page: Opener, world: ConsoleWorld
) -> None:
    page = open_page("/headsets/003421800102")
    expect(page.locator("#live-words")).to_have_text("Live")
    expect(page.locator("#answer")).to_contain_text(f"All {TOTAL} settings are as the fleet file says.")
    headset = world.headsets["003421800102"]
    world.order("003421800102", "sync")
    headset.nodes[USB] = "1"
    world.stop_when_drifted(headset)
    expect(page.locator("#answer")).to_contain_text(f"1 of {TOTAL} settings differs")
    expect(page.locator("#word")).to_contain_text("Drifted")
    world.world.clock.advance(timedelta(minutes=1))
    world.world.check_in(headset)
    expect(page.locator("#answer")).to_contain_text(f"All {TOTAL} settings are as the fleet file says.")


_STREAMS_ARE = """(wanted) => new Promise((done) => { const look = async () => (await navigator.locks.query())
    .held.length === wanted ? done(true) : setTimeout(look, 50); look(); })"""


def test_many_windows_of_one_browser_all_load_and_four_of_them_are_live(open_page: Opener, origin: str) -> None:
    first = open_page()
    windows = [first, *(first.context.new_page() for _ in range(6))]
    for window in windows[1:]:
        window.goto(f"{origin}/headsets")  # with a stream for each of them, the seventh would wait for ever
    for window in windows[:4]:
        expect(window.locator("#live-words")).to_have_text("Live")
    for window in windows[4:]:
        expect(window.locator("#live-words")).to_have_text("Not live: 4 other windows are")
    for window in (*windows[5:], first):
        window.close()
    windows[4].evaluate(
        "document.dispatchEvent(new Event('visibilitychange'))"
    )  # rather than wait for its next try
    expect(windows[4].locator("#live-words")).to_have_text("Live")


def test_a_page_in_the_background_has_no_stream_and_is_live_again_in_front(open_page: Opener) -> None:
    page = open_page()
    expect(page.locator("#live-words")).to_have_text("Live")
    assert page.evaluate(_STREAMS_ARE, 1)
    page.evaluate(
        """window.over = new Promise((done) => document.getElementById("live").addEventListener(
            "htmx:sse:close", done, {once: true}));
        window.look = (hidden) => { Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange")); };
        window.look(true)"""
    )
    assert page.evaluate(_STREAMS_ARE, 0)
    again = page.evaluate(
        """async () => { window.look(false); await window.over; const live = document.getElementById("live");
            return new Promise((done) =>
                live.addEventListener("htmx:sse:after:connection", () => done(true), {once: true})) }"""
    )
    assert again
    assert page.evaluate(_STREAMS_ARE, 1)


def test_a_stream_that_cannot_be_had_at_first_is_tried_again(open_page: Opener) -> None:
    page = open_page("/menu")
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) == 1:
            route.fulfill(status=200, content_type="text/plain", body="")
        else:
            route.continue_()

    page.route("**/events?*", refuse_once)
    page.goto(page.url.replace("/menu", "/"))
    expect(page.locator("#live-words")).to_have_text("Live")
    assert len(refused) == 2
