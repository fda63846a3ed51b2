"""What every page of the console is held to in a browser."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

CHECKS = """() => {
  const found = [];
  const named = (e) => (e.getAttribute('aria-label') || e.innerText || e.value || '').trim();
  for (const e of document.querySelectorAll('a[href], button, summary'))
    if (e.checkVisibility() && !named(e)) found.push('no name: ' + e.outerHTML);
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!e.labels || !e.labels.length) found.push('no label: ' + e.outerHTML);
  for (const e of document.querySelectorAll('table'))
    if (!e.caption && !e.getAttribute('aria-labelledby')) found.push('no caption: ' + e.className);
  for (const e of document.querySelectorAll('th')) if (!e.scope) found.push('no scope: ' + e.textContent);
  for (const e of document.querySelectorAll('svg.i'))
    if (e.getAttribute('aria-hidden') !== 'true') found.push('icon speaks: ' + e.outerHTML);
  const levels = [...document.querySelectorAll('main h1, main h2, main h3')].map((e) => +e.tagName[1]);
  if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) found.push('headings: ' + levels);
  if (document.querySelectorAll('main').length !== 1) found.push('one main is wanted');
  for (const e of document.querySelectorAll('nav'))
    if (!e.getAttribute('aria-label')) found.push('nav without name');
  const shown = (e) => e.offsetParent !== null;
  const fields = 'select, textarea, input:not([type=hidden], [type=radio], [type=checkbox])';
  const targets = 'button, .button, .chip, .nav a, ' + fields;
  for (const e of document.querySelectorAll(targets))
    if (shown(e) && e.getBoundingClientRect().height < 24 && !e.closest('.field'))
      found.push('too small: ' + e.outerHTML);
  return found;
}"""


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


CROWDED = """() => {
  const scrolls = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.querySelectorAll("main :is(td, tbody th, dt, dd, li, p, h1, h2, label, button, .chip)")]
    .filter((e) => e.scrollWidth > e.clientWidth + 2 && e.clientWidth && e.checkVisibility() && !scrolls(e))
    .filter((e) => getComputedStyle(e).display !== "inline" && getComputedStyle(e).overflowX === "visible")
    .map((e) => `${e.scrollWidth} of ${e.clientWidth} px: ${e.innerText.slice(0, 40)}`);
}"""


def crowded(page: Page) -> list[str]:
    """Return the words that run out of their place, over what stands beside them."""
    return list(page.evaluate(CROWDED))


TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOKS = ("color-contrast", "target-size")
"""Rules that hang on theme and width; the others read the document, which is the same in all of them."""
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RUN = """async (only) => {
  const read = await axe.run({runOnly: only, resultTypes: ['violations'], preload: false});
  return read.violations.flatMap(({id, nodes}) => nodes.slice(0, 3).map(
    (node) => `${id}: ${node.html.slice(0, 160)} ${JSON.stringify(node.failureSummary.slice(-200))}`));
}"""


def axe_complaints(page: Page, *, looks_only: bool = False) -> list[str]:
    """Return what axe finds on a page as it stands now, a few places of each kind.

    Args:
        page: The page; it gets axe once.
        looks_only: By the rules of looks alone, where the same document was read before.
    """
    only = {"type": "rule", "values": LOOKS} if looks_only else {"type": "tag", "values": TAGS}
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    return list(page.evaluate(_RUN, only))
