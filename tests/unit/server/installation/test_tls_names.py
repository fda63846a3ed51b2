"""The names of the listeners are those of their certificate, whoever made it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import trustme

from holofleet.server.installation import Installation

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def test_our_own_certificate_names_this_machine(tmp_path: Path) -> None:
    with Installation.open(tmp_path / "data", now=NOW) as installation:
        assert {"localhost", "127.0.0.1", "::1"} <= installation.tls_names


def test_the_names_of_an_operators_certificate_are_served(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Installation.open(folder, now=NOW):
        pass
    made = trustme.CA().issue_cert("Fleet.contoso.com", "*.contoso.com", "192.0.2.7")
    key, certificate = folder / "tls" / "server.key", folder / "tls" / "server.pem"
    key.write_bytes(made.private_key_pem.bytes())
    certificate.write_bytes(b"".join(pem.bytes() for pem in made.cert_chain_pems))
    with Installation.open(folder, now=NOW) as installation:
        assert installation.tls_names == {"fleet.contoso.com", "192.0.2.7"}
