"""Before a headset is sent away, and before it is given away for good.

Ready to ship: Autopilot knows it under the file's group tag, the profile that it would be set up by is assigned
and is the file's, it is in its groups, and what these are given, the tenant lock among it, is in the tenant as the
file says. A headset that leaves without that is set up by nobody.

Released: the tenant lock is off and the headset itself said so, then its record in Intune goes, then its
registration, and it is waited for until the list no longer shows it. A locked headset without a registration can
never be set up again, so each step is refused while the one before is not proved.

Source: 'Windows Autopilot for HoloLens 2', 'Deregister a device' (Microsoft); 'windowsAutopilotDeviceIdentity',
Microsoft Graph reference (beta): the status is told by the list, not by the single object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from holofleet.errors import RefusedError
from holofleet.plans.render import some_of
from holofleet.resources import AutopilotProfile, DeviceGroup, Registration
from holofleet.targets.graph.kinds.device_groups import DeviceMembers
from holofleet.targets.graph.kinds.profiles import KIND as PROFILE
from holofleet.targets.graph.operations import autopilot, reports
from holofleet.targets.graph.reconcile import Scope, Wanted
from holofleet.targets.graph.reports import enrolled, reported
from holofleet.targets.graph.work import Work, ask, until

TENANT_LOCK: Final = "./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"
_EVERY_S: Final = 30.0
_GONE_WITHIN_S: Final = 1_800.0
_WORDS: Final[Mapping[str, str]] = {
    "assignedOutOfSync": "its profile is assigned, and not with its newest form; wait until it is in sync",
    "assignedUnkownSyncState": "its profile is assigned, and whether in sync is not known; wait",
    "failed": "its profile could not be assigned",
    "notAssigned": "no profile is assigned to it",
    "pending": "its profile is being assigned; this takes up to 15 minutes",
    "unknown": "whether a profile is assigned to it is not known; wait",
}
_DETAILS: Final[Mapping[str, str]] = {
    "hardwareRequirementsNotMet": "the device does not meet the profile's requirements",
    "holoLensProfileNotSupported": "the device is no HoloLens, or the profile is not for one",
    "windowsPcProfileNotSupported": "the profile is for PCs",
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a headset can be sent away; ``reasons`` say why not, as sentences without a full stop."""

    serial: str
    reasons: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """True when nothing speaks against it."""
        return not self.reasons


def readiness(
    scope: Scope, serials: Sequence[str], *, unlike: Iterable[Wanted] = ()
) -> Work[tuple[Readiness, ...]]:
    """Say of headsets whether they can be sent away: the same few lists, whatever their number.

    Args:
        scope: With the State that is wanted.
        serials: The headsets.
        unlike: What the tenant does not have as it is wanted, by the newest plan.
    """
    query = {"$expand": "deploymentProfile,intendedDeploymentProfile"}
    response = yield from ask(autopilot.LIST_IDENTITIES.request(query=query))
    held = yield from DeviceMembers("").memberships(scope, serials)
    lacking = [one for one in unlike if one.address.kind == PROFILE]
    known = {str(item.get("serialNumber")): item for item in response.value}
    wanted = _profiles(scope)
    registrations = scope.state.of_kind(Registration)
    return tuple(
        Readiness(
            one,
            (
                *_reasons(registrations.get(one), known.get(one), wanted.get(one)),
                *_outside(one, scope, held),
                *_untold(one, lacking),
            ),
        )
        for one in serials
    )


def _outside(serial: str, scope: Scope, held: Mapping[str, frozenset[str]]) -> Iterable[str]:
    """Yield which of its groups a headset is not in."""
    for group in scope.state.of_kind(DeviceGroup).values():
        if serial not in group.serials:
            continue
        if group.name not in held:
            yield f"the tenant has no group {group.display_name!r} of ours: apply the file"
        elif serial not in held[group.name]:
            how = "its rule takes it in within some minutes" if group.rule else "apply the file"
            yield f"it is not in the group {group.display_name!r}: {how}"


def _untold(serial: str, lacking: Iterable[Wanted]) -> Iterable[str]:
    """Yield what a headset would be told that is not in the tenant as the file says; its lock by name."""
    mine = [one for one in lacking if serial in one.serials]
    lock = TENANT_LOCK.removeprefix(".")
    if any(uri.endswith(lock) for one in mine for uri in one.properties):
        yield "the policy with its tenant lock is not in the tenant as the file says: apply the file"
    others = [str(one.address) for one in mine if not any(uri.endswith(lock) for uri in one.properties)]
    if others:
        yield f"not in the tenant as the file says: {some_of(others)}: apply the file"


def _profiles(scope: Scope) -> dict[str, AutopilotProfile]:
    """Return the profile that the file wants for each headset."""
    groups = scope.state.of_kind(DeviceGroup)
    return {
        serial: profile
        for profile in scope.state.of_kind(AutopilotProfile).values()
        for name in profile.groups
        if name in groups
        for serial in groups[name].serials
    }


def _reasons(
    registration: Registration | None, item: Mapping[str, Any] | None, profile: AutopilotProfile | None
) -> Sequence[str]:
    if registration is None:
        return ["the fleet file does not register it with Autopilot"]
    if item is None:
        how = "apply the file" if registration.hash_sha256 else "the file has no hardware hash of it"
        return [f"Autopilot does not know it: {how}"]
    reasons = []
    if (item.get("groupTag") or "") != registration.group_tag:
        reasons.append(f"its group tag is {item.get('groupTag')!r}, the file says {registration.group_tag!r}")
    status = str(item.get("deploymentProfileAssignmentStatus"))
    if status != "assignedInSync":
        detail = _DETAILS.get(str(item.get("deploymentProfileAssignmentDetailedStatus")))
        words = _WORDS.get(status, f"the status of its profile is {status}")
        reasons.append(f"{words} ({detail})" if detail else words)
    if profile is None:
        return [*reasons, "the fleet file gives it no Autopilot profile"]
    for name in ("deploymentProfile", "intendedDeploymentProfile"):
        given = item.get(name)
        if given is not None and given.get("displayName") != profile.display_name:
            reasons.append(f"its profile is {given.get('displayName')!r}, the file says {profile.display_name!r}")
            break
    return reasons


def release(scope: Scope, serial: str, *, unlocked: bool = False) -> Work[tuple[str, ...]]:
    """Give a headset away for good; return what was done, in order. Doing it twice does nothing more.

    Args:
        scope: With the State that is wanted.
        serial: The headset.
        unlocked: Somebody knows that its lock is off, where Intune has no record of it that could say so: it was
            never set up, or a release was cut short after its record was deleted.

    Raises:
        RefusedError: the file locks it, or nothing says that its lock is off.
        NeverError: it is still listed after half an hour.
    """
    registration = scope.state.of_kind(Registration).get(serial)
    if registration is not None and registration.locked:
        raise RefusedError(
            f"the fleet file locks {serial} to the tenant",
            mend="Move it into a deployment with tenant_lock: false, apply, and wait until it has checked in.",
        )
    done = []
    devices = [one for one in (yield from enrolled()) if one.serial == serial]
    if devices:
        yield from _require_unlocked(scope, serial)
        yield [reports.DELETE_MANAGED.request(id=one.id, accept={404}) for one in devices]
        done.append("its record in Intune is deleted")
    response = yield from ask(autopilot.LIST_IDENTITIES.request())
    identities = [str(item["id"]) for item in response.value if str(item.get("serialNumber")) == serial]
    if identities:
        if not devices and not unlocked:
            raise RefusedError(
                f"nothing says that the tenant lock of {serial} is off: Intune has no record of it",
                detail="Without its registration a locked headset is stuck in the first start for ever.",
                mend="If it was never set up, or a release just deleted its record, say --unlocked.",
            )
        yield [autopilot.DELETE_IDENTITY.request(id=one, accept={404}) for one in identities]
        yield from until(
            autopilot.LIST_IDENTITIES.request(),
            lambda answer: not any(str(item.get("serialNumber")) == serial for item in answer.value),
            every_s=_EVERY_S,
            within_s=_GONE_WITHIN_S,
            what=f"the end of the registration of {serial}",
        )
        done.append("its registration with Autopilot is deleted")
    return tuple(done)


def _require_unlocked(scope: Scope, serial: str) -> Work[None]:
    """Refuse to go on while the headset has not said that its lock is off.

    Raises:
        RefusedError: it has not.
    """
    found = (yield from reported(scope)).state
    headset = found.headsets.get(serial)
    settings = found.documents[headset.document].by_uri if headset is not None else {}
    lock = next((value for uri, value in settings.items() if uri.endswith(TENANT_LOCK.removeprefix("."))), None)
    if lock is None or lock.data.lower() != "false":
        raise RefusedError(
            f"{serial} has not said that its tenant lock is off",
            detail="Without its registration a locked headset is stuck in the first start for ever.",
            mend="Let it check in after the apply that switched the lock off, and try again.",
        )
