"""The certificate of a shared account as Intune's native SCEP profile, which names the profile of its root.

Intune hands out the challenge itself and fills in the account of each headset, so nothing secret travels.

Source: Microsoft Graph reference, resource type ``windows81SCEPCertificateProfile``; ClientCertificateInstall CSP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from holofleet.resources import Setting
from holofleet.targets.graph.lowering.variables import UnloweredError

TYPE = "#microsoft.graph.windows81SCEPCertificateProfile"
_NODE = re.compile(r"\./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/([^/]+)/Install/(\w+)")
_NAMES = {"1.3.6.1.4.1.311.20.2.2": "Smart Card Logon", "1.3.6.1.5.5.7.3.2": "Client Authentication"}
_USAGES = ((0x80, "digitalSignature"), (0x20, "keyEncipherment"))
_UPN = "11+"
_PROVIDERS = {"1": "useTpmKspOtherwiseFail", "2": "useTpmKspOtherwiseUseSoftwareKsp", "3": "useSoftwareKsp"}
_RENEW_AT_PERCENT = 20
"""Of its life left, when a certificate is renewed. Source: the default of the vendor's portal."""


def lift(
    settings: Iterable[Setting], roots: Sequence[str]
) -> tuple[tuple[tuple[str, dict[str, Any], str], ...], tuple[Setting, ...]]:
    """Split settings into SCEP profiles (name, body, thumbprint of the root) and the rest.

    Args:
        settings: With variables in Intune's words.
        roots: Thumbprints of the roots that have profiles, lower case.

    Raises:
        UnloweredError: no root, or several and none of them named, or a request that a profile cannot say.
    """
    nodes: dict[str, dict[str, str]] = {}
    rest: list[Setting] = []
    for setting in settings:
        if match := _NODE.fullmatch(setting.oma_uri):
            nodes.setdefault(match.group(1), {})[match.group(2)] = setting.data
        else:
            rest.append(setting)
    lifted = tuple((name, _body(name, said), _root(name, said, roots)) for name, said in sorted(nodes.items()))
    return lifted, tuple(rest)


def _root(name: str, said: Mapping[str, str], roots: Sequence[str]) -> str:
    wanted = said.get("CAThumbprint", "").lower()
    if wanted in roots:
        return wanted
    if len(roots) == 1:
        return roots[0]
    raise UnloweredError(
        f"certificate {name}: {len(roots)} roots are trusted, and none is named as the one that signs it",
        mend="List the root under `certificates`, and its thumbprint as accounts.certificate.ca_thumbprint.",
    )


def _body(name: str, said: Mapping[str, str]) -> dict[str, Any]:
    account = said.get("SubjectAlternativeNames", "")
    provider = _PROVIDERS.get(said.get("KeyProtection", ""))
    usage = int(said.get("KeyUsage", "0"))
    if provider is None or not account.startswith(_UPN) or ";" in account:
        raise UnloweredError(f"certificate {name}: a native SCEP profile cannot say this request")
    return {
        "@odata.type": TYPE,
        "certificateStore": "machine",
        "scepServerUrls": [said["ServerURL"]],
        "subjectNameFormat": "custom",
        "subjectNameFormatString": said["SubjectName"],
        "customSubjectAlternativeNames": [{"sanType": "userPrincipalName", "name": account.removeprefix(_UPN)}],
        "extendedKeyUsages": [
            {"name": _NAMES.get(oid, oid), "objectIdentifier": oid} for oid in said["EKUMapping"].split("+")
        ],
        "keyUsage": ",".join(word for bit, word in _USAGES if usage & bit),
        "keySize": f"size{said['KeyLength']}",
        "hashAlgorithm": "sha2",
        "keyStorageProvider": provider,
        "certificateValidityPeriodScale": said["ValidPeriod"].lower(),
        "certificateValidityPeriodValue": int(said["ValidPeriodUnits"]),
        "renewalThresholdPercentage": _RENEW_AT_PERCENT,
    }
