"""Nouns of an Entra ID and Intune tenant, beyond people, groups and headsets.

Only the target ``graph`` gets them. Names are stable and made of the fleet file's own names, so that an address
outlives a change of content; ``display_name`` is what people see in the portals. What refers to something names
it: ``groups`` are names of :class:`DeviceGroup`, ``accounts`` and ``excluded`` names of
:class:`~holofleet.resources.Group`. No identity of an object in a tenant ever stands here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from holofleet.resources.nouns import Name, Resource

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Hex SHA-256 of bytes that travel beside a State."""
Plain = str | int | bool | tuple[str, ...]
"""A value that a tenant setting may have."""


class _Shown(Resource):
    name: Name
    display_name: str

    @property
    def key(self) -> str:
        return self.name


class _Assigned(_Shown):
    groups: tuple[Name, ...] = ()


class Registration(Resource):
    """The Autopilot registration of a headset.

    Args:
        group_tag: Its group tag; empty for none.
        product_id: Windows product id; empty for none.
        hash_sha256: Digest of its hardware hash (decoded bytes); empty where the file has none, so that somebody
            else must have registered it.
        locked: The headset is locked to the tenant: without its registration it can never be set up again.
    """

    kind: ClassVar[str] = "registration"
    serial: str
    group_tag: str = ""
    product_id: str = ""
    hash_sha256: Digest | Literal[""] = ""
    locked: bool = False

    @property
    def key(self) -> str:
        return self.serial


class DeviceGroup(_Shown):
    """A directory group of the headsets that share a document.

    Args:
        document: Hash of their settings document.
        serials: The headsets, sorted.
        rule: Membership rule that gives exactly these headsets; empty where members are set one by one.
    """

    kind: ClassVar[str] = "device-group"
    deployment: Name
    document: Digest
    serials: tuple[str, ...] = ()
    rule: str = ""


class AutopilotProfile(_Assigned):
    """A deployment profile for HoloLens: self-deploying, joined to Entra ID; nothing else exists for a headset.

    Args:
        device_name: Template of device names (``HL-%SERIAL%``); empty for none.
        language: Language of the first start; empty for the headset's own.
    """

    kind: ClassVar[str] = "autopilot-profile"
    device_name: str = ""
    language: str = ""


class StatusPage(_Assigned):
    """The enrollment status page; ``reset_button``: people may reset a headset whose set-up failed."""

    kind: ClassVar[str] = "status-page"
    timeout_min: int = Field(default=60, ge=1, le=1440)
    reset_button: bool = True


class App(_Assigned):
    """An app of the Store that headsets have; packages of one's own are uploaded by people.

    Args:
        store_id: Product id in the Store.
        min_version: Least version that the fleet file asks for; the Store gives the newest, reports are judged.
    """

    kind: ClassVar[str] = "app"
    store_id: str
    package_family_name: str = ""
    publisher: str = ""
    intent: Literal["required", "available", "uninstall"] = "required"
    min_version: str = ""


class CompliancePolicy(_Assigned):
    """What a headset must be to count as compliant; ``None``: not judged.

    Args:
        os_minimum: Least build, ``10.0.22621.1266``; empty for any.
        grace_hours: Time from the first failure until the headset is marked not compliant.
    """

    kind: ClassVar[str] = "compliance-policy"
    os_minimum: str = ""
    storage_encryption: bool | None = None
    password_required: bool | None = None
    grace_hours: int = Field(default=0, ge=0, le=8760)


class EnrollmentRestriction(_Shown):
    """Whether people of some groups may enroll Windows devices; a HoloLens is one.

    Args:
        blocked: No Windows device can be enrolled.
        personal_blocked: Only devices that the tenant knows beforehand (Autopilot) can be.
        accounts: Groups of people and accounts that it holds for.
    """

    kind: ClassVar[str] = "enrollment-restriction"
    platform: Literal["windows"] = "windows"
    blocked: bool = False
    personal_blocked: bool = False
    accounts: tuple[Name, ...] = ()


class Authority(BaseModel):
    """An authority whose certificates sign accounts in.

    Args:
        sha256: Digest of its certificate (DER).
        crl_url: Where its revocation list is found, over plain HTTP; empty where none is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: Digest
    root: bool
    crl_url: str = ""


class CertificateSignIn(_Shown):
    """Accounts of some groups sign in by certificate, and that counts as a second factor.

    The rule is bound to the issuer, so that other certificates of the tenant keep what holds for them. The user
    principal name in the certificate is the account's.

    Args:
        issuer: Subject of the issuing authority.
        accounts: Groups of shared accounts.
        authorities: The issuer and the authorities above it, the root last.
    """

    kind: ClassVar[str] = "certificate-sign-in"
    issuer: str
    accounts: tuple[Name, ...] = ()
    authorities: tuple[Authority, ...] = ()


class ConditionalAccess(_Shown):
    """A condition for signing in; never for everybody.

    Args:
        state: ``report-only`` judges and lets everybody in.
        accounts: Groups that it holds for.
        excluded: Groups that it never holds for; at least one, so that nobody is locked out of the tenant.
        excluded_apps: Application ids that stay reachable; enrolling a headset must not need what only an enrolled
            one has.
        grant: What is asked for.
    """

    kind: ClassVar[str] = "conditional-access"
    state: Literal["report-only", "enabled", "disabled"] = "report-only"
    accounts: tuple[Name, ...] = Field(min_length=1)
    excluded: tuple[Name, ...] = Field(min_length=1)
    excluded_apps: tuple[str, ...] = ()
    grant: tuple[Literal["compliant-device"], ...] = ("compliant-device",)


class TenantSetting(_Shown):
    """One setting of the whole tenant: read and compared, written only when somebody asks for it by name.

    Args:
        value: What the fleet file wants, by plain names. A key ``groups`` holds names of groups.
        rule: Guide statement that asks for a look at it.
        touches: Whom a change concerns beyond the fleet, as a sentence.
        delegated_only: No application may read or write it, only a person who signs in.
    """

    kind: ClassVar[str] = "tenant-setting"
    value: dict[str, Plain]
    rule: str = ""
    touches: str = ""
    delegated_only: bool = False


class ManualStep(Resource):
    """Work in the cloud that no application can do: what exactly, why, and how to say that it is done.

    Args:
        reason: Why a person has to do it.
        rule: Guide statement that it serves.
        steps: Sentences, in order.
        commands: Lines of PowerShell, in order; empty where there is only a portal.
        attest: Line for ``attestations`` of the fleet file; empty where nothing asks for one.
        attested_by, attested_until: The attestation that the fleet file has, if any.
    """

    kind: ClassVar[str] = "manual-step"
    name: Name
    title: str
    reason: str
    rule: str = ""
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    attest: str = ""
    attested_by: str = ""
    attested_until: date | None = None

    @property
    def key(self) -> str:
        return self.name


CLOUD: tuple[type[Resource], ...] = (
    Registration,
    DeviceGroup,
    AutopilotProfile,
    StatusPage,
    App,
    CompliancePolicy,
    EnrollmentRestriction,
    CertificateSignIn,
    TenantSetting,
    ConditionalAccess,
    ManualStep,
)
"""In the order in which they are made: what shuts people out comes after what lets them in."""
