"""What a package says, as values. A secret may be a reference (``{{secret:REFERENCE}}``) wherever one stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from holofleet.formats.wlan_profile import WlanProfile

_NAMESPACE = uuid.UUID("5a1c7c3e-41b5-5d0a-9a53-6c1f7f0b7f0e")
"""Ours, arbitrary and fixed: another one would make every package a stranger to its earlier versions."""
OWNER = "ITAdmin"
RANK = 0


def package_id(organization: str, name: str) -> str:
    """Return the id of a package, the same for all its versions: in lower case, without braces."""
    return str(uuid.uuid5(_NAMESPACE, f"{organization}\n{name}"))


@dataclass(frozen=True, slots=True)
class FirstExperience:
    """What the first set-up leaves out; the first one only, later users are ruled by policies."""

    skip_wifi: bool = False
    skip_calibration: bool = False
    skip_training: bool = False


@dataclass(frozen=True, slots=True)
class LocalUser:
    """The one local account of a headset."""

    name: str
    password: str = field(repr=False)
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class BulkToken:
    """Joins Entra ID without a person; made in the vendor's tool, valid for 30 days at most."""

    token: str = field(repr=False)
    authority: str = "https://login.microsoftonline.com/common"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """Enrollment with user name and password (``OnPremise``) at a service that speaks MS-MDE2.

    Args:
        upn: Who enrolls; headsets find the server by it too, where no address is given.
        secret: The password.
        server_url: Full address of the discovery service.
    """

    upn: str
    secret: str = field(repr=False)
    server_url: str


@dataclass(frozen=True, slots=True)
class RootCertificate:
    """A root that the headset trusts: a name, and the file beside ``customizations.xml``."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of the device, with its value as the policy CSP takes it."""

    area: str
    name: str
    value: str
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """One package.

    Args:
        name: As people meet it in Settings.
        id: See :func:`package_id`. A headset replaces a package by one of the same id with a higher version.
        version: Two to four numbers.
        tenant_locked: Headsets that get it are locked to their tenant; they refuse local accounts and joining.
        kiosk: File of the kiosk document beside ``customizations.xml``; empty for none.
    """

    name: str
    id: str
    version: str = "1.0"
    tenant_locked: bool = False
    first_experience: FirstExperience = FirstExperience()
    local_user: LocalUser | None = None
    bulk_token: BulkToken | None = None
    enrollment: Enrollment | None = None
    networks: tuple[WlanProfile, ...] = field(default=(), repr=False)
    roots: tuple[RootCertificate, ...] = ()
    policies: tuple[Policy, ...] = ()
    kiosk: str = ""

    @property
    def empty(self) -> bool:
        """True when it would change nothing on a headset."""
        said = (self.local_user, self.bulk_token, self.enrollment, self.networks, self.roots, self.policies)
        return not any(said) and not self.kiosk and self.first_experience == FirstExperience()
