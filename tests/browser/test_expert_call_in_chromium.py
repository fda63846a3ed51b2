"""The expert's page of a call with a headset at the other end, in two real browsers through the real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.assist_world import WAIT_MS, assist_world, until
from tests.browser.expert_desk import ADELE, MEGAN, World, waiting
from tests.browser.page_checks import axe_complaints
from tests.fake_camera import Camera
from tests.headset_stand_in import stand_in
from tests.made_pdf import LOCKED, pdf, tangled_pdf

pytestmark = pytest.mark.browser
WIDTH, HEIGHT = 1280, 720
CAMERA = Camera(WIDTH, HEIGHT, frames=30, fps=30)


@pytest.fixture(scope="module")
def world(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with assist_world(tmp_path_factory.mktemp("calls")) as served:
        yield World(served, chromium)


@dataclass
class Talk:
    """A call that an expert has answered."""

    world: World
    headset: Page
    expert: Page
    call: str
    noise: list[str]

    def seen(self, what: str) -> Any:
        """Ask what the headset was told."""
        return self.headset.evaluate(f"window.seen.{what}")

    def click_stage(self, x: float, y: float) -> None:
        box = self.expert.locator("#sheet").bounding_box()
        assert box is not None
        self.expert.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)

    def freeze(self) -> str:
        """Ask for a still and wait until it stands there whole; return its name."""
        before = self.expert.locator("[data-picture]").count()
        self.expert.get_by_role("button", name="Freeze").click()
        expect(self.expert.locator("[data-picture]")).to_have_count(before + 1)
        expect(self.expert.locator("#stage-say")).to_contain_text("full size")
        base = self.expert.locator("#sheet").get_attribute("data-base")
        assert base
        return base


@pytest.fixture
def talk(world: World) -> Iterator[Talk]:
    noise: list[str] = []
    served = world.served
    there = world.context(served.device_cookie("100"), width=853, height=480)
    headset = stand_in(there, served.address)
    until(headset, "window.ready === true")
    # Any page of the console rings, and leads to the call.
    expert = waiting(world, MEGAN, noise)
    call = headset.evaluate("(key) => window.invite(key)", served.key(MEGAN))
    expect(expert.locator("#ring")).to_contain_text("hl-100 is calling")
    assert expert.title().startswith("(1) hl-100 is calling")
    expert.get_by_role("button", name="Answer").click()
    until(headset, "window.seen.state === 'connected'")
    yield Talk(world, headset, expert, call, noise)
    headset.evaluate("window.call.end().catch(() => {})")
    for context in (there, expert.context):
        context.close()
    assert noise == []


def test_a_call_is_answered_marked_on_a_full_still_talked_about_and_ended(talk: Talk) -> None:
    expert = talk.expert
    until(expert, f"document.getElementById('video')?.videoWidth === {WIDTH}")
    code = until(talk.headset, "window.seen.code")
    expect(expert.locator("#code")).to_have_text(f"Code {code[:3]} {code[3:]}")
    # Pointing is for now: it arrives, and leaves no mark.
    expert.keyboard.press("p")
    box = expert.locator("#sheet").bounding_box()
    assert box is not None
    expert.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5)
    pointer = until(talk.headset, "window.seen.pointers.find((one) => one.x > 0)")
    assert abs(pointer["x"] - 0.25) < 0.01
    assert talk.headset.evaluate("window.kinds()") == []
    # A still at the camera's own size, with marks that the headset has as events.
    base = talk.freeze()
    assert expert.evaluate("document.getElementById('picture').naturalWidth") == WIDTH
    until(
        talk.headset,
        "(base) => window.seen.messages.some((one) => one.type === 'view' && one.base === base)",
        base,
    )
    expert.keyboard.press("a")
    talk.click_stage(0.4, 0.4)
    until(talk.headset, "window.kinds().join() === 'arrow'")
    expert.keyboard.press("c")
    expert.keyboard.press("Enter")
    until(talk.headset, "window.kinds().join() === 'arrow,ellipse'")
    expert.keyboard.press("Control+z")
    until(talk.headset, "window.kinds().join() === 'arrow'")
    expert.keyboard.press("Control+Shift+z")
    until(talk.headset, "window.kinds().join() === 'arrow,ellipse'")
    expert.keyboard.press("n")
    talk.click_stage(0.6, 0.6)
    expert.keyboard.type("Close the left valve")
    expert.keyboard.press("Enter")
    until(talk.headset, "window.kinds().join() === 'arrow,ellipse,step'")
    expect(expert.locator("#mark-list")).to_contain_text("step 1: Close the left valve")
    # The headset marks too; an expert takes away no mark of somebody else.
    talk.headset.evaluate(
        "(base) => window.mark(base, {kind: 'ink', points: [[0.1, 0.1], [0.2, 0.2]], colour: 'sky'})", base
    )
    expect(expert.locator('#marks [data-kind="ink"]')).to_have_count(1)
    expert.get_by_role("button", name="Erase mine").click()
    expect(expert.locator("#marks [data-mark]")).to_have_count(1)
    # A picture of the expert's own goes to everybody, once the server has let it pass.
    image = {"name": "drawing.png", "mimeType": "image/png", "buffer": expert.screenshot()}
    expert.locator("#insert-file").set_input_files(image)  # type: ignore[arg-type]
    until(talk.headset, "window.seen.files.some((one) => one.kind === 'page' && one.got === one.size)")
    expect(expert.locator("#where")).to_have_text("drawing.png")
    documents_that_cannot_be_shown_are_refused_in_words(expert)
    # Pages of a document are chosen; each becomes a picture like the others.
    give(expert, "pump.pdf", pdf("Pump P-101", "Close valve V2"))
    expect(expert.locator("#pages img")).to_have_count(2)
    expert.locator("#pages").get_by_label("Page 2").check()
    assert axe_complaints(expert) == []
    reads_in_workers_that_reach_nothing(talk)
    expert.get_by_role("button", name="Show to everybody").click()
    expect(expert.locator("#where")).to_have_text("pump, page 2")
    until(talk.headset, "window.seen.files.some((one) => one.name === 'pump, page 2' && one.width > 1800)")
    until_true(expert, lambda: not expert.workers, "they end with the document")
    # Words go through the server.
    expert.get_by_label("Message to everybody").fill("Turn it slowly.")
    expert.keyboard.press("Enter")
    until(talk.headset, "window.seen.chat.includes('Turn it slowly.')")
    expect(expert.get_by_label("Asset")).to_have_value("PUMP-7")
    assert axe_complaints(expert) == []
    expert.get_by_role("button", name="End call").click()
    expert.locator("#sure").get_by_role("button", name="End call").click()
    until(talk.headset, "window.seen.ended === 'hung-up'")
    expect(expert.get_by_role("heading", name="Call ended")).to_be_visible()
    expert.set_viewport_size({"width": 390, "height": 844})
    expert.emulate_media(color_scheme="dark")
    assert axe_complaints(expert) == []


def give(expert: Page, name: str, content: bytes) -> None:
    """Choose a document, as with the key Insert."""
    paper = {"name": name, "mimeType": "application/pdf", "buffer": content}
    expert.locator("#insert-file").set_input_files(paper)  # type: ignore[arg-type]


def documents_that_cannot_be_shown_are_refused_in_words(expert: Page) -> None:
    said = expert.locator("#stage-say")
    for name, content, words in (
        ("locked.pdf", pdf("Pump", trailer=LOCKED), "This PDF asks for a password. Save it without one"),
        ("broken.pdf", b"%PDF-1.7 is all that it says", "This file is damaged, or no PDF."),
        ("half.pdf", pdf("Pump", "Valve")[:700], "This file is damaged, or no PDF."),
        ("long.pdf", pdf(*["Pump"] * 501), "This PDF has more than 500 pages."),
    ):
        give(expert, name, content)
        expect(said).to_contain_text(words)
    # A page that would take for ever is given up after its time, which is not waited for here.
    expert.clock.install()
    give(expert, "tangled.pdf", tangled_pdf())
    expect(said).to_have_text("Page 1 of tangled becomes a picture ...")
    expert.clock.fast_forward(31_000)
    expect(said).to_have_text("Page 1 takes too long.")
    until_true(expert, lambda: not expert.workers, "what draws it ends with it")


EVALUATES = """new Promise((answer) => setTimeout(() => {
  try { answer(new Function("return 1")()); } catch { answer("refused"); }
}))"""
"""Later than the test's own evaluation, which the browser lets pass."""


def reads_in_workers_that_reach_nothing(talk: Talk) -> None:
    """AST-3: what reads a document may neither ask for anything nor evaluate anything."""
    names = {worker.url.rpartition("/")[2] for worker in talk.expert.workers}
    assert names == {"pdf.worker.min.mjs", "pdf.renderer.min.mjs"}
    for worker in talk.expert.workers:
        assert worker.evaluate("fetch('/account').then(() => 'reached', () => 'refused')") == "refused"
        assert worker.evaluate(EVALUATES) == "refused"


def until_true(page: Page, ask: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + WAIT_MS / 1000
    while not ask():
        assert time.monotonic() < deadline, words
        page.wait_for_timeout(50)


def test_another_expert_takes_over_with_the_pictures_and_marks(talk: Talk) -> None:
    first = talk.expert
    base = talk.freeze()
    first.keyboard.press("b")
    talk.click_stage(0.5, 0.5)
    second = waiting(talk.world, ADELE, talk.noise)
    first.get_by_role("button", name="Hand over").click()
    first.locator("#chooser").get_by_role("button", name="Adele Vance").click()
    second.get_by_role("button", name="Answer").click()
    until(second, f"document.getElementById('video')?.videoWidth === {WIDTH}")
    expect(first.get_by_role("heading", name="You left the call")).to_be_visible()
    expect(second.locator("#seats")).not_to_contain_text("Megan Bowen")
    picture = second.locator(f'[data-picture="{base}"]')
    picture.click()
    expect(second.locator('#marks [data-kind="rectangle"]')).to_have_count(1)
    second.context.close()


def test_a_page_that_is_loaded_again_is_back_in_the_call_with_pictures_and_marks(talk: Talk) -> None:
    expert = talk.expert
    base = talk.freeze()
    expert.keyboard.press("a")
    talk.click_stage(0.5, 0.5)
    until(talk.headset, "window.kinds().join() === 'arrow'")
    expert.on("dialog", lambda dialog: dialog.accept())
    expert.reload()
    until(expert, f"document.getElementById('video')?.videoWidth === {WIDTH}")
    expert.locator(f'[data-picture="{base}"]').click()
    expect(expert.locator("#where")).to_have_text("Picture 1")
    expect(expert.locator('#marks [data-kind="arrow"]')).to_have_count(1)
    # It is the same person's mark: it can be taken back.
    expert.keyboard.press("Control+z")
    until(talk.headset, "window.kinds().join() === ''")
