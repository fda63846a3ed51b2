"""'Common scenarios: near offline or isolated environments' (Microsoft, 2024-06-27): monthly on the network."""

from __future__ import annotations

from holofleet.spec.scenarios.preset import Default, Preset

PRESET = Preset(
    name="near-offline",
    title="Common scenarios: near offline or isolated environments",
    base="cloud-connected",
    values={
        "sign_in.hello": Default("true", "OFF-07"),
        "sign_in.pin.required": Default("true", "OFF-16"),
        "kiosk.group_cache_days": Default("45", "OFF-16"),
        "settings_pages.show": Default(
            [
                "network",
                "workplace",
                "windowsupdate",
                "windowsupdate-action",
                "windowsupdate-options",
                "windowsupdate-restartoptions",
            ],
            "OFF-45",
        ),
        "privacy.telemetry": Default("required", "OFF-33"),
        "updates.source": Default("windows-update", "OFF-10"),
        "apps.auto_update": Default("true", "OFF-43"),
        "reconnect.rule": Default("monthly", "OFF-17"),
        "reconnect.week": Default("second", "OFF-42"),
        "reconnect.day": Default("wednesday", "OFF-42"),
        "reconnect.after_patch_tuesday": Default("true", "OFF-42"),
    },
)
