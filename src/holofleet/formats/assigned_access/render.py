"""Kiosk values to XML: element order, namespaces and prefixes as the published schema and samples have them."""

from __future__ import annotations

from holofleet.formats.assigned_access import names
from holofleet.formats.assigned_access.model import App, Configuration, MultiApp, Principal, PrincipalKind, Profile
from holofleet.formats.assigned_access.rules import faults
from holofleet.formats.markup import element, escape

_LAYOUT = (
    '<LayoutModificationTemplate xmlns="http://schemas.microsoft.com/Start/2014/LayoutModification"'
    ' xmlns:defaultlayout="http://schemas.microsoft.com/Start/2014/FullDefaultLayout"'
    ' xmlns:start="http://schemas.microsoft.com/Start/2014/StartLayout" Version="1">'
    '<LayoutOptions StartTileGroupCellWidth="6"/><DefaultLayoutOverride><StartLayoutCollection>'
    '<defaultlayout:StartLayout GroupCellWidth="6"><start:Group Name="">'
    '<start:Tile Size="2x2" Column="0" Row="0" AppUserModelID="{aumid}"/>'
    "</start:Group></defaultlayout:StartLayout></StartLayoutCollection></DefaultLayoutOverride>"
    "</LayoutModificationTemplate>"
)
"""HoloLens ignores the layout, but the first schema requires one: its one tile is the first app."""


def render(configuration: Configuration) -> str:
    """Render a kiosk as the value of its CSP node: one line, no XML declaration, since it travels as text.

    The start layout is escaped, not put into CDATA, so that a sender may itself use CDATA.

    Raises:
        ValueError: :func:`~holofleet.formats.assigned_access.faults` found something.
    """
    wrong = faults(configuration)
    if wrong:
        raise ValueError(" ".join(wrong))
    profiles = element("Profiles", None, (_profile(profile) for profile in configuration.profiles))
    configs = element("Configs", None, [*_everyone(configuration), *_assignments(configuration)])
    body = profiles + configs
    marks = {"xmlns": names.BASE}
    for prefix, namespace in (("rs5", names.RS5), ("v3", names.V3), ("v5", names.V5)):
        if f"{prefix}:" in body:
            marks[f"xmlns:{prefix}"] = namespace
    return element("AssignedAccessConfiguration", marks, body)


def _profile(profile: Profile) -> str:
    marks = {"Id": profile.id} | ({"Name": profile.name} if profile.name else {})
    if not isinstance(profile, MultiApp):
        return element("Profile", marks, element("KioskModeApp", {"AppUserModelId": profile.aumid}))
    layout = profile.start_layout or _LAYOUT.replace("{aumid}", escape(profile.apps[0].aumid))
    apps = element("AllAppsList", None, element("AllowedApps", None, (_app(app) for app in profile.apps)))
    taskbar = element("Taskbar", {"ShowTaskbar": "true" if profile.taskbar else "false"})
    return element("Profile", marks, apps + element("StartLayout", None, escape(layout)) + taskbar)


def _app(app: App) -> str:
    marks = {"AppUserModelId": app.aumid}
    if app.auto_launch:
        marks["rs5:AutoLaunch"] = "true"
    if app.arguments:
        marks["rs5:AutoLaunchArguments"] = app.arguments
    return element("App", marks)


def _everyone(configuration: Configuration) -> list[str]:
    if configuration.everyone is None:
        return []
    owners = element("v5:Exclusions", None, element("v5:SpecialGroup", {"Name": "DeviceOwner"}))
    inner = owners if configuration.except_device_owners else ""
    return [element("v3:GlobalProfile", {"Id": configuration.everyone.id}, inner)]


def _assignments(configuration: Configuration) -> list[str]:
    return [
        element("Config", None, _principal(a.principal) + element("DefaultProfile", {"Id": a.profile.id}))
        for a in configuration.assignments
    ]


def _principal(principal: Principal) -> str:
    match principal.kind:
        case PrincipalKind.ACCOUNT:
            return element("Account", None, escape(principal.name))
        case PrincipalKind.ENTRA_GROUP:
            return element("UserGroup", {"Type": "AzureActiveDirectoryGroup", "Name": principal.name})
        case PrincipalKind.VISITOR:
            return element("SpecialGroup", {"Name": "Visitor"})
        case PrincipalKind.DEVICE_OWNER:
            return element("SpecialGroup", {"Name": "DeviceOwner"})
