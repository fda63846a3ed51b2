"""What a kiosk must obey that its schema does not say, or says only by a rejection on the headset."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from holofleet.formats.assigned_access.model import App, Configuration, MultiApp, Principal, PrincipalKind, Profile

_AUMID = re.compile(r"[A-Za-z0-9.\-]{1,64}_[a-z0-9]{13}![A-Za-z0-9._\-]{1,64}\Z")
"""``PackageFamilyName!ApplicationId``; a family name ends in the 13-character hash of its publisher."""

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
_UPN = re.compile(r"[^@\\\s]+@[^@\\\s]+\Z")


def faults(configuration: Configuration) -> tuple[str, ...]:
    """Return what is wrong with a kiosk, one sentence each; empty when a headset can use it.

    Source: 'Assigned Access XML schema definition', and the limits that 'Set up HoloLens as a kiosk' states
    (Microsoft): store apps only, one app that starts by itself, device owners as the only exclusion, global
    profiles with several apps only.
    """
    return tuple(_faults(configuration))


def _faults(configuration: Configuration) -> Iterator[str]:
    if not configuration.profiles:
        yield "A kiosk needs at least one profile."
    if configuration.except_device_owners and configuration.everyone is None:
        yield "Device owners can be excluded from the profile of everyone only, and there is none."
    if configuration.everyone is not None and not isinstance(configuration.everyone, MultiApp):
        yield "The profile of everyone must name several apps: a single-app kiosk for everyone is not documented."
    for profile in configuration.profiles:
        yield from of_profile(profile)
        if isinstance(profile, MultiApp):
            for app in profile.apps:
                yield from of_app(app)
    counted = Counter(_sameness(a.principal) for a in configuration.assignments)
    yield from (f"Two profiles are given to {name}." for name, count in counted.items() if count > 1)
    for assignment in configuration.assignments:
        yield from of_principal(assignment.principal)
    ids = Counter(profile.id for profile in configuration.profiles)
    yield from (f"Two profiles have the id {key}." for key, count in ids.items() if count > 1)


def of_profile(profile: Profile) -> Iterator[str]:
    """Return what is wrong with a profile, apart from each of its apps (:func:`of_app`)."""
    if not isinstance(profile, MultiApp):
        yield from _of_aumid(profile.aumid)
        return
    if not profile.apps:
        yield "A profile must allow at least one app."
    counted = Counter(app.aumid.lower() for app in profile.apps)
    yield from (
        f"The app {aumid} is listed twice in one profile." for aumid, count in counted.items() if count > 1
    )
    if sum(app.auto_launch for app in profile.apps) > 1:
        yield "Only one app of a profile can start by itself."


def of_app(app: App) -> Iterator[str]:
    """Return what is wrong with one app of a list."""
    yield from _of_aumid(app.aumid)
    if app.arguments and not app.auto_launch:
        yield f"The app {app.aumid} has arguments but does not start by itself."


def _of_aumid(aumid: str) -> Iterator[str]:
    if not _AUMID.match(aumid):
        yield (
            f"{aumid!r} is not an AUMID of the form PackageFamilyName!ApplicationId; "
            "HoloLens kiosks name store apps only."
        )


def of_principal(principal: Principal) -> Iterator[str]:
    """Return what is wrong with a principal."""
    if principal.kind is PrincipalKind.ENTRA_GROUP and not _GUID.match(principal.name):
        yield f"{principal.name!r} is not the object id of an Entra group (8-4-4-4-12 without braces)."
    if principal.kind is PrincipalKind.ACCOUNT:
        realm, separator, user = principal.name.rpartition("\\")
        entra = realm == "AzureAD" and _UPN.match(user)
        if not (entra or (not separator and user and "@" not in user)):
            yield f"{principal.name!r} is neither AzureAD\\user@tenant nor the bare name of a local account."


def _sameness(principal: Principal) -> str:
    return str(principal).lower()
