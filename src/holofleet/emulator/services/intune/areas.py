"""What the services of Intune have in common: quota, words, least permissions."""

from __future__ import annotations

from holofleet.emulator.message import Family
from holofleet.emulator.routing import Area, Quota


def _area(quota: Quota, name: str) -> Area:
    read, write = f"{name}.Read.All", f"{name}.ReadWrite.All"
    return Area(quota, Family.INTUNE, read=(read, write), write=(write,))


CONFIGURATION = _area(Quota.CONFIGURATION, "DeviceManagementConfiguration")
ENROLLMENT = _area(Quota.ENROLLMENT, "DeviceManagementServiceConfig")
APPS = _area(Quota.CONFIGURATION, "DeviceManagementApps")
DEVICES = _area(Quota.DEVICES, "DeviceManagementManagedDevices")
ROLES = _area(Quota.CONFIGURATION, "DeviceManagementRBAC")
REPORTS = Area(Quota.EXPORT, Family.INTUNE, read=DEVICES.read, write=DEVICES.read)
ACTIONS = (
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
    *DEVICES.write,
)
