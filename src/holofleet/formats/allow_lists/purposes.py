"""What each endpoint group is for, in words for a network engineer, and which groups must not be inspected."""

from __future__ import annotations

from typing import Final

OWN: Final = "own"
"""Group of what the fleet file adds to the catalog."""

PURPOSES: Final[dict[str, str]] = {
    "near-offline-setup": "first start: connection test, sign-in pages, PIN",
    "azure": "activation and content of the operating system",
    "entra-mfa": "second factor at sign-in",
    "intune-mdm": "management by Intune",
    "autopilot": "set-up without a person, and proof of the security chip",
    "certificates": "revocation lists, over plain HTTP",
    "cortana-search": "search by voice",
    "device-authentication": "the device proves itself: sign-in, Autopilot, updates",
    "device-metadata": "data about connected devices",
    "location": "position from nearby networks",
    "diagnostic-data": "diagnostic data, and what updates are offered by",
    "licensing": "licenses of the system and of apps",
    "microsoft-account": "private Microsoft accounts",
    "edge": "compatibility list of the browser",
    "fwlink": "short links of the system to its services",
    "store": "apps and their updates",
    "ncsi": "test whether there is an Internet connection, over plain HTTP",
    "office": "Office on the web",
    "onedrive": "files and snapshots in OneDrive",
    "photos": "the Photos app",
    "settings": "settings that the vendor sends to the system",
    "defender": "protection against malware and dangerous pages",
    "spotlight": "pictures and tips",
    "windows-update": "system updates",
    "teams-media": "voice and video of Remote Assist calls",
    "entra-auth": "sign-in and joining with Microsoft Entra ID",
    "graph": "directory and calendar of Remote Assist",
    "remote-assist": "configuration and files of Remote Assist",
    "wns": "push: management at once, and calls that ring",
    "ntp": "the time; with a wrong clock no TLS connection holds",
    "delivery-optimization": "download of updates and apps",
    "m365-unified": "Teams of the expert at the other end",
    OWN: "servers of your own",
}

NOT_INSPECTED: Final = frozenset(
    {
        "near-offline-setup",
        "entra-auth",
        "entra-mfa",
        "autopilot",
        "intune-mdm",
        "certificates",
        "device-authentication",
        "licensing",
        "ncsi",
        "windows-update",
        "delivery-optimization",
        "wns",
        OWN,
    }
)
"""Called before a headset can know the network's root, pinned by the vendor, or with a client certificate.

A reading of the vendor's pages on first start, Autopilot, updates and push; not a list of theirs.
"""

DIRECT: Final = ("wns.windows.com", "notify.live.net")
"""Push: names below which nothing works through a proxy (vendor documentation of the push service)."""
