"""One TLS context per listener (DEP-3), and what a connection says of its peer.

Each context has its own session cache and its own ticket keys, so that a session made with one listener cannot
be resumed at the other and skip the question for a certificate. Only HTTP/1.1 is offered: management clients
negotiate HTTP/2 where they can, and would then have to be served it.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any

_TLS_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


def people_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of ``--listen``: it never asks a browser for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    return context


def device_context(certificate: Path, key: Path, *, device_ca_pem: str) -> ssl.SSLContext:
    """Return the context of ``--device-listen``: it asks for a certificate of the device CA and of no other.

    A certificate that is foreign, expired or not meant for clients ends the handshake; none at all is allowed,
    because enrollment is served here too, and management then answers 403.
    """
    context = people_context(certificate, key)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(cadata=device_ca_pem)
    return context


def tls_extension(ssl_object: ssl.SSLObject | None) -> dict[str, Any] | None:
    """Return the ASGI ``tls`` extension of a connection, or ``None`` without TLS.

    The chain holds the peer's own certificate only, verified by the handshake against the listener's context.
    Source: ASGI TLS extension, version 0.2.
    """
    if ssl_object is None:
        return None
    der = ssl_object.getpeercert(True)
    cipher = ssl_object.cipher()
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(der)] if der else [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": _TLS_VERSIONS.get(ssl_object.version() or ""),
        "cipher_suite": _suite_number(cipher[0]) if cipher else None,
    }


@lru_cache(maxsize=1)
def _suite_numbers() -> dict[str, int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return {cipher["name"]: cipher["id"] & 0xFFFF for cipher in context.get_ciphers()}


def _suite_number(name: str) -> int | None:
    return _suite_numbers().get(name)
