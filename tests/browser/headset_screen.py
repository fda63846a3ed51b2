"""What every screen of a headset is held to: what is shown can be hit and read, and nothing has to be scrolled."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page
from tests.assist_world import as_party

SIZES = ((853, 480), (800, 390))
FIT = """() => {
  const found = [], shown = (e) => e.checkVisibility();
  for (const e of document.querySelectorAll("button, a[href]")) {
    const box = e.getBoundingClientRect();
    if (shown(e) && (box.width < 87.5 || box.height < 87.5)) found.push(`small target: ${e.innerText}`);
    if (shown(e) && (box.right > innerWidth || box.bottom > innerHeight)) found.push(`outside: ${e.innerText}`);
    if (shown(e) && !(e.innerText || "").trim()) found.push(`no name: ${e.outerHTML}`);
  }
  for (const e of document.querySelectorAll("h1, p, span, small, b, button, a, li"))
    if (shown(e) && e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 18)
      found.push(`small text: ${e.textContent}`);
  for (const e of document.querySelectorAll(".hs-top, .hs-foot, .key, .person, .ask, .caption"))
    if (shown(e) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
      found.push(`overflows: ${e.innerText}`);
  for (const e of document.querySelectorAll(".hs-main")) {
    if (!shown(e)) continue;
    const box = e.getBoundingClientRect();
    for (const inner of e.querySelectorAll(".key, .person, .ask, .stage")) {
      const at = inner.getBoundingClientRect();
      const over = at.bottom > box.bottom + 1 || at.top < box.top - 1;
      if (shown(inner) && over) found.push(`over the edge: ${inner.innerText}`);
    }
  }
  const whole = document.scrollingElement;
  if (whole.scrollHeight > innerHeight || whole.scrollWidth > innerWidth) found.push("the page scrolls");
  return found;
}"""


def headset_page(browser: Browser, served: Any, cookie: str) -> Page:
    """Open the call page of a headset."""
    page = as_party(browser, served, cookie, width=853, height=480).new_page()
    page.goto(served.address + "/h")
    return page


def fits(page: Page) -> None:
    """Whatever is shown can be hit and read, at both sizes of a headset's window."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = page.evaluate(FIT)
        assert found == [], f"{width} x {height}: {found}"
    page.set_viewport_size({"width": 853, "height": 480})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
