"""The profiles of one settings document: few, named by what they are for, so that a person finds them.

Values that Intune encrypts are kept apart from those it shows, so that looking for drift seldom needs to ask for
plain texts. What may need room or restarts on its own (kiosk, app control) has a profile of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from holofleet.resources import Document, Headset, Setting
from holofleet.targets.graph.lowering import certificates, ring, scep
from holofleet.targets.graph.lowering.oma import encrypted, oma_setting
from holofleet.targets.graph.lowering.variables import lowered

CUSTOM = "#microsoft.graph.windows10CustomConfiguration"
_ROOTS = "computerCertStoreRoot"
_KIOSK = "./Device/Vendor/MSFT/AssignedAccess/"
_APP_CONTROL = "./Device/Vendor/MSFT/ApplicationControl/"


class Theme(StrEnum):
    """What a profile is for; part of its name."""

    SETTINGS = "settings"
    TEXTS = "texts"
    KIOSK = "kiosk"
    APP_CONTROL = "app control"
    UPDATES = "updates"
    CERTIFICATE = "certificate"
    ACCOUNT = "account certificate"


@dataclass(frozen=True, slots=True)
class Profile:
    """One device configuration of Intune, without identity and assignment.

    Args:
        theme: What it is for.
        part: Tells profiles of one theme apart; empty where there is one.
        properties: The body with its ``@odata.type``; references to secrets unresolved.
        root: Part of the certificate profile that this one refers to; empty where it refers to none.
    """

    theme: Theme
    part: str
    properties: dict[str, Any]
    root: str = ""

    @property
    def name(self) -> str:
        """Theme and part, for the display name."""
        return f"{self.theme} {self.part}".strip()


def lower(document: Document, headsets: Sequence[Headset]) -> tuple[Profile, ...]:
    """Return the profiles that say what a document says, ordered by name.

    Args:
        document: What the headsets get.
        headsets: All that get it: variables must have one form for all of them.

    Raises:
        UnloweredError: a value that Intune cannot carry.
    """
    settings = [replace(s, data=lowered(s.data, headsets, oma_uri=s.oma_uri)) for s in document.settings]
    trusted, rest = certificates.lift(settings)
    requests, rest = scep.lift(rest, [part for part, body in trusted if body["destinationStore"] == _ROOTS])
    updates, rest = ring.lift(rest)
    profiles = [Profile(Theme.CERTIFICATE, part, body) for part, body in trusted]
    profiles += [Profile(Theme.ACCOUNT, part, body, root) for part, body, root in requests]
    if updates is not None:
        profiles.append(Profile(Theme.UPDATES, "", updates))
    return tuple(sorted([*profiles, *_custom(rest)], key=lambda profile: profile.name))


def _custom(settings: Iterable[Setting]) -> Iterable[Profile]:
    grouped: dict[tuple[Theme, str], list[Setting]] = {}
    for setting in settings:
        grouped.setdefault(_place(setting), []).append(setting)
    for (theme, part), members in grouped.items():
        listed = [oma_setting(setting) for setting in sorted(members, key=lambda s: s.oma_uri)]
        yield Profile(theme, part, {"@odata.type": CUSTOM, "omaSettings": listed})


def _place(setting: Setting) -> tuple[Theme, str]:
    if setting.oma_uri.startswith(_KIOSK):
        return Theme.KIOSK, ""
    if setting.oma_uri.startswith(_APP_CONTROL):
        return Theme.APP_CONTROL, setting.oma_uri.split("/")[-2]
    return (Theme.TEXTS, "") if encrypted(setting) else (Theme.SETTINGS, "")
