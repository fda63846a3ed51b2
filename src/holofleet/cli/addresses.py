"""Where a server listens, and by which addresses it is reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from holofleet.errors import InputError

if TYPE_CHECKING:
    from holofleet.web.hosts import Authority

DEFAULT_LISTEN = "127.0.0.1:8443"


@dataclass(frozen=True)
class Addresses:
    """Where the two listeners listen, and what is handed out.

    Args:
        listen: Host and port of people, first enrollment and the API.
        device: Host and port of device management; port 0 of either takes a free one.
        url, device_url: The addresses that are handed out, if they are not those of the request.
        assist: Where the pages of headsets are, if they have a name of their own.
        behind: Proxies of ours, which say who calls.
    """

    listen: tuple[str, int]
    device: tuple[str, int]
    url: Authority | None = None
    device_url: Authority | None = None
    assist: Authority | None = None
    behind: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names that our certificate has to hold beside the machine's own."""
        hosts = {self.listen[0], self.device[0], *(a.host for a in (self.url, self.device_url, self.assist) if a)}
        return tuple(sorted(hosts - {"0.0.0.0", "::", ""}))  # noqa: S104 - names that are not names


def parse_listen(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` or ``[IPV6]:PORT``.

    Raises:
        InputError: no port, or a port out of range.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise InputError(f"{text!r} is no address to listen on", mend="Write HOST:PORT, as in 127.0.0.1:8443.")
    return host, int(port)


def addresses(listen: str, device_listen: str | None, url: str | None, device_url: str | None) -> Addresses:
    """Return the addresses of a server; the device listener takes the next port unless told."""
    from holofleet.web.hosts import parse_url

    host, port = parse_listen(listen)
    device = parse_listen(device_listen) if device_listen else (host, port + 1 if port else 0)
    return Addresses(
        (host, port), device, parse_url(url) if url else None, parse_url(device_url) if device_url else None
    )


def apart(where: Addresses, assist_origin: str) -> Addresses:
    """Return the addresses with a name for the pages of headsets alone (SECURITY WEB-4).

    Raises:
        InputError: it is no address, or no name of its own: browsers keep cookies by name, whatever the port.
    """
    from holofleet.web.hosts import parse_url

    found = parse_url(assist_origin)
    if found.host in where.names or found.host in ("localhost", "127.0.0.1", "::1"):
        raise InputError(
            f"{found.host} is the console's name as well",
            mend="Give --assist-origin a name of its own that leads here, as in https://assist.contoso.com.",
        )
    return replace(where, assist=found)
