"""Nodes that become files beside the fleet file, a kiosk, or the network of a site.

Names of files are made here, of thumbprints and numbers: no text of the tenant ever becomes a path. Keys of
networks stand in no file: a reference is written, the value is left out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from holofleet.desired.groups import kiosk as kiosks
from holofleet.desired.groups.group import POLICY
from holofleet.errors import InputError
from holofleet.formats import app_control as wdac
from holofleet.formats import wlan_profile as wlan
from holofleet.formats.certificate import CertificateError, read
from holofleet.imports import kiosk as kiosk_import
from holofleet.imports.tenant.nodes import Nodes

_CERTIFICATE = re.compile(
    r"\./Device/Vendor/MSFT/RootCATrustedCertificates/(Root|CA|TrustedPublisher|TrustedPeople)/"
    r"([0-9A-Fa-f]{40})/EncodedCertificate\Z"
)
_STORES = {"Root": "root", "CA": "intermediate", "TrustedPublisher": "publisher", "TrustedPeople": "people"}
_POLICIES = "./Device/Vendor/MSFT/ApplicationControl/Policies/"
_VPN = "./Device/Vendor/MSFT/VPNv2/"
_VPN_SECRET = re.compile(
    r"<(?:\w+:)?(?:l2tppsk|psk|presharedkey|sharedsecret|password|sharedkey)\b", re.IGNORECASE
)
_WIFI = "./Device/Vendor/MSFT/WiFi/Profile/"
_PROXY = "./Device/Vendor/MSFT/NetworkProxy/"
_CACHE = POLICY + "DeliveryOptimization/DOCacheHost"
_KEY = "env:HOLOFLEET_SECRET_WIFI_"
_SECURITY = {"OPEN": "open", "WPA2_PERSONAL": "wpa2-psk", "WPA3_PERSONAL": "wpa3-sae"}
_NOT_IN_A_REFERENCE = re.compile(r"[^A-Z0-9]+")


def certificates(nodes: Nodes) -> None:
    """Take certificates as files."""
    entries: list[dict[str, Any]] = []
    for setting in nodes.below("./Device/Vendor/MSFT/RootCATrustedCertificates/"):
        match = _CERTIFICATE.match(setting.oma_uri)
        content = _decoded(setting.data)
        if match is None or content is None:
            continue
        thumbprint = match[2].lower()
        if not _usable(content, thumbprint, match[1]):
            nodes.leave_out(
                setting.oma_uri, f"the certificate {thumbprint} was left out: it could do nothing there."
            )
            continue
        name = f"certificates/{thumbprint}.cer"
        entry = {"name": f"certificate-{thumbprint[:12]}", "file": name, "store": _STORES[match[1]]}
        if nodes.say("certificates", [*entries, entry], setting.oma_uri):
            entries.append(entry)
            nodes.file(name, content)


def app_control(nodes: Nodes) -> None:
    """Take app control policies as files; what the scenario would deny is left to them."""
    names: list[str] = []
    for setting in nodes.below(_POLICIES):
        policy_id = setting.oma_uri[len(_POLICIES) :].partition("/")[0].strip("{}").lower()
        content = _decoded(setting.data)
        if content is None or not setting.oma_uri.endswith("/Policy"):
            continue
        try:
            policy, _ = wdac.read_any(content)
        except InputError as error:
            nodes.leave_out(
                setting.oma_uri, f"the app control policy {policy_id[:40]} was left out: {error.summary}."
            )
            continue
        if wdac.dangers(policy) or str(policy.policy_id) != policy_id:
            nodes.leave_out(
                setting.oma_uri,
                f"the app control policy {policy_id[:40]} was left out: it could leave a headset unusable.",
            )
            continue
        name = f"policies/{policy.policy_id}-{_digest(content)}.cip"
        if nodes.say("app_control.policies", [*names, name], setting.oma_uri):
            names.append(nodes.file(name, content))
    if names:
        nodes.say("app_control.deny", [])


def vpn(nodes: Nodes) -> None:
    """Take the first VPN profile as a file; one with a key in it is left out."""
    for setting in nodes.below(_VPN):
        name, _, end = setting.oma_uri[len(_VPN) :].partition("/")
        if end != "ProfileXML":
            continue
        if _VPN_SECRET.search(setting.data) or "network.vpn" in nodes.said.keys:
            nodes.leave_out(setting.oma_uri, "a VPN profile was left out: it holds a key, or a second profile.")
            continue
        file = f"vpn/{_digest(setting.data.encode())}.xml"
        value = {"name": unquote(name), "profile_file": file, "delivery": "mdm"}
        if nodes.say("network.vpn", value, setting.oma_uri):
            nodes.file(file, setting.data.encode())


def wifi(nodes: Nodes) -> None:
    """Take Wi-Fi profiles; keys are left out, and a reference stands in their place."""
    entries: list[dict[str, Any]] = []
    for setting in nodes.below(_WIFI):
        if not setting.oma_uri.endswith("/WlanXml"):
            continue
        nodes.drop(setting.oma_uri)  # it may hold a key, so it never becomes a raw setting
        try:
            found = wlan.parse(setting.data)
        except InputError:
            nodes.leave_out(
                setting.oma_uri,
                "a Wi-Fi profile of a form that a fleet file does not know was left out, with its key.",
            )
            continue
        entry: dict[str, Any] = {"ssid": found.ssid, "security": _SECURITY[found.security.name]}
        if found.hidden:
            entry["hidden"] = True
        if not found.automatic:
            entry["auto_connect"] = False
        if entry["security"] != "open":
            taken = {one.get("psk") for one in entries}
            ending = _NOT_IN_A_REFERENCE.sub("_", found.ssid.upper()).strip("_") or str(len(entries) + 1)
            ending += f"_{len(entries) + 1}" if f"{_KEY}{ending}" in taken else ""
            entry["psk"] = f"{_KEY}{ending}"
            nodes.remark(
                f"the key of the Wi-Fi {found.ssid!r} is a secret and was left out; give it as {entry['psk']}."
            )
        if nodes.say_network("wifi", [*entries, entry]):
            entries.append(entry)
        else:
            nodes.leave_out(
                setting.oma_uri, f"the Wi-Fi {found.ssid[:40]!r} was left out: a fleet file cannot say it."
            )


def proxy(nodes: Nodes) -> None:
    """Take the proxy of a site, as its Wi-Fi profiles have it or for the whole device."""
    for name, key, mode in (
        ("ProxyPacUrl", "pac_url", "pac"),
        ("Proxy", "address", "static"),
        ("ProxyWPAD", "", "wpad"),
    ):
        uris = [s for s in nodes.below(_WIFI) if s.oma_uri.endswith(f"/{name}")]
        if uris and len({setting.data for setting in uris}) == 1:
            value = {"mode": mode} | ({key: uris[0].data} if key else {})
            nodes.say_network("proxy", value, *(setting.oma_uri for setting in uris))
    script, address = nodes.get(_PROXY + "SetupScriptUrl"), nodes.get(_PROXY + "ProxyServer/ProxyAddress")
    found: dict[str, Any] | None = None
    if script:
        found = {"mode": "pac", "pac_url": script}
    elif address:
        found = {"mode": "static", "address": address}
    elif nodes.get(_PROXY + "AutoDetect") == "1":
        found = {"mode": "wpad"}
    names = ("SetupScriptUrl", "ProxyServer/ProxyAddress", "AutoDetect", "ProxySettingsPerUser")
    if found is not None and "wifi" not in nodes.said.network:
        nodes.say_network("proxy", found, *(_PROXY + name for name in names))
    cache = nodes.get(_CACHE)
    if cache:
        nodes.say_network("update_cache", cache, _CACHE)


def kiosk(nodes: Nodes) -> None:
    """Take the kiosk as the import of kiosk documents does."""
    data = nodes.get(kiosks.NODE)
    if data is None:
        return
    nodes.drop(kiosks.NODE)
    try:
        draft = kiosk_import.read(data.encode())
    except InputError as error:
        nodes.leave_out(kiosks.NODE, f"the kiosk was left out: {error.summary}.")
        return
    said = kiosk_import.as_json(draft)
    for remark in draft.remarks:
        if remark.lost:
            nodes.remark(f"kiosk, line {remark.line}: {remark.text}")
    if not nodes.say("kiosk", said["kiosk"]):
        nodes.leave_out(kiosks.NODE, "the kiosk was left out: a fleet file cannot say it.")
        return
    whole = nodes.said.keys.pop("kiosk")  # beside what other nodes say of the kiosk
    nodes.said.keys.update({f"kiosk.{key}": value for key, value in whole.items()})
    nodes.said.groups |= {group["object_id"]: group["name"] for group in said["groups"]}
    nodes.said.people += [person["upn"] for person in said["people"]]


def _usable(content: bytes, thumbprint: str, store: str) -> bool:
    """Tell whether a certificate is the one that it is called, and one for its store."""
    try:
        found = read(content)
    except CertificateError:
        return False
    fits = store not in ("Root", "CA") or (found.authority and (store == "CA" or found.self_signed))
    return fits and found.thumbprint.lower() == thumbprint


def _digest(content: bytes) -> str:
    """Return what tells contents apart that have one name in the tenant."""
    return hashlib.sha256(content).hexdigest()[:12]


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


TAKERS: tuple[Callable[[Nodes], None], ...] = (certificates, app_control, vpn, wifi, proxy, kiosk)
