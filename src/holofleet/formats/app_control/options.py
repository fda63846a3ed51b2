"""The options of a policy: their texts in XML and their bits in the binary.

Source: what the vendor's compiler writes for each text, as published readers of compiled policies name the bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALWAYS = 0x8000_0000
SUPPLEMENTAL = 0x4000_0000

UMCI = "Enabled:UMCI"
AUDIT = "Enabled:Audit Mode"
UNSIGNED = "Enabled:Unsigned System Integrity Policy"
INVALIDATE_EAS = "Enabled:Invalidate EAs on Reboot"
INHERIT_DEFAULT = "Enabled:Inherit Default Policy"
ADVANCED_BOOT = "Enabled:Advanced Boot Options Menu"
ALLOW_SUPPLEMENTAL = "Enabled:Allow Supplemental Policies"
NO_REBOOT = "Enabled:Update Policy No Reboot"

BITS: Mapping[str, int] = MappingProxyType(
    {
        UMCI: 0x4,
        "Enabled:Boot Menu Protection": 0x8,
        "Enabled:Intelligent Security Graph Authorization": 0x10,
        INVALIDATE_EAS: 0x20,
        "Enabled:Windows Lockdown Trial Mode": 0x40,
        "Required:WHQL": 0x80,
        "Enabled:Developer Mode Dynamic Code Trust": 0x100,
        ALLOW_SUPPLEMENTAL: 0x400,
        "Disabled:Runtime FilePath Rule Protection": 0x800,
        "Enabled:Revoked Expired As Unsigned": 0x2000,
        AUDIT: 0x1_0000,
        "Disabled:Flight Signing": 0x2_0000,
        INHERIT_DEFAULT: 0x4_0000,
        UNSIGNED: 0x8_0000,
        "Enabled:Dynamic Code Security": 0x10_0000,
        "Required:EV Signers": 0x20_0000,
        "Enabled:Boot Audit On Failure": 0x40_0000,
        ADVANCED_BOOT: 0x80_0000,
        "Disabled:Script Enforcement": 0x100_0000,
        "Required:Enforce Store Applications": 0x200_0000,
        "Enabled:Secure Setting Policy": 0x400_0000,
        "Enabled:Managed Installer": 0x800_0000,
        NO_REBOOT: 0x1000_0000,
        "Enabled:Conditional Windows Lockdown Policy": 0x2000_0000,
    }
)
"""Bit by text, lowest bit first."""

CERTIFICATE_REMAPPING = "Disabled:Default Windows Certificate Remapping"
"""The one option without a bit: it becomes a setting of the policy."""
