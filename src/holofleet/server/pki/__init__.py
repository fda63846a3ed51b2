"""Two certificate authorities that cannot do each other's work (SECURITY D1).

What lives here: making and using the *server CA* (TLS certificates of our listeners, bound to configured names)
and the *device CA* (identities of headsets, for client authentication only, with every DNS name and address
excluded), and reading back a certificate that a peer shows. What does not: where keys are kept and how they are
wrapped (:mod:`holofleet.server.installation`), certificate requests
(:mod:`holofleet.protocols.mde2`), and whether a certificate that is genuine also has an enrollment.
Start reading at ``device.py``.
"""

from holofleet.server.pki.certificate import Certificate, CertificateRefusal, PrivateKey, public_key_sha256
from holofleet.server.pki.device import DEVICE_VALIDITY, DeviceCA, make_device_ca
from holofleet.server.pki.keys import KeyKind, make_key
from holofleet.server.pki.server import ServerCA, ServerName, make_server_ca, parse_name

__all__ = [
    "DEVICE_VALIDITY",
    "Certificate",
    "CertificateRefusal",
    "DeviceCA",
    "KeyKind",
    "PrivateKey",
    "ServerCA",
    "ServerName",
    "make_device_ca",
    "make_key",
    "make_server_ca",
    "parse_name",
    "public_key_sha256",
]
