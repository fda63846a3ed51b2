"""Tenant settings that only a portal shows, and that shared accounts need a look at. Serves SHR-43 to SHR-50.

Source: 'Deploying Remote Assist using a shared identity', section Considerations (Microsoft, 2024-06-27).
"""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.desired.cloud.manual.job import ENTRA, Job
from holofleet.resources import ManualStep

_PORTAL = "Graph has no such setting; the portal alone shows it."
_USERS = f"Open {ENTRA}, Identity, Users, User settings."
_RESETS = {"off": "None", "selected": "Selected", "all": "All"}


def steps(job: Job) -> Iterator[ManualStep]:
    """Yield the reviews: all of them for shared accounts, else those that the file says something about."""
    tenant = job.spec.model.tenant
    shared = bool(job.deployments("shared-identity"))
    if shared:
        yield from _user_settings(job)
    if shared or (job.tenancy.headsets and tenant.password_reset is not None):
        yield _password_reset(job, attested=shared)
    if shared or (job.tenancy.headsets and tenant.state_roaming is not None):
        yield _state_roaming(job, attested=shared)


def _user_settings(job: Job) -> Iterator[ManualStep]:
    yield job.step(
        "admin-portal",
        "Close the administration portal to people without a role",
        reason=_PORTAL,
        rule="SHR-44",
        steps=(_USERS, "Set Restrict access to Microsoft Entra admin center to Yes, and save."),
        attested=True,
        see="access to the administration portal is closed for everyone without a role",
    )
    yield job.step(
        "linked-accounts",
        "Turn linked account connections off",
        reason=_PORTAL,
        rule="SHR-46",
        steps=(
            _USERS,
            "Set LinkedIn account connections to No, or to a group without shared accounts, and save.",
        ),
        attested=True,
        see="linked account connections are off",
    )
    yield job.step(
        "user-features",
        "Review user features",
        reason=_PORTAL,
        rule="SHR-47",
        steps=(
            _USERS,
            "Open Manage user feature settings.",
            "Set each feature to None, or to a group without shared accounts, and save.",
        ),
        attested=True,
        see="user features are off for shared accounts",
    )


def _password_reset(job: Job, *, attested: bool) -> ManualStep:
    said = job.spec.model.tenant.password_reset or "off"
    chosen = " and choose a group without headset accounts" if said == "selected" else ""
    warning = () if said != "all" else ("All lets headset accounts reset their passwords too: think again.",)
    return job.step(
        "password-reset",
        "Who may reset a password without help",
        reason="Graph shows this for administrators only; for everybody else the portal alone does.",
        rule="SHR-48",
        steps=(
            f"Open {ENTRA}, Protection, Password reset, Properties.",
            f"Set Self service password reset enabled to {_RESETS[said]}{chosen}, and save.",
            *warning,
        ),
        attested=attested,
        see=f"self-service password reset is set to {_RESETS[said]}",
    )


def _state_roaming(job: Job, *, attested: bool) -> ManualStep:
    on = bool(job.spec.model.tenant.state_roaming)
    return job.step(
        "state-roaming",
        "Enterprise State Roaming",
        reason=_PORTAL,
        rule="SHR-50",
        steps=(
            f"Open {ENTRA}, Identity, Devices, Overview, Enterprise State Roaming.",
            "Set Users may sync settings and app data across devices to "
            + ("All, or to a group without shared accounts" if on else "None")
            + ", and save.",
        ),
        attested=attested,
        see="Enterprise State Roaming is " + ("on for a group without shared accounts" if on else "off"),
    )
