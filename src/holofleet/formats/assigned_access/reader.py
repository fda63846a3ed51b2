"""Kiosk XML to values: reads what the schema allows and HoloLens can use, and says what is wrong, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from holofleet.errors import InputError
from holofleet.formats.assigned_access import names
from holofleet.formats.assigned_access.model import (
    App,
    Assignment,
    Configuration,
    MultiApp,
    Principal,
    PrincipalKind,
    Profile,
    SingleApp,
)
from holofleet.formats.assigned_access.rules import faults, of_app, of_principal, of_profile
from holofleet.formats.markup import Element, MarkupError
from holofleet.formats.markup import parse as parse_markup

_ID = re.compile(r"\{[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}\Z")
_TRUE = {"true": True, "1": True, "false": False, "0": False}


class AssignedAccessError(InputError):
    """A kiosk document that no HoloLens can use.

    ``faults`` holds one sentence per fault, with its line where there is one.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("the kiosk document cannot be used", detail=" ".join(faults))
        self.faults = faults


def parse(text: str | bytes) -> Configuration:
    """Read a kiosk document.

    Profile ids are not kept: ours come from the content of a profile.

    Raises:
        AssignedAccessError: not XML, not this schema, a reference to a profile that is not there, or a value
            that :func:`~holofleet.formats.assigned_access.faults` refuses.
    """
    try:
        root = parse_markup(text)
    except MarkupError as error:
        raise AssignedAccessError((f"{error.summary}.",)) from error
    reader = _Reader()
    configuration = reader.read(root)
    found = tuple(reader.faults) or faults(configuration)
    if found:
        raise AssignedAccessError(found)
    return configuration


class _Reader:
    """Collects faults while it reads; its values mean something only when there are none."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._profiles: dict[str, Profile] = {}
        self._given: set[str] = set()

    def _fault(self, element: Element, text: str) -> None:
        self.faults.append(f"Line {element.line}: {text}")

    def _broken(self, element: Element, rules: Iterable[str], *, known: int) -> None:
        """Add what rules say of a value, unless reading it has found faults since there were ``known`` of them."""
        if len(self.faults) == known:
            for text in rules:
                self._fault(element, text)

    def _only(self, parent: Element, *allowed: str) -> None:
        for child in parent.children:
            if child.name not in allowed:
                self._fault(child, f"{child.local} is not allowed in {parent.local} here.")

    def _one(self, parent: Element, name: str) -> Element | None:
        found = parent.all(name)
        if len(found) != 1:
            self._fault(parent, f"{parent.local} needs exactly one {name.rpartition('}')[2]}, not {len(found)}.")
        return found[0] if len(found) == 1 else None

    def read(self, root: Element) -> Configuration:
        if root.name != names.base("AssignedAccessConfiguration"):
            self._fault(root, f"the root is {root.local}, not AssignedAccessConfiguration of the 2017 schema.")
            return Configuration()
        profiles, configs = names.base("Profiles"), names.base("Configs")
        self._only(root, profiles, configs)
        for profile in (self._one(root, profiles) or root).all(names.base("Profile")):
            self._profile(profile)
        found = self._one(root, configs)
        return self._configs(found) if found else Configuration()

    def _profile(self, element: Element) -> None:
        key = element.attributes.get("Id", "")
        if not _ID.match(key):
            self._fault(element, f"the profile id {key!r} is not a GUID in braces.")
        if key.lower() in self._profiles:
            self._fault(element, f"the profile id {key} is there twice.")
        name = element.attributes.get("Name", "")
        single = element.all(names.base("KioskModeApp"))
        known = len(self.faults)
        profile = self._single(element, name) if single else self._multi(element, name)
        self._broken(element, of_profile(profile), known=known)
        self._profiles[key.lower()] = profile

    def _single(self, element: Element, name: str) -> Profile:
        self._only(element, names.base("KioskModeApp"))
        app = self._one(element, names.base("KioskModeApp"))
        marks = app.attributes if app else {}
        if app and set(marks) != {"AppUserModelId"}:
            self._fault(app, "KioskModeApp takes AppUserModelId and nothing else on HoloLens.")
        return SingleApp(marks.get("AppUserModelId", ""), name)

    def _multi(self, element: Element, name: str) -> Profile:
        order = [names.base(local) for local in ("AllAppsList", "StartLayout", "Taskbar")]
        self._only(element, *order)
        places = [order.index(child.name) for child in element.children if child.name in order]
        if places != sorted(places):
            self._fault(element, "the order in a Profile is AllAppsList, StartLayout, Taskbar.")
        listing = self._one(element, order[0])
        allowed = self._one(listing, names.base("AllowedApps")) if listing else None
        taskbar = self._one(element, order[2])
        layouts = element.all(order[1])
        return MultiApp(
            tuple(self._app(app) for app in allowed.children) if allowed else (),
            name,
            self._boolean(taskbar, "ShowTaskbar") if taskbar else True,
            layouts[0].text.strip() if layouts else "",
        )

    def _app(self, element: Element) -> App:
        marks = element.attributes
        launch, arguments = f"{{{names.RS5}}}AutoLaunch", f"{{{names.RS5}}}AutoLaunchArguments"
        known = len(self.faults)
        if element.name != names.base("App"):
            self._fault(element, f"{element.local} is not allowed in AllowedApps.")
        if strange := sorted(set(marks) - {"AppUserModelId", launch, arguments}):
            self._fault(element, f"HoloLens knows no attribute {strange[0].rpartition('}')[2]} of an App.")
        app = App(
            marks.get("AppUserModelId", ""),
            self._boolean(element, launch) if launch in marks else False,
            marks.get(arguments, ""),
        )
        self._broken(element, of_app(app), known=known)
        return app

    def _boolean(self, element: Element, name: str) -> bool:
        text = element.attributes.get(name, "")
        if text not in _TRUE:
            self._fault(element, f"{name.rpartition('}')[2]} of {element.local} is {text!r}, not true or false.")
        return _TRUE.get(text, False)

    def _configs(self, element: Element) -> Configuration:
        everyone = f"{{{names.V3}}}GlobalProfile"
        self._only(element, everyone, names.base("Config"))
        if len(element.all(everyone)) > 1 or any(c.name == everyone for c in element.children[1:]):
            self._fault(element, "GlobalProfile stands once, before every Config.")
        shared = element.all(everyone)[:1]
        known = len(self.faults)
        profile = self._reference(shared[0]) if shared else None
        if shared and known == len(self.faults) and isinstance(profile, SingleApp):
            self._fault(shared[0], "a single app for everyone is not documented for HoloLens.")
        return Configuration(
            profile,
            bool(shared) and self._excludes_owners(shared[0]),
            tuple(self._assignment(config) for config in element.all(names.base("Config"))),
        )

    def _reference(self, element: Element) -> Profile:
        key = element.attributes.get("Id", "")
        if key.lower() not in self._profiles:
            self._fault(element, f"{element.local} refers to the profile {key!r}, which is not there.")
        return self._profiles.get(key.lower(), SingleApp(""))

    def _excludes_owners(self, element: Element) -> bool:
        exclusions = f"{{{names.V5}}}Exclusions"
        self._only(element, exclusions)
        if not element.children:
            return False
        inner = self._one(element, exclusions)
        group = self._one(inner, f"{{{names.V5}}}SpecialGroup") if inner else None
        if group and group.attributes.get("Name") != "DeviceOwner":
            self._fault(group, "DeviceOwner is the only group that can be excluded.")
        return True

    def _assignment(self, element: Element) -> Assignment:
        default = names.base("DefaultProfile")
        if len(element.children) != 2 or element.children[1].name != default:
            self._fault(element, "a Config holds one principal, then DefaultProfile.")
            return Assignment(Principal(PrincipalKind.VISITOR), SingleApp(""))
        known = len(self.faults)
        principal = self._principal(element.children[0])
        self._broken(element.children[0], of_principal(principal), known=known)
        if known == len(self.faults) and str(principal).lower() in self._given:
            self._fault(element.children[0], f"a profile is given to {principal} already.")
        self._given.add(str(principal).lower())
        return Assignment(principal, self._reference(element.children[1]))

    def _principal(self, element: Element) -> Principal:
        marks = element.attributes
        match element.local if element.name == names.base(element.local) else "":
            case "Account":
                return Principal(PrincipalKind.ACCOUNT, element.text.strip())
            case "UserGroup":
                if marks.get("Type") != "AzureActiveDirectoryGroup":
                    self._fault(element, "HoloLens knows groups of Entra ID only (AzureActiveDirectoryGroup).")
                return Principal(PrincipalKind.ENTRA_GROUP, marks.get("Name", ""))
            case "SpecialGroup" if marks.get("Name") == "Visitor":
                return Principal.visitor()
            case "SpecialGroup" if marks.get("Name") == "DeviceOwner":
                return Principal(PrincipalKind.DEVICE_OWNER)
        self._fault(element, f"{element.local} is no principal that HoloLens knows.")
        return Principal.visitor()
