"""The names under which we may be addressed, and the addresses that we hand out.

A request whose Host is not a configured name or a name in our certificate gets 400, so that no address of
somebody else ever enters an answer (AUTHZ-2). Handed-out addresses come from the
configuration, else from such a checked Host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from holofleet.errors import InputError

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9_.-]{1,253}))(?::([0-9]{1,5}))?")
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Authority:
    """A checked host and port; ``host`` is lower case, without brackets."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        """The https origin, in the form that browsers and clients write."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}" if self.port == HTTPS_PORT else f"https://{host}:{self.port}"

    def at_port(self, port: int) -> Authority:
        """Return the same host at another port."""
        return Authority(self.host, port)


def parse_authority(text: str) -> Authority | None:
    """Parse a Host header; ``None`` if it is none. A missing port is that of https."""
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    port = int(found[3]) if found[3] else HTTPS_PORT
    if not 0 < port < 65536:
        return None
    host = (found[1] or found[2]).lower()
    if found[1]:
        try:
            address = ip_address(host)
        except ValueError:
            return None
        if not isinstance(address, IPv6Address):
            return None
        host = address.compressed
    return Authority(host, port)


def parse_url(text: str) -> Authority:
    """Parse a configured public address such as ``https://fleet.contoso.com``.

    Raises:
        InputError: not https, or more than scheme, host and port.
    """
    parts = urlsplit(text)
    authority = parse_authority(parts.netloc)
    if (
        parts.scheme != "https"
        or authority is None
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise InputError(
            f"{text!r} is not an address that can be handed out",
            mend="Write https://HOST or https://HOST:PORT, without a path.",
        )
    return authority


@dataclass(frozen=True, slots=True)
class Hosts:
    """The accepted names and the public addresses.

    Args:
        names: Host names and addresses in our certificate, lower case.
        device_port: The port of the device listener, for addresses made from a request's Host.
        public: The configured address of ``--listen`` (``--url``), if any.
        device: The configured address of ``--device-listen`` (``--device-url``), if any.
        assist: Where the pages of headsets are, if they have a name of their own (``--assist-origin``).
    """

    names: frozenset[str]
    device_port: int
    public: Authority | None = None
    device: Authority | None = None
    assist: Authority | None = None

    def accept(self, host_header: str) -> Authority | None:
        """Return the authority of a request's Host, or ``None`` if it does not mean us."""
        authority = parse_authority(host_header)
        if authority is None or not self.knows(authority.host):
            return None
        return authority

    def knows(self, host: str) -> bool:
        """Whether ``host`` is one of our names."""
        return host in self.names or any(
            host == known.host for known in (self.public, self.device, self.assist) if known
        )

    def enrollment_origin(self, asked: Authority, *, on_device_listener: bool) -> str:
        """Return the origin of the policy and enrollment addresses that answer a request at ``asked``."""
        configured = self.device if on_device_listener else self.public
        return (configured or asked).origin

    def management_origin(self, asked: Authority, *, on_device_listener: bool) -> str:
        """Return the origin of the management address handed to a headset that asked at ``asked``."""
        if self.device is not None:
            return self.device.origin
        return (asked if on_device_listener else asked.at_port(self.device_port)).origin
