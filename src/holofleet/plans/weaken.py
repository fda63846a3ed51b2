"""Which changes make a fleet weaker, so that nobody approves one unseen (SECURITY D8).

A change weakens when a protective node loses its protecting value: developer mode, tenant lock, app control,
root certificates, proxy, update source, auto-logon, USB, provisioning packages, unenrollment. The judgement is
about the direction only; whether the fleet may be weaker is the approver's decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_POLICY = "./Device/Vendor/MSFT/Policy/Config/"


@dataclass(frozen=True, slots=True)
class _Guard:
    """A node (or the tree below it) and the test that says whether a value protects."""

    prefix: str
    protects: Callable[[str | None], bool]
    becomes: str


def _is(value: str) -> Callable[[str | None], bool]:
    return lambda data: data == value


def _is_not(value: str) -> Callable[[str | None], bool]:
    return lambda data: data != value


def _absent(data: str | None) -> bool:
    return not data


def _present(data: str | None) -> bool:
    return bool(data)


_GUARDS = (
    _Guard(_POLICY + "ApplicationManagement/AllowDeveloperUnlock", _is("0"), "developer mode can be turned on"),
    _Guard(_POLICY + "ApplicationManagement/AllowAllTrustedApps", _is("0"), "apps can be sideloaded"),
    _Guard(_POLICY + "Connectivity/AllowUSBConnection", _is("0"), "a PC can read the headset over USB"),
    _Guard(_POLICY + "Security/AllowAddProvisioningPackage", _is("0"), "provisioning packages can be added"),
    _Guard(_POLICY + "Security/AllowRemoveProvisioningPackage", _is("0"), "provisioning packages can be removed"),
    _Guard(_POLICY + "Experience/AllowManualMDMUnenrollment", _is("0"), "wearers can leave management"),
    _Guard(_POLICY + "Accounts/AllowMicrosoftAccountConnection", _is("0"), "consumer accounts can be added"),
    _Guard(_POLICY + "Update/AllowUpdateService", _is_not("0"), "Windows Update is cut off"),
    _Guard(_POLICY + "Update/UpdateServiceUrl", _absent, "updates come from another server"),
    _Guard(_POLICY + "MixedReality/AutoLogonUser", _absent, "whoever picks the headset up is signed in"),
    _Guard(_POLICY + "MixedReality/VisitorAutoLogon", _is_not("true"), "visitors are signed in by themselves"),
    _Guard("./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE", _is("true"), "the tenant lock is released"),
    _Guard("./Device/Vendor/MSFT/AssignedAccess/Configuration", _present, "the kiosk is removed"),
)
_GUARDED_TREES = (
    ("./Device/Vendor/MSFT/ApplicationControl/", _present, "an app control policy is removed"),
    ("./Device/Vendor/MSFT/RootCATrustedCertificates/", _absent, "another root certificate is trusted"),
    ("./Device/Vendor/MSFT/NetworkProxy/", _absent, "traffic goes through another proxy"),
)


def weakened(oma_uri: str, before: str | None, after: str | None) -> str:
    """Return what becomes weaker when a node changes from ``before`` to ``after``, or an empty text.

    A node that was never set protects nothing, but adding a root certificate, a proxy or auto-logon weakens
    all the same: those protect by their absence.
    """
    for guard in _GUARDS:
        if oma_uri == guard.prefix:
            return guard.becomes if guard.protects(before) and not guard.protects(after) else ""
    for prefix, protects, becomes in _GUARDED_TREES:
        if oma_uri.startswith(prefix):
            return becomes if protects(before) and not protects(after) else ""
    if "/WiFi/Profile/" in oma_uri and oma_uri.rsplit("/", 1)[-1].startswith("Proxy"):
        return "traffic goes through another proxy" if after and after != before else ""
    return ""
