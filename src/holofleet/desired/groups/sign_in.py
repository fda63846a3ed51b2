"""``sign_in``: how people sign in on a headset.

Writes ``PassportForWork`` (Windows Hello for Business of the tenant: PIN, TPM, recovery; biometrics; FIDO2
keys) and policies of the areas Authentication, DeviceLock and MixedReality. Serves EXT-46, SHR-19 to SHR-24,
OFF-07 and PREP-12.

Auto-logon is written only when it is on: the policy is off by being absent, and an empty name is a value that
no page describes. It names the headset's own account, a variable.
"""

from __future__ import annotations

import operator

from holofleet import catalog
from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch
from holofleet.desired.sheet import Sheet

_TENANT = "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/"
_PIN = _TENANT + "PINComplexity/"
_CLASSES = ("Digits", "LowercaseLetters", "SpecialCharacters", "UppercaseLetters")
_AUTO_LOGON = POLICY + "MixedReality/AutoLogonUser"
_LOCK = POLICY + "DeviceLock/"
_ALLOWED, _NOT_ALLOWED = 0, 2
"""A class of characters is allowed (0), required (1) or not allowed (2)."""


def _write(sheet: Sheet) -> None:
    wanted = sheet.wanted
    digits_only = wanted.value("sign_in.pin.digits_only")
    if digits_only is not None:
        for name in _CLASSES:
            value = _NOT_ALLOWED if digits_only and name != "Digits" else _ALLOWED
            uri = (_PIN + name).replace("{TenantId}", wanted.spec.model.tenant.id)
            sheet.node(uri, value, key="sign_in.pin.digits_only")
    _lengths(sheet)
    if wanted.value("sign_in.lock_after_min") is not None:
        # Inverted by the vendor: 0 turns the device lock on, and the lock time counts only then.
        sheet.node(_LOCK + "DevicePasswordEnabled", 0, key="sign_in.lock_after_min")
    if wanted.value("sign_in.auto_logon"):
        _auto_logon(sheet)


def _lengths(sheet: Sheet) -> None:
    """Move the other end of the PIN's length where a security baseline would leave an empty range."""
    level = sheet.wanted.value("restrictions.baseline")
    if level in (None, "none"):
        return
    for said, other, name, outside in (
        ("sign_in.pin.min_length", "sign_in.pin.max_length", "MaximumPINLength", operator.gt),
        ("sign_in.pin.max_length", "sign_in.pin.min_length", "MinimumPINLength", operator.lt),
    ):
        mine = sheet.wanted.value(said)
        if mine is None or sheet.wanted.value(other) is not None:
            continue
        node = catalog.nodes().find(_PIN + name)
        base = node.baseline.value(level) if node is not None and node.baseline is not None else None
        if base is not None and outside(mine, base):
            sheet.node((_PIN + name).replace("{TenantId}", sheet.wanted.spec.model.tenant.id), mine, key=said)


def _auto_logon(sheet: Sheet) -> None:
    key = "sign_in.auto_logon"
    if sheet.wanted.account:
        sheet.node(_AUTO_LOGON, "{{account}}", key=key)
        return
    sheet.fault(
        "compile/account",
        f"{key}: some headsets of {sheet.wanted.name} have no account of their own",
        "A headset can be signed in by itself only as one known account.",
        "Write accounts: {users: per-headset}, or an account at each headset.",
        at=sheet.wanted.origin(key).position,
    )


GROUP = Group(
    switches=(
        Switch("sign_in.hello", _TENANT + "UsePassportForWork"),
        Switch("sign_in.require_tpm", _TENANT + "RequireSecurityDevice"),
        # Without this, Windows Hello may be set up later; the PIN then is no condition of use.
        Switch("sign_in.pin.required", _TENANT + "DisablePostLogonProvisioning", {True: False, False: True}),
        Switch("sign_in.pin.min_length", _PIN + "MinimumPINLength"),
        Switch("sign_in.pin.max_length", _PIN + "MaximumPINLength"),
        Switch("sign_in.pin.expires_after_days", _PIN + "Expiration"),
        Switch("sign_in.pin.history", _PIN + "History"),
        Switch("sign_in.pin.recovery", _TENANT + "EnablePinRecovery"),
        Switch("sign_in.iris", "./Device/Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics"),
        Switch(
            "sign_in.security_key",
            "./Device/Vendor/MSFT/PassportForWork/SecurityKey/UseSecurityKeyForSignin",
            ALLOWED,
        ),
        Switch("sign_in.preferred_domain", POLICY + "Authentication/PreferredAadTenantDomainName"),
        Switch("sign_in.other_user_first", POLICY + "MixedReality/PreferLogonAsOtherUser", ALLOWED),
        Switch("sign_in.lock_after_min", _LOCK + "MaxInactivityTimeDeviceLock"),
        Switch("sign_in.password_after_idle", _LOCK + "AllowIdleReturnWithoutPassword", {True: 0, False: 1}),
    ),
    writes={
        **{_PIN + name: "sign_in.pin.digits_only" for name in _CLASSES},
        _LOCK + "DevicePasswordEnabled": "sign_in.lock_after_min",
        _AUTO_LOGON: "sign_in.auto_logon",
    },
    write=_write,
)
