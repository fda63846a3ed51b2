"""Certificate requests with the quirks of real Windows clients.

Windows 10 writes the CN as a PrintableString of 64 bytes that ends in NUL and holds ``!`` (neither is allowed
in that type) and asks for no extended key usage; Windows 11 writes a UTF8String and asks for clientAuth. Both
carry extension 1.3.6.1.4.1.311.66.1.0, whose value is the DeviceID and a NUL as raw bytes, not DER. A client
that was not told a hash by the policy service signs with SHA-1 under an old OID.

Source: recorded from real clients (Windows 10 build 19043, Windows 11 build 26200).
"""

from __future__ import annotations

from asn1crypto import algos, core, keys, x509
from asn1crypto import csr as pkcs10
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from holofleet.simulator.headset.identity import DeviceName, Dialect

DEVICE_ID_EXTENSION = "1.3.6.1.4.1.311.66.1.0"
SHA256_RSA = "1.2.840.113549.1.1.11"
OLD_SHA1_RSA = "1.3.14.3.2.29"


def render_request(name: DeviceName, key: rsa.RSAPrivateKey, *, dialect: Dialect, sha256: bool) -> bytes:
    """Render a PKCS#10 request (DER) for this enrollment.

    Args:
        name: Ids of the enrollment.
        key: Whose public half is to be certified; signs the request.
        dialect: Whose quirks.
        sha256: Whether the policy service named SHA-256; SHA-1 otherwise.
    """
    info = pkcs10.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": _subject(name.common_name, dialect),
            "subject_pk_info": keys.PublicKeyInfo.load(
                key.public_key().public_bytes(
                    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            ),
            "attributes": [{"type": "extension_request", "values": [_extensions(name, dialect)]}],
        }
    )
    encoded: bytes = info.dump()
    algorithm = hashes.SHA256() if sha256 else hashes.SHA1()  # noqa: S303  (what such clients do)
    signature = key.sign(encoded, padding.PKCS1v15(), algorithm)
    request: bytes = pkcs10.CertificationRequest(
        {
            # Loaded again: what was built by hand would be encoded anew at each level.
            "certification_request_info": pkcs10.CertificationRequestInfo.load(encoded),
            "signature_algorithm": _signature_algorithm(sha256=sha256),
            "signature": signature,
        }
    ).dump()
    return request


def _signature_algorithm(*, sha256: bool) -> algos.SignedDigestAlgorithm:
    oid = SHA256_RSA if sha256 else OLD_SHA1_RSA
    return algos.SignedDigestAlgorithm({"algorithm": oid, "parameters": core.Null()})


def _subject(common_name: str, dialect: Dialect) -> x509.Name:
    if dialect is Dialect.WINDOWS_10:
        value = x509.DirectoryString(name="printable_string", value=core.PrintableString(common_name + "\0"))
    else:
        value = x509.DirectoryString(name="utf8_string", value=core.UTF8String(common_name))
    pair = x509.NameTypeAndValue({"type": "common_name", "value": value})
    return x509.Name(name="", value=x509.RDNSequence([x509.RelativeDistinguishedName([pair])]))


def _extensions(name: DeviceName, dialect: Dialect) -> x509.Extensions:
    raw = core.ParsableOctetString(name.device_id.encode("ascii") + b"\0")
    extensions = [{"extn_id": DEVICE_ID_EXTENSION, "critical": False, "extn_value": raw}]
    if dialect is Dialect.WINDOWS_11:
        usage = x509.ExtKeyUsageSyntax(["client_auth"])
        extensions.append(
            {
                "extn_id": "extended_key_usage",
                "critical": False,
                "extn_value": core.ParsableOctetString(usage.dump()),
            }
        )
    return x509.Extensions(extensions)
