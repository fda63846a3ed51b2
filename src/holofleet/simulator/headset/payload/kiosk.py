"""Assigned access as a headset reads it, and what it means for the person who signs in.

Source: 'Assigned Access XML schema' (Microsoft, 2024-04-08), and the HoloLens kiosk documentation for what is
only possible on a headset: apps are named by AUMID, the global profile may spare device owners only, a group is
named by its object id. Namespaces are matched by URI: the prefixes of published samples mean different things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from holofleet.simulator.headset import markup
from holofleet.simulator.headset.markup import Element, MarkupError, content, local_name
from holofleet.simulator.headset.payload.error import PayloadError

_SPACE = "http://schemas.microsoft.com/AssignedAccess/"
BASE = f"{{{_SPACE}2017/config}}"
V201810 = f"{{{_SPACE}201810/config}}"
V2020 = f"{{{_SPACE}2020/config}}"
V202010 = f"{{{_SPACE}202010/config}}"
_KNOWN = (BASE, V201810, V2020, V202010)
_GUID = re.compile(r"\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}\Z")
_BARE_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_AUMID = re.compile(r"[^!\s]+_[a-z0-9]{13}![^!\s]+\Z")
_BOOLEANS = ("true", "false", "1", "0")


@dataclass(frozen=True, slots=True)
class KioskProfile:
    """The apps of one profile. ``single`` profiles start their one app and show no Start menu."""

    apps: tuple[str, ...]
    auto_launch: str | None
    single: bool


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A configuration. Keys of ``assignments``: ``user:NAME``, ``group:OBJECT-ID``, ``special:Visitor``."""

    profiles: dict[str, KioskProfile]
    global_profile: str | None = None
    spares_owners: bool = False
    assignments: dict[str, str] = field(default_factory=dict)

    def profile_for(
        self, *, account: str = "", groups: tuple[str, ...] = (), owner: bool = False, visitor: bool = False
    ) -> KioskProfile | None:
        """Return the profile that a person gets at sign-in; None means the full Start menu.

        A person's own entry wins over one for a group, and both over the global profile.
        """
        keys = [f"user:{account.lower()}", *(f"group:{group.lower()}" for group in groups)]
        keys += ["special:deviceowner"] * owner + ["special:visitor"] * visitor
        for key in keys:
            if key in self.assignments:
                return self.profiles[self.assignments[key]]
        if self.global_profile is None or (owner and self.spares_owners):
            return None
        return self.profiles[self.global_profile]


def read_kiosk(data: str) -> Kiosk:
    """Read an AssignedAccessConfiguration.

    Raises:
        PayloadError: a headset could not apply it.
    """
    root = _parse(data)
    _refuse_foreign(root)
    if root.tag != f"{BASE}AssignedAccessConfiguration":
        raise PayloadError(f"the root is {root.tag}, not AssignedAccessConfiguration of 2017")
    if sorted(local_name(child) for child in root) != ["Configs", "Profiles"]:
        raise PayloadError("exactly one Profiles and one Configs are needed")
    profiles = _read_profiles(_one(root, f"{BASE}Profiles"))
    configs = list(_one(root, f"{BASE}Configs"))
    global_profile, spares_owners = None, False
    if configs and configs[0].tag == f"{V2020}GlobalProfile":
        first = configs.pop(0)
        global_profile, spares_owners = _reference(first, profiles), _read_exclusions(first)
    assignments: dict[str, str] = {}
    for config in configs:
        if config.tag != f"{BASE}Config":
            raise PayloadError(f"{local_name(config)} is not allowed at this place of Configs")
        key, profile = _read_config(config, profiles)
        if key in assignments:
            raise PayloadError(f"two configurations for {key}")
        assignments[key] = profile
    return Kiosk(profiles, global_profile, spares_owners, assignments)


def _parse(data: str) -> Element:
    try:
        return markup.parse(data.strip().encode())
    except MarkupError as error:
        raise PayloadError(str(error)) from error


def _refuse_foreign(root: Element) -> None:
    for element in root.iter():
        if f"{{{markup.namespace(element)}}}" not in _KNOWN:
            raise PayloadError(f"{element.tag} is of a namespace that HoloLens does not know")


def _one(parent: Element, tag: str) -> Element:
    found = parent.findall(tag)
    if len(found) != 1:
        raise PayloadError(f"{local_name(parent)} has {len(found)} elements {tag}")
    return found[0]


def _profile_id(element: Element) -> str:
    value = element.get("Id", "")
    if not _GUID.match(value):
        raise PayloadError(f"{local_name(element)} Id {value!r} is no GUID in braces")
    return value.lower()


def _reference(element: Element, profiles: dict[str, KioskProfile]) -> str:
    value = _profile_id(element)
    if value not in profiles:
        raise PayloadError(f"{local_name(element)} refers to {value}, which is no profile")
    return value


def _read_profiles(parent: Element) -> dict[str, KioskProfile]:
    profiles: dict[str, KioskProfile] = {}
    for element in parent:
        if element.tag != f"{BASE}Profile":
            raise PayloadError(f"{local_name(element)} among the profiles")
        key = _profile_id(element)
        if key in profiles:
            raise PayloadError(f"two profiles with Id {key}")
        profiles[key] = _read_profile(element)
    if not profiles:
        raise PayloadError("no profile")
    return profiles


def _read_profile(element: Element) -> KioskProfile:
    names = [child.tag for child in element]
    if names == [f"{BASE}KioskModeApp"]:
        app = element[0]
        if set(app.attrib) != {"AppUserModelId"}:
            raise PayloadError(
                f"KioskModeApp has the attributes {sorted(app.attrib)}, only AppUserModelId is allowed"
            )
        aumid = _aumid(app)
        return KioskProfile((aumid,), aumid, single=True)
    order = [
        f"{BASE}AllAppsList",
        f"{V201810}FileExplorerNamespaceRestrictions",
        f"{BASE}StartLayout",
        f"{BASE}Taskbar",
    ]
    if [tag for tag in order if tag in names] != names:
        raise PayloadError(
            f"the parts of a profile stand in the order {[tag.rpartition('}')[2] for tag in names]}"
        )
    if f"{BASE}Taskbar" not in names or f"{BASE}AllAppsList" not in names:
        raise PayloadError("a profile for several apps needs AllAppsList and Taskbar")
    if _one(element, f"{BASE}Taskbar").get("ShowTaskbar") not in _BOOLEANS:
        raise PayloadError("Taskbar needs ShowTaskbar, true or false")
    layout = element.find(f"{BASE}StartLayout")
    if layout is not None:
        _parse(layout.text or "")
    return _read_apps(_one(_one(element, f"{BASE}AllAppsList"), f"{BASE}AllowedApps"))


def _read_apps(parent: Element) -> KioskProfile:
    apps: list[str] = []
    launches: list[str] = []
    for app in parent:
        if app.tag != f"{BASE}App":
            raise PayloadError(f"{local_name(app)} among the allowed apps")
        aumid = _aumid(app)
        if aumid.lower() in (known.lower() for known in apps):
            raise PayloadError(f"app {aumid} stands twice in one profile")
        apps.append(aumid)
        launch = app.get(f"{V201810}AutoLaunch")
        if launch is not None and launch not in _BOOLEANS:
            raise PayloadError(f"AutoLaunch {launch!r} is neither true nor false")
        if launch in ("true", "1"):
            launches.append(aumid)
    if not apps:
        raise PayloadError("no allowed app")
    if len(launches) > 1:
        raise PayloadError("more than one app starts by itself")
    return KioskProfile(tuple(apps), launches[0] if launches else None, single=False)


def _aumid(app: Element) -> str:
    value = app.get("AppUserModelId", "")
    if not _AUMID.match(value):
        raise PayloadError(f"{value!r} is no AUMID; an app of a headset has no path")
    return value


def _read_exclusions(element: Element) -> bool:
    if not len(element):
        return False
    if [child.tag for child in element] != [f"{V202010}Exclusions"]:
        raise PayloadError("GlobalProfile holds something other than Exclusions of 202010")
    groups = list(element[0])
    if len(groups) != 1 or groups[0].tag != f"{V202010}SpecialGroup" or groups[0].get("Name") != "DeviceOwner":
        raise PayloadError("Exclusions may name the special group DeviceOwner and nothing else")
    return True


def _read_config(element: Element, profiles: dict[str, KioskProfile]) -> tuple[str, str]:
    if len(element) != 2 or element[1].tag != f"{BASE}DefaultProfile":
        raise PayloadError("a Config holds one principal and then DefaultProfile")
    return _principal(element[0]), _reference(element[1], profiles)


def _principal(who: Element) -> str:
    if who.tag == f"{BASE}Account" and content(who):
        return f"user:{content(who).lower()}"
    if who.tag == f"{BASE}UserGroup":
        if who.get("Type") != "AzureActiveDirectoryGroup":
            raise PayloadError(f"a headset knows Entra groups only, not {who.get('Type')}")
        if not _BARE_GUID.match(who.get("Name", "")):
            raise PayloadError(f"group {who.get('Name')!r} is no object id (a GUID without braces)")
        return f"group:{who.get('Name', '').lower()}"
    if who.tag == f"{BASE}SpecialGroup" and who.get("Name") in ("Visitor", "DeviceOwner"):
        return f"special:{who.get('Name', '').lower()}"
    raise PayloadError(f"{local_name(who)} is no principal that a headset knows")
