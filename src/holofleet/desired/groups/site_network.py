"""``sites[].network``: Wi-Fi profiles, proxy and update cache of the place where headsets are.

Writes ``WiFi/Profile/{SSID}``, ``NetworkProxy`` and ``DeliveryOptimization/DOCacheHost``. Serves PREP-21,
OFF-22 and OFF-23. A proxy goes into each Wi-Fi profile of the site, as the vendor recommends, so that it does
not follow the headset elsewhere; a site without Wi-Fi profiles gets it for the whole device. Keys of a wireless
network are secrets: variables here.
"""

from __future__ import annotations

from holofleet.desired.groups.group import POLICY, Group
from holofleet.desired.sheet import Sheet, Value
from holofleet.desired.statement import Layer
from holofleet.formats.wlan_profile import Security, WlanProfile, WlanProfileError, render, uri_segment
from holofleet.spec.model.site import Proxy, Site, WifiProfile

_WIFI = "./Device/Vendor/MSFT/WiFi/Profile/"
_PROXY = "./Device/Vendor/MSFT/NetworkProxy/"
_CACHE = POLICY + "DeliveryOptimization/DOCacheHost"
_SECURITY = {"open": Security.OPEN, "wpa2-psk": Security.WPA2_PERSONAL, "wpa3-sae": Security.WPA3_PERSONAL}
_KEY = "sites.network"


def _write(sheet: Sheet) -> None:
    site, index = sheet.wanted.site, sheet.wanted.site_index
    if site is None or index is None:
        return
    for place, profile in enumerate(site.network.wifi):
        _wifi(sheet, profile, (index, place))
    _proxy(sheet, site, index)
    if site.network.update_cache is not None:
        _say(sheet, _CACHE, site.network.update_cache, "update_cache", "holofleet", index, "update_cache")


def _wifi(sheet: Sheet, profile: WifiProfile, place: tuple[int, int]) -> None:
    network = WlanProfile(
        profile.ssid,
        _SECURITY[profile.security],
        profile.psk.variable if profile.psk is not None else "",
        profile.hidden,
        profile.auto_connect,
    )
    try:
        value = render(network)
    except WlanProfileError as error:
        at = sheet.wanted.place("sites", place[0], "network", "wifi", place[1])
        sheet.fault("compile/value", f"{_KEY}.wifi: {error.summary}", at=at)
        return
    uri = f"{_WIFI}{uri_segment(profile.ssid)}/WlanXml"
    _say(sheet, uri, value, "wifi", "PREP-21", place[0], "wifi", place[1])


def _proxy(sheet: Sheet, site: Site, index: int) -> None:
    proxy = site.network.proxy
    if proxy is None or proxy.mode in ("none", "transparent"):
        return
    if site.network.wifi:
        nodes = [
            (f"{_WIFI}{uri_segment(profile.ssid)}/{name}", value)
            for profile in site.network.wifi
            for name, value in _of_profile(proxy)
        ]
    else:
        nodes = [(_PROXY + name, value) for name, value in _of_device(proxy)]
    for uri, value in nodes:
        _say(sheet, uri, value, "proxy", "OFF-23", index, "proxy")


def _of_profile(proxy: Proxy) -> list[tuple[str, Value]]:
    if proxy.mode == "static":
        return [("Proxy", proxy.address or "")]
    return [("ProxyPacUrl", proxy.pac_url or "")] if proxy.mode == "pac" else [("ProxyWPAD", True)]


def _of_device(proxy: Proxy) -> list[tuple[str, Value]]:
    nodes: list[tuple[str, Value]] = [
        ("ProxySettingsPerUser", 0),
        ("AutoDetect", 1 if proxy.mode == "wpad" else 0),
    ]
    if proxy.mode == "static":
        nodes.append(("ProxyServer/ProxyAddress", proxy.address or ""))
    if proxy.mode == "pac":
        nodes.append(("SetupScriptUrl", proxy.pac_url or ""))
    return nodes


def _say(sheet: Sheet, uri: str, value: Value, key: str, rule: str, index: int, *path: str | int) -> None:
    at = sheet.wanted.place("sites", index, "network", *path)
    sheet.state(uri, value, layer=Layer.DEPLOYMENT, key=f"{_KEY}.{key}", rule=rule, at=at)


GROUP = Group(
    writes={
        f"{_WIFI}{{SSID}}/WlanXml": f"{_KEY}.wifi",
        **{f"{_WIFI}{{SSID}}/{name}": f"{_KEY}.proxy" for name in ("Proxy", "ProxyPacUrl", "ProxyWPAD")},
        **{
            _PROXY + name: f"{_KEY}.proxy"
            for name in ("ProxySettingsPerUser", "AutoDetect", "SetupScriptUrl", "ProxyServer/ProxyAddress")
        },
        _CACHE: f"{_KEY}.update_cache",
    },
    write=_write,
)
