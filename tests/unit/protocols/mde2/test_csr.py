"""Certificate requests as real clients write them are read; hostile ones are refused before they cost anything."""

from __future__ import annotations

import time
from functools import cache

import pytest
from asn1crypto import algos, core, csr, keys, x509
from cryptography import x509 as strict
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from holofleet.protocols.mde2.csr import CSRProblem, CSRRefusedError, parse

DEVICE_ID = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
COMMON_NAME = f"8c5a3f0e-1b2d-4c6f-9e7a-0d1b2c!{DEVICE_ID}"
DEVICE_EXTENSION = "1.3.6.1.4.1.311.66.1.0"
OLD_SHA1_WITH_RSA = "1.3.14.3.2.29"


@cache
def rsa_key(bits: int = 2_048, exponent: int = 65_537) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(exponent, bits)


def spki_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def subject(common_name: core.PrintableString | core.UTF8String) -> x509.Name:
    kind = "printable_string" if isinstance(common_name, core.PrintableString) else "utf8_string"
    pair = x509.NameTypeAndValue({"type": "2.5.4.3", "value": x509.DirectoryString(name=kind, value=common_name)})
    return x509.Name(name="", value=x509.RDNSequence([x509.RelativeDistinguishedName([pair])]))


def build(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    windows: int = 11,
    oid: str = "1.2.840.113549.1.1.11",
    hash_: hashes.HashAlgorithm | None = None,
    spki: bytes | None = None,
) -> bytes:
    """Build a request with the quirks of Windows 10 or 11: name, extension, signature algorithm."""
    name = core.PrintableString(COMMON_NAME + "\0") if windows == 10 else core.UTF8String(COMMON_NAME)
    extensions = [
        {"extn_id": DEVICE_EXTENSION, "extn_value": core.ParsableOctetString(DEVICE_ID.encode() + b"\0")}
    ]
    if windows == 11:
        extensions.append({"extn_id": "extended_key_usage", "extn_value": ["client_auth"]})
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": subject(name),
            "subject_pk_info": keys.PublicKeyInfo.load(spki or spki_of(key)),
            "attributes": [{"type": "extension_request", "values": [extensions]}],
        }
    )
    signed = info.dump()
    digest = hash_ or hashes.SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(signed, padding.PKCS1v15(), digest)
    else:
        signature = key.sign(signed, ec.ECDSA(digest))
    algorithm = algos.SignedDigestAlgorithm({"algorithm": oid})
    return bytes(
        csr.CertificationRequest(
            {"certification_request_info": info, "signature_algorithm": algorithm, "signature": signature}
        ).dump()
    )


def problem(der: bytes, *, verify: bool = True) -> CSRProblem:
    def attempt() -> None:
        request = parse(der)
        if verify:
            request.verify()

    with pytest.raises(CSRRefusedError) as caught:
        attempt()
    return caught.value.problem


@pytest.mark.parametrize("windows", [10, 11])
def test_requests_of_windows_10_and_11_are_read_and_proven(windows: int) -> None:
    request = parse(build(rsa_key(), windows=windows))
    request.verify()
    assert (request.key, request.hash_name) == ("RSA 2048", "SHA-256")
    assert request.spki == spki_of(rsa_key())


def test_the_name_of_windows_10_is_one_that_strict_readers_refuse() -> None:
    with pytest.raises(ValueError):
        strict.load_der_x509_csr(build(rsa_key(), windows=10)).subject  # noqa: B018 - reading it is the test


def test_the_old_sha1_algorithm_is_understood_and_refused_by_policy() -> None:
    request = parse(build(rsa_key(), windows=10, oid=OLD_SHA1_WITH_RSA, hash_=hashes.SHA1()))
    with pytest.raises(CSRRefusedError) as caught:
        request.verify()
    assert caught.value.problem is CSRProblem.SIGNATURE_NOT_ALLOWED
    request.verify(allow_sha1=True)


@pytest.mark.parametrize(
    ("curve", "oid", "hash_", "words"),
    [
        (ec.SECP256R1(), "1.2.840.10045.4.3.2", hashes.SHA256(), "P-256"),
        (ec.SECP384R1(), "1.2.840.10045.4.3.3", hashes.SHA384(), "P-384"),
    ],
)
def test_curves_p256_and_p384_are_accepted(
    curve: ec.EllipticCurve, oid: str, hash_: hashes.HashAlgorithm, words: str
) -> None:
    request = parse(build(ec.generate_private_key(curve), oid=oid, hash_=hash_))
    request.verify()
    assert request.key == words


def test_another_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    assert problem(build(key, oid="1.2.840.10045.4.3.4", hash_=hashes.SHA512())) is CSRProblem.KEY_NOT_ALLOWED


@pytest.mark.parametrize(("bits", "exponent"), [(1_024, 65_537), (2_048, 3)])
def test_short_keys_and_other_exponents_are_refused(bits: int, exponent: int) -> None:
    assert problem(build(rsa_key(bits, exponent))) is CSRProblem.KEY_NOT_ALLOWED


def _rsa_spki(modulus: int, exponent: int) -> bytes:
    public = keys.RSAPublicKey({"modulus": modulus, "public_exponent": exponent})
    return bytes(keys.PublicKeyInfo.wrap(public, "rsa").dump())


@pytest.mark.parametrize("bits", [4_097, 16_384, 100_000])
def test_a_huge_key_is_refused_before_it_is_computed_with(bits: int) -> None:
    der = build(rsa_key(), spki=_rsa_spki((1 << bits) - 1, 65_537))
    start = time.perf_counter()
    assert problem(der, verify=False) is CSRProblem.KEY_NOT_ALLOWED
    assert time.perf_counter() - start < 0.2


def test_a_huge_exponent_is_refused_before_it_is_computed_with() -> None:
    der = build(rsa_key(), spki=_rsa_spki((1 << 2_047) | 1, (1 << 2_000) + 1))
    assert problem(der, verify=False) is CSRProblem.KEY_NOT_ALLOWED


def test_an_even_modulus_is_refused() -> None:
    assert (
        problem(build(rsa_key(), spki=_rsa_spki(1 << 2_047, 65_537)), verify=False) is CSRProblem.KEY_NOT_ALLOWED
    )


def test_a_request_signed_with_another_key_is_refused() -> None:
    der = build(rsa_key(2_049), spki=spki_of(rsa_key()))
    assert problem(der) is CSRProblem.SIGNATURE_WRONG


def test_each_changed_bit_of_the_signed_part_breaks_the_proof() -> None:
    der = bytearray(build(rsa_key()))
    at = bytes(der).index(DEVICE_ID.encode())
    der[at] ^= 1
    assert problem(bytes(der)) is CSRProblem.SIGNATURE_WRONG


def test_an_unknown_signature_algorithm_is_refused() -> None:
    assert problem(build(rsa_key(), oid="1.2.840.113549.1.1.4")) is CSRProblem.SIGNATURE_NOT_ALLOWED  # MD5


def test_key_and_signature_of_different_kinds_are_refused() -> None:
    assert problem(build(rsa_key(), oid="1.2.840.10045.4.3.2")) is CSRProblem.MALFORMED


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x00", b"\x04\x00", b"0" * 100, b"\x30\x80\x00\x00"])
def test_what_is_no_request_is_malformed(der: bytes) -> None:
    assert problem(der) is CSRProblem.MALFORMED


def test_bytes_after_the_request_are_malformed() -> None:
    assert problem(build(rsa_key()) + b"\x00") is CSRProblem.MALFORMED


def test_a_request_that_is_too_large_is_not_looked_at() -> None:
    assert problem(b"\x30" + b"\x00" * 20_000) is CSRProblem.MALFORMED


def test_a_truncated_request_is_refused_at_every_length() -> None:
    der = build(rsa_key())
    for length in range(len(der)):
        assert problem(der[:length]) is CSRProblem.MALFORMED


def test_the_key_is_known_again_by_its_digest() -> None:
    assert parse(build(rsa_key(), windows=10)).key_sha256 == parse(build(rsa_key(), windows=11)).key_sha256
