"""EXT-31: of the Settings app, only the network pages are shown."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule
from holofleet.formats.page_visibility import Mode, select

_MEND = "Write `settings_pages: {show: [network]}`."
_DETAIL = (
    "Every page beyond the network ones lets people at the client change what you answer for: accounts, updates, "
    "privacy, or a reset."
)


def _check(case: Case) -> Iterator[Fault]:
    if case.value("settings_pages.hide"):
        yield Fault(
            f"{case.name} hides settings pages instead of showing the network ones only",
            case.place("settings_pages.hide"),
            _MEND,
            _DETAIL + " A list of hidden pages also shows every page that a new build brings.",
        )
    elif not case.value("settings_pages.show"):
        yield Fault(f"{case.name} shows every settings page", case.place("settings_pages"), _MEND, _DETAIL)
    allowed = set(select(Mode.SHOW_ONLY, ["network"]).pages)
    for entry, position in case.entries("settings_pages.show"):
        if not set(_pages(entry)) <= allowed:
            yield Fault(
                f"{case.name} shows the settings page {entry}, which is no network page",
                position,
                f"Take `{entry}` out of `settings_pages.show`.",
                _DETAIL,
            )


def _pages(entry: str) -> tuple[str, ...]:
    return select(Mode.SHOW_ONLY, [entry, "network"]).pages


RULE = Rule(
    id="EXT-31",
    title="Of the Settings app, only the network pages are shown",
    why="People at a client have to join their own network and need nothing else of the Settings app.",
    how="`settings_pages.show` names pages of the group `network` only. A list of hidden pages does not do: "
    "it shows whatever a later build brings. Updates by hand at a visit need the page `windowsupdate` (OFF-45): "
    "where both guides bind a deployment, we decide for updates, and a waiver of this rule says so.",
    mend="Write `settings_pages: {show: [network]}`. For a deployment that is near-offline as well, add "
    "`windowsupdate` and waive this rule for it with that reason.",
    check=_check,
    nodes=(Enforced("./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList", ("settings_pages.show",)),),
)
