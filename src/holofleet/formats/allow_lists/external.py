"""External dynamic lists: files that a firewall fetches, one pattern a line and nothing else.

Such a list knows no ports: there is one list for each set of ports, to be used in a rule with that service. Web
names end in a slash, because a name without one also matches longer names that begin with it.

Source: 'Formatting Guidelines for an External Dynamic List', 'URL Category Exceptions' (Palo Alto Networks).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.formats.allow_lists.allow_list import WEB, AllowList, Need, widest


def as_external_lists(allowed: AllowList) -> Iterator[tuple[str, str]]:
    """Yield the lists by name: ``required-web``, ``optional-udp-123`` and the like; empty ones are not made."""
    for need in Need:
        found: dict[str, list[str]] = {}
        for entry in allowed.of(need):
            found.setdefault(_service(entry.ports), []).append(entry.host)
        for service, hosts in sorted(found.items()):
            slash = "/" if service == "web" else ""
            yield f"{need.value}-{service}", "".join(f"{host}{slash}\n" for host in widest(hosts))


def _service(ports: tuple[str, ...]) -> str:
    return "web" if WEB.issuperset(ports) else "-".join(port.replace("/", "-") for port in ports)
