"""PREP-16: people can change the network by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import apps
from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule
from holofleet.formats.page_visibility import Mode, select

_PAGE = "network-wifi"
_DETAIL = (
    "A headset that meets a new network, or whose network changes its key, is then lost for its user and for "
    "management until somebody of yours holds it."
)


def _check(case: Case) -> Iterator[Fault]:
    for key in ("network.wifi.radio", "network.wifi.manual"):
        if case.value(key) is False:
            yield Fault(
                f"people of {case.name} cannot join a network by themselves",
                case.place(key),
                f"Write `{key}: true`.",
                _DETAIL,
            )
    yield from _pages(case)
    kiosk_apps = case.value("kiosk.apps")
    if kiosk_apps is not None and not any(apps.named(kiosk_apps, name) for name in ("settings", "settings-old")):
        yield Fault(
            f"the kiosk of {case.name} shows no Settings app, so the Wi-Fi page cannot be reached",
            case.place("kiosk.apps"),
            "Add `settings` to `kiosk.apps`, and show the network pages only: `settings_pages: {show: "
            "[network]}`.",
            _DETAIL,
        )


def _pages(case: Case) -> Iterator[Fault]:
    shown, hidden = case.value("settings_pages.show"), case.value("settings_pages.hide")
    if shown is not None and _PAGE not in select(Mode.SHOW_ONLY, shown).pages:
        yield Fault(
            f"the Wi-Fi page is not among the settings pages that {case.name} shows",
            case.place("settings_pages.show"),
            "Add `network`, or the page `network-wifi`, to `settings_pages.show`.",
            _DETAIL,
        )
    if hidden is not None and _PAGE in select(Mode.HIDE, hidden).pages:
        yield Fault(
            f"the Wi-Fi page is among the settings pages that {case.name} hides",
            case.place("settings_pages.hide"),
            "Take `network`, or the page `network-wifi`, out of `settings_pages.hide`.",
            _DETAIL,
        )


_POLICY = "./Device/Vendor/MSFT/Policy/Config/"
RULE = Rule(
    id="PREP-16",
    title="People can change the network by themselves",
    why="Headsets meet networks that nobody foresaw. A headset without a network makes no calls and takes no "
    "orders, so its user has to be able to join another one.",
    how="Wi-Fi is on and may be joined by hand (`network.wifi`); the page `network-wifi` is shown by "
    "`settings_pages`; and a kiosk shows the Settings app, without which no page can be reached.",
    mend="Write `network: {wifi: {radio: true, manual: true}}`, show the group `network` of settings pages, "
    "and keep `settings` among the apps of the kiosk.",
    check=_check,
    nodes=(
        Enforced(_POLICY + "Settings/PageVisibilityList", ("settings_pages.show", "settings_pages.hide")),
        Enforced(_POLICY + "Wifi/AllowManualWiFiConfiguration", ("network.wifi.manual",)),
        Enforced(
            _POLICY + "MixedReality/AllowCaptivePortalBeforeLogon",
            ("network.wifi.captive_portal_before_sign_in",),
        ),
    ),
)
