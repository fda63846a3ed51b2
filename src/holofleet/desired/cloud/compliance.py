"""Compliance policies: the build of ``updates.build``, and what ``tenant.compliance`` asks for. Serves EXT-13.

Only what a HoloLens evaluates: build, encryption, password. A headset that lags behind counts as not compliant
only after the time that the file itself lets updates wait, or that it may be away.

Source: 'windows10CompliancePolicy' and the compliance nodes of DeviceStatus CSP for HoloLens 2 (Microsoft).
"""

from __future__ import annotations

from holofleet.desired.cloud.draft import Draft
from holofleet.desired.variants import build_of
from holofleet.resources import CompliancePolicy
from holofleet.spec import DeploymentSettings

_HOURS = 24
_INSTALL_DAYS = 7
_RESTART_DAYS = 2
"""How long a headset may take without a deadline of ours.

Source: defaults of Update/ConfigureDeadlineForQualityUpdates and ConfigureDeadlineGracePeriod (Policy CSP).
"""
_MONTH_DAYS = 31
"""Longest time between two visits by a monthly rule. Source: the calendar."""


def write(draft: Draft) -> None:
    """Write one policy for each deployment that has headsets."""
    said = draft.spec.model.tenant.compliance
    for deployment in draft.deployments:
        updates = deployment.settings.updates
        named = updates is not None and updates.build is not None
        days = _grace_days(deployment.settings) if said.grace_days is None else said.grace_days
        draft.add(
            CompliancePolicy(
                name=deployment.name,
                display_name=f"HoloLens {deployment.name}",
                os_minimum=str(build_of(deployment)) if named else "",
                storage_encryption=True if said.encryption else None,
                password_required=said.password or None,
                grace_hours=min(days, 365) * _HOURS,
                groups=draft.groups_of(deployment.name),
            )
        )


def _grace_days(settings: DeploymentSettings) -> int:
    """Return the longest time for which a headset that does as the file says may have an old build."""
    return max(_waiting_days(settings), _away_days(settings))


def _waiting_days(settings: DeploymentSettings) -> int:
    updates = settings.updates
    deferral = updates.deferral if updates is not None else None
    deadline = updates.deadline if updates is not None else None
    waits = max(deferral.feature_days or 0, deferral.quality_days or 0) if deferral is not None else 0
    if deadline is None:
        return waits + _INSTALL_DAYS + _RESTART_DAYS
    said = [days for days in (deadline.feature_days, deadline.quality_days) if days is not None]
    restarts = deadline.grace_days if deadline.grace_days is not None else _RESTART_DAYS
    return waits + max(said, default=_INSTALL_DAYS) + restarts


def _away_days(settings: DeploymentSettings) -> int:
    reconnect = settings.reconnect
    if reconnect is None:
        return 0
    every = _MONTH_DAYS if reconnect.rule == "monthly" else reconnect.every.days if reconnect.every else 0
    window = reconnect.window.days if reconnect.window is not None else 1
    grace = reconnect.grace.days if reconnect.grace is not None else 0
    longest = reconnect.longest_absence.days if reconnect.longest_absence is not None else 0
    return max(every + window + grace, longest) if every or longest else 0
