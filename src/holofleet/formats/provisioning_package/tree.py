"""The files inside a ``.ppkg``, as the vendor's tool lays them out. EXPERIMENTAL: not tried on a headset.

A package holds its settings compiled to provisioning documents (``.provxml``), one for each CSP that they go to.
Seen in packages of the tool for desktops: the tree, policies and local accounts. Seen in one other
implementation only: networks and the bulk token. Not known: whether a HoloLens 2 takes settings groups that
the tool did not make, and how it spells anything else; that is refused (:func:`uncarried`).
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator

from holofleet.formats import wlan_profile
from holofleet.formats.markup import element
from holofleet.formats.provisioning_package.model import FirstExperience, Package
from holofleet.formats.provisioning_package.render import render, render_answers

_RUNTIME = "Multivariant/0/Prov/RunTime"
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_GROUPS = {
    "Accounts_Users": "316e2a31-250a-5f09-a0e1-d2e5c6b03559",
    "Accounts_Azure": "641c3728-5623-544a-9144-976a2dbf3ca9",
    "ConnectivityProfiles_WLAN_WLANSetting": "ac17da61-38b8-5bb9-bdaf-7436ac4eb133",
}
"""Ids of groups of settings that the tool writes into every package."""
_OWN_GROUPS = uuid.UUID("c0a4a3a5-6b0e-5f0c-8b6f-0f4b8d6f1d1e")
_LOCAL_GROUPS = {False: "1", True: "2"}
"""Users and Administrators. Source: Accounts CSP (Microsoft)."""


def uncarried(package: Package) -> Iterator[str]:
    """Yield a sentence for each thing that the container cannot hold, because its form is not known."""
    if package.enrollment is not None:
        yield "the enrollment with user name and password"
    if package.roots:
        yield f"{len(package.roots)} root certificates" if len(package.roots) > 1 else "a root certificate"
    if package.kiosk:
        yield "the kiosk"
    if package.first_experience != FirstExperience():
        yield "what the first set-up leaves out (skip_wifi, skip_calibration, skip_training)"


def tree(package: Package) -> dict[str, bytes]:
    """Return the files by path.

    Raises:
        ValueError: it says something that the container cannot hold, or XML cannot.
    """
    beyond = list(uncarried(package))
    if beyond:
        raise ValueError(f"a package file cannot hold {', '.join(beyond)}")
    documents = list(_documents(package))
    seen: Counter[str] = Counter()
    sets, files = [], {}
    for number, (path, document) in enumerate(documents):
        name = f"{number}__{path}.provxml"
        group = _GROUPS.get(path) or str(uuid.uuid5(_OWN_GROUPS, path))
        data = f"$(_prov)\\RunTime\\{name}"
        sets.append(
            element(
                "ConfigurationSet", {"Type": "provxml", "SettingsGroup": f"{group}_{seen[path]}", "Data": data}
            )
        )
        seen[path] += 1
        files[f"{_RUNTIME}/{name}"] = document
    event = element("EventList", None, element("Event", {"Name": "RunTime"}))
    source = element("ConfigurationSource", {"Name": "RunTime", "Path": "$(_prov)\\RunTime.xml"}, event)
    files |= {
        "CommonSettings/CommonSettings.xml": _elements("CommonSettings", "1"),
        "CommonSettings/1/AnswerFile.xml": render_answers(package),
        "Multivariant/Multivariant.xml": _elements("Multivariant", "0"),
        "Multivariant/0/customizations.xml": render(package),
        "Multivariant/0/MasterDatastore.xml": element("ConfigurationSourceList", {"Version": "1.0"}, source),
        f"{_RUNTIME}.xml": element("ConfigurationSource", {"Version": "1.0"}, sets),
    }
    return {path: _declared(text).encode() for path, text in sorted(files.items())}


def _declared(text: str) -> str:
    return text if text.startswith("<?xml") else _DECLARATION + text


def _elements(kind: str, index: str) -> str:
    return element("Elements", {"Type": kind}, element("Element", {"Index": index}))


def _documents(package: Package) -> Iterator[tuple[str, str]]:
    """Yield the provisioning documents, each with the path of its settings as the tool names files."""
    if package.bulk_token is not None:
        token = package.bulk_token
        parameters = _parameter("Authority", token.authority), _parameter("BPRT", token.token)
        yield "Accounts_Azure", _document(("AADJ",), *parameters)
    if package.local_user is not None:
        user = package.local_user
        group = _parameter("LocalUserGroup", _LOCAL_GROUPS[user.administrator], "integer")
        yield (
            "Accounts_Users",
            _document(("Accounts", "Users", user.name), _parameter("Password", user.password), group),
        )
    for network in package.networks:
        profile = _parameter("WlanXml", wlan_profile.render(network))
        path = ("WiFi", "Profile", wlan_profile.uri_segment(network.ssid))
        yield "ConnectivityProfiles_WLAN_WLANSetting", _document(path, profile)
    for policy in sorted(package.policies, key=lambda one: (one.area, one.name)):
        value = _parameter(policy.name, policy.value, "integer" if policy.integer else "string")
        yield f"Policies_{policy.area}_{policy.name}", _document(("Policy", "Config", policy.area), value)


def _parameter(name: str, value: str, kind: str = "string") -> str:
    return element("parm", {"name": name, "value": value, "datatype": kind})


def _document(path: tuple[str, ...], *parameters: str) -> str:
    content = "".join(parameters)
    for part in reversed(path):
        content = element("characteristic", {"type": part}, content)
    return element("wap-provisioningdoc", None, content)
