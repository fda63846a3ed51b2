"""The flags that name an OpenID provider."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.web_server import trust

from holofleet.cli.sign_in import ProviderFlags
from holofleet.errors import InputError

ISSUER = "https://login.contoso.com/realm"


def test_without_an_issuer_there_is_no_provider() -> None:
    assert ProviderFlags().provider(None) is None


def test_a_secret_is_given_by_reference_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "oidc").write_text("s3cret\n")
    monkeypatch.setenv("HOLOFLEET_SECRET_OIDC", "s3cret")
    for reference in ("file:oidc", "env:HOLOFLEET_SECRET_OIDC"):
        flags = ProviderFlags(oidc_issuer=ISSUER, oidc_client_id="us", oidc_secret=reference)
        made = flags.provider(tmp_path)
        assert made is not None
        assert made.settings.issuer == ISSUER
    for reference in ("s3cret", "env:PATH", "file:../oidc", "file:missing"):
        with pytest.raises(InputError, match="names no secret"):
            ProviderFlags(oidc_issuer=ISSUER, oidc_client_id="us", oidc_secret=reference).provider(tmp_path)


@pytest.mark.parametrize(
    ("flags", "what"),
    [
        (ProviderFlags(oidc_client_id="us"), "--oidc-issuer is missing"),
        (ProviderFlags(oidc_issuer=ISSUER, oidc_secret="env:HOLOFLEET_SECRET_OIDC"), "--oidc-client-id"),
        (ProviderFlags(oidc_issuer=ISSUER, oidc_client_id="us"), "who we are"),
    ],
)
def test_flags_that_do_not_fit_together_are_refused(flags: ProviderFlags, what: str) -> None:
    with pytest.raises(InputError, match=what):
        flags.provider(None)


@pytest.mark.parametrize(
    "issuer", ["http://login.contoso.com", "login.contoso.com", "https://u@login.contoso.com", ISSUER + "?x=1"]
)
def test_an_issuer_is_an_https_address(issuer: str, tmp_path: Path) -> None:
    (tmp_path / "oidc").write_text("s3cret\n")
    with pytest.raises(InputError, match="no issuer"):
        ProviderFlags(oidc_issuer=issuer, oidc_client_id="us", oidc_secret="file:oidc").provider(tmp_path)


def test_a_key_file_that_others_can_read_or_that_lacks_its_certificate_is_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "client.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    flags = ProviderFlags(oidc_issuer=ISSUER, oidc_client_id="us", oidc_key=path)
    path.chmod(0o644)
    with pytest.raises(InputError, match="other users"):
        flags.provider(None)
    path.chmod(0o600)
    with pytest.raises(InputError, match="not a certificate with its private key"):
        flags.provider(None)
    path.write_text(path.read_text() + trust().server_ca.certificate.pem)
    with pytest.raises(InputError, match="not the RSA key"):
        flags.provider(None)
