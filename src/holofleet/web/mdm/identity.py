"""Whose certificate is it: from the TLS connection, or from a declared proxy, and from nowhere else.

The result is only "this is the certificate that was shown". Whether it is one of ours, in date and not revoked is
judged per request by the management service (MGT-1).
"""

from __future__ import annotations

import binascii
import ssl
from base64 import b64decode
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address

from holofleet.web.exchange import RefusalError, Request
from holofleet.web.settings import TrustedProxy

_MOST_BASE64 = 12_000
"""A device certificate is under 2 KiB; a header field of ours is under 16 KiB anyway."""


def certificate_of(request: Request, proxy: TrustedProxy | None) -> bytes | None:
    """Return the DER of the certificate that the caller showed, or ``None`` if it showed none.

    Raises:
        RefusalError: a declared proxy sent the header twice (400).
    """
    if proxy is not None and _is_declared(request.peer, proxy):
        return _from_header(request.header(proxy.header.encode()))
    extension = request.scope.get("extensions", {}).get("tls")
    chain = extension["client_cert_chain"] if extension else ()
    return _der(chain[0]) if chain else None


@lru_cache(maxsize=8192)
def _der(pem: str) -> bytes:
    # The text is one object per connection, so a lookup by it costs next to nothing.
    return ssl.PEM_cert_to_DER_cert(pem)


def _is_declared(peer: str, proxy: TrustedProxy) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in proxy.peers)


def _from_header(value: str | None) -> bytes | None:
    """Read ``:BASE64:`` (RFC 9440); anything that is not exactly one strict value means no certificate.

    Proxies are known to send a placeholder, an empty value or several certificates when there is none.
    """
    if value is None or not 2 < len(value) <= _MOST_BASE64 or not (value[0] == value[-1] == ":"):
        return None
    try:
        return b64decode(value[1:-1], validate=True)
    except (binascii.Error, ValueError):
        return None


def require_certificate(request: Request, proxy: TrustedProxy | None) -> bytes:
    """Return the certificate, or refuse (403): without one nothing here is for the caller."""
    der = certificate_of(request, proxy)
    if der is None:
        raise RefusalError(HTTPStatus.FORBIDDEN, "A headset shows its certificate here.")
    return der
