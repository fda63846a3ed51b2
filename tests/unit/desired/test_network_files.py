"""Allow lists among the rendered files: by site, from what the fleet file says about it."""

from __future__ import annotations

import json
import re
from typing import Any

from holofleet import desired, spec
from holofleet.formats.allow_lists import Need
from holofleet.formats.allow_lists.exchange import parse
from holofleet.formats.allow_lists.plain import names
from holofleet.resources import State

HOSTILE = '</style><script>x</script> {{secret:env:HOLOFLEET_SECRET_X}} "; # \\'


def state(of_site: dict[str, Any], *, site: dict[str, Any] | None = None, **deployment: Any) -> State:
    fleet = {
        "holofleet": "1",
        "organization": {"name": "Contoso", "country": "US", "approvers": {"network": HOSTILE}},
        "tenant": {"id": "11111111-1111-4111-8111-111111111111", "domain": "contoso.com", "edition": "P1"},
        "sites": [{"name": "plant", "network": of_site, **(site or {})}, {"name": "unused"}],
        "headsets": [{"serial": "A1", "site": "plant"}],
        "deployments": [{"name": "line", "scenario": "cloud-connected", "headsets": "all", **deployment}],
    }
    return desired.compile(spec.parse({"f.yaml": json.dumps(fleet)}), target="files")


def text(made: State, name: str) -> str:
    return made.contents[made.files[f"network/plant/{name}"].sha256].decode()


def hosts(made: State) -> dict[str, Need]:
    return {one.host: one.need for one in parse(text(made, "allow-list.json").encode()).entries}


def test_a_firewall_gets_what_the_file_opens_and_nothing_else() -> None:
    extra = {"host": "assist.contoso.com", "ports": [8443], "reason": "calls"}
    made = state({"firewall": {"filter": "url", "open": ["ntp"], "extra": [extra]}})
    assert hosts(made) == {"time.windows.com": Need.REQUIRED, "assist.contoso.com": Need.REQUIRED}
    assert names(text(made, "allow-list.txt")) == ("assist.contoso.com", "time.windows.com")
    assert text(made, "edl-required-tcp-8443.txt") == "assist.contoso.com\n"


def test_a_site_without_a_filter_gets_what_its_scenarios_need() -> None:
    plain, remote = state({}), state({}, assist={"product": "remote-assist"})
    assert "login.microsoftonline.com" in hosts(plain)
    assert hosts(remote).keys() - hosts(plain).keys() >= {"*.teams.microsoft.com", "graph.microsoft.com"}


def test_servers_of_ones_own_stand_in_the_list_and_those_inside_go_past_the_proxy() -> None:
    made = state(
        {
            "proxy": {"mode": "static", "address": "proxy.contoso.com:8080"},
            "firewall": {"filter": "url", "open": ["ncsi"]},
            "internal_servers": ["parts.contoso.com"],
            "update_cache": "cache.contoso.com",
        },
        network={"time": {"server": "time.contoso.com"}, "vpn": {"servers": ["vpn.contoso.com", "10.0.0.1"]}},
    )
    assert {"time.contoso.com", "vpn.contoso.com"} <= hosts(made).keys()
    assert not {"parts.contoso.com", "cache.contoso.com", "10.0.0.1"} & hosts(made).keys()
    assert [one.host for one in parse(text(made, "allow-list.json").encode()).inside] == [
        "parts.contoso.com",
        "cache.contoso.com",
    ]
    assert "10.0.0.1" in text(made, "squid.conf").split("Left out: ")[-1]
    assert '"PROXY proxy.contoso.com:8080"' in text(made, "proxy.pac")


def test_a_proxy_that_inspects_is_told_what_to_leave_alone() -> None:
    quiet = state({"proxy": {"mode": "transparent"}})
    made = state({"proxy": {"mode": "transparent", "inspects_tls": True, "not_inspected": ["x.contoso.com"]}})
    assert "ssl_bump splice" in text(made, "squid.conf")
    assert "ssl_bump" not in text(quiet, "squid.conf")
    assert "x.contoso.com" in names(text(made, "not-inspected.txt"))
    assert "everything you inspect will fail" in text(made, "sheet.html")
    assert "network/plant/proxy.pac" not in made.files


def test_sites_without_headsets_or_without_a_network_get_nothing() -> None:
    made = state({})
    assert not [path for path in made.files if path.startswith("network/unused")]
    assert "network/endpoints.csv" in made.files
    assert not [path for path in state({}, site={"connectivity": "offline"}).files if path.startswith("network")]


def test_FIL_1_no_text_of_the_fleet_file_becomes_markup_or_a_secret() -> None:
    extra = {"host": "assist.contoso.com", "reason": HOSTILE}
    made = state(
        {
            "proxy": {"mode": "wpad", "inspects_tls": True},
            "firewall": {
                "filter": "url",
                "open": ["ncsi"],
                "extra": [extra],
                "closed": [{"group": "ntp", "reason": HOSTILE}],
            },
        },
        site={"display_name": HOSTILE},
    )
    paths = [path for path in made.files if path.startswith("network/plant/")]
    assert len(paths) >= 7
    for path in paths:
        assert made.files[path].secrets == (), path
        assert b"{{" not in made.contents[made.files[path].sha256], path
    assert "<script" not in text(made, "sheet.html")
    assert parse(text(made, "allow-list.json").encode()).title == HOSTILE


def test_the_page_says_what_is_short_of_what_calls_need() -> None:
    page = text(state({"uplink_mbps": 2, "downlink_mbps": 20, "concurrent_calls": 2}), "sheet.html")
    assert "2 Mbit/s: not enough" in page
    assert "20 Mbit/s: not enough" not in page
    away = text(state({}, site={"connected_in_use": False}), "sheet.html")
    assert "not connected here while they are worn" in away


def test_the_page_says_whether_a_group_is_needed_for_its_own_sake() -> None:
    page = text(
        state({"firewall": {"filter": "url", "open": ["certificates", "diagnostic-data", "photos"]}}), "sheet.html"
    )
    needed = re.findall(r'<tr><td>([a-z-]+)</td><td>[^<]*</td><td class="need">([a-z]+)</td>', page)
    assert needed == [("certificates", "yes"), ("diagnostic-data", "advised"), ("photos", "optional")]
