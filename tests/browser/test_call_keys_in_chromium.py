"""Keys of the call pages work from the moment they are shown: the camera may be slow, and so may the server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect
from tests.assist_world import WAIT_MS, as_party, assist_world, until
from tests.browser.headset_screen import fits, press
from tests.browser.page_checks import axe_complaints
from tests.expert_stand_in import StandInExpert, stand_in
from tests.fake_camera import Camera
from tests.served_assist import ServedAssist

from holofleet.server.assist.left import Draft

pytestmark = pytest.mark.browser
MEGAN, ADELE = "megan@contoso.com", "adele@contoso.com"
SLOW_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.slow = false;
window.opened = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.slow) await new Promise((go) => { window.letGo = go; });
  const stream = await open(wanted);
  window.opened.push(...stream.getTracks());
  return stream;
};
"""
ASKED = "() => typeof letGo === 'function'"
CLOSED = "() => opened.length > 0 && opened.every((one) => one.readyState === 'ended')"
CAMERA = Camera(640, 360, frames=4, fps=10)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedAssist]:
    with assist_world(tmp_path_factory.mktemp("calls")) as served:
        yield served


@dataclass
class Slow:
    """A page whose camera and whose server are as slow as a test wants."""

    page: Page
    silent: threading.Event = field(default_factory=threading.Event)
    kept: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)

    def between(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def told(message: str | bytes) -> None:
            if self.silent.is_set():
                self.kept.append((socket, message))
            else:
                socket.send(message)

        server.on_message(told)

    def speak(self) -> None:
        """Let the server's words through, those that were held back first."""
        self.silent.clear()
        for socket, message in self.kept:
            socket.send(message)
        self.kept.clear()

    def camera(self, *, slow: bool) -> None:
        self.page.evaluate("(slow) => { window.slow = slow; window.letGo = null; window.opened = []; }", slow)

    def stays_slow(self) -> None:
        """The camera is slow on every page that is loaded from now on."""
        self.page.add_init_script("window.slow = true;")

    def shows(self, words: str) -> None:
        self.page.get_by_text(words).locator("visible=true").first.wait_for()


@contextmanager
def slow_page(context: BrowserContext) -> Iterator[Slow]:
    held = Slow(context.new_page())
    context.route_web_socket("**/assist/socket", held.between)
    noise: list[str] = []
    held.page.on("pageerror", lambda error: noise.append(str(error)))
    held.page.add_init_script(SLOW_CAMERA)
    yield held
    context.close()
    assert noise == []


@pytest.fixture
def slow(chromium: Browser, world: ServedAssist) -> Iterator[Slow]:
    with slow_page(as_party(chromium, world, world.device_cookie("100"), width=853, height=480)) as held:
        held.page.clock.install()
        held.page.goto(world.address + "/h")
        held.shows("Ready for calls")
        yield held


@pytest.fixture
def megan(chromium: Browser, world: ServedAssist) -> Iterator[StandInExpert]:
    expert = stand_in(chromium, world, MEGAN)
    yield expert
    expert.page.context.close()


def calls(expert: StandInExpert) -> None:
    """The expert calls the headset."""
    expert.page.evaluate(
        "held.socket.request('call.invite', { to: '100' }).then((one) => { window.made = one.call.id; })"
    )


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).filter(has_text="Ready").click()


def reason(expert: StandInExpert) -> Any:
    return until(expert.page, "held.ended")["ended"]["reason"]


def test_an_answer_is_taken_back_while_the_camera_is_slow_and_a_call_outlives_the_one_before(
    megan: StandInExpert, slow: Slow
) -> None:
    page = slow.page
    slow.camera(slow=True)
    calls(megan)
    press(page, "Answer")
    slow.shows("Answering ...")
    until(page, ASKED)
    fits(page)
    press(page, "Not now")
    slow.shows("Who do you want to call?")
    page.evaluate("letGo()")
    until(page, CLOSED)
    assert reason(megan) == "not-now"
    slow.shows("Camera and microphone are off")

    # Taken back by the other side: nothing is left of it either.
    slow.camera(slow=True)
    megan.page.evaluate("held.ended = null")
    calls(megan)
    press(page, "Answer")
    until(page, ASKED)
    until(megan.page, "held.call !== null && window.made === held.call.id")
    megan.page.evaluate("held.call.cancel()")
    slow.shows("Who do you want to call?")
    page.evaluate("letGo()")
    until(page, CLOSED)

    # Whoever calls back soon after a call is not thrown out when the plate of the former one would go.
    slow.camera(slow=False)
    choose(page, "Megan Bowen")
    press(page, "Call now")
    megan.accept()
    press(page, "End call")
    slow.shows("You ended the call")
    calls(megan)
    press(page, "Answer")
    until(page, "() => document.querySelector('#call').checkVisibility()")
    page.clock.fast_forward(25_000)
    until(megan.page, "held.call?.view.state === 'connected'")
    assert page.locator("#call").is_visible()

    # The camera is switched off before it has come: it does not come.
    press(page, "Camera off")
    slow.camera(slow=True)
    press(page, "Camera on")
    until(page, ASKED)
    press(page, "Camera off")
    page.evaluate("letGo()")
    until(page, CLOSED)
    press(page, "End call")
    assert reason(megan) == "hung-up"


def test_in_a_call_no_key_waits_for_a_server_that_is_silent(megan: StandInExpert, slow: Slow) -> None:
    page = slow.page
    choose(page, "Megan Bowen")
    press(page, "Call now")
    until(megan.page, "held.call !== null")
    slow.silent.set()
    press(page, "Stop calling")
    slow.shows("Taking the call back ...")
    slow.speak()
    slow.shows("You took the call back")
    press(page, "Call again")
    megan.accept()
    until(megan.page, "held.call?.view.state === 'connected'")

    # Whom to add is not known, and the way back is there all the same.
    slow.silent.set()
    press(page, "More keys")
    press(page, "Add expert")
    slow.shows("Looking for experts ...")
    fits(page)
    press(page, "Back to the call")
    slow.speak()

    # A no that did not reach the server is asked for again, in words.
    megan.page.evaluate("held.socket.request('record.ask', { call: held.call.id })")
    page.get_by_role("button", name="No recording").wait_for()
    slow.silent.set()
    press(page, "No recording")
    assert page.locator("#call").is_visible()
    page.clock.fast_forward(31_000)
    slow.shows("Your answer did not reach the server")
    fits(page)
    slow.speak()
    until(page, "() => document.querySelector('#call').checkVisibility()")

    # The end is an end at once.
    slow.silent.set()
    press(page, "End call")
    slow.shows("Ending the call ...")
    until(page, CLOSED)
    fits(page)
    slow.speak()
    slow.shows("You ended the call")
    assert reason(megan) == "hung-up"


def test_who_wears_the_headset_hands_the_call_over(
    chromium: Browser, world: ServedAssist, megan: StandInExpert, slow: Slow
) -> None:
    page = slow.page
    adele = stand_in(chromium, world, ADELE)
    choose(page, "Megan Bowen")
    press(page, "Call now")
    megan.accept()
    until(megan.page, "held.call?.view.state === 'connected'")
    press(page, "More keys")
    fits(page)
    press(page, "Hand over")
    slow.shows("Who takes the call over?")
    fits(page)
    choose(page, "Adele Vance")
    slow.shows("Adele Vance is asked. Megan Bowen stays until they are connected.")
    until(adele.page, "held.call !== null")
    adele.page.evaluate("held.socket.request('call.decline', { call: held.call.id, reason: 'not-now' })")
    slow.shows("Adele Vance cannot talk now. Megan Bowen stays.")
    until(
        adele.page, "held.call.view.parties.at(-1).state === 'left' && (held.call.close(), held.call = null, true)"
    )
    press(page, "More keys")
    press(page, "Hand over")
    choose(page, "Adele Vance")
    adele.accept()
    slow.shows("Adele Vance has taken over from Megan Bowen.")
    until(megan.page, "held.call.view.parties.some((one) => one.id === held.call.me && one.why === 'handed-over')")
    until(page, "() => document.querySelector('#with').textContent === 'Adele Vance'")
    # The code is that of the connection which is left, so that the two can read it to each other.
    code = until(adele.page, "held.call.code(held.call.view.parties.find((one) => one.kind === 'headset').id)")
    expect(page.locator("#code")).to_have_text(f"Code {code[:3]} {code[3:]}")
    press(page, "End call")
    assert reason(adele) == "hung-up"
    adele.page.context.close()


def test_an_expert_says_no_writes_and_ends_whatever_is_slow(
    chromium: Browser, world: ServedAssist, slow: Slow
) -> None:
    headset = slow.page
    with slow_page(as_party(chromium, world, world.session_cookie(MEGAN), width=1024, height=768)) as desk:
        page = desk.page

        def ring() -> None:
            page.goto(world.address + "/account")
            ready = headset.get_by_role("button", name="Megan Bowen").filter(has_text="Ready")
            for _ in range(WAIT_MS // 200):
                if ready.is_visible():
                    break
                headset.clock.fast_forward(10_000)  # then the list is asked for again
                headset.wait_for_timeout(200)
            ready.click()
            press(headset, "Call now")
            page.locator("#ring").get_by_text("hl-100 is calling").wait_for()

        # The browser still asks for the microphone when the expert says no: it stays closed.
        ring()
        desk.stays_slow()
        page.locator("#ring").get_by_role("button", name="Answer").click()
        until(page, ASKED)
        press(page, "Not now")
        slow.shows("Megan Bowen cannot talk now")
        desk.shows("The call was declined for now.")
        page.evaluate("letGo()")
        until(page, CLOSED)
        assert page.locator("#banner").is_hidden()
        press(headset, "Done")

        page.add_init_script("window.slow = false;")
        ring()
        page.locator("#ring").get_by_role("button", name="Answer").click()
        expect(page.locator("#quality")).to_be_visible()
        # What is sent twice at once is sent once, and what is written meanwhile stays.
        desk.silent.set()
        page.locator("#chat-text").fill("Open the valve")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.keyboard.type("slowly")
        desk.speak()
        expect(page.locator("#chat li.mine")).to_have_count(1)
        expect(page.locator("#chat-text")).to_have_value("slowly")

        everything_is_behind_more_on_a_phone(page)
        desk.silent.set()
        page.locator("#acts").get_by_role("button", name="End call").click()
        page.locator("#sure").get_by_role("button", name="End call").click()
        desk.shows("Ending the call ...")
        until(page, CLOSED)
        slow.shows("The call has ended")
        desk.speak()
        desk.shows("Call ended")


def everything_is_behind_more_on_a_phone(page: Page) -> None:
    """Below 1024 pixels: the picture and six tools, by finger and by keyboard; on a wider screen all is back."""
    tools = page.locator("#tools button:visible")
    more = page.get_by_role("button", name="More")
    page.get_by_role("button", name="Point").click()
    before = page.locator(".desk button, #acts button").all_inner_texts()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(tools).to_have_count(7)
    expect(page.get_by_role("button", name="Hand over")).to_be_hidden()
    more.press("Enter")
    expect(page.get_by_role("button", name="Hand over")).to_be_visible()
    expect(page.locator("#chat-text")).to_have_value("slowly")
    page.emulate_media(color_scheme="dark")
    assert axe_complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#chat-text").press("Escape")
    expect(page.locator("#sheet-more")).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    page.get_by_role("button", name="Circle").click()
    expect(page.locator("#sheet-more")).to_be_hidden()
    expect(more).to_have_text("More: Circle")
    page.get_by_role("button", name="Point").click()
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(more).to_be_hidden()
    expect(page.get_by_role("button", name="Hand over")).to_be_visible()
    assert page.locator(".desk button, #acts button").all_inner_texts() == before


def test_a_message_left_is_told_on_every_page_of_an_expert_until_somebody_sees_to_it(
    chromium: Browser, world: ServedAssist
) -> None:
    left, key = world.bench.services.assist.left, world.key(ADELE)
    context = as_party(chromium, world, world.session_cookie(ADELE), width=1024, height=768)
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        page.goto(world.address + "/account")
        expect(page.get_by_role("button", name="Available for calls")).to_be_visible()
    made = left.leave("100", Draft("0000000000000000-live", to=key, phrases=("call-back",)))
    for page in pages:
        expect(page.get_by_role("link", name="Messages left 1 message waits")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="A message was left for you")).to_be_visible()
    pages[0].get_by_role("link", name="A message was left for you").click()
    pages[0].get_by_role("button", name="I see to it").click()
    for page in pages:
        expect(page.locator(".nav .waits")).to_be_hidden()
        expect(page.locator("#left-told")).to_be_hidden()
    assert [(one.id, one.taken_by) for one in left.mine(world.bench.services.assist.parties.expert(key))] == [
        (made.id, key)
    ]
    context.close()
