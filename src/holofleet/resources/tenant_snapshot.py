"""What was read of a tenant that exists, in words that are not the Graph's: the input of an import.

Headsets are named by serial number, settings by OMA-URI. Texts stand here as the tenant has them: nothing in a
snapshot is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from holofleet.resources.document import Setting


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom something is given to.

    Args:
        groups: Ids of groups that get it.
        excluded: Ids of groups that do not.
        all_devices: Every device of the tenant gets it.
        unclear: Other assignments (filters, all people), in words.
    """

    groups: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    all_devices: bool = False
    unclear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """How headsets ask for the certificate of their account (SCEP).

    Args:
        account: User principal name in the certificate, with ``{{serial}}``; empty where it is another form.
        root: Thumbprint of the root that signs it, if known.
    """

    url: str
    account: str = ""
    valid_years: int = 1
    root: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One configuration profile.

    Args:
        name: As the tenant shows it.
        settings: What it sets, variables in our words (``{{serial}}``). May hold secrets: never shown.
        unread: What of it could not be turned into settings, a phrase each.
    """

    id: str
    name: str
    reach: Reach
    settings: tuple[Setting, ...] = field(default=(), repr=False)
    certificate: CertificateRequest | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the directory that something is given to; ``serials``: its headsets."""

    id: str
    name: str
    serials: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Headset:
    """A HoloLens of the tenant; ``registered``: with Autopilot."""

    serial: str
    group_tag: str = ""
    registered: bool = False


@dataclass(frozen=True, slots=True)
class SetUp:
    """An Autopilot deployment profile; the status page of the same headsets beside it."""

    name: str
    reach: Reach
    device_name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """An enrollment status page."""

    name: str
    reach: Reach
    timeout_min: int = 60
    reset_button: bool = True


@dataclass(frozen=True, slots=True)
class App:
    """An app that devices must have; ``store_id`` is empty for what does not come from the Store."""

    name: str
    reach: Reach
    store_id: str = ""


@dataclass(frozen=True, slots=True)
class TenantSnapshot:
    """All that an import looks at.

    Args:
        accounts: User principal names that hold the serial number of a headset, by serial.
        seats: Seats by SKU part number.
        others: How many objects were seen and not looked into, by what they are.
        uncarried: What headsets or everybody get and a draft does not say, with the names, by the key of a fleet
            file that would.
        unfollowed: What may reach a headset in a way that was not followed (a filter, all people): what it is and
            how it is assigned, with the names.
    """

    tenant: str
    organization: str = ""
    country: str = ""
    domain: str = ""
    seats: Mapping[str, int] = field(default_factory=dict)
    headsets: tuple[Headset, ...] = ()
    groups: tuple[Group, ...] = ()
    profiles: tuple[Profile, ...] = ()
    set_ups: tuple[SetUp, ...] = ()
    status_pages: tuple[StatusPage, ...] = ()
    apps: tuple[App, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    uncarried: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    unfollowed: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def reached(self, reach: Reach) -> frozenset[str]:
        """Return the serial numbers of the headsets that get something."""
        members = {group.id: group.serials for group in self.groups}
        every = frozenset(headset.serial for headset in self.headsets)
        got = every if reach.all_devices else frozenset()
        got = got.union(*(members.get(group, frozenset()) for group in reach.groups))
        return (got - frozenset().union(*(members.get(group, frozenset()) for group in reach.excluded))) & every
