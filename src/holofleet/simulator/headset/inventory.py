"""What a headset reports about itself: the nodes that it fills, from its hardware, name and build."""

from __future__ import annotations

from holofleet.simulator.headset.identity import MANUFACTURER, MODEL, Dialect, Hardware

PLATFORM = "Windows 10 Holographic"


def read_inventory(hardware: Hardware, *, device_name: str, build: str, device_id: str) -> dict[str, str]:
    """Return the values by LocURI in normal form.

    Source: DevInfo, DevDetail and DeviceStatus CSP documentation (Microsoft); which of these a HoloLens fills is
    assumed where no page says it.
    """
    platform = "Windows 11 Holographic" if Dialect.of_build(build) is Dialect.WINDOWS_11 else PLATFORM
    extended = "./DevDetail/Ext/Microsoft/"
    status = "./Device/Vendor/MSFT/DeviceStatus/"
    return {
        **dict(device_facts(device_id)),
        "./DevDetail/DevTyp": MODEL,
        "./DevDetail/OEM": MANUFACTURER,
        "./DevDetail/FwV": "10.0.220.1103",
        "./DevDetail/HwV": "2.0",
        "./DevDetail/SwV": build,
        "./DevDetail/LrgObj": "false",
        "./DevDetail/Ext/WLANMACAddress": hardware.mac,
        "./DevDetail/Ext/DeviceHardwareData": hardware.hardware_id,
        f"{extended}SMBIOSSerialNumber": hardware.serial,
        f"{extended}DeviceName": device_name,
        f"{extended}DNSComputerName": device_name,
        f"{extended}OSPlatform": platform,
        f"{extended}ProcessorArchitecture": "12",
        f"{extended}TotalRAM": "4096",
        f"{extended}TotalStorage": "65536",
        f"{extended}FreeStorage": "40960",
        f"{status}OS/Edition": "136",
        f"{status}Battery/Status": "1",
        f"{status}Battery/EstimatedChargeRemaining": "82",
        f"{status}Battery/EstimatedRuntime": "120",
        f"{status}SecureBootState": "1",
        f"{status}Compliance/EncryptionCompliance": "true",
    }


def device_facts(device_id: str) -> tuple[tuple[str, str], ...]:
    """Return the nodes of DevInfo that open each session, in the recorded order."""
    return (
        ("./DevInfo/DevId", device_id),
        ("./DevInfo/Man", MANUFACTURER),
        ("./DevInfo/Mod", MODEL),
        ("./DevInfo/DmV", "1.3"),
        ("./DevInfo/Lang", "en-US"),
    )
