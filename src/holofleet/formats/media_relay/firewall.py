"""nftables rules for what the relay's user may send: the second wall behind the relay's own lists.

Callers choose where a relay sends to. Its lists of denied addresses have been passed before (CVE-2020-26262 and
those after it), so the kernel refuses the same networks for the relay's user, whatever the relay believes.
"""

from __future__ import annotations

from collections.abc import Iterable

from holofleet.formats.media_relay.relay import DENIED, Network, Relay

USER = "turnserver"
"""The user of Debian's package."""
_V4, _V6 = 4, 6


def egress(relay: Relay, *, user: str = USER) -> str:
    """Return a file for ``nft -f``; loading it again replaces its own table and no other."""
    first, last = relay.relay_ports
    own = {relay.address, *((relay.public,) if relay.public else ())}
    return f"""\
# Written by holofleet: what the media relay may send. Load with: nft -f FILE
table inet holofleet_relay
delete table inet holofleet_relay
table inet holofleet_relay {{
  chain output {{
    type filter hook output priority 0; policy accept;
    meta skuid != "{user}" accept
    meta skuid "{user}" jump relay
  }}
  chain relay {{
    # Answers to callers who reached its listening ports.
    udp sport {{ {relay.port}, {relay.tls_port} }} accept
    tcp sport {{ {relay.port}, {relay.tls_port} }} ct state established accept
    # Two callers of this relay meet at its own address, on ports of media only.
{_each(own, f"udp sport {first}-{last} udp dport {first}-{last} accept", "daddr")}
{_networks(relay.networks, f"udp sport {first}-{last} accept")}
{_networks(DENIED, "counter drop")}
    udp sport {first}-{last} accept
    counter drop
  }}
}}
"""


def _each(addresses: Iterable[str], verdict: str, side: str) -> str:
    return "\n".join(
        f"    {'ip6' if ':' in address else 'ip'} {side} {address} {verdict}" for address in sorted(addresses)
    )


def _networks(networks: Iterable[Network], verdict: str) -> str:
    listed = list(networks)
    rules = []
    for version, family in ((_V4, "ip"), (_V6, "ip6")):
        of = [str(network) for network in listed if network.version == version]
        if of:
            rules.append(f"    {family} daddr {{ {', '.join(of)} }} {verdict}")
    return "\n".join(rules)
