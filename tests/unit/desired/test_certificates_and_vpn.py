"""Certificates, VPN profiles and the certificate of a shared account, as headsets get them."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.desired.fleets import SERIAL, VENDOR, document, fleet

from holofleet import desired
from holofleet.desired.errors import CompileError

KEY = ec.generate_private_key(ec.SECP256R1())
TRUSTED = VENDOR + "RootCATrustedCertificates/"
SCEP = VENDOR + "ClientCertificateInstall/SCEP/shared-account/Install/"
SHARED = """
accounts:
  kind: shared-certificate
  users: per-headset
  name: "hl-{{serial}}"
  certificate: {issuer_name: CN=Contoso Devices, scep_url: "https://scep.contoso.com/s"}
"""


@cache
def certificate(subject: str = "root", issuer: str = "", *, authority: bool = True) -> bytes:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer or subject)]
    return (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .sign(KEY, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def pem(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def summary(text: str, **files: bytes) -> str:
    with pytest.raises(CompileError) as caught:
        desired.compile(fleet(text, enclosures={"c.pem": b"", **{k + ".pem": v for k, v in files.items()}}))
    (finding,) = caught.value.findings
    assert finding.position is not None
    return finding.summary


@pytest.mark.parametrize("content", [certificate(), pem(certificate()), b"Bag Attributes\n" + pem(certificate())])
def test_a_root_is_trusted_by_its_thumbprint_whether_it_came_as_text_or_not(content: bytes) -> None:
    state = desired.compile(fleet("certificates: [{name: inner, file: c.pem}]", enclosures={"c.pem": content}))
    thumbprint = hashlib.sha1(certificate()).hexdigest().upper()
    setting = document(state).by_uri[f"{TRUSTED}Root/{thumbprint}/EncodedCertificate"]
    assert base64.b64decode(setting.data, validate=True) == certificate()
    assert not [u for u in state.undelivered if u.key == "certificates"]


@pytest.mark.parametrize(
    ("store", "der", "node"),
    [
        ("intermediate", certificate("sub", "root"), "CA"),
        ("publisher", certificate("signer", "root", authority=False), "TrustedPublisher"),
        ("people", certificate("signer", authority=False), "TrustedPeople"),
    ],
)
def test_each_store_has_its_node(store: str, der: bytes, node: str) -> None:
    said = f"certificates: [{{name: inner, file: c.pem, store: {store}}}]"
    uris = document(desired.compile(fleet(said, enclosures={"c.pem": der}))).by_uri
    assert [uri.split("/")[5] for uri in uris if uri.startswith(TRUSTED)] == [node]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (certificate(authority=False), "is no certificate of an authority"),
        (certificate("sub", "root"), "is no root: another authority signed it"),
        (pem(certificate()) * 2, "2 certificates in one file"),
        (
            KEY.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + pem(certificate()),
            "this file holds a private key",
        ),
        (certificate()[:-5], "this is no X.509 certificate"),
        (b"", "this is no X.509 certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA=A\n-----END CERTIFICATE-----\n", "this is no"),
        (b"x" * 70_000, "larger than 65536 bytes"),
    ],
)
def test_what_is_no_certificate_to_trust_is_refused_with_its_file(content: bytes, said: str) -> None:
    found = summary("certificates: [{name: inner, file: c.pem}]", c=content)
    assert "`c.pem`" in found
    assert said in found


def test_the_same_certificate_twice_is_refused() -> None:
    text = "certificates: [{name: inner, file: c.pem}, {name: outer, file: d.pem}]"
    assert "the same certificate" in summary(text, c=certificate(), d=pem(certificate()))


def test_the_inspecting_proxys_root_is_trusted_and_needs_saying_only_once() -> None:
    proxy = "{mode: transparent, inspects_tls: true, root_certificate: c.pem}"
    site = f"sites: [{{name: plant, network: {{proxy: {proxy}}}}}]"
    for deployment in ("site: plant", "site: plant\ncertificates: [{name: inner, file: c.pem}]"):
        state = desired.compile(fleet(deployment, more=site, enclosures={"c.pem": certificate()}))
        assert sum(uri.startswith(TRUSTED) for uri in document(state).by_uri) == 1


def test_a_vpn_of_name_and_servers_proves_the_headset_by_its_certificate() -> None:
    state = desired.compile(fleet("network: {vpn: {name: contoso-vpn, servers: [vpn.contoso.com, 10.0.0.1]}}"))
    data = document(state).by_uri[VENDOR + "VPNv2/contoso-vpn/ProfileXML"].data
    assert "<MachineMethod>Certificate</MachineMethod>" in data
    assert "vpn.contoso.com" in data
    assert "network.vpn" not in state.headsets[SERIAL].undelivered


def test_a_vpn_profile_of_ones_own_is_sent_as_it_stands() -> None:
    own = "<VPNProfile><PluginProfile><ServerUrlList>a</ServerUrlList></PluginProfile></VPNProfile>"
    said = "network: {vpn: {name: v, profile_file: c.pem}}"
    spec = fleet(said, enclosures={"c.pem": b"<?xml version='1.0'?>" + own.encode()})
    data = document(desired.compile(spec)).by_uri[VENDOR + "VPNv2/v/ProfileXML"].data
    assert data == own


@pytest.mark.parametrize("content", [b"<Other/>", b"<VPNProfile/>", b"not xml", b"<!DOCTYPE a []><VPNProfile/>"])
def test_a_vpn_profile_that_is_none_is_refused(content: bytes) -> None:
    assert summary("network: {vpn: {name: v, profile_file: c.pem}}", c=content).startswith("network.vpn: ")


@pytest.mark.parametrize("target", ["graph", "files"])
def test_the_certificate_of_a_shared_account_is_asked_for_by_scep(target: str) -> None:
    state = desired.compile(fleet(SHARED), target=target)
    found = {u.removeprefix(SCEP): s.data for u, s in document(state).by_uri.items() if u.startswith(SCEP)}
    assert found["ServerURL"] == "https://scep.contoso.com/s"
    assert found["SubjectAlternativeNames"] == "11+{{account}}"
    assert found["EKUMapping"] == "1.3.6.1.4.1.311.20.2.2+1.3.6.1.5.5.7.3.2"
    assert (found["KeyProtection"], found["KeyUsage"], found["KeyLength"]) == ("1", "160", "2048")
    assert "Challenge" not in found
    assert "accounts.kind" not in state.headsets[SERIAL].undelivered


def test_our_own_server_says_that_it_does_not_start_the_request() -> None:
    state = desired.compile(fleet(SHARED), target="server")
    assert not [uri for uri in document(state).by_uri if uri.startswith(SCEP)]
    assert "accounts.kind" in state.headsets[SERIAL].undelivered


def test_a_challenge_stays_a_reference() -> None:
    text = SHARED.replace('/s"}', '/s", challenge: env:HOLOFLEET_SECRET_SCEP}')
    state = desired.compile(fleet(text), target="graph")
    assert document(state).by_uri[SCEP + "Challenge"].data == "{{secret:env:HOLOFLEET_SECRET_SCEP}}"
