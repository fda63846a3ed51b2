"""The nouns of a fleet, as values with a strict JSON form.

Every noun has an :class:`~holofleet.resources.Address`; names are the ones of the fleet file. Unknown keys
are refused when a noun is read: a State that travels between versions fails loudly, never silently.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from holofleet.resources.address import Address
from holofleet.resources.document import UNCARRIED

Name = str
_PATH_LIMIT = 240
_PART = re.compile(r"[A-Za-z0-9._-]+")


def _carried(text: str) -> str:
    if UNCARRIED.search(text):
        raise ValueError("it holds a character that no message can carry")
    return text


def _inside(path: str) -> str:
    parts = path.split("/")
    if len(path) > _PATH_LIMIT or not all(_PART.fullmatch(part) and part.strip(".") for part in parts):
        raise ValueError(f"not a plain relative path of letters, digits and ._- : {path!r}")
    return path


Sendable = Annotated[str, AfterValidator(_carried)]
"""A text that stands in messages to headsets."""


class Resource(BaseModel):
    """Base of all nouns: frozen, strict, with a kind and a name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    kind: ClassVar[str]

    @property
    def key(self) -> str:
        """The name part of the address."""
        raise NotImplementedError

    @property
    def address(self) -> Address:
        """The stable address, ``kind:name``."""
        return Address(self.kind, self.key)


class _Named(Resource):
    name: Name
    formerly: str | None = None

    @property
    def key(self) -> str:
        return self.name


class _Extended(Resource):
    """A noun whose later keys stand in its JSON form only where they say something.

    So a State that does not use them keeps its form and its hash.
    """

    later: ClassVar[frozenset[str]]

    @model_serializer(mode="wrap")
    def _without_silence(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = handler(self)
        for name in self.later:
            if not value[name]:
                del value[name]
        return value


class Client(_Named):
    """An external organization, a compartment of its own; ``own`` names the organization itself."""

    kind: ClassVar[str] = "client"
    display_name: str
    experts: tuple[Name, ...] = ()


class Site(_Named):
    """A place where headsets are used. Rates in Mbit/s; ``connectivity`` while in use."""

    kind: ClassVar[str] = "site"
    client: Name = "own"
    display_name: str = ""
    connectivity: Literal["online", "near-offline", "offline"] = "online"
    uplink_mbps: float | None = None
    downlink_mbps: float | None = None


PlansOff = dict[str, tuple[str, ...]]
"""Service plans that stay off, by SKU part number."""


class User(_Extended):
    """A person or a device account of the directory.

    Args:
        licenses: SKU part numbers of the products that are assigned directly.
        disabled_plans: What stays off of them.
        password_never_expires: The account's own password policy.
        company: Company name in the directory; barriers between clients go by it.
        site: Where they work.
        role_clients, role_sites, role_deployments: What their roles hold for, each where it is limited.
    """

    kind: ClassVar[str] = "user"
    later: ClassVar[frozenset[str]] = frozenset(
        {
            "licenses",
            "disabled_plans",
            "password_never_expires",
            "company",
            "site",
            "role_clients",
            "role_sites",
            "role_deployments",
        }
    )
    upn: str
    display_name: str = ""
    client: Name = "own"
    account: Literal["person", "headset", "shared"] = "person"
    roles: tuple[str, ...] = ()
    directory_roles: tuple[str, ...] = ()
    usage_location: str = ""
    licenses: tuple[str, ...] = ()
    disabled_plans: PlansOff = {}
    password_never_expires: bool = False
    company: str = ""
    site: str = ""
    role_clients: tuple[str, ...] = ()
    role_sites: tuple[str, ...] = ()
    role_deployments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.upn


class Group(_Named, _Extended):
    """A security group; members are UPNs; licenses are SKU part numbers.

    Args:
        display_name: What people see in the directory; empty for the name.
        object_id: The group exists already and is known by this id. Without members it is only referred to: who is
            in it is somebody else's business.
        rule: Membership rule that gives exactly the members; empty for a group whose members are set one by one.
        disabled_plans: What stays off of its products.
    """

    kind: ClassVar[str] = "group"
    later: ClassVar[frozenset[str]] = frozenset({"display_name", "object_id", "rule", "disabled_plans"})
    members: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    display_name: str = ""
    object_id: str = ""
    rule: str = ""
    disabled_plans: PlansOff = {}


class LicensePool(Resource):
    """Seats of one product that were bought."""

    kind: ClassVar[str] = "license"
    sku: str
    seats: int = Field(ge=0)
    trial_until: date | None = None

    @property
    def key(self) -> str:
        return self.sku


class Reconnect(BaseModel):
    """When headsets of a deployment are expected back on the network, by calendar.

    ``interval``: at least every ``interval_days``. ``monthly``: on the ``ordinal`` ``weekday`` (0 is Monday) of
    each month, or, with ``after_patch_tuesday``, on the first such weekday after the month's second Tuesday.
    A headset is late when a whole window of ``window_days`` passed, plus ``grace_days``, without a check-in.

    Source: 'Common scenarios: near offline or isolated environments' (Microsoft, 2024-06-27), sections
    'Governance processes for User Enrollment and Updates' and 'Deploy and maintain'.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Literal["interval", "monthly"] = "interval"
    interval_days: int = Field(default=31, ge=1, le=366)
    ordinal: int = Field(default=2, ge=1, le=4)
    weekday: int = Field(default=2, ge=0, le=6)
    after_patch_tuesday: bool = False
    window_days: int = Field(default=1, ge=1, le=14)
    grace_days: int = Field(default=2, ge=0, le=60)


class PollSchedule(BaseModel):
    """How often a headset asks for orders: three sets of retries, intervals in minutes.

    ``remaining_interval_min`` goes on for ever. Source: DMClient CSP, node Poll (Microsoft).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_count: int = Field(default=3, ge=1)
    first_interval_min: int = Field(default=5, ge=1)
    second_count: int = Field(default=8, ge=1)
    second_interval_min: int = Field(default=15, ge=1)
    remaining_interval_min: int = Field(default=480, ge=1)
    on_login: bool = True


class Deployment(_Named):
    """Headsets used in one way."""

    kind: ClassVar[str] = "deployment"
    scenarios: tuple[str, ...]
    client: Name = "own"
    join: Literal["entra", "mdm-only", "package"] = "entra"
    reconnect: Reconnect = Reconnect()
    poll: PollSchedule = PollSchedule()
    verify_every_h: int = Field(default=24, ge=1, le=24 * 60)
    timezone: str = "UTC"


class Headset(Resource):
    """One headset as the fleet file wants it.

    ``document`` is the hash of its settings document; ``variables`` hold what differs between equal headsets
    (``serial``, ``account``). ``undelivered`` names what keeps it from being compliant because no target can
    deliver it yet (:class:`holofleet.resources.Undelivered`, by key).
    """

    kind: ClassVar[str] = "headset"
    serial: Sendable
    name: str = ""
    deployment: Name
    client: Name = "own"
    site: Name | None = None
    document: str
    variables: dict[str, Sendable] = {}
    autopilot: bool = False
    formerly: str | None = None
    undelivered: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.serial


class Loan(Resource):
    """Headsets at a client for some time; ``serials`` are lent together.

    The days after ``returns`` are what the fleet file says was done: back, passwords reset, wiped, and a test call
    before shipping.
    """

    kind: ClassVar[str] = "loan"
    name: Name
    client: Name
    site: str = ""
    serials: tuple[str, ...]
    ships: date
    returns: date | None = None
    returned: date | None = None
    password_reset: date | None = None
    wiped: date | None = None
    test_call: date | None = None

    @property
    def key(self) -> str:
        return self.name


class File(Resource):
    """One file that the files target writes; its bytes stand beside the State, by their SHA-256.

    Args:
        path: Relative POSIX path inside the folder; at most 240 characters, no part is ``.`` or ``..``.
        media_type: What it is; decides how a secret is escaped when it is filled in.
        sha256: Hex digest of the bytes, with references to secrets unresolved.
        secrets: References that stand in it, sorted.
        note: One sentence for the reader of the index.
    """

    kind: ClassVar[str] = "file"
    path: Annotated[str, AfterValidator(_inside)]
    media_type: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    secrets: tuple[str, ...] = ()
    note: str = ""

    @property
    def key(self) -> str:
        return self.path
