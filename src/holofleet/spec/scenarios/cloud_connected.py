"""'Prepare - Cloud connected guide' (Microsoft, 2024-06-27): headsets of your own people, online."""

from __future__ import annotations

from holofleet.spec.scenarios.preset import Default, Preset

PRESET = Preset(
    name="cloud-connected",
    title="Prepare - Cloud connected guide",
    values={
        "enrollment.join": Default("entra", "PREP-10"),
        "enrollment.automatic": Default("true", "PREP-10"),
        "tenant_lock": Default("false", "holofleet: a locked headset without a profile is stuck"),
        "accounts.kind": Default("individual", "PREP-09"),
        "sign_in.hello": Default("true", "PREP-12"),
        "restrictions.baseline": Default("standard", "Security baseline for HoloLens 2 (Microsoft)"),
        "restrictions.microsoft_accounts": Default("false", "PREP-09"),
        "network.wifi.radio": Default("true", "PREP-15"),
        "network.wifi.manual": Default("true", "PREP-16"),
        "network.wifi.captive_portal_before_sign_in": Default("true", "PREP-16"),
        "updates.source": Default("windows-update", "Update HoloLens (Microsoft)"),
        "apps.auto_update": Default("true", "Security baseline for HoloLens 2 (Microsoft)"),
        "assist.product": Default("holofleet", "holofleet: the vendor's product leaves support on 2026-12-31"),
        "assist.keep.headset": Default("nothing", "EXT-55"),
        "verify_every_h": Default("24", "holofleet"),
    },
)
