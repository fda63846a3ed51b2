"""Deployments: headsets used in one way, and everything that can be said about them."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, model_validator

from holofleet.resources import Format, normal_uri
from holofleet.spec.model.base import Model, OneOrMany, key, or_word
from holofleet.spec.model.identity import Accounts, Enrollment, Poll, Profiles, Reconnect, SignIn
from holofleet.spec.model.lockdown import AppControl, Apps, Kiosk, Network, Privacy, Restrictions, SettingsPages
from holofleet.spec.model.upkeep import Assist, Certificate, FirstStart, Power, Updates
from holofleet.spec.values import UPN, Flag, Name, SecretReference, Serial, Text, Whole, refuse

Scenario: TypeAlias = Literal["cloud-connected", "external-clients", "shared-identity", "near-offline"]


def _uri(value: object) -> object:
    try:
        if isinstance(value, str) and value.lstrip("./").split("/")[0] in (
            "Vendor",
            "Device",
            "User",
            "DevDetail",
            "DevInfo",
        ):
            return normal_uri(value)
    except ValueError:
        pass
    raise refuse("an OMA-URI", "./Device/Vendor/MSFT/Policy/Config/Privacy/LetAppsAccessLocation")


OmaUri = Annotated[str, BeforeValidator(_uri)]


def _raw_value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str) and len(value) <= 1_048_576:
        return value
    raise refuse("one value", "2", "Write lists and mappings in the form that the node wants, as a text.")


class RawSetting(Model):
    """A CSP node that has no key of its own."""

    oma_uri: OmaUri = key(
        "The node.", example="./Device/Vendor/MSFT/Policy/Config/Privacy/LetAppsAccessLocation", default=...
    )
    value: Annotated[str, BeforeValidator(_raw_value)] | None = key(
        "The value as the node wants it; may hold {{serial}} and {{account}}.", example="2"
    )
    secret: SecretReference | None = key(
        "Reference to the value, where it is a secret.", example="env:HOLOFLEET_SECRET_NODE"
    )
    format: Format | None = key("Format, only for a node that the catalog does not know.", example="chr")

    @model_validator(mode="after")
    def _one_value(self) -> RawSetting:
        if (self.value is None) == (self.secret is None):
            raise refuse(
                "either value or secret",
                "{oma_uri: ./Device/Vendor/MSFT/Policy/Config/Privacy/LetAppsAccessLocation, value: 2}",
            )
        return self


class DeploymentSettings(Model):
    """What `defaults` and each deployment may say; `None` means that nobody said anything."""

    enrollment: Enrollment | None = key(
        "How headsets join and are enrolled.",
        example="{join: entra, first_account: deployer1@contoso.com}",
        rule="PREP-07",
    )
    tenant_lock: Flag | None = key(
        "Only this tenant can set the headset up again; needs Autopilot.", example="false", rule="EXT-21"
    )
    accounts: Accounts | None = key(
        "The accounts that sign in.", example="{kind: individual, users: per-headset}", rule="EXT-02"
    )
    sign_in: SignIn | None = key(
        "How people sign in.", example="{pin: {digits_only: true, min_length: 6}}", rule="EXT-46"
    )
    kiosk: Annotated[Kiosk | None, *or_word("none", Kiosk)] = key(
        "What the start menu shows, or `none`.", example="{for: everyone, apps: [settings, camera]}", rule="EXT-22"
    )
    app_control: Annotated[AppControl | None, *or_word("none", AppControl)] = key(
        "What can run, or `none`.", example="{deny: [edge, edge-old]}", rule="EXT-26"
    )
    settings_pages: Annotated[SettingsPages | None, *or_word("all", SettingsPages)] = key(
        "Pages of the Settings app, or `all`.", example="{show: [network]}", rule="EXT-31"
    )
    restrictions: Restrictions | None = key(
        "Common device restrictions.", example="{developer_mode: false}", rule="EXT-34"
    )
    privacy: Privacy | None = key("What apps may use.", example="{speech: false}", rule="EXT-34")
    network: Network | None = key("Wi-Fi and VPN.", example="{wifi: {manual: true}}", rule="PREP-16")
    updates: Updates | None = key("System updates.", example="{deferral: {quality_days: 7}}", rule="EXT-33")
    apps: Apps | None = key("Apps and their updates.", example="{auto_update: true}", rule="EXT-29")
    power: Power | None = key(
        "Display, standby, restarts.", example="{display_off_on_battery_s: 120}", rule="EXT-30"
    )
    first_start: FirstStart | None = key("What the first start leaves out.", example="{skip_training: true}")
    device_owners: tuple[UPN, ...] | None = key(
        "Accounts that own the headsets.", example="[deployer1@contoso.com]", rule="EXT-19"
    )
    profiles: Profiles | None = key(
        "Clean-up of user profiles.", example="{manage: true, unused_days: 30}", rule="EXT-06"
    )
    assist: Assist | None = key("Calls.", example="{product: holofleet, runs_in: browser}", rule="EXT-57")
    certificates: tuple[Certificate, ...] | None = key(
        "Certificates that headsets trust.",
        example="[{name: inspection-root, file: inspection-root.pem}]",
        rule="OFF-22",
    )
    reconnect: Reconnect | None = key(
        "When headsets are expected on the network.",
        example="{rule: monthly, week: second, day: wednesday}",
        rule="OFF-17",
    )
    poll: Poll | None = key("How often a headset asks for orders.", example="{then_every_min: 480}")
    verify_every_h: Whole | None = key(
        "Full read-back of every setting.", example="24", unit="hours", ge=1, le=1440
    )
    settings: tuple[RawSetting, ...] | None = key(
        "Nodes without a key of their own.",
        example="[{oma_uri: ./Device/Vendor/MSFT/Policy/Config/Privacy/LetAppsAccessLocation, value: 2}]",
    )


class HeadsetChoice(Model):
    """Which headsets: `all`, a list of serial numbers, or those with a prefix, a site or a group tag."""

    everything: Flag = key("Every headset of the file; written as `headsets: all`.", example="true", default=False)
    serials: tuple[Serial, ...] | None = key("Serial numbers; written as a list.", example="[003421800101]")
    prefix: Text | None = key("Those whose serial number begins so.", example='"0034218"', max_length=64)
    site: Name | None = key("Those of a site.", example="fabrikam-plant-2")
    group_tag: Text | None = key("Those with a group tag.", example="field", max_length=128)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        if value == "all":
            return {"everything": True}
        if isinstance(value, (list, tuple)):
            return {"serials": value}
        if isinstance(value, str):
            raise refuse("all, a list of serial numbers, or a prefix", "[003421800101]")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> HeadsetChoice:
        ways = [self.serials, self.prefix, self.site, self.group_tag]
        if sum(way is not None for way in ways) + self.everything != 1:
            raise refuse("all, a list of serial numbers, or exactly one of prefix, site and group_tag", "all")
        return self


class Deployment(DeploymentSettings):
    """Headsets used in one way."""

    name: Name = key("Name of the deployment.", example="field-service", default=...)
    formerly: Name | None = key("Its name before it was renamed.", example="field")
    scenario: OneOrMany[Scenario] = key(
        "One scenario, or a list.", example="external-clients", default=..., min_length=1, rule="EXT-01"
    )
    client: Name | None = key(
        "Whose people use the headsets; left out: your own.", example="fabrikam", rule="EXT-03"
    )
    site: Name | None = key(
        "Site of its headsets, where they do not say otherwise.", example="fabrikam-plant-2", rule="EXT-03"
    )
    headsets: HeadsetChoice = key("`all`, a list of serial numbers, or {prefix: ...}.", example="all", default=...)
