"""Every state of the headset's page at both sizes of its window, and what is left of it afterwards: nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from tests.assist_world import as_party, assist_world, until
from tests.browser.headset_screen import fits, headset_page, press
from tests.browser.page_checks import axe_complaints
from tests.expert_stand_in import StandInExpert, stand_in
from tests.fake_camera import Camera
from tests.served_assist import ServedAssist, fleet

from holofleet.server.assist.left import PartKind
from holofleet.web.device import DEVICE_COOKIE

pytestmark = pytest.mark.browser
CAMERA = Camera(frames=6)
MEGAN, ADELE = "megan@contoso.com", "adele@contoso.com"
FLEET = fleet().replace("low-resolution", "snapshots")
SHUT = "recording: allowed, hours: mon 07:00-07:01,"
REMAINS = """async () => ({
  local: { ...localStorage }, session: { ...sessionStorage },
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  cookies: document.cookie,
  pictures: [...document.querySelectorAll("video, img")]
    .filter((one) => one.srcObject || one.getAttribute("src")).length,
  words: ["#caption-words", "#with", "#leave-said", "#others"]
    .map((one) => document.querySelector(one).textContent),
})"""
CLEAN = {
    "local": {},
    "session": {},
    "databases": 0,
    "caches": 0,
    "workers": 0,
    "cookies": "",
    "pictures": 0,
    "words": ["", "", "", ""],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedAssist]:
    with assist_world(tmp_path_factory.mktemp("calls"), text=FLEET) as served:
        yield served


def stands(page: Page, words: str, *, axe: bool = False) -> None:
    """A state is reached, and its screen holds what every screen is held to."""
    page.get_by_text(words).locator("visible=true").first.wait_for()
    fits(page)
    if axe:
        assert axe_complaints(page) == []


def choose(page: Page, name: str, presence: str = "Ready") -> None:
    card = page.get_by_role("button", name=name).filter(has_text=presence)
    card.click()


def declined(expert: StandInExpert, **said: Any) -> None:
    until(expert.page, "held.call !== null")
    expert.page.evaluate(
        "(said) => held.socket.request('call.decline', { call: held.call.id, ...said })",
        {"reason": "busy", **said},
    )


def test_every_state_fits_and_nothing_of_a_session_remains(chromium: Browser, world: ServedAssist) -> None:
    page = headset_page(chromium, world, world.device_cookie("100"))
    noise: list[str] = []
    page.on("pageerror", lambda error: noise.append(str(error)))
    stands(page, "Nobody is free now", axe=True)

    # Nobody may be called at this hour: it says when, and a message can be left all the same.
    world.publish(FLEET.replace("recording: allowed,", SHUT))
    page.reload()
    stands(page, "Nobody may be called from here now. Next: Monday", axe=True)
    page.get_by_role("button", name="Leave a message").wait_for()
    world.publish(FLEET)
    page.reload()

    megan, adele = stand_in(chromium, world, MEGAN), stand_in(chromium, world, ADELE)
    page.reload()
    stands(page, "First one free")
    choose(page, "Megan Bowen")
    stands(page, "Call Megan Bowen?", axe=True)
    press(page, "Keep at the top")
    stands(page, "Kept at the top")

    # Busy: another is offered, or whoever is free.
    press(page, "Call now")
    stands(page, "Calling Megan Bowen")
    declined(megan, offer=world.key(ADELE))
    stands(page, "Megan Bowen is busy. Call another?")
    press(page, "Call Adele Vance")
    declined(adele)
    stands(page, "Adele Vance is busy. Call another?")
    page.get_by_role("button", name="Leave a message").wait_for()
    press(page, "Any expert")
    stands(page, "Calling an expert")
    press(page, "Stop calling")
    stands(page, "You took the call back")
    press(page, "Done")

    # Somebody calls; the call, its keys, and what is said in it.
    page.get_by_text("kept at the top").wait_for(state="attached")
    megan.page.evaluate("held.socket.request('call.invite', { to: '100' })")
    stands(page, "Megan Bowen calls you")
    press(page, "Answer")
    page.locator("#call").wait_for()
    stands(page, "Code", axe=True)
    press(page, "More keys")
    press(page, "Save network")
    press(page, "Show motion")
    stands(page, "Pictures only, as you chose.")
    press(page, "Full picture")
    page.locator("#keys-more").get_by_role("button", name="Back").click()
    press(page, "Take picture")
    page.locator("#still").wait_for()
    press(page, "More keys")
    press(page, "Pictures")
    press(page, "Bigger")
    stands(page, "Smaller", axe=True)
    assert "scale(2)" in str(page.locator("#still").evaluate("(one) => one.style.transform"))
    page.locator("#keys-pictures").get_by_role("button", name="Back").click()
    megan.page.evaluate("held.socket.request('record.ask', { call: held.call.id })")
    stands(page, "May Megan Bowen record this call?")
    press(page, "No recording")

    # The other side goes without a word.
    megan.page.evaluate("[...held.call.peers.values()].forEach((one) => one.connection.close())")
    stands(page, "Connection lost. Trying again")
    press(page, "End call")
    stands(page, "You ended the call")
    with page.expect_request(lambda asked: asked.url.endswith("/h/over")):
        press(page, "Done")
    page.get_by_text("Who do you want to call?").wait_for()
    assert page.evaluate(REMAINS) == CLEAN
    kept = {one["name"] for one in page.context.cookies()}
    assert kept == {DEVICE_COOKIE}
    assert noise == []
    for one in (page, megan.page, adele.page):
        one.context.close()


def test_a_message_waits_for_the_server_and_is_found_and_answered_by_whom_it_is_for(
    chromium: Browser, world: ServedAssist
) -> None:
    page = headset_page(chromium, world, world.device_cookie("101"))
    choose(page, "Adele Vance", "Not there")
    stands(page, "Adele Vance is not there now")
    press(page, "Leave a message")
    page.locator("#leave-live").wait_for()
    stands(page, "Nobody sees or hears this before you send it.", axe=True)
    assert page.get_by_role("button", name="Send message").is_disabled()
    press(page, "Take picture")
    page.locator("#leave-still").wait_for()
    press(page, "Record voice")
    page.get_by_text("Recording: 1 of 60 s").wait_for()
    stands(page, "Stop voice")
    press(page, "Stop voice")
    press(page, "Choose words")
    press(page, "I need a part")
    stands(page, "The machine stands still", axe=True)
    press(page, "Done")
    stands(page, "1 sentence")

    page.route("**/h/left", lambda route: route.abort())
    press(page, "Send message")
    stands(page, "The message waits")
    page.get_by_text("Camera and microphone are off").locator("visible=true").wait_for()
    page.unroute("**/h/left")
    press(page, "Send again")
    stands(page, "The message is left")
    press(page, "Done")
    page.get_by_text("Who do you want to call?").wait_for()
    assert page.evaluate(REMAINS) == CLEAN

    desk = as_party(chromium, world, world.session_cookie(ADELE), width=1440, height=900).new_page()
    desk.goto(world.address + "/calls/left")
    expect(desk.get_by_role("listitem").filter(has_text="I need a part")).to_be_visible()
    picture = desk.get_by_role("img", name="Picture that the wearer took")
    picture.scroll_into_view_if_needed()
    until(desk, "() => document.querySelector('.left-message img').naturalWidth === 1920")
    voice = until(
        desk,
        """async () => { const audio = document.querySelector(".left-message audio");
          audio.muted = true; await audio.play().catch(() => {}); return audio.currentTime > 0; }""",
    )
    assert voice
    assert axe_complaints(desk) == []
    until(page, "() => document.querySelector('[data-server]').classList.contains('good')")
    desk.get_by_role("button", name="Call back").click()
    stands(page, "Adele Vance calls you")
    press(page, "Not now")
    (taken,) = world.bench.services.assist.left.mine(_party(world, ADELE))
    assert (taken.taken_name, taken.parts) == ("Adele Vance", (PartKind.PICTURE, PartKind.VOICE))
    for one in (page, desk):
        one.context.close()


def _party(world: ServedAssist, upn: str) -> Any:
    found = world.bench.services.assist.parties.expert(world.key(upn))
    assert found is not None
    return found


SLOW_CAMERA = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.opened = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  await new Promise((go) => { window.letGo = go; });
  const stream = await open(wanted);
  window.opened.push(...stream.getTracks());
  return stream;
};
"""


def test_a_call_can_be_taken_back_while_the_camera_and_while_the_server_is_slow(
    chromium: Browser, world: ServedAssist
) -> None:
    megan = stand_in(chromium, world, MEGAN)
    context = as_party(chromium, world, world.device_cookie("101"), width=853, height=480)
    sockets: list[WebSocketRoute] = []
    late: list[str | bytes] = []
    slow = threading.Event()

    def between(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda message: late.append(message) if slow.is_set() else socket.send(message))

    context.route_web_socket("**/assist/socket", between)
    page = context.new_page()
    page.add_init_script(SLOW_CAMERA)
    page.goto(world.address + "/h")

    choose(page, "Megan Bowen")
    press(page, "Call now")
    until(page, "() => typeof letGo === 'function'")  # the camera was asked for
    press(page, "Stop calling")
    stands(page, "You took the call back")
    page.evaluate("letGo()")
    until(page, "() => opened.length === 2 && opened.every((one) => one.readyState === 'ended')")
    assert not page.get_by_role("button", name="Stop calling").is_visible()

    press(page, "Call again")
    slow.set()
    until(page, "() => (letGo(), opened.length === 4)")
    until(megan.page, "held.call !== null")
    press(page, "Stop calling")
    stands(page, "Taking the call back")
    stands(page, "Camera and microphone are off")
    slow.clear()
    for message in late:
        sockets[-1].send(message)
    stands(page, "You took the call back")
    until(megan.page, "held.call === null || held.call.view.state === 'ended'")
    for one in (page, megan.page):
        one.context.close()


def test_a_page_that_is_loaded_again_in_a_call_has_its_picture_and_marks_back(
    chromium: Browser, world: ServedAssist
) -> None:
    page = headset_page(chromium, world, world.device_cookie("100"))
    cookie = world.session_cookie(ADELE)
    desk = as_party(chromium, world, cookie, width=1440, height=900).new_page()
    desk.goto(world.address + "/calls/left")
    choose(page, "Adele Vance")
    press(page, "Call now")
    desk.get_by_role("button", name="Answer").click()
    desk.get_by_role("button", name="Freeze").click()
    expect(desk.locator("#stage-say")).to_contain_text("is here at full size")
    desk.keyboard.press("a")
    box = desk.locator("#sheet").bounding_box()
    assert box is not None
    desk.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#marks [data-mark]").wait_for(state="attached")
    page.reload()
    stands(page, "You are in a call with Adele Vance")
    press(page, "Back to the call")
    page.locator("#marks [data-mark]").wait_for(state="attached")
    until(page, "() => document.querySelector('#still').naturalWidth === 1920")
    press(page, "End call")
    page.get_by_text("You ended the call").wait_for()
    for one in (page, desk):
        one.context.close()
