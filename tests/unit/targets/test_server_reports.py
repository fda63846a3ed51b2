"""Reports of headsets, read over the API: what is proved, what differs, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from holofleet.errors import PeerError
from holofleet.targets.server import ApiClient, read_reports

POLICY = "./Device/Vendor/MSFT/Policy/Config"
CAMERA, USB = f"{POLICY}/Camera/AllowCamera", f"{POLICY}/Connectivity/AllowUSBConnection"
NAME, WLAN = f"{POLICY}/Test/Name", "./Device/Vendor/MSFT/WiFi/Profile/Fleet/WlanXml"
DOCUMENT = [
    [CAMERA, "int", "1"],
    [USB, "int", "0"],
    [NAME, "chr", "HL-{{ serial }} of {{account}}"],
    [WLAN, "chr", "<key>{{secret:env:HOLOFLEET_SECRET_WIFI}}</key>"],
]
PLAIN = DOCUMENT[:2]


def headset(serial: str, *, document: str = "d", otherwise: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "serial": serial,
        "client": "own",
        "deployment": "field",
        "document": document,
        "variables": {"serial": serial, "account": "hl@contoso.com"},
        "otherwise": otherwise or {},
        "last_seen_at": "2026-11-25T08:30:00.000Z",
    }


def page(*headsets: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    return {"headsets": list(headsets), "documents": {"d": DOCUMENT, "p": PLAIN}, "next": more}


class Api(ApiClient):
    """Answers with pages, and keeps what was asked."""

    def __init__(self, *pages: Any) -> None:
        self.ready, self.asked = list(pages), list[str | None]()

    def get(self, path: str, **params: str | None) -> Any:
        assert path == "/reported"
        self.asked.append(params["after"])
        return self.ready.pop(0)


def read(*pages: Any) -> Any:
    return read_reports(cast(ApiClient, Api(*pages)))


def said(reports: Any, serial: str = "1") -> dict[str, str]:
    document = reports.state.documents[reports.state.headsets[serial].document]
    return {setting.oma_uri: setting.data for setting in document.settings}


def test_what_is_not_said_otherwise_is_as_the_document_says_with_variables_filled_in() -> None:
    reports = read(page(headset("1")))
    assert said(reports) == {CAMERA: "1", USB: "0", NAME: "HL-1 of hl@contoso.com"}
    assert reports.heard == {"1": datetime(2026, 11, 25, 8, 30, tzinfo=UTC)}


def test_a_secret_proves_nothing_because_nobody_sees_it() -> None:
    assert WLAN not in said(read(page(headset("1"))))


@pytest.mark.parametrize("status", ["drifted", "refused", "left behind"])
def test_what_a_headset_reports_otherwise_is_what_it_said(status: str) -> None:
    other = {USB: {"status": status, "reported": "1"}}
    assert said(read(page(headset("1", otherwise=other))))[USB] == "1"


def test_a_headset_without_a_value_where_one_was_told_differs() -> None:
    other = {USB: {"status": "drifted", "reported": None}}
    assert said(read(page(headset("1", otherwise=other))))[USB] == ""


@pytest.mark.parametrize("status", ["pending", "not applicable"])
def test_what_is_under_way_or_not_for_this_headset_is_unknown(status: str) -> None:
    other = {USB: {"status": status, "reported": "0"}}
    assert set(said(read(page(headset("1", otherwise=other))))) == {CAMERA, NAME}


def test_what_was_accepted_and_cannot_be_read_back_counts_as_said() -> None:
    other = {USB: {"status": "compliant", "reported": None}}
    assert said(read(page(headset("1", otherwise=other))))[USB] == "0"


def test_all_pages_are_read_and_equal_headsets_share_a_document() -> None:
    api = Api(page(headset("1", document="p"), more="1"), page(headset("2", document="p")))
    reports = read_reports(cast(ApiClient, api))
    assert api.asked == [None, "1"]
    assert set(reports.state.headsets) == {"1", "2"}
    assert len(reports.state.documents) == 1


@pytest.mark.parametrize("broken", [{}, {"documents": {}, "headsets": [headset("1")], "next": None}, []])
def test_an_answer_of_another_shape_is_the_peers_fault(broken: Any) -> None:
    with pytest.raises(PeerError):
        read(broken)
