"""Certificates to trust and VPN profiles, as a headset reads them.

Source: 'RootCATrustedCertificates CSP', 'VPNv2 CSP' and 'ProfileXML XSD' (Microsoft).
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from holofleet.simulator.headset.markup import content, local_name
from holofleet.simulator.headset.payload.documents import read_document
from holofleet.simulator.headset.payload.error import PayloadError

_AFTER_SERVERS = (
    "Servers",
    "RoutingPolicyType",
    "NativeProtocolType",
    "L2tpPsk",
    "DisableClassBasedDefaultRoute",
    "PlumbIKEv2TSAsRoutes",
    "CryptographySuite",
    "Authentication",
)
"""The sequence of the schema."""


def read_certificate(data: str, *, thumbprint: str) -> None:
    """Read a certificate that is to be trusted.

    Raises:
        PayloadError: no certificate, or one whose thumbprint is not the name of the node.
    """
    from cryptography import x509

    try:
        der = base64.b64decode("".join(data.split()), validate=True)
        x509.load_der_x509_certificate(der)
    except (binascii.Error, ValueError) as error:
        raise PayloadError("no certificate in DER and base64") from error
    if hashlib.sha1(der, usedforsecurity=False).hexdigest() != thumbprint.lower():
        raise PayloadError("the node is not named by the thumbprint of its certificate")


def read_vpn_profile(data: str) -> None:
    """Read a VPN profile.

    Raises:
        PayloadError: no way to connect, or a native one that the schema does not allow.
    """
    root = read_document(data, root="VPNProfile")
    ways = [child for child in root if local_name(child) in ("NativeProfile", "PluginProfile")]
    if len(ways) != 1:
        raise PayloadError(f"{len(ways)} native or plug-in profiles, exactly one is possible")
    if local_name(ways[0]) == "PluginProfile":
        return
    names = [local_name(child) for child in ways[0]]
    if names != sorted(names, key=lambda name: _AFTER_SERVERS.index(name) if name in _AFTER_SERVERS else -1):
        raise PayloadError("the elements of the native profile are not in the order of the schema")
    if not content(ways[0].find("Servers")):
        raise PayloadError("a native profile without servers")
    machine = content(ways[0].find("Authentication/MachineMethod"))
    user = content(ways[0].find("Authentication/UserMethod"))
    if (machine and machine != "Certificate") or (user and user.lower() not in ("eap", "mschapv2")):
        raise PayloadError("a way to sign in that a VPN does not know")
    if content(ways[0].find("NativeProtocolType")).lower() == "ikev2" and user.lower() == "mschapv2":
        raise PayloadError("MSChapv2 is not possible with IKEv2")
