"""Where requests may go: one origin, decided once (SECURITY GRA-1).

The bearer token goes to this origin and nowhere else. Plain http is for an emulator on this machine only, and a
client of it carries no token at all. A ``nextLink`` that leads elsewhere is an error, not a request.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from holofleet.errors import InputError, PeerError

DEFAULT = "https://graph.microsoft.com"
_AUTHORITIES = {
    "graph.microsoft.com": "https://login.microsoftonline.com",
    "graph.microsoft.us": "https://login.microsoftonline.us",
    "dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "microsoftgraph.chinacloudapi.cn": "https://login.partner.microsoftonline.cn",
}
"""Sign-in addresses of the clouds. Source: 'National cloud deployments' (Microsoft Graph documentation)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The root of a Graph: scheme, host and port, without path."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Origin:
        """Parse ``--graph-url``.

        Raises:
            InputError: neither https nor an emulator on loopback, or with a path, query, or user name.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise InputError(f"not the address of a Graph: {url!r}", detail=str(error)) from error
        if parts.scheme not in ("https", "http") or not host:
            raise InputError(f"not the address of a Graph: {url!r}", mend=f"The public one is {DEFAULT}.")
        if parts.username is not None or parts.password is not None:
            raise InputError("a Graph address holds no user name or password")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise InputError(f"a Graph address ends after the host: {url!r}", mend="Leave out what follows it.")
        if parts.scheme == "http" and not _is_loopback(host):
            raise InputError(
                f"plain http to {host} is refused: whoever is on the way could read the token",
                mend="Use https; plain http is for an emulator on 127.0.0.1.",
            )
        return cls(parts.scheme, host, port or (443 if parts.scheme == "https" else 80))

    @property
    def url(self) -> str:
        """The root as text, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return f"{self.scheme}://{host}" + ("" if self.port == default else f":{self.port}")

    @property
    def carries_token(self) -> bool:
        """False for an emulator over plain http: no credential ever goes there."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Where tokens for this cloud come from."""
        return _AUTHORITIES.get(self.host, _AUTHORITIES["graph.microsoft.com"])

    @property
    def scope(self) -> str:
        """What a token is asked for."""
        return f"{self.url}/.default"

    def followed(self, link: str, *, version: str) -> str:
        """Return the part of a ``nextLink`` below the version, path and query as they stand.

        Raises:
            PeerError: it leads to another origin or another version; nothing is sent.
        """
        try:
            parts = urlsplit(link)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            same = (parts.scheme, (parts.hostname or "").lower(), port) == (self.scheme, self.host, self.port)
        except ValueError:
            same = False
        prefix = f"/{version}/"
        if not same or parts.username is not None or parts.fragment or any(ord(sign) < 33 for sign in link):
            raise PeerError(
                "a list goes on at another address; it is not followed",
                detail=f"The Graph is {self.url}.",
                mend="Somebody may be in between; do not trust this connection.",
            )
        if not parts.path.startswith(prefix) or "/../" in parts.path or "\\" in parts.path:
            raise PeerError(f"a list goes on outside of {version}; it is not followed")
        return link[link.index(prefix, len(parts.scheme) + 3) + len(prefix) - 1 :]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
