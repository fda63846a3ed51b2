"""'Deploying Remote Assist using a shared identity across multiple users' (Microsoft, 2024-06-27)."""

from __future__ import annotations

from holofleet.spec.scenarios.preset import Default, Preset

PRESET = Preset(
    name="shared-identity",
    title="Deploying Remote Assist using a shared identity across multiple users",
    base="cloud-connected",
    values={
        "accounts.kind": Default("shared-certificate", "SHR-01"),
        "accounts.users": Default("per-headset", "SHR-07"),
        "accounts.custody.check_out": Default("required", "SHR-37"),
        "accounts.audit.level": Default("sign-ins-and-calls", "SHR-38"),
        "sign_in.iris": Default("false", "SHR-19"),
        "sign_in.require_tpm": Default("true", "SHR-22"),
        "kiosk.for": Default("everyone", "SHR-25"),
        "kiosk.except": Default(["device-owners"], "SHR-25"),
        "app_control.deny": Default(["edge", "edge-old", "mail-and-calendar"], "SHR-29"),
        "settings_pages.show": Default(["network"], "SHR-26"),
        "restrictions.manual_unenrollment": Default("false", "SHR-16"),
        "restrictions.microsoft_accounts": Default("false", "SHR-16"),
    },
)
