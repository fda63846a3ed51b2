"""Trusted root certificates as Intune's native profiles.

One profile a certificate: a profile for the certificate of a headset's account refers to the one of its root.

Source: Microsoft Graph reference, resource type ``windows81TrustedRootCertificate``;
RootCATrustedCertificates CSP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from holofleet.resources import Setting

TYPE = "#microsoft.graph.windows81TrustedRootCertificate"
_NODE = re.compile(
    r"\./Device/Vendor/MSFT/RootCATrustedCertificates/(Root|CA)/([0-9A-Fa-f]{40})/EncodedCertificate"
)
STORES = {"Root": "computerCertStoreRoot", "CA": "computerCertStoreIntermediate"}


def lift(settings: Iterable[Setting]) -> tuple[tuple[tuple[str, dict[str, Any]], ...], tuple[Setting, ...]]:
    """Split settings into certificate profiles (thumbprint and body) and the rest.

    Certificates for other stores (publishers, people) have no native profile and stay custom settings.
    """
    lifted: list[tuple[str, dict[str, Any]]] = []
    rest: list[Setting] = []
    for setting in settings:
        match = _NODE.fullmatch(setting.oma_uri)
        if match is None:
            rest.append(setting)
            continue
        thumbprint = match.group(2).lower()
        body = {
            "@odata.type": TYPE,
            "certFileName": f"{thumbprint}.cer",
            "destinationStore": STORES[match.group(1)],
            "trustedRootCertificate": setting.data,
        }
        lifted.append((thumbprint, body))
    return tuple(lifted), tuple(rest)
