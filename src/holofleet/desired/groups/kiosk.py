"""``kiosk``: what the start menu shows, to everyone and to single groups, people and visitors.

Writes ``AssignedAccess/Configuration`` and, for groups away from a network, the policy
``MixedReality/AADGroupMembershipCacheValidityInDays``. Serves EXT-22, EXT-48, SHR-25 to SHR-27 and OFF-16. The
document comes from :mod:`holofleet.formats.assigned_access`; apps are named by their short names of the
catalog, by ``PackageFamilyName!ApplicationId``, or ``assist``.
"""

from __future__ import annotations

from collections.abc import Iterable

from holofleet import catalog
from holofleet.desired.groups.group import POLICY, Group, Switch
from holofleet.desired.sheet import Sheet
from holofleet.formats import assigned_access
from holofleet.formats.assigned_access import (
    App,
    Assignment,
    Configuration,
    MultiApp,
    Principal,
    Profile,
    SingleApp,
)
from holofleet.spec.model.lockdown import Kiosk, KioskProfile

NODE = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
_KEYS = ("kiosk.apps", "kiosk.profiles", "kiosk.auto_launch", "kiosk.for", "kiosk.except")


class _UnusableError(Exception):
    """An app or a group of the kiosk cannot be named to a headset."""


def _write(sheet: Sheet) -> None:
    kiosk = sheet.wanted.settings.kiosk
    if kiosk is None:
        return
    if kiosk.for_ == "everyone" and kiosk.apps is None:
        sheet.undelivered("kiosk", "it is for everyone and names no apps (kiosk.apps), so there is no kiosk")
        return
    try:
        configuration = _configuration(sheet, kiosk)
    except _UnusableError as error:
        sheet.fault("compile/kiosk", f"kiosk: {error}", at=sheet.wanted.origin(_KEYS).position)
        return
    if configuration == Configuration():
        return
    wrong = assigned_access.faults(configuration)
    for fault in wrong:
        sheet.fault("compile/kiosk", f"kiosk: {fault}", at=sheet.wanted.origin(_KEYS).position)
    if not wrong:
        sheet.node(NODE, assigned_access.render(configuration), key=_KEYS)


def _configuration(sheet: Sheet, kiosk: Kiosk) -> Configuration:
    everyone: Profile | None = None
    if kiosk.apps is not None and kiosk.for_ != "listed":
        everyone = _multi(sheet, kiosk.apps, kiosk.auto_launch, "everyone")
    assignments = tuple(_assignment(sheet, profile) for profile in kiosk.profiles or ())
    return Configuration(everyone, everyone is not None and "device-owners" in (kiosk.except_ or ()), assignments)


def _assignment(sheet: Sheet, profile: KioskProfile) -> Assignment:
    principal = _principal(sheet, profile)
    name = profile.group or profile.user or profile.local_account or "visitors"
    if profile.single_app:
        return Assignment(principal, SingleApp(_aumids(sheet, profile.apps[0])[0], name))
    return Assignment(principal, _multi(sheet, profile.apps, profile.auto_launch, name))


def _principal(sheet: Sheet, profile: KioskProfile) -> Principal:
    if profile.user is not None:
        return Principal.entra_user(profile.user)
    if profile.local_account is not None:
        return Principal.local_account(profile.local_account)
    if profile.group is None:
        return Principal.visitor()
    found = next((g for g in sheet.wanted.spec.model.groups if g.name == profile.group), None)
    if found is None or found.object_id is None:
        raise _UnusableError(f"the group {profile.group} has no object_id; a headset knows groups by it")
    return Principal.entra_group(found.object_id)


def _multi(sheet: Sheet, apps: Iterable[str], auto_launch: str | None, name: str) -> MultiApp:
    listed: dict[str, App] = {}
    for app in apps:
        for place, aumid in enumerate(_aumids(sheet, app)):
            # Of an app with several tiles, the first one starts by itself.
            listed.setdefault(aumid, App(aumid, auto_launch=app == auto_launch and place == 0))
    return MultiApp(tuple(listed.values()), name)


def _aumids(sheet: Sheet, name: str) -> tuple[str, ...]:
    if "!" in name:
        return (name,)
    if name == "assist":
        return (_assist(sheet),)
    known = catalog.apps().get(name)
    if known is not None and known.aumids:
        return known.aumids
    if known is not None:
        raise _UnusableError(f"the app {name} has no tile in the start menu")
    raise _UnusableError(f"the app {name} is not known; name it as PackageFamilyName!ApplicationId")


def _assist(sheet: Sheet) -> str:
    """Return what opens a call: our app, the browser that is confined to our page, or the vendor's app."""
    assist = sheet.wanted.settings.assist
    if assist is not None and assist.product == "remote-assist":
        return catalog.apps()["remote-assist"].aumids[0]
    if assist is not None and assist.runs_in != "browser" and assist.app is not None:
        return f"{assist.app.package_family_name}!{assist.app.application_id}"
    if assist is not None and assist.runs_in == "app":
        raise _UnusableError("the app assist runs in an app of its own, and assist.app does not name it")
    return catalog.apps()["edge"].aumids[0]


GROUP = Group(
    switches=(Switch("kiosk.group_cache_days", POLICY + "MixedReality/AADGroupMembershipCacheValidityInDays"),),
    writes={NODE: "kiosk"},
    write=_write,
)
