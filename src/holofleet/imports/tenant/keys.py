"""From nodes to the keys of a deployment: :mod:`holofleet.desired.groups` the other way round.

Keys that are one node each are turned round from the compilers' own tables, so that a new switch is imported from
the day it exists. What is more than a switch has a function here. What has no key becomes an entry of
``settings``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from holofleet import catalog
from holofleet.desired.groups import GROUPS, OWNERS, device_owners, settings_pages, shared_account, tenant_lock
from holofleet.desired.groups.group import POLICY, Switch
from holofleet.errors import InputError
from holofleet.formats import device_owners as owners
from holofleet.formats import page_visibility as pages
from holofleet.formats import shared_account as accounts
from holofleet.imports.tenant.nodes import Nodes, typed
from holofleet.resources import Format, Setting

_UPDATE = POLICY + "Update/"
_POWER = POLICY + "Power/"
_REBOOT = "./Device/Vendor/MSFT/Reboot/Schedule/"
_PIN = "./Device/Vendor/MSFT/PassportForWork/{TenantId}/Policies/PINComplexity/"
_CLASSES = ("LowercaseLetters", "SpecialCharacters", "UppercaseLetters")
_AUTO_LOGON = POLICY + "MixedReality/AutoLogonUser"
_LOCK = POLICY + "DeviceLock/"
_NTP = POLICY + "MixedReality/ConfigureNtpClient"
_NTP_ON = POLICY + "MixedReality/NtpClientEnabled"
_NTP_SERVER = re.compile(r'<data id="W32TIME_NtpServer" value="([^",]{1,253}),0x9"\s*/>')
_DATA = re.compile(r'\s*<enabled\s*/>\s*<data id="\w+" value="(\d{1,6})"\s*/>\s*\Z')
_DAYS = ("every-day", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMEOUTS = {
    "DisplayOffTimeoutOnBattery": "power.display_off_on_battery_s",
    "DisplayOffTimeoutPluggedIn": "power.display_off_plugged_in_s",
    "StandbyTimeoutOnBattery": "power.standby_on_battery_s",
    "StandbyTimeoutPluggedIn": "power.standby_plugged_in_s",
}
_LOOKS_SECRET = re.compile(
    r"(password|passphrase|secret|psk|presharedkey|challenge|token|privatekey)", re.IGNORECASE
)
_HIDDEN = "HOLOFLEET_SECRET_IMPORTED_"


def switches(nodes: Nodes) -> None:
    """Take every node that one key says."""
    for group in GROUPS:
        for switch in group.switches:
            data = nodes.get(switch.node)
            if data is None:
                continue
            value = _word(switch, data)
            if value is not None:
                nodes.say(switch.key, value, switch.node)


def _word(switch: Switch, data: str) -> Any:
    if switch.words is None:
        node = catalog.nodes().find(switch.node)
        form = node.format if node is not None else Format.CHR
        return typed(Setting(switch.node, form, data), form)
    return next((word for word, value in switch.words.items() if str(value).lower() == data.lower()), None)


def updates(nodes: Nodes) -> None:
    """Take the source and the fixed time of updates."""
    if nodes.get(_UPDATE + "AllowUpdateService") == "1":
        nodes.say("updates.source", "windows-update", _UPDATE + "AllowUpdateService")
    day, hour = nodes.get(_UPDATE + "ScheduledInstallDay"), nodes.get(_UPDATE + "ScheduledInstallTime")
    if day in tuple("01234567") and hour is not None and hour.isdecimal() and int(hour[:3]) < 24:
        value = {"day": _DAYS[int(day)], "time": f"{int(hour):02}:00"}
        nodes.say("updates.install", value, _UPDATE + "ScheduledInstallDay", _UPDATE + "ScheduledInstallTime")


def sign_in(nodes: Nodes) -> None:
    """Take the characters of a PIN, automatic sign-in, and what belongs to the lock."""
    letters = {nodes.get(_PIN + name) for name in _CLASSES}
    digits = nodes.get(_PIN + "Digits")
    if digits == "0" and letters in ({"0"}, {"2"}):
        nodes.say("sign_in.pin.digits_only", letters == {"2"}, *(_PIN + name for name in (*_CLASSES, "Digits")))
    if "sign_in.lock_after_min" in nodes.said.keys and nodes.get(_LOCK + "DevicePasswordEnabled") == "0":
        nodes.drop(_LOCK + "DevicePasswordEnabled")
    if (nodes.get(_AUTO_LOGON) or "").partition("@")[0].lower().endswith("{{serial}}"):
        nodes.say("sign_in.auto_logon", True, _AUTO_LOGON)


def power(nodes: Nodes) -> None:
    """Take the display, standby and restarts by the clock."""
    for name, key in _TIMEOUTS.items():
        match = _DATA.match(nodes.get(_POWER + name) or "")
        if match is not None:
            nodes.say(key, int(match[1]), _POWER + name)
    for name in ("DailyRecurrent", "WeeklyRecurrent"):
        data = nodes.get(_REBOOT + name)
        try:
            moment = datetime.fromisoformat(data or "")
        except ValueError:
            continue
        day = "every-day" if name == "DailyRecurrent" else _WEEK[moment.weekday()]
        nodes.say("power.restart", {"day": day, "time": f"{moment:%H:%M}"}, _REBOOT + name)


def time_server(nodes: Nodes) -> None:
    """Take the time server."""
    match = _NTP_SERVER.search(nodes.get(_NTP) or "")
    if match is not None and nodes.get(_NTP_ON) == "<enabled/>":
        nodes.say("network.time", {"server": match[1]}, _NTP, _NTP_ON)


def shown_pages(nodes: Nodes) -> None:
    """Take the pages of the Settings app."""
    try:
        found = pages.parse(nodes.get(settings_pages.NODE) or "")
    except InputError:
        return
    key = "show" if found.mode is pages.Mode.SHOW_ONLY else "hide"
    nodes.say(f"settings_pages.{key}", list(found.pages), settings_pages.NODE)


def owners_of_devices(nodes: Nodes) -> None:
    """Take the accounts that own the headsets."""
    try:
        found = owners.parse(nodes.get(device_owners.NODE) or "")
    except InputError:
        return
    prefix = "azuread\\"
    if found.exactly or found.removed or not all(m.lower().startswith(prefix) for m in found.members):
        return
    people = [member[len(prefix) :] for member in found.members]
    if nodes.say("device_owners", people, device_owners.NODE):
        nodes.said.people += people


def lock(nodes: Nodes) -> None:
    """Take the lock to the tenant."""
    data = (nodes.get(tenant_lock.NODE) or "").lower()
    if data in ("true", "false"):
        nodes.say("tenant_lock", data == "true", tenant_lock.NODE)


def certificate_account(nodes: Nodes) -> None:
    """Take the account that a certificate signs in."""
    try:
        found = accounts.parse(nodes.get(shared_account.NODE) or "")
    except InputError:
        return
    said: dict[str, Any] = {}
    if found.issuer_thumbprint:
        said["issuer_thumbprint"] = found.issuer_thumbprint
    if found.issuer_name:
        said["issuer_name"] = found.issuer_name
    if found.key_usages:
        said["key_usages"] = list(found.key_usages)
    if nodes.say("accounts.certificate", said, shared_account.NODE):
        nodes.say("accounts.kind", "shared-certificate")
        nodes.say("accounts.users", "per-headset")


def no_baseline(nodes: Nodes) -> None:
    """Say that nothing lies under what was read: every value of a security baseline stands in it already."""
    nodes.say("restrictions.baseline", "none")


def rest(nodes: Nodes) -> None:
    """Say everything else by node; a secret only by reference, and its value nowhere."""
    for setting in list(nodes.left()):
        nodes.drop(setting.oma_uri)
        if setting.oma_uri.startswith("./Device/Vendor/MSFT/DMClient/"):
            nodes.leave_out(
                setting.oma_uri,
                f"{setting.oma_uri} was left out: how headsets talk to this tenant is the tenant's own.",
            )
            continue
        node = catalog.nodes().find(setting.oma_uri)
        owner = OWNERS.get(node.oma_uri) if node is not None else None
        if owner is not None:
            nodes.leave_out(
                setting.oma_uri,
                f"{setting.oma_uri} was left out: the key {owner} has no word for what is set there.",
            )
            continue
        entry: dict[str, Any] = {"oma_uri": setting.oma_uri}
        if _secret(setting, known=node is not None and node.secret):
            entry["secret"] = f"env:{_HIDDEN}{nodes.about.upper().replace('-', '_')}_{len(nodes.said.raw) + 1}"
            nodes.remark(
                f"the value of {setting.oma_uri} is a secret and was left out; give it as {entry['secret']}."
            )
        elif node is not None and not _taken(node, setting.data):
            nodes.leave_out(setting.oma_uri, f"{setting.oma_uri} was left out: no headset would take its value.")
            continue
        elif "{{" in setting.data.replace("{{serial}}", ""):
            nodes.leave_out(
                setting.oma_uri,
                f"{setting.oma_uri} was left out: its value has variables of another kind.",
            )
            continue
        else:
            entry["value"] = setting.data
        if node is None:
            entry["format"] = str(setting.format)
        trial = [*nodes.said.raw, entry]
        if not nodes.say("settings", trial):
            nodes.leave_out(setting.oma_uri, f"{setting.oma_uri} was left out: a fleet file cannot say its value.")
            continue
        nodes.said.keys.pop("settings")
        nodes.said.raw = trial


def _taken(node: catalog.Node, data: str) -> bool:
    try:
        node.data(data)
    except InputError:
        return False
    return True


def _secret(setting: Setting, *, known: bool) -> bool:
    if known:
        return True
    last = setting.oma_uri.rpartition("/")[2]
    return bool(_LOOKS_SECRET.search(last)) and setting.format in (Format.CHR, Format.B64)


TAKERS: tuple[Callable[[Nodes], None], ...] = (
    switches,
    updates,
    sign_in,
    power,
    time_server,
    shown_pages,
    owners_of_devices,
    lock,
    certificate_account,
    no_baseline,
)
"""In the order in which they take; :func:`rest` comes after all others."""
