"""The pages, read without script from a fleet in every state."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from tests.console_world import COMPLIANT, DRIFTED, EXPECTED, FOREIGN, REFUSING, USB, ConsoleWorld, settings_of

from holofleet.server.authorization import Role

TOTAL = settings_of("003421800101")
PAGES = (
    "/",
    "/headsets",
    f"/headsets/{DRIFTED}",
    f"/headsets/{DRIFTED}/timeline",
    f"/headsets/{DRIFTED}/orders",
    f"/headsets/{DRIFTED}/orders/reboot",
    f"/headsets/{DRIFTED}/orders/wipe",
    f"/headsets/{DRIFTED}/settings/{USB[2:]}",
    "/enrollments",
    "/menu",
    "/fleet-file/cloud-connected.yaml",
)


def links(text: str) -> set[str]:
    found = re.findall(r'(?:href|action)="([^"]+)"', text)
    return {link.replace("&amp;", "&").partition("#")[0] for link in found if not link.startswith("#")}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_a_title_and_a_place_for_the_skip_link(fleet: ConsoleWorld, path: str) -> None:
    page = fleet.client().get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert re.search(r"<title>[^<]+ · holofleet</title>", page.text)
    assert 'id="main"' in page.text
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))


def test_no_link_of_the_console_leads_nowhere(fleet: ConsoleWorld) -> None:
    browser, seen, waiting = fleet.client(), set(), ["/"]
    while waiting and len(seen) < 60:
        path = waiting.pop()
        if path in seen or path.startswith(("/sign-out", "/static")):
            continue
        seen.add(path)
        answer = browser.get(path)
        if path.endswith(("/orders/sync", "/orders/cancel", "/views")):
            continue  # the address of a form
        assert answer.status_code == 200, path
        waiting += sorted(links(answer.text) - seen)
    assert len(seen) == 60


def test_the_overview_says_how_the_fleet_stands_and_what_needs_a_person(fleet: ConsoleWorld) -> None:
    text = fleet.client().get("/").text
    assert "of 46 headsets" in text
    assert re.search(r'href="/headsets\?compliance=drifted".*?<b>1</b>', text, re.S)
    assert "An unknown device says that it is HL-FIELD-01" in text
    assert "1 headset refuses a setting" in text
    assert "Autopilot profiles live in Intune" in text


def test_an_empty_server_says_the_next_step(fresh: ConsoleWorld) -> None:
    browser = fresh.client()
    for path in ("/", "/headsets"):
        text = browser.get(path).text
        assert "No headsets yet." in text
        assert "holofleet credentials issue --deployment NAME" in text


def test_the_list_filters_by_its_address(fleet: ConsoleWorld) -> None:
    browser = fleet.client()
    text = browser.get("/headsets", params={"compliance": "drifted"}).text
    assert re.findall(r'<tr id="h-(\d+)"', text) == [DRIFTED]
    assert "1 of 46" in text
    text = browser.get("/headsets", params={"q": "sea-0", "deployment": "vessel"}).text
    assert len(re.findall(r'<tr id="h-', text)) == 6
    assert 'value="deployment:vessel sea-0"' in text


def test_no_match_repeats_the_filter_in_words(fleet: ConsoleWorld) -> None:
    text = fleet.client().get("/headsets", params={"q": "<zzz>", "compliance": "late"}).text
    assert "late, with &#34;&lt;zzz&gt;&#34; in name or serial" in text
    assert "46 headsets without these filters" in text
    assert "No headsets yet" not in text


def test_a_word_that_does_not_exist_filters_nothing(fleet: ConsoleWorld) -> None:
    assert len(re.findall(r'<tr id="h-', fleet.client().get("/headsets?compliance=perfect").text)) == 46


def test_long_lists_have_pages(fleet: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holofleet.web.console.headsets.PAGE", 20)
    browser, path, seen = fleet.client(), "/headsets", []
    while path:
        text = browser.get(path).text
        seen += re.findall(r'<tr id="h-(\d+)"', text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 46
    assert seen == sorted(seen)


def test_a_drifted_headset_shows_both_values_and_the_line_that_wants_it(fleet: ConsoleWorld) -> None:
    text = fleet.client().get(f"/headsets/{DRIFTED}").text
    assert f"<b>1 of {TOTAL} settings differs from the fleet file.</b>" in text
    row = re.search(r'<tr id="s-Device-Vendor-MSFT-Policy-Config-Connectivity-AllowUSBConnection".*?</tr>', text)
    assert row is not None
    assert '<span class="value">0</span><small>not allowed</small>' in row[0]
    assert '<span class="value differs">1</span><small>allowed</small>' in row[0]
    assert 'href="/fleet-file/cloud-connected.yaml#L' in row[0]
    assert "EXT-24" in row[0]
    assert text.index("Differ from the fleet file") < text.index(">Compliant</th>")


def test_compliant_settings_are_folded_after_four_until_asked(fleet: ConsoleWorld) -> None:
    browser = fleet.client()
    text = browser.get(f"/headsets/{DRIFTED}").text
    assert f"Show {TOTAL - 5} more compliant settings" in text
    assert text.count("</span>Compliant") + text.count("</svg>Compliant</span>") >= 4
    assert browser.get(f"/headsets/{DRIFTED}?all=1").text.count('<tr id="s-') == TOTAL
    assert browser.get(f"/headsets/{DRIFTED}?status=drifted").text.count('<tr id="s-') == 1
    assert browser.get(f"/headsets/{DRIFTED}?find=usb").text.count('<tr id="s-') >= 1


@pytest.mark.parametrize(
    ("serial", "words"),
    [
        (COMPLIANT, f"All {TOTAL} settings are as the fleet file says."),
        (REFUSING, f"The headset refuses 1 of {TOTAL} settings."),
        ("NO-SUCH", ""),
        (EXPECTED, "It is in the fleet file and was never seen."),
        (FOREIGN, "Not everything in the fleet file is proved on this headset."),
    ],
)
def test_a_headset_answers_first(fleet: ConsoleWorld, serial: str, words: str) -> None:
    answer = fleet.client().get(f"/headsets/{serial}")
    if not words:
        assert answer.status_code == 404
    else:
        assert words in answer.text


def test_a_setting_has_a_page_with_its_chain_and_its_changes(fleet: ConsoleWorld) -> None:
    text = fleet.client().get(f"/headsets/{DRIFTED}/settings/{USB[2:]}").text
    for words in (USB[2:30], "restrictions.usb_data", "USB connection to a PC is turned of", "drifted"):
        assert words in text.replace("<wbr>", "")


def test_what_is_not_there_and_what_is_foreign_look_the_same(fleet: ConsoleWorld) -> None:
    browser = fleet.client(Role.VIEWER, clients=("northwind",))
    paths = (f"/headsets/{FOREIGN}", "/headsets/NO-SUCH", f"/headsets/{FOREIGN}/orders", "/enrollments/0000")
    answers = [browser.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    listed = browser.get("/headsets").text
    assert "fabrikam" not in listed
    assert len(re.findall(r'<tr id="h-', listed)) == 6
    assert "fabrikam" not in browser.get("/").text


def test_a_viewer_sees_no_acts_and_may_do_none(fleet: ConsoleWorld) -> None:
    browser = fleet.client(Role.VIEWER)
    text = browser.get(f"/headsets/{DRIFTED}/orders").text
    assert "/orders/wipe" not in text
    assert "/orders/sync" not in text
    assert "can order here" in text
    answer = browser.get(f"/headsets/{DRIFTED}/orders/wipe")
    assert answer.status_code == 403
    assert "may not order-wipe" in answer.text


def test_a_serial_with_odd_letters_is_an_address_like_any_other(fleet: ConsoleWorld) -> None:
    answer = fleet.client().get("/headsets/" + quote('A/B "<c>', safe=""))
    assert answer.status_code == 404


def test_what_cannot_be_made_gives_a_code_and_tells_nothing(
    fleet: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(fleet.world.fleet, "overview", broken)
    answer = fleet.client().get("/")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert re.search(r'Code <span class="mono">[0-9a-f]{8}</span>', answer.text)


def test_a_name_is_looked_up_once_until_the_fleet_file_changes(
    fleet: ConsoleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, asked = fleet.client(), []
    look_up = fleet.world.fleet.names

    def counted(*args: object, **kwargs: object) -> object:
        asked.append(args)
        return look_up(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(fleet.world.fleet, "names", counted)
    first = browser.get("/").text
    once = len(asked)
    assert browser.get("/").text == first
    assert len(asked) == once > 0
