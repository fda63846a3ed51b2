"""The kiosk page at the sizes of a headset's browser: what can be hit with an air tap and read at arm's length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.console_people import ISAIAH, LONG, add_people
from tests.console_world import COMPLIANT, ConsoleWorld, console_world

from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Scope
from holofleet.web.device import DEVICE_COOKIE

pytestmark = pytest.mark.browser
PIN = "482917"
FREE, HELD = "HL-FIELD-01 is free", "You are Isaiah Langer"
SIZES = [(853, 480), (800, 390)]
MEASURED = """() => {
  const wrong = [];
  const ends_in_dots = (e) => // as names do that are too long
    getComputedStyle(e).webkitLineClamp !== 'none' || getComputedStyle(e).textOverflow === 'ellipsis';
  const said = (e) => (e.innerText || e.name || e.className || '').trim();
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden])')) {
    if (!e.checkVisibility()) continue;
    const box = e.getBoundingClientRect();
    if (box.width < 88 || box.height < 88) wrong.push(`small: ${said(e)} ${box.width} x ${box.height}`);
    if (box.left < 0 || box.top < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
      wrong.push(`outside: ${said(e)}`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.textContent.trim() || text.parentElement.closest('.vh')) continue;
    if (ends_in_dots(text.parentElement)) continue;
    const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
    if (size < 18) wrong.push(`text of ${size}: ${text.textContent.trim()}`);
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) wrong.push(`cut: ${text.textContent.trim()}`);
  }
  const whole = document.documentElement;
  if (whole.scrollWidth > whole.clientWidth || whole.scrollHeight > whole.clientHeight) wrong.push('it scrolls');
  for (const e of document.querySelectorAll('.screen *')) {
    if (e.closest('.vh, svg') || getComputedStyle(e).display === 'inline' || !e.clientWidth) continue;
    if (ends_in_dots(e)) continue;
    if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
      wrong.push(`more than fits: ${e.className} ${said(e)}`);
  }
  return wrong;
}"""
Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    """A small fleet, in the place of the one in every state."""
    with console_world(tmp_path_factory.mktemp("kiosk")) as made:
        made.publish()
        add_people(made, more=9)
        isaiah = Principal(PrincipalKind.PERSON, ISAIAH, frozenset(), Scope.every())
        made.services.custody.pins.choose(isaiah, PIN)
        yield made


@pytest.fixture
def on_headset(chromium: Browser, world: ConsoleWorld, origin: str) -> Iterator[Opener]:
    """Give a function that opens ``/k`` in the browser of a headset; errors of the page fail the test."""
    contexts: list[Any] = []
    noise: list[str] = []

    def opened(size: tuple[int, int], *, paired: bool = True, script: bool = True) -> Page:
        context = chromium.new_context(
            ignore_https_errors=True,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
        )
        contexts.append(context)
        if paired:
            kiosk = world.services.custody.kiosk
            secret = kiosk.pair(kiosk.invite(LOCAL_ADMIN, COMPLIANT).secret)
            cookie = {"name": DEVICE_COOKIE, "value": secret, "url": origin, "secure": True, "httpOnly": True}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda message: None if "status of 403" in message.text else noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.goto(f"{origin}/k")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == []


def measured(page: Page, heading: str) -> None:
    expect(page.locator("h1")).to_have_text(heading)
    assert page.evaluate(MEASURED) == [], heading


def letter(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def type_pin(page: Page, pin: str) -> None:
    for digit in pin:
        page.click(f'[data-key="{digit}"]')
    assert page.input_value("#pin") == pin
    page.click("text=Take this headset")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_everything_is_hit_with_an_air_tap_and_nothing_scrolls(
    on_headset: Opener, origin: str, size: tuple[int, int]
) -> None:
    measured(on_headset(size, paired=False), "This headset is not paired yet")
    page = on_headset(size)
    measured(page, FREE)
    page.click("text=Show code to the desk")
    measured(page, "Show this to the desk")
    expect(page.locator(".read svg")).to_be_visible()
    page.click("text=Done")
    page.click("text=Enter my PIN")
    measured(page, "Your name begins with")
    letter(page, "W")
    measured(page, "Who are you?")
    page.click("text=More names")
    expect(page.locator(".person")).to_have_count(3)
    measured(page, "Who are you?")
    page.goto(f"{origin}/k/pin?begins=T")
    measured(page, "Who are you?")
    page.locator(".person").click()
    measured(page, f"PIN of {LONG}")
    page.goto(f"{origin}/k/pin?begins=Q")
    measured(page, "Nobody begins with Q")
    page.click("text=Other letter")
    letter(page, "I")
    page.click("text=Isaiah Langer")
    measured(page, "PIN of Isaiah Langer")
    type_pin(page, "111111")
    expect(page.get_by_role("alert")).to_contain_text("This is not the PIN.")
    measured(page, "PIN of Isaiah Langer")
    type_pin(page, PIN)
    measured(page, HELD)
    page.click("text=Hand over")
    measured(page, "The next person takes it")
    page.click("text=Enter my PIN")
    measured(page, "Your name begins with")
    letter(page, "Back")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.dblclick("text=Give back")  # as a hand does that is not sure of its tap
    expect(page.locator("h1")).to_have_text(FREE)
    assert sent == [f"{origin}/k/back"]


def test_the_page_goes_on_when_the_desk_gives_the_headset_out(on_headset: Opener, world: ConsoleWorld) -> None:
    page = on_headset(SIZES[0])
    page.clock.install()
    page.reload()
    page.click("text=Show code to the desk")
    code = page.inner_text(".digits")
    desk = world.services.custody.desk
    desk.check_out(LOCAL_ADMIN, headset=code.replace(" ", ""), person=ISAIAH)
    page.clock.run_for(6_000)
    expect(page.locator("h1")).to_have_text(HELD, timeout=30_000)
    desk.check_in(LOCAL_ADMIN, COMPLIANT)
    page.clock.run_for(16_000)
    expect(page.locator("h1")).to_have_text(FREE, timeout=30_000)


def test_a_headset_is_taken_without_script(on_headset: Opener, origin: str) -> None:
    page = on_headset(SIZES[0], script=False)
    page.click("text=Enter my PIN")
    letter(page, "I")
    page.click("text=Isaiah Langer")
    page.fill("#pin", PIN)
    page.click("text=Take this headset")
    expect(page.locator("h1")).to_have_text(HELD)
    page.click("text=Give back")
    expect(page.locator("h1")).to_have_text(FREE)
