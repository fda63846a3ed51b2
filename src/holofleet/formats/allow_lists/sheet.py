"""The page for the network engineer of a site: what is opened, why, and what must be left alone.

One HTML file that needs nothing else, made to be printed on one page; the names stand in the lists beside it.
Figures about calls: the vendor's network requirements, from the endpoint catalog.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from holofleet import catalog
from holofleet.formats import single_page
from holofleet.formats.allow_lists.allow_list import AllowList, Need
from holofleet.formats.allow_lists.names import one_line, port_order
from holofleet.formats.allow_lists.plain import not_inspected
from holofleet.formats.allow_lists.purposes import NOT_INSPECTED, purpose

_PACKAGE = "holofleet.formats.allow_lists"
SITE = "site"
"""Group of what the fleet file adds."""

_OWN_ROWS, _FEW_ROWS = 6, 2
_MANY_GROUPS = 24
_TEXT = 72


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of a site, with what was measured there; ``None`` where nobody measured."""

    at_once: int
    vendor: bool
    uplink_mbps: float | None = None
    downlink_mbps: float | None = None
    rtt_ms: float | None = None
    jitter_ms: float | None = None
    loss_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page says beside the list.

    Args:
        closed: Groups that stay closed on purpose, with the reason.
        proxy: How headsets find it: ``none``, ``transparent``, ``static``, ``pac`` or ``wpad``.
        root: A certificate of the network's inspection is delivered.
        calls: ``None`` where headsets are not connected while they are worn.
        excepted: Hosts that the site's proxy leaves alone already.
        update_cache: Host of the Connected Cache; empty without one.
    """

    site: str
    owner: str
    headsets: int
    allowed: AllowList
    closed: tuple[tuple[str, str], ...] = ()
    proxy: str = "none"
    inspects: bool = False
    root: bool = False
    excepted: tuple[str, ...] = ()
    calls: Calls | None = None
    update_cache: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    purpose: str
    need: str
    names: int
    wildcards: int
    ports: str


@dataclass(frozen=True, slots=True)
class _Figure:
    what: str
    wanted: str
    here: str
    short: bool = False


def render(sheet: Sheet) -> str:
    """Render the page. Every text of the fleet file is escaped, and shortened where the page would overflow."""
    environment = single_page.environment(_PACKAGE, fillable=True)
    environment.filters["short"] = _short
    groups = _groups(sheet.allowed)
    most = _OWN_ROWS if len(groups) <= _MANY_GROUPS else _FEW_ROWS
    own = [
        (one.host, "; ".join(one.purposes), _ports(one.ports))
        for one in sheet.allowed.entries
        if SITE in one.groups
    ]
    own += [(one.host, one.use, "inside your network") for one in sheet.allowed.inside]
    page = environment.get_template("sheet.html").render(
        sheet=sheet,
        rows=[_row(sheet.allowed, group) for group in groups],
        own=own[:most],
        more=max(0, len(own) - most),
        closed=sheet.closed[:most],
        closed_more=max(0, len(sheet.closed) - most),
        wildcards=len(list(sheet.allowed.wildcards())),
        left_alone=len(not_inspected(sheet.allowed, sheet.excepted)),
        left_alone_groups=[group for group in groups if group in NOT_INSPECTED],
        figures=list(_figures(sheet.calls)) if sheet.calls else [],
        **single_page.inline("style", single_page.asset(_PACKAGE, "sheet.css")),
    )
    return single_page.ended(page)


def _groups(allowed: AllowList) -> tuple[str, ...]:
    """Return the groups of the catalog that the list has entries of, in the order of the catalog."""
    named = {group for entry in allowed.entries for group in entry.groups}
    return tuple(group for group in catalog.endpoints().groups if group in named)


def _row(allowed: AllowList, group: str) -> _Row:
    entries = [entry for entry in allowed.entries if group in entry.groups]
    hosts = {entry.host for entry in entries}
    return _Row(
        name=group,
        purpose=purpose(group),
        need=_need(group, {entry.host for entry in entries if entry.need is Need.REQUIRED}),
        names=len(hosts),
        wildcards=sum(host.startswith("*.") for host in hosts),
        ports=_ports(port for entry in entries for port in entry.ports),
    )


def _need(group: str, required: set[str]) -> str:
    """Say whether a group is needed for its own sake; a name of it may be required by another one."""
    endpoints = catalog.endpoints().of_group(group)
    strong = (one for one in endpoints if one.requirement in ("required", "conditional"))
    if any(host.pattern in required for one in strong for host in one.hosts):
        return "yes"
    return "advised" if any(one.requirement == "recommended" for one in endpoints) else "optional"


def _ports(ports: Iterable[str]) -> str:
    """Return ``TCP 80, 443; UDP 3478-3481``."""
    found: dict[str, list[int]] = {}
    for protocol, number in map(port_order, sorted(set(ports), key=port_order)):
        found.setdefault(protocol, []).append(number)
    return "; ".join(f"{protocol.upper()} {_ranges(numbers)}" for protocol, numbers in found.items())


def _ranges(numbers: list[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)


def _figures(calls: Calls) -> Iterator[_Figure]:
    media = catalog.endpoints().media
    least = media["remote_assist_hololens"]["minimum"]
    best = media["remote_assist_hololens"]["optimal"]
    edge = media["network_quality"]["client_to_edge"]
    for way, key, here in (("up", "up_mbps", calls.uplink_mbps), ("down", "down_mbps", calls.downlink_mbps)):
        need = least[key] * calls.at_once
        good = best[key][1] * calls.at_once
        yield _Figure(
            f"Bandwidth {way}",
            f"{need:g} Mbit/s, better {good:g}",
            "" if here is None else f"{here:g} Mbit/s",
            here is not None and here < need,
        )
    for what, most, unit, here in (
        ("Round trip", edge["rtt_ms"], " ms", calls.rtt_ms),
        ("Jitter", edge["jitter_ms_15s"], " ms", calls.jitter_ms),
        ("Lost packets", edge["loss_pct_15s"], " %", calls.loss_percent),
    ):
        yield _Figure(
            what,
            f"below {most:g}{unit}",
            "" if here is None else f"{here:g}{unit}",
            here is not None and here >= most,
        )


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _TEXT else line[: _TEXT - 1] + "\u2026"
