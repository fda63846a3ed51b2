"""The guide report as a browser shows it from a file: filters, keys, widths, themes, paper, no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.unit.checks.matrix.fleets import matrix_of, sample

from holofleet import catalog
from holofleet.checks.matrix import Heard, Mark, Matrix
from holofleet.checks.matrix.as_page import as_page
from holofleet.diagnostics import Severity

pytestmark = pytest.mark.browser
Opener = Callable[..., Page]
TOTAL = len(catalog.statements())
FLEET = sample("external-clients").replace("edition: P1", "edition: free", 1)


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return matrix_of(FLEET, heard=Heard("https://fleet.contoso.com", 16, 0))


@pytest.fixture(scope="module")
def address(matrix: Matrix, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("guide") / "guide.html"
    file.write_text(as_page(matrix), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def open_report(chromium: Browser, address: str) -> Iterator[Opener]:
    """Open the report; fails on any error, warning or policy report, and on any request."""
    contexts: list[Any] = []
    noise: list[str] = []

    def opened(*, width: int = 1440, theme: str = "light", script: bool = True, at: str = "") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda request: noise.append(request.url) if address not in request.url else None)
        page.goto(address + at)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert noise == []


def shown(page: Page) -> list[str]:
    """Ids of the statements that are in view, or in a folded part that filters do not hide."""
    ids: list[str] = page.eval_on_selector_all(
        "tr.row", "rows => rows.filter(row => !row.closest('[hidden]')).map(row => row.id)"
    )
    return ids


def ids(matrix: Matrix, mark: Mark) -> set[str]:
    return {row.statement.id for row in matrix.rows if any(cell.mark is mark for cell in row.cells)}


def test_every_statement_can_be_read_without_script(open_report: Opener) -> None:
    page = open_report(script=False)
    assert page.locator("tr.row").count() == TOTAL
    expect(page.locator("#PREP-04")).to_be_visible()
    expect(page.locator("#filter")).to_be_hidden()


def test_filters_by_word_guide_kind_deployment_and_text_work_together(open_report: Opener, matrix: Matrix) -> None:
    page = open_report()
    assert len(shown(page)) == TOTAL
    page.locator("label.chip", has_text="not met").click()
    assert set(shown(page)) == ids(matrix, Mark.NOT_MET)
    page.locator("select[name=guide]").select_option("PREP")
    assert shown(page) == [id_ for id_ in shown(page) if id_.startswith("PREP")]
    assert "PREP-04" in shown(page)
    page.get_by_label("Kind").select_option("must")
    kinds = {row.statement.id for row in matrix.rows if row.statement.kind is Severity.MUST}
    assert set(shown(page)) == kinds & ids(matrix, Mark.NOT_MET) & {i for i in kinds if i.startswith("PREP")}
    page.get_by_label("Find").fill("no statement says this")
    expect(page.locator("#none")).to_be_visible()
    page.locator("#clear").click()
    expect(page.locator("#shown")).to_have_text(f"All {TOTAL} statements.")
    page.get_by_label("Find").fill("browser")
    assert 0 < len(shown(page)) < 20
    expect(page.locator("#shown")).to_contain_text("with the text browser")


def test_a_deployment_shows_its_own_standings_only(open_report: Opener) -> None:
    page = open_report()
    page.get_by_label("Deployment").select_option("northwind-dock")
    hidden = page.locator("#EXT-22 .group[hidden]")
    assert hidden.count() == 1
    assert hidden.get_attribute("data-deployments") == '["fabrikam-line-1"]'


def test_the_address_keeps_the_filters(open_report: Opener, matrix: Matrix) -> None:
    page = open_report()
    page.locator("label.chip", has_text="waiting").click()
    page.get_by_label("Kind").select_option("must")
    kept = page.evaluate("location.hash")
    again = open_report(at=kept)
    assert shown(again) == shown(page)
    assert 0 < len(shown(again)) < len(ids(matrix, Mark.WAITING)) + 1


def test_a_link_to_a_statement_shows_it_even_if_a_filter_or_a_fold_hides_it(open_report: Opener) -> None:
    page = open_report()
    expect(page.locator("#OFF-12")).to_be_hidden()
    page.evaluate("location.hash = '#OFF-12'")
    expect(page.locator("#OFF-12")).to_be_visible()
    page.locator("select[name=guide]").select_option("EXT")
    page.locator("ol.first a").first.click()
    expect(page.locator("tr:target")).to_be_visible()


def test_everything_can_be_reached_by_keyboard(open_report: Opener, matrix: Matrix) -> None:
    page = open_report()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "statements"
    page.locator("#filter input").first.focus()
    page.keyboard.press("Space")
    assert set(shown(page)) == ids(matrix, Mark.NOT_MET)


@pytest.mark.parametrize("width", [1440, 860, 390, 320])
def test_nothing_scrolls_sideways(open_report: Opener, width: int) -> None:
    page = open_report(width=width)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_a_word_stands_with_its_icon_and_tables_and_fields_have_names(
    open_report: Opener, theme: str, width: int
) -> None:
    page = open_report(theme=theme, width=width)
    faults = page.evaluate(
        """() => {
          const found = [];
          for (const e of document.querySelectorAll('.word'))
            if (!e.querySelector('svg[aria-hidden=true] use') || !e.textContent.trim()) found.push(e.outerHTML);
          for (const e of document.querySelectorAll('use'))
            if (!document.querySelector(e.getAttribute('href'))) found.push('no drawing: ' + e.outerHTML);
          for (const e of document.querySelectorAll('th')) if (!e.scope) found.push('no scope: ' + e.textContent);
          for (const e of document.querySelectorAll('table')) if (!e.caption) found.push('no caption');
          for (const e of document.querySelectorAll("select, input"))
            if (!e.labels.length) found.push(e.outerHTML);
          const low = (e) => e.getBoundingClientRect().height < 24;
          for (const e of document.querySelectorAll('.chip, select, button, summary, input[type=search]'))
            if (e.checkVisibility() && low(e)) found.push('too small: ' + e.outerHTML);
          if (document.querySelectorAll('h1').length !== 1) found.push('one h1 is wanted');
          return found;
        }"""
    )
    assert faults == []


CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => { const [r, g, b] = [...c].slice(0, 3).map((v) => { v /= 255;
    return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c; } return [255, 255, 255]; };
  const worst = {};
  for (const e of document.querySelectorAll('p, dt, dd, th, a, b, span, code, label, li, button')) {
    if (!e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    const key = e.tagName + '.' + e.className;
    worst[key] = Math.min(worst[key] || 99, ratio);
  }
  return worst;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_has_contrast(open_report: Opener, theme: str) -> None:
    page = open_report(theme=theme)
    worst = page.evaluate(CONTRAST)
    assert len(worst) > 10
    assert {key: ratio for key, ratio in worst.items() if ratio < 4.5} == {}


def test_on_paper_heads_repeat_controls_go_and_the_filter_is_said(open_report: Opener) -> None:
    page = open_report(theme="dark")
    page.locator("select[name=guide]").select_option("EXT")
    page.emulate_media(media="print")
    expect(page.locator("#filter")).to_be_hidden()
    expect(page.locator("#shown")).to_contain_text("guide EXT")
    assert page.locator("#guide-EXT thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(24, 32, 42)"
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert 3 < pages < 18, "the form for narrow screens is not for paper"
