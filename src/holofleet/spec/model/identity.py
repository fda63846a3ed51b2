"""Keys of a deployment about accounts, enrollment and sign-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from holofleet.spec.model.base import Model, key
from holofleet.spec.model.organization import AssignedLicense
from holofleet.spec.values import (
    UPN,
    Day,
    Domain,
    Duration,
    Flag,
    GroupTag,
    Name,
    SecretReference,
    Text,
    UPNOrNone,
    Url,
    Weekday,
    Whole,
    refuse,
)

NEVER = "never"


class AutopilotProfile(Model):
    """The Autopilot profile of the deployment; self-deploying is the only mode of a HoloLens 2."""

    profile: Name = key("Name of the profile.", example="hololens-field", default=..., rule="EXT-18")
    group_tag: GroupTag | None = key("Group tag of its headsets.", example="field", rule="EXT-18")
    device_name: Text | None = key(
        "Template of device names; %SERIAL% and %RAND:n% are filled in.", example="HL-%SERIAL%", max_length=15
    )
    language: Text | None = key("Language of the first start.", example="en-US", max_length=16)
    reset_button: Flag = key("The status page offers a reset when something fails.", example="true", default=True)
    timeout_min: Whole = key(
        "How long the status page waits.", example="60", default=60, unit="minutes", ge=1, le=1440
    )


class LocalAccount(Model):
    """The one account of a headset that never meets a directory; a package makes it."""

    name: Text = key("Its name.", example="worker", default=..., max_length=20)
    password: SecretReference = key(
        "Reference to its password.", example="env:HOLOFLEET_SECRET_WORKER", default=...
    )
    administrator: Flag = key("It owns the headset.", example="false", default=False)


class EnrollmentPackage(Model):
    """The provisioning package that sets headsets up, with join `package`; docs/packages.md."""

    version: Text | None = key(
        "Raise it when the package changes; headsets keep the highest.",
        example='"1.0"',
        pattern=r"^\d{1,5}(\.\d{1,5}){1,3}$",
    )
    upn: UPN | None = key("User name of a credential that was issued for it.", example="e7k2@fleet.contoso.com")
    password: SecretReference | None = key(
        "Reference to the password of that credential.", example="env:HOLOFLEET_SECRET_PACKAGE"
    )
    server_url: Url | None = key(
        "Where it enrolls.", example="https://fleet.contoso.com/EnrollmentServer/Discovery.svc"
    )
    bulk_token: SecretReference | None = key(
        "Reference to a token that joins Entra ID; instead of upn and password.",
        example="env:HOLOFLEET_SECRET_BULK_TOKEN",
    )
    local_account: LocalAccount | None = key(
        "A local account.", example="{name: worker, password: env:HOLOFLEET_SECRET_WORKER}"
    )
    skip_wifi: Flag | None = key("The set-up does not ask for a network.", example="true")


class Enrollment(Model):
    """How headsets join and are enrolled."""

    join: Literal["entra", "mdm-only", "package"] | None = key(
        "How a headset becomes ours; a `package` on a stick sets it up, and enrolls it unless `automatic: false`.",
        example="entra",
        rule="EXT-04",
    )
    automatic: Flag | None = key("Joining enrolls in the same step.", example="true", rule="PREP-10")
    package: EnrollmentPackage | None = key(
        "What the package carries, with join `package`.",
        example="{local_account: {name: worker, password: env:HOLOFLEET_SECRET_WORKER}}",
    )
    first_account: UPNOrNone | None = key(
        "Signs in first and becomes device owner; `none` with Autopilot.",
        example="deployer1@contoso.com",
        rule="PREP-07",
    )
    autopilot: AutopilotProfile | None = key(
        "The Autopilot profile of the headsets.", example="{profile: hololens-field}", rule="EXT-18"
    )
    online_sign_in_by: Day | None = key(
        "Day until which every user has signed in online once.", example="2026-12-04", rule="OFF-15"
    )


def _period(value: object) -> object:
    if value == NEVER or isinstance(value, int):
        return value
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and 1 <= int(value[:5]) <= 3650
        and len(value) < 5
    ):
        return int(value)
    raise refuse("a number of days up to 3650, or never", "120")


DaysOrNever = Annotated[
    int | Literal["never"],
    BeforeValidator(_period),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": "never"}]}),
]


class Password(Model):
    """The password of headset accounts: nobody at a client ever learns it."""

    expires_after_days: DaysOrNever | None = key(
        "Age at which it must be changed, or `never`.", example="120", unit="days", rule="EXT-51"
    )
    reset: Literal["on-return", "never", "on-schedule"] | None = key(
        "When it is reset.", example="on-return", rule="EXT-54"
    )
    compensation: tuple[Text, ...] = key(
        "What makes up for a password that never expires.",
        example="[nobody knows the password]",
        default=(),
        rule="EXT-50",
    )


class AccountCertificate(Model):
    """The certificate that signs a shared account in."""

    issuer_name: Text | None = key(
        "Name of the issuer.", example="CN=Contoso Devices", rule="SHR-01", max_length=512
    )
    issuer_thumbprint: Text | None = key(
        "Thumbprint of the issuer.",
        example="0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        rule="SHR-01",
        max_length=40,
    )
    scep_url: Url | None = key(
        "Address of the SCEP service.", example="https://scep.contoso.com/certsrv", rule="SHR-01"
    )
    challenge: SecretReference | None = key(
        "Reference to the password of the SCEP service, where it has one that does not change.",
        example="env:HOLOFLEET_SECRET_SCEP",
    )
    crl_url: Url | None = key(
        "Address of the issuer's revocation list, over plain HTTP; without one Entra ID refuses to sign in.",
        example="http://pki.contoso.com/devices.crl",
        rule="SHR-01",
    )
    ca_thumbprint: Text | None = key(
        "Thumbprint of the authority behind the SCEP service.",
        example="0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        max_length=40,
    )
    valid_years: Whole = key("How long a certificate is valid.", example="1", default=1, ge=1, le=5, unit="years")
    key_usages: tuple[Text, ...] = key(
        "Further extended key usages that the certificate must have.",
        example="[1.3.6.1.5.5.7.3.2]",
        default=(),
        max_length=5,
    )

    @model_validator(mode="after")
    def _one_issuer(self) -> AccountCertificate:
        if self.issuer_name is not None and self.issuer_thumbprint is not None:
            raise refuse("either issuer_name or issuer_thumbprint, not both")
        return self


class Custody(Model):
    """Who holds a shared headset."""

    check_out: Literal["required", "offered", "none"] | None = key(
        "A person checks the headset out before using it.", example="required", rule="SHR-37"
    )
    pin_change_days: Whole | None = key(
        "Days after which a shared PIN is changed.", example="30", unit="days", rule="SHR-36", ge=1, le=730
    )
    kept_by: Text | None = key("Who keeps the headsets under lock.", example="shift lead", rule="SHR-24")


class AccountAudit(Model):
    """What is recorded of shared accounts."""

    level: Literal["sign-ins", "sign-ins-and-calls"] | None = key(
        "What is recorded.", example="sign-ins-and-calls", rule="SHR-38"
    )
    keep_days: Whole | None = key("How long.", example="730", unit="days", rule="SHR-38", ge=1, le=3650)


def _users(value: object) -> object:
    if isinstance(value, str) and value != "per-headset":
        raise refuse("per-headset, or a list of accounts", "[technician1@contoso.com]")
    return value


Users = Annotated[
    Literal["per-headset"] | tuple[UPN, ...],
    BeforeValidator(_users),
    WithJsonSchema(
        {"anyOf": [{"const": "per-headset"}, {"type": "array", "items": {"type": "string", "format": "email"}}]}
    ),
]


def _template(value: object) -> object:
    if isinstance(value, str):
        rest = value.replace("{{serial}}", "0").replace("{{asset}}", "0")
        if rest and "{" not in rest and "}" not in rest:
            return value
    raise refuse("a text in which {{serial}} or {{asset}} is filled in", "hl-{{serial}}")


Template = Annotated[str, BeforeValidator(_template)]


class Accounts(Model):
    """The accounts that sign in on the headsets."""

    kind: Literal["individual", "shared-manual", "shared-certificate"] | None = key(
        "One account per person, or one per headset that many use.", example="individual", rule="EXT-05"
    )
    users: Users | None = key(
        "`per-headset` makes one account for each; or the people who share the deployment's headsets.",
        example="per-headset",
        rule="SHR-07",
    )
    name: Template | None = key(
        "Name of a headset's account, before the @ of the tenant's domain.", example="hl-{{serial}}", rule="SHR-06"
    )
    display_name: Template | None = key(
        "Name that callers see; say the place or the device.", example="HoloLens {{asset}}", rule="SHR-34"
    )
    domain: Domain | None = key(
        "Domain of the accounts, where it is not the tenant's.", example="headsets.contoso.com", rule="EXT-51"
    )
    password: Password | None = key(
        "Password of headset accounts.", example="{expires_after_days: 120, reset: on-return}", rule="EXT-50"
    )
    licenses: tuple[AssignedLicense, ...] | None = key(
        "Products that each headset account gets directly.", example="[AAD_PREMIUM]", rule="SHR-09"
    )
    certificate: AccountCertificate | None = key(
        "Certificate of a shared account.", example="{issuer_name: CN=Contoso Devices}", rule="SHR-01"
    )
    mfa_owner: Text | None = key(
        "The team that owns the second factor.", example="identity-team@contoso.com", rule="SHR-41"
    )
    custody: Custody | None = key("Who holds a shared headset.", example="{check_out: required}", rule="SHR-37")
    audit: AccountAudit | None = key(
        "What is recorded of shared accounts.",
        example="{level: sign-ins-and-calls, keep_days: 730}",
        rule="SHR-38",
    )
    features: tuple[Literal["onedrive-files", "one-time-calls", "field-service"], ...] | None = key(
        "Functions that need further licenses.", example="[onedrive-files]", rule="SHR-14"
    )
    manual_because: Text | None = key(
        "Why shared accounts are set up by hand.", example="no certificate service at this site", rule="SHR-03"
    )
    own_risks: tuple[Text, ...] | None = key(
        "Limits and risks of your own, beyond the guide's list.",
        example="[shift change within two minutes]",
        rule="SHR-51",
    )


class PIN(Model):
    """The Windows Hello PIN: bound to one account on one headset."""

    required: Flag | None = key("A PIN is set up before use.", example="true", rule="SHR-20")
    digits_only: Flag | None = key("Digits only, as people type it in the air.", example="true", rule="EXT-46")
    min_length: Whole | None = key("Shortest PIN.", example="6", rule="EXT-46", ge=4, le=127)
    max_length: Whole | None = key("Longest PIN.", example="12", ge=4, le=127)
    expires_after_days: Whole | None = key(
        "Age at which it must be changed; 0 never: resetting a PIN needs a second factor.",
        example="0",
        unit="days",
        rule="SHR-36",
        ge=0,
        le=730,
    )
    history: Whole | None = key("Earlier PINs that are refused.", example="10", rule="SHR-36", ge=0, le=50)
    recovery: Flag | None = key("A forgotten PIN can be recovered online.", example="false")

    @model_validator(mode="after")
    def _ordered(self) -> PIN:
        if self.min_length is not None and self.max_length is not None and self.min_length > self.max_length:
            raise refuse("a min_length that is not above max_length", "{min_length: 6, max_length: 12}")
        return self


class SignIn(Model):
    """How people sign in on a headset."""

    hello: Flag | None = key(
        "Windows Hello for Business: PIN and what builds on it.", example="true", rule="OFF-07"
    )
    require_tpm: Flag | None = key("Its keys live in the TPM.", example="true", rule="SHR-22")
    pin: PIN | None = key("The PIN.", example="{digits_only: true, min_length: 6}", rule="EXT-46")
    iris: Flag | None = key("Sign-in by iris; impossible with a shared account.", example="false", rule="SHR-19")
    security_key: Flag | None = key("Sign-in with a FIDO2 key.", example="true", rule="PREP-12")
    auto_logon: Flag | None = key(
        "The headset's account is signed in at every start.", example="false", rule="SHR-23"
    )
    preferred_domain: Domain | None = key("Domain that people need not type.", example="contoso.com")
    other_user_first: Flag | None = key("The sign-in screen starts with `Other user`.", example="true")
    lock_after_min: Whole | None = key(
        "Minutes without use until the headset locks.", example="3", unit="minutes", ge=1, le=999
    )
    password_after_idle: Flag | None = key("Waking the headset asks for sign-in.", example="true")


class Profiles(Model):
    """Clean-up of user profiles on a headset."""

    manage: Flag | None = key("Profiles are cleaned up.", example="true", rule="EXT-06")
    delete: Literal["at-once", "by-storage", "by-storage-and-age"] | None = key(
        "When a profile goes.", example="by-storage-and-age", rule="EXT-06"
    )
    unused_days: Whole | None = key("Age of an unused profile.", example="30", unit="days", ge=1, le=3650)
    start_below_percent: Whole | None = key(
        "Free storage at which clean-up starts.", example="25", unit="percent", ge=0, le=100
    )
    stop_above_percent: Whole | None = key(
        "Free storage at which it stops.", example="50", unit="percent", ge=0, le=100
    )


class Reconnect(Model):
    """When headsets are expected back on the network."""

    rule: Literal["interval", "monthly"] | None = key(
        "By interval, or on a weekday of the month.", example="monthly", rule="OFF-17"
    )
    every: Duration | None = key(
        "Longest time between two visits, with rule `interval`.", example="31d", rule="OFF-17"
    )
    week: Literal["first", "second", "third", "fourth"] | None = key(
        "Which such weekday of the month, with rule `monthly`.", example="second", rule="OFF-42"
    )
    day: Weekday | None = key("Weekday, with rule `monthly`.", example="wednesday", rule="OFF-42")
    after_patch_tuesday: Flag | None = key(
        "The first such weekday after the second Tuesday instead.", example="true", rule="OFF-42"
    )
    window: Duration | None = key("How long a visit lasts.", example="1d", rule="OFF-18")
    grace: Duration | None = key("How late is still in time.", example="2d", rule="OFF-17")
    offline_from: Day | None = key("Day from which the headsets are away.", example="2026-12-07", rule="OFF-15")
    longest_absence: Duration | None = key("Longest planned time without a network.", example="45d", rule="OFF-16")

    @model_validator(mode="after")
    def _whole_days(self) -> Reconnect:
        limits = (("every", self.every, 366), ("window", self.window, 14), ("grace", self.grace, 60))
        for name, value, most in limits:
            if value is not None and not timedelta(days=1) <= value <= timedelta(days=most):
                raise refuse(f"{name} between 1d and {most}d", f"{{{name}: 1d}}")
        return self


class PollSet(Model):
    """A number of tries at one interval."""

    times: Whole | None = key("How often.", example="8", ge=1, le=10_000)
    every_min: Whole | None = key("Interval.", example="15", unit="minutes", ge=1, le=1_440)


class Poll(Model):
    """How often a headset asks for orders."""

    first: PollSet | None = key("Right after enrollment.", example="{times: 3, every_min: 5}")
    second: PollSet | None = key("After that.", example="{times: 8, every_min: 15}")
    then_every_min: Whole | None = key("From then on.", example="480", unit="minutes", ge=1, le=10_080)
    on_sign_in: Flag | None = key("Also whenever somebody signs in.", example="true")
