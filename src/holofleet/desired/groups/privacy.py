"""``privacy``: what apps may use, and what the system reports.

Writes policies of the areas Privacy and System. Serves EXT-34, and OFF-33 by the telemetry level. Calls need
camera and microphone; denying them is a finding of the checks, not of the compiler.
"""

from __future__ import annotations

from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch

_APPS = {"user": 0, "allow": 1, "deny": 2}

GROUP = Group(
    switches=(
        Switch("privacy.camera", POLICY + "Privacy/LetAppsAccessCamera", _APPS),
        Switch("privacy.microphone", POLICY + "Privacy/LetAppsAccessMicrophone", _APPS),
        Switch("privacy.account_info", POLICY + "Privacy/LetAppsAccessAccountInfo", _APPS),
        Switch("privacy.movements", POLICY + "Privacy/LetAppsAccessBackgroundSpatialPerception", _APPS),
        # 1 would leave the location service to the wearer; the key says whether it runs.
        Switch("privacy.location_service", POLICY + "System/AllowLocation", {True: 2, False: 0}),
        Switch("privacy.speech", POLICY + "Privacy/AllowInputPersonalization", ALLOWED),
        Switch("privacy.telemetry", POLICY + "System/AllowTelemetry", {"off": 0, "required": 1, "optional": 3}),
    )
)
