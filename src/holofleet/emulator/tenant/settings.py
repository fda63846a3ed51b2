"""How slow, how small and how strict a tenant is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta

_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Delays:
    """How long things take. All nothing by default: then the next request already finds them done.

    Args:
        visible: Until reads find a new user or group, and show a change to one.
        members: Until reads show a changed membership.
        intune: Until Intune knows a new group.
        dynamic: Until a dynamic group follows a change.
        licenses: Until licenses of a group have arrived at its members.
        import_: Until an Autopilot import is decided.
        sync: Until a manual Autopilot sync is done; only then registered devices are listed.
        background_sync: Until they are listed without one.
        profile: Until a device has its Autopilot profile.
        removal: Until a removed Autopilot device has left the list.
        publishing: Until an app can be assigned.
        action: Until a device has carried out an action.
        export: Until an export can be fetched.
    """

    visible: timedelta = _NOTHING
    members: timedelta = _NOTHING
    intune: timedelta = _NOTHING
    dynamic: timedelta = _NOTHING
    licenses: timedelta = _NOTHING
    import_: timedelta = _NOTHING
    sync: timedelta = _NOTHING
    background_sync: timedelta = timedelta(hours=12)
    profile: timedelta = _NOTHING
    removal: timedelta = _NOTHING
    publishing: timedelta = _NOTHING
    action: timedelta = _NOTHING
    export: timedelta = _NOTHING

    @classmethod
    def like_the_service(cls, scale: float = 1.0) -> Delays:
        """Return delays as documentation and experience describe them, scaled.

        Sources: vendor documentation where it says so, else seen in other implementations: seconds for the
        directory, minutes for dynamic groups, licenses, imports and profiles.
        """
        seconds = {
            "visible": 8,
            "members": 5,
            "intune": 30,
            "dynamic": 120,
            "licenses": 60,
            "import_": 180,
            "sync": 60,
            "background_sync": 43_200,
            "profile": 300,
            "removal": 120,
            "publishing": 60,
            "action": 120,
            "export": 30,
        }
        return cls(**{part.name: timedelta(seconds=seconds[part.name] * scale) for part in fields(cls)})


@dataclass(frozen=True)
class Settings:
    """Properties of the service rather than of the fleet in it.

    Args:
        delays: See :class:`Delays`.
        seed: Ids that are made follow from it: the same requests give the same ids.
        page_sizes: Objects a page by collection, smaller than the service's own, so that paging is used.
        delegated: Whether requests count as made for a signed-in person: some things no application may do.
        premium: Whether the tenant has Entra P1: dynamic groups, group licensing, conditional access.
    """

    delays: Delays = field(default_factory=Delays)
    seed: int = 0
    page_sizes: Mapping[str, int] = field(default_factory=dict)
    delegated: bool = False
    premium: bool = True
