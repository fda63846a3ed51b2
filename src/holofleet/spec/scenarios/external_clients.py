"""'Deploy cloud connected HoloLens 2 to external clients' (Microsoft, 2024-06-27): headsets lent to clients."""

from __future__ import annotations

from holofleet.spec.scenarios.preset import Default, Preset

PRESET = Preset(
    name="external-clients",
    title="Deploy cloud connected HoloLens 2 to external clients",
    base="cloud-connected",
    values={
        "accounts.kind": Default("individual", "EXT-05"),
        "accounts.users": Default("per-headset", "EXT-02"),
        "accounts.password.reset": Default("on-return", "EXT-54"),
        "sign_in.pin.required": Default("true", "EXT-46"),
        "sign_in.pin.digits_only": Default("true", "EXT-46"),
        "sign_in.pin.min_length": Default("6", "EXT-46"),
        "kiosk.for": Default("everyone", "EXT-22"),
        "kiosk.except": Default(["device-owners"], "EXT-22"),
        "app_control.deny": Default(["edge", "edge-old", "mail-and-calendar"], "EXT-39"),
        "settings_pages.show": Default(["network"], "EXT-31"),
        "restrictions.developer_mode": Default("false", "EXT-23"),
        "restrictions.usb_data": Default("false", "EXT-24"),
        "restrictions.provisioning_packages.add": Default("false", "EXT-25"),
        "restrictions.provisioning_packages.remove": Default("false", "EXT-25"),
        "restrictions.manual_unenrollment": Default("false", "EXT-34"),
        "restrictions.microsoft_accounts": Default("false", "EXT-05"),
        "network.wifi.radio": Default("true", "EXT-10"),
        "network.wifi.manual": Default("true", "EXT-32"),
        "network.wifi.captive_portal_before_sign_in": Default("true", "EXT-32"),
        "network.vpn": Default("none", "PREP-22"),
        "updates.build": Default("newest-known", "EXT-13"),
        "apps.auto_update": Default("true", "EXT-29"),
        "assist.barrier": Default("client", "EXT-36"),
    },
)
