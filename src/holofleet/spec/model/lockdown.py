"""Keys of a deployment about what people can reach: kiosk, app control, settings pages, apps, restrictions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from holofleet.spec.model.base import Model, key, or_word
from holofleet.spec.values import (
    UPN,
    AppName,
    FileName,
    Flag,
    LocalAccount,
    Name,
    PageName,
    Text,
    Version,
    Whole,
    refuse,
)


class KioskProfile(Model):
    """What one group, one person or visitors see instead of the kiosk for everyone."""

    group: Name | None = key("A group that has an object id.", example="maintainers", rule="EXT-17")
    user: UPN | None = key("One account.", example="technician1@contoso.com")
    local_account: LocalAccount | None = key("One account that the headset itself has.", example="visor")
    visitors: Flag | None = key("People without an account.", example="true")
    apps: tuple[AppName, ...] = key(
        "Apps in the start menu.", example="[settings, camera]", default=..., rule="SHR-26", min_length=1
    )
    auto_launch: AppName | None = key("The one app that starts by itself.", example="camera")
    single_app: Flag = key("Only one app, without a start menu.", example="false", default=False, rule="SHR-27")

    @model_validator(mode="after")
    def _one_target(self) -> KioskProfile:
        named = sum(name is not None for name in (self.group, self.user, self.local_account))
        if named + bool(self.visitors) != 1:
            expected = "exactly one of group, user, local_account and visitors"
            raise refuse(expected, "{group: maintainers, apps: [settings]}")
        _check_apps(self.apps, self.auto_launch, single=self.single_app)
        return self


def _check_apps(apps: tuple[str, ...], auto_launch: str | None, *, single: bool) -> None:
    if len(set(apps)) != len(apps):
        raise refuse("each app once in apps", "[settings, camera]")
    if auto_launch is not None and apps and auto_launch not in apps:
        raise refuse("an auto_launch that is one of apps", "{apps: [camera], auto_launch: camera}")
    if single and len(apps) != 1:
        raise refuse("exactly one app with single_app", "{single_app: true, apps: [camera]}")


class Kiosk(Model):
    """Assigned access: what the start menu shows. It hides; app control blocks."""

    for_: Literal["everyone", "listed"] | None = key(
        "`everyone` is global assigned access; `listed` only who stands in profiles.",
        example="everyone",
        alias="for",
        rule="EXT-22",
    )
    except_: tuple[Literal["device-owners"], ...] | None = key(
        "Who keeps the full start menu.", example="[device-owners]", alias="except", rule="EXT-22"
    )
    apps: tuple[AppName, ...] | None = key(
        "Apps in the start menu.", example="[assist, settings, camera, device-picker]", rule="SHR-26", min_length=1
    )
    auto_launch: AppName | None = key("The one app that starts by itself.", example="assist")
    profiles: tuple[KioskProfile, ...] | None = key(
        "Groups and people that see something else.",
        example="[{group: maintainers, apps: [settings]}]",
        rule="EXT-17",
    )
    group_cache_days: Whole | None = key(
        "How long group membership is known without a network.",
        example="45",
        unit="days",
        rule="OFF-16",
        ge=0,
        le=60,
    )

    @model_validator(mode="after")
    def _sound(self) -> Kiosk:
        _check_apps(self.apps or (), self.auto_launch, single=False)
        return self


class AppControl(Model):
    """Windows Defender Application Control: what can run at all."""

    deny: tuple[AppName, ...] | None = key(
        "Apps that cannot run.", example="[edge, edge-old, mail-and-calendar]", rule="EXT-39"
    )
    allow: tuple[AppName, ...] | None = key(
        "The only apps that can run; what the system needs stays allowed.",
        example="[assist, settings]",
        rule="EXT-26",
    )
    base: Literal["allow-all", "windows"] | None = key(
        "What runs besides: everything, or only what Windows, drivers, the Store and `trust` sign.",
        example="allow-all",
        rule="EXT-26",
    )
    trust: tuple[FileName, ...] | None = key(
        "Certificates that sign your own apps, for `base: windows`.", example="[apps/signing.cer]", rule="EXT-26"
    )
    policy_file: FileName | None = key("A policy of your own instead.", example="policy.xml", rule="EXT-26")
    policies: tuple[FileName, ...] | None = key(
        "Policies of your own beside it, each with its own id; the most restrictive result counts.",
        example="[policies/drivers.xml]",
        rule="EXT-26",
    )

    @model_validator(mode="after")
    def _one_way(self) -> AppControl:
        if self.policy_file is not None and (self.deny or self.allow):
            raise refuse("either policy_file, or deny and allow", "{deny: [edge]}")
        both = set(self.deny or ()) & set(self.allow or ())
        if both:
            raise refuse(f"no app in both deny and allow ({', '.join(sorted(both))})")
        if self.trust and self.base != "windows":
            raise refuse("trust only with base: windows", "{base: windows, trust: [apps/signing.cer]}")
        if self.base == "windows" and not self.deny:
            raise refuse("base: windows with deny", "{base: windows, deny: [edge]}")
        return self


class SettingsPages(Model):
    """Pages of the Settings app, by name or by group (`network`)."""

    show: tuple[PageName, ...] | None = key(
        "The only pages that are shown.", example="[network]", rule="EXT-31", min_length=1
    )
    hide: tuple[PageName, ...] | None = key(
        "Pages that are hidden; the others are shown.", example="[reset]", rule="EXT-31", min_length=1
    )

    @model_validator(mode="after")
    def _one_way(self) -> SettingsPages:
        if self.show is not None and self.hide is not None:
            raise refuse("either show or hide, not both", "{show: [network]}")
        return self


class RequiredApp(Model):
    """An app that every headset of the deployment has."""

    app: AppName = key("The app.", example="assist", default=..., rule="EXT-27")
    min_version: Version | None = key("Least version.", example="1.2.0.0", rule="EXT-27")
    package: FileName | None = key(
        "Its package, signed, for ARM64.", example="apps/assist.msixbundle", rule="OFF-26"
    )
    dependencies: tuple[FileName, ...] = key(
        "Packages that it needs.", example="[apps/vclibs.appx]", default=(), rule="OFF-26"
    )
    source: Literal["package", "store", "store-for-business"] | None = key(
        "Where it comes from.", example="package", rule="OFF-44"
    )
    store_id: Text | None = key(
        "Its product id in the Store, for the tenant that brings it.",
        example="9P0000000001",
        pattern=r"^[A-Z0-9]{12}$",
    )


class Apps(Model):
    """Apps and their updates."""

    auto_update: Flag | None = key("Store apps update themselves.", example="true", rule="EXT-29")
    required: tuple[RequiredApp, ...] | None = key(
        "Apps that must be there.", example="[{app: assist, min_version: 1.2.0.0}]", rule="EXT-27"
    )
    data: Literal["headset", "internal-server", "cloud"] | None = key(
        "Where your own apps keep data.", example="headset", rule="OFF-14"
    )


class ProvisioningPackages(Model):
    """Provisioning packages after set-up."""

    add: Flag | None = key("People may apply one.", example="false", rule="EXT-25")
    remove: Flag | None = key("People may remove one.", example="false", rule="EXT-25")


class Restrictions(Model):
    """Common device restrictions; `true` always means: people may."""

    baseline: Literal["standard", "advanced", "none"] | None = key(
        "Security baseline of the vendor that lies under everything else.", example="standard", rule="EXT-34"
    )
    developer_mode: Flag | None = key("Developer mode and Device Portal.", example="false", rule="EXT-23")
    usb_data: Flag | None = key("Data over USB to a PC; charging always works.", example="false", rule="EXT-24")
    storage_card: Flag | None = key("USB storage.", example="false", rule="EXT-34")
    provisioning_packages: ProvisioningPackages | None = key(
        "Provisioning packages.", example="{add: false, remove: false}", rule="EXT-25"
    )
    manual_unenrollment: Flag | None = key(
        "People may take the headset out of management.", example="false", rule="EXT-34"
    )
    microsoft_accounts: Flag | None = key("Personal Microsoft accounts.", example="false", rule="PREP-09")
    private_store_only: Flag | None = key(
        "Only apps of the organization in the Store.", example="true", rule="EXT-34"
    )
    side_loading: Flag | None = key("Apps that do not come from the Store.", example="false", rule="EXT-34")
    bluetooth: Flag | None = key("Bluetooth.", example="true", rule="EXT-34")
    vpn_settings: Flag | None = key("People may change VPN settings.", example="false", rule="PREP-23")
    fast_user_reconnect: Flag | None = key("Fast reconnect of EAP.", example="false")
    diagnostics: Literal["nobody", "device-owners", "everyone"] | None = key(
        "Who may collect logs by the buttons.", example="device-owners"
    )


class Privacy(Model):
    """What apps may use, and what the system reports."""

    camera: Literal["user", "allow", "deny"] | None = key(
        "Camera for apps; calls need it.", example="allow", rule="EXT-34"
    )
    microphone: Literal["user", "allow", "deny"] | None = key(
        "Microphone for apps; calls need it.", example="allow", rule="EXT-34"
    )
    account_info: Literal["user", "allow", "deny"] | None = key("Account information for apps.", example="deny")
    movements: Literal["user", "allow", "deny"] | None = key(
        "Hand and head movements for apps in the background.", example="deny"
    )
    location_service: Flag | None = key("The location service runs.", example="false")
    speech: Flag | None = key("Speech recognition online.", example="false")
    telemetry: Literal["off", "required", "optional"] | None = key(
        "Diagnostic data to the vendor.", example="required", rule="OFF-33"
    )


class VPN(Model):
    """A VPN for resources behind it; headsets at clients need none."""

    name: Name | None = key("Name of the connection.", example="contoso-vpn", rule="PREP-22")
    servers: tuple[Text, ...] | None = key("Servers.", example="[vpn.contoso.com]", rule="PREP-22", min_length=1)
    profile_file: FileName | None = key("Profile of your own instead.", example="vpn.xml", rule="PREP-23")
    delivery: Literal["mdm", "package", "user"] | None = key(
        "How it reaches the headset.", example="mdm", rule="PREP-23"
    )


class Wifi(Model):
    """What people may do with Wi-Fi."""

    radio: Flag | None = key("Wi-Fi is on.", example="true", rule="EXT-10")
    manual: Flag | None = key("People may join networks by themselves.", example="true", rule="PREP-16")
    captive_portal_before_sign_in: Flag | None = key(
        "A portal page opens before sign-in.", example="true", rule="EXT-32"
    )


class TimeServer(Model):
    """Your own time server."""

    server: Text = key("Host name.", example="time.contoso.com", default=..., max_length=253)


class Network(Model):
    """Network keys of a deployment; what a site brings stands at the site."""

    wifi: Wifi | None = key("Wi-Fi.", example="{manual: true}", rule="PREP-16")
    vpn: Annotated[VPN | None, *or_word("none", VPN)] = key("A VPN, or `none`.", example="none", rule="PREP-22")
    time: TimeServer | None = key("Own time server.", example="{server: time.contoso.com}")
    internal_resources: tuple[Text, ...] | None = key(
        "Company resources that people reach from outside.", example="[parts.contoso.com]", rule="PREP-22"
    )
