"""``first_start``: what the first start of a headset leaves out.

Writes ``Policy/Config/MixedReality/SkipCalibrationDuringSetup`` and ``SkipTrainingDuringSetup``.

Source: 'Set up new users quickly' (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.groups.group import ALLOWED, POLICY, Group, Switch

GROUP = Group(
    switches=(
        Switch("first_start.skip_calibration", POLICY + "MixedReality/SkipCalibrationDuringSetup", ALLOWED),
        Switch("first_start.skip_training", POLICY + "MixedReality/SkipTrainingDuringSetup", ALLOWED),
    )
)
