"""Profiles of Intune as settings of headsets: what :mod:`.lowering` does, the other way round.

Lenient: what a profile holds beside what can be said by node is named, never dropped in silence.

Source: resource types ``omaSetting``, ``windowsUpdateForBusinessConfiguration``,
``windows81TrustedRootCertificate``, ``windows81SCEPCertificateProfile`` of the Microsoft Graph reference (beta).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from holofleet.formats import certificate as certificates
from holofleet.resources import Format, Setting, normal_uri
from holofleet.targets.graph.lowering import certificates as roots
from holofleet.targets.graph.lowering import ring, scep
from holofleet.targets.graph.lowering.profiles import CUSTOM
from holofleet.targets.graph.lowering.variables import SERIAL

_OMA: Final = "#microsoft.graph.omaSetting"
_FORMATS: Final = {
    "Integer": Format.INT,
    "Boolean": Format.BOOL,
    "Base64": Format.B64,
    "StringXml": Format.CHR,
    "String": Format.CHR,
    "FloatingPoint": Format.FLOAT,
}
_MASK: Final = "****"
"""What the service shows of a value that it keeps encrypted."""


@dataclass(slots=True)
class Raised:
    """Settings, and what could not become one."""

    settings: list[Setting] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def raised(item: Mapping[str, Any], texts: Mapping[str, Any]) -> Raised:
    """Return what a profile sets.

    Args:
        item: As the tenant lists it.
        texts: Plain texts of encrypted values, by their reference.
    """
    kind = str(item.get("@odata.type") or "")
    result = Raised()
    if kind == CUSTOM:
        for setting in item.get("omaSettings") or ():
            _custom(setting, texts, result)
    elif kind == ring.TYPE:
        result.settings += [_int(ring.UPDATE + node, data) for node, data in ring.nodes(item)]
        result.unread += [f"the property {name} of the update ring" for name in ring.unsaid(item)]
    elif kind == roots.TYPE:
        _root(item, result)
    elif kind != scep.TYPE:
        result.unread.append(f"all of it: profiles of the type {kind.rpartition('.')[2][:80]} are not read")
    return result


def _custom(setting: Mapping[str, Any], texts: Mapping[str, Any], result: Raised) -> None:
    name = str(setting.get("omaUri") or "")
    form = _FORMATS.get(str(setting.get("@odata.type") or "").removeprefix(_OMA))
    value = texts.get(str(setting.get("secretReferenceValueId")), setting.get("value"))
    try:
        uri = normal_uri(name)
    except ValueError:
        result.unread.append(f"{name[:200]!r}, which is no address of a node")
        return
    if form is None:
        result.unread.append(f"{uri}, a custom setting of another type")
    elif value is None or value == _MASK:
        result.unread.append(f"{uri}, whose value the tenant does not show")
    else:
        result.settings.append(Setting(uri, form, _text(setting, value).replace(SERIAL, "{{serial}}")))


def _text(setting: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if str(setting.get("@odata.type")) == _OMA + "StringXml":
        try:
            return base64.b64decode(str(value), validate=True).decode("utf-8-sig")
        except (binascii.Error, UnicodeDecodeError):
            return str(value)
    return str(value)


def _root(item: Mapping[str, Any], result: Raised) -> None:
    store = {there: ours for ours, there in roots.STORES.items()}.get(str(item.get("destinationStore")))
    try:
        content = base64.b64decode(str(item.get("trustedRootCertificate") or ""), validate=True)
        found = certificates.read(content)
    except (binascii.Error, ValueError, certificates.CertificateError):
        result.unread.append("its certificate, which cannot be read")
        return
    if store is None:
        result.unread.append("its certificate: it is for people, not for headsets")
        return
    uri = f"./Device/Vendor/MSFT/RootCATrustedCertificates/{store}/{found.thumbprint}/EncodedCertificate"
    result.settings.append(Setting(uri, Format.B64, found.base64))


def root_of(item: Mapping[str, Any]) -> str:
    """Return the thumbprint of a trusted root, empty for anything else."""
    found = Raised()
    if item.get("@odata.type") == roots.TYPE:
        _root(item, found)
    return next((setting.oma_uri.split("/")[-2] for setting in found.settings), "")


def account_in(item: Mapping[str, Any]) -> str:
    """Return the account that a SCEP profile puts into certificates, the serial number as ``{{serial}}``."""
    names: Iterator[str] = (
        str(one.get("name") or "")
        for one in item.get("customSubjectAlternativeNames") or ()
        if one.get("sanType") == "userPrincipalName"
    )
    return next(names, "").replace(SERIAL, "{{serial}}")


def _int(uri: str, data: str) -> Setting:
    return Setting(uri, Format.INT, data)
