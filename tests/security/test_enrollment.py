"""The door against hostile requests (SECURITY ENR-3, ENR-5, LOG-1), through the service and a real database."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.databases import fresh_sqlite
from tests.identity import NOW, Identity, device_ca, make_csr, request_of, seed

from holofleet.errors import ConflictError, StorageError
from holofleet.protocols.mde2.credentials import EntraToken, FederatedToken, UnsupportedCredentials, UsernameToken
from holofleet.protocols.mde2.discovery import AuthPolicy, DiscoverRequest
from holofleet.protocols.mde2.enrollment import RequestKind, SecurityTokenRequest
from holofleet.protocols.mde2.faults import FaultKind
from holofleet.protocols.mde2.policy import SHA256, GetPoliciesRequest
from holofleet.server.access import OneTimeLink
from holofleet.server.enrollment import Claim, Decide, EnrollmentFaultError, EnrollmentService, Issue
from holofleet.server.installation import Keyring
from holofleet.server.pki import Certificate

VERSION, NO_ATTRIBUTES = b"\x02\x01\x00", b"\xa0\x00"
COMMON_NAME_OID = bytes.fromhex("0603550403")
EC_OID, P256_OID = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06082a8648ce3d030107")
RSA_SHA256_OID, ECDSA_SHA256_OID = bytes.fromhex("06092a864886f70d01010b"), bytes.fromhex("06082a8648ce3d040302")


@pytest.fixture
def identity(tmp_path: Path) -> Iterator[Identity]:
    database = fresh_sqlite(tmp_path / "holofleet.db")
    seed(database)
    yield Identity(database)
    database.close()


def _refused(identity: Identity, request: SecurityTokenRequest) -> FaultKind:
    with pytest.raises(EnrollmentFaultError) as caught:
        identity.enroll(request)
    assert identity.rows() == []
    return caught.value.fault.kind


def _csr(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *extensions: x509.ExtensionType) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.northwindtraders.com")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_ENR_5_what_a_request_wishes_for_does_not_enter_the_certificate(identity: Identity) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = _csr(
        key,
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName("localhost")]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING]),
    )
    leaf = Certificate(identity.enroll(request_of(identity.credential(), der=der)).certificate)
    (row,) = identity.rows()
    assert leaf.parsed.subject.rfc4514_string() == f"CN={row['id']}"
    assert leaf.server_names == ()
    extensions = leaf.parsed.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]


@pytest.mark.parametrize("bits", [1024, 2047])
def test_ENR_5_a_weak_key_gets_nothing(identity: Identity, bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    assert _refused(identity, request_of(identity.credential(), der=_csr(key))) is FaultKind.CERTIFICATE_REQUEST


def test_ENR_5_who_does_not_hold_the_key_gets_nothing(identity: Identity) -> None:
    der = bytearray(make_csr(ec.generate_private_key(ec.SECP256R1()), "D"))
    der[-3] ^= 1
    request = request_of(identity.credential(), der=bytes(der))
    assert _refused(identity, request) is FaultKind.CERTIFICATE_REQUEST


def test_ENR_5_one_key_written_in_two_ways_is_one_key(identity: Identity) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first = identity.enroll(request_of(identity.credential(), key=key))
    compressed = _compressed(key)
    with pytest.raises(EnrollmentFaultError) as caught:
        identity.enroll(request_of(identity.credential(), hardware_id="HW-2", der=compressed))
    assert caught.value.fault.kind is FaultKind.CERTIFICATE_REQUEST
    assert [row["certificate_sha256"] for row in identity.rows()] == [Certificate(first.certificate).sha256]


def test_ENR_5_a_request_of_windows_10_that_strict_readers_refuse_is_served(identity: Identity) -> None:
    """Its common name is a PrintableString with ``!`` and a NUL."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    device_id = uuid.uuid4().hex.upper()
    common_name = f"{str(uuid.uuid4())[:30]}!{device_id}".encode() + b"\x00"
    pair = _der(0x30, COMMON_NAME_OID + _der(0x13, common_name))
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der = _signed(_der(0x30, VERSION + _der(0x30, _der(0x31, pair)) + spki + NO_ATTRIBUTES), key)
    with pytest.raises(ValueError, match=r"."):
        x509.load_der_x509_csr(der).subject  # noqa: B018 - reading it is what fails
    leaf = Certificate(
        identity.enroll(request_of(identity.credential(), device_id=device_id, der=der)).certificate
    )
    assert leaf.parsed.public_key() == key.public_key()
    assert leaf.parsed.extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment


@pytest.mark.parametrize(
    ("credentials", "kind"),
    [
        (None, FaultKind.AUTHENTICATION),
        (FederatedToken(b"token"), FaultKind.AUTHENTICATION),
        (EntraToken("a.b.c"), FaultKind.AUTHENTICATION),
        (UnsupportedCredentials("a signature"), FaultKind.AUTHENTICATION),
        (UsernameToken("", ""), FaultKind.AUTHENTICATION),
        (UsernameToken("enroll-x@assembly.holofleet.internal", "x" * 1000), FaultKind.AUTHENTICATION),
        (UsernameToken("\ud800", "\ud800"), FaultKind.AUTHENTICATION),
    ],
)
def test_ENR_1_ENR_3_ENR_6_no_other_proof_opens_the_door(
    identity: Identity, credentials: UsernameToken | FederatedToken | None, kind: FaultKind
) -> None:
    assert _refused(identity, request_of(None, credentials=credentials)) is kind
    with pytest.raises(EnrollmentFaultError) as caught:
        identity.enrollment.policies(GetPoliciesRequest("urn:uuid:1", credentials=credentials))
    assert caught.value.fault.kind is kind


def test_PKI_1_a_renewal_or_a_cms_request_is_refused_with_the_fault_that_says_so(identity: Identity) -> None:
    request = request_of(identity.credential())
    assert _refused(identity, replace(request, kind=RequestKind.RENEW)) is FaultKind.NOT_ELIGIBLE_TO_RENEW
    assert _refused(identity, replace(request, is_cms=True)) is FaultKind.CERTIFICATE_REQUEST


def test_the_policy_asks_for_sha256_and_uses_no_credential_up(identity: Identity) -> None:
    credential = identity.credential()
    asked = GetPoliciesRequest("urn:uuid:1", credentials=UsernameToken(credential.username, credential.password))
    for _ in range(3):
        policy = identity.enrollment.policies(asked)
    assert (policy.hash_oid, policy.minimal_key_length, policy.validity_s) == (SHA256, 2048, 730 * 86_400)
    identity.enroll(request_of(credential))


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        ((AuthPolicy.ON_PREMISE,), True),
        ((AuthPolicy.FEDERATED, AuthPolicy.ON_PREMISE, AuthPolicy.CERTIFICATE), True),
        ((), True),
        ((AuthPolicy.FEDERATED,), False),
        ((AuthPolicy.CERTIFICATE, AuthPolicy.FEDERATED), False),
    ],
)
def test_discovery_chooses_a_kind_that_was_offered(
    identity: Identity, offered: tuple[AuthPolicy, ...], accepted: bool
) -> None:
    request = DiscoverRequest("urn:uuid:1", request_version="9.0", auth_policies=offered)
    if accepted:
        found = identity.enrollment.discover(request, policy_url="https://p", enrollment_url="https://e")
        assert (found.auth_policy, found.enrollment_version) == (AuthPolicy.ON_PREMISE, "5.0")
        assert (found.policy_url, found.enrollment_url, found.authentication_url) == ("https://p", "https://e", "")
    else:
        with pytest.raises(EnrollmentFaultError) as caught:
            identity.enrollment.discover(request, policy_url="https://p", enrollment_url="https://e")
        assert caught.value.fault.kind is FaultKind.NOT_SUPPORTED


class _Failing:
    """An issuing store that fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.calls = 0

    def issue(self, claim: Claim, decide: Decide, *, at: datetime) -> Issue:
        self.calls += 1
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind", "calls"),
    [
        (StorageError("disk full"), FaultKind.IN_MAINTENANCE, 1),
        (ConflictError("key"), FaultKind.ENROLLMENT_SERVER, 2),
    ],
)
def test_our_own_trouble_is_a_fault_that_says_try_again_and_nothing_more(
    identity: Identity, error: Exception, kind: FaultKind, calls: int
) -> None:
    store = _Failing(error)
    service = EnrollmentService(store, identity.credentials, device_ca(), identity.clock, epoch=1)
    with pytest.raises(EnrollmentFaultError) as caught:
        service.issue(request_of(identity.credential()), management_url="https://m")
    assert (caught.value.fault.kind, store.calls) == (kind, calls)
    assert str(error) not in caught.value.fault.reason


def test_LOG_1_no_value_that_holds_a_secret_shows_it(identity: Identity, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credential = identity.credential(uses=3)
    request = request_of(credential)
    answer = identity.enroll(request)
    opened = identity.access.redeem(identity.access.one_time_link().token)
    assert opened is not None
    with pytest.raises(EnrollmentFaultError) as caught:
        identity.enroll(request_of(None, credentials=UsernameToken(credential.username, "canary-password")))
    stored = identity.credentials.verify(credential.username, credential.password)
    shown = [repr(credential), repr(request), repr(answer), repr(opened), repr(stored), caplog.text]
    shown += [str(caught.value), repr(caught.value.fault), repr(OneTimeLink("canary-link", NOW))]
    shown.append(repr(Keyring(b"canary-kek".ljust(32), "0" * 32)))
    text = "\n".join(shown)
    for secret in (
        credential.password,
        opened.cookie,
        stored.digest,
        answer.application.to_client.secret,
        "canary-password",
        "canary-link",
        "canary-kek",
    ):
        assert secret not in text


def _compressed(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a request for the key of ``key`` with its point written in the short form."""
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    algorithm = _der(0x30, EC_OID + P256_OID)
    spki = _der(0x30, algorithm + _der(0x03, b"\x00" + point))
    return _signed(_der(0x30, VERSION + _der(0x30, b"") + spki + NO_ATTRIBUTES), key)


def _signed(info: bytes, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """Return the request with these signed bytes."""
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(info, padding.PKCS1v15(), hashes.SHA256())
        algorithm = RSA_SHA256_OID + b"\x05\x00"
    else:
        signature = key.sign(info, ec.ECDSA(hashes.SHA256()))
        algorithm = ECDSA_SHA256_OID
    return _der(0x30, info + _der(0x30, algorithm) + _der(0x03, b"\x00" + signature))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
