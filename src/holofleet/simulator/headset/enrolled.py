"""What an enrollment left on a headset: ids, key, certificate, server; and its form in a file.

The file form lets a simulated fleet go on in a later process as the same headsets, instead of enrolling again as
strangers that claim a hardware id which the server has seen.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from holofleet.simulator.headset.identity import DeviceName
from holofleet.simulator.headset.provisioning import Provisioning


@dataclass(slots=True)
class Enrolled:
    """The present enrollment of a headset; ``polls`` counts its own check-ins, ``sessions`` all."""

    name: DeviceName
    provisioning: Provisioning
    key: rsa.RSAPrivateKey
    sessions: int = 0
    polls: int = 0

    def pem(self) -> bytes:
        """Return key and certificate as the TLS client reads them."""
        certificate = x509.load_der_x509_certificate(self.provisioning.certificate)
        return _key_pem(self.key) + certificate.public_bytes(serialization.Encoding.PEM)

    def to_json(self) -> dict[str, Any]:
        """Return the form for a file. It holds a private key."""
        given = self.provisioning
        return {
            "device_id": self.name.device_id,
            "guid": self.name.guid,
            "key": _key_pem(self.key).decode(),
            "certificate": b64encode(given.certificate).decode(),
            "root": b64encode(given.root).decode(),
            "store": given.store,
            "address": given.address,
            "provider_id": given.provider_id,
            "dmclient": dict(given.dmclient),
            "renewal": given.renewal,
            "sessions": self.sessions,
            "polls": self.polls,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Enrolled:
        """Read the form of a file.

        Raises:
            KeyError, TypeError, ValueError: not that form.
        """
        key = serialization.load_pem_private_key(value["key"].encode(), None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("a headset has an RSA key")
        provisioning = Provisioning(
            certificate=b64decode(value["certificate"], validate=True),
            store=value["store"],
            root=b64decode(value["root"], validate=True),
            address=value["address"],
            provider_id=value["provider_id"],
            dmclient=dict(value["dmclient"]),
            renewal=bool(value["renewal"]),
        )
        name = DeviceName(value["device_id"], value["guid"])
        return cls(name, provisioning, key, int(value["sessions"]), int(value["polls"]))


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
