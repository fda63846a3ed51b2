"""Allow lists of anything, in every form: what is read back is what was written, whatever the texts hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.formats.allow_lists import AllowList, Entry, Inside, LeftOut, Need, difference, exchange, plain
from holofleet.formats.allow_lists.allow_list import in_order, widest
from holofleet.formats.allow_lists.external import as_external_lists
from holofleet.formats.allow_lists.names import covers, port_order
from holofleet.formats.allow_lists.proxy_script import as_pac
from holofleet.formats.allow_lists.squid import as_squid
from holofleet.formats.allow_lists.table import COLUMNS, as_csv

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\n\r\t\x00\x1b\u2028\u2029\u202e\ufeff\"'`\\;,#{}<>&=+-@*|"),
        st.characters(blacklist_categories=("Cs",)),
    ),
    max_size=40,
) | st.sampled_from(
    [
        "a\nhttp_access allow all\n",
        '"]; function FindProxyForURL(){return "DIRECT"} //',
        "{{secret:env:HOLOFLEET_SECRET_WIFI}}",
        '=HYPERLINK("https://evil.example")',
        "*/ alert(1) /*",
        "x\\",
    ]
)
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,3}[a-z0-9])?", fullmatch=True)
NAME = st.lists(LABEL, min_size=2, max_size=4).map(".".join)
PATTERN = NAME | NAME.map("*.{}".format)
PORT = st.builds("{}/{}".format, st.sampled_from(["tcp", "udp"]), st.sampled_from([53, 80, 123, 443, 3478, 65535]))
PORTS = st.sets(PORT, min_size=1, max_size=3).map(lambda ports: tuple(sorted(ports, key=port_order)))
TEXTS = st.lists(HOSTILE, max_size=2).map(tuple)
ENTRY = st.builds(Entry, PATTERN, PORTS, st.sampled_from(Need), TEXTS, TEXTS, TEXTS)
LISTS = st.builds(
    AllowList,
    HOSTILE,
    st.just("0123456789ab"),
    st.lists(ENTRY, max_size=8).map(in_order),
    st.lists(st.builds(LeftOut, HOSTILE, HOSTILE, HOSTILE, TEXTS), max_size=2).map(tuple),
    st.lists(st.builds(Inside, HOSTILE, HOSTILE), max_size=2).map(tuple),
)


@given(LISTS)
def test_FIL_1_json_reads_back_as_the_same_list_and_names_no_secret(allowed: AllowList) -> None:
    text = exchange.as_json(allowed)
    assert exchange.parse(text.encode()) == allowed
    assert "{{" not in text


@given(LISTS)
def test_FIL_1_a_table_has_one_line_for_each_entry_and_no_cell_is_a_formula(allowed: AllowList) -> None:
    text = as_csv(allowed)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == text.count("\n") == 1 + len(allowed.entries) + len(allowed.left_out)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert [row[1] for row in rows[1 : 1 + len(allowed.entries)]] == [one.host for one in allowed.entries]
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


@given(LISTS)
def test_FIL_1_the_plain_list_reads_back_as_its_exact_names(allowed: AllowList) -> None:
    text = plain.as_text(allowed)
    assert set(plain.names(text)) == {one.host for one in allowed.entries if not one.wildcard}
    assert len(text.splitlines()) == text.count("\n"), "no other line end than ours"


@given(LISTS)
def test_FIL_1_squid_rules_hang_on_names_and_ports_alone(allowed: AllowList) -> None:
    def rules(text: str) -> list[str]:
        assert len(text.splitlines()) == text.count("\n")
        assert not [line for line in text.splitlines() if line.endswith("\\")]
        return [line for line in text.splitlines() if line and not line.startswith("# ")]

    bare = [Entry(one.host, one.ports, one.need, one.groups) for one in allowed.entries]
    plainly = AllowList("Harbour", allowed.catalog, in_order(bare))
    assert rules(as_squid(allowed, inspects=True)) == rules(as_squid(plainly, inspects=True))


@given(LISTS)
def test_FIL_1_the_arrays_of_a_proxy_script_are_the_names_and_nothing_else_is_foreign(allowed: AllowList) -> None:
    text = as_pac(allowed, proxy="proxy.contoso.com:8080")
    head, _, rest = text.partition("\nvar viaProxy")
    assert all(line.startswith("// ") for line in head.split("\n"))
    assert rest.isascii()
    assert len(text.splitlines()) == text.count("\n")
    found = {}
    for name in ("direct", "required", "optional"):
        array = rest.split(f"var {name} = ", 1)[1].split("];", 1)[0] + "]"
        found[name] = json.loads(array)
    for need in Need:
        hosts = [one.host for one in allowed.of(need) if one.tcp]
        assert found[need.value] == list(widest(hosts))


@given(LISTS)
def test_external_lists_hold_one_pattern_a_line(allowed: AllowList) -> None:
    lists = dict(as_external_lists(allowed))
    found = [line.rstrip("/") for text in lists.values() for line in text.splitlines()]
    hosts = {one.host for one in allowed.entries}
    assert set(found) <= hosts
    assert all(any(covers(pattern, host) for pattern in found) for host in hosts)


@given(st.lists(PATTERN, max_size=12))
def test_the_widest_patterns_let_through_what_all_do_and_none_is_needless(patterns: list[str]) -> None:
    kept = widest(patterns)
    assert all(any(covers(wide, one) for wide in kept) for one in patterns)
    assert not [one for one in kept for wide in kept if wide != one and covers(wide, one)]


@settings(max_examples=50)
@given(LISTS, LISTS)
def test_applying_a_difference_to_the_old_list_gives_the_new_one(old: AllowList, new: AllowList) -> None:
    def flat(allowed: AllowList, keep: Callable[[Entry], bool] = lambda _: True) -> set[tuple[str, str]]:
        return {(one.host, port) for one in allowed.entries if keep(one) for port in one.ports}

    opened = flat(old)
    for change in difference(old, new):
        pairs = {(change.host, port) for port in change.ports}
        if change.kind == "added":
            assert not pairs & opened
            opened |= pairs
        elif change.kind == "removed":
            assert pairs <= opened
            opened -= pairs
    assert opened == flat(new)
    assert difference(new, new) == ()
