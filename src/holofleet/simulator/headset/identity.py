"""Who a headset is: what its maker gave it, and what each enrollment gives it.

Hardware (serial, hardware id, MAC address, model) survives a wipe; DeviceID and key belong to one enrollment.
Everything but the key material follows from the serial and a seed, so that runs can be repeated.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass
from enum import Enum

MANUFACTURER = "Microsoft Corporation"
MODEL = "HoloLens 2"
OS_EDITION_HOLOGRAPHIC_FOR_BUSINESS = 136


class Dialect(Enum):
    """Which recorded Windows client a headset's messages look like: no recording of a HoloLens is public."""

    WINDOWS_10 = "windows-10"
    WINDOWS_11 = "windows-11"

    @classmethod
    def of_build(cls, build: str) -> Dialect:
        """Return the dialect of a Windows Holographic build: 10.0.22000 and newer descend from Windows 11."""
        return cls.WINDOWS_11 if int(build.split(".")[-2]) >= 22000 else cls.WINDOWS_10


@dataclass(frozen=True, slots=True)
class Hardware:
    """What survives a wipe."""

    serial: str
    hardware_id: str
    mac: str

    @classmethod
    def of_serial(cls, serial: str) -> Hardware:
        """Return the hardware of a serial; the same serial gives the same hardware."""
        digest = hashlib.sha256(f"hardware/{serial}".encode()).hexdigest().upper()
        return cls(serial, digest, f"02{digest[:10]}")


@dataclass(frozen=True, slots=True)
class DeviceName:
    """The ids of one enrollment: DeviceID, and the GUID that the certificate request quotes."""

    device_id: str
    guid: str

    @classmethod
    def of_enrollment(cls, serial: str, *, seed: int, number: int) -> DeviceName:
        """Return the ids of the ``number``-th enrollment of a headset."""
        dice = random.Random(f"device/{seed}/{serial}/{number}")  # noqa: S311  (an id, not a secret)
        device_id = f"{dice.getrandbits(128):032X}"
        return cls(device_id, str(uuid.UUID(int=dice.getrandbits(128), version=4)).upper())

    @property
    def common_name(self) -> str:
        """The CN of the certificate request: 30 characters of a GUID, ``!``, the DeviceID (63 characters)."""
        return f"{self.guid[:30]}!{self.device_id}"
