"""``network``: what people may do with Wi-Fi, and the own time server.

Writes policies of the areas MixedReality and Wifi. Serves EXT-10, EXT-32 and PREP-16. What a site brings (Wi-Fi
profiles, proxy) is written by ``site_network.py``, a VPN by ``vpn.py``.
"""

from __future__ import annotations

from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch
from holofleet.desired.sheet import Sheet, admx

_CLIENT = POLICY + "MixedReality/ConfigureNtpClient"
_ENABLED = POLICY + "MixedReality/NtpClientEnabled"


def _write(sheet: Sheet) -> None:
    time = sheet.wanted.value("network.time")
    if time is None:
        return
    # All seven values belong to the policy; besides the server they are Windows' own defaults. The flags 0x9 mean:
    # the special poll interval, and ask as a client.
    payload = admx(
        {
            "W32TIME_NtpServer": f"{time.server},0x9",
            "W32TIME_Type": "NTP",
            "W32TIME_CrossSiteSyncFlags": 2,
            "W32TIME_ResolvePeerBackoffMinutes": 15,
            "W32TIME_ResolvePeerBackoffMaxTimes": 7,
            "W32TIME_SpecialPollInterval": 1024,
            "W32TIME_NtpClientEventLogFlags": 0,
        }
    )
    sheet.node(_ENABLED, "<enabled/>", key="network.time")
    sheet.node(_CLIENT, payload, key="network.time")


GROUP = Group(
    switches=(
        Switch("network.wifi.radio", POLICY + "Wifi/AllowWiFi", ALLOWED),
        Switch("network.wifi.manual", POLICY + "Wifi/AllowManualWiFiConfiguration", ALLOWED),
        Switch(
            "network.wifi.captive_portal_before_sign_in",
            POLICY + "MixedReality/AllowCaptivePortalBeforeLogon",
            ALLOWED,
        ),
    ),
    writes={_CLIENT: "network.time", _ENABLED: "network.time"},
    write=_write,
)
