"""``accounts.certificate``: how the certificate of a shared account comes to a headset, by SCEP.

Writes ``ClientCertificateInstall/SCEP/shared-account/Install`` for targets that start the request themselves:
Intune, and people who type it in. Serves SHR-01. The key never leaves the TPM; the name in the certificate is the
account of the headset, and both key usages that the sign-in needs are asked for.

Source: ClientCertificateInstall CSP; 'Shared Microsoft Entra accounts in HoloLens' (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.groups.group import Group
from holofleet.desired.sheet import Sheet, Value
from holofleet.spec.model.identity import AccountCertificate

_NODE = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/{UniqueID}/Install/"
NAME = "shared-account"
_KEY = "accounts.certificate"
_USAGES = ("1.3.6.1.4.1.311.20.2.2", "1.3.6.1.5.5.7.3.2")
"""Smart card logon and client authentication. Source: 'Shared Microsoft Entra accounts in HoloLens'."""
_DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT = 0xA0
_TPM_OR_FAIL = 1
_UPN = 11
"""Number of a user principal name among alternative names. Source: ClientCertificateInstall CSP."""


def _write(sheet: Sheet) -> None:
    if sheet.wanted.value("accounts.kind") != "shared-certificate":
        return
    said = sheet.wanted.value(_KEY)
    if said is None or said.scep_url is None:
        sheet.undelivered("accounts.kind", "no SCEP service is named that issues the accounts' certificates")
        return
    if sheet.wanted.target == "server":
        reason = "our server does not start the request for a certificate (SCEP) yet"
        sheet.undelivered("accounts.kind", reason, target="server")
        return
    for name, value in _values(said).items():
        sheet.node(_NODE.replace("{UniqueID}", NAME) + name, value, key=_KEY, rule="SHR-01")


def _values(said: AccountCertificate) -> dict[str, Value]:
    values: dict[str, Value] = {
        "ServerURL": said.scep_url or "",
        "SubjectName": "CN={{serial}}",
        "SubjectAlternativeNames": f"{_UPN}+{{{{account}}}}",
        "EKUMapping": "+".join(dict.fromkeys((*_USAGES, *said.key_usages))),
        "KeyUsage": _DIGITAL_SIGNATURE_AND_KEY_ENCIPHERMENT,
        "KeyLength": 2048,
        "KeyProtection": _TPM_OR_FAIL,
        "HashAlgorithm": "SHA-2",
        "ValidPeriod": "Years",
        "ValidPeriodUnits": said.valid_years,
        "RetryCount": 3,
        "RetryDelay": 5,
    }
    if said.ca_thumbprint is not None:
        values["CAThumbprint"] = said.ca_thumbprint
    if said.challenge is not None:
        values["Challenge"] = said.challenge.variable
    return values


_WRITTEN = (
    "ServerURL",
    "SubjectName",
    "SubjectAlternativeNames",
    "EKUMapping",
    "KeyUsage",
    "KeyLength",
    "KeyProtection",
    "HashAlgorithm",
    "ValidPeriod",
    "ValidPeriodUnits",
    "RetryCount",
    "RetryDelay",
    "CAThumbprint",
    "Challenge",
)
GROUP = Group(writes={_NODE + name: _KEY for name in _WRITTEN}, write=_write)
