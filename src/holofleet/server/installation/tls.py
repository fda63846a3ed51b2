"""The certificate of the listeners: ours, renewed by itself, or an operator's, left alone."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from holofleet.errors import InputError
from holofleet.server.installation.authorities import read_certificate
from holofleet.server.installation.private import require_private, write_private
from holofleet.server.pki import Certificate, ServerCA, ServerName, parse_name

RENEW_BEFORE = timedelta(days=30)


def prepare_tls(folder: Path, authority: ServerCA, *, asked: tuple[ServerName, ...], now: datetime) -> None:
    """Make or renew our own listeners' certificate in ``folder``; an operator's is left alone.

    Args:
        folder: Holds ``server.pem`` and ``server.key``.
        authority: Our server CA.
        asked: Names of the configured URLs.
        now: The present moment.

    Raises:
        InputError: a configured name that our CA may not sign for, or a key that lies open.
    """
    certificate_path, key_path = folder / "server.pem", folder / "server.key"
    names = [name for name in served_names(asked) if not authority.missing([name])]
    current = read_certificate(certificate_path)
    if current is not None:
        require_private(key_path)
        if current.parsed.issuer != authority.certificate.parsed.subject:
            return
    _require_permitted(authority, asked, folder)
    if current is not None and _is_good(current, authority, names) and current.not_after - now > RENEW_BEFORE:
        return
    certificate, key = authority.issue(names, now)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # The certificate goes first and is taken away before: a crash between the two leaves none, and the next
    # start makes both again.
    certificate_path.unlink(missing_ok=True)
    write_private(key_path, pem)
    write_private(certificate_path, certificate.pem.encode("ascii"))


def served_names(asked: Iterable[ServerName]) -> list[ServerName]:
    """Return all names of the listeners: what was asked for first, then what this machine is called."""
    always: list[ServerName] = ["localhost", ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    with contextlib.suppress(InputError):  # a host name that no client could type is not served
        always.insert(1, parse_name(socket.gethostname()))
    return list(dict.fromkeys((*asked, *always)))


def names_in_certificate(path: Path) -> frozenset[str]:
    """Return the DNS names and IP addresses of a certificate's subject alternative name, lower case.

    A wildcard names no host that can be handed out, and is left out.

    Raises:
        InputError: there is no certificate, or it cannot be read.
    """
    certificate = read_certificate(path)
    if certificate is None:
        raise InputError(f"{path}: there is no certificate", mend="Start the server again, it makes one.")
    try:
        found = certificate.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    names = {name.lower() for name in found.get_values_for_type(x509.DNSName) if "*" not in name}
    return frozenset(names | {str(address) for address in found.get_values_for_type(x509.IPAddress)})


def _require_permitted(authority: ServerCA, asked: tuple[ServerName, ...], folder: Path) -> None:
    missing = authority.missing(asked)
    if not missing:
        return
    ca = folder.parent / "ca.pem"
    raise InputError(
        f"our CA may not sign for {', '.join(map(str, missing))}",
        detail=f"{ca} was made for other names, and clients that trust it trust it for those only.",
        mend=(
            f"Put a certificate and key for that name in {folder}, as server.pem and server.key (mode 0600); or "
            f"delete {ca} and {folder.parent / 'keys' / 'server-ca.key'} to have a new CA made, and give its "
            "certificate to every client again."
        ),
    )


def _is_good(certificate: Certificate, authority: ServerCA, names: list[ServerName]) -> bool:
    try:
        certificate.parsed.verify_directly_issued_by(authority.certificate.parsed)
    except (InvalidSignature, ValueError, TypeError):
        return False  # of an earlier authority of this folder
    return set(certificate.server_names) >= set(names)
