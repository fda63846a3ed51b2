"""What is picked from the endpoint catalog: narrow names, required and optional apart, never an address."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from holofleet import catalog
from holofleet.catalog import Endpoint
from holofleet.catalog.endpoint import Host
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Need
from holofleet.formats.allow_lists.names import covers, is_name, is_wildcard, one_line
from holofleet.formats.allow_lists.purposes import NOT_INSPECTED, PURPOSES, direct
from holofleet.formats.allow_lists.scenarios import SCENARIOS, USES
from holofleet.formats.allow_lists.selection import needed_by, select

ENDPOINTS = catalog.endpoints()
WHOLE = allow_lists.whole(ENDPOINTS)


def hosts(allowed: AllowList, need: Need) -> set[str]:
    return {entry.host for entry in allowed.of(need)}


def endpoint(pattern: str, **more: object) -> Endpoint:
    host = Host(pattern, "wildcard" if "*" in pattern else "exact")
    plain = Endpoint(
        "ep", "g", "Label", pattern, (host,), ("tcp/443",), "stated", "required", ("all",), False, "s"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def test_every_group_of_the_catalog_says_what_it_is_for() -> None:
    assert set(PURPOSES) == {*ENDPOINTS.groups, "site"}
    assert set(NOT_INSPECTED) <= set(ENDPOINTS.groups)


def test_every_task_of_the_catalog_can_be_asked_for() -> None:
    assert set(USES) == set(ENDPOINTS.tasks)
    assert {task for tasks in SCENARIOS.values() for task in tasks} == set(ENDPOINTS.tasks)


def test_every_host_of_the_catalog_is_listed_or_left_out_with_a_reason() -> None:
    listed = {entry.host for entry in WHOLE.entries}
    out = {one.what for one in WHOLE.left_out}
    assert listed | out == {host.pattern for one in ENDPOINTS.endpoints for host in one.hosts}
    assert not listed & out
    assert out == {"*.microsoft.com", "store-images.*.microsoft.com"}
    assert all(one.why and one.instead for one in WHOLE.left_out)


def test_no_list_holds_a_wildcard_that_opens_a_whole_vendor_nor_an_address() -> None:
    for name in SCENARIOS:
        for entry in allow_lists.of_scenarios(ENDPOINTS, [name]).entries:
            assert is_name(entry.host) or is_wildcard(entry.host)
            assert entry.host != "*.microsoft.com"
            assert not re.fullmatch(r"[0-9.]+", entry.host)


def test_what_is_conditional_is_required_by_those_who_use_it_only() -> None:
    update = allow_lists.of_scenarios(ENDPOINTS, ["update"])
    assert "*.dl.delivery.mp.microsoft.com" in hosts(update, Need.REQUIRED)
    assert "v10.events.data.microsoft.com" in hosts(update, Need.OPTIONAL)
    guide = allow_lists.of_scenarios(ENDPOINTS, ["near-offline-guide"])
    assert {"manage.microsoft.com", "secure.aadcdn.microsoftonline-p.com"} <= hosts(guide, Need.REQUIRED)
    assert "login.live.com" in hosts(guide, Need.OPTIONAL)  # private accounts only
    assert "login.live.com" in hosts(allow_lists.of_scenarios(ENDPOINTS, ["oobe-entra"]), Need.REQUIRED)


def test_who_asks_for_a_group_uses_it() -> None:
    media = allow_lists.of_groups(ENDPOINTS, ["teams-media"])
    assert hosts(media, Need.OPTIONAL) == set()
    assert media.selection == ("group teams-media",)
    first_start = allow_lists.of_groups(ENDPOINTS, ["near-offline-setup"])
    assert hosts(first_start, Need.OPTIONAL) == {"login.live.com"}  # private accounts
    with pytest.raises(KeyError):
        allow_lists.of_groups(ENDPOINTS, ["teams-medium"])
    with pytest.raises(KeyError):
        allow_lists.of_scenarios(ENDPOINTS, ["sailing"])


def test_a_name_that_is_required_on_some_ports_only_stands_in_both_parts() -> None:
    required = endpoint("a.contoso.com")
    more = endpoint("a.contoso.com", ports=("tcp/80", "tcp/443"), requirement="optional", label="Other")
    found, _ = select(replace(ENDPOINTS, endpoints=(required, more)), ["g"], required=needed_by(()))
    assert [(one.need, one.ports) for one in found] == [
        (Need.REQUIRED, ("tcp/443",)),
        (Need.OPTIONAL, ("tcp/80",)),
    ]


def test_a_group_whose_ports_are_required_by_another_is_still_named() -> None:
    allowed = allow_lists.of_scenarios(ENDPOINTS, ["near-offline"])
    (push,) = (entry for entry in allowed.entries if entry.host == "*.wns.windows.com")
    assert push.need is Need.REQUIRED
    assert "wns" in push.groups


@pytest.mark.parametrize(
    "host", ["", "a b", "a\nb", "-a.com", "a..b", "10.0.0.1", "*", "*.com", "a.*.com", "A.com", "x" * 64, "a.com."]
)
def test_what_is_no_host_name_cannot_become_an_entry(host: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        Entry(host, ("tcp/443",), Need.REQUIRED)


@pytest.mark.parametrize(
    "ports", [(), ("443",), ("tcp/0",), ("tcp/65536",), ("tcp/1\n",), ("sctp/1",), ("tcp/\u0661",)]
)
def test_what_is_no_port_cannot_become_an_entry(ports: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not ports"):
        Entry("a.com", ports, Need.REQUIRED)


def test_a_wildcard_covers_what_is_below_its_name_and_not_the_name() -> None:
    assert covers("*.live.com", "*.login.live.com")
    assert not covers("*.live.com", "xlive.com")
    assert not covers("live.com", "login.live.com")


def test_notifications_are_known_by_name_in_whatever_group_they_stand() -> None:
    found = {entry.host: entry.groups for entry in WHOLE.entries if direct(entry.host)}
    assert {"*.wns.windows.com", "client.wns.windows.com", "dm3p.wns.windows.com", "*.notify.live.net"} == set(
        found
    )
    assert "wns" not in found["client.wns.windows.com"]


def test_a_remark_is_one_line_and_names_no_secret() -> None:
    assert one_line("a\r\nb\u2028c\u202ed\x00e") == "a b c d e"
    assert "{{" not in one_line("x{{{{secret:env:HOLOFLEET_SECRET_WIFI}}")
    assert len(one_line("long " * 1000)) <= 400
