"""What each group of endpoints is for, in words for the engineer who opens it; and which traffic is left alone.

Sources: 'Manage connection endpoints for HoloLens', 'Common scenarios: near offline or isolated environments'
(Microsoft), and the pages that the catalog names. Which groups should not be inspected is our reading: Microsoft
says that inspection is possible and that its root must be on the headset first, which it cannot be in these.
"""

from __future__ import annotations

from collections.abc import Mapping

from holofleet.formats.allow_lists.names import covers

PURPOSES: Mapping[str, str] = {
    "near-offline-setup": "First start: joining the directory, setting up the PIN",
    "azure": "Activation and the Store, behind other names",
    "entra-mfa": "The second factor, asked for when a PIN is set up",
    "intune-mdm": "Enrollment in Intune and its settings",
    "autopilot": "Autopilot: the headset sets itself up",
    "certificates": "Asking whether certificates were revoked; needed by all others",
    "cortana-search": "Search by voice",
    "device-authentication": "The headset's own identity, for Autopilot, Store and updates",
    "device-metadata": "Descriptions of connected devices",
    "location": "The location service",
    "diagnostic-data": "Diagnostic data; update reports rest on it",
    "licensing": "Licenses of Windows and of apps",
    "microsoft-account": "Personal Microsoft accounts",
    "edge": "Lists of the browser",
    "fwlink": "Short links of the vendor, which updates and first start follow",
    "store": "Apps from the Microsoft Store and their updates",
    "ncsi": "The test for an Internet connection; without its answer the headset counts as offline",
    "office": "Office in the browser",
    "onedrive": "Files in OneDrive",
    "photos": "The Photos app",
    "settings": "Settings that Windows fetches for itself",
    "defender": "Protection against malicious software",
    "spotlight": "Pictures and tips",
    "windows-update": "System updates",
    "teams-media": "Voice and video of Remote Assist",
    "entra-auth": "Sign-in",
    "graph": "Names and contacts in Remote Assist",
    "remote-assist": "Remote Assist itself",
    "wns": "Notifications: orders and calls arrive at once",
    "ntp": "The right time, without which no certificate is valid",
    "delivery-optimization": "Downloads of system updates",
    "m365-unified": "The vendor's newer names for Teams, for experts",
    "site": "Added by the fleet file",
}

NOT_INSPECTED: Mapping[str, str] = {
    "near-offline-setup": "before any management",
    "autopilot": "before any management",
    "entra-auth": "before any management",
    "device-authentication": "before any management",
    "intune-mdm": "enrollment",
    "licensing": "activation",
    "windows-update": "pinned by the vendor",
    "delivery-optimization": "pinned by the vendor",
    "wns": "a lasting connection",
    "certificates": "plain HTTP answers",
    "ncsi": "plain HTTP answers",
}
"""Groups that TLS inspection should leave alone, and why: the root that signs inspected traffic is not there yet,
or the client accepts the vendor's certificates only."""

_DIRECT = ("*.wns.windows.com", "*.notify.live.net")
"""Names whose connections work through no proxy. Source: 'Enterprise firewall and proxy configurations to support
WNS traffic' (Microsoft)."""

TOO_WIDE = frozenset(
    {"*.microsoft.com", "*.live.com", "*.windows.net", "*.azure.com", "*.windows.com", "*.office.com"}
)
"""Wildcards that would open a whole vendor; they stand in no list. Ours."""


def purpose(group: str) -> str:
    """Return what a group is for; a group that is not described here by its name."""
    return PURPOSES.get(group, group)


def direct(host: str) -> bool:
    """Tell whether connections to a name work through no proxy."""
    return any(covers(pattern, host) for pattern in _DIRECT)
