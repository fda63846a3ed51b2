"""Two authorities that cannot do each other's work (SECURITY D1), proven by real OpenSSL handshakes."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from holofleet.server.pki import (
    DEVICE_VALIDITY,
    Certificate,
    CertificateRefusal,
    DeviceCA,
    KeyKind,
    PrivateKey,
    ServerCA,
    make_device_ca,
    make_key,
    make_server_ca,
    parse_name,
)

NOW = datetime.now(UTC)  # OpenSSL judges by the machine's clock
NAMES = ["localhost", "fleet.contoso.com", ipaddress.ip_address("127.0.0.1")]


@pytest.fixture(scope="module", params=list(KeyKind))
def device_ca(request: pytest.FixtureRequest) -> DeviceCA:
    return make_device_ca(NOW, kind=request.param)


@pytest.fixture(scope="module")
def server_ca() -> ServerCA:
    return make_server_ca(NAMES, NOW)


def _store(folder: Path, name: str, certificate: Certificate, key: PrivateKey) -> Path:
    path = folder / f"{name}.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem + certificate.pem.encode())
    return path


def _shake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> bytes | None:
    """Shake hands in memory, exchange a byte, and return what the server saw of the client."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname=host)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    done = [False, False]
    for _ in range(10):
        for index, end in enumerate((near, far)):
            if not done[index]:
                try:
                    end.do_handshake()
                    done[index] = True
                except ssl.SSLWantReadError:
                    continue
    assert all(done)
    return far.getpeercert(binary_form=True)


def _server(own: Path, trust: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(cadata=trust.pem)
    return context


def _client(trust: Certificate, own: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=trust.pem)
    if own is not None:
        context.load_cert_chain(own)
    return context


@pytest.mark.parametrize("leaf_kind", ["p256", "p384", "rsa2048"])
def test_D1_a_headset_passes_mutual_tls(
    tmp_path: Path, device_ca: DeviceCA, server_ca: ServerCA, leaf_kind: str
) -> None:
    key: PrivateKey
    match leaf_kind:
        case "p256":
            key = ec.generate_private_key(ec.SECP256R1())
        case "p384":
            key = ec.generate_private_key(ec.SECP384R1())
        case _:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf = device_ca.sign(key.public_key(), "0123456789abcdef0123456789abcdef", NOW)
    tls = _store(tmp_path, "tls", *server_ca.issue(NAMES, NOW))
    client = _client(server_ca.certificate, _store(tmp_path, "leaf", leaf, key))
    assert _shake(_server(tls, device_ca.certificate), client, "localhost") == leaf.der
    assert not device_ca.refusal(leaf.der, NOW)


def test_D1_our_tls_certificate_is_refused_as_a_headset(
    tmp_path: Path, device_ca: DeviceCA, server_ca: ServerCA
) -> None:
    certificate, key = server_ca.issue(NAMES, NOW)
    tls = _store(tmp_path, "tls", certificate, key)
    with pytest.raises(ssl.SSLError, match=r"certificate verify failed|alert"):
        _shake(_server(tls, device_ca.certificate), _client(server_ca.certificate, tls), "localhost")
    assert device_ca.refusal(certificate.der, NOW) is CertificateRefusal.FOREIGN


def test_D1_a_headsets_certificate_is_refused_as_a_server(tmp_path: Path, device_ca: DeviceCA) -> None:
    key = make_key(KeyKind.P256)
    leaf = device_ca.sign(key.public_key(), "localhost", NOW)
    own = _store(tmp_path, "leaf", leaf, key)
    client = _client(device_ca.certificate)
    client.check_hostname = False  # not the missing name, the use must be what fails
    with pytest.raises(ssl.SSLCertVerificationError, match=r"purpose|unsuitable"):
        _shake(_server(own, device_ca.certificate), client, "localhost")


def test_D1_the_stolen_device_key_makes_no_certificate_for_a_site(tmp_path: Path, device_ca: DeviceCA) -> None:
    for name in (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))):
        forged, key = _forge(device_ca.certificate, device_ca.key, name)
        own = _store(tmp_path, "forged", forged, key)
        client = _client(device_ca.certificate)
        client.check_hostname = False
        with pytest.raises(ssl.SSLCertVerificationError, match=r"excluded subtree|purpose|permitted"):
            _shake(_server(own, device_ca.certificate), client, "localhost")


def test_D1_the_stolen_device_key_makes_no_site_even_for_a_client_that_ignores_uses(
    tmp_path: Path, device_ca: DeviceCA
) -> None:
    """The name constraints alone must hold: here only they are judged, by asking for no purpose."""
    forged, _ = _forge(device_ca.certificate, device_ca.key, x509.DNSName("www.northwindtraders.com"))
    found = device_ca.certificate.parsed.extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    assert (
        _verify_with_openssl(tmp_path, device_ca.certificate, forged, purpose="any")
        == "excluded subtree violation"
    )


def test_D1_the_stolen_server_key_speaks_for_no_other_site(tmp_path: Path, server_ca: ServerCA) -> None:
    for name in (
        x509.DNSName("www.northwindtraders.com"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
    ):
        forged, key = _forge(server_ca.certificate, server_ca.key, name)
        own = _store(tmp_path, "forged", forged, key)
        client = _client(server_ca.certificate)
        client.check_hostname = False
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            _shake(_server(own, server_ca.certificate), client, "localhost")


def test_D1_the_server_ca_has_the_right_reach(tmp_path: Path, server_ca: ServerCA, device_ca: DeviceCA) -> None:
    tls = _store(tmp_path, "tls", *server_ca.issue(NAMES, NOW))
    for host in ("localhost", "fleet.contoso.com", "127.0.0.1"):
        assert _shake(_server(tls, device_ca.certificate), _client(server_ca.certificate), host) is None
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        _shake(_server(tls, device_ca.certificate), _client(server_ca.certificate), "fabrikam.com")
    assert server_ca.names == frozenset(NAMES)
    assert server_ca.missing(["localhost", "eu.fleet.contoso.com", "contoso.com"]) == ["contoso.com"]


def test_D1_a_foreign_ca_with_our_name_makes_no_headset(device_ca: DeviceCA) -> None:
    kind = KeyKind.P256 if isinstance(device_ca.key, ec.EllipticCurvePrivateKey) else KeyKind.RSA3072
    other = make_device_ca(NOW, kind=kind)
    leaf = other.sign(make_key(KeyKind.P256).public_key(), "0123", NOW)
    assert leaf.parsed.issuer == device_ca.certificate.parsed.subject
    assert device_ca.refusal(leaf.der, NOW) is CertificateRefusal.FOREIGN


def test_MGT_1_dates_uses_and_bytes_are_judged_again_by_us(device_ca: DeviceCA) -> None:
    leaf = device_ca.sign(make_key(KeyKind.P256).public_key(), "0123", NOW)
    assert not device_ca.refusal(leaf.der, NOW - timedelta(minutes=14))
    assert device_ca.refusal(leaf.der, NOW - timedelta(minutes=16)) is CertificateRefusal.NOT_YET_VALID
    assert device_ca.refusal(leaf.der, NOW + DEVICE_VALIDITY + timedelta(seconds=1)) is CertificateRefusal.EXPIRED
    assert device_ca.refusal(device_ca.certificate.der, NOW) is CertificateRefusal.WRONG_USE
    assert not device_ca.refusal(leaf.der, NOW), "a judgement that is remembered is not one about time"
    both, _ = _forge(device_ca.certificate, device_ca.key, x509.DNSName("x.test"))
    assert device_ca.refusal(both.der, NOW) is CertificateRefusal.WRONG_USE
    for broken in (
        b"",
        b"\x30\x00",
        leaf.der[:-1],
        leaf.der + b"\x00",
        b"\x00" * 4096,
        device_ca.certificate.pem.encode(),
    ):
        assert device_ca.refusal(broken, NOW) is CertificateRefusal.UNREADABLE
    changed = bytearray(leaf.der)
    changed[-1] ^= 1
    assert device_ca.refusal(bytes(changed), NOW) in (CertificateRefusal.FOREIGN, CertificateRefusal.UNREADABLE)


def test_MGT_1_only_what_was_judged_good_is_remembered(
    device_ca: DeviceCA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holofleet.server.pki.device.REMEMBERED", 3)
    fresh = DeviceCA(device_ca.certificate, device_ca.key)
    leaves = [fresh.sign(make_key(KeyKind.P256).public_key(), str(number), NOW) for number in range(5)]
    for leaf in leaves * 2:
        assert not fresh.refusal(leaf.der, NOW)
        assert fresh.refusal(leaf.der[:-1], NOW) is CertificateRefusal.UNREADABLE
        assert len(fresh._known) <= 3
    assert fresh == device_ca


def test_D1_a_headsets_certificate_says_what_the_sheet_asks(device_ca: DeviceCA) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf = device_ca.sign(key.public_key(), "0123456789abcdef0123456789abcdef", NOW)
    certificate, extensions = leaf.parsed, leaf.parsed.extensions
    assert certificate.subject.rfc4514_string() == "CN=0123456789abcdef0123456789abcdef"
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_encipherment, usage.key_cert_sign) == (True, True, False)
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert certificate.not_valid_after_utc - NOW.replace(microsecond=0) == DEVICE_VALIDITY
    assert NOW - certificate.not_valid_before_utc > timedelta(minutes=9)
    assert leaf.thumbprint_sha1 == certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert leaf.sha256 == certificate.fingerprint(hashes.SHA256()).hex()


def test_D1_no_certificate_outlives_its_authority(device_ca: DeviceCA) -> None:
    near_the_end = device_ca.certificate.not_after - timedelta(days=10)
    leaf = device_ca.sign(make_key(KeyKind.P256).public_key(), "0123", near_the_end)
    assert leaf.not_after == device_ca.certificate.not_after


def test_D1_a_server_ca_without_limits_of_one_kind_is_not_made() -> None:
    with pytest.raises(ValueError, match="address"):
        make_server_ca(["fleet.contoso.com"], NOW)


def test_names_of_servers_are_read_in_one_form() -> None:
    assert parse_name("Fleet.Contoso.COM.") == "fleet.contoso.com"
    assert parse_name("[::1]") == ipaddress.ip_address("::1")
    assert parse_name("bücher.example") == "xn--bcher-kva.example"
    for text in ("", "a b", "-x.example", "x..y", "*.contoso.com", "a/b", "a" * 64 + ".example"):
        with pytest.raises(Exception, match="not a host name"):
            parse_name(text)


def _forge(
    authority: Certificate, authority_key: PrivateKey, name: x509.GeneralName
) -> tuple[Certificate, PrivateKey]:
    """What a thief of an authority's key would make: a server certificate for ``name``, all uses."""
    key = make_key(KeyKind.P256)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "forged")])
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.parsed.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(minutes=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    )
    return Certificate.of(builder.sign(authority_key, hashes.SHA256())), key


def _verify_with_openssl(folder: Path, authority: Certificate, leaf: Certificate, *, purpose: str) -> str:
    import re
    import subprocess

    (folder / "ca.pem").write_text(authority.pem)
    (folder / "leaf.pem").write_text(leaf.pem)
    command = ["openssl", "verify", "-purpose", purpose, "-CAfile", "ca.pem", "leaf.pem"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    match = re.search(r"error \d+ at \d+ depth lookup: (.*)", result.stdout + result.stderr)
    return match.group(1) if match else "valid"
