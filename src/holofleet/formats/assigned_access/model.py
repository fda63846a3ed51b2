"""The values of a kiosk: apps, profiles, and who gets which profile."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

PROFILE_NAMESPACE = uuid.UUID("2f3f3b0a-5d0b-5c8e-9a43-6c1d3f0e7b11")
"""Namespace of the profile ids that we make; never change it: ids would change on every headset."""


@dataclass(frozen=True, slots=True)
class App:
    """An app that the Start menu shows, by its AUMID (``PackageFamilyName!ApplicationId``)."""

    aumid: str
    auto_launch: bool = False
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class MultiApp:
    """Start shows these apps only; at most one of them starts by itself.

    ``start_layout`` is ignored by HoloLens but required by the first schema; empty stands for ours.
    """

    apps: tuple[App, ...]
    name: str = ""
    taskbar: bool = True
    start_layout: str = ""

    @property
    def id(self) -> str:
        """The profile id, made from the content: ``{8-4-4-4-12}`` with braces."""
        return _profile_id(
            "multi",
            self.name,
            [[app.aumid, app.auto_launch, app.arguments] for app in self.apps],
            self.taskbar,
            self.start_layout,
        )


@dataclass(frozen=True, slots=True)
class SingleApp:
    """One app starts by itself; there is no Start menu."""

    aumid: str
    name: str = ""

    @property
    def id(self) -> str:
        """The profile id, made from the content: ``{8-4-4-4-12}`` with braces."""
        return _profile_id("single", self.name, self.aumid)


Profile = MultiApp | SingleApp


class PrincipalKind(StrEnum):
    """Whom a profile can be given to, one by one."""

    ACCOUNT = "account"
    ENTRA_GROUP = "entra-group"
    VISITOR = "visitor"
    DEVICE_OWNER = "device-owner"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who gets a profile.

    ``name`` of an account: ``AzureAD\\user@tenant`` for Entra, a bare name for a local one. Of a group: the object
    id of the Entra group, without braces. Visitors and device owners have none.
    """

    kind: PrincipalKind
    name: str = ""

    @classmethod
    def entra_user(cls, upn: str) -> Principal:
        """Return the principal of an Entra user."""
        return cls(PrincipalKind.ACCOUNT, f"AzureAD\\{upn}")

    @classmethod
    def local_account(cls, name: str) -> Principal:
        """Return the principal of an account that the headset itself has."""
        return cls(PrincipalKind.ACCOUNT, name)

    @classmethod
    def entra_group(cls, object_id: str) -> Principal:
        """Return the principal of an Entra group, by its object id."""
        return cls(PrincipalKind.ENTRA_GROUP, object_id.strip("{}").lower())

    @classmethod
    def visitor(cls) -> Principal:
        """Return the principal of visitors (a temporary account, removed at sign-out)."""
        return cls(PrincipalKind.VISITOR)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A profile for one principal; it wins over the global profile."""

    principal: Principal
    profile: Profile


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole kiosk document.

    Args:
        everyone: The global profile (20H2 and newer), or ``None``.
        except_device_owners: Device owners are not bound by the global profile.
        assignments: Profiles of single principals, in the order in which they stand.
    """

    everyone: Profile | None = None
    except_device_owners: bool = False
    assignments: tuple[Assignment, ...] = ()

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All profiles once each, in the order in which they are used first."""
        used: Iterable[Profile] = (a.profile for a in self.assignments)
        first = () if self.everyone is None else (self.everyone,)
        return tuple(dict.fromkeys((*first, *used)))


def _profile_id(*content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return "{" + str(uuid.uuid5(PROFILE_NAMESPACE, text)) + "}"
