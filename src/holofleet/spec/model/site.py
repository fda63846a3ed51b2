"""Where headsets are used: sites, their network, firewall and Wi-Fi."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from holofleet.spec.model.base import Model, key, or_word
from holofleet.spec.values import (
    Day,
    FileName,
    Flag,
    Host,
    HostPort,
    Name,
    Number,
    SecretReference,
    Text,
    Url,
    Whole,
    refuse,
)


class WifiProfile(Model):
    """A Wi-Fi network that headsets of the site know."""

    ssid: Text = key(
        "Name of the network.", example="Contoso-HoloLens", default=..., rule="PREP-21", max_length=32
    )
    security: Literal["open", "wpa2-psk", "wpa3-sae"] = key(
        "How it is protected.", example="wpa2-psk", default=...
    )
    psk: SecretReference | None = key(
        "Reference to its key; never the key itself.", example="env:HOLOFLEET_SECRET_WIFI", rule="holofleet"
    )
    hidden: Flag = key("The network does not announce its name.", example="false", default=False)
    auto_connect: Flag = key("Join it without asking.", example="true", default=True)

    @model_validator(mode="after")
    def _psk_where_needed(self) -> WifiProfile:
        if self.security == "open" and self.psk is not None:
            raise refuse("no psk for an open network", "", "Leave psk out, or name how the network is protected.")
        if self.security != "open" and self.psk is None:
            raise refuse(
                "a psk for a protected network", "{ssid: Line, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}"
            )
        return self


class Proxy(Model):
    """The proxy between the site and the Internet."""

    mode: Literal["none", "transparent", "static", "pac", "wpad"] = key(
        "How headsets find it.", example="pac", default=..., rule="OFF-23"
    )
    address: HostPort | None = key(
        "Host and port, with mode `static`.", example="proxy.contoso.com:8080", rule="OFF-23"
    )
    pac_url: Url | None = key(
        "Address of the script, with mode `pac`.", example="https://contoso.com/proxy.pac", rule="OFF-23"
    )
    inspects_tls: Flag = key(
        "It opens and re-signs encrypted traffic.", example="false", default=False, rule="OFF-22"
    )
    root_certificate: FileName | None = key(
        "Root that signs inspected traffic.", example="inspection-root.pem", rule="OFF-22"
    )
    not_inspected: tuple[Host, ...] = key(
        "Hosts whose traffic it leaves alone.", example="[login.live.com]", default=(), rule="OFF-22"
    )

    @model_validator(mode="after")
    def _complete(self) -> Proxy:
        if (self.mode == "static") != (self.address is not None):
            raise refuse(
                "an address with mode static, and only there", "{mode: static, address: proxy.contoso.com:8080}"
            )
        if (self.mode == "pac") != (self.pac_url is not None):
            raise refuse(
                "a pac_url with mode pac, and only there", "{mode: pac, pac_url: https://contoso.com/proxy.pac}"
            )
        return self


class ExtraHost(Model):
    """A host that the firewall opens beyond the known groups."""

    host: Host = key(
        "Host name; one `*.` in front is allowed.", example="assist.contoso.com", default=..., rule="OFF-40"
    )
    ports: tuple[Whole, ...] = key("Ports.", example="[443]", default=(443,))
    protocol: Literal["tcp", "udp"] = key("Protocol.", example="tcp", default="tcp")
    reason: Text = key("What needs it.", example="calls with our experts", default=..., rule="OFF-03")


class ClosedGroup(Model):
    """A group of endpoints that stays closed on purpose."""

    group: Name = key("Endpoint group.", example="entra-mfa", default=..., rule="OFF-29")
    reason: Text = key(
        "Why it is not needed.", example="another provider asks for the second factor", default=..., rule="OFF-03"
    )


class Firewall(Model):
    """What the site lets through."""

    filter: Literal["url", "ip", "none"] = key("What it filters by.", example="url", default=..., rule="OFF-20")
    open: tuple[Name, ...] = key(
        "Endpoint groups that are open.", example="[near-offline-setup, certificates]", default=(), rule="OFF-24"
    )
    closed: tuple[ClosedGroup, ...] = key(
        "Endpoint groups that stay closed, and why.",
        example="[{group: intune-mdm, reason: our own server}]",
        default=(),
        rule="OFF-30",
    )
    extra: tuple[ExtraHost, ...] = key(
        "Further hosts.", example="[{host: assist.contoso.com, reason: calls}]", default=(), rule="OFF-40"
    )


class Probe(Model):
    """A look at the site's network by an engineer."""

    on: Day = key("Day of the probe.", example="2026-11-16", default=..., rule="OFF-25")
    by: Text = key("Who looked.", example="network-team@contoso.com", default=..., rule="OFF-25")
    passed: Flag = key("Every endpoint answered.", example="true", default=..., rule="OFF-25")
    report: FileName | None = key("The report.", example="probe-2026-11-16.json", rule="OFF-25")


def _no_proxy() -> Proxy:
    return Proxy(mode="none")


class SiteNetwork(Model):
    """The network of a site, as declared or measured."""

    first_wifi: Literal["open", "psk", "captive-portal", "enterprise", "ethernet"] | None = key(
        "What a headset meets first; an enterprise network cannot be the first.", example="psk", rule="PREP-15"
    )
    wifi: tuple[WifiProfile, ...] = key(
        "Networks that headsets of the site get.",
        example="[{ssid: Guest, security: open}]",
        default=(),
        rule="PREP-21",
    )
    bands: tuple[Literal["2.4GHz", "5GHz"], ...] = key(
        "Bands in use.", example="[5GHz]", default=(), rule="PREP-21"
    )
    dedicated_ssid: Flag | None = key(
        "The headsets have a network name of their own.", example="true", rule="PREP-21"
    )
    uplink_mbps: Number | None = key(
        "To the Internet.", example="20", unit="Mbit/s", rule="PREP-19", gt=0, le=1_000_000
    )
    downlink_mbps: Number | None = key(
        "From the Internet.", example="40", unit="Mbit/s", rule="PREP-19", gt=0, le=1_000_000
    )
    concurrent_calls: Whole = key(
        "Calls at the same time.", example="3", default=1, rule="PREP-19", ge=1, le=10_000
    )
    rtt_ms: Number | None = key(
        "Round trip to the call's other end.", example="60", unit="ms", rule="PREP-17", ge=0, le=60_000
    )
    jitter_ms: Number | None = key("Jitter.", example="12", unit="ms", rule="PREP-17", ge=0, le=60_000)
    loss_percent: Number | None = key("Lost packets.", example="0.2", unit="percent", rule="PREP-17", ge=0, le=100)
    proxy: Annotated[Proxy | None, *or_word("none", _no_proxy)] = key(
        "The proxy, or `none`.", example="none", rule="OFF-22"
    )
    firewall: Firewall | None = key(
        "What the site lets through.", example="{filter: url, open: [certificates]}", rule="OFF-24"
    )
    update_cache: Host | None = key("Connected Cache for system updates.", example="cache.contoso.com")
    internal_servers: tuple[Host, ...] = key(
        "Servers of ours that apps on the headset need.", example="[parts.contoso.com]", default=(), rule="OFF-14"
    )
    probe: Probe | None = key(
        "Last look at the network.",
        example="{on: 2026-11-16, by: network-team@contoso.com, passed: true}",
        rule="OFF-25",
    )


class Site(Model):
    """A place where headsets are used or experts sit."""

    name: Name = key("Name of the site.", example="fabrikam-plant-2", default=...)
    client: Name | None = key(
        "Whose site it is; left out: the organization's own.", example="fabrikam", rule="EXT-03"
    )
    display_name: Text | None = key("Name as people see it.", example="Fabrikam, plant 2")
    connectivity: Literal["online", "near-offline", "offline"] | None = key(
        "How well the site reaches the Internet.", example="online", rule="OFF-01"
    )
    connected_in_use: Flag | None = key(
        "Headsets are connected while they are worn; without a connection there are no calls.",
        example="true",
        rule="OFF-12",
    )
    charging: Flag | None = key("Headsets stay plugged in when nobody wears them.", example="true", rule="EXT-30")
    network: SiteNetwork = key(
        "Its network.", example="{uplink_mbps: 20, downlink_mbps: 40}", default=SiteNetwork()
    )
