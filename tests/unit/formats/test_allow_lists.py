"""Allow lists: chosen narrowly, written in forms that filters read."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from holofleet import catalog
from holofleet.formats import allow_lists
from holofleet.formats.allow_lists import AllowList, Entry, Need
from holofleet.formats.allow_lists.purposes import PURPOSES

EVERYTHING = allow_lists.of_groups(allow_lists.known_groups())
NEAR_OFFLINE = allow_lists.of_scenarios(["near-offline"], ["autopilot"])
SQUID = re.compile(
    r"#[^\x00-\x1f]*|"
    r"acl holofleet_connect method CONNECT|"
    r"acl holofleet_port_(?P<named>\d+) port (?P=named)|"
    r"acl (?P<acl>holofleet_(?:required|optional)_\d+) dstdomain (?P<name>\.?[a-z0-9][a-z0-9.-]*)|"
    r"acl holofleet_(?:required|optional)_80_paths url_regex \^http://[A-Za-z0-9()\[\].+?:/_-]+|"
    r"acl holofleet_step1 at_step SslBump1|"
    r"acl (?P<left>holofleet_not_inspected) ssl::server_name (?P<spliced>\.?[a-z0-9][a-z0-9.-]*)|"
    r"ssl_bump peek holofleet_step1|ssl_bump splice holofleet_not_inspected|"
    r"http_access allow holofleet_headsets !?holofleet_connect holofleet_port_\d+ holofleet_\w+|"
)


def entry(host: str, *ports: str, **more: object) -> Entry:
    return replace(
        Entry(host, ports or ("tcp/443",), Need.REQUIRED, ("own",), ("a reason",)),
        **more,  # type: ignore[arg-type]
    )


def squid_names(text: str) -> dict[str, list[str]]:
    """Read a Squid file by a grammar of the directives that it may hold, and nothing else."""
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        match = SQUID.fullmatch(line)
        assert match, line
        if name := match["name"] or match["spliced"]:
            found.setdefault(match["acl"] or match["left"], []).append(name)
    return found


def test_every_group_of_the_catalog_has_a_purpose() -> None:
    assert set(allow_lists.known_groups()) | {"own"} == set(PURPOSES)


def test_every_host_of_the_catalog_is_listed_or_named_as_left_out() -> None:
    listed = {one.host for one in EVERYTHING.entries if not one.path}
    out = {one.pattern for one in EVERYTHING.left_out}
    assert {host.pattern for one in catalog.endpoints().endpoints for host in one.hosts} == (
        listed - {"store-images.s-microsoft.com"} | out
    )  # the one name that stands in for a pattern
    assert out == {"*.microsoft.com", "store-images.*.microsoft.com"}


def test_a_name_of_several_groups_is_one_entry_with_the_strongest_need() -> None:
    (found,) = [one for one in EVERYTHING.entries if one.host == "v10.events.data.microsoft.com"]
    assert (found.need, found.groups) == (Need.RECOMMENDED, ("diagnostic-data", "office"))
    assert len({(one.host, one.path) for one in EVERYTHING.entries}) == len(EVERYTHING.entries)


def test_private_accounts_are_never_required() -> None:
    chosen = allow_lists.of_groups(["near-offline-setup"])
    assert {one.host: one.need for one in chosen.entries}["login.live.com"] is Need.OPTIONAL
    assert {one.host: one.need for one in NEAR_OFFLINE.entries}["login.live.com"] is Need.REQUIRED


def test_the_widest_wildcard_is_only_let_in_with_its_path() -> None:
    (found,) = [one for one in NEAR_OFFLINE.entries if one.base == "microsoft.com"]
    assert (found.host, found.path) == ("*.microsoft.com", "/pkiops/")
    urls = allow_lists.as_urls(NEAR_OFFLINE.entries).splitlines()
    assert [url for url in urls if url.startswith("*.microsoft.com")] == ["*.microsoft.com/pkiops/"]


def test_a_list_of_whole_names_holds_no_wildcard_and_another_says_what_it_lacks() -> None:
    names = allow_lists.as_names(NEAR_OFFLINE.entries).splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name) for name in names)
    said = allow_lists.left_out(NEAR_OFFLINE)
    assert all(f"{one.host}{one.path} " in said for one in NEAR_OFFLINE.wildcards)
    assert len(names) + len(NEAR_OFFLINE.wildcards) == len(NEAR_OFFLINE.entries)
    assert allow_lists.left_out(AllowList((), (entry("a.contoso.com"),))) == ""


def test_no_list_holds_an_address() -> None:
    for text in (allow_lists.as_text(EVERYTHING, "t"), allow_lists.as_csv(EVERYTHING)):
        assert not re.search(r"\d+\.\d+\.\d+\.\d+", text)


def test_the_plain_list_keeps_required_apart() -> None:
    text = allow_lists.as_text(NEAR_OFFLINE, "Harbour\nevil.example tcp/443")
    head, _, rest = text.partition("# Recommended and optional\n")
    lines = [line.split(" ")[0] for line in head.splitlines() if line and not line.startswith("#")]
    assert lines == [one.host + one.path for one in NEAR_OFFLINE.needed(required=True)]
    assert rest.startswith(NEAR_OFFLINE.needed(required=False)[0].host)


def test_the_table_reads_back_and_runs_nothing() -> None:
    hostile = entry("a.contoso.com", why=("=cmd|' /C calc'!A0", 'x",\n"y'))
    rows = list(csv.DictReader(io.StringIO(allow_lists.as_csv(AllowList((), (hostile,))))))
    assert [row["host"] for row in rows] == ["a.contoso.com"]
    assert rows[0]["why"] == "'=cmd|' /C calc'!A0; x\", \"y"
    assert [row["host"] for row in csv.DictReader(io.StringIO(allow_lists.as_csv(EVERYTHING)))] == [
        one.host for one in EVERYTHING.entries
    ]


def test_json_reads_back_as_the_same_list() -> None:
    text = json.dumps(allow_lists.as_json(EVERYTHING))
    assert allow_lists.read(text.encode(), "l.json") == EVERYTHING


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no list of the format"),
        (b'{"format": "holofleet-allow-list-1", "entries": {}, "groups": []}', "`entries`"),
        (b'{"format": "holofleet-allow-list-1", "entries": [{"host": 1}], "groups": []}', "entry 1"),
        (b'{"format": "holofleet-allow-list-1", "entries": [3], "groups": []}', "entry 1"),
        (b'{"format": "holofleet-allow-list-1", "entries": []}', "`groups`"),
        (b" " * ((4 << 20) + 1), "larger than"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(content: bytes, why: str) -> None:
    with pytest.raises(allow_lists.UnreadableListError, match=r"^l\.json: ") as refused:
        allow_lists.read(content, "l.json")
    assert why in str(refused.value)


def test_a_port_that_is_none_is_refused() -> None:
    data = allow_lists.as_json(AllowList((), (entry("a.contoso.com"),)))
    for port in ("tcp/0", "tcp/65536", "sctp/1", "tcp/x", "443", "tcp/\u0661"):
        data["entries"][0]["ports"] = [port]
        with pytest.raises(allow_lists.UnreadableListError, match="entry 1"):
            allow_lists.read(json.dumps(data).encode(), "l.json")


def test_squid_gets_one_rule_per_need_and_port_and_no_name_twice() -> None:
    text = allow_lists.squid(EVERYTHING, "Harbour\nhttp_access allow all", inspects=True)
    for acl, names in squid_names(text).items():
        for name in names:
            labels = name.lstrip(".").split(".")
            above = {"." + ".".join(labels[n:]) for n in range(0 if name[0] != "." else 1, len(labels))}
            assert not above & set(names), (acl, name)
        assert len(set(names)) == len(names)
    assert "acl holofleet_headsets" not in [line[:22] for line in text.splitlines()]
    assert ".microsoft.com" not in {name for names in squid_names(text).values() for name in names}


def test_squid_matches_the_narrow_path_and_nothing_wider() -> None:
    text = allow_lists.squid(NEAR_OFFLINE, "t")
    (pattern,) = re.findall(r"url_regex (\S+)", text)
    assert re.search(pattern, "http://www.microsoft.com/pkiops/crl/a.crl")
    assert re.search(pattern, "http://a.b.microsoft.com:80/pkiops/x")
    for other in ("http://evil.example/?http://www.microsoft.com/pkiops/", "http://xmicrosoft.com/pkiops/"):
        assert not re.search(pattern, other)
    assert not re.search(pattern, "http://www.microsoft.com/other")
    assert not re.search(pattern, "http://wwwxmicrosoft-com/pkiops/")


def test_push_and_servers_inside_go_past_the_proxy() -> None:
    mixed = allow_lists.with_entries(
        allow_lists.of_groups(["wns", "ntp"]), [entry("parts.contoso.com", inside=True)]
    )
    text = allow_lists.squid(mixed, "t")
    assert squid_names(text) == {}
    assert "# Does not work through a proxy, open it on the firewall: *.wns.windows.com tcp/443" in text
    assert "# UDP does not pass a proxy, open it on the firewall: time.windows.com udp/123" in text
    assert allow_lists.as_names(mixed.entries) == "time.windows.com\n"


def test_tls_is_left_alone_where_a_headset_cannot_know_the_networks_root() -> None:
    inspected = {one.host for one in NEAR_OFFLINE.entries if one.inspect}
    assert not inspected & {"login.microsoftonline.com", "ztd.dds.microsoft.com", "manage.microsoft.com"}
    assert "wdcp.microsoft.com" in inspected
    spliced = squid_names(allow_lists.squid(NEAR_OFFLINE, "t", inspects=True))["holofleet_not_inspected"]
    assert "login.microsoftonline.com" in spliced
    assert "wdcp.microsoft.com" not in spliced


def test_a_difference_names_what_is_new_gone_and_changed() -> None:
    old = AllowList((), (entry("a.contoso.com"), entry("b.contoso.com"), entry("c.contoso.com")))
    other = entry("c.contoso.com", why=("other words",), groups=("x",))
    new = AllowList((), (entry("b.contoso.com", "tcp/443", "tcp/80"), other, entry("d.contoso.com")))
    found = allow_lists.compare(old, new)
    assert [one.host for one in found.added] == ["d.contoso.com"]
    assert [one.host for one in found.removed] == ["a.contoso.com"]
    assert [(one.ports, two.ports) for one, two in found.changed] == [(("tcp/443",), ("tcp/443", "tcp/80"))]
    assert not allow_lists.compare(EVERYTHING, EVERYTHING)


def test_unknown_groups_are_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        allow_lists.of_groups(["nothing"])
