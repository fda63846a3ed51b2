"""A guest in a call, from the link to the end, in three real browsers through the real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.assist_world import as_party, assist_world, caller, until
from tests.browser.expert_desk import MEGAN, World, listen, waiting
from tests.browser.page_checks import axe_complaints
from tests.fake_camera import READER_JS, Camera
from tests.headset_stand_in import stand_in

from holofleet.server.authorization import LOCAL_ADMIN

pytestmark = pytest.mark.browser
CAMERA = Camera(1280, 720, frames=30, fps=30)


@pytest.fixture(scope="module")
def world(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with assist_world(tmp_path_factory.mktemp("guests")) as served:
        yield World(served, chromium)


def made_link(expert: Page) -> str:
    """Let the expert make a link in the call, and return its address."""
    expert.get_by_role("button", name="Guest", exact=True).click()
    expert.get_by_label("Who is expected").fill("Service of Fabrikam")
    expert.get_by_role("button", name="Make a link").click()
    expect(expert.locator("#guest-address")).to_be_visible()
    until(expert, "document.getElementById('guest-code').naturalWidth > 0")
    assert axe_complaints(expert) == []
    address: Any = expert.locator("#guest-address").input_value()
    expert.keyboard.press("Escape")
    return str(address)


def test_a_guest_waits_sees_draws_leaves_and_does_not_come_back(world: World, tmp_path: Path) -> None:
    noise: list[str] = []
    served = world.served
    there = as_party(world.browser, served, served.device_cookie("100"), width=853, height=480)
    headset = stand_in(there, served.address)
    until(headset, "window.ready === true")
    expert = waiting(world, MEGAN, noise)
    call = headset.evaluate("(key) => window.invite(key)", served.key(MEGAN))
    expert.get_by_role("button", name="Answer").click()
    until(headset, "window.seen.state === 'connected'")
    address = made_link(expert)
    assert address.startswith(f"{served.address}/g#hfg_")

    theirs = caller(world.browser, width=390, height=800)
    guest = theirs.new_page()
    listen(guest, noise)
    guest.goto(address)
    guest.get_by_role("button", name="Open the invitation").click()
    expect(guest.get_by_role("heading", name="Megan Bowen invites you to a call")).to_be_visible()
    assert guest.evaluate("location.href") == f"{served.address}/g"
    assert axe_complaints(guest) == []
    guest.get_by_role("button", name="Try the microphone").click()
    until(guest, "document.getElementById('level').value > 0.01")
    guest.get_by_label("Your name").fill("Lynne Robbins")
    guest.get_by_label("Your name").press("Enter")
    expect(guest.get_by_role("heading", name="Waiting until Megan Bowen lets you in")).to_be_visible()
    assert axe_complaints(guest) == []
    assert headset.evaluate("window.call.view.parties.length") == 2

    # The same link in another browser opens nothing.
    others = caller(world.browser, width=390, height=800)
    second = others.new_page()
    second.goto(address)
    second.get_by_role("button", name="Open the invitation").click()
    expect(second.get_by_role("heading", name="This link does not count")).to_be_visible()
    others.close()

    expect(expert.locator("#lobby")).to_contain_text("Guest: Lynne Robbins waits to be let in")
    expert.get_by_role("button", name="Let in").click()
    until(guest, f"document.getElementById('video').videoWidth === {CAMERA.width}")
    guest.evaluate(READER_JS)
    frame = until(guest, "readCamera(document.getElementById('video'))")
    until(guest, "(n) => readCamera(document.getElementById('video')).n !== n", frame["n"])
    expect(guest.locator("#seats")).to_contain_text("Megan Bowen")
    expect(expert.locator("#seats")).to_contain_text("Guest: Lynne Robbins")
    expect(expert.locator("#seats")).to_contain_text("link of Megan Bowen")
    expect(expert.get_by_role("button", name="Put out Guest: Lynne Robbins")).to_be_visible()
    until(headset, "window.call.view.parties.some((one) => one.name === 'Guest: Lynne Robbins')")
    assert "on record" not in str(guest.evaluate("document.body.innerText"))

    # What the expert freezes comes to the guest, who draws on it for everybody.
    expert.get_by_role("button", name="Freeze").click()
    expect(expert.locator("#stage-say")).to_contain_text("full size")
    image = {"name": "plan.png", "mimeType": "image/png", "buffer": expert.locator("#people-panel").screenshot()}
    expert.locator("#insert-file").set_input_files(image)  # type: ignore[arg-type]
    expect(guest.locator("#where")).to_have_text("plan.png")
    guest.get_by_role("button", name="Arrow").click()
    box = guest.locator("#sheet").bounding_box()
    assert box is not None
    guest.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(expert.locator('#marks [data-kind="arrow"]')).to_have_count(1)
    until(headset, "window.kinds().includes('arrow')")
    guest.get_by_role("button", name="More").click()
    guest.get_by_label("Message to everybody").fill("It is the left one.")
    guest.keyboard.press("Enter")
    until(headset, "window.seen.chat.includes('It is the left one.')")
    assert axe_complaints(guest) == []
    assert axe_complaints(expert) == []
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")

    guest.get_by_role("button", name="Leave").click()
    expect(guest.get_by_role("heading", name="You left the call")).to_be_visible()
    expect(expert.locator("#seats")).not_to_contain_text("Lynne")
    until(guest, "document.cookie === ''")
    for back in (address, f"{served.address}/g"):
        guest.goto("about:blank")
        guest.goto(back)
        if "#" in back:
            guest.get_by_role("button", name="Open the invitation").click()
        expect(guest.locator("#over")).to_be_visible()
    headset.evaluate("window.call.end()")
    found = served.bench.services.assist.records.detail(LOCAL_ADMIN, call)
    party = next(one for one in found.record.parties if one.kind == "guest")
    assert (party.name, party.why) == ("Guest: Lynne Robbins", "hung-up")
    assert party.joined_at is not None
    assert found.messages == 1
    for context in (there, expert.context, theirs):
        context.close()
    # The browser tells that the second browser's link was refused; nothing else may be said.
    assert [one for one in noise if "403" not in one] == []
