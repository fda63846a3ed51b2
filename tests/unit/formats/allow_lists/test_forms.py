"""Each form of a list, read back as its reader does: csv, json, a grammar of Squid's directives, plain lines."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from holofleet import catalog
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Inside, LeftOut, Need, exchange, plain
from holofleet.formats.allow_lists.allow_list import in_order
from holofleet.formats.allow_lists.external import as_external_lists
from holofleet.formats.allow_lists.names import covers
from holofleet.formats.allow_lists.proxy_script import as_pac
from holofleet.formats.allow_lists.squid import as_squid
from holofleet.formats.allow_lists.table import COLUMNS, as_csv, catalog_csv

NEAR_OFFLINE = allow_lists.of_scenarios(catalog.endpoints(), ["near-offline"])
HOSTILE = 'x",\n=HYPERLINK("a")\r# http_access allow all\u2028alert(1) {{secret:env:HOLOFLEET_SECRET_A}} \\'
_ACL = re.compile(
    r"acl (?P<acl>[a-z0-9_]+) (?P<type>dstdomain|port|ssl::server_name) (?P<values>[a-z0-9_.-]+( [0-9]+)*)"
)
_ALLOW = re.compile(r"http_access allow (?P<names>[a-z0-9_]+) (?P<ports>[a-z0-9_]+)")


def entry(host: str, *ports: str, need: Need = Need.REQUIRED, purpose: str = "", group: str = "site") -> Entry:
    return Entry(host, ports or ("tcp/443",), need, (group,), (purpose,))


def listed(*entries: Entry, title: str = "Harbour") -> AllowList:
    return AllowList(title, "0" * 12, in_order(entries))


def squid(text: str) -> dict[str, list[str]]:
    """Read rules by the grammar of the directives that may stand in them; anything else fails."""
    found: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        assert not line.endswith("\\"), "Squid would join the next line"
        if not line or line.startswith("# "):
            continue
        if acl := _ACL.fullmatch(line):
            assert len(acl["acl"]) <= 31, "Squid of old takes no longer names"
            assert kinds.setdefault(acl["acl"], acl["type"]) == acl["type"]
            found.setdefault(acl["acl"], []).extend(acl["values"].split(" "))
            continue
        if rule := _ALLOW.fullmatch(line):
            assert {rule["names"], rule["ports"]} <= found.keys()
            continue
        assert line == "ssl_bump splice holofleet_not_inspected", line
    return found


def test_the_plain_list_has_exact_names_only_and_says_what_it_misses() -> None:
    text = plain.as_text(NEAR_OFFLINE)
    names = plain.names(text)
    assert set(names) == {one.host for one in NEAR_OFFLINE.exact}
    assert not [name for name in names if "*" in name]
    remarks = [line for line in text.splitlines() if line.startswith("#")]
    for wildcard, _ in NEAR_OFFLINE.wildcards():
        assert any(f" {wildcard.host} " in line for line in remarks)
    assert any("*.microsoft.com: it would open a whole vendor" in line for line in remarks)


def test_required_names_come_before_optional_ones_in_the_plain_list() -> None:
    text = plain.as_text(listed(entry("b.com", need=Need.OPTIONAL), entry("a.com"), entry("c.com", "udp/123")))
    assert plain.names(text) == ("a.com", "c.com", "b.com")
    assert "# Optional, tcp/443\nb.com\n" in text


@pytest.mark.parametrize("allowed", [NEAR_OFFLINE, allow_lists.whole(catalog.endpoints())])
def test_the_table_reads_back_as_the_list(allowed: AllowList) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(allowed), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [
        (row["need"], row["host"], tuple(row["ports"].split())) for row in rows if row["need"] != "left out"
    ] == [(one.need.value, one.host, one.ports) for one in allowed.entries]
    assert [row["host"] for row in rows if row["need"] == "left out"] == [one.what for one in allowed.left_out]


def test_FIL_1_a_cell_is_never_run_by_a_spreadsheet() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\n =1"):
        (row,) = csv.DictReader(io.StringIO(as_csv(listed(entry("a.com", purpose=text))), newline=""))
        assert row["purpose"].startswith("'")


def test_the_catalog_as_a_table_has_one_row_for_each_host() -> None:
    endpoints = catalog.endpoints()
    rows = list(csv.DictReader(io.StringIO(catalog_csv(endpoints, catalog.sources()), newline="")))
    assert [row["host"] for row in rows] == [host.pattern for one in endpoints.endpoints for host in one.hosts]
    assert all(row["source"].startswith("'") for row in rows if row["source"])


def test_json_reads_back_as_the_same_list() -> None:
    allowed = replace(
        NEAR_OFFLINE,
        title=HOSTILE,
        inside=(Inside("parts.contoso.com", HOSTILE),),
        left_out=(LeftOut(HOSTILE, HOSTILE, HOSTILE),),
    )
    text = exchange.as_json(allowed)
    assert exchange.parse(text.encode()) == allowed
    assert "{{" not in text
    assert json.loads(text)["title"] == HOSTILE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no list of the form"),
        (b'{"form": "holofleet-endpoints/2"}', "no list of the form"),
        (b'{"form": "holofleet-endpoints/1"}', "broken"),
        (b" " * (exchange.MAX_BYTES + 1), "more than"),
    ],
)
def test_IMP_1_what_is_no_list_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(exchange.AllowListError, match=why):
        exchange.parse(data)


def test_IMP_1_a_list_with_one_bad_entry_is_refused_whatever_is_bad() -> None:
    good = json.loads(exchange.as_json(listed(entry("a.com"))))
    for key, value in (
        ("host", "a.com\nb.com"),
        ("host", 3),
        ("ports", []),
        ("ports", ["tcp/x"]),
        ("ports", ["x"]),
        ("groups", "x"),
        ("notes", [1]),
    ):
        bad = {**good, "required": [{**good["required"][0], key: value}]}
        with pytest.raises(exchange.AllowListError, match="broken"):
            exchange.parse(json.dumps(bad).encode())


@pytest.mark.parametrize("allowed", [NEAR_OFFLINE, allow_lists.whole(catalog.endpoints())])
def test_squid_rules_hold_every_name_once_and_none_that_another_covers(allowed: AllowList) -> None:
    found = squid(as_squid(allowed))
    names = {acl: values for acl, values in found.items() if not acl.endswith("_ports")}
    for values in names.values():
        patterns = [f"*{value}" if value.startswith(".") else value for value in values]
        assert len(set(patterns)) == len(patterns)
        for one in patterns:
            assert not [other for other in patterns if other != one and covers(other, one)]
            assert f"*.{one}" not in patterns, "Squid's .name stands for the name itself too"
    for one in allowed.entries:
        if one.tcp:
            acls = [acl for acl in names if found[f"{acl}_ports"] == [str(port) for port in one.tcp]]
            (acl,) = [acl for acl in acls if acl.startswith(f"holofleet_{one.need}_")]
            bare = one.host.removeprefix("*.")
            assert any(v == bare or f".{bare}".endswith(v) for v in found[acl] if v.startswith(".") or v == bare)


def test_squid_leaves_alone_what_must_not_be_inspected() -> None:
    assert "holofleet_not_inspected" not in squid(as_squid(NEAR_OFFLINE))
    spliced = squid(as_squid(NEAR_OFFLINE, inspects=True, more_not_inspected=["parts.contoso.com"]))
    assert {"login.live.com", "parts.contoso.com", ".wns.windows.com"} <= set(spliced["holofleet_not_inspected"])
    assert "wdcp.microsoft.com" not in spliced["holofleet_not_inspected"]


def test_squid_says_what_does_not_pass_a_proxy_and_which_ports_are_unusual() -> None:
    text = as_squid(
        listed(entry("time.contoso.com", "udp/123"), entry("a.com", "tcp/8443"), entry("*.wns.windows.com"))
    )
    assert "time.contoso.com udp/123" in text
    assert "*.wns.windows.com tcp/443 (notifications do not work through a proxy)" in text
    assert "add 8443 to your Safe_ports" in text
    assert "time.contoso.com" not in str(squid(text))


def test_FIL_1_hostile_titles_change_no_rule() -> None:
    good, bad = listed(entry("a.com")), listed(entry("a.com", purpose=HOSTILE), title=HOSTILE)
    assert squid(as_squid(bad)) == squid(as_squid(good))
    assert plain.names(plain.as_text(bad)) == ("a.com",)
    assert [len(row) for row in csv.reader(io.StringIO(as_csv(bad), newline=""))] == [len(COLUMNS)] * 2
    for text in (as_squid(bad), plain.as_text(bad), exchange.as_json(bad), as_pac(bad)):
        assert "{{secret" not in text
    assert as_pac(bad).count("\n") == as_pac(good).count("\n")
    assert "\u2028" not in as_pac(bad)


def test_a_proxy_that_is_no_host_and_port_is_refused() -> None:
    for proxy in ("proxy", "proxy:0", "proxy:99999", 'a";x("b:80', ":80", "proxy:80\n"):
        with pytest.raises(ValueError, match="not a host and a port"):
            as_pac(NEAR_OFFLINE, proxy=proxy)


def test_external_lists_hold_patterns_and_nothing_else_one_list_for_each_service() -> None:
    lists = dict(as_external_lists(NEAR_OFFLINE))
    assert {"required-web", "required-udp-123", "optional-web"} == lists.keys()
    assert lists["required-udp-123"] == "time.windows.com\n"
    for line in lists["required-web"].splitlines():
        assert re.fullmatch(r"(\*\.)?[a-z0-9.-]+/", line)
    assert "*.wns.windows.com/" in lists["required-web"].splitlines()


def test_a_difference_says_what_an_engineer_has_to_change() -> None:
    old = listed(
        entry("gone.com"), entry("same.com"), entry("more.com", "tcp/443"), entry("up.com", need=Need.OPTIONAL)
    )
    new = listed(
        entry("new.com", group="wns"),
        entry("same.com", purpose="other"),
        entry("more.com", "tcp/80", "tcp/443"),
        entry("up.com"),
    )
    assert [(one.kind.value, one.host, one.ports) for one in allow_lists.difference(old, new)] == [
        ("added", "more.com", ("tcp/80",)),
        ("added", "new.com", ("tcp/443",)),
        ("removed", "gone.com", ("tcp/443",)),
        ("now required", "up.com", ("tcp/443",)),
    ]
    assert allow_lists.difference(old, old) == ()
    back = {one.host: one.kind.value for one in allow_lists.difference(new, old)}
    assert back == {"gone.com": "added", "more.com": "removed", "new.com": "removed", "up.com": "now optional"}
