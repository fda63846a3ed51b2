"""What a relay is told: where it listens, whom it may reach, and how much one call may use."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from holofleet.errors import InputError

Network = IPv4Network | IPv6Network

DENIED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "::/128",
        "::1/128",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
"""What no caller may reach through a relay: everything that is not the public internet, in both families, and the
IPv6 forms that carry IPv4 addresses. Source: IANA's registries of special-purpose addresses."""

_SECRET_LEAST = 32
_PORTS_LEAST = 16


@dataclass(frozen=True, slots=True)
class Relay:
    """One coturn.

    Args:
        realm: Host name that callers see.
        address: The address that media is relayed from, and that calls reach it at.
        secrets: Shared with the server, newest first; a second one is the former, until its credentials ran out.
        listen: The address it listens on; empty for ``address``.
        public: The address that the world sees, where a router translates ``address``.
        port, tls_port: For TURN over UDP and TCP, and over TLS.
        relay_ports: First and last UDP port of media.
        certificate, key: Files for TLS; empty for a relay without.
        reachable: Networks beside the public internet that callers may reach through it: on an isolated plant
            network, the subnets of its headsets and experts and no other.
        sessions: How many allocations there may be at once; each side of a call takes one or two.
        bytes_per_s: Most that one allocation may move, in bytes per second.
    """

    realm: str
    address: str
    secrets: tuple[str, ...]
    listen: str = ""
    public: str = ""
    port: int = 3478
    tls_port: int = 5349
    relay_ports: tuple[int, int] = (49152, 50151)
    certificate: str = ""
    key: str = ""
    reachable: tuple[str, ...] = ()
    sessions: int = 1000
    bytes_per_s: int = 750_000

    def __post_init__(self) -> None:
        if not 1 <= len(self.secrets) <= 2 or any(len(secret) < _SECRET_LEAST for secret in self.secrets):
            raise InputError(
                "a relay takes one secret, or two while one follows the other, each of 32 characters or more",
                mend="Let `holofleet relay config` make it.",
            )
        if any(not text.isprintable() or set(text) & set(' \t"#') for text in (*self.secrets, self.realm)):
            raise InputError("secrets and realm are printable, without blanks, quotes and #")
        for text in (self.address, self.listen or self.address, self.public or self.address):
            _address(text)
        for text in self.reachable:
            _network(text)
        first, last = self.relay_ports
        if not 1024 <= first <= last - _PORTS_LEAST <= 65535 - _PORTS_LEAST:
            raise InputError(
                f"media needs a range of at least {_PORTS_LEAST} ports from 1024 on, not {first}-{last}"
            )
        if bool(self.certificate) != bool(self.key):
            raise InputError("TLS needs a certificate and its key", mend="Name both files, or neither.")

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that may be reached beside the public internet."""
        return tuple(_network(text) for text in self.reachable)


def _address(text: str) -> None:
    try:
        ip_address(text)
    except ValueError as error:
        raise InputError(f"not an IP address: {text[:80]!r}", mend="Write such as 203.0.113.7.") from error


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise InputError(f"not a network: {text[:80]!r}", mend="Write such as 10.20.0.0/24.") from error
