"""Who runs the fleet: organization, tenant, licenses, people, groups and clients."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, model_validator

from holofleet.spec.model.base import Model, key
from holofleet.spec.values import SKU, UPN, Country, Day, Domain, Flag, Guid, Name, Text, Whole, refuse


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise refuse("a time zone by its IANA name", "America/Chicago") from None
    return value


TimeZone = Annotated[Text, AfterValidator(_zone)]


class Approvers(Model):
    """Who decides about the network and about security (OFF-05)."""

    network: Text | None = key(
        "Who approves network decisions.", example="network-team@contoso.com", rule="OFF-05"
    )
    security: Text | None = key(
        "Who approves security decisions.", example="security-team@contoso.com", rule="OFF-05"
    )


class Organization(Model):
    """The organization that owns the headsets."""

    name: Text = key("Name as people know it.", example="Contoso", default=...)
    country: Country = key(
        "Usage location of every account: without it licenses cannot be assigned.",
        example="US",
        default=...,
        rule="EXT-16",
    )
    timezone: TimeZone = key("Time zone of calendars and windows.", example="America/Chicago", default="UTC")
    approvers: Approvers = key(
        "Teams that take part in the decisions.",
        example="{network: network-team@contoso.com}",
        default=Approvers(),
        rule="OFF-05",
    )


class OwningTenant(Model):
    """The organization's own tenant, where a service tenant hosts the clients."""

    id: Guid = key(
        "Id of the owning tenant.", example="33333333-3333-4333-8333-333333333333", default=..., rule="EXT-47"
    )
    domain: Domain = key("A verified domain of it.", example="contoso.com", default=..., rule="EXT-47")


class AutoEnrollment(Model):
    """Whose devices the directory enrolls by itself when they join."""

    scope: Literal["all", "some", "none"] = key(
        "Users whose devices are enrolled.", example="all", default="all", rule="PREP-10"
    )
    groups: tuple[Name, ...] = key(
        "Groups, with scope `some`.", example="[headset-accounts]", default=(), rule="PREP-10"
    )


class DeviceJoin(Model):
    """Who may join devices to the directory, and how many."""

    users: Literal["all", "some", "none"] = key(
        "Users that may join devices.", example="some", default="all", rule="SHR-49"
    )
    groups: tuple[Name, ...] = key("Groups, with users `some`.", example="[deployers]", default=(), rule="SHR-49")
    quota: Whole = key(
        "Devices that one user may join.", example="50", default=50, rule="SHR-49", ge=1, le=2147483647
    )


class Compliance(Model):
    """What a tenant asks of a headset before it counts as compliant; the build is that of `updates.build`."""

    encryption: Flag = key("Its storage is encrypted.", example="true", default=True)
    password: Flag | None = key(
        "It has a password or PIN; left out where accounts sign in without one.", example="true"
    )
    grace_days: Whole | None = key(
        "Days from the first failure until it counts as not compliant; left out, as long as updates may wait.",
        example="14",
        unit="days",
        ge=0,
        le=365,
    )


class ConditionalAccess(Model):
    """Sign-in of headset accounts at clients and on shared headsets."""

    state: Literal["report-only", "enabled", "disabled", "none"] = key(
        "`report-only` judges and lets everybody in; `none` makes no policy.",
        example="report-only",
        default="report-only",
        rule="EXT-50",
    )


class Tenant(Model):
    """The Entra tenant whose accounts sign in on the headsets."""

    id: Guid = key(
        "Id of the tenant.", example="11111111-1111-4111-8111-111111111111", default=..., rule="PREP-05"
    )
    domain: Domain = key(
        "Verified domain of the accounts; password validity is a property of a domain.",
        example="contoso.com",
        default=...,
        rule="PREP-05",
    )
    other_domains: tuple[Domain, ...] = key(
        "Further verified domains of the tenant.", example="[contoso.net]", default=(), rule="PREP-13"
    )
    edition: Literal["free", "P1", "P2"] = key(
        "Edition of Entra ID; automatic enrollment needs P1.", example="P1", default=..., rule="PREP-04"
    )
    kind: Literal["owning", "service"] = key(
        "`service` is a separate tenant that hosts the clients.", example="owning", default="owning", rule="EXT-41"
    )
    owner: OwningTenant | None = key(
        "The owning tenant, with kind `service`.",
        example="{id: 33333333-3333-4333-8333-333333333333, domain: contoso.com}",
        rule="EXT-47",
    )
    auto_enrollment: AutoEnrollment = key(
        "Automatic enrollment of joined devices.", example="{scope: all}", default=AutoEnrollment(), rule="PREP-10"
    )
    device_join: DeviceJoin = key(
        "Who may join devices.", example="{users: all, quota: 50}", default=DeviceJoin(), rule="SHR-49"
    )
    break_glass_group: Name | None = key(
        "Group of the emergency accounts; no condition for signing in ever holds for it.",
        example="emergency-access",
        rule="EXT-50",
    )
    compliance: Compliance = key(
        "What counts as compliant in the tenant.", example="{grace_days: 14}", default=Compliance()
    )
    conditional_access: ConditionalAccess = key(
        "Conditions for the sign-in of headset accounts; needs break_glass_group.",
        example="{state: report-only}",
        default=ConditionalAccess(),
        rule="EXT-50",
    )
    mfa: Literal["entra", "other", "none"] | None = key(
        "Who asks for the second factor; `other` closes the endpoint group entra-mfa.",
        example="entra",
        rule="OFF-07",
    )
    user_app_registration: Flag | None = key("Users may register applications.", example="false", rule="SHR-45")
    password_reset: Literal["off", "selected", "all"] | None = key(
        "Who may reset a password without help.", example="off", rule="SHR-48"
    )
    state_roaming: Flag | None = key("Enterprise State Roaming is on.", example="false", rule="SHR-50")


class License(Model):
    """Seats of a product that were bought."""

    sku: SKU = key("SKU part number of the product.", example="AAD_PREMIUM", default=..., rule="EXT-08")
    seats: Whole = key("Seats that were bought.", example="30", default=..., rule="EXT-16", ge=0, le=10_000_000)
    trial_until: Day | None = key("Last day of a trial.", example="2026-12-31", rule="EXT-08")


class AssignedLicense(Model):
    """A product that a group or an account gets, less the service plans that are switched off."""

    sku: SKU = key("SKU part number of the product.", example="AAD_PREMIUM", default=..., rule="EXT-16")
    disabled_plans: tuple[SKU, ...] = key(
        "Service plans that stay off.", example="[EXCHANGE_S_STANDARD]", default=(), rule="EXT-42"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"sku": value} if isinstance(value, str) else value


Role = Literal["administrator", "deployer", "helpdesk", "auditor", "viewer", "expert", "wearer"]


class RolesFor(Model):
    """The part of the fleet that somebody's console roles hold for: each key that is given narrows it."""

    clients: tuple[Name, ...] | None = key(
        "These clients only; `own` is the organization itself.", example="[fabrikam]", min_length=1
    )
    sites: tuple[Name, ...] | None = key(
        "Headsets and people at these sites only.", example="[plant-3]", min_length=1
    )
    deployments: tuple[Name, ...] | None = key(
        "Headsets of these deployments only.", example="[assembly-line]", min_length=1
    )


class Person(Model):
    """Somebody who administers, helps or wears a headset."""

    upn: UPN = key(
        "Name that they sign in with; kept in lower case.",
        example="expert1@contoso.com",
        default=...,
        rule="PREP-09",
    )
    display_name: Text | None = key("Name as others see it.", example="Expert One")
    roles: tuple[Role, ...] = key(
        "What they do here and in a call.", example="[expert]", default=(), rule="EXT-57"
    )
    roles_for: RolesFor | None = key(
        "Where their console roles hold; without it everywhere, or for the client whose site is theirs.",
        example="{sites: [plant-3]}",
    )
    directory_roles: tuple[Text, ...] = key(
        "Roles that they hold in the directory.", example="[License Administrator]", default=(), rule="SHR-04"
    )
    licenses: tuple[AssignedLicense, ...] = key(
        "Products assigned to them directly.", example="[AAD_PREMIUM]", default=(), rule="SHR-09"
    )
    site: Name | None = key("Where they work.", example="contoso-desk", rule="EXT-12")
    guest: Flag = key("A guest of the tenant, not a member.", example="false", default=False, rule="EXT-02")


class Members(Model):
    """Members of a group: people, or the accounts of deployments."""

    upns: tuple[UPN, ...] = key("People and accounts by name.", example="[expert1@contoso.com]", default=())
    accounts_of: tuple[Name, ...] = key(
        "Deployments whose headset accounts are members.", example="[field-service]", default=(), rule="EXT-15"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"upns": value} if isinstance(value, (list, tuple)) else value


class Group(Model):
    """A security group of the directory."""

    name: Name = key("Name of the group.", example="headset-accounts", default=..., rule="SHR-05")
    object_id: Guid | None = key(
        "Id of a group that exists already; a kiosk for a group needs it.",
        example="22222222-2222-4222-8222-222222222222",
    )
    members: Members = key(
        "People, or {accounts_of: [deployments]}.",
        example="{accounts_of: [field-service]}",
        default=Members(),
        rule="SHR-08",
    )
    licenses: tuple[AssignedLicense, ...] = key(
        "Products that every member gets.", example="[AAD_PREMIUM]", default=(), rule="EXT-16"
    )


class Client(Model):
    """An external organization, a compartment of its own."""

    name: Name = key(
        "Name of the client; `own` is the organization itself.", example="fabrikam", default=..., rule="EXT-03"
    )
    display_name: Text | None = key("Name as people see it.", example="Fabrikam")
    experts: tuple[Text, ...] = key(
        "Groups and people that its headsets may call.", example="[pump-experts]", default=(), rule="EXT-57"
    )
    informed_about_records: Day | None = key(
        "Day on which the client was told what is kept of calls.", example="2026-11-16", rule="EXT-56"
    )
