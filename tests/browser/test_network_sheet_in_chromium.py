"""The network engineer's page, printed by a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from holofleet import catalog, samples, spec
from holofleet.desired.files import network
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Inside, Need, sheet
from holofleet.resources import State

SAMPLES = sorted(Path(samples.__file__).parent.glob("*.yaml"))
LONG = "Wide words </p><script>document.title = 'ran'</script> {{ 7 * 7 }} " * 8


def pages() -> Iterator[str]:
    for path in SAMPLES:
        for made in network.write(spec.load([path]), State()):
            if made.path.endswith(".html"):
                yield str(made.content)
    yield everything()


def everything() -> str:
    base = allow_lists.whole(catalog.endpoints())
    own = [
        Entry(f"{'long-name-' * 6}{n}.contoso.com", ("tcp/443",), Need.REQUIRED, ("site",), (LONG,))
        for n in range(40)
    ]
    inside = tuple(Inside(f"inside-{n}.contoso.com", LONG) for n in range(40))
    closed = tuple((group, LONG) for group in catalog.endpoints().groups)
    calls = sheet.Calls(
        10_000, vendor=False, uplink_mbps=1, downlink_mbps=1, rtt_ms=999, jitter_ms=99, loss_percent=9
    )
    return sheet.render(
        sheet.Sheet(
            LONG,
            LONG,
            10_000,
            AllowList(LONG, base.catalog, (*base.entries, *own), base.left_out, inside),
            closed=closed,
            proxy="static",
            inspects=True,
            calls=calls,
            update_cache="cache.contoso.com",
            contact=LONG,
        )
    )


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_network_sheet_prints_on_one_page(chromium: Browser, paper: str) -> None:
    page = chromium.new_page()
    printed = 0
    for content in pages():
        page.set_content(content)
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))) == 1
        printed += 1
    page.close()
    assert printed > len(SAMPLES)


def test_FIL_1_the_network_sheet_shows_hostile_texts_and_runs_none(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(everything())
    assert page.locator("script").count() == 0
    assert "document.title" in page.locator("h1").inner_text()
    assert "7 * 7" in page.locator("h1").inner_text()
    assert "&" not in page.locator("h1").inner_text()
    assert page.title() != "ran"
    page.close()


def test_the_network_sheet_fits_a_phone(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    for content in pages():
        page.set_content(content)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
