"""What Edge has to be told where calls run in it."""

from __future__ import annotations

import pytest
from tests.unit.desired.fleets import fleet

from holofleet import desired
from holofleet.resources import File

BROWSER = "assist: {runs_in: browser, origin: 'https://assist.contoso.com'}"
PATH = "browser/field-service/edge-policies.txt"


def text_of(spec_text: str) -> str | None:
    state = desired.compile(fleet(spec_text), target="files")
    file = state.of_kind(File).get(PATH)
    return None if file is None else state.contents[file.sha256].decode()


def test_the_browser_may_open_the_call_page_and_the_sign_in_and_nothing_else() -> None:
    text = text_of(BROWSER)
    assert text is not None
    rows = [line.split() for line in text.splitlines() if line.startswith("  ") and not line.strip()[0].isdigit()]
    assert ["URLBlocklist", "*"] in rows
    assert {row[1] for row in rows if row[0] == "URLAllowlist"} == {
        "https://assist.contoso.com",
        "https://login.microsoftonline.com",
        "https://login.windows.net",
    }
    assert ["VideoCaptureAllowedUrls", "https://assist.contoso.com"] in rows


@pytest.mark.parametrize("text", ["assist: {runs_in: app}", "assist: {runs_in: browser}", ""])
def test_without_a_confined_browser_there_is_no_such_file(text: str) -> None:
    assert text_of(text) is None


def test_it_is_said_that_no_target_sends_these_policies_and_no_headset_is_blamed() -> None:
    state = desired.compile(fleet(BROWSER))
    assert [item.key for item in state.undelivered] == ["assist.origin"]
    assert all(headset.undelivered == () for headset in state.headsets.values())


@pytest.mark.parametrize(
    "origin", ["http://assist.contoso.com", "https://assist.contoso.com/h", "assist.contoso.com"]
)
def test_an_origin_is_an_https_address_without_a_path(origin: str) -> None:
    with pytest.raises(Exception, match="without a path"):
        fleet(f"assist: {{runs_in: browser, origin: '{origin}'}}")
