"""``restrictions``: common device restrictions; ``true`` always means that people may.

Writes policies of the areas Accounts, ApplicationManagement, Authentication, Connectivity, Experience,
MixedReality, Security, Settings and System. Serves EXT-23 (developer mode), EXT-24 (USB), EXT-25 (provisioning
packages), EXT-34 (the common list), PREP-09 (no personal accounts) and PREP-23 (VPN settings).
``restrictions.baseline`` is read by ``baseline.py``.

Source: 'HoloLens 2 common device restrictions' (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch

GROUP = Group(
    switches=(
        Switch("restrictions.developer_mode", POLICY + "ApplicationManagement/AllowDeveloperUnlock", ALLOWED),
        Switch("restrictions.usb_data", POLICY + "Connectivity/AllowUSBConnection", ALLOWED),
        Switch("restrictions.storage_card", POLICY + "System/AllowStorageCard", ALLOWED),
        Switch("restrictions.provisioning_packages.add", POLICY + "Security/AllowAddProvisioningPackage", ALLOWED),
        Switch(
            "restrictions.provisioning_packages.remove",
            POLICY + "Security/AllowRemoveProvisioningPackage",
            ALLOWED,
        ),
        Switch("restrictions.manual_unenrollment", POLICY + "Experience/AllowManualMDMUnenrollment", ALLOWED),
        Switch("restrictions.microsoft_accounts", POLICY + "Accounts/AllowMicrosoftAccountConnection", ALLOWED),
        Switch(
            "restrictions.private_store_only", POLICY + "ApplicationManagement/RequirePrivateStoreOnly", ALLOWED
        ),
        Switch("restrictions.side_loading", POLICY + "ApplicationManagement/AllowAllTrustedApps", ALLOWED),
        # The radio knows 0 and 2 only; 1 is refused.
        Switch("restrictions.bluetooth", POLICY + "Connectivity/AllowBluetooth", {True: 2, False: 0}),
        Switch("restrictions.vpn_settings", POLICY + "Settings/AllowVPN", ALLOWED),
        Switch("restrictions.fast_user_reconnect", POLICY + "Authentication/AllowFastReconnect", ALLOWED),
        Switch(
            "restrictions.diagnostics",
            POLICY + "MixedReality/FallbackDiagnostics",
            {"nobody": 0, "device-owners": 1, "everyone": 2},
        ),
    )
)
