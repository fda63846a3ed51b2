"""Allow lists and the network engineer's page, one folder per site where headsets of the fleet are used.

A site with a firewall gets the groups that the file opens there; another one, what the scenarios of its headsets
need. A site without any network gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from holofleet import catalog
from holofleet.desired.files.made import CSV, HTML, JSON, TEXT, Made
from holofleet.formats.allow_lists import AllowList, Entry, Inside, LeftOut, Need, of_groups, of_scenarios, sheet
from holofleet.formats.allow_lists.allow_list import in_order
from holofleet.formats.allow_lists.exchange import as_json
from holofleet.formats.allow_lists.external import as_external_lists
from holofleet.formats.allow_lists.names import is_name, is_wildcard
from holofleet.formats.allow_lists.plain import as_text, not_inspected_text
from holofleet.formats.allow_lists.proxy_script import as_pac
from holofleet.formats.allow_lists.squid import as_squid
from holofleet.formats.allow_lists.table import as_csv, catalog_csv
from holofleet.resources import State
from holofleet.spec import Spec
from holofleet.spec.fleet import EffectiveDeployment
from holofleet.spec.model.site import Site

PROXY_FILE = "application/x-ns-proxy-autoconfig"
_ASKED = ("static", "pac", "wpad")
"""Ways to a proxy in which headsets know that there is one."""

_IKE = ("udp/500", "udp/4500")


def write(spec: Spec, state: State) -> Iterator[Made]:
    """Yield the files of every site, then the table of all endpoints that are known."""
    written = False
    for site in spec.model.sites:
        if site.connectivity != "offline" and (used := _users(spec, site)):
            yield from map(_without_references, _site(spec, site, used))
            written = True
    if written:
        note = "Every endpoint that the catalog knows, with its source; also of groups that no site opens."
        yield Made("network/endpoints.csv", catalog_csv(catalog.endpoints(), catalog.sources()), CSV, note)


def _without_references(made: Made) -> Made:
    """Return a file in which no foreign text is a reference to a secret, which would be filled in later.

    The page keeps braces out by itself. In JSON two braces stand side by side in texts only.
    """
    if made.media_type == HTML or not isinstance(made.content, str):
        return made
    apart = "{\\u007b" if made.media_type == JSON else "{ {"
    return replace(made, content=made.content.replace("{{", apart))


def _users(spec: Spec, site: Site) -> dict[str, EffectiveDeployment]:
    """Return the headsets that are used at a site: their deployments by serial number."""
    return {
        headset.serial: deployment
        for deployment in spec.deployments()
        for headset in deployment.headsets
        if deployment.site_of(headset) == site.name
    }


def _site(spec: Spec, site: Site, used: dict[str, EffectiveDeployment]) -> Iterator[Made]:
    allowed = _allowed(site, list({one.name: one for one in used.values()}.values()))
    folder, proxy = f"network/{site.name}", site.network.proxy
    inspects = proxy is not None and proxy.inspects_tls
    excepted = proxy.not_inspected if proxy is not None else ()
    page = sheet.render(_sheet(spec, site, used, allowed))
    yield Made(f"{folder}/sheet.html", page, HTML, "For the network engineer: what, why, and what to leave alone.")
    text = as_text(allowed)
    yield Made(f"{folder}/allow-list.txt", text, TEXT, "Whole names, and what such a list has to leave out.")
    yield Made(f"{folder}/allow-list.csv", as_csv(allowed), CSV, "Names, ports and reasons as a table.")
    yield Made(f"{folder}/allow-list.json", as_json(allowed), JSON, "The same for programs, and to compare later.")
    squid = as_squid(allowed, inspects=inspects, more_not_inspected=excepted)
    yield Made(f"{folder}/squid.conf", squid, TEXT, "Rules to be included in the configuration of a Squid proxy.")
    if proxy is not None and proxy.mode in _ASKED:
        note = "What goes to the proxy, and what past it." + (
            "" if proxy.address else " Write your proxy into it."
        )
        yield Made(f"{folder}/proxy.pac", as_pac(allowed, proxy=proxy.address), PROXY_FILE, note)
    for name, content in as_external_lists(allowed):
        yield Made(f"{folder}/edl-{name}.txt", content, TEXT, "For a firewall that fetches its lists.")
    alone = not_inspected_text(allowed, excepted)
    yield Made(f"{folder}/not-inspected.txt", alone, TEXT, "Names that TLS inspection has to leave alone.")


def _allowed(site: Site, deployments: Iterable[EffectiveDeployment]) -> AllowList:
    endpoints, firewall = catalog.endpoints(), site.network.firewall
    if firewall is not None and firewall.filter != "none":
        base = of_groups(endpoints, tuple(dict.fromkeys(firewall.open)))
    else:
        asked = {name for one in deployments for name in (*one.scenarios, *_calls(one))}
        base = of_scenarios(endpoints, sorted(asked))
    good, strange = _own(site, deployments)
    return replace(
        base,
        title=site.display_name or site.name,
        entries=in_order([*base.entries, *good]),
        left_out=(*base.left_out, *strange),
        inside=tuple(_inside(site)),
        selection=(),
    )


def _calls(deployment: EffectiveDeployment) -> tuple[str, ...]:
    assist = deployment.settings.assist
    return ("remote-assist",) if assist is not None and assist.product == "remote-assist" else ()


def _inside(site: Site) -> Iterator[Inside]:
    for host in dict.fromkeys(site.network.internal_servers):
        yield Inside(host, "a server of yours, for apps on the headset")
    if site.network.update_cache:
        yield Inside(site.network.update_cache, "cache for system updates, TCP 80")


def _own(site: Site, deployments: Iterable[EffectiveDeployment]) -> tuple[list[Entry], list[LeftOut]]:
    """Return what the fleet file names beyond the catalog, and words of it that are no host names."""
    found: dict[str, tuple[set[str], dict[str, None]]] = {}

    def add(host: str, ports: Iterable[str], why: str) -> None:
        known, reasons = found.setdefault(host.lower(), (set(), {}))
        known.update(ports)
        reasons[why] = None

    for extra in site.network.firewall.extra if site.network.firewall else ():
        add(extra.host, (f"{extra.protocol}/{port}" for port in extra.ports), extra.reason)
    for one in deployments:
        keys = one.settings.network
        if keys is not None and keys.time is not None:
            add(keys.time.server, ("udp/123",), "the time")
        for server in (keys.vpn.servers if keys is not None and keys.vpn is not None else None) or ():
            add(server, _IKE, "VPN")
    good, strange = [], []
    for host, (ports, reasons) in found.items():
        try:
            good.append(_entry(host, ports, reasons))
        except ValueError:
            instead = f"Open it by hand: {', '.join(sorted(ports))}."
            strange.append(LeftOut(host, "no host name with ports that a filter can take", instead, (sheet.SITE,)))
    return good, strange


def _entry(host: str, ports: set[str], reasons: Iterable[str]) -> Entry:
    if not (is_name(host) or is_wildcard(host)):
        raise ValueError("no host name")
    ordered = tuple(sorted(ports, key=lambda port: (port[:3], int(port[4:]))))
    return Entry(host, ordered, Need.REQUIRED, (sheet.SITE,), tuple(reasons))


def _sheet(spec: Spec, site: Site, used: dict[str, EffectiveDeployment], allowed: AllowList) -> sheet.Sheet:
    network = site.network
    proxy, firewall = network.proxy, network.firewall
    products = {one.settings.assist.product for one in used.values() if one.settings.assist is not None}
    calls = sheet.Calls(
        at_once=network.concurrent_calls,
        vendor="remote-assist" in products,
        uplink_mbps=network.uplink_mbps,
        downlink_mbps=network.downlink_mbps,
        rtt_ms=network.rtt_ms,
        jitter_ms=network.jitter_ms,
        loss_percent=network.loss_percent,
    )
    organization = spec.model.organization
    return sheet.Sheet(
        site=site.display_name or site.name,
        owner=organization.name,
        headsets=len(used),
        allowed=allowed,
        closed=tuple((one.group, one.reason) for one in firewall.closed) if firewall is not None else (),
        proxy=proxy.mode if proxy is not None else "none",
        inspects=proxy is not None and proxy.inspects_tls,
        root=proxy is not None and proxy.root_certificate is not None,
        excepted=proxy.not_inspected if proxy is not None else (),
        calls=None if site.connected_in_use is False else calls,
        update_cache=network.update_cache or "",
        contact=organization.approvers.network or "",
    )
