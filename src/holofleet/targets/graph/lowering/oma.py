"""One node as a custom setting of Intune (``omaSetting``).

The type decides what Intune does with a value: integers and booleans stay readable, the others are stored
encrypted and read back as asterisks. Source: Microsoft Graph reference, resource type ``omaSetting``.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from holofleet.errors import InputError
from holofleet.resources import Format, Setting, normal_uri
from holofleet.targets.graph.lowering.variables import UnloweredError

VALUE_LIMIT = 350_000
"""Bytes of one value that Intune takes. Source: 'Deploy app control policies by custom OMA-URI' (Microsoft)."""
_TYPE: Final = "#microsoft.graph.omaSetting"
_INT32 = range(-(2**31), 2**31)


def encrypted(setting: Setting) -> bool:
    """Tell whether Intune stores the value encrypted, so that reading it back costs a request of its own."""
    return setting.format not in (Format.INT, Format.BOOL)


def oma_setting(setting: Setting) -> dict[str, Any]:
    """Return the custom setting of one node; variables are lowered already.

    Raises:
        UnloweredError: the value is larger than Intune takes, or its format has no custom setting.
    """
    uri = normal_uri(setting.oma_uri)
    name = uri.rsplit("/", 2)
    body: dict[str, Any] = {"displayName": "/".join(name[1:])[:255], "omaUri": uri}
    made = body | _value(setting)
    value = made["value"]
    if isinstance(value, str) and len(value.encode()) > VALUE_LIMIT:
        raise UnloweredError(
            f"{uri}: the value has {len(value.encode())} bytes",
            detail=f"Intune takes {VALUE_LIMIT}.",
            mend="Make it smaller, or deliver it by our own server.",
        )
    return made


def _value(setting: Setting) -> dict[str, Any]:
    data = setting.data
    if setting.format is Format.INT:
        return {"@odata.type": f"{_TYPE}Integer", "value": _integer(setting)}
    if setting.format is Format.BOOL:
        return {"@odata.type": f"{_TYPE}Boolean", "value": data.lower() == "true"}
    if setting.format is Format.B64:
        return {"@odata.type": f"{_TYPE}Base64", "fileName": "value.bin", "value": data}
    if setting.format in (Format.XML, Format.CHR) and data.lstrip().startswith("<"):
        coded = base64.b64encode(data.encode()).decode()
        return {"@odata.type": f"{_TYPE}StringXml", "fileName": "value.xml", "value": coded}
    if setting.format in (Format.CHR, Format.XML):
        return {"@odata.type": f"{_TYPE}String", "value": data}
    if setting.format is Format.FLOAT:
        return {"@odata.type": f"{_TYPE}FloatingPoint", "value": float(data)}
    raise UnloweredError(
        f"{setting.oma_uri}: Intune has no custom setting of format {setting.format}",
        mend="Deliver it by our own server, or by a native profile.",
    )


def _integer(setting: Setting) -> int:
    try:
        value = int(setting.data)
    except ValueError as error:
        raise InputError(f"{setting.oma_uri}: {setting.data[:40]!r} is no whole number") from error
    if value not in _INT32:
        raise UnloweredError(f"{setting.oma_uri}: {value} does not fit into 32 bits", mend="Use a smaller value.")
    return value
