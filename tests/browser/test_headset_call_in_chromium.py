"""A headset's page and an expert, in real browsers over the real server, with a camera that numbers its frames."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.assist_world import as_party, assist_world, until
from tests.browser.headset_screen import fits, headset_page, press
from tests.expert_stand_in import StandInExpert, stand_in
from tests.fake_camera import Camera
from tests.served_assist import ServedAssist

CAMERA = Camera()
MEGAN = "megan@contoso.com"
CODE = "() => document.querySelector('#code span').textContent.replace(/[^0-9]/g, '')"
EMPTY = "() => [...document.querySelectorAll('video, img')].every((one) => !one.srcObject && !one.src)"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedAssist]:
    with assist_world(tmp_path_factory.mktemp("calls")) as served:
        yield served


def in_a_call(page: Page, expert: StandInExpert) -> None:
    page.get_by_text("Megan Bowen").click()
    fits(page)
    press(page, "Call now")
    page.get_by_text("Calling Megan Bowen").wait_for()
    fits(page)
    expert.accept()
    until(page, "() => document.querySelector('#call').checkVisibility()")


@pytest.mark.browser
def test_a_call_in_two_taps_is_sharp_checked_and_leaves_nothing(chromium: Browser, world: ServedAssist) -> None:
    expert = stand_in(chromium, world, MEGAN)
    page = headset_page(chromium, world, world.device_cookie("100"))
    page.get_by_text("Ready", exact=True).wait_for()
    fits(page)
    in_a_call(page, expert)

    # Full size, frame after frame, and the same six digits at both ends.
    first = expert.sees(width=1920)
    until(expert.page, "(n) => readCamera(held.video).n !== n", first["n"])
    code = until(page, CODE)
    assert [code] == expert.page.evaluate("held.codes")
    assert len(code) == 6
    page.get_by_text("Camera and microphone are on").locator("visible=true").wait_for()
    fits(page)

    # The expert asks for a still: it comes at the camera's full size, and marks lie over it on the headset.
    expert.says({"type": "still.ask", "id": "still-1"})
    still = until(expert.page, "held.files.find((one) => one.kind === 'still')")
    assert (still["id"], still["real"]) == ("still-1", [1920, 1080])
    assert still["bytes"] == still["size"]
    mark = {"kind": "step", "points": [[0.5, 0.5]], "colour": "sky", "number": 1, "text": "Close the left valve."}
    event = expert.page.evaluate(
        """(mark) => ({ v: 1, id: "0123456789abcdefghjkmnpqrs", call: held.call.id, seq: 1, author: held.call.me,
           t: Math.floor(held.socket.now()), base: "still-1", op: "mark.add", mark })""",
        mark,
    )
    expert.says({"type": "marks", "events": [event]})
    expert.says({"type": "view", "base": "still-1"})
    page.locator("#caption-words", has_text="Close the left valve.").wait_for()
    assert page.locator("#still").evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [1920, 1080]
    assert page.locator("#marks [data-mark]").count() == 1
    press(page, "Hide marks")
    assert page.locator("#marks [data-mark]").count() == 0
    assert page.get_by_role("button", name="Show marks").get_attribute("aria-pressed") == "true"

    # What is off is off for everybody, and on again with the next tap.
    press(page, "Mute me")
    press(page, "Camera off")
    until(expert.page, "held.call.others.every((one) => !one.camera && !one.microphone)")
    page.get_by_text("Camera and microphone are off").locator("visible=true").wait_for()
    fits(page)
    press(page, "Camera on")
    press(page, "Unmute me")
    until(expert.page, "held.call.others.every((one) => one.camera && one.microphone)")
    expert.sees()

    # Recording is asked on a plate of its own; a no is a no.
    expert.page.evaluate("held.socket.request('record.ask', { call: held.call.id })")
    page.get_by_role("button", name="No recording").wait_for()
    fits(page)
    press(page, "No recording")
    until(expert.page, "held.call.view.recording.state === 'none'")

    press(page, "End call")
    page.get_by_text("You ended the call").wait_for()
    fits(page)
    assert page.evaluate(EMPTY)
    with page.expect_request(lambda asked: asked.url.endswith("/h/over")):
        press(page, "Done")
    page.get_by_text("Who do you want to call?").wait_for()
    assert until(expert.page, "held.ended")["ended"]["reason"] == "hung-up"
    assert [one for one in expert.page.evaluate("held.told") if one[0] != "link"] == []
    assert expert.noise == []
    for one in (page, expert.page):
        one.context.close()


@pytest.mark.browser
def test_AST_3_what_is_no_message_or_no_picture_changes_nothing(chromium: Browser, world: ServedAssist) -> None:
    expert = stand_in(chromium, world, MEGAN)
    page = headset_page(chromium, world, world.device_cookie("100"))
    noise: list[str] = []
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    in_a_call(page, expert)
    until(expert.page, "held.codes.length === 1")
    expert.page.evaluate(
        """async () => {
          const call = held.call, peer = [...call.peers.values()][0], evil = "<img src=x onerror=alert(1)>";
          for (const said of [{}, { type: 7 }, { type: "marks" }, { type: "marks", events: [null, 1, {}, [evil]] },
            { type: "view", base: 5 }, { type: "still.ask", id: evil }, { type: "constructor" },
            { type: "marks", events: [{ v: 1, id: "1", call: call.id, seq: 1, author: evil, t: 1, base: "live",
              op: "mark.add", mark: { kind: "text", points: [[9, 9]], colour: evil, text: evil } }] }])
            call.say(said);
          for (const at of [{}, { x: 2, y: 0 }, { x: NaN, y: 1 }, { x: "0", y: "0", colour: evil }])
            call.point(at);
          const svg = new Blob(['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>']);
          for (const type of ["image/svg+xml", "text/html", "image/jpeg", "image/png"])
            await peer.files.send({ id: "bad", kind: "still", name: evil, type }, svg);
          const huge = { width: 16000, height: 16000 };
          await peer.files.send({ id: "bad", kind: "page", name: "p", type: "image/png", ...huge }, svg);
          call.say({ type: "view", base: "bad" });
        }"""
    )
    page.get_by_text("The picture comes ...").wait_for()
    # The call goes on, and a real picture still comes through.
    expert.says({"type": "still.ask", "id": "good"})
    until(expert.page, "held.files.some((one) => one.id === 'good' && one.kind === 'still')")
    expert.says({"type": "view", "base": "good"})
    page.locator("#still").wait_for()
    assert page.locator("#marks [data-mark]").count() == 0
    assert noise == []
    press(page, "End call")
    for one in (page, expert.page):
        one.context.close()


@pytest.mark.browser
def test_a_page_that_is_loaded_again_finds_its_call(chromium: Browser, world: ServedAssist) -> None:
    expert = stand_in(chromium, world, MEGAN)
    page = headset_page(chromium, world, world.device_cookie("100"))
    in_a_call(page, expert)
    expert.sees()
    page.reload()
    page.get_by_text("You are in a call with Megan Bowen").wait_for()
    fits(page)
    press(page, "Back to the call")
    until(expert.page, "held.codes.length === 2")
    expert.sees()
    assert until(page, CODE) == expert.page.evaluate("held.codes[1]")
    expert.page.evaluate("held.call.end()")
    page.get_by_text("The call has ended").wait_for()
    for one in (page, expert.page):
        one.context.close()


@pytest.mark.browser
def test_an_expert_calls_a_headset_which_may_say_not_now(chromium: Browser, world: ServedAssist) -> None:
    expert = stand_in(chromium, world, "adele@contoso.com")
    page = headset_page(chromium, world, world.device_cookie("101"))
    page.get_by_text("Adele Vance").wait_for()
    expert.page.evaluate("held.socket.request('call.invite', { to: '101' })")
    page.get_by_text("Adele Vance calls you").wait_for()
    fits(page)
    press(page, "Not now")
    page.get_by_text("Who do you want to call?").wait_for()
    assert until(expert.page, "held.ended")["ended"]["reason"] == "not-now"
    for one in (page, expert.page):
        one.context.close()


@pytest.mark.browser
def test_a_browser_that_is_not_paired_is_led_to_the_kiosk(chromium: Browser, world: ServedAssist) -> None:
    page = as_party(chromium, world, world.session_cookie(MEGAN), width=853, height=480).new_page()
    page.goto(world.address + "/h")
    assert page.url == world.address + "/k"
    page.context.close()
