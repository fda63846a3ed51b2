"""Allow lists: chosen narrowly, written in forms that filters read."""

from __future__ import annotations

import csv
import io
import re

import pytest

from holofleet import catalog
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Inside, LeftOut, Need
from holofleet.formats.allow_lists.exchange import AllowListError, as_json, parse
from holofleet.formats.allow_lists.external import as_external_lists
from holofleet.formats.allow_lists.plain import as_text, names, not_inspected
from holofleet.formats.allow_lists.purposes import NOT_INSPECTED, PURPOSES
from holofleet.formats.allow_lists.squid import as_squid
from holofleet.formats.allow_lists.table import as_csv, catalog_csv

ENDPOINTS = catalog.endpoints()
EVERYTHING = allow_lists.whole(ENDPOINTS)
NEAR_OFFLINE = allow_lists.of_scenarios(ENDPOINTS, ["near-offline"])
HOSTILE = "x\nacl all src all\r\u2028http_access allow all # \\"
SQUID = re.compile(
    r"#[^\x00-\x1f\\]*|"
    r"acl (?P<acl>holofleet_(?:required|optional)_\d+(?:_\d+)*) dstdomain (?P<name>\.?[a-z0-9][a-z0-9._-]*)|"
    r"acl (?P<ports>holofleet_(?:required|optional)_\d+(?:_\d+)*_ports) port \d+(?: \d+)*|"
    r"acl (?P<left>holofleet_not_inspected) ssl::server_name (?P<spliced>\.?[a-z0-9][a-z0-9._-]*)|"
    r"ssl_bump splice holofleet_not_inspected|"
    r"http_access allow (?P<used>holofleet_\w+) (?P=used)_ports|"
)


def entry(host: str, *ports: str, need: Need = Need.REQUIRED, purposes: tuple[str, ...] = ("ours",)) -> Entry:
    return Entry(host, ports or ("tcp/443",), need, ("site",), purposes)


def listed(*entries: Entry, title: str = "Harbour") -> AllowList:
    return AllowList(title, "0" * 12, entries)


def squid_names(text: str) -> dict[str, list[str]]:
    """Read a Squid file by a grammar of the directives that it may hold, and nothing else."""
    found: dict[str, list[str]] = {}
    made: set[str] = set()
    for line in text.removesuffix("\n").split("\n"):
        match = SQUID.fullmatch(line)
        assert match, line
        if name := match["name"] or match["spliced"]:
            found.setdefault(match["acl"] or match["left"], []).append(name)
        made.update(word for word in (match["acl"], match["ports"]) if word)
        if match["used"]:
            assert {match["used"], f"{match['used']}_ports"} <= made
    return found


def test_every_group_of_the_catalog_has_a_purpose() -> None:
    assert set(ENDPOINTS.groups) | {"site"} == set(PURPOSES)
    assert set(NOT_INSPECTED) <= set(PURPOSES)


def test_every_host_of_the_catalog_is_listed_or_named_as_left_out() -> None:
    hosts = {one.host for one in EVERYTHING.entries}
    out = {one.what for one in EVERYTHING.left_out}
    assert {host.pattern for one in ENDPOINTS.endpoints for host in one.hosts} == hosts | out
    assert out == {"*.microsoft.com", "store-images.*.microsoft.com"}


def test_no_port_of_a_name_is_both_required_and_optional() -> None:
    seen = [(one.host, port) for one in EVERYTHING.entries for port in one.ports]
    assert len(seen) == len(set(seen))


def test_what_is_conditional_is_required_only_by_whoever_uses_it() -> None:
    needs = {one.host: one.need for one in allow_lists.of_scenarios(ENDPOINTS, ["update"]).entries}
    assert needs["*.do.dsp.mp.microsoft.com"] is Need.REQUIRED
    assert needs["watson.telemetry.microsoft.com"] is Need.OPTIONAL


@pytest.mark.parametrize(
    "host", ["", "10.0.0.1", "a..b", "-a.b", "a b.c", "*.", "*.com", "a.*.b", "a.b\n", "A.b", "a.b/", 'a".b']
)
def test_what_is_no_host_name_never_becomes_an_entry(host: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        entry(host)


@pytest.mark.parametrize("port", ["tcp/0", "tcp/65536", "sctp/1", "tcp/x", "443", "tcp/\u0661", "tcp/443\n"])
def test_what_is_no_port_never_becomes_an_entry(port: str) -> None:
    with pytest.raises(ValueError, match="port"):
        entry("a.contoso.com", port)


def test_the_plain_list_holds_whole_names_and_says_what_it_lacks() -> None:
    text = as_text(NEAR_OFFLINE)
    assert set(names(text)) == {one.host for one in NEAR_OFFLINE.entries if not one.wildcard}
    for one, _ in NEAR_OFFLINE.wildcards():
        assert f"#   {one.host} (" in text
    assert "#   *.microsoft.com: it would open a whole vendor" in text


def test_FIL_1_hostile_texts_stay_remarks_in_every_list() -> None:
    hostile = AllowList(
        HOSTILE,
        "0" * 12,
        (entry("a.contoso.com", purposes=(HOSTILE,)),),
        (LeftOut(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),),
        (Inside("b.contoso.com", HOSTILE),),
    )
    assert names(as_text(hostile)) == ("a.contoso.com",)
    assert list(squid_names(as_squid(hostile, inspects=True)).values()) == [["a.contoso.com"]]
    assert [text for _, text in as_external_lists(hostile)] == ["a.contoso.com/\n"]
    assert parse(as_json(hostile).encode()) == hostile


def test_the_table_reads_back_and_runs_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(listed(entry("a.contoso.com", purposes=('=1+1,"\n2',)))))))
    assert [(row["host"], row["purpose"]) for row in rows] == [("a.contoso.com", "'=1+1,\" 2")]
    read = list(csv.DictReader(io.StringIO(as_csv(NEAR_OFFLINE))))
    hosts = [one.host for one in NEAR_OFFLINE.entries] + [one.what for one in NEAR_OFFLINE.left_out]
    assert [row["host"].lstrip("'") for row in read] == hosts
    whole = list(csv.DictReader(io.StringIO(catalog_csv(ENDPOINTS, catalog.sources()))))
    assert len(whole) == sum(len(one.hosts) for one in ENDPOINTS.endpoints)


def test_json_reads_back_as_the_same_list() -> None:
    assert parse(as_json(NEAR_OFFLINE).encode()) == NEAR_OFFLINE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no list of the form"),
        (b'{"form": "holofleet-endpoints/1"}', "broken"),
        (as_json(listed(entry("a.contoso.com"))).replace("tcp/443", "tcp/0").encode(), "broken"),
        (as_json(listed(entry("a.contoso.com"))).replace("a.contoso.com", "*.com").encode(), "broken"),
        (b" " * ((4 << 20) + 1), "more than"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(AllowListError, match=why):
        parse(content)


def test_squid_refuses_doubles_so_no_name_covers_another() -> None:
    for acl, found in squid_names(as_squid(EVERYTHING, inspects=True)).items():
        assert len(set(found)) == len(found), acl
        below = {name for name in found if name.startswith(".")}
        for name in found:
            labels = name.lstrip(".").split(".")
            first = 1 if name.startswith(".") else 0
            assert not below & {"." + ".".join(labels[n:]) for n in range(first, len(labels))}, (acl, name)


def test_lists_that_firewalls_fetch_hold_patterns_only_and_each_ports_its_own() -> None:
    found = dict(as_external_lists(listed(*EVERYTHING.entries, entry("own.contoso.com", "tcp/8443"))))
    assert found["required-tcp-8443"] == "own.contoso.com\n"
    for name, text in found.items():
        slash = "/" if name.endswith("-web") else ""
        assert re.fullmatch(rf"((\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+{slash}\n)+", text), name


def test_tls_is_left_alone_where_a_headset_cannot_know_the_networks_root() -> None:
    alone = not_inspected(NEAR_OFFLINE, ["x.manage.microsoft.com", "parts.contoso.com"])
    assert {"login.microsoftonline.com", "ztd.dds.microsoft.com", "parts.contoso.com"} <= set(alone)
    assert "x.manage.microsoft.com" not in alone  # *.manage.microsoft.com covers it
    assert "wdcp.microsoft.com" not in alone
    assert "holofleet_not_inspected" not in as_squid(NEAR_OFFLINE)


def test_a_difference_names_what_is_new_gone_and_needed_otherwise() -> None:
    old = listed(entry("a.contoso.com"), entry("b.contoso.com"), entry("c.contoso.com", need=Need.OPTIONAL))
    new = listed(entry("b.contoso.com", "tcp/80", "tcp/443", purposes=("other",)), entry("c.contoso.com"))
    found = [(one.kind.value, one.host, one.ports) for one in allow_lists.difference(old, new)]
    assert found == [
        ("added", "b.contoso.com", ("tcp/80",)),
        ("removed", "a.contoso.com", ("tcp/443",)),
        ("now required", "c.contoso.com", ("tcp/443",)),
    ]
    assert allow_lists.difference(EVERYTHING, EVERYTHING) == ()


def test_unknown_words_are_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        allow_lists.of_groups(ENDPOINTS, ["nothing"])
    with pytest.raises(KeyError, match="nothing"):
        allow_lists.of_scenarios(ENDPOINTS, ["nothing"])
