"""One call from the first tap to its record, with the pages that people use, while its server dies and comes back.

A headset, an expert who hands over and comes again as the third, and the expert who took over: three real
browsers, a real server process, a camera that numbers its frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.assist_world import as_party, until
from tests.fake_camera import Camera
from tests.journeys.test_calls_survive import Doors
from tests.served_process import ServedProcess, holofleet
from tests.served_process import served as served_process

pytestmark = pytest.mark.browser
MEGAN, ADELE = "megan@contoso.com", "adele@contoso.com"
WIDTH, HEIGHT = 1920, 1080
CAMERA = Camera(WIDTH, HEIGHT)
HEADSET_CODE = "() => document.querySelector('#code span').textContent.replace(/[^0-9]/g, '')"
EXPERT_CODE = "() => document.querySelector('#code').textContent.replace(/[^0-9]/g, '')"
IS_LIVE = f"document.getElementById('video')?.videoWidth === {WIDTH}"
ASKED = """() => {
  if (!document.querySelector('#chooser').open) return 'asked';
  const said = document.querySelector('#chooser-say').textContent;
  return said && !said.endsWith(' ...') ? said : null;
}"""
"""Whether it rings at the one that was chosen, or why not."""


@dataclass
class Desk:
    """An expert's browser."""

    page: Page
    address: str

    @classmethod
    def of(cls, browser: Browser, server: ServedProcess, cookie: str) -> Desk:
        context = as_party(browser, server, cookie, width=1440, height=900)  # type: ignore[arg-type]  # an address
        desk = cls(context.new_page(), server.address)
        desk.wait_for_calls()
        return desk

    def wait_for_calls(self) -> None:
        """Be on some page of the console; it rings there."""
        self.page.goto(self.address + "/account")
        expect(self.page.get_by_role("button", name="Available for calls")).to_be_visible()
        until(self.page, "navigator.locks.query().then((all) => all.held.length > 0)")

    def answer(self) -> None:
        self.page.get_by_role("button", name="Answer").click()
        until(self.page, IS_LIVE)

    def brings(self, act: str, who: str, there: Desk) -> None:
        """Hand over to somebody, or take them in, who answers; whoever is not ready yet is asked again."""
        for _ in range(20):
            self.page.get_by_role("button", name=act, exact=True).click()
            self.page.locator("#chooser").get_by_role("button", name=who).click()
            if until(self.page, ASKED) == "asked":
                there.answer()
                return
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(500)
        raise AssertionError(f"it never rang at {who}'s")

    def freeze(self) -> str:
        """Ask for a still and wait until it is here whole; return its name."""
        before = self.page.locator("[data-picture]").count()
        self.page.get_by_role("button", name="Freeze").click()
        expect(self.page.locator("[data-picture]")).to_have_count(before + 1)
        expect(self.page.locator("#stage-say")).to_contain_text("full size")
        assert self.page.evaluate("document.getElementById('picture').naturalWidth") == WIDTH
        return self.page.locator("#sheet").get_attribute("data-base") or ""

    def arrow(self, x: float, y: float) -> None:
        self.page.locator("[data-tool=arrow]").click()
        box = self.page.locator("#sheet").bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)

    def sees_marks(self, count: int) -> None:
        expect(self.page.locator("#marks [data-mark]")).to_have_count(count)

    def says(self, text: str) -> None:
        self.page.get_by_label("Message to everybody").fill(text)
        self.page.keyboard.press("Enter")

    def hears(self, text: str) -> None:
        expect(self.page.locator("#chat")).to_contain_text(text)


def headset_sees_marks(page: Page, count: int) -> None:
    until(page, "(count) => document.querySelectorAll('#marks [data-mark]').length === count", count)


def tap(page: Page, x: float, y: float) -> None:
    """Tap the picture on the headset, at shares of its width and height."""
    box = page.locator("#still").bounding_box()
    assert box is not None
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left = box["x"] + (box["width"] - WIDTH * scale) / 2
    top = box["y"] + (box["height"] - HEIGHT * scale) / 2
    page.mouse.click(left + x * WIDTH * scale, top + y * HEIGHT * scale)


def test_one_call_from_the_first_tap_to_its_record(chromium: Browser, tmp_path: Path) -> None:
    with served_process(tmp_path) as server:
        doors = Doors(server)
        megan, adele = (Desk.of(chromium, server, doors.expert(upn)[1]) for upn in (MEGAN, ADELE))
        context = as_party(chromium, server, doors.headset("100"), width=853, height=480)  # type: ignore[arg-type]
        headset = context.new_page()
        headset.goto(server.address + "/h")

        # Two taps, and the same six digits at both ends.
        headset.get_by_text("Megan Bowen").click()
        headset.get_by_role("button", name="Call now").click()
        megan.answer()
        code = until(headset, HEADSET_CODE)
        until(megan.page, f"(code) => ({EXPERT_CODE})() === code", code)

        # A still at the camera's size, a mark on it, and a picture of the expert's own.
        still = megan.freeze()
        megan.arrow(0.3, 0.3)
        headset_sees_marks(headset, 1)
        picture = {"name": "drawing.png", "mimeType": "image/png", "buffer": megan.page.screenshot()}
        megan.page.locator("#insert-file").set_input_files(picture)  # type: ignore[arg-type]
        expect(megan.page.locator("#where")).to_have_text("drawing.png")
        headset_sees_marks(headset, 0)

        # Another expert takes over with all of it, and takes the first one in again, as the third.
        megan.brings("Hand over", "Adele Vance", adele)
        expect(megan.page.get_by_role("heading", name="You left the call")).to_be_visible()
        adele.page.locator(f'[data-picture="{still}"]').click()
        adele.sees_marks(1)
        headset_sees_marks(headset, 1)
        megan.wait_for_calls()
        adele.brings("Invite", "Megan Bowen", megan)
        megan.page.locator(f'[data-picture="{still}"]').click()
        megan.sees_marks(1)
        adele.arrow(0.6, 0.3)
        adele.sees_marks(2)
        megan.sees_marks(2)
        megan.arrow(0.6, 0.6)
        adele.sees_marks(3)
        headset_sees_marks(headset, 3)
        # The wearer rings something, takes it back, and rings it again.
        for there in (4, 3, 4):
            tap(headset, 0.8, 0.2)
            for desk in (megan, adele):
                desk.sees_marks(there)
            headset_sees_marks(headset, there)
        megan.says("Turn it slowly.")
        adele.hears("Turn it slowly.")

        # The server dies: pictures and marks need none. It comes back, and words pass again.
        server.kill()
        headset.get_by_text("The server is away. The call goes on.").wait_for()
        adele.arrow(0.3, 0.6)
        megan.sees_marks(5)
        headset_sees_marks(headset, 5)
        server.start()
        until(headset, "document.querySelector('#trouble').hidden")
        adele.says("Is it warm?")
        megan.hears("Is it warm?")

        headset.get_by_role("button", name="End call").click()
        headset.get_by_text("You ended the call").wait_for()
        for desk in (megan, adele):
            expect(desk.page.get_by_role("heading", name="Call ended")).to_be_visible()

        told_truly(server)
        for one in (headset, megan.page, adele.page):
            one.context.close()


def told_truly(server: ServedProcess) -> None:
    """The record holds who was in it, how long and by which way, and what went."""
    listed = server.run("calls", "list", "--format", "json").json()["calls"]
    assert len(listed) == 1
    show = ("calls", "show", listed[0]["id"], "--format", "json")
    record = holofleet(*show, "--data", server.data, cold=True).json()
    assert (record["state"], record["reason"], record["serial"]) == ("ended", "hung-up", "100"), record
    assert [one["name"] for one in record["parties"]] == ["hl-100", "Megan Bowen", "Adele Vance", "Megan Bowen"]
    assert all(one["joined_at"] and one["left_at"] and one["path"] == "direct" for one in record["parties"]), (
        record
    )
    first, again = record["parties"][1], record["parties"][3]
    assert first["left_at"] < again["joined_at"]
    assert record["marks"] == 6, record  # taken back is drawn too
    assert [one["name"] for one in record["listed_files"]].count("drawing.png") == 1, record
    assert record["seconds"] > 0
