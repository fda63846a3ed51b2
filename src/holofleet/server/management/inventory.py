"""What is asked of every headset beside its settings, and how it is called."""

from __future__ import annotations

from holofleet.resources import normal_uri

SERIAL = "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"
OS_BUILD = "./DevDetail/SwV"

ASKED: dict[str, str] = {
    SERIAL: "serial",
    OS_BUILD: "os_build",
    "./DevDetail/Ext/Microsoft/DeviceName": "device_name",
    "./DevDetail/Ext/Microsoft/OSPlatform": "os_platform",
    "./DevDetail/Ext/WLANMACAddress": "wlan_mac",
    "./DevDetail/DevTyp": "device_type",
    "./DevDetail/OEM": "oem",
    "./DevDetail/FwV": "firmware",
}
"""Names by LocURI, in the order in which they are read. Source: DevDetail CSP (Microsoft)."""

TOLD: dict[str, str] = {
    "./DevInfo/DevId": "device_id",
    "./DevInfo/Man": "manufacturer",
    "./DevInfo/Mod": "model",
    "./DevInfo/DmV": "dm_client",
    "./DevInfo/Lang": "language",
}
"""What a headset says unasked at the start of each session. Source: DevInfo CSP (Microsoft)."""

MAX_VALUE = 256
"""Characters of a value that are kept. Ours."""


def told(uri: str) -> str | None:
    """Return the name of what a headset says unasked at a LocURI, however it is spelt."""
    name = TOLD.get(uri)
    if name is None:
        try:
            name = TOLD.get(normal_uri(uri))
        except ValueError:
            return None
    return name


def clean(value: str) -> str:
    """Return a value as it is kept: one line, bounded, without control characters."""
    value = value.strip()
    if value.isprintable() and len(value) <= MAX_VALUE:
        return value
    return "".join(char for char in value.strip() if char.isprintable())[:MAX_VALUE]
