"""Sites whose network is restricted, and what their firewalls let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import NotApplicable
from holofleet.diagnostics import Position
from holofleet.spec.model.site import Firewall, Site


def restricted(case: Case) -> Iterator[tuple[int, Site]]:
    """Yield the sites with a network that is not said to be an open one; an offline site has none."""
    for index, site in case.sites:
        if site.connectivity in (None, "near-offline"):
            yield index, site


def filtering(case: Case) -> Iterator[tuple[int, Site, Firewall]]:
    """Yield the restricted sites with a firewall that lets only some endpoints through."""
    for index, site in restricted(case):
        firewall = site.network.firewall
        if firewall is not None and firewall.filter != "none":
            yield index, site, firewall


def no_network(case: Case) -> NotApplicable | None:
    """Excuse a deployment without a restricted network."""
    if any(restricted(case)):
        return None
    return NotApplicable("no site of the deployment has a restricted network (connectivity: near-offline)")


def no_filter(case: Case) -> NotApplicable | None:
    """Excuse a deployment of which no firewall is known that filters."""
    if any(filtering(case)):
        return None
    if any(site.network.firewall is None for _, site in restricted(case)):
        return NotApplicable("the file says nothing about the firewall (OFF-24 asks for it)")
    return no_network(case) or NotApplicable("the firewall of no site filters (filter: none)")


def probed(case: Case) -> str:
    """Return who probed the filtering sites and when; empty unless each of them has a probe that passed."""
    seen = []
    for _, site, _ in filtering(case):
        probe = site.network.probe
        if probe is None or not probe.passed or probe.on > case.today:
            return ""
        seen.append(f"{probe.by} probed site {site.name} on {probe.on}, and every endpoint answered")
    return "; ".join(seen)


def missing(firewall: Firewall, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the endpoint groups that a firewall does not open, in the order in which they are asked for."""
    return tuple(group for group in groups if group not in firewall.open)


def place(case: Case, index: int, group: str = "") -> Position:
    """Return where a site closes a group, or else where it lists what is open."""
    at: tuple[str | int, ...] = ("sites", index, "network", "firewall")
    firewall = case.spec.model.sites[index].network.firewall
    for number, closed in enumerate(firewall.closed if firewall is not None else ()):
        if closed.group == group:
            return case.at(*at, "closed", number)
    return case.at(*at, "open")
