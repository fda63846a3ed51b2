"""Which addresses a webhook reaches: public ones, and networks that whoever starts the server allowed (CON-2).

The name is resolved by us and the connection is made to the address that was looked at, so that a name whose
address changes in between leads nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from holofleet.errors import InputError

LONGEST_URL: Final = 500
Address = IPv4Address | IPv6Address
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?\Z")
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes. ``target``: path and query, as they stand in the request."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The value of ``Host``."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == 443 else f"{shown}:{self.port}"


def require_sound(url: str) -> Place:
    """Take an address apart.

    Raises:
        InputError: it is not ``https``, names a user, or is no address.
    """
    mend = "Write it as https://hooks.contoso.com/fleet."
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InputError("this is no address of a webhook", mend=mend)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or 443
    except ValueError as error:
        raise InputError("this is no address of a webhook", mend=mend) from error
    if parts.scheme != "https":
        raise InputError("a webhook is reached by https only", mend=mend)
    if parts.username is not None or parts.password is not None:
        raise InputError("an address of a webhook names no user", mend="Receivers check the signature instead.")
    if parts.fragment or not (_HOST.match(host) or _literal(host)):
        raise InputError("this is no address of a webhook", mend=mend)
    return Place(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


class Networks:
    """The networks that are reached beside public addresses."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Take networks such as ``10.20.0.0/16``.

        Raises:
            InputError: one of them is none.
        """
        try:
            self._allowed: Sequence[IPv4Network | IPv6Network] = tuple(ip_network(text) for text in allowed)
        except ValueError as error:
            raise InputError(f"this is no network: {error}", mend="Write it as 10.20.0.0/16.") from error

    def __str__(self) -> str:
        return ", ".join(map(str, self._allowed))

    def allow(self, text: str) -> bool:
        """Whether an address is reached. Addresses that carry another one are judged by that one as well."""
        address = _literal(text)
        if address is None or getattr(address, "scope_id", None):
            return False
        inner = _within(address)
        return self._allows(address if inner is None else inner)

    def _allows(self, address: Address) -> bool:
        if any(address.version == network.version and address in network for network in self._allowed):
            return True
        return address.is_global and not (address.is_multicast or address.is_reserved or _is_carrier(address))


def _within(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for."""
    if not isinstance(address, IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _is_carrier(address: Address) -> bool:
    """Whether it is of a tunnel whose other end is anybody's (Teredo), or IPv4 in its oldest disguise."""
    if not isinstance(address, IPv6Address):
        return False
    return address.teredo is not None or int(address) >> 32 == 0
