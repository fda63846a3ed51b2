"""A call recorded by two real browsers: asked, agreed, seen on both pages, taken back; played in the console."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.assist_world import WAIT_MS, as_party, assist_world, until
from tests.browser.expert_desk import MEGAN, wait_until_ready
from tests.browser.headset_screen import press
from tests.browser.page_checks import axe_complaints
from tests.fake_camera import READER_JS, Camera
from tests.served_assist import ServedAssist, fleet

from holofleet.protocols.signaling import PartyKind
from holofleet.server.authorization import LOCAL_ADMIN, Role

pytestmark = pytest.mark.browser
AUDITOR = "isaiah@contoso.com"
CAMERA = Camera(640, 360, frames=30)
KEPT = fleet().replace("recording: allowed", "recording: allowed, withdrawn: kept")


@pytest.fixture(scope="module")
def world(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedAssist, Browser]]:
    with assist_world(tmp_path_factory.mktemp("recorded"), text=KEPT) as served:
        served.bench.services.directory.give_role(LOCAL_ADMIN, AUDITOR, Role.ADMINISTRATOR)
        yield served, chromium


def answered(served: ServedAssist, browser: Browser) -> tuple[Page, Page]:
    """Return the pages of a headset and of an expert who are in a call."""
    expert = as_party(browser, served, served.session_cookie(MEGAN), width=1440, height=900).new_page()
    expert.goto(f"{served.address}/account")
    wait_until_ready(expert, served, MEGAN)
    headset = as_party(browser, served, served.device_cookie("100"), width=853, height=480).new_page()
    headset.goto(f"{served.address}/h")
    headset.get_by_role("button", name="Megan Bowen").click()
    headset.get_by_role("button", name="Call", exact=False).first.click()
    expert.get_by_role("button", name="Answer").click()
    expect(expert.locator("#record")).to_be_visible()
    expect(headset.locator("#call")).to_be_visible()
    until(expert, "document.getElementById('video').videoWidth > 0")
    return headset, expert


def test_a_recorded_call_from_the_question_to_the_picture_in_the_console(
    world: tuple[ServedAssist, Browser], tmp_path: Path
) -> None:
    served, browser = world
    headset, expert = answered(served, browser)
    noise: list[str] = []
    expert.on("pageerror", lambda error: noise.append(str(error)))
    call = expert.url.split("/")[-2]

    expert.locator("#record").click()
    expect(headset.get_by_text("May Megan Bowen record this call?")).to_be_visible()
    expect(headset.get_by_text("Kept 30 days")).to_be_visible()
    expect(expert.locator("#recording")).to_contain_text("Recording is asked for")
    headset.screenshot(path=tmp_path / "asked.png")
    press(headset, "Agree")
    expect(expert.locator("#recording")).to_contain_text("Recording 00:0")
    expect(headset.locator("#call [data-recorded]")).to_contain_text("This call is recorded")
    library = served.bench.services.assist.recordings
    deadline = time.monotonic() + WAIT_MS / 1000
    for least in (1, 3):
        while not ((found := library.listed(LOCAL_ADMIN)[0]) and found[0].chunks >= least):
            assert time.monotonic() < deadline
            expert.wait_for_timeout(100)
        if least == 1:
            draw_on_the_live_picture(served, call)
    headset.screenshot(path=tmp_path / "recorded-headset.png")
    expert.screenshot(path=tmp_path / "recorded-expert.png")
    assert axe_complaints(expert) == []

    press(headset, "Stop recording")
    expect(expert.locator("#recording")).to_contain_text("Not recorded")
    expect(headset.locator("#call [data-recorded]")).to_contain_text("Not recorded")
    (record,) = library.listed(LOCAL_ADMIN)[0]
    assert (record.why, record.is_there) == ("withdrew", True)
    expert.get_by_role("button", name="End call").click()
    expert.locator("#sure").get_by_role("button", name="End call").click()
    expect(headset.locator("#call")).to_be_hidden()
    headset.context.close()
    expert.context.close()
    assert noise == []
    look(served, as_party(browser, served, served.session_cookie(AUDITOR), width=1440, height=900), call, tmp_path)


def draw_on_the_live_picture(served: ServedAssist, call: str) -> None:
    """Let the expert's marks come to the server as their page sends them: an arrow now, on what is recorded."""
    now = served.bench.services.clock.now()
    with served.bench.services.assist.store.turn(call) as turn:
        assert turn.call is not None
        author = next(seat.id for seat in turn.call.seats if seat.kind is PartyKind.EXPERT)
        head = {"v": 1, "id": "M1", "call": call, "author": author, "seq": 1, "t": now.timestamp() * 1000}
        mark = {"kind": "arrow", "points": [[0.2, 0.2], [0.6, 0.6]], "colour": "yellow"}
        turn.marks([{**head, "base": "live", "op": "mark.add", "mark": mark}], kept=True, at=now)


def look(served: ServedAssist, context: BrowserContext, call: str, folder: Path) -> None:
    """Play the recording of a call as an auditor does, and read the number off a frame of it."""
    page = context.new_page()
    page.goto(f"{served.address}/calls/{call}")
    page.screenshot(path=folder / "call.png", full_page=True)
    expect(page.get_by_text("Who agreed, and when")).to_be_visible()
    page.locator("section", has=page.locator("#recordings-title")).get_by_role("link").click()
    page.get_by_label("Reason").fill("Training of new experts")
    page.screenshot(path=folder / "recording.png", full_page=True)
    page.get_by_role("button", name="Play").click()
    video = "document.querySelector('video.played')"
    until(page, f"{video} && {video}.readyState >= 2")
    page.evaluate(f"{video}.muted = true, void {video}.play()")
    page.evaluate(READER_JS)
    assert until(page, f"{video}.videoWidth === 640 && readCamera({video}).n >= 0")
    page.evaluate(f"{video}.pause()")
    until(page, f"Number.isFinite({video}.duration) && {video}.currentTime < {video}.duration")
    marks, drawn = page.locator("#marked-marks"), page.get_by_role("button", name="drew an arrow on Live picture")
    drawn.focus()
    page.keyboard.press("Enter")
    expect(marks.locator(".mark, g").first).to_be_attached()
    expect(page.locator("#marked-say")).to_have_text("Megan Bowen Drew an arrow on Live picture.")
    page.screenshot(path=folder / "played.png", full_page=True)
    assert axe_complaints(page) == []
    page.get_by_role("button", name="Marks over the picture").press("Space")
    expect(marks.locator("g")).to_have_count(0)
    page.get_by_role("button", name="Marks over the picture").press("Space")
    page.evaluate(f"{video}.currentTime = 0")
    expect(marks.locator("g")).to_have_count(0)
    with page.expect_download() as saved:
        page.get_by_label("Reason").fill("Training of new experts")
        page.get_by_role("button", name="Save as a file").click()
    path = saved.value.path()
    assert path.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # EBML, as every WebM begins
    assert saved.value.suggested_filename.startswith("call-100-")
    context.close()
