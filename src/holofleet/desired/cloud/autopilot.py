"""Autopilot profiles and status pages, from ``enrollment.autopilot``. Serves EXT-18, PREP-07, OFF-08.

Deployments may share a profile; then they must say the same about it.

Source: 'Windows Autopilot for HoloLens 2' (Microsoft); characters of a profile's name as the portal takes them.
"""

from __future__ import annotations

from holofleet.desired.cloud.draft import Draft, registered
from holofleet.resources import AutopilotProfile, StatusPage
from holofleet.spec.model.identity import AutopilotProfile as Said

_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("!#%^*)(-+;'><", " "))


def write(draft: Draft) -> None:
    """Write one profile and one status page for each name that deployments use."""
    said: dict[str, tuple[Said, list[str]]] = {}
    for deployment in draft.deployments:
        enrollment = deployment.settings.enrollment
        profile = enrollment.autopilot if enrollment is not None else None
        if profile is None or not any(registered(headset) for headset in deployment.headsets):
            continue
        first, users = said.setdefault(profile.profile, (profile, []))
        if _shape(first) != _shape(profile):
            draft.fault(
                f"enrollment.autopilot: {users[0]} and {deployment.name} say different things about the "
                f"profile {profile.profile}",
                detail="A tenant has one profile of a name.",
                mend="Give them different profiles, or say the same.",
                at=deployment.origin("enrollment.autopilot").position,
            )
        users.append(deployment.name)
    for name, (profile, users) in said.items():
        groups = _groups(draft, users)
        shown = " ".join(name.translate(_NOT_IN_A_NAME).split())
        draft.add(
            AutopilotProfile(
                name=name,
                display_name=shown,
                device_name=profile.device_name or "",
                language=profile.language or "",
                groups=groups,
            )
        )
        draft.add(
            StatusPage(
                name=name,
                display_name=shown,
                timeout_min=profile.timeout_min,
                reset_button=profile.reset_button,
                groups=groups,
            )
        )


def _shape(profile: Said) -> tuple[object, ...]:
    return profile.device_name, profile.language, profile.reset_button, profile.timeout_min


def _groups(draft: Draft, deployments: list[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            one.name
            for one in draft.cohorts
            if one.deployment.name in deployments and any(registered(headset) for headset in one.headsets)
        )
    )
