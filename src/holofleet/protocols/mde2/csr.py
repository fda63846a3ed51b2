"""Certificate requests (PKCS#10) as real clients write them.

Windows names its subject ``<30 characters>!<DeviceID>``, on Windows 10 as a PrintableString that ends in NUL,
which strict readers refuse, and adds an extension that is not DER. So nothing of that is read: a request is taken
apart into the signed bytes, the public key and the signature, and the rest is not looked at. The issuer sets its
own subject and extensions.

The key is judged before it is used: :func:`parse` refuses huge keys and odd exponents; only then does
:meth:`CertificateRequest.verify` prove possession over the bytes as received.

Source: RFC 2986 (PKCS#10); recorded clients of Windows 10 and 11; SECURITY ENR-5.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from asn1crypto import keys
from asn1crypto.parser import parse as parse_der
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from holofleet.errors import PeerError

MAX_BYTES = 16 * 1024
MIN_RSA_BITS, MAX_RSA_BITS, RSA_EXPONENT = 2_048, 4_096, 65_537

_SEQUENCE, _BIT_STRING, _OID, _INTEGER = 16, 3, 6, 2

_HASHES: dict[str, tuple[str, str]] = {
    "1.2.840.113549.1.1.5": ("RSA", "SHA-1"),
    "1.3.14.3.2.29": ("RSA", "SHA-1"),  # what Windows 10 writes when the policy names no hash
    "1.2.840.113549.1.1.11": ("RSA", "SHA-256"),
    "1.2.840.113549.1.1.12": ("RSA", "SHA-384"),
    "1.2.840.113549.1.1.13": ("RSA", "SHA-512"),
    "1.2.840.10045.4.1": ("EC", "SHA-1"),
    "1.2.840.10045.4.3.2": ("EC", "SHA-256"),
    "1.2.840.10045.4.3.3": ("EC", "SHA-384"),
    "1.2.840.10045.4.3.4": ("EC", "SHA-512"),
}


class CSRProblem(StrEnum):
    """Why a certificate request is refused."""

    MALFORMED = "malformed"
    KEY_NOT_ALLOWED = "key not allowed"
    SIGNATURE_NOT_ALLOWED = "signature algorithm not allowed"
    SIGNATURE_WRONG = "signature does not fit"


class CSRRefusedError(PeerError):
    """A certificate request that gets no certificate; ``problem`` says why."""

    def __init__(self, problem: CSRProblem, summary: str) -> None:
        super().__init__(summary)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A certificate request whose key is acceptable, and whose signature is not yet checked.

    Args:
        public_key: The key.
        spki: SubjectPublicKeyInfo as DER, as received.
        key: The key in words: ``RSA 2048``, ``P-256``, ``P-384``.
        hash_name: Of its signature: ``SHA-1``, ``SHA-256``, ``SHA-384``, ``SHA-512``.
    """

    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    spki: bytes
    key: str
    hash_name: str
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def key_sha256(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo in hex: to know a key again before anything is verified."""
        return hashlib.sha256(self.spki).hexdigest()

    def verify(self, *, allow_sha1: bool = False) -> None:
        """Prove that the sender holds the private key.

        Raises:
            CSRRefusedError: The signature does not fit, or is made with SHA-1 and that is not allowed.
        """
        if self.hash_name == "SHA-1" and not allow_sha1:
            raise CSRRefusedError(CSRProblem.SIGNATURE_NOT_ALLOWED, "the certificate request is signed with SHA-1")
        algorithm = _algorithm(self.hash_name)
        try:
            if isinstance(self.public_key, rsa.RSAPublicKey):
                self.public_key.verify(self.signature, self.signed, padding.PKCS1v15(), algorithm)
            else:
                self.public_key.verify(self.signature, self.signed, ec.ECDSA(algorithm))
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            raise CSRRefusedError(
                CSRProblem.SIGNATURE_WRONG, "the signature of the certificate request does not fit its key"
            ) from None


def parse(der: bytes) -> CertificateRequest:
    """Take a certificate request apart and judge its key; the subject and the attributes are not read.

    Raises:
        CSRRefusedError: Not a certificate request, or a key or signature algorithm that is not accepted. Accepted
            are RSA of 2,048 to 4,096 bits with exponent 65,537, and the curves P-256 and P-384.
    """
    if len(der) > MAX_BYTES:
        raise _malformed(f"it is larger than {MAX_BYTES} bytes")
    info, algorithm, signature = _elements(der, (_SEQUENCE, _SEQUENCE, _BIT_STRING), nothing_after=True)
    _version, _subject, spki = _elements(info, (_INTEGER, _SEQUENCE, _SEQUENCE))
    kind, hash_name = _signature_algorithm(algorithm)
    bits = _content(signature, _BIT_STRING)
    if bits[:1] != b"\x00":
        raise _malformed("its signature is not made of whole bytes")
    words = _judge_key(spki, kind)
    try:
        public_key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise CSRRefusedError(CSRProblem.KEY_NOT_ALLOWED, "the key of the request cannot be read") from None
    if not isinstance(public_key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise CSRRefusedError(CSRProblem.KEY_NOT_ALLOWED, "the key of the request is neither RSA nor EC")
    return CertificateRequest(public_key, spki, words, hash_name, signed=info, signature=bits[1:])


def _judge_key(spki: bytes, kind: str) -> str:
    """Return the key in words, from its numbers alone, before any arithmetic is done with them."""
    try:
        info = keys.PublicKeyInfo.load(spki, strict=True)
        algorithm: str = info["algorithm"]["algorithm"].native
        if algorithm == "rsa":
            numbers = info["public_key"].parsed
            bits = int(numbers["modulus"].native).bit_length()
            exponent = int(numbers["public_exponent"].native)
            odd = bool(int(numbers["modulus"].native) & 1)
        elif algorithm == "ec":
            curve = info["algorithm"]["parameters"].chosen.native
        else:
            raise CSRRefusedError(CSRProblem.KEY_NOT_ALLOWED, "the key of the request is neither RSA nor EC")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError):
        # asn1crypto reads lazily and has no error of its own: these are what a broken structure raises.
        raise _malformed("its public key cannot be read") from None
    if (algorithm == "rsa") != (kind == "RSA"):
        raise _malformed("its key and its signature are of different kinds")
    if algorithm == "rsa":
        if not (MIN_RSA_BITS <= bits <= MAX_RSA_BITS and exponent == RSA_EXPONENT and odd):
            raise CSRRefusedError(
                CSRProblem.KEY_NOT_ALLOWED, f"an RSA key of {bits} bits with exponent {str(exponent)[:20]}"
            )
        return f"RSA {bits}"
    names = {"secp256r1": "P-256", "secp384r1": "P-384"}
    if curve not in names:
        raise CSRRefusedError(CSRProblem.KEY_NOT_ALLOWED, "a key on another curve than P-256 and P-384")
    return names[curve]


def _signature_algorithm(algorithm: bytes) -> tuple[str, str]:
    (oid,) = _elements(algorithm, (_OID,))
    dotted = _dotted(_content(oid, _OID))
    known = _HASHES.get(dotted)
    if known is None:
        raise CSRRefusedError(CSRProblem.SIGNATURE_NOT_ALLOWED, "the signature algorithm is not known")
    return known


def _algorithm(name: str) -> hashes.HashAlgorithm:
    if name == "SHA-1":
        return hashes.SHA1()  # noqa: S303 - only where the caller allows it, to tell what a client sent
    return {"SHA-256": hashes.SHA256(), "SHA-384": hashes.SHA384(), "SHA-512": hashes.SHA512()}[name]


def _dotted(content: bytes) -> str:
    if not 0 < len(content) <= 32:
        raise _malformed("an object identifier of an impossible length")
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2) if arcs else 0
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:]))) if arcs else ""


def _elements(der: bytes, tags: tuple[int, ...], *, nothing_after: bool = False) -> tuple[bytes, ...]:
    """Return the first elements inside a SEQUENCE, each with its header, exactly as received."""
    content = _content(der, _SEQUENCE)
    found: list[bytes] = []
    position = 0
    for tag in tags:
        try:
            class_, _method, actual, header, inside, trailer = parse_der(content[position:], strict=False)
        except (ValueError, TypeError, IndexError):
            raise _malformed("its structure is broken") from None
        if class_ != 0 or actual != tag or trailer:
            raise _malformed("its structure is not that of PKCS#10")
        found.append(header + inside)
        position += len(header) + len(inside)
    if nothing_after and position != len(content):
        raise _malformed("there is more in it than PKCS#10 has")
    return tuple(found)


def _content(der: bytes, tag: int) -> bytes:
    try:
        class_, _method, actual, _header, inside, trailer = parse_der(der, strict=True)
    except (ValueError, TypeError, IndexError):
        raise _malformed("its structure is broken") from None
    if class_ != 0 or actual != tag or trailer:
        raise _malformed("its structure is not that of PKCS#10")
    return bytes(inside)


def _malformed(why: str) -> CSRRefusedError:
    return CSRRefusedError(CSRProblem.MALFORMED, f"the certificate request cannot be read: {why}")
